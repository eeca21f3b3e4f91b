"""From a file to upright pictures with their times.

Times come from presentation timestamps, never from a frame number divided by a nominal rate: phone video has a variable
rate. Nothing here holds more than one picture.
"""

from __future__ import annotations

import hashlib
import math
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from coaching.vision.container import demuxer_for, is_cut
from coaching.vision.errors import (
    FrameRateTooLow,
    NoFrames,
    NotAVideo,
    ResolutionTooHigh,
    TooLarge,
    TooLong,
    TooShort,
    TruncatedVideo,
)
from coaching.vision.types import ClipInfo, Frame

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.vision.types import Image

_HASH_BLOCK = 1 << 20
# Below this share of what the header announces, the clip is cut rather than untidy: edit lists and dropped tail frames
# of real phone clips stay above it.
_MIN_SHARE = 0.8
# Matroska announces only the length of its longest stream, which may be the sound.
_MIN_SHARE_ANY_STREAM = 0.5
# Steps that differ by more than this from the median make the rate variable.
_RATE_TOLERANCE = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted, and how large and how often pictures are analysed. Sizes in px of the upright picture."""

    max_bytes: int = 2 * 1024**3
    min_duration_s: float = 1.0
    max_duration_s: float = 300.0
    min_fps: float = 10.0
    max_long_side: int = 4096
    max_short_side: int = 2304
    analysis_side: int = 1280
    analysis_fps: float = 30.0


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a stored picture becomes upright: mirrored first if `mirrored`, then turned clockwise."""

    clockwise_deg: int = 0
    mirrored: bool = False

    @property
    def swaps_sides(self) -> bool:
        return self.clockwise_deg in {90, 270}

    def apply(self, picture: Image) -> Image:
        if self.mirrored:
            picture = _image(cv2.flip(picture, 1))
        if self.clockwise_deg == 90:
            return _image(cv2.rotate(picture, cv2.ROTATE_90_CLOCKWISE))
        if self.clockwise_deg == 180:
            return _image(cv2.rotate(picture, cv2.ROTATE_180))
        if self.clockwise_deg == 270:
            return _image(cv2.rotate(picture, cv2.ROTATE_90_COUNTERCLOCKWISE))
        return picture


def _image(picture: Any) -> Image:
    result: Image = np.ascontiguousarray(picture, dtype=np.uint8)
    return result


def orientation_of(matrix: bytes | None) -> Orientation:
    """Read a display matrix: nine native 32-bit fixed-point numbers, of which a, b, c, d turn and mirror."""
    if matrix is None or len(matrix) < 36:
        return Orientation()
    a, b, _, c, d = (int(v) for v in np.frombuffer(matrix, dtype=np.int32, count=5))
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    return Orientation(round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360, mirrored)


def file_sha256(path: Path) -> str:
    """SHA-256 of the file, hex, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def open_video(path: Path, demuxer: str) -> Iterator[tuple[Any, Any]]:
    """Yield (container, its video stream), decoding on one thread. Raises the typed errors of an unreadable file."""
    try:
        container = av.open(str(path), format=demuxer, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        if is_cut(path, demuxer):
            raise TruncatedVideo(f"{demuxer}: {error}") from error
        raise NotAVideo(f"{demuxer}: {error}") from error
    with closing(container):
        if not container.streams.video:
            raise NoFrames("no video stream")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise NotAVideo("no decoder for this codec")
        stream.codec_context.thread_count = 1
        yield container, stream


def packet_times(path: Path) -> NDArray[np.float64]:
    """Presentation times in seconds of the pictures that the file really holds, sorted; nothing is decoded.

    Raises the typed errors of an unreadable file.
    """
    with open_video(path, demuxer_for(path)) as (container, stream):
        return _packet_times(container, stream)


def first_picture(path: Path) -> Image:
    """The first picture that decodes, BGR, as it is stored: not turned. Raises NoFrames, and as `packet_times`."""
    with open_video(path, demuxer_for(path)) as (container, stream):
        first = next(_decoded(container, stream), None)
        if first is None:
            raise NoFrames("no picture decodes")
        return _image(first.to_ndarray(format="bgr24"))


def _packet_times(container: Any, stream: Any) -> NDArray[np.float64]:
    times = []
    try:
        for packet in container.demux(stream):
            stamp = packet.pts if packet.pts is not None else packet.dts
            if stamp is not None and packet.size and not packet.is_discard:
                times.append(float(stamp * packet.time_base))
    except av.error.FFmpegError:
        pass  # a cut file: what was read so far decides
    return np.unique(np.asarray(times, dtype=np.float64))


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Decode the stream, stepping over damaged packets; the caller judges how much is missing."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.error.FFmpegError):
            return
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue


def _display_matrix(picture: Any) -> bytes | None:
    for item in picture.side_data:
        if item.type.name == "DISPLAYMATRIX":
            return bytes(item)
    return None


def _present_s(times: NDArray[np.float64]) -> float:
    """Up to where there are pictures, from the file's own zero: some formats announce the end, not the length."""
    if times.size < 2:
        return 0.0
    step = (times[-1] - times[0]) / (times.size - 1)
    return float(times[-1] - min(times[0], 0.0) + step)


