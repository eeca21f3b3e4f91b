"""The room: a wall and a floor drawn once per clip, in the camera's perspective."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.camera import Camera
    from coaching.simulator.scene import Background, Rgb, Scene

    Picture = NDArray[np.uint8]

WALL_BEHIND_M = 2.2
LOOKS: dict[Background, tuple[Rgb, Rgb]] = {
    "gym": ((168, 172, 176), (92, 92, 96)),
    "plain": ((204, 202, 196), (168, 160, 150)),
    "garden": ((168, 196, 222), (96, 132, 72)),
    "dark": ((58, 60, 66), (44, 44, 48)),
    "home": ((214, 204, 186), (146, 112, 80)),
}


def draw_backdrop(camera: Camera, scene: Scene, margin: int = 0) -> Picture:
    """BGR picture of the empty place, `margin` px larger on every side so that a shaking camera can be cut from it."""
    height, width = camera.height + 2 * margin, camera.width + 2 * margin
    rng = np.random.default_rng([scene.seed, 5])
    wall, floor = LOOKS[scene.background]
    edge = int(_floor_edge_px(camera)) + margin
    picture = np.empty((height, width, 3), np.float32)
    fall = np.linspace(1.06, 0.92, height, dtype=np.float32)[:, None, None]
    picture[:] = np.array(wall[::-1], np.float32) * fall
    below = max(0, min(edge, height))
    shade = np.linspace(0.88, 1.08, max(height - below, 1), dtype=np.float32)[: height - below, None, None]
    picture[below:] = np.array(floor[::-1], np.float32) * shade
    canvas = np.clip(picture, 0, 255).astype(np.uint8)
    _furnish(canvas, scene.background, below, rng)
    grain = cv2.resize(
        rng.normal(0, 5, (height // 6 + 1, width // 6 + 1)).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_LINEAR,
    )
    canvas = np.clip(canvas.astype(np.float32) + grain[..., None], 0, 255).astype(np.uint8)
    if abs(camera.roll_deg) > 0.01:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), -camera.roll_deg, 1.0)
        canvas = np.asarray(cv2.warpAffine(canvas, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    return np.ascontiguousarray(canvas[:, ::-1]) if camera.mirrored else canvas


def _floor_edge_px(camera: Camera) -> float:
    """Row where the wall behind the lifter meets the floor, without roll."""
    yaw = np.radians(camera.yaw_deg)
    foot = -WALL_BEHIND_M * np.array([np.sin(yaw), 0.0, np.cos(yaw)])
    aim = np.arctan2(camera.height_m - camera.aim_height_m, camera.distance_m)
    drop = np.arctan2(camera.height_m, float(np.hypot(*(camera.position - foot)[[0, 2]])))
    return float(camera.height / 2 + camera.focal * np.tan(drop - aim))


def _furnish(canvas: Picture, background: Background, edge: int, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    if background == "gym":
        _boxes(canvas, rng, edge, count=5, colours=((60, 60, 66), (40, 70, 120), (120, 60, 50), (90, 92, 98)))
        for x in range(0, width, max(width // 6, 8)):
            cv2.line(canvas, (width // 2 + (x - width // 2) * 3, height), (x, edge), (78, 76, 76), 1, cv2.LINE_AA)
        cv2.line(canvas, (0, edge), (width, edge), (60, 60, 60), 2)
    elif background == "garden":
        for _ in range(14):
            x, size = int(rng.integers(0, width)), int(rng.integers(width // 12, width // 5))
            cv2.ellipse(
                canvas,
                (x, edge - size // 3),
                (size, size),
                0,
                0,
                360,
                (46, int(rng.integers(84, 120)), 58),
                -1,
                cv2.LINE_AA,
            )
        canvas[edge:] = np.array((72, 132, 96), np.uint8)
    elif background == "home":
        _boxes(canvas, rng, edge, count=3, colours=((70, 96, 130), (150, 140, 120), (60, 80, 96)))
        cv2.line(canvas, (0, edge), (width, edge), (230, 230, 230), 4)


def _boxes(canvas: Picture, rng: np.random.Generator, edge: int, *, count: int, colours: tuple[Rgb, ...]) -> None:
    """Posters and cupboards against the wall."""
    height, width = canvas.shape[:2]
    for _ in range(count):
        wide, tall = int(rng.integers(width // 12, width // 4)), int(rng.integers(height // 12, height // 4))
        x = int(rng.integers(-wide // 2, width))
        bottom = edge if rng.random() < 0.5 else int(rng.integers(max(edge // 3, 1), max(edge, 2)))
        colour = colours[int(rng.integers(len(colours)))]
        cv2.rectangle(canvas, (x, bottom - tall), (x + wide, bottom), colour, -1)
        cv2.rectangle(canvas, (x, bottom - tall), (x + wide, bottom), tuple(int(c * 0.7) for c in colour), 2)
