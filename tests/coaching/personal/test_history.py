"""Which earlier sets the coach compares with, and what instructors say of them."""

from __future__ import annotations

import pytest

from coaching.models import AnalysisRun, Session
from coaching.personal.history import judged_sets, lifter_of
from coaching.personal.strictness import choose_strictness
from coaching.reviews.services import Opinion, review_repetition
from tests.coaching.films import make_result, make_session
from tests.coaching.personal.sets import lesson
from tests.factory import Personas, make_participant, make_personas, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


def session_of(day: int, people: Personas) -> Session:
    return lesson(people.participant, day, [1.0, 1.0]).run.session


def test_only_sets_uploaded_before_this_one_are_known_oldest_first(people: Personas) -> None:
    first, second, later = (session_of(day, people) for day in (1, 2, 3))
    second.refresh_from_db()
    later.refresh_from_db()
    assert [one.key for one in lifter_of(second).earlier] == [str(first.pk)]
    assert [one.key for one in lifter_of(later).earlier] == [str(first.pk), str(second.pk)]


def test_no_other_students_set_is_known(people: Personas) -> None:
    lesson(make_participant(people.study), 1, [1.0, 1.0])
    own = session_of(2, people)
    own.refresh_from_db()
    assert lifter_of(own).earlier == []


def test_refused_failed_and_running_sets_are_none(people: Personas) -> None:
    refused = make_session(people.participant)
    make_result(refused, refused={"code": "no_person", "advice": "x"}, reps=[], feedback=[])
    AnalysisRun.objects.create(session=make_session(people.participant), state=AnalysisRun.State.FAILED)
    again = lesson(people.participant, 1, [1.0, 1.0]).run.session
    AnalysisRun.objects.create(session=again, state=AnalysisRun.State.RUNNING)
    assert judged_sets(people.participant) == []


def test_of_a_film_analysed_twice_the_newest_result_counts(people: Personas) -> None:
    made = lesson(people.participant, 1, [1.0, 1.0])
    make_result(made.run.session, view="front")
    (found,) = judged_sets(people.participant)
    assert found.view == "front"


def test_what_reviewers_say_goes_along_and_disagreement_is_neither(people: Personas) -> None:
    made = lesson(people.participant, 1, [1.0, 1.0, 1.0], load_kg=80)
    other = make_staff(people.study, "instructor")
    for number, by, decision in (
        (1, people.instructor, "correct"),
        (2, people.instructor, "correct"),
        (2, other, "incorrect"),
        (3, people.instructor, "incorrect"),
        (3, people.instructor, "correct"),  # changed their mind
    ):
        opinion = Opinion(decision, (), 2.0 * number, 2.0 * number + 1, 2.0 * number + 2)
        review_repetition(assessment=made, number=number, by=by, opinion=opinion)
    (found,) = judged_sets(people.participant)
    assert found.reviews == {1: "correct", 2: "disputed", 3: "correct"}
    assert found.load_kg == 80.0


def test_the_faults_that_an_instructor_names_go_along(people: Personas) -> None:
    made = lesson(people.participant, 1, [1.0, 1.0])
    opinion = Opinion("incorrect", ("hips_first", "bar_drift"), 2.0, 3.0, 4.0)
    review_repetition(assessment=made, number=2, by=people.instructor, opinion=opinion)
    (found,) = judged_sets(people.participant)
    assert found.named == {2: {"hips_first", "bar_drift"}}
    # The second repetition is measured as clear (0.05), and the instructor saw it.
    assert [reading.p for reading in found.readings("hips_first", "deg")] == [0.05, 1.0]


def test_the_level_is_the_students(people: Personas) -> None:
    session = session_of(1, people)
    session.refresh_from_db()
    choose_strictness(study=people.study, by=people.owner, level="lenient")
    assert lifter_of(session).strictness == "lenient"
    choose_strictness(study=people.study, by=people.owner, level="strict", participant=people.participant)
    assert lifter_of(session).strictness == "strict"
