"""What the page and the command show of a simulated design: a table, and a plot of the same numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from studies.access import students_of
from studies.models import Participant
from studies.plans import SOURCES
from studies.randomise.design import BLOCKS, COMPLETE, MINIMISE, Design, read_design, usual_block_sizes
from studies.randomise.simulate import RUNS, SIMPLE, compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studies.models import RandomisationPlan, Study, User
    from studies.randomise.simulate import Simulated

NAMES = {
    SIMPLE: _("A coin for each student"),
    COMPLETE: _("Whole class at once"),
    BLOCKS: _("Blocks of random size"),
    MINIMISE: _("Minimisation"),
}
SHOWN_STUDENTS = 50
"""Where nobody is enrolled yet."""
ROW, LEFT, RIGHT, TOP, WIDTH = 52, 16, 16, 8, 480


def design_to_simulate(study: Study) -> tuple[RandomisationPlan | None, Design]:
    """The study's newest plan with its design; before one is committed, the whole class at once."""
    plan = study.plans.first()
    if plan is None:
        return None, Design(COMPLETE, {arm.key: arm.ratio for arm in study.arms.all()})
    design = read_design(plan.design)
    if plan.is_open and design.block_sizes:  # the real sizes would show in how far the groups can differ
        design = replace(design, block_sizes=usual_block_sizes(design.ratios))
    return plan, design


def students_to_simulate(user: User, study: Study) -> int:
    return students_of(user, study).count() or SHOWN_STUDENTS


def simulated(study: Study, design: Design, students: int) -> dict[str, Any]:
    """A design repeated beside its rivals: rows, plots of them, and of what they were made. The own row is marked."""
    people = population_of(study, design)
    rows = compare(design, students, population=people)
    table = [{"name": NAMES[row.algorithm], "row": row, "is_own": row.algorithm == design.algorithm} for row in rows]
    return {"table": table, "panels": panels(rows), "runs": RUNS, "students": students, "from_class": bool(people)}


def population_of(study: Study, design: Design) -> list[tuple[int, ...]]:
    """The level numbers of the students who have every characteristic of the design; empty below two of them."""
    rows = []
    for participant in Participant.objects.filter(study=study).select_related("baseline"):
        levels = [factor.level_of(SOURCES[factor.key](participant)) for factor in design.factors]
        if None not in levels:
            rows.append(
                tuple(
                    factor.all_levels().index(str(level)) for factor, level in zip(design.factors, levels, strict=True)
                )
            )
    return rows if len(rows) > 1 else []


@dataclass(frozen=True, slots=True)
class Bar:
    """One design in the plot: pixels as text with a point, since a template would write 1,5 in some languages."""

    name: str
    text_y: str
    y: str
    x_mean: str
    x_95: str
    mean: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars from zero to the mean, with a line on to the value that 95 of 100 runs stay within."""

    title: str
    view_box: str
    x_0: str
    axis_y: str
    x_end: str
    bars: tuple[Bar, ...]
    x_chance: str = ""


def panels(rows: Sequence[Simulated]) -> list[Panel]:
    """Imbalance, within levels where there are factors, and guesses."""
    spreads = [row.in_levels or row.difference for row in rows]
    title = _("Imbalance within levels, students") if rows[0].in_levels else _("Difference of group sizes, students")
    most = max([1.0, *(float(spread.within_95) for spread in spreads)])
    balance = [(row, spread.mean, float(spread.within_95)) for row, spread in zip(rows, spreads, strict=True)]
    guessed = [(row, 100 * row.guessed, 100 * row.guessed) for row in rows]
    return [
        _panel(str(title), balance, most, "{:.1f}"),
        _panel(str(_("Groups guessed right, percent")), guessed, 100.0, "{:.0f}", chance=100 * rows[0].by_chance),
    ]


def _panel(
    title: str, values: list[tuple[Simulated, float, float]], most: float, text: str, chance: float | None = None
) -> Panel:
    def x(value: float) -> str:
        return f"{LEFT + value / most * (WIDTH - LEFT - RIGHT):.1f}"

    bars = [
        Bar(
            name=str(NAMES[row.algorithm]),
            text_y=f"{TOP + ROW * number + 16}",
            y=f"{TOP + ROW * number + 32}",
            x_mean=x(mean),
            x_95=x(end),
            mean=text.format(mean),
        )
        for number, (row, mean, end) in enumerate(values)
    ]
    axis_y = TOP + ROW * len(bars)
    return Panel(
        title=title,
        view_box=f"0 0 {WIDTH} {axis_y + 4}",
        x_0=f"{LEFT}",
        axis_y=f"{axis_y}",
        x_end=f"{WIDTH - RIGHT}",
        bars=tuple(bars),
        x_chance="" if chance is None else x(chance),
    )
