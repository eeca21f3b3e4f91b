from __future__ import annotations

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "studies"

    def ready(self) -> None:
        from config.operations import doctor
        from studies.doctor import audit
        from studies.second_factor.gate import listen

        listen()
        doctor.register("audit", audit)
