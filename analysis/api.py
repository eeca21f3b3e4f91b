"""The agreement of a study's reviews for programs: the page's numbers with all their digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from analysis.agreement import COLUMNS, DECISIONS, AgainstCoach, review_report
from studies.access import study_for
from studies.models import User

if TYPE_CHECKING:
    from rest_framework.request import Request


class FigureSerializer(serializers.Serializer[Any]):
    """A share or kappa over `n` cases; null where they can't give it, or an interval."""

    value = serializers.FloatField(allow_null=True)
    ci_low = serializers.FloatField(allow_null=True)
    ci_high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()


class AgreementSerializer(serializers.Serializer[Any]):
    """`table[i][j]`: cases that the first puts in categories[i] and the second in categories[j].

    The first is the instructor, the second the coach; of two instructors as they are named. `clusters` are students.
    """

    categories = serializers.ListField(child=serializers.CharField())
    table = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    n = serializers.IntegerField()
    clusters = serializers.IntegerField()
    accuracy = FigureSerializer()
    sensitivity = FigureSerializer(allow_null=True)
    specificity = FigureSerializer(allow_null=True)
    kappa = FigureSerializer()
    confidence = serializers.FloatField()
    draws = serializers.IntegerField()


class CountSerializer(serializers.Serializer[Any]):
    """How many reviews say `instructor` where the coach said `coach`."""

    instructor = serializers.CharField()
    coach = serializers.CharField()
    n = serializers.IntegerField()


class LeftOutSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField()
    n = serializers.IntegerField()


class AgainstCoachSerializer(serializers.Serializer[Any]):
    reviews = serializers.IntegerField()
    everything = serializers.SerializerMethodField()
    left_out = serializers.SerializerMethodField()
    agreement = AgreementSerializer(allow_null=True)

    @extend_schema_field(CountSerializer(many=True))
    def get_everything(self, part: AgainstCoach) -> list[dict[str, Any]]:
        pairs = ((row, column) for row in DECISIONS for column in COLUMNS)
        return [
            {"instructor": row, "coach": column or "no_verdict", "n": part.everything.get((row, column), 0)}
            for row, column in pairs
        ]

    @extend_schema_field(LeftOutSerializer(many=True))
    def get_left_out(self, part: AgainstCoach) -> list[dict[str, Any]]:
        return [{"reason": reason, "n": count} for reason, count in part.exclusions]


class TwoInstructorsSerializer(serializers.Serializer[Any]):
    first = serializers.CharField()
    second = serializers.CharField()
    only_one = serializers.IntegerField()
    agreement = AgreementSerializer()


class ReviewReportSerializer(serializers.Serializer[Any]):
    """`all`: each reviewer's newest word. `blind`: their newest before they had seen the coach's result."""

    study = serializers.CharField()
    repetitions = serializers.IntegerField()
    reviewed = serializers.IntegerField()
    all = AgainstCoachSerializer()
    blind = AgainstCoachSerializer()
    instructors = TwoInstructorsSerializer(many=True)


class StudyAgreement(GenericAPIView[Any]):
    serializer_class = ReviewReportSerializer
    pagination_class = None

    def get(self, request: Request, pk: int) -> Response:
        """How far coach and instructors of a study agree, over all reviews and over the blind ones."""
        assert isinstance(request.user, User)
        study = study_for(request.user, pk, staff=True, whole=True)
        return Response(ReviewReportSerializer(review_report(study)).data)
