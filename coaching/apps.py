from __future__ import annotations

from django.apps import AppConfig


class CoachingConfig(AppConfig):
    name = "coaching"

    def ready(self) -> None:
        """Which files are about whom, and what to stop before they go."""
        from coaching import privacy

        privacy.register()
