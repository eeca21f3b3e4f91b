"""Routes of plans and reports of a study, of its reviews, and of the check of published tables."""

from __future__ import annotations

from django.urls import path

from analysis import rater_views, reliability_views, views
from analysis.design.urls import patterns as design_patterns
from analysis.dryrun import views as dryrun
from analysis.flow.urls import patterns as flow_patterns
from analysis.frozen import views as frozen
from analysis.injuries import views as injuries
from analysis.overview.views import overview_page
from analysis.plans import views as plans

app_name = "analysis"
urlpatterns = [
    *design_patterns,
    *flow_patterns,
    path("integrity/", views.integrity, name="integrity"),
    path("studies/<int:pk>/overview/", overview_page, name="overview"),
    path("studies/<int:pk>/report/", views.report, name="report"),
    path("studies/<int:pk>/injuries/rates/", injuries.injuries, name="injuries"),
    path("studies/<int:pk>/agreement/", views.review_agreement, name="agreement"),
    path("studies/<int:pk>/raters/", rater_views.raters, name="raters"),
    path("studies/<int:pk>/windows/<int:wave>/reliability/", reliability_views.reliability, name="reliability"),
    path("studies/<int:pk>/report.json", views.snapshot, name="report-json"),
    path("studies/<int:pk>/report.csv", views.data, name="report-csv"),
    path("studies/<int:pk>/plan/", plans.plan_page, name="plan"),
    path("studies/<int:pk>/plan/<int:version>.json", plans.plan_file, name="plan-file"),
    path("studies/<int:pk>/ask/", plans.ask, name="ask"),
    path("studies/<int:pk>/reports/", frozen.report_list, name="reports"),
    path("studies/<int:pk>/reports/compare/", frozen.compare_reports, name="reports-compare"),
    path("studies/<int:pk>/dry-run/", dryrun.dry_run, name="dry-run"),
    path("reports/<int:pk>/", frozen.frozen_page, name="frozen"),
    path("reports/<int:pk>/status/", frozen.frozen_status, name="frozen-status"),
    path("reports/<int:pk>/again/", frozen.order_again, name="frozen-again"),
    path("reports/<int:pk>/make/", frozen.frozen_make, name="frozen-make"),
    path("reports/<int:pk>/files/<slug:kind>/", frozen.frozen_file, name="frozen-file"),
    path("reports/<int:pk>/values/<slug:key>/", frozen.frozen_values, name="frozen-values"),
    path("reports/<int:pk>/people/<path:code>/", frozen.frozen_person, name="frozen-person"),
]
