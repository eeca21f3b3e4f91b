"""How often is a change claimed, where there is none and where there is one? Pairs of films of one lifter.

Simulated: between the two films of a pair everything differs that differs between two lessons: where the camera stands,
how the landmarks err, the tempo and small movements of each repetition. In a pair of unchanged technique any claim is
false.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator import Camera, Faults, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.vision.coach import analyse
from coaching.vision.evaluation.real import TRUTH, track_of_clip
from coaching.vision.evaluation.simulated import BODIES, VIEWS
from coaching.vision.feedback import corrections
from coaching.vision.history import JudgedSet, comparable
from coaching.vision.progress import progress_of
from coaching.vision.reference import Reference, reference_of
from coaching.vision.settings_table import DEFAULT
from coaching.vision.verdict import AT_THEIR_WORD, combined_p_correct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

REPETITIONS = 5
# From a degree that the limits hardly see (0.35) over a moderate one to a gross one.
DEGREES = (0.0, 0.35, 0.6)
GROSS, MODERATE = (0.9, 0.1), (0.6, 0.1)
"""A fault that is almost gone in the second film."""
STEPS = (*((degree, degree) for degree in DEGREES), MODERATE, GROSS)
COMING_UP = (0.0, 0.6)
VIEWED = {
    "front": (
        *("narrow_stance", "wide_stance", "lean_left", "lean_right", "knees_in", "asymmetry"),
        *("narrow_grip", "wide_grip", "bent_arms"),
    ),
    "oblique": ("hips_first", "rounded_upper_back", "no_lockout"),
    "side": ("hips_first", "rounded_upper_back", "bar_drift", "no_lockout", "hyperextension"),
}


@dataclass(frozen=True, slots=True)
class PairResult:
    """What was claimed of one pair. fault: what both films carry, by degree before and after; empty for none."""

    view: str
    fault: str
    degrees: tuple[float, float]
    improved: tuple[str, ...]
    worse: tuple[str, ...]
    measures: int

    @property
    def unchanged(self) -> bool:
        return self.degrees[0] == self.degrees[1]


def evaluate_progress(pairs: int) -> Iterator[PairResult]:
    """So many pairs for each view, fault and degree that stays, and for each fault that shrinks. Refused films are left
    out.
    """
    for view, faults in VIEWED.items():
        for fault in faults:
            for degrees in STEPS:
                for number in range(pairs):
                    result = _pair(view, fault, degrees, number)
                    if result is not None:
                        yield result


def _pair(view: str, fault: str, degrees: tuple[float, float], number: int) -> PairResult | None:
    films = [_film(view, fault, degree, 2 * number + i) for i, degree in enumerate(degrees)]
    before, now = films
    if before is None or now is None:
        return None
    progress = progress_of(now, [before], DEFAULT.personal)
    if progress is None:
        return None
    claims = {kind: tuple(c.name for c in progress.changes if c.direction == kind) for kind in ("improved", "worse")}
    return PairResult(view, fault, degrees, claims["improved"], claims["worse"], len(progress.changes))


@dataclass(frozen=True, slots=True)
class OwnResult:
    """What a fourth film of one lifter is told. degrees: of the fault in the three earlier films, and now.

    own: faults told as beyond the own best. early: told because of that, below the limits alone.
    """

    view: str
    fault: str
    degrees: tuple[float, float]
    own: tuple[str, ...]
    early: tuple[str, ...]


def evaluate_reference(lifters: int) -> Iterator[OwnResult]:
    """So many lifters for each view, fault and degree that stays, and for each fault that comes up in the fourth film.
    Where the reference has too few repetitions there is no result.
    """
    for view, faults in VIEWED.items():
        for fault in faults:
            for degrees in [(degree, degree) for degree in DEGREES] + [COMING_UP]:
                for number in range(lifters):
                    result = _fourth_film(view, fault, degrees, number)
                    if result is not None:
                        yield result


def _fourth_film(view: str, fault: str, degrees: tuple[float, float], number: int) -> OwnResult | None:
    films = [_film(view, fault, degrees[i == 3], 2 * (number + len(BODIES) * (i // 2)) + i % 2) for i in range(4)]
    *earlier, now = [_judged_by_rules(film) for film in films if film is not None]
    if len(earlier) < 3:
        return None
    reference = reference_of(now, earlier, DEFAULT.personal)
    if not isinstance(reference, Reference):
        return None
    alone = {cue.code for cue in corrections(now.reps, DEFAULT)}
    cues = corrections(now.reps, DEFAULT, reference=reference)
    own = tuple(cue.code for cue in cues if cue.own)
    return OwnResult(view, fault, degrees, own, tuple(cue.code for cue in cues if cue.code not in alone))


def _judged_by_rules(film: JudgedSet) -> JudgedSet:
    """With the probability of correct that the measures alone give: landmarks have no pixels for the network."""
    reps = (replace(rep, p_correct=combined_p_correct(None, rep.faults, AT_THEIR_WORD)) for rep in film.reps)
    return replace(film, reps=tuple(reps))


def _film(view: str, fault: str, degree: float, number: int) -> JudgedSet | None:
    """Film number 2k and 2k + 1 are of the same body."""
    rng = np.random.default_rng([number, len(fault), round(100 * degree)])
    body = BODIES[number // 2 % len(BODIES)]
    faults = Faults.of(**{fault: degree})
    lift = simulate(LiftSpec(reps=REPETITIONS, body=body, faults=faults, rest_s=0.0), seed=number)
    camera = Camera(
        yaw_deg=VIEWS[view] + rng.normal(0.0, 4.0),
        height_m=1.1 + rng.normal(0.0, 0.08),
        distance_m=3.6 + rng.normal(0.0, 0.3),
        roll_deg=rng.normal(0.0, 1.0),
    )
    report = analyse(truth_track(lift, camera, seed=number))
    if report.refused is not None or report.view.label != view:
        return None
    return JudgedSet(f"{number}", f"{number:06d}", view, "simulator", report.reps)


@dataclass(frozen=True, slots=True)
class FilmedSet:
    """A real clip that was judged, with its owner's words about it."""

    subject: str
    form: str
    faults: str
    judged: JudgedSet


