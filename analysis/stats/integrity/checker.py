"""Pasted text in, findings out: every printed figure against those it follows from, and the data behind the table."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from analysis.stats.check import (
    Printed,
    check_anova,
    check_t_row,
    p_of_chi2,
    p_of_f,
    p_of_r,
    p_of_t,
    p_of_z,
)
from analysis.stats.integrity.granularity import LARGEST_N, Granularity, grim, grimmer
from analysis.stats.integrity.reading import read
from analysis.stats.integrity.summaries import Recomputed, f_range, recompute, t_range
from analysis.stats.integrity.twogroups import Enumeration, PrintedGroups, enumerate_groups
from analysis.stats.samples import InvalidSample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analysis.stats.check import Check, PCheck, PrintedAnova
    from analysis.stats.integrity.reading import ApaResult, Found, GroupRow, TTable
    from analysis.stats.integrity.summaries import Range

    Two = tuple[str, str] | None

Verdict = Literal["consistent", "inconsistent", "decision_error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One printed figure against the others: by those it lies in [low, high], where `high` may be infinite.

    `decision_error`: the printed p and the right one fall on different sides of alpha. `needed` is the statistic that a
    wrong p would belong to, from `needed_low` to `needed_high`.
    """

    what: str
    printed: str
    low: float
    high: float
    verdict: Verdict
    needed: float | None = None
    needed_low: float | None = None
    needed_high: float | None = None


@dataclass(frozen=True, slots=True)
class DataCheck:
    """Whether whole-number data give the table. `problem` is the code of what kept it from being searched, or ""."""

    n: tuple[int, int]
    n_assumed: bool
    found: Enumeration | None
    problem: str


@dataclass(frozen=True, slots=True)
class TableReport:
    """One table or sentence. `kind`: "t_test", "anova", "groups", "sentence"; `title` is what it was read from."""

    kind: Literal["t_test", "anova", "groups", "sentence"]
    title: str
    findings: tuple[Finding, ...]
    data: DataCheck | None = None
    granularity: tuple[Granularity, ...] = ()
    recomputed: tuple[Recomputed, ...] = ()

    @property
    def worst(self) -> Verdict:
        verdicts = [finding.verdict for finding in self.findings]
        if "decision_error" in verdicts:
            return "decision_error"
        impossible = (self.data is not None and self.data.found is not None and not self.data.found.possible) or any(
            not found.possible for found in self.granularity
        )
        return "inconsistent" if "inconsistent" in verdicts or impossible else "consistent"


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    tables: tuple[TableReport, ...]
    unread: tuple[str, ...]
    alpha: float

    @property
    def figures(self) -> int:
        return sum(len(table.findings) for table in self.tables)


@dataclass(frozen=True, slots=True)
class Options:
    """`n` of both groups where the text does not say; `items` whole-number items per person behind a mean; `whole`
    False: scores are no whole numbers, so neither granularity nor data are looked for. Data are searched for the first
    `searches` tables.
    """

    n: tuple[int, int] | None = None
    items: int = 1
    whole: bool = True
    searches: int = 20
    alpha: float = 0.05


def check_text(text: str, options: Options | None = None) -> IntegrityReport:
    """Check all that can be read of a pasted table or text.

    Raises InvalidSample (`nothing_read`) where there is no table and no test in it.
    """
    options = options or Options()
    found = read(text)
    if found.empty:
        reason = (
            "no table and no test was found; paste SPSS's Independent Samples Test, Group Statistics or ANOVA with its "
            "row labels, or sentences such as t(48) = 7.30, p < .001"
        )
        raise InvalidSample("text", reason, code="nothing_read")
    tables = tuple(_reports(found, options))
    return IntegrityReport(tables, found.unread, options.alpha)


def _reports(found: Found, options: Options) -> Iterator[TableReport]:
    # With several tables nobody says which one the group statistics belong to, and a wrong guess would accuse.
    groups = found.groups if len(found.t_tables) + len(found.anovas) == 1 else ()
    for at, t_table in enumerate(found.t_tables):
        yield _t_report(t_table, groups, replace(options, searches=options.searches - at))
    for at, anova in enumerate(found.anovas, start=len(found.t_tables)):
        yield _anova_report(anova, groups, replace(options, searches=options.searches - at))
    if found.groups:
        yield _groups_report(found.groups, options)
    for sentence in found.sentences:
        yield TableReport("sentence", sentence.text, _sentence(sentence, options.alpha))


