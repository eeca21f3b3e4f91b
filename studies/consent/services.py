"""Answers of students: agree, say no, take back; a guardian's signature; what follows from each.

Every answer is a new `ConsentRecord`. `ConsentStatus` is written in the same transaction and is what others lock.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.consent import pdf
from studies.consent.scopes import FACE_VISIBLE, RESEARCH, SCOPES, VIDEO_KEPT, known
from studies.consent.selectors import KIND, current_text, policy_of
from studies.errors import StudyError
from studies.models import Baseline, ConsentRecord, ConsentStatus, DeletionProof, Participant
from studies.privacy import files, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from studies.models import ConsentText, User

GUARDIAN_SALT = "studies.consent.guardian"
GUARDIAN_DAYS = 30
NAME_MAX = 150


@dataclass(frozen=True, slots=True)
class Answer:
    """What the student said on the page. `born_on` where the age is not known from the values at the start."""

    scopes: tuple[str, ...]
    typed_name: str
    born_on: dt.date | None = None


def age_known(participant: Participant) -> int | None:
    """Years, from the values at the start."""
    return Baseline.objects.filter(participant=participant).values_list("age_years", flat=True).first()


def is_minor(participant: Participant, born_on: dt.date | None) -> bool:
    """Whether a guardian has to agree too. Errors: age_missing, bad_birth_date."""
    years, today = age_known(participant), timezone.localdate()
    if born_on is not None:
        if not 8 <= (today.year - born_on.year) <= 110:
            raise StudyError("bad_birth_date", _("Check the date of birth."))
        years = today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
    if years is None:
        raise StudyError("age_missing", _("Enter your date of birth: younger students agree with a guardian."))
    return years < policy_of(participant.study).age_of_consent


def check(*, participant: Participant, text: ConsentText, answer: Answer) -> bool:
    """Whether this answer could be given; True when a guardian has to agree too. Errors: as `give`."""
    if RESEARCH not in answer.scopes or RESEARCH not in text.scopes:
        raise StudyError("research_missing", _("Tick that you take part, or choose to say no."))
    _check_name(answer.typed_name, participant)
    return is_minor(participant, answer.born_on)


def give(*, participant: Participant, text: ConsentText, by: User, answer: Answer) -> ConsentRecord:
    """Agree to the study and to further purposes; of a minor it waits for the guardian.

    Errors: not_current, research_missing, name_missing, name_differs, age_missing, bad_birth_date, erased.
    """
    scopes = [key for key in known(answer.scopes) if key in text.scopes]
    minor = check(participant=participant, text=text, answer=answer)
    sealed = {
        "name": answer.typed_name.strip(),
        "born_on": answer.born_on.isoformat() if answer.born_on else None,
    }
    kind = KIND.ASSENT if minor else KIND.GIVEN
    return _record(participant=participant, text=text, by=by, kind=kind, scopes=scopes, sealed=sealed)


def decline(*, participant: Participant, text: ConsentText, by: User) -> ConsentRecord:
    """Say no. The student stays in the course. Errors: not_current."""
    return _record(participant=participant, text=text, by=by, kind=KIND.DECLINED, scopes=[], sealed=None)


def withdraw(*, participant: Participant, by: User, scopes: Iterable[str]) -> ConsentRecord:
    """Take back purposes; taking back the study takes back all of them. Errors: nothing_to_withdraw."""
    status = ConsentStatus.objects.filter(participant=participant).select_related("record__text").first()
    record = status.record if status else None
    if record is None or not (record.scopes or record.kind == KIND.ASSENT):
        raise StudyError("nothing_to_withdraw", _("There is nothing to take back."))
    left = remaining(record.scopes, scopes)
    if left == record.scopes and record.kind != KIND.ASSENT:
        raise StudyError("nothing_to_withdraw", _("Choose what you take back."))
    kind = KIND.GIVEN if left else KIND.WITHDRAWN
    return _record(participant=participant, text=record.text, by=by, kind=kind, scopes=left, sealed=None, current=False)


def remaining(given: Iterable[str], taken_back: Iterable[str]) -> list[str]:
    """What stays in force; without the study itself nothing does."""
    left = [key for key in known(given) if key not in set(taken_back)]
    return left if RESEARCH in left else []


def _check_name(typed: str, participant: Participant) -> None:
    if not typed.strip() or len(typed) > NAME_MAX:
        raise StudyError("name_missing", _("Type your full name: it is your signature."))
    account = participant.user.get_full_name()
    if account and _bare(typed) != _bare(account):
        raise StudyError("name_differs", _("Type your name as it is written at the top of the form."))


def _bare(name: str) -> str:
    return " ".join(name.casefold().split())


def _record(
    *,
    participant: Participant,
    text: ConsentText,
    by: User | None,
    kind: str,
    scopes: list[str],
    sealed: dict[str, Any] | None,
    current: bool = True,
) -> ConsentRecord:
    """Write the answer and what is in force now; then, outside the transaction, what follows for files."""
    if current and text != current_text(participant.study):
        raise StudyError("not_current", _("The text was changed meanwhile. Read the new one, please."))
    in_force = [] if kind == KIND.ASSENT else scopes
    with transaction.atomic():
        status, _made = ConsentStatus.objects.select_for_update().get_or_create(participant=participant)
        before = [key for key in SCOPES if getattr(status, key)]
        record = ConsentRecord(participant=participant, text=text, kind=kind, scopes=in_force, made_by=by)
        record.asked = scopes if kind == KIND.ASSENT else []
        if sealed is not None:
            record.sealed = keys.seal(participant, json.dumps(sealed).encode(), purpose=pdf.SEALED)
        record.save()
        status.record, status.kind = record, kind
        for key in SCOPES:
            setattr(status, key, key in in_force)
        status.save()
        # Neither who nor what: the owner reads the audit, and may be the one who gives grades.
        audit.done(participant.study_id, None, "consent answered", version=text.version, record=record.pk)
    if sealed is not None and kind == KIND.GIVEN:
        pdf.store(record, sealed)
    follow(participant, lost=[key for key in before if key not in in_force])
    return record


FOLLOWERS: list[Callable[[Participant], object]] = []
"""Called when a student takes back the study itself: by parts that rest on the student's data and must say so."""


