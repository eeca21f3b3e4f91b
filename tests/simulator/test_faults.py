"""A degree means the same in every body: absent below the coach's "warn", moderate beyond it, gross beyond its
"fail".
"""

from __future__ import annotations

import numpy as np
import pytest

from coaching.simulator import FAULT_NAMES, Body, Faults, InvalidFault, InvalidLift, Joint, LiftSpec, simulate
from coaching.simulator.linkage import angle_deg
from tests.simulator.measures import Measures, measure

BODIES = {
    "average": Body(),
    "small": Body(stature_m=1.55, leg=1.05, arm=0.97),
    "tall": Body(stature_m=1.95, torso=1.06, girth=1.2),
}


def measured(body: Body, **degrees: float) -> Measures:
    return measure(simulate(LiftSpec(reps=1, body=body, faults=Faults.of(**degrees)), seed=4))


@pytest.fixture(params=list(BODIES.values()), ids=list(BODIES))
def body(request: pytest.FixtureRequest) -> Body:
    chosen = request.param
    assert isinstance(chosen, Body)
    return chosen


def test_clean_lift_is_below_every_warning(body: Body) -> None:
    clean = measured(body)
    assert clean.hip_over_shoulder_rise < 0.85
    assert clean.trunk_drop_deg < 2
    assert clean.neck_flexion_deg < 9
    assert clean.torso_share > 0.98
    assert clean.bar_range_statures < 0.02
    assert min(clean.hip_top_deg, clean.knee_top_deg) > 174
    assert abs(clean.lean_back_deg) < 2
    assert clean.knees_inward_deg < 1
    assert max(clean.bar_tilt_deg, clean.hip_tilt_deg) < 0.5
    assert abs(clean.lean_deg) < 1
    assert abs(clean.shoulder_tilt_deg) < 1


def test_hips_first_tips_the_trunk_before_the_bar_has_risen_a_third(body: Body) -> None:
    assert 5 < measured(body, hips_first=0.5).trunk_drop_deg < 15
    assert measured(body, hips_first=1.0).trunk_drop_deg > 13
    assert measured(body, hips_first=1.0).hip_over_shoulder_rise > 1.15


def test_rounded_upper_back_bends_the_neck_line_and_shortens_the_torso(body: Body) -> None:
    moderate, gross = measured(body, rounded_upper_back=0.5), measured(body, rounded_upper_back=1.0)
    assert moderate.neck_flexion_deg > 13
    assert moderate.torso_share == pytest.approx(0.92, abs=0.015)
    assert gross.neck_flexion_deg > 25
    assert gross.torso_share < 0.84


def test_bar_drift_is_a_range_of_the_bar_over_the_foot(body: Body) -> None:
    assert 0.035 < measured(body, bar_drift=0.5).bar_range_statures < 0.065
    assert measured(body, bar_drift=1.0).bar_range_statures > 0.07


def test_no_lockout_leaves_hip_and_knee_bent_beyond_the_error_of_measurement(body: Body) -> None:
    moderate, gross = measured(body, no_lockout=0.5), measured(body, no_lockout=1.0)
    assert 155 < moderate.hip_top_deg < 163
    assert 155 < moderate.knee_top_deg < 165
    assert gross.hip_top_deg < 145
    assert gross.knee_top_deg < 153


def test_hyperextension_brings_the_trunk_behind_the_vertical(body: Body) -> None:
    assert 10 < measured(body, hyperextension=0.5).lean_back_deg < 15
    assert measured(body, hyperextension=1.0).lean_back_deg > 19


def test_knees_in_brings_the_knees_inside_the_straight_leg(body: Body) -> None:
    assert 3 < measured(body, knees_in=0.5).knees_inward_deg < 12
    assert measured(body, knees_in=1.0).knees_inward_deg > 12


@pytest.mark.parametrize("side", ["left", "right"])
def test_asymmetry_lowers_the_weak_side_of_the_bar(body: Body, side: str) -> None:
    spec = LiftSpec(reps=1, body=body, faults=Faults(asymmetry=0.5), weak_side="left" if side == "left" else "right")
    lift = simulate(spec)
    middle_of_pull = (lift.reps[0].start_s + lift.tempo[0].concentric_s / 2) * spec.rate_hz
    left, right = lift.joints[round(middle_of_pull), [15, 16], 1]
    assert (left < right) == (side == "left")
    assert 4 < measure(lift).bar_tilt_deg < 6
    assert measured(body, asymmetry=1.0).bar_tilt_deg > 9


