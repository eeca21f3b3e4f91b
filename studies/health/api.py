"""One week of the weekly questions for programs, and a problem of it that becomes an injury."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import record_class_access, students_of, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.errors import StudyError
from studies.health.services import answers_of, not_answered
from studies.health.views import WEEKLY
from studies.injuries.access import problem_for
from studies.injuries.api import InjurySerializer
from studies.injuries.forms import ProblemInjuryForm
from studies.injuries.services import log_problem_as_injury
from studies.models import HealthProblem

if TYPE_CHECKING:
    from rest_framework.request import Request


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem of the week, worst first. Answers 0 to 3, `severity` 0 to 100. `injury`: its entry in the log."""

    id = serializers.IntegerField(source="pk")
    code = serializers.CharField(source="answer.participant.code")
    late = serializers.BooleanField(source="answer.late")
    kind = serializers.ChoiceField(choices=HealthProblem.Kind.choices)
    region = serializers.CharField()
    side = serializers.CharField()
    participation = serializers.IntegerField()
    training = serializers.IntegerField(allow_null=True)
    performance = serializers.IntegerField(allow_null=True)
    symptoms = serializers.IntegerField(allow_null=True)
    severity = serializers.IntegerField()
    substantial = serializers.BooleanField()
    injury = serializers.IntegerField(source="injury_id", allow_null=True)


class OneWeekSerializer(serializers.Serializer[Any]):
    """A week of the class; `missing` are the pseudonyms of those who were asked and have not answered."""

    id = serializers.IntegerField(source="week.pk")
    starts_on = serializers.DateField(source="week.starts_on")
    opens_on = serializers.DateField(source="week.opens_on")
    due_on = serializers.DateField(source="week.due_on")
    answers = serializers.IntegerField()
    late = serializers.IntegerField()
    missing = serializers.ListField(child=serializers.CharField())
    problems = ProblemSerializer(many=True)


class BecomesInjurySerializer(serializers.Serializer[Any]):
    occurred_on = serializers.DateField()


class StudyWeek(StudyView):
    serializer_class = OneWeekSerializer
    pagination_class = None

    @extend_schema(operation_id="studies_week_retrieve", responses=OneWeekSerializer)
    def get(self, request: Request, pk: int, week_pk: int) -> Response:
        """One week: who has not answered, and the problems, by code."""
        study = study_for(self.user(), pk, staff=True)
        week = get_object_or_404(study.health_weeks, pk=week_pk)
        people = students_of(self.user(), study)
        answers = answers_of(week, people)
        record_class_access(self.user(), [row.participant for row in answers], WEEKLY)
        for row in answers:
            for problem in row.problems.all():
                problem.answer = row
        found = {
            "week": week,
            "answers": len(answers),
            "late": sum(row.late for row in answers),
            "missing": not_answered(week, people).order_by("code").values_list("code", flat=True),
            "problems": sorted((one for row in answers for one in row.problems.all()), key=lambda one: -one.severity),
        }
        return Response(OneWeekSerializer(found).data)


class ProblemInjury(StudyView):
    serializer_class = BecomesInjurySerializer

    @extend_schema(request=BecomesInjurySerializer, responses={201: InjurySerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Log a problem of the weekly questions as an injury, once."""
        problem = problem_for(self.user(), pk)
        asked = BecomesInjurySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = cleaned(ProblemInjuryForm(asked.validated_data))
        try:
            made = log_problem_as_injury(problem=problem, by=self.user(), **given)
        except StudyError as error:
            return refusal(error)
        return Response(InjurySerializer(made, context={"named": True}).data, status=201)
