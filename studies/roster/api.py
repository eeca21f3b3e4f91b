"""Class lists as files, for programs: send one, read what is wrong row by row, enrol the good ones or forget it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.response import Response

from studies.access import sections_of, study_for
from studies.api import UNPROCESSABLE, RefusedSerializer, StudyView, refusal
from studies.api_forms import cleaned
from studies.errors import StudyError
from studies.models import RosterImport
from studies.roster.checks import ERROR, WARNING
from studies.roster.imports import discard, enrol_rows, imports_for, preview, reading_of
from studies.roster.tables import BYTES_MAX, ENCODINGS
from studies.roster_forms import RosterFileForm

if TYPE_CHECKING:
    from rest_framework.request import Request


class RowProblemSerializer(serializers.Serializer[Any]):
    """What is wrong with a row of the file. `column` is its heading, or the field's name where there is none."""

    row = serializers.IntegerField()
    column = serializers.CharField()
    level = serializers.ChoiceField(choices=[ERROR, WARNING])
    text = serializers.CharField()


class ClassListSerializer(serializers.Serializer[Any]):
    """A list that was read. Rows with an error stay out; those with a warning until somebody says otherwise.

    Once it is decided, its rows are gone, and `enrolled` says how many students it made. An undecided one goes after a
    day.
    """

    id = serializers.IntegerField(source="found.pk")
    state = serializers.ChoiceField(source="found.state", choices=RosterImport.State.choices)
    created_at = serializers.DateTimeField(source="found.created_at")
    reading = serializers.CharField(source="found.reading", help_text="How the file was read.")
    not_read = serializers.ListField(source="found.not_read", child=serializers.CharField(), help_text="Headings.")
    rows = serializers.IntegerField(source="read.rows")
    good = serializers.IntegerField()
    with_warning = serializers.IntegerField(source="read.with_warning")
    with_error = serializers.IntegerField(source="read.with_error")
    enrolled = serializers.IntegerField(source="found.enrolled")
    problems = RowProblemSerializer(source="read.problems", many=True)


class NewClassListSerializer(serializers.Serializer[Any]):
    """XLSX or CSV, at most 5 MB and 10 000 rows. Without `encoding` it is found out."""

    file = serializers.FileField()
    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False)


class EnrolRowsSerializer(serializers.Serializer[Any]):
    """Enrol the good rows; `with_warnings`: also those with a warning, which somebody has looked at."""

    with_warnings = serializers.BooleanField(default=False)


class StudyClassLists(StudyView):
    serializer_class = ClassListSerializer
    queryset = RosterImport.objects.none()
    parser_classes = (MultiPartParser, FormParser)

    @extend_schema(responses=ClassListSerializer(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The lists that wait for a decision, newest first."""
        study = study_for(self.user(), pk, write=True)
        rows = imports_for(self.user(), study, sections_of(self.user(), study))
        page = self.paginate_queryset(rows.filter(state=RosterImport.State.OPEN).select_related("study")) or []
        return self.get_paginated_response([_shown(row) for row in page])

    @extend_schema(
        request={"multipart/form-data": NewClassListSerializer},
        responses={201: ClassListSerializer, UNPROCESSABLE: RefusedSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Send a list. It is only read: nobody is enrolled."""
        study = study_for(self.user(), pk, write=True)
        given = cleaned(RosterFileForm(request.POST, request.FILES))
        try:
            found = preview(
                study=study,
                by=self.user(),
                raw=given["file"].read(BYTES_MAX + 1),
                encoding=given["encoding"],
                sections=sections_of(self.user(), study),
            )
        except StudyError as error:
            return refusal(error)
        return Response(_shown(found), status=201)


class ClassList(StudyView):
    serializer_class = ClassListSerializer

    @extend_schema(operation_id="studies_class_list_retrieve", responses=ClassListSerializer)
    def get(self, request: Request, pk: int, import_pk: int) -> Response:
        """What the list says, compared with the study as it is now."""
        return Response(_shown(self._list(pk, import_pk)))

    @extend_schema(
        operation_id="studies_class_list_enrol",
        request=EnrolRowsSerializer,
        responses={200: ClassListSerializer, UNPROCESSABLE: RefusedSerializer},
    )
    def post(self, request: Request, pk: int, import_pk: int) -> Response:
        """Enrol its good rows, all of them or nobody."""
        found = self._list(pk, import_pk)
        asked = EnrolRowsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            enrol_rows(found=found, by=self.user(), **asked.validated_data)
        except StudyError as error:
            return refusal(error)
        return Response(_shown(found))

    @extend_schema(responses={204: None, UNPROCESSABLE: RefusedSerializer})
    def delete(self, request: Request, pk: int, import_pk: int) -> Response:
        """Forget the list. Nobody is enrolled."""
        try:
            discard(found=self._list(pk, import_pk), by=self.user())
        except StudyError as error:
            return refusal(error)
        return Response(status=204)

    def _list(self, pk: int, import_pk: int) -> RosterImport:
        study = study_for(self.user(), pk, write=True)
        rows = imports_for(self.user(), study, sections_of(self.user(), study)).select_related("study")
        return get_object_or_404(rows, pk=import_pk)


def _shown(found: RosterImport) -> Any:
    read = reading_of(found)
    return ClassListSerializer({"found": found, "read": read, "good": len(read.good)}).data
