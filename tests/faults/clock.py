"""A wall clock for whole processes that a test can put forward and back, while the machine's own stays as it is."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

from tests.faults.servers import Missing

SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """`env` for the processes that shall live by it."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        self._offset = folder / "clock-offset"
        self._library = folder / "clock.so"
        self.set(0.0)
        self._offset.chmod(0o644)
        self.env: dict[str, str] = {}
        if compiler:
            build = [compiler, "-shared", "-fPIC", "-O1", "-o", str(self._library), str(SOURCE)]
            subprocess.run(build, check=True, capture_output=True)
            self._library.chmod(0o755)
            self.env = {"LD_PRELOAD": str(self._library), "CLOCK_OFFSET_FILE": str(self._offset)}

    def jump(self, seconds: float) -> None:
        """Raises Missing where no C compiler is at hand."""
        if not self.env:
            raise Missing("no C compiler on this machine")
        self.set(seconds)

    def set(self, seconds: float) -> None:
        with self._offset.open("r+b" if self._offset.exists() else "wb") as file:
            file.write(struct.pack("d", seconds))
