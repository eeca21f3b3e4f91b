from __future__ import annotations

from django.urls import path

from studies.api import PlanAssign, PlanClose, StudyAudit, StudyParticipants, StudyPlans
from studies.jobs.api import Jobs, OneJob

urlpatterns = [
    path("studies/<int:pk>/participants/", StudyParticipants.as_view(), name="study-participants"),
    path("studies/<int:pk>/plans/", StudyPlans.as_view(), name="study-plans"),
    path("studies/<int:pk>/plans/<int:plan_pk>/assign/", PlanAssign.as_view(), name="plan-assign"),
    path("studies/<int:pk>/plans/<int:plan_pk>/close/", PlanClose.as_view(), name="plan-close"),
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:pk>/", OneJob.as_view(), name="job"),
    path("studies/<int:pk>/audit/", StudyAudit.as_view(), name="study-audit"),
]
