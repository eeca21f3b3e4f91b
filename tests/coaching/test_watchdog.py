"""An analysis that hangs loses its process, whatever it hangs in; one that goes on keeps it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HANGS = """
import ctypes
from coaching.watchdog import Watchdog
with Watchdog(0.3):
    ctypes.PyDLL(None).sleep(60)  # never lets go of the interpreter
"""
GOES_ON = """
import time
from coaching.watchdog import Watchdog
with Watchdog(1.0) as watchdog:
    for _ in range(20):
        time.sleep(0.1)
        watchdog.fed()
time.sleep(1.2)
print("through")
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=50
    )


def test_a_hang_that_holds_the_interpreter_ends_the_process_and_says_where_it_was() -> None:
    done = run(HANGS)
    assert done.returncode == 1
    assert 'File "<string>", line 5' in done.stderr


def test_an_analysis_that_goes_on_or_is_over_is_left_alone() -> None:
    done = run(GOES_ON)
    assert (done.returncode, done.stdout) == (0, "through\n")
