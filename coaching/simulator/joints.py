"""Indices of the simulated points: the 33 of MediaPipe in its order, then those that only the renderer needs."""

from __future__ import annotations

from enum import IntEnum


class Joint(IntEnum):
    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32
    # Not MediaPipe's:
    PELVIS = 33
    MID_SPINE = 34
    CHEST = 35  # middle of the shoulder line
    NECK = 36  # base of the skull
    HEAD = 37  # centre of the skull
    LEFT_GRIP = 38
    RIGHT_GRIP = 39
    BAR = 40  # middle of the bar
    BAR_LEFT = 41  # a point of the bar 1 m to the lifter's left of its middle


N_JOINTS = len(Joint)
LANDMARK_NAMES: tuple[str, ...] = tuple(j.name.lower() for j in Joint if j < 33)

# MediaPipe's number of the same point on the other side, for mirrored pictures.
OTHER_SIDE: tuple[int, ...] = (
    0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9,
    12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21,
    24, 23, 26, 25, 28, 27, 30, 29, 32, 31,
)  # fmt: skip
