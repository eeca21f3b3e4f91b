"""Studies for programs: who gets which, what one of them tells, and making one as the wizard does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from studies.access import role_in
from studies.closing.looks import take_look
from studies.models import ProtocolDraft, Study
from studies.protocol.services import newest_version
from studies.selectors import studies_with_role
from tests.factory import Personas, make_injury, make_personas, make_study, make_training_session
from tests.programs import code_of, get, made, post

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

WORDS = {
    "title": "Squat with a coach",
    "starts_on": "2027-02-01",
    "ends_on": "2027-06-01",
    "arms": [{"name": "Coach", "gives_ai_feedback": True}, {"name": "Teacher"}],
}


@pytest.fixture
def people() -> Personas:
    return make_personas()


def test_everybody_gets_their_own_studies_with_their_role(client: Client, people: Personas) -> None:
    make_study("Somebody else's")
    for who in ("student", "assessor", "researcher", "officer", "owner", "instructor", "superuser"):
        user = getattr(people, who)
        shown = get(client, user, "studies")["results"]
        assert {row["id"]: row["role"] for row in shown} == {
            study.pk: role_in(user, study) for study in Study.objects.visible_to(user)
        }
        assert [row["role"] for row in shown] == [row.role for row in studies_with_role(user)]
    assert [row["title"] for row in get(client, people.student, "studies")["results"]] == ["Own study"]


def test_the_list_is_filtered_by_role_and_end(client: Client, people: Personas) -> None:
    closed = make_study("Over", owner=people.owner)
    Study.objects.filter(pk=closed.pk).update(closed_at=timezone.now())
    titles = {
        query: [row["title"] for row in get(client, people.owner, "studies", query=query)["results"]]
        for query in ("?role=owner", "?role=student", "?closed=true", "?closed=false")
    }
    assert titles == {
        "?role=owner": ["Over", "Own study"],
        "?role=student": [],
        "?closed=true": ["Over"],
        "?closed=false": ["Own study"],
    }


def test_a_study_tells_staff_of_its_groups_and_a_student_of_their_own_row(client: Client, people: Personas) -> None:
    make_training_session(people.participant, minutes=90)
    make_injury(people.participant)
    found = get(client, people.owner, "study", people.study.pk)
    assert (found["students"], found["unassigned"], found["participant"]) == (2, 0, None)
    assert found["groups"][0] == {
        "key": "a",
        "name": "Arm a",
        "gives_ai_feedback": True,
        "students": 1,
        "lessons": 1,
        "minutes": 90,
        "injuries": None,
    }
    take_look(study=people.study, by=people.owner, reason="Safety.")
    assert get(client, people.owner, "study", people.study.pk)["groups"][0]["injuries"] == 1
    lettered = get(client, people.researcher, "study", people.study.pk)["groups"]
    assert {(row["key"], row["gives_ai_feedback"]) for row in lettered} == {("group-a", None), ("group-b", None)}
    own = get(client, people.student, "study", people.study.pk)
    assert (own["participant"], own["groups"], own["students"]) == (people.participant.pk, None, None)
    assert own["about"]["outcomes"] == []
    assert get(client, people.assessor, "study", people.study.pk)["groups"] is None


def test_the_papers_design_becomes_a_study(client: Client, people: Personas) -> None:
    found = made(post(client, people.owner, "studies", begin="paper"))
    assert (found["role"], [group["key"] for group in found["groups"]]) == ("owner", ["experimental", "control"])
    study = Study.objects.get(pk=found["id"])
    version = newest_version(study)
    assert version is not None
    assert [row["key"] for row in version.document["outcomes"]] == ["training_accuracy", "injury_rate"]
    assert study.outcomes.count() == 2


def test_another_first_day_moves_the_papers_windows_along(client: Client, people: Personas) -> None:
    dates = {"starts_on": "2027-09-06", "ends_on": "2027-12-19"}
    found = made(post(client, people.owner, "studies", begin="paper", document=dates))
    first = Study.objects.get(pk=found["id"]).time_points.earliest("opens_on")
    assert str(first.opens_on) == "2027-09-06"


def test_a_protocol_becomes_a_study_or_nothing_is_made(client: Client, people: Personas) -> None:
    before = Study.objects.count()
    lonely = post(client, people.owner, "studies", document=WORDS | {"arms": WORDS["arms"][:1]})
    assert code_of(lonely) == "needs_two_arms"
    assert (Study.objects.count(), ProtocolDraft.objects.count()) == (before, 0)
    found = made(post(client, people.owner, "studies", document=WORDS))
    assert (found["title"], found["starts_on"]) == ("Squat with a coach", "2027-02-01")
    copied = made(post(client, people.owner, "studies", copy_of=found["id"]))
    assert [group["name"] for group in copied["groups"]] == ["Coach", "Teacher"]


def test_who_owns_no_study_makes_none(client: Client, people: Personas) -> None:
    assert post(client, people.instructor, "studies", begin="paper").status_code == 403
    assert post(client, people.owner, "studies", copy_of=people.other_study.pk).status_code == 404


def test_a_version_of_the_protocol_is_its_file(client: Client, people: Personas) -> None:
    found = made(post(client, people.owner, "studies", document=WORDS))
    version = get(client, people.owner, "study-protocol-version", found["id"], 1)
    newest = newest_version(Study.objects.get(pk=found["id"]))
    assert newest is not None
    assert (version["sha256"], version["document"], version["blinded"]) == (newest.sha256, newest.document, False)
