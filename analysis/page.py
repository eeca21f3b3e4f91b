"""What the report's page shows of each outcome, in the order in which it is read: words, plot, tables, small print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.plots import dot_plot
from analysis.reading import (
    exclusion_reason,
    paper_remarks,
    planned_test_name,
    problem_sentence,
    sentences,
)
from analysis.tables import further_tables, main_tables

if TYPE_CHECKING:
    from analysis.format import Skin
    from analysis.plots import DotPlot
    from analysis.results import OutcomeReport, Report
    from analysis.stats.check import Check
    from analysis.tables import Table


@dataclass(frozen=True, slots=True)
class LeftOut:
    code: str
    arm: str
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """One outcome on the page. `checks` are those of the paper's own table; empty but for the demonstration."""

    outcome: OutcomeReport
    planned_test: str
    sentences: tuple[str, ...]
    problems: tuple[str, ...]
    remarks: tuple[str, ...]
    plot: DotPlot | None
    tables: tuple[Table, ...]
    further: tuple[Table, ...]
    left_out: tuple[LeftOut, ...]
    checks: tuple[Check, ...]


def sections(report: Report, *, skin: Skin) -> list[Section]:
    return [
        Section(
            outcome=outcome,
            planned_test=planned_test_name(outcome),
            sentences=tuple(sentences(outcome)),
            problems=tuple(problem_sentence(outcome, problem) for problem in outcome.problems),
            remarks=tuple(paper_remarks(outcome)),
            plot=dot_plot(outcome),
            tables=main_tables(outcome, skin=skin, number=number, data_note=report.data_note),
            further=further_tables(outcome, skin=skin, data_note=report.data_note),
            left_out=tuple(
                LeftOut(code=row.code, arm=outcome.arm_name(row.arm), reason=exclusion_reason(row.reason))
                for row in outcome.exclusions
            ),
            checks=outcome.paper.checks if outcome.paper else (),
        )
        for number, outcome in enumerate(report.outcomes, start=1)
    ]
