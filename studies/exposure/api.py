"""Training and lessons for programs, through the doors and rules of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Count
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import participant_for, students_of, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.errors import StudyError
from studies.exposure.services import Attended, correct_lesson, log_lesson
from studies.models import Lesson, TrainingSession

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from studies.models import ParticipantQuerySet

    Rows = TypeVar("Rows", bound=QuerySet[Any])

DAYS = [OpenApiParameter("since", OpenApiTypes.DATE), OpenApiParameter("until", OpenApiTypes.DATE)]
REFUSED = {UNPROCESSABLE: RefusedSerializer}


class DaysSerializer(serializers.Serializer[Any]):
    """The first and the last day that are asked for."""

    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


def _within(rows: Rows, request: Request) -> Rows:
    """The rows of the days that the address names. Raises ValidationError for what is no day."""
    asked = DaysSerializer(data=request.query_params)
    asked.is_valid(raise_exception=True)
    if "since" in asked.validated_data:
        rows = rows.filter(held_on__gte=asked.validated_data["since"])
    if "until" in asked.validated_data:
        rows = rows.filter(held_on__lte=asked.validated_data["until"])
    return rows


def _counted(rows: QuerySet[TrainingSession]) -> QuerySet[TrainingSession]:
    rows = rows.select_related("participant").annotate(film_count=Count("films"))
    return rows.order_by("participant__code", "held_on", "pk")


def _attended(people: ParticipantQuerySet, given: Iterable[Mapping[str, Any]]) -> list[Attended]:
    """Rows of a lesson. Raises ValidationError for a pseudonym that is not among these students'."""
    known = {row.code: row for row in people}
    rows = [dict(row) for row in given]
    unknown = [row["student"] for row in rows if row["student"] not in known]
    if unknown:
        raise serializers.ValidationError({"students": [f"not in your class: {', '.join(unknown[:5])}"]})
    return [Attended(participant=known[row.pop("student")], **row) for row in rows]


class ExposureSerializer(serializers.Serializer[Any]):
    """One row of training."""

    code = serializers.CharField(source="participant.code")
    day = serializers.DateField(source="held_on")
    kind = serializers.CharField(source="source", help_text="lesson, or upload: a day known from films alone.")
    attendance = serializers.CharField()
    minutes = serializers.IntegerField()
    sets = serializers.IntegerField()
    repetitions = serializers.IntegerField()
    load_kg = serializers.DecimalField(max_digits=5, decimal_places=1, allow_null=True)
    films = serializers.IntegerField(source="film_count")


class AttendedSerializer(serializers.Serializer[Any]):
    """One student of a lesson, by pseudonym. Without minutes: as long as the lesson."""

    student = serializers.CharField(max_length=20)
    attendance = serializers.ChoiceField(choices=TrainingSession.Attendance.choices, default="present")
    minutes = serializers.IntegerField(min_value=1, max_value=1440, required=False, allow_null=True)
    sets = serializers.IntegerField(min_value=0, max_value=32767, default=0)
    repetitions = serializers.IntegerField(min_value=0, max_value=32767, default=0)
    load_kg = serializers.DecimalField(max_digits=5, decimal_places=1, min_value=0, required=False, allow_null=True)


class NewLessonSerializer(serializers.Serializer[Any]):
    """A lesson to log."""

    held_on = serializers.DateField()
    minutes = serializers.IntegerField(min_value=1, max_value=1440)
    section = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    another = serializers.BooleanField(default=False, help_text="It is a second lesson of that day.")
    students = AttendedSerializer(many=True)


class LessonSerializer(serializers.Serializer[Any]):
    """A lesson of the class, or of a section. `version` comes back with a correction."""

    id = serializers.IntegerField(source="pk")
    held_on = serializers.DateField()
    minutes = serializers.IntegerField()
    section = serializers.CharField()
    version = serializers.IntegerField()


class LessonRowsSerializer(LessonSerializer):
    """With the students whom the reader works with."""

    students = serializers.SerializerMethodField()

    @extend_schema_field(AttendedSerializer(many=True))
    def get_students(self, row: Lesson) -> list[dict[str, Any]]:
        rows = row.rows.filter(participant__in=self.context["people"]).select_related("participant")
        names = ("attendance", "minutes", "sets", "repetitions", "load_kg")
        return [
            {"student": one.participant.code, **{name: getattr(one, name) for name in names}}
            for one in rows.order_by("participant__code")
        ]


