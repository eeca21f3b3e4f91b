"""Data sets with published results, and the two integer reconstructions of the paper's tables."""

from __future__ import annotations

from analysis.stats import PrintedAnova, PrintedRow, Sample, sample


def _repeat(counts: dict[int, int]) -> list[float]:
    return [float(value) for value, count in counts.items() for _ in range(count)]


# Reconstructions that reproduce the printed statistics; not the authors' data.
ACCURACY = {
    "experimental": _repeat({7: 4, 8: 10, 9: 10, 10: 1}),
    "control": _repeat({3: 1, 4: 4, 5: 7, 6: 5, 7: 4, 8: 3, 9: 1}),
}
INJURIES = {
    "experimental": _repeat({0: 9, 1: 11, 2: 3, 3: 1, 4: 1}),
    "control": _repeat({3: 2, 4: 2, 5: 2, 6: 7, 7: 6, 8: 4, 9: 1, 10: 1}),
}

# The paper's two tables, as printed.
TABLE_1_POOLED = PrintedRow("7.303", "48", ".000", "2.520", ".345", "1.826", "3.214")
TABLE_1_WELCH = PrintedRow("7.303", "36.299", ".000", "2.520", ".345", "1.820", "3.220")
TABLE_2 = PrintedAnova("364.500", 1, "364.500", "180.893", ".003", "96.720", 48, "2.015", "461.220", 49)

# R: datasets::sleep
SLEEP = {
    "1": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    "2": [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
}

# R: datasets::PlantGrowth
PLANTS = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}

# NIST/SEMATECH e-Handbook 1.3.5.10, GEAR.DAT: gear diameters of ten batches.
GEARS = {
    "1": [1.006, 0.996, 0.998, 1.000, 0.992, 0.993, 1.002, 0.999, 0.994, 1.000],
    "2": [0.998, 1.006, 1.000, 1.002, 0.997, 0.998, 0.996, 1.000, 1.006, 0.988],
    "3": [0.991, 0.987, 0.997, 0.999, 0.995, 0.994, 1.000, 0.999, 0.996, 0.996],
    "4": [1.005, 1.002, 0.994, 1.000, 0.995, 0.994, 0.998, 0.996, 1.002, 0.996],
    "5": [0.998, 0.998, 0.982, 0.990, 1.002, 0.984, 0.996, 0.993, 0.980, 0.996],
    "6": [1.009, 1.013, 1.009, 0.997, 0.988, 1.002, 0.995, 0.998, 0.981, 0.996],
    "7": [0.990, 1.004, 0.996, 1.001, 0.998, 1.000, 1.018, 1.010, 0.996, 1.002],
    "8": [0.998, 1.000, 1.006, 1.000, 1.002, 0.996, 0.998, 0.996, 1.002, 1.006],
    "9": [1.002, 0.998, 0.996, 0.995, 0.996, 1.004, 1.004, 0.998, 0.999, 0.991],
    "10": [0.991, 0.995, 0.984, 0.994, 0.997, 0.997, 0.991, 0.998, 1.004, 0.997],
}

# NIST StRD, ANOVA, AtmWtAg (average difficulty): the last three digits of 107.8681xxx.
_SILVER_1 = "568 465 572 785 446 903 526 494 616 587 519 486 419 569 508 672 385 518 662 424 360 333 610 477"
_SILVER_2 = "079 344 513 197 604 385 642 365 151 082 517 448 198 482 334 609 101 512 469 360 254 261 450 368"
SILVER = {
    "1": [float(f"107.8681{digits}") for digits in _SILVER_1.split()],
    "2": [float(f"107.8681{digits}") for digits in _SILVER_2.split()],
}


# NIST StRD, ANOVA, SiRstv (lower difficulty): resistivity of silicon by five instruments.
SILICON = {
    "1": [196.3052, 196.1240, 196.1890, 196.2569, 196.3403],
    "2": [196.3042, 196.3825, 196.1669, 196.3257, 196.0422],
    "3": [196.1303, 196.2005, 196.2889, 196.0343, 196.1811],
    "4": [196.2795, 196.1748, 196.1494, 196.1485, 195.9885],
    "5": [196.2119, 196.1051, 196.1850, 196.0052, 196.2090],
}

