from __future__ import annotations

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "studies"

    def ready(self) -> None:
        """What can be made in the background, and what is stored about students."""
        from studies import audit_file
        from studies.jobs.kinds import register
        from studies.privacy import declared, export, own_data

        for kind in (audit_file.KIND, own_data.KIND, export.KIND):
            register(kind)
        declared.declare_all()
