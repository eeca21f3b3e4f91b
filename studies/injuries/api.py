"""Injuries, weekly questions and alerts for programs, through the doors and rules of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import SEES_NAMES, record_class_access, role_in, students_of, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.errors import StudyError
from studies.health.forms import WeeklyForm
from studies.health.services import answer, week_rows
from studies.injuries.access import injury_for, own_participation
from studies.injuries.services import correct_injury, log_injury, report_injury, strike_injury
from studies.models import HealthProblem, HealthWeek, Injury, SafetyAlert
from studies.safety.access import alert_for, alerts_of
from studies.safety.services import acknowledge

if TYPE_CHECKING:
    from rest_framework.request import Request

CLASS_LOG = "injuries of the class"
REFUSED = {UNPROCESSABLE: RefusedSerializer}


class InjurySerializer(serializers.Serializer[Any]):
    """An injury; empty or null where something is not known, texts also where they are not for the reader."""

    id = serializers.IntegerField(source="pk", read_only=True)
    code = serializers.CharField(source="participant.code", read_only=True, help_text="The student's pseudonym.")
    occurred_on = serializers.DateField()
    region = serializers.ChoiceField(choices=Injury.Region.choices)
    side = serializers.ChoiceField(choices=Injury.Side.choices, required=False, allow_blank=True)
    onset = serializers.ChoiceField(choices=Injury.Onset.choices, required=False, allow_blank=True)
    tissue = serializers.ChoiceField(choices=Injury.Tissue.choices, required=False, allow_blank=True)
    activity = serializers.ChoiceField(choices=Injury.Activity.choices, required=False, allow_blank=True)
    course = serializers.ChoiceField(choices=Injury.Course.choices, required=False, allow_blank=True)
    pain = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    days_lost = serializers.IntegerField(min_value=0, max_value=32767, required=False, allow_null=True)
    returned_on = serializers.DateField(required=False, allow_null=True)
    form_related = serializers.BooleanField(required=False, allow_null=True)
    form_reason = serializers.CharField(max_length=300, required=False, allow_blank=True, allow_null=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True)
    time_loss = serializers.CharField(read_only=True, help_text="0, 1-7, 8-28 or >28 days.")
    injury_state = serializers.ChoiceField(source="status", choices=Injury.Status.choices, read_only=True)
    entered_from = serializers.ChoiceField(source="source", choices=Injury.Source.choices, read_only=True)
    before_enrolment = serializers.BooleanField(read_only=True)
    struck = serializers.SerializerMethodField()
    version = serializers.IntegerField(read_only=True)

    def get_struck(self, row: Injury) -> bool:
        return row.struck_at is not None

    def to_representation(self, instance: Any) -> dict[str, Any]:
        found = super().to_representation(instance)
        if not self.context.get("named"):
            found |= {"note": None, "form_reason": None}
        return found


class NewInjurySerializer(InjurySerializer):
    """An injury to log: `student` is the pseudonym, `another` that it is not one in the log already."""

    student = serializers.CharField(max_length=20, write_only=True)
    another = serializers.BooleanField(default=False, write_only=True)


class InjuryChangeSerializer(serializers.Serializer[Any]):
    """Columns to change, with the version that was read; a reason where something entered is corrected."""

    seen_version = serializers.IntegerField()
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    strike = serializers.BooleanField(default=False, help_text="Take it out of every count instead; needs the reason.")
    values = serializers.DictField(required=False, default=dict, help_text="As in an injury, and `injury_state`.")


class OwnReportSerializer(serializers.Serializer[Any]):
    """What a student reports of themself."""

    occurred_on = serializers.DateField()
    region = serializers.ChoiceField(choices=Injury.Region.choices)
    side = serializers.ChoiceField(choices=Injury.Side.choices, required=False, allow_blank=True)
    onset = serializers.ChoiceField(choices=Injury.Onset.choices, required=False, allow_blank=True)
    activity = serializers.ChoiceField(choices=Injury.Activity.choices, required=False, allow_blank=True)
    pain = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class WeekSerializer(serializers.Serializer[Any]):
    """One week of the weekly questions; counts are of students, `mean_severity` is 0 to 100."""

    id = serializers.IntegerField(source="week.pk")
    starts_on = serializers.DateField(source="week.starts_on")
    due_on = serializers.DateField(source="week.due_on")
    asked = serializers.IntegerField()
    answered = serializers.IntegerField()
    late = serializers.IntegerField()
    response_rate = serializers.FloatField(allow_null=True)
    with_problem = serializers.IntegerField()
    substantial = serializers.IntegerField()
    mean_severity = serializers.FloatField(allow_null=True)


class WeeklyAnswerSerializer(serializers.Serializer[Any]):
    """Answers 0 to 3 about one problem; participation 0 says that there was none."""

    participation = serializers.IntegerField(min_value=0, max_value=3)
    training = serializers.IntegerField(min_value=0, max_value=3, required=False, allow_null=True)
    performance = serializers.IntegerField(min_value=0, max_value=3, required=False, allow_null=True)
    symptoms = serializers.IntegerField(min_value=0, max_value=3, required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=HealthProblem.Kind.choices, required=False)
    region = serializers.ChoiceField(choices=Injury.Region.choices, required=False, allow_blank=True)
    side = serializers.ChoiceField(choices=Injury.Side.choices, required=False, allow_blank=True)


class AlertSerializer(serializers.Serializer[Any]):
    """A safety alert. It names no group."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=SafetyAlert.Kind.choices)
    code = serializers.CharField(source="participant.code", allow_null=True, default=None)
    value = serializers.IntegerField()
    limit = serializers.IntegerField()
    raised_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


