"""The screening log for programs: who takes part, who does not, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import SEES_NAMES, role_in, students_of, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.errors import StudyError
from studies.models import ScreeningEntry
from studies.roster_forms import NotEnrolledForm, ScreenForm
from studies.screening import entries_for, log_not_enrolled, screen

if TYPE_CHECKING:
    from rest_framework.request import Request

    from studies.models import Study

REASONS = [("", ""), *ScreeningEntry.Reason.choices]


class ScreeningEntrySerializer(serializers.Serializer[Any]):
    """Somebody was looked at. `code` is null for who is not enrolled, `note` for readers who may not read names."""

    id = serializers.IntegerField(source="pk")
    code = serializers.CharField(source="participant.code", allow_null=True, default=None)
    outcome = serializers.ChoiceField(choices=ScreeningEntry.Outcome.choices)
    reason = serializers.ChoiceField(choices=REASONS)
    note = serializers.SerializerMethodField()
    at = serializers.DateTimeField(source="screened_at")

    def get_note(self, row: ScreeningEntry) -> str | None:
        return row.note if self.context["named"] else None


class ScreenSerializer(serializers.Serializer[Any]):
    """Students without a group, by pseudonym, and whether they are `eligible`; or somebody who is not enrolled, and
    their `outcome`. Who is excluded has a `reason`; "other" is said in the `note`, without names.
    """

    students = serializers.ListField(child=serializers.CharField(max_length=20), required=False, allow_empty=False)
    eligible = serializers.BooleanField(required=False)
    outcome = serializers.ChoiceField(choices=["excluded", "declined"], required=False)
    reason = serializers.ChoiceField(choices=REASONS, default="")
    note = serializers.CharField(max_length=300, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("students" in attrs, "eligible" in attrs, "outcome" in attrs) not in {
            (True, True, False),
            (False, False, True),
        }:
            raise serializers.ValidationError("Give students and eligible, or outcome for somebody not enrolled.")
        return attrs


class StudyScreening(StudyView):
    serializer_class = ScreeningEntrySerializer
    queryset = ScreeningEntry.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("outcome", str, enum=ScreeningEntry.Outcome.values),
            OpenApiParameter("reason", str, enum=ScreeningEntry.Reason.values),
        ],
        responses=ScreeningEntrySerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """The log, newest first; `count` of a filtered list is what the flow diagram counts."""
        study = study_for(self.user(), pk, staff=True)
        asked = {name: request.query_params[name] for name in ("outcome", "reason") if name in request.query_params}
        rows = entries_for(self.user(), study).filter(**asked).select_related("participant")
        return self.get_paginated_response(self._shown(study, self.paginate_queryset(rows) or []))

    @extend_schema(
        request=ScreenSerializer,
        responses={201: ScreeningEntrySerializer(many=True), UNPROCESSABLE: RefusedSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Confirm or exclude students, all of them or none, or note somebody who is not in the study."""
        study = study_for(self.user(), pk, write=True)
        asked = ScreenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            made = self._screen(study, dict(asked.validated_data))
        except StudyError as error:
            return refusal(error)
        return Response(self._shown(study, made), status=201)

    def _screen(self, study: Study, given: dict[str, Any]) -> list[ScreeningEntry]:
        if "outcome" in given:
            return [log_not_enrolled(study=study, by=self.user(), **cleaned(NotEnrolledForm(given)))]
        known = dict(students_of(self.user(), study).values_list("code", "pk"))
        unknown = [code for code in given["students"] if code not in known]
        if unknown:
            raise serializers.ValidationError({"students": [f"not in your class: {', '.join(unknown[:5])}"]})
        sent = given | {
            "students": [known[code] for code in given["students"]],
            "eligible": "yes" if given["eligible"] else "no",
        }
        kept = cleaned(ScreenForm(sent, students=students_of(self.user(), study)))
        return screen(participants=kept.pop("students"), by=self.user(), **kept)

    def _shown(self, study: Study, rows: list[ScreeningEntry]) -> Any:
        context = {"named": role_in(self.user(), study) in SEES_NAMES}
        return ScreeningEntrySerializer(rows, many=True, context=context).data
