"""Real clips with repetitions counted by eye: who is refused, and how right the count of the others is."""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.coach import analyse
from coaching.vision.people import SEVERAL, Person, crowd_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.people import Person as PersonRow
    from coaching.vision.types import FormReport, Track

TRUTH = "ground_truth.csv"
HARMLESS_NEGATIVES = ("negative_cartoon.mp4", "negative_rows.mp4")


@dataclass(frozen=True, slots=True)
class ClipTruth:
    """What the table says about a clip. lockouts_s is empty where it lists none."""

    file: str
    view: str
    reps: int
    lockouts_s: tuple[float, ...]

    @property
    def negative(self) -> bool:
        return self.file.startswith("negative_")


@dataclass(frozen=True, slots=True)
class ClipResult:
    """One row of the printed table.

    Lockout_error_s: largest distance to a listed lockout, NaN when not comparable.
    """

    truth: ClipTruth
    view: str
    refused: str
    reps: int
    lockout_error_s: float
    seconds: float

    @property
    def judged(self) -> bool:
        return not self.refused

    @property
    def exact(self) -> bool:
        return self.judged and self.reps == self.truth.reps

    @property
    def wrongly_judged(self) -> bool:
        """Something that is no deadlift got repetitions."""
        return self.truth.negative and self.reps > 0


def read_truth(folder: Path) -> list[ClipTruth]:
    with (folder / TRUTH).open(newline="", encoding="utf-8") as file:
        return [
            ClipTruth(row["file"], row["view"], int(row["reps"]), tuple(float(t) for t in row["lockouts_s"].split()))
            for row in csv.DictReader(file)
        ]


def evaluate_clips(folder: Path, cache: Path, names: Sequence[str] = ()) -> Iterator[ClipResult]:
    """Judge the clips of `folder` one by one.

    `names` limits them. Skeletons come from `cache`, made where missing.
    """
    for truth in read_truth(folder):
        if names and truth.file not in names:
            continue
        track, people = track_of(folder / truth.file, cache)
        yield judge_clip(truth, track, people)


def judge_clip(truth: ClipTruth, track: Track, people: Sequence[Sequence[PersonRow]]) -> ClipResult:
    started = time.perf_counter()
    report = analyse(track)
    seconds = time.perf_counter() - started
    crowded = report.refused is None and crowd_verdict(people) is SEVERAL
    refused = report.refused.code if report.refused else "several_people" if crowded else ""
    reps = 0 if refused else len(report.reps)
    return ClipResult(truth, report.view.label, refused, reps, _lockout_error_s(truth, report, reps), seconds)


def _lockout_error_s(truth: ClipTruth, report: FormReport, reps: int) -> float:
    if not truth.lockouts_s or reps != len(truth.lockouts_s):
        return float("nan")
    return max(abs(rep.lockout_s - t) for rep, t in zip(report.reps, truth.lockouts_s, strict=True))


def track_of(clip: Path, cache: Path) -> tuple[Track, list[list[PersonRow]]]:
    """The skeleton of a clip, from the cache if it was made from the same bytes by the same model."""
    from coaching.vision.bundle import DEFAULT_BUNDLE
    from coaching.vision.clip import probe
    from coaching.vision.tracks import cache_key, cached, extract, load_track, save_track

    kept, key = cache / f"{clip.stem}.npz", cache_key(clip, DEFAULT_BUNDLE)
    if not cached(kept, key):
        cache.mkdir(parents=True, exist_ok=True)
        info = probe(clip)
        track, rows = extract(info, DEFAULT_BUNDLE)
        save_track(kept, track, key=key, people=rows, sha256=info.sha256, clip_fps=info.fps)
    with np.load(kept) as data:
        rows = data["people"]
    return load_track(kept), people_of(rows)


def track_of_clip(clip: Path, cache: Path) -> Track:
    """The skeleton of a clip, from the cache or made."""
    return track_of(clip, cache)[0]


def people_of(rows: NDArray[np.float32]) -> list[list[PersonRow]]:
    """What `people.as_rows` wrote, (pictures, 3, 8), as people again."""
    return [[Person(*map(float, row)) for row in frame if np.isfinite(row[0])] for frame in rows]
