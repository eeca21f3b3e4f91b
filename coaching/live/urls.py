from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import path

from coaching.live import views
from coaching.live.consumers import LiveConsumer
from coaching.live.wall_consumers import WallConsumer

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

app_name = "live"
urlpatterns = [
    path("", views.page, name="page"),
    path("begin/", views.begin, name="begin"),
    path("pose.task", views.pose_model, name="pose-model"),
    path("studies/<int:pk>/wall/", views.wall, name="wall"),
    path("<uuid:pk>/token/", views.token, name="token"),
    path("<uuid:pk>/finish/", views.finish, name="finish"),
]

websocket_urlpatterns = [
    path("ws/live/<uuid:pk>/", cast("Callable[..., Any]", LiveConsumer.as_asgi())),
    path("ws/live/wall/<int:pk>/", cast("Callable[..., Any]", WallConsumer.as_asgi())),
]
