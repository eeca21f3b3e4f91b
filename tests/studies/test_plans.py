"""Committed plans in the database: sealed, sticky, all or nobody, and published so that the verifier agrees."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from studies.allocation import allocate_arms, move_to_arm
from studies.errors import StudyError
from studies.models import Assignment, Baseline, Participant, RandomisationPlan, Study
from studies.plan_words import consort_items
from studies.plans import assign_waiting, balance, close_plan, commit_plan, enrolled_before, plan_differences, published
from studies.randomise.design import BLOCKS, CLUSTERS, COMPLETE, MINIMISE, Design, Factor, commitment_of
from tests.factory import make_class, make_participant, make_study, make_user

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

EQUAL = {"a": 1, "b": 1}
YEAR = Factor("year", ("2", "3"))
DESIGNS = {
    COMPLETE: Design(COMPLETE, EQUAL),
    BLOCKS: Design(BLOCKS, EQUAL, (YEAR,), (2, 4)),
    MINIMISE: Design(MINIMISE, EQUAL, (YEAR, Factor("working_load", cuts=("60",)))),
    CLUSTERS: Design(CLUSTERS, EQUAL),
}


def refused(act: Callable[[], object]) -> StudyError:
    with pytest.raises(StudyError) as caught:
        act()
    return caught.value


def student(study: Study, number: int) -> Participant:
    """With everything that the designs ask for."""
    row = make_participant(study, year_of_study=2 + number % 2)
    row.section = f"{number % 4}"
    row.save()
    Baseline.objects.create(participant=row, working_load_kg=40 + 5 * (number % 9))
    return row


def verified(plan: RandomisationPlan, folder: Path) -> str:
    (folder / "published.json").write_text(json.dumps(published(plan)), encoding="utf-8")
    script = Path(settings.BASE_DIR) / "studies" / "verify_allocation.py"
    command = [sys.executable, "-I", str(script), "published.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("algorithm", DESIGNS)
def test_a_plan_goes_from_hash_to_a_list_that_anybody_can_verify(algorithm: str, tmp_path: Path) -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[algorithm])
    assert plan.commitment == commitment_of(plan.design, int(plan.seed))
    for number in range(12):
        student(study, number)
    first = assign_waiting(plan=plan, by=None)
    for number in range(12, 20):
        student(study, number)
    second = assign_waiting(plan=plan, by=None)
    assert [row.number for row in first + second] == list(range(1, 21))
    assert study.participants.unassigned().count() == 0
    assert {row.arm_id for row in study.participants.all()} == {arm.pk for arm in study.arms.all()}
    assert plan_differences(plan) == []
    close_plan(plan=plan, by=None, reason="everybody has a group")
    assert "20 students drawn again: every one is in the published group" in verified(plan, tmp_path)


def test_the_seed_is_sealed_until_the_plan_is_closed() -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[BLOCKS])
    student(study, 0)
    assign_waiting(plan=plan, by=None)
    sealed = published(plan)
    assert sealed["seed"] is None
    assert "assignments" not in sealed
    assert "block_sizes" not in sealed["design"]
    assert plan.seed not in json.dumps(sealed)
    close_plan(plan=plan, by=None, reason="done")
    revealed = published(plan)
    assert revealed["seed"] == plan.seed
    assert revealed["design"]["block_sizes"] == [2, 4]
    assert revealed["commitment"] == sealed["commitment"]
    assert refused(lambda: assign_waiting(plan=plan, by=None)).code == "plan_closed"
    assert refused(lambda: close_plan(plan=plan, by=None, reason="again")).code == "plan_closed"


def test_seeds_have_128_bits_of_the_operating_system() -> None:
    plans = [commit_plan(study=make_study(), by=None, design=DESIGNS[COMPLETE]) for _study in range(20)]
    seeds = {int(plan.seed) for plan in plans}
    assert len(seeds) == 20
    assert 2**120 < max(seeds) < 2**128
    assert len({plan.commitment for plan in plans}) == 20


@pytest.mark.parametrize("algorithm", [BLOCKS, MINIMISE])
def test_while_a_characteristic_is_missing_nobody_is_assigned(algorithm: str) -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[algorithm])
    student(study, 0)
    odd = make_participant(study, year_of_study=4, code="ODD1")
    error = refused(lambda: assign_waiting(plan=plan, by=None))
    assert error.code == "stratum_missing"
    assert "year: ODD1" in str(error.advice)
    assert Assignment.objects.count() == 0
    odd.year_of_study = 3
    odd.save()
    if algorithm == MINIMISE:
        assert "working_load: ODD1" in str(refused(lambda: assign_waiting(plan=plan, by=None)).advice)
        Baseline.objects.create(participant=odd, working_load_kg=60)
    assert len(assign_waiting(plan=plan, by=None)) == 2


def test_a_student_without_a_section_stops_a_draw_of_sections() -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[CLUSTERS])
    make_participant(study)
    assert refused(lambda: assign_waiting(plan=plan, by=None)).code == "stratum_missing"


def test_one_section_cannot_be_compared_with_itself() -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[CLUSTERS])
    for number in (0, 4):
        student(study, number)
    assert refused(lambda: assign_waiting(plan=plan, by=None)).code == "too_few_sections"


def test_who_joins_a_section_later_gets_its_group() -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[CLUSTERS])
    for number in range(8):
        student(study, number)
    arms = {row.cluster: row.arm.key for row in assign_waiting(plan=plan, by=None)}
    assert Counter(arms.values()) == {"a": 2, "b": 2}
    late = assign_waiting(plan=plan, by=None, only=student(study, 3))[0]
    assert (late.arm.key, late.batch, late.cluster) == (arms["3"], 1, "3")


def test_one_student_at_a_time_gets_what_all_at_once_would_have_got() -> None:
    first, second = make_study(), make_study()
    plans = [commit_plan(study=study, by=None, design=DESIGNS[BLOCKS]) for study in (first, second)]
    plans[1].seed, plans[1].commitment = plans[0].seed, plans[0].commitment
    plans[1].save()
    for number in range(10):
        student(first, number)
        assign_waiting(plan=plans[1], by=None, only=student(second, number))
    assign_waiting(plan=plans[0], by=None)
    one, two = ([row.arm.key for row in plan.assignments.select_related("arm")] for plan in plans)
    assert one == two


def test_an_assignment_sticks() -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[COMPLETE])
    row = student(study, 0)
    assign_waiting(plan=plan, by=None, only=row)
    assert refused(lambda: assign_waiting(plan=plan, by=None, only=row)).code == "already_allocated"
    assert refused(lambda: assign_waiting(plan=plan, by=None)).code == "nobody_waiting"


@pytest.mark.parametrize("eligibility", ["unconfirmed", "excluded"])
def test_only_the_eligible_get_an_arm(eligibility: str) -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[COMPLETE])
    row = student(study, 0)
    row.eligibility = eligibility
    row.save()
    assert refused(lambda: assign_waiting(plan=plan, by=None, only=row)).code == "not_eligible"
    assert refused(lambda: assign_waiting(plan=plan, by=None)).code == "nobody_waiting"
    close_plan(plan=plan, by=None, reason="none")
    assert refused(lambda: allocate_arms(study=study, by=None)).code == "already_allocated"


def test_a_student_of_another_study_is_not_assigned_here() -> None:
    plan = commit_plan(study=make_study(), by=None, design=DESIGNS[COMPLETE])
    stranger = make_participant(make_study())
    assert refused(lambda: assign_waiting(plan=plan, by=None, only=stranger)).code == "other_study"


def test_a_move_by_hand_is_kept_beside_the_list_and_published(tmp_path: Path) -> None:
    study, by = make_study(), make_user()
    plan = commit_plan(study=study, by=None, design=DESIGNS[COMPLETE])
    for number in range(4):
        student(study, number)
    row = assign_waiting(plan=plan, by=None)[0]
    other = study.arms.exclude(pk=row.arm_id).get()
    move_to_arm(participant=Participant.objects.get(pk=row.participant_id), arm=other, by=by, reason="Alma is injured")
    assert plan_differences(plan) == []
    close_plan(plan=plan, by=by, reason="done")
    moves = published(plan)["moves"]
    assert [(move["id"], move["from"], move["to"]) for move in moves] == [
        (row.participant.code, row.arm.key, other.key)
    ]
    assert "Alma" not in json.dumps(published(plan))
    assert "against the draw: 1" in verified(plan, tmp_path)


def test_tampering_is_found_and_stops_the_plan() -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[BLOCKS])
    for number in range(6):
        student(study, number)
    made = assign_waiting(plan=plan, by=None)
    victim, other = made[2], study.arms.exclude(pk=made[2].arm_id).get()
    Participant.objects.filter(pk=victim.participant_id).update(arm=other)
    assert plan_differences(plan) == [f"{victim.participant.code} is not in the group that was drawn"]
    Assignment.objects.filter(pk=victim.pk).update(arm=other)
    assert f"{victim.participant.code} was not given {other.key} by the plan" in plan_differences(plan)
    student(study, 6)
    assert refused(lambda: assign_waiting(plan=plan, by=None)).code == "plan_does_not_fit"
    RandomisationPlan.objects.filter(pk=plan.pk).update(seed="1")
    plan.refresh_from_db()
    assert plan_differences(plan) == ["the published hash is not that of the stored seed and design"]


def test_one_plan_at_a_time_and_no_other_draw_beside_it() -> None:
    study = make_study()
    make_class(study, 4)
    plan = commit_plan(study=study, by=None, design=DESIGNS[COMPLETE])
    assert refused(lambda: commit_plan(study=study, by=None, design=DESIGNS[COMPLETE])).code == "plan_in_force"
    with pytest.raises(IntegrityError), transaction.atomic():
        RandomisationPlan.objects.create(study=study, design={}, seed="1", commitment="0" * 64)
    assert refused(lambda: allocate_arms(study=study, by=None)).code == "plan_in_force"
    assign_waiting(plan=plan, by=None)
    close_plan(plan=plan, by=None, reason="done")
    assert refused(lambda: allocate_arms(study=study, by=None, again=True, reason="luck")).code == "plan_stands"
    commit_plan(study=study, by=None, design=DESIGNS[COMPLETE])


@pytest.mark.parametrize(
    ("design", "code"),
    [
        (Design(COMPLETE, {"a": 1, "c": 1}), "other_arms"),
        (Design(BLOCKS, EQUAL, (Factor("shoe", ("41", "42")),), (2, 4)), "unknown_factor"),
        (Design(BLOCKS, EQUAL, (), (2,)), "guessable_blocks"),
    ],
)
def test_a_design_that_does_not_fit_the_study_is_refused(design: Design, code: str) -> None:
    assert refused(lambda: commit_plan(study=make_study(), by=None, design=design)).code == code


def test_closing_needs_a_reason() -> None:
    plan = commit_plan(study=make_study(), by=None, design=DESIGNS[COMPLETE])
    assert refused(lambda: close_plan(plan=plan, by=None, reason=" ")).code == "reason_missing"


def test_the_balance_so_far_is_counted_by_level_as_drawn() -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[BLOCKS])
    for number in range(8):
        student(study, number)
    made = assign_waiting(plan=plan, by=None)
    everybody, of_year_2, of_year_3 = balance(plan)
    assert [cell[:2] for cell in (everybody, of_year_2, of_year_3)] == [("", ""), ("year", "2"), ("year", "3")]
    arms = [arm.pk for arm in study.arms.order_by("key")]
    drawn = [sum(row.arm_id == arm for row in made) for arm in arms]
    assert everybody[2] == drawn
    assert sum(of_year_2[2]) == sum(of_year_3[2]) == 4
    assert [a + b for a, b in zip(of_year_2[2], of_year_3[2], strict=True)] == drawn
    assert max(of_year_2[2]) <= 3  # half a block of four beyond a whole one of two at most
    row = Participant.objects.get(pk=made[0].participant_id)
    move_to_arm(participant=row, arm=study.arms.exclude(pk=made[0].arm_id).get(), by=make_user(), reason="ill")
    assert balance(plan)[0] == everybody


def test_how_many_were_enrolled_before_the_hash_is_counted() -> None:
    study = make_study()
    make_class(study, 3)
    plan = commit_plan(study=study, by=None, design=DESIGNS[COMPLETE])
    make_class(study, 2)
    assert enrolled_before(plan) == 3


def test_the_words_for_the_report_hide_block_sizes_until_the_end() -> None:
    plan = commit_plan(study=make_study(), by=None, design=Design(BLOCKS, {"a": 2, "b": 1}, (YEAR,), (3, 6)))
    said = dict(consort_items(plan))["8b Type of randomisation"]
    assert said == (
        "Permuted blocks of random size (shown when the plan is closed), stratified by Year of study (2; 3). "
        "Ratio a : b = 2 : 1."
    )
    close_plan(plan=plan, by=None, reason="done")
    assert "(3, 6)" in dict(consort_items(plan))["8b Type of randomisation"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_two_people_who_assign_at_once_give_each_number_once() -> None:
    study = make_study()
    plan = commit_plan(study=study, by=None, design=DESIGNS[BLOCKS])
    rows = [student(study, number) for number in range(6)]
    together = Barrier(6)

    def press(row: Participant) -> int:
        try:
            together.wait()
            return assign_waiting(plan=RandomisationPlan.objects.get(pk=plan.pk), by=None, only=row)[0].number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(press, rows))
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert plan_differences(plan) == []
