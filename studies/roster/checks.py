"""A row of a class list becomes a student, or problems: row, column and a sentence each. No database is asked here.

An error keeps its row out. A warning (a student who may be there twice) keeps it out until somebody says otherwise.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.roster.columns import fields_of, same_person
from studies.roster.tables import FileRefused, Formula

if TYPE_CHECKING:
    from collections.abc import Callable

    from studies.roster.tables import Table

ERROR, WARNING = "error", "warning"
_valid_username = UnicodeUsernameValidator()
_FORMULA_START = ("=", "+", "@", "\t", "\r")

SEXES = {
    "f": "f female woman w mujer femenino femenina ж жен женский женщина әйел",
    "m": "m male man hombre masculino м муж мужской мужчина ер",
    "x": "x other another diverse otro otra другой басқа",
}
_SEX = {word: sex for sex, words in SEXES.items() for word in words.split()}
RANGES = {
    "age_years": (10, 99),
    "height_cm": (100, 250),
    "mass_kg": (30, 250),
    "experience_months": (0, 720),
    "one_rm_kg": (0, 500),
    "working_load_kg": (0, 500),
}
WHOLE = {"age_years", "experience_months"}
BASELINE = ("sex", *RANGES, "measured_on")


@dataclass(frozen=True, slots=True)
class Problem:
    """`column` is the file's heading, or the field's name where the file has no such column."""

    row: int
    column: str
    text: str
    level: str = ERROR


@dataclass(slots=True)
class Student:
    """A row that was understood. `baseline` holds the fields of the model that the row fills, as text."""

    row: int
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    email: str = ""
    year_of_study: int = 0
    section: str = ""
    baseline: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def is_good(self, *, with_warnings: bool = False) -> bool:
        return not any(problem.level == ERROR or not with_warnings for problem in self.problems)


class Refused(Exception):
    """A cell can't be taken; the message is the sentence for the person."""


def read_students(table: Table) -> list[Student]:
    """Every row as a student with its problems. Raises FileRefused missing_column without names or years."""
    columns = fields_of(table.header)
    missing = [
        sentence
        for fields, sentence in (
            (("name", "first_name", "last_name"), _("the name")),
            (("username", "email"), _("the user name or e-mail")),
            (("year",), _("the year of study")),
        )
        if not any(name in columns for name in fields)
    ]
    if missing:
        text = _("The first row has no column for %(missing)s. Found: %(found)s.")
        found = ", ".join(heading for heading in table.header if heading) or "–"
        raise FileRefused("missing_column", text % {"missing": ", ".join(missing), "found": found})
    students = [_student(number, cells, columns, table.header) for number, cells in table.rows]
    mark_twins(students)
    return students


def _student(number: int, cells: list[str], columns: dict[str, int], header: list[str]) -> Student:
    student = Student(number)

    def read(name: str, parse: Callable[[str], Any], *, required: str = "") -> Any:
        """The parsed cell; None, with a problem noted, when it can't be taken; "" when there is none."""
        column = columns.get(name)
        cell = cells[column] if column is not None and column < len(cells) else ""
        heading = header[column] if column is not None else name
        try:
            return _parsed(cell, parse, required if column is not None else "")
        except Refused as refused:
            student.problems.append(Problem(number, heading, str(refused)))
            return None

    _read_name(student, read, columns)
    student.email = read("email", _email) or ""
    given = read("username", _username, required="" if student.email else _("The user name is missing."))
    student.username = given or student.email
    if not student.username and not student.problems:
        student.problems.append(Problem(number, "username", _("Neither user name nor e-mail is given.")))
    student.year_of_study = read("year", _year, required=_("The year of study is missing.")) or 0
    student.section = read("section", _text(40)) or ""
    for name in BASELINE:
        value = read(name, PARSERS[name])
        if value:
            student.baseline[name] = value
    return student


