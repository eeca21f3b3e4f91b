"""Speed of the bar against the simulator's truth, loss, and a person's line."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.simulator import Body, Lift, LiftSpec, simulate
from coaching.vision.coach import analyse
from coaching.vision.velocity import Line, NoLine, RepVelocity, load_velocity_line, rep_velocities, velocity_loss
from tests.coach.lifts import BODIES, track_of


@pytest.mark.parametrize("body", BODIES, ids=lambda body: f"{body.stature_m:g} m")
@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
def test_the_bars_speed_is_that_of_the_simulated_hands(body: Body, yaw_deg: float) -> None:
    lift = simulate(LiftSpec(reps=2, body=body), seed=3)
    track = track_of(lift, yaw_deg, fps=30.0)
    found = rep_velocities(track, analyse(track).reps, body.stature_m)
    assert [one.number for one in found] == [1, 2]
    for one in found:
        assert one.m_s is not None
        assert one.m_s_sigma is not None
        # The specification's target with a scale from the stature.
        assert one.m_s == pytest.approx(_true_speed(lift, one.number), abs=0.10)
        assert one.m_s_sigma > 0.05 * one.m_s


def _true_speed(lift: Lift, number: int) -> float:
    """Of the simulated wrists, m/s, between the moments of specification 3.7: lift-off is the first faster than
    0.05 m/s, lockout the first slower than that after 90 % of the way.
    """
    start_s, concentric_s = lift.reps[number - 1].start_s, lift.tempo[number - 1].concentric_s
    time_s = np.linspace(start_s - 0.2, start_s + concentric_s + 0.2, 500)
    height = lift.points(time_s)[:, [15, 16], 1].mean(axis=1)
    speed = np.gradient(height, time_s)
    way = (height - height[0]) / (height[-1] - height[0])
    off = int(np.argmax(speed > 0.05))
    top = int(np.argmax((speed < 0.05) & (way > 0.9)))
    return float((height[top] - height[off]) / (time_s[top] - time_s[off]))


def test_a_slower_last_repetition_is_a_loss_against_the_best() -> None:
    speeds = [RepVelocity(n, v, 0.05) for n, v in enumerate((0.20, 0.25, 0.22, 0.20), start=1)]
    loss = velocity_loss(speeds)
    assert loss is not None
    assert loss[0] == pytest.approx(0.2)
    assert loss[1] == pytest.approx(0.8 * np.hypot(0.05, 0.05))
    assert velocity_loss(speeds[:1]) is None
    assert velocity_loss(speeds[:2]) == (0.0, 0.0)


def test_a_line_through_four_loads_gives_the_load_at_the_velocity_of_a_maximum() -> None:
    points = [(60.0, 0.70), (90.0, 0.52), (120.0, 0.34), (140.0, 0.22)]
    line = load_velocity_line(points)
    assert isinstance(line, Line)
    # numpy.polyfit(velocity, load, 1), evaluated at 0.14.
    slope, intercept = np.polyfit([v for _, v in points], [load for load, _ in points], 1)
    assert line.e1rm_kg == pytest.approx(intercept + slope * 0.14)
    assert line.e1rm_low_kg < line.e1rm_kg < line.e1rm_high_kg


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([(60.0, 0.7), (90.0, 0.52), (120.0, 0.34)], "too_few_loads"),
        ([(100.0, 0.3), (105.0, 0.27), (110.0, 0.24), (115.0, 0.2)], "span_too_small"),
        ([(60.0, 0.3), (90.0, 0.6), (120.0, 0.3), (140.0, 0.5)], "not_a_line"),
        ([(40.0, 1.0), (60.0, 0.85), (80.0, 0.70), (100.0, 0.55)], "too_far_away"),
    ],
)
def test_a_line_that_would_be_a_guess_is_refused(points: list[tuple[float, float]], code: str) -> None:
    assert load_velocity_line(points) == NoLine(code)
