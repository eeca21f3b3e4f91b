"""After an erasure no byte of name, e-mail, user name or film is left; the draw and the audit still verify."""

from __future__ import annotations

import datetime as dt
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings as project
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from coaching.models import RepetitionReview, Session
from coaching.services import start_run
from studies import audit
from studies.access import record_access
from studies.allocation import allocate_arms
from studies.consent import pdf, services
from studies.errors import StudyError
from studies.injuries.services import log_injury
from studies.jobs.services import run as run_job
from studies.jobs.services import start
from studies.models import (
    AuditEntry,
    ConsentRecord,
    DeletionProof,
    ErasureRequest,
    Injury,
    Job,
    Measurement,
    Membership,
    Participant,
    ParticipantKey,
    TrainingSession,
    User,
)
from studies.privacy import erasure, keys
from studies.privacy.erasure import month_after
from studies.roster.imports import preview
from studies.screening import log_not_enrolled, screen
from tests.factory import (
    make_measurement,
    make_outcome,
    make_participant,
    make_staff,
    make_study,
    make_training_session,
)
from tests.studies.consent.people import agree, analysed, asking_study, student_of, upload

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django import Settings

    from studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.BROKER_DIR = tmp_path / "broker"
    settings.PRIVACY_KEY_FILE = tmp_path / "privacy_key"


def a_term(client: Client) -> tuple[Study, User, Participant]:
    """A student about whom everything is stored that can be, with the name wherever people write names."""
    study, owner, text = asking_study()
    student = student_of(study, age=15)
    make_participant(study)
    user = student.user
    user.first_name, user.last_name, user.email = "Quirina", "Xylander", "quirina.xylander@example.org"
    user.username = "quirina_x"
    user.set_password("long enough for a test")
    user.save()
    preview(study=study, by=owner, raw=b"name,user name,year\nQuirina Xylander,quirina_x,nine\n")
    screen(participants=[student], by=owner, eligible=True, note="Xylander brought the form")
    assent = agree(student, text)
    services.guardian_signs(
        token=services.guardian_token(assent), typed_name="Ottilie Xylander", relation="mother of Quirina"
    )
    allocate_arms(study=study, by=owner, seed=1)
    student = Participant.objects.get(pk=student.pk)
    client.force_login(user)
    session = upload(student, name="Quirina Xylander deadlift.mp4")
    Session.objects.filter(pk=session.pk).update(note="Quirina, last set")
    made = analysed(session)
    times = {"start_s": 1.0, "lockout_s": 2.0, "end_s": 3.0}
    RepetitionReview.objects.create(
        session=session,
        assessment=made,
        number=1,
        reviewer=owner,
        decision="correct",
        note="Well done Xylander",
        **times,
    )
    log_injury(
        participant=student,
        occurred_on=timezone.localdate(),
        region="knee",
        by=owner,
        note="Quirina fell on the stairs",
    )
    make_training_session(student)
    make_measurement(make_outcome(study), student, 7.5)
    record_access(owner, student, "injuries")
    LogEntry.objects.create(
        user=owner,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr="quirina_x",
        action_flag=CHANGE,
        change_message="Changed Xylander",
    )
    start_run(session)
    own = start(kind="own-data", by=user, study=study, participant=student)
    run_job(own.pk)
    return study, owner, student


SECRETS = ("quirina", "xylander", "ottilie", "a film of nobody else")


def bytes_of_everything(tmp_path: Path) -> bytes:
    """Every value of every table, every file under media and incoming, in lower case; archives unpacked."""
    parts: list[bytes] = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")
            for row in cursor.fetchall():
                parts += [bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode() for cell in row]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            parts += [path.name.encode(), path.read_bytes()]
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    parts += [archive.read(name) for name in archive.namelist()]
    return b"\0".join(parts).lower()


def found_in(data: bytes) -> list[str]:
    return [secret for secret in SECRETS if secret.encode() in data]