@dataclass(frozen=True, slots=True)
class FilmSpread:
    """One measure in single repetitions of one person in several films, all of which the owner calls correct."""

    subject: str
    view: str
    name: str
    unit: str
    films: int
    sd: float
    stated: float


def filmed_sets(folder: Path, cache: Path) -> list[FilmedSet]:
    """The clips of real people that are not refused."""
    found = []
    with (folder / TRUTH).open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["subject"]]
    for row in rows:
        track, _people = track_of_clip(folder / row["file"], cache)
        report = analyse(track)
        if report.refused is None:
            judged = JudgedSet(row["file"], row["file"], report.view.label, "MediaPipe", report.reps)
            found.append(FilmedSet(row["subject"], row["form"], row["faults"], judged))
    return found


def filmed_pairs(sets: Sequence[FilmedSet]) -> Iterator[tuple[FilmedSet, FilmedSet, PairResult]]:
    """Every two sets of one person seen from one view, in both orders."""
    for before in sets:
        for now in sets:
            if before is now or before.subject != now.subject or not comparable(before.judged, now.judged):
                continue
            progress = progress_of(now.judged, [before.judged], DEFAULT.personal)
            if progress is not None:
                improved, worse = (
                    tuple(c.name for c in progress.changes if c.direction == kind) for kind in ("improved", "worse")
                )
                yield before, now, PairResult(now.judged.view, "", (0, 0), improved, worse, len(progress.changes))


def film_spreads(sets: Sequence[FilmedSet], *, least: int = 4) -> Iterator[FilmSpread]:
    """What one repetition differs by from film to film, against the stated SD that the detectable change rests on."""
    values: dict[tuple[str, str, str, str], list[tuple[float, float]]] = defaultdict(list)
    for one in sets:
        if one.form != "correct" or len(one.judged.reps) != 1:
            continue
        for name, unit in one.judged.measures().items():
            (reading,) = one.judged.readings(name, unit)
            values[one.subject, one.judged.view, name, unit].append((reading.value, reading.sigma))
    for (subject, view, name, unit), found in values.items():
        if len(found) >= least:
            measured, stated = np.array(found).T
            sd = float(measured.std(ddof=1))
            yield FilmSpread(subject, view, name, unit, len(found), sd, float(stated.mean()))
