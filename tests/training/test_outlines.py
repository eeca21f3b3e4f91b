"""The outline of the back that simulated skeletons are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coaching.simulator import Camera, Faults, Lift, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.training.outlines import simulated_outline
from coaching.vision.back import bow
from coaching.vision.coach import analyse


def lift(degree: float, *, fault_reps: tuple[int, ...] | None = None) -> Lift:
    return simulate(LiftSpec(reps=2, faults=Faults(rounded_upper_back=degree), fault_reps=fault_reps), seed=5)


@pytest.mark.parametrize(("yaw_deg", "behind"), [(90.0, 1), (-90.0, 0)])
def test_a_rounded_back_bows_while_the_lifter_is_bent_on_the_side_of_the_back(yaw_deg: float, behind: int) -> None:
    made = lift(1.0, fault_reps=(2,))
    track = truth_track(made, Camera(yaw_deg=yaw_deg), noise_px=1.0)
    outline = simulated_outline(track, made, "side", np.random.default_rng(2))
    assert outline is not None
    assert outline.shape == (len(track.time_s), 2, 13)
    bows = bow(outline[:, behind])
    at = [np.abs(track.time_s - rep.start_s).argmin() for rep in made.reps]
    assert bows[at[1]] - bows[at[0]] == pytest.approx(0.15, abs=0.06)
    assert np.abs(bow(outline[:, 1 - behind])).max() < 0.01


def test_the_coach_reads_it_as_it_reads_a_film() -> None:
    found = {}
    for degree in (0.0, 1.0):
        made = lift(degree)
        track = truth_track(made, Camera(yaw_deg=90.0), noise_px=1.0)
        outline = simulated_outline(track, made, "side", np.random.default_rng(4))
        report = analyse(replace(track, outline=outline))
        (fault,) = [one for one in report.reps[0].faults if one.name == "rounded_upper_back"]
        assert fault.unit == "trunk lengths"
        found[degree] = fault.p
    assert found[0.0] is not None
    assert found[1.0] is not None
    assert found[0.0] < 0.2
    assert found[1.0] > 0.9


def test_from_the_front_there_is_none() -> None:
    made = lift(1.0)
    track = truth_track(made, Camera(yaw_deg=0.0), noise_px=1.0)
    assert simulated_outline(track, made, "front", np.random.default_rng(1)) is None
