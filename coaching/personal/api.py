"""The dial and a student's progress for programs: what the pages show, no more, and the same rules."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from coaching.access import progress_for, record_progress_look
from coaching.models import StrictnessChoice
from coaching.personal.load_velocity import load_velocity_of
from coaching.personal.loss_alert import LossAlertRefused, choose_loss_alert, loss_alert_of
from coaching.personal.presentation import progress_by_view
from coaching.personal.strictness import StrictnessRefused, choose_strictness, own_levels, strictness_of
from studies.access import students_of, study_for
from studies.models import User

if TYPE_CHECKING:
    from rest_framework.request import Request

    from studies.models import Participant, Study

LEVELS = StrictnessChoice.Level.choices


class OwnLevelSerializer(serializers.Serializer[Any]):
    participant = serializers.IntegerField(source="participant.pk")
    participant_code = serializers.CharField(source="participant.code")
    level = serializers.ChoiceField(choices=LEVELS)


class StrictnessSerializer(serializers.Serializer[Any]):
    """The study's level, and the students who have one of their own."""

    level = serializers.ChoiceField(choices=LEVELS)
    own = OwnLevelSerializer(many=True)


class NewStrictnessSerializer(serializers.Serializer[Any]):
    """A choice: of the study, or of one `participant`, whose empty level gives them the study's again."""

    level = serializers.ChoiceField(choices=LEVELS, allow_blank=True)
    participant = serializers.IntegerField(required=False)


class StrictnessRefusalSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    advice = serializers.CharField()


class LossAlertSerializer(serializers.Serializer[Any]):
    """Per cent of bar speed lost from which the coach says so; 0 never, null where nobody chose."""

    percent = serializers.IntegerField(allow_null=True)


class NewLossAlertSerializer(serializers.Serializer[Any]):
    """A choice: of the study, or of one `participant`, whose null gives them the study's again."""

    percent = serializers.IntegerField(allow_null=True)
    participant = serializers.IntegerField(required=False)


class RowSerializer(serializers.Serializer[Any]):
    session = serializers.UUIDField()
    at = serializers.DateTimeField()
    load_kg = serializers.FloatField(allow_null=True)
    median = serializers.CharField()
    low = serializers.CharField()
    high = serializers.CharField()
    clear = serializers.IntegerField(help_text="Repetitions without the fault.")
    judged = serializers.IntegerField()


class MeasureSerializer(serializers.Serializer[Any]):
    """One measure over the sets. `own`: the student's best, empty while there are too few of them."""

    name = serializers.CharField()
    title = serializers.CharField()
    aim = serializers.CharField(help_text="Which way is better, in words.")
    unit = serializers.CharField()
    direction = serializers.CharField(help_text="improved, same, worse; empty with a single set")
    own = serializers.CharField()
    sdc = serializers.CharField(help_text="Smallest detectable change.")
    rows = RowSerializer(many=True)


class ProgressSerializer(serializers.Serializer[Any]):
    """The sets of one view that compare with each other, oldest first."""

    view = serializers.CharField()
    sets = serializers.IntegerField()
    best = serializers.IntegerField(help_text="Repetitions of the student's own reference.")
    needed = serializers.IntegerField(help_text="How many the reference needs; 0 when it has them.")
    reviewed = serializers.IntegerField(help_text="How many of them an instructor calls correct.")
    measures = MeasureSerializer(many=True)


class EstimateSerializer(serializers.Serializer[Any]):
    """A value with its 95 % interval; bounds are null where the sets give none."""

    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class SetPointSerializer(serializers.Serializer[Any]):
    """The best repetition of one set."""

    session = serializers.UUIDField()
    at = serializers.DateTimeField()
    load_kg = serializers.FloatField()
    m_s = serializers.FloatField(help_text="Mean concentric velocity.")
    sigma = serializers.FloatField(help_text="Its standard deviation.")
    scale = serializers.CharField(help_text="plate, height")


class LineSerializer(serializers.Serializer[Any]):
    """load_kg = intercept_kg - slope_kg_s_m * velocity, least squares over the sets."""

    intercept_kg = serializers.FloatField()
    slope_kg_s_m = serializers.FloatField()
    r2 = serializers.FloatField()
    points = serializers.IntegerField()
    loads = serializers.IntegerField(help_text="Different loads.")
    residual_kg = serializers.FloatField()


class AtLoadSerializer(serializers.Serializer[Any]):
    load_kg = serializers.FloatField()
    speed = EstimateSerializer(help_text="m/s of one more set with this load.")
    percent = serializers.FloatField(allow_null=True, help_text="Of the estimated maximum.")


