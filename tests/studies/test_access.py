"""The access matrix: who gets what from the only door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from studies.access import (
    display_name,
    participant_for,
    record_access,
    record_class_access,
    role_in,
    sees_name_of,
    students_of,
    study_for,
)
from studies.models import AccessRecord, Participant, Study
from tests.factory import Personas, make_class, make_participant, make_personas, make_staff, make_study, make_user

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

OK, FORBIDDEN, UNKNOWN = "ok", "forbidden", "unknown"

# who: (role, study, study as staff, study for writing, the student's row, the row for writing, the student's name)
MATRIX = {
    "student": ("student", OK, FORBIDDEN, FORBIDDEN, OK, FORBIDDEN, True),
    "classmate": ("student", OK, FORBIDDEN, FORBIDDEN, UNKNOWN, UNKNOWN, False),
    "owner": ("owner", OK, OK, OK, OK, OK, True),
    "instructor": ("instructor", OK, OK, OK, OK, OK, True),
    "researcher": ("researcher", OK, OK, FORBIDDEN, OK, FORBIDDEN, False),
    "other_student": (None, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, False),
    "other_instructor": (None, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, False),
    "superuser": ("owner", OK, OK, OK, OK, OK, True),
}


@pytest.fixture
def personas() -> Personas:
    return make_personas()


def outcome(door: object, *args: object, **kwargs: object) -> str:
    assert callable(door)
    try:
        door(*args, **kwargs)
    except Http404:
        return UNKNOWN
    except PermissionDenied:
        return FORBIDDEN
    return OK


@pytest.mark.parametrize("who", MATRIX)
def test_every_persona_gets_what_the_matrix_says(personas: Personas, who: str) -> None:
    user, study, row = getattr(personas, who), personas.study, personas.participant
    found = (
        role_in(user, study),
        outcome(study_for, user, study.pk),
        outcome(study_for, user, study.pk, staff=True),
        outcome(study_for, user, study.pk, write=True),
        outcome(participant_for, user, row.pk),
        outcome(participant_for, user, row.pk, write=True),
        sees_name_of(user, row),
    )
    assert found == MATRIX[who]


@pytest.mark.parametrize("who", MATRIX)
def test_lists_hold_exactly_what_the_doors_open(personas: Personas, who: str) -> None:
    user = getattr(personas, who)
    studies = {row.pk for row in Study.objects.all() if outcome(study_for, user, row.pk) == OK}
    people = {row.pk for row in Participant.objects.all() if outcome(participant_for, user, row.pk) == OK}
    assert set(Study.objects.visible_to(user).values_list("pk", flat=True)) == studies
    assert set(Participant.objects.visible_to(user).values_list("pk", flat=True)) == people
    here = Participant.objects.filter(study=personas.study, pk__in=people)
    assert set(students_of(user, personas.study)) == set(here)


def test_an_object_that_does_not_exist_is_unknown_to_everybody(personas: Personas) -> None:
    assert outcome(study_for, personas.superuser, 0) == UNKNOWN
    assert outcome(participant_for, personas.superuser, 0) == UNKNOWN


def test_a_study_is_listed_once_whatever_the_number_of_its_people() -> None:
    user, study = make_user(), make_study()
    make_class(study, 3)
    make_staff(study, "instructor", user=user)
    make_staff(study, "owner")
    assert list(Study.objects.visible_to(user)) == [study]


def test_an_instructor_of_one_study_is_only_a_student_in_another() -> None:
    user, taught, attended = make_user(), make_study(), make_study()
    make_staff(taught, "instructor", user=user)
    own = make_participant(attended, user=user)
    classmate = make_participant(attended)
    assert role_in(user, attended) == "student"
    assert outcome(participant_for, user, own.pk) == OK
    assert outcome(participant_for, user, own.pk, write=True) == FORBIDDEN
    assert outcome(participant_for, user, classmate.pk) == UNKNOWN


def test_a_name_is_shown_only_where_it_may_be() -> None:
    participant = make_participant(
        make_study(), user=make_user("alma", first_name="Alma", last_name="Bekova"), code="K7QF"
    )
    assert display_name(participant, named=True) == "Alma Bekova"
    assert display_name(participant, named=False) == "K7QF"


def test_looking_at_a_student_is_written_down_and_looking_at_oneself_is_not(personas: Personas) -> None:
    record_access(personas.student, personas.participant, "injuries")
    record_access(personas.instructor, personas.participant, "film", 17)
    record = AccessRecord.objects.get()
    assert (record.user, record.participant, record.what, record.object_id) == (
        personas.instructor,
        personas.participant,
        "film",
        "17",
    )


def test_a_class_table_leaves_one_record_a_student_and_day(
    personas: Personas, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    record_class_access(personas.instructor, [], "table")
    rows = make_class(personas.study, 20)
    record_class_access(personas.owner, rows, "table")
    with django_assert_num_queries(9):  # whatever the class: seen, records, the entry of the audit, their transactions
        record_class_access(personas.instructor, rows, "table")
    with django_assert_num_queries(1):
        record_class_access(personas.instructor, rows, "table")
    for user in (personas.instructor, personas.owner):
        assert AccessRecord.objects.filter(user=user).count() == len(rows) == 22


def test_feedback_follows_the_arm_until_the_study_releases_it(personas: Personas) -> None:
    control = Participant.objects.get(user=personas.classmate)
    assert personas.participant.receives_ai_feedback
    assert not control.receives_ai_feedback
    assert not make_participant(personas.study).receives_ai_feedback
    personas.study.feedback_released_at = personas.study.created_at
    personas.study.save()
    control.refresh_from_db()
    assert control.receives_ai_feedback
