"""Routes of privacy."""

from __future__ import annotations

from django.urls import path

from studies.privacy import views

patterns = [
    path("students/<int:pk>/data/", views.my_data, name="my-data"),
    path("students/<int:pk>/data/file/", views.my_data_file, name="my-data-file"),
    path("students/<int:pk>/data/erase/", views.erasure_ask, name="erasure-ask"),
    path("studies/<int:pk>/privacy/", views.privacy, name="privacy"),
    path("studies/<int:pk>/privacy/erasure/<int:request_pk>/", views.erasure_decide, name="erasure-decide"),
    path("studies/<int:pk>/export/", views.study_export, name="study-export"),
]
