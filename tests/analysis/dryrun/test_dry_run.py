"""A dry run invents a whole study beside the real one, says so everywhere, and expects what theory expects."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from analysis.dryrun.assumptions import Assumptions
from analysis.dryrun.expected import _looped, _t_tests, expected
from analysis.dryrun.semester import draw
from analysis.dryrun.services import fill_expected, make_dry_run
from analysis.frozen.building import build
from analysis.frozen.snapshot import read_frozen
from analysis.models import AnalysisPlan, DryRun, FrozenReport
from analysis.plans.services import save_plan
from analysis.stats import power_t
from analysis.tasks import build_report
from studies.errors import StudyError
from studies.models import Injury, Measurement, Membership, Participant, Study, TrainingSession, User
from tests.analysis.plans.classes import hypothesis, measured_class, plan
from tests.factory import make_staff, make_study, make_user

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
FEW = Assumptions(students_per_arm=8, trials=100, lessons=6, dropout=0.25, injuries_per_1000_h=50)
RATES = hypothesis(key="h2", outcome="injury-log", test="poisson", time_point="")


def rows_of(study: Study) -> dict[str, int]:
    logged = {
        "Measurement": Measurement.objects.filter(participant__study=study).count(),
        "TrainingSession": TrainingSession.objects.filter(participant__study=study).count(),
        "Injury": Injury.objects.filter(participant__study=study).count(),
    }
    return logged | {"Participant": Participant.objects.filter(study=study).count()}


def test_the_real_study_is_not_touched_and_the_copy_is_whole() -> None:
    study, _students = measured_class()
    by = make_staff(study, Membership.Role.OWNER)
    save_plan(study=study, by=by, plan=plan(hypothesis(), RATES))
    before = rows_of(study)
    made = make_dry_run(study=study, by=by, assumptions=FEW)
    assert rows_of(study) == before
    copy = made.copy
    assert copy is not None
    assert copy.is_demonstration
    assert "Invented" in copy.data_note
    found = rows_of(copy)
    assert found["Participant"] == 16
    assert found["TrainingSession"] > 40
    assert 5 <= found["Measurement"] < 16  # who dropped out has no value after
    assert AnalysisPlan.objects.get(study=copy).stage == "before_allocation"
    invented = User.objects.filter(participations__study=copy)
    assert not any(user.is_active or user.has_usable_password() for user in invented)


def test_its_report_is_filled_and_marked_in_every_part() -> None:
    study, _students = measured_class()
    by = make_staff(study, Membership.Role.OWNER)
    save_plan(study=study, by=by, plan=plan(hypothesis(), RATES))
    made = make_dry_run(study=study, by=by, assumptions=FEW)
    assert made.report is not None
    build(made.report.pk)
    report = FrozenReport.objects.get(pk=made.report.pk)
    frozen = read_frozen(report.document)
    assert frozen.report.is_demonstration
    assert "Invented" in frozen.report.data_note
    assert all(finding.primary.p is not None for finding in frozen.findings)
    assert frozen.deviations == ()
    gone = {row.reason for row in frozen.findings[0].left_out}
    assert gone <= {"stopped_training", "never_trained", "not_measured"}
    assert gone


def test_the_same_seed_gives_the_same_semester() -> None:
    study, _students = measured_class()
    by = make_staff(study, Membership.Role.OWNER)
    values = []
    for _time in range(2):
        copy = make_dry_run(study=study, by=by, assumptions=FEW).copy
        rows = Measurement.objects.filter(participant__study=copy).order_by("participant__code")
        values.append(list(rows.values_list("participant__code", "value")))
    assert values[0] == values[1]
    assert DryRun.objects.count() == 2


def test_scores_are_whole_points_of_the_rubric_and_the_effect_is_the_first_groups() -> None:
    given = Assumptions(students_per_arm=400, effect=2.0, gain=1.0, mean=4.0, sd=1.0, correlation=0.6, dropout=0.2)
    drawn = draw(given, arms=2, trials=5, rng=np.random.default_rng(1))
    after = drawn.after[np.isfinite(drawn.after)]
    assert set(after) <= set(range(11))
    assert np.isnan(drawn.after).mean() == pytest.approx(0.2, abs=0.03)
    first, second = drawn.after[:, drawn.arm == 0], drawn.after[:, drawn.arm == 1]
    assert np.nanmean(first) - np.nanmean(second) == pytest.approx(2.0, abs=0.1)
    there = np.isfinite(second)
    assert np.corrcoef(drawn.before[:, drawn.arm == 1][there], second[there])[0, 1] == pytest.approx(0.56, abs=0.06)


def test_injuries_follow_hours_and_rate() -> None:
    given = Assumptions(students_per_arm=500, injuries_per_1000_h=20, injury_ratio=0.5, dropout=0.0)
    drawn = draw(given, arms=2, trials=4, rng=np.random.default_rng(2))
    rates = [drawn.injuries[:, drawn.arm == at].sum() / drawn.hours[:, drawn.arm == at].sum() for at in range(2)]
    assert 1000 * rates[1] == pytest.approx(20, rel=0.06)
    assert rates[0] / rates[1] == pytest.approx(0.5, rel=0.1)


def test_the_expected_power_is_that_of_the_noncentral_t() -> None:
    """A wide scale keeps rounding small: sd 1.2 and the rounding's variance of 1/12 in the middle of the scale."""
    given = Assumptions(students_per_arm=25, effect=1.0, mean=4.0, gain=0.5, sd=1.2, dropout=0.0, trials=4000)
    (row,) = expected(plan(hypothesis(test="student")), given, ("a", "b"))
    exact = power_t(1.0 / math.sqrt(1.2**2 + 1 / 12), 25, 25)
    assert row.power == pytest.approx(exact, abs=4 * row.power_se + 0.01)
    assert row.power_se == pytest.approx(np.sqrt(row.power * (1 - row.power) / 4000))