class LoadVelocitySerializer(serializers.Serializer[Any]):
    """A student's own load-velocity line (docs/velocity.md). Without one `code` and `why` say why."""

    points = SetPointSerializer(many=True)
    line = LineSerializer(allow_null=True)
    code = serializers.CharField(
        help_text="too_few_loads, slope_not_negative, not_a_line, span_too_small; empty with a line"
    )
    why = serializers.CharField()
    v_at_1rm = serializers.FloatField(help_text="m/s that a maximum is taken to move at.")
    maximum = EstimateSerializer(allow_null=True, help_text="kg at that velocity, with the interval of the line.")
    why_no_maximum = serializers.CharField()
    loads = AtLoadSerializer(many=True)


class LineQuerySerializer(serializers.Serializer[Any]):
    since = serializers.DateField(required=False, help_text="Sets of this day and later.")
    v_at_1rm = serializers.FloatField(required=False, min_value=0.05, max_value=0.40)


def _signed_in(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


class StudyStrictness(GenericAPIView[Any]):
    serializer_class = StrictnessSerializer
    pagination_class = None

    @extend_schema(responses=StrictnessSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How early the coach tells what it found."""
        return self._answer(study_for(_signed_in(request), pk, staff=True))

    @extend_schema(
        request=NewStrictnessSerializer, responses={200: StrictnessSerializer, 422: StrictnessRefusalSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Choose it, for the study or one student. It holds for sets that are analysed from then on."""
        study = study_for(_signed_in(request), pk, staff=True, write=True)
        asked = NewStrictnessSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        if asked.validated_data.get("participant") is None:
            study_for(_signed_in(request), pk, write=True, whole=True)
        try:
            participant = self._participant(study, asked.validated_data.get("participant"))
            level = asked.validated_data["level"]
            choose_strictness(study=study, by=_signed_in(request), level=level, participant=participant)
        except StrictnessRefused as refused:
            problem = {"code": refused.code, "advice": str(refused.advice)}
            return Response(StrictnessRefusalSerializer(problem).data, status=422)
        return self._answer(study)

    def _participant(self, study: Study, pk: int | None) -> Participant | None:
        found = None if pk is None else students_of(_signed_in(self.request), study).filter(pk=pk).first()
        if pk is not None and found is None:
            raise StrictnessRefused("not_in_this_study", "participant")
        return found

    def _answer(self, study: Study) -> Response:
        own = own_levels(students_of(_signed_in(self.request), study))
        return Response(StrictnessSerializer({"level": strictness_of(study), "own": own}).data)


class StudyLossAlert(GenericAPIView[Any]):
    serializer_class = LossAlertSerializer
    pagination_class = None

    def get(self, request: Request, pk: int) -> Response:
        """From which loss of bar speed the coach says so in this study."""
        study = study_for(_signed_in(request), pk, staff=True)
        return Response(LossAlertSerializer({"percent": loss_alert_of(study)}).data)

    @extend_schema(
        request=NewLossAlertSerializer, responses={200: LossAlertSerializer, 422: StrictnessRefusalSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Choose it, for the study or one student. It holds for sets from then on. Answers with the study's."""
        user = _signed_in(request)
        study = study_for(user, pk, staff=True, write=True)
        asked = NewLossAlertSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        who, percent = asked.validated_data.get("participant"), asked.validated_data["percent"]
        if who is None:
            study_for(user, pk, write=True, whole=True)
        try:
            participant = None if who is None else self._participant(study, who)
            choose_loss_alert(study=study, by=user, percent=percent, participant=participant)
        except LossAlertRefused as refused:
            problem = {"code": refused.code, "advice": str(refused.advice)}
            return Response(StrictnessRefusalSerializer(problem).data, status=422)
        return Response(LossAlertSerializer({"percent": loss_alert_of(study)}).data)

    def _participant(self, study: Study, pk: int) -> Participant:
        found = students_of(_signed_in(self.request), study).filter(pk=pk).first()
        if found is None:
            raise LossAlertRefused("not_in_this_study")
        return found


class StudentLoadVelocity(GenericAPIView[Any]):
    serializer_class = LoadVelocitySerializer
    pagination_class = None

    @extend_schema(parameters=[LineQuerySerializer], responses=LoadVelocitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """The sets of one student with load and speed, and the line through them."""
        participant = progress_for(_signed_in(request), pk)
        record_progress_look(_signed_in(request), participant)
        asked = LineQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(LoadVelocitySerializer(load_velocity_of(participant, **asked.validated_data)).data)


class StudentProgress(GenericAPIView[Any]):
    serializer_class = ProgressSerializer
    pagination_class = None

    @extend_schema(responses=ProgressSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What the coach measured in each set of one student, by view."""
        participant = progress_for(_signed_in(request), pk)
        record_progress_look(_signed_in(request), participant)
        found = [asdict(view) for view in progress_by_view(participant)]
        return Response(ProgressSerializer(found, many=True).data)
