"""Temperature scaling: one number that makes a network's probabilities mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy.optimize import minimize_scalar

from coaching.training.metrics import log_loss

if TYPE_CHECKING:
    from coaching.training.metrics import Floats, Labels

# Never below 1: a handful of people who happen to be told apart well would make it surer than it has any right to be.
LOWEST, HIGHEST = 1.0, 8.0


def fit_temperature(label: Labels, logit: Floats, weight: Floats | None = None) -> float:
    """The temperature T that makes sigmoid(logit / T) likeliest. 1 when there is nothing to fit on.

    Never worse than T = 1 on the data that it was fitted on. The order of the repetitions does not change with it.
    """
    if len(label) == 0:
        return 1.0
    if len(set(label.tolist())) < 2:
        # One class alone would ask for ever more certainty.
        return 1.0
    found = minimize_scalar(lambda t: log_loss(label, logit / t, weight), bounds=(LOWEST, HIGHEST), method="bounded")
    temperature = float(found.x)
    return temperature if log_loss(label, logit / temperature, weight) < log_loss(label, logit, weight) else 1.0
