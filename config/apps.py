from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from django.conf import settings

        from config import checks  # noqa: F401  (registers the system checks)

        with suppress(OSError):  # a check says it better
            Path(settings.INCOMING_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)
