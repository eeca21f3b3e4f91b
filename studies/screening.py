"""Who is eligible, who is not and why, and what is known of a student at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.access import students_of
from studies.errors import StudyError
from studies.models import Baseline, Participant, ScreeningEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from studies.models import Study, User

OUTCOME = ScreeningEntry.Outcome


def entries_for(user: User, study: Study) -> QuerySet[ScreeningEntry]:
    """What the user may read of the log: their students, and those who are nobody's because they are not enrolled."""
    return study.screening.filter(Q(participant__in=students_of(user, study)) | Q(participant=None))


@transaction.atomic
def screen(
    *, participants: Iterable[Participant], by: User, eligible: bool, reason: str = "", note: str = ""
) -> list[ScreeningEntry]:
    """Confirm students, or exclude them with a reason, before they have a group. All of them or none.

    Errors: nobody_chosen, reason_missing, has_group.
    """
    _check_reason(OUTCOME.ELIGIBLE if eligible else OUTCOME.EXCLUDED, reason, note)
    chosen = [participant.pk for participant in participants]
    rows = list(Participant.objects.select_for_update().filter(pk__in=chosen))
    if not rows:
        raise StudyError("nobody_chosen", _("Choose at least one student."))
    for row in rows:
        if not eligible and row.arm_id is not None:
            raise StudyError(
                "has_group",
                _("A student who has a group is not excluded any more: who was drawn is counted in the group."),
            )
        row.eligibility = Participant.Eligibility.ELIGIBLE if eligible else Participant.Eligibility.EXCLUDED
    Participant.objects.bulk_update(rows, ["eligibility"])
    entries = ScreeningEntry.objects.bulk_create(
        ScreeningEntry(
            study_id=row.study_id,
            participant=row,
            outcome=OUTCOME.ELIGIBLE if eligible else OUTCOME.EXCLUDED,
            reason="" if eligible else reason,
            note=note.strip(),
            screened_by=by,
        )
        for row in rows
    )
    audit.done(
        rows[0].study_id,
        by,
        "students confirmed" if eligible else "students excluded",
        codes=[row.code for row in rows],
        reason=reason,
    )
    return entries


@transaction.atomic
def log_not_enrolled(*, study: Study, by: User, outcome: str, reason: str = "", note: str = "") -> ScreeningEntry:
    """Somebody was asked and is not in the study: for the flow diagram, without a name. Errors: bad_outcome,
    reason_missing.
    """
    if outcome not in {OUTCOME.EXCLUDED, OUTCOME.DECLINED}:
        raise StudyError("bad_outcome", _("Say whether the person was excluded or did not want to take part."))
    _check_reason(outcome, reason, note)
    entry = ScreeningEntry.objects.create(
        study=study, outcome=outcome, reason=reason, note=note.strip(), screened_by=by
    )
    audit.done(study.pk, by, "somebody not enrolled", outcome=outcome, reason=reason)
    return entry


def _check_reason(outcome: str, reason: str, note: str) -> None:
    if outcome != OUTCOME.EXCLUDED:
        return
    if reason not in ScreeningEntry.Reason.values:
        raise StudyError("reason_missing", _("Choose the reason: the flow diagram counts them."))
    if reason == ScreeningEntry.Reason.OTHER and not note.strip():
        raise StudyError("reason_missing", _("Say in the note which other reason it was."))


@transaction.atomic
def save_baseline(
    *,
    participant: Participant,
    by: User,
    seen_version: int,
    values: dict[str, Any],
    year_of_study: int | None = None,
    section: str | None = None,
) -> Baseline:
    """Write what is known at the start, and where given year and section.

    `seen_version` is the version that the person saw, 0 for none.

    Errors: in_the_future, bad_year, changed_meanwhile (somebody saved another version; nothing is overwritten).
    """
    measured_on = values.get("measured_on")
    if measured_on and measured_on > timezone.localdate():
        raise StudyError("in_the_future", _("This date is in the future. Enter the day of the measurement."))
    if year_of_study is not None and not 1 <= year_of_study <= 8:
        raise StudyError("bad_year", _("The year of study is a number from 1 to 8."))
    student = Participant.objects.select_for_update().get(pk=participant.pk)
    row = Baseline.objects.filter(participant=participant).first() or Baseline(participant=participant, version=0)
    if row.version != seen_version:
        raise StudyError(
            "changed_meanwhile",
            _("Somebody saved other values since you opened this page. They are shown now; yours are in the fields."),
        )
    for name, value in values.items():
        setattr(row, name, value)
    student.year_of_study = student.year_of_study if year_of_study is None else year_of_study
    student.section = student.section if section is None else section.strip()
    student.save(update_fields=["year_of_study", "section"])
    row.version, row.changed_by, row.changed_at = row.version + 1, by, timezone.now()
    row.save()
    audit.done(participant.study_id, by, "values at the start", about=participant, version=row.version)
    return row
