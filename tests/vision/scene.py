"""A textured block that moves before a textured wall, with landmarks on it: motion that is known exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Gray = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 480
BLOCK_W, BLOCK_H = 120, 230


def _texture(height: int, width: int, seed: int, low: int, high: int) -> Gray:
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.normal(size=(height, width)).astype(np.float32), (0, 0), 3)
    share = (noise - noise.min()) / (noise.max() - noise.min())
    return np.asarray(low + (high - low) * share, np.uint8)


_WALL = _texture(HEIGHT + 80, WIDTH + 80, 1, 30, 110)
_BLOCK = _texture(BLOCK_H, BLOCK_W, 2, 60, 190)


def picture(x: float, y: float, *, wall_x: int = 0, wall_y: int = 0) -> Gray:
    """The block with its top left at (x, y), to a fraction of a pixel, before the wall moved by (wall_x, wall_y)."""
    canvas = _WALL[40 - wall_y : 40 - wall_y + HEIGHT, 40 - wall_x : 40 - wall_x + WIDTH].astype(np.float32)
    move = np.array([[1, 0, x], [0, 1, y]], np.float32)
    block = cv2.warpAffine(_BLOCK.astype(np.float32), move, (WIDTH, HEIGHT))
    cover = cv2.warpAffine(np.ones_like(_BLOCK, np.float32), move, (WIDTH, HEIGHT))
    return np.asarray(np.rint(canvas * (1 - cover) + block * cover), np.uint8)


def landmarks(x: float, y: float) -> NDArray[np.float32]:
    """33 points on the block as on a person who stands in it; all visible."""
    points = np.zeros((33, 4), np.float32)
    points[:, 3] = 1.0
    rows = {0: 0.02, 11: 0.2, 13: 0.35, 15: 0.5, 23: 0.5, 25: 0.73, 27: 0.95, 29: 0.98, 31: 0.99}
    for i in range(33):
        base = i if i in rows else (i - 1 if i - 1 in rows else 0)
        left = i % 2 == 1
        points[i, 0] = x + BLOCK_W * (0.95 if left else 0.05)
        points[i, 1] = y + BLOCK_H * rows[base]
    points[:11, 0] = x + BLOCK_W / 2
    return points
