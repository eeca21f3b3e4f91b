"""From rows to arrays: one outcome's values by arm, and everybody who is left out, with the reason."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.db.models import BigIntegerField, Case, FilteredRelation, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from studies.consent.scopes import RESEARCH
from studies.consent.selectors import agreed
from studies.models import ConsentRecord, Participant, Reassignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studies.blinding import ShownArm
    from studies.models import Outcome

Reason = Literal["no_arm", "no_consent", "withdrawn", "no_value", "not_finite", "off_protocol"]


@dataclass(frozen=True, slots=True)
class ArmData:
    """One arm's values in the outcome's unit, beside the participants' codes, in the order of the codes."""

    key: str
    name: str
    codes: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A participant whose row is in no test. `arm` is a key, empty for `no_arm`."""

    code: str
    arm: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Dataset:
    """Arms in the order of the study, of a blinded reader that of the letters: the first minus the second is the
    difference of a two-arm table.
    """

    arms: tuple[ArmData, ...]
    exclusions: tuple[Exclusion, ...]


def load_dataset(outcome: Outcome, arms: Sequence[ShownArm]) -> Dataset:
    """The outcome's values at its main time, by arm. One query, whatever the size of the class.

    A student moved by hand counts in the arm that was drawn for them (intention to treat). `arms` are the study's as
    the reader may see them, in that order; an arm without values stays, empty. Nobody is dropped silently: each
    participant is in an arm's values or in the exclusions. Who has not agreed to the study, or agrees no longer, is in
    the latter.
    """
    at_the_time = Q(measurements__outcome=outcome, measurements__time_point=outcome.main_time_point_id)
    if outcome.main_time_point_id is None:
        at_the_time = Q(measurements__outcome=outcome, measurements__time_point__isnull=True)
    first_move = Reassignment.objects.filter(participant=OuterRef("pk")).order_by("changed_at", "pk")
    rows = (
        Participant.objects.filter(study_id=outcome.study_id)
        .annotate(
            measured=FilteredRelation("measurements", condition=at_the_time),
            drawn_arm=Coalesce(
                Subquery(first_move.values("from_arm_id")[:1]), "arm_id", output_field=BigIntegerField()
            ),
        )
        .order_by()
        .annotate(agreed=Case(When(agreed(RESEARCH), then=True), default=False))
        .values_list("code", "drawn_arm", "measured__value", "agreed", "consent__kind")
    )
    keys = {arm.pk: arm.key for arm in arms}
    values: dict[int, list[tuple[str, float]]] = {arm.pk: [] for arm in arms}
    exclusions = []
    # Sorted here: databases order text by their locale, and the data's hash must not depend on it.
    for code, arm_id, value, may_be_used, answer in sorted(rows, key=lambda row: row[0]):
        reason = _reason(arm_id, value) if may_be_used else _without_consent(answer)
        if reason is not None:
            exclusions.append(Exclusion(code=code, arm=keys.get(arm_id, ""), reason=reason))
        else:
            values[arm_id].append((code, float(value)))
    return Dataset(
        arms=tuple(
            ArmData(
                key=arm.key,
                name=arm.name,
                codes=tuple(code for code, _value in values[arm.pk]),
                values=tuple(value for _code, value in values[arm.pk]),
            )
            for arm in arms
        ),
        exclusions=tuple(exclusions),
    )


def _without_consent(answer: str | None) -> Reason:
    return "withdrawn" if answer == ConsentRecord.Kind.WITHDRAWN else "no_consent"


def _reason(arm_id: int | None, value: float | None) -> Reason | None:
    if arm_id is None:
        return "no_arm"
    if value is None:
        return "no_value"
    return None if math.isfinite(value) else "not_finite"
