"""Statistics without Django: numpy and scipy only, usable from a notebook.

>>> from analysis.stats import sample, welch
>>> welch(sample("a", [1, 2, 4]), sample("b", [3, 5, 9])).df  # doctest: +ELLIPSIS
2.9...
"""

from analysis.stats.agreement import Agreement, Pair, agreement, cohen_kappa
from analysis.stats.ancova import Ancova, Arm, ancova
from analysis.stats.anova import Anova, UnequalAnova, brown_forsythe_anova, one_way, welch_anova
from analysis.stats.check import (
    PrintedAnova,
    PrintedRow,
    check_anova,
    check_t_row,
    p_of_chi2,
    p_of_f,
    p_of_r,
    p_of_t,
    p_of_z,
)
from analysis.stats.clusters import ClusterIcc, MixedModel, cluster_icc, cluster_t, random_intercept
from analysis.stats.counts import CountGroup, CountModel, Dispersion, count_group, count_model, dispersion_test
from analysis.stats.effects import (
    Effect,
    cohen_d,
    epsilon_squared,
    eta_squared,
    glass_delta,
    hedges_g,
    omega_squared,
    partial_eta_squared,
)
from analysis.stats.levene import CENTRES, Levene, levene
from analysis.stats.multiplicity import Adjusted, benjamini_hochberg, holm
from analysis.stats.normality import ShapiroWilk, qq_points, residuals, shapiro_wilk
from analysis.stats.paired import PairedTTest, RepeatedMeasures, paired_t, repeated_measures
from analysis.stats.posthoc import Comparison, dunnett, games_howell, tukey
from analysis.stats.ranks import (
    BrunnerMunzel,
    KruskalWallis,
    MannWhitney,
    SignedRank,
    brunner_munzel,
    kruskal_wallis,
    mann_whitney,
    signed_rank,
)
from analysis.stats.rates import Burden, Events, Rate, RateRatio, burden, events, incidence, rate_ratio
from analysis.stats.samples import Group, InvalidSample, Sample, Summary, sample
from analysis.stats.ttest import TTest, mean_interval, student, t_test, welch

__all__ = [
    "CENTRES",
    "Adjusted",
    "Agreement",
    "Ancova",
    "Anova",
    "Arm",
    "BrunnerMunzel",
    "Burden",
    "ClusterIcc",
    "Comparison",
    "CountGroup",
    "CountModel",
    "Dispersion",
    "Effect",
    "Events",
    "Group",
    "InvalidSample",
    "KruskalWallis",
    "Levene",
    "MannWhitney",
    "MixedModel",
    "Pair",
    "PairedTTest",
    "PrintedAnova",
    "PrintedRow",
    "Rate",
    "RateRatio",
    "RepeatedMeasures",
    "Sample",
    "ShapiroWilk",
    "SignedRank",
    "Summary",
    "TTest",
    "UnequalAnova",
    "agreement",
    "ancova",
    "benjamini_hochberg",
    "brown_forsythe_anova",
    "brunner_munzel",
    "burden",
    "check_anova",
    "check_t_row",
    "cluster_icc",
    "cluster_t",
    "cohen_d",
    "cohen_kappa",
    "count_group",
    "count_model",
    "dispersion_test",
    "dunnett",
    "epsilon_squared",
    "eta_squared",
    "events",
    "games_howell",
    "glass_delta",
    "hedges_g",
    "holm",
    "incidence",
    "kruskal_wallis",
    "levene",
    "mann_whitney",
    "mean_interval",
    "omega_squared",
    "one_way",
    "p_of_chi2",
    "p_of_f",
    "p_of_r",
    "p_of_t",
    "p_of_z",
    "paired_t",
    "partial_eta_squared",
    "qq_points",
    "random_intercept",
    "rate_ratio",
    "repeated_measures",
    "residuals",
    "sample",
    "shapiro_wilk",
    "signed_rank",
    "student",
    "t_test",
    "tukey",
    "welch",
    "welch_anova",
]
