"""The skeleton: PoseNet behind the PoseEngine protocol, the pose model that the paper names.

Papandreou et al. 2018 (PersonLab), single-pose decoding: each of 17 parts is where its heatmap is highest, moved by the
offset that the network gives there. It knows no depth, no heels and no toes: what it does not know stays missing.

The quantised TFLite weights are given by path. MediaPipe's wheel carries the interpreter that runs them, so PoseNet
needs no package of its own.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from scipy.special import expit

from coaching.vision.errors import ModelMissing
from coaching.vision.mediapipe_loader import load_mediapipe
from coaching.vision.pose import quiet_stderr
from coaching.vision.types import N_LANDMARKS, Pose

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.types import Image

    Array = NDArray[np.float64]

# The name of the engine in documents. Change it when landmarks of the same clip would change.
POSENET_NAME = "posenet-single-pose-1"

N_PARTS = 17
# PoseNet's parts (COCO's order: nose, eyes, ears, shoulders, ... ankles, left before right) as MediaPipe's landmarks.
LANDMARK_OF_PART = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
# Scores: the mean of all parts below which nobody is there, and a part's own below which it was not seen.
_MIN_PERSON = 0.15
_MIN_PART = 0.10
# A part is looked for within this share of the body's extent of where it was, for as long as that is worth something.
_REACH = 0.2
_MEMORY_MS = 500
_UINT8 = 3  # TensorType.UINT8 of the TFLite schema
_MAGIC = b"TFL3"


class ModelShape(NamedTuple):
    """Of the weights: input height and width in px, heatmap rows and columns."""

    height: int
    width: int
    rows: int
    columns: int

    @property
    def stride(self) -> float:
        """Input px from one heatmap cell to the next; the first and the last lie on the border."""
        return (self.width - 1) / (self.columns - 1)


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture lies in the network's input: aspect kept, centred, black beside it. left, top px of the input."""

    scale: float
    left: int
    top: int

    @classmethod
    def fit(cls, width: int, height: int, shape: ModelShape) -> Letterbox:
        scale = min(shape.width / width, shape.height / height)
        left = (shape.width - round(width * scale)) // 2
        top = (shape.height - round(height * scale)) // 2
        return cls(scale, left, top)

    def apply(self, rgb: Image, shape: ModelShape) -> Image:
        height, width = (max(1, round(side * self.scale)) for side in rgb.shape[:2])
        method = cv2.INTER_AREA if self.scale < 1.0 else cv2.INTER_LINEAR
        out = np.zeros((shape.height, shape.width, 3), np.uint8)
        part = out[self.top : self.top + height, self.left : self.left + width]
        part[:] = cv2.resize(rgb, (width, height), interpolation=method)
        return out

    def back(self, points: Array) -> Array:
        """Input pixels (..., 2), counted from 0 at their centres, as px of the picture."""
        return np.asarray((points + 0.5 - (self.left, self.top)) / self.scale)

    def into(self, points: Array) -> Array:
        """The other way."""
        return np.asarray(points * self.scale + (self.left, self.top) - 0.5)


def decode(heatmaps: Array, offsets: Array, stride: float, prior: Array | None = None) -> Array:
    """The 17 parts as (17, 3): x, y px of the input, score 0..1.

    heatmaps (rows, columns, 17): logits. offsets (rows, columns, 34): px of the input, the y of each part, then the x.
    prior (rows, columns, 17): added to the logits in the choice of the cell, but not in the score.
    """
    rows, columns, n = heatmaps.shape
    parts = np.arange(n)
    chances = heatmaps if prior is None else heatmaps + prior
    row, column = np.divmod(chances.reshape(rows * columns, n).argmax(axis=0), columns)
    y = row * stride + offsets[row, column, parts]
    x = column * stride + offsets[row, column, n + parts]
    return np.column_stack([x, y, expit(heatmaps[row, column, parts])])


