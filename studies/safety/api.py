"""The limits of safety alerts for programs. The alerts themselves are in injuries.api."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.errors import StudyError
from studies.safety.services import rules_of, set_rules

if TYPE_CHECKING:
    from rest_framework.request import Request


class LimitsSerializer(serializers.Serializer[Any]):
    """From when on an alert is raised: pain of 10, weekly score of 100, days lost, injuries within seven days."""

    pain_from = serializers.IntegerField(min_value=1, max_value=10)
    score_from = serializers.IntegerField(min_value=1, max_value=100)
    days_lost_from = serializers.IntegerField(min_value=1, max_value=366)
    injuries_a_week = serializers.IntegerField(min_value=1, max_value=1000)


class StudyAlertLimits(StudyView):
    serializer_class = LimitsSerializer
    pagination_class = None

    @extend_schema(responses=LimitsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The limits in force: for owner and instructor."""
        return Response(LimitsSerializer(rules_of(study_for(self.user(), pk, write=True))).data)

    @extend_schema(request=LimitsSerializer, responses={200: LimitsSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Set them: the owner's step. They hold for what is entered from now on."""
        study = study_for(self.user(), pk, own=True)
        asked = LimitsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            saved = set_rules(study=study, by=self.user(), limits=asked.validated_data)
        except StudyError as error:
            return refusal(error)
        return Response(LimitsSerializer(saved).data)
