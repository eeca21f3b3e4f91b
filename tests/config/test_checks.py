"""What `manage.py check` says about an installation, before the first upload does."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from config import checks

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings


def ids(messages: list[object]) -> list[str]:
    return [str(getattr(message, "id", "")) for message in messages]


@pytest.fixture
def models(settings: Settings, tmp_path: Path) -> Path:
    settings.MODELS_DIR = tmp_path
    (tmp_path / "deadlift.onnx").write_bytes(b"weights")
    card = {"sha256": hashlib.sha256(b"weights").hexdigest()}
    (tmp_path / "deadlift.json").write_text(json.dumps(card))
    return tmp_path


def test_a_classifier_that_fits_its_card_passes(models: Path) -> None:
    assert checks.classifier_is_the_one_on_the_card() == []


def test_another_classifier_than_the_cards_is_an_error(models: Path) -> None:
    (models / "deadlift.onnx").write_bytes(b"other weights")
    assert ids([*checks.classifier_is_the_one_on_the_card()]) == ["liftlab.E003"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_card_that_can_not_be_read_is_an_error(models: Path, text: str) -> None:
    (models / "deadlift.json").write_text(text)
    assert ids([*checks.classifier_is_the_one_on_the_card()]) == ["liftlab.E003"]


def test_a_missing_classifier_is_named_with_what_to_do(models: Path) -> None:
    (models / "deadlift.onnx").unlink()
    (message,) = checks.classifier_is_the_one_on_the_card()
    assert (message.id, "deadlift.onnx" in message.msg, bool(message.hint)) == ("liftlab.W001", True, True)


def test_a_missing_pose_bundle_says_how_to_make_it(settings: Settings, tmp_path: Path) -> None:
    settings.POSE_BUNDLE = tmp_path / "gone.task"
    (message,) = checks.pose_bundle_is_there()
    assert message.id == "liftlab.W002"
    assert message.hint
    assert "make" in message.hint


def test_a_data_directory_that_is_not_there_is_an_error(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    assert checks.var_is_writable() == []
    settings.VAR_DIR = tmp_path / "gone"
    assert ids([*checks.var_is_writable()]) == ["liftlab.E001"]


def test_the_brokers_folder_matters_only_without_redis(settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_URL, settings.BROKER_DIR = "redis://somewhere/0", tmp_path / "file"
    assert checks.broker_folders_are_writable() == []
    settings.REDIS_URL = ""
    assert checks.broker_folders_are_writable() == []  # not made yet; the first message makes it
