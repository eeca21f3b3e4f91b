"""The same sessions for programs: what a page shows, no more. `/api/schema/` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.reverse import reverse

from coaching.access import Viewer, record_look, session_for
from coaching.models import AnalysisRun, Session
from coaching.models.bar import LOSS_ALERTS, PLATE_MM, STATURE_CM
from coaching.presentation import SessionView, view_session
from coaching.receiving import limit_body, receive_film
from studies.models import User

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

STATUSES = ["rejected", "waiting", "running", "failed", "cancelled", "refused", "done"]


class RunSerializer(serializers.ModelSerializer[AnalysisRun]):
    class Meta:
        model = AnalysisRun
        fields = ("state", "stage", "percent", "attempt", "created_at", "started_at", "finished_at", "pipeline_version")
        read_only_fields = fields


class SessionSerializer(serializers.Serializer[SessionView]):
    """A session as its reader may see it. `code` and `advice` say why there is no result or no judgement."""

    id = serializers.UUIDField(source="session.pk")
    url = serializers.SerializerMethodField()
    participant = serializers.IntegerField(source="session.participant_id")
    participant_code = serializers.CharField(source="session.participant.code", help_text="The pseudonym.")
    study = serializers.IntegerField(source="session.participant.study_id")
    uploaded_at = serializers.DateTimeField(source="session.uploaded_at")
    size_bytes = serializers.IntegerField(source="session.size_bytes", help_text="Of the file as it was sent.")
    sha256 = serializers.CharField(source="session.sha256", help_text="Of the file as it was sent.")
    status = serializers.ChoiceField(choices=STATUSES)
    code = serializers.CharField()
    advice = serializers.CharField()
    withheld = serializers.BooleanField(help_text="Analysed, but this reader does not get the AI coach's feedback.")
    run = RunSerializer(allow_null=True)

    def get_url(self, view: SessionView) -> str:
        return reverse("session-detail", args=[view.session.pk], request=self.context.get("request"))


class SessionDetailSerializer(SessionSerializer):
    document = serializers.SerializerMethodField(
        help_text="The assessment (docs/pipeline.md), null while there is none."
    )

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_document(self, view: SessionView) -> dict[str, Any] | None:
        return view.document


class UploadSerializer(serializers.Serializer[Any]):
    """Form fields of an upload. `participant` may be left out by who has only one to upload for."""

    participant = serializers.IntegerField(required=False)
    load_kg = serializers.DecimalField(max_digits=5, decimal_places=1, min_value=0, required=False)
    note = serializers.CharField(max_length=200, required=False)
    stature_cm = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=STATURE_CM[0], max_value=STATURE_CM[1], required=False
    )
    plate_mm = serializers.IntegerField(
        min_value=PLATE_MM[0], max_value=PLATE_MM[1], required=False, help_text="Diameter of the largest plate."
    )
    loss_alert_percent = serializers.ChoiceField(choices=[0, *LOSS_ALERTS], required=False, help_text="0: never.")
    file = serializers.FileField()


class RefusalSerializer(serializers.Serializer[Any]):
    """Why a film was not kept. `existing` is the session that has the same film already."""

    code = serializers.CharField()
    advice = serializers.CharField()
    existing = serializers.UUIDField(allow_null=True)


class SessionViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    parser_classes = (MultiPartParser,)
    lookup_value_converter = "uuid"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        limit_body(request)
        return super().dispatch(request, *args, **kwargs)

    def _user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def _viewed(self, sessions: Sequence[Session]) -> list[SessionView]:
        viewer = Viewer(self._user())
        return [view_session(session, viewer) for session in sessions]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The sessions that the user may see, newest first."""
        page = self.paginate_queryset(Session.objects.visible_to(self._user()).with_latest_run())
        return self.get_paginated_response(self.get_serializer(self._viewed(page or []), many=True).data)

    @extend_schema(responses=SessionDetailSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One session with its assessment."""
        session = session_for(self._user(), pk)
        view = self._viewed([session])[0]
        record_look(self._user(), session, "session" if view.assessment else "waiting")
        return Response(SessionDetailSerializer(view, context=self.get_serializer_context()).data)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={201: SessionSerializer, **dict.fromkeys((409, 413, 415, 422, 507), RefusalSerializer)},
    )
    def create(self, request: Request) -> Response:
        """Upload a film and queue its analysis."""
        fields, files = request.POST, request.FILES
        got = receive_film(self._user(), fields, files, request.upload_handlers[0])
        if got.session is None or got.code:
            existing = got.existing.pk if got.existing else None
            refusal = {"code": got.code, "advice": got.advice, "existing": existing}
            return Response(RefusalSerializer(refusal).data, status=got.http_status)
        return Response(self.get_serializer(self._viewed([got.session])[0]).data, status=got.http_status)
