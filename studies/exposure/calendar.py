"""A month of training as weeks of days: what a class did, or one student."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Sum

from studies.models import TrainingSession

if TYPE_CHECKING:
    from django.db.models import QuerySet

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Day:
    """One day: students who trained and were missing, minutes, sets, repetitions, summed over the rows.

    `in_month` is False for the days that fill the first and last week.
    """

    date: dt.date
    in_month: bool
    present: int = 0
    missing: int = 0
    minutes: int = 0
    sets: int = 0
    repetitions: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.present or self.missing)


@dataclass(frozen=True, slots=True)
class Month:
    """`weeks` begin on Monday. `previous` and `following` are texts for the address, "2024-02"."""

    first: dt.date
    weeks: tuple[tuple[Day, ...], ...]
    previous: str
    following: str
    total: Day


def month_of(text: str, *, default: dt.date) -> dt.date:
    """The first of the month that "2024-03" names; of the default's month for anything else."""
    found = _MONTH.fullmatch(text)
    if found is None or not 1900 <= int(found[1]) <= 2999:
        return default.replace(day=1)
    return dt.date(int(found[1]), int(found[2]), 1)


def month_grid(rows: QuerySet[TrainingSession], first: dt.date) -> Month:
    """The month that begins at `first`, over the given rows. One query."""
    dates = calendar.Calendar().monthdatescalendar(first.year, first.month)
    inside = rows.filter(held_on__range=(dates[0][0], dates[-1][-1])).order_by()
    here = Q(attendance=TrainingSession.Attendance.PRESENT)
    sums = inside.values("held_on").annotate(
        present=Count("participant", distinct=True, filter=here),
        missing=Count("participant", distinct=True, filter=~here),
        minutes=Sum("minutes"),
        sets=Sum("sets"),
        repetitions=Sum("repetitions"),
    )
    days: dict[dt.date, Day] = {}
    for row in sums.values_list("held_on", "present", "missing", "minutes", "sets", "repetitions"):
        date, *amounts = row
        days[date] = Day(date, date.month == first.month, *amounts)
    weeks = tuple(tuple(days.get(date, Day(date, date.month == first.month)) for date in week) for week in dates)
    mine = [day for week in weeks for day in week if day.in_month]
    total = Day(
        first,
        in_month=True,
        present=sum(day.present for day in mine),
        missing=sum(day.missing for day in mine),
        minutes=sum(day.minutes for day in mine),
        sets=sum(day.sets for day in mine),
        repetitions=sum(day.repetitions for day in mine),
    )
    before, after = first - dt.timedelta(days=1), first + dt.timedelta(days=32)
    return Month(first, weeks, f"{before:%Y-%m}", f"{after:%Y-%m}", total)