class AcknowledgeSerializer(serializers.Serializer[Any]):
    """What was done about an alert."""

    note = serializers.CharField(max_length=500)


class StudyInjuries(StudyView):
    serializer_class = InjurySerializer
    queryset = Injury.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=Injury.Status.values)], responses=InjurySerializer(many=True)
    )
    def get(self, request: Request, pk: int) -> Response:
        """The injury log, newest first; struck-out entries are there and say so."""
        study = study_for(self.user(), pk, staff=True)
        rows = Injury.objects.filter(participant__in=students_of(self.user(), study)).select_related("participant")
        if state := request.query_params.get("state"):
            rows = rows.filter(status=state)
        page = self.paginate_queryset(rows) or []
        record_class_access(self.user(), {row.participant_id: row.participant for row in page}.values(), CLASS_LOG)
        context = {"named": role_in(self.user(), study) in SEES_NAMES}
        return self.get_paginated_response(InjurySerializer(page, many=True, context=context).data)

    @extend_schema(request=NewInjurySerializer, responses={201: InjurySerializer, **REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        """Log an injury."""
        study = study_for(self.user(), pk, write=True)
        asked = NewInjurySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        people = students_of(self.user(), study).select_related("study", "user")
        student = get_object_or_404(people, code=given.pop("student"))
        another = given.pop("another")
        given |= {name: given.get(name) or "" for name in ("note", "form_reason")}
        try:
            made = log_injury(participant=student, by=self.user(), check_twice=not another, **given)
        except StudyError as error:
            return refusal(error)
        return Response(InjurySerializer(made, context={"named": True}).data, status=201)


class InjuryDetail(StudyView):
    serializer_class = InjuryChangeSerializer

    @extend_schema(responses=InjurySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One injury."""
        found = injury_for(self.user(), pk)
        named = found.participant.user_id == self.user().pk
        named = named or role_in(self.user(), found.participant.study) in SEES_NAMES
        return Response(InjurySerializer(found, context={"named": named}).data)

    @extend_schema(request=InjuryChangeSerializer, responses={200: InjurySerializer, **REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        """Change an injury, or strike it out; who read an old version is told, and overwrites nothing."""
        found = injury_for(self.user(), pk, write=True)
        asked = InjuryChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        common = {"injury": found, "by": self.user(), "seen_version": given["seen_version"], "reason": given["reason"]}
        try:
            if given["strike"]:
                saved = strike_injury(**common)
            else:
                saved = correct_injury(values=_values(given["values"]), **common)
        except StudyError as error:
            return refusal(error)
        return Response(InjurySerializer(saved, context={"named": True}).data)


class ChangedValuesSerializer(InjurySerializer):
    injury_state = serializers.ChoiceField(source="status", choices=Injury.Status.choices)


def _values(given: dict[str, Any]) -> dict[str, Any]:
    """The columns of a change, each checked as in a new injury. Raises ValidationError."""
    known = ChangedValuesSerializer(data=given, partial=True)
    known.is_valid(raise_exception=True)
    return {
        name: "" if value is None and name in {"note", "form_reason"} else value
        for name, value in known.validated_data.items()
    }


class OwnReport(StudyView):
    serializer_class = OwnReportSerializer

    @extend_schema(request=OwnReportSerializer, responses={201: InjurySerializer, **REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        """Something hurts: the student's own report, which nothing about the study blocks."""
        student = own_participation(self.user(), pk)
        asked = OwnReportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            made = report_injury(participant=student, **asked.validated_data)
        except StudyError as error:
            return refusal(error)
        return Response(InjurySerializer(made, context={"named": True}).data, status=201)


class StudyWeeks(StudyView):
    serializer_class = WeekSerializer
    queryset = HealthWeek.objects.none()
    pagination_class = None

    @extend_schema(responses=WeekSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The weeks of the weekly questions with their response rates, newest first. Totals only."""
        study = study_for(self.user(), pk, staff=True)
        people = students_of(self.user(), study).only("pk", "enrolled_at", "eligibility")
        return Response(WeekSerializer(week_rows(study, people), many=True).data)


class WeeklyAnswer(StudyView):
    serializer_class = WeeklyAnswerSerializer

    @extend_schema(request=WeeklyAnswerSerializer, responses={204: None, **REFUSED})
    def post(self, request: Request, pk: int, week_pk: int) -> Response:
        """A student's own answer about a week; again for each further problem."""
        student = own_participation(self.user(), pk)
        week = get_object_or_404(HealthWeek, pk=week_pk, study=student.study_id)
        asked = WeeklyAnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        form = WeeklyForm({name: value for name, value in asked.validated_data.items() if value is not None})
        form.full_clean()
        try:
            answer(week=week, participant=student, problem=form.problem())
        except StudyError as error:
            return refusal(error)
        return Response(status=204)


class StudyAlerts(StudyView):
    serializer_class = AlertSerializer
    queryset = SafetyAlert.objects.none()

    @extend_schema(parameters=[OpenApiParameter("open", bool)], responses=AlertSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The safety alerts, newest first: for owner and instructor."""
        study = study_for(self.user(), pk, write=True)
        rows = alerts_of(self.user(), study)
        if request.query_params.get("open") in {"1", "true"}:
            rows = rows.filter(acknowledged_at=None)
        page = self.paginate_queryset(rows) or []
        people = {row.participant.pk: row.participant for row in page if row.participant}
        record_class_access(self.user(), people.values(), "safety alerts")
        return self.get_paginated_response(AlertSerializer(page, many=True).data)


class AlertAcknowledge(StudyView):
    serializer_class = AcknowledgeSerializer

    @extend_schema(request=AcknowledgeSerializer, responses={200: AlertSerializer, **REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        """Note what was done about an alert."""
        alert = alert_for(self.user(), pk)
        asked = AcknowledgeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            saved = acknowledge(alert=alert, by=self.user(), **asked.validated_data)
        except StudyError as error:
            return refusal(error)
        return Response(AlertSerializer(saved).data)
