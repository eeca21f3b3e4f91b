"""What students agree to, what a new version asks, what guardians sign, and what every answer does."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from analysis.datasets import load_dataset
from coaching import media, resumable
from coaching.access import sees_film
from coaching.models import AnalysisRun, PendingUpload, Session
from coaching.receiving import receive_slice
from coaching.services import start_run
from studies import audit
from studies.blinding import open_arms
from studies.consent import pdf, services
from studies.consent.scopes import SCOPES
from studies.consent.selectors import allows, counts_of, to_answer
from studies.consent.services import Answer
from studies.consent.texts import publish, save_draft, save_policy
from studies.errors import StudyError
from studies.models import AuditEntry, ConsentRecord, ConsentStatus, ConsentText, DeletionProof, Membership
from studies.services import ArmSpec, create_study, enrol
from tests.factory import make_measurement, make_outcome, make_participant, make_staff, make_study, make_user
from tests.studies.consent.people import FILM, agree, analysed, asking_study, student_of, upload, write

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

pytestmark = pytest.mark.django_db

ALL = list(SCOPES)


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.BROKER_DIR = tmp_path / "broker"
    settings.PRIVACY_KEY_FILE = tmp_path / "privacy_key"


def code_of(act: Any, **kwargs: Any) -> str:
    with pytest.raises(StudyError) as caught:
        act(**kwargs)
    return caught.value.code


# The text


def test_publishing_freezes_a_version_and_the_next_one_asks_everybody_again() -> None:
    study, owner, first = asking_study()
    student = student_of(study)
    agree(student, first)
    assert to_answer(student.user) == []
    second = write(study, owner, first.body + "\n\nOne more thing that you should know.")
    first.refresh_from_db()
    assert (first.version, second.version) == (1, 2)
    assert "One more thing" not in first.body
    assert to_answer(student.user) == [student]
    assert allows(student, "research"), "the earlier answer counts until the new text is answered"
    assert code_of(services.decline, participant=student, text=first, by=student.user) == "not_current"


def test_the_same_text_is_not_published_twice() -> None:
    study, owner, text = asking_study()
    save_draft(study=study, by=owner, title=text.title, body=text.body, scopes=text.scopes, seen_edits=0)
    assert code_of(publish, study=study, by=owner) == "nothing_new"


def test_two_owners_who_edit_one_draft_lose_nothing() -> None:
    study, owner, text = asking_study()
    save_draft(study=study, by=owner, title="Mine", body=text.body, scopes=[], seen_edits=0)
    late = {"title": "Theirs", "body": text.body, "scopes": [], "seen_edits": 0}
    assert code_of(save_draft, study=study, by=owner, **late) == "changed_meanwhile"
    assert study.consent_texts.get(published_at=None).title == "Mine"


def test_two_owners_who_change_the_promises_lose_nothing() -> None:
    study, owner, _text = asking_study()
    save_policy(study=study, by=owner, seen_version=1, values={"contact": "First"})
    late = {"seen_version": 1, "values": {"contact": "Second"}}
    assert code_of(save_policy, study=study, by=owner, **late) == "changed_meanwhile"
    assert (
        code_of(save_policy, study=study, by=owner, seen_version=2, values={"video_days": 90, "pose_days": 30})
        == "order_of_classes"
    )


# Answers


def test_an_answer_holds_what_was_agreed_and_no_name_that_can_be_read() -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    record = agree(student, text, ["research", "video_kept"])
    assert record.scopes == ["research", "video_kept"]
    status = ConsentStatus.objects.get(participant=student)
    assert [key for key in ALL if getattr(status, key)] == ["research", "video_kept"]
    assert student.user.last_name.encode() not in bytes(record.sealed)
    assert services.opened(record)["name"] == student.user.get_full_name()
    payloads = json.dumps(list(AuditEntry.objects.filter(study=study).values_list("payload", flat=True)))
    assert student.user.last_name not in payloads


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(("video_kept",), "Right Name"), "research_missing"),
        (Answer(("research",), " "), "name_missing"),
        (Answer(("research",), "Somebody Else"), "name_differs"),
    ],
)
def test_an_answer_that_is_not_whole_is_refused_and_nothing_is_written(answer: Answer, code: str) -> None:
    study, _owner, text = asking_study()
    student = make_participant(study, user=make_user(first_name="Right", last_name="Name"))
    assert code_of(services.give, participant=student, text=text, by=student.user, answer=answer) == code
    assert not ConsentRecord.objects.exists()


def test_the_copy_is_stored_sealed_and_its_hash_is_of_what_the_student_gets() -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    record = agree(student, text)
    plain = pdf.copy_of(record)
    assert plain.startswith(b"%PDF")
    assert hashlib.sha256(plain).hexdigest() == record.pdf_sha256
    with default_storage.open(record.pdf) as handle:
        assert not handle.read().startswith(b"%PDF")


def test_a_copy_of_somebody_else_is_not_accepted() -> None:
    study, _owner, text = asking_study()
    mine, theirs = agree(student_of(study), text), agree(student_of(study), text)
    ConsentRecord.objects.filter(pk=mine.pk).update(pdf=theirs.pdf)
    mine.refresh_from_db()
    assert code_of(pdf.read, record=mine) == "unreadable"


def test_what_was_typed_is_no_markup_in_the_copy() -> None:
    study, _owner, text = asking_study()
    user = make_user(first_name="#panic(1)", last_name="*$[*")
    student = make_participant(study, user=user)
    answer = Answer(("research",), user.get_full_name(), timezone.localdate() - dt.timedelta(days=30 * 365))
    record = services.give(participant=student, text=text, by=user, answer=answer)
    assert pdf.copy_of(record).startswith(b"%PDF")


def test_staff_countersign_once() -> None:
    study, owner, text = asking_study()
    record = agree(student_of(study), text)
    services.countersign(record=record, by=owner)
    record.refresh_from_db()
    assert record.countersigned_by == owner
    assert code_of(services.countersign, record=record, by=owner) == "not_to_countersign"


# Minors


@pytest.mark.parametrize(("age", "minor"), [(15, True), (16, False), (17, False)])
def test_who_is_under_the_studys_age_waits_for_the_guardian(age: int, minor: bool) -> None:
    study, _owner, text = asking_study(age=16)
    student = student_of(study, age=age)
    record = agree(student, text)
    assert (record.kind == "assent") is minor
    assert allows(student, "research") is not minor


def test_a_birthday_that_was_yesterday_counts_and_tomorrows_does_not() -> None:
    study, _owner, _text = asking_study(age=18)
    student, today = student_of(study, age=None), timezone.localdate()
    eighteen = today.replace(year=today.year - 18, day=min(today.day, 28))
    assert not services.is_minor(student, eighteen - dt.timedelta(days=1))
    assert services.is_minor(student, eighteen + dt.timedelta(days=4))
    assert code_of(services.is_minor, participant=student, born_on=None) == "age_missing"
    assert code_of(services.is_minor, participant=student, born_on=dt.date(1800, 1, 1)) == "bad_birth_date"


def test_the_guardians_signature_brings_into_force_what_the_student_asked() -> None:
    study, _owner, text = asking_study()
    student = student_of(study, age=15)
    assent = agree(student, text, ["research", "teaching"])
    assert upload(student).rejected_code == "no_consent"
    token = services.guardian_token(assent)
    signed = services.guardian_signs(token=token, typed_name="Dina Bekova", relation="mother")
    assert (signed.kind, signed.scopes) == ("given", ["research", "teaching"])
    sealed = services.opened(signed)
    assert (sealed["name"], sealed["guardian"]) == (student.user.get_full_name(), "Dina Bekova")
    assert upload(student).rejected_code == ""
    assert code_of(services.guardian_signs, token=token, typed_name="Again", relation="") == "link_over"


def test_a_guardians_link_is_worth_nothing_when_changed_taken_back_or_old(settings: Settings) -> None:
    study, _owner, text = asking_study()
    student = student_of(study, age=15)
    token = services.guardian_token(agree(student, text))
    assert code_of(services.assent_of, token=token[:-2] + "xx") == "link_unknown"
    services.withdraw(participant=student, by=student.user, scopes=ALL)
    assert code_of(services.assent_of, token=token) == "link_over"


def test_a_guardians_no_is_a_no() -> None:
    study, _owner, text = asking_study()
    student = student_of(study, age=15)
    services.guardian_declines(token=services.guardian_token(agree(student, text)))
    assert ConsentStatus.objects.get(participant=student).kind == "declined"
    assert not allows(student, "research")


# What follows


def test_a_new_study_takes_no_film_before_consent_and_an_old_one_does() -> None:
    owner, user = make_user(), make_user()
    study = create_study(owner=owner, title="New", arms=[ArmSpec("a", "A"), ArmSpec("b", "B")])
    new = enrol(study=study, user=user, year_of_study=2)
    refused = upload(new)
    assert (refused.rejected_code, refused.video) == ("no_consent", "")
    assert upload(make_participant(make_study())).rejected_code == ""


def test_who_said_no_is_in_no_analysis_and_is_listed() -> None:
    study, _owner, text = asking_study()
    arm = study.arms.get(key="a")
    outcome = make_outcome(study)
    yes, no, silent, back = (student_of(study, arm=arm) for _student in range(4))
    for value, student in enumerate((yes, no, silent, back)):
        make_measurement(outcome, student, float(value))
    agree(yes, text)
    services.decline(participant=no, text=text, by=no.user)
    agree(back, text)
    services.withdraw(participant=back, by=back.user, scopes=["research"])
    data = load_dataset(outcome, open_arms(study))
    assert data.arms[0].codes == (yes.code,)
    reasons = {row.code: row.reason for row in data.exclusions}
    assert reasons == {no.code: "no_consent", silent.code: "no_consent", back.code: "withdrawn"}


def test_a_study_that_asks_for_nothing_leaves_out_who_took_back_alone() -> None:
    study, _owner, text = asking_study()
    study.privacy.consent_required = False
    study.privacy.save()
    silent, back = student_of(study), student_of(study)
    agree(back, text)
    services.withdraw(participant=back, by=back.user, scopes=["research"])
    assert (allows(silent, "research"), allows(back, "research")) == (True, False)


def test_taking_back_films_deletes_them_with_a_proof_and_leaves_the_measurements() -> None:
    study, _owner, text = asking_study(backup_days=40)
    student = student_of(study)
    agree(student, text)
    session = upload(student)
    made = analysed(session)
    effect = services.effect_of(student, ["video_kept"])
    assert (effect.films, effect.scopes) == (3, ["video_kept"])
    assert Session.objects.get(pk=session.pk).video, "asking what would happen changes nothing"
    services.withdraw(participant=student, by=student.user, scopes=["video_kept"])
    session.refresh_from_db()
    made.refresh_from_db()
    assert (session.video, made.overlay, made.poster) == ("", "", "")
    assert default_storage.exists(made.series)
    assert default_storage.exists(made.arrays)
    proof = DeletionProof.objects.get()
    assert (proof.count, proof.codes, proof.cause) == (3, [student.code], "withdrawn")
    assert hashlib.sha256(FILM).hexdigest() in proof.files
    assert proof.backups_gone_on == timezone.localdate() + dt.timedelta(days=40)
    assert default_storage.listdir("video")[1] == []
    assert upload(student, FILM + b"another").rejected_code == ""
    assert audit.verify(study.pk).broken_at is None


def test_taking_back_the_study_takes_back_everything_and_stops_analyses() -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    agree(student, text)
    session = upload(student)
    run = start_run(session)
    services.withdraw(participant=student, by=student.user, scopes=["research"])
    run.refresh_from_db()
    session.refresh_from_db()
    assert (run.state, session.video) == (AnalysisRun.State.CANCELLED, "")
    status = ConsentStatus.objects.get(participant=student)
    assert (status.kind, [key for key in ALL if getattr(status, key)]) == ("withdrawn", [])
    assert upload(student, FILM + b"more").rejected_code == "no_consent"


def test_a_film_in_analysis_stays_until_that_is_over_when_only_keeping_is_taken_back() -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    agree(student, text)
    session = upload(student)
    start_run(session)
    services.withdraw(participant=student, by=student.user, scopes=["video_kept"])
    session.refresh_from_db()
    assert session.video


def test_a_withdrawal_in_the_middle_of_an_upload_removes_what_came_and_refuses_the_rest() -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    agree(student, text)
    pending = resumable.begin(participant=student, uploaded_by=student.user, name="me.mp4", size=len(FILM), mark="")
    assert receive_slice(pending, 0, io.BytesIO(FILM[:100])) is None
    services.withdraw(participant=student, by=student.user, scopes=["research"])
    assert not PendingUpload.objects.exists()
    got = receive_slice(pending, 100, io.BytesIO(FILM[100:]))
    assert got is not None
    assert (got.code, got.http_status) == ("no_consent", 403)
    assert Session.objects.exclude(video="").count() == 0
    assert not media.pending_folder(pending.pk).exists()


def test_staff_do_not_see_films_of_who_does_not_want_to_be_seen() -> None:
    study, owner, text = asking_study()
    instructor = make_staff(study, Membership.Role.INSTRUCTOR)
    hidden, seen = student_of(study), student_of(study)
    agree(hidden, text, ["research", "video_kept"])
    agree(seen, text)
    for user, expected in ((instructor, False), (owner, False), (hidden.user, True)):
        assert sees_film(user, upload_of(hidden)) is expected
    assert sees_film(instructor, upload_of(seen))


def upload_of(student: Any) -> Session:
    return student.sessions.first() or upload(student, FILM + student.code.encode())


def test_the_audit_tells_nobody_who_agreed_or_took_back() -> None:
    study, _owner, text = asking_study()
    student, other = student_of(study), student_of(study)
    agree(student, text)
    services.decline(participant=other, text=text, by=other.user)
    upload(student)
    services.withdraw(participant=student, by=student.user, scopes=["research"])
    entries = AuditEntry.objects.filter(study=study).order_by("number")
    assert [row.action for row in entries][-4:] == ["consent answered"] * 3 + ["files deleted"]
    for row in entries:
        assert row.actor_id not in {student.user_id, other.user_id}, row.action
        assert {student.code, other.code}.isdisjoint({row.subject, *row.payload.get("codes", [])}), row.action
    assert DeletionProof.objects.get().codes == [student.code]


def test_counts_are_of_the_newest_answers() -> None:
    study, _owner, text = asking_study()
    one, two, _silent = (student_of(study) for _student in range(3))
    agree(one, text)
    agree(two, text, ["research"])
    services.withdraw(participant=one, by=one.user, scopes=["teaching"])
    counts = counts_of(study)
    assert (counts.states["given"], counts.states[""], counts.students) == (2, 1, 3)
    assert (counts.scopes["research"], counts.scopes["video_kept"], counts.scopes["teaching"]) == (2, 1, 0)


def test_there_is_nothing_to_take_back_twice() -> None:
    study, _owner, text = asking_study()
    student = student_of(study)
    act: dict[str, Any] = {"participant": student, "by": student.user}
    assert code_of(services.withdraw, **act, scopes=ALL) == "nothing_to_withdraw"
    agree(student, text, ["research"])
    assert code_of(services.withdraw, **act, scopes=["teaching"]) == "nothing_to_withdraw"
    services.withdraw(**act, scopes=ALL)
    assert code_of(services.withdraw, **act, scopes=ALL) == "nothing_to_withdraw"
    assert ConsentText.objects.count() == 1
