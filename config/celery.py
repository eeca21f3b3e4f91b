"""The Celery application: a doorbell. What is to be done is in the rows (docs/architecture.md)."""

from __future__ import annotations

import os

from celery import Celery

from config import leaving, spool  # noqa: F401  (leaving: its memory is shared with the children)
from config.operations.logs import follow_tasks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

spool.register()
follow_tasks()

app = Celery("liftlab")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
