"""From a repetition in a track to an example of the data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.training.augment import skeleton_variants
from coaching.training.dataset import Example
from coaching.vision.repetition_inputs import repetition_inputs

if TYPE_CHECKING:
    from coaching.training.augment import Span
    from coaching.training.dataset import Row
    from coaching.vision.types import PixelFeatures, Track, View


@dataclass(frozen=True, slots=True)
class Sight:
    """One repetition as it was seen: where it lies, and from which view the coach thinks it was filmed."""

    track: Track
    pixels: PixelFeatures | None
    span: Span
    view: View


def example_of(row: Row, sight: Sight, variants: int, random: np.random.Generator) -> Example:
    """The example of a row. Raises UnusableRepetition where the service would refuse to judge."""
    span = sight.span
    skeletons = skeleton_variants(sight.track, span, sight.view, count=variants, random=random)
    if sight.pixels is None:
        return Example(row, skeletons)
    inputs = repetition_inputs(
        sight.track,
        sight.pixels,
        start_s=span.start_s,
        lockout_s=span.lockout_s,
        end_s=span.end_s,
        view=sight.view,
    )
    return Example(row, skeletons, inputs.lhog.astype(np.float16), inputs.lhof.astype(np.float16))
