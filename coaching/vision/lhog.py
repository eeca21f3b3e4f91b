"""Local histograms of oriented gradients: what the lifter's outline looks like (specification S5, S7).

A block is 2 x 2 cells of 16 px, its 48 values are (cell row, cell column, 12 directions). Direction k is centred on
(k + 0.5) * 30 degrees, 0 pointing right and 90 down, signed. Blocks lie half a block apart on the 128 px crop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from coaching.vision.region import CROP_PX

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.types import Image

CELL_PX = 16
BLOCK_PX = 2 * CELL_PX
BINS = 12
BLOCK_SIZE = 2 * 2 * BINS
GRID = CROP_PX // CELL_PX - 1
# Joints lie inside the crop, so a patch around one reaches half a block beyond it at most.
_PATCH_PAD = BLOCK_PX // 2


def _descriptor(window: int) -> Any:
    return cv2.HOGDescriptor(
        (window, window),
        (BLOCK_PX, BLOCK_PX),
        (CELL_PX, CELL_PX),
        (CELL_PX, CELL_PX),
        BINS,
        1,  # derivative aperture: [-1 0 1]
        -1.0,  # spatial Gaussian of OpenCV's own choice: (32 + 32) / 8 px
        0,  # L2-Hys
        0.2,
        False,  # noqa: FBT003 - no gamma correction; OpenCV takes these by position
        64,
        True,  # noqa: FBT003 - signed gradients
    )


def _row_major(values: NDArray[np.float32], *grid: int) -> NDArray[np.float32]:
    """OpenCV counts blocks, and cells in a block, down the columns first; put rows first."""
    cells = values.reshape(*grid, 2, 2, BINS)
    cells = cells.swapaxes(-3, -2)
    if len(grid) == 2:
        cells = cells.swapaxes(0, 1)
    return np.ascontiguousarray(cells).reshape(*grid, BLOCK_SIZE)


class Lhog:
    """LHOG of a crop, as a grid of blocks and around points. Holds OpenCV's descriptors; not for use by two threads."""

    def __init__(self) -> None:
        self._grid = _descriptor(CROP_PX)
        self._patch = _descriptor(BLOCK_PX)

    def grid(self, crop: Image) -> NDArray[np.float32]:
        """(7, 7, 48) float32 of a 128 x 128 uint8 crop."""
        return _row_major(np.asarray(self._grid.compute(crop)), GRID, GRID)

    def around(self, crop: Image, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """(k, 48) float32: one block around each point (x, y) of the crop, which may lie up to its border."""
        if not len(points):
            return np.zeros((0, BLOCK_SIZE), np.float32)
        corners = np.rint(np.clip(points, 0, CROP_PX)).astype(int) - BLOCK_PX // 2
        padding = (_PATCH_PAD, _PATCH_PAD)
        values = self._patch.compute(crop, (CELL_PX, CELL_PX), padding, [(int(x), int(y)) for x, y in corners])
        return _row_major(np.asarray(values), len(points))
