from __future__ import annotations

from django.urls import path

from analysis.api import StudyAgreement
from analysis.frozen.api import FrozenReportDetail, FrozenReportSnapshot, StudyAnalysisPlans, StudyFrozenReports

urlpatterns = [
    path("studies/<int:pk>/agreement/", StudyAgreement.as_view(), name="study-agreement"),
    path("studies/<int:pk>/analysis-plans/", StudyAnalysisPlans.as_view(), name="study-analysis-plans"),
    path("studies/<int:pk>/frozen-reports/", StudyFrozenReports.as_view(), name="study-frozen-reports"),
    path("frozen-reports/<int:pk>/", FrozenReportDetail.as_view(), name="frozen-report"),
    path("frozen-reports/<int:pk>/snapshot/", FrozenReportSnapshot.as_view(), name="frozen-report-snapshot"),
]
