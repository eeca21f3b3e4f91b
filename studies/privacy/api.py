"""Consent and privacy for programs, through the doors and rules of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from studies.access import role_in, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, refusal
from studies.consent import services
from studies.consent.access import own_participant
from studies.consent.scopes import SCOPES
from studies.consent.selectors import current_text, policy_of
from studies.errors import StudyError
from studies.jobs.api import JobSerializer
from studies.jobs.services import start
from studies.models import ConsentRecord, ConsentStatus, User
from studies.privacy import export, own_data

if TYPE_CHECKING:
    from rest_framework.request import Request

    from studies.models import Participant


class ConsentSerializer(serializers.Serializer[Any]):
    """What a student agreed to. `answer` is empty where there is none; `asks_again`: a newer text is to be answered."""

    consent_required = serializers.BooleanField()
    answer = serializers.ChoiceField(choices=[("", ""), *ConsentRecord.Kind.choices])
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=list(SCOPES)))
    answered_at = serializers.DateTimeField(allow_null=True)
    text_version = serializers.IntegerField(allow_null=True)
    asks_again = serializers.BooleanField()


class WithdrawSerializer(serializers.Serializer[Any]):
    """What to take back; `research` takes back everything."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=list(SCOPES)), allow_empty=False)


class HeldSerializer(serializers.Serializer[Any]):
    """One class of stored data."""

    title = serializers.CharField()
    count = serializers.IntegerField()
    size_bytes = serializers.IntegerField(allow_null=True)
    first_goes = serializers.DateField(allow_null=True)
    last_goes = serializers.DateField(allow_null=True)


class MyDataSerializer(serializers.Serializer[Any]):
    """What is stored about a student."""

    files = HeldSerializer(many=True)
    records = HeldSerializer(many=True)


class NewExportSerializer(serializers.Serializer[Any]):
    """What the data are for, and what goes with the tables."""

    purpose = serializers.ChoiceField(choices=list(export.PURPOSES))
    pose = serializers.BooleanField(default=False)
    audit = serializers.BooleanField(default=False)


class PrivacyView(GenericAPIView[Any]):
    """What the views below share."""

    pagination_class = None

    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user


class StudentConsent(PrivacyView):
    serializer_class = ConsentSerializer

    @extend_schema(responses=ConsentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Your own answer, and what is in force."""
        return Response(ConsentSerializer(_consent_of(own_participant(self.user(), pk))).data)

    @extend_schema(request=WithdrawSerializer, responses={200: ConsentSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Take back purposes. Films go at once where that follows (docs/consent.md)."""
        participant = own_participant(self.user(), pk)
        asked = WithdrawSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            services.withdraw(participant=participant, by=self.user(), scopes=asked.validated_data["scopes"])
        except StudyError as error:
            return refusal(error)
        return Response(ConsentSerializer(_consent_of(participant)).data)


def _consent_of(participant: Participant) -> dict[str, Any]:
    status = ConsentStatus.objects.filter(participant=participant).select_related("record__text").first()
    record, text = (status.record if status else None), current_text(participant.study)
    return {
        "consent_required": policy_of(participant.study).consent_required,
        "answer": record.kind if record else "",
        "scopes": record.scopes if record else [],
        "answered_at": record.made_at if record else None,
        "text_version": record.text.version if record else None,
        "asks_again": text is not None and (record is None or record.text_id != text.pk),
    }


class StudentData(PrivacyView):
    serializer_class = MyDataSerializer

    @extend_schema(responses=MyDataSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What is stored about you, and until when."""
        stored, rows = own_data.held_about(own_participant(self.user(), pk))
        return Response(MyDataSerializer({"files": stored, "records": rows}).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Ask for all of it as one archive."""
        participant = own_participant(self.user(), pk)
        job = start(kind=own_data.KIND.key, by=self.user(), study=participant.study, participant=participant)
        return Response(JobSerializer(job).data, status=202)


class StudyExport(PrivacyView):
    serializer_class = NewExportSerializer

    @extend_schema(request=NewExportSerializer, responses={202: JobSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Ask for the whole study by pseudonym as one archive; the purpose is written down."""
        study = study_for(self.user(), pk, staff=True)
        role = role_in(self.user(), study)
        if role not in export.EXPORTERS:
            raise PermissionDenied
        asked = NewExportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        params = dict(asked.validated_data)
        try:
            export.check(params, role=role)
        except StudyError as error:
            return refusal(error)
        job = start(kind=export.KIND.key, by=self.user(), study=study, params=params)
        return Response(JobSerializer(job).data, status=202)
