from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from coaching.api import SessionViewSet
from coaching.instruction.api import SessionInstructorFeedback, StudentInstructorFeedback
from coaching.personal.api import StudentLoadVelocity, StudentProgress, StudyStrictness
from coaching.ratings.api import DifferenceDetail, DifferenceList, RatingDetail, RatingList, StudyRatings
from coaching.reviews.api import SessionReviews

router = SimpleRouter(use_regex_path=False)
router.register("sessions", SessionViewSet, basename="session")
urlpatterns = [
    path("sessions/<uuid:pk>/reviews/", SessionReviews.as_view(), name="session-reviews"),
    path("ratings/", RatingList.as_view(), name="rating-list"),
    path("ratings/<uuid:pk>/", RatingDetail.as_view(), name="rating-detail"),
    path("ratings/differences/", DifferenceList.as_view(), name="difference-list"),
    path("ratings/differences/<uuid:pk>/", DifferenceDetail.as_view(), name="difference-detail"),
    path("studies/<int:pk>/ratings/", StudyRatings.as_view(), name="study-ratings"),
    path("sessions/<uuid:pk>/instructor/", SessionInstructorFeedback.as_view(), name="session-instructor-feedback"),
    path("students/<int:pk>/instructor/", StudentInstructorFeedback.as_view(), name="student-instructor-feedback"),
    path("studies/<int:pk>/strictness/", StudyStrictness.as_view(), name="study-strictness"),
    path("students/<int:pk>/load-velocity/", StudentLoadVelocity.as_view(), name="student-load-velocity"),
    path("students/<int:pk>/progress/", StudentProgress.as_view(), name="student-progress"),
    *router.urls,
]
