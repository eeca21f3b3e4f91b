from __future__ import annotations

import numpy as np
import pytest
from scipy import stats as scipy_stats

from analysis.stats import InvalidSample, sample
from analysis.stats.multiplicity import benjamini_hochberg, holm
from analysis.stats.posthoc import dunnett, games_howell, tukey
from tests.analysis.reference_data import PLANTS, samples


def test_dunnett_agrees_with_scipys_integration_to_its_own_tolerance() -> None:
    """scipy.stats.dunnett integrates by quasi Monte Carlo, to about 1e-4."""
    ours = dunnett(samples(PLANTS), control="ctrl")
    theirs = scipy_stats.dunnett(PLANTS["trt1"], PLANTS["trt2"], control=PLANTS["ctrl"], rng=1)
    assert [c.p for c in ours] == pytest.approx(list(theirs.pvalue), abs=5e-4)
    limits = theirs.confidence_interval()
    assert [c.ci_low for c in ours] == pytest.approx(list(limits.low), abs=5e-3)


def test_dunnett_with_unequal_groups_agrees_with_a_simulation() -> None:
    """10^6 draws of the largest |t| under equal means: its 95 % point lies within Monte Carlo error of ours."""
    sizes = {"c": 20, "a": 5, "b": 8}
    groups = [sample(name, np.arange(float(n))) for name, n in sizes.items()]
    first = dunnett(groups, control="c")[0]
    critical = (first.ci_high - first.difference) / first.se
    rng = np.random.default_rng(8)
    draws = 1_000_000
    means = {name: rng.normal(size=draws) / np.sqrt(n) for name, n in sizes.items()}
    sd = np.sqrt(rng.chisquare(30, draws) / 30)
    t = [abs(means[g] - means["c"]) / (sd * np.sqrt(1 / sizes[g] + 1 / 20)) for g in ("a", "b")]
    assert (np.maximum(*t) <= critical).mean() == pytest.approx(0.95, abs=0.001)


def test_two_groups_need_no_correction() -> None:
    a, b = samples({"a": PLANTS["ctrl"], "b": PLANTS["trt2"]})
    plain = scipy_stats.ttest_ind(b.values, a.values)
    unequal = scipy_stats.ttest_ind(b.values, a.values, equal_var=False)
    assert tukey([a, b])[0].p == pytest.approx(plain.pvalue, rel=1e-8)
    assert games_howell([a, b])[0].p == pytest.approx(unequal.pvalue, rel=1e-8)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidSample) as unknown:
        dunnett(samples(PLANTS), control="placebo")
    assert unknown.value.code == "unknown_group"
    with pytest.raises(InvalidSample) as constant:
        games_howell([sample("a", [1, 1]), sample("b", [2, 2]), sample("c", [1, 2])])
    assert constant.value.code == "constant"
    with pytest.raises(InvalidSample) as one:
        tukey([sample("a", [1, 2])])
    assert one.value.code == "too_few_groups"


def test_holm_and_bh_by_hand() -> None:
    """.01, .02, .04 of three. Holm: .03, .04, .04. BH: .03, .03, .04."""
    p = {"b": 0.02, "c": 0.04, "a": 0.01}
    assert [x.hypothesis for x in holm(p)] == ["b", "c", "a"]
    assert [x.adjusted for x in holm(p)] == pytest.approx([0.04, 0.04, 0.03])
    assert [x.adjusted for x in benjamini_hochberg(p)] == pytest.approx([0.03, 0.04, 0.03])
    assert [x.adjusted for x in holm({"a": 0.9, "b": 0.8})] == [1.0, 1.0]


@pytest.mark.parametrize("p", [{}, {"a": float("nan")}, {"a": 1.2}, {"a": -0.1}])
def test_what_is_no_p_is_refused(p: dict[str, float]) -> None:
    with pytest.raises(InvalidSample):
        holm(p)
