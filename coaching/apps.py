from __future__ import annotations

from django.apps import AppConfig


class CoachingConfig(AppConfig):
    name = "coaching"

    def ready(self) -> None:
        """A study is not closed while films of it are being analysed."""
        from coaching.closing import open_runs
        from studies.closing.rules import OPEN_WORK

        if open_runs not in OPEN_WORK:
            OPEN_WORK.append(open_runs)
