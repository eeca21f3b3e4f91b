from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from coaching import services

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Recover runs whose worker is gone, and call again for those that wait too long."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sweep", action="store_true", help="also delete day-old files that belong to nothing")

    def handle(self, *args: Any, sweep: bool, **options: Any) -> None:
        reaped = services.reap()
        self.stdout.write(
            f"queued again {reaped.requeued}, failed as worker_lost {reaped.lost}, "
            f"cancelled {reaped.cancelled}, called again {reaped.called_again}"
        )
        if sweep:
            self.stdout.write(f"deleted {services.sweep()} files")