def near(before: Array, shape: ModelShape) -> Array:
    """The prior (rows, columns, 17) of somebody who was at `before` (17, 2) px of the input: a normal distribution
    round each part, as wide as a part of the body's extent.
    """
    extent = max(float(np.ptp(before, axis=0).max()), shape.stride)
    row, column = np.indices((shape.rows, shape.columns))[..., None] * shape.stride
    away = (column - before[:, 0]) ** 2 + (row - before[:, 1]) ** 2
    return np.asarray(-away / (_REACH * extent) ** 2)


def pose_of(parts: Array) -> Pose:
    """The pose from parts (17, 3) in px of the picture.

    What PoseNet does not know, and where it saw nothing that looks like the part, is NaN. It has no depth at all.
    """
    image = np.full((N_LANDMARKS, 4), np.nan, dtype=np.float32)
    image[:, 3] = 0.0
    known = list(LANDMARK_OF_PART)
    image[known, :2] = np.where(parts[:, [2]] >= _MIN_PART, parts[:, :2], np.nan)
    image[known, 3] = parts[:, 2]
    return Pose(image=image, world=np.full((N_LANDMARKS, 3), np.nan, dtype=np.float32))


_GRAPH = """
input_stream: "picture"
output_stream: "heatmaps"
output_stream: "offsets"
node {{
  calculator: "ImageToTensorCalculator"
  input_stream: "IMAGE:picture"
  output_stream: "TENSORS:input"
  options {{
    [mediapipe.ImageToTensorCalculatorOptions.ext] {{
      output_tensor_width: {shape.width}
      output_tensor_height: {shape.height}
      output_tensor_uint_range {{ min: 0 max: 255 }}
    }}
  }}
}}
node {{
  calculator: "InferenceCalculator"
  input_stream: "TENSORS:input"
  output_stream: "TENSORS:quantised"
  options {{
    [mediapipe.InferenceCalculatorOptions.ext] {{ model_path: "{path}" delegate {{ xnnpack {{ num_threads: 1 }} }} }}
  }}
}}
node {{
  calculator: "TensorsDequantizationCalculator"
  input_stream: "TENSORS:quantised"
  output_stream: "TENSORS:outputs"
}}
node {{
  calculator: "SplitTensorVectorCalculator"
  input_stream: "outputs"
  output_stream: "first"
  output_stream: "second"
  options {{
    [mediapipe.SplitVectorCalculatorOptions.ext] {{ ranges {{ begin: 0 end: 1 }} ranges {{ begin: 1 end: 2 }} }}
  }}
}}
node {{ calculator: "TensorsToFloatsCalculator" input_stream: "TENSORS:first" output_stream: "FLOATS:heatmaps" }}
node {{ calculator: "TensorsToFloatsCalculator" input_stream: "TENSORS:second" output_stream: "FLOATS:offsets" }}
"""


def _shape(content: bytes) -> ModelShape:
    """Read the shapes of the tensors that matter. Raises ValueError for what is no quantised PoseNet."""
    if content[4:8] != _MAGIC:
        raise ValueError("no TFLite model")
    schema = load_mediapipe("tasks.metadata.schema_py_generated")
    graph = schema.Model.GetRootAs(bytearray(content), 0).Subgraphs(0)
    picture = graph.Tensors(graph.Inputs(0))
    heatmaps, offsets = (graph.Tensors(graph.Outputs(i)) for i in range(2))
    _, height, width, channels = picture.ShapeAsNumpy().tolist()
    _, rows, columns, parts = heatmaps.ShapeAsNumpy().tolist()
    as_expected = (channels, parts, *offsets.ShapeAsNumpy().tolist()[1:]) == (3, N_PARTS, rows, columns, 2 * N_PARTS)
    if not as_expected or {picture.Type(), heatmaps.Type(), offsets.Type()} != {_UINT8}:
        raise ValueError("not PoseNet's tensors")
    return ModelShape(height, width, rows, columns)


