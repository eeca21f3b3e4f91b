from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from analysis.export import data_csv, report_json
from analysis.reading import impossible_p_note
from analysis.reports import build_report
from analysis.results import Problem
from studies.blinding import lettered_arms
from studies.models import Measurement, Outcome
from tests.factory import make_arm, make_measurement, make_outcome, make_participant, make_study

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries

    from studies.blinding import ShownArm
    from studies.models import Study

pytestmark = pytest.mark.django_db


def _study(*values: list[float], planned_test: str = "welch") -> Study:
    """A study with one arm for each list, and one outcome."""
    study = make_study(arms=len(values))
    outcome = make_outcome(study)
    Outcome.objects.filter(pk=outcome.pk).update(planned_test=planned_test)
    for arm, its_values in zip(study.arms.all(), values, strict=True):
        for value in its_values:
            make_measurement(outcome, make_participant(study, arm=arm), value)
    return study


def test_the_first_arm_minus_the_second_is_the_difference() -> None:
    (outcome,) = build_report(_study([5.0, 6.0, 9.0], [1.0, 2.0, 2.0])).outcomes
    assert outcome.welch is not None
    assert (outcome.welch.first, outcome.welch.second) == ("a", "b")
    assert outcome.welch.mean_difference == pytest.approx(5.0)


def test_only_the_planned_test_is_computed() -> None:
    data = [5.0, 6.0, 9.0], [1.0, 2.0, 2.0]
    (by_t,) = build_report(_study(*data)).outcomes
    (by_anova,) = build_report(_study(*data, planned_test="anova")).outcomes
    assert (by_t.anova, by_anova.student, by_anova.welch) == (None, None, None)
    assert by_t.student is not None
    assert by_anova.anova is not None
    assert [effect.name for effect in by_t.effects] == ["d", "g"]
    assert {effect.name for effect in by_anova.effects} == {"eta_squared", "omega_squared"}


def test_unequal_spreads_do_not_change_the_planned_test() -> None:
    wild, calm = [0.0, 50.0, 100.0, 20.0, 80.0] * 4, [50.0, 50.1, 49.9, 50.0, 50.2] * 4
    (outcome,) = build_report(_study(wild, calm, planned_test="student")).outcomes
    assert outcome.levene[0].p < 0.001
    assert outcome.planned_t == outcome.student


def test_a_plan_overrides_the_rows_and_is_checked(demo: Study) -> None:
    accuracy, _injuries = build_report(demo, plan={"training_accuracy": "anova"}).outcomes
    assert accuracy.anova is not None
    assert accuracy.anova.f == pytest.approx(7.303069657875**2, rel=1e-10)
    with pytest.raises(ValueError, match="names the outcome 'strength'"):
        build_report(demo, plan={"strength": "welch"})
    with pytest.raises(ValueError, match="names the test 'best'"):
        build_report(demo, plan={"injury_rate": "best"})


@pytest.mark.parametrize(
    ("values", "planned_test", "problem"),
    [
        (([1.0, 2.0], []), "welch", Problem("too_few", ("b",))),
        (([1.0, 2.0], [3.0]), "anova", Problem("too_few", ("b",))),
        (([1.0, 2.0, 4.0],), "welch", Problem("too_few_groups", ())),
        (([1.0, 2.0], [2.0, 5.0], [3.0, 4.0, 9.0]), "welch", Problem("two_arms_needed", ("a", "b", "c"))),
        (([1.0, 1.0], [2.0, 2.0]), "student", Problem("constant", ("a", "b"))),
        (([1.0, 1.0], [2.0, 2.0]), "anova", Problem("constant", ("a", "b"))),
    ],
)
def test_what_cannot_be_computed_is_a_problem_of_its_outcome(
    values: tuple[list[float], ...], planned_test: str, problem: Problem
) -> None:
    (outcome,) = build_report(_study(*values, planned_test=planned_test)).outcomes
    assert problem in outcome.problems
    assert (outcome.student, outcome.welch, outcome.anova, outcome.effects) == (None, None, None, ())
    assert [group.n for group in outcome.groups] == [len(v) for v in values]


def test_three_arms_have_their_anova() -> None:
    study = _study([1.0, 2.0, 4.0], [2.0, 5.0, 6.0], [3.0, 4.0, 9.0], planned_test="anova")
    (outcome,) = build_report(study).outcomes
    assert outcome.anova is not None
    assert (outcome.anova.between.df, outcome.anova.within.df) == (2, 6)
    assert outcome.problems == ()


def test_the_same_rows_give_the_same_snapshot_to_every_digit(demo: Study) -> None:
    one = build_report(demo, made_at="2024-08-18T00:00:00+00:00")
    Measurement.objects.filter(outcome__study=demo).update(measured_on=None)
    assert report_json(build_report(demo, made_at="2024-08-18T00:00:00+00:00")) == report_json(one)


def test_the_order_of_entry_does_not_change_the_report(demo: Study) -> None:
    one = build_report(demo, made_at="then")
    rows = list(Measurement.objects.filter(outcome__study=demo).order_by("-value"))
    Measurement.objects.filter(outcome__study=demo).delete()
    Measurement.objects.bulk_create(
        Measurement(outcome_id=row.outcome_id, participant_id=row.participant_id, value=row.value) for row in rows
    )
    assert build_report(demo, made_at="then") == one


