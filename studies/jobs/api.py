"""Files in the making, for programs: watch a job, then fetch its file with range requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from studies.jobs.access import job_for, jobs_of
from studies.jobs.services import advice_of, cancel
from studies.jobs.serving import file_response
from studies.models import Job, User

if TYPE_CHECKING:
    from uuid import UUID

    from django.http.response import HttpResponseBase
    from rest_framework.request import Request


class JobSerializer(serializers.Serializer[Any]):
    """A file that was asked for; `download_url` is null until it is ready, and after it expired."""

    id = serializers.UUIDField(source="pk")
    kind = serializers.CharField()
    study = serializers.IntegerField(source="study_id", allow_null=True)
    state = serializers.ChoiceField(choices=Job.State.choices)
    percent = serializers.IntegerField()
    error_code = serializers.CharField()
    advice = serializers.SerializerMethodField()
    file_name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    download_url = serializers.SerializerMethodField()

    def get_advice(self, job: Job) -> str:
        return advice_of(job)

    def get_download_url(self, job: Job) -> str | None:
        return reverse("job-file", args=[job.pk]) if job.file else None


class Jobs(GenericAPIView[Any]):
    serializer_class = JobSerializer
    queryset = Job.objects.none()

    @extend_schema(responses=JobSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The files that you asked for, newest first."""
        assert isinstance(request.user, User)
        page = self.paginate_queryset(jobs_of(request.user)) or []
        return self.get_paginated_response(JobSerializer(page, many=True).data)


class OneJob(GenericAPIView[Any]):
    serializer_class = JobSerializer
    queryset = Job.objects.none()

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        """How far one file is."""
        assert isinstance(request.user, User)
        return Response(JobSerializer(job_for(request.user, pk)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        """Stop making the file. One that is made stays until it expires."""
        assert isinstance(request.user, User)
        cancel(job_for(request.user, pk))
        return Response(status=204)


class JobFile(GenericAPIView[Any]):
    serializer_class = JobSerializer
    queryset = Job.objects.none()

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        """The file, or the slice that a Range header asks for."""
        assert isinstance(request.user, User)
        return file_response(request._request, job_for(request.user, pk))
