"""The pictures beside a cue: the right moment, the right joints, the lifter in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from coaching.vision.skeleton_drawing import ROUNDED
from coaching.vision.stills import ACROSS, EACH_SIDE, MARKS, Wanted, save_stills, stills_wanted
from coaching.vision.types import Fault, Rep
from coaching.vision.vocabulary import FAULT_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.simulator import Truth
    from coaching.vision.pipeline import ClipAssessment


def taken(film: Path, assessed: ClipAssessment, folder: Path, *wanted: Wanted) -> list[NDArray[np.uint8]]:
    paths = save_stills(film, assessed, wanted, folder)
    assert sorted(path.name for path in paths) == sorted(path.name for path in folder.iterdir())
    pictures = [cv2.imread(str(folder / f"{one.name}.jpg")) for one in wanted]
    return [np.asarray(picture, np.uint8) for picture in pictures]


def marked(picture: NDArray[np.uint8]) -> NDArray[np.intp]:
    """(row, column) of the largest patch in the mark's colour, which the codec changes a little; skin comes near it."""
    like = (np.abs(picture.astype(int) - ROUNDED).max(axis=2) < 30).astype(np.uint8)
    _, names, sizes, _ = cv2.connectedComponentsWithStats(like)
    return np.argwhere(names == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA])))


def test_every_fault_has_its_line() -> None:
    assert {*MARKS, *ACROSS, *EACH_SIDE} == set(FAULT_NAMES)


def test_the_line_between_the_feet_is_level_and_at_the_bottom(
    front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path: Path
) -> None:
    lockout = assessed.report.reps[0].lockout_s
    (picture,) = taken(front[0], assessed, tmp_path, Wanted("still-cue-narrow_stance", lockout, 1, "narrow_stance"))
    assert picture.shape == (640, 480, 3)
    spots = marked(picture)
    rows, columns = spots[:, 0], spots[:, 1]
    assert np.ptp(rows) < 20 < np.ptp(columns)
    assert rows.min() > 0.75 * 640
    # The lifter stands in the middle, and so do the feet.
    assert abs(float(columns.mean()) - 240) < 40


def test_the_line_of_the_trunk_stands_upright_above_the_middle(
    front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path: Path
) -> None:
    lockout = assessed.report.reps[0].lockout_s
    (picture,) = taken(front[0], assessed, tmp_path, Wanted("still-cue-lean_left", lockout, 1, "lean_left"))
    spots = marked(picture)
    assert np.ptp(spots[:, 0]) > 3 * np.ptp(spots[:, 1])
    assert spots[:, 0].max() < 0.6 * 640


def test_two_moments_are_two_pictures_and_each_is_of_its_own(
    front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path: Path
) -> None:
    rep = assessed.report.reps[0]
    low, top = taken(
        front[0],
        assessed,
        tmp_path,
        Wanted("still-cue-lean_left", rep.start_s, 1, "lean_left"),
        Wanted("still-best-lean_left", rep.lockout_s, 1, "lean_left"),
    )
    # Seen from the front a bent trunk is a short one: one scale for both pictures shows it.
    assert np.ptp(marked(low)[:, 0]) < 0.8 * np.ptp(marked(top)[:, 0])


def test_a_moment_after_the_films_end_is_its_last_picture(
    front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path: Path
) -> None:
    (picture,) = taken(front[0], assessed, tmp_path, Wanted("poster", 1e6))
    assert picture.shape[:2] == (800, 600)


def fault(name: str, p: float, at_s: float) -> Fault:
    return Fault(name, p, observable=True, value=1.0, sigma=1.0, unit="deg", at_s=at_s)


def test_pictures_are_taken_of_cues_of_their_better_moments_and_of_the_best_repetition() -> None:
    reps = [
        Rep(1, 0, 1, 2, 1.0, [fault("hips_first", 0.9, 0.5), fault("bar_drift", 0.6, 0.7)], p_correct=0.9),
        Rep(2, 3, 4, 5, 1.0, [fault("hips_first", 0.2, 3.5), fault("bar_drift", 0.7, 3.7)], p_correct=0.8),
        Rep(3, 6, 7, 8, 1.0, [fault("hips_first", 0.1, 6.5)], p_correct=0.3),
    ]
    here = {"session": None, "rep": 3, "at_s": 6.5}
    there = {"session": "another", "rep": 1, "at_s": 2.0}
    cues: list[dict[str, Any]] = [
        {"code": "hips_first", "rep": 1, "at_s": 0.5, "better_at": here},
        {"code": "bar_drift", "rep": 2, "at_s": 3.7, "better_at": there},
        {"code": "lean_fine", "rep": None, "at_s": None, "better_at": None},
    ]
    assert [(purpose, one.name, one.rep, one.at_s) for purpose, one in stills_wanted(cues, reps)] == [
        ("cue", "still-cue-hips_first", 1, 0.5),
        ("better", "still-better-hips_first", 3, 6.5),
        ("cue", "still-cue-bar_drift", 2, 3.7),
        # The third repetition shows it least, and is none of the best.
        ("best", "still-best-hips_first", 2, 3.5),
    ]


def test_the_same_film_gives_the_same_bytes(
    front: tuple[Path, Truth], assessed: ClipAssessment, tmp_path: Path
) -> None:
    one = Wanted("still-cue-knees_in", assessed.report.reps[0].lockout_s, 1, "knees_in")
    first = save_stills(front[0], assessed, [one], tmp_path)[0].read_bytes()
    assert save_stills(front[0], assessed, [one], tmp_path)[0].read_bytes() == first
    assert len(first) < 80_000
