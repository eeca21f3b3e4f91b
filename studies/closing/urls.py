"""Routes of the end of a study."""

from __future__ import annotations

from django.urls import path

from studies.closing import views

patterns = [
    path("studies/<int:pk>/close/", views.close, name="close"),
    path("studies/<int:pk>/look/", views.look, name="look"),
    path("studies/<int:pk>/release/", views.release, name="release"),
]
