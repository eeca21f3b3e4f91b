"""What a rater's pages show, which is a film and a rubric and nothing of anybody; what the owner's pages show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse

from coaching.models.ratings import RatedFilm, Rating, RatingRound, Rubric, Settlement
from coaching.ratings.services import rate
from studies.models import AccessRecord, Measurement, Membership
from tests.coaching.films import make_result
from tests.coaching.ratings.dealt import CLOSES, Dealt, film_at, make_dealt, make_time, points
from tests.factory import make_participant, make_staff

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    Queries = Callable[..., object]

pytestmark = pytest.mark.django_db


@pytest.fixture
def dealt() -> Dealt:
    made = make_dealt()
    for film in RatedFilm.objects.all():
        make_result(film.session)
        default_storage.save(film.session.video, ContentFile(b"the film"))
    return made


def form(*given: int, **more: str) -> dict[str, object]:
    return {f"points-{key}": value for key, value in points(*given).items()} | more


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_raters_pages_tell_nothing_of_the_student(client: Client, dealt: Dealt) -> None:
    """Name, code, date, group, section, verdict, file name, time of the plan, and the set's own id."""
    film = dealt.film("S00")
    rater = dealt.raters[0]
    client.force_login(rater)
    task = dealt.task(rater, film)
    pages = [
        client.get(reverse("coaching:ratings")),
        client.get(reverse("coaching:rating", args=[task.pk])),
        client.post(reverse("coaching:rating", args=[task.pk]), form(1, 1, 1, 1, 1), follow=True),
        client.get(reverse("coaching:rating", args=[task.pk])),
        client.get("/api/ratings/"),
        client.get(f"/api/ratings/{task.pk}/"),
        client.get(reverse("home")),
    ]
    user = film.participant.user
    secrets = {
        "last name": user.last_name,
        "user name": user.username,
        "code": ">S00",
        "group": "Arm a",
        "verdict": "incorrect",
        "fault": "wide_stance",
        "cue": "Bring your feet",
        "file name": "Alma-secret",
        "time of the plan": dealt.time_point.name,
        "date": "March",
        "date in numbers": "2026-03",
        "set": str(film.session.pk),
        "stored file": film.session.video,
        "film's row": str(film.pk),
    }
    for page in pages:
        assert page.status_code == 200
        for what, secret in secrets.items():
            assert secret not in text_of(page), f"{what} in {page.request['PATH_INFO']}"


def test_the_film_comes_under_a_name_that_says_nothing_and_the_look_is_recorded(client: Client, dealt: Dealt) -> None:
    rater = dealt.raters[0]
    task = dealt.task(rater, dealt.film("S00"))
    client.force_login(rater)
    for _again in range(3):
        response = client.get(reverse("coaching:rating-film", args=[task.pk]))
    assert response.headers["Content-Disposition"] == 'inline; filename="film.mp4"'
    assert b"".join(response.streaming_content) == b"the film"  # type: ignore[attr-defined]
    look = AccessRecord.objects.get(participant=task.film.participant)
    assert (look.user, look.what, look.object_id) == (rater, "rating", str(task.pk))


def test_another_raters_task_does_not_exist(client: Client, dealt: Dealt) -> None:
    one, other = dealt.raters
    theirs = dealt.task(other, dealt.film("S00"))
    client.force_login(one)
    for address in (
        f"/sessions/ratings/{theirs.pk}/",
        f"/sessions/ratings/{theirs.pk}/film",
        f"/api/ratings/{theirs.pk}/",
    ):
        assert client.get(address).status_code == 404
    rate(task=theirs, by=other, points=points(2, 1, 2, 1, 2), note="mine alone")
    mine = dealt.task(one, dealt.film("S00"))
    for address in (f"/sessions/ratings/{mine.pk}/", f"/api/ratings/{mine.pk}/", "/sessions/ratings/"):
        assert "mine alone" not in text_of(client.get(address))
        assert "checked" not in text_of(client.get(address)), "no points of anybody are filled in"


def test_who_left_the_study_has_no_tasks_any_more(client: Client, dealt: Dealt) -> None:
    rater = dealt.raters[0]
    task = dealt.task(rater, dealt.film("S00"))
    Membership.objects.filter(user=rater).delete()
    client.force_login(rater)
    assert client.get(reverse("coaching:rating", args=[task.pk])).status_code == 404
    assert client.get("/api/ratings/").json()["count"] == 0


