"""Two raters on one scale, or two classifiers on the same cases: ICC, limits of agreement, McNemar's test.

Cases of one person are alike: where `clusters` names each case's person, intervals come from drawing whole people with
replacement (Field and Welsh 2007), 2,000 times, the same draws each time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from analysis.stats.agreement import DRAWS, FEWEST_CLUSTERS, SEED, Figure
from analysis.stats.ranks import paired_differences
from analysis.stats.samples import InvalidSample, require_confidence, require_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analysis.stats.samples import FloatArray, Sample

    Moments = Callable[[FloatArray], FloatArray]

Form = Literal["agreement", "consistency"]


@dataclass(frozen=True, slots=True)
class Icc:
    """`agreement` is ICC(2,1): raters are a sample of raters, and a constant difference counts against them.
    `consistency` is ICC(3,1): these raters, constant differences forgiven. `figure` holds the value and its interval.
    """

    form: Form
    figure: Figure
    raters: int
    clusters: int | None
    f: float
    df1: int
    df2: int
    p: float
    confidence: float


@dataclass(frozen=True, slots=True)
class BlandAltman:
    """First minus second. `low` and `high` are the limits that hold 95 % of differences, each with its own interval.

    `sd` is that of a single difference of anybody: with clusters, between and within people together.
    """

    bias: Figure
    sd: float
    low: Figure
    high: Figure
    clusters: int | None
    share: float
    confidence: float


@dataclass(frozen=True, slots=True)
class McNemar:
    """`first_only`: cases that only the first got right. `p_exact` is binomial, `p_mid` its mid-p (Fagerland 2013),
    `chi2` without and `chi2_corrected` with Edwards' correction. All of equally many cases on either side.
    """

    first_only: int
    second_only: int
    p_exact: float
    p_mid: float
    chi2: float
    p_chi2: float
    chi2_corrected: float
    p_corrected: float


@dataclass(frozen=True, slots=True)
class ClusteredMcNemar:
    chi2: float
    p: float
    clusters: int
    pairs: int


def icc(
    raters: Sequence[Sample], *, form: Form, clusters: Sequence[str] | None = None, confidence: float = 0.95
) -> Icc:
    """Single rating of a two-way table, cases x raters: Shrout and Fleiss (1979), Psychological Bulletin 86, 420-428;
    intervals after McGraw and Wong (1996), Psychological Methods 1, 30-46, or over drawn clusters.

    Raises InvalidSample: `unpaired` (a rater with fewer cases, or as many clusters as cases are missing), `constant`.
    """
    require_confidence(confidence)
    require_groups(raters)
    if len({rater.values.size for rater in raters}) > 1:
        raise InvalidSample("raters", "each rater needs a value for every case", code="unpaired")
    y = np.column_stack([rater.values for rater in raters])
    y = y - y[0, 0]
    y = y - y.mean()
    n, k = y.shape
    per_case = np.column_stack([np.ones(n), (y * y).sum(axis=1), y.sum(axis=1) ** 2 / k, y])
    rows, columns, error = (float(x[0]) for x in _mean_squares(per_case.sum(axis=0)[None], k))
    if rows <= 0 and error <= 0:
        raise InvalidSample("raters", "all values are equal, so cases can't be told apart", code="constant")
    value = _icc(per_case.sum(axis=0)[None], k, form)[0]
    f = rows / error if error > 0 else math.inf
    df1, df2 = n - 1, (n - 1) * (k - 1)
    count: int | None = None
    limits: tuple[float | None, float | None]
    if clusters is None:
        limits = _icc_limits(rows, columns, error, shape=(n, k), form=form, confidence=confidence)
    else:
        count, *ends = _bootstrap(per_case, clusters, lambda sums: _icc(sums, k, form), confidence)
        limits = ends[0], ends[1]
    return Icc(
        form=form,
        figure=Figure(float(value), *limits, n),
        raters=k,
        clusters=count,
        f=f,
        df1=df1,
        df2=df2,
        p=float(stats.f.sf(f, df1, df2)),
        confidence=confidence,
    )


def bland_altman(
    first: Sample,
    second: Sample,
    *,
    clusters: Sequence[str] | None = None,
    share: float = 0.95,
    confidence: float = 0.95,
) -> BlandAltman:
    """Bias and limits of agreement: Bland and Altman (1986), Lancet 327, 307-310; exact intervals of the limits after
    Carkeet (2015), Optometry and Vision Science 92, e71-e80; with clusters the variance is that between people plus
    that within (Bland and Altman 2007), and intervals are over drawn people.

    Raises InvalidSample: `unpaired`, `constant` (every difference is the same).
    """
    require_confidence(confidence)
    require_confidence(share)
    differences = paired_differences(first, second)
    n = differences.size
    if (differences == differences[0]).all():
        raise InvalidSample(f"{first.name}, {second.name}", "every difference is the same", code="constant")
    z = float(stats.norm.isf((1 - share) / 2))
    if clusters is None:
        return _independent(differences, z, share, confidence)
    per_person, names = _person_moments(differences, clusters)
    sums = per_person.sum(axis=0)[None]
    bias, sd = (float(x[0]) for x in _bias_and_sd(sums))

    def figure(factor: float) -> Figure:
        def limit(sums: FloatArray) -> FloatArray:
            mean, spread = _bias_and_sd(sums)
            return np.asarray(mean + factor * spread)

        _, low, high = _bootstrap(per_person, names, limit, confidence)
        return Figure(bias + factor * sd, low, high, n)

    return BlandAltman(figure(0.0), sd, figure(-z), figure(z), len(names), share, confidence)


def mcnemar(first_only: int, second_only: int) -> McNemar:
    """Two classifiers on the same cases, by the cases that only one got right: McNemar (1947), Psychometrika 12.

    Raises InvalidSample: `not_a_count`, `no_discordant` (they never differ, so there is nothing to test).
    """
    for count in (first_only, second_only):
        if count < 0 or int(count) != count:
            raise InvalidSample("cases", f"{count} is no number of cases", code="not_a_count")
    n, fewer = first_only + second_only, min(first_only, second_only)
    if n == 0:
        raise InvalidSample(
            "cases", "both are right and wrong on the same cases, nothing to test", code="no_discordant"
        )
    tail, at = float(stats.binom.cdf(fewer, n, 0.5)), float(stats.binom.pmf(fewer, n, 0.5))
    difference = abs(first_only - second_only)
    chi2, corrected = difference**2 / n, max(0, difference - 1) ** 2 / n
    return McNemar(
        first_only=first_only,
        second_only=second_only,
        p_exact=min(1.0, 2 * tail),
        p_mid=min(1.0, 2 * tail - at),
        chi2=chi2,
        p_chi2=float(stats.chi2.sf(chi2, 1)),
        chi2_corrected=corrected,
        p_corrected=float(stats.chi2.sf(corrected, 1)),
    )


def mcnemar_clustered(
    first_right: Sequence[bool], second_right: Sequence[bool], clusters: Sequence[str]
) -> ClusteredMcNemar:
    """McNemar's test of cases within people: Durkalski et al. (2003), Statistics in Medicine 22, 2417-2428.

    Each person's difference of shares counts once, whatever the number of cases. Raises InvalidSample: `unpaired`,
    `too_few` (fewer than three people), `no_discordant`.
    """
    if not len(first_right) == len(second_right) == len(clusters):
        raise InvalidSample("cases", "each case needs both answers and a person", code="unpaired")
    people: dict[str, list[int]] = {}
    for first, second, person in zip(first_right, second_right, clusters, strict=True):
        people.setdefault(person, []).append(int(first) - int(second))
    if len(people) < FEWEST_CLUSTERS:
        raise InvalidSample("people", f"at least {FEWEST_CLUSTERS} are needed, got {len(people)}", code="too_few")
    shares = np.array([sum(own) / len(own) for _, own in sorted(people.items())])
    if not shares.any():
        raise InvalidSample("cases", "nobody's cases favour one of the two, nothing to test", code="no_discordant")
    chi2 = math.fsum(shares) ** 2 / math.fsum(shares * shares)
    return ClusteredMcNemar(chi2, float(stats.chi2.sf(chi2, 1)), len(people), len(clusters))


# Sums over cases, as rows of (number, squares, squared row sums / k, one sum for each rater): they add up over people.


def _mean_squares(sums: FloatArray, k: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of rows (cases), columns (raters) and the rest."""
    n, squares, row_squares, columns = sums[:, 0], sums[:, 1], sums[:, 2], sums[:, 3:]
    centre = columns.sum(axis=1) ** 2 / (n * k)
    rows = np.maximum(row_squares - centre, 0.0)
    between = np.maximum((columns * columns).sum(axis=1) / n - centre, 0.0)
    error = np.maximum(squares - centre - rows - between, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return rows / (n - 1), between / (k - 1), error / ((n - 1) * (k - 1))


def _icc(sums: FloatArray, k: int, form: Form) -> FloatArray:
    rows, columns, error = _mean_squares(sums, k)
    below = rows + (k - 1) * error
    if form == "agreement":
        below = below + k * (columns - error) / sums[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((rows - error) / below)


def _icc_limits(
    rows: float, columns: float, error: float, *, shape: tuple[int, int], form: Form, confidence: float
) -> tuple[float, float]:
    n, k = shape
    tail = (1 - confidence) / 2
    if error <= 0:
        return 1.0, 1.0
    if form == "consistency":
        df1, df2 = n - 1, (n - 1) * (k - 1)
        low = rows / error / float(stats.f.isf(tail, df1, df2))
        high = rows / error * float(stats.f.isf(tail, df2, df1))
        return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)
    value = (rows - error) / (rows + (k - 1) * error + k * (columns - error) / n)
    a, b = k * value / (n * (1 - value)), 1 + k * value * (n - 1) / (n * (1 - value))
    v = (a * columns + b * error) ** 2 / ((a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
    f_low, f_high = float(stats.f.isf(tail, n - 1, v)), float(stats.f.isf(tail, v, n - 1))
    rest = k * columns + (k * n - k - n) * error
    return (
        n * (rows - f_low * error) / (f_low * rest + n * rows),
        n * (f_high * rows - error) / (rest + n * f_high * rows),
    )


def _independent(differences: FloatArray, z: float, share: float, confidence: float) -> BlandAltman:
    n = differences.size
    bias, sd = float(differences.mean()), float(differences.std(ddof=1))
    tail, root = (1 - confidence) / 2, math.sqrt(n)
    half = float(stats.t.isf(tail, n - 1)) * sd / root
    near = float(stats.nct.ppf(tail, n - 1, z * root)) / root * sd
    far = float(stats.nct.isf(tail, n - 1, z * root)) / root * sd
    return BlandAltman(
        bias=Figure(bias, bias - half, bias + half, n),
        sd=sd,
        low=Figure(bias - z * sd, bias - far, bias - near, n),
        high=Figure(bias + z * sd, bias + near, bias + far, n),
        clusters=None,
        share=share,
        confidence=confidence,
    )


def _person_moments(differences: FloatArray, clusters: Sequence[str]) -> tuple[FloatArray, list[str]]:
    """A row for each person: 1, number, its square, sum, sum of squares, squared sum over number."""
    if len(clusters) != differences.size:
        raise InvalidSample("clusters", "each case needs a person", code="unpaired")
    names = sorted(set(clusters))
    place = {name: at for at, name in enumerate(names)}
    at = np.array([place[name] for name in clusters])
    n = np.bincount(at).astype(float)
    total, squares = np.bincount(at, differences), np.bincount(at, differences**2)
    return np.column_stack([np.ones(n.size), n, n * n, total, squares, total**2 / n]), names


def _bias_and_sd(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean difference, and the SD between plus within people by the one-way analysis of variance."""
    people, n, n_squares, total, squares, between = sums.T
    mean = total / n
    with np.errstate(divide="ignore", invalid="ignore"):
        within = np.where(n > people, np.maximum(squares - between, 0) / (n - people), 0.0)
        typical = (n - n_squares / n) / (people - 1)
        msb = np.maximum(between - total**2 / n, 0) / (people - 1)
        variance = within + np.maximum(msb - within, 0) / typical
        # Where everybody has one case, within and between can't be told apart and MSB is the variance.
        variance = np.where(n > people, variance, msb)
    return mean, np.sqrt(variance)


def _bootstrap(
    rows: FloatArray, clusters: Sequence[str], of: Moments, confidence: float
) -> tuple[int, float | None, float | None]:
    """How many clusters, and the percentile limits of a figure of the summed rows over drawn clusters."""
    if len(clusters) != rows.shape[0]:
        raise InvalidSample("clusters", "each case needs a person", code="unpaired")
    names = sorted(set(clusters))
    if len(names) < FEWEST_CLUSTERS:
        return len(names), None, None
    place = {name: at for at, name in enumerate(names)}
    per_cluster = np.zeros((len(names), rows.shape[1]))
    np.add.at(per_cluster, [place[name] for name in clusters], rows)
    chosen = np.random.default_rng(SEED).integers(0, len(names), (DRAWS, len(names)))
    times = np.stack([np.bincount(row, minlength=len(names)) for row in chosen])
    found = of(times @ per_cluster)
    kept = found[np.isfinite(found)]
    if kept.size < DRAWS / 2:
        return len(names), None, None
    tail = (1 - confidence) / 2
    low, high = np.quantile(kept, [tail, 1 - tail])
    return len(names), float(low), float(high)
