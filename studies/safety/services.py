"""Alerts that no blinding blocks: what raises one, who gets it, and the note that ends it.

An alert names neither a student nor a group in what leaves as mail; on the page it names the student to those who may
read names. Its receivers follow from memberships alone, never from an arm.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studies import audit
from studies.errors import StudyError
from studies.models import Injury, Membership, SafetyAlert, SafetyRules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studies.models import HealthProblem, Participant, Study, User

logger = logging.getLogger(__name__)

Kind = SafetyAlert.Kind
WEEK = dt.timedelta(days=6)
"""Seven days, both ends counted."""
MAILED_AT_ONCE = 100


def rules_of(study: Study) -> SafetyRules:
    """The study's limits; where nobody set any, the defaults, unsaved."""
    return SafetyRules.objects.filter(study=study).first() or SafetyRules(study=study)


@transaction.atomic
def set_rules(*, study: Study, by: User, limits: dict[str, int]) -> SafetyRules:
    """From when on an alert is raised. It holds for what is entered from now on. Errors: bad_limit."""
    wrong = [name for name, value in limits.items() if value < 1]
    if wrong or limits.get("pain_from", 1) > 10 or limits.get("score_from", 1) > 100:
        raise StudyError(
            "bad_limit", gettext_lazy("Limits are whole numbers from 1: of pain up to 10, of the score up to 100.")
        )
    rules, _made = SafetyRules.objects.update_or_create(study=study, defaults=limits)
    audit.done(study.pk, by, "safety limits set", limits=limits)
    return rules


def look_at_injury(injury: Injury) -> None:
    """Raise what an injury calls for: strong pain, many days lost, many injuries within seven days."""
    if injury.struck_at is not None:
        return
    participant = injury.participant
    rules, key = rules_of(participant.study), f"injury {injury.pk}"
    if injury.pain is not None and injury.pain >= rules.pain_from:
        _raise(participant.study, Kind.PAIN, key, values=(injury.pain, rules.pain_from), about=participant)
    if injury.days_lost >= rules.days_lost_from:
        _raise(participant.study, Kind.DAYS, key, values=(injury.days_lost, rules.days_lost_from), about=participant)
    _look_at_weeks(injury, rules)


def _look_at_weeks(injury: Injury, rules: SafetyRules) -> None:
    """The stop rule: the fullest seven days that hold this injury. One open alert at a time is enough."""
    study = injury.participant.study
    day = injury.occurred_on
    days = list(
        Injury.objects.counted()
        .filter(participant__study=study, occurred_on__range=(day - WEEK, day + WEEK))
        .values_list("occurred_on", flat=True)
    )
    first = {start: sum(start <= other <= start + WEEK for other in days) for start in days if start <= day}
    most = max(first.values(), default=0)
    if most < rules.injuries_a_week or SafetyAlert.objects.open().filter(study=study, kind=Kind.WEEK).exists():
        return
    _raise(study, Kind.WEEK, f"injury {injury.pk}", values=(most, rules.injuries_a_week), about=None)


def look_at_problem(problem: HealthProblem) -> None:
    """Raise what a weekly answer calls for: a score from the study's limit on."""
    participant = problem.answer.participant
    limit = rules_of(participant.study).score_from
    if problem.severity >= limit:
        _raise(
            participant.study, Kind.SCORE, f"problem {problem.pk}", values=(problem.severity, limit), about=participant
        )


def _raise(study: Study, kind: str, key: str, *, values: tuple[int, int], about: Participant | None) -> None:
    """Once for each kind and thing; raised for less before, it is not raised again."""
    stored = {"value": values[0], "limit": values[1], "participant": about}
    alert, made = SafetyAlert.objects.get_or_create(study=study, kind=kind, key=key, defaults=stored)
    if made:
        audit.done(study.pk, None, "safety alert", about=about, alert=alert.pk, kind=str(kind))


@transaction.atomic
def acknowledge(*, alert: SafetyAlert, by: User, note: str) -> SafetyAlert:
    """Say what was done about it; it is then gone from the pages, and stays in the list. Errors: note_missing,
    acknowledged_already.
    """
    if not note.strip():
        raise StudyError("note_missing", gettext_lazy("Write in a few words what was done."))
    row = SafetyAlert.objects.select_for_update().get(pk=alert.pk)
    if row.acknowledged_at is not None:
        raise StudyError("acknowledged_already", gettext_lazy("Somebody has seen to this alert already."))
    row.acknowledged_at, row.acknowledged_by, row.note = timezone.now(), by, note.strip()
    row.save(update_fields=["acknowledged_at", "acknowledged_by", "note"])
    audit.done(row.study_id, by, "safety alert acknowledged", about=row.participant, alert=row.pk)
    return row


def receivers(alert: SafetyAlert) -> list[User]:
    """The study's owners and the student's instructors; of an alert about the whole study all instructors."""
    roles = (Membership.Role.OWNER, Membership.Role.INSTRUCTOR)
    rows = Membership.objects.filter(study=alert.study, role__in=roles).select_related("user").order_by("pk")
    section = alert.participant.section if alert.participant else None
    return [row.user for row in rows if row.user.is_active and _works_with(row, section)]


def _works_with(row: Membership, section: str | None) -> bool:
    return row.role == Membership.Role.OWNER or not row.sections or section is None or section in row.sections


def send_alerts() -> int:
    """Mail the alerts that were not mailed yet; one whose mail fails is tried again the next time. Returns how many."""
    waiting = SafetyAlert.objects.filter(mailed_at=None).select_related("study", "participant").order_by("pk")
    return sum(_send(alert) for alert in waiting[:MAILED_AT_ONCE])


def _send(alert: SafetyAlert) -> bool:
    to = sorted({user.email for user in receivers(alert) if user.email})
    try:
        _mail(alert, to)
    except OSError:  # smtplib's errors are OSErrors, like a connection's
        logger.exception("alert %s: its mail could not be sent", alert.pk)
        return False
    return bool(SafetyAlert.objects.filter(pk=alert.pk, mailed_at=None).update(mailed_at=timezone.now()))


def _mail(alert: SafetyAlert, to: Iterable[str]) -> None:
    """One mail a person: nobody reads from it who else was told."""
    path = reverse("studies:alerts", args=[alert.study_id])
    subject = _("LiftLab: %(kind)s in “%(study)s”") % {"kind": alert.get_kind_display(), "study": alert.study.title}
    body = _("Something in the study needs you today. Read it here and note what was done: %(link)s") % {
        "link": f"{settings.SITE_URL}{path}"
    }
    for address in to:
        send_mail(" ".join(subject.split()), f"{body}\n", None, [address])
