"""Dry runs for programs: assumptions in, an invented study with its report and what to expect out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from analysis.dryrun.assumptions import LIMITS, Assumptions
from analysis.dryrun.forms import WHOLE, DryRunForm
from analysis.dryrun.services import make_dry_run
from analysis.frozen.api import PlanRefusedSerializer, plan_refusal
from analysis.models import DryRun
from analysis.plans.fields import PlanError
from studies.access import study_for
from studies.api import UNPROCESSABLE, StudyView
from studies.api_forms import cleaned
from studies.errors import StudyError

if TYPE_CHECKING:
    from rest_framework.request import Request


NEEDED = {"students_per_arm", "effect"}
"""What a dry run is about; the rest has usual values."""


def _number(name: str, default: Any) -> serializers.Field[Any, Any, Any, Any]:
    low, high = LIMITS[name]
    about: dict[str, Any] = {"required": True} if name in NEEDED else {"default": default}
    if name in WHOLE:
        return serializers.IntegerField(min_value=int(low), max_value=int(high), **about)
    return serializers.FloatField(min_value=low, max_value=high, **about)


AssumptionsSerializer = type(
    "AssumptionsSerializer",
    (serializers.Serializer,),
    {
        "__doc__": "What is assumed (docs/analysis.md); what is left out is the usual value.",
        "__module__": __name__,
        **{name: _number(name, default) for name, default in Assumptions().document().items()},
    },
)


class ExpectedSerializer(serializers.Serializer[Any]):
    """A hypothesis: the share of `trials` simulated studies that rejects, and its standard error. `width` is the mean
    width of the interval, `not_computed` the share of studies that gave no result.
    """

    key = serializers.CharField()
    test = serializers.CharField()
    trials = serializers.IntegerField()
    power = serializers.FloatField()
    power_se = serializers.FloatField()
    width = serializers.FloatField(allow_null=True)
    not_computed = serializers.FloatField()


class DryRunSerializer(serializers.Serializer[Any]):
    """`copy` is the invented study, `report` its frozen report. A worker makes it; `expected` is empty until then."""

    id = serializers.IntegerField(source="pk")
    made_at = serializers.DateTimeField()
    copy = serializers.IntegerField(source="copy_id", allow_null=True)
    report = serializers.IntegerField(source="report_id", allow_null=True)
    assumptions = serializers.DictField()
    expected = ExpectedSerializer(many=True)


class StudyDryRuns(StudyView):
    serializer_class = DryRunSerializer
    queryset = DryRun.objects.none()

    @extend_schema(responses=DryRunSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The dry runs of a study, newest first."""
        study = study_for(self.user(), pk, staff=True)
        rows = DryRun.objects.filter(study=study)
        return self.get_paginated_response(DryRunSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        request=AssumptionsSerializer, responses={202: DryRunSerializer, UNPROCESSABLE: PlanRefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make one: an invented copy of the study, its report and the expected power. Nobody real is in it."""
        study = study_for(self.user(), pk, staff=True, write=True)
        asked = AssumptionsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        form = DryRunForm(asked.validated_data)
        cleaned(form)
        try:
            made = make_dry_run(study=study, by=self.user(), assumptions=form.assumptions())
        except (PlanError, StudyError) as error:
            return plan_refusal(error)
        return Response(DryRunSerializer(made).data, status=202)
