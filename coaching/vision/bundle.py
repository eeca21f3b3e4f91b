"""Build the PoseLandmarker `.task` bundle from the weights inside the MediaPipe wheel.

The Tasks API, on the server and in the browser, wants one file: a stored zip of the person detector and the landmark
model, each carrying the normalisation of its input as metadata. MediaPipe 0.10.21 is the last wheel that ships both
models, without that metadata. `python -m coaching.vision.bundle [OUT]` adds it, so that nothing has to be fetched from
a model hub.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from coaching.vision.errors import ModelMissing
from coaching.vision.mediapipe_loader import load_mediapipe

DEFAULT_BUNDLE = Path("var/models/pose_landmarker_full.task")


class _Member(NamedTuple):
    """One model: its name in the bundle, where the wheel keeps it, its (pixel - mean) / std, and its outputs."""

    name: str
    source: str
    mean: float
    std: float
    n_outputs: int


_MEMBERS = (
    _Member("pose_detector.tflite", "modules/pose_detection/pose_detection.tflite", 127.5, 127.5, 2),
    _Member("pose_landmarks_detector.tflite", "modules/pose_landmark/pose_landmark_full.tflite", 0.0, 255.0, 5),
)
# A zip entry stores a time; a fixed one makes the bundle, and so its SHA-256, the same on every machine.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def _metadata(schema: Any, member: _Member) -> bytes:
    flatbuffers: Any = importlib.import_module("flatbuffers")  # has no types
    options = schema.NormalizationOptionsT()
    options.mean, options.std = [member.mean], [member.std]
    unit = schema.ProcessUnitT()
    unit.optionsType, unit.options = schema.ProcessUnitOptions.NormalizationOptions, options
    image = schema.TensorMetadataT()
    image.name, image.processUnits = "image", [unit]
    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [image]
    # The populator refuses a table that does not name every output, though nobody reads their metadata.
    graph.outputTensorMetadata = [schema.TensorMetadataT() for _ in range(member.n_outputs)]
    model = schema.ModelMetadataT()
    model.subgraphMetadata = [graph]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"M001")
    return bytes(builder.Output())


def _with_metadata(weights: bytes, member: _Member) -> bytes:
    schema = load_mediapipe("tasks.metadata.metadata_schema_py_generated")
    populator = load_mediapipe("tasks.python.metadata.metadata").MetadataPopulator.with_model_buffer(weights)
    populator.load_metadata_buffer(bytearray(_metadata(schema, member)))
    populator.populate()
    return bytes(populator.get_model_buffer())


def bundle_bytes() -> bytes:
    """Return the bundle. The same wheel always gives the same bytes. Raises ModelMissing when it carries no weights."""
    package = Path(load_mediapipe().__file__).parent
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for member in _MEMBERS:
            try:
                weights = (package / member.source).read_bytes()
            except OSError as error:
                raise ModelMissing(f"this MediaPipe wheel has no {member.source}; install 0.10.21") from error
            entry = zipfile.ZipInfo(member.name, date_time=_EPOCH)
            archive.writestr(entry, _with_metadata(weights, member))
    return out.getvalue()


def build(path: Path) -> str:
    """Write the bundle to `path` and return its SHA-256 (hex).

    Idempotent, and safe beside a reader or another builder: the file is written under a temporary name, then renamed.
    """
    content = bundle_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # mkstemp gives 0600; the web server must be able to hand this file to the browser.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return digest


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m coaching.vision.bundle", description="Build the pose bundle.")
    parser.add_argument("out", nargs="?", type=Path, default=DEFAULT_BUNDLE, help=f"default: {DEFAULT_BUNDLE}")
    out: Path = parser.parse_args(argv).out
    sys.stdout.write(f"{build(out)}  {out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
