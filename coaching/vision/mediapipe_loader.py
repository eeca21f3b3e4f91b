"""Import MediaPipe without what it drags along.

`import mediapipe` looks for TensorFlow only to decorate its documentation and to open files. Where the `train` extra
is installed that costs fifteen seconds and 400 MB in every worker, so the name is made unimportable for the length of
the import.
"""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _without_tensorflow() -> Iterator[None]:
    if "tensorflow" in sys.modules:
        yield
        return
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["tensorflow"]


@cache
def load_mediapipe(submodule: str = "") -> Any:
    """Return the `mediapipe` package, or a module of it, with quiet logs. Loaded once a process, on first use."""
    os.environ.setdefault("GLOG_minloglevel", "3")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _without_tensorflow():
        return importlib.import_module(f"mediapipe.{submodule}" if submodule else "mediapipe")
