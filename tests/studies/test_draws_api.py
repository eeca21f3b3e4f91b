"""Draws of the whole class and simulated designs for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studies.models import AuditEntry
from studies.plans import commit_plan
from studies.randomise import allocate
from studies.randomise.design import COMPLETE, Design
from studies.simulation_page import simulated
from tests.factory import Personas, make_class, make_personas
from tests.programs import code_of, get, made, post

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    people = make_personas()
    people.study.participants.update(arm=None, allocation=None)
    people.study.allocation_lists.all().delete()
    make_class(people.study, 6)
    return people


def test_a_class_is_drawn_and_anybody_makes_the_list_again(client: Client, people: Personas) -> None:
    found = made(post(client, people.instructor, "study-draws", people.study.pk))
    assert (found["students"], found["matches"], found["differences"]) == (8, True, [])
    file = get(client, people.owner, "draw", people.study.pk, found["id"])
    assert file["allocation"] == allocate(file["ids"], file["arms"], int(file["seed"]))
    arms = dict(people.study.participants.values_list("code", "arm__key"))
    assert file["allocation"] == arms
    assert AuditEntry.objects.filter(study=people.study, action="allocation list").count() == 1
    assert get(client, people.owner, "study-draws", people.study.pk)["results"] == [found]
    blind = get(client, people.researcher, "study-draws", people.study.pk)["results"][0]
    assert (blind["sha256"], blind["matches"]) == (found["sha256"], True)
    assert (blind["seed"], blind["reason"], blind["differences"]) == (None, None, None)


def test_a_class_is_drawn_again_with_a_reason_only(client: Client, people: Personas) -> None:
    draws = ("study-draws", people.study.pk)
    made(post(client, people.owner, *draws))
    assert code_of(post(client, people.owner, *draws)) == "already_allocated"
    assert code_of(post(client, people.owner, *draws, again=True)) == "reason_missing"
    assert made(post(client, people.owner, *draws, again=True, reason="Two classes merged"))["students"] == 8
    assert people.study.allocation_lists.count() == 2


def test_a_design_is_simulated_as_on_its_page(client: Client, people: Personas) -> None:
    simulation = ("study-simulation", people.study.pk)
    before = get(client, people.researcher, *simulation, query="?students=12")
    assert (before["plan"], before["runs"], before["students"]) == (None, 10_000, 12)
    expected = simulated(people.study, Design(COMPLETE, {"a": 1, "b": 1}), 12)["table"]
    assert [(row["algorithm"], row["guessed"], row["difference"]["mean"]) for row in before["designs"]] == [
        (row["row"].algorithm, row["row"].guessed, row["row"].difference.mean) for row in expected
    ]
    assert [row["algorithm"] for row in before["designs"] if row["is_own"]] == [COMPLETE]
    client.force_login(people.owner)
    assert client.get(f"/api/studies/{people.study.pk}/simulation/?students=1").status_code == 400


def test_a_study_with_a_plan_is_drawn_by_that(client: Client, people: Personas) -> None:
    commit_plan(study=people.study, by=people.owner, design=Design(COMPLETE, {"a": 1, "b": 1}))
    assert code_of(post(client, people.owner, "study-draws", people.study.pk)) == "plan_in_force"
