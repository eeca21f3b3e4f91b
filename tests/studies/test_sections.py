"""An instructor of some sections works with the students of these, and with nobody else's."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from coaching.access import Viewer, can_review_for, can_upload_for, session_for
from coaching.models import Session
from studies.access import participant_for, sections_of, sees_name_of, students_of, study_for
from studies.models import Participant, Study, User
from tests.factory import make_participant, make_staff, make_study, make_user

pytestmark = pytest.mark.django_db


def in_section(study: Study, section: str) -> Participant:
    row = make_participant(study)
    Participant.objects.filter(pk=row.pk).update(section=section)
    row.refresh_from_db()
    return row


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def mine(study: Study) -> Participant:
    return in_section(study, "2A")


@pytest.fixture
def theirs(study: Study) -> Participant:
    return in_section(study, "2B")


@pytest.fixture
def instructor(study: Study) -> User:
    return make_staff(study, "instructor", sections=("2A", "3A"))


def test_lists_and_doors_hold_the_own_sections_alone(
    study: Study, mine: Participant, theirs: Participant, instructor: User
) -> None:
    nowhere = make_participant(study)
    assert list(students_of(instructor, study)) == [mine]
    assert list(Participant.objects.visible_to(instructor)) == [mine]
    assert participant_for(instructor, mine.pk, write=True) == mine
    for other in (theirs, nowhere):
        with pytest.raises(Http404):
            participant_for(instructor, other.pk)
    assert (sees_name_of(instructor, mine), sees_name_of(instructor, theirs)) == (True, False)


def test_films_follow_their_students(study: Study, mine: Participant, theirs: Participant, instructor: User) -> None:
    own, other = (Session.objects.create(participant=row) for row in (mine, theirs))
    assert list(Session.objects.visible_to(instructor)) == [own]
    assert list(can_upload_for(instructor)) == list(can_review_for(instructor)) == [mine]
    with pytest.raises(Http404):
        session_for(instructor, other.pk)
    viewer = Viewer(instructor)
    assert [viewer.sees_name(row) for row in (mine, theirs)] == [True, False]
    assert [viewer.sees_ai_feedback(row) for row in (mine, theirs)] == [True, False]
    assert [viewer.may_review(row) for row in (mine, theirs)] == [True, False]


def test_what_is_of_the_whole_class_is_refused_to_who_has_a_part_of_it(study: Study, instructor: User) -> None:
    everybodys = make_staff(study, "instructor")
    assert study_for(everybodys, study.pk, staff=True, whole=True) == study
    assert study_for(instructor, study.pk, staff=True, write=True) == study
    with pytest.raises(PermissionDenied):
        study_for(instructor, study.pk, staff=True, whole=True)


def test_sections_limit_an_instructor_only(study: Study, mine: Participant, theirs: Participant) -> None:
    owner = make_staff(study, "owner", sections=("2A",))
    researcher = make_staff(study, "researcher", sections=("2A",))
    assert set(students_of(owner, study)) == set(students_of(researcher, study)) == {mine, theirs}
    assert sections_of(owner, study) == frozenset()


def test_a_superuser_who_is_an_instructor_of_a_section_sees_everybody(study: Study, theirs: Participant) -> None:
    root = make_user(is_superuser=True)
    make_staff(study, "instructor", user=root, sections=("2A",))
    assert list(students_of(root, study)) == [theirs]
    assert study_for(root, study.pk, write=True, whole=True) == study


def test_the_same_section_of_another_study_is_not_meant(instructor: User) -> None:
    other = make_study()
    stranger = in_section(other, "2A")
    make_staff(other, "instructor", user=instructor, sections=("2B",))
    assert stranger not in Participant.objects.visible_to(instructor)
    assert list(students_of(instructor, other)) == []
