"""How complete the data are so far, of all groups together, in a number of queries that does not grow with the class.

Nothing here is by group, so whoever watches the data come in learns nothing about the difference between the groups
(`studies.closing.looks`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.db.models import Count as CountOf
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _

from coaching.dashboard.class_rows import recent_films
from coaching.models.ratings import RatedFilm
from coaching.ratings.selectors import films_by_state
from studies.access import SEES_NAMES, role_in
from studies.health.services import week_rows
from studies.losses import losses_of
from studies.models import Baseline, Measurement, Outcome, Participant, SafetyAlert, TrainingSession
from studies.privacy.small_cells import guarded
from studies.questionnaires.selectors import responses

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studies.models import Study, TimePoint, User
    from studies.questionnaires.selectors import WaveResponse

WEEK = dt.timedelta(days=7)
MOST_WEEKS = 60

Window = Literal["later", "open", "closed", "none"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One outcome at one time. `expected` students = measured + lost + missing, or + to come while the window is open.

    `outside` of the measured have a day outside the window. `lost` left before they were measured.
    """

    outcome: str
    time: str
    opens_on: dt.date | None
    closes_on: dt.date | None
    window: Window
    expected: int
    measured: int
    outside: int
    lost: int

    @property
    def unmeasured(self) -> int:
        return self.expected - self.measured - self.lost

    @property
    def missing(self) -> int:
        """Without a value and without a reason, once the window is closed."""
        return self.unmeasured if self.window in {"closed", "none"} else 0

    @property
    def percent(self) -> int:
        return round(100 * self.measured / self.expected) if self.expected else 0


@dataclass(frozen=True, slots=True)
class WeekSoFar:
    """One week of training: how many of `students` trained, how many of `asked` answered the weekly questions.

    `answered` is None for a week that nobody was asked about.
    """

    starts_on: dt.date
    students: int
    trained: int
    asked: int
    answered: int | None

    @property
    def trained_percent(self) -> int:
        return round(100 * self.trained / self.students) if self.students else 0

    @property
    def answered_percent(self) -> int | None:
        if self.answered is None:
            return None
        return round(100 * self.answered / self.asked) if self.asked else 0


@dataclass(frozen=True, slots=True)
class RatingSoFar:
    """A round of ratings: films with a score, films that wait for a rater, and those whose raters differ."""

    time: str
    total: int
    scored: int
    waiting: int
    disputed: int
    unrateable: int


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that somebody has to do; `kind` names it for programs and for the page that links it."""

    kind: str
    text: str
    n: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`losses`: reason and how many, None where the count is too small for this reader."""

    enrolled: int
    randomised: int
    lost: int
    losses: tuple[tuple[str, int | None], ...]
    visits: tuple[Visit, ...]
    weeks: tuple[WeekSoFar, ...]
    questionnaires: tuple[WaveResponse, ...]
    ratings: tuple[RatingSoFar, ...]
    films: int
    films_not_judged: int
    todo: tuple[Todo, ...]

    @property
    def still_in(self) -> int:
        return self.randomised - self.lost


def overview(study: Study, user: User, *, today: dt.date | None = None) -> Overview:
    """The data so far as this reader may see them."""
    day = today or timezone.localdate()
    people = list(study.participants.exclude(eligibility=Participant.Eligibility.EXCLUDED))
    drawn = {row.pk for row in people if row.arm_id is not None}
    gone = {pk: reason for pk, reason in losses_of(study).items() if pk in drawn}
    reasons: Mapping[str, int | None] = Counter(gone.values())
    if role_in(user, study) not in SEES_NAMES:
        reasons = guarded(Counter(gone.values()))
    films, not_judged = (rows.count() for rows in recent_films(study))
    ratings = _ratings(study)
    return Overview(
        enrolled=len(people),
        randomised=len(drawn),
        lost=len(gone),
        losses=tuple(sorted(reasons.items(), key=lambda item: (-(item[1] or 0), item[0]))),
        visits=_visits(study, drawn, gone, day),
        weeks=_weeks(study, people, drawn, day),
        questionnaires=tuple(responses(study)),
        ratings=ratings,
        films=films,
        films_not_judged=not_judged,
        todo=_todo(study, people, ratings, not_judged),
    )


