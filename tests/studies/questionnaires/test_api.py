"""Making questionnaires for programs: versions, windows, scales that fill outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from studies.models import AuditEntry, Measurement, Participant, TimePoint
from tests.factory import make_outcome
from tests.programs import code_of, get, made, post
from tests.studies.questionnaires.asked import Asked, make_asked

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> Asked:
    return make_asked()


def test_a_questionnaire_that_was_answered_gets_a_next_version(client: Client, asked: Asked) -> None:
    owner, study = asked.people.owner, asked.people.study
    one = ("study-questionnaire", study.pk, asked.questionnaire.pk)
    shown = get(client, owner, *one)
    assert (shown["version"], shown["edition"], shown["frozen"]) == (1, 1, False)
    words = {"items": shown["items"], "intro": shown["intro"]}
    saved = made(post(client, owner, *one, seen_edition=1, title="How it was", **words), 200)
    assert (saved["id"], saved["version"], saved["edition"]) == (shown["id"], 1, 2)
    assert code_of(post(client, owner, *one, seen_edition=1, title="Late", **words)) == "changed_meanwhile"
    asked.send(asked.people.participant, 5, 4, 5, 2, 4)
    later = made(post(client, owner, *one, seen_edition=2, title="How it is", **words), 200)
    assert (later["version"], later["frozen"]) == (2, False)
    assert code_of(post(client, owner, *one, seen_edition=2, title="Old", **words)) == "old_version"


def test_a_window_is_opened_followed_and_fills_an_outcome_once_the_study_is_over(client: Client, asked: Asked) -> None:
    people, study = asked.people, asked.people.study
    windows = ("questionnaire-windows", study.pk, asked.questionnaire.pk)
    days = {"opens_on": "2027-02-01", "closes_on": "2027-02-07"}
    TimePoint.objects.create(study=study, key="late", name="Late")
    assert post(client, people.owner, *windows, time_point="never", **days).status_code == 400
    assert code_of(post(client, people.owner, *windows, time_point="after", **days)) == "asked_already"
    new = made(post(client, people.instructor, *windows, time_point="late", **days))
    assert (new["asked"], new["sent"]) == (2, 0)
    sheet = asked.send(people.participant, 5, 4, 5, 2, 4)
    window = ("study-window", study.pk, asked.wave.pk)
    shown = get(client, people.instructor, *window)
    assert (shown["sent"], shown["missing"]) == (1, [Participant.objects.get(user=people.classmate).code])
    scores = get(client, people.researcher, "wave-scores", study.pk, asked.wave.pk)["results"]
    assert (scores[0]["code"], scores[0]["answers"]) == (people.participant.code, sheet.answers)
    assert AuditEntry.objects.filter(study=study, kind="exported", actor=people.researcher).count() == 1
    scale, value = next(iter(scores[0]["scores"].items()))
    make_outcome(study, "satisfaction")
    feed = {"scale": scale, "outcome": "satisfaction"}
    assert code_of(post(client, people.owner, *window, **feed)) == "study_open"
    asked.end_the_study()
    assert code_of(post(client, people.owner, *window, **feed | {"scale": "mood"})) == "unknown_scale"
    assert made(post(client, people.owner, *window, **feed), 200)["written"] == 1
    assert Measurement.objects.get().value == pytest.approx(value)
    assert get(client, people.owner, *window)["feeds"][0]["outcome"] == "satisfaction"
