"""Plans and frozen reports for programs: the same services and doors as the pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from analysis.export import DOWNLOADED
from analysis.frozen.seen import frozen_for, hashes_for, report_for
from analysis.frozen.services import failure_words, order_report
from analysis.models import AnalysisPlan, FrozenReport
from analysis.plans.document import read
from analysis.plans.fields import PlanError
from analysis.plans.services import newest_plan, save_plan
from studies.access import record_class_access, record_export, sees_arms, study_for
from studies.errors import StudyError
from studies.models import Participant, User

if TYPE_CHECKING:
    from rest_framework.request import Request

    from analysis.frozen.seen import Hashes

UNPROCESSABLE = 422


class PlanRefusedSerializer(serializers.Serializer[Any]):
    """`where` is a path in the document, empty where it is about the whole."""

    code = serializers.CharField()
    where = serializers.CharField()
    advice = serializers.CharField()


class AnalysisPlanSerializer(serializers.ModelSerializer[AnalysisPlan]):
    """A version of the plan; `document` is the file."""

    registered = serializers.BooleanField(source="is_registered")

    class Meta:
        model = AnalysisPlan
        fields = ("version", "sha256", "stage", "registered", "values_then", "reason", "saved_at", "document")


class NewAnalysisPlanSerializer(serializers.Serializer[Any]):
    """`seen_version`: the newest version that the sender knows, 0 for none."""

    document = serializers.JSONField()
    seen_version = serializers.IntegerField(min_value=0)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class FrozenReportSerializer(serializers.ModelSerializer[FrozenReport]):
    """`failure` is the sentence for a person, empty unless it failed. `withdrawn`: how many withdrew since. The hashes
    are those of the snapshot that this reader gets.
    """

    plan_version = serializers.IntegerField(source="plan.version")
    sha256 = serializers.SerializerMethodField()
    data_sha256 = serializers.SerializerMethodField()
    failure = serializers.SerializerMethodField()
    withdrawn = serializers.SerializerMethodField()

    class Meta:
        model = FrozenReport
        fields = (
            *("id", "state", "percent", "plan_version", "created_at", "finished_at", "sha256", "data_sha256"),
            *("code_sha256", "failure_code", "failure", "withdrawn"),
        )

    def get_withdrawn(self, report: FrozenReport) -> int:
        return len(report.withdrawn.all())

    def get_sha256(self, report: FrozenReport) -> str:
        return self._hashes(report).document

    def get_data_sha256(self, report: FrozenReport) -> str:
        return self._hashes(report).data

    def _hashes(self, report: FrozenReport) -> Hashes:
        return hashes_for(report, blinded=self.context["blinded"])

    def get_failure(self, report: FrozenReport) -> str:
        return failure_words(report.failure_code) if report.failure_code else ""


class _View(GenericAPIView[Any]):
    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user


def plan_refusal(error: PlanError | StudyError) -> Response:
    where = error.where if isinstance(error, PlanError) else ""
    return Response({"code": error.code, "where": where, "advice": str(error.advice)}, status=UNPROCESSABLE)


class StudyAnalysisPlans(_View):
    serializer_class = AnalysisPlanSerializer
    queryset = AnalysisPlan.objects.none()

    @extend_schema(responses=AnalysisPlanSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """All versions of a study's plan, the newest first."""
        study = study_for(self.user(), pk, staff=True, whole=True)
        rows = AnalysisPlan.objects.filter(study=study)
        return self.get_paginated_response(AnalysisPlanSerializer(self.paginate_queryset(rows) or [], many=True).data)

    @extend_schema(
        request=NewAnalysisPlanSerializer, responses={201: AnalysisPlanSerializer, UNPROCESSABLE: PlanRefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Save a plan as the next version."""
        study = study_for(self.user(), pk, write=True, whole=True)
        asked = NewAnalysisPlanSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        try:
            saved = save_plan(
                study=study,
                by=self.user(),
                plan=read(given["document"]),
                reason=given["reason"],
                seen_version=given["seen_version"],
            )
        except (PlanError, StudyError) as error:
            return plan_refusal(error)
        return Response(AnalysisPlanSerializer(saved).data, status=201)


class StudyFrozenReports(_View):
    serializer_class = FrozenReportSerializer
    queryset = FrozenReport.objects.none()

    @extend_schema(responses=FrozenReportSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """All frozen reports of a study, the newest first."""
        study = study_for(self.user(), pk, staff=True, whole=True)
        rows = (
            FrozenReport.objects.without_document()
            .filter(study=study)
            .select_related("plan")
            .prefetch_related("withdrawn")
        )
        context = {"blinded": not sees_arms(self.user(), study)}
        found = FrozenReportSerializer(self.paginate_queryset(rows) or [], many=True, context=context)
        return self.get_paginated_response(found.data)

    @extend_schema(request=None, responses={202: FrozenReportSerializer, UNPROCESSABLE: PlanRefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Make a report of the newest plan; ask for it again until it is done or failed."""
        study = study_for(self.user(), pk, staff=True, whole=True)
        plan = newest_plan(study)
        if plan is None:
            return plan_refusal(StudyError("no_plan", "Save a plan first: a report answers what was planned."))
        try:
            made = order_report(plan=plan, by=self.user())
        except StudyError as error:
            return plan_refusal(error)
        context = {"blinded": not sees_arms(self.user(), study)}
        return Response(FrozenReportSerializer(made, context=context).data, status=202)


class FrozenReportDetail(_View):
    serializer_class = FrozenReportSerializer

    def get(self, request: Request, pk: int) -> Response:
        """How far a report is, its hashes, and why it failed if it did."""
        report = report_for(self.user(), pk)
        context = {"blinded": not sees_arms(self.user(), report.study)}
        return Response(FrozenReportSerializer(report, context=context).data)


class FrozenReportSnapshot(_View):
    serializer_class = serializers.Serializer

    @extend_schema(responses={200: dict[str, Any]})
    def get(self, request: Request, pk: int) -> Response:
        """The whole snapshot: plan, findings, records by code. Written down as an export."""
        report = report_for(self.user(), pk)
        frozen, _labels = frozen_for(self.user(), report)
        record_class_access(self.user(), Participant.objects.filter(study=report.study), DOWNLOADED)
        record_export(self.user(), report.study, "frozen report (API)", rows=len(frozen.data.people))
        return Response(json.loads(frozen.text()))
