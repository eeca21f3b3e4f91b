"""Students into arms by lot: pure, seeded, the same on every machine and Python version. It knows no ORM and no Django.

`complete` draws a whole class at once (`complete-sha256-v1`). `design` describes a scheme that is fixed, and whose hash
is published, before the first student is enrolled; `sequence` then gives the arms: in permuted blocks, by minimisation,
or to a class or its sections at once. Every algorithm is written down in words where it stands, and a second time, on
its own, in `studies/verify_allocation.py`, which anybody can run against the published file. `simulate` repeats
a design 10 000 times to show how balanced and how guessable it is.
"""

from studies.randomise.complete import ALGORITHM, allocate, commitment
from studies.randomise.stream import InvalidRoster, Stream

__all__ = ["ALGORITHM", "InvalidRoster", "Stream", "allocate", "commitment"]
