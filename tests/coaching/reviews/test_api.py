"""Corrections through the API: the page's rules and the page's gates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from coaching.models import RepetitionReview
from tests.coaching.films import make_result, make_session
from tests.factory import Personas, make_personas

if TYPE_CHECKING:
    from django.test import Client

    from coaching.models import Assessment

pytestmark = pytest.mark.django_db

GOOD = {"number": 1, "decision": "incorrect", "faults": ["hips_first"], "start_s": 1.0, "lockout_s": 2.5, "end_s": 4.0}


@pytest.fixture
def people() -> Personas:
    return make_personas()


@pytest.fixture
def assessment(people: Personas) -> Assessment:
    return make_result(make_session(people.participant))


def url(assessment: Assessment) -> str:
    return reverse("session-reviews", args=[assessment.run.session_id])


def post(client: Client, assessment: Assessment, **changes: Any) -> Any:
    return client.post(url(assessment), {**GOOD, **changes}, content_type="application/json")


def test_a_review_is_kept_and_read_back(client: Client, people: Personas, assessment: Assessment) -> None:
    client.force_login(people.instructor)
    answer = post(client, assessment, note="Push the floor away.")
    assert answer.status_code == 201
    said = answer.json()
    assert {key: said[key] for key in GOOD} == GOOD
    assert said["by"] == people.instructor.get_full_name()
    assert client.get(url(assessment)).json() == [said]


def test_without_a_number_it_is_a_repetition_that_the_coach_missed(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.owner)
    body = {key: value for key, value in GOOD.items() if key != "number"}
    body |= {"start_s": 8.0, "lockout_s": 8.5, "end_s": 8.9}
    said = client.post(url(assessment), body, content_type="application/json").json()
    assert (said["number"], said["added"]) == (3, True)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"lockout_s": 0.5}, 422, "bounds_out_of_order"),
        ({"decision": "correct"}, 422, "faults_need_incorrect"),
        ({"number": 9}, 422, "unknown_repetition"),
        ({"assessment": 0}, 422, "stale_result"),
        ({"faults": ["rounded_lower_back"]}, 400, None),
        ({"decision": "perfect"}, 400, None),
        ({"start_s": "soon"}, 400, None),
    ],
)
def test_what_can_not_be_kept_is_answered_with_its_code(
    client: Client, people: Personas, changes: dict[str, Any], status: int, code: str | None
) -> None:
    client.force_login(people.instructor)
    target = url(make_result(make_session(people.participant)))
    answer = client.post(target, {**GOOD, **changes}, content_type="application/json")
    assert answer.status_code == status
    assert answer.json().get("code") == code
    assert not RepetitionReview.objects.exists()


def test_a_program_reads_no_more_than_its_user_on_the_page(
    client: Client, people: Personas, assessment: Assessment
) -> None:
    client.force_login(people.owner)
    post(client, assessment, note="Push the floor away.")
    seen = {}
    for who in ("student", "researcher", "instructor"):
        client.force_login(getattr(people, who))
        seen[who] = [(one["decision"], one["note"]) for one in client.get(url(assessment)).json()]
    assert seen == {
        "student": [("incorrect", "Push the floor away.")],
        "researcher": [("incorrect", "")],
        "instructor": [],  # has not given an own word yet
    }


def test_the_arm_without_ai_feedback_gets_no_number_of_the_coachs(client: Client, people: Personas) -> None:
    control = people.study.participants.get(user=people.classmate)
    assessment = make_result(make_session(control))
    client.force_login(people.instructor)
    post(client, assessment, decision="not_a_repetition", faults=[])
    post(client, assessment, number=2, start_s=5.0, lockout_s=6.5, end_s=8.0)
    client.force_login(people.classmate)
    assert [(one["number"], one["start_s"]) for one in client.get(url(assessment)).json()] == [(1, 5.0)]
