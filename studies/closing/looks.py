"""When the groups of a study may be set against each other: at its end, or at a look that its owner took before.

Looking again and again at the groups of a running trial, and stopping when the difference pleases, finds effects that
are not there (Pocock 1977). So no page compares groups before the planned look, which is the end of the study. The
owner may look earlier: with a reason that is kept, and every report made from then on names it among its deviations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from studies import audit
from studies.errors import StudyError
from studies.models import Study, StudyMilestone

if TYPE_CHECKING:
    import datetime as dt

    from studies.models import User

LOOKED = StudyMilestone.Kind.LOOKED


def is_over(study: Study, *, today: dt.date | None = None) -> bool:
    """Whether the study has reached its end: closed, unblinded, or past its last day."""
    if study.closed_at is not None or study.unblinded_at is not None:
        return True
    return study.ends_on is not None and study.ends_on < (today or timezone.localdate())


def may_compare(study: Study, *, today: dt.date | None = None) -> bool:
    """Whether groups may be set against each other now; of invented data always. One query at most."""
    if study.is_demonstration or is_over(study, today=today):
        return True
    return StudyMilestone.objects.filter(study=study, kind=LOOKED).exists()


def why_not_yet(study: Study) -> str:
    """The sentence for whoever wants to compare groups before the look."""
    if study.ends_on is None:
        return _("The groups are compared when the study is over: its owner closes it then.")
    return _(
        "The groups are compared when the study is over, after %(day)s. Its owner can open the comparison earlier, "
        "with a reason; every report says so then."
    ) % {"day": formats.date_format(study.ends_on, "j F Y")}


def refuse_before_look(study: Study) -> None:
    """Raise StudyError look_not_yet where the groups may not be compared yet."""
    if not may_compare(study):
        raise StudyError("look_not_yet", why_not_yet(study))


@transaction.atomic
def take_look(*, study: Study, by: User, reason: str) -> StudyMilestone:
    """Open the comparison of the groups before the study's end. Errors: reason_missing, look_open."""
    if not reason.strip():
        raise StudyError("reason_missing", _("Say why the groups are compared before the end: the reason is kept."))
    row = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if may_compare(row):
        raise StudyError("look_open", _("The groups can be compared already."))
    look = StudyMilestone.objects.create(study=row, kind=LOOKED, reason=reason.strip(), by=by)
    audit.done(row.pk, by, "groups compared before the end", milestone=look.pk)
    return look
