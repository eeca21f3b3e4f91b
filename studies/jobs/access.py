"""Whose file it is: the person's who asked for it, while its kind still says that they may have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from studies.jobs.kinds import kind_of
from studies.models import Job

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from studies.models import User


def jobs_of(user: User) -> QuerySet[Job]:
    """What the user asked for, newest first."""
    return Job.objects.filter(requested_by=user).select_related("study")


def job_for(user: User, pk: UUID) -> Job:
    """The job, for who asked for it and may still have it. Raises Http404."""
    job = jobs_of(user).select_related("participant", "requested_by").filter(pk=pk).first()
    kind = kind_of(job.kind) if job is not None else None
    if job is None or kind is None or not kind.may(user, job):
        raise Http404("no such file")
    return job
