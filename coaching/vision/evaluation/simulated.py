"""The simulator as judge.

Everything about its lifter is known, so angles, stance, lean and counts can be scored exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.simulator import Body, Camera, Faults, LiftSpec, render_frames, simulate, true_frames
from coaching.simulator.track import truth_track
from coaching.vision.coach import analyse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.simulator import Lift, Truth
    from coaching.vision.types import Track

    Array = NDArray[np.float64]

VIEWS = {"front": 0.0, "oblique": 45.0, "side": 90.0}
BODIES = (
    Body(),
    Body(stature_m=1.60, torso=1.05, leg=0.97, girth=1.15, hair="bun"),
    Body(stature_m=1.92, leg=1.06, arm=1.03, girth=0.9),
    Body(stature_m=1.68, arm=0.95, girth=0.85, hair="long"),
    Body(stature_m=1.80, torso=0.95, girth=1.25),
)
# One set a body: neutral, and each label of stance and lean at a moderate degree.
SETS: dict[str, dict[str, float]] = {
    "neutral": {},
    "narrow, leans left": {"narrow_stance": 0.7, "lean_left": 0.7},
    "wide, leans right": {"wide_stance": 0.7, "lean_right": 0.7},
}
ANGLES = ("hip", "knee", "trunk")


@dataclass(frozen=True, slots=True)
class SimulatedResult:
    """One simulated clip. rmse_deg: per angle, only where it was observable. *_right is None where not observable."""

    name: str
    view: str
    seen_as: str
    refused: str
    true_reps: int
    reps: int
    rmse_deg: dict[str, float]
    stance_right: bool | None
    lean_right: bool | None


def evaluate_simulator(cache: Path | None, *, rendered: bool = True) -> Iterator[SimulatedResult]:
    """Every body in every view with every set.

    Rendered and seen by the pose model, or as landmarks with the simulator's own errors.
    """
    for set_name, faults in SETS.items():
        for number, body in enumerate(BODIES):
            lift = simulate(LiftSpec(reps=3, body=body, faults=Faults.of(**faults), rest_s=0.0), seed=number)
            for view, yaw_deg in VIEWS.items():
                camera = Camera(yaw_deg=yaw_deg)
                name = f"{set_name}, body {number + 1}"
                if rendered and cache is not None:
                    track, truth = _seen_track(lift, camera, cache / f"{set_name}_{number}_{view}.npz")
                else:
                    track = truth_track(lift, camera, seed=number)
                    truth = true_frames(lift, camera, np.asarray(track.time_s, dtype=np.float64))
                yield score(name, view, track, truth)


def score(name: str, view: str, track: Track, truth: Truth) -> SimulatedResult:
    """Compare a report with the truth."""
    report, lift = analyse(track), truth.lift
    inside = np.zeros(track.time_s.size, dtype=bool)
    for start, _, end in lift.reps:
        inside |= (track.time_s >= start) & (track.time_s <= end)
    rmse = {}
    for angle in ANGLES:
        error = (getattr(report.series, f"{angle}_deg") - truth.angles[angle])[inside]
        error = error[np.isfinite(error)]
        if error.size:
            rmse[angle] = float(np.sqrt(np.mean(error**2)))
    degrees = lift.faults.as_dict()
    stance, lean = _label(degrees, "narrow_stance", "wide_stance"), _label(degrees, "lean_left", "lean_right")
    words = {
        "narrow_stance": "narrow",
        "wide_stance": "wide",
        "lean_left": "left",
        "lean_right": "right",
        "": "neutral",
    }
    return SimulatedResult(
        name=name,
        view=view,
        seen_as=report.view.label,
        refused=report.refused.code if report.refused else "",
        true_reps=len(lift.reps),
        reps=len(report.reps),
        rmse_deg=rmse,
        stance_right=report.stance.label == words[stance] if report.stance.observable else None,
        lean_right=report.lean.label == words[lean] if report.lean.observable else None,
    )


def _label(degrees: dict[str, float], *names: str) -> str:
    return next((name for name in names if degrees[name] > 0.0), "")


def _seen_track(lift: Lift, camera: Camera, kept: Path) -> tuple[Track, Truth]:
    """The skeleton that the pose model finds in the rendered clip; kept, because rendering takes most of a minute."""
    from coaching.vision.tracks import load_track, save_track

    times = np.arange(int(lift.duration_s * camera.fps) + 1) / camera.fps
    truth = true_frames(lift, camera, times)
    key = _key(lift, camera)
    if not _cached(kept, key):
        kept.parent.mkdir(parents=True, exist_ok=True)
        save_track(kept, _watched(lift, camera, times), key=key)
    return load_track(kept), truth


def _watched(lift: Lift, camera: Camera, times: Array) -> Track:
    import cv2

    from coaching.vision.bundle import DEFAULT_BUNDLE
    from coaching.vision.pose import MediaPipePose
    from coaching.vision.tracks import TrackBuilder
    from coaching.vision.types import Frame

    builder, pose = TrackBuilder(), MediaPipePose(DEFAULT_BUNDLE)
    try:
        for i, (t, bgr) in enumerate(zip(times.tolist(), render_frames(lift, camera, None, times), strict=True)):
            rgb: Any = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
            builder.add(Frame(i, t, bgr), pose.detect(rgb, round(t * 1000)))
    finally:
        pose.close()
    return builder.track()


def _key(lift: Lift, camera: Camera) -> str:
    from coaching.vision.pose import ENGINE_NAME

    return f"{lift.spec}|{lift.seed}|{camera}|{ENGINE_NAME}"


def _cached(path: Path, key: str) -> bool:
    if not path.is_file():
        return False
    with np.load(path) as data:
        return "key" in data and str(data["key"]) == key
