"""Routes of injuries, weekly questions, alerts and training, inside the namespace of the studies."""

from __future__ import annotations

from django.urls import path

from studies.exposure import views as exposure
from studies.health import views as health
from studies.injuries import views as injuries
from studies.safety import views as safety

urlpatterns = [
    path("studies/<int:pk>/injuries/", injuries.injuries, name="injuries"),
    path("studies/<int:pk>/injuries/new/", injuries.injury_quick, name="injury-quick"),
    path("students/<int:pk>/injuries/new/", injuries.injury_add, name="injury-add"),
    path("students/<int:pk>/hurt/", injuries.hurt, name="hurt"),
    path("injuries/<int:pk>/", injuries.injury, name="injury"),
    path("injuries/<int:pk>/strike/", injuries.injury_strike, name="injury-strike"),
    path("weekly-problems/<int:pk>/injury/", injuries.problem_injury, name="problem-injury"),
    path("studies/<int:pk>/weeks/", health.health_weeks, name="health-weeks"),
    path("studies/<int:pk>/weeks/<int:week_pk>/", health.health_week, name="health-week"),
    path("students/<int:pk>/weeks/<int:week_pk>/", health.health, name="health"),
    path("studies/<int:pk>/alerts/", safety.alerts, name="alerts"),
    path("alerts/<int:pk>/", safety.alert_acknowledge, name="alert-acknowledge"),
    path("studies/<int:pk>/lessons/new/", exposure.lesson_add, name="lesson-add"),
    path("studies/<int:pk>/lessons/<int:lesson_pk>/", exposure.lesson, name="lesson"),
    path("studies/<int:pk>/calendar/", exposure.class_calendar, name="calendar"),
    path("students/<int:pk>/calendar/", exposure.student_calendar, name="student-calendar"),
    path("studies/<int:pk>/training.csv", exposure.exposure, name="exposure"),
]
