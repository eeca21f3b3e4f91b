"""A report exists whole or not at all, never changes, and says where it departs from what was registered."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from analysis.frozen.building import build, recomputed
from analysis.frozen.services import failure_words, mark_withdrawn, order_report, reap_reports, reports_with
from analysis.frozen.snapshot import read_frozen
from analysis.models import AnalysisPlan, FrozenReport, WithdrawnMark
from analysis.plans.fields import PlanError
from analysis.plans.services import add_hypothesis, first_plan, registered_plan, save_plan
from analysis.thaw import Unreadable
from config.celery import app
from studies import audit
from studies.errors import StudyError
from studies.models import AuditEntry, Measurement, Outcome, Reassignment
from studies.randomise.stream import sha256_of
from tests.analysis.plans.classes import forget, hypothesis, measured_class, plan
from tests.factory import make_class, make_study, make_user

if TYPE_CHECKING:
    from studies.models import Study

pytestmark = pytest.mark.django_db
State = FrozenReport.State


def frozen(study: Study, **more: object) -> FrozenReport:
    saved = save_plan(study=study, by=make_user(), plan=plan(**more))
    report = order_report(plan=saved, by=make_user())
    build(report.pk)
    report.refresh_from_db()
    return report


def test_a_report_comes_with_everything_at_once() -> None:
    study, students = measured_class()
    report = frozen(study)
    assert (report.state, report.percent, report.failure_code) == ("done", 100, "")
    assert sha256_of(report.document) == report.sha256
    assert report.participants.count() == len(students)
    found = read_frozen(report.document)
    assert found.text() == report.document
    assert found.data_sha256 == report.data_sha256
    assert found.report.provenance.code_sha256 == report.code_sha256
    assert [row.key for row in found.report.outcomes] == ["score"]
    assert AuditEntry.objects.filter(action="report frozen", payload__sha256=report.sha256).exists()


def test_a_frozen_report_can_be_computed_again_from_itself_to_every_digit() -> None:
    study, students = measured_class(20)
    forget(students[0])
    report = frozen(study, gaps={"shifts": [-1.0]})
    Measurement.objects.all().delete()  # the rows are not asked
    found = read_frozen(report.document)
    assert recomputed(found)
    changed = json.loads(report.document)
    changed["data"]["people"][1]["values"]["score@after"] += 0.5
    assert not recomputed(read_frozen(json.dumps(changed)))


def test_a_frozen_report_says_the_same_whatever_happens_to_the_rows() -> None:
    study, _students = measured_class()
    report = frozen(study)
    before = report.document
    Measurement.objects.filter(participant__study=study).update(value=1.0)
    build(report.pk)  # a message that comes twice
    report.refresh_from_db()
    assert report.document == before


def test_the_database_refuses_to_change_a_frozen_report_and_a_saved_plan() -> None:
    study, _students = measured_class()
    report = frozen(study)
    for rows, values in (
        (FrozenReport.objects.filter(pk=report.pk), {"document": "{}"}),
        (FrozenReport.objects.filter(pk=report.pk), {"state": "queued"}),
        (AnalysisPlan.objects.filter(pk=report.plan.pk), {"sha256": "0" * 64}),
        (AnalysisPlan.objects.filter(pk=report.plan.pk), {"document": {}}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**values)
    assert report.made_by is not None
    report.made_by.delete()  # who made it may go
    report.refresh_from_db()
    assert report.made_by_id is None
    assert report.state == "done"


def test_the_database_refuses_a_report_that_is_done_and_empty() -> None:
    study, _students = measured_class()
    saved = save_plan(study=study, by=None, plan=plan())
    with pytest.raises(DatabaseError), transaction.atomic():
        FrozenReport.objects.create(study=study, plan=saved, state=State.DONE, finished_at=timezone.now())


def test_a_failure_leaves_a_code_a_sentence_and_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    study, _students = measured_class()
    saved = save_plan(study=study, by=None, plan=plan())
    report = order_report(plan=saved, by=make_user())
    Outcome.objects.filter(study=study).update(key="renamed")
    build(report.pk)
    report.refresh_from_db()
    assert (report.state, report.failure_code, report.document) == ("failed", "plan_unknown_outcome", "")
    assert "no more" in failure_words(report.failure_code)
    assert report.participants.count() == 0


def test_what_fails_in_the_last_step_leaves_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    study, _students = measured_class()
    report = order_report(plan=save_plan(study=study, by=None, plan=plan()), by=make_user())

    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(audit, "done", broken)
    build(report.pk)
    report.refresh_from_db()
    assert (report.state, report.failure_code, report.document) == ("failed", "internal", "")
    assert report.participants.count() == 0


def test_an_empty_study_has_no_report() -> None:
    study = make_study(ended=True)
    Outcome.objects.create(study=study, key="score", name="Score")
    assert frozen_code(study) == "nobody"


def frozen_code(study: Study) -> str:
    saved = save_plan(study=study, by=None, plan=plan(hypothesis(time_point="")))
    report = order_report(plan=saved, by=make_user())
    build(report.pk)
    report.refresh_from_db()
    return report.failure_code


def test_a_worker_that_was_believed_dead_stores_nothing() -> None:
    study, _students = measured_class()
    report = order_report(plan=save_plan(study=study, by=None, plan=plan()), by=make_user())
    zombie = FrozenReport.objects.claim(report.pk, worker="one")
    assert zombie is not None
    assert FrozenReport.objects.claim(report.pk, worker="two") is None
    long_ago = timezone.now() - dt.timedelta(hours=1)
    FrozenReport.objects.filter(pk=report.pk).update(heartbeat_at=long_ago)
    assert reap_reports() == 1
    build(report.pk)
    report.refresh_from_db()
    assert (report.state, report.attempt) == ("done", 2)
    assert not zombie.beat(50)
    assert not zombie.fail("internal")
    assert not zombie.freeze(document="other", sha256="0" * 64)


def test_a_report_that_lost_its_worker_three_times_fails_with_a_sentence() -> None:
    study, _students = measured_class()
    report = order_report(plan=save_plan(study=study, by=None, plan=plan()), by=make_user())
    long_ago = timezone.now() - dt.timedelta(hours=1)
    for _attempt in range(3):
        assert FrozenReport.objects.claim(report.pk, worker="w") is not None
        FrozenReport.objects.filter(pk=report.pk).update(heartbeat_at=long_ago)
        reap_reports()
    report.refresh_from_db()
    assert (report.state, report.failure_code) == ("failed", "worker_lost")


def test_the_same_report_is_not_ordered_twice_at_once() -> None:
    study, _students = measured_class()
    saved = save_plan(study=study, by=None, plan=plan())
    order_report(plan=saved, by=make_user())
    with pytest.raises(StudyError) as caught:
        order_report(plan=saved, by=make_user())
    assert caught.value.code == "being_made"


def test_the_worker_and_the_clock_call_what_is_there() -> None:
    study, _students = measured_class(4)
    report = order_report(plan=save_plan(study=study, by=None, plan=plan()), by=make_user())
    app.tasks["analysis.tasks.build_report"](report.pk)
    report.refresh_from_db()
    assert report.state == "done"
    beat = app.conf.beat_schedule["reap-reports"]["task"]
    app.tasks[beat]()
    assert app.conf.task_routes["analysis.tasks.build_report"] == {"queue": "jobs"}


def test_a_plan_says_how_much_was_known_when_it_was_saved() -> None:
    study = make_study()
    outcome = Outcome.objects.create(study=study, key="score", name="Score")
    row = hypothesis(time_point="")
    one = save_plan(study=study, by=None, plan=plan(row))
    students = make_class(study, 4, allocate=True)
    two = save_plan(study=study, by=None, plan=plan(row, alpha=0.01))
    Measurement.objects.create(outcome=outcome, participant=students[0], value=3)
    three = save_plan(study=study, by=None, plan=plan(row, alpha=0.02))
    study.unblinded_at = timezone.now()
    study.save()
    four = save_plan(study=study, by=None, plan=plan(row, alpha=0.03))
    stages = [(saved.version, saved.stage, saved.values_then, saved.is_registered) for saved in (one, two, three, four)]
    assert stages == [
        (1, "before_allocation", 0, True),
        (2, "before_outcomes", 0, True),
        (3, "during", 1, False),
        (4, "after", 1, False),
    ]
    assert registered_plan(study) == two


def test_saving_the_same_plan_again_makes_no_version() -> None:
    study, _students = measured_class()
    one = save_plan(study=study, by=None, plan=plan())
    assert save_plan(study=study, by=None, plan=plan()) == one
    assert AnalysisPlan.objects.count() == 1


def test_two_people_who_change_a_plan_do_not_lose_each_others_work() -> None:
    study, _students = measured_class()
    save_plan(study=study, by=None, plan=plan(), seen_version=0)
    with pytest.raises(StudyError) as caught:
        save_plan(study=study, by=None, plan=plan(alpha=0.01), seen_version=0)
    assert caught.value.code == "changed_meanwhile"


def test_deviations_from_the_registered_plan_are_listed() -> None:
    study = make_study(ended=True)
    outcome = Outcome.objects.create(study=study, key="score", name="Score")
    row = hypothesis(time_point="")
    save_plan(study=study, by=None, plan=plan(row))
    students = make_class(study, 8, allocate=True)
    for number, student in enumerate(students):
        Measurement.objects.create(outcome=outcome, participant=student, value=number % 3)
    first = students[0]
    assert first.arm is not None
    other = study.arms.exclude(pk=first.arm.pk).get()
    Reassignment.objects.create(participant=first, from_arm=first.arm, to_arm=other, reason="timetable")
    first.arm = other
    first.save()
    saved = save_plan(study=study, by=None, plan=plan(row | {"test": "student"}), reason="equal spreads")
    report = order_report(plan=saved, by=make_user())
    build(report.pk)
    report.refresh_from_db()
    found = read_frozen(report.document)
    assert [(row.kind, row.where, row.before, row.after) for row in found.deviations] == [
        ("plan_changed", "hypotheses.h1.test", '"welch"', '"student"'),
        ("moved", "", "", "1"),
    ]
    assert (found.registered_version, found.plan_version) == (1, 2)


def test_a_report_without_a_registered_plan_says_so() -> None:
    study, _students = measured_class()
    assert [row.kind for row in read_frozen(frozen(study).document).deviations] == ["not_registered"]


def test_a_withdrawal_marks_the_reports_that_rest_on_it_once_and_outlives_the_student() -> None:
    study, students = measured_class()
    report = frozen(study)
    other, _others = measured_class()
    untouched = frozen(other)
    assert list(reports_with(students[0])) == [report]
    assert (mark_withdrawn(students[0]), mark_withdrawn(students[0])) == (1, 0)
    assert mark_withdrawn(students[1]) == 1
    assert (report.withdrawn.count(), untouched.withdrawn.count()) == (2, 0)
    WithdrawnMark.objects.filter(participant=students[0]).update(participant=None)  # erased since
    assert report.withdrawn.count() == 2


def test_a_hypothesis_is_added_to_the_newest_plan_once() -> None:
    study, _students = measured_class()
    row = first_plan(study).hypotheses[0]
    by = make_user()
    one = add_hypothesis(study=study, by=by, row=row, seen_version=0)
    two = add_hypothesis(study=study, by=by, row=replace(row, test="mann_whitney"), seen_version=one.version)
    assert [given["key"] for given in two.document["hypotheses"]] == ["score", "score-2"]
    with pytest.raises(PlanError) as caught:
        add_hypothesis(study=study, by=by, row=row, seen_version=two.version)
    assert caught.value.code == "hypothesis_twice"


def test_a_changed_document_is_not_read() -> None:
    study, _students = measured_class()
    document = json.loads(frozen(study).document)
    changed: tuple[dict[str, object], ...] = ({"schema": "1"}, {"schema": 2}, {"findings": {}}, {"more": 1})
    for change in changed:
        with pytest.raises(Unreadable):
            read_frozen(json.dumps(document | change))
    del document["plan"]
    with pytest.raises(Unreadable):
        read_frozen(json.dumps(document))


def test_a_study_goes_with_its_plans_and_reports() -> None:
    study, _students = measured_class()
    report = frozen(study)
    with connection.constraint_checks_disabled():
        FrozenReport.objects.filter(study=study).delete()
        AnalysisPlan.objects.filter(study=study).delete()
    assert not FrozenReport.objects.filter(pk=report.pk).exists()
