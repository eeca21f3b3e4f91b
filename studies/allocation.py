"""Students into arms: the stored side of `studies.randomise`. Assignments stick; each change keeps its reason."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from studies import audit, randomise
from studies.closing.rules import refuse_closed
from studies.errors import StudyError
from studies.models import AllocationList, Arm, Assignment, Participant, RandomisationPlan, Reassignment, Study
from studies.protocol.services import settle_protocol

if TYPE_CHECKING:
    from studies.models import User

SEED_BITS = 62  # fits a signed 64-bit column; far too many to guess from the published hash


@transaction.atomic
def allocate_arms(
    *, study: Study, by: User | None, seed: int | None = None, again: bool = False, reason: str = ""
) -> AllocationList:
    """Randomise the study's students who have no arm yet, and keep the list that says how.

    Students who have an arm keep it: late-comers are allocated among themselves, as a further list. With `again`, and a
    `reason`, everybody is allocated anew; the earlier lists stay. Without `seed` the operating system draws one.
    Who is not eligible, or not confirmed yet, waits. A study with a committed plan is drawn by `studies.plans` instead.
    Errors: needs_two_arms, nobody_enrolled, already_allocated, reason_missing, unequal_shares, plan_in_force,
    plan_stands, study_closed.
    """
    Study.objects.select_for_update().get(pk=study.pk)  # two people pressing at once: the second finds it done
    if again and not reason.strip():
        raise StudyError("reason_missing", _("Say why the groups are drawn again: the reason is kept with the list."))
    refuse_closed(study.pk)
    _refuse_beside_a_plan(study, again=again)
    arms = {arm.key: arm for arm in Arm.objects.filter(study=study)}
    if len(arms) < 2:
        raise StudyError("needs_two_arms", _("A study compares at least two groups. Add another one."))
    if len({arm.ratio for arm in arms.values()}) > 1:
        raise StudyError(
            "unequal_shares", _("The groups of this study have unequal shares: fix a design first, it draws them so.")
        )
    everybody = Participant.objects.filter(study=study)
    eligible = everybody.filter(eligibility=Participant.Eligibility.ELIGIBLE)
    codes = list((eligible if again else eligible.unassigned()).order_by("code").values_list("code", flat=True))
    if not codes:
        _refuse_empty(anybody=everybody.exists())
    settle_protocol(study=study, by=by)
    if seed is None:
        seed = secrets.randbits(SEED_BITS)
    drawn = randomise.allocate(codes, list(arms), seed)
    allocation = AllocationList.objects.create(
        study=study,
        seed=seed,
        algorithm=randomise.ALGORITHM,
        roster=sorted(codes),
        arm_keys=sorted(arms),
        sha256=randomise.commitment(codes, list(arms), seed),
        reason=reason.strip(),
        created_by=by,
    )
    for key, arm in arms.items():
        members = [code for code, drawn_key in drawn.items() if drawn_key == key]
        everybody.filter(code__in=members).update(arm=arm, allocation=allocation)
    audit.done(
        study.pk, by, "groups drawn", list=allocation.pk, sha256=allocation.sha256, students=len(codes), again=again
    )
    return allocation


def _refuse_beside_a_plan(study: Study, *, again: bool) -> None:
    if RandomisationPlan.objects.filter(study=study, closed_at__isnull=True).exists():
        raise StudyError("plan_in_force", _("This study has a committed plan: its students are drawn by it."))
    if again and Assignment.objects.filter(plan__study=study).exists():
        raise StudyError(
            "plan_stands",
            _("Students were assigned by a committed plan, and that stands. Move single students, with a reason."),
        )


def _refuse_empty(*, anybody: bool) -> None:
    if anybody:
        raise StudyError(
            "already_allocated",
            _("Every student has a group already. To draw all groups again, say so and give the reason."),
        )
    raise StudyError("nobody_enrolled", _("Nobody is enrolled yet. Enrol the class first."))


@transaction.atomic
def move_to_arm(*, participant: Participant, arm: Arm, by: User, reason: str) -> Reassignment:
    """Override the draw for one student. The allocation list stays as it was; this record explains the difference.

    Errors: reason_missing, study_closed, other_study, not_allocated, same_arm.
    """
    if not reason.strip():
        raise StudyError("reason_missing", _("Say why this student changes group: the reason is kept."))
    refuse_closed(participant.study_id)
    row = Participant.objects.select_for_update(of=("self",)).select_related("arm").get(pk=participant.pk)
    if arm.study_id != row.study_id:
        raise StudyError("other_study", _("This group belongs to another study."))
    if row.arm is None:
        raise StudyError("not_allocated", _("This student has no group yet. Assign the class to groups first."))
    if row.arm_id == arm.pk:
        raise StudyError("same_arm", _("This student is in that group already."))
    record = Reassignment.objects.create(
        participant=row, from_arm=row.arm, to_arm=arm, reason=reason.strip(), changed_by=by
    )
    row.arm = arm
    row.save(update_fields=["arm"])
    audit.done(row.study_id, by, "student moved", about=row, source=record.from_arm.key, target=arm.key)
    participant.arm = arm
    return record


def regenerated(allocation: AllocationList) -> dict[str, str]:
    """The list (code -> arm key), made again from stored seed and roster alone. Raises InvalidRoster when tampered."""
    return randomise.allocate(allocation.roster, allocation.arm_keys, allocation.seed)


def published_list(allocation: AllocationList) -> dict[str, Any]:
    """What is needed to make a list again with `studies.randomise`, and the result. Codes, no names."""
    return {
        "algorithm": allocation.algorithm,
        "seed": str(allocation.seed),
        "arms": allocation.arm_keys,
        "ids": allocation.roster,
        "sha256": allocation.sha256,
        "created_at": allocation.created_at.isoformat(),
        "reason": allocation.reason,
        "allocation": regenerated(allocation) if allocation.algorithm == randomise.ALGORITHM else None,
    }


def differences(allocation: AllocationList) -> list[str]:
    """What does not fit between a stored allocation and the rows, in words; empty when everything does.

    Checks the hash, then every student who still carries this list, with moves by hand taken into account.
    """
    if allocation.algorithm != randomise.ALGORITHM:
        return [f"unknown algorithm {allocation.algorithm}"]
    try:
        hashed = randomise.commitment(allocation.roster, allocation.arm_keys, allocation.seed)
        drawn = regenerated(allocation)
    except randomise.InvalidRoster as error:
        return [str(error)]
    found = []
    if hashed != allocation.sha256:
        found.append(f"the stored hash {allocation.sha256} is not that of the stored seed and roster, {hashed}")
    rows = allocation.participants.select_related("arm").prefetch_related("reassignments__from_arm")
    for participant in rows:
        # The group before the first move by hand is the one that the draw gave.
        moves = sorted(participant.reassignments.all(), key=lambda move: (move.changed_at, move.pk))
        moves = [move for move in moves if move.changed_at >= allocation.created_at]
        first = moves[0].from_arm if moves else participant.arm
        if first is None or drawn.get(participant.code) != first.key:
            found.append(f"{participant.code} is not in the group that was drawn")
    return found
