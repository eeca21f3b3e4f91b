"""Committed randomisation: fix a design, publish its hash, assign students one by one or at once, close and reveal.

The stored side of `studies.randomise.design` and `studies.randomise.sequence`. The seed is read here and nowhere else.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from studies import audit
from studies.closing.rules import refuse_closed
from studies.errors import StudyError
from studies.models import Arm, Assignment, Participant, RandomisationPlan, Reassignment, Study
from studies.protocol.services import settle_protocol
from studies.randomise.design import (
    CLUSTERS,
    SEED_BITS,
    SEQUENTIAL,
    Design,
    InvalidDesign,
    checked,
    commitment_of,
    read_design,
)
from studies.randomise.sequence import Entry, Sequence, draw_batch, replay
from studies.randomise.stream import InvalidRoster

if TYPE_CHECKING:
    from collections.abc import Callable

    from studies.models import User

FORMAT = "liftlab-allocation-1"
NAMED_IN_ERRORS = 5


def _at_start(field: str) -> Callable[[Participant], object]:
    """Reads a baseline value; None where nobody wrote one."""

    return lambda participant: getattr(getattr(participant, "baseline", None), field, None)


SOURCES: dict[str, Callable[[Participant], object]] = {
    "year": lambda participant: participant.year_of_study,
    "section": lambda participant: participant.section,
    "sex": _at_start("sex"),
    "age": _at_start("age_years"),
    "experience": _at_start("experience_months"),
    "mass": _at_start("mass_kg"),
    "working_load": _at_start("working_load_kg"),
    "one_rm": _at_start("one_rm_kg"),
}
"""What a factor's key reads from a student."""


