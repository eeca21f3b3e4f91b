"""The labelled clips beside the repository. Skipped where they are not."""

from pathlib import Path

import pytest

from coaching.training.labels import CORRECT, INCORRECT
from coaching.training.real import labelled_clips

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TABLE = DATA / "videos" / "ground_truth.csv"


@pytest.mark.skipif(not TABLE.exists(), reason="../shared/data/videos/ground_truth.csv is not there")
def test_only_clips_that_are_called_correct_or_incorrect_are_learned_from() -> None:
    clips = list(labelled_clips(DATA))
    assert len(clips) == 36
    assert {clip.label for clip in clips} == {CORRECT, INCORRECT}
    assert not [clip for clip in clips if clip.path.name.startswith("negative_")]
    timed = {clip.path.name: len(clip.lockouts_s) for clip in clips if clip.lockouts_s}
    assert timed == {f"tby66_{take}_view{view}.mp4": 10 for take in "cr" for view in (1, 2)}


def test_without_the_data_folder_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(labelled_clips(tmp_path))
