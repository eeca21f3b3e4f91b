from __future__ import annotations

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        """Reports that rest on a student's data say so once they are withdrawn."""
        from analysis.frozen.services import mark_withdrawn
        from studies.consent.services import FOLLOWERS

        if mark_withdrawn not in FOLLOWERS:
            FOLLOWERS.append(mark_withdrawn)
