"""Recompute every number of the report from data.csv. Needs Python 3.11, NumPy and SciPy (requirements.txt), no more.

    python recompute.py

reads specification.json and data.csv beside it and writes recomputed.json. `python check.py` runs it and compares.

The formulas stand here in full. As a second opinion the tests are done again by SciPy's own functions; a difference
beyond 1e-9 of the size is printed.
"""

import csv
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy import optimize, special, stats

HERE = Path(__file__).resolve().parent
SECOND_OPINION = 1e-9
Groups = dict[str, np.ndarray[Any, np.dtype[np.float64]]]
Numbers = Iterator[tuple[str, float]]


class Moments:
    """n, mean and sum of squares about the mean, in two exactly rounded passes (Chan, Golub and LeVeque 1983)."""

    def __init__(self, values: Any) -> None:
        shifted = values - float(values[0])
        centre = math.fsum(shifted) / values.size
        deviations = shifted - centre
        residue = math.fsum(deviations)
        ss = math.fsum(deviations * deviations) - residue * residue / values.size
        self.n = int(values.size)
        self.mean = float(values[0]) + centre
        self.ss = max(ss, 0.0) if shifted.any() else 0.0
        self.variance = self.ss / (self.n - 1)
        self.sd = math.sqrt(self.variance)
        self.se = math.sqrt(self.variance / self.n)


def describe(groups: Groups, confidence: float) -> Numbers:
    for key, values in groups.items():
        yield f"group_{key}/n", int(values.size)
        if values.size < 2:
            continue
        found = Moments(values)
        half = float(stats.t.isf((1 - confidence) / 2, found.n - 1)) * found.se
        yield f"group_{key}/mean", found.mean
        yield f"group_{key}/sd", found.sd
        yield f"group_{key}/se", found.se
        yield f"group_{key}/ci_low", found.mean - half
        yield f"group_{key}/ci_high", found.mean + half


def one_way(groups: Groups) -> dict[str, float]:
    """Fisher's analysis of variance."""
    parts = [Moments(values) for values in groups.values()]
    n, k, origin = sum(part.n for part in parts), len(parts), parts[0].mean
    grand = math.fsum(part.n * (part.mean - origin) for part in parts) / n
    between = math.fsum(part.n * (part.mean - origin - grand) ** 2 for part in parts)
    within = math.fsum(part.ss for part in parts)
    f = (between / (k - 1)) / (within / (n - k))
    return {
        "between_ss": between, "between_df": k - 1, "between_ms": between / (k - 1),
        "within_ss": within, "within_df": n - k, "within_ms": within / (n - k),
        "total_ss": between + within, "total_df": n - 1, "f": f, "p": float(stats.f.sf(f, k - 1, n - k)),
    }  # fmt: skip


def levene(groups: Groups, centre: str) -> Numbers:
    """Analysis of variance of the absolute deviations from each group's mean, median or 5 % trimmed mean."""
    deviations = {}
    for key, values in groups.items():
        if centre == "mean":
            middle = Moments(values).mean
        elif centre == "median":
            middle = float(np.median(values))
        else:
            cut = int(0.05 * values.size)
            middle = Moments(np.sort(values)[cut : values.size - cut]).mean
        deviations[key] = np.abs(values - middle)
    table = one_way(deviations)
    theirs = stats.levene(*groups.values(), center=centre, proportiontocut=0.05)
    agree(f"Levene by {centre}", table["f"], float(theirs.statistic))
    yield f"levene_{centre}/f", table["f"]
    yield f"levene_{centre}/df1", table["between_df"]
    yield f"levene_{centre}/df2", table["within_df"]
    yield f"levene_{centre}/p", table["p"]


def t_test(groups: Groups, variant: str, confidence: float) -> dict[str, float]:
    """Student's test (equal variances) or Welch's; first group minus second."""
    a, b = (Moments(values) for values in groups.values())
    if variant == "student":
        df = float(a.n + b.n - 2)
        se = math.sqrt((a.ss + b.ss) / (a.n + b.n - 2) * (1 / a.n + 1 / b.n))
    else:
        va, vb = a.variance / a.n, b.variance / b.n
        top = max(va, vb)
        ra, rb = va / top, vb / top
        df = (ra + rb) ** 2 / (ra * ra / (a.n - 1) + rb * rb / (b.n - 1))
        se = math.sqrt(va + vb)
    difference = a.mean - b.mean
    t = difference / se
    half = float(stats.t.isf((1 - confidence) / 2, df)) * se
    theirs = stats.ttest_ind(*groups.values(), equal_var=variant == "student")
    agree(f"{variant} t", t, float(theirs.statistic))
    agree(f"{variant} df", df, float(theirs.df))
    return {
        "t": t, "df": df, "p": 2 * float(stats.t.sf(abs(t), df)), "mean_difference": difference, "se": se,
        "ci_low": difference - half, "ci_high": difference + half,
    }  # fmt: skip


