"""Video files by PyAV. The codec is MPEG-4 part 2, which FFmpeg builds everywhere; no GPL encoder is needed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import av
import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.simulator.camera import Camera

    Floats = NDArray[np.float64]
    Picture = NDArray[np.uint8]

TIME_BASE = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the file is written.

    quality: MPEG-4 quantiser, 1 (best) to 31. variable_rate: SD of the frame interval as a share of it; 0 = constant.
    rotation_deg: the pictures are stored turned and the file says by how much to turn them (clockwise) for display.
    """

    quality: int = 3
    variable_rate: float = 0.0
    rotation_deg: Literal[0, 90, 180, 270] = 0


_TURNED = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}


def write_video(path: Path, pictures: Iterable[Picture], time_s: Floats, camera: Camera, encoding: Encoding) -> None:
    """Write upright BGR pictures with their presentation times. Raises ValueError unless the name ends in .mp4 or
    .mov.
    """
    if path.suffix.lower() not in (".mp4", ".mov"):
        raise ValueError(f"{path.name}: the simulator writes .mp4 and .mov")
    turned = encoding.rotation_deg in (90, 270)
    width, height = (camera.height, camera.width) if turned else (camera.width, camera.height)
    with av.open(str(path), "w") as container:
        rate = Fraction(camera.fps).limit_denominator(1001)
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.qmin = stream.codec_context.qmax = encoding.quality
        stream.codec_context.gop_size = 24
        stream.codec_context.thread_count = 1
        # MPEG-4 part 2 counts at most 65 535 ticks a second: regular frames in their rate, others in milliseconds.
        base = Fraction(1, 1000) if encoding.variable_rate > 0 else 1 / rate
        stream.codec_context.time_base = base
        if encoding.rotation_deg:
            stream.set_display_rotation(-encoding.rotation_deg)
        for picture, time in zip(pictures, time_s, strict=True):
            turned_picture = cv2.rotate(picture, _TURNED[encoding.rotation_deg]) if encoding.rotation_deg else picture
            stored = np.ascontiguousarray(turned_picture, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(stored, format="bgr24")
            frame.pts, frame.time_base = round(float(time) / base), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
