"""Pictures with their times as a film that every browser plays.

VP8 in WebM: libvpx is BSD-licensed, where the H.264 encoder of FFmpeg is GPL (docs/decisions/0001-webm-not-h264.md).
"""

from __future__ import annotations

import os
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from coaching.vision.types import Image

MAX_SIDE = 960
"""Pixels of the longer side: what a page shows, and what VP8 still writes faster than it plays."""

_TIME_BASE = Fraction(1, 1000)
_REPORT_EVERY = 15
_BITS_PER_PIXEL = 2.6


def write_webm(
    pictures: Iterable[tuple[float, Image]], out: Path, on_time: Callable[[float], object] | None = None
) -> None:
    """Write pictures (time in s, BGR with even sides, all of one size) to `out`, which appears whole or not at all.

    `on_time(seconds)` is called every half second of film; what it raises passes through, and leaves no file.
    """
    temporary = out.with_name(f".{out.stem}.{os.getpid()}.webm")
    try:
        _encode(pictures, temporary, on_time)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


def _encode(pictures: Iterable[tuple[float, Image]], path: Path, on_time: Callable[[float], object] | None) -> None:
    with av.open(str(path), "w", format="webm", options={"cues_to_front": "1"}) as container:
        stream: Any = None
        padded: Image = np.empty((0, 0, 3), np.uint8)
        yuv: Image = np.empty((0, 0), np.uint8)
        for index, (time_s, picture) in enumerate(pictures):
            if on_time and index % _REPORT_EVERY == 0:
                on_time(time_s)
            if stream is None:
                # PyAV takes planes of a height that four divides; the last row is repeated where it does not.
                height, width = -(-picture.shape[0] // 4) * 4, picture.shape[1]
                stream = _stream(container, width, height)
                padded, yuv = np.empty((height, width, 3), np.uint8), np.empty((height * 3 // 2, width), np.uint8)
            # In the codec's own format and always in the same place: pictures that are made for the encoder one by one
            # leave holes in the heap that the next one does not fit into, and the worker grows by hundreds of MB.
            np.copyto(padded[: len(picture)], picture)
            padded[len(picture) :] = picture[-1]
            cv2.cvtColor(padded, cv2.COLOR_BGR2YUV_I420, dst=yuv)
            frame = av.VideoFrame.from_numpy_buffer(yuv, format="yuv420p")
            frame.pts, frame.time_base = round(time_s * 1000), _TIME_BASE
            container.mux(stream.encode(frame))
        if stream is not None:
            container.mux(stream.encode(None))


def _stream(container: Any, width: int, height: int) -> Any:
    options = {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "auto-alt-ref": "0",
        "static-thresh": "100",
        "crf": "18",
        "qmin": "4",
        "qmax": "48",
    }
    stream = container.add_stream("libvpx", rate=30, options=options)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.codec_context.time_base = _TIME_BASE
    stream.codec_context.bit_rate = int(width * height * _BITS_PER_PIXEL)
    # A key picture every second, so that a click in the graph lands on the spot.
    stream.codec_context.gop_size = 30
    stream.codec_context.thread_count = 1
    return stream
