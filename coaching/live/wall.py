"""The instructor's wall: what it shows of a class's live sets, and who hears it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from coaching.live.models import LiveSet
from studies.access import display_name, sees_name_of, students_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studies.models import Study, User

    Json = dict[str, Any]


RECENT = dt.timedelta(minutes=2)
"""A set of which nothing came for longer is not on the wall."""


def wall_group(study_id: int) -> str:
    """Of the channel layer: everybody who watches this study's class."""
    return f"live.wall.{study_id}"


def live_update(live_set: LiveSet, *, on: bool, count: int, cue: Json | None, trend: Iterable[Json]) -> Json:
    """What changed in one set. It names nobody: each listener adds the name that they may read."""
    return {
        "participant": live_set.participant_id,
        "set": str(live_set.pk),
        "on": on,
        "count": count,
        "cue": cue,
        "trend": list(trend),
    }


def wall_rows(user: User, study: Study) -> list[Json]:
    """The sets that go on now, with the names, newest first. Four queries."""
    names = watched(user, study)
    since = timezone.now() - RECENT
    rows = LiveSet.objects.filter(participant__in=names, state=LiveSet.State.RECORDING, last_frame_at__gte=since)
    return [
        {"participant": row.participant_id, "name": names[row.participant_id], "set": str(row.pk), "count": row.count}
        for row in rows
    ]


def watched(user: User, study: Study) -> dict[int, str]:
    """Names by participant of the students whom this user may watch. One query for all students of a study."""
    rows = students_of(user, study).select_related("user", "study")
    named = {row.pk: row for row in rows}
    some = next(iter(named.values()), None)
    sees = some is not None and sees_name_of(user, some)
    return {pk: display_name(row, named=sees) for pk, row in named.items()}
