"""Ways into a study: a signed link with a QR code, or a code to type; expiring, for one student or a class.

Who joins this way waits until somebody of the staff confirms them, so a link that wanders gives nobody a group.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.access import sections_of
from studies.errors import StudyError
from studies.models import Invitation, Participant, User
from studies.services import enrol, random_code

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import Study

SALT = "studies.invitation"
USES_MAX = 500
DAYS_MAX = 90
CODE_PARTS = 2


def invitations_for(user: User, study: Study) -> QuerySet[Invitation]:
    """The study's invitations; those into their sections for who works with some only."""
    sections = sections_of(user, study)
    return study.invitations.filter(section__in=sections) if sections else study.invitations.all()


@transaction.atomic
def invite(*, study: Study, by: User, uses_max: int, days: int, section: str = "") -> Invitation:
    """A new way in: `uses_max` 1 for one student, more for a class. Errors: bad_uses, bad_days."""
    if not 1 <= uses_max <= USES_MAX:
        raise StudyError("bad_uses", _("An invitation is for 1 to 500 students."))
    if not 1 <= days <= DAYS_MAX:
        raise StudyError("bad_days", _("An invitation is valid for 1 to 90 days."))
    invitation = Invitation.objects.create(
        study=study,
        code="-".join(random_code() for _part in range(CODE_PARTS)),
        uses_max=uses_max,
        expires_at=timezone.now() + dt.timedelta(days=days),
        section=section.strip(),
        created_by=by,
    )
    audit.done(study.pk, by, "invitation made", invitation=invitation.pk, uses=uses_max, days=days)
    return invitation


def token_of(invitation: Invitation) -> str:
    """What stands in the link and the QR code: signed, so that numbers can't be tried."""
    return signing.dumps(invitation.pk, salt=SALT)


def invitation_of(token: str) -> Invitation:
    """The open invitation of a link's token, or of a typed code. Errors: invitation_unknown, invitation_over."""
    rows = Invitation.objects.select_related("study")
    typed = "".join(token.upper().split())
    found = rows.filter(code=typed).first()
    if found is None:
        try:
            found = rows.filter(pk=signing.loads(token, salt=SALT)).first()
        except signing.BadSignature:
            found = None
    if found is None:
        raise StudyError(
            "invitation_unknown", _("There is no such invitation. Check the code, or ask your instructor.")
        )
    if not found.is_open:
        raise StudyError("invitation_over", _("This invitation is used up or over. Ask your instructor for another."))
    return found


@transaction.atomic
def join(*, invitation: Invitation, user: User, year_of_study: int) -> Participant:
    """Take the user into the study, to be confirmed; one use is counted, by whoever comes first.

    Errors: invitation_over, works_here, already_enrolled, bad_year.
    """
    rows = Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True, expires_at__gt=timezone.now())
    if not rows.filter(uses__lt=F("uses_max")).update(uses=F("uses") + 1):
        raise StudyError("invitation_over", _("This invitation is used up or over. Ask your instructor for another."))
    if user.is_staff or user.is_superuser:
        raise StudyError("works_here", _("This is an account of staff: it can't take part."))
    participant = enrol(study=invitation.study, user=user, year_of_study=year_of_study, by=user)
    participant.section = invitation.section
    participant.eligibility = Participant.Eligibility.UNCONFIRMED
    participant.save(update_fields=["section", "eligibility"])
    return participant


@transaction.atomic
def revoke(*, invitation: Invitation, by: User) -> None:
    """The link and code stop working now."""
    Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
    audit.done(invitation.study_id, by, "invitation ended", invitation=invitation.pk)