def test_without_an_effect_the_tests_reject_at_their_level() -> None:
    given = Assumptions(effect=0.0, trials=4000)
    rows = expected(plan(hypothesis(), hypothesis(key="h2", test="student")), given, ("a", "b"))
    for row in rows:
        assert abs(row.power - 0.05) < 4 * row.power_se + 0.005


@pytest.mark.parametrize("test", ["student", "welch", "equivalence"])
def test_all_trials_at_once_give_what_the_plans_own_code_gives_one_by_one(test: str) -> None:
    given = plan(hypothesis(test=test, low=-1.0, high=1.5) if test == "equivalence" else hypothesis(test=test))
    drawn = draw(Assumptions(students_per_arm=6), arms=2, trials=40, rng=np.random.default_rng(3))
    row = given.hypotheses[0]
    fast, slow = _t_tests(row, given, drawn), _looped(row, given, drawn, ("a", "b"))
    for at in range(2):
        assert np.allclose(fast[at], slow[at], rtol=1e-9, equal_nan=True)


def test_every_planned_test_has_an_expectation() -> None:
    tests = ("anova", "welch_anova", "mann_whitney", "brunner_munzel", "kruskal_wallis", "randomisation")
    rows = [hypothesis(key=name.replace("_", "-"), test=name) for name in tests]
    rows += [hypothesis(key="adjusted", test="ancova", before="before")]
    rows += [RATES | {"key": name, "test": name} for name in ("poisson", "quasi_poisson", "negative_binomial")]
    given = replace(FEW, students_per_arm=20, effect=3.0, trials=100)
    for row in expected(plan(*rows), given, ("a", "b")):
        assert row.not_computed < 0.5, row
        assert row.trials == 100
        if row.key not in {"poisson", "quasi_poisson", "negative_binomial"}:
            assert row.power > 0.9, row


def test_a_dry_run_refuses_what_cannot_be() -> None:
    study, _students = measured_class()
    by = make_user()
    for given, code in ((replace(FEW, sd=0.0), "out_of_range"), (replace(FEW, effect=float("nan")), "out_of_range")):
        with pytest.raises(StudyError) as caught:
            make_dry_run(study=study, by=by, assumptions=given)
        assert caught.value.code == code
    copy = make_dry_run(study=study, by=by, assumptions=FEW).copy
    assert copy is not None
    with pytest.raises(StudyError) as caught:
        make_dry_run(study=copy, by=by, assumptions=FEW)
    assert caught.value.code == "is_invented"
    assert Study.objects.count() == 2


def test_the_page_makes_a_dry_run_and_shows_what_to_expect(client: Client) -> None:
    study, _students = measured_class()
    client.force_login(make_staff(study, Membership.Role.INSTRUCTOR))
    url = reverse("analysis:dry-run", args=[study.pk])
    refused = client.post(url, FEW.document() | {"dropout": 1.5})
    assert refused.status_code == 422
    assert not DryRun.objects.exists()
    response = client.post(url, FEW.document())
    made = DryRun.objects.get()
    assert response.status_code == 302
    assert made.report is not None
    assert "What to expect is being computed." in client.get(url).content.decode()
    build_report(made.report.pk)
    made.refresh_from_db()
    page = client.get(reverse("analysis:frozen", args=[made.report.pk])).content.decode()
    assert "Invented: a dry run" in page
    shown = client.get(url).content.decode()
    assert "Welch&#x27;s t-test" in shown
    assert f"{100 * made.expected[0]['power']:.1f} %" in shown


def test_what_to_expect_is_computed_once_and_the_same_by_whichever_worker() -> None:
    study, _students = measured_class()
    made = make_dry_run(study=study, by=make_user(), assumptions=FEW)
    assert made.report is not None
    fill_expected(made.report.pk)
    made.refresh_from_db()
    first = made.expected
    DryRun.objects.update(expected=[])
    fill_expected(made.report.pk)
    made.refresh_from_db()
    assert made.expected == first
    assert len(first) == 1
    fill_expected(made.report.pk + 1)  # a report of no dry run
    assert DryRun.objects.get().expected == first


def test_the_command_prints_power_and_marks_it_as_invented() -> None:
    study, _students = measured_class()
    make_staff(study, Membership.Role.OWNER)
    out = io.StringIO()
    call_command("dry_run", str(study.pk), "--students-per-arm", "6", "--trials", "100", "--seed", "5", stdout=out)
    assert out.getvalue().startswith("INVENTED DATA.")
    assert "done" in out.getvalue()
    assert "Monte Carlo SE" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("dry_run", "999999")
    with pytest.raises(CommandError, match="out_of_range"):
        call_command("dry_run", str(study.pk), "--dropout", "2")
    with pytest.raises(CommandError, match="no_hypothesis"):
        call_command("dry_run", str(make_study(owner=make_user()).pk))
