"""Correct or incorrect, for one repetition: the trained network behind ONNX Runtime.

TensorFlow trains it (`coaching.training`); nothing of TensorFlow is needed here. The model file, its description and
its SHA-256 travel together; a model that does not match its description is refused rather than run.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.vision.errors import ModelMissing
from coaching.vision.repetition_inputs import INPUTS_VERSION, POINTS, UnusableRepetition, repetition_inputs
from coaching.vision.verdict import AT_THEIR_WORD, Combination, combined_p_correct

if TYPE_CHECKING:
    from pathlib import Path

    from coaching.vision.repetition_inputs import RepetitionInputs
    from coaching.vision.types import PixelFeatures, Rep, Track, Verdict, View

ONNX_NAME = "deadlift.onnx"
CARD_NAME = "deadlift.json"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model judged. `threshold`: a repetition is correct from this probability upwards.

    combination: what the network and the measured faults count in the verdict.
    """

    name: str
    version: str
    sha256: str
    threshold: float
    combination: Combination = AT_THEIR_WORD


class Classifier:
    """Probability that a repetition was performed correctly. Loaded once a process; one thread."""

    def __init__(self, info: ModelInfo, session: Any) -> None:
        self.info = info
        self._session = session

    @classmethod
    def load(cls, models_dir: Path) -> Classifier:
        """Read `deadlift.onnx` and `deadlift.json`. Raises ModelMissing when one is absent, damaged or out of step."""
        info = _read_card(models_dir / CARD_NAME)
        path = models_dir / ONNX_NAME
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelMissing(f"no model at {path}") from error
        digest = hashlib.sha256(content).hexdigest()
        if digest != info.sha256:
            raise ModelMissing(f"{path} has SHA-256 {digest}, its description says {info.sha256}")
        return cls(info, _session(content))

    def p_correct(self, inputs: RepetitionInputs) -> float:
        """Calibrated probability 0..1; scaling and temperature are inside the model."""
        feeds = inputs.feeds()
        # A network that does without the pixels has no such inputs.
        (p,) = self._session.run(["p_correct"], {one.name: feeds[one.name] for one in self._session.get_inputs()})
        return float(p[0, 0])

    def judge(self, track: Track, pixels: PixelFeatures | None, rep: Rep, view: View) -> float:
        """p_correct 0..1 of a repetition as users read it: network and measured faults, weighed.

        Raises UnusableRepetition where the network can't be asked, also `missing_points`: a point that the pose engine
        does not know, and the network never met as absent.
        """
        if not np.isfinite(track.image[:, list(POINTS.values()), 0]).any(axis=0).all():
            raise UnusableRepetition("missing_points")
        inputs = repetition_inputs(
            track, pixels, start_s=rep.start_s, lockout_s=rep.lockout_s, end_s=rep.end_s, view=view
        )
        return combined_p_correct(self.p_correct(inputs), rep.faults, self.info.combination)

    def verdict(self, p_correct: float) -> Verdict:
        return "correct" if p_correct >= self.info.threshold else "incorrect"


def _read_card(path: Path) -> ModelInfo:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        weights = Combination(**{name: float(value) for name, value in card["combination"].items()})
        info = ModelInfo(
            str(card["name"]), str(card["version"]), str(card["sha256"]), float(card["threshold"]), weights
        )
        inputs_version = int(card["inputs_version"])
    except OSError as error:
        raise ModelMissing(f"no model description at {path}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelMissing(f"{path} is not a model description: {error!r}") from error
    if inputs_version != INPUTS_VERSION:
        raise ModelMissing(f"{path} expects inputs of version {inputs_version}, this code makes {INPUTS_VERSION}")
    return info


def _session(content: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One process per core: more threads only fight over it.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has a dozen exception types and no common base
        raise ModelMissing(f"the model does not load: {error}") from error
