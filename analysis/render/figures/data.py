"""What each figure shows, as values from the frozen report, and the same values as a table.

A figure is drawn from these alone, so the table beside it holds all that can be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.stats import qq_points, sample
from analysis.tables import Cell, Row, Table, level_cell, number_cell

if TYPE_CHECKING:
    from analysis.results import Group, OutcomeReport, Report


@dataclass(frozen=True, slots=True)
class Points:
    """One group's values beside the participants' codes, with its mean and interval; None below two values."""

    name: str
    codes: tuple[str, ...]
    values: tuple[float, ...]
    mean: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class Raincloud:
    """Every value of every group: a dot each, the shape of the distribution, the quartiles, the mean's interval."""

    axis: str
    groups: tuple[Points, ...]
    level: float


@dataclass(frozen=True, slots=True)
class Estimation:
    """Two groups' values and, on an axis of its own, their difference (first minus second) with its interval.

    `se` and `df` give the curve of the difference's uncertainty: the t distribution that the interval comes from.
    """

    axis: str
    groups: tuple[Points, Points]
    difference: float
    ci_low: float
    ci_high: float
    se: float
    df: float
    level: float


@dataclass(frozen=True, slots=True)
class ForestRow:
    name: str
    estimate: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class Forest:
    """One effect size over the outcomes, each with its interval."""

    axis: str
    rows: tuple[ForestRow, ...]
    level: float


