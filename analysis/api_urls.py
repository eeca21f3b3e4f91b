from __future__ import annotations

from django.urls import path

from analysis.api import StudyAgreement
from analysis.design.api import StudySampleSize
from analysis.dryrun.api import StudyDryRuns
from analysis.flow.api import StudyConsort, StudyFlow
from analysis.frozen.api import FrozenReportDetail, FrozenReportSnapshot, StudyAnalysisPlans, StudyFrozenReports
from analysis.frozen.files_api import FrozenReportAgain, FrozenReportFile, FrozenReportFiles
from analysis.injuries.api import StudyInjuryRates
from analysis.overview.api import StudyOverview
from analysis.rater_api import StudyRaters
from analysis.reliability_api import WaveReliability

urlpatterns = [
    path("studies/<int:pk>/agreement/", StudyAgreement.as_view(), name="study-agreement"),
    path("studies/<int:pk>/sample-size/", StudySampleSize.as_view(), name="study-sample-size"),
    path("studies/<int:pk>/flow/", StudyFlow.as_view(), name="study-flow"),
    path("studies/<int:pk>/consort/", StudyConsort.as_view(), name="study-consort"),
    path("studies/<int:pk>/overview/", StudyOverview.as_view(), name="study-overview"),
    path("studies/<int:pk>/raters/", StudyRaters.as_view(), name="study-raters"),
    path("studies/<int:pk>/windows/<int:wave>/reliability/", WaveReliability.as_view(), name="wave-reliability"),
    path("studies/<int:pk>/analysis-plans/", StudyAnalysisPlans.as_view(), name="study-analysis-plans"),
    path("studies/<int:pk>/frozen-reports/", StudyFrozenReports.as_view(), name="study-frozen-reports"),
    path("frozen-reports/<int:pk>/", FrozenReportDetail.as_view(), name="frozen-report"),
    path("frozen-reports/<int:pk>/files/", FrozenReportFiles.as_view(), name="frozen-report-files"),
    path("frozen-reports/<int:pk>/files/<slug:kind>/", FrozenReportFile.as_view(), name="frozen-report-file"),
    path("frozen-reports/<int:pk>/again/", FrozenReportAgain.as_view(), name="frozen-report-again"),
    path("studies/<int:pk>/dry-runs/", StudyDryRuns.as_view(), name="study-dry-runs"),
    path("studies/<int:pk>/injury-rates/", StudyInjuryRates.as_view(), name="study-injury-rates"),
    path("frozen-reports/<int:pk>/snapshot/", FrozenReportSnapshot.as_view(), name="frozen-report-snapshot"),
]
