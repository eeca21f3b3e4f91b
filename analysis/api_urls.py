from __future__ import annotations

from django.urls import path

from analysis.api import StudyAgreement
from analysis.design.api import StudySampleSize
from analysis.flow.api import StudyConsort, StudyFlow

urlpatterns = [
    path("studies/<int:pk>/agreement/", StudyAgreement.as_view(), name="study-agreement"),
    path("studies/<int:pk>/sample-size/", StudySampleSize.as_view(), name="study-sample-size"),
    path("studies/<int:pk>/flow/", StudyFlow.as_view(), name="study-flow"),
    path("studies/<int:pk>/consort/", StudyConsort.as_view(), name="study-consort"),
]
