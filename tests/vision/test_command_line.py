"""`python -m coaching.vision`: one line and one document a clip, and an exit status that scripts can use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from coaching.vision.__main__ import main, summary

if TYPE_CHECKING:
    from pathlib import Path

    from coaching.simulator import Truth


def test_one_line_and_one_document_a_clip(
    front: tuple[Path, Truth], bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "letter.mp4"
    text.write_text("not a film")
    out, videos = tmp_path / "json", tmp_path / "overlay"
    arguments = [str(front[0]), str(text), str(tmp_path / "absent.mp4"), "--bundle", str(bundle)]
    assert main([*arguments, "--json", str(out), "--overlay", str(videos)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("front.mp4: front view; 1 repetition: ")
    assert "stance neutral" in lines[0]
    assert lines[1].startswith("letter.mp4: unreadable: not_a_video. ")
    assert lines[2].startswith("absent.mp4: unreadable: unreadable. ")
    documents = {path.name: json.loads(path.read_text()) for path in out.iterdir()}
    assert sorted(documents) == ["absent.mp4.json", "front.mp4.json", "letter.mp4.json"]
    assert documents["letter.mp4.json"]["refused"]["code"] == "not_a_video"
    assert documents["front.mp4.json"]["refused"] is None
    assert {frozenset(document) for document in documents.values()} == {frozenset(documents["front.mp4.json"])}
    assert [path.name for path in videos.iterdir()] == ["front.webm"]


def test_a_refusal_is_a_result(
    empty_place: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(empty_place), "--bundle", str(bundle), "--overlay", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("empty.mp4: refused: no_person. ")
    assert list(tmp_path.iterdir()) == []  # a skeleton over a film that was not judged would look like a judgement


def test_wrong_usage_is_status_two() -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2


def test_nothing_but_the_line_is_printed(empty_place: Path, bundle: Path) -> None:
    # MediaPipe's C++ writes warnings to stderr; a user would take them for errors.
    command = [sys.executable, "-m", "coaching.vision", str(empty_place), "--bundle", str(bundle)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "80"})
    assert result.returncode == 0
    assert result.stderr.strip() == ""
    assert len(result.stdout.splitlines()) == 1


def test_the_line_says_with_what_probability() -> None:
    rep = {"verdict": "incorrect", "p_correct": 0.17}
    hidden = {"observable": False}
    document = {
        "clip": "a.mp4",
        "sha256": "0",
        "refused": None,
        "view": "side",
        "reps": [rep, {"verdict": None}],
        "stance": hidden,
        "lean": hidden,
        "feedback": [{"text": "Push the floor away."}],
    }
    expected = "a.mp4: side view; 2 repetitions: incorrect 0.83, not judged; stance -; lean -; Push the floor away."
    assert summary(document) == expected
