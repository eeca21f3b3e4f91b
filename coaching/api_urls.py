from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from coaching.api import SessionViewSet
from coaching.reviews.api import SessionReviews

router = SimpleRouter(use_regex_path=False)
router.register("sessions", SessionViewSet, basename="session")
urlpatterns = [
    path("sessions/<uuid:pk>/reviews/", SessionReviews.as_view(), name="session-reviews"),
    *router.urls,
]
