"""ASGI entry point: uvicorn config.asgi:application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()

from django.urls import get_resolver  # noqa: E402

# Import all views now: the first visitor should not wait for SciPy.
get_resolver().url_patterns  # noqa: B018
