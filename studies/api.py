"""Studies for programs: randomisation and audit, through the doors and rules of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from studies import audit
from studies.access import (
    SEES_NAMES,
    audited_study_for,
    role_in,
    sees_arms,
    students_of,
    study_for,
)
from studies.audit_file import KIND as AUDIT
from studies.audit_forms import AuditFilter
from studies.audit_view import PayloadReader
from studies.errors import StudyError
from studies.jobs.api import JobSerializer
from studies.jobs.services import start
from studies.models import AuditEntry, RandomisationPlan, User
from studies.plans import assign_waiting, close_plan, commit_plan, published
from studies.randomise.design import read_design

if TYPE_CHECKING:
    from rest_framework.request import Request

    from studies.requests import SignedInRequest

UNPROCESSABLE = 422


class RefusedSerializer(serializers.Serializer[Any]):
    """A rule of the study says no."""

    code = serializers.CharField()
    advice = serializers.CharField()


def refusal(error: StudyError) -> Response:
    return Response({"code": error.code, "advice": str(error.advice)}, status=UNPROCESSABLE)


class PlanSerializer(serializers.Serializer[Any]):
    """A committed design; `published` is the file of docs/randomisation.md, sealed while the plan is open.

    Who may not know which group is which gets the hash and its time alone.
    """

    id = serializers.IntegerField(source="pk")
    is_open = serializers.BooleanField()
    commitment = serializers.CharField()
    committed_at = serializers.DateTimeField()
    published = serializers.SerializerMethodField()

    @extend_schema_field({"type": "object", "nullable": True})
    def get_published(self, plan: RandomisationPlan) -> dict[str, Any] | None:
        return published(plan) if self.context["sees_arms"] else None


class NewPlanSerializer(serializers.Serializer[Any]):
    """A design to fix: its document as in docs/randomisation.md."""

    design = serializers.JSONField()


class AssignSerializer(serializers.Serializer[Any]):
    """Whom to assign: one student by pseudonym, or everybody who waits."""

    code = serializers.CharField(max_length=20, required=False)


class AssignedSerializer(serializers.Serializer[Any]):
    """A student's new arm."""

    number = serializers.IntegerField()
    code = serializers.CharField(source="participant.code")
    arm = serializers.CharField(source="arm.key")


class CloseSerializer(serializers.Serializer[Any]):
    """Why a plan is closed."""

    reason = serializers.CharField(max_length=1000)


class EntrySerializer(serializers.Serializer[Any]):
    """An entry of the audit as it is hashed (docs/audit.md), and its hash."""

    study = serializers.IntegerField(source="study_id")
    number = serializers.IntegerField()
    at = serializers.SerializerMethodField()
    actor = serializers.IntegerField(source="actor_id", allow_null=True)
    kind = serializers.ChoiceField(choices=AuditEntry.Kind.choices)
    action = serializers.CharField()
    subject = serializers.CharField()
    payload = serializers.SerializerMethodField()
    previous = serializers.SerializerMethodField(help_text="Empty for who is blinded.")
    hash = serializers.SerializerMethodField(help_text="Empty for who is blinded.")

    def get_at(self, entry: AuditEntry) -> str:
        return str(audit.document_of(entry)["at"])

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_payload(self, entry: AuditEntry) -> dict[str, Any]:
        return self._reader.read(entry.payload)

    def get_previous(self, entry: AuditEntry) -> str:
        return entry.previous if self._reader.sees_all else ""

    def get_hash(self, entry: AuditEntry) -> str:
        return entry.hash if self._reader.sees_all else ""

    @property
    def _reader(self) -> PayloadReader:
        reader: PayloadReader = self.context["reader"]
        return reader


class StudyView(GenericAPIView[Any]):
    """What the views below share."""

    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def as_page(self) -> SignedInRequest:
        """The request as the pages' views take it; whoever signed in, also by a key, is its user."""
        return cast("SignedInRequest", self.request._request)


