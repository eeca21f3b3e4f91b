"""Local histograms of oriented flow: how the lifter and the bar move (specification S6, S7).

Same blocks, cells and directions as LHOG, on velocities in body heights a second, so that a near and a far lifter, 30
and 60 frames a second give the same numbers. L2-Hys throws the speed away; each block therefore carries two more
values: log(1 + 10 * mean speed), and the share of its pixels that stand still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from coaching.vision.lhog import BINS, BLOCK_PX, BLOCK_SIZE, CELL_PX, GRID
from coaching.vision.region import CROP_PX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.intp]

FLOW_BLOCK_SIZE = BLOCK_SIZE + 2
STILL_BHS = 0.03  # body heights a second
_CELLS = CROP_PX // CELL_PX
_CELL_PIXELS = CELL_PX * CELL_PX
# The norm of a block is damped by a cell that is only just moving, else sensor noise of still blocks gets unit length.
_EPSILON = STILL_BHS * _CELL_PIXELS
_CLIP = 0.2
_HALF = BLOCK_PX // 2


class _Votes(NamedTuple):
    """What each pixel of a picture gives to its two neighbouring directions."""

    speed: Floats
    low: Ints
    high: Ints
    to_low: Floats
    to_high: Floats
    still: Floats


def _votes(vx: Floats, vy: Floats) -> _Votes:
    length, angle = cv2.cartToPolar(vx, vy, angleInDegrees=True)
    speed: Floats = np.asarray(length, np.float32)
    position = np.asarray(angle, np.float32) * np.float32(BINS / 360) - np.float32(0.5)
    floor = np.floor(position)
    # One vote of the pixel's speed, shared by how near the direction is to each of the two bins.
    to_high = speed * (position - floor)
    low = floor.astype(np.intp) % BINS
    return _Votes(speed, low, (low + 1) % BINS, speed - to_high, to_high, (speed < STILL_BHS).astype(np.float32))


def _count(cell: Ints, votes: _Votes, n_cells: int) -> tuple[Floats, Floats, Floats]:
    """Histograms (n_cells, 12), summed speed (n_cells,) and still pixels (n_cells,) of the pixels' cells."""
    n = n_cells * BINS
    base = cell * BINS
    histogram = np.bincount((base + votes.low).ravel(), votes.to_low.ravel(), n)
    histogram += np.bincount((base + votes.high).ravel(), votes.to_high.ravel(), n)
    still = np.bincount(cell.ravel(), votes.still.ravel(), n_cells)
    rows = histogram.reshape(n_cells, BINS).astype(np.float32)
    return rows, rows.sum(axis=1), still.astype(np.float32)


def _normalise(blocks: Floats) -> Floats:
    """L2-Hys along the last axis, damped: a strong block gets unit length, a still one stays near zero.

    Clipping at 0.2 is followed by the return to the length before it, not to one, for the same reason.
    """
    length = np.sqrt((blocks**2).sum(axis=-1, keepdims=True))
    damped = np.sqrt(length**2 + _EPSILON**2)
    unit = np.minimum(blocks / damped, _CLIP)
    clipped = np.sqrt((unit**2).sum(axis=-1, keepdims=True))
    return np.asarray(unit * (length / damped / np.maximum(clipped, 1e-9)), dtype=np.float32)


def _finish(histograms: Floats, speed: Floats, still: Floats) -> Floats:
    """Blocks (..., 4 cells, 12), their summed speed and still count (..., 4) to descriptors (..., 50)."""
    pixels = 4 * _CELL_PIXELS
    directions = _normalise(histograms.reshape(*histograms.shape[:-2], BLOCK_SIZE))
    mean_speed = np.log1p(10 * speed.sum(axis=-1) / pixels)
    return np.concatenate([directions, mean_speed[..., None], still.sum(axis=-1)[..., None] / pixels], axis=-1)


def _blocks(cells: Floats) -> Floats:
    """(8, 8, ...) cells to (7, 7, 4, ...): the four cells of each block, row by row."""
    corners = [cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]]
    return np.stack(corners, axis=2)


_ROWS, _COLUMNS = np.mgrid[0:CROP_PX, 0:CROP_PX]
_CELL_OF_PIXEL = ((_ROWS // CELL_PX) * _CELLS + _COLUMNS // CELL_PX).astype(np.intp)
_PATCH_ROWS, _PATCH_COLUMNS = (a.ravel() for a in np.mgrid[0:BLOCK_PX, 0:BLOCK_PX])
_CELL_OF_PATCH_PIXEL = (_PATCH_ROWS // CELL_PX) * 2 + _PATCH_COLUMNS // CELL_PX


class Lhof:
    """LHOF of one crop of velocities, as a grid of blocks and around points."""

    def __init__(self, velocity: Floats) -> None:
        """`velocity`: (128, 128, 2) body heights a second, x right, y down."""
        self._velocity = velocity
        self._pixel_votes = _votes(
            np.ascontiguousarray(velocity[..., 0], np.float32), np.ascontiguousarray(velocity[..., 1], np.float32)
        )

    def grid(self) -> Floats:
        """(7, 7, 50) float32."""
        histogram, speed, still = _count(_CELL_OF_PIXEL, self._pixel_votes, _CELLS * _CELLS)
        shape = (_CELLS, _CELLS)
        blocks = (histogram.reshape(*shape, BINS), speed.reshape(shape), still.reshape(shape))
        return _finish(*(_blocks(part) for part in blocks)).reshape(GRID, GRID, FLOW_BLOCK_SIZE)

    def around(self, points: NDArray[np.float64]) -> Floats:
        """(k, 50) float32: one block around each point (x, y) of the crop; beyond the border its edge is repeated."""
        k = len(points)
        if not k:
            return np.zeros((0, FLOW_BLOCK_SIZE), np.float32)
        centre = np.rint(np.clip(points, 0, CROP_PX)).astype(np.intp)
        rows = np.clip(centre[:, 1, None] + _PATCH_ROWS - _HALF, 0, CROP_PX - 1)
        columns = np.clip(centre[:, 0, None] + _PATCH_COLUMNS - _HALF, 0, CROP_PX - 1)
        pixel = rows * CROP_PX + columns
        votes = _Votes(*(field.ravel()[pixel] for field in self._pixel_votes))
        cell = np.arange(k)[:, None] * 4 + _CELL_OF_PATCH_PIXEL
        histogram, speed, still = _count(cell, votes, 4 * k)
        return _finish(histogram.reshape(k, 4, BINS), speed.reshape(k, 4), still.reshape(k, 4))
