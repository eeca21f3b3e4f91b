"""Warned first, deleted when the time is over, proven afterwards: with the calendar turned by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.utils import timezone

from coaching.models import Assessment, Session
from studies import audit
from studies.consent import services
from studies.models import DeletionProof, Membership, RetentionWarning, TrainingSession
from studies.privacy.retention import keep_promises, kept_until
from tests.factory import make_participant, make_staff, make_study, make_training_session
from tests.studies.consent.people import FILM, agree, analysed, asking_study, student_of, upload

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

    from studies.models import Participant, Study

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 2)


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.BROKER_DIR = tmp_path / "broker"
    settings.PRIVACY_KEY_FILE = tmp_path / "privacy_key"


def filmed(student: Participant, *, on: dt.date, content: bytes = FILM) -> Assessment:
    session = upload(student, content)
    at = timezone.make_aware(dt.datetime.combine(on, dt.time(12)))
    Session.objects.filter(pk=session.pk).update(uploaded_at=at)
    return analysed(Session.objects.get(pk=session.pk))


def after(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


@pytest.fixture
def study() -> Study:
    """Films for 100 days, landmarks for 300, told 14 days before; the owner and the officer have addresses."""
    made, owner, _text = asking_study(video_days=100, pose_days=300, warn_days=14)
    officer = make_staff(made, Membership.Role.OFFICER)
    for user, address in ((owner, "owner@example.org"), (officer, "officer@example.org")):
        user.email = address
        user.save()
    return made


def test_a_film_goes_after_its_days_and_its_landmarks_later(study: Study) -> None:
    student = student_of(study)
    agree(student, study.consent_texts.get())
    made = filmed(student, on=TODAY)
    film = Session.objects.get(participant=student)
    seen: list[tuple[int, tuple[bool, bool, bool]]] = []
    for day in (*range(0, 99, 7), *range(78, 110), *range(110, 280, 10), *range(280, 301)):
        keep_promises(after(day))
        film.refresh_from_db()
        made.refresh_from_db()
        state = (bool(film.video), bool(made.overlay), bool(made.arrays))
        if not seen or seen[-1][1] != state:
            seen.append((day, state))
    assert seen == [(0, (True, True, True)), (100, (False, False, True)), (300, (False, False, False))]
    assert [
        path for kind in ("video", "overlay", "arrays", "series") for path in default_storage.listdir(kind)[1]
    ] == []
    proofs = DeletionProof.objects.filter(study=study).order_by("pk")
    assert [(proof.retention, proof.count, proof.cause) for proof in proofs] == [
        ("video", 3, "expired"),
        ("pose", 2, "expired"),
    ]
    assert hashlib.sha256(FILM).hexdigest() in proofs[0].files
    assert audit.verify(study.pk).broken_at is None


def test_staff_are_told_before_once_a_week_at_most(study: Study) -> None:
    student = student_of(study)
    agree(student, study.consent_texts.get())
    filmed(student, on=TODAY)
    filmed(student, on=after(3), content=FILM + b"second")
    for day in (*range(0, 70, 10), *range(70, 104)):
        keep_promises(after(day))
    warnings = RetentionWarning.objects.filter(study=study, retention="video")
    assert [row.told_on for row in warnings] == [after(87), after(79)], "of each film once"
    assert len(mail.outbox) == 2
    assert sorted(mail.outbox[0].to) == ["officer@example.org", "owner@example.org"]
    assert "3 films and pictures" in mail.outbox[0].body


def test_nothing_goes_of_which_nobody_was_told(study: Study) -> None:
    """Somebody shortens the time: what is over already goes after a warning, not at once."""
    student = student_of(study)
    agree(student, study.consent_texts.get())
    filmed(student, on=after(-500))
    film = Session.objects.get(participant=student)
    gone = []
    for day in range(20):
        keep_promises(after(day))
        film.refresh_from_db()
        gone.append(not film.video)
    assert gone.index(True) == 14


def test_a_shorter_promise_is_announced_anew(study: Study) -> None:
    student = student_of(study)
    agree(student, study.consent_texts.get())
    filmed(student, on=TODAY)
    for day in range(75, 81):
        keep_promises(after(day))
    assert RetentionWarning.objects.count() == 1
    study.privacy.video_days = 80
    study.privacy.save()
    film = Session.objects.get(participant=student)
    gone = []
    for day in range(81, 100):
        keep_promises(after(day))
        film.refresh_from_db()
        gone.append(not film.video)
    assert 81 + gone.index(True) == 95, "fourteen days after it was said"


def test_films_that_were_not_to_be_kept_go_when_no_analysis_needs_them(study: Study) -> None:
    student = student_of(study)
    agree(student, study.consent_texts.get(), ["research"])
    made = filmed(student, on=TODAY)
    run = made.run
    run.state = "running"
    run.save()
    assert keep_promises(TODAY).files == 2, "its pictures"
    assert Session.objects.get(participant=student).video
    run.state = "done"
    run.save()
    assert keep_promises(TODAY).files == 1
    assert not Session.objects.get(participant=student).video
    assert {proof.cause for proof in DeletionProof.objects.all()} == {"not_kept"}
    made.refresh_from_db()
    assert made.arrays


def test_a_study_without_promises_deletes_nothing() -> None:
    student = student_of(make_study())
    filmed(student, on=after(-5000))
    assert keep_promises(TODAY).files == 0
    assert Session.objects.get(participant=student).video


def test_a_student_who_took_films_back_in_a_study_without_promises_is_obeyed() -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    agree(student, text)
    study.privacy.delete()
    services.withdraw(participant=student, by=student.user, scopes=["video_kept"])
    filmed(student, on=TODAY)
    assert keep_promises(TODAY).files == 3


def test_records_go_with_the_people_long_after_the_study(study: Study) -> None:
    study.ends_on = TODAY
    study.save()
    study.privacy.record_days = 400
    study.privacy.save()
    student = make_participant(study)
    make_training_session(student)
    name = student.user.last_name
    gone = []
    for day in (*range(0, 380, 20), *range(380, 410)):
        keep_promises(after(day))
        gone.append(not TrainingSession.objects.filter(participant=student).exists())
    assert (*range(0, 380, 20), *range(380, 410))[gone.index(True)] == 400
    student.refresh_from_db()
    assert student.user.last_name != name
    told = RetentionWarning.objects.get(study=study, retention="records")
    assert (told.told_on, told.count) == (after(386), 1)


def test_the_day_that_the_student_reads_is_the_day_that_is_kept(study: Study) -> None:
    made = timezone.make_aware(dt.datetime.combine(TODAY, dt.time(23, 59)))
    assert kept_until(study.privacy, "video", made) == after(100)
    assert kept_until(study.privacy, "pose", made) == after(300)
