from __future__ import annotations

from rest_framework.routers import SimpleRouter

from coaching.api import SessionViewSet

router = SimpleRouter(use_regex_path=False)
router.register("sessions", SessionViewSet, basename="session")
urlpatterns = router.urls
