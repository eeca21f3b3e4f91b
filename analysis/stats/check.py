"""Can these printed figures belong together? Recomputes p, F, t and intervals from what a table prints.

Every printed figure stands for an interval, half a unit of its last digit to each side; a check passes when some
values inside all the intervals agree. So a failed check is no matter of rounding.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Callable

Statistic = Literal["t", "F", "chi2", "z", "r"]

_NUMBER = re.compile(r"(?:(?P<sign>[<>=])\s*)?(?P<number>-?\d*\.?\d+)")


class NotPrintedNumber(ValueError):
    """Text that is not a figure of a table, such as "n.s."."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as printed, such as ".003", "< .001" or "> .05", and the values that it stands for."""

    text: str
    value: float
    low: float
    high: float
    unit: float
    is_bound: bool = False

    @classmethod
    def parse(cls, text: str) -> Printed:
        """Read a figure with or without its leading zero. Raises NotPrintedNumber."""
        match = _NUMBER.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
        if match is None:
            raise NotPrintedNumber(f"{text!r} is not a printed number; write it like 7.303, .004 or < .001")
        number = Decimal(match["number"])
        exponent = number.as_tuple().exponent
        unit = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
        if match["sign"] in {"<", ">"}:
            low, high = (0.0, float(number)) if match["sign"] == "<" else (float(number), math.inf)
            return cls(text=text, value=float(number), low=low, high=high, unit=float(unit), is_bound=True)
        half = unit / 2
        return cls(
            text=text, value=float(number), low=float(number - half), high=float(number + half), unit=float(unit)
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against the others: given those, it lies in [low, high]."""

    what: str
    printed: str
    low: float
    high: float
    consistent: bool


@dataclass(frozen=True, slots=True)
class PCheck:
    """A printed p against its statistic and degrees of freedom.

    `p` belongs to the statistic as printed, `p_low` to `p_high` to every value that rounds to it. `consistent`:
    rounding to the nearest can print the p. `any_rounding`: rounding up or cutting off can too. `needed` is the
    statistic whose p is the printed one, `needed_low` to `needed_high` those whose p rounds to it; None where p may
    be 0.
    """

    statistic: Statistic
    printed_statistic: str
    df: tuple[float, ...]
    printed_p: str
    p: float
    p_low: float
    p_high: float
    consistent: bool
    any_rounding: bool
    needed: float | None
    needed_low: float
    needed_high: float | None


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row of SPSS's Independent Samples Test, as printed."""

    t: str
    df: str
    p: str
    mean_difference: str
    se: str
    ci_low: str
    ci_high: str
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class PrintedAnova:
    """SPSS's ANOVA table, as printed; degrees of freedom are whole numbers."""

    ss_between: str
    df_between: int
    ms_between: str
    f: str
    p: str
    ss_within: str
    df_within: int
    ms_within: str
    ss_total: str
    df_total: int


def p_of_f(p: str, *, f: str, df1: float, df2: float) -> PCheck:
    """Check a printed p of F(df1, df2). Raises NotPrintedNumber."""
    return _check_p(
        "F",
        Printed.parse(p),
        Printed.parse(f),
        df=(float(df1), float(df2)),
        tail=lambda x: float(stats.f.sf(x, df1, df2)),
        quantile=lambda q: float(stats.f.isf(q, df1, df2)),
    )


def p_of_t(p: str, *, t: str, df: str) -> PCheck:
    """Check a printed two-sided p of t(df). Raises NotPrintedNumber.

    A df with decimals, Welch's, was rounded as t was: it stands for all values that round to it.
    """
    degrees = Printed.parse(df)
    fewest, most = (degrees.low, degrees.high) if "." in df else (degrees.value, degrees.value)

    def tail(df: float) -> Callable[[float], float]:
        return lambda x: 2 * float(stats.t.sf(x, df))

    return _check_p(
        "t",
        Printed.parse(p),
        Printed.parse(t),
        df=(degrees.value,),
        tail=tail(degrees.value),
        quantile=lambda q: float(stats.t.isf(q / 2, degrees.value)),
        ends=(tail(most), tail(fewest)),
    )


def p_of_chi2(p: str, *, chi2: str, df: float) -> PCheck:
    """Check a printed p of chi-squared(df). Raises NotPrintedNumber."""
    return _check_p(
        "chi2",
        Printed.parse(p),
        Printed.parse(chi2),
        df=(float(df),),
        tail=lambda x: float(stats.chi2.sf(x, df)),
        quantile=lambda q: float(stats.chi2.isf(q, df)),
    )


def p_of_z(p: str, *, z: str) -> PCheck:
    """Check a printed two-sided p of a standard normal z. Raises NotPrintedNumber."""
    return _check_p(
        "z",
        Printed.parse(p),
        Printed.parse(z),
        df=(),
        tail=lambda x: 2 * float(stats.norm.sf(x)),
        quantile=lambda q: float(stats.norm.isf(q / 2)),
    )


def p_of_r(p: str, *, r: str, df: float) -> PCheck:
    """Check a printed two-sided p of a correlation with df = n - 2: t = r sqrt(df / (1 - r^2)). NotPrintedNumber."""
    return _check_p(
        "r",
        Printed.parse(p),
        Printed.parse(r),
        df=(float(df),),
        tail=lambda x: 2 * float(stats.t.sf(x * math.sqrt(df / (1 - x * x)), df)) if x < 1 else 0.0,
        quantile=lambda q: _r_of_t(float(stats.t.isf(q / 2, df)), df),
    )


def _r_of_t(t: float, df: float) -> float:
    return t / math.sqrt(df + t * t) if math.isfinite(t) else math.copysign(1.0, t)


def check_t_row(row: PrintedRow) -> tuple[Check, ...]:
    """t, p and both limits of a printed row. Raises NotPrintedNumber."""
    difference, se = Printed.parse(row.mean_difference), Printed.parse(row.se)
    critical = float(stats.t.isf((1 - row.confidence) / 2, Printed.parse(row.df).value))
    p = p_of_t(row.p, t=row.t, df=row.df)
    least = max(0.0, se.low)
    return (
        _within("t", row.t, *_quotient((difference.low, difference.high), (se.low, se.high))),
        Check("p", row.p, p.p_low, p.p_high, p.consistent),
        _within("CI low", row.ci_low, difference.low - critical * se.high, difference.high - critical * least),
        _within("CI high", row.ci_high, difference.low + critical * least, difference.high + critical * se.high),
    )


def check_anova(table: PrintedAnova) -> tuple[Check, ...]:
    """Sums, degrees of freedom, mean squares, F and p of a printed ANOVA. Raises NotPrintedNumber."""
    between, within = Printed.parse(table.ss_between), Printed.parse(table.ss_within)
    ms_between = between.low / table.df_between, between.high / table.df_between
    ms_within = within.low / table.df_within, within.high / table.df_within
    df = table.df_between + table.df_within
    p = p_of_f(table.p, f=table.f, df1=table.df_between, df2=table.df_within)
    return (
        _within("SS total", table.ss_total, between.low + within.low, between.high + within.high),
        Check("df total", str(table.df_total), df, df, table.df_total == df),
        _within("MS between", table.ms_between, *ms_between),
        _within("MS within", table.ms_within, *ms_within),
        _within("F", table.f, *_quotient(ms_between, ms_within)),
        Check("p", table.p, p.p_low, p.p_high, p.consistent),
    )


def _quotient(over: tuple[float, float], under: tuple[float, float]) -> tuple[float, float]:
    """Range of a quotient whose divisor is positive, though its printed figure, such as .000, stands for zero too."""
    least, most = max(0.0, under[0]), under[1]

    def end(x: float, towards: float) -> float:
        divisor = least if x * towards > 0 else most
        return x / divisor if divisor else math.copysign(math.inf, x)

    return end(over[0], -1.0), end(over[1], 1.0)


def _within(what: str, text: str, low: float, high: float) -> Check:
    printed = Printed.parse(text)
    slack = 1e-9 * max(
        (abs(x) for x in (low, high) if math.isfinite(x)), default=0.0
    )  # the intervals' ends are decimal fractions; doubles aren't
    return Check(what, text, low, high, printed.low <= high + slack and low <= printed.high + slack)


def _check_p(
    statistic: Statistic,
    p: Printed,
    value: Printed,
    *,
    df: tuple[float, ...],
    tail: Callable[[float], float],
    quantile: Callable[[float], float],
    ends: tuple[Callable[[float], float], Callable[[float], float]] | None = None,
) -> PCheck:
    """`ends` are the tails that give the smallest and the largest p, where the degrees of freedom were rounded too."""
    nearest, farthest = sorted((abs(value.low), abs(value.high)))
    if value.low <= 0.0 <= value.high or statistic in {"F", "chi2"}:
        nearest = max(value.low, 0.0)
    smallest, largest = ends or (tail, tail)
    p_low, p_high = smallest(farthest), largest(nearest)
    consistent = p_low <= p.high and max(p.low, 0.0) <= p_high
    return PCheck(
        statistic=statistic,
        printed_statistic=value.text,
        df=df,
        printed_p=p.text,
        p=tail(abs(value.value)),
        p_low=p_low,
        p_high=p_high,
        consistent=consistent,
        any_rounding=consistent or (not p.is_bound and p_low < p.value + p.unit and p.value - p.unit < p_high),
        needed=quantile(min(p.value, 1.0)) if p.value > 0 else None,
        needed_low=quantile(min(p.high, 1.0)),
        needed_high=quantile(p.low) if p.low > 0 else None,
    )