def test_a_rater_works_through_the_queue_to_its_end(client: Client, dealt: Dealt) -> None:
    rater = dealt.raters[0]
    client.force_login(rater)
    begin = re.search(r'button--primary"\s+href="(/sessions/ratings/[^"]+)"', text_of(client.get("/sessions/ratings/")))
    assert begin is not None
    address = begin[1]
    for done in range(3):
        page = text_of(client.get(address))
        assert f"Film {done + 1} of 3" in page
        assert f"{done} of 3 done" in page
        response = client.post(address, form(2, 1, 0, 1, 2))
        assert response.status_code == 302
        address = response.headers["Location"]
    assert address == "/sessions/ratings/"
    page = text_of(client.get(address))
    assert "3 of 3 done" in page
    assert "You have rated every film" in page
    assert list(Rating.objects.values_list("total", flat=True)) == [6, 6, 6]


def test_half_a_form_is_kept_in_the_page_and_nowhere_else(client: Client, dealt: Dealt) -> None:
    rater = dealt.raters[0]
    task = dealt.task(rater, dealt.film("S00"))
    client.force_login(rater)
    response = client.post(reverse("coaching:rating", args=[task.pk]), {"points-back": 2, "note": "half"})
    assert response.status_code == 422
    assert "Give points for every criterion" in text_of(response)
    assert 'value="half"' in text_of(response)
    assert not Rating.objects.exists()


def test_a_film_that_cannot_be_rated_needs_the_reason(client: Client, dealt: Dealt) -> None:
    rater = dealt.raters[0]
    address = reverse("coaching:rating", args=[dealt.task(rater, dealt.film("S00")).pk])
    client.force_login(rater)
    assert client.post(address, form(1, 1, 1, 1, 1, cannot="1")).status_code == 422
    assert client.post(address, form(1, 1, 1, 1, 1, cannot="1", cannot_rate="No lift in it")).status_code == 302
    kept = Rating.objects.get()
    assert (kept.total, kept.points, kept.cannot_rate) == (None, {}, "No lift in it")


def test_a_difference_is_settled_on_its_page_without_the_raters_names(client: Client, dealt: Dealt) -> None:
    film = dealt.both_rate("S00", (2, 2, 2, 2, 2), (0, 0, 1, 0, 0))
    third = make_staff(dealt.study, Membership.Role.ASSESSOR)
    client.force_login(third)
    assert "1 film" in text_of(client.get(reverse("home"))) or "differ" in text_of(client.get(reverse("home")))
    address = reverse("coaching:settle", args=[film.pk])
    assert address in text_of(client.get("/sessions/ratings/"))
    page = text_of(client.get(address))
    assert "You are the third rater" in page
    assert not any(rater.last_name in page for rater in dealt.raters)
    assert film.participant.user.last_name not in page
    assert client.get(f"{address}film").status_code == 200
    assert client.post(address, form(1, 1, 1, 1, 1)).status_code == 422, "a reason is asked for"
    assert client.post(address, form(1, 1, 1, 1, 1, reason="Seen twice")).status_code == 302
    assert Settlement.objects.get().total == 5
    assert client.get(address).status_code == 404, "there is nothing to settle any more"


def test_the_owner_deals_follows_and_decides(client: Client, dealt: Dealt) -> None:
    client.force_login(dealt.owner)
    week = make_time(dealt.study, "week-7")
    address = reverse("coaching:rating-rounds", args=[dealt.study.pk])
    given = {
        "time_point": week.pk,
        "raters": [rater.pk for rater in dealt.raters],
        "outcome": dealt.outcome.pk,
        "rule": RatingRound.Rule.WHOLE,
        "film": "first",
        "tolerance_total": 0,
        "tolerance_criterion": 1,
    }
    assert client.post(address, given).status_code == 302
    made = RatingRound.objects.get(time_point=week)
    assert (made.rule, made.tolerance_total, made.tolerance_criterion) == ("whole", 0, 1)
    film = dealt.film("S00")
    Measurement.objects.create(
        outcome=dealt.outcome, participant=film.participant, time_point=dealt.time_point, value=4
    )
    film = dealt.both_rate("S00", (2, 2, 2, 2, 2), (2, 2, 2, 2, 2))
    assert "S00, Week after: the study holds another value" in text_of(client.get(address))
    third = make_staff(dealt.study, Membership.Role.ASSESSOR)
    given_over = {"leaving": dealt.raters[0].pk, "taking": third.pk}
    place = reverse("coaching:rating-hand-over", args=[dealt.study.pk, dealt.round.pk])
    assert "2 films are handed over" in text_of(client.post(place, given_over, follow=True))
    decide = reverse("coaching:rating-decide", args=[dealt.study.pk, film.pk])
    client.post(decide, {"reason": ""})
    assert Measurement.objects.get().value == 4
    client.post(decide, {"reason": "Typed in before."})
    assert Measurement.objects.get().value == 10
    refused = client.post(address, {**given, "raters": [dealt.raters[0].pk]})
    assert refused.status_code == 422
    assert "at least two raters" in text_of(refused)


