"""The owner's work on ratings for programs: the rubric, handing films over, scores in the place of other values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from coaching.models.ratings import RatedFilm
from coaching.ratings.access import film_to_decide, round_for
from coaching.ratings.forms import HandOverForm
from coaching.ratings.rounds import hand_over, newest_rubric, save_rubric
from coaching.ratings.rubrics import CRITERIA_MAX, as_document, default_criteria
from coaching.ratings.selectors import differing
from coaching.ratings.services import write_again
from studies.access import study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.errors import StudyError

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request


class CriterionSerializer(serializers.Serializer[Any]):
    """A criterion; `words[p]` says what p points look like. Its `key` is made from the name."""

    key = serializers.CharField(read_only=True)
    name = serializers.CharField(max_length=60)
    words = serializers.ListField(child=serializers.CharField(max_length=200))


class RubricSerializer(serializers.Serializer[Any]):
    """The rubric in force. Version 0: nobody saved one yet, and the deadlift's own is used."""

    version = serializers.IntegerField()
    criteria = CriterionSerializer(many=True)


class NewRubricSerializer(serializers.Serializer[Any]):
    """`seen_version`: the version that was read, 0 where there was none."""

    seen_version = serializers.IntegerField(min_value=0)
    criteria = serializers.ListField(child=CriterionSerializer(), max_length=CRITERIA_MAX)


class HandOverSerializer(serializers.Serializer[Any]):
    """Numbers of the accounts: whose films that are not rated yet go to whom."""

    leaving = serializers.IntegerField()
    taking = serializers.IntegerField()


class HandedOverSerializer(serializers.Serializer[Any]):
    films = serializers.IntegerField()


class DifferingSerializer(serializers.Serializer[Any]):
    """A film whose score is not the value that the study holds."""

    id = serializers.UUIDField(source="pk")
    code = serializers.CharField(source="participant.code")
    time_point = serializers.CharField(source="round.time_point.key")
    outcome = serializers.CharField(source="round.outcome.key", allow_null=True, default=None)
    score = serializers.FloatField(allow_null=True)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class WrittenSerializer(serializers.Serializer[Any]):
    """The value that the study holds now."""

    value = serializers.FloatField()


class StudyRubric(StudyView):
    serializer_class = RubricSerializer
    pagination_class = None

    @extend_schema(responses=RubricSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The criteria of the ratings: for the owner."""
        newest = newest_rubric(study_for(self.user(), pk, own=True))
        criteria = newest.criteria if newest else as_document(default_criteria())
        return Response({"version": newest.version if newest else 0, "criteria": criteria})

    @extend_schema(request=NewRubricSerializer, responses={200: RubricSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Save the next version. Rounds keep the one they were begun with."""
        study = study_for(self.user(), pk, own=True)
        asked = NewRubricSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        named = [(one["name"], one["words"]) for one in given["criteria"]]
        try:
            made = save_rubric(study=study, by=self.user(), seen_version=given["seen_version"], named=named)
        except StudyError as error:
            return refusal(error)
        return Response({"version": made.version, "criteria": made.criteria})


class RoundHandOver(StudyView):
    serializer_class = HandOverSerializer

    @extend_schema(request=HandOverSerializer, responses={200: HandedOverSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int, round_pk: int) -> Response:
        """Give the films that a rater has not rated to another one."""
        kept = round_for(self.user(), pk, round_pk)
        asked = HandOverSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = cleaned(HandOverForm(asked.validated_data, kept=kept))
        try:
            count = hand_over(kept=kept, by=self.user(), **given)
        except StudyError as error:
            return refusal(error)
        return Response({"films": count})


class StudyDiffering(StudyView):
    serializer_class = DifferingSerializer
    queryset = RatedFilm.objects.none()

    @extend_schema(responses=DifferingSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Films whose score is not the value that the study holds: for the owner."""
        rows = differing(study_for(self.user(), pk, own=True))
        return self.get_paginated_response(DifferingSerializer(self.paginate_queryset(rows) or [], many=True).data)


class FilmScore(StudyView):
    serializer_class = ReasonSerializer

    @extend_schema(request=ReasonSerializer, responses={200: WrittenSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int, film: UUID) -> Response:
        """Put the raters' score in the place of the value that the study holds; both stay in the audit."""
        row = film_to_decide(self.user(), pk, film)
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            written = write_again(film=row, by=self.user(), reason=asked.validated_data["reason"])
        except StudyError as error:
            return refusal(error)
        return Response({"value": written.value})