class CorrectLessonSerializer(serializers.Serializer[Any]):
    """A lesson anew. Students who are left out keep their rows. `seen_version` is the version that was read."""

    seen_version = serializers.IntegerField(min_value=1)
    held_on = serializers.DateField()
    minutes = serializers.IntegerField(min_value=1, max_value=1440)
    students = AttendedSerializer(many=True)


class StudyExposure(StudyView):
    serializer_class = ExposureSerializer
    queryset = TrainingSession.objects.none()

    @extend_schema(
        parameters=[*DAYS, OpenApiParameter("code", str, description="Of one student.")],
        responses=ExposureSerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """All rows of training, by student and day."""
        study = study_for(self.user(), pk, staff=True)
        rows = _within(TrainingSession.objects.filter(participant__in=students_of(self.user(), study)), request)
        if code := request.query_params.get("code"):
            rows = rows.filter(participant__code=code)
        page = self.paginate_queryset(_counted(rows)) or []
        return self.get_paginated_response(ExposureSerializer(page, many=True).data)


class StudyLessons(StudyView):
    serializer_class = LessonSerializer
    queryset = Lesson.objects.none()

    @extend_schema(parameters=DAYS, responses=LessonSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The lessons that were held, newest first."""
        study = study_for(self.user(), pk, staff=True)
        page = self.paginate_queryset(_within(study.lessons_held.all(), request)) or []
        return self.get_paginated_response(LessonSerializer(page, many=True).data)

    @extend_schema(request=NewLessonSerializer, responses={201: LessonSerializer, **REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        """Log a lesson with who was there and who was missing."""
        study = study_for(self.user(), pk, write=True)
        asked = NewLessonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        rows = _attended(students_of(self.user(), study), given.pop("students"))
        try:
            made = log_lesson(study=study, by=self.user(), rows=rows, **given)
        except StudyError as error:
            return refusal(error)
        return Response(LessonSerializer(made).data, status=201)


class OneLesson(StudyView):
    serializer_class = LessonRowsSerializer

    @extend_schema(operation_id="studies_lesson_retrieve", responses=LessonRowsSerializer)
    def get(self, request: Request, pk: int, lesson_pk: int) -> Response:
        """One lesson with who was there: for owner and instructor."""
        return Response(self._shown(self._lesson(pk, lesson_pk)))

    @extend_schema(
        operation_id="studies_lesson_correct",
        request=CorrectLessonSerializer,
        responses={200: LessonRowsSerializer, **REFUSED},
    )
    def post(self, request: Request, pk: int, lesson_pk: int) -> Response:
        """Correct it. 422 `changed_meanwhile` when somebody changed it since `seen_version`."""
        lesson = self._lesson(pk, lesson_pk)
        asked = CorrectLessonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        here = students_of(self.user(), lesson.study).filter(training_sessions__lesson=lesson)
        rows = _attended(here, given.pop("students"))
        try:
            return Response(self._shown(correct_lesson(lesson=lesson, by=self.user(), rows=rows, **given)))
        except StudyError as error:
            return refusal(error)

    def _lesson(self, pk: int, lesson_pk: int) -> Lesson:
        study = study_for(self.user(), pk, write=True)
        return get_object_or_404(study.lessons_held.select_related("study"), pk=lesson_pk)

    def _shown(self, lesson: Lesson) -> Any:
        people = students_of(self.user(), lesson.study)
        return LessonRowsSerializer(lesson, context={"people": people}).data


class StudentTraining(StudyView):
    serializer_class = ExposureSerializer
    queryset = TrainingSession.objects.none()

    @extend_schema(parameters=DAYS, responses=ExposureSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """One student's rows of training, or one's own."""
        participant = participant_for(self.user(), pk)
        rows = _within(TrainingSession.objects.filter(participant=participant), request)
        page = self.paginate_queryset(_counted(rows)) or []
        return self.get_paginated_response(ExposureSerializer(page, many=True).data)
