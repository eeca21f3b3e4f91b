"""The protocol for programs: read it, write the draft, save versions; and the end of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies import audit
from studies.access import OWNS, role_in, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.errors import StudyError
from studies.models import Outcome, ProtocolVersion
from studies.protocol.document import RATIO_MAX, completed, keyed
from studies.protocol.forms import ROLES
from studies.protocol.selectors import current_document
from studies.protocol.services import draft_of, keep_document, locked_at, newest_version, save_version
from studies.protocol.words import as_seen_by, file_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from studies.models import Study


def _words(longest: int = 4000) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, max_length=longest)


def _number(most: int) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=most)


class DayField(serializers.CharField):
    """A day as ISO text; "" for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_blank=True, max_length=10, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        return serializers.DateField().to_internal_value(text).isoformat() if text else ""


class ProtocolArmSerializer(serializers.Serializer[Any]):
    """Without `key` one is made from the name. `ratio` is null for blinded readers of unequal shares."""

    key = serializers.CharField(required=False, allow_blank=True, max_length=40)
    name = serializers.CharField(max_length=100)
    ratio = serializers.IntegerField(min_value=1, max_value=RATIO_MAX, allow_null=False, default=1)
    gives_ai_feedback = serializers.BooleanField(default=False)
    description = serializers.CharField(default="", allow_blank=True, max_length=4000)


class ProtocolTimeSerializer(serializers.Serializer[Any]):
    key = serializers.SlugField(required=False, allow_blank=True, max_length=40)
    name = serializers.CharField(max_length=100)
    opens_on = DayField(default="")
    closes_on = DayField(default="")


class ProtocolOutcomeSerializer(serializers.Serializer[Any]):
    """`main_time_point` is the key of a time, or empty; `null` and `alternative` are H0 and H1 in words."""

    key = serializers.SlugField(required=False, allow_blank=True, max_length=40)
    name = serializers.CharField(max_length=120)
    unit = serializers.CharField(default="", allow_blank=True, max_length=60)
    role = serializers.ChoiceField(choices=ROLES, default="secondary")
    planned_test = serializers.ChoiceField(choices=Outcome.PlannedTest.choices, default="welch")
    main_time_point = serializers.CharField(default="", allow_blank=True, max_length=40)
    null = serializers.CharField(default="", allow_blank=True, max_length=4000)
    alternative = serializers.CharField(default="", allow_blank=True, max_length=4000)


class ProtocolDocumentSerializer(serializers.Serializer[Any]):
    """What a protocol says (docs/protocol.md). What is left out stays as it is."""

    title = _words(200)
    summary = _words()
    plain_summary = _words()
    starts_on = DayField(required=False)
    ends_on = DayField(required=False)
    setting = _words()
    include = _words()
    exclude = _words()
    contact = _words(200)
    arms = ProtocolArmSerializer(many=True, required=False)
    time_points = ProtocolTimeSerializer(many=True, required=False)
    outcomes = ProtocolOutcomeSerializer(many=True, required=False)
    weeks = _number(60)
    lessons_per_week = _number(14)
    lesson_minutes = _number(600)
    curriculum = _words()
    students = _number(100_000)
    dropout_percent = _number(90)
    reasoning = _words()
    committee = _words(200)
    ethics_number = _words(100)
    registry = _words(200)
    registration_number = _words(100)
    data_sharing = _words()
    funding = _words()
    interests = _words()


class ProtocolSerializer(serializers.Serializer[Any]):
    """`draft_version` is null for who may not write. `sha256` is empty while no version is saved."""

    number = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField()
    locked_at = serializers.DateTimeField(allow_null=True)
    draft_version = serializers.IntegerField(allow_null=True)
    document = serializers.JSONField(help_text="As in docs/protocol.md; groups are A, B, ... for blinded readers.")


class ProtocolDraftSerializer(serializers.Serializer[Any]):
    """The draft as it is, with the number to send back when it is changed."""

    version = serializers.IntegerField()
    document = serializers.JSONField()


class ChangeProtocolSerializer(serializers.Serializer[Any]):
    seen_version = serializers.IntegerField()
    document = ProtocolDocumentSerializer()


