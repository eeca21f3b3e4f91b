"""A study with films in a window, two assessors who do not know the groups, and a round dealt to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from coaching.models import Session
from coaching.models.ratings import RatedFilm, RatingRound, RatingTask
from coaching.ratings.rounds import Terms, deal
from coaching.ratings.services import rate
from studies.models import Membership, Outcome, Participant, Study, TimePoint, User
from tests.coaching.films import make_session
from tests.factory import make_outcome, make_participant, make_staff, make_study

if TYPE_CHECKING:
    from collections.abc import Sequence

KEYS = ("set-up", "back", "hips-and-knees", "bar-path", "lockout")
OPENS, CLOSES = dt.date(2026, 3, 2), dt.date(2026, 3, 8)


def points(*given: int) -> dict[str, object]:
    """Of the deadlift's rubric, in its order."""
    return dict(zip(KEYS, given, strict=True))


def film_at(participant: Participant, day: dt.date, *, hour: int = 12) -> Session:
    session = make_session(participant, original_name="Alma-secret-name.mp4")
    moment = timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))
    Session.objects.filter(pk=session.pk).update(uploaded_at=moment)
    session.refresh_from_db()
    return session


def make_time(study: Study, key: str = "after") -> TimePoint:
    return TimePoint.objects.create(study=study, key=key, name=f"Week {key}", opens_on=OPENS, closes_on=CLOSES)


@dataclass(frozen=True, slots=True)
class Dealt:
    study: Study
    owner: User
    raters: tuple[User, User]
    time_point: TimePoint
    outcome: Outcome
    round: RatingRound

    def task(self, rater: User, film: RatedFilm) -> RatingTask:
        return RatingTask.objects.get(film=film, rater=rater)

    def film(self, code: str) -> RatedFilm:
        return RatedFilm.objects.get(round=self.round, participant__code=code)

    def both_rate(self, code: str, first: Sequence[int], second: Sequence[int]) -> RatedFilm:
        """Both raters' points for one student's film; the film as it is then."""
        film = self.film(code)
        for rater, given in zip(self.raters, (first, second), strict=True):
            rate(task=self.task(rater, film), by=rater, points=points(*given))
        film.refresh_from_db()
        return film


def make_dealt(size: int = 3, *, terms: Terms | None = None) -> Dealt:
    """`size` students S00, S01, ... with one film each, in two arms in turn."""
    study = make_study()
    owner = make_staff(study, Membership.Role.OWNER)
    one, other = (make_staff(study, Membership.Role.ASSESSOR) for _ in range(2))
    arms = list(study.arms.all())
    time_point, outcome = make_time(study), make_outcome(study, "accuracy", name="Training accuracy")
    for number in range(size):
        participant = make_participant(study, arm=arms[number % 2], code=f"S{number:02d}")
        film_at(participant, OPENS)
    given = terms or Terms(outcome=outcome)
    if terms is not None and terms.outcome is None:
        given = Terms(**{name: getattr(terms, name) for name in Terms.__slots__} | {"outcome": outcome})
    made = deal(time_point=time_point, by=owner, raters=[one, other], terms=given)
    return Dealt(study, owner, (one, other), time_point, outcome, made)
