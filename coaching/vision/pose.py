"""The skeleton: MediaPipe's PoseLandmarker behind the PoseEngine protocol."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.vision.back import back_outline
from coaching.vision.errors import ModelMissing
from coaching.vision.mediapipe_loader import load_mediapipe
from coaching.vision.types import N_LANDMARKS, Pose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from coaching.vision.types import Image

# The names of the engine in documents and model cards. Change it when landmarks of the same clip would change.
ENGINE_NAME = "mediapipe-pose-landmarker-full-0.10.21"


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Drop what MediaPipe's C++ writes to file descriptor 2: its start-up notes can't be switched off from Python."""
    sys.stderr.flush()
    kept = os.dup(2)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)


def _landmarker(bundle: Path, mode: str, num_poses: int, *, silhouette: bool = False) -> Any:
    if not bundle.is_file():
        raise ModelMissing(f"no pose bundle at {bundle}; run python -m coaching.vision.bundle {bundle}")
    mp = load_mediapipe()
    vision = mp.tasks.vision
    options = vision.PoseLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=str(bundle)),
        running_mode=getattr(vision.RunningMode, mode),
        num_poses=num_poses,
        output_segmentation_masks=silhouette,
    )
    try:
        with quiet_stderr():
            return vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError) as error:
        raise ModelMissing(f"the pose bundle at {bundle} does not load: {error}") from error


def _mp_image(rgb: Image) -> Any:
    mp = load_mediapipe()
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(rgb))


def _pose(landmarks: Any, world: Any, width: int, height: int) -> Pose:
    # MediaPipe scales z like x, by the width of the picture.
    image = np.array([(p.x * width, p.y * height, p.z * width, p.visibility) for p in landmarks], dtype=np.float32)
    metres = np.array([(p.x, p.y, p.z) for p in world], dtype=np.float32)
    return Pose(image=image.reshape(N_LANDMARKS, 4), world=metres.reshape(N_LANDMARKS, 3))


class MediaPipePose:
    """Tracks one person through one clip. It remembers the previous frame, so every clip needs its own engine.

    With `silhouette` each pose carries the outline of the back, at the price of spreading the model's silhouette over
    the picture: the larger, the dearer (`benchmarks.pipeline` prints both).
    """

    name = ENGINE_NAME

    def __init__(self, bundle: Path, *, silhouette: bool = True) -> None:
        """Load the model (0.1-0.3 s). Raises ModelMissing when the bundle is absent or does not load."""
        self._landmarker = _landmarker(bundle, "VIDEO", 1, silhouette=silhouette)
        self._found_once = False

    def detect(self, rgb: Image, time_ms: int) -> Pose | None:
        picture = _mp_image(rgb)
        if self._found_once:
            result = self._landmarker.detect_for_video(picture, time_ms)
        else:
            # The landmark model starts with the first person, and says so on stderr.
            with quiet_stderr():
                result = self._landmarker.detect_for_video(picture, time_ms)
        if not result.pose_landmarks:
            return None
        self._found_once = True
        height, width = rgb.shape[:2]
        pose = _pose(result.pose_landmarks[0], result.pose_world_landmarks[0], width, height)
        if not result.segmentation_masks:
            return pose
        mask = np.squeeze(result.segmentation_masks[0].numpy_view())
        return replace(pose, outline=back_outline(mask, pose.image))

    def close(self) -> None:
        self._landmarker.close()


class MediaPipeCrowd:
    """Finds up to `limit` people in a single picture, without tracking."""

    def __init__(self, bundle: Path, limit: int = 3) -> None:
        self._landmarker = _landmarker(bundle, "IMAGE", limit)

    def detect(self, rgb: Image) -> list[Pose]:
        with quiet_stderr():
            result = self._landmarker.detect(_mp_image(rgb))
        height, width = rgb.shape[:2]
        pairs = zip(result.pose_landmarks, result.pose_world_landmarks, strict=True)
        return [_pose(landmarks, world, width, height) for landmarks, world in pairs]

    def close(self) -> None:
        self._landmarker.close()
