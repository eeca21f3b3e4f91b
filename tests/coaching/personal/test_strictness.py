"""The dial: who may turn it, what is kept, and what counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from coaching.models import StrictnessChoice
from coaching.personal.strictness import (
    StrictnessRefused,
    choose_strictness,
    own_levels,
    strictness_for,
    strictness_of,
)
from coaching.vision.settings_table import STRICTNESS_LEVELS
from tests.factory import Personas, make_participant, make_personas

if TYPE_CHECKING:
    from studies.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(people: Personas) -> str:
    return reverse("coaching:strictness", args=[people.study.pk])


def test_the_levels_are_those_of_the_settings_table() -> None:
    assert tuple(StrictnessChoice.Level.values) == STRICTNESS_LEVELS


def test_until_somebody_chooses_it_is_standard(people: Personas) -> None:
    assert strictness_of(people.study) == "standard"
    assert strictness_for(people.participant) == "standard"


def test_the_newest_choice_counts_and_every_choice_is_kept_with_who_and_when(people: Personas) -> None:
    for level in ("strict", "lenient"):
        choose_strictness(study=people.study, by=people.instructor, level=level)
    assert strictness_for(people.participant) == "lenient"
    rows = list(StrictnessChoice.objects.order_by("pk"))
    assert [(row.level, row.chosen_by, row.participant) for row in rows] == [
        ("strict", people.instructor, None),
        ("lenient", people.instructor, None),
    ]
    assert rows[0].chosen_at <= rows[1].chosen_at


def test_choosing_what_counts_already_adds_no_row(people: Personas) -> None:
    assert choose_strictness(study=people.study, by=people.owner, level="standard") is None
    assert choose_strictness(study=people.study, by=people.owner, level="strict") is not None
    assert choose_strictness(study=people.study, by=people.owner, level="strict") is None
    assert choose_strictness(study=people.study, by=people.owner, level="", participant=people.participant) is None
    assert StrictnessChoice.objects.count() == 1


def test_a_student_may_have_a_level_of_their_own_and_lose_it_again(people: Personas) -> None:
    other = make_participant(people.study)
    choose_strictness(study=people.study, by=people.owner, level="strict", participant=people.participant)
    assert (strictness_for(people.participant), strictness_for(other)) == ("strict", "standard")
    assert [(own.participant, own.level) for own in own_levels(people.study.participants.all())] == [
        (people.participant, "strict")
    ]
    choose_strictness(study=people.study, by=people.owner, level="", participant=people.participant)
    choose_strictness(study=people.study, by=people.owner, level="lenient")
    assert strictness_for(people.participant) == "lenient"
    assert own_levels(people.study.participants.all()) == []


def test_another_studys_student_and_an_unknown_level_are_refused(people: Personas) -> None:
    stranger = make_participant(people.other_study)
    with pytest.raises(StrictnessRefused) as refused:
        choose_strictness(study=people.study, by=people.owner, level="strict", participant=stranger)
    assert (refused.value.code, refused.value.field) == ("not_in_this_study", "participant")
    for level in ("harsh", ""):
        with pytest.raises(StrictnessRefused) as refused:
            choose_strictness(study=people.study, by=people.owner, level=level)
        assert refused.value.code == "unknown_strictness"


def test_the_database_refuses_a_study_without_a_level(people: Personas) -> None:
    with pytest.raises(IntegrityError):
        StrictnessChoice.objects.create(study=people.study, level="")


def test_the_page_keeps_a_choice_and_shows_who_made_it(people: Personas) -> None:
    client = signed_in(people.instructor)
    answer = client.post(page(people), {"level": "strict", "participant": people.participant.pk}, follow=True)
    assert answer.status_code == 200
    text = " ".join(answer.content.decode().split())
    assert "It holds for sets that are analysed from now on." in text
    assert people.instructor.get_full_name() in text
    assert strictness_for(people.participant) == "strict"
    assert strictness_of(people.study) == "standard"
    client.post(page(people), {"level": "as_class", "participant": people.participant.pk})
    assert strictness_for(people.participant) == "standard"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Choose lenient, standard or strict."),
        ({"level": "harsh"}, "Choose lenient, standard or strict."),
        ({"level": "as_class"}, "Choose lenient, standard or strict."),
        ({"level": "strict", "participant": "999999"}, "This student is not in this study."),
    ],
)
def test_a_wrong_choice_is_answered_with_what_to_do(people: Personas, given: dict[str, str], said: str) -> None:
    answer = signed_in(people.instructor).post(page(people), given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not StrictnessChoice.objects.exists()


def test_a_researcher_reads_it_without_names_and_without_the_form(people: Personas) -> None:
    choose_strictness(study=people.study, by=people.owner, level="strict", participant=people.participant)
    text = signed_in(people.researcher).get(page(people)).content.decode()
    assert people.participant.code in text
    assert people.student.last_name not in text
    assert 'type="radio"' not in text


def test_the_api_has_the_same_rules(people: Personas) -> None:
    client, url = signed_in(people.instructor), f"/api/studies/{people.study.pk}/strictness/"
    wrong = client.post(url, {"level": "strict", "participant": 999999}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "not_in_this_study")
    given = {"level": "lenient", "participant": people.participant.pk}
    assert client.post(url, given, content_type="application/json").status_code == 200
    code = people.participant.code
    assert client.get(url).json() == {
        "level": "standard",
        "own": [{"participant": people.participant.pk, "participant_code": code, "level": "lenient"}],
    }
    refused = client.post(url, {"level": ""}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_strictness")


def test_in_the_admin_the_history_can_be_read_and_not_changed(people: Personas) -> None:
    choice = choose_strictness(study=people.study, by=people.owner, level="strict")
    assert choice is not None
    client = signed_in(people.superuser)
    place = f"/admin/coaching/strictnesschoice/{choice.pk}"
    assert client.get(f"{place}/change/").status_code == 200
    assert client.post(f"{place}/change/", {"level": "lenient"}).status_code == 403
    assert client.post(f"{place}/delete/", {"post": "yes"}).status_code == 403
