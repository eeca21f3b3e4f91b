"""Blinded raters with each other, their score against the coach's share of correct repetitions, and what outcomes rest
on: the guard against measuring the trained group with the coach that trained it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _

from analysis.stats import InvalidSample, Pair, sample
from analysis.stats.raters import bland_altman, icc
from analysis.stats.weighted import weighted_kappa
from coaching.models.ratings import RatedFilm, Rating
from coaching.reviews.selectors import current_repetitions
from studies.models import Measurement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.stats.agreement import Figure
    from analysis.stats.raters import BlandAltman, Icc
    from studies.models import Study

FEWEST = 3
"""With fewer films there is no figure worth printing."""


@dataclass(frozen=True, slots=True)
class Point:
    """One film with two values on one scale."""

    code: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Compared:
    """Two readings of the same films. `icc` is ICC(2,1), `kappa` quadratic weights (None against the coach);
    `limits` is None where every difference is the same, `icc` where every value is. `same`: films without a difference.
    """

    first: str
    second: str
    points: tuple[Point, ...]
    same: int
    icc: Icc | None
    kappa: Figure | None
    limits: BlandAltman | None
    clustered: bool


@dataclass(frozen=True, slots=True)
class OutcomeSource:
    """Where an outcome's values come from: `rated` of `values` are raters' scores."""

    name: str
    values: int
    rated: int


@dataclass(frozen=True, slots=True)
class RaterReport:
    """`not_blind` of `ratings` that count were given by somebody who could know the group or the coach's word.
    `too_few`: pairs of raters with fewer common films than FEWEST. `unjudged`: scored films without a repetition that
    the coach calls correct or incorrect.
    """

    study: str
    films: int
    ratings: int
    not_blind: int
    cannot_rate: int
    pairs: tuple[Compared, ...]
    too_few: int
    coach: Compared | None
    unjudged: int
    sources: tuple[OutcomeSource, ...]

    @property
    def unrated_outcomes(self) -> tuple[str, ...]:
        """Outcomes that have values, none of them from raters."""
        return tuple(one.name for one in self.sources if one.values and not one.rated)


def rater_report(study: Study) -> RaterReport:
    """All figures from the newest word of each rater; six queries, whatever their number."""
    films = list(RatedFilm.objects.filter(round__study=study).select_related("participant", "round__rubric"))
    newest: dict[object, Rating] = {}
    rows = Rating.objects.filter(task__film__round__study=study).select_related("task__rater").order_by("pk")
    for rating in rows:
        newest[rating.task_id] = rating
    by_film: dict[object, dict[int, Rating]] = {}
    for rating in newest.values():
        by_film.setdefault(rating.task.film_id, {})[rating.task.rater_id] = rating
    pairs, too_few = _between_raters(films, by_film)
    coach, unjudged = _against_coach(study, films)
    return RaterReport(
        study=study.title,
        films=len(films),
        ratings=len(newest),
        not_blind=sum(not rating.blind for rating in newest.values()),
        cannot_rate=sum(rating.total is None for rating in newest.values()),
        pairs=tuple(pairs),
        too_few=too_few,
        coach=coach,
        unjudged=unjudged,
        sources=tuple(_sources(study)),
    )


def _between_raters(films: Sequence[RatedFilm], by_film: dict[object, dict[int, Rating]]) -> tuple[list[Compared], int]:
    """Every two raters, by name, over the films that both gave points to."""
    common: dict[tuple[int, int], list[Point]] = {}
    names: dict[int, str] = {}
    most = max((film.round.rubric.most for film in films), default=0)
    for film in films:
        given = by_film.get(film.pk, {})
        for rating in given.values():
            rater = rating.task.rater
            names[rater.pk] = rater.get_full_name() or rater.get_username()
        totals = {rater: rating.total for rater, rating in given.items() if rating.total is not None}
        for one, other in itertools.combinations(sorted(totals, key=lambda pk: (names[pk], pk)), 2):
            point = Point(film.participant.code, float(totals[one] or 0), float(totals[other] or 0))
            common.setdefault((one, other), []).append(point)
    found = [
        compared(names[one], names[other], points, most=most)
        for (one, other), points in sorted(common.items(), key=lambda item: [names[pk] for pk in item[0]])
        if len(points) >= FEWEST
    ]
    return found, sum(len(points) < FEWEST for points in common.values())


def compared(first: str, second: str, points: Iterable[Point], *, most: int | None) -> Compared:
    """Figures of at least FEWEST films; `most` is the highest total, for the kappa of whole points."""
    kept = tuple(sorted(points, key=lambda point: (point.code, point.first, point.second)))
    a, b = (
        sample(name, [getattr(point, side) for point in kept]) for name, side in ((first, "first"), (second, "second"))
    )
    codes = [point.code for point in kept]
    # Where each student has one film, films are independent and the exact intervals hold.
    clusters = codes if max(Counter(codes).values()) > 1 else None
    try:
        found_icc = icc([a, b], form="agreement", clusters=clusters)
    except InvalidSample:
        found_icc = None
    try:
        limits = bland_altman(a, b, clusters=clusters)
    except InvalidSample:
        limits = None
    kappa = None
    if most:
        pairs = [Pair(point.code, f"{point.first:g}", f"{point.second:g}") for point in kept]
        kappa = weighted_kappa(pairs, [str(total) for total in range(most + 1)])
    same = sum(point.first == point.second for point in kept)
    return Compared(first, second, kept, same, found_icc, kappa, limits, clusters is not None)


def _against_coach(study: Study, films: Sequence[RatedFilm]) -> tuple[Compared | None, int]:
    """The raters' score and the coach's share of correct repetitions, both in percent of what can be had."""
    verdicts = current_repetitions(study).filter(verdict__in=("correct", "incorrect")).order_by()
    shares: dict[object, Counter[str]] = {}
    for session, verdict, n in verdicts.values_list("assessment__run__session", "verdict").annotate(n=Count("pk")):
        shares.setdefault(session, Counter())[verdict] += n
    points, unjudged = [], 0
    for film in films:
        if film.score is None:
            continue
        counts = shares.get(film.session_id)
        if counts is None:
            unjudged += 1
            continue
        share = 100 * counts["correct"] / counts.total()
        points.append(Point(film.participant.code, 100 * film.score / film.round.rubric.most, share))
    if len(points) < FEWEST:
        return None, unjudged
    return compared(_("Raters"), _("Coach"), points, most=None), unjudged


def _sources(study: Study) -> list[OutcomeSource]:
    film = RatedFilm.objects.filter(
        round__outcome=OuterRef("outcome"),
        round__time_point=OuterRef("time_point"),
        participant=OuterRef("participant"),
        state=RatedFilm.State.SCORED,
    )
    rows = Measurement.objects.filter(outcome__study=study).annotate(rated=Exists(film)).order_by()
    counts: dict[int, Counter[bool]] = {}
    for outcome, rated, n in rows.values_list("outcome", "rated").annotate(n=Count("pk")):
        counts.setdefault(outcome, Counter())[rated] += n
    return [
        OutcomeSource(outcome.name, counts.get(outcome.pk, Counter()).total(), counts.get(outcome.pk, Counter())[True])
        for outcome in study.outcomes.all()
    ]
