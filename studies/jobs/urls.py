"""Routes of the files that are made in the background."""

from __future__ import annotations

from django.urls import path

from studies.jobs import views

patterns = [
    path("files/", views.jobs, name="jobs"),
    path("files/<uuid:pk>/", views.job, name="job"),
    path("files/<uuid:pk>/cancel/", views.job_cancel, name="job-cancel"),
    path("files/<uuid:pk>/download/", views.job_download, name="job-download"),
]
