"""Keeping the study's promises day by day: warn, then delete what is over its time, with a proof.

Films go first, landmarks later, records last. Nothing is deleted of which staff were not told `warn_days` before.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from studies import audit
from studies.consent.scopes import VIDEO_KEPT
from studies.consent.selectors import refusing
from studies.models import (
    ConsentStatus,
    DeletionProof,
    Membership,
    Participant,
    ParticipantKey,
    PrivacyPolicy,
    RetentionWarning,
)
from studies.privacy import files
from studies.privacy.erasure import erase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from studies.models import Study
    from studies.privacy.files import File, Retention

logger = logging.getLogger(__name__)

WEEK = dt.timedelta(days=7)
RECORDS: Literal["records"] = "records"


@dataclass(frozen=True, slots=True)
class Kept:
    """What one round did."""

    warnings: int = 0
    files: int = 0
    people: int = 0


def days_of(policy: PrivacyPolicy, retention: Retention) -> int | None:
    return policy.video_days if retention == "video" else policy.pose_days


def records_end(policy: PrivacyPolicy) -> dt.date | None:
    """The day from which the records of the study are to go; None: never, or nobody said when the study ends."""
    if policy.record_days is None or policy.study.ends_on is None:
        return None
    return policy.study.ends_on + dt.timedelta(days=policy.record_days)


def kept_until(policy: PrivacyPolicy, retention: Retention, made: dt.datetime) -> dt.date | None:
    days = days_of(policy, retention)
    return None if days is None else timezone.localdate(made) + dt.timedelta(days=days)


def keep_promises(today: dt.date | None = None) -> Kept:
    """One round over all studies; safe to run anywhere, at any time, any number at once."""
    today = today or timezone.localdate()
    warnings = gone = people = 0
    for policy in PrivacyPolicy.objects.select_related("study"):
        gone += _films_not_to_keep(policy.study)
        for retention in ("video", "pose"):
            warnings += _warn(policy, retention, today)
            gone += _expire(policy, retention, today)
        warnings += _warn_of_records(policy, today)
        people += _expire_records(policy, today)
    gone += _films_without_policy()
    return Kept(warnings, gone, people)


def _films_not_to_keep(study: Study) -> int:
    """Films of students who did not agree to keep them, as soon as no analysis needs them any more."""
    students = refusing(VIDEO_KEPT, Participant.objects.filter(study=study))
    proofs = files.delete(
        files.films_at_rest(students), study=study, cause=DeletionProof.Cause.NOT_KEPT, retention="video"
    )
    return sum(proof.count for proof in proofs)


def _films_without_policy() -> int:
    """The same where a study made no promise but a student took something back."""
    rows = ConsentStatus.objects.filter(video_kept=False, participant__study__privacy__isnull=True)
    studies = {row.participant.study_id: row.participant.study for row in rows.select_related("participant__study")}
    return sum(_films_not_to_keep(study) for study in studies.values())


def _due(policy: PrivacyPolicy, retention: Retention, until: dt.date) -> Iterator[File]:
    """Files that are to be gone on `until`: made before the class's days."""
    days = days_of(policy, retention)
    if days is None:
        return
    made_until = _end_of(until - dt.timedelta(days=days))
    yield from files.files_of(
        Participant.objects.filter(study=policy.study_id), retention=retention, made_until=made_until
    )


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))


def _warn(policy: PrivacyPolicy, retention: Retention, today: dt.date) -> int:
    """Tell staff of what will go within `warn_days` and a week and of which they were not told: once a week at most."""
    days, soon = days_of(policy, retention), today + dt.timedelta(days=policy.warn_days)
    told = _told(policy, retention, days)
    if days is None or (told is not None and told >= soon):
        return 0
    covers = soon + WEEK
    made_after = None if told is None else _end_of(told - dt.timedelta(days=days))
    untold = sum(1 for file in _due(policy, retention, covers) if made_after is None or file.made > made_after)
    if not untold:
        return 0
    _tell(policy, retention, days=days, count=untold, today=today, covers=covers)
    return 1


def _told(policy: PrivacyPolicy, retention: str, days: int | None, *, on: dt.date | None = None) -> dt.date | None:
    """Up to which day staff were told (on that day or before) under the promise that holds now."""
    if days is None:
        return None
    told = policy.study.retention_warnings.filter(retention=retention, days=days)
    if on is not None:
        told = told.filter(told_on__lte=on)
    until: dt.date | None = told.aggregate(until=Max("covers_until"))["until"]
    return until


def _tell(policy: PrivacyPolicy, retention: str, *, days: int, count: int, today: dt.date, covers: dt.date) -> None:
    study = policy.study
    RetentionWarning.objects.create(
        study=study, retention=retention, days=days, told_on=today, covers_until=covers, count=count
    )
    audit.done(study.pk, None, "deletion announced", retention=retention, count=count, until=str(covers))
    staff = Membership.objects.filter(study=study, role__in=[Membership.Role.OWNER, Membership.Role.OFFICER])
    addresses = [email for email in staff.values_list("user__email", flat=True) if email]
    what = {"video": _("films and pictures"), "pose": _("landmarks and curves"), RECORDS: _("records of students")}
    words = {"count": count, "what": what[retention], "days": policy.warn_days, "study": study.title}
    if addresses:
        send_mail(
            _("%(study)s: data will be deleted") % words,
            _(
                "In the study “%(study)s” the time of %(count)d %(what)s is over soon. They are deleted for good, the "
                "first in %(days)d days. If they must be kept longer, change the study's privacy page before that day."
            )
            % words,
            settings.DEFAULT_FROM_EMAIL,
            addresses,
            fail_silently=True,
        )


def _announced(policy: PrivacyPolicy, retention: Retention | Literal["records"], today: dt.date) -> dt.date | None:
    """Up to which day staff were told, `warn_days` ago or longer."""
    days = policy.record_days if retention == RECORDS else days_of(policy, retention)
    return _told(policy, retention, days, on=today - dt.timedelta(days=policy.warn_days))


def _expire(policy: PrivacyPolicy, retention: Retention, today: dt.date) -> int:
    announced = _announced(policy, retention, today)
    if announced is None:
        return 0
    due = _due(policy, retention, min(today, announced))
    proofs = files.delete(due, study=policy.study, cause=DeletionProof.Cause.EXPIRED, retention=retention)
    return sum(proof.count for proof in proofs)


def _present(study: Study) -> list[Participant]:
    """Students who are not erased yet."""
    erased = ParticipantKey.objects.filter(destroyed_at__isnull=False).values("participant")
    return list(Participant.objects.filter(study=study).exclude(pk__in=erased).select_related("study", "user"))


def _warn_of_records(policy: PrivacyPolicy, today: dt.date) -> int:
    end = records_end(policy)
    if end is None or end > today + dt.timedelta(days=policy.warn_days):
        return 0
    told = _told(policy, RECORDS, policy.record_days)
    if policy.record_days is None or (told is not None and told >= end):
        return 0
    if not (students := _present(policy.study)):
        return 0
    _tell(policy, RECORDS, days=policy.record_days, count=len(students), today=today, covers=max(end, today))
    return 1


def _expire_records(policy: PrivacyPolicy, today: dt.date) -> int:
    end, announced = records_end(policy), _announced(policy, RECORDS, today)
    if end is None or end > today or announced is None or announced < end:
        return 0
    students = _present(policy.study)
    for participant in students:
        erase(participant=participant, by=None, keep_values=False, cause="expired")
    return len(students)