def test_one_changed_value_changes_the_data_hash(demo: Study) -> None:
    before = build_report(demo).provenance.data_sha256
    row = Measurement.objects.filter(outcome__study=demo).earliest("pk")
    Measurement.objects.filter(pk=row.pk).update(value=row.value + 1)
    assert build_report(demo).provenance.data_sha256 != before


def test_the_data_hash_is_that_of_the_csv(demo: Study) -> None:
    report = build_report(demo)
    text = data_csv(report.outcomes, is_demonstration=True)
    assert report.provenance.data_sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert len(text.splitlines()) == 1 + 2 * 50


def test_the_snapshot_holds_the_data_the_numbers_and_the_versions(demo: Study) -> None:
    snapshot = json.loads(report_json(build_report(demo)))
    accuracy = snapshot["outcomes"][0]
    assert accuracy["welch"]["t"] == pytest.approx(7.303069657875, rel=1e-12)
    assert accuracy["welch"]["p"] == pytest.approx(1.256641041e-8, rel=1e-9)
    assert sorted(accuracy["groups"][0]["values"]) == [7.0] * 4 + [8.0] * 10 + [9.0] * 10 + [10.0]
    assert {"numpy", "scipy", "liftlab", "code_sha256", "data_sha256"} <= set(snapshot["provenance"])
    assert "not the authors' data" in snapshot["data_note"]


def test_only_the_demonstration_is_set_beside_the_paper(demo: Study) -> None:
    assert [outcome.paper is not None for outcome in build_report(demo).outcomes] == [True, True]
    demo.is_demonstration = False
    assert [outcome.paper for outcome in build_report(demo).outcomes] == [None, None]


def test_only_the_papers_p_is_found_impossible(demo: Study) -> None:
    one, two = (outcome.paper for outcome in build_report(demo).outcomes)
    assert one is not None
    assert two is not None
    assert one.differing == ()
    assert all(check.consistent for check in one.checks)
    assert [figure.what for figure in two.differing] == ["Sig."]
    assert [check.what for check in two.checks if not check.consistent] == ["p"]


def test_other_rows_get_no_note_on_the_papers_p(demo: Study) -> None:
    """The note speaks of F(1, 48) = 180.893: it would be wrong beside another F."""
    row = Measurement.objects.filter(outcome__study=demo, outcome__key="injury_rate").earliest("pk")
    Measurement.objects.filter(pk=row.pk).update(value=row.value + 1)
    injuries = build_report(demo).outcomes[1]
    assert injuries.paper is not None
    assert injuries.paper.impossible_p is None
    assert impossible_p_note(injuries) == ""
    assert len(injuries.paper.differing) > 1


def test_queries_are_two_and_one_for_each_outcome(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for size in (3, 30):
        study = _study([float(i) for i in range(size)], [float(i * i) for i in range(size)])
        make_outcome(study, "second")
        make_arm(study, "z")
        with django_assert_num_queries(2 + 2):
            build_report(study)


def _dealt(study: Study, first: str) -> list[ShownArm]:
    """The groups under letters, with this one as A."""
    for attempt in range(200):
        study.blinding_seed = f"{attempt}"
        arms = lettered_arms(study)
        if arms[0].pk == study.arms.get(key=first).pk:
            return arms
    pytest.fail("no such deal")


@pytest.mark.parametrize(("first", "difference"), [("a", 5.0), ("b", -5.0)])
def test_under_letters_the_sign_is_that_of_the_letters_and_size_and_p_are_the_same(
    first: str, difference: float
) -> None:
    study = _study([5.0, 6.0, 9.0], [1.0, 2.0, 2.0])
    (open_,) = build_report(study).outcomes
    report = build_report(study, arms=_dealt(study, first))
    (lettered,) = report.outcomes
    assert lettered.welch is not None
    assert open_.welch is not None
    assert (lettered.welch.first, lettered.welch.second) == ("group-a", "group-b")
    assert lettered.welch.mean_difference == pytest.approx(difference)
    assert lettered.welch.p == pytest.approx(open_.welch.p, rel=1e-12)
    assert [group.name for group in lettered.groups] == ["Group A", "Group B"]
    assert "Arm " not in report_json(report)
    rows = [line.split(",") for line in data_csv(report.outcomes, is_demonstration=False).splitlines()[1:]]
    assert [row[3] for row in rows] == ["group-a"] * 3 + ["group-b"] * 3
    codes = study.participants.filter(arm__key=first).values_list("code", flat=True)
    assert {row[2] for row in rows[:3]} == set(codes)


def test_who_is_left_out_is_left_out_under_a_letter() -> None:
    study = _study([5.0, 6.0, 9.0], [1.0, 2.0, 2.0])
    lost = make_participant(study, arm=study.arms.get(key="b"), code="LOST")
    (outcome,) = build_report(study, arms=_dealt(study, "b")).outcomes
    assert [(row.code, row.arm) for row in outcome.exclusions] == [(lost.code, "group-a")]


def test_under_letters_nothing_is_compared_with_the_paper(demo: Study) -> None:
    """Its difference has a sign: one that fits would tell which group is which."""
    report = build_report(demo, arms=lettered_arms(demo))
    assert [outcome.paper for outcome in report.outcomes] == [None, None]
    assert report.provenance.data_sha256 != build_report(demo).provenance.data_sha256
