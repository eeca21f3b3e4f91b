from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analysis.datasets import Exclusion, load_dataset
from studies.blinding import open_arms
from studies.models import Measurement, TimePoint
from tests.factory import make_measurement, make_outcome, make_participant, make_study

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries

    from studies.models import Outcome, Study

pytestmark = pytest.mark.django_db


def _measured(study: Study, outcome: Outcome, key: str, values: list[float]) -> None:
    arm = study.arms.get(key=key)
    for number, value in enumerate(values):
        make_measurement(outcome, make_participant(study, arm=arm, code=f"{key}{number}"), value)


def test_values_come_by_arm_in_the_order_of_their_position() -> None:
    study = make_study()
    outcome = make_outcome(study)
    _measured(study, outcome, "a", [1.0, 2.0])
    _measured(study, outcome, "b", [3.0])
    study.arms.filter(key="a").update(position=9)
    data = load_dataset(outcome, open_arms(study))
    assert [(arm.key, arm.codes, arm.values) for arm in data.arms] == [
        ("b", ("b0",), (3.0,)),
        ("a", ("a0", "a1"), (1.0, 2.0)),
    ]
    assert data.exclusions == ()


def test_everybody_left_out_is_listed_with_the_reason() -> None:
    study = make_study()
    outcome = make_outcome(study)
    arm = study.arms.get(key="a")
    make_measurement(outcome, make_participant(study, code="P1"), 5.0)
    make_participant(study, arm=arm, code="P2")
    make_measurement(outcome, make_participant(study, arm=arm, code="P3"), float("inf"))
    make_measurement(outcome, make_participant(study, arm=arm, code="P4"), 4.0)
    data = load_dataset(outcome, open_arms(study))
    assert data.exclusions == (
        Exclusion(code="P1", arm="", reason="no_arm"),
        Exclusion(code="P2", arm="a", reason="no_value"),
        Exclusion(code="P3", arm="a", reason="not_finite"),
    )
    assert data.arms[0].values == (4.0,)


def test_codes_are_ordered_alike_on_every_database() -> None:
    """A database's locale may put p2 before P10; the data's hash must not depend on that."""
    study = make_study()
    outcome = make_outcome(study)
    for code in ("p2", "P10", "Ä1", "_x", "P1"):
        make_measurement(outcome, make_participant(study, arm=study.arms.get(key="a"), code=code), 1.0)
    data = load_dataset(outcome, open_arms(study))
    assert data.arms[0].codes == ("P1", "P10", "_x", "p2", "Ä1")


def test_an_arm_without_values_stays_empty() -> None:
    study = make_study()
    data = load_dataset(make_outcome(study), open_arms(study))
    assert [(arm.key, arm.values) for arm in data.arms] == [("a", ()), ("b", ())]


def test_another_outcomes_values_and_another_studys_people_stay_out() -> None:
    study, other = make_study(), make_study()
    outcome, second = make_outcome(study, "one"), make_outcome(study, "two")
    _measured(study, second, "a", [7.0])
    _measured(other, make_outcome(other), "a", [8.0])
    data = load_dataset(outcome, open_arms(study))
    assert [arm.values for arm in data.arms] == [(), ()]
    assert [(row.code, row.reason) for row in data.exclusions] == [("a0", "no_value")]


@pytest.mark.parametrize("size", [2, 20])
def test_one_query_whatever_the_class(size: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    study = make_study()
    outcome = make_outcome(study)
    _measured(study, outcome, "a", [float(i) for i in range(size)])
    arms = open_arms(study)
    with django_assert_num_queries(1):
        load_dataset(outcome, arms)
    assert Measurement.objects.count() == size


def test_the_values_of_the_main_time_are_read_and_no_others() -> None:
    study = make_study()
    before = TimePoint.objects.create(study=study, key="before", name="Before")
    after = TimePoint.objects.create(study=study, key="after", name="After", position=1)
    outcome = make_outcome(study)
    student = make_participant(study, arm=study.arms.get(key="a"), code="S1")
    for time_point, value in ((None, 1.0), (before, 2.0), (after, 3.0)):
        Measurement.objects.create(outcome=outcome, participant=student, time_point=time_point, value=value)
    found = {}
    for main in (None, before, after):
        outcome.main_time_point = main
        found[str(main)] = load_dataset(outcome, open_arms(study)).arms[0].values
    assert found == {"None": (1.0,), "Before": (2.0,), "After": (3.0,)}
