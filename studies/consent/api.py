"""A study's consent for programs: how many agreed, the texts, countersigning. A student's own answer is in privacy.api.

Nobody agrees by a program: the page shows the text, and the typed name under it is the signature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from studies.access import role_in, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.consent.access import guarded_study, record_to_countersign
from studies.consent.forms import TextForm
from studies.consent.scopes import SCOPES
from studies.consent.selectors import current_text, policy_of, shown_counts, shows_names
from studies.consent.services import countersign
from studies.consent.texts import draft_of, publish, save_draft
from studies.errors import StudyError
from studies.models import ConsentRecord, ConsentText, Participant
from studies.tokens.authentication import NOT_BY_TOKEN

if TYPE_CHECKING:
    from rest_framework.request import Request

ANSWERS = [("", "not answered"), *ConsentRecord.Kind.choices]


class ShownCountSerializer(serializers.Serializer[Any]):
    """A count of students. null: fewer than five, or it would give such a count away."""

    key = serializers.CharField()
    students = serializers.IntegerField(allow_null=True)


class AnsweredSerializer(serializers.Serializer[Any]):
    """What one student answered. `record` is null where there is no answer."""

    code = serializers.CharField()
    name = serializers.CharField(source="user.get_full_name")
    record = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField()
    countersigned_at = serializers.SerializerMethodField()

    def _record(self, row: Participant) -> ConsentRecord | None:
        status = getattr(row, "consent", None)
        return status.record if status else None

    def get_record(self, row: Participant) -> int | None:
        record = self._record(row)
        return record.pk if record else None

    @extend_schema_field(serializers.ChoiceField(choices=ANSWERS))
    def get_answer(self, row: Participant) -> str:
        record = self._record(row)
        return record.kind if record else ""

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_scopes(self, row: Participant) -> list[str]:
        record = self._record(row)
        return record.scopes if record else []

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_countersigned_at(self, row: Participant) -> Any:
        record = self._record(row)
        return record.countersigned_at if record else None


class StudyConsentSerializer(serializers.Serializer[Any]):
    """How many agreed. `answered` names the students, for the owner, from the day that the study promised on.

    `text_version` is null while no text is published.
    """

    consent_required = serializers.BooleanField()
    text_version = serializers.IntegerField(allow_null=True)
    names_from = serializers.DateField(allow_null=True)
    students = serializers.IntegerField()
    answers = ShownCountSerializer(many=True, help_text='By answer; "": none yet.')
    scopes = ShownCountSerializer(many=True)
    answered = AnsweredSerializer(many=True, allow_null=True)


class ConsentTextSerializer(serializers.Serializer[Any]):
    """A version of what students read. Of a draft `published_at` is null and `sha256` empty."""

    version = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=list(SCOPES)))
    edits = serializers.IntegerField(help_text="Comes back as `seen_edits`; 0 of a draft that nobody saved.")
    published_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.CharField()


class NewConsentTextSerializer(serializers.Serializer[Any]):
    """The draft's words: an empty line parts paragraphs, # begins a heading. `publish` freezes it."""

    title = serializers.CharField(max_length=120)
    body = serializers.CharField(max_length=30_000)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=list(SCOPES)), default=list)
    seen_edits = serializers.IntegerField(min_value=0)
    publish = serializers.BooleanField(default=False)


class StudyConsent(StudyView):
    serializer_class = StudyConsentSerializer
    pagination_class = None

    @extend_schema(responses=StudyConsentSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """How many agreed: for the owner and the data-protection officer."""
        study = guarded_study(self.user(), pk)
        students, answers, scopes = shown_counts(study)
        policy, text = policy_of(study), current_text(study)
        named = shows_names(study) and role_in(self.user(), study) == "owner"
        rows = study.participants.select_related("user", "consent__record").order_by("code")
        found = {
            "consent_required": policy.consent_required,
            "text_version": text.version if text else None,
            "names_from": policy.consent_visible_from,
            "students": students,
            "answers": [{"key": key, "students": count} for key, count in answers.items()],
            "scopes": [{"key": key, "students": count} for key, count in scopes.items()],
            "answered": rows if named else None,
        }
        return Response(StudyConsentSerializer(found).data)


class StudyConsentTexts(StudyView):
    serializer_class = ConsentTextSerializer
    queryset = ConsentText.objects.none()
    pagination_class = None

    @extend_schema(responses=ConsentTextSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """For the owner: the draft, then the published versions, newest first."""
        study = study_for(self.user(), pk, own=True)
        rows = [draft_of(study), *study.consent_texts.filter(published_at__isnull=False)]
        return Response(ConsentTextSerializer(rows, many=True).data)

    @extend_schema(
        request=NewConsentTextSerializer, responses={201: ConsentTextSerializer, UNPROCESSABLE: RefusedSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Write the draft, and publish it if asked. 422 `changed_meanwhile` when somebody saved another one."""
        study = study_for(self.user(), pk, own=True)
        asked = NewConsentTextSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        publishes = given.pop("publish")
        kept = cleaned(TextForm(given))
        try:
            with transaction.atomic():
                text = save_draft(study=study, by=self.user(), **kept)
                if publishes:
                    text = publish(study=study, by=self.user())
        except StudyError as error:
            return refusal(error)
        return Response(ConsentTextSerializer(text).data, status=201)


class ConsentCountersign(StudyView):
    serializer_class = serializers.Serializer
    token_scope = NOT_BY_TOKEN

    @extend_schema(request=None, responses={204: None, UNPROCESSABLE: RefusedSerializer})
    def post(self, request: Request, pk: int, record_pk: int) -> Response:
        """Confirm a consent with the owner's name, once names are shown: a person's signature, so not by a key."""
        record = record_to_countersign(self.user(), pk, record_pk)
        try:
            countersign(record=record, by=self.user())
        except StudyError as error:
            return refusal(error)
        return Response(status=204)
