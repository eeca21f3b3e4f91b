"""Tiny films for the tests, written in milliseconds, of something that shows a mistake in numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

MILLISECONDS = Fraction(1, 1000)


def marked(width: int = 96, height: int = 64, level: int = 20) -> Picture:
    """A dark picture with a bright quarter at its top left, so that turning it can be told."""
    picture = np.full((height, width, 3), level, np.uint8)
    picture[: height // 2, : width // 2] = 230
    return picture


def even_times(seconds: float, fps: float) -> list[float]:
    return [i / fps for i in range(round(seconds * fps))]


def write_film(
    path: Path,
    times: Sequence[float],
    picture: Picture | None = None,
    *,
    codec: str = "mpeg4",
    rotation_ccw: int = 0,
    mirrored: bool = False,
    audio: bool = False,
    faststart: bool = False,
    container: str | None = None,
    metadata: dict[str, str] | None = None,
    encoder: dict[str, str] | None = None,
    exact: bool = False,
) -> Path:
    """Write one picture at each of the times (s). `rotation_ccw`: how far players turn it, as FFmpeg counts.

    `metadata` is the file's, as a phone writes it; `encoder` holds the codec's options. A negative time is a picture
    that was trimmed away: MP4 hides it. `exact`: without clock and chance, the same bytes again.
    """
    picture = marked() if picture is None else picture
    flags = {"faststart": faststart, "use_metadata_tags": bool(metadata) and path.suffix in {".mp4", ".mov"}}
    wanted = "+".join(name for name, on in flags.items() if on)
    options = {"movflags": wanted} if wanted else {}
    if exact:
        options["fflags"] = "+bitexact"
    with av.open(str(path), "w", format=container, options=options) as out:
        out.metadata.update(metadata or {})
        stream: Any = out.add_stream(codec, rate=30, options=encoder or {})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = MILLISECONDS
        stream.codec_context.thread_count = 1
        if rotation_ccw or mirrored:
            stream.set_display_rotation(rotation_ccw, hflip=mirrored)
        sound = _sound(out) if audio else None
        out.start_encoding()
        rng = np.random.default_rng(1)
        for time in times:
            # A little noise, else every picture after the first is empty in the file.
            noisy = np.clip(picture.astype(np.int16) + rng.integers(-4, 5, picture.shape), 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="bgr24")
            frame.pts, frame.time_base = round(time * 1000), MILLISECONDS
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None:
            out.mux(sound.encode(None))
    return path


def _sound(out: Any) -> Any:
    stream = out.add_stream("aac", rate=44100)
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
    frame.sample_rate, frame.pts = 44100, 0
    out.mux(stream.encode(frame))
    return stream


def write_sound_only(path: Path) -> Path:
    with av.open(str(path), "w") as out:
        stream = _sound(out)
        out.mux(stream.encode(None))
    return path
