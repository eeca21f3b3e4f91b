"""The flow of a study for programs: the diagram's counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.response import Response

from analysis.flow.checklist import rows_of
from analysis.flow.counts import build_flow
from analysis.flow.facts import facts_of
from analysis.flow.items import EDITIONS
from studies.access import study_for
from studies.api import StudyView

if TYPE_CHECKING:
    from rest_framework.request import Request


class FlowCountSerializer(serializers.Serializer[Any]):
    """How many for a reason, section or time."""

    name = serializers.CharField(source="label")
    n = serializers.IntegerField()


class FlowAnalysedSerializer(serializers.Serializer[Any]):
    outcome = serializers.CharField()
    n = serializers.IntegerField()
    left_out = FlowCountSerializer(many=True)


class ArmFlowSerializer(serializers.Serializer[Any]):
    """A group by the name that the reader sees. `trained`: a lesson in the log, or a film that was kept."""

    name = serializers.CharField()
    allocated = serializers.IntegerField()
    trained = serializers.IntegerField()
    never_trained = serializers.IntegerField()
    moved_out = serializers.IntegerField()
    moved_in = serializers.IntegerField()
    sections = FlowCountSerializer(many=True)
    lost = FlowCountSerializer(many=True)
    visits = FlowCountSerializer(many=True)
    analysed = FlowAnalysedSerializer(many=True)


class FlowSerializer(serializers.Serializer[Any]):
    assessed = serializers.IntegerField()
    excluded = FlowCountSerializer(many=True)
    declined = serializers.IntegerField()
    waiting = serializers.IntegerField()
    unconfirmed = serializers.IntegerField()
    randomised = serializers.IntegerField()
    arms = ArmFlowSerializer(many=True)


class ChecklistRowSerializer(serializers.Serializer[Any]):
    """`texts` is empty where the record does not hold it."""

    number = serializers.CharField()
    asks = serializers.CharField()
    texts = serializers.ListField(child=serializers.CharField())


class StudyFlow(StudyView):
    serializer_class = FlowSerializer
    pagination_class = None

    def get(self, request: Request, pk: int) -> Response:
        """Who was asked, drawn, trained, lost and analysed, as of now."""
        study = study_for(self.user(), pk, staff=True)
        return Response(FlowSerializer(build_flow(self.user(), study)).data)


class StudyConsort(StudyView):
    serializer_class = ChecklistRowSerializer
    pagination_class = None

    def get(self, request: Request, pk: int) -> Response:
        """CONSORT 2025 with what the record says to each item."""
        study = study_for(self.user(), pk, staff=True)
        facts = facts_of(self.user(), study, build_flow(self.user(), study))
        edition = next(iter(EDITIONS))
        return Response(ChecklistRowSerializer(rows_of(edition, facts), many=True).data)
