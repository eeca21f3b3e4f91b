"""The rubric's versions, and dealing the films of a time of the plan. Callers have authorised the person."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from coaching.models import Session
from coaching.models.ratings import RatedFilm, RatingRound, RatingTask, Rubric
from coaching.ratings.dealing import ALGORITHM, RATERS_PER_FILM, order_of, pairs_of
from coaching.ratings.rubrics import as_document, checked, default_criteria
from studies import audit
from studies.access import SEES_NAMES, role_in
from studies.consent.scopes import RESEARCH
from studies.consent.selectors import agreed
from studies.errors import StudyError
from studies.models import Membership, Outcome, Participant, Study, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from studies.models import TimePoint

Film = RatingRound.Film


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of a round, chosen before its first film is dealt."""

    outcome: Outcome | None = None
    rule: str = RatingRound.Rule.MEAN
    film: str = Film.LAST
    tolerance_total: int = 1
    tolerance_criterion: int = 2
    unblinded_allowed: bool = False


def newest_rubric(study: Study) -> Rubric | None:
    return study.rubrics.first()


@transaction.atomic
def rubric_in_force(study: Study, *, by: User) -> Rubric:
    """The newest version; the deadlift's, made now, where there is none."""
    Study.objects.select_for_update().get(pk=study.pk)
    found = newest_rubric(study)
    if found is None:
        found = Rubric.objects.create(study=study, version=1, criteria=as_document(default_criteria()), created_by=by)
        audit.done(study.pk, by, "rubric", version=1, most=found.most)
    return found


@transaction.atomic
def save_rubric(*, study: Study, by: User, seen_version: int, named: Sequence[tuple[str, Sequence[str]]]) -> Rubric:
    """The next version; rounds and feedback keep the one they were begun with. The same words again add none.

    `named`: each criterion's name and what its points look like, from 0. `seen_version`: 0 where there was none.
    Errors: those of `checked`, changed_meanwhile.
    """
    criteria = as_document(checked(named))
    Study.objects.select_for_update().get(pk=study.pk)
    newest = newest_rubric(study)
    version = newest.version if newest else 0
    if version != seen_version:
        raise StudyError(
            "changed_meanwhile", _("Somebody saved another rubric since you opened this page. Look at it first.")
        )
    if newest is not None and newest.criteria == criteria:
        return newest
    made = Rubric.objects.create(study=study, version=version + 1, criteria=criteria, created_by=by)
    audit.done(study.pk, by, "rubric", version=made.version, most=made.most)
    return made


def possible_raters(study: Study, *, unblinded: bool) -> QuerySet[User]:
    """The study's assessors; with `unblinded` its owners and instructors too."""
    roles = [Membership.Role.ASSESSOR, *(SEES_NAMES if unblinded else ())]
    return User.objects.filter(memberships__study=study, memberships__role__in=roles).order_by("last_name", "pk")


def films_of(time_point: TimePoint, *, which: str) -> list[Session]:
    """One film for each student: the first or last that was uploaded in the window, can be shown without sound and
    place, and was not refused. Students who are excluded, or agree to the study no longer, have none.

    Raises StudyError no_window.
    """
    if time_point.opens_on is None or time_point.closes_on is None:
        raise StudyError(
            "no_window", _("This time of the plan has no first and last day, so it is not clear which films it means.")
        )
    rows = Session.objects.filter(
        agreed(RESEARCH, prefix="participant__"),
        Q(playable__gt="") | Q(video__gt="", stored_sha256__gt=""),
        participant__study=time_point.study_id,
        rejected_code="",
        uploaded_at__date__range=(time_point.opens_on, time_point.closes_on),
    ).exclude(participant__eligibility=Participant.Eligibility.EXCLUDED)
    ordered = rows.select_related("participant").order_by("uploaded_at" if which == Film.LAST else "-uploaded_at", "pk")
    return list({session.participant_id: session for session in ordered}.values())


@transaction.atomic
def deal(*, time_point: TimePoint, by: User, raters: Iterable[User], terms: Terms) -> RatingRound:
    """Give every film of this time to two raters. Once more, it deals the films that have come since, by the round's
    own terms.

    Errors: no_window, too_few_raters, not_a_rater, not_this_study, bad_terms, no_films.
    """
    study = Study.objects.select_for_update().get(pk=time_point.study_id)
    found = RatingRound.objects.filter(time_point=time_point).select_related("rubric").first()
    kept = found or _new_round(study, time_point, by, terms)
    chosen = _checked_raters(study, raters, kept)
    taken = set(kept.films.values_list("participant", flat=True))
    films = {
        session.participant.code: session
        for session in films_of(time_point, which=kept.film)
        if session.participant_id not in taken
    }
    if not films:
        raise StudyError("no_films", _("No film of this time waits to be dealt."))
    batch = (kept.films.aggregate(last=Max("batch"))["last"] or 0) + 1
    rows = {
        code: RatedFilm(round=kept, participant_id=session.participant_id, session=session, batch=batch)
        for code, session in films.items()
    }
    RatedFilm.objects.bulk_create(rows.values())
    RatingTask.objects.bulk_create(_tasks(kept, rows, chosen, batch))
    audit.done(
        study.pk,
        by,
        "films dealt",
        time=time_point.key,
        rubric=kept.rubric.version,
        batch=batch,
        algorithm=ALGORITHM,
        seed=str(kept.seed),
        raters=chosen,
        codes=sorted(films),
        rule=kept.rule,
        tolerance=[kept.tolerance_total, kept.tolerance_criterion],
        unblinded_allowed=kept.unblinded_allowed,
    )
    return kept


