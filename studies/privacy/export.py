"""The whole study as one archive, by pseudonym: every table, with dates shifted, a dictionary, checksums, the purpose.

Who is in it: students who agree to the study now. Each person's dates are earlier by a number of days that is theirs
alone and goes with their key, so that intervals stay true and calendar days are nobody's. Free text, people who work
in the study, storage names and exact account data are left out; the dictionary says which columns and why.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.access import arm_name, role_in, sees_arms
from studies.audit_file import write_chain
from studies.consent.scopes import POSE_SHARED, RESEARCH
from studies.consent.selectors import agreed
from studies.errors import StudyError
from studies.jobs.kinds import Kind, Made
from studies.models import Arm, Participant
from studies.privacy import files, keys
from studies.privacy.archive import Archive, csv_pieces, stored_pieces
from studies.privacy.fields import tables
from studies.privacy.small_cells import HIDDEN, guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studies.jobs.kinds import Work
    from studies.models import Job, Study, User
    from studies.privacy.fields import Column, Table

EXPORTERS = frozenset({"owner", "researcher"})
PURPOSES = {
    "analysis": _("Analysis named in the protocol"),
    "check": _("Check of the data’s quality"),
    "publication": _("Data for a publication"),
    "replication": _("Somebody else repeats the analysis"),
    "archive": _("Archive of the finished study"),
}
WHY_LEFT_OUT = {
    "free": "free text: it may name somebody",
    "person": "an account",
    "file": "a file; pose files are under pose/ where they were asked for",
    "key": "",
}
PARTICIPANT = "participant_code"
README = """One study from LiftLab, by pseudonym.

tables/            a CSV a table (UTF-8), a row a record; participant_code says whose
dictionary.csv     every column: type, meaning, choices; and the columns that were left out, with the reason
dictionary.json    the same for programs
metadata.json      what was exported, when, by which role, for which purpose; who is not in it, in numbers
summary.csv        students by group and year; counts below five are not shown
pose/              positions of joints, of students who agreed to share them (only if asked for)
audit.jsonl        what was done in the study (only if asked for; its times are real: not for sharing)
SHA256SUMS         sha256sum -c SHA256SUMS

Days and moments are shifted: each person's are earlier by a number of days of their own, so intervals within a person
are true and calendar days are not. Pseudonyms belong to this study alone. A skeleton can still be recognised by who
knows how somebody moves: treat pose data as personal data.
"""


@dataclass(frozen=True, slots=True)
class Person:
    """What a row needs to know of whose it is."""

    code: str
    shift: dt.timedelta


def may_export(user: User, job: Job) -> bool:
    return job.study is not None and role_in(user, job.study) in EXPORTERS


def check(params: dict[str, Any], *, role: str | None) -> None:
    """Errors: purpose_missing, owner_only (the audit)."""
    if params.get("purpose") not in PURPOSES:
        raise StudyError("purpose_missing", _("Choose what the data are for: it is written down."))
    if params.get("audit") and role != "owner":
        raise StudyError("owner_only", _("The audit goes to the study's owner only."))


def make(work: Work) -> Made:
    study, user, params = work.job.study, work.job.requested_by, work.job.params
    assert study is not None
    assert user is not None
    check(params, role=role_in(user, study))
    people = _people(study)
    path = work.folder / "study.zip"
    chosen = [table for table in tables() if table.label != "studies.ConsentRecord"]
    rows: dict[str, int] = {}
    with Archive(path, folder=f"study-{study.pk}") as archive:
        archive.add_text("README.txt", README)
        maker = _Tables(study, user, people)
        for number, table in enumerate(chosen):
            work.report(70 * number // len(chosen))
            archive.add(f"tables/{table.name}.csv", maker.pieces(table, work, 70 * number // len(chosen)))
            rows[table.name] = maker.count
        archive.add("dictionary.csv", csv_pieces(DICTIONARY, ([r[n] for n in DICTIONARY] for r in dictionary(chosen))))
        archive.add_json("dictionary.json", list(dictionary(chosen)))
        archive.add("summary.csv", csv_pieces(("group", "year", "students"), maker.summary()))
        pose = _add_pose(archive, study, people, work) if params.get("pose") else 0
        columns = [f"{table.name}.{column}" for table in chosen for column in _header(table)]
        _write_down(work, rows=sum(rows.values()), columns=columns, students=len(people))
        archive.add_json("metadata.json", _metadata(work, people=people, rows=rows, pose=pose))
        if params.get("audit"):
            chain = work.folder / "audit.jsonl"
            write_chain(study, chain, work, total=1)
            archive.add("audit.jsonl", _pieces_of(chain))
    return Made(path, f"study-{study.pk}-{timezone.localdate():%Y-%m-%d}.zip", "application/zip")


def _pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while piece := handle.read(1 << 20):
            yield piece


def included(study: Study) -> Any:
    """The students whose data may leave: who agree to the study, and are not erased."""
    return study.participants.filter(agreed(RESEARCH))


def _people(study: Study) -> dict[int, Person]:
    found = {}
    for participant in included(study):
        try:
            found[participant.pk] = Person(participant.code, dt.timedelta(days=keys.shift_days(participant)))
        except StudyError:  # the key is destroyed: nobody to export
            continue
    return found


def _write_down(work: Work, *, rows: int, columns: list[str], students: int) -> None:
    study, user, params = work.job.study, work.job.requested_by, work.job.params
    assert study is not None
    audit.exported(
        study.pk,
        user,
        "study data",
        rows=rows,
        columns=columns,
        students=students,
        purpose=params["purpose"],
        pose=bool(params.get("pose")),
        audit=bool(params.get("audit")),
        job=str(work.job.pk),
    )


def _header(table: Table) -> list[str]:
    return [PARTICIPANT, *(column.attname for column in _kept(table))]


def _kept(table: Table) -> list[Column]:
    """Columns that leave. The participant's own number does not: the code stands for it."""
    return [
        column
        for column in table.columns
        if column.use not in {"free", "person", "file"}
        and not (column.use == "link" and column.field.related_model is Participant)
        and not (column.use == "key" and not table.path)
        and not (column.use == "link" and column.field.name in {"study", "allocation", "plan"})
    ]


