from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from studies.randomise.design import BLOCKS, MINIMISE, Design, Factor, InvalidDesign, checked
from studies.randomise.simulate import RUNS, Simulated, compare
from studies.simulation_page import NAMES

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    help = "Repeat randomisation designs 10 000 times: how equal the groups get, and how often the next is guessed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--students", type=int, default=50)
        parser.add_argument("--runs", type=int, default=RUNS)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--ratio", nargs="+", default=["a=1", "b=1"], metavar="GROUP=SHARE")
        parser.add_argument("--factor", nargs="*", default=[], metavar="NAME=LEVEL,LEVEL")
        parser.add_argument("--blocks", default="", metavar="2,4,6")
        parser.add_argument("--follow", type=int, default=80, metavar="PERCENT")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            design = self._design(**options)
        except (InvalidDesign, ValueError) as error:
            raise CommandError(str(error)) from error
        rows = compare(design, options["students"], runs=options["runs"], seed=options["seed"])
        self.stdout.write(f"{options['runs']} runs, {options['students']} students; mean / 95 % / worst")
        self.stdout.write(
            f"{'design':<26}{'sizes differ by':>18}{'on the way':>12}{'within a level':>18}{'guessed':>9}"
        )
        for row in rows:
            self.stdout.write(self._line(row))

    def _design(self, **options: Any) -> Design:
        pairs = [part.partition("=") for part in options["ratio"]]
        ratios = {key: int(share or 1) for key, _equals, share in pairs}
        split = [part.partition("=") for part in options["factor"]]
        factors = tuple(Factor(key, tuple(levels.split(","))) for key, _equals, levels in split)
        total = sum(ratios.values())
        sizes = tuple(int(size) for size in options["blocks"].split(",") if size) or (total, 2 * total, 3 * total)
        design = Design(BLOCKS, ratios, factors, sizes, options["follow"])
        if factors:
            checked(Design(MINIMISE, ratios, factors, follow_percent=options["follow"]))
        return checked(design)

    def _line(self, row: Simulated) -> str:
        def spread(found: Any) -> str:
            return f"{found.mean:.2f} / {found.within_95} / {found.worst}" if found else "-"

        name = str(NAMES[row.algorithm])
        return (
            f"{name:<26}{spread(row.difference):>18}{row.on_the_way.worst:>12}"
            f"{spread(row.in_levels):>18}{100 * row.guessed:>7.1f} %"
        )
