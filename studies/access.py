"""The only door to a study's objects: fetch and authorise in one step, and write down who looked at health data.

404 when the user may not know that the object exists, 403 when they know it but may not do this with it.

| role       | study     | names | groups  | injuries, films        | writes                               |
|------------|-----------|-------|---------|------------------------|--------------------------------------|
| owner      | yes       | yes   | yes     | yes, recorded          | enrol, allocate, log, staff, unblind |
| instructor | yes       | yes   | yes     | yes, recorded          | enrol, allocate, log                 |
| assessor   | title     | no    | letters | no; films to rate      | ratings                              |
| researcher | yes       | no    | letters | rows by code, no films | no                                   |
| officer    | title     | no    | letters | no; who did what       | decisions about data                 |
| student    | own page  | own   | own     | own                    | own films (`coaching.access`)        |

An instructor of some sections (`Membership.sections`) works with the students of these alone: `participant_for`,
`students_of` and every list that starts from `visible_to` know nobody else, and `study_for(whole=True)` refuses them
what is of the whole class: drawing groups, reports. Letters are those of `studies.blinding`, until the owner unblinds
the study; docs/blinding.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from studies import audit
from studies.blinding import lettered_arms, open_arms
from studies.models import AccessRecord, Membership, Participant, Study

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studies.blinding import ShownArm
    from studies.models import Arm, ParticipantQuerySet, User

Role = Literal["owner", "instructor", "assessor", "researcher", "officer", "student"]

STAFF: frozenset[Role] = frozenset({"owner", "instructor", "researcher"})
"""Who works in a study."""
SEES_NAMES: frozenset[Role] = frozenset({"owner", "instructor"})
"""Who may read names, films and free text about a student; also who may write."""

OWNS: frozenset[Role] = frozenset({"owner"})
OVERSEES: frozenset[Role] = frozenset({"owner", "officer"})
"""Who reads what was done, looked at and exported."""
BLINDED: frozenset[Role] = frozenset({"assessor", "researcher", "officer"})
"""Who sees A and B in place of the groups' names until the study is unblinded."""
SEES_ARMS: frozenset[Role] = frozenset({"owner", "instructor", "student"})
"""Who may read the groups' names before; a student only ever gets their own."""

ROLE_OF: dict[str, Role] = {
    Membership.Role.OWNER: "owner",
    Membership.Role.INSTRUCTOR: "instructor",
    Membership.Role.ASSESSOR: "assessor",
    Membership.Role.RESEARCHER: "researcher",
    Membership.Role.OFFICER: "officer",
}


def role_in(user: User, study: Study) -> Role | None:
    """What the user is in this study; None for a stranger. A superuser counts as owner everywhere.

    Somebody who is staff and takes part too (services refuse to make one) counts as staff.
    """
    if user.is_superuser:
        return "owner"
    membership = _membership(user, study)
    if membership is not None:
        return ROLE_OF[membership.role]
    return "student" if Participant.objects.filter(study=study, user=user).exists() else None


def _membership(user: User, study: Study) -> Membership | None:
    """What the user is named to in the study; of a row that came through the door, as it was then."""
    if study.asked_for is not None and study.asked_for[0] == user.pk:
        return study.asked_for[1]
    return Membership.objects.filter(study=study, user=user).first()


def _remember(user: User, study: Study) -> None:
    study.asked_for = (user.pk, _membership(user, study))


def sections_of(user: User, study: Study) -> frozenset[str]:
    """The only sections whose students the user works with; empty: everybody's."""
    if user.is_superuser:
        return frozenset()
    membership = _membership(user, study)
    return membership.limited_to if membership else frozenset()


def study_for(
    user: User,
    pk: int,
    *,
    staff: bool = False,
    write: bool = False,
    own: bool = False,
    whole: bool = False,
    arms: bool = False,
) -> Study:
    """The study, for somebody who works in it or takes part in it.

    `staff` keeps its students out, `write` also its researchers, `own` everybody but its owner; `whole`, beside one of
    these, instructors of some sections: what it guards is of the whole class. `arms` keeps out who may not know which
    group is which. Raises Http404 or PermissionDenied.
    """
    study = Study.objects.visible_to(user).filter(pk=pk).first()
    if study is None:
        raise Http404("no such study")
    _remember(user, study)
    allowed = OWNS if own else SEES_NAMES if write else STAFF
    if (staff or write or own) and role_in(user, study) not in allowed:
        raise PermissionDenied
    if (whole and sections_of(user, study)) or (arms and not sees_arms(user, study)):
        raise PermissionDenied
    return study


