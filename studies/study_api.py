"""Studies for programs: the list, one study, making one; what the pages show and the wizard's last button does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import STAFF, role_in, sections_of, students_of, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.closing.looks import may_compare
from studies.errors import StudyError
from studies.models import Membership, Study
from studies.protocol.api import ProtocolDocumentSerializer, keyed_document
from studies.protocol.selectors import current_document, own_studies
from studies.protocol.services import create_from_draft, keep_document, may_create_studies, start_draft
from studies.protocol.words import as_seen_by
from studies.selectors import arms_of_class, class_with_totals, studies_with_role

if TYPE_CHECKING:
    from rest_framework.request import Request

    from studies.models import User

ROLES = [*Membership.Role.values, "student"]
TOLD = ("plain_summary", "weeks", "lessons_per_week", "lesson_minutes", "committee", "data_sharing", "contact")


class StudyFieldsSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    starts_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    unblinded_at = serializers.DateTimeField(allow_null=True)
    is_demonstration = serializers.BooleanField(help_text="Invented or reconstructed data.")


class StudySerializer(StudyFieldsSerializer):
    """A study, and what the reader is in it."""

    role = serializers.ChoiceField(choices=ROLES)


class GroupSerializer(serializers.Serializer[Any]):
    """A group as the reader may see it, with totals of those of its students whom they work with.

    `gives_ai_feedback` is null for blinded readers.
    """

    key = serializers.CharField(source="arm.key")
    name = serializers.CharField(source="arm.name")
    gives_ai_feedback = serializers.BooleanField(source="arm.gives_ai_feedback", allow_null=True)
    students = serializers.IntegerField(source="size")
    lessons = serializers.IntegerField()
    minutes = serializers.IntegerField()
    injuries = serializers.IntegerField(
        source="injury_count", allow_null=True, help_text="Null while the groups may not be compared."
    )


class AboutSerializer(serializers.Serializer[Any]):
    """What those who take part are told of the study."""

    plain_summary = serializers.CharField()
    weeks = serializers.IntegerField(allow_null=True)
    lessons_per_week = serializers.IntegerField(allow_null=True)
    lesson_minutes = serializers.IntegerField(allow_null=True)
    committee = serializers.CharField()
    data_sharing = serializers.CharField()
    contact = serializers.CharField()
    outcomes = serializers.ListField(child=serializers.CharField())


class StudyDetailSerializer(StudyFieldsSerializer):
    """`sections`: the only ones that an instructor works with. `participant`: a student's own row.

    `groups`, `students` and `unassigned` are null for who works with no rows of students: assessor, officer, student.
    """

    role = serializers.SerializerMethodField()
    data_note = serializers.CharField()
    feedback_released_at = serializers.DateTimeField(allow_null=True)
    about = serializers.SerializerMethodField()
    sections = serializers.SerializerMethodField()
    participant = serializers.SerializerMethodField()
    students = serializers.SerializerMethodField()
    unassigned = serializers.SerializerMethodField()
    groups = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=ROLES))
    def get_role(self, study: Study) -> str | None:
        return role_in(self._user, study)

    @extend_schema_field(AboutSerializer)
    def get_about(self, study: Study) -> dict[str, Any]:
        document = as_seen_by(self._user, study, current_document(study))
        told = {name: document[name] for name in TOLD}
        return told | {"outcomes": [outcome["name"] for outcome in document["outcomes"]]}

    def get_sections(self, study: Study) -> list[str]:
        return sorted(sections_of(self._user, study))

    def get_participant(self, study: Study) -> int | None:
        if role_in(self._user, study) != "student":
            return None
        return students_of(self._user, study).get(user=self._user).pk

    def get_students(self, study: Study) -> int | None:
        return None if self._rows is None else len(self._rows)

    def get_unassigned(self, study: Study) -> int | None:
        return None if self._rows is None else sum(row.arm_id is None for row in self._rows)

    @extend_schema_field(GroupSerializer(many=True, allow_null=True))
    def get_groups(self, study: Study) -> Any:
        if self._rows is None:
            return None
        return GroupSerializer(arms_of_class(self._user, study, self._rows, compare=may_compare(study)), many=True).data

    @property
    def _user(self) -> User:
        user: User = self.context["user"]
        return user

    @property
    def _rows(self) -> list[Any] | None:
        rows: list[Any] | None = self.context["rows"]
        return rows


class NewStudySerializer(serializers.Serializer[Any]):
    """A study to make: from `begin`, with the parts of `document` in the place of what stands there.

    `begin` is "paper", the ready-made design, or "empty", which a document without it begins with. `copy_of` is a study
    of one's own whose words are taken instead.
    """

    begin = serializers.ChoiceField(choices=["paper", "empty"], required=False)
    copy_of = serializers.IntegerField(required=False)
    document = ProtocolDocumentSerializer(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "begin" in attrs and "copy_of" in attrs:
            raise serializers.ValidationError("Give either begin or copy_of.")
        if not attrs:
            raise serializers.ValidationError("Give begin, copy_of or a document.")
        return attrs


def detail_of(user: User, study: Study) -> dict[str, Any]:
    rows = class_with_totals(students_of(user, study)) if role_in(user, study) in STAFF else None
    return dict(StudyDetailSerializer(study, context={"user": user, "rows": rows}).data)


class Studies(StudyView):
    serializer_class = StudySerializer
    queryset = Study.objects.none()

    @extend_schema(
        operation_id="studies_list",
        parameters=[
            OpenApiParameter("role", str, enum=ROLES, description="What you are in it."),
            OpenApiParameter("closed", bool),
        ],
        responses=StudySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """The studies in which you work or take part, by title."""
        rows = studies_with_role(self.user())
        if role := request.query_params.get("role"):
            rows = rows.filter(role=role)
        if (closed := request.query_params.get("closed")) is not None:
            rows = rows.filter(closed_at__isnull=closed not in {"1", "true"})
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(StudySerializer(page, many=True).data)

    @extend_schema(request=NewStudySerializer, responses={201: StudyDetailSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request) -> Response:
        """Make a study with its first protocol version. You own it."""
        if not may_create_studies(self.user()):
            raise PermissionDenied
        asked = NewStudySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        source = get_object_or_404(own_studies(self.user()), pk=given["copy_of"]) if "copy_of" in given else None
        try:
            with transaction.atomic():
                draft = start_draft(by=self.user(), source=source, ready_made=given.get("begin") == "paper")
                if document := keyed_document(given.get("document", {})):
                    draft = keep_document(draft=draft, by=self.user(), document=document, seen_version=draft.version)
                study = create_from_draft(draft=draft, by=self.user())
        except StudyError as error:
            return refusal(error)
        return Response(detail_of(self.user(), study), status=201)


class OneStudy(StudyView):
    serializer_class = StudyDetailSerializer

    @extend_schema(operation_id="study_retrieve", responses=StudyDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """One study: what everybody in it is told, and for staff its groups."""
        return Response(detail_of(self.user(), study_for(self.user(), pk)))
