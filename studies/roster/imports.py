"""A file is previewed against the study, and its good rows are enrolled in one transaction, or nobody."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from studies import audit
from studies.closing.rules import refuse_closed
from studies.errors import StudyError
from studies.models import Baseline, Membership, Participant, RosterImport, User
from studies.roster.checks import ERROR, WARNING, Problem, Student, read_students
from studies.roster.columns import field_of, same_person
from studies.roster.tables import read_table
from studies.services import random_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import QuerySet

    from studies.models import Study

KEPT_FOR = dt.timedelta(days=1)
BATCH = 500


def imports_for(user: User, study: Study, sections: Collection[str]) -> QuerySet[RosterImport]:
    """The study's lists that the user may decide; who works with some `sections` only: those that they read in."""
    return study.roster_imports.filter(uploaded_by=user) if sections else study.roster_imports.all()


def preview(*, study: Study, by: User, raw: bytes, encoding: str = "", sections: Collection[str] = ()) -> RosterImport:
    """Read the file and keep what it says, with every problem, for a decision. Nobody is enrolled.

    `sections`: the only ones that the person works with; rows of others are errors, rows of none get the only one.
    Raises studies.roster.tables.FileRefused when the file as a whole can't be used. Undecided lists go after a day.
    """
    table = read_table(raw, encoding=encoding)
    students = read_students(table)
    _keep_to(sections, students)
    with transaction.atomic():  # only now: a long list is read without holding up who writes
        RosterImport.objects.filter(state=RosterImport.State.OPEN, created_at__lt=timezone.now() - KEPT_FOR).delete()
        found = RosterImport.objects.create(
            study=study,
            uploaded_by=by,
            reading=table.reading,
            not_read=[heading for heading in table.header if heading and field_of(heading) is None],
            rows=[dataclasses.asdict(student) for student in students],
        )
        audit.done(study.pk, by, "class list read", list=found.pk, rows=len(students))
    return found


def _keep_to(sections: Collection[str], students: list[Student]) -> None:
    for student in students:
        if not student.section and len(sections) == 1:
            student.section = next(iter(sections))
        if sections and student.section not in sections:
            names = ", ".join(sorted(sections))
            text = _("You work with %(names)s: this row needs one of these as its section.") % {"names": names}
            student.problems.append(Problem(student.row, "section", text))


def students_of(found: RosterImport) -> list[Student]:
    """The rows with their problems, those with the study's present state included."""
    students = []
    for row in found.rows:
        problems = [Problem(**problem) for problem in row["problems"]]
        students.append(Student(**(row | {"problems": problems})))
    _compare_with_study(found.study, students)
    return students


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """A list counted for a decision. `problems`: errors first, then by row; `good`: the students without any."""

    rows: int
    good: list[Student]
    with_error: int
    problems: list[Problem]

    @property
    def with_warning(self) -> int:
        return self.rows - len(self.good) - self.with_error


def reading_of(found: RosterImport) -> Reading:
    """What the list says now."""
    students = students_of(found)
    return Reading(
        rows=len(students),
        good=[student for student in students if student.is_good()],
        with_error=sum(any(problem.level == ERROR for problem in student.problems) for student in students),
        problems=sorted(
            (problem for student in students for problem in student.problems),
            key=lambda problem: (problem.level != ERROR, problem.row),
        ),
    )


def _compare_with_study(study: Study, students: list[Student]) -> None:
    known = _accounts(students)
    here = {row.user_id: row for row in study.participants.select_related("user")}
    names = {same_person(row.user.get_full_name()) for row in here.values()} - {""}
    works_here = set(Membership.objects.filter(study=study).values_list("user_id", flat=True))
    mails = _mails(students)
    for student in students:
        user = known.get(student.username)
        for column, level, text in _facts(student, user, here.keys(), works_here):
            student.problems.append(Problem(student.row, column, text, level))
        if user is None and same_person(student.name) in names:
            text = _("A student of this name is in the study already, under another user name.")
            student.problems.append(Problem(student.row, "name", text, WARNING))
        if student.email and mails.get(student.email, student.username) != student.username:
            text = _("Another account has this e-mail.")
            student.problems.append(Problem(student.row, "email", text, WARNING))


