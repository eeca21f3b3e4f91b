from __future__ import annotations

from django.urls import path

from studies.api import PlanAssign, PlanClose, StudyAudit, StudyParticipants, StudyPlans
from studies.closing.api_urls import urlpatterns as closing_urls
from studies.protocol.api_urls import urlpatterns as protocol_urls

urlpatterns = [
    *protocol_urls,
    *closing_urls,
    path("studies/<int:pk>/participants/", StudyParticipants.as_view(), name="study-participants"),
    path("studies/<int:pk>/plans/", StudyPlans.as_view(), name="study-plans"),
    path("studies/<int:pk>/plans/<int:plan_pk>/assign/", PlanAssign.as_view(), name="plan-assign"),
    path("studies/<int:pk>/plans/<int:plan_pk>/close/", PlanClose.as_view(), name="plan-close"),
    path("studies/<int:pk>/audit/", StudyAudit.as_view(), name="study-audit"),
]
