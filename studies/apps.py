from __future__ import annotations

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "studies"

    def ready(self) -> None:
        """What can be made in the background, what is stored about students, what the doctor asks."""
        from config.operations import doctor
        from studies import audit_file
        from studies.doctor import audit
        from studies.jobs.kinds import register
        from studies.privacy import declared, export, own_data
        from studies.second_factor.gate import listen

        listen()
        doctor.register("audit", audit)
        for kind in (audit_file.KIND, own_data.KIND, export.KIND):
            register(kind)
        declared.declare_all()
