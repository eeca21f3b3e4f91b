"""What is kept of a correction, what is refused, and which row counts."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from coaching.models import AnalysisRun, Assessment, RepetitionReview
from coaching.reviews.selectors import counted
from coaching.reviews.services import Opinion, ReviewRefused, add_repetition, review_repetition
from coaching.vision.vocabulary import FAULT_NAMES, FRONTAL_FAULTS, SAGITTAL_FAULTS
from tests.coaching.films import make_result, make_session
from tests.factory import Personas, make_personas

if TYPE_CHECKING:
    from studies.models import User

pytestmark = pytest.mark.django_db

# make_result's two repetitions: 1.0, 2.5, 4.0 s (correct) and 5.0, 6.5, 8.0 s (incorrect), in a film of 9 s.
FIRST = Opinion("correct", (), 1.0, 2.5, 4.0)
BAD = Opinion("incorrect", ("hips_first",), 1.0, 2.5, 4.0)
MISSED = Opinion("correct", (), 8.1, 8.5, 8.9)


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def assessment(people: Personas) -> Assessment:
    return make_result(make_session(people.participant))


def code_of(assessment: Assessment, by: User, opinion: Opinion, number: int | None = 1) -> str:
    keep = add_repetition if number is None else functools.partial(review_repetition, number=number)
    with pytest.raises(ReviewRefused) as refused:
        keep(assessment=assessment, by=by, opinion=opinion)
    assert str(refused.value.advice)
    return refused.value.code


def test_a_review_stands_beside_the_machines_row_which_stays_as_it_was(
    assessment: Assessment, people: Personas
) -> None:
    before = list(assessment.repetitions.values())
    opinion = replace(BAD, faults=("knees_in", "hips_first"), start_s=1.1234, note=" Hips first. ")
    kept = review_repetition(assessment=assessment, number=1, by=people.instructor, opinion=opinion)
    assert list(assessment.repetitions.values()) == before
    kept.refresh_from_db()
    assert (kept.decision, kept.reviewer, kept.added) == ("incorrect", people.instructor, False)
    assert kept.faults == ["hips_first", "knees_in"], "in the vocabulary's order"
    assert (kept.start_s, kept.lockout_s, kept.end_s) == (1.123, 2.5, 4.0)
    assert kept.note == "Hips first."
    assert kept.session == assessment.run.session


def test_a_change_of_mind_is_another_row_and_saying_the_same_again_is_none(
    assessment: Assessment, people: Personas
) -> None:
    for opinion in (BAD, BAD, FIRST, FIRST, BAD):
        review_repetition(assessment=assessment, number=1, by=people.instructor, opinion=opinion)
    assert [row.decision for row in assessment.reviews.all()] == ["incorrect", "correct", "incorrect"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"decision": "perfect"}, "unknown_decision"),
        ({"decision": ""}, "unknown_decision"),
        ({"decision": "incorrect", "faults": ("rounded_lower_back",)}, "unknown_fault"),
        ({"faults": ("hips_first",)}, "faults_need_incorrect"),
        ({"decision": "not_a_repetition", "faults": ("hips_first",)}, "faults_need_incorrect"),
        ({"start_s": 2.5}, "bounds_out_of_order"),
        ({"lockout_s": 4.001}, "bounds_out_of_order"),
        ({"lockout_s": float("nan")}, "bounds_out_of_order"),
        ({"end_s": float("inf")}, "bounds_out_of_order"),
        ({"start_s": -0.001}, "bounds_outside_film"),
        ({"end_s": 9.06}, "bounds_outside_film"),
    ],
)
def test_what_can_not_be_true_is_refused_and_leaves_no_row(
    assessment: Assessment, people: Personas, changes: dict[str, object], code: str
) -> None:
    opinion = replace(FIRST, **changes)  # type: ignore[arg-type]
    assert code_of(assessment, people.instructor, opinion) == code
    assert not RepetitionReview.objects.exists()


def test_bounds_may_reach_the_films_end_and_the_lockout_may_be_the_end(
    assessment: Assessment, people: Personas
) -> None:
    opinion = replace(FIRST, start_s=0.0, lockout_s=9.0, end_s=9.0)
    assert review_repetition(assessment=assessment, number=1, by=people.owner, opinion=opinion).end_s == 9.0


def test_the_database_holds_the_order_of_the_bounds_too(assessment: Assessment, people: Personas) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RepetitionReview.objects.create(
            session=assessment.run.session,
            assessment=assessment,
            number=1,
            reviewer=people.instructor,
            decision="correct",
            start_s=2.0,
            lockout_s=1.0,
            end_s=3.0,
        )


def test_a_repetition_that_nobody_found_can_not_be_reviewed(assessment: Assessment, people: Personas) -> None:
    assert code_of(assessment, people.instructor, FIRST, number=3) == "unknown_repetition"


def test_a_missed_repetition_gets_the_next_number_and_can_be_reviewed_again(
    assessment: Assessment, people: Personas
) -> None:
    added = add_repetition(assessment=assessment, by=people.instructor, opinion=MISSED)
    assert (added.number, added.added) == (3, True)
    gone = replace(MISSED, decision="not_a_repetition")
    again = review_repetition(assessment=assessment, number=3, by=people.instructor, opinion=gone)
    assert (again.number, again.added, again.decision) == (3, True, "not_a_repetition")


def test_two_instructors_who_add_the_same_repetition_speak_of_one_number(
    assessment: Assessment, people: Personas
) -> None:
    nearly = replace(MISSED, lockout_s=8.7, decision="incorrect")
    other = replace(MISSED, start_s=4.1, lockout_s=4.6, end_s=4.9)
    numbers = [
        add_repetition(assessment=assessment, by=by, opinion=opinion).number
        for by, opinion in ((people.instructor, MISSED), (people.owner, nearly), (people.owner, other))
    ]
    assert numbers == [3, 3, 4]


def test_what_the_coach_has_found_is_not_added_a_second_time(assessment: Assessment, people: Personas) -> None:
    same = replace(FIRST, start_s=2.0, lockout_s=3.09)
    assert code_of(assessment, people.instructor, same, number=None) == "found_already"
    nothing = replace(MISSED, decision="not_a_repetition")
    assert code_of(assessment, people.instructor, nothing, number=None) == "added_must_be_one"


def test_a_result_that_was_replaced_takes_no_more_reviews_and_keeps_those_it_has(
    assessment: Assessment, people: Personas
) -> None:
    session = assessment.run.session
    review_repetition(assessment=assessment, number=1, by=people.instructor, opinion=BAD)
    newer = make_result(session)
    assert code_of(assessment, people.instructor, FIRST) == "stale_result"
    review_repetition(assessment=newer, number=1, by=people.instructor, opinion=FIRST)
    assert [row.assessment for row in session.reviews.all()] == [assessment, newer]
    AnalysisRun.objects.create(session=session)
    assert code_of(newer, people.instructor, BAD) == "stale_result", "while it is analysed again"


def test_the_newest_word_of_each_reviewer_about_the_newest_result_counts(
    assessment: Assessment, people: Personas
) -> None:
    session = assessment.run.session
    review_repetition(assessment=assessment, number=1, by=people.instructor, opinion=BAD)
    review_repetition(assessment=assessment, number=2, by=people.instructor, opinion=BAD)
    review_repetition(assessment=assessment, number=1, by=people.owner, opinion=BAD)
    review_repetition(assessment=assessment, number=1, by=people.owner, opinion=FIRST)
    newer = make_result(session)
    review_repetition(assessment=newer, number=2, by=people.instructor, opinion=FIRST)
    found = counted(session.reviews.order_by("pk"))
    assert [(row.assessment, row.reviewer, row.number, row.decision) for row in found] == [
        (assessment, people.owner, 1, "correct"),
        (newer, people.instructor, 2, "correct"),
    ]


def test_a_run_is_not_deleted_from_under_its_reviews_but_a_student_can_be(
    assessment: Assessment, people: Personas
) -> None:
    review_repetition(assessment=assessment, number=1, by=people.instructor, opinion=BAD)
    with pytest.raises(RestrictedError):
        assessment.run.delete()
    people.participant.delete()
    assert not RepetitionReview.objects.exists()


def test_every_fault_is_offered_once_under_a_view_that_shows_it() -> None:
    assert sorted(FRONTAL_FAULTS + SAGITTAL_FAULTS) == sorted(FAULT_NAMES)
    assert "hips_first" in SAGITTAL_FAULTS
    assert "knees_in" in FRONTAL_FAULTS
