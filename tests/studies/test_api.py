"""Roster, randomisation and audit for programs: the pages' rules and the pages' gates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from studies import audit
from studies.models import AuditEntry, Baseline
from studies.randomise.design import commitment_of
from tests.factory import Personas, make_class, make_participant, make_personas

if TYPE_CHECKING:
    from django.test import Client

    from studies.models import User

pytestmark = pytest.mark.django_db

BLOCKS = {
    "algorithm": "blocks-sha256-v1",
    "arms": [{"key": "a", "ratio": 1}, {"key": "b", "ratio": 1}],
    "factors": [{"key": "year", "levels": ["2", "3"]}],
    "block_sizes": [2, 4],
}


@pytest.fixture
def people() -> Personas:
    return make_personas()


def get(client: Client, user: User, name: str, *args: object, query: str = "") -> Any:
    client.force_login(user)
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200, response.content
    return response.json()


def post(client: Client, name: str, *args: object, **body: object) -> Any:
    return client.post(reverse(name, args=args), body, content_type="application/json")


def test_the_roster_is_by_name_for_staff_and_by_code_for_a_researcher(client: Client, people: Personas) -> None:
    Baseline.objects.create(participant=people.participant, sex="f", mass_kg="61.5")
    found = get(client, people.instructor, "study-participants", people.study.pk)
    row = next(row for row in found["results"] if row["code"] == people.participant.code)
    assert (found["count"], row["name"], row["arm"]) == (2, people.student.get_full_name(), "a")
    assert (row["baseline"]["mass_kg"], row["baseline"]["age_years"]) == (61.5, None)
    found = get(client, people.researcher, "study-participants", people.study.pk)
    assert {row["name"] for row in found["results"]} == {None}
    assert AuditEntry.objects.filter(study=people.study, action="roster", actor=people.researcher).count() == 1


def test_the_roster_is_filtered_and_paged(client: Client, people: Personas) -> None:
    make_class(people.study, 60)
    found = get(client, people.owner, "study-participants", people.study.pk)
    assert (found["count"], len(found["results"])) == (62, 50)
    assert get(client, people.owner, "study-participants", people.study.pk, query="?arm=b")["count"] == 1
    assert get(client, people.owner, "study-participants", people.study.pk, query="?section=2A")["count"] == 0


def test_a_design_is_fixed_assigned_and_closed(client: Client, people: Personas) -> None:
    client.force_login(people.owner)
    said = post(client, "study-plans", people.study.pk, design=BLOCKS)
    assert said.status_code == 201
    plan = people.study.plans.get()
    assert said.json()["published"]["commitment"] == plan.commitment == commitment_of(plan.design, int(plan.seed))
    assert said.json()["published"]["seed"] is None
    waiting = make_participant(people.study)
    make_class(people.study, 3)
    one = post(client, "plan-assign", people.study.pk, plan.pk, code=waiting.code)
    assert [(row["number"], row["code"]) for row in one.json()] == [(1, waiting.code)]
    rest = post(client, "plan-assign", people.study.pk, plan.pk)
    assert (rest.status_code, [row["number"] for row in rest.json()]) == (201, [2, 3, 4])
    assert plan.seed not in json.dumps(get(client, people.researcher, "study-plans", people.study.pk))
    client.force_login(people.instructor)
    assert post(client, "plan-close", people.study.pk, plan.pk, reason="done").status_code == 403
    client.force_login(people.owner)
    closed = post(client, "plan-close", people.study.pk, plan.pk, reason="done")
    assert closed.json()["published"]["seed"] == plan.seed
    assert [row["arm"] for row in closed.json()["published"]["assignments"]] == [
        row["arm"] for row in one.json() + rest.json()
    ]


@pytest.mark.parametrize(
    ("design", "status", "said"),
    [
        ({**BLOCKS, "block_sizes": [2]}, 422, "guessable_blocks"),
        ({**BLOCKS, "arms": [{"key": "a", "ratio": 1}, {"key": "z", "ratio": 1}]}, 422, "other_arms"),
        ({**BLOCKS, "arms": [{"key": "a", "ratio": 1.5}, {"key": "b", "ratio": 1}]}, 422, "bad_type"),
        ({**BLOCKS, "arms": [{"key": "a"}]}, 400, "not a design"),
        ({"algorithm": "blocks-sha256-v1"}, 400, "not a design"),
        ([1, 2], 400, "not a design"),
        ("blocks", 400, "not a design"),
        ({**BLOCKS, "factors": [{"key": "shoe", "levels": ["41", "42"]}]}, 422, "unknown_factor"),
    ],
)
def test_a_design_that_would_not_do_is_refused(
    client: Client, people: Personas, design: object, status: int, said: str
) -> None:
    client.force_login(people.owner)
    response = post(client, "study-plans", people.study.pk, design=design)
    assert response.status_code == status
    assert said in response.content.decode()
    assert people.study.plans.count() == 0


def test_refusals_of_the_plan_have_code_and_advice(client: Client, people: Personas) -> None:
    client.force_login(people.owner)
    post(client, "study-plans", people.study.pk, design=BLOCKS)
    plan = people.study.plans.get()
    make_participant(people.study, year_of_study=4, code="ODD1")
    response = post(client, "plan-assign", people.study.pk, plan.pk)
    assert (response.status_code, response.json()["code"]) == (422, "stratum_missing")
    assert "year: ODD1" in response.json()["advice"]
    assert post(client, "plan-assign", people.study.pk, plan.pk, code="NOBODY").status_code == 404
    assert post(client, "plan-close", people.study.pk, plan.pk, reason="").status_code == 400


def test_the_audit_is_for_the_owner_filtered_and_verifiable(client: Client, people: Personas) -> None:
    for number in range(3):
        audit.looked(people.study.pk, people.instructor, "injuries", about=people.participant, object=str(number))
    audit.done(people.study.pk, people.owner, "design fixed", plan=1)
    found = get(client, people.owner, "study-audit", people.study.pk)
    assert [row["number"] for row in found["results"]] == [4, 3, 2, 1]
    stored = AuditEntry.objects.get(study=people.study, number=4)
    row = found["results"][0]
    assert {key: row[key] for key in audit.document_of(stored)} == audit.document_of(stored)
    assert row["hash"] == stored.hash
    assert get(client, people.owner, "study-audit", people.study.pk, query="?kind=done")["count"] == 1
    response = client.get(reverse("study-audit", args=[people.study.pk]) + "?since=soon")
    assert response.status_code == 400
