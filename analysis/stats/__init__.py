"""Statistics without Django: numpy and scipy only, usable from a notebook.

>>> from analysis.stats import sample, welch
>>> welch(sample("a", [1, 2, 4]), sample("b", [3, 5, 9])).df  # doctest: +ELLIPSIS
2.9...
"""

from analysis.stats.agreement import Agreement, Pair, agreement, cohen_kappa
from analysis.stats.anova import Anova, WelchAnova, one_way, welch_anova
from analysis.stats.check import PrintedAnova, PrintedRow, check_anova, check_t_row, p_of_f, p_of_t
from analysis.stats.effects import Effect, cohen_d, eta_squared, hedges_g, omega_squared
from analysis.stats.levene import CENTRES, Levene, levene
from analysis.stats.samples import Group, InvalidSample, Sample, Summary, sample
from analysis.stats.ttest import TTest, mean_interval, student, t_test, welch

__all__ = [
    "CENTRES",
    "Agreement",
    "Anova",
    "Effect",
    "Group",
    "InvalidSample",
    "Levene",
    "Pair",
    "PrintedAnova",
    "PrintedRow",
    "Sample",
    "Summary",
    "TTest",
    "WelchAnova",
    "agreement",
    "check_anova",
    "check_t_row",
    "cohen_d",
    "cohen_kappa",
    "eta_squared",
    "hedges_g",
    "levene",
    "mean_interval",
    "omega_squared",
    "one_way",
    "p_of_f",
    "p_of_t",
    "sample",
    "student",
    "t_test",
    "welch",
    "welch_anova",
]
