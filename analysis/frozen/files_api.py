"""A frozen report's files for programs, and another report of the same plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from analysis.frozen import views
from analysis.frozen.api import FrozenReportSerializer, PlanRefusedSerializer, plan_refusal
from analysis.frozen.files import FILES
from analysis.frozen.orders import order
from analysis.frozen.seen import report_for
from analysis.frozen.services import order_report
from analysis.models import FrozenReport
from analysis.render.formats import FORMATS
from studies.access import sees_arms
from studies.api import UNPROCESSABLE, StudyView
from studies.errors import StudyError
from studies.jobs.api import JobSerializer

if TYPE_CHECKING:
    from django.http import HttpResponse
    from rest_framework.request import Request


class NewFileSerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=list(FORMATS))


class FrozenReportFiles(StudyView):
    serializer_class = NewFileSerializer

    @extend_schema(request=NewFileSerializer, responses={202: JobSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Ask for the report in one of the formats that a worker makes."""
        report = report_for(self.user(), pk)
        if report.state != FrozenReport.State.DONE:
            raise Http404("not made yet")
        asked = NewFileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        job = order(report, asked.validated_data["format"], by=self.user())
        return Response(JobSerializer(job).data, status=202)


class FrozenReportFile(StudyView):
    serializer_class = serializers.Serializer

    @extend_schema(
        parameters=[OpenApiParameter("kind", str, "path", enum=list(FILES))],
        responses={(200, "application/octet-stream"): bytes},
    )
    def get(self, request: Request, pk: int, kind: str) -> HttpResponse:
        """The snapshot as JSON, byte for byte what its SHA-256 is of, or its data as CSV. Written down as an export."""
        return views.frozen_file(self.as_page(), pk=pk, kind=kind)


class FrozenReportAgain(StudyView):
    serializer_class = FrozenReportSerializer

    @extend_schema(request=None, responses={202: FrozenReportSerializer, UNPROCESSABLE: PlanRefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Make another report of the same plan, from the rows of now."""
        report = report_for(self.user(), pk)
        try:
            made = order_report(plan=report.plan, by=self.user())
        except StudyError as error:
            return plan_refusal(error)
        context = {"blinded": not sees_arms(self.user(), report.study)}
        return Response(FrozenReportSerializer(made, context=context).data, status=202)
