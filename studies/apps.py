from __future__ import annotations

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "studies"

    def ready(self) -> None:
        """What can be made in the background."""
        from studies import audit_file
        from studies.jobs.kinds import register

        register(audit_file.KIND)
