"""Sessions, the class and the owner's work on ratings for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from coaching.models import AnalysisRun
from coaching.models.ratings import RatedFilm
from studies.models import AccessRecord, Measurement, Membership, Participant
from studies.tokens.services import make_token
from tests.coaching.dashboard.test_class import film, trained
from tests.coaching.films import make_session
from tests.coaching.ratings.dealt import make_dealt
from tests.factory import Personas, make_personas, make_staff
from tests.programs import code_of, get, made, post

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


def test_a_key_gets_a_film_and_the_look_is_written_down(client: Client, people: Personas) -> None:
    session = make_session(people.participant, video=default_storage.save("film/a.mp4", ContentFile(b"a film")))
    _token, key = make_token(user=people.instructor, name="A program", scopes=["read:coaching"], days=1)
    url = reverse("session-file", args=[session.pk, "video"])
    response = client.get(url, headers={"Authorization": f"Bearer {key}"})
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"a film"  # type: ignore[attr-defined]
    assert AccessRecord.objects.get(participant=people.participant).user == people.instructor
    assert client.get(reverse("coaching:media", args=[session.pk, "video"])).status_code == 302  # no page by a key


def test_a_run_is_ordered_again_and_stopped(client: Client, people: Personas) -> None:
    session = film(people.participant, "ci")
    run = ("session-run", session.pk)
    assert made(post(client, people.student, *run), 202)["status"] == "waiting"
    assert session.runs.count() == 2
    stopped = client.delete(reverse("session-run", args=[session.pk]))
    assert (stopped.status_code, stopped.json()["status"]) == (200, "cancelled")
    assert session.runs.latest("pk").state == AnalysisRun.State.CANCELLED
    session.video = ""
    session.save()
    assert code_of(post(client, people.student, *run)) == "no_film"


def test_sets_to_review_are_for_who_may_review(client: Client, people: Personas) -> None:
    session = film(people.participant, "cii")
    shown = get(client, people.instructor, "sessions-to-review")["results"]
    assert [(row["id"], row["waiting"]) for row in shown] == [(str(session.pk), 3)]
    client.force_login(people.researcher)
    assert client.get(reverse("sessions-to-review")).status_code == 403


def test_the_class_is_told_who_needs_help_first(client: Client, people: Personas) -> None:
    for _film in range(2):
        film(people.participant, "iiiiii", refused="no_person" if _film else "")
    trained(people.participant, 1)
    rows = get(client, people.researcher, "study-class", people.study.pk)["results"]
    assert [row["code"] for row in rows] == sorted(
        people.study.participants.values_list("code", flat=True),
        key=lambda code: -len(next(row["reasons"] for row in rows if row["code"] == code)),
    )
    idle = get(client, people.owner, "study-class", people.study.pk, query="?reason=idle")["results"]
    assert [row["code"] for row in idle] == [Participant.objects.get(user=people.classmate).code]
    mine = next(row for row in rows if row["code"] == people.participant.code)
    assert (mine["films"], mine["answered"]) == (2, None)


# Ratings


def test_the_rubric_has_versions(client: Client, people: Personas) -> None:
    rubric = ("study-rubric", people.study.pk)
    first = get(client, people.owner, *rubric)
    assert (first["version"], len(first["criteria"])) == (0, 5)
    criteria = [{"name": "Back", "words": ["Rounds", "Keeps its shape"]}]
    saved = made(post(client, people.owner, *rubric, seen_version=0, criteria=criteria), 200)
    assert (saved["version"], saved["criteria"][0]["key"]) == (1, "back")
    assert code_of(post(client, people.owner, *rubric, seen_version=0, criteria=criteria)) == "changed_meanwhile"
    poor = [{"name": "Back", "words": ["Rounds"]}]
    assert code_of(post(client, people.owner, *rubric, seen_version=1, criteria=poor)) == "too_few_points"


def test_films_are_handed_over_and_a_differing_score_is_written_with_a_reason(client: Client) -> None:
    dealt = make_dealt()
    third = make_staff(dealt.study, Membership.Role.ASSESSOR)
    shown = get(client, dealt.owner, "study-ratings", dealt.study.pk)[0]
    mine = next(rater for rater in shown["raters"] if rater["user"] == dealt.raters[0].pk)
    over = ("round-hand-over", dealt.study.pk, shown["id"])
    assert post(client, dealt.owner, *over, leaving=third.pk, taking=third.pk).status_code == 400
    given = made(post(client, dealt.owner, *over, leaving=dealt.raters[0].pk, taking=third.pk), 200)
    assert given["films"] == mine["total"] > 0
    row = RatedFilm.objects.filter(round=dealt.round).select_related("participant").first()
    assert row is not None
    there = Measurement.objects.create(
        outcome=dealt.outcome, participant=row.participant, time_point=dealt.time_point, value=3
    )
    score = ("rated-film-score", dealt.study.pk, row.pk)
    assert code_of(post(client, dealt.owner, *score, reason="Typed wrong")) == "nothing_differs"
    RatedFilm.objects.filter(pk=row.pk).update(state=RatedFilm.State.DIFFERS, score=8)
    listed = get(client, dealt.owner, "study-differing", dealt.study.pk)["results"]
    assert [(one["code"], one["score"]) for one in listed] == [(row.participant.code, 8)]
    assert made(post(client, dealt.owner, *score, reason="Typed wrong"), 200) == {"value": 8}
    there.refresh_from_db()
    assert there.value == 8
