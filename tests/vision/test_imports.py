"""What a worker loads, and what it does not."""

from __future__ import annotations

import subprocess
import sys

import pytest


def _loaded(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(' '.join(m for m in sys.modules if '.' not in m))"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(result.stdout.split())


def test_the_whole_pipeline_needs_no_tensorflow_and_no_django() -> None:
    # Where TensorFlow is installed, MediaPipe would import it to decorate its documentation: 15 s and 400 MB.
    loaded = _loaded(
        "from coaching.vision.pipeline import Engines\n"
        "from coaching.vision.mediapipe_loader import load_mediapipe\n"
        "load_mediapipe()"
    )
    assert {"mediapipe", "cv2", "av"} <= loaded
    assert not {"tensorflow", "keras", "django"} & loaded


@pytest.mark.parametrize("module", ["errors", "container", "types"])
def test_what_the_web_process_shares_loads_nothing_heavy(module: str) -> None:
    loaded = _loaded(f"import coaching.vision.{module}")
    assert not {"cv2", "mediapipe", "av", "onnxruntime", "numpy", "tensorflow"} & loaded
