"""The class for programs: who trained, who needs help, who has not answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from coaching.dashboard.class_rows import class_rows
from coaching.dashboard.views import CLASS
from studies.access import record_class_access, study_for
from studies.api import StudyView
from studies.models import Participant

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

REASONS = ["idle", "incorrect", "not_judged", "injury"]


class ClassRowSerializer(serializers.Serializer[Any]):
    """A student. `reasons` say why they need help: no training for days, mostly incorrect, films not judged, an injury.

    Films, share and trend are of the last fortnight, of sets that an instructor who may still review blind has opened.
    `incorrect_percent` of the judged repetitions is null, and `trend` against the fortnight before empty, while there
    are too few of them. `answered` this week's questions; null where nothing is asked.
    """

    code = serializers.CharField(source="participant.code")
    section = serializers.CharField(source="participant.section")
    last_trained = serializers.DateField(allow_null=True)
    this_week = serializers.BooleanField()
    films = serializers.IntegerField()
    not_judged = serializers.IntegerField()
    incorrect_percent = serializers.IntegerField(source="share.per_cent", allow_null=True)
    trend = serializers.ChoiceField(choices=["", "better", "worse", "same"])
    answered = serializers.BooleanField(source="has_answered", allow_null=True)
    reasons = serializers.ListField(child=serializers.ChoiceField(choices=REASONS))


class StudyClass(StudyView):
    serializer_class = ClassRowSerializer
    queryset = Participant.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter("reason", str, enum=REASONS, description="Only who needs help for this.")],
        responses=ClassRowSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """The class, who needs help first."""
        study = study_for(self.user(), pk, staff=True)
        rows = class_rows(study, self.user())
        if reason := request.query_params.get("reason"):
            rows = [row for row in rows if reason in row.reasons]
        page: list[Any] = self.paginate_queryset(rows) or []
        record_class_access(self.user(), [row.participant for row in page], CLASS)
        return self.get_paginated_response(ClassRowSerializer(page, many=True).data)
