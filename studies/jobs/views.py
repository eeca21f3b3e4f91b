"""The files that a person asked for: how far they are, and the files themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from studies.jobs.access import job_for, jobs_of
from studies.jobs.kinds import kind_of
from studies.jobs.services import advice_of, cancel
from studies.jobs.serving import file_response

if TYPE_CHECKING:
    from uuid import UUID

    from django.http.response import HttpResponseBase

    from studies.models import Job
    from studies.requests import SignedInRequest

PER_PAGE = 25


def _shown(job: Job) -> dict[str, object]:
    kind = kind_of(job.kind)
    return {"job": job, "title": kind.title if kind else job.kind, "advice": advice_of(job), "study": job.study}


@require_safe
@never_cache
def jobs(request: SignedInRequest) -> HttpResponse:
    """Everything the person asked for, newest first."""
    page = Paginator(jobs_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "studies/jobs/list.html", {"page_obj": page, "rows": [_shown(job) for job in page]})


@require_safe
@never_cache
def job(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One file: its progress while it is made, then the way to it. htmx asks for the progress alone."""
    found = job_for(request.user, pk)
    if request.htmx:
        if not found.is_open:
            return HttpResponseClientRefresh()
        if request.GET.get("seen") == f"{found.state}-{found.percent}":
            return HttpResponse(status=204)
        return render(request, "studies/jobs/_progress.html", _shown(found))
    return render(request, "studies/jobs/job.html", _shown(found))


@require_POST
def job_cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Stop making the file."""
    cancel(job_for(request.user, pk))
    messages.info(request, _("Stopped. Nothing was kept."))
    return redirect("studies:jobs")


@require_safe
def job_download(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """The file, or the slice that was asked for: a broken download goes on where it stopped."""
    return file_response(request, job_for(request.user, pk))
