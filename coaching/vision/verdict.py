"""The verdict on a repetition: two opinions, weighed.

The network has seen the whole movement, of few people. The measures know only a handful of faults, of anybody. How much
each counts was learned from repetitions of people that the network had not seen (docs/decisions/0005); the weights
are part of the model's description.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coaching.vision.types import Fault

# The measures that filmed people bear out. Bar drift, lockout and lean-back are shown beside the verdict: they were
# claimed of lifts that their owners call correct. So are knees and asymmetry: a plate in front of the knees fakes them.
SAGITTAL = frozenset({"hips_first", "rounded_upper_back"})
# Seen from the front. Grip and arms were asked of people in landmark tables, the others of simulated lifters alone. An
# oblique view shows them only partly, and the sagittal ones well: there these do not decide.
FRONTAL = frozenset(
    {"narrow_stance", "wide_stance", "lean_left", "lean_right", "narrow_grip", "wide_grip", "bent_arms"}
)
# No opinion, and no verdict, is surer than one in a hundred to be wrong: one measure must not outvote everything else,
# and nothing that was asked of five people is certain.
LEAST_P = 0.01
# Landmarks alone do not show every rounded back: of three filmed people who are, head against trunk gave one away. So
# without an outline of the back "nothing found" leaves this probability that it is there all the same.
ROUNDED_UNSEEN = 0.35
OUTLINE_UNIT = "trunk lengths"


@dataclass(frozen=True, slots=True)
class Combination:
    """p_correct = sigmoid(network * logit(p_network) + measures * measures_logit + bias)."""

    network: float = 1.0
    measures: float = 1.0
    bias: float = 0.0


AT_THEIR_WORD = Combination()


def logit(p: float) -> float:
    """ln(p / (1 - p)), p kept LEAST_P away from 0 and 1."""
    kept = min(max(p, LEAST_P), 1.0 - LEAST_P)
    return math.log(kept / (1.0 - kept))


def measures_logit(p_by_name: Mapping[str, float]) -> float:
    """Logit of "none of the decisive faults is there", from the probability of each that the view shows.

    Faults are taken as independent: what they leave multiplies. 0, which is no opinion, where none can be seen.
    """
    seen = (SAGITTAL & p_by_name.keys()) or (FRONTAL & p_by_name.keys())
    return logit(math.prod(1.0 - p_by_name[name] for name in seen)) if seen else 0.0


def combined_p_correct(p_network: float | None, faults: Sequence[Fault], weights: Combination) -> float:
    """Probability of a correct repetition from the network's and the faults that the view shows.

    Between LEAST_P and 1 - LEAST_P. p_network is None where the network could not be asked: then the measures speak
    alone.
    """
    seen = {fault.name: fault.p for fault in faults if fault.observable and fault.p is not None}
    by_outline = any(fault.name == "rounded_upper_back" and fault.unit == OUTLINE_UNIT for fault in faults)
    if SAGITTAL & seen.keys() and not by_outline:
        p = seen.get("rounded_upper_back", 0.0)
        seen["rounded_upper_back"] = 1.0 - (1.0 - p) * (1.0 - ROUNDED_UNSEEN)
    by_network = 0.0 if p_network is None else logit(p_network)
    value = weights.network * by_network + weights.measures * measures_logit(seen) + weights.bias
    return min(max(1.0 / (1.0 + math.exp(-value)), LEAST_P), 1.0 - LEAST_P)
