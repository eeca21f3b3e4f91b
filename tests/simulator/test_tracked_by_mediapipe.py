"""The mannequin is a person to the pose model, and its landmarks are the simulated joints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from coaching.simulator import Body, Camera, LiftSpec, Scene, render_frames, simulate, true_frames
from coaching.vision.bundle import build
from coaching.vision.pose import MediaPipePose

if TYPE_CHECKING:
    from pathlib import Path

    from coaching.vision.types import Image

JUDGED = [11, 12, 23, 24, 25, 26, 27, 28]
FRAMES = 40


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "pose.task"
    build(path)
    return path


def rgb(bgr: Image) -> Image:
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0], ids=["front", "oblique", "side"])
def test_landmarks_lie_on_the_joints_from_standing_to_lockout(bundle: Path, yaw_deg: float) -> None:
    lift = simulate(LiftSpec(reps=1, body=Body(stature_m=1.70), stand_before_s=0.4), seed=2)
    camera = Camera(yaw_deg=yaw_deg)
    times = np.linspace(0.0, lift.reps[0].lockout_s + 0.3, FRAMES)
    truth = true_frames(lift, camera, times)
    engine = MediaPipePose(bundle)
    found = np.full((FRAMES, 33, 2), np.nan)
    try:
        for i, picture in enumerate(render_frames(lift, camera, Scene(), times)):
            pose = engine.detect(rgb(picture), round(times[i] * 1000))
            if pose is not None:
                found[i] = pose.image[:, :2]
    finally:
        engine.close()
    stature_px = camera.focal * lift.spec.body.stature_m / camera.distance_m
    error = np.linalg.norm(found - truth.pixels, axis=2)[:, JUDGED] / stature_px
    assert np.isfinite(error).all(axis=1).mean() >= 0.98
    assert np.nanmedian(error) <= 0.025
    assert np.nanmedian(error, axis=0).max() <= 0.04
