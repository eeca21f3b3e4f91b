"""Which films a browser plays as they are, and a copy of the others."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.clip import Limits, frames
from coaching.vision.webm import MAX_SIDE, write_webm

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from coaching.vision.types import ClipInfo, Image, Stage

    Progress = Callable[[Stage, float], None]

# Decoder's name -> containers (first of FFmpeg's names) that Chromium, Firefox and Safari play it from. Safari plays
# VP9 and AV1 on newer machines only. HEVC plays where the graphics card does it, so on some phones and few laptops.
_PLAYED = {
    "h264": {"mov"},
    "vp8": {"matroska"},
    "libvpx": {"matroska"},
    "vp9": {"mov", "matroska"},
    "libvpx-vp9": {"mov", "matroska"},
    "av1": {"mov", "matroska"},
    "libdav1d": {"mov", "matroska"},
}
# Eight bits, colour at half resolution. Cameras also write ten bits and 4:2:2, which few browsers decode.
_PLAYED_FORMATS = {"yuv420p", "yuvj420p"}


def plays_in_browsers(info: ClipInfo) -> bool:
    """Whether a page may show the file itself. In doubt no: then there is a copy, too."""
    containers = _PLAYED.get(info.codec, set())
    return info.container.split(",")[0] in containers and info.pixel_format in _PLAYED_FORMATS


def write_playable(
    info: ClipInfo, out: Path, limits: Limits | None = None, on_progress: Progress | None = None
) -> None:
    """Write the film as it was filmed, upright and without a drawing, as VP8 in WebM: the longer side at most 960 px.

    It has the pictures that the analysis looks at, at the same times. Raises like `clip.frames`; what
    `on_progress("playable", fraction)` raises passes through, and leaves no file.
    """

    def report(time_s: float) -> None:
        if on_progress:
            on_progress("playable", min(time_s / info.duration_s, 1.0))

    with closing(_pictures(info, limits or Limits())) as pictures:
        write_webm(pictures, out, report)
    report(info.duration_s)


def _pictures(info: ClipInfo, limits: Limits) -> Generator[tuple[float, Image]]:
    with closing(frames(info, max_side=MAX_SIDE, target_fps=limits.analysis_fps)) as pictures:
        for frame in pictures:
            height, width = frame.bgr.shape[:2]
            even: Image = np.ascontiguousarray(frame.bgr[: height - height % 2, : width - width % 2])
            yield frame.time_s, even
