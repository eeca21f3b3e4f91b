from __future__ import annotations

from django.urls import path

from studies.second_factor import views

app_name = "second-factor"
urlpatterns = [
    path("", views.state, name="state"),
    path("set-up/", views.set_up, name="set-up"),
    path("verify/", views.verify, name="verify"),
]