class ProtocolVersionSerializer(serializers.Serializer[Any]):
    """A version without its document: `protocol/versions/<number>/` has that."""

    number = serializers.IntegerField()
    sha256 = serializers.CharField()
    is_amendment = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class ProtocolFileSerializer(serializers.Serializer[Any]):
    """A version as its file. Of who is not `blinded`, `sha256` is the hash of the document (docs/protocol.md)."""

    format = serializers.CharField()
    study = serializers.IntegerField()
    number = serializers.IntegerField()
    saved_at = serializers.DateTimeField()
    is_amendment = serializers.BooleanField()
    reason = serializers.CharField()
    sha256 = serializers.CharField()
    blinded = serializers.BooleanField()
    document = serializers.JSONField()


class SaveProtocolSerializer(serializers.Serializer[Any]):
    """`reason` is needed once groups were drawn."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    seen_version = serializers.IntegerField(required=False, allow_null=True)


def keyed_document(given: Mapping[str, Any]) -> dict[str, Any]:
    """What `ProtocolDocumentSerializer` read, every row of its lists with a key."""
    document = dict(given)
    for name, word in (("arms", "group"), ("time_points", "time"), ("outcomes", "outcome")):
        if name in document:
            document[name] = keyed((dict(row) for row in document[name]), word)
    return document


def _not_for_students(view: StudyView, pk: int) -> Study:
    """The study, for everybody who works in it, also assessors and officers."""
    user = view.user()
    study = study_for(user, pk)
    if role_in(user, study) == "student":
        view.permission_denied(view.request)
    return study


class StudyProtocol(StudyView):
    serializer_class = ProtocolSerializer
    pagination_class = None

    def get(self, request: Request, pk: int) -> Response:
        """The newest version, or the draft before there is one."""
        study = _not_for_students(self, pk)
        user = self.user()
        version = newest_version(study)
        owns = role_in(user, study) in OWNS
        found = {
            "number": version.number if version else None,
            "sha256": version.sha256 if version else "",
            "locked_at": locked_at(study),
            "draft_version": draft_of(study).version if owns else None,
            "document": as_seen_by(user, study, current_document(study)),
        }
        return Response(ProtocolSerializer(found).data)


class StudyProtocolDraft(StudyView):
    serializer_class = ProtocolDraftSerializer
    pagination_class = None

    def get(self, request: Request, pk: int) -> Response:
        """The draft: for the study's owner."""
        return self._draft(study_for(self.user(), pk, own=True))

    @extend_schema(
        request=ChangeProtocolSerializer, responses={200: ProtocolDraftSerializer, UNPROCESSABLE: RefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Change the draft. 422 `changed_meanwhile` when somebody changed it since `seen_version`."""
        study = study_for(self.user(), pk, own=True)
        asked = ChangeProtocolSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            keep_document(
                draft=draft_of(study),
                by=self.user(),
                document=keyed_document(asked.validated_data["document"]),
                seen_version=asked.validated_data["seen_version"],
            )
        except StudyError as error:
            return refusal(error)
        return self._draft(study)

    def _draft(self, study: Study) -> Response:
        draft = draft_of(study)
        return Response({"version": draft.version, "document": completed(draft.document)})


class StudyProtocolVersions(StudyView):
    serializer_class = ProtocolVersionSerializer
    queryset = ProtocolVersion.objects.none()

    @extend_schema(responses=ProtocolVersionSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The versions, newest first."""
        study = _not_for_students(self, pk)
        page = self.paginate_queryset(study.protocol_versions.order_by("-number")) or []
        return self.get_paginated_response(ProtocolVersionSerializer(page, many=True).data)

    @extend_schema(
        request=SaveProtocolSerializer, responses={201: ProtocolVersionSerializer, UNPROCESSABLE: RefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Save the draft as the next version; after groups were drawn it is an amendment."""
        study = study_for(self.user(), pk, own=True)
        asked = SaveProtocolSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            version = save_version(study=study, by=self.user(), **asked.validated_data)
        except StudyError as error:
            return refusal(error)
        return Response(ProtocolVersionSerializer(version).data, status=201)


class StudyProtocolVersion(StudyView):
    serializer_class = ProtocolFileSerializer

    @extend_schema(operation_id="studies_protocol_version_retrieve")
    def get(self, request: Request, pk: int, number: int) -> Response:
        """One version, as the file of it."""
        study = _not_for_students(self, pk)
        version = get_object_or_404(study.protocol_versions, number=number)
        audit.exported(study.pk, self.user(), "protocol", number=version.number)
        return Response(file_of(self.user(), study, version))
