from __future__ import annotations

from django.urls import path

from studies.questionnaires import views

urlpatterns = [
    path("studies/<int:pk>/questionnaires/", views.questionnaires, name="questionnaires"),
    path("studies/<int:pk>/questionnaires/<int:questionnaire>/", views.questionnaire, name="questionnaire"),
    path("studies/<int:pk>/questionnaires/<int:questionnaire>/windows/", views.wave_new, name="wave-new"),
    path("studies/<int:pk>/windows/<int:wave>/", views.wave, name="wave"),
    path("studies/<int:pk>/windows/<int:wave>.csv", views.wave_file, name="wave-file"),
    path("students/<int:pk>/questionnaires/<int:wave>/", views.answer, name="answer"),
]