def test_lean_is_towards_the_lifters_own_side_and_tilts_the_shoulders(body: Body) -> None:
    left, right = measured(body, lean_left=0.5), measured(body, lean_right=1.0)
    assert left.lean_deg == pytest.approx(7, abs=0.5)
    assert left.shoulder_tilt_deg < -3.5  # left shoulder lower
    assert right.lean_deg == pytest.approx(-13, abs=0.5)
    assert right.shoulder_tilt_deg > 7


@pytest.mark.parametrize(
    ("name", "degree", "low", "high"),
    [
        ("narrow_stance", 0.5, 0.45, 0.60),
        ("narrow_stance", 1.0, 0.30, 0.40),
        ("wide_stance", 0.5, 1.5, 1.7),
        ("wide_stance", 1.0, 1.9, 2.2),
    ],
)
def test_stance_faults_move_the_feet_against_the_shoulders(
    body: Body, name: str, degree: float, low: float, high: float
) -> None:
    lift = simulate(LiftSpec(reps=1, body=body, faults=Faults.of(**{name: degree})))
    feet = lift.joints[0, 27, 0] - lift.joints[0, 28, 0]
    shoulders = lift.joints[0, 11, 0] - lift.joints[0, 12, 0]
    assert low < lift.stance_ratio < high
    assert feet / shoulders == pytest.approx(lift.stance_ratio, rel=0.01)


@pytest.mark.parametrize(
    ("name", "degree", "low", "high"),
    [
        ("narrow_grip", 0.5, 0.75, 0.85),
        ("narrow_grip", 1.0, 0.55, 0.65),
        ("wide_grip", 0.5, 2.0, 2.3),
        ("wide_grip", 1.0, 2.3, 2.6),
    ],
)
def test_grip_faults_move_the_hands_against_the_shoulders_for_the_whole_set(
    body: Body, name: str, degree: float, low: float, high: float
) -> None:
    faults = Faults.of(**{name: degree})
    lift = simulate(LiftSpec(reps=2, body=body, faults=faults, fault_reps=(2,)))
    at = round(lift.reps[0].lockout_s * lift.spec.rate_hz)
    wrists, shoulders = (lift.joints[at, left, 0] - lift.joints[at, left + 1, 0] for left in (15, 11))
    assert low < wrists / shoulders < high
    assert lift.faults_of(1).present == {name: degree}


def test_arms_are_straight_unless_they_are_bent(body: Body) -> None:
    for degree, low, high in ((0.0, 165.0, 180.0), (0.5, 130.0, 146.0), (1.0, 108.0, 124.0)):
        lift = simulate(LiftSpec(reps=1, body=body, faults=Faults(bent_arms=degree)))
        pull = (lift.time_s > lift.reps[0].start_s) & (lift.time_s < lift.reps[0].lockout_s)
        elbow = angle_deg(
            *(lift.joints[pull, joint] for joint in (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST))
        )
        assert low < float(np.median(elbow)) < high


@pytest.mark.parametrize("name", FAULT_NAMES)
def test_a_fault_grows_with_its_degree_and_leaves_the_repetition_times_alone(name: str) -> None:
    clean = simulate(LiftSpec(reps=2), seed=9)
    distances = []
    for degree in (0.25, 0.5, 1.0):
        lift = simulate(LiftSpec(reps=2, faults=Faults.of(**{name: degree})), seed=9)
        assert lift.reps == clean.reps
        distances.append(float(np.abs(lift.joints - clean.joints).max()))
    assert 0 < distances[0] < distances[1] < distances[2]


def test_faults_of_movement_can_be_limited_to_some_repetitions() -> None:
    spec = LiftSpec(reps=3, faults=Faults(no_lockout=1.0, wide_stance=0.5), fault_reps=(2,))
    lift = simulate(spec)
    knees = [measure(lift, rep).knee_top_deg for rep in range(3)]
    assert knees[0] > 174
    assert knees[1] < 153
    assert knees[2] > 174
    assert lift.faults_of(1).present == {"wide_stance": 0.5}
    assert lift.faults_of(2).present == {"no_lockout": 1.0, "wide_stance": 0.5}


def test_unknown_or_impossible_faults_are_refused() -> None:
    with pytest.raises(InvalidFault, match="unknown fault rounded_back"):
        Faults.of(rounded_back=0.5)
    with pytest.raises(InvalidFault, match=r"outside 0\.\.1"):
        Faults(hips_first=1.1)
    with pytest.raises(InvalidFault, match="exclude each other"):
        Faults(lean_left=0.2, lean_right=0.2)
    with pytest.raises(InvalidLift, match="conventional"):
        LiftSpec(style="sumo", faults=Faults(narrow_stance=0.5))
