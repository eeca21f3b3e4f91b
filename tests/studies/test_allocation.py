"""The stored side of randomisation: sticky, explained, and checkable."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from studies import randomise
from studies.allocation import allocate_arms, differences, move_to_arm, regenerated
from studies.errors import StudyError
from studies.models import Arm, Participant, Study
from tests.factory import make_class, make_participant, make_staff, make_study, make_user

pytestmark = pytest.mark.django_db


def arms_by_code(study: Study) -> dict[str, str]:
    rows = Participant.objects.filter(study=study, arm__isnull=False)
    return dict(rows.values_list("code", "arm__key"))


def refused(code: str) -> pytest.RaisesExc[StudyError]:
    return pytest.raises(StudyError, check=lambda error: error.code == code)


def test_a_class_of_50_is_split_25_and_25_and_the_list_can_be_made_again() -> None:
    study = make_study()
    codes = [row.code for row in make_class(study, 50)]
    owner = make_staff(study, "owner")
    allocation = allocate_arms(study=study, by=owner, seed=20240818)
    stored = arms_by_code(study)
    assert Counter(stored.values()) == {"a": 25, "b": 25}
    assert stored == randomise.allocate(codes, ["b", "a"], 20240818) == regenerated(allocation)
    assert allocation.sha256 == randomise.commitment(codes, ["a", "b"], 20240818)
    assert allocation.algorithm == "complete-sha256-v1"
    assert allocation.created_by == owner
    assert differences(allocation) == []


def test_without_a_seed_one_is_drawn_that_fits_the_column() -> None:
    study = make_study()
    make_class(study, 4)
    seed = allocate_arms(study=study, by=None).seed
    assert 0 <= seed < 2**62
    other = make_study()
    make_class(other, 4)
    assert allocate_arms(study=other, by=None).seed != seed


def test_allocating_twice_is_refused_and_changes_nothing() -> None:
    study = make_study()
    make_class(study, 10, allocate=True)
    before = arms_by_code(study)
    with refused("already_allocated"):
        allocate_arms(study=study, by=None)
    with refused("already_allocated"):
        allocate_arms(study=study, by=None, reason="I say why, but not that all are to be drawn again")
    with refused("reason_missing"):
        allocate_arms(study=study, by=None, again=True, reason="  ")
    assert arms_by_code(study) == before
    assert study.allocation_lists.count() == 1


def test_drawing_again_with_a_reason_is_a_new_list_and_keeps_the_old_one() -> None:
    study = make_study()
    make_class(study, 20, allocate=True, seed=1)
    first = study.allocation_lists.get()
    before = arms_by_code(study)
    second = allocate_arms(study=study, by=None, seed=2, again=True, reason="Seed read aloud before enrolment closed")
    assert arms_by_code(study) == regenerated(second) != before
    assert regenerated(first) == before
    assert second.reason == "Seed read aloud before enrolment closed"
    assert list(study.allocation_lists.all()) == [second, first]


def test_late_comers_are_drawn_among_themselves_and_nobody_else_moves() -> None:
    study = make_study()
    make_class(study, 10, allocate=True)
    before = arms_by_code(study)
    late = [make_participant(study).code for _student in range(4)]
    allocation = allocate_arms(study=study, by=None, seed=5)
    after = arms_by_code(study)
    assert {code: after[code] for code in before} == before
    assert Counter(after[code] for code in late) == {"a": 2, "b": 2}
    assert allocation.roster == sorted(late)


def test_other_studies_are_left_alone() -> None:
    study, other = make_study(), make_study()
    make_class(study, 4)
    make_class(other, 4)
    allocate_arms(study=study, by=None)
    assert arms_by_code(other) == {}


def test_an_empty_class_and_a_single_arm_are_refused() -> None:
    with refused("nobody_enrolled"):
        allocate_arms(study=make_study(), by=None)
    study = make_study(arms=1)
    make_class(study, 2)
    with refused("needs_two_arms"):
        allocate_arms(study=study, by=None)


def test_the_database_refuses_an_arm_that_no_list_gave() -> None:
    study = make_study()
    participant = make_participant(study)
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.filter(pk=participant.pk).update(arm=study.arms.first())


def test_a_move_by_hand_needs_a_reason_and_leaves_a_record() -> None:
    study = make_study()
    participant = make_class(study, 6, allocate=True)[0]
    instructor = make_staff(study, "instructor")
    assert participant.arm is not None
    old, new = participant.arm, study.arms.exclude(pk=participant.arm.pk).get()
    with refused("reason_missing"):
        move_to_arm(participant=participant, arm=new, by=instructor, reason=" ")
    with refused("same_arm"):
        move_to_arm(participant=participant, arm=old, by=instructor, reason="timetable")
    record = move_to_arm(participant=participant, arm=new, by=instructor, reason="timetable")
    participant.refresh_from_db()
    assert participant.arm == new
    assert (record.from_arm, record.to_arm, record.reason, record.changed_by) == (old, new, "timetable", instructor)
    assert differences(study.allocation_lists.get()) == []


def test_a_student_moves_only_within_the_study_and_after_the_draw() -> None:
    study, other = make_study(), make_study()
    user = make_user()
    foreign = other.arms.get(key="a")
    with refused("not_allocated"):
        move_to_arm(participant=make_participant(study), arm=study.arms.get(key="a"), by=user, reason="x")
    with refused("other_study"):
        move_to_arm(participant=make_class(study, 3, allocate=True)[0], arm=foreign, by=user, reason="x")


def test_a_list_that_was_tampered_with_is_found_out() -> None:
    study = make_study()
    participants = make_class(study, 6, allocate=True)
    allocation = study.allocation_lists.get()
    victim = participants[0]
    other_arm = Arm.objects.filter(study=study).exclude(pk=victim.arm_id or 0).get()
    Participant.objects.filter(pk=victim.pk).update(arm=other_arm)
    assert differences(allocation) == [f"{victim.code} is not in the group that was drawn"]
    allocation.seed += 1
    assert any("hash" in difference for difference in differences(allocation))
    allocation.arm_keys = ["a"]
    assert differences(allocation) == ["allocation needs at least two arms, got 1"]
    allocation.algorithm = "coin"
    assert differences(allocation) == ["unknown algorithm coin"]


def test_groups_of_unequal_shares_are_not_drawn_into_equal_ones() -> None:
    study = make_study()
    make_class(study, 6)
    study.arms.filter(key="a").update(ratio=2)
    with pytest.raises(StudyError, check=lambda error: error.code == "unequal_shares"):
        allocate_arms(study=study, by=None)
    assert study.participants.unassigned().count() == 6


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one transaction at a time anyway")
@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_at_once_make_one_list() -> None:
    study = make_study()
    make_class(study, 20)
    together = Barrier(2)

    def press() -> str:
        try:
            together.wait()
            allocate_arms(study=study, by=None)
        except StudyError as error:
            return error.code
        finally:
            connection.close()
        return "drawn"

    with ThreadPoolExecutor(2) as pool:
        answers = [future.result() for future in [pool.submit(press), pool.submit(press)]]
    assert sorted(answers) == ["already_allocated", "drawn"]
    assert study.allocation_lists.count() == 1
    assert Counter(arms_by_code(study).values()) == {"a": 10, "b": 10}
