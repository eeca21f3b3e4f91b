from __future__ import annotations

from django.apps import AppConfig


class CoachingConfig(AppConfig):
    name = "coaching"

    def ready(self) -> None:
        from coaching.doctor import queue
        from coaching.figures import Rows
        from config.operations import doctor
        from config.operations.registry import REGISTRY

        REGISTRY.register(Rows())
        doctor.register("queue", queue)
