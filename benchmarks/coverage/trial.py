"""One thing that is simulated, and what came of it."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Rng = np.random.Generator

Kind = Literal["exact", "at_least", "at_most", "approximate"]


@dataclass(frozen=True, slots=True)
class Trial:
    """`run(rng)` is one study: True when the interval covers, or the test rejects.

    `kind`: "exact" must hit the target within Monte Carlo error; "at_least" and "at_most" may be on the safe side of it
    (discrete tests, intervals that end at 0); "approximate" is a large-sample method, reported as it comes out.
    """

    name: str
    target: float
    kind: Kind
    run: Callable[[Rng], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`margin` is what Monte Carlo leaves: 3 standard errors."""

    trial_name: str
    target: float
    kind: Kind
    runs: int
    rate: float

    @property
    def margin(self) -> float:
        return 3 * math.sqrt(self.target * (1 - self.target) / self.runs)

    @property
    def holds(self) -> bool:
        off = self.rate - self.target
        if self.kind == "exact":
            return abs(off) <= self.margin
        if self.kind == "at_least":
            return off >= -self.margin
        return off <= self.margin if self.kind == "at_most" else True


def simulate(trial: Trial, runs: int) -> Outcome:
    """The trial's own stream of random numbers follows from its name, whatever else is run."""
    rng = np.random.default_rng(zlib.crc32(trial.name.encode()))
    hits = sum(bool(trial.run(rng)) for _ in range(runs))
    return Outcome(trial.name, trial.target, trial.kind, runs, hits / runs)
