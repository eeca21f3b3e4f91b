"""The calculator for programs: the page's numbers with all their digits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from analysis.design.forms import SizeForm
from analysis.design.sizes import sizes
from analysis.stats import InvalidSample
from studies.access import study_for
from studies.api import StudyView
from studies.protocol.selectors import current_document
from studies.protocol.words import as_seen_by

if TYPE_CHECKING:
    from rest_framework.request import Request


class PowerAtSerializer(serializers.Serializer[Any]):
    students = serializers.IntegerField()
    power = serializers.FloatField()


class SizesSerializer(serializers.Serializer[Any]):
    """`needed`: students to enrol, all groups together; null when no class is large enough.

    `power_planned` and `detectable` (in the unit of `effect`) are for `students`.
    """

    needed = serializers.IntegerField(allow_null=True)
    sections = serializers.IntegerField(allow_null=True, help_text="In each group, where whole sections are drawn.")
    power_planned = serializers.FloatField(allow_null=True)
    detectable = serializers.FloatField(allow_null=True)
    curve = PowerAtSerializer(many=True)


class StudySampleSize(StudyView):
    serializer_class = SizesSerializer
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=["t", "anova", "rates"]),
            OpenApiParameter("effect", float),
            OpenApiParameter("students", int),
            OpenApiParameter("power", int, description="Percent."),
            OpenApiParameter("alpha", float, description="Percent."),
            OpenApiParameter("dropout", int, description="Percent."),
            OpenApiParameter("section_size", int),
            OpenApiParameter("icc", float),
            OpenApiParameter("rate_per_1000_h", float),
            OpenApiParameter("hours_each", float),
        ]
    )
    def get(self, request: Request, pk: int) -> Response:
        """How many students are needed. What is not said is taken from the protocol, or is usual."""
        study = study_for(self.user(), pk, staff=True)
        document = as_seen_by(self.user(), study, current_document(study))
        form = SizeForm(document=document)
        asked = {field.name: field.initial for field in form} | request.query_params.dict()
        form = SizeForm(asked, document=document)
        if not form.is_valid():
            raise ValidationError({name: [str(error) for error in errors] for name, errors in form.errors.items()})
        try:
            found = sizes(form.assumed())
        except InvalidSample as error:
            raise ValidationError({"effect": [error.reason]}) from error
        return Response(SizesSerializer(found).data)
