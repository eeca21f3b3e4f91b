"""Routes of the flow diagram and the checklist."""

from __future__ import annotations

from django.urls import path

from analysis.flow import views

patterns = [
    path("studies/<int:pk>/flow/", views.flow, name="flow"),
    path("studies/<int:pk>/flow.svg", views.flow_image, {"kind": "svg"}, name="flow-svg"),
    path("studies/<int:pk>/flow.png", views.flow_image, {"kind": "png"}, name="flow-png"),
    path("studies/<int:pk>/consort/", views.consort, name="consort"),
    path("studies/<int:pk>/consort.md", views.consort_file, {"kind": "md"}, name="consort-md"),
    path("studies/<int:pk>/consort.docx", views.consort_file, {"kind": "docx"}, name="consort-docx"),
]
