from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from analysis.export import report_json
from analysis.reports import build_report
from analysis.snapshots import report_of
from studies.models import Measurement

if TYPE_CHECKING:
    from studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(demo: Study) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(report_json(build_report(demo)))
    return loaded


def test_a_stored_report_comes_back_equal_in_every_digit(demo: Study) -> None:
    Measurement.objects.filter(outcome__key="injury_rate", participant__code="P07").delete()
    Measurement.objects.filter(outcome__key="training_accuracy").first().delete()  # type: ignore[union-attr]
    frozen = build_report(demo)
    assert report_of(json.loads(report_json(frozen))) == frozen
    assert frozen.outcomes[1].paper is not None


def test_a_snapshot_that_is_no_json_yet_comes_back_too(demo: Study) -> None:
    frozen = build_report(demo)
    assert report_of(frozen.snapshot()) == frozen


def test_another_schema_is_refused(stored: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="schema 99"):
        report_of(stored | {"schema": 99})


def test_a_field_that_is_missing_or_unknown_is_named(stored: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'fudge'"):
        report_of(stored | {"fudge": 1})
    del stored["outcomes"][0]["groups"]
    with pytest.raises(ValueError, match=r"report.outcomes\[0\] is incomplete.*'groups'"):
        report_of(stored)
