"""Routes of questionnaires for programs."""

from __future__ import annotations

from django.urls import path

from studies.questionnaires.api import StudentAnswers, StudentQuestionnaires, StudyQuestionnaires, WaveScores
from studies.questionnaires.build_api import OneQuestionnaire, QuestionnaireWindows, StudyWindow

urlpatterns = [
    path("studies/<int:pk>/questionnaires/", StudyQuestionnaires.as_view(), name="study-questionnaires"),
    path(
        "studies/<int:pk>/questionnaires/<int:questionnaire>/", OneQuestionnaire.as_view(), name="study-questionnaire"
    ),
    path(
        "studies/<int:pk>/questionnaires/<int:questionnaire>/windows/",
        QuestionnaireWindows.as_view(),
        name="questionnaire-windows",
    ),
    path("studies/<int:pk>/windows/<int:wave>/", StudyWindow.as_view(), name="study-window"),
    path("studies/<int:pk>/windows/<int:wave>/scores/", WaveScores.as_view(), name="wave-scores"),
    path("students/<int:pk>/questionnaires/", StudentQuestionnaires.as_view(), name="student-questionnaires"),
    path("students/<int:pk>/questionnaires/<int:wave>/", StudentAnswers.as_view(), name="student-answers"),
]
