"""The page in front of the camera, what its script asks for, and what becomes of a set that was left."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coaching.live import services
from coaching.live.codes import LIVE
from coaching.live.engine import frames_of
from coaching.live.models import LiveChunk, LiveSet
from coaching.live.protocol import CLOSE, encode
from coaching.live.services import Progress
from coaching.models import AnalysisRun, Session
from coaching.presentation import view_for
from studies.models import Membership
from tests.coaching.live.sets import a_track
from tests.factory import Personas, make_class, make_personas, make_staff

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from studies.models import Participant, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Personas:
    return make_personas()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def left_set(participant: Participant, *, reps: int = 2) -> LiveSet:
    """A set whose page is gone before it was finished; its frames are here."""
    from coaching.live.engine import Size

    frames = frames_of(a_track(reps))
    live_set = services.begin_set(participant=participant, started_by=participant.user)
    live_set = services.connect(live_set, Size(480, 640))
    done = Progress(len(frames), frames[-1].time_ms, {}, 2, "")
    services.keep_frames(live_set, b"".join(encode(frame) for frame in frames), len(frames), done)
    return live_set


def test_the_page_alone_may_run_webassembly(people: Personas) -> None:
    client = signed_in(people.student)
    policy = client.get(reverse("coaching:live:page")).headers["Content-Security-Policy"]
    elsewhere = client.get(reverse("coaching:session-list")).headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "unsafe" not in elsewhere
    assert "unsafe" not in policy.replace("'wasm-unsafe-eval'", "")


def test_begin_answers_with_what_the_script_needs(people: Personas) -> None:
    about = {"participant": people.participant.pk, "load_kg": "80.5", "stature_cm": "176", "loss_alert_percent": "20"}
    answer = signed_in(people.student).post(reverse("coaching:live:begin"), about)
    said = json.loads(answer.content)
    live_set = LiveSet.objects.get(pk=said["id"])
    assert answer.status_code == 201
    assert services.check_token(said["token"], pk=live_set.pk, user=people.student)
    assert not services.check_token(said["token"], pk=live_set.pk, user=people.classmate)
    assert (float(live_set.load_kg or 0), live_set.stature_m, live_set.loss_alert_percent) == (80.5, 1.76, 20)


@pytest.mark.parametrize(
    "about", [{"load_kg": "-1"}, {"stature_cm": "17"}, {"loss_alert_percent": "15"}, {"participant": "0"}]
)
def test_begin_refuses_what_makes_no_sense(people: Personas, about: dict[str, str]) -> None:
    fields = {"participant": people.participant.pk, **about}
    answer = signed_in(people.student).post(reverse("coaching:live:begin"), fields)
    assert answer.status_code == 422
    assert json.loads(answer.content)["advice"]
    assert not LiveSet.objects.exists()


def test_nobody_begins_a_set_of_a_classmate(people: Personas) -> None:
    answer = signed_in(people.classmate).post(reverse("coaching:live:begin"), {"participant": people.participant.pk})
    assert answer.status_code == 422


def test_a_set_that_was_left_is_offered_again_and_no_other_can_be_begun(people: Personas) -> None:
    left_set(people.participant)
    client = signed_in(people.student)
    page = " ".join(client.get(reverse("coaching:live:page")).content.decode().split())
    again = client.post(reverse("coaching:live:begin"), {"participant": people.participant.pk})
    assert "was not finished" in page
    assert again.status_code == 409
    assert json.loads(again.content)["code"] == "set_open"


def test_finishing_a_left_set_leads_to_its_result(people: Personas) -> None:
    live_set = left_set(people.participant)
    client = signed_in(people.student)
    answer = client.post(reverse("coaching:live:finish", args=[live_set.pk]))
    session = Session.objects.get(live_set=live_set)
    page = " ".join(client.get(answer.headers["Location"]).content.decode().split())
    assert answer.headers["Location"] == reverse("coaching:session", args=[session.pk])
    assert "This set was lifted live" in page
    assert "Counted while you lifted" in page
    assert "<video" not in page
    # A second finish, e.g. of another tab, changes nothing.
    client.post(reverse("coaching:live:finish", args=[live_set.pk]))
    assert Session.objects.count() == 1


def test_a_control_students_live_result_is_withheld_like_a_films(people: Personas) -> None:
    control = people.study.participants.get(user=people.classmate)
    services.finish_set(left_set(control))
    session = Session.objects.get(participant=control)
    page = signed_in(people.classmate).get(reverse("coaching:session", args=[session.pk])).content.decode()
    assert "Your set is recorded" in page
    assert "Counted while you lifted" not in page
    assert view_for(people.classmate, session).withheld
    series = reverse("coaching:media", args=[session.pk, "series"])
    assert signed_in(people.classmate).get(series).status_code == 403
    assert not LiveSet.objects.get(session=session).feedback


def test_a_set_of_less_than_a_second_is_no_session(people: Personas) -> None:
    live_set = services.begin_set(participant=people.participant, started_by=people.student)
    answer = signed_in(people.student).post(reverse("coaching:live:finish", args=[live_set.pk]))
    live_set.refresh_from_db()
    assert answer.headers["Location"] == reverse("coaching:live:page")
    assert live_set.state == LiveSet.State.DISCARDED
    assert not Session.objects.exists()


def test_the_sweep_finishes_what_nobody_came_back_to_and_leaves_what_goes_on(people: Personas) -> None:
    control = people.study.participants.get(user=people.classmate)
    old, fresh = left_set(people.participant), left_set(control)
    hours_ago = timezone.now() - dt.timedelta(hours=3)
    LiveSet.objects.filter(pk=old.pk).update(started_at=hours_ago, last_frame_at=hours_ago)
    LiveSet.objects.filter(pk=fresh.pk).update(started_at=hours_ago)
    assert services.finish_left_sets() == 1
    assert list(LiveSet.objects.filter(state="finished").values_list("pk", flat=True)) == [old.pk]
    assert set(LiveChunk.objects.values_list("live_set", flat=True)) == {fresh.pk}


def test_the_run_of_a_live_set_can_not_be_run_again(people: Personas) -> None:
    live_set = services.finish_set(left_set(people.participant))
    signed_in(people.student).post(reverse("coaching:run-again", args=[live_set.session_id]))
    assert AnalysisRun.objects.filter(session=live_set.session_id).count() == 1


def test_the_wall_costs_the_same_for_one_and_for_thirty(
    people: Personas, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(people.instructor)
    url = reverse("coaching:live:wall", args=[people.study.pk])
    for participant in make_class(people.study, 30):
        row = services.begin_set(participant=participant, started_by=participant.user)
        LiveSet.objects.filter(pk=row.pk).update(last_frame_at=timezone.now(), frames=1)
    with django_assert_max_num_queries(16):
        page = client.get(url).content.decode()
    rows = json.loads(re.search(r'id="wall-rows"[^>]*>(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert len(rows) == len({row["name"] for row in rows}) == 32


def test_the_page_costs_the_same_for_a_class(
    people: Personas, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_class(people.study, 30)
    client = signed_in(people.instructor)
    with django_assert_max_num_queries(14):
        client.get(reverse("coaching:live:page"))


def test_a_superuser_watches_any_class_and_a_member_of_another_study_none(people: Personas) -> None:
    url = reverse("coaching:live:wall", args=[people.study.pk])
    stranger = make_staff(people.other_study, Membership.Role.OWNER)
    assert signed_in(people.superuser).get(url).status_code == 200
    assert signed_in(stranger).get(url).status_code == 404


def test_every_way_a_socket_ends_has_a_sentence() -> None:
    assert set(CLOSE) - {"finished"} <= set(LIVE)
    assert len(set(CLOSE.values())) == len(CLOSE)
