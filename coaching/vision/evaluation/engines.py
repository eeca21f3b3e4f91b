"""`python -m coaching.vision.evaluation.engines CLIPS [NAME...] --posenet-weights FILE`: PoseNet beside MediaPipe.

CLIPS is a folder with clips and their ground_truth.csv; NAMEs limit them, and may be beginnings of names. Both engines
see the same pictures, and the same coach judges both skeletons with the same thresholds. Skeletons are kept in the
cache; without them a run takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision import geometry as g
from coaching.vision import signal
from coaching.vision.evaluation.real import HARMLESS_NEGATIVES, TRUTH, judge_clip, people_of, read_truth
from coaching.vision.kinematics import body_of
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from coaching.vision.evaluation.real import ClipResult, ClipTruth
    from coaching.vision.settings_table import Settings
    from coaching.vision.types import Image, Pose, PoseEngine, Track


@dataclass(frozen=True, slots=True)
class Contender:
    """An engine, the file of its weights, and how to start it. crowd: finds people in one picture."""

    name: str
    engine: str
    weights: Path
    pose: Callable[[], PoseEngine]
    crowd: Callable[[Image], Sequence[Pose]]


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Of shoulders and hips: SD of their height above the filter's cut-off (4 Hz), in body heights, without jumps.

    jumps: the shoulders moved from one picture to the next as no body does. NaN where nobody was seen.
    """

    shoulder_bh: float
    hip_bh: float
    jumps: int


@dataclass(frozen=True, slots=True)
class Line:
    """One clip seen by one engine. detected: share of pictures with a person. cost_ms: median, on one core."""

    engine: str
    result: ClipResult
    detected: float
    steadiness: Steadiness
    cost_ms: float


def contenders(bundle: Path, weights: Path) -> list[Contender]:
    """MediaPipe and PoseNet. Raises ModelMissing."""
    from coaching.vision.bundle import build
    from coaching.vision.pose import ENGINE_NAME, MediaPipeCrowd, MediaPipePose
    from coaching.vision.posenet import POSENET_NAME, PoseNet, PoseNetCrowd

    if not bundle.is_file():
        build(bundle)
    return [
        Contender("mediapipe", ENGINE_NAME, bundle, lambda: MediaPipePose(bundle), MediaPipeCrowd(bundle).detect),
        Contender("posenet", POSENET_NAME, weights, lambda: PoseNet(weights), PoseNetCrowd(weights).detect),
    ]


def compare(truth: ClipTruth, folder: Path, contender: Contender, cache: Path) -> Line:
    """Judge one clip with one engine; its skeleton comes from `cache`, made where missing."""
    from coaching.vision.clip import probe
    from coaching.vision.tracks import cache_key, cached, follow, load_track, save_track

    clip = folder / truth.file
    kept = cache / contender.name / f"{clip.stem}.npz"
    key = cache_key(clip, contender.weights, contender.engine)
    if not cached(kept, key):
        kept.parent.mkdir(parents=True, exist_ok=True)
        track, rows, cost_ms = follow(probe(clip), contender.pose(), contender.crowd)
        save_track(kept, track, key=key, people=rows, cost_ms=cost_ms)
    with np.load(kept) as data:
        people, cost = people_of(data["people"]), float(np.median(data["cost_ms"]))
    track = load_track(kept)
    result = judge_clip(truth, track, people)
    return Line(contender.name, result, float(track.detected.mean()), steadiness(track, DEFAULT), cost)


