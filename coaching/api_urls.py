from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from coaching.api import SessionViewSet
from coaching.personal.api import StudentProgress, StudyStrictness
from coaching.reviews.api import SessionReviews

router = SimpleRouter(use_regex_path=False)
router.register("sessions", SessionViewSet, basename="session")
urlpatterns = [
    path("sessions/<uuid:pk>/reviews/", SessionReviews.as_view(), name="session-reviews"),
    path("studies/<int:pk>/strictness/", StudyStrictness.as_view(), name="study-strictness"),
    path("students/<int:pk>/progress/", StudentProgress.as_view(), name="student-progress"),
    *router.urls,
]
