"""Erasing a student: by request and decision, or because the time of the study's records is over.

What goes: films, pictures and (of everything) landmarks; name, e-mail, user name, password and sign-ins; every free
text; the key, and with it all that was sealed for the student, also in records that can't be changed. What stays is the
pseudonym in the draw of the groups and in the audit, and, where that was decided, values without a name.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import secrets
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as SignIn
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.consent.services import FOLLOWERS
from studies.errors import StudyError
from studies.jobs.services import drop
from studies.models import (
    ConsentStatus,
    DeletionProof,
    ErasureRequest,
    Job,
    Participant,
    RosterImport,
    User,
)
from studies.privacy import files, keys
from studies.privacy.fields import tables

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studies.privacy.files import File

Decision = ErasureRequest.Decision
REASON_MIN = 10
KEPT_ROWS = {
    *("studies.Participant", "studies.Assignment", "studies.Reassignment", "studies.ScreeningEntry"),
    *("studies.ConsentRecord",),
}
"""Of somebody erased wholly: the draw stays verifiable, the flow diagram stays right, and a sealed proof of consent
stays that nobody can read any more."""


def month_after(day: dt.date) -> dt.date:
    """The same day of the next month, or its last."""
    year, month = day.year + day.month // 12, day.month % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@transaction.atomic
def ask(*, participant: Participant, by: User) -> ErasureRequest:
    """The student asks to be erased; to be decided within a month. Errors: already_asked."""
    if participant.erasure_requests.filter(decision="").exists():
        raise StudyError("already_asked", _("You have asked already. You hear from us before the day on this page."))
    made = ErasureRequest.objects.create(
        participant=participant, requested_by=by, due_on=month_after(timezone.localdate())
    )
    audit.done(participant.study_id, by, "erasure asked for", about=participant, due=str(made.due_on))
    return made


def decide(*, request: ErasureRequest, by: User, decision: str, lawful_basis: str, reason: str) -> ErasureRequest:
    """Erase, wholly or but for values, or refuse; with the lawful basis and the reason, for the record.

    Errors: bad_decision, decided_already, basis_missing, reason_missing, name_in_reason.
    """
    participant = request.participant
    if decision not in Decision.values:
        raise StudyError("bad_decision", _("Choose what is done."))
    if ErasureRequest.objects.filter(pk=request.pk, decision="").first() is None:
        raise StudyError("decided_already", _("This was decided already."))
    if not lawful_basis.strip():
        raise StudyError("basis_missing", _("Name the lawful basis of the decision."))
    if len(reason.strip()) < REASON_MIN:
        raise StudyError("reason_missing", _("Give the reason in a sentence: the student can read it."))
    if any(_mentions(text, participant.user) for text in (reason, lawful_basis)):
        raise StudyError("name_in_reason", _("Write it without the student's name: this record stays."))
    decided = {"decision": decision, "lawful_basis": lawful_basis.strip(), "reason": reason.strip(), "decided_by": by}
    if decision != Decision.REFUSED:
        erase(participant=participant, by=by, keep_values=decision == Decision.KEEP_VALUES, cause="erased")
    with transaction.atomic():
        ErasureRequest.objects.filter(pk=request.pk).update(**decided, decided_at=timezone.now())
        audit.done(
            participant.study_id, by, "erasure decided", about=participant, decision=decision, request=request.pk
        )
    request.refresh_from_db()
    return request


def erase(*, participant: Participant, by: User | None, keep_values: bool, cause: str) -> None:
    """Do it. Safe to do again when a process died half way. Call it outside a transaction."""
    files.stop_all(participant)
    for tell in FOLLOWERS:
        tell(participant)
    proofs = _delete_files(participant, by=by, keep_values=keep_values, cause=cause)
    with transaction.atomic():
        participant = Participant.objects.select_for_update().select_related("user", "study").get(pk=participant.pk)
        _forget_imports(participant)
        _blank_free_text(participant)
        if not keep_values:
            _delete_rows(participant)
        _forget_account(participant)
        ConsentStatus.objects.filter(participant=participant).delete()
        ConsentStatus.objects.create(participant=participant, kind="withdrawn")
        Job.objects.filter(participant=participant).delete()
        keys.destroy(participant)
        audit.done(
            participant.study_id,
            by,
            "participant erased",
            about=participant,
            values_kept=keep_values,
            cause=cause,
            key_destroyed=True,
            files=sum(proof.count for proof in proofs),
            digests=[proof.digest for proof in proofs],
        )
    _settle()


def _delete_files(participant: Participant, *, by: User | None, keep_values: bool, cause: str) -> list[DeletionProof]:
    for job in Job.objects.filter(study=participant.study_id, state=Job.State.DONE).exclude(kind="audit"):
        drop(job)  # archives that were made before hold this student's rows
    for job in Job.objects.filter(participant=participant, state=Job.State.DONE):
        drop(job)
    mine = Participant.objects.filter(pk=participant.pk)
    found: list[File] = []
    for retention in ("video", "consent") if keep_values else ("video", "consent", "pose"):
        found += files.files_of(mine, retention=retention)
    return files.delete(found, study=participant.study, cause=DeletionProof.Cause(cause), retention="all", by=by)


def _mentions(text: str, user: User) -> bool:
    parts = (user.get_full_name(), user.last_name, user.email, user.get_username())
    return any(part and part.casefold() in text.casefold() for part in parts)


def _forget_imports(participant: Participant) -> None:
    """Class lists that wait for a decision and name the student are forgotten."""
    for found in RosterImport.objects.filter(study=participant.study_id).exclude(rows=[], not_read=[]):
        if _mentions(json.dumps([found.rows, found.not_read], ensure_ascii=False), participant.user):
            found.rows, found.not_read, found.state = [], [], RosterImport.State.DISCARDED
            found.save(update_fields=["rows", "not_read", "state"])


def _blank_free_text(participant: Participant) -> None:
    mine = Participant.objects.filter(pk=participant.pk)
    for table in tables():
        blank: dict[str, Any] = {}
        for column in table.columns:
            # Sealed bytes stay: without the key they say nothing, and prove that there was a consent.
            if column.use == "free" and not isinstance(column.field, models.BinaryField):
                blank[column.attname] = _nothing(column.field)
        alone = _unique_in(table.model) & set(blank)
        for row in table.rows(mine) if alone else ():
            same = table.rows(mine).order_by().filter(pk=row.pk)
            same.update(**dict.fromkeys(alone, f"erased-{row.pk}"))
        if others := {name: value for name, value in blank.items() if name not in alone}:
            table.rows(mine).order_by().update(**others)


def _unique_in(model: type[models.Model]) -> set[str]:
    """Columns that can't all be blank at once."""
    alone = {field.attname for field in model._meta.concrete_fields if field.unique and not field.primary_key}
    for constraint in model._meta.total_unique_constraints:
        alone |= {model._meta.get_field(name).attname for name in constraint.fields}  # type: ignore[union-attr]
    return alone


