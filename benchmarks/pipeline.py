"""What the whole pipeline costs over pose alone, and how much memory a worker takes.

`python -m benchmarks.pipeline [--clip FILE]` prints the ratio of wall times (bar: at most 1.5) on one core, both
measured in the same run. On a machine that others use, compare the wall with the CPU: they should agree.

`--memory` adds the peak resident size of a process with all that a worker's child has loaded, which analyses a clip
twice and writes every output, annotated video included (bar: at most 900 MB); without `--clip` for the simulated clip
and for two minutes of it, and what each picture more has cost. `--only-memory` leaves the times out.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coaching.vision.pipeline import Engines
    from coaching.vision.types import PoseEngine

MAX_RATIO = 1.5
MAX_MB = 900.0
LONG_S = 120.0
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


def loop(clip: Path, path: Path, seconds: float) -> None:
    """Write the clip again and again, until it is `seconds` long; nothing is encoded anew."""
    import av

    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        if not stream.duration or not stream.time_base:
            raise SystemExit(f"{clip.name} does not say how long it is.")
        out, length = target.add_stream_from_template(stream), stream.duration
        for turn in range(round(seconds / float(length * stream.time_base))):
            source.seek(0)
            for packet in source.demux(stream):
                if packet.size and packet.pts is not None and packet.dts is not None:
                    packet.pts, packet.dts = packet.pts + turn * length, packet.dts + turn * length
                    packet.stream = out
                    target.mux(packet)


def pose_alone(clip: Path, make: Callable[[], PoseEngine]) -> tuple[Cost, int]:
    """Cost of the pose calls over the clip's pictures, which are decoded beforehand, and their number."""
    import cv2
    import numpy as np

    from coaching.vision.clip import frames, probe

    wall = cpu = 0.0
    count = 0
    with closing(make()) as pose, closing(frames(probe(clip))) as source:
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
    """Print the costs and return the ratio of wall times; the best of the rounds of each, measured in turns.

    Pose alone is the engine as the pipeline uses it, silhouette included; the ratio to its landmarks alone is a line of
    its own.
    """
    from coaching.vision.bundle import DEFAULT_BUNDLE
    from coaching.vision.pipeline import Engines
    from coaching.vision.pose import MediaPipePose

    engines = Engines.load()
    bare, poses, wholes, count = [], [], [], 1
    whole(clip, engines)  # first calls load libraries lazily
    for _ in range(rounds):
        bare.append(pose_alone(clip, lambda: MediaPipePose(DEFAULT_BUNDLE, silhouette=False))[0])
        cost, count = pose_alone(clip, engines.pose)
        poses.append(cost)
        wholes.append(whole(clip, engines))
    landmarks, pose, total = min(bare), min(poses), min(wholes)
    print(f"{clip.name}: {count} pictures, best of {rounds}")
    for name, cost in (("landmarks only", landmarks), ("pose alone", pose), ("whole pipeline", total)):
        print(
            f"  {name:15} {1000 * cost.wall_s / count:6.2f} ms wall  {1000 * cost.cpu_s / count:6.2f} ms CPU a picture"
        )
    ratio = total.wall_s / pose.wall_s
    rounds_cpu = [w.cpu_s / p.cpu_s for p, w in zip(poses, wholes, strict=True)]
    rounds_wall = [w.wall_s / p.wall_s for p, w in zip(poses, wholes, strict=True)]
    print(f"  ratio {ratio:.2f} wall, {min(w.cpu_s for w in wholes) / min(p.cpu_s for p in poses):.2f} CPU of the best")
    for name, values in (("wall", rounds_wall), ("CPU", rounds_cpu)):
        print(f"  ratio of the rounds, {name}: least {min(values):.2f}, median {statistics.median(values):.2f}")
    print(f"{_word(ratio <= MAX_RATIO)} whole pipeline over pose alone {ratio:.2f} (<= {MAX_RATIO})")
    strict = total.wall_s / landmarks.wall_s
    print(f"{_word(strict <= MAX_RATIO)} the same over landmarks without the silhouette {strict:.2f} (<= {MAX_RATIO})")
    return ratio


def _word(met: bool) -> str:
    return "met   " if met else "MISSED"


def worker_like(clip: Path) -> tuple[float, int]:
    """Do with the clip what a worker's child does, twice; return the peak resident size in MB and the pictures."""
    import django
    from celery import current_app

    import config.celery  # noqa: F401 - becomes the current application

    django.setup()
    current_app.loader.import_default_modules()

    from coaching.pipeline import engines
    from coaching.vision.pipeline import assess, render_overlay, save_poster

    count = 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for _ in range(2):
            assessment = assess(clip, engines())
            (out / "series.json").write_text(json.dumps([assessment.document, assessment.series_document]))
            assessment.save_arrays(out / "arrays.npz")
            save_poster(clip, assessment, out / "poster.jpg")
            render_overlay(clip, assessment, out / "overlay.webm")
            count = assessment.track.time_s.size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), count


def memory(clip: Path) -> tuple[float, int]:
    """`worker_like` in a process of its own, whose peak is nobody else's."""
    command = [sys.executable, "-m", "benchmarks.pipeline", "--clip", str(clip), "--worker"]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    peak_mb, count = result.stdout.split()[-2:]
    peak, pictures = float(peak_mb), int(count)
    print(
        f"{_word(peak <= MAX_MB)} peak resident size {peak:.0f} MB (<= {MAX_MB:.0f}), {clip.name}, {pictures} pictures"
    )
    return peak, pictures


def memory_by_length(clip: Path) -> float:
    """Print the peaks of the clip and of two minutes of it; return the larger one."""
    long = clip.with_name(f"{clip.stem}_{LONG_S:.0f}s{clip.suffix}")
    loop(clip, long, LONG_S)
    (peak, count), (peak_long, count_long) = memory(clip), memory(long)
    print(f"  {1024 * (peak_long - peak) / (count_long - count):.0f} kB for each picture more")
    return max(peak, peak_long)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.add_argument("--clip", type=Path, help="measure on this clip instead of a simulated one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="measure the peak resident size of a worker too")
    parser.add_argument("--only-memory", action="store_true", help="measure nothing else")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.worker:
        print(*worker_like(args.clip))
        return 0
    ok = True
    with tempfile.TemporaryDirectory() as folder:
        clip = args.clip or Path(folder) / "simulated_720p.mp4"
        if args.clip is None:
            render(clip)
        if args.memory or args.only_memory:
            ok &= (memory_by_length(clip) if args.clip is None else memory(clip)[0]) <= MAX_MB
        if not args.only_memory:
            one_core()
            ok &= compare(clip, args.rounds) <= MAX_RATIO
    return 0 if ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
