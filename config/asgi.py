"""ASGI entry point: uvicorn config.asgi:application. Pages over HTTP, live sets over websockets."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.body_limit import BodyLimit

# A thread that judges a set gives way to waiting frames after this time. With Python's 5 ms each of a frame's calls to
# the operating system would cost one such wait.
sys.setswitchinterval(0.0005)

django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  (needs the applications to be loaded)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import get_resolver  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

# Import all views now: the first visitor should not wait for SciPy.
get_resolver().url_patterns  # noqa: B018

sockets = URLRouter(import_string("coaching.live.urls.websocket_urlpatterns"))

application = ProtocolTypeRouter(
    {
        # Django would put the whole body of an upload on the disk before any view could refuse it.
        "http": BodyLimit(django_application, max_bytes=settings.UPLOAD_MAX_MB * 1_000_000, data_dir=settings.VAR_DIR),
        # Cookies come with a socket that another site opens; its origin gives it away.
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(sockets)),
    }
)
