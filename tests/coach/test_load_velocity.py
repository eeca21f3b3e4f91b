"""A person's own load-velocity line, against statsmodels and the equation of its limits; and when there is none."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from coaching.vision.load_velocity import Estimate, Line, NoLine, NoMaximum, load_velocity_line

SETS = [(60.0, 0.71), (60.0, 0.66), (80.0, 0.55), (100.0, 0.47), (120.0, 0.33), (140.0, 0.24), (140.0, 0.20)]


def line_of(sets: list[tuple[float, float]]) -> Line:
    line = load_velocity_line(sets)
    assert isinstance(line, Line)
    return line


def test_line_and_interval_are_those_of_least_squares() -> None:
    line = line_of(SETS)
    loads, speeds = np.array(SETS).T
    fit = sm.OLS(loads, sm.add_constant(speeds)).fit()
    assert (line.intercept_kg, -line.slope_kg_s_m) == pytest.approx(tuple(fit.params))
    assert (line.r2, line.residual_kg) == pytest.approx((fit.rsquared, np.sqrt(fit.mse_resid)))
    for speed in (0.14, 0.45, 0.7):
        told = fit.get_prediction([[1.0, speed]])
        low, high = told.conf_int(alpha=0.05)[0]
        assert line.load_at(speed) == pytest.approx((told.predicted_mean[0], low, high))
    assert line.maximum() == pytest.approx(line.load_at(0.14))


def test_a_sets_speed_at_a_load_lies_where_a_new_set_would_be_within_its_prediction_interval() -> None:
    line = line_of(SETS)
    loads, speeds = np.array(SETS).T
    fit = sm.OLS(loads, sm.add_constant(speeds)).fit()
    found = line.velocity_at(90.0)
    assert line.load_at(found.value).value == pytest.approx(90.0)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    # Fieller: at the bounds the load is just on the edge of the prediction interval for one more set.
    for speed, edge in ((found.low, 0), (found.high, 1)):
        interval = fit.get_prediction([[1.0, speed]]).conf_int(obs=True, alpha=0.05)[0]
        assert interval[edge] == pytest.approx(90.0)


def test_four_sets_by_hand() -> None:
    # v: mean 0.5, squares 0.2; load = 150 - 100 v + (1, -1, -1, 1): the rest is orthogonal to v, 4 / 2 its variance.
    line = line_of([(71.0, 0.8), (89.0, 0.6), (109.0, 0.4), (131.0, 0.2)])
    assert (line.intercept_kg, line.slope_kg_s_m, line.residual_kg) == pytest.approx((150.0, 100.0, np.sqrt(2.0)))
    half = stats.t.ppf(0.975, 2) * np.sqrt(2.0) * np.sqrt(1 / 4 + (0.14 - 0.5) ** 2 / 0.2)
    assert line.maximum() == pytest.approx((136.0, 136.0 - half, 136.0 + half))


def test_a_slope_that_could_be_none_gives_a_speed_without_bounds() -> None:
    # Four sets just above an R2 of 0.9: t of the slope is 4.26, its critical value 4.30.
    rest = np.array([1.0, -1.0, -1.0, 1.0])
    speeds = np.array([0.8, 0.6, 0.4, 0.2])
    loads = 150.0 - 100.0 * speeds + 7.42 * rest
    line = line_of(list(zip(loads.tolist(), speeds.tolist(), strict=True)))
    assert 0.90 < line.r2 < 0.905
    found = line.velocity_at(100.0)
    assert (found.low, found.high) == (None, None)


@pytest.mark.parametrize(
    ("sets", "code"),
    [
        ([], "too_few_loads"),
        ([(60.0, 0.7), (60.0, 0.71), (90.0, 0.52), (120.0, 0.34)], "too_few_loads"),
        ([(100.0, 0.3), (105.0, 0.27), (110.0, 0.24), (115.0, 0.2)], "span_too_small"),
        ([(60.0, 0.3), (90.0, 0.6), (120.0, 0.3), (140.0, 0.2)], "not_a_line"),
        ([(60.0, 0.3), (90.0, 0.4), (120.0, 0.5), (140.0, 0.6)], "slope_not_negative"),
        ([(60.0, 0.5), (90.0, 0.5), (120.0, 0.5), (140.0, 0.5)], "slope_not_negative"),
    ],
)
def test_a_line_that_would_be_a_guess_is_refused(sets: list[tuple[float, float]], code: str) -> None:
    refused = load_velocity_line(sets)
    assert isinstance(refused, NoLine)
    assert refused.code == code
    assert refused.found < refused.needed or code == "slope_not_negative"


def test_no_maximum_is_told_far_beyond_what_was_lifted_and_the_line_stays() -> None:
    line = line_of([(40.0, 1.0), (60.0, 0.85), (80.0, 0.70), (100.0, 0.55)])
    refused = line.maximum()
    assert isinstance(refused, NoMaximum)
    assert refused.found == pytest.approx(154.67, abs=0.01)
    assert refused.needed == pytest.approx(120.0)
    assert isinstance(line.maximum(0.5), Estimate)
