"""How long a class list takes from file to enrolled students: `python -m benchmarks.roster_import [students]`.

Makes a database of its own, then reads, previews and enrols a CSV and a workbook of that many students (1 000), each
with account, pseudonym and values at the start. Bar: 10 s for 1 000 students, whichever the kind of file.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time

COLUMNS = (
    "name",
    "user name",
    "e-mail",
    "year",
    "section",
    "sex",
    "age",
    "height",
    "mass",
    "experience",
    "measured on",
)
MAX_S = 10.0


def rows(count: int, kind: str) -> list[tuple[object, ...]]:
    return [
        (
            f"First{n} Last{n}",
            f"{kind}{n}",
            f"{kind}{n}@example.edu",
            n % 4 + 1,
            f"{n % 20}A",
            "fm"[n % 2],
            *(18 + n % 9, 150 + n % 50, 50 + n % 60, n % 40, "2024-09-01"),
        )
        for n in range(count)
    ]


def as_csv(table: list[tuple[object, ...]]) -> bytes:
    return "\n".join(",".join(map(str, row)) for row in [COLUMNS, *table]).encode()


def as_workbook(table: list[tuple[object, ...]]) -> bytes:
    import openpyxl

    book, out = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in [COLUMNS, *table]:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def main(count: int) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LIFTLAB_VAR"] = folder
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from studies.models import User
        from studies.roster.imports import enrol_rows, preview
        from studies.services import ArmSpec, create_study

        owner = User.objects.create_user("owner")
        study = create_study(owner=owner, title="Large", arms=[ArmSpec("a", "A"), ArmSpec("b", "B")])
        worst = 0.0
        for kind, made in (("csv", as_csv), ("xlsx", as_workbook)):
            raw = made(rows(count, kind))
            started = time.perf_counter()
            found = preview(study=study, by=owner, raw=raw)
            read_s = time.perf_counter() - started
            enrolled = enrol_rows(found=found, by=owner, with_warnings=True)
            all_s = time.perf_counter() - started
            worst = max(worst, all_s)
            print(f"{kind:<5} {enrolled} students: read in {read_s:.2f} s, enrolled after {all_s:.2f} s")
    print(f"bar {MAX_S:.0f} s for 1000: {'kept' if worst <= MAX_S * max(1, count / 1000) else 'missed'}")
    return 0 if worst <= MAX_S * max(1, count / 1000) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
