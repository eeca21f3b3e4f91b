from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from coaching.api import SessionViewSet
from coaching.dashboard.api import StudyClass
from coaching.instruction.api import SessionInstructorFeedback, StudentInstructorFeedback
from coaching.personal.api import StudentLoadVelocity, StudentProgress, StudyLossAlert, StudyStrictness
from coaching.ratings.api import DifferenceDetail, DifferenceList, RatingDetail, RatingList, StudyRatings
from coaching.ratings.owner_api import FilmScore, RoundHandOver, StudyDiffering, StudyRubric
from coaching.reviews.api import SessionReviews
from coaching.sessions_api import DifferenceFilm, RatingFilm, SessionFile, SessionRun, SessionStill, SessionsToReview

router = SimpleRouter(use_regex_path=False)
router.register("sessions", SessionViewSet, basename="session")
urlpatterns = [
    path("sessions/to-review/", SessionsToReview.as_view(), name="sessions-to-review"),
    path("sessions/<uuid:pk>/run/", SessionRun.as_view(), name="session-run"),
    path("sessions/<uuid:pk>/files/<str:kind>/", SessionFile.as_view(), name="session-file"),
    path("sessions/<uuid:pk>/stills/<int:number>/", SessionStill.as_view(), name="session-still"),
    path("sessions/<uuid:pk>/reviews/", SessionReviews.as_view(), name="session-reviews"),
    path("ratings/", RatingList.as_view(), name="rating-list"),
    path("ratings/<uuid:pk>/", RatingDetail.as_view(), name="rating-detail"),
    path("ratings/<uuid:pk>/film/", RatingFilm.as_view(), name="rating-film"),
    path("ratings/differences/", DifferenceList.as_view(), name="difference-list"),
    path("ratings/differences/<uuid:pk>/", DifferenceDetail.as_view(), name="difference-detail"),
    path("ratings/differences/<uuid:pk>/film/", DifferenceFilm.as_view(), name="difference-film"),
    path("studies/<int:pk>/class/", StudyClass.as_view(), name="study-class"),
    path("studies/<int:pk>/rubric/", StudyRubric.as_view(), name="study-rubric"),
    path("studies/<int:pk>/ratings/differing/", StudyDiffering.as_view(), name="study-differing"),
    path("studies/<int:pk>/ratings/<uuid:film>/score/", FilmScore.as_view(), name="rated-film-score"),
    path("studies/<int:pk>/ratings/<int:round_pk>/hand-over/", RoundHandOver.as_view(), name="round-hand-over"),
    path("studies/<int:pk>/ratings/", StudyRatings.as_view(), name="study-ratings"),
    path("sessions/<uuid:pk>/instructor/", SessionInstructorFeedback.as_view(), name="session-instructor-feedback"),
    path("students/<int:pk>/instructor/", StudentInstructorFeedback.as_view(), name="student-instructor-feedback"),
    path("studies/<int:pk>/strictness/", StudyStrictness.as_view(), name="study-strictness"),
    path("studies/<int:pk>/loss-alert/", StudyLossAlert.as_view(), name="study-loss-alert"),
    path("students/<int:pk>/load-velocity/", StudentLoadVelocity.as_view(), name="student-load-velocity"),
    path("students/<int:pk>/progress/", StudentProgress.as_view(), name="student-progress"),
    *router.urls,
]