def _announced_share(container: Any, stream: Any, duration_s: float) -> tuple[float, float]:
    """Return (share of the announced duration that is there, the least share that is accepted)."""
    if stream.duration:
        return duration_s / float(stream.duration * stream.time_base), _MIN_SHARE
    if container.duration:
        return duration_s / (container.duration / av.time_base), _MIN_SHARE_ANY_STREAM
    return 1.0, 0.0


def _check_announced(container: Any, stream: Any, limits: Limits) -> None:
    width, height = stream.codec_context.width, stream.codec_context.height
    if max(width, height) > limits.max_long_side or min(width, height) > limits.max_short_side:
        raise ResolutionTooHigh(f"{width}x{height}")
    announced = container.duration / av.time_base if container.duration else 0.0
    if announced > limits.max_duration_s * 1.5:  # far too long: say so before reading gigabytes
        raise TooLong(f"{announced:.0f} s announced")


def _check_times(times: NDArray[np.float64], limits: Limits) -> tuple[float, float]:
    """Return (mean frames a second, duration in seconds) or raise what is wrong with them."""
    if times.size < 2:
        raise TooShort(f"{times.size} frames")
    span = float(times[-1] - times[0])
    fps = (times.size - 1) / span
    duration = span + 1.0 / fps
    if duration > limits.max_duration_s:
        raise TooLong(f"{duration:.1f} s")
    if duration < limits.min_duration_s:
        raise TooShort(f"{duration:.2f} s")
    if fps < limits.min_fps:
        raise FrameRateTooLow(f"{fps:.2f} frames a second")
    return fps, duration


def probe(path: Path, limits: Limits | None = None) -> ClipInfo:
    """Read what the file holds without decoding more than one picture.

    Raises one of the typed errors (see `errors`): TooLarge, NotAVideo, NoFrames, TruncatedVideo, TooLong, TooShort,
    FrameRateTooLow, ResolutionTooHigh.
    """
    limits = limits or Limits()
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise TooLarge(f"{size} bytes")
    demuxer = demuxer_for(path)
    with open_video(path, demuxer) as (container, stream):
        _check_announced(container, stream, limits)
        times = _packet_times(container, stream)
        share, least = _announced_share(container, stream, _present_s(times))
        if share < least and (times.size > 1 or is_cut(path, demuxer)):
            raise TruncatedVideo(f"{share:.0%} of the announced duration")
        if not times.size:
            raise NoFrames("no packets")
        container_name, codec = container.format.name, stream.codec_context.name
        fps, duration = _check_times(times, limits)
    with open_video(path, demuxer) as (container, stream):
        first = next(_decoded(container, stream), None)
        if first is None:
            raise NoFrames("no picture decodes")
        turn = orientation_of(_display_matrix(first))
        aspect = float(stream.codec_context.sample_aspect_ratio or 1) or 1.0
        width, height = round(first.width * aspect), first.height
    steps = np.diff(times)
    return ClipInfo(
        path=path,
        sha256=file_sha256(path),
        container=container_name,
        codec=codec,
        fps=fps,
        width=height if turn.swaps_sides else width,
        height=width if turn.swaps_sides else height,
        rotation_deg=turn.clockwise_deg,
        duration_s=duration,
        frame_count=int(times.size),
        variable_rate=bool(np.abs(steps / np.median(steps) - 1).max() > _RATE_TOLERANCE),
        mirrored=turn.mirrored,
        pixel_format=first.format.name,
    )


def scaled_size(info: ClipInfo, max_side: int) -> tuple[int, int]:
    """Width and height of the upright picture when its longer side is at most `max_side`; even, never enlarged."""
    scale = min(1.0, max_side / max(info.width, info.height))
    if scale == 1.0:
        return info.width, info.height
    return max(2, round(info.width * scale / 2) * 2), max(2, round(info.height * scale / 2) * 2)


def min_step_s(info: ClipInfo, target_fps: float) -> float:
    """Least time between two analysed pictures. 0 keeps all: only clips half again as fast are thinned."""
    return 0.9 / target_fps if info.fps >= 1.5 * target_fps else 0.0


def frames(info: ClipInfo, *, max_side: int = 1280, target_fps: float = 30.0) -> Generator[Frame]:
    """Yield the pictures of a probed clip: upright, BGR, at most `max_side`, about `target_fps` when filmed faster.

    Times start at 0 with the first picture and increase strictly. Raises TruncatedVideo at the end when far fewer
    pictures decoded than the file holds. Close the generator to release the file early.
    """
    turn = Orientation(info.rotation_deg, info.mirrored)
    upright = scaled_size(info, max_side)
    stored = upright[::-1] if turn.swaps_sides else upright
    step = min_step_s(info, target_fps)
    start: float | None = None
    last = -math.inf
    decoded = index = 0
    with open_video(info.path, demuxer_for(info.path)) as (container, stream):
        for picture in _decoded(container, stream):
            decoded += 1
            time = picture.time if picture.time is not None else (decoded - 1) / info.fps
            start = time if start is None else start
            # Times that repeat or run backwards come from damaged files; the pose engine must never see them.
            if time - start - last < max(step, 1e-3):
                continue
            last = time - start
            bgr = picture.to_ndarray(format="bgr24", width=stored[0], height=stored[1], interpolation="AREA")
            yield Frame(index, last, turn.apply(bgr))
            index += 1
    if not decoded:
        raise NoFrames("no picture decodes")
    if decoded < _MIN_SHARE * info.frame_count:
        raise TruncatedVideo(f"{decoded} of {info.frame_count} pictures decode")
