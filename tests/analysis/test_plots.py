from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.plots import BAND, TOP, WIDTH, dot_plot, nice_ticks
from analysis.results import Group, OutcomeReport


def _group(key: str, values: list[float]) -> Group:
    mean = sum(values) / len(values) if values else None
    return Group(
        key=key,
        name=key.upper(),
        n=len(values),
        mean=mean,
        sd=None,
        se=None,
        ci_low=None if mean is None else mean - 1,
        ci_high=None if mean is None else mean + 1,
        codes=tuple(str(i) for i in range(len(values))),
        values=tuple(values),
    )


def _outcome(*groups: Group) -> OutcomeReport:
    return OutcomeReport(
        key="o",
        name="Outcome",
        unit="",
        hypothesis="",
        planned_test="welch",
        groups=groups,
        exclusions=(),
        levene=(),
        student=None,
        welch=None,
        anova=None,
        effects=(),
        problems=(),
        paper=None,
    )


def test_every_value_is_a_dot_and_equal_values_are_stacked() -> None:
    plot = dot_plot(_outcome(_group("a", [1.0, 1.0, 1.0, 4.0]), _group("b", [2.0])))
    assert plot is not None
    first, second = plot.strips
    assert (len(first.dots), len(second.dots)) == (4, 1)
    assert len({dot.cx for dot in first.dots}) == 2
    assert len({(dot.cx, dot.cy) for dot in first.dots}) == 4


def test_a_value_lies_where_its_tick_is() -> None:
    plot = dot_plot(_outcome(_group("a", [0.0, 10.0]), _group("b", [5.0, 5.0])))
    assert plot is not None
    at = {tick.text: tick.x for tick in plot.ticks}
    assert {dot.cx for dot in plot.strips[0].dots} == {at["0"], at["10"]}
    assert plot.strips[1].mean_x == plot.strips[1].dots[0].cx


def test_a_hundred_equal_values_stay_inside_their_band() -> None:
    plot = dot_plot(_outcome(_group("a", [3.0] * 100), _group("b", [3.0])))
    assert plot is not None
    heights = [float(dot.cy) for dot in plot.strips[0].dots]
    assert min(heights) > TOP
    assert max(heights) < TOP + BAND


def test_nothing_measured_is_no_plot() -> None:
    assert dot_plot(_outcome(_group("a", []), _group("b", []))) is None


def test_an_empty_arm_keeps_its_place_without_a_mean() -> None:
    plot = dot_plot(_outcome(_group("a", []), _group("b", [1.0, 2.0])))
    assert plot is not None
    assert (plot.strips[0].dots, plot.strips[0].mean_points, plot.strips[0].ci_x1) == ((), "", "")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.4, 9.7, (0, 2, 4, 6, 8, 10)),
        (3.0, 10.0, tuple(range(3, 11))),
        (5.0, 5.0, (4.4, 4.6, 4.8, 5.0, 5.2, 5.4, 5.6)),
    ],
)
def test_ticks_are_round_numbers_around_the_data(low: float, high: float, ticks: tuple[float, ...]) -> None:
    assert nice_ticks(low, high) == pytest.approx(ticks)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_enclose_the_data_and_are_few(low: float, width: float) -> None:
    high = low + width
    ticks = nice_ticks(low, high)
    slack = (ticks[1] - ticks[0]) * 1e-6
    assert ticks[0] <= low + slack
    assert high - slack <= ticks[-1]
    assert 2 <= len(ticks) <= 11


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=60))
def test_everything_is_inside_the_drawing(values: list[float]) -> None:
    plot = dot_plot(_outcome(_group("a", values)))
    assert plot is not None
    assert all(0 <= float(dot.cx) <= WIDTH for dot in plot.strips[0].dots)
    assert 0 <= float(plot.strips[0].ci_x1) <= float(plot.strips[0].ci_x2) <= WIDTH