def _parsed(cell: str, parse: Callable[[str], Any], required: str) -> Any:
    if isinstance(cell, Formula):
        raise Refused(_("This cell holds a formula or its error. Write the value."))
    if not cell and required:
        raise Refused(required)
    return parse(cell) if cell else ""


def _read_name(student: Student, read: Callable[..., Any], columns: dict[str, int]) -> None:
    if "name" in columns:
        whole = read("name", _text(300), required=_("The name is missing.")) or ""
        last, comma, first = whole.partition(",")
        if not comma:
            first, _space, last = whole.partition(" ")
        student.first_name, student.last_name = first.strip()[:150], last.strip()[:150]
        return
    student.last_name = read("last_name", _text(150), required=_("The name is missing.")) or ""
    student.first_name = read("first_name", _text(150)) or ""


def mark_twins(students: list[Student]) -> None:
    """Rows that name the same account are errors, rows that may be the same person warnings; the later row has them."""
    accounts: dict[str, int] = {}
    mails: dict[str, int] = {}
    people: dict[str, int] = {}
    for student in students:
        for seen, key, column, level, text in (
            (accounts, student.username.casefold(), "username", ERROR, _("The same user name as in row %(row)d.")),
            (mails, student.email.casefold(), "email", ERROR, _("The same e-mail as in row %(row)d.")),
            (people, same_person(student.name), "name", WARNING, _("Perhaps the same student as in row %(row)d.")),
        ):
            if not key:
                continue
            first = seen.setdefault(key, student.row)
            if first != student.row:
                student.problems.append(Problem(student.row, column, text % {"row": first}, level))


def _text(longest: int) -> Callable[[str], str]:
    def parse(cell: str) -> str:
        if cell.startswith(_FORMULA_START):
            raise Refused(_("This begins like a formula of a spreadsheet. Write plain text."))
        if len(cell) > longest:
            raise Refused(_("At most %(longest)d letters.") % {"longest": longest})
        return " ".join(cell.split())

    return parse


def _email(cell: str) -> str:
    try:
        validate_email(cell)
    except ValidationError:
        raise Refused(_("This is no e-mail address.")) from None
    return cell.lower()


def _username(cell: str) -> str:
    try:
        _valid_username(cell)
    except ValidationError:
        raise Refused(_("A user name has only letters, digits and @ . + - _")) from None
    return _text(150)(cell)


def _year(cell: str) -> int:
    if not re.fullmatch(r"[1-8](\.0+)?", cell):
        raise Refused(_("The year of study is a number from 1 to 8."))
    return int(cell[0])


def _sex(cell: str) -> str:
    sex = _SEX.get(cell.casefold().strip("."))
    if sex is None:
        raise Refused(_("Write f, m or x, or leave it empty."))
    return sex


def _number(name: str) -> Callable[[str], str]:
    low, high = RANGES[name]

    def parse(cell: str) -> str:
        try:
            value = Decimal(cell.replace(",", ".").replace(" ", ""))
        except InvalidOperation:
            raise Refused(_("Write a number without a unit.")) from None
        if not (value.is_finite() and low <= value <= high):
            raise Refused(_("Expected is a number from %(low)d to %(high)d.") % {"low": low, "high": high})
        if name in WHOLE and value != value.to_integral_value():
            raise Refused(_("Write a whole number."))
        return str(value.quantize(Decimal(1) if name in WHOLE else Decimal("0.1")))

    return parse


def _day(cell: str) -> str:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
        try:
            day = dt.datetime.strptime(cell, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
        if day > timezone.localdate():
            raise Refused(_("This date is in the future."))
        if day.year < 2000:
            raise Refused(_("This date is long ago. Expected is the day of the measurement."))
        return day.isoformat()
    raise Refused(_("Write the date as 2026-09-01 or 01.09.2026."))


PARSERS: dict[str, Callable[[str], str]] = {
    "sex": _sex,
    "measured_on": _day,
    **{name: _number(name) for name in RANGES},
}
