"""The counts of the flow diagram, from the rows, in a constant number of queries.

A student counts in the group that was drawn, for allocation, training and losses. Whom an outcome's analysis takes, and
in which group, is what the report does (`analysis.datasets`): after a move by hand that is the new group.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.datasets import load_dataset
from analysis.reading import exclusion_reason
from coaching.models import Session
from studies.access import arm_name
from studies.blinding import ShownArm
from studies.losses import losses_of
from studies.models import Measurement, Participant, Reassignment, ScreeningEntry, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studies.models import Arm, Outcome, Study, User


@dataclass(frozen=True, slots=True)
class Count:
    """How many for one reason, visit or section."""

    label: str
    n: int


@dataclass(frozen=True, slots=True)
class Analysed:
    """One outcome in one arm: whose value is in the planned test, and who is left out for which reason."""

    outcome: str
    n: int
    left_out: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class ArmFlow:
    """One arm. `trained` had a lesson in the log or a film that was kept; `visits` were measured at each time."""

    name: str
    allocated: int
    trained: int
    moved_out: int
    moved_in: int
    sections: tuple[Count, ...]
    lost: tuple[Count, ...]
    visits: tuple[Count, ...]
    analysed: tuple[Analysed, ...]

    @property
    def never_trained(self) -> int:
        return self.allocated - self.trained

    @property
    def lost_all(self) -> int:
        return sum(count.n for count in self.lost)


@dataclass(frozen=True, slots=True)
class Flow:
    """The whole diagram. Reasons with nobody in them are not rows; boxes with nobody in them are, with 0."""

    assessed: int
    excluded: tuple[Count, ...]
    declined: int
    waiting: int
    unconfirmed: int
    randomised: int
    arms: tuple[ArmFlow, ...]

    @property
    def excluded_all(self) -> int:
        return sum(count.n for count in self.excluded)

    @property
    def has_sections(self) -> bool:
        return any(arm.sections for arm in self.arms)

    @property
    def has_values(self) -> bool:
        return any(row.n for arm in self.arms for row in arm.analysed)


@dataclass(frozen=True, slots=True)
class _Row:
    """A student as far as the flow asks. `arm` is the one that was drawn, `now` the present one."""

    pk: int
    arm: int
    now: int
    section: str
    trained: bool


def build_flow(user: User, study: Study) -> Flow:
    """The flow as this person may read it: groups by the name that they see, in its order where they are blinded."""
    arms = list(study.arms.all())
    outcomes = list(study.outcomes.select_related("main_time_point"))
    rows = _drawn(study)
    lost = losses_of(study)
    visits = _visits(study)
    excluded, declined = _not_taken(study)
    without = Counter(study.participants.filter(arm=None).values_list("eligibility", flat=True))
    analysed = _analysed(outcomes, arms)
    flows = [
        _arm_flow(arm_name(user, arm), arm.pk, rows=rows, lost=lost, visits=visits, analysed=analysed[arm.pk])
        for arm in arms
    ]
    if any(flow.name != arm.name for flow, arm in zip(flows, arms, strict=True)):
        flows.sort(key=lambda flow: flow.name)
    eligibility = Participant.Eligibility
    return Flow(
        assessed=sum(count.n for count in excluded)
        + declined
        + len(rows)
        + sum(without.values())
        - without[eligibility.EXCLUDED],
        excluded=excluded,
        declined=declined,
        waiting=without[eligibility.ELIGIBLE],
        unconfirmed=without[eligibility.UNCONFIRMED],
        randomised=len(rows),
        arms=tuple(flows),
    )


def _drawn(study: Study) -> list[_Row]:
    """Everybody who has a group, with the group before the first move by hand."""
    first: dict[int, int] = {}
    moves = Reassignment.objects.filter(participant__study=study).order_by("changed_at", "pk")
    for participant, arm in moves.values_list("participant_id", "from_arm_id"):
        first.setdefault(participant, arm)
    lessons = TrainingSession.objects.filter(participant=OuterRef("pk"))
    films = Session.objects.filter(participant=OuterRef("pk"), rejected_code="")
    rows = (
        Participant.objects.filter(study=study, arm__isnull=False)
        .annotate(has_lesson=Exists(lessons), has_film=Exists(films))
        .values_list("pk", "arm_id", "section", "has_lesson", "has_film")
    )
    return [_Row(pk, first.get(pk, arm), arm, section, lesson or film) for pk, arm, section, lesson, film in rows]


def _not_taken(study: Study) -> tuple[tuple[Count, ...], int]:
    """Excluded by reason, and who did not want to. A student who was enrolled counts for their newest exclusion."""
    outcomes = ScreeningEntry.Outcome
    entries = study.screening.order_by("screened_at", "pk")
    declined = entries.filter(participant=None, outcome=outcomes.DECLINED).count()
    reasons = list(entries.filter(participant=None, outcome=outcomes.EXCLUDED).values_list("reason", flat=True))
    out = study.participants.filter(eligibility=Participant.Eligibility.EXCLUDED)
    newest = dict.fromkeys(out.values_list("pk", flat=True), "")
    of_students = entries.filter(outcome=outcomes.EXCLUDED, participant__in=list(newest))
    newest |= dict(of_students.values_list("participant_id", "reason"))
    words = dict(ScreeningEntry.Reason.choices)
    found = Counter(str(words.get(reason, _("No reason in the log"))) for reason in [*reasons, *newest.values()])
    return _counts(found), declined


def _visits(study: Study) -> list[tuple[str, set[int]]]:
    """Each time of the plan, and who was measured at it."""
    times = list(study.time_points.all())
    found: dict[int, set[int]] = {time.pk: set() for time in times}
    rows = Measurement.objects.filter(outcome__study=study, time_point__isnull=False)
    for time, participant in rows.values_list("time_point_id", "participant_id").distinct():
        found[time].add(participant)
    return [(time.name, found[time.pk]) for time in times]


REASONS = {
    "no_value": gettext_lazy("no value at the main time"),
    "not_finite": gettext_lazy("the value is no number"),
}
"""Where the flow says it in words of its own; else as the report does."""


def _reason(code: str) -> str:
    return str(REASONS[code]) if code in REASONS else exclusion_reason(code)


def _analysed(outcomes: list[Outcome], arms: list[Arm]) -> dict[int, list[Analysed]]:
    shown = [ShownArm(arm.pk, arm.key, arm.name, arm.position, arm.gives_ai_feedback) for arm in arms]
    found: dict[int, list[Analysed]] = {arm.pk: [] for arm in arms}
    for outcome in outcomes:
        data = load_dataset(outcome, shown)
        for arm, values in zip(arms, data.arms, strict=True):
            left_out = Counter(_reason(row.reason) for row in data.exclusions if row.arm == arm.key)
            found[arm.pk].append(Analysed(outcome.name, len(values.values), _counts(left_out)))
    return found


def _arm_flow(
    name: str,
    arm: int,
    *,
    rows: list[_Row],
    lost: dict[int, str],
    visits: list[tuple[str, set[int]]],
    analysed: list[Analysed],
) -> ArmFlow:
    members = [row for row in rows if row.arm == arm]
    keys = {row.pk for row in members}
    sections = Counter(row.section for row in members)
    named = any(sections)
    return ArmFlow(
        name=name,
        allocated=len(members),
        trained=sum(row.trained for row in members),
        moved_out=sum(row.now != arm for row in members),
        moved_in=sum(row.now == arm and row.arm != arm for row in rows),
        sections=tuple(Count(section or _("No section"), n) for section, n in sorted(sections.items()))
        if named
        else (),
        lost=_counts(Counter(reason for pk, reason in lost.items() if pk in keys)),
        visits=tuple(Count(time, len(measured & keys)) for time, measured in visits),
        analysed=tuple(analysed),
    )


def _counts(found: Counter[str]) -> tuple[Count, ...]:
    """The most frequent first, then by name."""
    order: Iterable[tuple[str, int]] = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(label, n) for label, n in order)
