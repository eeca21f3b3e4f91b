"""The socket as a page uses it, and as it may not be used. Real frames of simulated lifters, a real coach."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.routing import ProtocolTypeRouter

from coaching.live import consumers, services
from coaching.live.intake import BURST
from coaching.live.models import LiveChunk, LiveSet
from coaching.live.protocol import CLOSE, FRAME_BYTES, encode
from coaching.models import AnalysisRun, Assessment, Session
from coaching.vision.coach import analyse
from studies.models import Membership
from tests.coaching.live.asgi_socket import Socket
from tests.coaching.live.sets import Page, a_set, a_track
from tests.factory import make_participant, make_personas, make_staff, make_study, make_user

if TYPE_CHECKING:
    from coaching.live.protocol import LiveFrame
    from studies.models import Participant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def student() -> Participant:
    study = make_study()
    return make_participant(study, arm=study.arms.get(key="a"))


@pytest.fixture
def control() -> Participant:
    study = make_study()
    return make_participant(study, arm=study.arms.get(key="b"))


def begun(participant: Participant, **about: Any) -> LiveSet:
    return services.begin_set(participant=participant, started_by=participant.user, **about)


async def lifted(page: Page, frames: list[LiveFrame]) -> dict[str, Any]:
    await page.open()
    await page.send(frames)
    done = await page.finish()
    await page.leave()
    return done


def test_a_streamed_set_is_counted_judged_and_stored_like_an_upload(student: Participant) -> None:
    track = a_track(3)
    page = Page(begun(student, load_kg=80), student.user)
    from coaching.live.engine import frames_of

    done = async_to_sync(lifted)(page, frames_of(track))
    row = Session.objects.get(pk=done["session"])
    assessment = Assessment.objects.get(run__session=row)
    assert done["count"] == 3
    assert [state["count"] for state in page.of("state")][-1] == 3
    assert (row.video, row.container, row.load_kg, row.participant) == ("", "live", Decimal(80), student)
    assert row.latest_run is not None
    assert row.latest_run.state == AnalysisRun.State.DONE
    assert assessment.rep_count == 3
    assert assessment.document["clip"] == str(row.pk)
    assert assessment.document["sha256"] == row.sha256
    assert not LiveChunk.objects.exists()


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
def test_the_same_landmarks_streamed_and_uploaded_give_the_same_repetitions_phases_and_labels(
    student: Participant, yaw_deg: float
) -> None:
    from coaching.live.engine import frames_of

    track = a_track(2, yaw_deg=yaw_deg, fps=30.0, faults={"wide_stance": 0.9})
    page = Page(begun(student), student.user)
    done = async_to_sync(lifted)(page, frames_of(track))
    document = Assessment.objects.get(run__session=done["session"]).document
    uploaded = analyse(track)
    said = [(rep["start_s"], rep["lockout_s"], rep["end_s"]) for rep in document["reps"]]
    assert said == [(round(r.start_s, 3), round(r.lockout_s, 3), round(r.end_s, 3)) for r in uploaded.reps]
    assert document["view"] == uploaded.view.label
    assert document["stance"]["label"] == uploaded.stance.label
    assert document["lean"]["label"] == uploaded.lean.label
    assert [[f["name"] for f in rep["faults"]] for rep in document["reps"]] == [
        [f.name for f in rep.faults] for rep in uploaded.reps
    ]
    assert [[f["p"] for f in rep["faults"]] for rep in document["reps"]] == [
        [None if f.p is None else round(f.p, 4) for f in rep.faults] for rep in uploaded.reps
    ]


def test_each_repetition_is_judged_before_the_next_ends(student: Participant) -> None:
    async def scene(page: Page) -> None:
        await page.open()
        frames = a_set(3, faults={"hips_first": 0.95}, yaw_deg=75.0)
        for frame in frames:
            await page.send([frame])
            while not await page.socket.receive_nothing(timeout=0.001, interval=0.0005):
                await page.hear("state", "repetition", "ack")
        await page.finish()
        await page.leave()

    page = Page(begun(student, stature_cm=175), student.user)
    async_to_sync(scene)(page)
    judged = page.of("repetition")
    assert [message["repetition"]["number"] for message in judged][:2] == [1, 2]
    assert judged[0]["repetition"]["verdict"] in {"correct", "incorrect"}
    assert 0.0 <= judged[0]["repetition"]["p_correct"] <= 1.0
    assert judged[0]["cue"]["code"] == "hips_first"
    assert judged[1]["velocity"]["unit"] == "m/s"
    assert judged[1]["velocity"]["loss"] is not None


def test_a_student_of_the_control_arm_is_told_that_it_records_and_nothing_else(control: Participant) -> None:
    page = Page(begun(control), control.user)
    done = async_to_sync(lifted)(page, a_set(2))
    assert {message["type"] for message in page.heard} == {"welcome", "recording", "ack", "finished"}
    assert set(done) == {"type", "session", "code"}
    assert all(set(message) == {"type", "frames"} for message in page.of("recording"))
    assert "count" not in page.of("welcome")[0]
    # Withheld, not lost.
    assert Assessment.objects.get(run__session=done["session"]).rep_count == 2


def test_a_connection_that_breaks_goes_on_and_ends_in_the_same_result(student: Participant) -> None:
    frames = a_set(3)
    live_set = begun(student)

    async def scene() -> dict[str, Any]:
        first = Page(live_set, student.user)
        await first.open()
        await first.send(frames[:120])
        await first.leave()
        second = Page(live_set, student.user)
        welcome = await second.open()
        assert welcome["next"] == 120
        assert welcome["last_ms"] == pytest.approx(frames[119].time_ms)
        # The page sends again what it has no word about.
        await second.send(frames[100:])
        done = await second.finish()
        await second.leave()
        return done

    done = async_to_sync(scene)()
    live_set.refresh_from_db()
    document = Assessment.objects.get(run__session=done["session"]).document
    assert done["count"] == 3
    assert document["analysed"]["frames"] == len(frames)
    assert live_set.dropped["repeated"] == 20


def test_frames_that_overtook_one_another_give_the_same_result(student: Participant) -> None:
    frames = a_set(2)
    mixed = [frame for pair in itertools.zip_longest(frames[1::2], frames[0::2]) for frame in pair if frame]
    done = async_to_sync(lifted)(Page(begun(student), student.user), mixed)
    document = Assessment.objects.get(run__session=done["session"]).document
    assert (done["count"], document["analysed"]["frames"]) == (2, len(frames))


def test_repeated_frames_count_once(student: Participant) -> None:
    frames = a_set(2)
    live_set = begun(student)
    twice = [frame for frame in frames for _ in range(2)]
    done = async_to_sync(lifted)(Page(live_set, student.user), twice)
    live_set.refresh_from_db()
    assert done["count"] == 2
    assert live_set.frames == len(frames)
    assert live_set.dropped["repeated"] == len(frames)


def test_a_clock_that_jumps_changes_no_count(student: Participant) -> None:
    frames = a_set(2)
    half = len(frames) // 2
    jumped = frames[:half] + [replace(frame, time_ms=frame.time_ms + 3_600_000.0) for frame in frames[half:]]
    live_set = begun(student)
    done = async_to_sync(lifted)(Page(live_set, student.user), jumped)
    live_set.refresh_from_db()
    duration = Assessment.objects.get(run__session=done["session"]).document["duration_s"]
    assert done["count"] == 2
    assert live_set.dropped["clock_jumps"] == 1
    assert duration == pytest.approx((frames[-1].time_ms - frames[0].time_ms) / 1000.0, abs=0.1)


BAD = {
    "nothing": (b"", "malformed"),
    "another magic": (b"X" * FRAME_BYTES, "malformed"),
    "another version": (b"L\x02" + b"\0" * (FRAME_BYTES - 2), "version"),
    "cut": (encode(a_set(1)[0])[:-1], "malformed"),
    "too much": (encode(a_set(1)[0]) + b"\0", "too_large"),
    "a head that promises landmarks": (encode(a_set(1)[0])[:16], "malformed"),
    "not a number": (encode(replace(a_set(1)[0], image=np.full((33, 4), np.nan, np.float32))), "malformed"),
    "endless landmarks": (encode(replace(a_set(1)[0], image=np.full((33, 4), 1e30, np.float32))), "malformed"),
    "no time": (encode(replace(a_set(1)[0], time_ms=float("inf"))), "malformed"),
}


@pytest.mark.parametrize("case", BAD)
def test_bytes_that_are_no_frame_close_the_socket_with_a_code_and_lose_nothing(student: Participant, case: str) -> None:
    data, code = BAD[case]
    live_set = begun(student)

    async def scene() -> tuple[dict[str, Any], int]:
        page = Page(live_set, student.user)
        await page.open()
        await page.send(a_set(1)[:10])
        await page.socket.send_to(bytes_data=data)
        error = await page.hear("error")
        return error, await page.closed()

    error, closed = async_to_sync(scene)()
    live_set.refresh_from_db()
    assert (error["code"], closed) == (code, CLOSE[code])
    assert error["advice"]
    assert live_set.following == 10


@pytest.mark.parametrize("text", ["", "[]", "{", '{"type": "dance"}', '{"type": "hello"}', '"' * 5000, "[" * 4000])
def test_words_that_are_none_close_the_socket(student: Participant, text: str) -> None:
    async def scene() -> int:
        page = Page(begun_set, student.user)
        await page.open()
        await page.socket.send_to(text_data=text)
        return await page.closed()

    begun_set = begun(student)
    assert async_to_sync(scene)() in {CLOSE["malformed"], CLOSE["too_large"]}


def test_a_flood_is_cut_off_and_what_came_before_is_kept(student: Participant) -> None:
    frames = a_set(3)
    flood = [replace(frames[i % len(frames)], sequence=i, time_ms=float(i)) for i in range(int(BURST) + 400)]
    live_set = begun(student)

    async def scene() -> int:
        page = Page(live_set, student.user)
        await page.open()
        await page.send(flood)
        return await page.closed()

    assert async_to_sync(scene)() == CLOSE["too_fast"]
    live_set.refresh_from_db()
    assert BURST <= live_set.frames < len(flood)


def test_a_classmate_and_a_stranger_can_neither_open_nor_guess_a_set() -> None:
    people = make_personas()
    live_set = services.begin_set(participant=people.participant, started_by=people.student)

    async def attempt(user: Any, token: str) -> str:
        page = Page(live_set, user)
        answer = await page.open(token=token)
        await page.closed()
        return str(answer.get("code"))

    others = (people.classmate, people.other_student, people.other_instructor, people.researcher)
    for other in others:
        assert async_to_sync(attempt)(other, services.sign_token(live_set, other)) == "no_such_set"
        # Another's token is not theirs either.
        assert async_to_sync(attempt)(other, services.sign_token(live_set, people.student)) == "token_invalid"


def test_a_token_of_another_set_opens_nothing(student: Participant) -> None:
    first = begun(student)
    services.finish_set(first)
    second = begun(student)

    async def scene() -> str:
        page = Page(second, student.user)
        answer = await page.open(token=services.sign_token(first, student.user))
        await page.closed()
        return str(answer["code"])

    assert async_to_sync(scene)() == "token_invalid"


def test_somebody_who_is_not_signed_in_is_told_so(student: Participant) -> None:
    from django.contrib.auth.models import AnonymousUser

    async def scene() -> int:
        page = Page(begun_set, student.user)
        page.socket.scope["user"] = AnonymousUser()
        await page.socket.connect()
        return await page.closed()

    begun_set = begun(student)
    assert async_to_sync(scene)() == CLOSE["not_signed_in"]


@pytest.mark.parametrize(
    ("origin", "opens"), [("http://testserver", True), ("http://evil.example", False), (None, False)]
)
def test_another_sites_page_gets_no_socket(student: Participant, origin: str | None, opens: bool) -> None:
    from config.asgi import application

    assert isinstance(application, ProtocolTypeRouter)
    headers = [] if origin is None else [(b"origin", origin.encode())]
    live_set = begun(student)

    async def scene() -> bool:
        socket = Socket(application, f"/ws/live/{live_set.pk}/", headers=headers)
        connected = await socket.connect(timeout=20)
        await socket.disconnect()
        return connected

    assert async_to_sync(scene)() is opens


def test_a_token_that_runs_out_in_the_middle_loses_nothing(
    student: Participant, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LIVE_TOKEN_SECONDS = 8
    monkeypatch.setattr(consumers, "KEEP_EVERY_S", 0.0)
    live_set, frames = begun(student), a_set(2)
    old = services.sign_token(live_set, student.user)

    async def scene() -> dict[str, Any]:
        import asyncio

        page = Page(live_set, student.user)
        await page.open(token=old)
        await page.send(frames[:60])
        await asyncio.sleep(9.1)
        # The connection that is open stays open, and brings the next token.
        await page.send(frames[60:90])
        fresh = await page.hear("token")
        await page.leave()
        late = Page(live_set, student.user)
        assert (await late.open(token=old))["code"] == "token_invalid"
        await late.closed()
        again = Page(live_set, student.user)
        assert (await again.open(token=fresh["token"]))["next"] == 90
        await again.send(frames[90:])
        done = await again.finish()
        await again.leave()
        return done

    assert async_to_sync(scene)()["count"] == 2


def test_the_newer_window_takes_the_set_and_the_older_is_told(
    student: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "KEEP_EVERY_S", 0.0)
    live_set, frames = begun(student), a_set(2)

    async def scene() -> tuple[int, dict[str, Any]]:
        old, new = Page(live_set, student.user), Page(live_set, student.user)
        await old.open()
        await old.send(frames[:40])
        await old.hear("ack")
        welcome = await new.open()
        await old.send(frames[40:60])
        code = await old.closed()
        await new.send(frames[welcome["next"] :])
        done = await new.finish()
        await new.leave()
        return code, done

    code, done = async_to_sync(scene)()
    assert code == CLOSE["opened_elsewhere"]
    assert done["count"] == 2
    assert Assessment.objects.get().document["analysed"]["frames"] == len(frames)


def test_a_set_ends_by_itself_at_its_greatest_length(student: Participant, settings: Any) -> None:
    settings.CLIP_MAX_SECONDS = 6
    frames = a_set(3)

    async def scene() -> dict[str, Any]:
        page = Page(begun_set, student.user)
        await page.open()
        await page.send(frames)
        return await page.hear("finished")

    begun_set = begun(student)
    done = async_to_sync(scene)()
    assert done["code"] == "too_long"
    assert Assessment.objects.get().document["duration_s"] <= 6.0


def test_the_wall_names_a_student_to_the_instructor_and_to_nobody_else() -> None:
    people = make_personas()
    live_set = services.begin_set(participant=people.participant, started_by=people.student)
    stranger = make_staff(people.other_study, Membership.Role.INSTRUCTOR)

    async def scene() -> tuple[list[dict[str, Any]], int, int]:
        wall = _Wall(people.study.pk, people.instructor)
        await wall.open()
        page = Page(live_set, people.student)
        await page.open()
        await page.send(a_set(2))
        await page.finish()
        await page.leave()
        seen = await wall.all()
        return seen, await _refused(people.study.pk, stranger), await _refused(people.study.pk, people.researcher)

    seen, stranger_code, researcher_code = async_to_sync(scene)()
    assert {message["name"] for message in seen} == {people.student.get_full_name()}
    assert seen[-1]["count"] == 2
    assert [seen[0]["on"], seen[-1]["on"]] == [True, False]
    assert (stranger_code, researcher_code) == (CLOSE["no_such_set"], CLOSE["no_such_set"])


def test_the_wall_shows_no_cue_of_a_student_whose_arm_gives_none(control: Participant) -> None:
    instructor = make_staff(control.study, Membership.Role.INSTRUCTOR)
    live_set = begun(control)

    async def scene() -> list[dict[str, Any]]:
        wall = _Wall(control.study_id, instructor)
        await wall.open()
        await lifted(Page(live_set, control.user), a_set(2, yaw_deg=75.0, faults={"hips_first": 0.95}))
        return await wall.all()

    assert {message["cue"] for message in async_to_sync(scene)()} == {None}


class _Wall:
    def __init__(self, study: int, user: Any) -> None:
        from tests.coaching.live.sets import SOCKETS

        self.socket = Socket(SOCKETS, f"/ws/live/wall/{study}/")
        self.socket.scope["user"] = user

    async def open(self) -> None:
        await self.socket.connect()
        assert (await self.socket.receive_json_from(timeout=20))["type"] == "watching"

    async def all(self) -> list[dict[str, Any]]:
        seen = []
        while not await self.socket.receive_nothing(timeout=0.3):
            seen.append(await self.socket.receive_json_from())
        await self.socket.disconnect()
        return seen


async def _refused(study: int, user: Any) -> int:
    wall = _Wall(study, user)
    await wall.socket.connect()
    event = await wall.socket.receive_output(timeout=20)
    return int(event["code"])


def test_a_person_without_a_set_is_refused_by_the_set_of_nobody() -> None:
    user = make_user()
    study = make_study()
    live_set = begun(make_participant(study, arm=study.arms.get(key="a")))
    LiveSet.objects.all().delete()

    async def scene() -> str:
        page = Page(live_set, user)
        answer = await page.open()
        await page.closed()
        return str(answer["code"])

    assert async_to_sync(scene)() == "no_such_set"
    assert async_to_sync(sync_to_async(Session.objects.count))() == 0
