"""ICC, limits of agreement, McNemar, agreement of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as theirs_mcnemar
from statsmodels.stats.inter_rater import cohens_kappa

from analysis.stats import cohen_kappa, sample
from analysis.stats.raters import bland_altman, icc, mcnemar
from benchmarks.oracles.figure import as_printed, exact
from tests.analysis.reference_data import SHROUT_FLEISS, SLEEP, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.stats.raters import Form
    from benchmarks.oracles.figure import Figure


def figures() -> Iterator[Figure]:
    yield from _icc()
    yield from _limits()
    yield from _mcnemar()
    for table in ([[20, 5], [10, 15]], [[88, 14, 18], [10, 40, 10], [2, 6, 12]]):
        call = "statsmodels cohens_kappa"
        yield exact(f"kappa, {table[0]}", call, cohen_kappa(table), cohens_kappa(np.array(table)).kappa)


def _icc() -> Iterator[Figure]:
    raters = [sample(str(j), column) for j, column in enumerate(zip(*SHROUT_FLEISS, strict=True))]
    printed: dict[Form, tuple[str, str, str]] = {
        "agreement": ("0.29", "0.019", "0.761"),
        "consistency": ("0.71", "0.342", "0.946"),
    }
    for form, (value, low, high) in printed.items():
        ours = icc(raters, form=form).figure
        number = "2,1" if form == "agreement" else "3,1"
        yield as_printed(f"ICC({number})", "Shrout and Fleiss (1979), table 4", ours.value or 0, value)
        yield as_printed(f"ICC({number}) low", "R: psych::ICC, irr::icc", ours.ci_low or 0, low)
        yield as_printed(f"ICC({number}) high", "R: psych::ICC, irr::icc", ours.ci_high or 0, high)
    y = np.array(SHROUT_FLEISS, float)
    n, k = y.shape
    rows = k * ((y.mean(axis=1) - y.mean()) ** 2).sum() / (n - 1)
    columns = n * ((y.mean(axis=0) - y.mean()) ** 2).sum() / (k - 1)
    rest = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
    error = (rest**2).sum() / ((n - 1) * (k - 1))
    agreement = (rows - error) / (rows + (k - 1) * error + k * (columns - error) / n)
    consistency = (rows - error) / (rows + (k - 1) * error)
    yield exact("ICC(2,1)", "numpy: two-way mean squares", icc(raters, form="agreement").figure.value or 0, agreement)
    yield exact(
        "ICC(3,1)", "numpy: two-way mean squares", icc(raters, form="consistency").figure.value or 0, consistency
    )
    yield exact("ICC F", "numpy: two-way mean squares", icc(raters, form="agreement").f, rows / error)


def _limits() -> Iterator[Figure]:
    a, b = samples(SLEEP)
    ours = bland_altman(a, b)
    differences = a.values - b.values
    bias, sd = differences.mean(), differences.std(ddof=1)
    interval = stats.ttest_rel(a.values, b.values).confidence_interval()
    yield exact("bias", "scipy.stats.ttest_rel(sleep)", ours.bias.value or 0, bias)
    yield exact("bias low", "scipy.stats.ttest_rel(sleep)", ours.bias.ci_low or 0, interval.low)
    yield exact(
        "upper limit of agreement", "numpy: bias + 1.96 SD", ours.high.value or 0, bias + stats.norm.ppf(0.975) * sd
    )
    centre = stats.norm.ppf(0.975) * np.sqrt(10)
    for what, limit, tail in (("low", ours.high.ci_low or 0, 0.025), ("high", ours.high.ci_high or 0, 0.975)):
        share = stats.nct.cdf((limit - bias) / sd * np.sqrt(10), 9, centre)
        yield exact(f"upper limit of agreement, {what}", f"scipy nct.cdf at it = {tail}", share, tail)


def _mcnemar() -> Iterator[Figure]:
    for b, c in ((86, 150), (3, 11), (5, 5), (0, 6)):
        ours, table = mcnemar(b, c), [[100, b], [c, 100]]
        call = "statsmodels mcnemar"
        yield exact(f"McNemar exact p, {b} v {c}", call, ours.p_exact, theirs_mcnemar(table, exact=True).pvalue)
        plain = theirs_mcnemar(table, exact=False, correction=False)
        yield exact(f"McNemar chi-squared, {b} v {c}", call, ours.chi2, plain.statistic)
        yield exact(f"McNemar p, {b} v {c}", call, ours.p_chi2, plain.pvalue)
        if b != c:
            corrected = theirs_mcnemar(table, exact=False, correction=True)
            yield exact(f"McNemar corrected p, {b} v {c}", call, ours.p_corrected, corrected.pvalue)
