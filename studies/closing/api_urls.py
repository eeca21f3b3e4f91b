from __future__ import annotations

from django.urls import path

from studies.closing.api import StudyClose, StudyLook, StudyRelease, StudyReopen

urlpatterns = [
    path("studies/<int:pk>/close/", StudyClose.as_view(), name="study-close"),
    path("studies/<int:pk>/reopen/", StudyReopen.as_view(), name="study-reopen"),
    path("studies/<int:pk>/look/", StudyLook.as_view(), name="study-look"),
    path("studies/<int:pk>/release/", StudyRelease.as_view(), name="study-release"),
]
