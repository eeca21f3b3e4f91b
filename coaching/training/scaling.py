"""What is learned from the training rows before the network: the skeleton's scale, and the pixels' main directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.training.dataset import Dataset
    from coaching.training.folds import Rows

    Floats = NDArray[np.float32]

COMPONENTS = 32
# Frames given to the PCA: enough for 32 directions of 2352, and seconds rather than minutes.
PCA_FRAMES = 6000
CLIP = 6.0


@dataclass(frozen=True, slots=True)
class Projection:
    """Whitened principal directions: (x - mean) @ matrix has unit variance in each of COMPONENTS columns."""

    mean: Floats
    matrix: Floats

    def apply(self, x: Floats) -> Floats:
        """(64, d) -> (64, COMPONENTS): what changes within the repetition; zeros where there is no picture.

        The mean over the steps is taken away, because what stands still in the picture is the room.
        """
        seen = np.any(x != 0, axis=-1, keepdims=True)
        projected = ((x - self.mean) @ self.matrix) * seen
        moving = (projected - projected.mean(axis=-2, keepdims=True)) * seen
        return np.asarray(np.clip(moving, -CLIP, CLIP), np.float32)


@dataclass(frozen=True, slots=True)
class Scaling:
    """mean and scale (SKELETON_SIZE,) of the skeleton columns; projections of LHOG and LHOF."""

    mean: Floats
    scale: Floats
    lhog: Projection
    lhof: Projection

    def skeleton(self, x: Floats) -> Floats:
        return np.asarray(np.clip((x - self.mean) / self.scale, -CLIP, CLIP), np.float32)


def fit_scaling(dataset: Dataset, rows: Rows, weight: NDArray[np.float64], *, seed: int) -> Scaling:
    """Fit on these rows only. `weight` (rows,) keeps a source with many repetitions from setting the scale alone."""
    share = weight / weight.sum()
    steps = dataset.variants[rows, 0].astype(np.float64)
    mean = np.einsum("n,ntc->c", share, steps) / steps.shape[1]
    variance = np.einsum("n,ntc->c", share, (steps - mean) ** 2) / steps.shape[1]
    # A column that never moves in training (a view that does not occur) must not explode in service.
    scale = np.maximum(np.sqrt(variance), 0.02)
    random = np.random.default_rng(seed)
    return Scaling(
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        lhog=_fit_projection(dataset.lhog, dataset.pixel_row[rows], share, random),
        lhof=_fit_projection(dataset.lhof, dataset.pixel_row[rows], share, random),
    )


def _fit_projection(
    pixels: NDArray[np.float16], pixel_row: Rows, share: NDArray[np.float64], random: np.random.Generator
) -> Projection:
    from sklearn.decomposition import PCA

    size = pixels.shape[2]
    have = pixel_row >= 0
    if np.count_nonzero(have) * pixels.shape[1] < 2 * COMPONENTS:
        return Projection(np.zeros(size, np.float32), np.zeros((size, COMPONENTS), np.float32))
    p = share[have] / share[have].sum()
    which = np.sort(random.choice(pixel_row[have], PCA_FRAMES, p=p))
    step = random.integers(0, pixels.shape[1], PCA_FRAMES)
    frames = np.stack([pixels[row, at] for row, at in zip(which, step, strict=True)]).astype(np.float32)
    frames = frames[np.any(frames != 0, axis=1)]
    if len(frames) < 2 * COMPONENTS:
        return Projection(np.zeros(size, np.float32), np.zeros((size, COMPONENTS), np.float32))
    pca = PCA(COMPONENTS, svd_solver="randomized", random_state=0).fit(frames)
    matrix = pca.components_.T / np.sqrt(np.maximum(pca.explained_variance_, 1e-6))
    return Projection(pca.mean_.astype(np.float32), matrix.astype(np.float32))
