"""Ways into a study for programs: make one, read those that are open, end one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse

from studies.access import sections_of, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.errors import StudyError
from studies.invitations import DAYS_MAX, USES_MAX, invitations_for, invite, revoke, token_of
from studies.models import Invitation
from studies.roster_forms import InvitationForm

if TYPE_CHECKING:
    from rest_framework.request import Request


class InvitationSerializer(serializers.Serializer[Any]):
    """A way in: `link` is for a button or a QR code, `code` is typed. Who joins waits to be confirmed."""

    id = serializers.IntegerField(source="pk")
    code = serializers.CharField()
    link = serializers.SerializerMethodField()
    section = serializers.CharField()
    uses = serializers.IntegerField()
    uses_max = serializers.IntegerField()
    expires_at = serializers.DateTimeField()

    def get_link(self, row: Invitation) -> str:
        return reverse("studies:join", args=[token_of(row)], request=self.context.get("request"))


class NewInvitationSerializer(serializers.Serializer[Any]):
    """For how many students and days; who works with some sections alone names one of these."""

    uses_max = serializers.IntegerField(min_value=1, max_value=USES_MAX)
    days = serializers.IntegerField(min_value=1, max_value=DAYS_MAX)
    section = serializers.CharField(max_length=40, default="", allow_blank=True)


class StudyInvitations(StudyView):
    serializer_class = InvitationSerializer
    queryset = Invitation.objects.none()

    @extend_schema(responses=InvitationSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The open invitations, newest first."""
        study = study_for(self.user(), pk, write=True)
        rows = [row for row in invitations_for(self.user(), study) if row.is_open]
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request=NewInvitationSerializer, responses={201: InvitationSerializer, UNPROCESSABLE: RefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make an invitation."""
        study = study_for(self.user(), pk, write=True)
        asked = NewInvitationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        form = InvitationForm(asked.validated_data, sections=sections_of(self.user(), study))
        try:
            made = invite(study=study, by=self.user(), **cleaned(form))
        except StudyError as error:
            return refusal(error)
        return Response(self.get_serializer(made).data, status=201)


class OneInvitation(StudyView):
    serializer_class = InvitationSerializer

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int, invitation_pk: int) -> Response:
        """End an invitation now. Who joined stays."""
        study = study_for(self.user(), pk, write=True)
        rows = invitations_for(self.user(), study)
        revoke(invitation=get_object_or_404(rows, pk=invitation_pk), by=self.user())
        return Response(status=204)
