"""The whole fault table with real processes: `python -m tests.faults [--times 3] [--only TEXT]`.

Ends with 1 when a row fails even once.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django

django.setup()

import tests.faults.around  # noqa: E402
import tests.faults.processes  # noqa: E402, F401
from tests.faults.house import House  # noqa: E402
from tests.faults.servers import Missing  # noqa: E402
from tests.faults.table import ROWS, Row  # noqa: E402

if TYPE_CHECKING:
    from tests.faults.house import Kind


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="how often each row is run, in a row (default: 3)")
    parser.add_argument("--only", default="", help="rows with this text in their name, e.g. server-redis")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that every process of ours goes too
    rows = [row for row in ROWS if chosen.only in str(row)]
    failed = 0
    kinds: list[Kind] = ["embedded", "server"]
    for kind in kinds:
        of_kind = [row for row in rows if row.kind == kind]
        if of_kind:
            failed += run(kind, of_kind, chosen.times)
    print(f"{len(rows)} rows, {chosen.times} times each; {failed} failed")
    return 1 if failed or not rows else 0


def run(kind: Kind, rows: list[Row], times: int) -> int:
    """Prints a line a row. Returns how many failed."""
    failed = 0
    try:
        with House(kind) as house:
            for row in rows:
                failed += not passes(row, house, times)
    except Missing as missing:
        print(f"{kind}: {missing}")
        failed += len(rows)
    return failed


def passes(row: Row, house: House, times: int) -> bool:
    began, passed = time.monotonic(), 0
    for _ in range(times):
        try:
            row.check(house)
            passed += 1
        except Missing as missing:
            print(f"{row}: {missing}")
            return False
        except AssertionError:
            traceback.print_exc()
    took_s = (time.monotonic() - began) / times
    print(f"{passed}/{times}  {took_s:5.1f} s  {row.kind:<9}{row.fault}: {row.then}", flush=True)
    return passed == times


if __name__ == "__main__":
    sys.exit(main())
