"""The door to safety alerts: for owner and instructor, whether or not they may know the groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404

from studies.access import OWNS, SEES_NAMES, role_in, students_of
from studies.models import Membership, Participant, SafetyAlert, Study

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import User


def alerts_of(user: User, study: Study) -> QuerySet[SafetyAlert]:
    """The study's alerts that concern this person: of their students, and of the whole study."""
    rows = SafetyAlert.objects.filter(study=study).select_related("participant__user", "acknowledged_by")
    role = role_in(user, study)
    if role not in SEES_NAMES:
        return rows.none()
    if role in OWNS:
        return rows
    return rows.filter(Q(participant__isnull=True) | Q(participant__in=students_of(user, study)))


def open_alerts_by_study(user: User) -> list[tuple[Study, int]]:
    """The user's studies with alerts that nobody acknowledged, and how many. One query, two with any."""
    rows = SafetyAlert.objects.open()
    if not user.is_superuser:
        leads = Membership.objects.filter(user=user, role__in=SEES_NAMES).values("study")
        concerns = Q(participant__isnull=True) | Q(participant__in=Participant.objects.visible_to(user))
        rows = rows.filter(concerns, study__in=leads)
    counts = dict(rows.order_by().values_list("study").annotate(total=Count("pk")))
    studies = Study.objects.filter(pk__in=counts) if counts else ()
    return [(study, counts[study.pk]) for study in studies]


def alert_for(user: User, pk: int) -> SafetyAlert:
    """An alert for somebody whom it concerns. Raises Http404, or PermissionDenied for a researcher of the study."""
    alert = SafetyAlert.objects.select_related("study", "participant").filter(pk=pk).first()
    if alert is None or not Study.objects.visible_to(user).filter(pk=alert.study_id).exists():
        raise Http404("no such alert")
    if role_in(user, alert.study) not in SEES_NAMES:
        raise PermissionDenied
    if not alerts_of(user, alert.study).filter(pk=pk).exists():
        raise Http404("no such alert")
    return alert