def _t_report(table: TTable, groups: tuple[GroupRow, ...], options: Options) -> TableReport:
    findings: list[Finding] = []
    df = table.pooled.df if table.pooled else ""
    if table.levene_f and df:
        levene = p_of_f(table.levene_p, f=table.levene_f, df1=1, df2=round(Printed.parse(df).value))
        findings.append(_p_finding("Levene p", levene, options.alpha))
    for name, row in (("equal variances", table.pooled), ("unequal variances", table.welch)):
        if row is not None:
            p = _p_finding(f"p, {name}", p_of_t(row.p, t=row.t, df=row.df), options.alpha)
            checks = check_t_row(row)
            findings += [p if check.what == "p" else _finding(check, f"{check.what}, {name}") for check in checks]
    pair = _two(groups, df)
    if pair:
        findings += _against_groups(table, pair)
    data = _t_data(table, pair, options) if options.whole and options.items == 1 else None
    return TableReport("t_test", "Independent Samples Test", tuple(findings), data)


def _anova_report(table: PrintedAnova, groups: tuple[GroupRow, ...], options: Options) -> TableReport:
    p = p_of_f(table.p, f=table.f, df1=table.df_between, df2=table.df_within)
    findings = [
        _p_finding("p", p, options.alpha) if check.what == "p" else _finding(check, check.what)
        for check in check_anova(table)
    ]
    if len(groups) == table.df_between + 1 and sum(row.n for row in groups) == table.df_total + 1:
        findings += _from_range("F from means and SDs", table.f, lambda: f_range(groups))
    data = None
    if options.whole and options.items == 1 and table.df_between == 1:
        pair = _two(groups, str(table.df_within))
        data = _search(
            lambda n, means, sds: PrintedGroups(n, anova=table, means=means, sds=sds), pair, table.df_within, options
        )
    return TableReport("anova", "ANOVA", tuple(findings), data)


def _groups_report(groups: tuple[GroupRow, ...], options: Options) -> TableReport:
    findings = []
    for row in groups:
        if row.se:
            sd, root = Printed.parse(row.sd), math.sqrt(row.n)
            findings.append(_within(f"SE, {row.name}", row.se, sd.low / root, sd.high / root))
    grains: list[Granularity] = []
    for row in groups if options.whole else ():
        if row.n <= LARGEST_N:
            grains += _granularity(row, options.items)
    return TableReport("groups", "Group Statistics", tuple(findings), None, tuple(grains), _recomputed(groups))


def _recomputed(groups: tuple[GroupRow, ...]) -> tuple[Recomputed, ...]:
    """Nothing for one group, several of one name (several tables), or more than are compared."""
    try:
        return recompute(groups)
    except InvalidSample:
        return ()


def _granularity(row: GroupRow, items: int) -> list[Granularity]:
    """GRIMMER, or GRIM where the mean is impossible already, or its SD can't be searched."""
    mean = grim(row.mean, row.n, items=items)
    if not mean.possible:
        return [mean]
    try:
        return [grimmer(row.mean, row.sd, row.n, items=items)]
    except InvalidSample:
        return [mean]


def _sentence(result: ApaResult, alpha: float) -> tuple[Finding, ...]:
    """The p of a sentence; none for figures that can't be, such as a correlation above 1 or 0 degrees of freedom."""
    if (
        _degrees(result.df1) <= 0
        or _degrees(result.df2) <= 0
        or (abs(float(result.value)) > 1 and result.statistic == "r")
    ):
        return ()
    printed = result.p or f"> {Decimal(repr(alpha))}"
    if result.statistic == "t":
        check = p_of_t(printed, t=result.value, df=result.df1)
    elif result.statistic == "F":
        check = p_of_f(printed, f=result.value, df1=_degrees(result.df1), df2=_degrees(result.df2))
    elif result.statistic == "chi2":
        check = p_of_chi2(printed, chi2=result.value, df=_degrees(result.df1))
    elif result.statistic == "r":
        check = p_of_r(printed, r=result.value, df=_degrees(result.df1))
    else:
        check = p_of_z(printed, z=result.value)
    found = _p_finding("p", check, alpha, one_sided=result.one_sided)
    return (found if result.p else replace(found, printed="n.s."),)


def _degrees(df: str) -> float:
    """Degrees of freedom, which need be no whole number; a test without them counts as having some."""
    return float(df) if df else math.inf