def decided(student: Participant, by: User, decision: str) -> ErasureRequest:
    request = erasure.ask(participant=student, by=student.user)
    return erasure.decide(
        request=request, by=by, decision=decision, lawful_basis="Art. 17(1)(b)", reason="The student asked for it."
    )


@pytest.mark.parametrize("decision", ["all", "keep_values"])
def test_no_byte_of_the_student_is_left_anywhere(client: Client, tmp_path: Path, decision: str) -> None:
    study, owner, student = a_term(client)
    before = found_in(bytes_of_everything(tmp_path))
    assert before == ["quirina", "xylander", "a film of nobody else"], "what is sealed is sealed already"
    decided(student, owner, decision)
    export = start(kind="study-data", by=owner, study=study, params={"purpose": "archive", "audit": True})
    run_job(export.pk)
    export.refresh_from_db()
    assert export.state == Job.State.DONE
    assert found_in(bytes_of_everything(tmp_path)) == []


def test_the_database_file_itself_holds_no_byte_either(client: Client, tmp_path: Path) -> None:
    """The file as it would lie on the disk after the erasure, free pages and all."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's pages are its vacuum's; every row is looked at in the test above")
    study, owner, student = a_term(client)
    assert "xylander" in found_in(connection.connection.serialize().lower())
    decided(student, owner, "all")
    image = connection.connection.serialize().lower()
    assert study.title.lower().encode() in image
    assert found_in(image) == []


def test_the_audit_verifies_and_holds_the_erasure_with_its_proof(client: Client) -> None:
    study, owner, student = a_term(client)
    film = Session.objects.get(participant=student).sha256
    decided(student, owner, "all")
    assert audit.verify(study.pk).broken_at is None
    entry = AuditEntry.objects.get(study=study, action="participant erased")
    proof = DeletionProof.objects.get(study=study)
    assert entry.subject == student.code
    assert entry.payload["key_destroyed"] is True
    assert entry.payload["digests"] == [proof.digest]
    assert film in proof.files
    assert proof.count == entry.payload["files"] == 6


def test_erasing_everything_leaves_the_pseudonym_in_the_draw_and_no_value(client: Client) -> None:
    study, owner, student = a_term(client)
    decided(student, owner, "all")
    for model in (Session, Injury, TrainingSession, Measurement):
        assert not model._default_manager.filter(participant=student).exists(), model
    row = Participant.objects.select_related("user").get(pk=student.pk)
    assert row.code in study.allocation_lists.get().roster
    assert (row.user.get_full_name(), row.user.email, row.user.is_active) == ("", "", False)
    assert row.screening.get().outcome == "eligible"


def test_keeping_values_keeps_them_without_words_and_films(client: Client) -> None:
    _study, owner, student = a_term(client)
    decided(student, owner, "keep_values")
    assert Measurement.objects.get(participant=student).value == 7.5
    injury = Injury.objects.get(participant=student)
    assert (injury.region, injury.note) == ("knee", "")
    session = Session.objects.get(participant=student)
    assert (session.video, session.original_name, session.note) == ("", "", "")
    made = session.runs.exclude(assessment=None).get().assessment
    assert default_storage.exists(made.series)
    assert RepetitionReview.objects.get().note == ""
    assert not client.get("/").wsgi_request.user.is_authenticated, "signed out everywhere"


def test_what_was_sealed_can_not_be_read_any_more(client: Client) -> None:
    _study, owner, student = a_term(client)
    record = ConsentRecord.objects.filter(participant=student, kind="given").get()
    sealed = bytes(record.sealed)
    decided(student, owner, "all")
    record.refresh_from_db()
    assert bytes(record.sealed) == sealed, "append-only: the record stays"
    key = ParticipantKey.objects.get(participant=student)
    assert bytes(key.wrapped) == b""
    assert key.destroyed_at is not None
    for act in (lambda: services.opened(record), lambda: keys.shift_days(student)):
        with pytest.raises(StudyError, match="erased"):
            act()
    with pytest.raises(StudyError, match=r"no_pdf|erased"):
        pdf.copy_of(record)


def test_an_account_that_is_used_elsewhere_lets_go_of_this_study_only(client: Client) -> None:
    study, owner, student = a_term(client)
    user = student.user
    elsewhere = make_participant(make_study(), user=user)
    decided(student, owner, "all")
    user.refresh_from_db()
    student.refresh_from_db()
    assert (user.last_name, user.is_active) == ("Xylander", True)
    assert elsewhere.user == user
    assert student.user != user
    assert not study.participants.filter(user=user).exists()


def test_archives_that_were_made_before_go_too(client: Client) -> None:
    study, owner, student = a_term(client)
    export = start(kind="study-data", by=owner, study=study, params={"purpose": "archive"})
    run_job(export.pk)
    decided(student, owner, "all")
    export.refresh_from_db()
    assert (export.state, export.file) == (Job.State.EXPIRED, "")
    assert not Job.objects.filter(participant=student).exists()


def test_a_refusal_erases_nothing_and_is_on_record(client: Client) -> None:
    study, owner, student = a_term(client)
    made = decided(student, owner, "refused")
    student.user.refresh_from_db()
    assert student.user.last_name == "Xylander"
    assert (made.decision, made.decided_by, made.reason) == ("refused", owner, "The student asked for it.")
    actions = list(AuditEntry.objects.filter(study=study).order_by("number").values_list("action", flat=True))
    assert actions[-2:] == ["erasure asked for", "erasure decided"]


def test_a_decision_needs_a_basis_a_reason_without_the_name_and_comes_once() -> None:
    study = make_study()
    owner = make_staff(study, Membership.Role.OWNER)
    student = make_participant(study)
    request = erasure.ask(participant=student, by=student.user)
    good: dict[str, Any] = {"decision": "refused", "lawful_basis": "Art. 17(3)(d)", "reason": "It would end the study."}

    def code_of(**changed: Any) -> str:
        with pytest.raises(StudyError) as caught:
            erasure.decide(request=request, by=owner, **good | changed)
        return caught.value.code

    assert code_of(decision="perhaps") == "bad_decision"
    assert code_of(lawful_basis=" ") == "basis_missing"
    assert code_of(reason="no") == "reason_missing"
    assert code_of(reason=f"We talked with {student.user.last_name} about it.") == "name_in_reason"
    erasure.decide(request=request, by=owner, **good)
    assert code_of() == "decided_already"


def test_a_request_is_due_in_a_month_and_open_once() -> None:
    student = make_participant(make_study())
    request = erasure.ask(participant=student, by=student.user)
    assert request.due_on == month_after(timezone.localdate())
    with pytest.raises(StudyError, match="already_asked"):
        erasure.ask(participant=student, by=student.user)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (dt.date(2026, 1, 31), dt.date(2026, 2, 28)),
        (dt.date(2028, 1, 30), dt.date(2028, 2, 29)),
        (dt.date(2026, 12, 5), dt.date(2027, 1, 5)),
    ],
)
def test_a_month_ends_on_its_last_day_at_the_latest(day: dt.date, due: dt.date) -> None:
    assert month_after(day) == due


def test_erasing_twice_does_no_harm(client: Client) -> None:
    study, owner, student = a_term(client)
    decided(student, owner, "all")
    student.refresh_from_db()
    erasure.erase(participant=student, by=owner, keep_values=False, cause="erased")
    assert audit.verify(study.pk).broken_at is None


def test_others_of_the_study_are_untouched(client: Client) -> None:
    study, owner, student = a_term(client)
    other = study.participants.exclude(pk=student.pk).get()
    make_training_session(other)
    log_not_enrolled(study=study, by=owner, outcome="excluded", reason="other", note="moved away")
    name = other.user.last_name
    decided(student, owner, "all")
    other.refresh_from_db()
    assert other.user.last_name == name
    assert other.training_sessions.count() == 1
    assert study.screening.get(participant=None).note == "moved away"


def test_deleted_bytes_are_overwritten_on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only")
    assert "secure_delete=ON" in project.DATABASES["default"]["OPTIONS"]["init_command"]
