"""Up or down, with a probability.

Within a set from its own range. A single frame's phase is in `frame_labels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.kinematics import Curves
    from coaching.vision.reps import RepTimes, Rise
    from coaching.vision.settings_table import Settings

    Array = NDArray[np.float64]


def set_extension(curves: Curves, rises: Sequence[Rise]) -> Array:
    """Extension 0..1 of every grid point on the set's own range: shoulders and hands, 0 at the floor and 1 at the
    lockout.

    The range is that of the repetitions, so that a deeper crouch after the set does not squeeze them.
    """
    extension = np.zeros(curves.time_s.shape)
    weight = np.zeros(curves.time_s.shape)
    for values, w in ((curves.shoulder, 0.65), (curves.wrist, 0.35)):
        if rises:
            low = float(np.median([values[r.low] for r in rises]))
            high = float(np.median([values[r.top] for r in rises]))
        else:
            low, high = (
                (float(v) for v in np.nanpercentile(values, [2, 98])) if np.isfinite(values).any() else (0.0, 1.0)
            )
        if not high - low > 1e-3:
            continue
        e = np.clip((values - low) / (high - low), 0.0, 1.0)
        ok = np.isfinite(e)
        extension[ok] += w * e[ok]
        weight[ok] += w
    return np.where(weight > 0, extension / np.maximum(weight, 1e-9), np.nan)


def p_up(extension: Array, rate_hz: float, settings: Settings) -> Array:
    """Logistic on the extension and its rate.

    Half way up and rising is a little more 'up' than half way and falling.
    """
    s = settings.phases
    rate = np.gradient(extension) * rate_hz if extension.size > 1 else np.zeros_like(extension)
    ahead = extension + s.rate_weight_s * np.where(np.isfinite(rate), rate, 0.0)
    return np.asarray(expit(s.extension_slope * (ahead - s.extension_mid)))


def rep_count(time_s: Array, reps: Sequence[RepTimes]) -> NDArray[np.int64]:
    """Repetitions locked out so far, at each time: one more from the moment the top is reached."""
    reached = np.sort(np.array([rep.top_start_s for rep in reps], dtype=np.float64))
    return np.asarray(np.searchsorted(reached, time_s, side="right"), dtype=np.int64)
