"""Skeletons of many clips, kept on disk: pose is most of the cost, and its answer only changes with clip and model.

`python -m coaching.vision.tracks DIR --cache CACHE` fills the cache for training and evaluation.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from coaching.vision.back import STATIONS
from coaching.vision.bundle import DEFAULT_BUNDLE
from coaching.vision.clip import Limits, file_sha256, frames, probe
from coaching.vision.errors import PipelineError
from coaching.vision.people import as_rows, find_people
from coaching.vision.pose import ENGINE_NAME, MediaPipeCrowd, MediaPipePose
from coaching.vision.types import N_LANDMARKS, Track

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from coaching.vision.types import ClipInfo, Frame, Image, Pose, PoseEngine

N_SAMPLED = 5


class TrackBuilder:
    """Collects poses frame by frame into a Track; a missing pose becomes NaN."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._poses: list[Pose | None] = []
        self._size = (0, 0)

    def add(self, frame: Frame, pose: Pose | None) -> None:
        self._times.append(frame.time_s)
        self._poses.append(pose)
        height, width = frame.bgr.shape[:2]
        self._size = (width, height)

    def track(self) -> Track:
        n = len(self._times)
        image = np.full((n, N_LANDMARKS, 4), np.nan, dtype=np.float32)
        world = np.full((n, N_LANDMARKS, 3), np.nan, dtype=np.float32)
        outline = np.full((n, 2, STATIONS.size), np.nan, dtype=np.float32)
        for i, pose in enumerate(self._poses):
            if pose is not None:
                image[i], world[i] = pose.image, pose.world
                if pose.outline is not None:
                    outline[i] = pose.outline
        times = np.asarray(self._times, dtype=np.float64)
        span = times[-1] - times[0] if n > 1 else 0.0
        return Track(
            time_s=times,
            image=image,
            world=world,
            detected=np.array([pose is not None for pose in self._poses], dtype=np.bool_),
            fps=float((n - 1) / span) if span else 0.0,
            width=self._size[0],
            height=self._size[1],
            outline=outline if np.isfinite(outline).any() else None,
        )


def sample_times(duration_s: float, n: int = N_SAMPLED) -> list[float]:
    """`n` moments spread over the clip, away from its ends, where people walk in and out."""
    return [duration_s * (i + 0.5) / n for i in range(n)]


def extract(info: ClipInfo, bundle: Path) -> tuple[Track, NDArray[np.float32]]:
    """Return the track of the clip and the people found in sampled pictures, (N_SAMPLED, 3, 8), see `people.Person`."""
    crowd = MediaPipeCrowd(bundle)
    try:
        track, people, _ = follow(info, MediaPipePose(bundle), crowd.detect)
    finally:
        crowd.close()
    return track, people


def follow(
    info: ClipInfo, pose: PoseEngine, finder: Callable[[Image], Sequence[Pose]]
) -> tuple[Track, NDArray[np.float32], NDArray[np.float32]]:
    """The same with any engine, which is closed at the end; and what each picture cost it in ms, (n,).

    The cost is that of the processor, all threads together: what one core needs, whoever else is on the machine.
    """
    limits = Limits()
    builder, people, cost_ms = TrackBuilder(), [], []
    pending = sample_times(info.duration_s)
    try:
        for frame in frames(info, max_side=limits.analysis_side, target_fps=limits.analysis_fps):
            rgb = np.asarray(cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2RGB), np.uint8)
            before = time.process_time()
            found = pose.detect(rgb, round(frame.time_s * 1000))
            cost_ms.append(1e3 * (time.process_time() - before))
            builder.add(frame, found)
            if pending and frame.time_s >= pending[0]:
                pending.pop(0)
                people.append(as_rows(find_people(rgb, found, finder)))
    finally:
        pose.close()
    rows = np.asarray(people, dtype=np.float32).reshape(-1, 3, 8)
    return builder.track(), rows, np.asarray(cost_ms, dtype=np.float32)


def save_track(path: Path, track: Track, **extra: object) -> None:
    """Write an .npz with the fields of Track, under a temporary name first."""
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.npz")
    np.savez_compressed(temporary, **track_arrays(track), **{k: np.asarray(v) for k, v in extra.items()})
    temporary.replace(path)


def load_track(path: Path) -> Track:
    """Read what `save_track` wrote."""
    with np.load(path) as data:
        return track_from(data)


def track_arrays(track: Track, prefix: str = "") -> dict[str, Any]:
    """The fields of a track as arrays for an .npz, each name after `prefix`; an outline that is None is left out."""
    fields = {name: getattr(track, name) for name in Track.__slots__}
    return {f"{prefix}{name}": np.asarray(value) for name, value in fields.items() if value is not None}


def track_from(data: Mapping[str, Any], prefix: str = "") -> Track:
    """What `track_arrays` made, read back."""
    return Track(
        time_s=data[f"{prefix}time_s"],
        image=data[f"{prefix}image"],
        world=data[f"{prefix}world"],
        detected=data[f"{prefix}detected"],
        fps=float(data[f"{prefix}fps"]),
        width=int(data[f"{prefix}width"]),
        height=int(data[f"{prefix}height"]),
        outline=data.get(f"{prefix}outline"),
    )


def cache_key(clip: Path, bundle: Path, engine: str = ENGINE_NAME) -> str:
    """What the cached track depends on: the clip's bytes, the model's bytes and the engine's version."""
    parts = f"{file_sha256(clip)}:{file_sha256(bundle)}:{engine}:4"
    return hashlib.sha256(parts.encode()).hexdigest()


def cached(path: Path, key: str) -> bool:
    if not path.is_file():
        return False
    with np.load(path) as data:
        return "key" in data and str(data["key"]) == key


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m coaching.vision.tracks", description="Cache skeletons of clips.")
    parser.add_argument("folder", type=Path, help="folder with clips")
    parser.add_argument("--cache", type=Path, default=Path("var/cache/tracks"))
    parser.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE)
    args = parser.parse_args(argv)
    args.cache.mkdir(parents=True, exist_ok=True)
    for clip in sorted(p for p in args.folder.iterdir() if p.suffix.lower() in {".mp4", ".mov", ".webm", ".avi"}):
        target = args.cache / f"{clip.stem}.npz"
        key = cache_key(clip, args.bundle)
        if cached(target, key):
            continue
        started = time.monotonic()
        try:
            info = probe(clip)
            track, people = extract(info, args.bundle)
        except PipelineError as error:
            sys.stdout.write(f"{clip.name}: {error.code} ({error.detail})\n")
            continue
        save_track(target, track, key=key, people=people, sha256=info.sha256, clip_fps=info.fps)
        seconds = time.monotonic() - started
        line = f"{clip.name}: {track.time_s.size} frames, {track.detected.mean():.0%} with a person, {seconds:.1f} s\n"
        sys.stdout.write(line)
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
