"""The same pictures without sound, place, date and name of the phone.

The video's packets are copied as they are (nothing is encoded again) into a new container that is given no metadata;
the way it is turned and every picture's time stay. What was written is read again and compared before it counts.
"""

from __future__ import annotations

import errno
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from coaching.vision.clip import Limits, first_picture, open_video, packet_times, probe
from coaching.vision.container import demuxer_for
from coaching.vision.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from coaching.vision.types import ClipInfo

    Report = Callable[[float], None]

# FFmpeg's writers for what each demuxer reads, best first: browsers play MP4 and WebM. Others keep times in whole
# milliseconds or take codecs that MP4 does not know.
_WRITERS: dict[str, tuple[str, ...]] = {
    "mov": ("mp4", "mov", "matroska"),
    "matroska": ("webm", "mp4", "matroska"),
    "avi": ("mp4", "avi"),
    "mpegts": ("mp4", "mpegts"),
    "mpeg": ("mp4", "matroska"),
}
_SUFFIXES = {"mp4": ".mp4", "mov": ".mov", "matroska": ".mkv", "webm": ".webm", "avi": ".avi", "mpegts": ".ts"}
# Containers that need to be told when a picture is shown; AVI may only know when it is decoded.
_NEEDS_TIMES = frozenset({"mp4", "mov", "matroska", "webm"})
# What writers say of a codec that they don't take; all else from the operating system is no fault of the film.
_NOT_WRITTEN = frozenset({errno.ENOSYS, errno.EPERM})
_REPORT_EVERY = 200
# One tick of Matroska, the coarsest clock of the containers above.
_TIME_TOLERANCE_S = 1.001e-3
# A film trimmed on the phone hides pictures after its end, and others may be built upon them. Those few show again: no
# writer can hide them.
_MOST_EXTRA = 3


class NotStripped(Exception):
    """The film is as it was. `code` says why: that of a film that can't be read, or `not_copied`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def strip(film: Path, folder: Path, limits: Limits | None = None, on_progress: Report | None = None) -> ClipInfo:
    """Write the copy into `folder` and return what it holds (`path`, `sha256`, ...); `film` is only read.

    A film that is too long or too short is copied too, since its copy will be refused for the same reason. One that is
    damaged is not: whole and shorter, its copy would hide that something is missing.

    Raises NotStripped, and OSError when there is no room. What `on_progress(fraction)` raises passes through.
    """
    limits = replace(limits or Limits(), min_duration_s=0.0, max_duration_s=sys.float_info.max, min_fps=0.0)
    try:
        wanted = probe(film, limits)
        demuxer = demuxer_for(film)
    except PipelineError as error:
        raise NotStripped(error.code, error.detail) from error

    def report(time_s: float) -> None:
        if on_progress:
            on_progress(min(max(time_s / wanted.duration_s, 0.0), 1.0))

    problems = []
    for writer in _WRITERS[demuxer]:
        copy = folder / f"stripped{_SUFFIXES[writer]}"
        try:
            _copy_packets(film, demuxer, copy, writer=writer, on_time=report)
            found = probe(copy, limits)
            problem = _difference(wanted, found)
        except (av.error.FFmpegError, PipelineError, ValueError) as error:
            if isinstance(error, OSError) and error.errno not in _NOT_WRITTEN:
                raise
            problem = str(error)
        if not problem:
            return found
        copy.unlink(missing_ok=True)
        problems.append(f"{writer}: {problem}")
    raise NotStripped("not_copied", "; ".join(problems))


def _copy_packets(film: Path, demuxer: str, copy: Path, *, writer: str, on_time: Report) -> None:
    """Raises FFmpegError for a codec that the writer does not take, ValueError for a picture without a time."""
    with open_video(film, demuxer) as (source, stream), av.open(str(copy), "w", format=writer) as target:
        written = target.add_stream_from_template(stream)
        for number, packet in enumerate(_packets(source, stream)):
            if packet.pts is None and writer in _NEEDS_TIMES:
                raise ValueError("a picture has no time")
            if number % _REPORT_EVERY == 0:
                on_time(float((packet.pts or 0) * packet.time_base))
            packet.stream = written
            target.mux(packet)


def _packets(source: Any, stream: Any) -> Iterator[Any]:
    """All that can be read, without those that only hidden pictures at the end need."""
    hidden = []
    with suppress(av.error.FFmpegError):  # a film that lost its end: the comparison decides
        for packet in source.demux(stream):
            if packet.is_discard:
                hidden.append(packet)
            elif packet.size:  # the last, empty one only flushes a decoder
                yield from hidden
                hidden.clear()
                yield packet


def _difference(wanted: ClipInfo, found: ClipInfo) -> str:
    """What is not the same; empty when the copy shows the same pictures at the same times."""
    names = ("codec", "width", "height", "rotation_deg", "mirrored", "pixel_format")
    for name in names:
        if getattr(wanted, name) != getattr(found, name):
            return f"{name} {getattr(found, name)} for {getattr(wanted, name)}"
    before, after = packet_times(wanted.path), packet_times(found.path)
    if not before.size <= after.size <= before.size + _MOST_EXTRA:
        return f"{after.size} pictures for {before.size}"
    late = float(np.abs((after[: before.size] - after[0]) - (before - before[0])).max())
    if late > _TIME_TOLERANCE_S:
        return f"times differ by {late:.4f} s"
    if not np.array_equal(first_picture(wanted.path), first_picture(found.path)):
        return "the first picture looks different"
    return ""
