"""Routes of the calculator."""

from __future__ import annotations

from django.urls import path

from analysis.design import views

patterns = [
    path("studies/<int:pk>/sample-size/", views.sample_size, name="sample-size"),
    path("studies/new/<int:draft_pk>/people/sample-size/", views.draft_sample_size, name="draft-sample-size"),
]