@transaction.atomic
def commit_plan(*, study: Study, by: User | None, design: Design) -> RandomisationPlan:
    """Fix the design with a seed of the operating system, and keep the hash that can be published now.

    Errors: study_closed, plan_in_force, other_arms, unknown_factor, those of `studies.randomise.design.checked`.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    refuse_closed(study.pk)
    if RandomisationPlan.objects.filter(study=study, closed_at__isnull=True).exists():
        raise StudyError(
            "plan_in_force", _("This study has a committed plan already. Close it before you make another.")
        )
    if set(design.ratios) != set(Arm.objects.filter(study=study).values_list("key", flat=True)):
        raise StudyError("other_arms", _("The design does not name the groups of this study."))
    if any(factor.key not in SOURCES for factor in design.factors):
        raise StudyError("unknown_factor", _("The design names a characteristic that students here don't have."))
    try:
        document = checked(design).document()
    except InvalidDesign as error:
        raise StudyError(error.code, str(error)) from error
    settle_protocol(study=study, by=by)
    seed = secrets.randbits(SEED_BITS)
    plan = RandomisationPlan.objects.create(
        study=study, design=document, seed=str(seed), commitment=commitment_of(document, seed), committed_by=by
    )
    audit.done(study.pk, by, "design fixed", plan=plan.pk, commitment=plan.commitment)
    return plan


def open_plan(study: Study) -> RandomisationPlan | None:
    return RandomisationPlan.objects.filter(study=study, closed_at__isnull=True).first()


@transaction.atomic
def assign_waiting(*, plan: RandomisationPlan, by: User | None, only: Participant | None = None) -> list[Assignment]:
    """Give every waiting student an arm by the plan, in the order of enrolment; with `only`, just this one.

    All or nobody: while a characteristic of one is missing, nobody is assigned. Errors: study_closed, plan_closed,
    nobody_waiting, already_allocated, not_eligible, stratum_missing, too_few_sections, plan_does_not_fit.
    """
    Study.objects.select_for_update().get(pk=plan.study_id)  # two people pressing at once: one after the other
    refuse_closed(plan.study_id)
    plan.refresh_from_db()
    if not plan.is_open:
        raise StudyError("plan_closed", _("This plan is closed and its seed is known: it assigns nobody any more."))
    waiting = _waiting(plan, only)
    entries = _entries(plan, waiting)
    earlier = list(plan.assignments.select_related("arm", "participant"))
    drawn = _draw(plan, earlier, entries)
    arms = {arm.key: arm for arm in Arm.objects.filter(study=plan.study_id)}
    made = []
    for number, (participant, (entry, arm, imbalance)) in enumerate(
        zip(waiting, drawn, strict=True), start=len(earlier) + 1
    ):
        made.append(
            Assignment(
                plan=plan,
                participant=participant,
                number=number,
                arm=arms[arm],
                levels=dict(entry.levels),
                batch=entry.batch,
                cluster=entry.cluster,
                imbalance=imbalance,
                assigned_by=by,
            )
        )
    Assignment.objects.bulk_create(made)
    for key, row in arms.items():
        members = [assignment.participant_id for assignment in made if assignment.arm.key == key]
        Participant.objects.filter(pk__in=members).update(arm=row, plan=plan)
    given = [[row.number, row.participant.code, row.arm.key] for row in made]
    audit.done(plan.study_id, by, "groups assigned", plan=plan.pk, assignments=given)
    return made


def _waiting(plan: RandomisationPlan, only: Participant | None) -> list[Participant]:
    rows = Participant.objects.filter(study=plan.study_id)
    if only is None:
        found = list(rows.waiting().select_related("baseline").order_by("enrolled_at", "pk"))
        if not found:
            raise StudyError("nobody_waiting", _("Nobody is waiting: every eligible student has a group."))
        return found
    participant = rows.select_related("baseline").filter(pk=only.pk).first()
    if participant is None:
        raise StudyError("other_study", _("This student is not in this study."))
    if participant.arm_id is not None:
        raise StudyError("already_allocated", _("This student has a group already, and it stays."))
    if participant.eligibility != Participant.Eligibility.ELIGIBLE:
        raise StudyError("not_eligible", _("Confirm first that this student is eligible."))
    return [participant]


def _entries(plan: RandomisationPlan, waiting: list[Participant]) -> list[Entry]:
    """The students with their levels, or sections. Raises StudyError stratum_missing with who lacks what."""
    design = read_design(plan.design)
    missing: dict[str, list[str]] = {}
    entries = []
    for participant in waiting:
        levels = {}
        for factor in design.factors:
            level = factor.level_of(SOURCES[factor.key](participant))
            if level is None:
                missing.setdefault(factor.key, []).append(participant.code)
            else:
                levels[factor.key] = level
        if design.algorithm == CLUSTERS and not participant.section:
            missing.setdefault("section", []).append(participant.code)
        cluster = participant.section if design.algorithm == CLUSTERS else ""
        entries.append(Entry(participant.code, levels, cluster=cluster))
    if missing:
        raise StudyError("stratum_missing", _missing_in_words(missing))
    return entries


def _missing_in_words(missing: dict[str, list[str]]) -> str:
    parts = []
    for key, codes in missing.items():
        shown = ", ".join(codes[:NAMED_IN_ERRORS]) + (", …" if len(codes) > NAMED_IN_ERRORS else "")
        parts.append(f"{key}: {shown}")
    advice = _(
        "Nobody was assigned: a characteristic is missing, or is none of the plan's levels. Complete %(missing)s."
    )
    return advice % {"missing": "; ".join(parts)}


def _draw(
    plan: RandomisationPlan, earlier: list[Assignment], entries: list[Entry]
) -> list[tuple[Entry, str, dict[str, int]]]:
    """Each new student's entry (with its batch), arm and imbalances. The earlier list is drawn again and must fit."""
    design, seed = read_design(plan.design), int(plan.seed)
    if _differences_of(plan, earlier):
        raise StudyError(
            "plan_does_not_fit", _("The stored list is not the one that the plan gives. Nobody was assigned.")
        )
    if design.algorithm in SEQUENTIAL:
        sequence = Sequence(design, seed)
        for row in earlier:
            sequence.next(row.levels)
        found = [(entry, sequence.next(entry.levels)) for entry in entries]
        return [(entry, drawn.arm, dict(drawn.imbalance)) for entry, drawn in found]
    batch = max((row.batch for row in earlier), default=0) + 1
    if design.algorithm == CLUSTERS:
        return _draw_sections(design, seed, batch, earlier, entries)
    arms = draw_batch(design, seed, batch, [entry.id for entry in entries])
    return [(Entry(entry.id, batch=batch), arms[entry.id], {}) for entry in entries]


def _draw_sections(
    design: Design, seed: int, batch: int, earlier: list[Assignment], entries: list[Entry]
) -> list[tuple[Entry, str, dict[str, int]]]:
    """Students of a section that has an arm get it; the new sections are drawn."""
    known = {row.cluster: (row.batch, row.arm.key) for row in earlier}
    new = {entry.cluster for entry in entries} - set(known)
    if not known and len(new) < len(design.ratios):
        raise StudyError(
            "too_few_sections", _("There are fewer sections than groups: draw students, or enrol more sections.")
        )
    if new:
        known |= {name: (batch, arm) for name, arm in draw_batch(design, seed, batch, new).items()}
    return [
        (Entry(entry.id, batch=known[entry.cluster][0], cluster=entry.cluster), known[entry.cluster][1], {})
        for entry in entries
    ]


