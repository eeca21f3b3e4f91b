"""From trained networks to the one file that is served: raw inputs in, a calibrated probability out.

Scaling, projection and temperature are part of the ONNX graph, so the service can't apply them differently. The files:

- `deadlift.onnx`: inputs skeleton (n, 64, SKELETON_SIZE), lhog (n, 64, 2352), lhof (n, 64, 2450), float32, as made by
  coaching.vision.repetition_inputs; output p_correct (n, 1).
- `deadlift.json`: name, version, sha256 of the ONNX file, inputs, inputs_version, steps, threshold, temperature,
  figures.
- `MODEL_CARD.md`: what it is, what it was measured to do, and what it can't do.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.training.network import tensorflow
from coaching.training.scaling import CLIP, COMPONENTS
from coaching.vision.repetition_inputs import LHOF_SIZE, LHOG_SIZE, SKELETON_SIZE, STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.training.fit import Trained
    from coaching.training.scaling import Projection, Scaling

ONNX_NAME = "deadlift.onnx"
INPUT_SIZES = {"skeleton": SKELETON_SIZE, "lhog": LHOG_SIZE, "lhof": LHOF_SIZE}
TOLERANCE = 1e-5


class ExportDiffers(RuntimeError):
    """The exported graph does not compute what the Keras network does. Nothing is shipped."""


def serving_model(members: Sequence[Trained], temperature: float) -> Any:
    """One Keras model of raw inputs: the members' mean logit over the temperature, as a probability."""
    tensorflow()
    import keras
    from keras import layers

    inputs = {name: keras.Input((STEPS, size), name=name) for name, size in INPUT_SIZES.items()}
    scaling = members[0].scaling  # one for all members, as fit_members makes them
    scaled = [
        _standardise(inputs["skeleton"], scaling),
        _project(inputs["lhog"], scaling.lhog, "lhog_projection"),
        _project(inputs["lhof"], scaling.lhof, "lhof_projection"),
    ]
    logits = []
    for index, member in enumerate(members):
        member.model.name = f"member_{index}"
        logits.append(member.model(scaled)[0])
    mean = layers.Average()(logits) if len(logits) > 1 else logits[0]
    p = layers.Activation("sigmoid", name="p_correct")(layers.Rescaling(1.0 / temperature)(mean))
    return keras.Model(inputs, p, name="deadlift")


def _standardise(x: Any, scaling: Scaling) -> Any:
    import keras

    return keras.ops.clip((x - scaling.mean) / scaling.scale, -CLIP, CLIP)


def _project(x: Any, projection: Projection, name: str) -> Any:
    """As Projection.apply, in the graph."""
    import keras
    from keras import layers, ops

    seen = ops.cast(ops.any(ops.not_equal(x, 0.0), axis=-1, keepdims=True), "float32")
    dense = layers.Dense(COMPONENTS, trainable=False, name=name)
    projected = dense(x) * seen
    dense.set_weights([projection.matrix, -(projection.mean @ projection.matrix)])
    moving = (projected - keras.ops.mean(projected, axis=-2, keepdims=True)) * seen
    return keras.ops.clip(moving, -CLIP, CLIP)


def write_onnx(model: Any, path: Path) -> str:
    """Export to ONNX under a temporary name, check it against Keras, then put it in place. Returns its SHA-256.

    Raises ExportDiffers when any probability differs by more than TOLERANCE.
    """
    model(example_feeds(seed=7, count=1)[0], training=False)  # Keras exports only what it has seen work
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / path.name
        model.export(str(draft), format="onnx", verbose=False)
        _name_output(draft, "p_correct")
        _check_same(model, draft)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(draft, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
    return sha256_of(path)


def _name_output(path: Path, name: str) -> None:
    import onnx

    graph_file = onnx.load(str(path))
    graph = graph_file.graph
    old = graph.output[0].name
    for node in graph.node:
        node.output[:] = [name if value == old else value for value in node.output]
        node.input[:] = [name if value == old else value for value in node.input]
    graph.output[0].name = name
    onnx.checker.check_model(graph_file)
    onnx.save(graph_file, str(path))


def _check_same(model: Any, path: Path) -> None:
    for feeds in example_feeds(seed=7, count=6):
        expected = np.asarray(model(feeds, training=False))
        got = run_onnx(path, feeds)
        worst = float(np.abs(expected - got).max())
        if not worst <= TOLERANCE:
            raise ExportDiffers(f"ONNX and Keras differ by {worst:.2g}")


def example_feeds(*, seed: int, count: int) -> list[dict[str, NDArray[np.float32]]]:
    """Inputs of plausible size, every third one without pixels."""
    random = np.random.default_rng(seed)
    found = []
    for index in range(count):
        feeds = {
            name: random.normal(0.2, 0.3, (1, STEPS, size)).astype(np.float32) for name, size in INPUT_SIZES.items()
        }
        if index % 3 == 2:
            feeds["lhog"], feeds["lhof"] = np.zeros_like(feeds["lhog"]), np.zeros_like(feeds["lhof"])
        found.append(feeds)
    return found


def run_onnx(path: Path, feeds: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """p_correct (n, 1) from an ONNX file, on one thread, as it is served."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    read = {one.name: feeds[one.name] for one in session.get_inputs()}
    return np.asarray(session.run(["p_correct"], read)[0])


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
