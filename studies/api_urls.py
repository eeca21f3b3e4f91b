from __future__ import annotations

from django.urls import path

from studies.allocation_api import OneDraw, StudyDraws, StudySimulation
from studies.api import PlanAssign, PlanClose, StudyAudit, StudyAuditFile, StudyPlans
from studies.closing.api_urls import urlpatterns as closing_urls
from studies.consent.api_urls import urlpatterns as consent_urls
from studies.injuries.api_urls import urlpatterns as health_urls
from studies.invitations_api import OneInvitation, StudyInvitations
from studies.jobs.api import JobFile, Jobs, OneJob
from studies.participants_api import StudyParticipants
from studies.protocol.api_urls import urlpatterns as protocol_urls
from studies.questionnaires.api_urls import urlpatterns as questionnaire_urls
from studies.roster.api import ClassList, StudyClassLists
from studies.screening_api import StudyScreening
from studies.staff_api import StudyStaff, StudyStaffMember, StudyUnblind
from studies.students_api import OneStudent, StudentBaseline, StudentGroup
from studies.study_api import OneStudy, Studies

urlpatterns = [
    path("studies/", Studies.as_view(), name="studies"),
    path("studies/<int:pk>/", OneStudy.as_view(), name="study"),
    *protocol_urls,
    *closing_urls,
    *consent_urls,
    *health_urls,
    *questionnaire_urls,
    path("studies/<int:pk>/participants/", StudyParticipants.as_view(), name="study-participants"),
    path("studies/<int:pk>/class-lists/", StudyClassLists.as_view(), name="study-class-lists"),
    path("studies/<int:pk>/class-lists/<int:import_pk>/", ClassList.as_view(), name="class-list"),
    path("studies/<int:pk>/screening/", StudyScreening.as_view(), name="study-screening"),
    path("studies/<int:pk>/invitations/", StudyInvitations.as_view(), name="study-invitations"),
    path("studies/<int:pk>/invitations/<int:invitation_pk>/", OneInvitation.as_view(), name="invitation"),
    path("students/<int:pk>/", OneStudent.as_view(), name="student"),
    path("students/<int:pk>/baseline/", StudentBaseline.as_view(), name="student-baseline"),
    path("students/<int:pk>/group/", StudentGroup.as_view(), name="student-group"),
    path("studies/<int:pk>/draws/", StudyDraws.as_view(), name="study-draws"),
    path("studies/<int:pk>/draws/<int:list_pk>/", OneDraw.as_view(), name="draw"),
    path("studies/<int:pk>/simulation/", StudySimulation.as_view(), name="study-simulation"),
    path("studies/<int:pk>/plans/", StudyPlans.as_view(), name="study-plans"),
    path("studies/<int:pk>/plans/<int:plan_pk>/assign/", PlanAssign.as_view(), name="plan-assign"),
    path("studies/<int:pk>/plans/<int:plan_pk>/close/", PlanClose.as_view(), name="plan-close"),
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/<uuid:pk>/", OneJob.as_view(), name="job"),
    path("jobs/<uuid:pk>/file/", JobFile.as_view(), name="job-file"),
    path("studies/<int:pk>/audit/", StudyAudit.as_view(), name="study-audit"),
    path("studies/<int:pk>/audit/file/", StudyAuditFile.as_view(), name="study-audit-file"),
    path("studies/<int:pk>/staff/", StudyStaff.as_view(), name="study-staff"),
    path("studies/<int:pk>/staff/<int:user_pk>/", StudyStaffMember.as_view(), name="study-staff-member"),
    path("studies/<int:pk>/unblind/", StudyUnblind.as_view(), name="study-unblind"),
]