def _facts(
    student: Student, user: User | None, here: Iterable[int], works_here: set[int]
) -> Iterable[tuple[str, str, str]]:
    """What speaks against enrolling the account that the row names: column, level, sentence."""
    if user is None:
        return
    if user.is_staff or user.is_superuser or user.pk in works_here:
        yield "username", ERROR, _("This account belongs to a member of staff.")
    elif user.pk in here:
        yield "username", ERROR, _("This student is in the study already.")
    elif student.name and same_person(user.get_full_name()) != same_person(student.name):
        yield "username", WARNING, _("An account of this user name exists, under another name. It would be enrolled.")


def _accounts(students: list[Student]) -> dict[str, User]:
    names = [student.username for student in students if student.username]
    return {user.username: user for user in User.objects.filter(username__in=names)}


def _mails(students: list[Student]) -> dict[str, str]:
    given = [student.email for student in students if student.email]
    rows = User.objects.annotate(lower=Lower("email")).filter(lower__in=given)
    return dict(rows.values_list("lower", "username"))


def enrol_rows(*, found: RosterImport, by: User, with_warnings: bool = False) -> int:
    """Enrol every row that has no problem (`with_warnings`: no error). Returns how many; the list is emptied.

    Errors: study_closed, import_closed, nothing_to_enrol, roster_changed.
    """
    try:
        with transaction.atomic():
            return _enrol(found, by, with_warnings=with_warnings)
    except IntegrityError:
        raise StudyError(
            "roster_changed", _("Somebody enrolled students meanwhile. Look at the list again; nobody was enrolled.")
        ) from None


def _enrol(found: RosterImport, by: User, *, with_warnings: bool) -> int:
    refuse_closed(found.study_id)
    row = RosterImport.objects.select_for_update().get(pk=found.pk)
    if row.state != RosterImport.State.OPEN:
        raise StudyError("import_closed", _("This list was decided already."))
    students = [student for student in students_of(row) if student.is_good(with_warnings=with_warnings)]
    if not students:
        raise StudyError("nothing_to_enrol", _("No row of this list can be enrolled as it is."))
    accounts = _accounts(students)
    User.objects.bulk_create(
        [_account(student) for student in students if student.username not in accounts], batch_size=BATCH
    )
    accounts = _accounts(students)
    codes = _codes(row.study, len(students))
    made = Participant.objects.bulk_create(
        [
            Participant(
                study=row.study,
                user=accounts[student.username],
                code=code,
                year_of_study=student.year_of_study,
                section=student.section,
            )
            for student, code in zip(students, codes, strict=True)
        ],
        batch_size=BATCH,
    )
    Baseline.objects.bulk_create(
        [
            Baseline(participant=participant, changed_by=by, **_values(student.baseline))
            for participant, student in zip(made, students, strict=True)
            if student.baseline
        ],
        batch_size=BATCH,
    )
    _close(row, RosterImport.State.DONE, enrolled=len(made))
    audit.done(row.study_id, by, "class list enrolled", list=row.pk, codes=codes)
    found.refresh_from_db()
    return len(made)


def discard(*, found: RosterImport, by: User) -> None:
    """Forget the list. Errors: import_closed."""
    with transaction.atomic():
        row = RosterImport.objects.select_for_update().get(pk=found.pk)
        if row.state != RosterImport.State.OPEN:
            raise StudyError("import_closed", _("This list was decided already."))
        _close(row, RosterImport.State.DISCARDED)
        audit.done(row.study_id, by, "class list forgotten", list=row.pk)


def _close(row: RosterImport, state: str, *, enrolled: int = 0) -> None:
    row.state, row.rows, row.enrolled = state, [], enrolled
    row.save(update_fields=["state", "rows", "enrolled"])


def _account(student: Student) -> User:
    return User(
        username=student.username,
        first_name=student.first_name,
        last_name=student.last_name,
        email=student.email,
        password=make_password(None),
    )


def _codes(study: Study, count: int) -> list[str]:
    """So many new pseudonyms, drawn at random, none of which the study has."""
    taken = set(study.participants.values_list("code", flat=True))
    codes: list[str] = []
    while len(codes) < count:
        code = random_code()
        if code not in taken:
            taken.add(code)
            codes.append(code)
    return codes


def _values(baseline: dict[str, str]) -> dict[str, Any]:
    """Text of the preview as the model's types."""
    found: dict[str, Any] = {}
    for name, text in baseline.items():
        if name == "measured_on":
            found[name] = dt.date.fromisoformat(text)
        else:
            found[name] = text if name == "sex" else Decimal(text)
    return found
