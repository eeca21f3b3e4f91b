"""All routes. LoginRequiredMiddleware asks for a login everywhere but where a view says otherwise."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """Liveness: the process answers. It asks no database, so that a slow one does not get the web process killed."""
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("health/", health, name="health"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/", include("coaching.api_urls")),
    path("api/", include("studies.api_urls")),
    path("api/", include("analysis.api_urls")),
    path("", include("studies.urls")),
    path("sessions/", include("coaching.urls")),
    path("", include("analysis.urls")),
]
