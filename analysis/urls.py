"""Routes of the report of a study, of its reviews, and of the check of published tables."""

from __future__ import annotations

from django.urls import path

from analysis import views
from analysis.design.urls import patterns as design_patterns
from analysis.flow.urls import patterns as flow_patterns

app_name = "analysis"
urlpatterns = [
    *design_patterns,
    *flow_patterns,
    path("integrity/", views.integrity, name="integrity"),
    path("studies/<int:pk>/report/", views.report, name="report"),
    path("studies/<int:pk>/agreement/", views.review_agreement, name="agreement"),
    path("studies/<int:pk>/report.json", views.snapshot, name="report-json"),
    path("studies/<int:pk>/report.csv", views.data, name="report-csv"),
]
