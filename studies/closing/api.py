"""The end of a study for programs: the owner's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.closing.looks import take_look
from studies.closing.services import close_study, release_feedback, reopen_study
from studies.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

    from studies.models import Study


class StudyStateSerializer(serializers.Serializer[Any]):
    """Whether the study is closed, and since when every group sees the coach's feedback."""

    closed_at = serializers.DateTimeField(allow_null=True)
    feedback_released_at = serializers.DateTimeField(allow_null=True)


class CloseStudySerializer(serializers.Serializer[Any]):
    release_feedback = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class ReopenStudySerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class ReleaseFeedbackSerializer(serializers.Serializer[Any]):
    sure = serializers.BooleanField(help_text="It can't be taken back: true, or nothing happens.")
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")

    def validate_sure(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("Say true: it can't be taken back.")
        return value


class EarlyLookSerializer(serializers.Serializer[Any]):
    """Why the groups are compared early, and since when they may be."""

    reason = serializers.CharField(max_length=2000)
    at = serializers.DateTimeField(read_only=True)


class EndView(StudyView):
    serializer_class = StudyStateSerializer
    pagination_class = None

    def answer(
        self,
        request: Request,
        pk: int,
        asked: type[serializers.Serializer[Any]],
        act: Callable[..., Study],
    ) -> Response:
        study = study_for(self.user(), pk, own=True)
        given = asked(data=request.data)
        given.is_valid(raise_exception=True)
        about = {name: value for name, value in given.validated_data.items() if name != "sure"}
        try:
            row = act(study=study, by=self.user(), **about)
        except StudyError as error:
            return refusal(error)
        return Response(StudyStateSerializer(row).data)


class StudyClose(EndView):
    @extend_schema(
        request=CloseStudySerializer, responses={200: StudyStateSerializer, UNPROCESSABLE: RefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Close the study. 422 `runs_open` while films are being analysed."""
        return self.answer(request, pk, CloseStudySerializer, close_study)


class StudyReopen(EndView):
    @extend_schema(
        request=ReopenStudySerializer, responses={200: StudyStateSerializer, UNPROCESSABLE: RefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Open a closed study again."""
        return self.answer(request, pk, ReopenStudySerializer, reopen_study)


class StudyRelease(EndView):
    @extend_schema(
        request=ReleaseFeedbackSerializer, responses={200: StudyStateSerializer, UNPROCESSABLE: RefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Show the coach's feedback to every group."""
        return self.answer(request, pk, ReleaseFeedbackSerializer, release_feedback)


class StudyLook(StudyView):
    serializer_class = EarlyLookSerializer
    pagination_class = None

    @extend_schema(request=EarlyLookSerializer, responses={201: EarlyLookSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Open the comparison of the groups before the study's end. 422 `look_open` where it is open already."""
        study = study_for(self.user(), pk, own=True)
        given = EarlyLookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            row = take_look(study=study, by=self.user(), reason=given.validated_data["reason"])
        except StudyError as error:
            return refusal(error)
        return Response(EarlyLookSerializer(row).data, status=201)
