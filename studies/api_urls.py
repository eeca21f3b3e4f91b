from __future__ import annotations

from django.urls import path

from studies.api import PlanAssign, PlanClose, StudyAudit, StudyParticipants, StudyPlans
from studies.questionnaires.api import StudentAnswers, StudentQuestionnaires, StudyQuestionnaires, WaveScores

urlpatterns = [
    path("studies/<int:pk>/questionnaires/", StudyQuestionnaires.as_view(), name="study-questionnaires"),
    path("studies/<int:pk>/windows/<int:wave>/scores/", WaveScores.as_view(), name="wave-scores"),
    path("students/<int:pk>/questionnaires/", StudentQuestionnaires.as_view(), name="student-questionnaires"),
    path("students/<int:pk>/questionnaires/<int:wave>/", StudentAnswers.as_view(), name="student-answers"),
    path("studies/<int:pk>/participants/", StudyParticipants.as_view(), name="study-participants"),
    path("studies/<int:pk>/plans/", StudyPlans.as_view(), name="study-plans"),
    path("studies/<int:pk>/plans/<int:plan_pk>/assign/", PlanAssign.as_view(), name="plan-assign"),
    path("studies/<int:pk>/plans/<int:plan_pk>/close/", PlanClose.as_view(), name="plan-close"),
    path("studies/<int:pk>/audit/", StudyAudit.as_view(), name="study-audit"),
]
