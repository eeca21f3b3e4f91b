"""The whole study by pseudonym, and a student's own archive: what is in them, and what is not."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import default_storage

from studies.consent import services
from studies.jobs.services import run as run_job
from studies.jobs.services import start
from studies.models import AuditEntry, Baseline, Injury, Job, Membership
from studies.privacy import keys
from studies.privacy.fields import tables
from tests.factory import make_injury, make_staff, make_training_session
from tests.studies.consent.people import FILM, agree, analysed, asking_study, student_of, upload

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

    from studies.models import Participant, Study, User

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 3, 5)


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.INCOMING_DIR = settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.BROKER_DIR = tmp_path / "broker"
    settings.PRIVACY_KEY_FILE = tmp_path / "privacy_key"


class Zip:
    """A finished archive: names without its folder, and contents."""

    def __init__(self, job: Job) -> None:
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error_code
        with default_storage.open(job.file) as handle, zipfile.ZipFile(io.BytesIO(handle.read())) as archive:
            self.parts = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}

    def table(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.parts[name].decode(), newline="")))

    def document(self, name: str) -> Any:
        return json.loads(self.parts[name])


def exported(study: Study, by: User, **params: Any) -> Zip:
    job = start(kind="study-data", by=by, study=study, params={"purpose": "analysis"} | params)
    run_job(job.pk)
    return Zip(job)


def own(student: Participant) -> Zip:
    job = start(kind="own-data", by=student.user, study=student.study, participant=student)
    run_job(job.pk)
    return Zip(job)


@pytest.fixture
def term() -> tuple[Study, User, Participant, Participant, Participant]:
    """Two who agree (the second shares no pose data), one who took it back; each with a lesson and an injury."""
    study, owner, text = asking_study()
    students = [student_of(study, age=19, arm=study.arms.get(key=key)) for key in "aba"]
    for student in students:
        agree(student, text, ["research", "video_kept", "pose_shared"][: 2 if student == students[1] else 3])
        make_training_session(student, held_on=DAY)
        make_injury(student, occurred_on=DAY + dt.timedelta(days=9), note=f"{student.user.last_name} slipped")
        analysed(upload(student, FILM + student.code.encode()))
    services.withdraw(participant=students[2], by=students[2].user, scopes=["research"])
    for student in students:
        student.refresh_from_db()
    return study, owner, students[0], students[1], students[2]


def test_every_table_is_in_it_by_code_and_who_took_back_is_in_none(term: Any) -> None:
    study, owner, one, two, back = term
    archive = exported(study, owner, pose=True)
    for table in tables():
        if table.label != "studies.ConsentRecord":
            codes = {row["participant_code"] for row in archive.table(f"tables/{table.name}.csv")}
            assert codes <= {one.code, two.code}, table.name
    people = archive.table("tables/studies_participant.csv")
    assert {row["code"] for row in people} == {one.code, two.code}
    whole = b"".join(archive.parts.values())
    assert back.code.encode() not in whole
    for student in (one, two, back):
        for secret in (student.user.last_name, student.user.username, student.user.email, "me.mp4", "slipped"):
            assert secret.encode() not in whole


def test_dates_are_shifted_by_a_number_of_days_that_is_the_persons_own(term: Any) -> None:
    study, owner, one, two, _back = term
    lessons = exported(study, owner).table("tables/studies_trainingsession.csv")
    injuries = exported(study, owner).table("tables/studies_injury.csv")
    shifts = {}
    for student in (one, two):
        held = next(row["held_on"] for row in lessons if row["participant_code"] == student.code)
        hurt = next(row["occurred_on"] for row in injuries if row["participant_code"] == student.code)
        shifts[student.code] = (DAY - dt.date.fromisoformat(held)).days
        assert (dt.date.fromisoformat(hurt) - dt.date.fromisoformat(held)).days == 9
        assert shifts[student.code] == keys.shift_days(student)
        assert 7 <= shifts[student.code] <= 364
    assert shifts[one.code] != shifts[two.code] or keys.shift_days(one) == keys.shift_days(two)


def test_every_sum_fits_and_every_column_is_in_the_dictionary(term: Any) -> None:
    study, owner, *_students = term
    archive = exported(study, owner, pose=True, audit=True)
    lines = archive.parts["SHA256SUMS"].decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert set(sums) == set(archive.parts) - {"SHA256SUMS"}
    assert {name: hashlib.sha256(data).hexdigest() for name, data in archive.parts.items() if name in sums} == sums
    described = {(row["table"], row["column"]): row for row in archive.table("dictionary.csv")}
    for name in (name for name in archive.parts if name.startswith("tables/")):
        table = name.removeprefix("tables/").removesuffix(".csv")
        for column in archive.parts[name].decode().splitlines()[0].split(","):
            assert described[table, column]["left_out"] == "", (table, column)
    assert described["studies_injury", "note"]["left_out"].startswith("free text")
    assert described["studies_participant", "user_id"]["left_out"] == "an account"
    assert archive.document("metadata.json")["rows"]["studies_injury"] == 2


def test_pose_data_are_of_those_who_share_them_and_only_when_asked_for(term: Any) -> None:
    study, owner, one, _two, _back = term
    assert not [name for name in exported(study, owner).parts if name.startswith("pose/")]
    poses = [name for name in exported(study, owner, pose=True).parts if name.startswith("pose/")]
    assert len(poses) == 2
    assert all(name.startswith(f"pose/{one.code}-") for name in poses)


def test_who_exported_what_and_why_is_in_the_audit(term: Any) -> None:
    study, owner, *_students = term
    exported(study, owner, pose=True)
    entry = AuditEntry.objects.filter(study=study, action="study data").latest("number")
    assert (entry.actor, entry.kind) == (owner, "exported")
    assert entry.payload["purpose"] == "analysis"
    assert entry.payload["students"] == 2
    assert "studies_injury.region" in entry.payload["columns"]
    assert "studies_injury.note" not in entry.payload["columns"]


def test_the_audit_goes_to_the_owner_only(term: Any) -> None:
    study, owner, *_students = term
    researcher = make_staff(study, Membership.Role.RESEARCHER)
    assert "audit.jsonl" in exported(study, owner, audit=True).parts
    job = start(kind="study-data", by=researcher, study=study, params={"purpose": "analysis", "audit": True})
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "owner_only")
    assert "audit.jsonl" not in exported(study, researcher).parts


def test_a_blinded_researcher_exports_letters_for_groups(term: Any) -> None:
    study, owner, *_students = term
    for arm in study.arms.all():
        arm.key, arm.name = f"key-of-{arm.key}-told", f"name of {arm.key} told"
        arm.save()
    researcher = make_staff(study, Membership.Role.RESEARCHER)
    assert b"key-of-a-told" in b"".join(exported(study, owner).parts.values())
    blinded = b"".join(exported(study, researcher).parts.values())
    assert b"-told" not in blinded
    assert b"name of" not in blinded


def test_small_groups_are_not_counted_out(term: Any) -> None:
    study, owner, *_students = term
    archive = exported(study, owner)
    assert {row["students"] for row in archive.table("summary.csv")} == {"<5"}
    assert set(archive.document("metadata.json")["students"].values()) == {"<5"}


def test_a_formula_in_a_cell_is_guarded(term: Any) -> None:
    study, owner, one, *_others = term
    one.section = "=1+1"
    one.save()
    row = next(r for r in exported(study, owner).table("tables/studies_participant.csv") if r["code"] == one.code)
    assert row["section"] == "'=1+1"


def test_the_students_archive_holds_films_copies_and_words_about_them(term: Any) -> None:
    _study, _owner, mine, _two, _back = term
    archive = own(mine)
    films = [data for name, data in archive.parts.items() if name.startswith("films/video-")]
    assert films == [FILM + mine.code.encode()]
    assert [data[:4] for name, data in archive.parts.items() if name.startswith("consent/")] == [b"%PDF"]
    assert archive.table("tables/studies_injury.csv")[0]["note"] == f"{mine.user.last_name} slipped"
    document = archive.document("data.json")
    assert document["account"]["email"] == mine.user.email
    assert len(document["coaching_assessment"]) == 1


def test_the_students_archive_holds_nobody_else_and_nothing_that_is_withheld(term: Any) -> None:
    _study, _owner, one, two, back = term
    control = two
    archive = own(control)
    whole = b"".join(archive.parts.values())
    for other in (one, two, back):
        if other != control:
            assert other.code.encode() not in whole
            assert other.user.last_name.encode() not in whole
    assert not [name for name in archive.parts if "assessment" in name or name.startswith("pose/")]
    assert [name for name in archive.parts if name.startswith("films/overlay")] == []
    assert b"releases it" in archive.parts["README.txt"]


def test_a_new_table_about_students_is_found_without_being_named() -> None:
    found = {table.label: table.path for table in tables()}
    assert found["studies.Injury"] == "participant"
    assert found["coaching.Still"] == "assessment__run__session__participant"
    assert "studies.ParticipantKey" not in found
    assert {"studies.Outcome", "studies.User", "studies.AuditEntry"}.isdisjoint(found)


def test_text_that_nobody_declared_counts_as_free() -> None:
    uses = {f"{table.label}.{column.attname}": column.use for table in tables() for column in table.columns}
    assert uses["studies.Injury.note"] == uses["coaching.Session.original_name"] == "free"
    assert uses["studies.Injury.region"] == uses["studies.Participant.code"] == "value"
    assert uses["coaching.Session.video"] == "file"
    assert uses["studies.Injury.logged_by_id"] == "person"
    assert (Injury.objects.count(), Baseline.objects.count()) == (0, 0)
