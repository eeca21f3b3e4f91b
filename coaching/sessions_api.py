"""What belongs to a session, for programs: its run, its files and pictures; and the sets that wait for a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from coaching import services, views
from coaching.access import Viewer, may_review_somewhere, session_for
from coaching.api import RefusalSerializer, SessionSerializer
from coaching.codes import upload_advice
from coaching.models import Session
from coaching.presentation import view_session
from coaching.ratings import views as ratings
from coaching.reviews.selectors import review_queue
from studies.api import UNPROCESSABLE, StudyView

if TYPE_CHECKING:
    from uuid import UUID

    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

KINDS = ["video", "overlay", "poster", "series", "document.json", "reps.csv"]
BYTES = {(200, "application/octet-stream"): bytes}


class ToReviewSerializer(SessionSerializer):
    """A set with repetitions to review: how many `waiting`, and the least certain verdict's distance from 0.5."""

    waiting = serializers.IntegerField(source="session.waiting")
    margin = serializers.FloatField(source="session.margin")


class SessionsToReview(StudyView):
    serializer_class = ToReviewSerializer
    queryset = Session.objects.none()

    @extend_schema(
        operation_id="sessions_to_review_list",
        parameters=[OpenApiParameter("by", str, enum=["me"], description="What you have not reviewed, not: nobody.")],
        responses=ToReviewSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Sets with repetitions that nobody has reviewed, least certain first: for owners and instructors."""
        user = self.user()
        if not may_review_somewhere(user):
            raise PermissionDenied
        rows = review_queue(user, own=request.query_params.get("by") == "me").with_latest_run()
        viewer = Viewer(user)
        found = [view_session(row, viewer) for row in self.paginate_queryset(rows) or []]
        return self.get_paginated_response(self.get_serializer(found, many=True).data)


class SessionRun(StudyView):
    serializer_class = SessionSerializer

    @extend_schema(request=None, responses={202: SessionSerializer, UNPROCESSABLE: RefusalSerializer})
    def post(self, request: Request, pk: UUID) -> Response:
        """Analyse the film again. An open run is left as it is."""
        row = session_for(self.user(), pk, write=True)
        if not row.video:
            return self._refused("no_film", _("The film is not kept any more, so it can't be analysed again."))
        try:
            services.start_run(row)
        except services.RefusedError as refused:
            return self._refused(refused.code, upload_advice(refused.code))
        return self._answer(pk, status=202)

    @extend_schema(responses=SessionSerializer)
    def delete(self, request: Request, pk: UUID) -> Response:
        """Stop the analysis. A finished one stays."""
        row = session_for(self.user(), pk, write=True)
        if row.latest_run:
            services.cancel_run(row.latest_run)
        return self._answer(pk, status=200)

    def _refused(self, code: str, advice: str) -> Response:
        return Response({"code": code, "advice": advice, "existing": None}, status=UNPROCESSABLE)

    def _answer(self, pk: UUID, *, status: int) -> Response:
        view = view_session(session_for(self.user(), pk), Viewer(self.user()))
        return Response(self.get_serializer(view).data, status=status)


class FileView(StudyView):
    """A file, as the page's own view gives it: the same doors, the same records of who looked."""

    serializer_class = serializers.Serializer


class SessionFile(FileView):
    @extend_schema(parameters=[OpenApiParameter("kind", str, "path", enum=KINDS)], responses=BYTES)
    def get(self, request: Request, pk: UUID, kind: str) -> HttpResponseBase:
        """A file of a session. Films take range requests."""
        return views.media(self.as_page(), pk=pk, kind=kind)


class SessionStill(FileView):
    @extend_schema(responses=BYTES)
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponseBase:
        """A picture that shows what a cue speaks of."""
        return views.still(self.as_page(), pk=pk, number=number)


class RatingFilm(FileView):
    @extend_schema(responses=BYTES)
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """The film of one's own rating task, under a name that says nothing."""
        return ratings.task_film(self.as_page(), pk=pk)


class DifferenceFilm(FileView):
    @extend_schema(responses=BYTES)
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """The film on which two raters differ."""
        return ratings.disputed_film(self.as_page(), pk=pk)
