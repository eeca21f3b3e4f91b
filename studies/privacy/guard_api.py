"""What a study promises about data, and requests to be erased, for programs of the owner and the officer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import role_in
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.consent.access import guarded_study, own_participant
from studies.consent.selectors import policy_of
from studies.consent.texts import save_policy
from studies.errors import StudyError
from studies.models import DeletionProof, ErasureRequest, PrivacyPolicy
from studies.privacy import erasure
from studies.privacy.forms import POLICY_FIELDS, DecisionForm, PolicyForm
from studies.tokens.authentication import NOT_BY_TOKEN

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from studies.models import Study


class PolicySerializer(serializers.ModelSerializer[PrivacyPolicy]):
    """The study's promises. Days are null where there is no end; `version` comes back as `seen_version`."""

    class Meta:
        model = PrivacyPolicy
        fields = (*POLICY_FIELDS, "version")


class NewPolicySerializer(serializers.ModelSerializer[PrivacyPolicy]):
    """What is left out stays as it is."""

    seen_version = serializers.IntegerField(min_value=0)

    class Meta:
        model = PrivacyPolicy
        fields = (*POLICY_FIELDS, "seen_version")
        extra_kwargs = {name: {"required": False} for name in POLICY_FIELDS}


class ErasureSerializer(serializers.ModelSerializer[ErasureRequest]):
    """A request to be erased. `decision` is empty while it waits."""

    code = serializers.CharField(source="participant.code")

    class Meta:
        model = ErasureRequest
        fields = ("id", "code", "requested_at", "due_on", "decision", "lawful_basis", "reason", "decided_at")


class DecideSerializer(serializers.Serializer[Any]):
    """The decision, with lawful basis and reason, without the student's name. Erasing can't be undone."""

    decision = serializers.ChoiceField(choices=ErasureRequest.Decision.choices)
    lawful_basis = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=2000)


class AskErasureSerializer(serializers.Serializer[Any]):
    sure = serializers.BooleanField(help_text="True, or nothing is asked.")

    def validate_sure(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("Say true to ask for it.")
        return value


class ProofSerializer(serializers.ModelSerializer[DeletionProof]):
    """Files that were deleted for good. `digest` is the SHA-256 over the sorted hashes of them, one a line."""

    class Meta:
        model = DeletionProof
        fields = ("at", "cause", "retention", "codes", "count", "size_bytes", "digest", "backups_gone_on")


class StudyPrivacy(StudyView):
    serializer_class = PolicySerializer
    pagination_class = None

    @extend_schema(responses=PolicySerializer)
    def get(self, request: Request, pk: int) -> Response:
        """What the study promises: for the owner and the data-protection officer."""
        return Response(PolicySerializer(policy_of(guarded_study(self.user(), pk))).data)

    @extend_schema(request=NewPolicySerializer, responses={200: PolicySerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Change the promises: the owner's step. 422 `changed_meanwhile` when somebody changed them."""
        study = guarded_study(self.user(), pk)
        if role_in(self.user(), study) != "owner":
            raise PermissionDenied
        asked = NewPolicySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        before = policy_of(study)
        now = {name: getattr(before, name) for name in POLICY_FIELDS} | asked.validated_data
        form = PolicyForm({name: value for name, value in now.items() if value is not None}, instance=before)
        seen = cleaned(form)["seen_version"]
        try:
            saved = save_policy(study=study, by=self.user(), seen_version=seen, values=form.values())
        except StudyError as error:
            return refusal(error)
        return Response(PolicySerializer(saved).data)


def _requests_in(study: Study) -> QuerySet[ErasureRequest]:
    rows = ErasureRequest.objects.filter(participant__study=study)
    return rows.select_related("participant__study", "participant__user")


class StudyErasures(StudyView):
    serializer_class = ErasureSerializer
    queryset = ErasureRequest.objects.none()

    @extend_schema(parameters=[OpenApiParameter("open", bool)], responses=ErasureSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Requests to be erased, newest first, by code."""
        rows = _requests_in(guarded_study(self.user(), pk))
        if request.query_params.get("open") in {"1", "true"}:
            rows = rows.filter(decision="")
        return self.get_paginated_response(ErasureSerializer(self.paginate_queryset(rows), many=True).data)


class ErasureDecision(StudyView):
    serializer_class = DecideSerializer
    token_scope = NOT_BY_TOKEN

    @extend_schema(request=DecideSerializer, responses={200: ErasureSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int, request_pk: int) -> Response:
        """Decide about a request. What is erased is gone for good, so a person does it, not a key."""
        found = get_object_or_404(_requests_in(guarded_study(self.user(), pk)), pk=request_pk)
        asked = DecideSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            decided = erasure.decide(request=found, by=self.user(), **cleaned(DecisionForm(asked.validated_data)))
        except StudyError as error:
            return refusal(error)
        return Response(ErasureSerializer(decided).data)


class StudyDeletions(StudyView):
    serializer_class = ProofSerializer
    queryset = DeletionProof.objects.none()

    @extend_schema(responses=ProofSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """What was deleted, newest first: for the owner and the data-protection officer."""
        rows = guarded_study(self.user(), pk).deletion_proofs.all()
        return self.get_paginated_response(ProofSerializer(self.paginate_queryset(rows), many=True).data)


class StudentErasure(StudyView):
    serializer_class = ErasureSerializer
    queryset = ErasureRequest.objects.none()
    pagination_class = None

    @extend_schema(responses=ErasureSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Your own requests to be erased, and what was decided."""
        rows = own_participant(self.user(), pk).erasure_requests.select_related("participant")
        return Response(ErasureSerializer(rows, many=True).data)

    @extend_schema(request=AskErasureSerializer, responses={201: ErasureSerializer, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Ask to be erased. It is decided within a month."""
        participant = own_participant(self.user(), pk)
        asked = AskErasureSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            made = erasure.ask(participant=participant, by=self.user())
        except StudyError as error:
            return refusal(error)
        return Response(ErasureSerializer(made).data, status=201)
