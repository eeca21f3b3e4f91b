"""Left and right put back where a pose engine exchanged them for a while.

Bent over or under a bar, a lifter is taken for turned round for some frames: the whole skeleton keeps its place and
changes its sides. Measured between left and right, knees then seem to fall in or a bar to tilt. A body that really
turns is narrow in between; an exchange happens from one frame to the next, at full width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision import signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.settings_table import SignalSettings

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

LEFT, RIGHT = (list(side) for side in zip(*g.PAIRS, strict=True))
SIDE_VIEW = 0.30  # shoulder width over trunk of a side view, where left and right lie over each other anyway
WIDE = ((11, 12), (23, 24), (25, 26), (27, 28))  # shoulders, hips, knees, ankles


def exchanged(time_s: Array, xy: Array, settings: SignalSettings) -> Mask:
    """Frames (n,) of one shot in which left and right are exchanged against most of the others; xy (n, 33, 2) px."""
    widths = np.stack([xy[:, left, 0] - xy[:, right, 0] for left, right in WIDE], axis=1)
    found = np.zeros(time_s.size, dtype=bool)
    frames = np.flatnonzero(np.isfinite(widths).all(axis=1))
    if frames.size < 2:
        return found
    usual = np.median(widths[frames], axis=0)
    trunk = np.linalg.norm(xy[frames][:, [11, 12]].mean(axis=1) - xy[frames][:, [23, 24]].mean(axis=1), axis=1)
    if abs(usual[0]) < SIDE_VIEW * float(np.percentile(trunk, 90)):
        return found
    share = (widths[frames] * np.sign(usual)).sum(axis=1) / max(float(np.abs(usual).sum()), 1e-6)
    turned = share < -settings.full_width
    # The engine smooths its points, so an exchange takes a few frames, in which they are on neither side.
    for run in signal.runs(share <= settings.full_width):
        inside = run.start + np.flatnonzero(turned[run])
        if not inside.size or inside.size == frames.size:
            continue
        t = time_s[frames]
        starts = run.start == 0 or t[inside[0]] - t[run.start - 1] <= settings.exchange_s
        stops = run.stop == frames.size or t[run.stop] - t[inside[-1]] <= settings.exchange_s
        if starts and stops:
            found[frames[inside]] = True
    return found


def put_back(points: Array, frames: Mask) -> None:
    """Exchange left and right of (n, 33, k) landmarks in the given frames, in place."""
    given = points[frames]
    given[:, LEFT + RIGHT] = given[:, RIGHT + LEFT]
    points[frames] = given
