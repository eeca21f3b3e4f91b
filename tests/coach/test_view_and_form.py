"""View, stance and lean: right labels, the lifter's own left and right, and silence where the view hides them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from coaching.vision import geometry as g
from coaching.vision.coach import analyse
from tests.coach.lifts import BODIES, lift_of, track_of

if TYPE_CHECKING:
    from coaching.vision.types import Track


def flipped(track: Track) -> Track:
    """The track that a pose engine would find in the mirrored film: a person who leans the other way."""
    image = g.mirrored(np.asarray(track.image, dtype=np.float64), track.width).astype(np.float32)
    world = np.array(track.world, dtype=np.float32)
    for left, right in g.PAIRS:
        world[:, [left, right]] = world[:, [right, left]]
    world[..., 0] = -world[..., 0]
    return replace(track, image=image, world=world)


@pytest.mark.parametrize(
    ("yaw_deg", "label"),
    [
        (0.0, "front"), (15.0, "front"), (45.0, "oblique"), (-45.0, "oblique"), (75.0, "side"), (90.0, "side"),
        (-90.0, "side"), (135.0, "oblique"), (180.0, "back"),
    ],
)  # fmt: skip
def test_the_view_is_recognised(yaw_deg: float, label: str) -> None:
    view = analyse(track_of(lift_of(), yaw_deg)).view
    assert view.label == label
    folded = abs((abs(yaw_deg) + 90.0) % 180.0 - 90.0)
    assert view.yaw_deg == pytest.approx(folded, abs=15.0)
    assert 0.3 < view.p <= 1.0


@pytest.mark.parametrize("body", range(5))
@pytest.mark.parametrize(
    ("faults", "stance", "lean"),
    [
        ({}, "neutral", "neutral"),
        ({"narrow_stance": 0.6, "lean_left": 0.7}, "narrow", "left"),
        ({"wide_stance": 0.7, "lean_right": 0.7}, "wide", "right"),
    ],
)
def test_stance_and_lean_are_right_from_the_front(body: int, faults: dict[str, float], stance: str, lean: str) -> None:
    report = analyse(track_of(lift_of(body=BODIES[body], faults=faults), 0.0))
    assert (report.stance.label, report.lean.label) == (stance, lean)
    assert report.stance.scores.keys() == {"narrow", "neutral", "wide"}
    assert sum(report.stance.scores.values()) == pytest.approx(1.0)
    assert report.lean.score == max(report.lean.scores.values())


def test_a_mirrored_film_flips_the_lean_and_keeps_the_stance() -> None:
    track = track_of(lift_of(faults={"lean_left": 1.0, "narrow_stance": 1.0}), 0.0)
    report, mirror = analyse(track), analyse(flipped(track))
    assert (report.lean.label, mirror.lean.label) == ("left", "right")
    assert mirror.lean.value == pytest.approx(-(report.lean.value or 0.0), abs=0.2)
    assert mirror.stance.value == pytest.approx(report.stance.value)


def test_the_lean_is_the_lifters_own_also_from_behind() -> None:
    lift = lift_of(faults={"lean_left": 1.0})
    report = analyse(track_of(lift, 180.0))
    assert (report.view.label, report.lean.label) == ("back", "left")


def test_a_mirrored_side_view_gives_the_same_angles() -> None:
    track = track_of(lift_of(), 90.0)
    one, other = analyse(track).series, analyse(flipped(track)).series
    for name in ("hip_deg", "knee_deg", "trunk_deg"):
        assert np.allclose(getattr(one, name), getattr(other, name), atol=0.5, equal_nan=True)


def test_from_the_side_stance_and_lean_say_how_to_film() -> None:
    report = analyse(track_of(lift_of(faults={"lean_left": 1.0}), 90.0))
    for label in (report.stance, report.lean):
        assert (label.label, label.score, label.observable) == (None, None, False)
        assert label.reason == "Not observable from the side: film from the front."
        assert label.scores == {}


def test_a_neutral_stance_reads_as_in_the_paper() -> None:
    report = analyse(track_of(lift_of(), 0.0))
    assert report.stance.advice == "Stance is fine, no adjustment needed."
    assert report.stance.unit == "shoulder widths"
    assert report.stance.value == pytest.approx(0.92, abs=0.08)


@pytest.mark.parametrize("yaw_deg", [45.0, 90.0])
def test_angles_are_those_of_the_lifter(yaw_deg: float) -> None:
    lift = lift_of(3)
    series = analyse(track_of(lift, yaw_deg)).series
    inside = (series.time_s > lift.reps[0].start_s) & (series.time_s < lift.reps[-1].end_s)
    for name in ("hip", "knee", "trunk"):
        truth = np.interp(series.time_s, lift.time_s, lift.angles[name])
        error = (getattr(series, f"{name}_deg") - truth)[inside]
        assert float(np.sqrt(np.mean(error**2))) < 10.0, name


def test_from_the_front_the_sagittal_angles_are_blank_and_the_extension_is_not() -> None:
    series = analyse(track_of(lift_of(), 0.0)).series
    assert np.isnan(series.hip_deg).all()
    assert np.isnan(series.trunk_deg).all()
    assert np.nanpercentile(series.extension, 1) < 0.05
    assert np.nanpercentile(series.extension, 99) > 0.95


def _without_feet_and_depth(track: Track) -> Track:
    image = np.array(track.image, np.float32)
    image[:, 29:33, :3], image[:, 29:33, 3], image[..., 2] = np.nan, 0.0, np.nan
    return replace(track, image=image, world=np.full_like(track.world, np.nan))


def test_without_depth_the_view_is_the_same_but_less_sure() -> None:
    track = track_of(lift_of(), 75.0)
    with_depth, without = analyse(track).view, analyse(_without_feet_and_depth(track)).view
    assert (with_depth.label, without.label) == ("side", "side")
    assert 0.5 < without.p < with_depth.p


@pytest.mark.parametrize("yaw_deg", [90.0, -90.0])
def test_bar_drift_needs_no_feet_and_knows_which_way_is_forward(yaw_deg: float) -> None:
    track = track_of(lift_of(faults={"bar_drift": 0.8}), yaw_deg)
    whole, sparse = (analyse(t).reps[0].faults for t in (track, _without_feet_and_depth(track)))
    (expected,) = (fault for fault in whole if fault.name == "bar_drift")
    (found,) = (fault for fault in sparse if fault.name == "bar_drift")
    assert found.observable
    assert found.value == pytest.approx(expected.value, abs=0.005)


def test_stance_and_lean_need_no_feet_and_no_depth() -> None:
    track = track_of(lift_of(faults={"narrow_stance": 0.6, "lean_left": 0.7}), 0.0)
    report = analyse(_without_feet_and_depth(track))
    assert (report.view.label, report.stance.label, report.lean.label) == ("front", "narrow", "left")
