"""Grid, holes and filters."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.vision import signal
from coaching.vision.settings_table import DEFAULT

SIGNAL = DEFAULT.signal


def test_the_grid_covers_the_clip_and_has_one_rate() -> None:
    grid = signal.even_grid(np.array([2.0, 2.1, 2.9, 4.0]), 50.0)
    assert (grid[0], grid[-1]) == (2.0, 4.0)
    assert np.allclose(np.diff(grid), 0.02)


def test_short_holes_are_bridged_and_long_ones_stay_open() -> None:
    t = np.array([0.0, 0.1, 0.35, 0.45, 0.9, 1.0])
    grid = signal.even_grid(t, 50.0)
    filled = signal.resample(t, t * 2.0, grid, max_gap_s=0.3)
    assert np.allclose(filled[grid <= 0.45], 2.0 * grid[grid <= 0.45])
    assert np.isnan(filled[(grid > 0.46) & (grid < 0.89)]).all()
    assert filled[-1] == pytest.approx(2.0)


def test_nothing_is_invented_before_the_first_and_after_the_last_sample() -> None:
    grid = np.linspace(0.0, 1.0, 51)
    out = signal.resample(np.array([0.2, 0.4, 0.6]), np.array([1.0, 2.0, 3.0]), grid, 0.3)
    assert np.isnan(out[grid < 0.19]).all()
    assert np.isnan(out[grid > 0.61]).all()


def test_the_filter_keeps_a_lift_in_time_and_removes_a_single_wild_frame() -> None:
    t = np.arange(0.0, 6.0, 1 / SIGNAL.rate_hz)
    lift = 0.5 - 0.5 * np.cos(2 * np.pi * t / 3.0)
    wild = lift.copy()
    wild[120] += 5.0
    smoothed = signal.smooth(wild, SIGNAL)
    assert np.abs(smoothed - lift)[25:-25].max() < 0.02
    assert abs(int(np.argmax(smoothed[:150])) - int(np.argmax(lift[:150]))) <= 2


def test_curves_filtered_together_equal_curves_filtered_alone() -> None:
    rng = np.random.default_rng(3)
    t = np.arange(0.0, 4.0, 1 / 30)
    grid = signal.even_grid(t, SIGNAL.rate_hz)
    one, other = rng.normal(size=t.size), rng.normal(size=t.size)
    other[20:60] = np.nan
    together, _ = signal.to_grid(t, {"one": one, "other": other}, grid, SIGNAL)
    for name, values in (("one", one), ("other", other)):
        alone = signal.smooth(signal.resample(t, values, grid, SIGNAL.max_gap_s), SIGNAL)
        assert np.allclose(together[name], alone, equal_nan=True)


def test_the_live_filter_is_calm_at_rest_and_follows_a_step() -> None:
    one_euro = signal.OneEuro(1.5, 0.3)
    rng = np.random.default_rng(1)
    rest = [one_euro(i / 30, float(rng.normal(0.0, 0.01))) for i in range(90)]
    assert np.std(rest[30:]) < 0.006
    after = [one_euro(3 + i / 30, 1.0) for i in range(30)]
    assert after[-1] > 0.95
    assert after[-1] == one_euro(4.0, float("nan"))


def test_the_middle_value_ignores_what_was_not_seen() -> None:
    assert signal.middle(np.array([3.0, np.nan, 1.0, 2.0])) == 2.0
    assert signal.middle(np.array([4.0, 1.0])) == 2.5
    assert np.isnan(signal.middle(np.array([np.nan])))
