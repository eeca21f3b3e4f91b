"""Routes of the protocol and of the steps that make a study."""

from __future__ import annotations

from django.urls import path

from studies.protocol.views import pages, wizard

patterns = [
    path("studies/new/", wizard.study_new, name="study-new"),
    path("studies/new/<int:draft_pk>/review/", wizard.draft_review, name="draft-review"),
    path("studies/new/<int:draft_pk>/<slug:part>/", wizard.draft_step, name="draft-step"),
    path("studies/<int:pk>/about/", pages.about, name="about"),
    path("studies/<int:pk>/protocol/", pages.protocol, name="protocol"),
    path("studies/<int:pk>/protocol/edit/<slug:part>/", pages.protocol_edit, name="protocol-edit"),
    path("studies/<int:pk>/protocol/save/", pages.protocol_save, name="protocol-save"),
    path("studies/<int:pk>/protocol/versions/<int:number>/", pages.protocol_version, name="protocol-version"),
    path("studies/<int:pk>/protocol/versions/<int:number>.json", pages.protocol_file, name="protocol-file"),
]
