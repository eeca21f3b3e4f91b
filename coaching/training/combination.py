"""How much the network and the measures count in the verdict, learned from people that the network had not seen."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from coaching.training.metrics import log_loss, sigmoid
from coaching.vision.verdict import Combination, logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# The force of the pull towards START: a handful of people who happen to be told apart without a mistake must not make
# the verdict certain.
RIDGE = 0.1
MAX_WEIGHT = 3.0
SIMULATED_GROUPS = 5
# The measures at their word; the network has to earn its say.
START = np.array([0.0, 1.0, 0.0])


def network_logits(logits: Floats, temperatures: Floats) -> Floats:
    """Calibrated logits as the service knows them: through a probability, and never surer than it allows."""
    return np.asarray([logit(float(p)) for p in sigmoid(logits / temperatures)])


@dataclass(frozen=True, slots=True)
class Opinions:
    """What the network said of people whom it had not seen, beside what was measured on them; all (n,).

    label: 1 correct, 0 incorrect; network, measures: logits; simulated, accepted: whether the person is, and whether
    the clip got through the quality gate.
    """

    label: Labels
    network: Floats
    measures: Floats
    subjects: NDArray[np.str_]
    simulated: Flags
    accepted: Flags

    def only(self, chosen: Flags) -> Opinions:
        return Opinions(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @property
    def weight(self) -> Floats:
        """What a row counts: filmed people as much as simulated ones, correct as much as incorrect, a person by the
        root of their rows. Refused clips, which get no verdict, count nothing.
        """
        weight = np.zeros(len(self.label))
        for made in (False, True):
            for value in (0, 1):
                group = (self.simulated == made) & (self.label == value) & self.accepted
                people, number = np.unique(self.subjects[group], return_counts=True)
                each = dict(zip(people.tolist(), (1.0 / np.sqrt(number)).tolist(), strict=True))
                share = np.asarray([each[name] for name in self.subjects[group]])
                weight[group] = share / max(float(share.sum()), 1e-9)
        return weight


def fit_combination(opinions: Opinions) -> Combination:
    """The weights that make the labels likeliest, none below 0. Raises ValueError without an accepted repetition."""
    weight = opinions.weight
    if not weight.sum() > 0:
        raise ValueError("no accepted repetition to weigh network and measures by")
    share = weight / weight.sum()

    def loss(x: Floats) -> float:
        value = x[0] * opinions.network + x[1] * opinions.measures + x[2]
        return log_loss(opinions.label, value, share) + RIDGE * float(np.sum((x - START) ** 2))

    bounds = [(0.0, MAX_WEIGHT), (0.0, MAX_WEIGHT), (-MAX_WEIGHT, MAX_WEIGHT)]
    found = minimize(loss, START, bounds=bounds, method="L-BFGS-B").x
    return Combination(*(round(float(value), 4) for value in found))


def combined_logits(opinions: Opinions, weights: Combination) -> Floats:
    """Logits (n,) of the verdict, never surer than the service allows."""
    value = weights.network * opinions.network + weights.measures * opinions.measures + weights.bias
    return np.asarray(np.clip(value, logit(0.0), logit(1.0)))


def cross_fitted(opinions: Opinions) -> Floats:
    """Combined logits (n,), each person's by weights that were fitted without that person.

    Simulated people are many and go in SIMULATED_GROUPS at a time. NaN where nobody else is left to fit on.
    """
    groups = np.asarray(
        [
            f"simulated {zlib.crc32(str(name).encode()) % SIMULATED_GROUPS}" if made else str(name)
            for name, made in zip(opinions.subjects, opinions.simulated, strict=True)
        ]
    )
    out = np.full(len(groups), np.nan)
    for group in np.unique(groups):
        here = groups == group
        if np.any(opinions.accepted[~here]):
            out[here] = combined_logits(opinions.only(here), fit_combination(opinions.only(~here)))
    return out
