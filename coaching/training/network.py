"""The classifier: convolutions and an LSTM over skeleton, LHOG and LHOF sequences (specification S9 b).

TensorFlow is imported on first use: it costs eight seconds and is needed for training only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coaching.simulator.faults import FAULT_NAMES
from coaching.training.scaling import COMPONENTS
from coaching.vision.repetition_inputs import SKELETON_SIZE, STEPS

if TYPE_CHECKING:
    from typing import Self

THREADS = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """Which branches the network has, and how wide it is. The defaults make about 0.1 M parameters.

    sequence: convolutions and LSTM over the steps; without, dense layers on the flattened steps as in the paper.
    """

    sequence: bool = True
    lhog: bool = True
    lhof: bool = True
    width: int = 64
    memory: int = 48
    pixel_width: int = 16
    dropout: float = 0.4
    branch_dropout: float = 0.5

    @classmethod
    def named(cls, name: str) -> Self:
        """`keypoints`, dense layers on keypoints and angles as in the paper; else the four of the ablation: `skeleton`,
        `skeleton+lhog`, `skeleton+lhof`, `skeleton+lhog+lhof`.
        """
        if name == "keypoints":
            return cls(sequence=False, lhog=False, lhof=False)
        parts = set(name.split("+"))
        if "skeleton" not in parts or parts - {"skeleton", "lhog", "lhof"}:
            raise ValueError(f"no such network: {name}")
        return cls(lhog="lhog" in parts, lhof="lhof" in parts)


def tensorflow() -> Any:
    """TensorFlow, quiet and held to two threads."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(THREADS)
        tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    except RuntimeError:
        # Already at work in this process; the first caller set it.
        return tf
    return tf


def seed_everything(seed: int) -> None:
    tensorflow()
    import keras

    keras.utils.set_random_seed(seed)


def build_network(shape: Shape) -> Any:
    """A Keras model on scaled inputs: skeleton (64, SKELETON_SIZE), lhog and lhof (64, 32) -> logit (1), faults (11)
    logits.

    The faults are a second lesson in training, where the truth is known; only the first output is served.
    """
    tensorflow()
    import keras
    from keras import layers

    skeleton = keras.Input((STEPS, SKELETON_SIZE), name="skeleton")
    lhog = keras.Input((STEPS, COMPONENTS), name="lhog")
    lhof = keras.Input((STEPS, COMPONENTS), name="lhof")
    regular = keras.regularizers.L2(1e-4)
    x = layers.Dense(shape.width, activation="swish", kernel_regularizer=regular, name="skeleton_in")(skeleton)
    branches = [layers.SpatialDropout1D(shape.dropout / 2)(x)]
    for used, name, source in ((shape.lhog, "lhog", lhog), (shape.lhof, "lhof", lhof)):
        if used:
            # The whole branch disappears for half of the examples: the skeleton must be able to judge alone, and the
            # network can't lean on what the room looks like.
            y = layers.Dropout(shape.branch_dropout, noise_shape=(None, 1, 1), name=f"{name}_branch")(source)
            branches.append(layers.Dense(shape.pixel_width, activation="tanh", kernel_regularizer=regular)(y))
    x = layers.Concatenate()(branches) if len(branches) > 1 else branches[0]
    x = _over_time(x, shape, regular) if shape.sequence else _dense(x, shape, regular)
    x = layers.Dropout(shape.dropout)(x)
    logit = layers.Dense(1, kernel_regularizer=regular, name="logit")(x)
    faults = layers.Dense(len(FAULT_NAMES), kernel_regularizer=regular, name="faults")(x)
    return keras.Model([skeleton, lhog, lhof], [logit, faults], name="deadlift")


def _over_time(x: Any, shape: Shape, regular: Any) -> Any:
    """Convolutions, then an LSTM in both directions."""
    from keras import layers

    x = layers.Conv1D(shape.width, 5, strides=2, padding="same", activation="swish", kernel_regularizer=regular)(x)
    x = layers.Conv1D(shape.width, 3, padding="same", activation="swish", kernel_regularizer=regular)(x)
    x = layers.MaxPooling1D(2)(x)
    x = layers.Dropout(shape.dropout)(x)
    # Sixteen steps, written out: faster than a loop, and plain operators in ONNX.
    return layers.Bidirectional(layers.LSTM(shape.memory, unroll=True))(x)


def _dense(x: Any, shape: Shape, regular: Any) -> Any:
    """The steps, averaged four by four and laid side by side, through two dense layers."""
    from keras import layers

    x = layers.Flatten()(layers.AveragePooling1D(4)(x))
    x = layers.Dropout(shape.dropout)(layers.Dense(shape.width, activation="swish", kernel_regularizer=regular)(x))
    return layers.Dense(shape.width, activation="swish", kernel_regularizer=regular)(x)
