"""Keeping ratings, settling differences, and writing scores. Callers have authorised the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coaching.models.ratings import RatedFilm, Rating, RatingRound, Settlement
from coaching.ratings.access import is_blind
from coaching.ratings.rubrics import checked_points, criteria_of
from studies import audit
from studies.errors import StudyError
from studies.models import Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coaching.models.ratings import RatingTask
    from studies.models import User

State, How = RatedFilm.State, RatedFilm.How


def newest_ratings(film: RatedFilm) -> list[Rating | None]:
    """Each rater's word that counts, in the order of the tasks' ids; None for who has not rated yet. Two queries."""
    tasks = film.tasks.order_by("pk").prefetch_related("ratings")
    return [next(reversed(task.ratings.all()), None) for task in tasks]


def is_locked(film: RatedFilm) -> bool:
    """Once every rater has rated, nobody's rating changes."""
    return film.state != State.WAITING


@transaction.atomic
def rate(*, task: RatingTask, by: User, points: Mapping[str, object], cannot_rate: str = "", note: str = "") -> Rating:
    """Keep one rater's points, or why there are none; it may be done anew until the other rater's are in too.

    Errors: locked, handed_over, points_missing, points_out_of_range, points_and_reason.
    """
    film = _locked_row(task.film)
    if is_locked(film):
        raise StudyError("locked", _("Both raters have rated this film. Ratings don't change any more."))
    if not film.tasks.filter(pk=task.pk, rater=by).exists():
        raise StudyError("handed_over", _("This film was given to another rater."))
    reason = cannot_rate.strip()[:200]
    if reason and points:
        raise StudyError("points_and_reason", _("Give points, or say why the film can't be rated: not both."))
    given = {} if reason else checked_points(criteria_of(film.round.rubric.criteria), points)
    kept = Rating.objects.create(
        task=task,
        points=given,
        total=None if reason else sum(given.values()),
        cannot_rate=reason,
        note=note.strip()[:300],
        blind=is_blind(by, film),
    )
    audit.done(
        film.round.study_id, by, "film rated", task=str(task.pk), revision=task.ratings.count(), blind=kept.blind
    )
    ratings = newest_ratings(film)
    if None not in ratings:
        _conclude(film, [one for one in ratings if one is not None], by)
    return kept


def _locked_row(film: RatedFilm) -> RatedFilm:
    """One writer at a time for a film. `of`: nothing else is locked."""
    rows = RatedFilm.objects.select_for_update(of=("self",)).select_related(
        "round__study", "round__rubric", "round__outcome", "participant", "session"
    )
    return rows.get(pk=film.pk)


def differ(round_: RatingRound, first: Rating, second: Rating) -> bool:
    """Whether two ratings are too far apart for the round's rule."""
    if first.total is None or second.total is None:
        return (first.total is None) != (second.total is None)
    allowed = 0 if round_.rule == RatingRound.Rule.WHOLE else round_.tolerance_total
    if abs(first.total - second.total) > allowed:
        return True
    return any(abs(first.points[key] - second.points[key]) >= round_.tolerance_criterion for key in first.points)


def _conclude(film: RatedFilm, ratings: list[Rating], by: User) -> None:
    first, second = ratings
    if differ(film.round, first, second):
        _move(film, State.DISPUTED)
    elif first.total is None or second.total is None:
        _move(film, State.UNRATEABLE)
    else:
        _score(film, by, (first.total + second.total) / 2, How.SAME if first.total == second.total else How.MEAN)


@transaction.atomic
def settle(
    *, film: RatedFilm, by: User, points: Mapping[str, object], reason: str, cannot_rate: bool = False
) -> Settlement:
    """The final points of a film on which the raters differed: a third rater's, or, by one of the two, a consensus.

    Errors: not_disputed, reason_missing, points_missing, points_out_of_range, points_and_reason.
    """
    row = _locked_row(film)
    if row.state != State.DISPUTED:
        raise StudyError("not_disputed", _("This film is settled already, or its raters agree."))
    if not reason.strip():
        raise StudyError("reason_missing", _("Say what decided it: a sentence is enough."))
    if cannot_rate and points:
        raise StudyError("points_and_reason", _("Give points, or say why the film can't be rated: not both."))
    given = {} if cannot_rate else checked_points(criteria_of(row.round.rubric.criteria), points)
    kept = Settlement.objects.create(
        film=row,
        points=given,
        total=None if cannot_rate else sum(given.values()),
        reason=reason.strip()[:500],
        by=by,
        blind=is_blind(by, row),
    )
    how = How.CONSENSUS if row.tasks.filter(rater=by).exists() else How.THIRD
    audit.done(row.round.study_id, by, "difference settled", film=str(row.pk), how=how, blind=kept.blind)
    if kept.total is None:
        _move(row, State.UNRATEABLE, how)
    else:
        _score(row, by, float(kept.total), how)
    return kept


def _move(film: RatedFilm, state: str, how: str = "", score: float | None = None) -> None:
    film.state, film.how, film.score = state, how, score
    film.save(update_fields=["state", "how", "score"])


def _score(film: RatedFilm, by: User, value: float, how: str) -> None:
    """Write the score as the outcome's value at the round's time, unless another value is there."""
    outcome, time_point = film.round.outcome, film.round.time_point_id
    written = False
    state = State.SCORED
    if outcome is not None:
        there, written = Measurement.objects.get_or_create(
            outcome=outcome,
            participant=film.participant,
            time_point_id=time_point,
            defaults={"value": value, "measured_on": timezone.localdate(film.session.uploaded_at)},
        )
        state = State.SCORED if there.value == value else State.DIFFERS
    _move(film, state, how, value)
    audit.done(
        film.round.study_id,
        by,
        "score derived",
        about=film.participant,
        film=str(film.pk),
        score=value,
        how=how,
        outcome=outcome.key if outcome else "",
        written=written,
    )


@transaction.atomic
def write_again(*, film: RatedFilm, by: User, reason: str) -> Measurement:
    """Put the raters' score in the place of the value that the study holds, with both in the audit.

    Errors: nothing_differs, reason_missing.
    """
    row = _locked_row(film)
    outcome = row.round.outcome
    if row.state != State.DIFFERS or outcome is None or row.score is None:
        raise StudyError("nothing_differs", _("The study holds this score already."))
    if not reason.strip():
        raise StudyError("reason_missing", _("Say why the value is replaced: it stays in the audit."))
    there = Measurement.objects.select_for_update().get(
        outcome=outcome, participant=row.participant, time_point_id=row.round.time_point_id
    )
    old, there.value = there.value, row.score
    there.measured_on = timezone.localdate(row.session.uploaded_at)
    there.save(update_fields=["value", "measured_on"])
    _move(row, State.SCORED, row.how, row.score)
    audit.done(
        row.round.study_id,
        by,
        "value replaced by the raters' score",
        about=row.participant,
        outcome=outcome.key,
        old=old,
        new=row.score,
        reason=reason.strip()[:500],
    )
    return there
