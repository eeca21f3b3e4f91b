"""What can be done with an injury: log it, report it oneself, correct it, close it, strike it out. Nothing deletes one.

Callers have authorised the person through the doors. Errors are StudyError with the codes named at each function.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.errors import StudyError
from studies.models import HealthProblem, Injury, InjuryChange
from studies.safety.services import look_at_injury

if TYPE_CHECKING:
    from studies.models import Participant, User

SAME_INJURY_DAYS = 3
CODED = (
    *("occurred_on", "region", "side", "onset", "tissue", "activity", "course", "pain"),
    *("days_lost", "returned_on", "status", "form_related"),
)
TEXTS = ("form_reason", "note")
COURSE_OF_IT = frozenset({"days_lost", "returned_on", "status", "form_related", "form_reason", "note", "pain"})
"""What changes as an injury heals and is judged; changing anything else corrects an entry and needs a reason."""


@transaction.atomic
def log_injury(
    *,
    participant: Participant,
    occurred_on: dt.date,
    region: str,
    by: User,
    days_lost: int | None = 0,
    form_related: bool | None = None,
    note: str = "",
    check_twice: bool = False,
    **details: Any,
) -> Injury:
    """Write an injury into the log. `form_related` None: not known; `details` are the other columns of `Injury`.

    Without `days_lost` they follow from `returned_on`, else 0. `check_twice` refuses what the log perhaps has already.
    Errors: in_the_future, before_enrolment, bad_region, bad_choice, bad_days, bad_return, bad_pain, perhaps_twice.
    """
    if occurred_on < enrolled_on(participant):
        raise StudyError(
            "before_enrolment",
            _("This is before the student was in the study. Check the day; what was before is no injury of the study."),
        )
    if check_twice and alike(participant, occurred_on, region):
        raise StudyError(
            "perhaps_twice",
            _("The log has an injury there within 3 days already. Save again only if this is another one."),
        )
    values = {"occurred_on": occurred_on, "region": region, "days_lost": days_lost, "form_related": form_related}
    injury = Injury(participant=participant, logged_by=by, note=note.strip(), **_checked(values | details))
    if form_related is not None:
        injury.judged_by, injury.judged_at = by, timezone.now()
    injury.save()
    audit.done(participant.study_id, by, "injury logged", about=participant, injury=injury.pk)
    look_at_injury(injury)
    return injury


@transaction.atomic
def report_injury(
    *, participant: Participant, occurred_on: dt.date, region: str, pain: int | None = None, note: str = "", **more: Any
) -> Injury:
    """What a student reports of themself. No rule of the study blocks it: what began earlier is kept, and in no rate.

    Errors: in_the_future, bad_region, bad_choice, bad_pain.
    """
    values = {"occurred_on": occurred_on, "region": region, "pain": pain, "days_lost": 0, **more}
    injury = Injury(
        participant=participant,
        logged_by=participant.user,
        note=note.strip(),
        source=Injury.Source.STUDENT,
        before_enrolment=occurred_on < enrolled_on(participant),
        **_checked(values),
    )
    injury.save()
    audit.done(participant.study_id, participant.user, "injury reported", about=participant, injury=injury.pk)
    look_at_injury(injury)
    return injury


@transaction.atomic
def log_problem_as_injury(*, problem: HealthProblem, occurred_on: dt.date, by: User) -> Injury:
    """Make an injury of a problem from the weekly questions, once.

    Errors: no_injury, logged_already, and those of `log_injury`.
    """
    if problem.kind != HealthProblem.Kind.INJURY:
        raise StudyError("no_injury", _("An illness is not logged as an injury."))
    row = HealthProblem.objects.select_for_update().get(pk=problem.pk)
    if row.injury_id is not None:
        raise StudyError("logged_already", _("This problem is in the injury log already."))
    injury = log_injury(
        participant=problem.answer.participant,
        occurred_on=occurred_on,
        region=problem.region,
        side=problem.side,
        by=by,
        source=Injury.Source.OSTRC,
    )
    HealthProblem.objects.filter(pk=problem.pk).update(injury=injury)
    return injury


@transaction.atomic
def correct_injury(*, injury: Injury, by: User, seen_version: int, values: dict[str, Any], reason: str = "") -> Injury:
    """Change an injury, leaving what was before in the trail. `values` are the columns to set; unchanged ones are no
    change, and nothing changed saves nothing.

    Errors: changed_meanwhile, struck_out, reason_missing (see COURSE_OF_IT), and those of `log_injury`.
    """
    row = _locked(injury, seen_version)
    values = {"days_lost": row.days_lost, "occurred_on": row.occurred_on, "returned_on": row.returned_on} | values
    checked = _checked(values)
    if not row.before_enrolment and checked["occurred_on"] < enrolled_on(row.participant):
        raise StudyError("before_enrolment", _("This is before the student was in the study. Check the day."))
    changed = [name for name in (*CODED, *TEXTS) if name in checked and checked[name] != getattr(row, name)]
    if not changed:
        return row
    if not COURSE_OF_IT.issuperset(changed) and not reason.strip():
        raise StudyError("reason_missing", _("Say why the entry is corrected: the trail keeps it."))
    before = {name: _plain(getattr(row, name)) for name in changed if name in CODED}
    for name in changed:
        setattr(row, name, checked[name])
    if "form_related" in changed:
        row.judged_by, row.judged_at = (None, None) if row.form_related is None else (by, timezone.now())
    after = {name: _plain(getattr(row, name)) for name in changed if name in CODED}
    texts = [name for name in changed if name in TEXTS]
    _keep(row, by, before=before, after=after, texts=texts, reason=reason)
    audit.done(row.participant.study_id, by, "injury changed", about=row.participant, injury=row.pk, fields=changed)
    look_at_injury(row)
    return row


@transaction.atomic
def strike_injury(*, injury: Injury, by: User, seen_version: int, reason: str) -> Injury:
    """Take an entry made by mistake out of every count; row and trail stay. Errors: changed_meanwhile, struck_out,
    reason_missing.
    """
    row = _locked(injury, seen_version)
    if not reason.strip():
        raise StudyError("reason_missing", _("Say why this entry is a mistake: it stays in the trail with the reason."))
    row.struck_at, row.struck_reason = timezone.now(), reason.strip()
    _keep(row, by, before={"struck": False}, after={"struck": True}, texts=[], reason=reason)
    audit.done(row.participant.study_id, by, "injury struck out", about=row.participant, injury=row.pk)
    return row


def enrolled_on(participant: Participant) -> dt.date:
    return timezone.localdate(participant.enrolled_at)


def alike(participant: Participant, occurred_on: dt.date, region: str) -> list[Injury]:
    """Standing injuries of the same region within three days: perhaps the same one."""
    near = dt.timedelta(days=SAME_INJURY_DAYS)
    days = (occurred_on - near, occurred_on + near)
    return list(participant.injuries.standing().filter(region=region, occurred_on__range=days))


def _locked(injury: Injury, seen_version: int) -> Injury:
    row = Injury.objects.select_for_update(of=("self",)).select_related("participant__study").get(pk=injury.pk)
    if row.version != seen_version:
        raise StudyError(
            "changed_meanwhile",
            _("Somebody changed this entry since you opened the page. Look at it anew; nothing was overwritten."),
        )
    if row.struck_at is not None:
        raise StudyError("struck_out", _("This entry is struck out. Log the injury anew if it was one after all."))
    return row


def _keep(
    row: Injury, by: User, *, before: dict[str, Any], after: dict[str, Any], texts: list[str], reason: str
) -> None:
    row.version += 1
    row.save()
    InjuryChange.objects.create(
        injury=row,
        version=row.version,
        changed_by=by,
        before=before,
        after=after,
        texts=texts,
        reason=reason.strip(),
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The columns, cleaned: days lost from the return where only that is known, closed with the return."""
    occurred_on, returned_on = values["occurred_on"], values.get("returned_on")
    days_lost, pain, today = values.get("days_lost"), values.get("pain"), timezone.localdate()
    if occurred_on > today:
        raise StudyError("in_the_future", _("This date is in the future. Enter the day of the injury."))
    if "region" in values and values["region"] not in Injury.Region.values:
        raise StudyError("bad_region", _("Choose the part of the body from the list."))
    _check_choices(values)
    if pain is not None and not 0 <= pain <= 10:
        raise StudyError("bad_pain", _("Pain is a number from 0 to 10."))
    if returned_on is not None and not occurred_on <= returned_on <= today:
        raise StudyError("bad_return", _("The return is on the day of the injury or later, and not in the future."))
    missed = None if returned_on is None else max(0, (returned_on - occurred_on).days - 1)
    if days_lost is None:
        days_lost = missed or 0
    if days_lost < 0:
        raise StudyError("bad_days", _("Days lost can't be less than 0. Enter 0 when no training was missed."))
    if missed is not None and days_lost > missed:
        raise StudyError(
            "bad_days", _("More days lost than lie between injury and return. Leave them empty to have them counted.")
        )
    return values | {"days_lost": days_lost}


CHOICES = {
    "side": Injury.Side,
    "onset": Injury.Onset,
    "tissue": Injury.Tissue,
    "activity": Injury.Activity,
    "course": Injury.Course,
}


def _check_choices(values: dict[str, Any]) -> None:
    for name, choices in CHOICES.items():
        if values.get(name, "") not in {"", *choices.values}:
            raise StudyError("bad_choice", _("Choose an answer from the list."))
    if "status" in values and values["status"] not in Injury.Status.values:
        raise StudyError("bad_choice", _("Choose an answer from the list."))
