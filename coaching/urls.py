from __future__ import annotations

from django.urls import include, path, re_path

from coaching import views
from coaching.dashboard import views as dashboard
from coaching.instruction import views as instruction
from coaching.personal import views as personal
from coaching.ratings import views as ratings
from coaching.reviews import views as reviews
from coaching.reviews.blind import views as blind

app_name = "coaching"
urlpatterns = [
    path("", views.session_list, name="session-list"),
    path("new/", views.upload, name="upload"),
    path("uploads/", views.upload_begin, name="upload-begin"),
    path("uploads/<uuid:pk>/", views.upload_slice, name="upload-slice"),
    path("live/", include("coaching.live.urls")),
    path("to-review/", reviews.queue, name="review-queue"),
    path("studies/<int:pk>/strictness/", personal.strictness, name="strictness"),
    path("studies/<int:pk>/loss-alert/", personal.loss_alert, name="loss-alert"),
    path("studies/<int:pk>/class/", dashboard.class_page, name="class"),
    path("students/<int:pk>/progress/", personal.progress, name="progress"),
    path("students/<int:pk>/load-velocity/", personal.load_velocity, name="load-velocity"),
    path("ratings/", ratings.queue, name="ratings"),
    path("ratings/<uuid:pk>/", ratings.task, name="rating"),
    path("ratings/<uuid:pk>/film", ratings.task_film, name="rating-film"),
    path("ratings/differences/<uuid:pk>/", ratings.settlement, name="settle"),
    path("ratings/differences/<uuid:pk>/film", ratings.disputed_film, name="disputed-film"),
    path("studies/<int:pk>/ratings/", ratings.rounds, name="rating-rounds"),
    path("studies/<int:pk>/ratings/<uuid:film>/score/", ratings.decide, name="rating-decide"),
    path("studies/<int:pk>/ratings/<int:round_pk>/hand-over/", ratings.handed_over, name="rating-hand-over"),
    path("studies/<int:pk>/rubric/", ratings.rubric, name="rubric"),
    path("students/<int:pk>/instructor/", instruction.lesson, name="instructor-lesson"),
    path("<uuid:pk>/instructor/", instruction.film, name="instructor-film"),
    path("<uuid:pk>/", views.session, name="session"),
    path("<uuid:pk>/stills/<int:number>/", views.still, name="still"),
    path("<uuid:pk>/reviews/", reviews.add, name="review-add"),
    path("<uuid:pk>/reviews/carry/", reviews.carry, name="review-carry"),
    path("<uuid:pk>/reviews/<int:number>/", reviews.review, name="review"),
    path("<uuid:pk>/blind/", blind.blind, name="blind"),
    path("<uuid:pk>/blind/add/", blind.add, name="blind-add"),
    path("<uuid:pk>/blind/verdict/", blind.verdict, name="blind-verdict"),
    path("<uuid:pk>/blind/<int:number>/", blind.step, name="blind-step"),
    path("<uuid:pk>/status/", views.run_status, name="run-status"),
    path("<uuid:pk>/cancel/", views.run_cancel, name="run-cancel"),
    path("<uuid:pk>/again/", views.run_again, name="run-again"),
    re_path(
        r"^(?P<pk>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"
        r"(?P<kind>video|overlay|poster|series|document\.json|reps\.csv)$",
        views.media,
        name="media",
    ),
]