def test_the_rubric_is_changed_on_its_page(client: Client, dealt: Dealt) -> None:
    client.force_login(dealt.owner)
    address = reverse("coaching:rubric", args=[dealt.study.pk])
    given = {
        "form-TOTAL_FORMS": 2,
        "form-INITIAL_FORMS": 2,
        "form-0-name": "Back",
        "form-0-words": "rounds\n\nflat for a while\nflat",
        "form-1-name": "",
        "form-1-words": "",
        "seen_version": "1",
    }
    assert client.post(address, given).status_code == 302
    newest = Rubric.objects.get(version=2)
    assert newest.criteria == [{"key": "back", "name": "Back", "words": ["rounds", "flat for a while", "flat"]}]
    stale = client.post(address, given | {"form-0-name": "Bar"})
    assert stale.status_code == 422
    assert "Somebody saved another rubric" in text_of(stale)


def test_the_api_rates_settles_and_deals(client: Client, dealt: Dealt) -> None:
    film = dealt.film("S00")
    for rater, given in zip(dealt.raters, ((2, 2, 2, 2, 2), (0, 0, 0, 0, 0)), strict=True):
        client.force_login(rater)
        address = f"/api/ratings/{dealt.task(rater, film).pk}/"
        bad = client.post(address, {"points": {"back": 9}}, "application/json")
        assert (bad.status_code, bad.json()["code"]) == (422, "points_missing")
        answer = client.post(address, {"points": points(*given)}, "application/json")
        assert (answer.status_code, answer.json()["points"]) == (201, points(*given))
    found = client.get("/api/ratings/differences/").json()
    assert [rating["total"] for rating in found["results"][0]["ratings"]] in ([10, 0], [0, 10])
    body = {"points": points(1, 1, 1, 1, 1), "reason": "Both agreed on the phone."}
    assert client.post(f"/api/ratings/differences/{film.pk}/", body, "application/json").status_code == 204
    client.force_login(dealt.owner)
    [progress] = client.get(f"/api/studies/{dealt.study.pk}/ratings/").json()
    assert (progress["films"], progress["scored"], progress["waiting"]) == (3, 1, 2)
    film_at(make_participant(dealt.study), CLOSES)
    deal = {"time_point": "after", "raters": [rater.pk for rater in dealt.raters]}
    [after] = client.post(f"/api/studies/{dealt.study.pk}/ratings/", deal, "application/json").json()
    assert after["films"] == 4
    again = client.post(f"/api/studies/{dealt.study.pk}/ratings/", deal, "application/json")
    assert (again.status_code, again.json()["code"]) == (422, "no_films")


@pytest.mark.parametrize("size", [2, 12])
def test_lists_cost_the_same_whatever_their_length(
    client: Client, django_assert_max_num_queries: Queries, size: int
) -> None:
    dealt = make_dealt(size)
    for number in range(size):
        dealt.both_rate(f"S{number:02d}", (2, 2, 2, 2, 2), (0, 0, 0, 0, 0))
    for user, address, most in (
        (dealt.raters[0], "/sessions/ratings/", 12),
        (dealt.owner, f"/sessions/studies/{dealt.study.pk}/ratings/", 22),
        (dealt.owner, f"/studies/{dealt.study.pk}/raters/", 18),
        (dealt.raters[0], "/api/ratings/", 8),
    ):
        client.force_login(user)
        with django_assert_max_num_queries(most, connection=connection):  # type: ignore[attr-defined]
            assert client.get(address).status_code == 200
