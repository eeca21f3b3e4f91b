from __future__ import annotations

from django.apps import AppConfig


class CoachingConfig(AppConfig):
    name = "coaching"

    def ready(self) -> None:
        from coaching import privacy
        from coaching.closing import open_runs
        from coaching.doctor import queue
        from coaching.figures import Rows
        from config.operations import doctor
        from config.operations.registry import REGISTRY
        from studies.closing.rules import OPEN_WORK

        REGISTRY.register(Rows())
        doctor.register("queue", queue)
        # A study is not closed while films of it are being analysed.
        if open_runs not in OPEN_WORK:
            OPEN_WORK.append(open_runs)
        privacy.register()  # which files are about whom, and what to stop before they go