# NIST StRD, linear regression, Norris: y, x.
NORRIS = [
    (0.1, 0.2), (338.8, 337.4), (118.1, 118.2), (888.0, 884.6), (9.2, 10.1), (228.1, 226.5), (668.5, 666.3),
    (998.5, 996.3), (449.1, 448.6), (778.9, 777.0), (559.2, 558.2), (0.3, 0.4), (0.1, 0.6), (778.1, 775.5),
    (668.8, 666.9), (339.3, 338.0), (448.9, 447.5), (10.8, 11.6), (557.7, 556.0), (228.3, 228.1), (998.0, 995.8),
    (888.8, 887.6), (119.6, 120.2), (0.3, 0.3), (0.6, 0.3), (557.6, 556.8), (339.3, 339.1), (888.0, 887.2),
    (998.5, 999.0), (778.9, 779.0), (10.2, 11.1), (117.6, 118.3), (228.9, 229.2), (668.4, 669.1), (449.2, 448.9),
    (0.2, 0.5),
]  # fmt: skip

# R: datasets::ToothGrowth, len by supp (doses .5, 1, 2).
_OJ = "15.2 21.5 17.6 9.7 14.5 10.0 8.2 9.4 16.5 9.7 19.7 23.3 23.6 26.4 20.0 25.2 25.8 21.2 14.5 27.3 25.5 26.4 22.4"
_VC = "4.2 11.5 7.3 5.8 6.4 10.0 11.2 11.2 5.2 7.0 16.5 16.5 15.2 17.3 22.5 17.3 13.6 14.5 18.8 15.5 23.6 18.5 33.9"
TEETH = {
    "OJ": [float(x) for x in f"{_OJ} 24.5 24.8 30.9 26.4 27.3 29.4 23.0".split()],
    "VC": [float(x) for x in f"{_VC} 25.5 26.4 32.5 26.7 21.5 23.3 29.5".split()],
}

# R: datasets::mtcars, mpg by am.
CARS = {
    "automatic": [21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 21.5, 15.5, 15.2,
                  13.3, 19.2],
    "manual": [21.0, 21.0, 22.8, 32.4, 30.4, 33.9, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4],
}  # fmt: skip

# Brunner and Munzel (2000): pain scores on the third day after shoulder surgery, with and without the treatment.
PAIN: dict[str, list[float]] = {"Y": [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1], "N": [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]}

# Shrout and Fleiss (1979), table 2: six targets by four judges.
SHROUT_FLEISS = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]

# Hollander and Wolfe, as in R's wilcox.test (depression, permeability) and kruskal.test (mucociliary efficiency).
DEPRESSION = {
    "first": [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
    "second": [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29],
}
PERMEABILITY = {
    "term": [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
    "early": [1.15, 0.88, 0.90, 0.74, 1.21],
}
LUNGS = {"normal": [2.9, 3.0, 2.5, 2.6, 3.2], "airways": [3.8, 2.7, 4.0, 2.4], "asbestosis": [2.8, 3.4, 3.7, 2.2, 2.0]}


def simon_lesage(leading: int, each: int = 21) -> dict[str, list[float]]:
    """NIST StRD SmLs01 to 09: 9 treatments of `each` (21, 201, 2001) around a constant; leading 1, 10**6, 10**12."""
    tenths = {"1": 4} | {str(k): 3 if k % 2 == 0 else 5 for k in range(2, 10)}
    return {
        name: [float(f"{leading}.{middle}")]
        + [float(f"{leading}.{middle + step}") for _ in range(each // 2) for step in (-1, 1)]
        for name, middle in tenths.items()
    }


def samples(data: dict[str, list[float]]) -> list[Sample]:
    return [sample(name, values) for name, values in data.items()]
