"""Routes of the study's pages. `home` and the password pages stand outside the namespace: other parts name them."""

from __future__ import annotations

from django.urls import include, path

from studies.closing.urls import patterns as closing_patterns
from studies.consent.urls import patterns as consent_patterns
from studies.injuries.urls import urlpatterns as health_patterns
from studies.jobs.urls import patterns as jobs_patterns
from studies.privacy.urls import patterns as privacy_patterns
from studies.protocol.urls import patterns as protocol_patterns
from studies.questionnaires.urls import urlpatterns as questionnaire_patterns
from studies.tokens import views as tokens
from studies.views import account, audit, groups, invitations, pages, randomisation, roster, staff

study_patterns = [
    *protocol_patterns,
    *closing_patterns,
    path("studies/<int:pk>/", pages.detail, name="detail"),
    path("studies/<int:pk>/enrol/", groups.enrol, name="enrol"),
    path("studies/<int:pk>/enrol/file/", roster.roster_file, name="roster-file"),
    path("studies/<int:pk>/enrol/file/<int:import_pk>/", roster.roster_import, name="roster-import"),
    path("studies/<int:pk>/roster.csv", roster.roster, name="roster"),
    path("studies/<int:pk>/audit/", audit.audit, name="audit"),
    path("studies/<int:pk>/staff/", staff.staff, name="staff"),
    path("studies/<int:pk>/staff/<int:user_pk>/", staff.staff_change, name="staff-change"),
    path("studies/<int:pk>/staff/<int:user_pk>/remove/", staff.staff_remove, name="staff-remove"),
    path("studies/<int:pk>/unblind/", staff.unblind_study, name="unblind"),
    path("studies/<int:pk>/audit/file/", audit.audit_file, name="audit-file"),
    path("studies/<int:pk>/screening/", roster.screening, name="screening"),
    path("studies/<int:pk>/invitations/", invitations.invitations, name="invitations"),
    path(
        "studies/<int:pk>/invitations/<int:invitation_pk>/revoke/",
        invitations.invitation_revoke,
        name="invitation-revoke",
    ),
    path("join/", invitations.join_code, name="join-code"),
    path("join/<str:token>/", invitations.join_study, name="join"),
    path("studies/<int:pk>/groups/", groups.allocate, name="allocate"),
    path("studies/<int:pk>/groups/<int:list_pk>.json", groups.allocation_list, name="allocation-list"),
    path("studies/<int:pk>/groups/design/", randomisation.plan_new, name="plan-new"),
    path("studies/<int:pk>/groups/simulation/", randomisation.simulation, name="simulation"),
    path("studies/<int:pk>/groups/plans/<int:plan_pk>.json", randomisation.plan_published, name="plan-published"),
    path("studies/<int:pk>/groups/plans/<int:plan_pk>/assign/", randomisation.plan_assign, name="plan-assign"),
    path("studies/<int:pk>/groups/plans/<int:plan_pk>/close/", randomisation.plan_close, name="plan-close"),
    path("students/<int:pk>/", pages.participant, name="participant"),
    path("students/<int:pk>/group/", groups.move, name="move"),
    path("students/<int:pk>/baseline/", roster.baseline, name="baseline"),
    path("students/<int:pk>/assign/", randomisation.assign, name="assign"),
    *jobs_patterns,
    *consent_patterns,
    *privacy_patterns,
    *health_patterns,
    *questionnaire_patterns,
    path("verify_allocation.py", randomisation.verifier, name="verifier"),
]

urlpatterns = [
    path("", pages.home, name="home"),
    path("login/", account.SignIn.as_view(), name="login"),
    path("account/password/", account.ChangePassword.as_view(), name="password-change"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("welcome/<uidb64>/<token>/", account.FirstPassword.as_view(), name="password_reset_confirm"),
    path("", include((study_patterns, "studies"))),
]
