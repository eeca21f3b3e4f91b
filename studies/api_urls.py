from __future__ import annotations

from django.urls import path

from studies.api import PlanAssign, PlanClose, StudyAudit, StudyParticipants, StudyPlans
from studies.closing.api_urls import urlpatterns as closing_urls
from studies.jobs.api import Jobs, OneJob
from studies.privacy.api import StudentConsent, StudentData, StudyExport
from studies.protocol.api_urls import urlpatterns as protocol_urls
from studies.staff_api import StudyStaff, StudyStaffMember, StudyUnblind

urlpatterns = [
    *protocol_urls,
    *closing_urls,
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
    path("studies/<int:pk>/staff/", StudyStaff.as_view(), name="study-staff"),
    path("studies/<int:pk>/staff/<int:user_pk>/", StudyStaffMember.as_view(), name="study-staff-member"),
    path("studies/<int:pk>/unblind/", StudyUnblind.as_view(), name="study-unblind"),
]
