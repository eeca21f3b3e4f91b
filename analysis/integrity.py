"""The integrity checker's findings in words and tables for its page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analysis.format import degrees, p_scientific, p_value, spss
from analysis.tables import Cell, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.stats.integrity.checker import DataCheck, Finding, IntegrityReport, TableReport
    from analysis.stats.integrity.granularity import Granularity
    from analysis.stats.integrity.summaries import Recomputed
    from analysis.stats.integrity.twogroups import Enumeration


NOTHING_READ = gettext_lazy(
    "No table and no test was found. Paste SPSS's table with its row labels (“Equal variances assumed”, “Between "
    "Groups”), or a sentence with the test, its degrees of freedom and p."
)


@dataclass(frozen=True, slots=True)
class Section:
    """One table or sentence of the paste: a verdict, what stands behind it in words, and every figure."""

    title: str
    is_good: bool
    verdict: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]


def sections(report: IntegrityReport) -> list[Section]:
    return [
        Section(
            title=_title(table),
            is_good=table.worst == "consistent",
            verdict=_verdict(table),
            sentences=tuple(_sentences(table, report.alpha)),
            tables=tuple(_tables(table, number)),
        )
        for number, table in enumerate(report.tables, start=1)
    ]


def summary_of_check(report: IntegrityReport) -> str:
    """One sentence for all of the paste."""
    wrong = sum(finding.verdict != "consistent" for table in report.tables for finding in table.findings)
    values = {"count": report.figures, "wrong": wrong}
    if not wrong:
        return (
            ngettext(
                "%(count)d figure checked; it fits.", "%(count)d figures checked; all of them fit.", report.figures
            )
            % values
        )
    return (
        ngettext(
            "%(count)d figures checked; %(wrong)d of them does not fit the others.",
            "%(count)d figures checked; %(wrong)d of them do not fit the others.",
            wrong,
        )
        % values
    )


def _title(table: TableReport) -> str:
    return {
        "t_test": _("Independent Samples Test"),
        "anova": _("ANOVA"),
        "groups": _("Group Statistics"),
        "sentence": f"“{table.title}”",
    }[table.kind]


def _verdict(table: TableReport) -> str:
    if not table.findings and not table.granularity and not table.recomputed:
        return _("nothing to check")
    return {
        "consistent": _("consistent"),
        "inconsistent": _("inconsistent"),
        "decision_error": _("inconsistent, and the conclusion turns"),
    }[table.worst]


def _sentences(table: TableReport, alpha: float) -> list[str]:
    said = [text for finding in table.findings if finding.verdict != "consistent" for text in _wrong(finding, alpha)]
    said += [text for grain in table.granularity for text in _grain(grain)]
    if table.data is not None:
        said += _data(table.data)
    if not table.findings and table.kind == "sentence":
        said.append(_("These figures can't be those of a test, so nothing was recomputed."))
    return said


def _wrong(finding: Finding, alpha: float) -> list[str]:
    values = {
        "what": figure_name(finding.what),
        "printed": finding.printed,
        "range": _range(finding.low, finding.high),
        "alpha": f"{alpha:g}",
    }
    said = [_("%(what)s is printed as %(printed)s, but the other figures give %(range)s.") % values]
    if finding.needed_low is not None and finding.needed_high is not None:
        ends = {"low": spss(finding.needed_low, decimals=2), "high": spss(finding.needed_high, decimals=2)}
        said[0] += " " + _("That p would need a statistic from %(low)s to %(high)s.") % ends
    if finding.verdict == "decision_error":
        said[0] += " " + _("One of the two is significant at %(alpha)s, the other is not.") % values
    return said


def _grain(grain: Granularity) -> list[str]:
    values = {"mean": grain.mean, "sd": grain.sd, "n": grain.n}
    if grain.possible:
        if grain.share == 1.0:
            return [
                _("With %(n)d people every mean with these decimals is possible, so %(mean)s tells nothing.") % values
            ]
        return []
    if grain.reason == "mean":
        return [_("No %(n)d whole numbers have the mean %(mean)s, however it was rounded.") % values]
    return [_("No %(n)d whole numbers have the mean %(mean)s and the standard deviation %(sd)s together.") % values]


def _data(data: DataCheck) -> list[str]:
    n = {"first": data.n[0], "second": data.n[1]}
    assumed = [_("The groups are taken as %(first)d and %(second)d people, from the degrees of freedom.") % n]
    said = assumed if data.n_assumed else []
    if data.found is None:
        return [*said, _not_searched(data.problem)]
    if not data.found.possible:
        return [*said, _("No whole-number scores of %(first)d and %(second)d people give every printed digit.") % n]
    return [*said, *_forms(data.found, data.n)]


def _forms(found: Enumeration, n: tuple[int, int]) -> list[str]:
    if found.count is None:
        return [_("Whole-number scores that give every printed digit exist; they are too many to count.")]
    number = len(found.distinct) if found.distinct is not None else found.count
    said = [
        ngettext(
            "Exactly %(count)s pair of whole-number score distributions gives every printed digit.",
            "Exactly %(count)s pairs of whole-number score distributions give every printed digit.",
            number,
        )
        % {"count": f"{number:,}"}
    ]
    if found.distinct is not None and len(found.distinct) != found.count:
        said[0] += " " + _("A pair and its mirror image count as one.")
    sums = {tuple(sorted(round(ss, 9) for ss in split.ss)) for split in found.splits}
    if len(sums) == 1 and n[0] == n[1]:
        low, high = sorted(sums.pop())
        sds = {"low": spss(math.sqrt(low / (n[0] - 1))), "high": spss(math.sqrt(high / (n[0] - 1)))}
        values = {"first": spss(low, decimals=2), "second": spss(high, decimals=2), **sds}
        text = _(
            "The sums of squares are forced: %(first)s and %(second)s, so standard deviations %(low)s and %(high)s."
        )
        said.append(text % values)
    if found.pairs:
        points = min(pair.reach for pair in found.pairs) + 1
        said.append(_("A scale with fewer than %(points)d points can't hold such scores.") % {"points": points})
    return said


def _not_searched(problem: str) -> str:
    return {
        "n_and_df": _("The group sizes don't fit the degrees of freedom, so no data were looked for."),
        "unbounded": _("The table prints too little to look for the data behind it."),
    }.get(problem, _("The printed digits leave too many possibilities to look for the data behind the table."))


def _tables(report: TableReport, number: int) -> Iterator[Table]:
    if report.findings:
        yield _table(report, number)
    if report.recomputed:
        yield _recomputed(report.recomputed, number)


def _recomputed(tests: tuple[Recomputed, ...], number: int) -> Table:
    names = {
        "student": _("t, equal variances"),
        "welch": _("t, unequal variances"),
        "anova": _("F, one-way ANOVA"),
    }
    head = (_("Test"), _("Value"), _("df"), _("p"), _("By rounding: value"), _("By rounding: p"), _("95% interval"))
    return Table(
        key=f"recomputed-{number}",
        caption=_("What the printed means and standard deviations give"),
        stub=1,
        head=(tuple(Cell(text) for text in head),),
        body=tuple(
            Row(
                headers=(Cell(names[test.test]),),
                values=(
                    Cell(spss(test.range.at)),
                    Cell(degrees(test.df2) if test.ci_low is not None else f"{degrees(test.df1)}, {degrees(test.df2)}"),
                    Cell(p_value(test.p)),
                    Cell(_range(test.range.low, test.range.high)),
                    Cell(_range(test.p_low, test.p_high)),
                    Cell("" if test.ci_low is None or test.ci_high is None else _range(test.ci_low, test.ci_high)),
                ),
            )
            for test in tests
        ),
    )


def _table(report: TableReport, number: int) -> Table:
    head = (_("Figure"), _("Printed"), _("Verdict"), _("By the other figures"))
    return Table(
        key=f"integrity-{number}",
        caption=_("Each printed figure, and the range that the others leave it: %(title)s") % {"title": _title(report)},
        stub=1,
        head=(tuple(Cell(text) for text in head),),
        body=tuple(
            Row(
                headers=(Cell(figure_name(found.what)),),
                values=(Cell(found.printed), Cell(_fits(found)), Cell(_range(found.low, found.high))),
            )
            for found in report.findings
        ),
    )


def _fits(found: Finding) -> str:
    return _("fits") if found.verdict == "consistent" else _("does not fit")


def figure_name(what: str) -> str:
    """A figure's name for the page; names of groups stay as they were pasted."""
    name, _comma, rest = what.partition(", ")
    words = {
        "Levene p": _("Levene's test: p"),
        "CI low": _("Lower limit"),
        "CI high": _("Upper limit"),
        "SS total": _("Total sum of squares"),
        "df total": _("Total degrees of freedom"),
        "MS between": _("Mean square between groups"),
        "MS within": _("Mean square within groups"),
        "SE": _("Standard error"),
        "difference from means": _("Difference of the printed means"),
        "t from means and SDs": _("t from the printed means and SDs"),
        "F from means and SDs": _("F from the printed means and SDs"),
    }
    rows = {"equal variances": _("equal variances"), "unequal variances": _("unequal variances")}
    return ", ".join(part for part in (words.get(name, name), rows.get(rest, rest)) if part)


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return _("%(low)s and more") % {"low": _number(low)}
    first, last = _number(low), _number(high)
    return first if first == last else _("%(low)s to %(high)s") % {"low": first, "high": last}


def _number(x: float) -> str:
    """Enough digits to see the range: four decimals, or two digits of what is smaller; a whole number as such."""
    if float(x).is_integer():
        return str(int(x))
    if x != 0 and abs(x) < 0.0001:
        return p_scientific(x) if 0 < x < 1 else f"{x:.1e}"
    return spss(x, decimals=4)
