"""Routes of the report of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.urls import URLPattern

app_name = "analysis"
urlpatterns: list[URLPattern] = []
