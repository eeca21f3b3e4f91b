"""A lifter's own best repetitions as the measure of the next ones. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from coaching.vision.detectable import middle_sigma, sem_of_median, smallest_detectable_change, within_set_sd
from coaching.vision.history import CORRECT, comparable, reading_of
from coaching.vision.types import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coaching.vision.history import JudgedSet, Reading
    from coaching.vision.settings_table import PersonalSettings
    from coaching.vision.types import Rep

WORSE_IS_LESS = frozenset({"no_lockout", "narrow_stance", "lean_right", "narrow_grip", "bent_arms"})
"""Faults whose measure falls as they grow; of all others it rises."""


def worse_by(name: str, value: float, than: float) -> float:
    """How much further toward the fault `value` lies than `than`, in the measure's unit; negative: away from it."""
    return than - value if name in WORSE_IS_LESS else value - than


@dataclass(frozen=True, slots=True)
class TooFewRepetitions:
    """Why there is no reference yet."""

    needed: int
    found: int


@dataclass(frozen=True, slots=True)
class OwnMeasure:
    """One measure on the best repetitions. spread: SD between repetitions of a set; p: middle one of the fault.

    accepted: an instructor calls enough repetitions correct in which the coach sees the fault. best: the repetition
    that shows it least; None where each more likely has it than not.
    """

    name: str
    unit: str
    median: float
    spread: float
    sigma: float
    sem: float
    repetitions: int
    films: int
    p: float
    accepted: bool
    best: Moment | None

    def exceeded_by(self, values: Sequence[float], settings: PersonalSettings) -> float:
        """How far the middle of these repetitions of one film lies beyond the own best, less the smallest detectable
        change: above 0 it is a change for the worse.
        """
        sem = sem_of_median(len(values), self.spread, self.sigma, settings)
        return worse_by(self.name, median(values), self.median) - smallest_detectable_change(sem, self.sem, settings)


@dataclass(frozen=True, slots=True)
class Reference:
    """What one lifter's best repetitions look like from one view. A measure that too few of them show is missing."""

    view: str
    repetitions: int
    films: int
    reviewed: int
    measures: Mapping[str, OwnMeasure]

    def measure(self, name: str, unit: str) -> OwnMeasure | None:
        found = self.measures.get(name)
        return found if found is not None and found.unit == unit else None


@dataclass(frozen=True, slots=True)
class _Best:
    rep: Rep
    film: JudgedSet
    reviewed: bool


def reference_of(
    now: JudgedSet, earlier: Sequence[JudgedSet], settings: PersonalSettings
) -> Reference | TooFewRepetitions:
    """From those of the earlier sets that compare with this one.

    The best are the repetitions that an instructor calls correct, then those without a review that are most probably
    correct. What an instructor calls incorrect, or two disagree on, is none of them, whatever the machine said.
    """
    sets = [one for one in earlier if comparable(one, now)]
    best = _best_of(sets, settings)
    if len(best) < settings.min_best:
        return TooFewRepetitions(settings.min_best, len(best))
    found = (_measure(name, unit, best, sets, settings) for name, unit in now.measures().items())
    measures = {own.name: own for own in found if own is not None}
    films = len({one.film.key for one in best})
    return Reference(now.view, len(best), films, sum(one.reviewed for one in best), measures)


def _best_of(sets: Sequence[JudgedSet], settings: PersonalSettings) -> list[_Best]:
    found = [
        _Best(rep, film, film.reviews.get(rep.index) == CORRECT)
        for film in sets
        for rep in film.counted
        if film.reviews.get(rep.index, CORRECT) == CORRECT
    ]
    found = [one for one in found if one.reviewed or (one.rep.p_correct or 0.0) >= settings.best_p]
    found.sort(key=lambda one: (one.reviewed, one.rep.p_correct or 0.0, one.film.at), reverse=True)
    return found[: settings.most_best]


def _measure(
    name: str, unit: str, best: Sequence[_Best], sets: Sequence[JudgedSet], settings: PersonalSettings
) -> OwnMeasure | None:
    seen = [(one, reading) for one in best if (reading := reading_of(one.rep, name, unit)) is not None]
    if len(seen) < settings.min_best:
        return None
    sigma = middle_sigma([reading.sigma for _, reading in seen])
    spread = within_set_sd([[r.value for r in film.readings(name, unit)] for film in sets], sigma)
    films = len({one.film.key for one, _ in seen})
    return OwnMeasure(
        name=name,
        unit=unit,
        median=median(reading.value for _, reading in seen),
        spread=spread,
        sigma=sigma,
        sem=sem_of_median(len(seen), spread, sigma, settings, films=films),
        repetitions=len(seen),
        films=films,
        p=median(reading.p for _, reading in seen),
        accepted=_accepted([reading.p for one, reading in seen if one.reviewed], settings),
        best=_clearest(seen, settings),
    )


def best_moments(reps: Sequence[Rep], settings: PersonalSettings) -> dict[str, Moment]:
    """For each fault that these repetitions show: where a good one shows least of it; missing where none is free."""
    good = [rep for rep in reps if (rep.p_correct or 0.0) >= settings.best_p]
    seen = [
        (fault.p, rep.index, fault.at_s, fault.name)
        for rep in good
        for fault in rep.faults
        if fault.observable and fault.p is not None and fault.p < settings.present_p and fault.at_s is not None
    ]
    found: dict[str, Moment] = {}
    for _, rep, at_s, name in sorted(seen):
        found.setdefault(name, Moment(rep, at_s))
    return found


def _accepted(p_where_correct: Sequence[float], settings: PersonalSettings) -> bool:
    return len(p_where_correct) >= settings.min_best and median(p_where_correct) >= settings.present_p


def _clearest(seen: Sequence[tuple[_Best, Reading]], settings: PersonalSettings) -> Moment | None:
    one, reading = min(seen, key=lambda item: (not item[0].reviewed, item[1].p))
    if reading.p >= settings.present_p or reading.at_s is None:
        return None
    return Moment(one.rep.index, reading.at_s, one.film.key)