def effect(groups: Groups, name: str, confidence: float) -> tuple[float, float, float]:
    """Estimate and interval: d and g by the noncentral t, eta and omega squared by the noncentral F."""
    if name in ("d", "g"):
        first, second = groups.values()
        test = t_test(groups, "student", confidence)
        scale = math.sqrt(1 / first.size + 1 / second.size)
        low, high = t_noncentrality(test["t"], test["df"], confidence)
        df = first.size + second.size - 2
        gammas = float(special.gammaln(df / 2)) - float(special.gammaln((df - 1) / 2))
        factor = math.exp(gammas) / math.sqrt(df / 2) if name == "g" else 1.0
        return test["t"] * scale * factor, low * scale, high * scale
    table = one_way(groups)
    if name == "eta_squared":
        estimate = table["between_ss"] / table["total_ss"]
    else:
        estimate = table["between_ss"] - table["between_df"] * table["within_ms"]
        estimate /= table["total_ss"] + table["within_ms"]
    low, high = f_noncentrality(table["f"], table["between_df"], table["within_df"], confidence)
    n = table["total_df"] + 1
    return estimate, low / (low + n), high / (high + n)


def t_noncentrality(t: float, df: float, confidence: float) -> tuple[float, float]:
    """The noncentralities under which the observed t stands at the edge of the tails."""
    tail = (1 - confidence) / 2
    width = 5 * (1 + abs(t) / math.sqrt(2 * df))

    def below(nc: float) -> float:
        p = float(special.nctdtr(df, nc, t))
        return 1.0 - float(stats.nct.sf(t, df, nc)) if math.isnan(p) else p

    low = falling_root(lambda nc: below(nc) - (1 - tail), t - width, t + width, width)
    return low, falling_root(lambda nc: below(nc) - tail, t - width, t + width, width)


def f_noncentrality(f: float, df1: float, df2: float, confidence: float) -> tuple[float, float]:
    """The same of F; 0 where no noncentrality reaches the limit."""
    tail = (1 - confidence) / 2
    central = float(stats.f.cdf(f, df1, df2))

    def limit(share: float) -> float:
        if central <= share:
            return 0.0
        guess = df1 * f + 1.0

        def fall(nc: float) -> float:
            return float(special.ncfdtr(df1, df2, nc, f)) - share if nc > 0 else central - share

        return falling_root(fall, 0.0, 2 * guess, guess)

    return limit(1 - tail), limit(tail)


def falling_root(fall: Callable[[float], float], low: float, high: float, step: float) -> float:
    """Where a falling function is zero; the bracket is widened until it holds the place."""
    for _ in range(60):
        if fall(low) >= 0:
            break
        low, step = low - step, step * 2
    for _ in range(60):
        if fall(high) <= 0:
            return float(optimize.brentq(fall, low, high, xtol=1e-12, rtol=1e-14))
        high, step = high + step, step * 2
    raise ArithmeticError("a limit was not found")


def agree(what: str, ours: float, theirs: float) -> None:
    """Say so when SciPy's own function gives something else."""
    if abs(ours - theirs) > SECOND_OPINION * max(1.0, abs(theirs)):
        print(f"{what}: {ours!r} by the formula, {theirs!r} by SciPy's own function")


def task_numbers(task: dict[str, Any], groups: Groups, confidence: float) -> Numbers:
    yield from describe(groups, confidence)
    for centre in task["centres"]:
        yield from levene(groups, centre)
    if task["t_tests"]:
        for variant in ("student", "welch"):
            yield from ((f"{variant}/{name}", x) for name, x in t_test(groups, variant, confidence).items())
    if task["anova"]:
        table = one_way(groups)
        agree("F", table["f"], float(stats.f_oneway(*groups.values()).statistic))
        yield from ((f"anova/{name}", x) for name, x in table.items())
    for asked in task["effects"]:
        found = effect(groups, asked["name"], asked["confidence"])
        for name, x in zip(("estimate", "ci_low", "ci_high"), found, strict=True):
            yield f"{asked['name']}_{100 * asked['confidence']:g}/{name}", x


def main() -> None:
    asked = json.loads((HERE / "specification.json").read_text(encoding="utf-8"))
    with (HERE / "data.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["excluded_because"]]
    in_data = {arm["key"]: arm["in_data"] for arm in asked["arms"]}
    numbers = {}
    for task in asked["tasks"]:
        own = [row for row in rows if row["outcome"] == task["in_data"]]
        groups = {
            key: np.array([float(row["value"]) for row in own if row["arm"] == in_data[key]]) for key in task["groups"]
        }
        for name, x in task_numbers(task, groups, asked["confidence"]):
            numbers[f"{task['key']}/{name}"] = x
    (HERE / "recomputed.json").write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    print(f"{len(numbers)} numbers recomputed.")


if __name__ == "__main__":
    main()
