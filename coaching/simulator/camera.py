"""Where the lift is filmed from, and how points reach the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FOCAL_HEIGHTS = 1.42  # focal length in picture heights: a phone's main camera held upright, a little zoomed


class InvalidCamera(ValueError):
    """A camera that can't film."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A fixed camera that looks at the lifter.

    yaw_deg: 0 in front, 90 at the lifter's left side, -90 right, 180 behind. Metres; aim_* is the point in the middle
    of the picture. focal_px: None = FOCAL_HEIGHTS picture heights. roll_deg: the picture turned clockwise. mirrored: a
    selfie picture. shake_px: SD of a hand-held tremble; pan_px_s: steady drift of the picture to the right. fps: any
    positive number.
    """

    yaw_deg: float = 0.0
    height_m: float = 1.1
    distance_m: float = 3.6
    fps: float = 30.0
    width: int = 480
    height: int = 640
    focal_px: float | None = None
    roll_deg: float = 0.0
    mirrored: bool = False
    aim_height_m: float = 0.88
    aim_aside_m: float = 0.0
    shake_px: float = 0.0
    pan_px_s: float = 0.0

    def __post_init__(self) -> None:
        if self.fps <= 0 or self.distance_m <= 0.5:
            raise InvalidCamera("fps must be positive and the camera at least half a metre away")
        if self.width < 16 or self.height < 16 or self.width % 2 or self.height % 2:
            raise InvalidCamera("width and height must be even and at least 16")

    @property
    def focal(self) -> float:
        return self.focal_px if self.focal_px is not None else FOCAL_HEIGHTS * self.height

    @property
    def position(self) -> Floats:
        yaw = np.radians(self.yaw_deg)
        return np.array([self.distance_m * np.sin(yaw), self.height_m, self.distance_m * np.cos(yaw)])

    @property
    def axes(self) -> Floats:
        """Rows: right, down and forward of the camera in world axes, roll included."""
        yaw = np.radians(self.yaw_deg)
        aside = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
        target = np.array([0.0, self.aim_height_m, 0.0]) + self.aim_aside_m * aside
        forward = target - self.position
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, np.array([0.0, 1.0, 0.0]))
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        roll = np.radians(self.roll_deg)
        return np.stack(
            (np.cos(roll) * right - np.sin(roll) * down, np.sin(roll) * right + np.cos(roll) * down, forward)
        )

    def seen(self, points: Floats) -> Floats:
        """World points (..., 3) in camera axes: metres to the right, down and away."""
        return np.asarray((points - self.position) @ self.axes.T)

    def picture(self, seen: Floats) -> Floats:
        """Camera points (..., 3) as pixels (..., 2) from the top left, x right, y down; mirrored if the camera is."""
        depth = np.maximum(seen[..., 2:3], 0.05)
        pixels = self.focal * seen[..., :2] / depth + np.array([self.width, self.height]) / 2
        if self.mirrored:
            pixels[..., 0] = self.width - pixels[..., 0]
        return np.asarray(pixels)

    def project(self, points: Floats) -> Floats:
        """World points (..., 3) as pixels (..., 2)."""
        return self.picture(self.seen(points))
