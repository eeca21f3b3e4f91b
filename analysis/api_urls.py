from __future__ import annotations

from django.urls import path

from analysis.api import StudyAgreement
from analysis.design.api import StudySampleSize

urlpatterns = [
    path("studies/<int:pk>/agreement/", StudyAgreement.as_view(), name="study-agreement"),
    path("studies/<int:pk>/sample-size/", StudySampleSize.as_view(), name="study-sample-size"),
]
