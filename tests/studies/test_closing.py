"""The end of a study: what keeps it open, what a closed one refuses, and that it can be taken up again."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from coaching.models import AnalysisRun, PendingUpload, Session
from coaching.resumable import begin
from coaching.reviews.services import Opinion, ReviewRefused, review_repetition
from coaching.services import RefusedError, cancel_run, start_run, submit_video
from studies.allocation import allocate_arms, move_to_arm
from studies.closing.services import close_study, left_undone, release_feedback, reopen_study
from studies.enrolment import enrol_class, parse_class_list
from studies.errors import StudyError
from studies.exposure.services import Attended, log_lesson
from studies.injuries.services import log_injury
from studies.invitations import invite, join
from studies.models import AuditEntry, Participant, Study, StudyMilestone, TrainingSession
from studies.plans import assign_waiting, commit_plan
from studies.randomise.design import COMPLETE, Design
from studies.roster.imports import enrol_rows, preview
from studies.services import enrol
from tests.coaching.films import MP4_HEAD, film_file, make_result, make_session
from tests.factory import make_class, make_participant, make_personas, make_study, make_user

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.BROKER_DIR = tmp_path / "broker"
    settings.INCOMING_DIR.mkdir()


def code_of(act: Any, **kwargs: Any) -> str:
    with pytest.raises(StudyError) as caught:
        act(**kwargs)
    return caught.value.code


def closed_study() -> Study:
    owner = make_user()
    study = make_study(owner=owner)
    make_class(study, 4, allocate=True)
    return close_study(study=study, by=owner, release_feedback=False)


# What keeps a study open


@pytest.mark.parametrize("state", [AnalysisRun.State.QUEUED, AnalysisRun.State.RUNNING])
def test_a_study_with_open_runs_is_not_closed_and_says_how_many_and_what_to_do(state: str) -> None:
    owner = make_user()
    study = make_study(owner=owner)
    for participant in make_class(study, 2, allocate=True):
        start_run(make_session(participant))
    AnalysisRun.objects.update(state=state)
    elsewhere = start_run(make_session(make_participant(make_study())))  # another study's run is no reason
    with pytest.raises(StudyError) as caught:
        close_study(study=study, by=owner, release_feedback=True)
    assert caught.value.code == "runs_open"
    assert "2 films are still waiting" in str(caught.value.advice)
    assert "cancel them" in str(caught.value.advice)
    study.refresh_from_db()
    assert (study.closed_at, study.feedback_released_at) == (None, None)
    assert StudyMilestone.objects.count() == 0
    AnalysisRun.objects.exclude(pk=elsewhere.pk).update(state=AnalysisRun.State.DONE)
    assert close_study(study=study, by=owner, release_feedback=False).closed_at is not None


def test_a_cancelled_run_keeps_no_study_open() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    cancel_run(start_run(make_session(make_participant(study))))
    close_study(study=study, by=owner, release_feedback=False)
    assert code_of(close_study, study=study, by=owner, release_feedback=False) == "closed_already"


def test_students_without_a_group_and_a_sealed_design_are_said_and_do_not_hinder() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    unconfirmed = make_class(study, 3)[0]
    unconfirmed.eligibility = Participant.Eligibility.UNCONFIRMED
    unconfirmed.save()
    commit_plan(study=study, by=owner, design=Design(COMPLETE, {"a": 1, "b": 1}))
    said = left_undone(study)
    assert said[0].startswith("Students without a group: 2.")
    assert said[1].endswith("never confirmed: 1.")
    assert "sealed design is still open" in said[2]
    close_study(study=study, by=owner, release_feedback=False)


# What a closed study refuses


def test_a_closed_study_takes_no_student() -> None:
    study = closed_study()
    assert code_of(enrol, study=study, user=make_user(), year_of_study=2) == "study_closed"
    with pytest.raises(StudyError) as caught:
        enrol_class(study=study, lines=parse_class_list("Alma Bekova, alma, 2"))
    assert "closed" in next(iter(caught.value.lines.values()))  # type: ignore[attr-defined]
    invitation = invite(study=study, by=make_user(), uses_max=1, days=1)
    assert code_of(join, invitation=invitation, user=make_user(), year_of_study=2) == "study_closed"
    found = preview(study=study, by=make_user(), raw=b"name,user name,year\nAlma Bekova,alma,2\n")
    assert code_of(enrol_rows, found=found, by=make_user()) == "study_closed"
    assert study.participants.count() == 4


def test_a_closed_study_draws_and_moves_nobody() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    plan = commit_plan(study=study, by=owner, design=Design(COMPLETE, {"a": 1, "b": 1}))
    make_class(study, 2)
    assign_waiting(plan=plan, by=owner)
    make_participant(study)
    close_study(study=study, by=owner, release_feedback=False)
    assert code_of(assign_waiting, plan=plan, by=owner) == "study_closed"
    assert code_of(allocate_arms, study=study, by=owner) == "study_closed"
    assert code_of(commit_plan, study=study, by=owner, design=Design(COMPLETE, {"a": 1, "b": 1})) == "study_closed"
    row = study.participants.filter(arm__key="a").get()
    other = study.arms.get(key="b")
    assert code_of(move_to_arm, participant=row, arm=other, by=owner, reason="late") == "study_closed"


def test_a_closed_study_takes_no_lesson_but_still_an_injury() -> None:
    """What hurt is written down whenever it is known: safety ends with no study."""
    study = closed_study()
    participant, today = study.participants.all()[0], timezone.localdate()
    lesson = {"held_on": today, "minutes": 90, "rows": [Attended(participant)]}
    assert code_of(log_lesson, study=study, by=make_user(), **lesson) == "study_closed"
    assert TrainingSession.objects.count() == 0
    log_injury(participant=participant, occurred_on=today, region="knee", by=make_user())
    assert participant.injuries.count() == 1


def test_a_closed_study_keeps_no_film_but_the_row_that_says_so() -> None:
    study = closed_study()
    participant = study.participants.all()[0]
    session = submit_video(
        participant=participant, uploaded_by=None, file=film_file(MP4_HEAD, "set.mp4"), name="set.mp4"
    )
    assert (session.rejected_code, session.video) == ("study_closed", "")
    with pytest.raises(RefusedError) as caught:
        begin(participant=participant, uploaded_by=participant.user, name="set.mp4", size=1000, mark="")
    assert caught.value.code == "study_closed"
    assert PendingUpload.objects.count() == 0


def test_the_upload_page_of_a_closed_study_tells_why(client: Client) -> None:
    personas = make_personas()
    close_study(study=personas.study, by=personas.owner, release_feedback=False)
    client.force_login(personas.student)
    about = {"participant": personas.participant.pk, "file": film_file(MP4_HEAD, "set.mp4")}
    page = client.post(reverse("coaching:upload"), about)
    assert page.status_code == 422
    assert "This study is closed" in page.content.decode()
    assert Session.objects.get().rejected_code == "study_closed"


def test_a_closed_study_analyses_and_reviews_nothing_anew(client: Client) -> None:
    personas = make_personas()
    session = make_session(personas.participant)
    assessment = make_result(session)
    close_study(study=personas.study, by=personas.owner, release_feedback=False)
    runs = AnalysisRun.objects.count()
    client.force_login(personas.owner)
    client.post(reverse("coaching:run-again", args=[session.pk]))
    assert AnalysisRun.objects.count() == runs
    opinion = Opinion("correct", (), 1.0, 2.5, 4.0)
    with pytest.raises(ReviewRefused) as caught:
        review_repetition(assessment=assessment, number=1, by=personas.owner, opinion=opinion)
    assert caught.value.code == "study_closed"
    assert "closed" in str(caught.value.advice)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share no in-memory database")
@pytest.mark.django_db(transaction=True)
def test_nothing_slips_in_while_somebody_closes_the_study() -> None:
    """Of lessons logged at the moment of closing each is either in before it or refused; none is later."""
    owner = make_user()
    study = make_study(owner=owner)
    students = make_class(study, 4, allocate=True)
    together, today = Barrier(5), timezone.localdate()

    def act(number: int) -> str:
        try:
            together.wait()
            if number == 4:
                close_study(study=study, by=owner, release_feedback=False)
            else:
                here = [Attended(students[number])]
                log_lesson(study=study, by=owner, held_on=today, minutes=90, rows=here)
        except StudyError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(5) as pool:
        *lessons, closing = pool.map(act, range(5))
    assert closing == "done"
    assert set(lessons) <= {"done", "study_closed"}
    actions = list(AuditEntry.objects.filter(study=study).order_by("number").values_list("action", flat=True))
    assert actions[-1] == "study closed"
    assert actions.count("lesson logged") == lessons.count("done") == TrainingSession.objects.count()


# Feedback, and the way back


def test_closing_releases_the_feedback_only_when_that_is_chosen() -> None:
    owner = make_user()
    for chosen in (True, False):
        study = make_study(owner=owner)
        control = make_participant(study, arm=study.arms.get(key="b"))
        close_study(study=study, by=owner, release_feedback=chosen)
        control = Participant.objects.select_related("study", "arm").get(pk=control.pk)
        assert control.receives_ai_feedback is chosen
        kinds = list(study.milestones.order_by("pk").values_list("kind", flat=True))
        assert kinds == (["closed", "released"] if chosen else ["closed"])


def test_a_release_that_was_planned_for_later_happens_now() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    study.feedback_released_at = timezone.now() + dt.timedelta(days=30)
    study.save()
    released = release_feedback(study=study, by=owner)
    assert released.feedback_released_at is not None
    assert released.feedback_released_at <= timezone.now()
    assert code_of(release_feedback, study=study, by=owner) == "released_already"


def test_a_study_is_opened_again_with_a_reason_and_the_feedback_stays_released() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    assert code_of(reopen_study, study=study, by=owner, reason="x") == "not_closed"
    close_study(study=study, by=owner, release_feedback=True)
    assert code_of(reopen_study, study=study, by=owner, reason=" ") == "reason_missing"
    reopen_study(study=study, by=owner, reason="Two students were ill.")
    enrol(study=study, user=make_user(), year_of_study=2)
    study.refresh_from_db()
    assert study.feedback_released_at is not None
    actions = AuditEntry.objects.filter(study=study).order_by("number").values_list("action", flat=True)
    assert list(actions) == ["study closed", "feedback released", "study opened again", "student enrolled"]
    assert not AuditEntry.objects.filter(payload__icontains="ill").exists()


def test_the_page_closes_shows_what_hinders_and_opens_again(client: Client) -> None:
    personas = make_personas()
    url = reverse("studies:close", args=[personas.study.pk])
    run = start_run(make_session(personas.participant))
    client.force_login(personas.owner)
    assert "1 film is still waiting" in client.get(url).content.decode()
    assert client.post(url, {"sure": "on"}).status_code == 422
    AnalysisRun.objects.filter(pk=run.pk).update(state=AnalysisRun.State.DONE)
    assert client.post(url, {"release_feedback": "on"}).status_code == 422  # not said to be sure
    assert client.post(url, {"sure": "on", "reason": "As planned."}).status_code == 302
    page = client.get(url).content.decode()
    assert "As planned." in page
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Make-up lesson."}).status_code == 302
    personas.study.refresh_from_db()
    assert (personas.study.closed_at, personas.study.feedback_released_at) == (None, None)


def test_programs_close_open_and_release(client: Client) -> None:
    personas = make_personas()
    client.force_login(personas.owner)

    def post(route: str, body: object) -> Any:
        return client.post(reverse(route, args=[personas.study.pk]), body, content_type="application/json")

    assert post("study-close", {}).status_code == 400
    assert post("study-close", {"release_feedback": False}).json()["closed_at"] is not None
    assert post("study-close", {"release_feedback": False}).json()["code"] == "closed_already"
    assert post("study-reopen", {"reason": "Ill."}).json()["closed_at"] is None
    assert post("study-release", {"sure": False}).status_code == 400
    assert post("study-release", {"sure": True}).json()["feedback_released_at"] is not None
