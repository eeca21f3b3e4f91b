"""Committed designs through the pages: fixed, simulated, assigned, revealed, and sealed until then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from tests.factory import Personas, make_class, make_participant, make_personas

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def personas() -> Personas:
    return make_personas()


DESIGN = {"ratio_a": 1, "ratio_b": 1, "follow_percent": 80, "burn_in": 0, "students": 50, "block_sizes": "2, 4, 6"}
BY_YEAR = DESIGN | {"algorithm": "blocks-sha256-v1", "use_year": "on", "levels_year": "2, 3"}


def test_an_owner_fixes_a_design_assigns_and_reveals(client: Client, personas: Personas) -> None:
    study = personas.study
    client.force_login(personas.owner)
    text = client.post(reverse("studies:plan-new", args=[study.pk]), BY_YEAR, follow=True).content.decode()
    plan = study.plans.get()
    assert plan.design["factors"] == [{"key": "year", "levels": ["2", "3"]}]
    assert plan.commitment in text
    assert "2 students were enrolled before it was fixed" in text
    make_class(study, 4)
    waiting = study.participants.unassigned().earliest("enrolled_at")
    text = client.get(reverse("studies:participant", args=[waiting.pk])).content.decode()
    assert "Draw the group" in text
    text = client.post(reverse("studies:assign", args=[waiting.pk]), follow=True).content.decode()
    assert "Assigned: Arm" in text
    text = client.post(reverse("studies:plan-assign", args=[study.pk, plan.pk]), follow=True).content.decode()
    assert "3 students have a group now." in text
    assert "in force, sealed" in text
    assert plan.seed not in text
    close = reverse("studies:plan-close", args=[study.pk, plan.pk])
    assert client.post(close, {"reason": ""}).status_code == 422
    text = client.post(close, {"reason": "all in"}, follow=True).content.decode()
    assert plan.seed in text
    assert "made again just now: the same" in text
    response = client.get(reverse("studies:plan-published", args=[study.pk, plan.pk]))
    assert json.loads(response.content)["seed"] == plan.seed
    assert response.headers["Content-Disposition"] == f'attachment; filename="allocation-{plan.commitment[:12]}.json"'


def test_the_seed_and_block_sizes_of_an_open_plan_are_on_no_page(client: Client, personas: Personas) -> None:
    client.force_login(personas.superuser)
    client.post(reverse("studies:plan-new", args=[personas.study.pk]), BY_YEAR | {"block_sizes": "4, 26"})
    plan = personas.study.plans.get()
    make_class(personas.study, 3)
    client.post(reverse("studies:plan-assign", args=[personas.study.pk, plan.pk]))
    pages = [
        reverse("studies:allocate", args=[personas.study.pk]),
        reverse("studies:simulation", args=[personas.study.pk]) + "?students=10",
        reverse("studies:plan-published", args=[personas.study.pk, plan.pk]),
        f"/admin/studies/randomisationplan/{plan.pk}/change/",
        "/admin/studies/randomisationplan/",
        "/admin/studies/assignment/",
    ]
    for address in pages:
        response = client.get(address)
        assert response.status_code == 200, address
        text = response.content.decode()
        assert plan.seed not in text, address
        assert "4, 26" not in text, address
        assert "block_sizes" not in text, address


def test_a_design_is_simulated_before_it_is_fixed(client: Client, personas: Personas) -> None:
    client.force_login(personas.instructor)
    url = reverse("studies:plan-new", args=[personas.study.pk])
    given = BY_YEAR | {"algorithm": "minimise-sha256-v1", "students": 20, "simulate": "1"}
    response = client.post(url, given)
    assert response.status_code == 200
    assert [row["row"].runs for row in response.context["simulation"]["table"]] == [10_000] * 4
    assert response.context["simulation"]["table"][3]["is_own"]
    assert "20 students" in response.content.decode()
    assert personas.study.plans.count() == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"block_sizes": "2, 5"}, "multiples of 2"),
        ({"block_sizes": "two"}, "whole numbers"),
        ({"levels_year": "2"}, "at least two different levels"),
        ({"use_mass": "on", "levels_mass": "heavy"}, "limits as numbers"),
        ({"students": 5000}, "less than or equal to 200"),
        ({"algorithm": "dice"}, "not one of the available choices"),
    ],
)
def test_a_design_that_would_not_do_is_explained(
    client: Client, personas: Personas, changes: dict[str, object], said: str
) -> None:
    client.force_login(personas.owner)
    response = client.post(reverse("studies:plan-new", args=[personas.study.pk]), BY_YEAR | changes)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert personas.study.plans.count() == 0


def test_the_verifier_is_given_to_anybody(client: Client) -> None:
    response = client.get(reverse("studies:verifier"))
    assert b"".join(response.streaming_content).startswith(b"#!/usr/bin/env python3")  # type: ignore[attr-defined]
    assert response.headers["Content-Disposition"] == 'attachment; filename="verify_allocation.py"'


def test_students_are_assigned_by_a_plan_or_sent_to_the_groups(client: Client, personas: Personas) -> None:
    waiting = make_participant(personas.study)
    client.force_login(personas.instructor)
    text = client.post(reverse("studies:assign", args=[waiting.pk]), follow=True).content.decode()
    assert "no committed plan" in text
    waiting.refresh_from_db()
    assert waiting.arm is None


def test_the_simulation_of_an_open_design_does_not_give_its_block_sizes_away(
    client: Client, personas: Personas
) -> None:
    """Without strata the groups differ by at most half the largest block: 3 for the usual ones; 26 goes further."""
    client.force_login(personas.owner)
    given = DESIGN | {"algorithm": "blocks-sha256-v1", "block_sizes": "26"}
    client.post(reverse("studies:plan-new", args=[personas.study.pk]), given)
    url = reverse("studies:simulation", args=[personas.study.pk]) + "?students=60"

    def furthest() -> int:
        table = client.get(url).context["simulation"]["table"]
        worst: int = next(row["row"].on_the_way.worst for row in table if row["is_own"])
        return worst

    assert furthest() == 3
    plan = personas.study.plans.get()
    client.post(reverse("studies:plan-close", args=[personas.study.pk, plan.pk]), {"reason": "done"})
    assert 6 < furthest() <= 13
