"""What can be made in the background. Makers know what to write; queueing, fencing, storing and expiring are shared."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.utils.functional import _StrPromise

    from studies.models import Job, User

EVERY_S = 0.5


class JobStopped(Exception):
    """The job was cancelled, or another worker has it: stop at once, nothing of it is kept."""


@dataclass(slots=True)
class Work:
    """What a maker gets: the job's row, an empty folder that goes afterwards, and how to say where it is."""

    job: Job
    folder: Path
    _told_at: float = field(default=0.0, repr=False)

    def report(self, percent: int) -> None:
        """How far the file is, 0 to 100; written twice a second at most. Raises JobStopped."""
        now = time.monotonic()
        if now - self._told_at < EVERY_S:
            return
        self._told_at = now
        if not self.job.beat(percent):
            raise JobStopped


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file in the work's folder, what the person's copy is called, and its media type."""

    path: Path
    name: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Kind:
    """`may` decides who may fetch the file, at every look anew. The file is kept for `keep_days`."""

    key: str
    title: str | _StrPromise
    make: Callable[[Work], Made]
    may: Callable[[User, Job], bool]
    keep_days: int = 7


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. Raises ValueError for a key that another maker has."""
    if kind.key in _KINDS and _KINDS[kind.key].make is not kind.make:
        raise ValueError(f"two makers for jobs of kind {kind.key!r}")
    _KINDS[kind.key] = kind


def kind_of(key: str) -> Kind | None:
    """The kind of a job; None for one of a version that knew more."""
    return _KINDS.get(key)
