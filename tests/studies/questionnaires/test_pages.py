"""The student's page, the builder, windows for each role, the file and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from studies.models import (
    AccessRecord,
    AnswerSheet,
    AuditEntry,
    Measurement,
    Questionnaire,
    QuestionnaireWave,
    TimePoint,
)
from tests.factory import make_outcome, make_participant
from tests.studies.questionnaires.asked import DAY, Asked, make_asked, raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> Asked:
    return make_asked()


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_student_answers_on_one_page_saves_and_sends(client: Client, asked: Asked) -> None:
    student = asked.people.participant
    client.force_login(asked.people.student)
    address = reverse("studies:answer", args=[student.pk, asked.wave.pk])
    assert address in text_of(client.get("/"))
    assert address in text_of(client.get(f"/students/{student.pk}/"))
    assert "nothing to do with your grade" in text_of(client.get(address))
    assert client.post(address, raw(4, 2) | {"seen_edition": "0"}).status_code == 302
    page = text_of(client.get(address))
    assert page.count("checked") == 2
    assert 'name="seen_edition" value="1"' in page
    refused = client.post(address, raw(4, 2, 5) | {"seen_edition": "1", "send": "1"})
    assert refused.status_code == 422
    assert text_of(refused).count("Please answer this one.") == 2
    assert text_of(refused).count("checked") == 3, "what was ticked stays ticked"
    assert client.post(address, raw(4, 2, 5, 1, 3) | {"seen_edition": "1", "send": "1"}).status_code == 302
    page = text_of(client.get(address))
    assert "You have sent this questionnaire" in page
    assert "<form class" not in page
    assert address not in text_of(client.get("/"))
    assert client.post(address, raw(1, 1, 1, 1, 1) | {"seen_edition": "2", "send": "1"}).status_code == 422
    assert AnswerSheet.objects.get().answers["q1"] == 4


def test_instructors_see_who_is_missing_and_no_answer_while_the_study_runs(client: Client, asked: Asked) -> None:
    asked.send(asked.people.participant, 5, 5, 5, 1, 5, q6="The teacher is too loud")
    client.force_login(asked.people.instructor)
    address = reverse("studies:wave", args=[asked.people.study.pk, asked.wave.pk])
    page = text_of(client.get(address))
    assert "1 of 2 have sent it, 50%" in page
    assert asked.people.classmate.last_name in page
    assert "Scores by code" not in page
    assert client.get(f"{address[:-1]}.csv").status_code == 403
    asked.end_the_study()
    page = text_of(client.get(address))
    assert "Scores by code" in page
    assert asked.people.participant.code in page
    assert asked.people.student.last_name not in page
    assert "too loud" not in page


def test_a_researcher_reads_by_code_and_each_look_and_file_is_recorded(client: Client, asked: Asked) -> None:
    asked.send(asked.people.participant, 5, 4, 3, 2, 5)
    client.force_login(asked.people.researcher)
    address = reverse("studies:wave", args=[asked.people.study.pk, asked.wave.pk])
    page = text_of(client.get(address))
    assert "4.20" in page
    assert asked.people.classmate.last_name not in page, "who is missing is shown by code"
    assert AccessRecord.objects.get(what="questionnaire answers").participant == asked.people.participant
    answer = client.get(f"{address[:-1]}.csv")
    assert text_of(answer).splitlines()[1].startswith(f"{asked.people.participant.code},after,")
    entry = AuditEntry.objects.get(kind="exported")
    assert (entry.action, entry.payload["rows"]) == ("questionnaire answers", 1)
    assert "scale:satisfaction" in entry.payload["columns"]


def builder(*texts: str, edition: int = 1) -> dict[str, object]:
    given: dict[str, object] = {
        "title": "Own questions",
        "seen_edition": edition,
        "form-TOTAL_FORMS": len(texts),
        "form-INITIAL_FORMS": 0,
    }
    for n, text in enumerate(texts):
        given |= {f"form-{n}-text": text, f"form-{n}-kind": "likert5", f"form-{n}-scale": "Joy" if text else ""}
    return given


def test_a_questionnaire_is_built_and_asked(client: Client, asked: Asked) -> None:
    study = asked.people.study
    client.force_login(asked.people.instructor)
    begun = client.post(reverse("studies:questionnaires", args=[study.pk]), {"template": "empty"})
    address = begun.headers["Location"]
    assert client.post(address, builder("I laugh", "", "I sing")).status_code == 302
    row = Questionnaire.objects.latest("pk")
    assert [item["text"] for item in row.items] == ["I laugh", "I sing"]
    assert row.scales == [{"key": "joy", "name": "Joy"}]
    refused = client.post(address, builder("I laugh", edition=2))
    assert refused.status_code == 422
    assert "two questions at least" in text_of(refused)
    stale = client.post(address, builder("I hum", "I sing"))
    assert "Somebody saved this questionnaire" in text_of(stale)
    at = TimePoint.objects.create(study=study, key="week-7", name="Week 7")
    window = {"time_point": at.pk, "opens_on": asked.wave.opens_on, "closes_on": asked.wave.closes_on}
    place = reverse("studies:wave-new", args=[study.pk, row.pk])
    late = client.post(place, window | {"closes_on": asked.wave.opens_on - DAY})
    assert (late.status_code, "last day is before" in text_of(late)) == (422, True)
    assert client.post(place, window).status_code == 302
    assert QuestionnaireWave.objects.filter(questionnaire=row).count() == 1
    assert "Week 7" in text_of(client.get(reverse("studies:questionnaires", args=[study.pk])))


def test_the_owner_writes_a_scale_to_an_outcome_after_the_end(client: Client, asked: Asked) -> None:
    asked.send(asked.people.participant, 5, 4, 3, 2, 5)
    outcome = make_outcome(asked.people.study, "satisfaction", name="Satisfaction of the class")
    client.force_login(asked.people.owner)
    address = reverse("studies:wave", args=[asked.people.study.pk, asked.wave.pk])
    given = {"scale": "satisfaction", "outcome": outcome.pk}
    early = client.post(address, given)
    assert (early.status_code, Measurement.objects.count()) == (422, 0)
    asked.end_the_study()
    assert client.post(address, given).status_code == 302
    assert Measurement.objects.get().value == pytest.approx(4.2)
    assert "was written to “Satisfaction of the class”" in text_of(client.get(address))


def test_the_api_makes_answers_and_reads(client: Client, asked: Asked) -> None:
    people = asked.people
    client.force_login(people.student)
    mine = f"/api/students/{people.participant.pk}/questionnaires/"
    [open_] = client.get(mine).json()
    assert (open_["id"], open_["begun"]) == (asked.wave.pk, False)
    body = {"answers": raw(5, 4), "edition": 0}
    draft = client.post(f"{mine}{open_['id']}/", body, "application/json")
    assert (draft.status_code, draft.json()["answers"], draft.json()["edition"]) == (200, {"q1": 5, "q2": 4}, 1)
    early = client.post(f"{mine}{open_['id']}/", body | {"edition": 1, "complete": True}, "application/json")
    assert (early.status_code, early.json()["code"], sorted(early.json()["items"])) == (
        422,
        "bad_answers",
        ["q3", "q4", "q5"],
    )
    whole = {"answers": raw(5, 4, 3, 2, 5), "edition": 1, "complete": True}
    assert client.post(f"{mine}{open_['id']}/", whole, "application/json").json()["completed_at"]
    assert client.get(mine).json() == []
    client.force_login(people.researcher)
    scores = client.get(f"/api/studies/{people.study.pk}/windows/{asked.wave.pk}/scores/").json()
    answers = {"q1": 5, "q2": 4, "q3": 3, "q4": 2, "q5": 5}
    row = {"code": people.participant.code, "answers": answers, "scores": {"satisfaction": 4.2}}
    assert scores["results"] == [row]
    client.force_login(people.owner)
    items = [
        {"text": "I laugh", "kind": "likert7", "scale": "Joy"},
        {"text": "I cry", "kind": "likert7", "scale": "Joy", "reverse": True},
    ]
    made = client.post(
        f"/api/studies/{people.study.pk}/questionnaires/", {"title": "Joy", "items": items}, "application/json"
    )
    assert (made.status_code, made.json()["items"][1]["reverse"], made.json()["scales"]) == (
        201,
        True,
        [{"key": "joy", "name": "Joy"}],
    )


@pytest.mark.parametrize("size", [2, 20])
def test_pages_cost_the_same_whatever_the_class(
    client: Client, asked: Asked, django_assert_max_num_queries: Callable[..., Any], size: int
) -> None:
    for _student in range(size):
        asked.send(make_participant(asked.people.study), 5, 4, 3, 2, 5)
        make_participant(asked.people.study)
    client.force_login(asked.people.researcher)
    place = f"/studies/{asked.people.study.pk}"
    for address, most in (
        (f"{place}/questionnaires/", 14),
        (f"{place}/windows/{asked.wave.pk}/", 26),
        (f"{place}/windows/{asked.wave.pk}/reliability/", 12),
        (f"/api{place}/windows/{asked.wave.pk}/scores/", 16),
    ):
        client.get(address)  # the first look of a day is written down for every student
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
