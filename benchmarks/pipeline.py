"""What the whole pipeline costs over pose alone, and how much memory a worker takes.

`python -m benchmarks.pipeline [--clip FILE]` prints the ratio of wall times (bar: at most 1.5) on one core, both
measured in the same run; `--memory` adds the peak resident size of a process that did what a worker does, annotated
video included (bar: at most 900 MB).
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coaching.vision.pipeline import Engines

MAX_RATIO = 1.5
MAX_MB = 900.0
_CHUNK = 24


class Cost(NamedTuple):
    """Seconds, by the wall clock and by the processor."""

    wall_s: float
    cpu_s: float


def one_core() -> int:
    """Keep this process, and the threads it will start, on one core; return its number. A no-op where unsupported."""
    if not hasattr(os, "sched_setaffinity"):
        return -1
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def render(path: Path) -> None:
    """Film a simulated set in 720p at 30 frames a second."""
    from coaching.simulator import Camera, LiftSpec, render_clip, simulate

    camera = Camera(yaw_deg=90, width=1280, height=720, fps=30)
    render_clip(simulate(LiftSpec(reps=2), seed=1), camera, path=path)


def pose_alone(clip: Path, engines: Engines) -> tuple[Cost, int]:
    """Cost of the pose calls over the clip's pictures, which are decoded beforehand, and their number."""
    import cv2
    import numpy as np

    from coaching.vision.clip import frames, probe

    wall = cpu = 0.0
    count = 0
    with closing(engines.pose()) as pose, closing(frames(probe(clip))) as source:
        while chunk := list(islice(source, _CHUNK)):
            pictures = [np.asarray(cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2RGB), np.uint8) for frame in chunk]
            wall_0, cpu_0 = time.perf_counter(), time.process_time()
            for frame, rgb in zip(chunk, pictures, strict=True):
                pose.detect(rgb, round(frame.time_s * 1000))
            wall += time.perf_counter() - wall_0
            cpu += time.process_time() - cpu_0
            count += len(chunk)
    return Cost(wall, cpu), count


def whole(clip: Path, engines: Engines) -> Cost:
    """Cost from the file to the document."""
    from coaching.vision.pipeline import assess

    wall_0, cpu_0 = time.perf_counter(), time.process_time()
    _ = assess(clip, engines).document
    return Cost(time.perf_counter() - wall_0, time.process_time() - cpu_0)


def compare(clip: Path, rounds: int) -> float:
    """Print both costs and return the ratio of wall times; the best of the rounds of each, measured in turns."""
    from coaching.vision.pipeline import Engines

    engines = Engines.load()
    poses, wholes, count = [], [], 1
    whole(clip, engines)  # first calls load libraries lazily
    for _ in range(rounds):
        cost, count = pose_alone(clip, engines)
        poses.append(cost)
        wholes.append(whole(clip, engines))
    pose, total = min(poses), min(wholes)
    print(f"{clip.name}: {count} pictures, best of {rounds}")
    for name, cost in (("pose alone", pose), ("whole pipeline", total)):
        print(
            f"  {name:15} {1000 * cost.wall_s / count:6.2f} ms wall  {1000 * cost.cpu_s / count:6.2f} ms CPU a picture"
        )
    ratio = total.wall_s / pose.wall_s
    print(f"  ratio {ratio:.2f} wall, {total.cpu_s / pose.cpu_s:.2f} CPU (bar {MAX_RATIO})")
    return ratio


def worker_like(clip: Path) -> float:
    """Analyse the clip twice and write every output, as a worker does; return the peak resident size in MB."""
    from coaching.vision.pipeline import Engines, assess, render_overlay, save_poster

    engines = Engines.load()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for _ in range(2):
            assessment = assess(clip, engines)
            assessment.save_arrays(out / "arrays.npz")
            render_overlay(clip, assessment, out / "overlay.webm")
            save_poster(clip, assessment, out / "poster.jpg")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def memory(clip: Path) -> float:
    """`worker_like` in a process of its own, whose peak is nobody else's."""
    command = [sys.executable, "-m", "benchmarks.pipeline", "--clip", str(clip), "--worker"]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    peak = float(result.stdout)
    print(f"  peak resident size {peak:.0f} MB (bar {MAX_MB:.0f})")
    return peak


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.add_argument("--clip", type=Path, help="measure on this clip instead of a simulated one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="measure the peak resident size of a worker too")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    one_core()
    if args.worker:
        print(worker_like(args.clip))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        clip = args.clip or Path(folder) / "simulated_720p.mp4"
        if args.clip is None:
            render(clip)
        ok = compare(clip, args.rounds) <= MAX_RATIO
        if args.memory:
            ok &= memory(clip) <= MAX_MB
    return 0 if ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
