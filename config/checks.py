"""What `manage.py check` says about an installation before its first upload does: each with an id and what to do."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

MODEL_CARD = "deadlift.json"
MODEL_FILE = "deadlift.onnx"


@checks.register()
def var_is_writable(**_: Any) -> list[checks.CheckMessage]:
    folder = Path(settings.VAR_DIR)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    hint = f"Create {folder} and give it to the user that runs LiftLab, or point LIFTLAB_VAR elsewhere."
    return [checks.Error("The data directory is missing or can't be written to.", hint=hint, id="liftlab.E001")]


@checks.register()
def broker_folders_are_writable(**_: Any) -> list[checks.CheckMessage]:
    """Only the embedded broker has folders; with REDIS_URL there is nothing to look at."""
    if settings.REDIS_URL:
        return []
    folder = Path(settings.BROKER_DIR)
    if not folder.exists() or os.access(folder, os.W_OK | os.X_OK):
        return []
    hint = f"Give {folder} to the user that runs LiftLab; uploads wait in the queue until the worker can read it."
    return [checks.Error("The embedded broker's folder can't be written to.", hint=hint, id="liftlab.E002")]


@checks.register()
def classifier_is_the_one_on_the_card(**_: Any) -> list[checks.CheckMessage]:
    models_dir = Path(settings.MODELS_DIR)
    missing = [name for name in (MODEL_FILE, MODEL_CARD) if not (models_dir / name).is_file()]
    if missing:
        hint = "They are part of the repository: git checkout models. To train them again: see models/MODEL_CARD.md."
        return [checks.Warning(f"Missing in {models_dir}: {', '.join(missing)}.", hint=hint, id="liftlab.W001")]
    if _sha256(models_dir / MODEL_FILE) == _sha256_on_card(models_dir / MODEL_CARD):
        return []
    hint = "The worker refuses it. Restore both files from the repository: git checkout models."
    return [checks.Error("The classifier is not the file that its card describes.", hint=hint, id="liftlab.E003")]


@checks.register()
def pose_bundle_is_there(**_: Any) -> list[checks.CheckMessage]:
    if Path(settings.POSE_BUNDLE).is_file():
        return []
    hint = (
        "Run: make var/models/pose_landmarker_full.task (make demo, dev and test do). "
        "Until then uploads are kept, and their analysis fails with the code model_missing."
    )
    return [checks.Warning(f"The pose model {settings.POSE_BUNDLE} has not been built.", hint=hint, id="liftlab.W002")]


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sha256_on_card(path: Path) -> str:
    try:
        card = json.loads(path.read_text())
    except ValueError:
        return ""
    return str(card.get("sha256", "")) if isinstance(card, dict) else ""
