"""Which corrections count, who reads which, and what is still to be reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Exists, F, FloatField, IntegerField, Min, OuterRef, Subquery
from django.db.models.functions import Abs, Coalesce

from coaching.access import can_review_for
from coaching.models import AnalysisRun, RepetitionRecord, RepetitionReview, Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from coaching.access import Viewer
    from coaching.models import Assessment, SessionQuerySet
    from studies.models import Study, User

NOT_ONE = RepetitionReview.Decision.NOT_A_REPETITION


def current_assessment(session: Session) -> Assessment | None:
    """The result that the session's page shows: the newest run's, if it is done."""
    run = AnalysisRun.objects.filter(session=session).select_related("assessment").first()
    return getattr(run, "assessment", None) if run and run.state == AnalysisRun.State.DONE else None


def counted(reviews: Iterable[RepetitionReview]) -> list[RepetitionReview]:
    """Of each reviewer the newest word about each repetition; of a film analysed twice, about the newest result only.

    Takes rows in the order in which they were written, of any number of sessions.
    """
    newest: dict[tuple[object, int], int] = {}
    latest: dict[tuple[int, int, int], RepetitionReview] = {}
    for review in reviews:
        about = (review.session_id, review.reviewer_id)
        newest[about] = max(newest.get(about, 0), review.assessment_id)
        latest[review.assessment_id, review.reviewer_id, review.number] = review
    kept = [one for one in latest.values() if newest[one.session_id, one.reviewer_id] == one.assessment_id]
    return sorted(kept, key=lambda one: (one.assessment_id, one.number, one.pk))


def all_reviews(session: Session) -> list[RepetitionReview]:
    """Every word about every result of the session, as it was written, with its reviewer. One query."""
    return list(session.reviews.select_related("reviewer", "carried_from").order_by("pk"))


def reviews_shown(viewer: Viewer, session: Session, reviews: Iterable[RepetitionReview]) -> list[RepetitionReview]:
    """Of the reviews of one result those that this reader gets, the newest word of each reviewer.

    The student gets all; where the coach's verdict is withheld, without those that only speak of the coach's own
    finding. An instructor gets another's word about a repetition after giving their own, so that two reviews of one
    repetition stay independent. Researchers get all (the note is the page's to hide).
    """
    found = counted(reviews)
    if viewer.may_review(session.participant):
        mine = {one.number for one in found if one.reviewer_id == viewer.user.pk}
        return [one for one in found if one.number in mine]
    if not viewer.sees_ai_feedback(session.participant):
        return [one for one in found if one.decision != NOT_ONE]
    return found


def current_repetitions(study: Study) -> QuerySet[RepetitionRecord]:
    """The coach's repetitions of the newest result of each of the study's sessions."""
    newest_run = AnalysisRun.objects.filter(session=OuterRef("assessment__run__session")).values("pk")[:1]
    return RepetitionRecord.objects.filter(
        assessment__run__session__participant__study=study,
        assessment__run__state=AnalysisRun.State.DONE,
        assessment__run=Subquery(newest_run),
    )


def review_queue(user: User, *, own: bool = False) -> SessionQuerySet:
    """Sessions with repetitions that nobody (with `own`: that the user) has reviewed, least certain verdict first.

    Annotated with `waiting`, the number of such repetitions, and `margin`, the least distance of their probability
    from 0.5: 0 where the coach gave none.
    """
    reviews = RepetitionReview.objects.filter(assessment=OuterRef("assessment"), number=OuterRef("number"))
    if own:
        reviews = reviews.filter(reviewer=user)
    open_ = (
        RepetitionRecord.objects.filter(
            assessment__run=OuterRef("newest_run"), assessment__run__state=AnalysisRun.State.DONE
        )
        .exclude(Exists(reviews))
        .order_by()
        .values("assessment")
    )
    newest_run = AnalysisRun.objects.filter(session=OuterRef("pk")).values("pk")[:1]
    margin = Min(Coalesce(Abs(F("p_correct") - 0.5), 0.0), output_field=FloatField())
    return (
        Session.objects.filter(participant__in=can_review_for(user))
        .annotate(newest_run=Subquery(newest_run))
        .annotate(
            waiting=Subquery(open_.annotate(n=Count("pk")).values("n"), output_field=IntegerField()),
            margin=Subquery(open_.annotate(least=margin).values("least"), output_field=FloatField()),
        )
        .filter(waiting__isnull=False)
        .order_by("margin", "uploaded_at", "pk")
    )
