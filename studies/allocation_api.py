"""Draws of the whole class for programs, and designs simulated before one is chosen.

Who may not know which group is which gets neither seed, list nor reason: they would tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from studies import audit
from studies.access import sees_arms, study_for
from studies.allocation import allocate_arms, differences, published_list
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.errors import StudyError
from studies.forms import AllocateForm
from studies.models import AllocationList
from studies.plan_forms import StudentsForm
from studies.randomise.simulate import STUDENTS_MAX
from studies.simulation_page import design_to_simulate, simulated, students_to_simulate

if TYPE_CHECKING:
    from rest_framework.request import Request


class Checked(NamedTuple):
    """A draw, and what does not fit between it and the rows of now."""

    row: AllocationList
    differences: list[str]


class DrawSerializer(serializers.Serializer[Any]):
    """A draw. `matches`: made again just now from seed and roster, it is the same, and every student is where it says.

    `seed`, `reason` and `differences` are null for blinded readers.
    """

    id = serializers.IntegerField(source="row.pk")
    created_at = serializers.DateTimeField(source="row.created_at")
    algorithm = serializers.CharField(source="row.algorithm")
    students = serializers.SerializerMethodField()
    sha256 = serializers.CharField(source="row.sha256")
    matches = serializers.SerializerMethodField()
    seed = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField()

    def get_students(self, draw: Checked) -> int:
        return len(draw.row.roster)

    def get_matches(self, draw: Checked) -> bool:
        return not draw.differences

    def get_seed(self, draw: Checked) -> str | None:
        return str(draw.row.seed) if self.context["sees_arms"] else None

    def get_reason(self, draw: Checked) -> str | None:
        return draw.row.reason if self.context["sees_arms"] else None

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), allow_null=True))
    def get_differences(self, draw: Checked) -> list[str] | None:
        return draw.differences if self.context["sees_arms"] else None


class NewDrawSerializer(serializers.Serializer[Any]):
    """Draw those who have no group yet; `again`: everybody anew, with the reason."""

    again = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=1000, default="", allow_blank=True)


class AllocationFileSerializer(serializers.Serializer[Any]):
    """All that is needed to make a list again (docs/randomisation.md), and the result: pseudonym -> group."""

    algorithm = serializers.CharField()
    seed = serializers.CharField()
    arms = serializers.ListField(child=serializers.CharField())
    ids = serializers.ListField(child=serializers.CharField())
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()
    reason = serializers.CharField()
    allocation = serializers.DictField(child=serializers.CharField(), allow_null=True)


class SpreadSerializer(serializers.Serializer[Any]):
    """Students: the mean of all runs, what 95 of 100 runs stay within, and the worst run."""

    mean = serializers.FloatField()
    within_95 = serializers.IntegerField()
    worst = serializers.IntegerField()


class SimulatedSerializer(serializers.Serializer[Any]):
    """One design. Differences of group sizes at the end and at any moment; of the worst level of any factor at the end.

    `guessed` and `by_chance`: share of students whose group a guesser names, and would by luck.
    """

    algorithm = serializers.CharField(source="row.algorithm")
    is_own = serializers.BooleanField()
    difference = SpreadSerializer(source="row.difference")
    on_the_way = SpreadSerializer(source="row.on_the_way")
    in_levels = SpreadSerializer(source="row.in_levels", allow_null=True)
    guessed = serializers.FloatField(source="row.guessed")
    by_chance = serializers.FloatField(source="row.by_chance")


class SimulationSerializer(serializers.Serializer[Any]):
    """The study's design among its rivals; empty for a study of one group. `plan` is null before one is committed.

    `from_class`: the characteristics are those of the study's own students.
    """

    plan = serializers.IntegerField(allow_null=True)
    runs = serializers.IntegerField()
    students = serializers.IntegerField()
    from_class = serializers.BooleanField()
    designs = SimulatedSerializer(source="table", many=True)


class StudyDraws(StudyView):
    serializer_class = DrawSerializer
    queryset = AllocationList.objects.none()

    @extend_schema(responses=DrawSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The draws of a study, newest first."""
        study = study_for(self.user(), pk, staff=True, whole=True)
        rows = self.paginate_queryset(study.allocation_lists.all()) or []
        page = [Checked(row, differences(row)) for row in rows]
        context = {"sees_arms": sees_arms(self.user(), study)}
        return self.get_paginated_response(DrawSerializer(page, many=True, context=context).data)

    @extend_schema(request=NewDrawSerializer, responses={201: DrawSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Draw the whole class at once. A study with a committed plan is drawn by that."""
        study = study_for(self.user(), pk, write=True, whole=True)
        asked = NewDrawSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            made = allocate_arms(study=study, by=self.user(), **cleaned(AllocateForm(asked.validated_data)))
        except StudyError as error:
            return refusal(error)
        found = Checked(made, differences(made))
        return Response(DrawSerializer(found, context={"sees_arms": True}).data, status=201)


class OneDraw(StudyView):
    serializer_class = AllocationFileSerializer

    @extend_schema(operation_id="studies_draw_retrieve", responses=AllocationFileSerializer)
    def get(self, request: Request, pk: int, list_pk: int) -> Response:
        """One list as its file. Written down as an export."""
        study = study_for(self.user(), pk, staff=True, whole=True, arms=True)
        row = get_object_or_404(study.allocation_lists, pk=list_pk)
        audit.exported(study.pk, self.user(), "allocation list", list=row.pk, rows=len(row.roster))
        return Response(published_list(row))


class StudySimulation(StudyView):
    serializer_class = SimulationSerializer
    pagination_class = None

    @extend_schema(
        parameters=[OpenApiParameter("students", int, description=f"2 to {STUDENTS_MAX}; without it the class.")],
        responses=SimulationSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        """The study's design repeated 10 000 times beside its rivals; before one is committed, the class at once."""
        study = study_for(self.user(), pk, staff=True, whole=True)
        plan, design = design_to_simulate(study)
        sent = {"students": request.query_params.get("students", students_to_simulate(self.user(), study))}
        students = cleaned(StudentsForm(sent))["students"]
        found: dict[str, Any] = {"runs": 0, "students": students, "from_class": False, "table": []}
        if len(design.ratios) > 1:
            found = simulated(study, design, students)
        return Response(SimulationSerializer(found | {"plan": plan.pk if plan else None}).data)
