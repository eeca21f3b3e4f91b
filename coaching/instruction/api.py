"""The instructor's feedback for programs, through the doors of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from coaching.access import Viewer, record_look, session_for, session_to_review
from coaching.instruction.services import CUE_LENGTH, Cue, Words, feedback_on, give_feedback, standing
from coaching.models.instruction import InstructorFeedback
from studies.access import participant_for, record_access
from studies.errors import StudyError
from studies.models import User

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

LOOK = "instructor's feedback"


class CueSerializer(serializers.Serializer[Any]):
    fault = serializers.CharField(
        max_length=40, default="", allow_blank=True, help_text="A fault's name as in reviews, or empty."
    )
    text = serializers.CharField(max_length=CUE_LENGTH, default="", allow_blank=True)


class FeedbackSerializer(serializers.Serializer[InstructorFeedback]):
    """What an instructor wrote. `total` is by `rubric`'s version, both null where no points were given."""

    id = serializers.IntegerField(source="pk")
    session = serializers.UUIDField(source="session_id", allow_null=True)
    lesson_on = serializers.DateField(allow_null=True)
    good = serializers.CharField()
    cues = CueSerializer(many=True)
    rubric = serializers.IntegerField(source="rubric.version", allow_null=True, default=None)
    points = serializers.DictField(child=serializers.IntegerField())
    total = serializers.IntegerField(allow_null=True)
    next_load_kg = serializers.FloatField(allow_null=True)
    by = serializers.CharField(source="by.get_full_name")
    at = serializers.DateTimeField()


class NewFeedbackSerializer(serializers.Serializer[Any]):
    """At most two cues. `corrects` is the number of one's own feedback that this one takes the place of."""

    good = serializers.CharField(max_length=500, default="", allow_blank=True)
    cues = CueSerializer(many=True, default=list)
    points = serializers.DictField(child=serializers.IntegerField(), default=dict)
    next_load_kg = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True, default=None)
    corrects = serializers.IntegerField(required=False)


class NewLessonFeedbackSerializer(NewFeedbackSerializer):
    lesson_on = serializers.DateField()


class RefusedFeedbackSerializer(serializers.Serializer[Any]):
    """Why feedback was not kept."""

    code = serializers.CharField()
    advice = serializers.CharField()


class _View(GenericAPIView[Any]):
    serializer_class = FeedbackSerializer

    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def keep(self, given: dict[str, Any], **to: Any) -> Response:
        cues = [Cue(**cue) for cue in given["cues"]]
        words = Words(given["good"], cues, given["points"], given["next_load_kg"])
        seen = None
        if "corrects" in given:
            rows = InstructorFeedback.objects.filter(by=self.user(), participant=to["participant"])
            seen = rows.filter(pk=given["corrects"], session=to.get("session")).select_related("rubric").first()
            if seen is None:
                raise serializers.ValidationError({"corrects": ["No such feedback of yours."]})
        try:
            rubric = seen.rubric if seen else None
            kept = give_feedback(by=self.user(), words=words, seen=seen, rubric=rubric, **to)
        except StudyError as error:
            return Response({"code": error.code, "advice": str(error.advice)}, status=422)
        return Response(FeedbackSerializer(kept).data, status=201)


class SessionInstructorFeedback(_View):
    pagination_class = None

    @extend_schema(responses=FeedbackSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """What instructors wrote about a film."""
        session = session_for(self.user(), pk)
        if not Viewer(self.user()).sees_name(session.participant):
            raise PermissionDenied
        record_look(self.user(), session, "waiting")
        return Response(self.get_serializer(feedback_on(session), many=True).data)

    @extend_schema(request=NewFeedbackSerializer, responses={201: FeedbackSerializer, 422: RefusedFeedbackSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Write feedback on a film."""
        session = session_to_review(self.user(), pk)
        asked = NewFeedbackSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return self.keep(asked.validated_data, participant=session.participant, session=session)


class StudentInstructorFeedback(_View):
    @extend_schema(responses=FeedbackSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What instructors wrote to a student, on films and on lessons, newest first."""
        participant = participant_for(self.user(), pk)
        if not Viewer(self.user()).sees_name(participant):
            raise PermissionDenied
        record_access(self.user(), participant, LOOK)
        page = self.paginate_queryset(standing().filter(participant=participant))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request=NewLessonFeedbackSerializer, responses={201: FeedbackSerializer, 422: RefusedFeedbackSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Write feedback on a lesson that was not filmed."""
        participant = participant_for(self.user(), pk, write=True)
        asked = NewLessonFeedbackSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        return self.keep(given, participant=participant, lesson_on=given.pop("lesson_on"))
