"""The smallest detectable change, by hand."""

from __future__ import annotations

import math

import pytest

from coaching.vision.detectable import sem_of_median, smallest_detectable_change, within_set_sd
from coaching.vision.settings_table import PersonalSettings

SETTINGS = PersonalSettings(film_share=0.7, z=1.96)


def test_the_spread_is_that_within_the_sets_not_between_them() -> None:
    # Deviations -1, 0, 1 in the first and -2, 2 in the second: (2 + 8) / (2 + 1).
    assert within_set_sd([[1.0, 2.0, 3.0], [10.0, 14.0]], 9.0) == pytest.approx(math.sqrt(10 / 3))


def test_with_one_degree_of_freedom_the_stated_sd_stands_for_the_spread() -> None:
    assert within_set_sd([[1.0, 2.0], [5.0]], 3.0) == 3.0
    assert within_set_sd([], 3.0) == 3.0


def test_repetitions_average_out_what_differs_between_them_and_not_what_the_film_shares() -> None:
    # pi/2 * 4 / 5 + (0.7 * 3)^2 = 1.2566 + 4.41
    assert sem_of_median(5, 2.0, 3.0, SETTINGS) == pytest.approx(2.3805, abs=1e-4)
    assert sem_of_median(10_000, 2.0, 3.0, SETTINGS) == pytest.approx(2.1, abs=1e-3)
    # Four films: their shared part averages out too. 1.2566 + 4.41 / 4
    assert sem_of_median(5, 2.0, 3.0, SETTINGS, films=4) == pytest.approx(1.5360, abs=1e-4)
    # The median of two is their mean: 4 / 2 + 4.41
    assert sem_of_median(2, 2.0, 3.0, SETTINGS) == pytest.approx(2.5318, abs=1e-4)


def test_it_is_1_96_times_root_2_times_sem() -> None:
    # Puppyn 2025 prints SDC 0.13 m/s of the deadlift's velocity: SEM 0.13 / (1.96 * 1.41421) = 0.0469.
    assert smallest_detectable_change(0.0469, 0.0469, SETTINGS) == pytest.approx(0.13, abs=1e-4)
    # Unequal ones: 1.96 * sqrt(9 + 16)
    assert smallest_detectable_change(3.0, 4.0, SETTINGS) == pytest.approx(9.8)