class _Tables:
    """Rows of the study's tables as this user may have them."""

    def __init__(self, study: Study, user: User, people: dict[int, Person]) -> None:
        self._people = people
        self._mine = Participant.objects.filter(pk__in=list(people))
        named = sees_arms(user, study)
        self._arms = {arm.pk: arm.key if named else arm_name(user, arm) for arm in Arm.objects.filter(study=study)}
        self.count = 0

    def pieces(self, table: Table, work: Work, percent: int) -> Iterator[bytes]:
        self.count = 0
        return csv_pieces(_header(table), self._rows(table, work, percent))

    def _rows(self, table: Table, work: Work, percent: int) -> Iterator[list[Any]]:
        columns = _kept(table)
        whose = table.path or "pk"
        rows = table.rows(self._mine).values_list(whose, *(column.attname for column in columns))
        for pk, *values in rows.iterator(chunk_size=2_000):
            person = self._people[pk]
            self.count += 1
            if self.count % 500 == 0:
                work.report(percent)
            yield [person.code, *(self._value(c, v, person) for c, v in zip(columns, values, strict=True))]

    def _value(self, column: Column, value: Any, person: Person) -> Any:
        if value is None:
            return None
        if column.use in {"day", "moment"}:
            return value - person.shift
        return self._arms.get(value, "") if column.use == "arm" else value

    def summary(self) -> Iterator[tuple[str, int, str]]:
        """Students by group and year, with the small cells hidden."""
        pairs = Counter(self._mine.order_by().values_list("arm_id", "year_of_study"))
        cells = {f"{self._arms.get(arm, '')}\t{year}": count for (arm, year), count in pairs.items()}
        for label, count in sorted(guarded(cells).items()):
            group, _tab, year = label.partition("\t")
            yield group, int(year), HIDDEN if count is None else str(count)


DICTIONARY = ("table", "column", "type", "meaning", "choices", "left_out")


def dictionary(chosen: list[Table]) -> Iterator[dict[str, str]]:
    """A row for every column, also of those that were left out."""
    for table in chosen:
        yield dict.fromkeys(DICTIONARY, "") | {
            "table": table.name,
            "column": PARTICIPANT,
            "type": "text",
            "meaning": "the pseudonym of the student in this study",
        }
        kept = {column.attname for column in _kept(table)}
        for column in table.columns:
            yield {
                "table": table.name,
                "column": column.attname,
                "type": _type(column),
                "meaning": str(column.field.help_text or column.field.verbose_name),
                "choices": "; ".join(f"{value}={label}" for value, label in column.field.flatchoices if value),
                "left_out": "" if column.attname in kept else WHY_LEFT_OUT.get(column.use, "") or "stands in the code",
            }


def _type(column: Column) -> str:
    shifted = {"day": "date, shifted", "moment": "moment in UTC, shifted", "arm": "group"}
    return shifted.get(column.use) or column.field.get_internal_type()


def _add_pose(archive: Archive, study: Study, people: dict[int, Person], work: Work) -> int:
    """Pose files of those who agreed to share them."""
    sharing = included(study).filter(agreed(POSE_SHARED), pk__in=list(people))
    count = 0
    for file in files.files_of(sharing, retention="pose"):
        if file.size():
            work.report(80)
            name = f"pose/{file.code}-{file.column}-{file.pk}{Path(file.name).suffix}"
            archive.add(name, stored_pieces(file.name), packed=False)
            count += 1
    return count


def _metadata(work: Work, *, people: dict[int, Person], rows: dict[str, int], pose: int) -> dict[str, Any]:
    study, user, params = work.job.study, work.job.requested_by, work.job.params
    assert study is not None
    assert user is not None
    everybody = study.participants.count()
    counts = guarded({"in": len(people), "not_agreed_withdrawn_or_erased": everybody - len(people)})
    return {
        "study": study.title,
        "is_demonstration": study.is_demonstration,
        "data_note": study.data_note,
        "made_at": timezone.now(),
        "by_role": role_in(user, study),
        "purpose": params["purpose"],
        "groups_named": sees_arms(user, study),
        "students": {label: HIDDEN if count is None else count for label, count in counts.items()},
        "rows": rows,
        "pose_files": pose,
        "date_shift_days": list(keys.SHIFT_DAYS),
        "job": work.job.pk,
    }


KIND = Kind("study-data", _("The whole study, by pseudonym"), make, may=may_export, keep_days=7)
