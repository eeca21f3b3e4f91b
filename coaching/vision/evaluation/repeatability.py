"""`python -m coaching.vision.evaluation.repeatability CLIPS`: how alike the repetitions of a set are.

The finder tells hands that hold nothing by how much a way up differs from the others; what that means is the spread
from one lift to the next. CLIPS is a folder with clips and their ground_truth.csv, whose sets of three repetitions and
more are measured; simulated ones are shown at several levels of noise.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator import Camera, LiftSpec, simulate, truth_track
from coaching.vision import hands
from coaching.vision.evaluation.real import TRUTH, read_truth, track_of_clip
from coaching.vision.kinematics import body_of, curves_of
from coaching.vision.reps import find_rises, rep_times
from coaching.vision.settings_table import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.vision.types import Track

    Array = NDArray[np.float64]

COLUMNS = ("grip", "reach", "height", "elbow", "low hip")  # of a way up, with their places in it
PLACES = (0, 1, 2, 3, 11)
VIEWS = {"side": 90.0, "oblique": 45.0, "front": 0.0}
NOISE_PX = (1.0, 1.5, 2.0, 3.5)
NORMAL = 0.6745  # median absolute deviation of a normal distribution with SD 1


def spread(track: Track) -> tuple[Array, float]:
    """SD from one lift to the next of each measure of a way up, and the largest distance of a lift to its nearest.

    Robust, within one camera; NaN with fewer than three lifts.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        curves = curves_of(body_of(track, DEFAULT), DEFAULT)
        rises = hands.without_empty_hands(find_rises(body_of(track, DEFAULT), curves, DEFAULT), curves, DEFAULT)
        lifts = {i: rise for i, rise in enumerate(rises) if not rise.why_not}
        times = {i: rep_times(rise, curves, DEFAULT) for i, rise in lifts.items()}
        groups = hands.by_camera(list(lifts), times, curves, DEFAULT.hands)
        group = max(groups, key=len, default=[])
        if len(group) < 3:
            return np.full(13, np.nan), float("nan")
        ways = np.array([hands.way_up(lifts[i], times[i], curves) for i in group])
        inside = (curves.time_s >= times[group[0]].top_start_s) & (curves.time_s <= times[group[0]].top_end_s)
        sigma = hands.sigmas(float(np.nanmedian(curves.girdle[inside])), DEFAULT.hands)
    steps = np.abs(np.diff(ways, axis=0)) / np.sqrt(2.0)
    nearest = [
        min(hands.distance(way, other, sigma) for other in np.delete(ways, i, axis=0)) for i, way in enumerate(ways)
    ]
    return np.median(steps, axis=0) / NORMAL, max(nearest)


def simulated(yaw_deg: float, noise_px: float, sets: int) -> list[Track]:
    lifts = [simulate(LiftSpec(reps=5, stand_after_s=0.0), seed=seed) for seed in range(sets)]
    return [truth_track(lift, Camera(yaw_deg=yaw_deg), noise_px=noise_px, seed=lift.seed) for lift in lifts]


def line(name: str, tracks: Sequence[Track]) -> str:
    """Medians over the tracks; the distance is the largest."""
    found = [spread(track) for track in tracks]
    sds, far = np.nanmedian([sd for sd, _ in found], axis=0), max(distance for _, distance in found)
    columns = " ".join(f"{sds[place]:7.1f}" if name == "elbow" else f"{sds[place]:7.4f}"
                       for name, place in zip(COLUMNS, PLACES, strict=True))  # fmt: skip
    return f"{name:24} {columns} {far:8.1f}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m coaching.vision.evaluation.repeatability", description=__doc__)
    parser.add_argument("clips", type=Path, help=f"folder with clips and their {TRUTH}")
    parser.add_argument("--cache", type=Path, default=Path("var/cache/tracks"), help="where skeletons are kept")
    parser.add_argument("--sets", type=int, default=12, help="simulated sets a view and level of noise")
    args = parser.parse_args(argv)
    if not (args.clips / TRUTH).is_file():
        parser.error(f"{args.clips} has no {TRUTH}")
    sys.stdout.write(f"{'SD from lift to lift':24} {' '.join(f'{name:>7}' for name in COLUMNS)} farthest\n")
    for truth in read_truth(args.clips):
        if truth.reps >= 3 and not truth.negative:
            sys.stdout.write(
                line(truth.file.removesuffix(".mp4"), [track_of_clip(args.clips / truth.file, args.cache)[0]]) + "\n"
            )
    for view, yaw_deg in VIEWS.items():
        for noise_px in NOISE_PX:
            tracks = simulated(yaw_deg, noise_px, args.sets)
            sys.stdout.write(line(f"simulated {view}, {noise_px} px", tracks) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
