"""A TFLite model with PoseNet's tensors whose answers are known: it sees each part as a colour of its own.

One quantised 1 x 1 convolution with PoseNet's stride makes each output from the pixel at the middle of its cell. The
interpreter, its quantisation, the letterbox and the decoding are the real ones.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.vision.mediapipe_loader import load_mediapipe
from coaching.vision.posenet import N_PARTS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.types import Image

    Array = NDArray[np.float64]

HEIGHT, WIDTH, STRIDE = 65, 97, 16  # 5 rows and 7 columns of cells
SCALE, ZERO = 10.04 / 128, 128  # of every output: PoseNet's own
_INPUT_SCALE = 1 / 128
_UINT8, _INT32 = 3, 2
_CONV_2D, _CONV_2D_OPTIONS, _VALID = 3, 1, 1


def directions() -> Array:
    """17 unit vectors of RGB round grey, none of them toward black, so that the letterbox looks like no part."""
    k = np.arange(N_PARTS) + 0.5
    z, turn = 1.0 - k / N_PARTS, np.pi * (1 + 5**0.5) * k
    across = np.sqrt(1.0 - z * z)
    # The axis of this half sphere is the line from black to white.
    axis, u, v = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / np.sqrt([[3], [2], [6]])
    return np.asarray(z[:, None] * axis + across[:, None] * (np.cos(turn)[:, None] * u + np.sin(turn)[:, None] * v))


def colour(part: int) -> NDArray[np.uint8]:
    return np.asarray(np.rint(128 + 127 * directions()[part]), np.uint8)


def grey(height: int, width: int) -> Image:
    return np.full((height, width, 3), 128, np.uint8)


def write(path: Path, offsets: Array) -> Path:
    """Write the model: logit +5 where it sees a part, -5 on grey; offsets (17, 2) are the y, x px it gives there."""
    seen = directions()
    heat = _Output("heatmaps", 10.0 * seen, -5.0)
    y, x = (offsets[:, [axis]] * seen for axis in (0, 1))
    path.write_bytes(_model([heat, _Output("short_offsets", np.vstack([y, x]), 0.0)]))
    return path


class _Output:
    """One convolution: weights (channels, 3) on the colour in -1..1, and a bias."""

    def __init__(self, name: str, weights: Array, bias: float) -> None:
        self.name, self.channels = name, len(weights)
        self.scale = float(np.abs(weights).max()) / 127
        self.weights = np.asarray(np.rint(weights / self.scale) + 128, np.uint8)
        self.bias = np.full(self.channels, round(bias / (self.scale * _INPUT_SCALE)), np.int32)


def _model(outputs: list[_Output]) -> bytes:
    s = load_mediapipe("tasks.metadata.schema_py_generated")
    model, graph = s.ModelT(), s.SubGraphT()
    empty = s.BufferT()
    model.buffers = [empty]
    graph.tensors = [_tensor(s, "input", (1, HEIGHT, WIDTH, 3), _UINT8, buffer=0, scale=_INPUT_SCALE, zero=128)]
    graph.inputs, graph.outputs, graph.operators = [0], [], []
    rows, columns = (HEIGHT - 1) // STRIDE + 1, (WIDTH - 1) // STRIDE + 1
    for out in outputs:
        first = len(graph.tensors)
        for data in (out.weights, out.bias):
            buffer = s.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            model.buffers.append(buffer)
        shape, n = (out.channels, 1, 1, 3), len(model.buffers)
        graph.tensors += [
            _tensor(s, f"{out.name}/weights", shape, _UINT8, buffer=n - 2, scale=out.scale, zero=128),
            _tensor(
                s, f"{out.name}/bias", (out.channels,), _INT32, buffer=n - 1, scale=out.scale * _INPUT_SCALE, zero=0
            ),
            _tensor(s, out.name, (1, rows, columns, out.channels), _UINT8, buffer=0, scale=SCALE, zero=ZERO),
        ]
        graph.operators.append(_convolution(s, [0, first, first + 1], first + 2))
        graph.outputs.append(first + 2)
    code = s.OperatorCodeT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = _CONV_2D, _CONV_2D, 1
    model.version, model.operatorCodes, model.subgraphs, model.description = 3, [code], [graph], "tiny"
    builder: Any = importlib.import_module("flatbuffers").Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(s: Any, name: str, shape: tuple[int, ...], kind: int, *, buffer: int, scale: float, zero: int) -> Any:
    tensor = s.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, buffer
    tensor.quantization = s.QuantizationParametersT()
    tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [zero]
    return tensor


def _convolution(s: Any, inputs: list[int], output: int) -> Any:
    operator = s.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, inputs, [output]
    options = s.Conv2DOptionsT()
    options.strideH = options.strideW = STRIDE
    options.dilationHFactor = options.dilationWFactor = 1
    options.padding = _VALID
    operator.builtinOptionsType, operator.builtinOptions = _CONV_2D_OPTIONS, options
    return operator
