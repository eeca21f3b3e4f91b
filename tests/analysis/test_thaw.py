from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from analysis.export import report_json
from analysis.reports import build_report
from analysis.results import Report
from analysis.thaw import Unreadable, thaw
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
    assert thaw(Report, json.loads(report_json(frozen))) == frozen
    assert frozen.outcomes[1].paper is not None


def test_a_field_that_is_missing_or_unknown_is_named(stored: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="'fudge'"):
        thaw(Report, stored | {"fudge": 1})
    del stored["outcomes"][0]["groups"]
    with pytest.raises(Unreadable, match=r"outcomes\[0\].*'groups'"):
        thaw(Report, stored)


def test_a_value_of_another_kind_is_refused_where_it_stands(stored: dict[str, Any]) -> None:
    stored["outcomes"][0]["groups"][0]["mean"] = "8.32"
    with pytest.raises(Unreadable, match=r"outcomes\[0\]"):
        thaw(Report, stored)
