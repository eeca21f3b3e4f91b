from __future__ import annotations

from django.urls import path

from analysis.api import StudyAgreement

urlpatterns = [path("studies/<int:pk>/agreement/", StudyAgreement.as_view(), name="study-agreement")]
