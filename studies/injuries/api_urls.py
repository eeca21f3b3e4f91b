"""Routes of injuries, weekly questions, alerts and training for programs."""

from __future__ import annotations

from django.urls import path

from studies.exposure.api import OneLesson, StudentTraining, StudyExposure, StudyLessons
from studies.health.api import ProblemInjury, StudyWeek
from studies.injuries.api import (
    AlertAcknowledge,
    InjuryDetail,
    OwnReport,
    StudyAlerts,
    StudyInjuries,
    StudyWeeks,
    WeeklyAnswer,
)
from studies.safety.api import StudyAlertLimits

urlpatterns = [
    path("studies/<int:pk>/injuries/", StudyInjuries.as_view(), name="study-injuries"),
    path("injuries/<int:pk>/", InjuryDetail.as_view(), name="injury-detail"),
    path("students/<int:pk>/hurt/", OwnReport.as_view(), name="own-report"),
    path("studies/<int:pk>/weeks/", StudyWeeks.as_view(), name="study-weeks"),
    path("studies/<int:pk>/weeks/<int:week_pk>/", StudyWeek.as_view(), name="study-week"),
    path("students/<int:pk>/weeks/<int:week_pk>/", WeeklyAnswer.as_view(), name="weekly-answer"),
    path("weekly-problems/<int:pk>/injury/", ProblemInjury.as_view(), name="weekly-problem-injury"),
    path("studies/<int:pk>/alerts/", StudyAlerts.as_view(), name="study-alerts"),
    path("studies/<int:pk>/alerts/limits/", StudyAlertLimits.as_view(), name="study-alert-limits"),
    path("alerts/<int:pk>/", AlertAcknowledge.as_view(), name="acknowledge-alert"),
    path("studies/<int:pk>/training/", StudyExposure.as_view(), name="study-training"),
    path("students/<int:pk>/training/", StudentTraining.as_view(), name="student-training"),
    path("studies/<int:pk>/lessons/", StudyLessons.as_view(), name="study-lessons"),
    path("studies/<int:pk>/lessons/<int:lesson_pk>/", OneLesson.as_view(), name="study-lesson"),
]
