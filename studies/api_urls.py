from __future__ import annotations

from django.urls import path

from studies.api import PlanAssign, PlanClose, StudyAudit, StudyParticipants, StudyPlans
from studies.jobs.api import Jobs, OneJob
from studies.privacy.api import StudentConsent, StudentData, StudyExport

urlpatterns = [
    path("studies/<int:pk>/participants/", StudyParticipants.as_view(), name="study-participants"),
    path("studies/<int:pk>/plans/", StudyPlans.as_view(), name="study-plans"),
    path("studies/<int:pk>/plans/<int:plan_pk>/assign/", PlanAssign.as_view(), name="plan-assign"),
    path("studies/<int:pk>/plans/<int:plan_pk>/close/", PlanClose.as_view(), name="plan-close"),
    path("students/<int:pk>/consent/", StudentConsent.as_view(), name="student-consent"),
    path("students/<int:pk>/data/", StudentData.as_view(), name="student-data"),
    path("studies/<int:pk>/exports/", StudyExport.as_view(), name="study-exports"),
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:pk>/", OneJob.as_view(), name="job"),
    path("studies/<int:pk>/audit/", StudyAudit.as_view(), name="study-audit"),
]