def follow(participant: Participant, *, lost: list[str]) -> None:
    """What taking back does at once: uploads and analyses on their way end, and films are deleted with a proof."""
    if RESEARCH not in lost and VIDEO_KEPT not in lost:
        return
    if RESEARCH in lost:
        files.stop_all(participant)
        for tell in FOLLOWERS:
            tell(participant)
    mine = Participant.objects.filter(pk=participant.pk)
    films = files.files_of(mine, retention="video") if RESEARCH in lost else files.films_at_rest(mine)
    files.delete(
        films,
        study=participant.study,
        cause=DeletionProof.Cause.WITHDRAWN,
        retention="video",
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What taking back these purposes does, before it is done: shown to the student."""

    scopes: list[str]
    left: list[str]
    films: int
    film_bytes: int
    deletes_films: bool
    hides_films: bool


def effect_of(participant: Participant, scopes: Iterable[str]) -> Effect:
    """Count what would be deleted. Nothing is changed."""
    status = ConsentStatus.objects.filter(participant=participant).select_related("record").first()
    given = status.record.scopes if status and status.record else []
    left = remaining(given, scopes)
    lost = [key for key in known(given) if key not in left]
    deletes = RESEARCH in lost or VIDEO_KEPT in lost
    mine = Participant.objects.filter(pk=participant.pk)
    found = list(files.files_of(mine, retention="video")) if deletes else []
    return Effect(
        scopes=lost,
        left=left,
        films=len(found),
        film_bytes=sum(file.size() for file in found),
        deletes_films=deletes,
        hides_films=FACE_VISIBLE in lost and not deletes,
    )


def guardian_token(record: ConsentRecord) -> str:
    """What stands in the link and QR code for the guardian: signed, and worth nothing once there is a newer answer."""
    return signing.dumps(record.pk, salt=GUARDIAN_SALT)


def assent_of(token: str) -> ConsentRecord:
    """The assent that waits. Errors: link_unknown, link_over."""
    try:
        pk = signing.loads(token, salt=GUARDIAN_SALT, max_age=dt.timedelta(days=GUARDIAN_DAYS))
    except signing.SignatureExpired:
        raise StudyError("link_over", _("This link is over. The student can make a new one.")) from None
    except signing.BadSignature:
        raise StudyError("link_unknown", _("This link is not whole. Open it again from the student's page.")) from None
    rows = ConsentRecord.objects.select_related("participant__study", "participant__user", "text")
    record = rows.filter(pk=pk, kind=KIND.ASSENT).first()
    status = ConsentStatus.objects.filter(record=pk).first()
    if record is None or status is None:
        raise StudyError("link_over", _("This was answered already, or the student took it back."))
    return record


def guardian_signs(*, token: str, typed_name: str, relation: str) -> ConsentRecord:
    """The guardian agrees to what the minor agreed to. Errors: link_unknown, link_over, not_current, name_missing."""
    assent = assent_of(token)
    if not typed_name.strip() or len(typed_name) > NAME_MAX:
        raise StudyError("name_missing", _("Type your full name: it is your signature."))
    sealed = opened(assent)
    sealed |= {
        "guardian": typed_name.strip(),
        "relation": relation.strip()[:60],
        "assent_at": assent.made_at.isoformat(timespec="seconds"),
    }
    return _record(
        participant=assent.participant,
        text=assent.text,
        by=None,
        kind=KIND.GIVEN,
        scopes=list(assent.asked),
        sealed=sealed,
    )


def opened(record: ConsentRecord) -> dict[str, Any]:
    """What is sealed in a record: the names as typed, the date of birth. Errors: erased, unreadable."""
    found: dict[str, Any] = json.loads(keys.unseal(record.participant, record.sealed, purpose=pdf.SEALED))
    return found


def guardian_declines(*, token: str) -> ConsentRecord:
    """The guardian says no. Errors: link_unknown, link_over, not_current."""
    assent = assent_of(token)
    return _record(
        participant=assent.participant, text=assent.text, by=None, kind=KIND.DECLINED, scopes=[], sealed=None
    )


@transaction.atomic
def countersign(*, record: ConsentRecord, by: User) -> None:
    """Staff confirm that they saw the consent. Errors: not_to_countersign."""
    rows = ConsentRecord.objects.filter(pk=record.pk, kind=KIND.GIVEN, countersigned_at__isnull=True)
    if not rows.update(countersigned_by=by, countersigned_at=timezone.now()):
        raise StudyError("not_to_countersign", _("This was countersigned already, or is no consent."))
    audit.done(record.participant.study_id, by, "consent countersigned", about=record.participant)
