"""The generator that every algorithm draws from, and the one way in which a document becomes the text that is hashed.

SHA-256 in counter mode: block k (k = 0, 1, 2, ...) is the digest of the UTF-8 text "<label>\\n<seed in decimal>\\n<k in
decimal>" and gives four unsigned 64-bit big-endian words. A number below n is a word modulo n; words at or above the
largest multiple of n that fits in 64 bits are skipped. Each algorithm says which label it uses. Python's own `random`
is not used, because its shuffle is not promised to stay the same between versions.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

_WORDS = 1 << 64


class InvalidRoster(ValueError):
    """The ids or arms can't be allocated; the message says why."""


class Stream:
    """The documented generator over (label, seed). Equal inputs always give equal numbers."""

    def __init__(self, seed: int, *, label: str = "complete-sha256-v1") -> None:
        self._words = self._generate(label, seed)

    @staticmethod
    def _generate(label: str, seed: int) -> Iterator[int]:
        block = 0
        while True:
            digest = hashlib.sha256(f"{label}\n{seed}\n{block}".encode()).digest()
            for start in range(0, 32, 8):
                yield int.from_bytes(digest[start : start + 8], "big")
            block += 1

    def below(self, n: int) -> int:
        """A number from 0 to n - 1, each equally likely. Raises ValueError for n outside 1 to 2**64."""
        if not 1 <= n <= _WORDS:
            raise ValueError(f"n must be from 1 to 2**64, got {n}")
        limit = _WORDS - _WORDS % n
        return next(word % n for word in self._words if word < limit)

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """A new list in random order (Fisher-Yates, from the end)."""
        order = list(items)
        for i in range(len(order) - 1, 0, -1):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order


def canonical(document: object) -> str:
    """JSON with sorted keys, without spaces, characters as they are: equal documents give equal text to hash."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
