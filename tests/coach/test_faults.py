"""Each fault answers to its own degree in the simulator, and says so when the view hides it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.simulator import FAULT_NAMES
from coaching.vision import vocabulary
from coaching.vision.coach import analyse
from tests.coach.lifts import BODIES, lift_of, track_of, with_outline

if TYPE_CHECKING:
    from coaching.vision.types import Fault, FormReport

SAGITTAL = ("hips_first", "rounded_upper_back", "bar_drift", "no_lockout", "hyperextension")
FRONTAL = tuple(name for name in FAULT_NAMES if name not in SAGITTAL)
BEST_VIEW = {**dict.fromkeys(FRONTAL, 0.0), **dict.fromkeys(SAGITTAL, 90.0)}


def report_of(fault: str, degree: float, yaw_deg: float, body: int = 0) -> FormReport:
    return analyse(track_of(lift_of(2, body=BODIES[body], faults={fault: degree}, seed=body), yaw_deg, seed=body))


def found(report: FormReport, name: str) -> list[Fault]:
    return [fault for rep in report.reps for fault in rep.faults if fault.name == name]


def mean_p(report: FormReport, name: str) -> float:
    return float(np.mean([fault.p for fault in found(report, name) if fault.p is not None]))


def test_coach_and_simulator_speak_of_the_same_faults() -> None:
    assert vocabulary.FAULT_NAMES == FAULT_NAMES


@pytest.mark.parametrize("name", FAULT_NAMES)
def test_the_probability_grows_with_the_degree(name: str) -> None:
    p = [mean_p(report_of(name, degree, BEST_VIEW[name]), name) for degree in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert all(later >= earlier - 0.01 for earlier, later in itertools.pairwise(p)), p
    assert p[0] < 0.15
    assert p[-1] > 0.8


@pytest.mark.parametrize("body", range(5))
@pytest.mark.parametrize("name", FAULT_NAMES)
def test_a_gross_fault_is_told_from_a_clean_lift_on_every_body(name: str, body: int) -> None:
    gross, clean = (report_of(name, degree, BEST_VIEW[name], body) for degree in (1.0, 0.0))
    assert mean_p(gross, name) > 0.6
    assert mean_p(clean, name) < 0.3


@pytest.mark.parametrize("yaw_deg", [0.0, 90.0])
def test_a_clean_lift_has_no_likely_fault(yaw_deg: float) -> None:
    for rep in analyse(track_of(lift_of(3), yaw_deg)).reps:
        assert [fault.name for fault in rep.faults if fault.p is not None and fault.p > 0.3] == []


def test_every_repetition_lists_every_fault_once_in_the_same_order() -> None:
    for rep in analyse(track_of(lift_of(2), 45.0)).reps:
        assert tuple(fault.name for fault in rep.faults) == FAULT_NAMES


def test_from_the_side_frontal_faults_are_not_observable_and_say_where_to_film_from() -> None:
    report = report_of("wide_stance", 1.0, 90.0)
    for name in FRONTAL:
        for fault in found(report, name):
            assert (fault.observable, fault.p, fault.value) == (False, None, None)
            assert fault.reason == "Not observable from the side: film from the front."


def test_from_the_front_sagittal_faults_are_not_observable() -> None:
    report = report_of("rounded_upper_back", 1.0, 0.0)
    for name in SAGITTAL:
        for fault in found(report, name):
            assert (fault.observable, fault.p) == (False, None)
            assert fault.reason.startswith("Not observable from the front")


def test_at_an_angle_the_knees_and_the_bar_are_left_to_better_views() -> None:
    report = analyse(track_of(lift_of(2), 45.0))
    hidden = {fault.name for fault in report.reps[0].faults if not fault.observable}
    assert {"knees_in", "asymmetry", "bar_drift", "hyperextension"} <= hidden
    assert {"hips_first", "no_lockout", "rounded_upper_back", "narrow_stance"}.isdisjoint(hidden)


def test_a_judged_fault_carries_its_evidence() -> None:
    fault = found(report_of("no_lockout", 1.0, 90.0), "no_lockout")[0]
    assert fault.value is not None
    assert fault.value < 150.0
    assert (fault.unit, fault.observable) == ("deg", True)
    assert fault.sigma is not None
    assert fault.sigma >= 3.0
    assert fault.at_s is not None


def test_only_the_faulty_repetition_is_blamed() -> None:
    lift = lift_of(3, faults={"no_lockout": 1.0}, fault_reps=(2,))
    p = [fault.p for fault in found(analyse(track_of(lift)), "no_lockout")]
    assert p[1] is not None
    assert p[1] > 0.9
    assert all(other is not None and other < 0.1 for other in (p[0], p[2]))


def test_leaning_back_is_judged_against_the_lifters_own_standing() -> None:
    lift = lift_of(2, faults={"hyperextension": 0.7}, stand_before_s=2.0)
    values = [fault.value for fault in found(analyse(track_of(lift)), "hyperextension")]
    # Between 13 (0.5) and 22 deg (1.0) behind the vertical, minus half a degree of natural inclination.
    assert values == pytest.approx([17.0, 17.0], abs=3.0)


def test_a_thigh_hidden_by_the_plate_silences_what_needs_the_hip() -> None:
    track = track_of(lift_of(2))
    image = track.image.copy()
    # What MediaPipe does behind a plate: hips slide down the thigh while visibility stays near 1.
    for hip, knee in ((23, 25), (24, 26)):
        image[:, hip, :2] += 0.45 * (image[:, knee, :2] - image[:, hip, :2])
    hidden = type(track)(track.time_s, image, track.world, track.detected, track.fps, track.width, track.height)
    report = analyse(hidden)
    assert len(report.reps) == 2
    assert [notice.code for notice in report.notices] == ["hidden_by_plate"]
    for name in ("no_lockout", "hyperextension", "rounded_upper_back"):
        for fault in found(report, name):
            assert (fault.observable, "plate" in fault.reason) == (False, True)
    # The silhouette's edge is not hidden by a plate in front of the hip.
    for fault in found(analyse(with_outline(hidden, 0.08)), "rounded_upper_back"):
        assert (fault.observable, fault.unit) == (True, "trunk lengths")
        assert fault.p is not None
        assert fault.p > 0.99


@pytest.mark.parametrize(("bow", "least", "most"), [(-0.04, 0.0, 0.01), (0.02, 0.49, 0.51), (0.06, 0.99, 1.0)])
def test_the_bow_of_the_back_decides_rounding_whatever_the_head_does(bow: float, least: float, most: float) -> None:
    bowed_head = track_of(lift_of(2, faults={"rounded_upper_back": 1.0}))
    assert mean_p(analyse(bowed_head), "rounded_upper_back") > 0.9
    assert least <= mean_p(analyse(with_outline(bowed_head, bow)), "rounded_upper_back") <= most


def test_an_outline_that_was_hardly_seen_is_not_judged_by() -> None:
    track = with_outline(track_of(lift_of(2)), 0.08)
    assert track.outline is not None
    track.outline[np.arange(track.time_s.size) % 25 != 0] = np.nan
    for fault in found(analyse(track), "rounded_upper_back"):
        assert fault.unit == "deg"


def test_what_needs_the_front_is_no_surer_than_that_the_camera_is_there() -> None:
    report = report_of("wide_grip", 1.0, 24.0)
    assert report.view.label == "front"
    assert all(fault.p is not None and fault.p <= report.view.p for fault in found(report, "wide_grip"))
