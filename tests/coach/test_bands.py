"""From a value and a band to probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from coaching.vision.bands import band_probabilities, combined_sigma, exceeds, falls_below
from coaching.vision.settings_table import DEFAULT, Band, Limit
from coaching.vision.stance import STANCE_CLASSES, steady_labels

STANCE = DEFAULT.form.stance


def test_a_value_on_the_edge_is_a_coin_toss_between_two_neighbours() -> None:
    below, within, above = band_probabilities(STANCE.low, STANCE.sigma, STANCE)
    assert below == pytest.approx(0.5)
    assert within == pytest.approx(0.5, abs=1e-3)
    assert above < 1e-3


@pytest.mark.parametrize("value", [-1.0, 0.3, 0.65, 1.0, 1.45, 9.0])
def test_the_three_probabilities_sum_to_one(value: float) -> None:
    assert sum(band_probabilities(value, 0.16, STANCE)) == pytest.approx(1.0)


def test_a_two_sided_band_treats_left_and_right_alike() -> None:
    band = DEFAULT.form.lean_deg
    right, _, left = band_probabilities(6.0, band.sigma, band)
    assert band_probabilities(-6.0, band.sigma, band)[0] == pytest.approx(left)
    assert right < 1e-3


def test_a_limit_is_half_certain_where_it_stands_and_surer_with_less_noise() -> None:
    limit = Limit(10.0, 3.0)
    assert exceeds(10.0, limit) == pytest.approx(0.5)
    assert falls_below(10.0, limit) == pytest.approx(0.5)
    assert exceeds(13.0, limit) == pytest.approx(0.8413, abs=1e-4)
    assert exceeds(13.0, limit, sigma=6.0) < exceeds(13.0, limit)


def test_restless_values_are_less_certain_than_steady_ones() -> None:
    steady, restless = np.full(30, 0.9), 0.9 + 0.1 * np.tile([1.0, -1.0], 15)
    assert combined_sigma(steady, 0.1) == pytest.approx(0.1)
    assert combined_sigma(restless, 0.1) == pytest.approx(np.hypot(0.14826, 0.1), rel=1e-3)


def test_a_label_holds_until_another_is_clearly_better() -> None:
    band = Band(0.65, 1.45, 0.10)
    values = np.array([0.9, 0.66, 0.645, 0.655, 0.60, np.nan, 0.66])
    labels = [found[0] if found else None for found in steady_labels(values, band, STANCE_CLASSES)]
    assert labels == ["neutral", "neutral", "neutral", "neutral", "narrow", None, "narrow"]
