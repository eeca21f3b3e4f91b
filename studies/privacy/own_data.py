"""What is stored about one student: counted for their page, and all of it as one archive to take home."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from studies.consent import pdf
from studies.consent.selectors import policy_of
from studies.errors import StudyError
from studies.jobs.kinds import Kind, Made
from studies.models import ConsentRecord, Participant, User
from studies.privacy import files, retention
from studies.privacy.archive import Archive, csv_pieces, plain
from studies.privacy.fields import tables

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from studies.jobs.kinds import Work
    from studies.models import Job
    from studies.privacy.fields import Table

FILE_CLASSES = {
    "video": _("Films and pictures"),
    "pose": _("Landmarks and curves"),
    "consent": _("Signed copies of your consent"),
}
README = """This archive holds what LiftLab stores about you in one study, as it was when you asked for it.

data.json      all of it, for programs
tables/        the same as tables (CSV, UTF-8)
films/         your films and pictures, as they are stored: without sound, place and date
pose/          the positions of your joints, frame by frame
consent/       your signed copies (PDF)
SHA256SUMS     checksums of every file: sha256sum -c SHA256SUMS
"""
WITHHELD = """
What the AI coach said about your sets is not in here: your group gets it when the study releases it to everybody. Ask
for your data again after that day.
"""


@dataclass(frozen=True, slots=True)
class Held:
    """One class of data: how many rows or files, how large, and between which days the oldest and newest go."""

    title: Any
    count: int
    size_bytes: int | None = None
    first_goes: dt.date | None = None
    last_goes: dt.date | None = None


def held_about(participant: Participant) -> tuple[list[Held], list[Held]]:
    """Files by class and rows by kind. As many queries for a student of a year as for one of a day."""
    policy, mine = policy_of(participant.study), Participant.objects.filter(pk=participant.pk)
    found: dict[str, list[files.File]] = {name: [] for name in FILE_CLASSES}
    for file in files.files_of(mine):
        found[file.stored.columns[file.column]].append(file)
    stored = []
    for name, title in FILE_CLASSES.items():
        days = []
        if name in {"video", "pose"}:
            days = [retention.kept_until(policy, name, file.made) for file in found[name]]  # type: ignore[arg-type]
        known = sorted(day for day in days if day is not None)
        size = sum(file.size() for file in found[name])
        first, last = (known[0], known[-1]) if known else (None, None)
        stored.append(Held(title, len(found[name]), size, first, last))
    end = retention.records_end(policy)
    rows = [Held(table.about.title, table.rows(mine).count(), None, end, end) for table in tables() if table.path]
    return stored, [row for row in rows if row.count]


def is_own(user: User, job: Job) -> bool:
    return job.participant is not None and job.participant.user_id == user.pk


def make(work: Work) -> Made:
    """Everything about the student, but what the coach says while that is withheld from them."""
    participant = work.job.participant
    assert participant is not None
    withheld = not participant.receives_ai_feedback
    path = work.folder / "data.zip"
    chosen = [table for table in tables() if not (withheld and table.about.feedback)]
    mine = Participant.objects.filter(pk=participant.pk)
    names = dict(User.objects.filter(pk=participant.user_id).values_list("pk", "username"))
    with Archive(path, folder=f"my-data-{participant.code}") as archive:
        archive.add_text("README.txt", README + (WITHHELD if withheld else ""))
        document: dict[str, Any] = {"study": participant.study.title, "account": _account(participant.user)}
        for number, table in enumerate(chosen):
            work.report(20 * number // len(chosen))
            rows = list(_rows(table, table.rows(mine), names))
            document[table.name] = rows
            if rows:
                header = list(rows[0])
                archive.add(f"tables/{table.name}.csv", csv_pieces(header, ([r[n] for n in header] for r in rows)))
        archive.add_json("data.json", document)
        _add_files(archive, work, participant, labels={table.label for table in chosen})
        _add_consents(archive, participant)
    return Made(path, f"my-data-{participant.code}.zip", "application/zip")


def _account(user: User) -> dict[str, Any]:
    return {
        "user_name": user.get_username(),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "since": plain(user.date_joined),
    }


def _rows(table: Table, rows: Any, names: dict[int, str]) -> Iterator[dict[str, Any]]:
    """Rows as column -> value; people by user name, storage names left out: the files are beside the tables."""
    columns = [column for column in table.columns if column.use != "file"]
    for values in rows.values_list(*(column.attname for column in columns)):
        row = {}
        for column, value in zip(columns, values, strict=True):
            if column.use == "person" and value is not None:
                if value not in names:
                    names[value] = User.objects.filter(pk=value).values_list("username", flat=True).first() or ""
                row[column.field.name] = names[value]
            elif isinstance(value, bytes | memoryview):
                row[column.attname] = "sealed: see consent/" if value else ""
            else:
                row[column.attname] = value
        yield row


def _add_files(archive: Archive, work: Work, participant: Participant, *, labels: set[str]) -> None:
    mine = Participant.objects.filter(pk=participant.pk)
    found = [file for file in files.files_of(mine) if file.stored.model in labels]
    for number, file in enumerate(found):
        work.report(20 + 75 * number // len(found))
        kind = file.stored.columns[file.column]
        if kind != "consent" and default_storage.exists(file.name):
            folder = {"video": "films", "pose": "pose"}[kind]
            archive.add(
                f"{folder}/{file.column}-{file.pk}{Path(file.name).suffix}",
                _reporting(file.name, work, 20 + 75 * number // len(found)),
                packed=False,
            )


def _reporting(name: str, work: Work, percent: int) -> Iterator[bytes]:
    """A long film is copied for a while: every megabyte is a sign of life."""
    with default_storage.open(name, "rb") as handle:
        while piece := handle.read(1 << 20):
            work.report(percent)
            yield piece


def _add_consents(archive: Archive, participant: Participant) -> None:
    for record in participant.consent_records.filter(kind=ConsentRecord.Kind.GIVEN).select_related("text"):
        if not record.sealed:
            continue
        record.participant = participant
        try:
            archive.add(f"consent/consent-{record.pk}.pdf", [pdf.copy_of(record)], packed=False)
        except StudyError as error:
            archive.add_text(f"consent/consent-{record.pk}.txt", f"{error}\n")


KIND = Kind("own-data", _("All data about you"), make, may=is_own, keep_days=3)