def _visits(study: Study, drawn: set[int], gone: Mapping[int, str], day: dt.date) -> tuple[Visit, ...]:
    """Every outcome at its main time, and at each other time that has values."""
    values: dict[tuple[int, int | None], dict[int, dt.date | None]] = defaultdict(dict)
    rows = Measurement.objects.filter(outcome__study=study, participant__in=drawn).order_by()
    for of, at, who, day_of in rows.values_list("outcome_id", "time_point_id", "participant_id", "measured_on"):
        values[of, at][who] = day_of
    times: list[TimePoint | None] = [*study.time_points.all(), None]
    found = []
    for outcome in Outcome.objects.filter(study=study):
        for time in times:
            known = values.get((outcome.pk, time.pk if time else None), {})
            if known or (time.pk if time else None) == outcome.main_time_point_id:
                lost = sum(pk not in known for pk in gone)
                found.append(_visit(outcome.name, time, known, expected=len(drawn), lost=lost, day=day))
    return tuple(found)


def _visit(
    outcome: str, time: TimePoint | None, known: Mapping[int, dt.date | None], *, expected: int, lost: int, day: dt.date
) -> Visit:
    opens, closes = (time.opens_on, time.closes_on) if time else (None, None)
    return Visit(
        outcome=outcome,
        time=time.name if time else "",
        opens_on=opens,
        closes_on=closes,
        window=_window(opens, closes, day),
        expected=expected,
        measured=len(known),
        outside=sum(
            on is not None and ((opens is not None and on < opens) or (closes is not None and on > closes))
            for on in known.values()
        ),
        lost=lost,
    )


def _window(opens: dt.date | None, closes: dt.date | None, day: dt.date) -> Window:
    if opens is not None and day < opens:
        return "later"
    if closes is not None:
        return "open" if day <= closes else "closed"
    return "none" if opens is None else "open"


def _weeks(study: Study, people: Sequence[Participant], drawn: set[int], day: dt.date) -> tuple[WeekSoFar, ...]:
    """From the study's first week to this one, the newest MOST_WEEKS of them; none before the study has begun."""
    sessions = TrainingSession.objects.attended().filter(participant__in=drawn).annotate(week=TruncWeek("held_on"))
    counted = sessions.order_by().values_list("week").annotate(total=CountOf("participant", distinct=True))
    trained = dict(counted)
    asked = {row.week.starts_on: row for row in week_rows(study, people)}
    starts = [study.starts_on] if study.starts_on else [*trained, *asked]
    if not starts or min(starts) > day:
        return ()
    last = _monday(min(day, study.ends_on) if study.ends_on else day)
    first = max(_monday(min(starts)), last - (MOST_WEEKS - 1) * WEEK)
    found = []
    while first <= last:
        row = asked.get(first)
        found.append(
            WeekSoFar(
                starts_on=first,
                students=len(drawn),
                trained=trained.get(first, 0),
                asked=row.asked if row else 0,
                answered=row.answered if row else None,
            )
        )
        first += WEEK
    return tuple(found)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _ratings(study: Study) -> tuple[RatingSoFar, ...]:
    states, by_round = RatedFilm.State, films_by_state(study)
    found = []
    for row in study.rating_rounds.select_related("time_point"):
        films = Counter(by_round.get(row.pk, {}))
        found.append(
            RatingSoFar(
                time=row.time_point.name,
                total=films.total(),
                scored=films[states.SCORED] + films[states.DIFFERS],
                waiting=films[states.WAITING],
                disputed=films[states.DISPUTED],
                unrateable=films[states.UNRATEABLE],
            )
        )
    return tuple(found)


def _todo(
    study: Study, people: Sequence[Participant], ratings: Sequence[RatingSoFar], not_judged: int
) -> tuple[Todo, ...]:
    eligibility = Participant.Eligibility
    known = set(Baseline.objects.filter(participant__study=study).values_list("participant", flat=True))
    alerts = SafetyAlert.objects.open().filter(study=study).count()
    found = (
        Todo("alerts", _("Safety alerts that nobody has answered"), alerts),
        Todo(
            "unconfirmed",
            _("Students whose eligibility is not confirmed"),
            sum(row.eligibility == eligibility.UNCONFIRMED for row in people),
        ),
        Todo(
            "waiting",
            _("Students without a group"),
            sum(row.arm_id is None and row.eligibility == eligibility.ELIGIBLE for row in people),
        ),
        Todo("baseline", _("Students without start values"), sum(row.pk not in known for row in people)),
        Todo("disputed", _("Films whose raters differ"), sum(row.disputed for row in ratings)),
        Todo("films", _("Films of the last fortnight without a verdict"), not_judged),
    )
    return tuple(row for row in found if row.n)
