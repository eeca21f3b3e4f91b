"""Simulated sets as landmark tracks: the input of most tests here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.simulator import Body, Camera, Faults, LiftSpec, simulate
from coaching.simulator.track import truth_track
from coaching.vision.back import STATIONS

if TYPE_CHECKING:
    from coaching.simulator import Lift
    from coaching.vision.types import Track

VIEWS = {"front": 0.0, "oblique": 45.0, "side": 90.0}
BODIES = (
    Body(),
    Body(stature_m=1.60, torso=1.05, leg=0.97, girth=1.15),
    Body(stature_m=1.92, leg=1.06, arm=1.03, girth=0.9),
    Body(stature_m=1.68, arm=0.95, girth=0.85),
    Body(stature_m=1.80, torso=0.95, girth=1.25),
)


def lift_of(reps: int = 2, *, seed: int = 0, faults: dict[str, float] | None = None, **spec: Any) -> Lift:
    """A set; the named faults by degree, everything else as LiftSpec."""
    return simulate(LiftSpec(reps=reps, faults=Faults.of(**(faults or {})), **spec), seed=seed)


def track_of(lift: Lift, yaw_deg: float = 90.0, *, fps: float = 30.0, noise_px: float = 0.5, seed: int = 0) -> Track:
    """Nearly exact landmarks (the plate hides nothing) from a camera at chest height."""
    camera = Camera(yaw_deg=yaw_deg, fps=fps)
    return truth_track(lift, camera, noise_px=noise_px, seed=seed, plate_radius_m=0.0)


def part_of(track: Track, start_s: float, stop_s: float) -> Track:
    """The frames of [start_s, stop_s), with their own times."""
    return track.frames((track.time_s >= start_s) & (track.time_s < stop_s))


def without_frames(track: Track, start_s: float, stop_s: float) -> Track:
    """The same track with nobody detected in [start_s, stop_s)."""
    gone = (track.time_s >= start_s) & (track.time_s < stop_s)
    image, world, detected = track.image.copy(), track.world.copy(), track.detected.copy()
    image[gone], world[gone], detected[gone] = np.nan, np.nan, False
    return replace(track, image=image, world=world, detected=detected)


def with_outline(track: Track, bow: float) -> Track:
    """The same track with a back whose outline bulges by `bow` trunk lengths on both sides, in every frame."""
    centre, half = (STATIONS[0] + STATIONS[-1]) / 2, (STATIONS[-1] - STATIONS[0]) / 2
    row = 0.2 + bow * (1.0 - ((STATIONS - centre) / half) ** 2)
    outline = np.broadcast_to(row, (track.time_s.size, 2, STATIONS.size)).astype(np.float32)
    return replace(track, outline=outline)
