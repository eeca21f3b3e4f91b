"""Data sets with published results, and the two integer reconstructions of the paper's tables."""

from __future__ import annotations

from analysis.stats import Sample, sample


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


def simon_lesage(leading: int) -> dict[str, list[float]]:
    """NIST StRD SmLs01 (leading 1), SmLs04 (10**6), SmLs07 (10**12): 9 treatments of 21 around a constant."""
    tenths = {"1": 4} | {str(k): 3 if k % 2 == 0 else 5 for k in range(2, 10)}
    return {
        name: [float(f"{leading}.{middle}")]
        + [float(f"{leading}.{middle + step}") for _ in range(10) for step in (-1, 1)]
        for name, middle in tenths.items()
    }


def samples(data: dict[str, list[float]]) -> list[Sample]:
    return [sample(name, values) for name, values in data.items()]