def _nothing(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.JSONField):
        return field.get_default() if field.has_default() else ({} if not field.null else None)
    return ""


def _delete_rows(participant: Participant) -> None:
    """Rows of every table that leads straight to the student; what hangs on them goes with them."""
    mine = Participant.objects.filter(pk=participant.pk)
    for table in tables():
        if table.label not in KEPT_ROWS and "__" not in table.path:
            table.rows(mine).delete()


def _forget_account(participant: Participant) -> None:
    """The account loses everything that names somebody; one that is used elsewhere stays, and lets go of this study."""
    user = participant.user
    elsewhere = user.participations.exclude(pk=participant.pk).exists() or user.memberships.exists() or user.is_staff
    if elsewhere:
        participant.user = _nobody(User())
        participant.save(update_fields=["user"])
        return
    content = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(content_type=content, object_id=str(user.pk)).update(object_repr="", change_message="")
    for sign_in in SignIn.objects.iterator():
        if sign_in.get_decoded().get("_auth_user_id") == str(user.pk):
            sign_in.delete()
    for model in apps.get_models():  # tokens, second factors: what hangs on the account alone
        for field in model._meta.concrete_fields:
            goes = isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
            if goes and field.related_model is User and model is not LogEntry:
                model._default_manager.filter(**{field.name: user}).delete()
    _nobody(user)


def _nobody(user: User) -> User:
    user.username = f"erased-{secrets.token_hex(8)}"
    user.first_name = user.last_name = user.email = ""
    user.is_active, user.last_login = False, None
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
    return user


def _settle() -> None:
    """SQLite keeps replaced pages in its log until they are written back; PostgreSQL's autovacuum sees to its own."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def open_requests(participants: Iterable[int]) -> dict[int, ErasureRequest]:
    """participant -> request that is to be decided."""
    rows = ErasureRequest.objects.filter(participant__in=list(participants), decision="")
    return {row.participant_id: row for row in rows}
