from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from analysis.render.formats import FORMATS, file_name
from tests.factory import make_study

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.results import Report
    from studies.models import Study

pytestmark = pytest.mark.django_db


def written(study: Study, out: Path, *arguments: str) -> str:
    said = io.StringIO()
    call_command("report", str(study.pk), "--out", str(out), *arguments, stdout=said)
    return said.getvalue()


def test_one_format_is_written_under_a_name_that_keeps_the_label(demo: Study, tmp_path: Path) -> None:
    said = written(demo, tmp_path / "new", "--format", "md", "--skin", "paper")
    (path,) = (tmp_path / "new").iterdir()
    assert path.name == "deadlift-with-an-ai-coach-one-semester-demonstrati-demonstration.md"
    assert "| .000 |" in path.read_text()
    assert said.startswith(f"[1/1] {path}  ")


def test_all_formats_are_written_and_counted(demo: Study, tmp_path: Path) -> None:
    said = written(demo, tmp_path, "--format", "all")
    assert len(list(tmp_path.iterdir())) == len(FORMATS) == 11
    assert [line.split()[0] for line in said.splitlines()] == [f"[{n}/11]" for n in range(1, 12)]
    (path,) = tmp_path.glob("*.json")
    assert json.loads(path.read_text())["is_demonstration"] is True


def test_a_file_that_is_there_is_not_written_over_unless_asked(demo: Study, tmp_path: Path) -> None:
    written(demo, tmp_path, "--format", "json")
    (path,) = tmp_path.iterdir()
    path.write_text("mine")
    with pytest.raises(CommandError, match="There already"):
        written(demo, tmp_path, "--format", "all")
    assert [path.read_text()] == [there.read_text() for there in tmp_path.iterdir()]
    written(demo, tmp_path, "--format", "json", "--force")
    assert path.read_text().startswith("{")


def test_a_study_that_there_is_not_is_named(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no study 987654"):
        call_command("report", "987654", "--out", str(tmp_path))


def test_no_two_formats_share_a_file(report: Report) -> None:
    assert len({file_name(report, key) for key in FORMATS}) == len(FORMATS)


def test_a_study_that_is_not_over_has_no_report(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="The groups are compared when the study is over"):
        written(make_study(), tmp_path)
    assert list(tmp_path.iterdir()) == []
