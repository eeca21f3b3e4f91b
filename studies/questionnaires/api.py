"""Questionnaires for programs, through the doors and services of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from studies.access import participant_for, record_class_access, record_export, study_for
from studies.errors import StudyError
from studies.models import AnswerSheet, Questionnaire, User
from studies.questionnaires.access import own_wave, wave_for
from studies.questionnaires.items import KINDS, Item
from studies.questionnaires.selectors import ToAnswer, columns_of, to_answer
from studies.questionnaires.services import (
    BadAnswers,
    completed,
    is_open,
    keep_answers,
    make_questionnaire,
    scales_of_wave,
)
from studies.questionnaires.views import ANSWERS

if TYPE_CHECKING:
    from rest_framework.request import Request


class ItemSerializer(serializers.Serializer[Any]):
    """One question. Items with the same `scale` are scored together; `reverse` ones count turned."""

    key = serializers.SlugField(max_length=40, default="", allow_blank=True)
    text = serializers.CharField(max_length=300)
    kind = serializers.ChoiceField(choices=KINDS)
    low = serializers.CharField(max_length=60, default="", allow_blank=True)
    high = serializers.CharField(max_length=60, default="", allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField(max_length=100), default=list)
    minimum = serializers.FloatField(allow_null=True, default=None)
    maximum = serializers.FloatField(allow_null=True, default=None)
    reverse = serializers.BooleanField(default=False)
    scale = serializers.CharField(max_length=40, default="", allow_blank=True)
    required = serializers.BooleanField(default=True)  # type: ignore[assignment]  # DRF's own attribute's name


class ScaleSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()


class QuestionnaireSerializer(serializers.Serializer[Questionnaire]):
    """A version of a questionnaire."""

    id = serializers.IntegerField(source="pk", read_only=True)
    key = serializers.CharField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    title = serializers.CharField(max_length=120)
    intro = serializers.CharField(max_length=500, default="", allow_blank=True)
    items = ItemSerializer(many=True)
    scales = ScaleSerializer(many=True, read_only=True)


class ScoresSerializer(serializers.Serializer[AnswerSheet]):
    """A student's answers as given, by code, and scale scores; null where too few items were answered."""

    code = serializers.CharField(source="participant.code")
    answers = serializers.DictField()
    scores = serializers.SerializerMethodField()

    @extend_schema_field(serializers.DictField(child=serializers.FloatField(allow_null=True)))
    def get_scores(self, sheet: AnswerSheet) -> dict[str, float | None]:
        return {scale.key: scale.score(sheet.answers) for scale in self.context["scales"]}


class ToAnswerSerializer(serializers.Serializer[ToAnswer]):
    """A questionnaire that can be answered today."""

    id = serializers.IntegerField(source="wave.pk")
    title = serializers.CharField(source="wave.questionnaire.title")
    closes_on = serializers.DateField(source="wave.closes_on")
    begun = serializers.BooleanField()


class SheetSerializer(serializers.Serializer[Any]):
    """One's own answers. `edition` counts the saves and comes back with the next one."""

    questionnaire = QuestionnaireSerializer()
    is_open = serializers.BooleanField()
    answers = serializers.DictField()
    edition = serializers.IntegerField()
    completed_at = serializers.DateTimeField(allow_null=True)


class NewAnswersSerializer(serializers.Serializer[Any]):
    """Item's key -> answer. With `complete` they are sent for good."""

    answers = serializers.DictField(child=serializers.CharField(max_length=1000))
    edition = serializers.IntegerField(min_value=0)
    complete = serializers.BooleanField(default=False)


class RefusedQuestionnaireSerializer(serializers.Serializer[Any]):
    """A rule says no; `items` names answers that can't be kept."""

    code = serializers.CharField()
    advice = serializers.CharField()
    items = serializers.DictField(child=serializers.CharField(), required=False)


def _refusal(error: StudyError) -> Response:
    more = {"items": error.items} if isinstance(error, BadAnswers) else {}
    return Response({"code": error.code, "advice": str(error.advice), **more}, status=422)


class _View(GenericAPIView[Any]):
    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user


class StudyQuestionnaires(_View):
    serializer_class = QuestionnaireSerializer

    @extend_schema(responses=QuestionnaireSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The study's questionnaires, every version."""
        study = study_for(self.user(), pk, staff=True)
        page = self.paginate_queryset(study.questionnaires.all())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(responses={201: QuestionnaireSerializer, 422: RefusedQuestionnaireSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Make a questionnaire."""
        study = study_for(self.user(), pk, write=True)
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        items = [Item(**{**one, "choices": tuple(one["choices"])}) for one in given.pop("items")]
        try:
            made = make_questionnaire(study=study, by=self.user(), items=items, **given)
        except StudyError as error:
            return _refusal(error)
        return Response(self.get_serializer(made).data, status=201)


class WaveScores(_View):
    serializer_class = ScoresSerializer

    @extend_schema(responses=ScoresSerializer(many=True))
    def get(self, request: Request, pk: int, wave: int) -> Response:
        """Answers and scale scores by code, for who may read answers. Written down as an export."""
        row = wave_for(self.user(), pk, wave, read=True)
        sheets = completed(row)
        record_class_access(self.user(), [sheet.participant for sheet in sheets], ANSWERS)
        context = {**self.get_serializer_context(), "scales": scales_of_wave(row)}
        page = self.paginate_queryset(sheets) or []
        record_export(self.user(), row.questionnaire.study, ANSWERS, rows=len(page), columns=columns_of(row))
        return self.get_paginated_response(self.get_serializer(page, many=True, context=context).data)


class StudentQuestionnaires(_View):
    serializer_class = ToAnswerSerializer
    pagination_class = None

    @extend_schema(responses=ToAnswerSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What the student may answer today and has not sent; nothing for anybody else's row."""
        participant = participant_for(self.user(), pk)
        mine = [participant] if participant.user_id == self.user().pk else []
        return Response(self.get_serializer(to_answer(mine), many=True).data)


class StudentAnswers(_View):
    serializer_class = SheetSerializer

    @extend_schema(responses=SheetSerializer)
    def get(self, request: Request, pk: int, wave: int) -> Response:
        """One's own questionnaire and answers."""
        return Response(self._shown(pk, wave))

    @extend_schema(request=NewAnswersSerializer, responses={200: SheetSerializer, 422: RefusedQuestionnaireSerializer})
    def post(self, request: Request, pk: int, wave: int) -> Response:
        """Save a draft, or send for good."""
        participant, row = own_wave(self.user(), pk, wave)
        asked = NewAnswersSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        try:
            keep_answers(
                wave=row,
                participant=participant,
                raw=given["answers"],
                seen_edition=given["edition"],
                complete=given["complete"],
            )
        except StudyError as error:
            return _refusal(error)
        return Response(self._shown(pk, wave))

    def _shown(self, pk: int, wave: int) -> dict[str, Any]:
        participant, row = own_wave(self.user(), pk, wave)
        sheet = AnswerSheet.objects.filter(wave=row, participant=participant).first()
        found = {
            "questionnaire": row.questionnaire,
            "is_open": is_open(row),
            "answers": sheet.answers if sheet else {},
            "edition": sheet.edition if sheet else 0,
            "completed_at": sheet.completed_at if sheet else None,
        }
        return dict(SheetSerializer(found).data)
