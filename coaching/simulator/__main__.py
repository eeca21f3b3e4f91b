"""python -m coaching.simulator OUT.mp4 [--view front|oblique|side] [--reps N] [--fault NAME:DEGREE ...] [--seed N]"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from coaching.simulator.camera import Camera
from coaching.simulator.clip import render_clip
from coaching.simulator.faults import FAULT_NAMES, Faults, InvalidFault
from coaching.simulator.lift import simulate
from coaching.simulator.scene import Scene
from coaching.simulator.spec import ERRANDS, InvalidLift, LiftSpec
from coaching.simulator.writer import Encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

VIEWS = {"front": 0.0, "oblique": 45.0, "side": 90.0, "back": 180.0}


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        faults = Faults.of(**dict(_fault(text) for text in options.fault))
        spec = LiftSpec(
            reps=options.reps,
            style=options.style,
            faults=faults,
            approach_s=options.approach,
            before=tuple(options.before),
            after=tuple(options.after),
            failed=tuple(options.failed),
        )
    except (InvalidFault, InvalidLift, ValueError) as problem:
        print(f"simulator: {problem}", file=sys.stderr)
        return 2
    yaw = VIEWS[options.view] if options.yaw is None else options.yaw
    camera = Camera(yaw_deg=yaw, fps=options.fps, width=options.width, height=options.height)
    scene = Scene(plate_radius_m=options.plate_radius, background=options.background, seed=options.seed)
    out: Path = options.out
    out.parent.mkdir(parents=True, exist_ok=True)
    lift = simulate(spec, seed=options.seed)
    truth = render_clip(lift, camera, scene, out, Encoding())
    print(f"{out}: {len(truth.time_s)} frames, {len(lift.reps)} repetitions, faults {faults.present or 'none'}")
    print(out.with_suffix(".truth.json"))
    return 0


def _fault(text: str) -> tuple[str, float]:
    """`name:degree`, the degree 0.5 when left out. Raises InvalidFault."""
    name, _, degree = text.partition(":")
    try:
        return name, float(degree or 0.5)
    except ValueError:
        raise InvalidFault(f"{text}: the degree must be a number from 0 to 1") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m coaching.simulator", description="Film a simulated deadlift with known truth."
    )
    parser.add_argument("out", type=Path, help="video to write (.mp4); the truth goes to OUT.truth.json")
    parser.add_argument("--view", choices=VIEWS, default="front")
    parser.add_argument(
        "--yaw", type=float, help="camera yaw in degrees instead of --view; 90 is the lifter's left side"
    )
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--style", choices=("conventional", "sumo", "romanian"), default="conventional")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME:DEGREE", help=", ".join(FAULT_NAMES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--height", type=int, default=640)
    parser.add_argument("--approach", type=float, default=0.0, help="seconds of walking to the bar")
    parser.add_argument(
        "--before", action="append", default=[], choices=ERRANDS, help="without the bar, before the set"
    )
    parser.add_argument("--after", action="append", default=[], choices=ERRANDS, help="likewise after it")
    parser.add_argument("--failed", action="append", default=[], type=int, metavar="N", help="fail before repetition N")
    parser.add_argument("--background", choices=("gym", "plain", "garden", "dark", "home"), default="gym")
    parser.add_argument(
        "--plate-radius", type=float, default=0.07, help="metres; 0.225 hides the hip in a side view, 0 = no plates"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
