"""What is in force, for whom: read by every part that depends on consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.consent.scopes import RESEARCH, SCOPES, VIDEO_KEPT
from studies.models import ConsentRecord, ConsentStatus, ConsentText, Participant, PrivacyPolicy
from studies.privacy.small_cells import guarded

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from studies.models import Study, User

KIND = ConsentRecord.Kind


def policy_of(study: Study) -> PrivacyPolicy:
    """The study's promises; unsaved defaults, which ask for nothing, where it made none."""
    return PrivacyPolicy.objects.filter(study=study).first() or PrivacyPolicy(study=study, version=0)


def current_text(study: Study) -> ConsentText | None:
    """The published text with the highest version."""
    return study.consent_texts.filter(published_at__isnull=False).first()


def agreed(scope: str, *, prefix: str = "") -> Q:
    """Condition on participants (or, with `prefix` like "participant__", on rows that lead to them): this is allowed.

    Who answered: by the answer. Who never did: only where the study asks for no consent.
    """
    assert scope in SCOPES
    answered = Q(**{f"{prefix}consent__isnull": False, f"{prefix}consent__{scope}": True})
    not_asked = Q(**{f"{prefix}consent__isnull": True}) & (
        Q(**{f"{prefix}study__privacy__isnull": True}) | Q(**{f"{prefix}study__privacy__consent_required": False})
    )
    return answered | not_asked


def allows(participant: Participant, scope: str) -> bool:
    """The same for one student, asked anew."""
    return Participant.objects.filter(agreed(scope), pk=participant.pk).exists()


def refusing(scope: str, participants: QuerySet[Participant]) -> QuerySet[Participant]:
    """Those of these students of whom this is not allowed."""
    return participants.exclude(pk__in=Participant.objects.filter(agreed(scope)).values("pk"))


def withdrawn_of(study: Study) -> dict[int, str]:
    """The students who took the study back (primary keys), for the flow of students."""
    rows = ConsentStatus.objects.filter(participant__study=study, kind=KIND.WITHDRAWN)
    return dict.fromkeys(rows.values_list("participant_id", flat=True), str(_("Took the consent back")))


def takes_films(participant: Participant, *, lock: bool = False) -> bool:
    """Whether a film of this student may be taken now. `lock`: in a transaction, until its end."""
    if lock:
        list(ConsentStatus.objects.select_for_update().filter(participant=participant))
    return allows(participant, RESEARCH)


def keeps_films(participant: Participant) -> bool:
    return allows(participant, VIDEO_KEPT)


def to_answer(user: User) -> list[Participant]:
    """The user's participations whose current text they have not answered: asked before anything else."""
    rows = Participant.objects.filter(user=user, study__privacy__consent_required=True)
    newest = ConsentText.objects.filter(study=OuterRef("study"), published_at__isnull=False).order_by("-version")
    rows = rows.annotate(newest_text=Subquery(newest.values("pk")[:1])).filter(newest_text__isnull=False)
    answered = ConsentRecord.objects.filter(participant=OuterRef("pk"), text=OuterRef("newest_text"))
    return list(rows.filter(~Exists(answered)).select_related("study").order_by("pk"))


def shows_names(study: Study) -> bool:
    """Whether the day has come from which the study's owner sees who agreed; counts are shown before."""
    policy = policy_of(study)
    return policy.consent_visible_from is not None and policy.consent_visible_from <= timezone.localdate()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of the study's students are in each state, and how many agreed to each purpose."""

    states: dict[str, int]
    scopes: dict[str, int]
    students: int


def counts_of(study: Study) -> Counts:
    rows = list(study.participants.order_by().values_list("consent__kind", *(f"consent__{scope}" for scope in SCOPES)))
    states = {str(kind): 0 for kind in ("", *KIND.values)}
    scopes = dict.fromkeys(SCOPES, 0)
    for kind, *given in rows:
        states[kind or ""] += 1
        for scope, yes in zip(SCOPES, given, strict=True):
            scopes[scope] += bool(yes)
    return Counts(states, scopes, len(rows))


def shown_counts(study: Study) -> tuple[int, dict[str, int | None], dict[str, int | None]]:
    """Students, and as `counts_of` states and purposes; None where a count, or the rest, would point at somebody."""
    counts = counts_of(study)
    scopes = {
        scope: guarded({"yes": count, "no": counts.students - count})["yes"] for scope, count in counts.scopes.items()
    }
    return counts.students, guarded(counts.states), scopes
