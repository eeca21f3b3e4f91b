"""The file of a job as a response, the same for pages and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from studies.serving import serve

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from studies.models import Job


def file_response(request: HttpRequest, job: Job) -> HttpResponseBase:
    """The file, or the slice that was asked for: a broken download goes on where it stopped. Raises Http404."""
    if not job.file:
        raise Http404("no file")
    response = serve(request, job.file, content_type=job.content_type, filename=job.file_name)
    response.headers["ETag"] = f'"{job.sha256}"'
    response.headers["Content-Disposition"] = f'attachment; filename="{job.file_name}"'
    return response
