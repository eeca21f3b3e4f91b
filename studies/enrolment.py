"""A class list becomes accounts and participants: all of it, or nothing with the lines that are wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Min
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from studies.errors import StudyError
from studies.models import Participant, User
from studies.services import enrol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from studies.models import Study

CLASS_MAX = 500
_SEPARATORS = re.compile(r"\s*[,;\t]\s*")
_valid_username = UnicodeUsernameValidator()


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One student of a class list. `number` counts the pasted lines from 1."""

    number: int
    first_name: str
    last_name: str
    username: str
    year_of_study: int


class ClassListRefused(StudyError):
    """Some lines can't be enrolled; `lines` says for each number what to change. Nothing was stored."""

    def __init__(self, lines: dict[int, str]) -> None:
        super().__init__(
            "class_list_refused", _("Nobody was enrolled yet. Correct these lines and send the list again.")
        )
        self.lines = lines


def parse_class_list(text: str) -> list[ClassLine]:
    """Lines "full name, user name, year" (comma, semicolon or tab); empty ones are skipped. Raises ClassListRefused."""
    lines = enumerate(text.splitlines(), start=1)
    return class_lines((number, _SEPARATORS.split(raw.strip())) for number, raw in lines if raw.strip())


def class_lines(rows: Iterable[tuple[int, Sequence[str]]]) -> list[ClassLine]:
    """Rows of a list, each its number with full name, user name and year. Raises ClassListRefused."""
    found: list[ClassLine] = []
    wrong: dict[int, str] = {}
    usernames: set[str] = set()
    for number, parts in rows:
        try:
            line = _parse_line(number, parts)
        except StudyError as error:
            wrong[number] = str(error.advice)
            continue
        if line.username.casefold() in usernames:
            wrong[number] = _("The user name %(name)s is in the list twice.") % {"name": line.username}
        usernames.add(line.username.casefold())
        found.append(line)
    if len(found) > CLASS_MAX:
        wrong[found[CLASS_MAX].number] = _("Enrol at most %(max)d students at once.") % {"max": CLASS_MAX}
    if not found and not wrong:
        wrong[1] = _("The list is empty. Write one student a line.")
    if wrong:
        raise ClassListRefused(wrong)
    return found


def _parse_line(number: int, parts: Sequence[str]) -> ClassLine:
    if len(parts) != 3 or not all(parts):
        raise StudyError(
            "three_parts", _("Write three parts: full name, user name, year. Example: Alma Bekova, alma, 2")
        )
    name, username, year = parts
    try:
        _valid_username(username)
    except ValidationError:
        raise StudyError("bad_username", _("A user name has only letters, digits and @ . + - _")) from None
    if not re.fullmatch(r"[1-8]", year):
        raise StudyError("bad_year", _("The year of study is a number from 1 to 8."))
    first, _space, last = " ".join(name.split()).partition(" ")
    if max(len(first), len(last), len(username)) > 150:
        raise StudyError("too_long", _("Names have at most 150 letters."))
    return ClassLine(number, first, last, username, int(year))


@transaction.atomic
def enrol_class(
    *, study: Study, lines: list[ClassLine], by: User | None = None, section: str = ""
) -> list[Participant]:
    """Enrol everybody of the list, making the accounts that don't exist; they have no password until the first sign-in.

    An existing account keeps its name and password. Raises ClassListRefused, and then has stored nothing.
    """
    accounts = {user.username: user for user in User.objects.filter(username__in=[line.username for line in lines])}
    enrolled: list[Participant] = []
    wrong: dict[int, str] = {}
    for line in lines:
        user = accounts.get(line.username) or _make_account(line)
        if user.is_staff or user.is_superuser:
            wrong[line.number] = _("%(name)s is a member of staff.") % {"name": line.username}
            continue
        try:
            enrolled.append(enrol(study=study, user=user, year_of_study=line.year_of_study, section=section, by=by))
        except StudyError as error:
            wrong[line.number] = f"{line.username}: {error.advice}"
    if wrong:
        raise ClassListRefused(wrong)
    return enrolled


def _make_account(line: ClassLine) -> User:
    user = User(username=line.username, first_name=line.first_name, last_name=line.last_name)
    user.set_unusable_password()
    user.save()
    return user


@dataclass(frozen=True, slots=True)
class FirstSignIn:
    """A student who has no password yet, and the path where they choose one."""

    participant: Participant
    path: str


def first_sign_ins(students: QuerySet[Participant]) -> list[FirstSignIn]:
    """Links for those of a study's students who never chose a password; each works once and for
    PASSWORD_RESET_TIMEOUT seconds.

    Nobody else gets one, and only through the study that enrolled them first: otherwise an instructor could take over
    an account of another class by enrolling it.
    """
    rows = students.select_related("user").order_by("user__last_name", "user__first_name")
    rows = rows.alias(first=Min("user__participations")).filter(first=F("pk"), user__memberships__isnull=True)
    rows = rows.filter(user__is_staff=False, user__is_superuser=False)
    return [FirstSignIn(row, _first_sign_in_path(row.user)) for row in rows if not row.user.has_usable_password()]


def _first_sign_in_path(user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password_reset_confirm", kwargs={"uidb64": uid, "token": default_token_generator.make_token(user)})
