"""Random allocation of students to arms: pure, seeded, and the same on every machine and Python version.

The algorithm `complete-sha256-v1`, in words, so that anybody can write it again in any language:

1. Sort the ids by Unicode code point; sort the arms likewise. The order in which they were given has no influence.
2. The generator is SHA-256 in counter mode: block k (k = 0, 1, 2, ...) is the SHA-256 digest of the UTF-8 text
   "complete-sha256-v1\\n<seed in decimal>\\n<k in decimal>". Each block gives four unsigned 64-bit big-endian words.
3. A number below n is a word w modulo n; words at or above the largest multiple of n that fits in 64 bits are skipped,
   so that every result is equally likely.
4. Shuffle the ids by Fisher-Yates: for i from last to 1, swap item i with item (a number below i + 1).
   Then shuffle the arms the same way, from the same stream.
5. The i-th shuffled id gets the (i modulo number of arms)-th shuffled arm.

This is complete randomisation with fixed sizes: 50 students and two arms make exactly 25 and 25; when the numbers do
not divide, sizes differ by one and chance says which arms get the extra student. Python's own `random` is not used,
because its shuffle is not promised to stay the same between versions.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from studies.randomise.stream import InvalidRoster, Stream

if TYPE_CHECKING:
    from collections.abc import Collection

ALGORITHM = "complete-sha256-v1"


def allocate(ids: Collection[str], arms: Collection[str], seed: int) -> dict[str, str]:
    """Map every id to an arm, by the algorithm in this module's docstring. Keys come in sorted order.

    Raises InvalidRoster for no ids, fewer than two arms, or an id or arm that is given twice.
    """
    ordered_ids, ordered_arms = _checked(ids, arms)
    stream = Stream(seed, label=ALGORITHM)
    shuffled_ids = stream.shuffled(ordered_ids)
    shuffled_arms = stream.shuffled(ordered_arms)
    drawn = {who: shuffled_arms[i % len(shuffled_arms)] for i, who in enumerate(shuffled_ids)}
    return {who: drawn[who] for who in ordered_ids}


def commitment(ids: Collection[str], arms: Collection[str], seed: int, *, algorithm: str = ALGORITHM) -> str:
    """SHA-256, in hex, of everything that determines the list: it can be published before anybody sees the list.

    The hashed text is JSON in UTF-8 without spaces: {"algorithm":..,"arms":[..],"ids":[..],"seed":".."}, ids and arms
    sorted as in the algorithm, the seed as a decimal string (JSON numbers lose digits beyond 2**53 in some readers).
    Raises InvalidRoster as `allocate` does.
    """
    ordered_ids, ordered_arms = _checked(ids, arms)
    document = {"algorithm": algorithm, "arms": ordered_arms, "ids": ordered_ids, "seed": str(seed)}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _checked(ids: Collection[str], arms: Collection[str]) -> tuple[list[str], list[str]]:
    if not ids:
        raise InvalidRoster("there is nobody to allocate")
    if len(arms) < 2:
        raise InvalidRoster(f"allocation needs at least two arms, got {len(arms)}")
    if len(set(ids)) != len(ids):
        raise InvalidRoster("an id is given twice")
    if len(set(arms)) != len(arms):
        raise InvalidRoster("an arm is given twice")
    return sorted(ids), sorted(arms)
