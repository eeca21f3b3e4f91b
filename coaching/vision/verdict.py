"""The verdict on a repetition: the network's opinion, lowered by what was measured.

The network sees the whole movement but was trained on few people. Two faults of the pull are measured directly and were
right more often than it on filmed people (docs/decisions/0005). A repetition is correct if the network says so and
neither of them is there; taken as independent, their probabilities multiply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.types import Fault

DECISIVE_FAULTS = frozenset({"hips_first", "rounded_upper_back"})


def combined_p_correct(p_network: float, faults: Sequence[Fault]) -> float:
    """Probability 0..1 of a correct repetition from the network's and the decisive faults that the view shows."""
    p = p_network
    for fault in faults:
        if fault.name in DECISIVE_FAULTS and fault.observable and fault.p is not None:
            p *= 1.0 - fault.p
    return p
