"""ASGI entry point: uvicorn config.asgi:application."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.body_limit import BodyLimit

application = BodyLimit(get_asgi_application(), max_bytes=settings.UPLOAD_MAX_MB * 1_000_000, data_dir=settings.VAR_DIR)
