"""What changed since the last set of the same lifter that compares with this one. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

from coaching.vision.detectable import middle_sigma, sem_of_median, smallest_detectable_change, within_set_sd
from coaching.vision.history import comparable
from coaching.vision.reference import worse_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.history import JudgedSet, Reading
    from coaching.vision.settings_table import PersonalSettings

    Direction = Literal["improved", "same", "worse"]


@dataclass(frozen=True, slots=True)
class SetMeasure:
    """One measure of one set: its middle, in how many repetitions the fault is not there, and how many show it."""

    median: float
    low: float
    high: float
    clear: int
    judged: int
    sem: float

    @property
    def share_clear(self) -> float:
        return self.clear / self.judged


@dataclass(frozen=True, slots=True)
class Change:
    """One measure in two sets. `by`: toward the fault positive; a change is none below the smallest detectable one."""

    name: str
    unit: str
    direction: Direction
    before: SetMeasure
    now: SetMeasure
    by: float
    sdc: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Since which set, and every measure that both show."""

    since: JudgedSet
    changes: tuple[Change, ...]

    @property
    def improved(self) -> tuple[Change, ...]:
        """What got better, the clearest first."""
        found = [change for change in self.changes if change.direction == "improved"]
        return tuple(sorted(found, key=lambda change: change.by / change.sdc))


def last_comparable(now: JudgedSet, earlier: Sequence[JudgedSet], settings: PersonalSettings) -> JudgedSet | None:
    """The newest earlier set seen from the same view that has enough repetitions."""
    fitting = [one for one in earlier if comparable(one, now) and len(one.counted) >= settings.min_set_reps]
    return max(fitting, key=lambda one: one.at, default=None)


def progress_of(now: JudgedSet, earlier: Sequence[JudgedSet], settings: PersonalSettings) -> Progress | None:
    """None without a set to compare with, or with too few repetitions in this one."""
    last = last_comparable(now, earlier, settings)
    if last is None or len(now.counted) < settings.min_set_reps:
        return None
    sets = [one for one in (*earlier, now) if comparable(one, now)]
    found = (_change(measure, (last, now), sets, settings) for measure in now.measures().items())
    return Progress(last, tuple(change for change in found if change is not None))


def set_measure(
    readings: Sequence[Reading], within_sd: float, sigma: float, settings: PersonalSettings
) -> SetMeasure | None:
    """None with fewer repetitions than a set's middle needs."""
    if len(readings) < settings.min_set_reps:
        return None
    values = [reading.value for reading in readings]
    return SetMeasure(
        median=median(values),
        low=min(values),
        high=max(values),
        clear=sum(reading.p < settings.present_p for reading in readings),
        judged=len(values),
        sem=sem_of_median(len(values), within_sd, sigma, settings),
    )


def _change(
    measure: tuple[str, str], pair: tuple[JudgedSet, JudgedSet], sets: Sequence[JudgedSet], settings: PersonalSettings
) -> Change | None:
    name, unit = measure
    last, now = (one.readings(name, unit) for one in pair)
    if not last or not now:
        return None
    sigma = middle_sigma([reading.sigma for reading in (*last, *now)])
    within = within_set_sd([[reading.value for reading in one.readings(name, unit)] for one in sets], sigma)
    before, after = (set_measure(readings, within, sigma, settings) for readings in (last, now))
    if before is None or after is None:
        return None
    by = worse_by(name, after.median, before.median)
    sdc = smallest_detectable_change(after.sem, before.sem, settings)
    return Change(name, unit, _direction(before, after, by, sdc), before, after, by, sdc)


def _direction(before: SetMeasure, now: SetMeasure, by: float, sdc: float) -> Direction:
    """A change within what is fine is neither: the fault must have been there in half of the repetitions, or be there
    now, and be seen in fewer of them, or in more.
    """
    if by < -sdc and before.share_clear <= 0.5 and now.share_clear > before.share_clear:
        return "improved"
    if by > sdc and now.share_clear <= 0.5 and now.share_clear < before.share_clear:
        return "worse"
    return "same"
