from __future__ import annotations

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        """Reports are printed in the background, and say so once data that they rest on are withdrawn."""
        from analysis.frozen.orders import KIND
        from analysis.frozen.services import mark_withdrawn
        from studies.consent.services import FOLLOWERS
        from studies.jobs.kinds import register

        register(KIND)

        if mark_withdrawn not in FOLLOWERS:
            FOLLOWERS.append(mark_withdrawn)
