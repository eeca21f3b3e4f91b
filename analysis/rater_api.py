"""Agreement of the raters for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from analysis.raters import rater_report
from studies.access import study_for
from studies.models import User

if TYPE_CHECKING:
    from rest_framework.request import Request


class RaterFigureSerializer(serializers.Serializer[Any]):
    """A figure with its interval, null where there is none."""

    value = serializers.FloatField(allow_null=True)
    ci_low = serializers.FloatField(allow_null=True)
    ci_high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()


class ComparedSerializer(serializers.Serializer[Any]):
    """Two readings of the same films: points of raters, or percent against the coach. Differences: first - second."""

    first = serializers.CharField()
    second = serializers.CharField()
    films = serializers.SerializerMethodField()
    same = serializers.IntegerField()
    icc = RaterFigureSerializer(source="icc.figure", allow_null=True, default=None)
    kappa = RaterFigureSerializer(allow_null=True)
    bias = RaterFigureSerializer(source="limits.bias", allow_null=True, default=None)
    limit_low = RaterFigureSerializer(source="limits.low", allow_null=True, default=None)
    limit_high = RaterFigureSerializer(source="limits.high", allow_null=True, default=None)

    def get_films(self, found: Any) -> int:
        return len(found.points)


class OutcomeSourceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    values = serializers.IntegerField()
    rated = serializers.IntegerField()


class RaterReportSerializer(serializers.Serializer[Any]):
    """`not_blind` ratings were given by people who could know the group or the coach's word."""

    study = serializers.CharField()
    films = serializers.IntegerField()
    ratings = serializers.IntegerField()
    not_blind = serializers.IntegerField()
    cannot_rate = serializers.IntegerField()
    pairs = ComparedSerializer(many=True)
    coach = ComparedSerializer(allow_null=True)
    unjudged = serializers.IntegerField()
    sources = OutcomeSourceSerializer(many=True)


class StudyRaters(GenericAPIView[Any]):
    serializer_class = RaterReportSerializer
    pagination_class = None

    def get(self, request: Request, pk: int) -> Response:
        """How far a study's raters agree with each other and with the coach."""
        assert isinstance(request.user, User)
        study = study_for(request.user, pk, staff=True, whole=True)
        return Response(RaterReportSerializer(rater_report(study)).data)
