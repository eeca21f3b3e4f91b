"""The SPSS file, read again by ReadStat, which is what R's haven reads with."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from analysis.datasets import Exclusion
from analysis.render.dictionary import codebook_of
from analysis.render.edition import edition_of
from analysis.render.sav import sav
from tests.analysis.render.made import outcome
from tests.analysis.render.made import report as made

if TYPE_CHECKING:
    from pathlib import Path

    from analysis.results import Report

pyreadstat = pytest.importorskip("pyreadstat")
pytest.importorskip("pandas")
TWO = {"a": [1, 2, 4, 7], "b": [3, 5, 9, 9]}


def read(report: Report, folder: Path, *, user_missing: bool = False) -> tuple[list[dict[str, Any]], Any]:
    path = folder / "data.sav"
    path.write_bytes(sav(edition_of(report)))
    frame, about = pyreadstat.read_sav(path, user_missing=user_missing)
    return frame.to_dict("records"), about


@pytest.mark.django_db
def test_every_value_stands_in_its_students_row(report: Report, tmp_path: Path) -> None:
    rows, _about = read(report, tmp_path)
    assert len(rows) == 50
    for found in report.outcomes:
        for place, group in enumerate(found.groups, start=1):
            expected = dict(zip(group.codes, group.values, strict=True))
            assert {row["participant"]: row[found.key] for row in rows if row["arm"] == place} == expected


@pytest.mark.django_db
def test_labels_levels_and_the_source_are_in_the_file(report: Report, tmp_path: Path) -> None:
    _rows, about = read(report, tmp_path)
    assert about.column_names_to_labels["training_accuracy"] == "Training accuracy (points)"
    assert about.variable_value_labels["arm"] == {1.0: "AI coaching", 2.0: "Traditional instruction"}
    assert about.variable_measure == {
        "participant": "nominal",
        "arm": "nominal",
        "training_accuracy": "scale",
        "injury_rate": "scale",
    }
    assert about.file_label == "Demonstration data, not recorded from students"
    assert " ".join(about.notes).endswith(report.data_note)
    assert about.creation_time.isoformat() == "2026-11-28T12:00:00"


def test_a_missing_value_is_declared_with_its_reason(tmp_path: Path) -> None:
    left_out = (Exclusion("X1", "b", "no_value"), Exclusion("X2", "", "no_arm"), Exclusion("X3", "a", "not_finite"))
    report = made(outcome("score", TWO, exclusions=left_out))
    rows, about = read(report, tmp_path, user_missing=True)
    by_code = {row["participant"]: row for row in rows}
    labels = about.variable_value_labels["score"]
    assert labels[by_code["X1"]["score"]] == "no value measured"
    assert labels[by_code["X2"]["score"]] == "not assigned to a group"
    assert labels[by_code["X3"]["score"]].startswith("the stored value is not a finite number")
    assert about.missing_ranges["score"] == [{"lo": -9003.0, "hi": -9001.0}]
    assert (by_code["X1"]["arm"], by_code["X3"]["arm"]) == (2.0, 1.0)
    read_as_spss, _about = read(report, tmp_path)
    assert sum(row["score"] != row["score"] for row in read_as_spss) == 3


def test_a_code_of_a_missing_value_is_never_a_value() -> None:
    report = made(outcome("balance", {"a": [-9001.5, -9003, 2], "b": [-20_000, 1, 2]}))
    (low, *_), = (variable.missing for variable in codebook_of(report).variables if variable.key)  # fmt: skip
    assert low[0] == -90_001


def test_names_are_ones_that_spss_takes_and_differ() -> None:
    keys = ("2nd-try", "by", "Score", "score", "participant", "x" * 70, "x" * 69)
    report = made(*(outcome(key, TWO) for key in keys))
    names = [variable.name for variable in codebook_of(report).variables]
    assert names[:7] == ["participant", "arm", "v_2nd_try", "v_by", "Score", "score_2", "participant_2"]
    assert len({name.lower() for name in names}) == len(names)
    assert max(map(len, names)) <= 64


def test_long_labels_in_other_alphabets_are_cut_between_letters(tmp_path: Path) -> None:
    found = dataclasses.replace(
        outcome("score", TWO, name="Ж" * 120, unit="балл" * 15, arm_names={"a": "Ә" * 90, "b": "B"})
    )
    _rows, about = read(dataclasses.replace(made(found), data_note="Дерек " * 60), tmp_path)
    assert about.column_names_to_labels["score"].startswith("Ж" * 120)
    assert about.variable_value_labels["arm"][1.0] == "Ә" * 60
    assert max(len(line.encode()) for line in about.notes) <= 80


def test_an_empty_study_is_a_file_without_rows(tmp_path: Path) -> None:
    rows, about = read(made(), tmp_path)
    assert rows == []
    assert about.column_names == ["participant", "arm"]
