"""The class for programs: its students by code, and enrolling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import (
    SEES_NAMES,
    arms_shown_to,
    record_class_access,
    role_in,
    sections_of,
    students_of,
    study_for,
)
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView
from studies.api_forms import cleaned
from studies.enrolment import CLASS_MAX, ClassListRefused, class_lines, enrol_class
from studies.forms import SectionForm
from studies.models import Participant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from studies.models import Study, User

ROSTER = "roster"


class BaselineSerializer(serializers.Serializer[Any]):
    """What is known at the start; null or empty where it is not."""

    sex = serializers.CharField()
    age_years = serializers.IntegerField(allow_null=True)
    height_cm = serializers.FloatField(allow_null=True)
    mass_kg = serializers.FloatField(allow_null=True)
    experience_months = serializers.IntegerField(allow_null=True)
    one_rm_kg = serializers.FloatField(allow_null=True)
    working_load_kg = serializers.FloatField(allow_null=True)
    measured_on = serializers.DateField(allow_null=True)


class ParticipantSerializer(serializers.Serializer[Any]):
    """A student. `name` is null for who may not read names."""

    id = serializers.IntegerField(source="pk")
    code = serializers.CharField(help_text="The pseudonym.")
    name = serializers.SerializerMethodField()
    year = serializers.IntegerField(source="year_of_study")
    section = serializers.CharField()
    eligibility = serializers.ChoiceField(choices=Participant.Eligibility.choices)
    arm = serializers.SerializerMethodField(help_text="The group's key; of a blinded role its letter, group-a.")
    enrolled_at = serializers.DateTimeField()
    baseline = serializers.SerializerMethodField()

    def get_name(self, row: Participant) -> str | None:
        return row.user.get_full_name() if self.context["named"] else None

    def get_arm(self, row: Participant) -> str | None:
        groups: dict[int, str] = self.context["groups"]
        return groups.get(row.arm_id) if row.arm_id else None

    @extend_schema_field(BaselineSerializer(allow_null=True))
    def get_baseline(self, row: Participant) -> dict[str, Any] | None:
        baseline = getattr(row, "baseline", None)
        return dict(BaselineSerializer(baseline).data) if baseline else None


class NewStudentSerializer(serializers.Serializer[Any]):
    """Somebody to enrol. An account of this user name keeps its name and password."""

    name = serializers.CharField(max_length=300, help_text="First name, then the rest.")
    username = serializers.CharField(max_length=150)
    year = serializers.IntegerField(min_value=1, max_value=8)


class EnrolSerializer(serializers.Serializer[Any]):
    """Students to enrol into one section; who works with some sections alone names one of these."""

    students = serializers.ListField(child=NewStudentSerializer(), allow_empty=False, max_length=CLASS_MAX)
    section = serializers.CharField(max_length=40, default="", allow_blank=True)


class RefusedListSerializer(RefusedSerializer):
    """Nobody was enrolled; `students` says for each that is wrong, counted from 1, what to change."""

    students = serializers.DictField(child=serializers.CharField())


def groups_for(user: User, study: Study) -> dict[int, str]:
    """Keys of the groups by primary key, as this user may read them."""
    return {arm.pk: arm.key for arm in arms_shown_to(user, study)}


def _shown(user: User, study: Study, rows: Iterable[Participant] | QuerySet[Participant]) -> Any:
    context = {"named": role_in(user, study) in SEES_NAMES, "groups": groups_for(user, study)}
    return ParticipantSerializer(rows, many=True, context=context).data


class StudyParticipants(StudyView):
    serializer_class = ParticipantSerializer
    queryset = Participant.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("section", str),
            OpenApiParameter("eligibility", str, enum=Participant.Eligibility.values),
            OpenApiParameter("arm", str, description="The group's key, as this reader gets it."),
        ],
        responses=ParticipantSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """The roster with values at the start, by code."""
        study = study_for(self.user(), pk, staff=True)
        groups = groups_for(self.user(), study)
        asked = request.query_params
        wanted: dict[str, Any] = {name: asked[name] for name in ("section", "eligibility") if name in asked}
        if "arm" in asked:  # by the key that this reader gets: the real one would tell a blinded reader who is in it
            wanted["arm__in"] = [pk for pk, key in groups.items() if key == asked["arm"]]
        rows = students_of(self.user(), study).filter(**wanted).select_related("user", "baseline").order_by("code")
        page = self.paginate_queryset(rows) or []
        record_class_access(self.user(), page, ROSTER)
        return self.get_paginated_response(_shown(self.user(), study, page))

    @extend_schema(
        request=EnrolSerializer,
        responses={201: ParticipantSerializer(many=True), UNPROCESSABLE: RefusedListSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Enrol students: all of them or nobody. Accounts that don't exist are made, without a password."""
        study = study_for(self.user(), pk, write=True)
        asked = EnrolSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        sections = sections_of(self.user(), study)
        section = cleaned(SectionForm({"section": given["section"]}, sections=sections))["section"]
        people = enumerate(given["students"], start=1)
        try:
            lines = class_lines((at, (row["name"], row["username"], str(row["year"]))) for at, row in people)
            made = enrol_class(study=study, lines=lines, by=self.user(), section=section)
        except ClassListRefused as error:
            lines_wrong = {str(number): text for number, text in error.lines.items()}
            problem = {"code": error.code, "advice": str(error.advice), "students": lines_wrong}
            return Response(problem, status=UNPROCESSABLE)
        rows = Participant.objects.filter(pk__in=[row.pk for row in made]).order_by("code")
        return Response(_shown(self.user(), study, rows.select_related("user", "baseline")), status=201)
