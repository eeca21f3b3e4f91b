"""Who works in a study, for programs: what the owner's page does, no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from studies.access import study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.errors import StudyError
from studies.models import Membership
from studies.services import add_staff, remove_staff
from studies.staff import Member, newcomer, staff_of
from studies.staff_forms import REASON_LENGTH, UnblindForm
from studies.unblinding import unblind

if TYPE_CHECKING:
    from rest_framework.request import Request


class MemberSerializer(serializers.Serializer[Any]):
    """Somebody who works in the study. `knew_groups`: blinded now, and in a role that knows the groups before."""

    user = serializers.IntegerField(source="membership.user_id", help_text="The number of the account.")
    name = serializers.CharField()
    role = serializers.ChoiceField(source="membership.role", choices=Membership.Role.choices)
    sections = serializers.ListField(source="membership.sections", child=serializers.CharField())
    knew_groups = serializers.BooleanField()


class NameMemberSerializer(serializers.Serializer[Any]):
    """Somebody to be named, by `account` (user name or e-mail), or `user`, who works here already and changes role."""

    account = serializers.CharField(max_length=254, required=False)
    user = serializers.IntegerField(required=False)
    role = serializers.ChoiceField(choices=Membership.Role.choices)
    sections = serializers.ListField(
        child=serializers.CharField(max_length=40), default=list, help_text="Of an instructor; none: the whole class."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("account" in attrs) == ("user" in attrs):
            raise ValidationError("Give either account or user.")
        return attrs


class UnblindSerializer(serializers.Serializer[Any]):
    """The owner's signature under the end of blinding."""

    reason = serializers.CharField(max_length=REASON_LENGTH)
    password = serializers.CharField(write_only=True, trim_whitespace=False)


class UnblindedSerializer(serializers.Serializer[Any]):
    unblinded_at = serializers.DateTimeField()


class StudyStaff(StudyView):
    serializer_class = MemberSerializer
    queryset = Membership.objects.none()
    token_scope = None

    @extend_schema(responses=MemberSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Everybody who works in the study: for its owner."""
        study = study_for(self.user(), pk, own=True)
        page: list[Member] = self.paginate_queryset(staff_of(study)) or []
        return self.get_paginated_response(MemberSerializer(page, many=True).data)

    @extend_schema(request=NameMemberSerializer, responses={200: MemberSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Name somebody, or change what they do."""
        study = study_for(self.user(), pk, own=True)
        asked = NameMemberSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        try:
            if "user" in given:
                user = get_object_or_404(study.memberships.select_related("user"), user=given["user"]).user
            else:
                user = newcomer(study, given["account"])
            role = Membership.Role(given["role"])
            add_staff(study=study, user=user, role=role, sections=given["sections"], by=self.user())
        except StudyError as error:
            return refusal(error)
        member = next(one for one in staff_of(study) if one.membership.user_id == user.pk)
        return Response(MemberSerializer(member).data)


class StudyStaffMember(StudyView):
    serializer_class = MemberSerializer
    token_scope = None

    @extend_schema(responses={204: None, UNPROCESSABLE: RefusedSerializer})
    def delete(self, request: Request, pk: int, user_pk: int) -> Response:
        """End somebody's work in the study."""
        study = study_for(self.user(), pk, own=True)
        member = get_object_or_404(study.memberships.select_related("user"), user=user_pk)
        try:
            remove_staff(study=study, user=member.user, by=self.user())
        except StudyError as error:
            return refusal(error)
        return Response(status=204)


class StudyUnblind(StudyView):
    serializer_class = UnblindSerializer
    token_scope = None

    @extend_schema(request=UnblindSerializer, responses={200: UnblindedSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Show every role which group is which. It can't be undone."""
        study = study_for(self.user(), pk, own=True)
        asked = UnblindSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        form = UnblindForm(asked.validated_data | {"understood": True}, user=self.user())
        if not form.is_valid():
            raise ValidationError({name: [str(error) for error in errors] for name, errors in form.errors.items()})
        try:
            unblind(study=study, by=self.user(), reason=form.cleaned_data["reason"])
        except StudyError as error:
            return refusal(error)
        return Response(UnblindedSerializer(study).data)
