"""`python -m celery`, with a video library that crashes or hangs on a film that asks for it by its last bytes.

The crash is a real one, a read at address 0; the hang keeps the interpreter for itself, as a native call may.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

import av
from celery.__main__ import main

from coaching.vision.mediapipe_loader import load_mediapipe
from tests.faults.harm import CRASHES, HANGS

_open = av.open


def _broken_open(file: Any, *arguments: Any, **options: Any) -> Any:
    path = Path(str(file))
    end = path.read_bytes()[-len(CRASHES) :] if path.is_file() else b""
    if end == CRASHES:
        ctypes.string_at(0)
    if end == HANGS:
        while True:
            ctypes.PyDLL(None).sleep(3600)
    return _open(file, *arguments, **options)


if __name__ == "__main__":
    av.open = _broken_open
    load_mediapipe()  # once, in the parent: a child that is new after every harm finds it there
    sys.exit(main())
