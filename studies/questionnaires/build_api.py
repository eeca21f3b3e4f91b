"""Making questionnaires for programs: change one, ask it at a time of the plan, let a scale fill an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import students_of
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.errors import StudyError
from studies.models import QuestionnaireWave
from studies.questionnaires.access import questionnaire_for, wave_for
from studies.questionnaires.api import QuestionnaireSerializer
from studies.questionnaires.items import Item
from studies.questionnaires.selectors import not_answered, responses
from studies.questionnaires.services import feed_outcome, is_frozen, open_wave, save_questionnaire

if TYPE_CHECKING:
    from rest_framework.request import Request


class QuestionnaireDetailSerializer(QuestionnaireSerializer):
    """`frozen`: somebody has begun to answer, so a change makes the next version."""

    edition = serializers.IntegerField(read_only=True)
    frozen = serializers.SerializerMethodField()

    def get_frozen(self, row: Any) -> bool:
        return is_frozen(row)


class ChangeQuestionnaireSerializer(QuestionnaireSerializer):
    """The whole of it anew. `seen_edition` is the edition that was read."""

    seen_edition = serializers.IntegerField(min_value=0)


class WindowSerializer(serializers.Serializer[Any]):
    """A questionnaire asked at a time of the plan: `sent` of `asked` students have sent it, `drafts` have begun."""

    id = serializers.IntegerField(source="wave.pk")
    questionnaire = serializers.IntegerField(source="wave.questionnaire_id")
    time_point = serializers.CharField(source="wave.time_point.key")
    opens_on = serializers.DateField(source="wave.opens_on")
    closes_on = serializers.DateField(source="wave.closes_on")
    asked = serializers.IntegerField()
    sent = serializers.IntegerField()
    drafts = serializers.IntegerField()


class FedSerializer(serializers.Serializer[Any]):
    """A scale that fills an outcome."""

    scale = serializers.CharField()
    outcome = serializers.CharField(source="outcome.key")
    written_at = serializers.DateTimeField()


class WindowDetailSerializer(WindowSerializer):
    """`missing`: pseudonyms of those of the reader's students who have not sent it."""

    missing = serializers.ListField(child=serializers.CharField())
    feeds = FedSerializer(many=True)


class NewWindowSerializer(serializers.Serializer[Any]):
    """At which time of the plan, by its key, and on which days."""

    time_point = serializers.CharField(max_length=40)
    opens_on = serializers.DateField()
    closes_on = serializers.DateField()


class FeedSerializer(serializers.Serializer[Any]):
    """Which scale fills which outcome, by their keys. Other values that are there stay, unless a reason is given."""

    scale = serializers.CharField(max_length=40)
    outcome = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class FeedDoneSerializer(serializers.Serializer[Any]):
    """Students whose value was written, was there already, was left as another one, or who have no score."""

    written = serializers.IntegerField()
    same = serializers.IntegerField()
    kept = serializers.IntegerField()
    no_score = serializers.IntegerField()


class OneQuestionnaire(StudyView):
    serializer_class = QuestionnaireDetailSerializer

    @extend_schema(operation_id="studies_questionnaire_retrieve", responses=QuestionnaireDetailSerializer)
    def get(self, request: Request, pk: int, questionnaire: int) -> Response:
        """One version of a questionnaire."""
        row = questionnaire_for(self.user(), pk, questionnaire)
        return Response(QuestionnaireDetailSerializer(row).data)

    @extend_schema(
        operation_id="studies_questionnaire_change",
        request=ChangeQuestionnaireSerializer,
        responses={200: QuestionnaireDetailSerializer, UNPROCESSABLE: RefusedSerializer},
    )
    def post(self, request: Request, pk: int, questionnaire: int) -> Response:
        """Change it; once it is frozen the answer is the next version."""
        row = questionnaire_for(self.user(), pk, questionnaire, write=True)
        asked = ChangeQuestionnaireSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        items = [Item(**{**one, "choices": tuple(one["choices"])}) for one in given.pop("items")]
        try:
            kept = save_questionnaire(questionnaire=row, by=self.user(), items=items, **given)
        except StudyError as error:
            return refusal(error)
        return Response(QuestionnaireDetailSerializer(kept).data)


class QuestionnaireWindows(StudyView):
    serializer_class = WindowSerializer
    queryset = QuestionnaireWave.objects.none()
    pagination_class = None

    @extend_schema(responses=WindowSerializer(many=True))
    def get(self, request: Request, pk: int, questionnaire: int) -> Response:
        """When it is asked, and how many have answered."""
        row = questionnaire_for(self.user(), pk, questionnaire)
        found = [one for one in responses(row.study) if one.wave.questionnaire_id == row.pk]
        return Response(WindowSerializer(found, many=True).data)

    @extend_schema(request=NewWindowSerializer, responses={201: WindowSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int, questionnaire: int) -> Response:
        """Ask it at a time of the plan."""
        row = questionnaire_for(self.user(), pk, questionnaire, write=True)
        asked = NewWindowSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        time_point = row.study.time_points.filter(key=given.pop("time_point")).first()
        if time_point is None:
            raise serializers.ValidationError({"time_point": ["No such time in this study."]})
        try:
            made = open_wave(questionnaire=row, by=self.user(), time_point=time_point, **given)
        except StudyError as error:
            return refusal(error)
        found = next(one for one in responses(row.study) if one.wave.pk == made.pk)
        return Response(WindowSerializer(found).data, status=201)


class StudyWindow(StudyView):
    serializer_class = WindowDetailSerializer

    @extend_schema(responses=WindowDetailSerializer)
    def get(self, request: Request, pk: int, wave: int) -> Response:
        """One window: how many have answered, who has not, and which outcomes it fills. Scores are in `scores/`."""
        row = wave_for(self.user(), pk, wave)
        study = row.questionnaire.study
        found = next(one for one in responses(study) if one.wave.pk == row.pk)
        missing = not_answered(row, students_of(self.user(), study))
        shown = {"wave": row, "asked": found.asked, "sent": found.sent, "drafts": found.drafts}
        more = {"missing": [one.code for one in missing], "feeds": row.feeds.select_related("outcome")}
        return Response(WindowDetailSerializer(shown | more).data)

    @extend_schema(request=FeedSerializer, responses={200: FeedDoneSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int, wave: int) -> Response:
        """Write a scale's scores as an outcome's values, once the study is over: the owner's step."""
        row = wave_for(self.user(), pk, wave, own=True)
        asked = FeedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        outcome = row.questionnaire.study.outcomes.filter(key=given.pop("outcome")).first()
        if outcome is None:
            raise serializers.ValidationError({"outcome": ["No such outcome in this study."]})
        try:
            fed = feed_outcome(wave=row, by=self.user(), outcome=outcome, **given)
        except StudyError as error:
            return refusal(error)
        return Response(FeedDoneSerializer(fed).data)