class _Network:
    """The weights in MediaPipe's interpreter, on one thread: a picture of the input's size in, two tensors out."""

    def __init__(self, weights: Path, shape: ModelShape) -> None:
        self._framework = load_mediapipe("python")
        self._mp = load_mediapipe()
        self._shape = shape
        self._out: dict[str, list[float]] = {}
        self._clock = 0
        path = str(weights).replace("\\", "\\\\").replace('"', '\\"')
        self._graph = self._framework.CalculatorGraph(graph_config=_GRAPH.format(shape=shape, path=path))
        for name in ("heatmaps", "offsets"):
            self._graph.observe_output_stream(name, self._keep)
        self._graph.start_run()

    def _keep(self, name: str, packet: Any) -> None:
        self._out[name] = self._framework.packet_getter.get_float_list(packet)

    def __call__(self, picture: Image) -> tuple[Array, Array]:
        """Heatmaps (rows, columns, 17) and offsets (rows, columns, 34) of a picture (height, width, 3) uint8."""
        self._clock += 1
        image = self._mp.Image(image_format=self._mp.ImageFormat.SRGB, data=np.ascontiguousarray(picture))
        packet = self._framework.packet_creator.create_image(image).at(self._clock)
        self._graph.add_packet_to_input_stream("picture", packet)
        self._graph.wait_until_idle()
        grid = (self._shape.rows, self._shape.columns, -1)
        heatmaps, offsets = (np.asarray(self._out.pop(name)).reshape(grid) for name in ("heatmaps", "offsets"))
        return heatmaps, offsets

    def close(self) -> None:
        self._graph.close()


class _Finder:
    """One person in one picture: letterbox, network, decoding."""

    def __init__(self, weights: Path) -> None:
        try:
            self._shape = _shape(weights.read_bytes())
            # Building the interpreter, and its first picture, write notes to stderr.
            with quiet_stderr():
                self._network = _Network(weights, self._shape)
                self._network(np.zeros((self._shape.height, self._shape.width, 3), np.uint8))
        except OSError as error:
            raise ModelMissing(f"no PoseNet weights at {weights}") from error
        except (RuntimeError, ValueError, TypeError, IndexError, struct.error) as error:
            raise ModelMissing(f"{weights} does not hold quantised PoseNet weights: {error}") from error

    def __call__(self, rgb: Image, before: Array | None) -> Array | None:
        """The parts as (17, 3): x, y px of the picture, score. None when nobody is there.

        before: the parts of the picture before, which draw those of this one near.
        """
        box = Letterbox.fit(rgb.shape[1], rgb.shape[0], self._shape)
        heatmaps, offsets = self._network(box.apply(rgb, self._shape))
        prior = None if before is None else near(box.into(before[:, :2]), self._shape)
        parts = decode(heatmaps, offsets, self._shape.stride, prior)
        if parts[:, 2].mean() < _MIN_PERSON:
            return None
        parts[:, :2] = box.back(parts[:, :2])
        return parts

    def close(self) -> None:
        self._network.close()


class PoseNet:
    """Follows one person through one clip: the same part is looked for near where it was. One engine for each clip.

    That keeps the skeleton from leaping to somebody else for a picture; but it is one skeleton, and two people close
    together can share it.
    """

    name = POSENET_NAME

    def __init__(self, weights: Path) -> None:
        """Load the model (0.1 s). Raises ModelMissing when `weights` are absent or not PoseNet's."""
        self._find = _Finder(weights)
        self._before: Array | None = None
        self._seen_ms = 0

    def detect(self, rgb: Image, time_ms: int) -> Pose | None:
        if time_ms - self._seen_ms > _MEMORY_MS:
            self._before = None
        parts = self._find(rgb, self._before)
        if parts is None:
            return None
        self._before, self._seen_ms = parts, time_ms
        return pose_of(parts)

    def close(self) -> None:
        self._find.close()


class PoseNetCrowd:
    """Finds the most conspicuous person in a single picture, without tracking: one at most."""

    def __init__(self, weights: Path) -> None:
        self._find = _Finder(weights)

    def detect(self, rgb: Image) -> list[Pose]:
        parts = self._find(rgb, None)
        return [] if parts is None else [pose_of(parts)]

    def close(self) -> None:
        self._find.close()
