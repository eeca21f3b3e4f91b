"""From frames at uneven times to smooth curves on one even grid, and back.

Offline: holes up to a limit are interpolated, single bad samples removed by a median, the rest by a zero-phase
Butterworth low-pass. Live: a One-Euro filter. Missing values are NaN throughout; they are never invented across a
longer hole.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.signal import butter, sosfilt, sosfilt_zi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.vision.settings_table import SignalSettings

    Array = NDArray[np.float64]


def even_grid(time_s: Array, rate_hz: float) -> Array:
    """Even times that cover `time_s`, at `rate_hz`."""
    span = float(time_s[-1] - time_s[0])
    return np.asarray(time_s[0] + np.arange(int(span * rate_hz) + 1) / rate_hz, dtype=np.float64)


def runs(mask: NDArray[np.bool_]) -> list[slice]:
    """The stretches where `mask` is True, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def middle(values: Array) -> float:
    """Median of the finite values, NaN without any. NumPy's own costs ten times as much on a few dozen values."""
    finite = np.sort(values[np.isfinite(values)])
    n = finite.size
    return float((finite[(n - 1) // 2] + finite[n // 2]) / 2.0) if n else math.nan


def resample(time_s: Array, values: Array, grid: Array, max_gap_s: float) -> Array:
    """Linear interpolation of (n,) values to `grid`.

    NaN inside holes longer than `max_gap_s` and beyond both ends.
    """
    good = np.isfinite(values)
    if good.sum() < 2:
        return np.full(grid.shape, np.nan)
    t, v = time_s[good], values[good]
    out = np.interp(grid, t, v, left=np.nan, right=np.nan)
    after = np.clip(np.searchsorted(t, grid), 1, t.size - 1)
    hole = t[after] - t[after - 1]
    # A grid point that lies on a sample is known, whatever follows it.
    on_sample = (np.abs(grid - t[after]) < 1e-9) | (np.abs(grid - t[after - 1]) < 1e-9)
    return np.where((hole > max_gap_s) & ~on_sample, np.nan, out)


@cache
def _low_pass(cutoff_hz: float, rate_hz: float) -> tuple[Array, Array]:
    """Second-order sections, and their state in a steady signal of 1."""
    sos = np.asarray(butter(2, cutoff_hz, fs=rate_hz, output="sos"))
    return sos, np.asarray(sosfilt_zi(sos))


def _both_ways(values: Array, settings: SignalSettings) -> Array:
    """Zero-phase low-pass of (..., m) values, the same as SciPy's `sosfiltfilt` with even padding of a second.

    SciPy's own solves for the steady state at each call, which costs more than the filtering.
    """
    sos, steady = _low_pass(settings.cutoff_hz, settings.rate_hz)
    edge = min(values.shape[-1] - 1, int(settings.rate_hz))
    ends = values[..., edge:0:-1], values, values[..., -2 : -(edge + 2) : -1]
    steady = steady.reshape(len(sos), *(1,) * (values.ndim - 1), 2)
    out = np.concatenate(ends, axis=-1)
    for _way in range(2):
        out = sosfilt(sos, out, zi=steady * out[..., :1])[0][..., ::-1]
    return np.asarray(out[..., edge:-edge])


def smooth(values: Array, settings: SignalSettings) -> Array:
    """Median and zero-phase low-pass over each stretch of (..., m) grid values without NaN, along the last axis.

    Rows must have their NaN in the same places. Short stretches only get the median.
    """
    out = np.full(values.shape, np.nan)
    window = (1,) * (values.ndim - 1) + (settings.median_samples,)
    for run in runs(np.isfinite(values.reshape(-1, values.shape[-1])[0])):
        calm = ndimage.median_filter(values[..., run], size=window, mode="nearest")
        n = run.stop - run.start
        if n > 12:
            calm = _both_ways(calm, settings)
        out[..., run] = calm
    return out


def to_grid(
    time_s: Array, curves: dict[str, Array], grid: Array, settings: SignalSettings
) -> tuple[dict[str, Array], dict[str, float]]:
    """Resample and smooth named (n,) curves. Returns them on `grid` (m,), and the SD above the cut-off of each."""
    smoothed: dict[str, Array] = {}
    jitter: dict[str, float] = {}
    raw = {name: resample(time_s, values, grid, settings.max_gap_s) for name, values in curves.items()}
    # Filtering rows together costs a tenth of filtering them one by one; that needs the same holes in each.
    alike: dict[bytes, list[str]] = {}
    for name, values in raw.items():
        alike.setdefault(np.isfinite(values).tobytes(), []).append(name)
    for names in alike.values():
        calm = smooth(np.stack([raw[name] for name in names]), settings)
        for name, row in zip(names, calm, strict=True):
            smoothed[name] = row
            jitter[name] = above_cutoff_sd(raw[name], row)
    return smoothed, jitter


def above_cutoff_sd(values: Array, smoothed: Array) -> float:
    """Robust SD of what the filter removed, in the unit of `values`; NaN when nothing is finite."""
    rest = np.abs(values - smoothed)
    rest = rest[np.isfinite(rest)]
    if not rest.size:
        return math.nan
    limit = np.partition(rest, int(0.99 * (rest.size - 1)))[int(0.99 * (rest.size - 1))]
    return float(np.sqrt(np.mean(np.minimum(rest, limit) ** 2)))


class OneEuro:
    """Casiez, Roussel and Vogel 2012.

    A low-pass whose cut-off grows with speed, so that a still joint is calm and a fast one not late.
    """

    def __init__(self, min_cutoff_hz: float, beta: float, derivative_cutoff_hz: float = 1.0) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._derivative_cutoff_hz = derivative_cutoff_hz
        self._time_s = math.nan
        self._value = math.nan
        self._rate = 0.0

    @staticmethod
    def _weight(cutoff_hz: float, dt: float) -> float:
        r = 2.0 * math.pi * cutoff_hz * dt
        return r / (r + 1.0)

    def __call__(self, time_s: float, value: float) -> float:
        """Return the filtered value; a NaN input keeps the last one."""
        if math.isnan(value):
            return self._value
        dt = time_s - self._time_s
        if math.isnan(dt) or dt > 1.0:
            self._time_s, self._value, self._rate = time_s, value, 0.0
            return value
        if dt > 0.0:
            rate = (value - self._value) / dt
            self._rate += self._weight(self._derivative_cutoff_hz, dt) * (rate - self._rate)
            cutoff = self._min_cutoff_hz + self._beta * abs(self._rate)
            self._value += self._weight(cutoff, dt) * (value - self._value)
            self._time_s = time_s
        return self._value

    @property
    def rate(self) -> float:
        """Filtered derivative, unit of the value per second."""
        return self._rate
