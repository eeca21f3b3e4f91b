"""The tables of a frozen report, in the layout of `analysis.tables`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from analysis.format import degrees, p_value, percent, spss
from analysis.plans.people import REASONS
from analysis.plans.words import (
    estimate_name,
    estimate_words,
    handling_name,
    p_words,
    population_name,
    problem_words,
    reason_words,
    statistic_words,
    test_name,
)
from analysis.tables import Cell, Row, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analysis.frozen.snapshot import Frozen
    from analysis.plans.findings import Finding
    from analysis.plans.gaps import Known, Missing

    Names = Mapping[str, str]
    Line = tuple[Sequence[str], bool]


def table(
    key: str, caption: str, head: Sequence[str], rows: Sequence[tuple[Sequence[str], bool]], stub: int = 1
) -> Table:
    return Table(
        key=key,
        caption=caption,
        stub=stub,
        head=(tuple(Cell(text) for text in head),),
        body=tuple(
            Row(
                headers=tuple(Cell(text) for text in row[:stub]),
                values=tuple(Cell(text) for text in row[stub:]),
                planned=planned,
            )
            for row, planned in rows
        ),
    )


def described(finding: Finding, names: Names) -> Table:
    """Who is in the test: means, or injuries over hours."""
    if any(count.hours is not None for count in finding.primary.counts):
        counted: list[Line] = [
            (
                (
                    names.get(count.arm, count.arm),
                    str(count.n),
                    str(count.events or 0),
                    spss(count.hours or 0.0, decimals=1),
                    spss(1000 * (count.events or 0) / count.hours, decimals=2) if count.hours else "",
                ),
                False,
            )
            for count in finding.primary.counts
        ]
        head = (_("Group"), _("N"), _("Injuries"), _("Hours"), _("Injuries in 1,000 hours"))
        return table(f"groups-{finding.key}", _("Injuries over hours of training"), head, counted)
    columns = (_("Group"), _("N"), _("Mean"), _("Std. Deviation"), _("Lower"), _("Upper"))
    rows: list[Line] = [
        (
            (
                names.get(group.key, group.key),
                str(group.n),
                *("" if x is None else spss(x) for x in (group.mean, group.sd, group.ci_low, group.ci_high)),
            ),
            False,
        )
        for group in finding.groups
    ]
    caption = _("%(outcome)s by group, with the interval of each mean") % {"outcome": finding.outcome_name}
    return table(f"groups-{finding.key}", caption, columns, rows)


def analyses(finding: Finding, names: Names) -> Table:
    """The analysis to read first, then the others that the plan asks for."""
    rows = []
    for analysis in (finding.primary, *finding.further):
        counts = " / ".join(str(count.n) for count in analysis.counts)
        what = _("%(population)s; %(handling)s") % {
            "population": population_name(analysis.population),
            "handling": handling_name(analysis),
        }
        if analysis.p is None:
            said = "; ".join(problem_words(problem, names) for problem in analysis.problems)
            rows.append(((what, counts, said, "", ""), analysis is finding.primary))
            continue
        estimate = "" if analysis.estimate is None else estimate_words(analysis.estimate)
        row = (
            what,
            counts,
            statistic_words(analysis),
            p_words(analysis).removeprefix("p = ").removeprefix("p "),
            estimate,
        )
        rows.append((row, analysis is finding.primary))
    named = finding.primary.estimate
    head = (_("Analysis"), _("N"), _("Test"), "p", estimate_name(named.name) if named else _("Estimate"))
    return table(f"analyses-{finding.key}", test_name(finding.test), head, rows)


def checks(finding: Finding, names: Names) -> tuple[Table, ...]:
    """Assumptions, for information. None where nothing could be checked."""
    rows = []
    for spread in finding.checks.levene[:2]:
        about = (
            _("Equal spreads (Levene, by the mean)") if spread.centre == "mean" else _("Equal spreads, by the median")
        )
        rows.append(
            ((about, f"F({degrees(spread.df1)}, {degrees(spread.df2)}) = {spss(spread.f)}", p_value(spread.p)), False)
        )
    for shape in finding.checks.normality:
        about = _("Normal values: %(group)s (Shapiro-Wilk)") % {"group": names.get(shape.group, shape.group)}
        rows.append(((about, f"W = {spss(shape.w)}", p_value(shape.p)), False))
    counts = finding.checks.dispersion
    if counts is not None:
        pearson = f"χ²({counts.df}) = {spss(counts.pearson)}"
        rows.append(((_("Counts vary no more than a Poisson model says"), pearson, p_value(counts.p_pearson)), False))
    if not rows:
        return ()
    return (table(f"checks-{finding.key}", _("Assumptions"), (_("Assumption"), _("Statistic"), "p"), rows),)


def effect(finding: Finding) -> str:
    """The size of the effect in words; empty without one."""
    found = finding.primary.effect
    if found is None:
        return ""
    return _("%(name)s %(value)s (%(level)s interval)") % {
        "name": estimate_name(found.name),
        "value": estimate_words(found),
        "level": percent(found.confidence),
    }


def missing_tables(frozen: Frozen, names: Names) -> tuple[Table, ...]:
    """Who is missing and why; patterns over time; those with a value beside those without."""
    missing = frozen.missing
    questions = {row.key: row for row in frozen.findings}
    return tuple(
        table
        for table in (_reasons(missing, questions, names), _patterns(frozen, names), _start(missing, questions))
        if table is not None
    )


def about(finding: Finding) -> str:
    if not finding.outcome_name:
        return _("Injuries")
    return f"{finding.outcome_name}, {finding.time_name}" if finding.time_name else finding.outcome_name


def _reasons(missing: Missing, questions: Mapping[str, Finding], names: Names) -> Table:
    counts = {(row.hypothesis, row.arm, row.reason): row.n for row in missing.reasons}
    used = [reason for reason in REASONS if any(key[2] == reason for key in counts)]
    rows = []
    for row in missing.present:
        cells = [str(counts.get((row.hypothesis, row.arm, reason), 0)) for reason in used]
        rows.append(
            (
                (questions[row.hypothesis].key, names.get(row.arm, row.arm), str(row.drawn), str(row.present), *cells),
                False,
            )
        )
    for key in questions:
        if any(counts.get((key, "", reason)) for reason in used):
            cells = [str(counts.get((key, "", reason), 0)) for reason in used]
            rows.append(((key, _("no group"), "0", "0", *cells), False))
    head = (_("Hypothesis"), _("Group"), _("Drawn"), _("With a value"), *(reason_words(reason) for reason in used))
    return table("missing", _("Who is missing, and why"), head, rows, 2)


def _patterns(frozen: Frozen, names: Names) -> Table | None:
    patterns = frozen.missing.patterns
    if len(patterns) < 2:
        return None
    arms = frozen.missing.arms
    series = [f"{row.name}, {row.time_name}" if row.time_name else row.name for row in frozen.data.series]
    rows = [
        (
            (
                str(number),
                *(_("there") if there else _("missing") for there in pattern.there),
                *(str(n) for n in pattern.counts),
            ),
            False,
        )
        for number, pattern in enumerate(patterns, 1)
    ]
    head = (_("Pattern"), *series, *(names.get(arm, arm) for arm in arms))
    return table("patterns", _("Which values are missing together"), head, rows)


def _start(missing: Missing, questions: Mapping[str, Finding]) -> Table | None:
    if not missing.start:
        return None
    rows = [
        (
            (
                questions[row.hypothesis].key,
                start_name(row.name),
                _known(row.present),
                _known(row.missing),
                "" if row.difference is None else spss(row.difference, decimals=2),
            ),
            False,
        )
        for row in missing.start
    ]
    head = (_("Hypothesis"), _("At the start"), _("With a value"), _("Without"), _("Difference in SDs"))
    return table("start", _("Those with a value beside those without: mean (SD), n"), head, rows, 2)


def _known(known: Known) -> str:
    if known.mean is None:
        return "–"
    spread = f" ({spss(known.sd, decimals=2)})" if known.sd is not None else ""
    return f"{spss(known.mean, decimals=2)}{spread}, n = {known.n}"


def start_name(name: str) -> str:
    return {
        "year": _("Year of study"),
        "age": _("Age, years"),
        "experience": _("Training experience, months"),
        "mass": _("Body mass, kg"),
        "working_load": _("Working load, kg"),
        "one_rm": _("One-repetition maximum, kg"),
    }[name]