class StudyPlans(StudyView):
    serializer_class = PlanSerializer
    queryset = RandomisationPlan.objects.none()
    pagination_class = None

    @extend_schema(responses=PlanSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The committed designs of a study, newest first."""
        study = study_for(self.user(), pk, staff=True, whole=True)
        plans = list(study.plans.select_related("study"))
        open_arms = sees_arms(self.user(), study)
        for plan in plans if open_arms else ():
            audit.exported(study.pk, self.user(), "allocation to publish", plan=plan.pk)
        return Response(PlanSerializer(plans, many=True, context={"sees_arms": open_arms}).data)

    @extend_schema(request=NewPlanSerializer, responses={201: PlanSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Fix a design; the answer holds the hash to publish."""
        study = study_for(self.user(), pk, write=True, whole=True)
        asked = NewPlanSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            design = read_design(asked.validated_data["design"])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ValidationError({"design": [f"not a design: {type(error).__name__} {error}"]}) from None
        try:
            plan = commit_plan(study=study, by=self.user(), design=design)
        except StudyError as error:
            return refusal(error)
        return Response(PlanSerializer(plan, context={"sees_arms": True}).data, status=201)


class PlanAssign(StudyView):
    serializer_class = AssignSerializer

    @extend_schema(
        request=AssignSerializer, responses={201: AssignedSerializer(many=True), UNPROCESSABLE: RefusedSerializer}
    )
    def post(self, request: Request, pk: int, plan_pk: int) -> Response:
        """Give one student, or everybody who waits, the next arms of the design."""
        asked = AssignSerializer(data=request.data)
        study = study_for(self.user(), pk, write=True)
        plan = get_object_or_404(study.plans, pk=plan_pk)
        asked.is_valid(raise_exception=True)
        code = asked.validated_data.get("code")
        if not code:
            study_for(self.user(), pk, write=True, whole=True)
        only = get_object_or_404(students_of(self.user(), study), code=code) if code else None
        try:
            made = assign_waiting(plan=plan, by=self.user(), only=only)
        except StudyError as error:
            return refusal(error)
        return Response(AssignedSerializer(made, many=True).data, status=201)


class PlanClose(StudyView):
    serializer_class = CloseSerializer

    @extend_schema(request=CloseSerializer, responses={200: PlanSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int, plan_pk: int) -> Response:
        """End a design and reveal its seed: the owner's step."""
        study = study_for(self.user(), pk, own=True)
        plan = get_object_or_404(study.plans, pk=plan_pk)
        asked = CloseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            close_plan(plan=plan, by=self.user(), reason=asked.validated_data["reason"])
        except StudyError as error:
            return refusal(error)
        return Response(PlanSerializer(plan, context={"sees_arms": True}).data)


class StudyAudit(StudyView):
    serializer_class = EntrySerializer
    queryset = AuditEntry.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=AuditEntry.Kind.values),
            OpenApiParameter("actor", int, description="The number of the account."),
            OpenApiParameter("subject", str, description="The student's pseudonym."),
            OpenApiParameter("since", OpenApiTypes.DATE),
            OpenApiParameter("until", OpenApiTypes.DATE),
        ],
        responses=EntrySerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """The audit, newest first: for the study's owner and its data-protection officer."""
        study = audited_study_for(self.user(), pk)
        named = role_in(self.user(), study) in SEES_NAMES
        form = AuditFilter(request.query_params, study=study, named=named)
        if not form.is_valid():
            raise ValidationError({name: [str(error) for error in errors] for name, errors in form.errors.items()})
        rows = form.applied(AuditEntry.objects.filter(study=study)).order_by("-number")
        context = {"reader": PayloadReader(self.user(), study)}
        page = EntrySerializer(self.paginate_queryset(rows) or [], many=True, context=context)
        return self.get_paginated_response(page.data)


class StudyAuditFile(StudyView):
    serializer_class = JobSerializer

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Ask for the whole chain as a file: for who reads all of the audit."""
        study = audited_study_for(self.user(), pk, arms=True)
        return Response(JobSerializer(start(kind=AUDIT.key, by=self.user(), study=study)).data, status=202)
