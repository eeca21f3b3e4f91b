"""Real clips with repetitions counted by eye, where they and their skeletons are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from coaching.vision.evaluation.real import HARMLESS_NEGATIVES, TRUTH, evaluate_clips
from coaching.vision.evaluation.tables import evaluate_tables
from coaching.vision.settings_table import DEFAULT

ROOT = Path(__file__).parents[2]
CLIPS = ROOT.parent / "shared" / "data" / "videos"
LABELS = ROOT.parent / "shared" / "data" / "labels"
CACHE = ROOT / "var" / "cache" / "tracks"


@pytest.fixture(scope="module")
def cached_clips() -> list[str]:
    if not (CLIPS / TRUTH).is_file():
        pytest.skip(f"{CLIPS / TRUTH} is not here: real clips are not part of the project")
    names = [f"{path.stem}.mp4" for path in sorted(CACHE.glob("*.npz")) if (CLIPS / f"{path.stem}.mp4").is_file()]
    if not names:
        pytest.skip(f"no skeletons in {CACHE}: run python -m coaching.vision.tracks {CLIPS}")
    return names


def test_real_clips_are_counted_exactly_or_refused(cached_clips: list[str]) -> None:
    results = list(evaluate_clips(CLIPS, CACHE, cached_clips))
    counted = [r for r in results if not r.truth.negative]
    judged = [r for r in counted if r.judged]
    assert len(judged) >= 0.65 * len(counted)
    assert sum(r.exact for r in judged) >= 0.85 * len(judged)
    assert [r.truth.file for r in judged if r.truth.reps >= 3 and abs(r.reps - r.truth.reps) > 1] == []


def test_what_is_no_deadlift_gets_no_repetitions(cached_clips: list[str]) -> None:
    results = evaluate_clips(CLIPS, CACHE, [name for name in cached_clips if name.startswith("negative_")])
    wrong = [r.truth.file for r in results if r.wrongly_judged and r.truth.file not in HARMLESS_NEGATIVES]
    assert wrong == []


@pytest.mark.parametrize(
    ("table", "floor"),
    [("stance_gymtracker", 0.90), ("lean_gymtracker", 0.93), ("phase_gymtracker", 0.97), ("phase_mattiolato", 0.92)],
)
def test_single_frames_beat_the_floors_on_labelled_tables(table: str, floor: float) -> None:
    if not LABELS.is_dir():
        pytest.skip(f"{LABELS} is not here: labelled frames are not part of the project")
    found = {result.name: result for result in evaluate_tables(LABELS, DEFAULT)}
    if table not in found:
        pytest.skip(f"{table} is not in {LABELS}")
    assert found[table].balanced_accuracy > floor
