"""The lifter's body: segment lengths in metres from stature and proportions.

Relative lengths are those of Drillis and Contini as printed in Winter, Biomechanics and Motor Control of Human
Movement; widths are those of the joint centres that MediaPipe marks, which lie inside the acromion and the trochanter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# Fractions of stature, ankle height + shank + thigh + trunk + neck and head = 1.
ANKLE_HEIGHT = 0.039
SHANK = 0.246
THIGH = 0.245
TRUNK = 0.288
NECK_AND_HEAD = 0.182
UPPER_ARM = 0.172
FOREARM = 0.150
HAND_TO_GRIP = 0.046
FOOT = 0.152
SHOULDER_WIDTH = 0.212
HIP_WIDTH = 0.122

Hair = Literal["short", "long", "bun"]


class InvalidBody(ValueError):
    """A body that no person has."""


@dataclass(frozen=True, slots=True)
class Body:
    """A person. Proportions multiply the average segment and are rescaled so that the stature stays exact.

    girth scales every thickness (0.8 slight .. 1.3 heavy). Widths in metres between the joint centres; None = average
    for the stature.
    Raises InvalidBody outside plausible ranges.
    """

    stature_m: float = 1.75
    torso: float = 1.0
    leg: float = 1.0
    arm: float = 1.0
    shoulder_width_m: float | None = None
    hip_width_m: float | None = None
    girth: float = 1.0
    hair: Hair = "short"

    def __post_init__(self) -> None:
        if not 1.2 <= self.stature_m <= 2.3:
            raise InvalidBody(f"stature {self.stature_m} m is outside 1.2-2.3 m")
        for name in ("torso", "leg", "arm", "girth"):
            value = getattr(self, name)
            if not 0.6 <= value <= 1.5:
                raise InvalidBody(f"{name} {value} is outside 0.6-1.5")

    @property
    def _scale(self) -> float:
        vertical = ANKLE_HEIGHT + NECK_AND_HEAD + (SHANK + THIGH) * self.leg + TRUNK * self.torso
        return self.stature_m / vertical

    @property
    def ankle_height_m(self) -> float:
        return ANKLE_HEIGHT * self._scale

    @property
    def shank_m(self) -> float:
        return SHANK * self.leg * self._scale

    @property
    def thigh_m(self) -> float:
        return THIGH * self.leg * self._scale

    @property
    def trunk_m(self) -> float:
        """Mid-hip to mid-shoulder with a straight back."""
        return TRUNK * self.torso * self._scale

    @property
    def head_m(self) -> float:
        """Shoulder line to the top of the head."""
        return NECK_AND_HEAD * self._scale

    @property
    def upper_arm_m(self) -> float:
        return UPPER_ARM * self.arm * self.stature_m

    @property
    def forearm_m(self) -> float:
        return FOREARM * self.arm * self.stature_m

    @property
    def hand_m(self) -> float:
        """Wrist to the centre of the grip."""
        return HAND_TO_GRIP * self.arm * self.stature_m

    @property
    def reach_m(self) -> float:
        """Shoulder to grip, arm straight."""
        return self.upper_arm_m + self.forearm_m + self.hand_m

    @property
    def foot_m(self) -> float:
        return FOOT * self.stature_m

    @property
    def shoulders_m(self) -> float:
        return self.shoulder_width_m if self.shoulder_width_m is not None else SHOULDER_WIDTH * self.stature_m

    @property
    def hips_m(self) -> float:
        return self.hip_width_m if self.hip_width_m is not None else HIP_WIDTH * self.stature_m
