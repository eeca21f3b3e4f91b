"""Order, clock and rate, each by itself."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.live.intake import BURST, GAP_MS, MOST_AHEAD, MOST_BACK, RATE_PER_S, STEP_MS, Intake, Rate
from coaching.live.protocol import LiveFrame, ProtocolError, decode, decode_all, encode
from tests.coaching.live.sets import a_set


def frame(sequence: int, time_ms: float | None = None) -> LiveFrame:
    return LiveFrame(sequence, 50.0 * sequence if time_ms is None else time_ms, None, None)


@given(st.permutations(range(40)))
def test_any_order_within_reach_comes_out_in_order(order: list[int]) -> None:
    intake = Intake()
    out = [one.sequence for n in order for one in intake.take(frame(n))]
    assert out == list(range(40))
    assert intake.dropped.as_dict() == {"repeated": 0, "missing": 0, "not_later": 0, "clock_jumps": 0}


@given(st.lists(st.floats(0.0, 1e7), min_size=1, max_size=80))
def test_whatever_the_clock_says_time_increases_and_makes_no_leap(times: list[float]) -> None:
    intake = Intake()
    out = [one.time_ms for n, t in enumerate(times) for one in intake.take(frame(n, t))]
    steps = [later - earlier for earlier, later in itertools.pairwise(out)]
    assert all(0.0 < step <= GAP_MS for step in steps)
    assert len(out) + intake.dropped.not_later == len(times)


def test_a_missing_frame_is_waited_for_and_then_given_up() -> None:
    intake = Intake()
    out: list[LiveFrame] = []
    for n in range(1, MOST_AHEAD + 1):
        out += intake.take(frame(n))
    assert out == []
    out += intake.take(frame(MOST_AHEAD + 1))
    assert [one.sequence for one in out] == list(range(1, MOST_AHEAD + 2))
    assert intake.dropped.missing == 1


def test_what_waits_at_the_end_is_not_lost() -> None:
    intake = Intake()
    for n in (0, 2, 3):
        intake.take(frame(n))
    assert [one.sequence for one in intake.rest()] == [2, 3]


def test_a_clock_that_was_set_back_goes_on_after_a_few_frames() -> None:
    intake = Intake()
    intake.take(frame(0, 4000.0))
    out = [one.time_ms for n in range(1, 10) for one in intake.take(frame(n, 100.0 + 50.0 * n))]
    assert out[:2] == [4000.0 + STEP_MS, 4000.0 + STEP_MS + 50.0]
    assert (intake.dropped.not_later, intake.dropped.clock_jumps) == (MOST_BACK - 1, 1)


def test_a_camera_that_sleeps_for_four_seconds_keeps_its_time() -> None:
    intake = Intake()
    intake.take(frame(0, 0.0))
    assert [one.time_ms for one in intake.take(frame(1, 4000.0))] == [4000.0]


def test_four_cameras_pass_and_a_flood_does_not() -> None:
    rate = Rate(0.0)
    for n in range(4000):
        rate.spend(n / RATE_PER_S)
    flooded = Rate(0.0)
    for n in range(int(BURST)):
        flooded.spend(n / 10_000)
    with pytest.raises(ProtocolError, match="too_fast"):
        _spend_a_second(flooded)


def _spend_a_second(rate: Rate) -> None:
    for n in range(int(BURST), 10_000):
        rate.spend(n / 10_000)


def test_a_frame_comes_back_bit_for_bit() -> None:
    (sent,) = a_set(1)[30:31]
    got = decode(encode(sent))
    assert got.sequence == sent.sequence
    assert got.time_ms == sent.time_ms
    assert sent.image is not None
    assert got.image is not None
    assert got.image.tobytes() == sent.image.tobytes()


def test_frames_one_behind_the_other_are_told_apart() -> None:
    frames = [replace(one, image=None, world=None) if n % 3 else one for n, one in enumerate(a_set(1)[:20])]
    again = list(decode_all(b"".join(encode(one) for one in frames)))
    assert [(one.sequence, one.seen) for one in again] == [(one.sequence, one.seen) for one in frames]
