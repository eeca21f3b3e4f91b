"""From where the lifter is filmed, and so what can be judged at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from coaching.vision import geometry as g
from coaching.vision.types import ViewEstimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.kinematics import Body
    from coaching.vision.settings_table import Settings, ViewSettings
    from coaching.vision.types import View

    Array = NDArray[np.float64]

UNKNOWN = ViewEstimate("unknown", float("nan"), float("nan"), 0.0)

_LEFT_SIDE = (g.LEFT_SHOULDER, g.LEFT_ELBOW, g.LEFT_HIP, g.LEFT_KNEE, g.LEFT_ANKLE)
_RIGHT_SIDE = (g.RIGHT_SHOULDER, g.RIGHT_ELBOW, g.RIGHT_HIP, g.RIGHT_KNEE, g.RIGHT_ANKLE)


@dataclass(frozen=True, slots=True)
class Aspect:
    """The view and what the measures need to know of it.

    facing: +1 when the lifter looks to the right of the picture, -1 to the left. near: "left" or "right", the
    lifter's side that is closer to the camera. lateral: +1 when the lifter's left is at larger x (seen from the
    front), -1 from behind.
    """

    estimate: ViewEstimate
    facing: float
    near: str
    lateral: float

    @property
    def frontal(self) -> bool:
        return self.estimate.label in ("front", "back")

    @property
    def sagittal(self) -> bool:
        """Hip, knee and trunk angles can be measured."""
        return self.estimate.label in {"side", "oblique"}


def view_of(body: Body, upright: NDArray[np.bool_], settings: Settings) -> Aspect:
    """Estimate the view on the frames in which the lifter stands upright, (n,) mask; unknown without any."""
    frames = upright & body.seen
    if not frames.any():
        return Aspect(UNKNOWN, 1.0, "left", 1.0)
    image, world = body.image[frames], body.world[frames]
    shoulders = world[:, g.LEFT_SHOULDER] - world[:, g.RIGHT_SHOULDER]
    depth_yaw = float(np.nanmedian(np.degrees(np.arctan2(np.abs(shoulders[:, 2]), np.abs(shoulders[:, 0])))))
    width = image[:, g.LEFT_SHOULDER, 0] - image[:, g.RIGHT_SHOULDER, 0]
    trunk = g.length(
        g.midpoint(image[..., :2], g.LEFT_SHOULDER, g.RIGHT_SHOULDER),
        g.midpoint(image[..., :2], g.LEFT_HIP, g.RIGHT_HIP),
    )
    ratio = float(np.nanmedian(np.abs(width) / trunk))
    lateral = 1.0 if float(np.nanmedian(width)) >= 0.0 else -1.0
    yaw = _yaw_deg(depth_yaw, ratio, settings.view)
    sigma = settings.view.sigma_yaw_deg if np.isfinite(depth_yaw) else settings.view.sigma_yaw_no_depth_deg
    label, p = _label(yaw, sigma, lateral, settings.view)
    return Aspect(ViewEstimate(label, yaw, ratio, p), facing(image), _near(image), lateral)


def _yaw_deg(depth_yaw: float, ratio: float, v: ViewSettings) -> float:
    looks = float(np.degrees(np.arccos(np.clip(ratio / v.full_ratio, 0.0, 1.0))))
    if not np.isfinite(depth_yaw):
        return looks  # an engine without depth
    return v.depth_weight * depth_yaw + (1.0 - v.depth_weight) * looks


def _label(yaw: float, sigma: float, lateral: float, v: ViewSettings) -> tuple[View, float]:
    """The label and its probability."""
    p_side = float(ndtr((yaw - v.side_yaw_deg) / sigma))
    p_front = float(ndtr((v.front_yaw_deg - yaw) / sigma))
    if yaw >= v.side_yaw_deg:
        return "side", p_side
    if yaw <= v.front_yaw_deg:
        return ("front" if lateral > 0 else "back"), p_front
    return "oblique", 1.0 - p_side - p_front


def facing(image: Array) -> float:
    """+1 when the lifter looks to the right of the picture, -1 to the left, from landmarks (n, 33, >=2).

    Toes and nose both lie in front; their medians vote, the longer offset wins.
    """
    feet = (image[:, [g.LEFT_FOOT, g.RIGHT_FOOT], 0] - image[:, [g.LEFT_HEEL, g.RIGHT_HEEL], 0]).mean(axis=1)
    face = image[:, g.NOSE, 0] - image[:, [g.LEFT_EAR, g.RIGHT_EAR], 0].mean(axis=1)
    vote = float(np.nansum([np.nanmedian(feet), np.nanmedian(face)]))  # an engine may know no feet
    return 1.0 if vote >= 0.0 else -1.0


def _near(image: Array) -> str:
    """The side that the camera sees better: more visible, and nearer by the model's depth."""
    left, right = image[:, _LEFT_SIDE], image[:, _RIGHT_SIDE]
    visible = float(np.nanmean(left[..., 3]) - np.nanmean(right[..., 3]))
    nearer = float(np.nanmedian(right[..., 2]) - np.nanmedian(left[..., 2]))
    if abs(visible) > 0.05 or not np.isfinite(nearer):
        return "left" if visible > 0 else "right"
    return "left" if nearer >= 0 else "right"
