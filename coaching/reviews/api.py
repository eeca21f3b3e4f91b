"""The corrections for programs: what the page shows of them, no more, and the same rules for a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from coaching.access import Viewer, record_look, session_for, session_to_review
from coaching.models import RepetitionReview
from coaching.reviews.presentation import said_to
from coaching.reviews.selectors import all_reviews, current_assessment
from coaching.reviews.services import Opinion, ReviewRefused, add_repetition, assessment_of, review_repetition
from coaching.vision.vocabulary import FAULT_NAMES
from studies.models import User

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

    from coaching.models import Assessment, Session
    from coaching.reviews.presentation import Said

DECISIONS = RepetitionReview.Decision.choices


class ReviewSerializer(serializers.Serializer[Any]):
    """One reviewer's newest word about one repetition. `added`: the coach did not find it. Times in seconds.

    For staff, else null: `blind`, said before this reviewer had opened the coach's result, and `carried`, said of an
    earlier analysis of the film and confirmed for this one.
    """

    number = serializers.IntegerField()
    added = serializers.BooleanField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    decision = serializers.ChoiceField(choices=DECISIONS)
    faults = serializers.ListField(child=serializers.ChoiceField(choices=FAULT_NAMES))
    start_s = serializers.FloatField()
    lockout_s = serializers.FloatField()
    end_s = serializers.FloatField()
    note = serializers.CharField()
    blind = serializers.BooleanField(allow_null=True)
    carried = serializers.BooleanField(allow_null=True)


class NewReviewSerializer(serializers.Serializer[Any]):
    """A correction. Without `number` it is a repetition that the coach missed.

    `assessment` is the result that was looked at, as the page knows it; without it the current one.
    """

    number = serializers.IntegerField(min_value=1, required=False)
    assessment = serializers.IntegerField(required=False)
    decision = serializers.ChoiceField(choices=DECISIONS)
    faults = serializers.ListField(child=serializers.ChoiceField(choices=FAULT_NAMES), default=list)
    start_s = serializers.FloatField(min_value=0)
    lockout_s = serializers.FloatField(min_value=0)
    end_s = serializers.FloatField(min_value=0)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)


class ReviewRefusalSerializer(serializers.Serializer[Any]):
    """Why a correction was not kept."""

    code = serializers.CharField()
    advice = serializers.CharField()


class SessionReviews(GenericAPIView[Any]):
    serializer_class = ReviewSerializer
    pagination_class = None

    def _user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    @extend_schema(responses=ReviewSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """The instructors' corrections of a session's current result, as this reader gets them."""
        session = session_for(self._user(), pk)
        record_look(self._user(), session, "session")
        return Response(ReviewSerializer(self._said(session), many=True).data)

    @extend_schema(request=NewReviewSerializer, responses={201: ReviewSerializer, 422: ReviewRefusalSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Correct the coach on one repetition, or add one that it missed."""
        session = session_to_review(self._user(), pk)
        asked = NewReviewSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            kept = self._keep(session, asked.validated_data)
        except ReviewRefused as refused:
            problem = {"code": refused.code, "advice": str(refused.advice)}
            return Response(ReviewRefusalSerializer(problem).data, status=422)
        mine = next(
            one for one in self._said(session) if one.number == kept.number and one.reviewer_id == kept.reviewer_id
        )
        return Response(ReviewSerializer(mine).data, status=201)

    def _said(self, session: Session) -> tuple[Said, ...]:
        assessment = current_assessment(session)
        reviews = [one for one in all_reviews(session) if assessment and one.assessment_id == assessment.pk]
        return said_to(Viewer(self._user()), session, reviews)

    def _keep(self, session: Session, given: dict[str, Any]) -> RepetitionReview:
        assessment = self._assessment(session, given.get("assessment"))
        names = ("decision", "start_s", "lockout_s", "end_s", "note")
        opinion = Opinion(faults=tuple(given["faults"]), **{name: given[name] for name in names})
        if "number" not in given:
            return add_repetition(assessment=assessment, by=self._user(), opinion=opinion)
        return review_repetition(assessment=assessment, number=given["number"], by=self._user(), opinion=opinion)

    def _assessment(self, session: Session, pk: int | None) -> Assessment:
        if pk is not None:
            return assessment_of(session, pk)
        found = current_assessment(session)
        if found is None:
            raise ReviewRefused("stale_result")
        return found
