"""Which group is which: letters for blinded roles, dealt at random for each study and the same everywhere."""

from __future__ import annotations

import pytest
from django.utils import timezone

from studies.access import arm_name, arms_shown_to, sees_arms
from studies.blinding import lettered_arms
from studies.models import Arm, Study
from tests.factory import Personas, make_arm, make_personas, make_study

pytestmark = pytest.mark.django_db

BLINDED, SIGHTED = ("assessor", "researcher", "officer"), ("owner", "instructor", "superuser")


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.mark.parametrize("who", BLINDED)
def test_a_blinded_role_reads_letters_in_every_field(people: Personas, who: str) -> None:
    shown = arms_shown_to(getattr(people, who), people.study)
    assert [(arm.key, arm.name, arm.position) for arm in shown] == [
        ("group-a", "Group A", 0),
        ("group-b", "Group B", 1),
    ]
    assert {arm.gives_ai_feedback for arm in shown} == {None}
    assert {arm.pk for arm in shown} == set(people.study.arms.values_list("pk", flat=True))


@pytest.mark.parametrize("who", SIGHTED)
def test_owner_and_instructor_read_the_names_in_their_order(people: Personas, who: str) -> None:
    shown = arms_shown_to(getattr(people, who), people.study)
    assert [(arm.key, arm.name, arm.gives_ai_feedback) for arm in shown] == [
        ("a", "Arm a", True),
        ("b", "Arm b", False),
    ]


@pytest.mark.parametrize("who", ["other_student", "other_instructor"])
def test_a_stranger_is_not_taken_for_somebody_who_may_know(people: Personas, who: str) -> None:
    assert not sees_arms(getattr(people, who), people.study)


def test_a_name_alone_is_the_one_of_the_list(people: Personas) -> None:
    for arm in Arm.objects.filter(study=people.study):
        letters = {shown.pk: shown.name for shown in lettered_arms(people.study)}
        assert arm_name(people.researcher, arm) == letters[arm.pk]
        assert arm_name(people.instructor, arm) == arm.name


def test_letters_follow_neither_the_order_of_the_groups_nor_their_keys() -> None:
    """Of 200 studies the first group is A in about half: 64 to 136 is more than 5 standard deviations each way."""
    first_is_a = 0
    for _study in range(200):
        study = make_study()
        first_is_a += lettered_arms(study)[0].pk == study.arms.get(key="a").pk
    assert 64 <= first_is_a <= 136


def test_letters_stay_when_groups_are_renamed_and_put_in_another_order() -> None:
    study = make_study(arms=4)
    before = [arm.pk for arm in lettered_arms(study)]
    for arm in study.arms.all():
        Arm.objects.filter(pk=arm.pk).update(position=9 - arm.position, key=f"new{arm.pk}", name="New")
    assert [arm.pk for arm in lettered_arms(Study.objects.get(pk=study.pk))] == before


def test_two_studies_have_secrets_of_their_own() -> None:
    one, other = make_study(), make_study()
    assert len(one.blinding_seed) == 32
    assert one.blinding_seed != other.blinding_seed


def test_a_study_with_more_groups_than_letters_still_has_a_name_for_each() -> None:
    study = make_study()
    for number in range(30):
        make_arm(study, f"more{number}")
    names = [arm.name for arm in lettered_arms(study)]
    assert (names[25], names[26], len(set(names))) == ("Group Z", "Group A2", 32)


@pytest.mark.parametrize("who", BLINDED)
def test_after_unblinding_everybody_reads_the_names(people: Personas, who: str) -> None:
    people.study.unblinded_at = timezone.now()
    people.study.save()
    assert [arm.name for arm in arms_shown_to(getattr(people, who), people.study)] == ["Arm a", "Arm b"]
