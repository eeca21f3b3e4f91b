from __future__ import annotations

from django.urls import path

from studies.api import PlanAssign, PlanClose, StudyAudit, StudyParticipants, StudyPlans
from studies.closing.api_urls import urlpatterns as closing_urls
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
from studies.jobs.api import Jobs, OneJob
from studies.privacy.api import StudentConsent, StudentData, StudyExport
from studies.protocol.api_urls import urlpatterns as protocol_urls
from studies.questionnaires.api import StudentAnswers, StudentQuestionnaires, StudyQuestionnaires, WaveScores
from studies.staff_api import StudyStaff, StudyStaffMember, StudyUnblind

urlpatterns = [
    *protocol_urls,
    *closing_urls,
    path("studies/<int:pk>/questionnaires/", StudyQuestionnaires.as_view(), name="study-questionnaires"),
    path("studies/<int:pk>/windows/<int:wave>/scores/", WaveScores.as_view(), name="wave-scores"),
    path("students/<int:pk>/questionnaires/", StudentQuestionnaires.as_view(), name="student-questionnaires"),
    path("students/<int:pk>/questionnaires/<int:wave>/", StudentAnswers.as_view(), name="student-answers"),
    path("studies/<int:pk>/participants/", StudyParticipants.as_view(), name="study-participants"),
    path("studies/<int:pk>/plans/", StudyPlans.as_view(), name="study-plans"),
    path("studies/<int:pk>/plans/<int:plan_pk>/assign/", PlanAssign.as_view(), name="plan-assign"),
    path("studies/<int:pk>/plans/<int:plan_pk>/close/", PlanClose.as_view(), name="plan-close"),
    path("students/<int:pk>/consent/", StudentConsent.as_view(), name="student-consent"),
    path("students/<int:pk>/data/", StudentData.as_view(), name="student-data"),
    path("studies/<int:pk>/exports/", StudyExport.as_view(), name="study-exports"),
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:pk>/", OneJob.as_view(), name="job"),
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
    path("studies/<int:pk>/staff/", StudyStaff.as_view(), name="study-staff"),
    path("studies/<int:pk>/staff/<int:user_pk>/", StudyStaffMember.as_view(), name="study-staff-member"),
    path("studies/<int:pk>/unblind/", StudyUnblind.as_view(), name="study-unblind"),
]