def audited_study_for(user: User, pk: int, *, arms: bool = False) -> Study:
    """The study whose audit the user may read: its owner and its data-protection officer.

    `arms`: all of it, so not who is blinded. Raises Http404 or PermissionDenied.
    """
    study = study_for(user, pk, arms=arms)
    if role_in(user, study) not in OVERSEES:
        raise PermissionDenied
    return study


def participant_for(user: User, pk: int, *, write: bool = False) -> Participant:
    """The participant with study, arm and user loaded: oneself, or anybody in a study where the user is staff.

    `write` is writing about the student (injuries, lessons, groups): owner and instructor only, so neither the student
    nor a researcher. Raises Http404 or PermissionDenied.
    """
    rows = Participant.objects.visible_to(user).select_related("study", "arm", "user")
    participant = rows.filter(pk=pk).first()
    if participant is None:
        raise Http404("no such participant")
    _remember(user, participant.study)
    if write and role_in(user, participant.study) not in SEES_NAMES:
        raise PermissionDenied
    return participant


def students_of(user: User, study: Study) -> ParticipantQuerySet:
    """The students of a study whom the user works with: all, or those of their sections; a student, oneself.

    The same rows as `Participant.objects.visible_to`.
    """
    rows = Participant.objects.filter(study=study)
    if not user.is_superuser:
        membership = _membership(user, study)
        if membership is None or membership.role not in Membership.WITH_STUDENTS:
            return rows.filter(user=user)
        if membership.limited_to:
            return rows.filter(section__in=membership.limited_to)
    return rows


def sees_arms(user: User, study: Study) -> bool:
    """Whether the user may know which group is which."""
    return study.unblinded_at is not None or role_in(user, study) in SEES_ARMS


def arms_shown_to(user: User, study: Study) -> list[ShownArm]:
    """The study's groups as this user may read them, in the order in which they may see them.

    For lists of students: a dict by `pk` of this costs two queries for all of them.
    """
    return open_arms(study) if sees_arms(user, study) else lettered_arms(study)


def arm_name(user: User, arm: Arm) -> str:
    """The group as this user may read it. Every page, file and answer that shows a group to staff goes through here."""
    if sees_arms(user, arm.study):
        return arm.name
    return next(shown.name for shown in lettered_arms(arm.study) if shown.pk == arm.pk)


def sees_name_of(user: User, participant: Participant) -> bool:
    """Whether the user may read this student's name, films and free text about them: the student, owner, instructor."""
    if participant.user_id == user.pk:
        return True
    if role_in(user, participant.study) not in SEES_NAMES:
        return False
    sections = sections_of(user, participant.study)
    return not sections or participant.section in sections


def display_name(participant: Participant, *, named: bool) -> str:
    """The student's name where it may be shown, else the code."""
    if not named:
        return participant.code
    return participant.user.get_full_name() or participant.user.get_username()


def record_access(user: User, participant: Participant, what: str, object_id: object = "") -> None:
    """Write down that the user looked at this student's health data or film. Looking at oneself leaves no record."""
    if participant.user_id == user.pk:
        return
    with transaction.atomic():
        AccessRecord.objects.create(user=user, participant=participant, what=what, object_id=str(object_id))
        audit.looked(participant.study_id, user, what, about=participant, object=str(object_id))


def record_class_access(user: User, participants: Iterable[Participant], what: str) -> None:
    """The same for a table of a whole class: one row a student, user and day, and one entry of the audit."""
    shown = [participant for participant in participants if participant.user_id != user.pk]
    since = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    seen = set(
        AccessRecord.objects.filter(
            user=user, what=what, at__gte=since, participant__in=[participant.pk for participant in shown]
        ).values_list("participant_id", flat=True)
    )
    new = [participant for participant in shown if participant.pk not in seen]
    if not new:
        return
    with transaction.atomic():
        AccessRecord.objects.bulk_create(
            AccessRecord(user=user, participant=participant, what=what) for participant in new
        )
        audit.looked(new[0].study_id, user, what, codes=[participant.code for participant in new])


def record_export(user: User, study: Study, what: str, *, rows: int, columns: Iterable[str] = ()) -> None:
    """Write down that data of a study left as a file: every time, by whomever."""
    audit.exported(study.pk, user, what, rows=rows, columns=list(columns))
