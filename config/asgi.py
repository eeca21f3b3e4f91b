"""ASGI entry point: uvicorn config.asgi:application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.body_limit import BodyLimit

django_application = get_asgi_application()

from django.urls import get_resolver  # noqa: E402  (needs the applications to be loaded)

# Import all views now: the first visitor should not wait for SciPy.
get_resolver().url_patterns  # noqa: B018

# Django would put the whole body of an upload on the disk before any view could refuse it.
application = BodyLimit(django_application, max_bytes=settings.UPLOAD_MAX_MB * 1_000_000, data_dir=settings.VAR_DIR)