def _new_round(study: Study, time_point: TimePoint, by: User, terms: Terms) -> RatingRound:
    if terms.outcome is not None and terms.outcome.study_id != study.pk:
        raise StudyError("not_this_study", _("This outcome is of another study. Reload the page and choose again."))
    known = terms.rule in RatingRound.Rule.values and terms.film in Film.values
    if not known or terms.tolerance_total < 0 or terms.tolerance_criterion < 1:
        raise StudyError("bad_terms", _("Choose the rule and the tolerances anew: totals from 0, criteria from 1."))
    values: dict[str, Any] = {name: getattr(terms, name) for name in Terms.__slots__}
    return RatingRound.objects.create(
        study=study,
        time_point=time_point,
        rubric=rubric_in_force(study, by=by),
        seed=secrets.randbits(62),
        dealt_by=by,
        dealt_at=timezone.now(),
        **values,
    )


def _checked_raters(study: Study, raters: Iterable[User], kept: RatingRound) -> list[int]:
    chosen = sorted({user.pk for user in raters})
    allowed = set(possible_raters(study, unblinded=kept.unblinded_allowed).values_list("pk", flat=True))
    if not set(chosen) <= allowed:
        raise StudyError("not_a_rater", _("Raters are the study's assessors; others only where its rules allow it."))
    if len(chosen) < RATERS_PER_FILM:
        raise StudyError("too_few_raters", _("Choose at least two raters: every film is rated twice."))
    return chosen


def _tasks(kept: RatingRound, rows: dict[str, RatedFilm], raters: Sequence[int], batch: int) -> list[RatingTask]:
    pairs = pairs_of(list(rows), raters, seed=kept.seed, batch=batch)
    last = dict(
        RatingTask.objects.filter(film__round=kept).values_list("rater").annotate(last=Max("position")).order_by()
    )
    tasks = []
    for rater in raters:
        own = [code for code, pair in pairs.items() if rater in pair]
        begin = last.get(rater, 0) + 1
        for position, code in enumerate(order_of(own, rater, seed=kept.seed, batch=batch), start=begin):
            tasks.append(RatingTask(film=rows[code], rater_id=rater, position=position))
    return tasks


@transaction.atomic
def hand_over(*, kept: RatingRound, by: User, leaving: User, taking: User) -> int:
    """Give the films that one rater has not rated to another, in an order of the other's own; how many.

    What the first has rated stays theirs. A film that the other rates already is not handed over: it needs two people.
    Errors: not_a_rater, nothing_to_hand_over.
    """
    Study.objects.select_for_update().get(pk=kept.study_id)
    if not possible_raters(kept.study, unblinded=kept.unblinded_allowed).filter(pk=taking.pk).exists():
        raise StudyError("not_a_rater", _("Raters are the study's assessors; others only where its rules allow it."))
    # Who rates one of these films at this moment waits, or is waited for.
    list(RatedFilm.objects.select_for_update().filter(round=kept, tasks__rater=leaving).order_by("pk"))
    open_tasks = RatingTask.objects.filter(film__round=kept, rater=leaving, ratings__isnull=True)
    shared = RatedFilm.objects.filter(round=kept, tasks__rater=taking)
    tasks = {
        task.film.participant.code: task
        for task in open_tasks.exclude(film__in=shared).select_related("film__participant")
    }
    if not tasks:
        raise StudyError(
            "nothing_to_hand_over", _("There is no film that the one has not rated and the other does not rate.")
        )
    last = RatingTask.objects.filter(film__round=kept, rater=taking).aggregate(last=Max("position"))["last"] or 0
    order = order_of(list(tasks), taking.pk, seed=kept.seed, batch=0)
    for position, code in enumerate(order, start=last + 1):
        tasks[code].rater, tasks[code].position = taking, position
    RatingTask.objects.bulk_update(tasks.values(), ["rater", "position"])
    audit.done(
        kept.study_id,
        by,
        "films handed over",
        time=kept.time_point.key,
        leaving=leaving.pk,
        taking=taking.pk,
        codes=sorted(tasks),
    )
    return len(tasks)


def may_rate_in(user: User, study: Study, *, unblinded: bool) -> bool:
    """Assessors may; owners and instructors where the round allows raters who know the groups."""
    role = role_in(user, study)
    return role == "assessor" or (unblinded and role in SEES_NAMES)
