"""The pose bundle, made of what the wheel carries."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from coaching.vision import bundle as bundle_module
from coaching.vision.bundle import build, bundle_bytes, main
from coaching.vision.errors import ModelMissing
from coaching.vision.mediapipe_loader import load_mediapipe
from coaching.vision.pose import MediaPipePose

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def content() -> bytes:
    return bundle_bytes()


def test_it_is_a_stored_zip_of_the_two_models(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
    # The task library maps the models out of the file: they must not be compressed.
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize(
    ("name", "mean", "std"), [("pose_detector.tflite", 127.5, 127.5), ("pose_landmarks_detector.tflite", 0.0, 255.0)]
)
def test_each_model_says_how_its_input_is_normalised(content: bytes, name: str, mean: float, std: float) -> None:
    metadata = load_mediapipe("tasks.python.metadata.metadata")
    schema = load_mediapipe("tasks.metadata.metadata_schema_py_generated")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        displayer = metadata.MetadataDisplayer.with_model_buffer(archive.read(name))
    model = schema.ModelMetadataT.InitFromObj(schema.ModelMetadata.GetRootAs(displayer.get_metadata_buffer(), 0))
    (unit,) = model.subgraphMetadata[0].inputTensorMetadata[0].processUnits
    assert list(unit.options.mean) == [mean]
    assert list(unit.options.std) == [std]


def test_the_same_wheel_gives_the_same_bytes(content: bytes) -> None:
    assert bundle_bytes() == content


def test_building_twice_leaves_the_file_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "models" / "pose.task"
    digest = build(path)
    assert digest == hashlib.sha256(content).hexdigest() == hashlib.sha256(path.read_bytes()).hexdigest()
    before = path.stat().st_mtime_ns
    assert build(path) == digest
    assert path.stat().st_mtime_ns == before
    assert [entry.name for entry in path.parent.iterdir()] == ["pose.task"]
    assert path.stat().st_mode & 0o044 == 0o044  # the web server hands it to the browser


def test_a_damaged_bundle_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pose.task"
    path.write_bytes(b"half a down")
    assert hashlib.sha256(path.read_bytes()).hexdigest() != build(path)
    assert zipfile.is_zipfile(path)


def test_the_command_prints_hash_and_path(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    assert main([str(tmp_path / "pose.task")]) == 0
    assert capsys.readouterr().out == f"{hashlib.sha256(content).hexdigest()}  {tmp_path / 'pose.task'}\n"


def test_a_wheel_without_weights_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    member = bundle_module._MEMBERS[0]._replace(source="modules/absent.tflite")
    monkeypatch.setattr(bundle_module, "_MEMBERS", (member,))
    with pytest.raises(ModelMissing, match=r"absent\.tflite"):
        bundle_bytes()


def test_no_bundle_is_a_missing_model_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"python -m coaching\.vision\.bundle"):
        MediaPipePose(tmp_path / "absent.task")


def test_a_broken_bundle_is_a_missing_model(tmp_path: Path) -> None:
    path = tmp_path / "broken.task"
    path.write_bytes(b"not a bundle at all")
    with pytest.raises(ModelMissing, match="does not load"):
        MediaPipePose(path)
