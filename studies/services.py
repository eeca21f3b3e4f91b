"""What can be done to a study. Callers have authorised the person through `studies.access`; rules about data are here.

Every function takes keywords only, and raises StudyError(code, advice) when a rule of the study says no.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.closing.rules import refuse_closed
from studies.errors import StudyError
from studies.models import Arm, Membership, Participant, PrivacyPolicy, Study

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from studies.models import User

# No vowels, no digits that look like letters: codes spell no words and survive handwriting.
CODE_ALPHABET = "BCDFGHJKMNPQRSTVWXZ23456789"
CODE_LENGTH = 4
KEPT_DAYS = {"video_days": 365, "pose_days": 3 * 365, "record_days": 10 * 365}
"""What a new study promises until its owner says otherwise."""
SECTION_LENGTH = 40


@dataclass(frozen=True, slots=True)
class ArmSpec:
    """An arm to be made. Their order is the order of the report's tables: first minus second."""

    key: str
    name: str
    gives_ai_feedback: bool = False
    ratio: int = 1


@transaction.atomic
def create_study(
    *,
    owner: User,
    title: str,
    arms: Sequence[ArmSpec],
    summary: str = "",
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    consent_required: bool = True,
) -> Study:
    """A study with its arms, its owner and its promises about data.

    `consent_required`: no film is taken before a consent text is published and the student has agreed.

    Errors: title_missing, needs_two_arms, arm_twice, dates_reversed.
    """
    if not title.strip():
        raise StudyError("title_missing", _("Give the study a title."))
    if len(arms) < 2:
        raise StudyError("needs_two_arms", _("A study compares at least two groups. Add another one."))
    if len({arm.key for arm in arms}) != len(arms):
        raise StudyError("arm_twice", _("Two groups have the same short name. Give each its own."))
    if starts_on and ends_on and ends_on < starts_on:
        raise StudyError("dates_reversed", _("The study ends before it starts. Check the two dates."))
    study = Study.objects.create(title=title.strip(), summary=summary, starts_on=starts_on, ends_on=ends_on)
    Arm.objects.bulk_create(
        Arm(
            study=study,
            position=position,
            key=arm.key,
            name=arm.name,
            gives_ai_feedback=arm.gives_ai_feedback,
            ratio=arm.ratio,
        )
        for position, arm in enumerate(arms)
    )
    Membership.objects.create(study=study, user=owner, role=Membership.Role.OWNER)
    PrivacyPolicy.objects.create(study=study, consent_required=consent_required, **KEPT_DAYS)
    audit.done(study.pk, owner, "study created", arms=[arm.key for arm in arms])
    return study


@transaction.atomic
def add_staff(
    *, study: Study, user: User, role: Membership.Role, sections: Iterable[str] = (), by: User | None = None
) -> Membership:
    """Give somebody work in a study, or change what they do; an instructor of `sections` works with these alone.

    Errors: takes_part, last_owner, sections_without_instructor, bad_section, account_closed.
    """
    Study.objects.select_for_update().get(pk=study.pk)  # two owners stepping back at once: one after the other
    named = _sections(role, sections)
    if not user.is_active:
        raise StudyError("account_closed", _("This account is closed. Name somebody who can sign in."))
    if Participant.objects.filter(study=study, user=user).exists():
        raise StudyError("takes_part", _("This person takes part in the study, so they can't also work in it."))
    owners = Membership.objects.filter(study=study, role=Membership.Role.OWNER)
    if role != Membership.Role.OWNER and not owners.exclude(user=user).exists():
        raise StudyError("last_owner", _("A study needs an owner. Name another one first."))
    membership, _created = Membership.objects.update_or_create(
        study=study, user=user, defaults={"role": role, "sections": named}
    )
    audit.done(study.pk, by, audit.STAFF_NAMED, user=user.pk, role=str(role), sections=named)
    return membership


def _sections(role: str, given: Iterable[str]) -> list[str]:
    names = sorted({name.strip() for name in given} - {""})
    if names and role != Membership.Role.INSTRUCTOR:
        raise StudyError("sections_without_instructor", _("Only an instructor has sections. Leave them empty."))
    if any(len(name) > SECTION_LENGTH for name in names):
        raise StudyError("bad_section", _("The name of a section has at most 40 letters."))
    return names


@transaction.atomic
def remove_staff(*, study: Study, user: User, by: User) -> None:
    """Take somebody's work in a study away; what they did and looked at stays in the audit.

    Errors: not_staff, last_owner.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    rows = Membership.objects.filter(study=study)
    membership = rows.filter(user=user).first()
    if membership is None:
        raise StudyError("not_staff", _("This person does not work in the study."))
    if membership.role == Membership.Role.OWNER and not rows.filter(role=membership.role).exclude(user=user).exists():
        raise StudyError("last_owner", _("A study needs an owner. Name another one first."))
    membership.delete()
    audit.done(study.pk, by, "staff removed", user=user.pk, role=membership.role)


def enrol(
    *, study: Study, user: User, year_of_study: int, code: str = "", section: str = "", by: User | None = None
) -> Participant:
    """Take a student into a study, without a group yet. Without `code` a random pseudonym is drawn.

    Random, because a running number would give away the place in the class list. Enrolling after allocation is
    allowed: the student waits for the next allocation.
    Errors: study_closed, already_enrolled, works_here, bad_year, code_taken.
    """
    if not 1 <= year_of_study <= 8:
        raise StudyError("bad_year", _("The year of study is a number from 1 to 8."))
    if Membership.objects.filter(study=study, user=user).exists():
        raise StudyError("works_here", _("This person works in the study, so they can't take part in it."))
    if Participant.objects.filter(study=study, user=user).exists():
        raise StudyError("already_enrolled", _("This student is in the study already."))
    tries = [code] if code else [random_code() for _attempt in range(20)]
    for pseudonym in tries:
        try:
            with transaction.atomic():
                refuse_closed(study.pk)
                participant = Participant.objects.create(
                    study=study, user=user, code=pseudonym, year_of_study=year_of_study, section=section.strip()
                )
                audit.done(study.pk, by, "student enrolled", about=participant)
                return participant
        except IntegrityError:
            # Either the code is taken, or another request enrolled the same student a moment ago.
            if Participant.objects.filter(study=study, user=user).exists():
                raise StudyError("already_enrolled", _("This student is in the study already.")) from None
    raise StudyError("code_taken", _("This code belongs to another student of the study. Choose another one."))


def random_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _position in range(CODE_LENGTH))