def steadiness(track: Track, settings: Settings) -> Steadiness:
    """How calm shoulders and hips are, over all stretches without a jump."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        body = body_of(track, settings)
    pairs = {"shoulder": (g.LEFT_SHOULDER, g.RIGHT_SHOULDER), "hip": (g.LEFT_HIP, g.RIGHT_HIP)}
    squares: dict[str, list[float]] = {name: [] for name in pairs}
    frames: dict[str, list[int]] = {name: [] for name in pairs}
    for shot in body.shots:
        part = slice(shot.start, shot.stop)
        times = body.time_s[part]
        heights = {n: -g.midpoint(body.xy[part], *pair)[:, 1] / shot.height_px for n, pair in pairs.items()}
        _, rest = signal.to_grid(times, heights, signal.even_grid(times, settings.signal.rate_hz), settings.signal)
        for name, sd in rest.items():
            if math.isfinite(sd):
                squares[name].append(sd * sd)
                frames[name].append(times.size)
    shoulder, hip = (
        math.sqrt(np.average(squares[name], weights=frames[name])) if squares[name] else math.nan for name in pairs
    )
    bh = settings.shoulder_height_bh
    return Steadiness(shoulder * bh, hip * bh, max(len(body.shots) - 1, 0))


def line_text(line: Line) -> str:
    r, s = line.result, line.steadiness
    count = f"{'-' if r.refused else r.reps}/{r.truth.reps}"
    mark = "" if r.refused or r.exact else "  <-- differs"
    return (
        f"{r.truth.file.removesuffix('.mp4'):22} {line.engine:9} {r.truth.view or '-':8} {r.view:8} "
        f"{line.detected:5.0%} {_thousandths(s.shoulder_bh):>8} {_thousandths(s.hip_bh):>6} {s.jumps:5} "
        f"{count:>6} {line.cost_ms:5.0f}  {r.refused}{mark}"
    )


def _thousandths(value: float) -> str:
    return f"{1e3 * value:.1f}" if math.isfinite(value) else "-"


def summary(lines: Sequence[Line]) -> str:
    """One engine's lines in words: over all clips with a known count, and what it made of the others."""
    lifts = [line for line in lines if not line.result.truth.negative]
    judged = [line.result for line in lifts if line.result.judged]
    exact = sum(r.exact for r in judged)
    found, true = sum(r.reps for r in judged), sum(line.result.truth.reps for line in lifts)
    wrong = [
        line.result.truth.file
        for line in lines
        if line.result.wrongly_judged and line.result.truth.file not in HARMLESS_NEGATIVES
    ]
    shoulder, hip = (
        float(np.nanmedian([getattr(line.steadiness, name) for line in lifts])) for name in ("shoulder_bh", "hip_bh")
    )
    jumps = sum(line.steadiness.jumps for line in lifts)
    return (
        f"{lines[0].engine}: {len(lifts)} clips with a known count\n"
        f"  person in {np.mean([line.detected for line in lifts]):.0%} of the pictures (mean of the clips)\n"
        f"  jitter above 4 Hz, median clip: shoulder {_thousandths(shoulder)}, hip {_thousandths(hip)} "
        f"thousandths of the body height; {jumps} jumps\n"
        f"  refused {len(lifts) - len(judged)}; of {len(judged)} judged the count is exact in {exact}; "
        f"{found} counted of {true} repetitions\n"
        f"  no deadlift, yet given repetitions: {', '.join(wrong) or 'none'} (but cartoon and rows)\n"
        f"  {np.median([line.cost_ms for line in lines]):.0f} ms a picture on one core (median clip)\n"
    )


def main(argv: Sequence[str] | None = None) -> int:
    from coaching.vision.bundle import DEFAULT_BUNDLE
    from coaching.vision.errors import ModelMissing

    parser = argparse.ArgumentParser(prog="python -m coaching.vision.evaluation.engines", description=__doc__)
    parser.add_argument("clips", type=Path, help=f"folder with clips and their {TRUTH}")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only clips whose file name begins so")
    parser.add_argument("--posenet-weights", type=Path, required=True, metavar="FILE")
    parser.add_argument("--bundle", type=Path, default=DEFAULT_BUNDLE)
    parser.add_argument("--cache", type=Path, default=Path("var/cache/engines"), help="where skeletons are kept")
    args = parser.parse_args(argv)
    if not (args.clips / TRUTH).is_file():
        parser.error(f"{args.clips} has no {TRUTH}")
    clips = [t for t in read_truth(args.clips) if t.file.startswith(tuple(args.names or ("",)))]
    if not clips:
        parser.error(f"no clip of {args.clips / TRUTH} is named so")
    try:
        engines = contenders(args.bundle, args.posenet_weights)
    except ModelMissing as error:
        parser.error(error.detail)
    columns = f"{'person':>5} {'shoulder':>7} {'hip':>6} {'jumps':>5} {'reps':>6} {'ms':>5}  refused"
    sys.stdout.write(f"{'clip':22} {'engine':9} {'truth':8} {'seen as':8} {columns}\n")
    lines = []
    for truth in clips:
        for contender in engines:
            lines.append(compare(truth, args.clips, contender, args.cache))
            sys.stdout.write(f"{line_text(lines[-1])}\n")
            sys.stdout.flush()
    for contender in engines:
        sys.stdout.write(f"\n{summary([line for line in lines if line.engine == contender.name])}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
