"""Clips watched once: skeleton and pixel descriptors on disk, by what they depend on.

The clip goes through the pipeline that serves uploads, so training sees what service will see.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coaching.vision.pipeline import Engines, assess
from coaching.vision.pose import MediaPipePose
from coaching.vision.tracks import track_arrays, track_from
from coaching.vision.types import PixelFeatures

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from coaching.vision.types import Track

# Raise when pose or descriptors of the same clip would come out differently.
FILMS_VERSION = 3


@dataclass(frozen=True, slots=True)
class Film:
    """What the pipeline saw of a clip. The joint-centred descriptors are not kept: no network uses them yet."""

    track: Track
    pixels: PixelFeatures


def engines(bundle: Path) -> Engines:
    """The pipeline's engines with pose only: it is only asked what it sees.

    One lifter is taken for granted, so nobody else is looked for.
    """
    return Engines(pose=lambda: MediaPipePose(bundle), crowd=None, classifier=None)


def film(clip: Path, using: Engines) -> Film:
    """Watch a clip. Raises PipelineError for a file that can't be analysed."""
    seen = assess(clip, using)
    return Film(seen.track, seen.pixels)


def kept(cache: Path, key: str, make: Callable[[], Film]) -> Film:
    """The film from the cache, or made and kept. `key` must name everything that the film depends on."""
    path = cache / f"{key}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _write(path, make())
    return _read(path)


def _write(path: Path, seen: Film) -> None:
    fields: dict[str, Any] = track_arrays(seen.track, "track_")
    fields |= {f"pixels_{name}": getattr(seen.pixels, name) for name in ("lhog", "lhof", "valid", "region")}
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.npz")
    np.savez(temporary, **fields)
    temporary.replace(path)


def _read(path: Path) -> Film:
    with np.load(path) as data:
        track = track_from(data, "track_")
        n = len(track.time_s)
        pixels = PixelFeatures(
            region=data["pixels_region"],
            lhog=data["pixels_lhog"],
            lhof=data["pixels_lhof"],
            joints=np.zeros((n, 0, 98), np.float16),
            joint_mask=np.zeros((n, 0), np.bool_),
            valid=data["pixels_valid"],
        )
    return Film(track, pixels)
