"""All routes. LoginRequiredMiddleware asks for a login everywhere but where a view says otherwise."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView

from config.operations.metrics import metrics
from config.operations.tables import migrations_waiting


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers. It asks no database, so that a slow one does not get the web process killed."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Readiness: the database answers and knows all tables. 503 until then, so that a proxy sends nobody here."""
    try:
        waiting = migrations_waiting()
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "migrations waiting" if waiting else "ok"}, status=503 if waiting else 200)


urlpatterns = [
    path("health/", health, name="health"),
    path("ready/", ready, name="ready"),
    path("metrics/", metrics, name="metrics"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("account/second-factor/", include("studies.second_factor.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/", include("coaching.api_urls")),
    path("api/", include("studies.api_urls")),
    path("api/", include("analysis.api_urls")),
    path("", include("studies.urls")),
    path("sessions/", include("coaching.urls")),
    path("", include("analysis.urls")),
]