def _p_finding(what: str, check: PCheck, alpha: float, *, one_sided: bool = False) -> Finding:
    low, high, consistent = check.p_low, check.p_high, check.consistent
    printed = Printed.parse(check.printed_p)
    if one_sided and not consistent:
        low, high = low / 2, high / 2
        consistent = low <= printed.high and max(printed.low, 0.0) <= high
    verdict: Verdict = "consistent" if consistent else "inconsistent"
    if not consistent and _says_significant(printed, alpha) not in {None, *{x <= alpha for x in (low, high)}}:
        verdict = "decision_error"
    if consistent:
        return Finding(what, check.printed_p, low, high, verdict)
    return Finding(what, check.printed_p, low, high, verdict, check.needed, check.needed_low, check.needed_high)


def _says_significant(p: Printed, alpha: float) -> bool | None:
    """What a printed p decides; None for a bound on the wrong side of alpha."""
    if not p.is_bound:
        return p.value <= alpha
    if p.low == 0.0:
        return True if p.value <= alpha else None
    return False if p.value >= alpha else None


def _finding(check: Check, what: str) -> Finding:
    return Finding(what, check.printed, check.low, check.high, "consistent" if check.consistent else "inconsistent")


def _within(what: str, text: str, low: float, high: float) -> Finding:
    printed = Printed.parse(text)
    slack = 1e-9 * max((abs(x) for x in (low, high) if math.isfinite(x)), default=0.0)
    fits = printed.low <= high + slack and low <= printed.high + slack
    return Finding(what, text, low, high, "consistent" if fits else "inconsistent")


def _two(groups: tuple[GroupRow, ...], df: str) -> tuple[GroupRow, GroupRow] | None:
    """The two groups of the table, if exactly two are there and their n fits the df."""
    if len(groups) != 2 or not df or round(Printed.parse(df).value) != groups[0].n + groups[1].n - 2:
        return None
    return groups[0], groups[1]


def _against_groups(table: TTable, pair: tuple[GroupRow, GroupRow]) -> Iterator[Finding]:
    first, second = pair
    means = [Printed.parse(row.mean) for row in pair]
    row = table.pooled or table.welch
    if row is not None:
        low, high = means[0].low - means[1].high, means[0].high - means[1].low
        yield _within("difference from means", row.mean_difference, low, high)
    if table.pooled is not None:
        yield from _from_range(
            "t from means and SDs, equal variances", table.pooled.t, lambda: t_range(first, second, variant="student")
        )
    if table.welch is not None:
        yield from _from_range(
            "t from means and SDs, unequal variances", table.welch.t, lambda: t_range(first, second, variant="welch")
        )


def _from_range(what: str, text: str, compute: Callable[[], Range]) -> Iterator[Finding]:
    """Nothing where the SDs leave the statistic without a bound."""
    try:
        found = compute()
    except InvalidSample:
        return
    yield _within(what, text, found.low, found.high)


def _t_data(table: TTable, pair: tuple[GroupRow, GroupRow] | None, options: Options) -> DataCheck | None:
    if table.pooled is None:
        return None
    df = round(Printed.parse(table.pooled.df).value)

    def printed(n: tuple[int, int], means: tuple[str, str] | None, sds: tuple[str, str] | None) -> PrintedGroups:
        return PrintedGroups(n, table.pooled, table.welch, table.levene_f, means=means, sds=sds)

    return _search(printed, pair, df, options)


def _search(
    printed: Callable[[tuple[int, int], Two, Two], PrintedGroups],
    pair: tuple[GroupRow, GroupRow] | None,
    df: int,
    options: Options,
) -> DataCheck | None:
    """Enumerate, with n from the group table, the options, or two halves of df + 2."""
    n, assumed = _sizes(pair, df, options)
    if n is None or options.searches <= 0:
        return None
    if sum(n) != df + 2:
        return DataCheck(n, assumed, None, "n_and_df")
    means = (pair[0].mean, pair[1].mean) if pair else None
    sds = (pair[0].sd, pair[1].sd) if pair else None
    try:
        return DataCheck(n, assumed, enumerate_groups(printed(n, means, sds)), "")
    except InvalidSample as error:
        return DataCheck(n, assumed, None, error.code)


def _sizes(pair: tuple[GroupRow, GroupRow] | None, df: int, options: Options) -> tuple[tuple[int, int] | None, bool]:
    if pair:
        return (pair[0].n, pair[1].n), False
    if options.n:
        return options.n, False
    if df % 2 == 0 and df > 0:
        return (df // 2 + 1, df // 2 + 1), True
    return None, True
