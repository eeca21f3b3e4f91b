from __future__ import annotations

import csv
import dataclasses
import io

import pytest

from analysis.export import COLUMNS, data_csv, report_json, safe_cell
from analysis.reports import build_report
from studies.models import Measurement, Study
from tests.factory import make_measurement, make_outcome, make_participant, make_study

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_formula_becomes_text(text: str) -> None:
    assert safe_cell(text) == "'" + text


def test_plain_text_stays_as_it_is() -> None:
    assert safe_cell("P01") == "P01"


def test_a_code_that_is_a_formula_is_disarmed_and_a_negative_value_stays_a_number() -> None:
    study = make_study()
    outcome = make_outcome(study)
    make_measurement(outcome, make_participant(study, arm=study.arms.get(key="a"), code="=cmd|'x'!A1"), -1.5)
    (row,) = csv.DictReader(io.StringIO(data_csv(build_report(study).outcomes, is_demonstration=False)))
    assert row["participant"] == "'=cmd|'x'!A1"
    assert row["value"] == "-1.5"


def test_the_csv_has_everybody_also_those_left_out(demo: Study) -> None:
    Measurement.objects.filter(outcome__key="injury_rate", participant__code="P07").delete()
    report = build_report(demo)
    rows = list(csv.DictReader(io.StringIO(data_csv(report.outcomes, is_demonstration=True))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 100
    left_out = [row for row in rows if row["excluded_because"]]
    assert [(row["participant"], row["outcome"], row["value"]) for row in left_out] == [("P07", "injury_rate", "")]
    assert {row["source"] for row in rows} == {"reconstruction"}
    assert {row["unit"] for row in rows} == {"points", "injuries per student and semester"}


def test_recorded_data_are_not_called_a_reconstruction() -> None:
    study = make_study()
    make_measurement(make_outcome(study), make_participant(study, arm=study.arms.get(key="a")), 1.0)
    text = data_csv(build_report(study).outcomes, is_demonstration=False)
    assert text.splitlines()[1].endswith(",recorded")


def test_a_value_keeps_all_its_digits() -> None:
    study = make_study()
    make_measurement(make_outcome(study), make_participant(study, arm=study.arms.get(key="a")), 0.1 + 0.2)
    assert "0.30000000000000004" in data_csv(build_report(study).outcomes, is_demonstration=False)


def test_a_report_with_a_number_that_is_none_does_not_leave_the_house(demo: Study) -> None:
    report = build_report(demo)
    broken = dataclasses.replace(report, confidence=float("nan"))
    with pytest.raises(ValueError, match="not JSON compliant"):
        report_json(broken)
