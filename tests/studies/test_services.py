from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from studies.errors import StudyError
from studies.injuries.services import log_injury
from studies.models import Membership, Participant
from studies.services import ArmSpec, add_staff, create_study, enrol, random_code
from tests.factory import make_participant, make_staff, make_study, make_user

pytestmark = pytest.mark.django_db

TWO_ARMS = (ArmSpec("ai", "AI coaching", gives_ai_feedback=True), ArmSpec("usual", "Usual lessons"))


def refused(code: str) -> pytest.RaisesExc[StudyError]:
    return pytest.raises(StudyError, check=lambda error: error.code == code)


def test_a_study_starts_with_its_arms_in_order_and_its_owner() -> None:
    owner = make_user()
    study = create_study(owner=owner, title=" Deadlift 2A ", arms=TWO_ARMS)
    assert study.title == "Deadlift 2A"
    assert [(arm.key, arm.position, arm.gives_ai_feedback) for arm in study.arms.all()] == [
        ("ai", 0, True),
        ("usual", 1, False),
    ]
    assert study.memberships.get().user == owner
    assert study.memberships.get().role == Membership.Role.OWNER


def test_a_study_that_makes_no_sense_is_refused() -> None:
    owner = make_user()
    with refused("title_missing"):
        create_study(owner=owner, title="  ", arms=TWO_ARMS)
    with refused("needs_two_arms"):
        create_study(owner=owner, title="x", arms=TWO_ARMS[:1])
    with refused("arm_twice"):
        create_study(owner=owner, title="x", arms=(TWO_ARMS[0], TWO_ARMS[0]))
    with refused("dates_reversed"):
        create_study(owner=owner, title="x", arms=TWO_ARMS, starts_on=dt.date(2024, 5, 1), ends_on=dt.date(2024, 4, 30))


def test_somebody_works_in_a_study_or_takes_part_but_not_both() -> None:
    study = make_study()
    instructor, student = make_staff(study, "instructor"), make_participant(study).user
    with refused("works_here"):
        enrol(study=study, user=instructor, year_of_study=2)
    with refused("takes_part"):
        add_staff(study=study, user=student, role=Membership.Role.RESEARCHER)


def test_the_last_owner_stays_owner() -> None:
    owner = make_user()
    study = make_study(owner=owner)
    with refused("last_owner"):
        add_staff(study=study, user=owner, role=Membership.Role.RESEARCHER)
    add_staff(study=study, user=make_user(), role=Membership.Role.OWNER)
    add_staff(study=study, user=owner, role=Membership.Role.RESEARCHER)
    assert study.memberships.get(user=owner).role == Membership.Role.RESEARCHER


def test_enrolling_gives_a_code_that_says_nothing_about_the_student() -> None:
    study, user = make_study(), make_user("alma")
    participant = enrol(study=study, user=user, year_of_study=3)
    assert len(participant.code) == 4
    assert set(participant.code) <= set("BCDFGHJKMNPQRSTVWXZ23456789")
    assert (participant.arm, participant.year_of_study) == (None, 3)
    assert len({random_code() for _draw in range(200)}) > 190


def test_a_student_is_enrolled_once_with_a_code_of_their_own_and_a_possible_year() -> None:
    study, user = make_study(), make_user()
    enrol(study=study, user=user, year_of_study=2, code="P01")
    with refused("already_enrolled"):
        enrol(study=study, user=user, year_of_study=2)
    with refused("code_taken"):
        enrol(study=study, user=make_user(), year_of_study=2, code="P01")
    for year in (0, 9):
        with refused("bad_year"):
            enrol(study=study, user=make_user(), year_of_study=year)
    assert Participant.objects.filter(study=study).count() == 1
    enrol(study=make_study(), user=user, year_of_study=2, code="P01")


def test_an_injury_is_logged_with_who_logged_it() -> None:
    participant = make_participant(make_study())
    instructor = make_user()
    injury = log_injury(
        participant=participant,
        occurred_on=timezone.localdate(),
        region="knee",
        days_lost=3,
        form_related=True,
        by=instructor,
    )
    injury.refresh_from_db()
    assert (injury.region, injury.days_lost, injury.form_related, injury.logged_by) == ("knee", 3, True, instructor)


def test_an_injury_that_cannot_be_is_refused() -> None:
    participant, by, today = make_participant(make_study()), make_user(), timezone.localdate()
    with refused("in_the_future"):
        log_injury(participant=participant, occurred_on=today + dt.timedelta(days=1), region="knee", by=by)
    with refused("bad_region"):
        log_injury(participant=participant, occurred_on=today, region="soul", by=by)
    with refused("bad_days"):
        log_injury(participant=participant, occurred_on=today, region="knee", days_lost=-1, by=by)
    assert participant.injuries.count() == 0


def test_a_refusal_says_its_code_and_what_to_do() -> None:
    error = StudyError("bad_year", "The year of study is a number from 1 to 8.")
    assert str(error) == "The year of study is a number from 1 to 8. [bad_year]"