@dataclass(frozen=True, slots=True)
class QuantilePoints:
    """One group's sorted values against the normal quantiles of their ranks; the line is mean + z SD."""

    name: str
    theoretical: tuple[float, ...]
    observed: tuple[float, ...]
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Quantiles:
    axis: str
    groups: tuple[QuantilePoints, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """Means over the times of the plan with their intervals, and every value behind them: `groups[time][arm]`."""

    axis: str
    times: tuple[str, ...]
    groups: tuple[tuple[Points, ...], ...]
    level: float


Drawing = Raincloud | Estimation | Forest | Quantiles | Profile


def raincloud(outcome: OutcomeReport, *, level: float) -> Raincloud | None:
    """None when the outcome has no value at all."""
    groups = tuple(point for point in _points(outcome) if point.values)
    return Raincloud(axis=_axis(outcome), groups=groups, level=level) if groups else None


def estimation(outcome: OutcomeReport) -> Estimation | None:
    """The planned t test as a picture; None where there is none, since no other difference is frozen."""
    test = outcome.planned_t
    if test is None:
        return None
    keyed = dict(zip((group.key for group in outcome.groups), _points(outcome), strict=True))
    return Estimation(
        axis=_axis(outcome),
        groups=(keyed[test.first], keyed[test.second]),
        difference=test.mean_difference,
        ci_low=test.ci_low,
        ci_high=test.ci_high,
        se=test.se,
        df=test.df,
        level=test.confidence,
    )


def forest(report: Report) -> Forest | None:
    """Hedges' g of every outcome that has it; None below two, where there is nothing to lay side by side."""
    found = [(outcome.name, effect) for outcome in report.outcomes for effect in outcome.effects if effect.name == "g"]
    if len(found) < 2:
        return None
    return Forest(
        axis=_("Hedges' g"),
        rows=tuple(ForestRow(name, effect.estimate, effect.ci_low, effect.ci_high) for name, effect in found),
        level=found[0][1].confidence,
    )


def quantiles(outcome: OutcomeReport) -> Quantiles | None:
    """Q-Q points of each group with at least 3 values and some spread; None where no group has."""
    groups = []
    for group in outcome.groups:
        if group.n < 3 or group.mean is None or not group.sd:
            continue
        points = qq_points(sample(group.key, group.values))
        groups.append(
            QuantilePoints(
                name=group.name,
                theoretical=tuple(point.theoretical for point in points),
                observed=tuple(point.observed for point in points),
                mean=group.mean,
                sd=group.sd,
            )
        )
    return Quantiles(axis=_axis(outcome), groups=tuple(groups)) if groups else None


def profile(outcome: OutcomeReport, *, level: float) -> Profile | None:
    """The course over the times; None for an outcome that was measured at fewer than two."""
    if not outcome.times:
        return None
    return Profile(
        axis=_axis(outcome),
        times=tuple(time.name for time in outcome.times),
        groups=tuple(tuple(map(_of, time.groups)) for time in outcome.times),
        level=level,
    )


def table_of(drawing: Drawing, *, key: str, caption: str) -> Table:
    """All values that the figure shows, one row each."""
    if isinstance(drawing, Raincloud):
        return _points_table(drawing.groups, key=key, caption=caption)
    if isinstance(drawing, Estimation):
        return _estimation_table(drawing, key=key, caption=caption)
    if isinstance(drawing, Forest):
        return _forest_table(drawing, key=key, caption=caption)
    if isinstance(drawing, Quantiles):
        return _quantiles_table(drawing, key=key, caption=caption)
    return _profile_table(drawing, key=key, caption=caption)


def _points(outcome: OutcomeReport) -> tuple[Points, ...]:
    return tuple(map(_of, outcome.groups))


def _of(group: Group) -> Points:
    return Points(group.name, group.codes, group.values, group.mean, group.ci_low, group.ci_high)


def _axis(outcome: OutcomeReport) -> str:
    return f"{outcome.name} ({outcome.unit})" if outcome.unit else outcome.name


def _head(*texts: str) -> tuple[tuple[Cell, ...], ...]:
    return (tuple(Cell(text) for text in texts),)


def _point_rows(groups: tuple[Points, ...]) -> tuple[Row, ...]:
    return tuple(
        Row((Cell(group.name), Cell(code)), (number_cell(value),))
        for group in groups
        for code, value in zip(group.codes, group.values, strict=True)
    )


def _points_table(groups: tuple[Points, ...], *, key: str, caption: str) -> Table:
    head = _head(_("Group"), _("Student"), _("Value"))
    return Table(key=key, caption=caption, stub=2, head=head, body=_point_rows(groups))


def _estimation_table(drawing: Estimation, *, key: str, caption: str) -> Table:
    first, second = (group.name for group in drawing.groups)
    summary = (
        (_("Mean"), first, drawing.groups[0].mean),
        (_("Mean"), second, drawing.groups[1].mean),
        (_("Difference"), f"{first} − {second}", drawing.difference),
        (_("Difference"), _("lower limit"), drawing.ci_low),
        (_("Difference"), _("upper limit"), drawing.ci_high),
    )
    rows = tuple(Row((Cell(what), Cell(whose)), (number_cell(value),)) for what, whose, value in summary)
    return Table(
        key=key,
        caption=caption,
        stub=2,
        head=_head(_("Shown"), _("Of"), _("Value")),
        body=(*rows, *_point_rows(drawing.groups)),
    )


def _forest_table(drawing: Forest, *, key: str, caption: str) -> Table:
    return Table(
        key=key,
        caption=caption,
        stub=1,
        head=_head(_("Outcome"), _("Hedges' g"), _("Confidence"), _("Lower"), _("Upper")),
        body=tuple(
            Row(
                (Cell(row.name),),
                (
                    number_cell(row.estimate),
                    level_cell(drawing.level),
                    number_cell(row.ci_low),
                    number_cell(row.ci_high),
                ),
            )
            for row in drawing.rows
        ),
    )


def _quantiles_table(drawing: Quantiles, *, key: str, caption: str) -> Table:
    return Table(
        key=key,
        caption=caption,
        stub=2,
        head=_head(_("Group"), _("Rank"), _("Normal quantile"), _("Value")),
        body=tuple(
            Row((Cell(group.name), Cell(str(rank), value=rank)), (number_cell(theory), number_cell(value)))
            for group in drawing.groups
            for rank, (theory, value) in enumerate(zip(group.theoretical, group.observed, strict=True), start=1)
        ),
    )


def _profile_table(drawing: Profile, *, key: str, caption: str) -> Table:
    """Each group at each time: its mean with the interval, then its students' values."""
    rows = []
    for time, groups in zip(drawing.times, drawing.groups, strict=True):
        for group in groups:
            ends = ((_("Mean"), group.mean), (_("Lower"), group.ci_low), (_("Upper"), group.ci_high))
            told = [*ends, *zip(group.codes, group.values, strict=True)]
            rows += [
                Row((Cell(time), Cell(group.name), Cell(what)), (number_cell(x),)) for what, x in told if x is not None
            ]
    return Table(
        key=key,
        caption=caption,
        stub=3,
        head=_head(_("Time"), _("Group"), _("Mean or student"), _("Value")),
        body=tuple(rows),
    )
