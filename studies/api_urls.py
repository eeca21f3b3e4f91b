from __future__ import annotations

from django.urls import path

from studies.api import PlanAssign, PlanClose, StudyAudit, StudyParticipants, StudyPlans
from studies.injuries.api import (
    AlertAcknowledge,
    InjuryDetail,
    OwnReport,
    StudyAlerts,
    StudyExposure,
    StudyInjuries,
    StudyLessons,
    StudyWeeks,
    WeeklyAnswer,
)

urlpatterns = [
    path("studies/<int:pk>/participants/", StudyParticipants.as_view(), name="study-participants"),
    path("studies/<int:pk>/plans/", StudyPlans.as_view(), name="study-plans"),
    path("studies/<int:pk>/plans/<int:plan_pk>/assign/", PlanAssign.as_view(), name="plan-assign"),
    path("studies/<int:pk>/plans/<int:plan_pk>/close/", PlanClose.as_view(), name="plan-close"),
    path("studies/<int:pk>/injuries/", StudyInjuries.as_view(), name="study-injuries"),
    path("injuries/<int:pk>/", InjuryDetail.as_view(), name="injury-detail"),
    path("students/<int:pk>/hurt/", OwnReport.as_view(), name="own-report"),
    path("studies/<int:pk>/weeks/", StudyWeeks.as_view(), name="study-weeks"),
    path("students/<int:pk>/weeks/<int:week_pk>/", WeeklyAnswer.as_view(), name="weekly-answer"),
    path("studies/<int:pk>/alerts/", StudyAlerts.as_view(), name="study-alerts"),
    path("alerts/<int:pk>/", AlertAcknowledge.as_view(), name="acknowledge-alert"),
    path("studies/<int:pk>/training/", StudyExposure.as_view(), name="study-training"),
    path("studies/<int:pk>/lessons/", StudyLessons.as_view(), name="study-lessons"),
    path("studies/<int:pk>/audit/", StudyAudit.as_view(), name="study-audit"),
]