@transaction.atomic
def close_plan(*, plan: RandomisationPlan, by: User | None, reason: str) -> RandomisationPlan:
    """End the plan and reveal its seed. Errors: reason_missing, plan_closed."""
    if not reason.strip():
        raise StudyError("reason_missing", _("Say why the plan is closed: the reason is kept."))
    Study.objects.select_for_update().get(pk=plan.study_id)
    plan.refresh_from_db()
    if not plan.is_open:
        raise StudyError("plan_closed", _("This plan is closed already."))
    plan.closed_at, plan.closed_by, plan.closing_reason = timezone.now(), by, reason.strip()
    plan.save(update_fields=["closed_at", "closed_by", "closing_reason"])
    audit.done(plan.study_id, by, "design closed", plan=plan.pk)
    return plan


def _differences_of(plan: RandomisationPlan, rows: list[Assignment]) -> list[str]:
    if commitment_of(plan.design, int(plan.seed)) != plan.commitment:
        return ["the published hash is not that of the stored seed and design"]
    entries = [Entry(row.participant.code, row.levels, row.batch, row.cluster) for row in rows]
    try:
        drawn = replay(read_design(plan.design), int(plan.seed), entries)
    except InvalidRoster as error:
        return [str(error)]
    found = [
        f"{row.participant.code} was not given {row.arm.key} by the plan"
        for row, again in zip(rows, drawn, strict=True)
        if row.arm.key != again.arm
    ]
    if [row.number for row in rows] != list(range(1, len(rows) + 1)):
        found.append("the assignments are not numbered 1, 2, 3, ...")
    return found


def plan_differences(plan: RandomisationPlan) -> list[str]:
    """What does not fit between the plan's hash, its list and the students' arms, in words; empty when all does."""
    rows = list(plan.assignments.select_related("arm", "participant__arm"))
    found = _differences_of(plan, rows)
    first: dict[int, str] = {}
    members = Reassignment.objects.filter(participant__assignment__plan=plan).select_related("from_arm")
    for move in members.order_by("changed_at", "pk"):
        first.setdefault(move.participant_id, move.from_arm.key)
    for row in rows:
        now = row.participant.arm.key if row.participant.arm else ""
        if first.get(row.participant_id, now) != row.arm.key:
            found.append(f"{row.participant.code} is not in the group that was drawn")
    return found


def shown_design(plan: RandomisationPlan) -> dict[str, Any]:
    """The design as staff may see it: block sizes would help to guess, so they show when the plan is closed."""
    return {key: value for key, value in plan.design.items() if key != "block_sizes" or not plan.is_open}


def published(plan: RandomisationPlan) -> dict[str, Any]:
    """The file to publish: before the plan is closed the hash and design alone, afterwards all that a check needs."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "study": plan.study.title,
        "commitment": plan.commitment,
        "committed_at": plan.committed_at.isoformat(),
        "design": shown_design(plan),
        "seed": None,
    }
    if plan.is_open:
        return document
    moves = Reassignment.objects.filter(participant__assignment__plan=plan).order_by("changed_at", "pk")
    return document | {
        "seed": plan.seed,
        "closed_at": plan.closed_at.isoformat() if plan.closed_at else None,
        "assignments": [
            {
                "number": row.number,
                "id": row.participant.code,
                "levels": row.levels,
                "batch": row.batch,
                "cluster": row.cluster,
                "arm": row.arm.key,
                "assigned_at": row.assigned_at.isoformat(),
            }
            for row in plan.assignments.select_related("participant", "arm")
        ],
        "moves": [
            {"id": code, "from": source, "to": target, "at": at.isoformat()}
            for code, source, target, at in moves.values_list(
                "participant__code", "from_arm__key", "to_arm__key", "changed_at"
            )
        ],
    }


def balance(plan: RandomisationPlan) -> list[tuple[str, str, list[int]]]:
    """Factor, level and the students of each arm, as drawn; first everybody (both empty). Arms in design order."""
    design = read_design(plan.design)
    rows = list(plan.assignments.values_list("arm__key", "levels"))
    cells = [("", ""), *((factor.key, level) for factor in design.factors for level in factor.all_levels())]
    return [
        (
            key,
            level,
            [
                sum(arm == drawn and (not key or levels.get(key) == level) for drawn, levels in rows)
                for arm in design.arms
            ],
        )
        for key, level in cells
    ]


def enrolled_before(plan: RandomisationPlan) -> int:
    """How many of the study's students were enrolled before the hash was made; 0 is what a protocol asks for."""
    return Participant.objects.filter(study=plan.study_id, enrolled_at__lt=plan.committed_at).count()
