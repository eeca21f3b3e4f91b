"""How often somebody may try: counted in the cache, in fixed windows. Who tries is kept as a hash only.

A try is counted before it is looked at, so that many at the same moment are no way around. Where the cache does not
answer nothing is counted: a dead Redis must not lock everybody out.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.cache import cache
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempts:
    """At most `most` tries in `seconds` of one `who`. Of several web processes without Redis each counts its own."""

    name: str
    most: int
    seconds: int

    def taken(self, *who: str) -> bool:
        """Count one try; False when it is one too many."""
        key = self._key(who)
        try:
            cache.add(key, 0, self.seconds)
            return cache.incr(key) <= self.most
        except ValueError:  # the window ended between the two
            cache.set(key, 1, self.seconds)
            return True
        except (RedisError, OSError):
            logger.warning("attempts %s: the cache does not answer, nothing is counted", self.name)
            return True

    def given_back(self, *who: str) -> None:
        """The try was a good one: it does not count."""
        try:
            cache.decr(self._key(who))
        except (ValueError, RedisError, OSError):
            return

    def forgotten(self, *who: str) -> None:
        """Start anew: the person showed who they are."""
        try:
            cache.delete(self._key(who))
        except (RedisError, OSError):
            return

    @property
    def minutes(self) -> int:
        return -(-self.seconds // 60)

    def _key(self, who: tuple[str, ...]) -> str:
        hashed = hashlib.sha256("\0".join(who).encode()).hexdigest()
        return f"attempts:{self.name}:{hashed}"


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; behind a proxy the server puts the client's address there (--proxy-headers)."""
    return str(request.META.get("REMOTE_ADDR", ""))
