"""How far speeds and tempo are from the simulator's truth, with the plate and without.

`python -m benchmarks.speed` films simulated lifters with 450 mm plates from the front, at 45 degrees and from the side,
and prints by view the errors of the mean concentric velocity: scaled by the stature, and by the plate in the pictures
(bars of the specification: 0.10 and 0.06 m/s RMSE). Landmarks are the simulator's with MediaPipe's errors, those
behind the plate too; with `--mediapipe` they come from MediaPipe on the whole film, as in a worker (14 s a lifter).
Tempo is compared on the simulator's landmarks. `--films DIR` adds what is found in real films, whose truth is unknown.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from coaching.simulator import Camera, Lift, Scene
    from coaching.simulator.scene import Background
    from coaching.vision.plate import PlatePath
    from coaching.vision.types import FormReport, Track
    from coaching.vision.velocity import Measures, SetSpeed

PLATE_M = 0.45
VIEWS = {"front": 0.0, "oblique": 45.0, "side": 90.0}
BARS = {"height": 0.10, "plate": 0.06}
PLACES: tuple[Background, ...] = ("gym", "garden", "home", "plain")


class Error(NamedTuple):
    """Of one repetition: measured minus true, m/s, the SD that was stated, and the truth."""

    off: float
    sigma: float
    true: float


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.split("\n\n")[0])
    parser.add_argument("--lifters", type=int, default=6, help="for each view (default 6)")
    parser.add_argument("--sets", type=int, default=30, help="for the tempo (default 30)")
    parser.add_argument("--mediapipe", action="store_true", help="landmarks from MediaPipe")
    parser.add_argument("--films", type=Path, help="folder with real films")
    args = parser.parse_args(argv)
    write("mean concentric velocity, m/s, against the simulated bar; 450 mm plates")
    write(f"{'view':8} {'scale':7} {'reps':>5} {'RMSE':>6} {'bar':>5} {'bias':>7} {'relative':>9} {'within 2 SD':>12}")
    for view, yaw_deg in VIEWS.items():
        for scale, errors in speeds(yaw_deg, args.lifters, mediapipe=args.mediapipe).items():
            write(row(view, scale, errors))
    write("\ntempo, seconds, against the timeline; landmarks with MediaPipe's errors")
    write(f"{'part':11} {'reps':>5} {'RMSE':>6} {'bias':>7} {'90 % within':>12}")
    for part, offs in tempos(args.sets).items():
        rms, near = math.sqrt(float(np.mean(offs**2))), float(np.percentile(np.abs(offs), 90))
        write(f"{part:11} {offs.size:5d} {rms:6.2f} {float(offs.mean()):+7.2f} {near:12.2f}")
    if args.films:
        write("\nreal films, plate taken for 450 mm, stature not told")
        for line in real(args.films):
            write(line)
    return 0


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def row(view: str, scale: str, errors: Sequence[Error]) -> str:
    if not errors:
        return f"{view:8} {scale:7} {0:5d}"
    off, sigma, true = (np.array(column) for column in zip(*errors, strict=True))
    rms, share = math.sqrt(float(np.mean(off**2))), math.sqrt(float(np.mean((off / true) ** 2)))
    within = float(np.mean(np.abs(off) <= 2.0 * sigma))
    numbers = f"{rms:6.3f} {BARS[scale]:5.2f} {float(off.mean()):+7.3f} {share:9.1%} {within:12.0%}"
    return f"{view:8} {scale:7} {len(errors):5d} {numbers}"


def speeds(yaw_deg: float, lifters: int, *, mediapipe: bool) -> dict[str, list[Error]]:
    """Errors by scale, over films that were judged."""
    from coaching.simulator import Body, Camera, LiftSpec, Scene, Tempo, simulate
    from coaching.vision.coach import analyse
    from coaching.vision.velocity import Measures, set_speed

    found: dict[str, list[Error]] = {"height": [], "plate": []}
    for number in range(lifters):
        rng = np.random.default_rng([number, round(yaw_deg)])
        body = Body(stature_m=float(rng.uniform(1.58, 1.92)), arm=float(rng.normal(1.0, 0.02)))
        tempo = Tempo(concentric_s=float(rng.uniform(0.9, 2.4)))
        lift = simulate(LiftSpec(reps=2, body=body, tempo=tempo), seed=number)
        camera = Camera(
            yaw_deg=yaw_deg + float(rng.uniform(-8.0, 8.0)),
            distance_m=float(rng.uniform(3.2, 4.2)),
            height_m=float(rng.uniform(0.7, 1.4)),
        )
        scene = Scene(background=PLACES[number % len(PLACES)], plate_radius_m=PLATE_M / 2, seed=number)
        measures = Measures(body.stature_m, PLATE_M)
        watch = by_mediapipe if mediapipe else by_landmarks
        track, plate = watch(lift, camera, scene, measures)
        report = analyse(track)
        by_height = set_speed(track, report, Measures(body.stature_m))
        by_plate = set_speed(track, report, Measures(None, PLATE_M), plate)
        found["height"] += errors_of(by_height, report, lift)
        found["plate"] += errors_of(by_plate, report, lift) if by_plate.scale == "plate" else []
    return found


def by_landmarks(lift: Lift, camera: Camera, scene: Scene, measures: Measures) -> tuple[Track, PlatePath | None]:
    """The simulator's landmarks, and pictures of the pulls alone."""
    from coaching.simulator import render_frames, truth_track
    from coaching.vision.coach import analyse
    from coaching.vision.plate_pass import follower_for
    from coaching.vision.types import Frame

    track = truth_track(lift, camera, seed=lift.seed, plate_radius_m=scene.plate_radius_m)
    follower = follower_for(track, analyse(track), measures)
    if follower is None:
        return track, None
    wanted = [i for i, time_s in enumerate(track.time_s) if follower.wants(float(time_s))]
    times = np.asarray(track.time_s, np.float64)[wanted]
    for i, time_s, bgr in zip(wanted, times, render_frames(lift, camera, scene, times), strict=True):
        follower.push(Frame(i, float(time_s), bgr))
    return track, follower.path()


def by_mediapipe(lift: Lift, camera: Camera, scene: Scene, measures: Measures) -> tuple[Track, PlatePath | None]:
    """A film, watched as a worker watches it."""
    from coaching.simulator import render_clip
    from coaching.vision.bundle import DEFAULT_BUNDLE
    from coaching.vision.clip import Limits, probe
    from coaching.vision.coach import analyse
    from coaching.vision.plate_pass import plate_of_film
    from coaching.vision.tracks import extract

    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        render_clip(lift, camera, scene, clip)
        info = probe(clip)
        track, _people = extract(info, DEFAULT_BUNDLE)
        return track, plate_of_film(info, Limits(), track, analyse(track), measures)


def errors_of(speed: SetSpeed, report: FormReport, lift: Lift) -> list[Error]:
    """Of the repetitions that are one of the simulated ones."""
    from coaching.simulator.truth_speed import true_mean_velocity

    out = []
    for one in speed.reps:
        rep = next(rep for rep in report.reps if rep.index == one.number)
        near = [n for n, true in enumerate(lift.reps, start=1) if true.start_s < rep.lockout_s < true.end_s]
        if near:
            true_speed = true_mean_velocity(lift, near[0])
            out.append(Error(one.shown - true_speed, one.shown_sigma, true_speed))
    return out


def tempos(sets: int) -> dict[str, NDArray[np.float64]]:
    """Measured minus true seconds by part, over sets in which every repetition was found."""
    from coaching.simulator import Camera, LiftSpec, Tempo, simulate, truth_track
    from coaching.vision.coach import analyse

    found: dict[str, list[float]] = {"eccentric_s": [], "floor_s": [], "concentric_s": [], "top_s": []}
    for number in range(sets):
        rng = np.random.default_rng([number, 7])
        spans = (float(rng.uniform(*span)) for span in ((0.8, 2.2), (0.4, 1.5), (0.8, 2.5), (0.4, 1.5)))
        lift = simulate(LiftSpec(reps=4, tempo=Tempo(*spans)), seed=number)
        yaw_deg = list(VIEWS.values())[number % len(VIEWS)]
        reps = analyse(truth_track(lift, Camera(yaw_deg=yaw_deg), seed=number)).reps
        if len(reps) != len(lift.reps):
            continue
        for i, (rep, tempo) in enumerate(zip(reps, lift.tempo, strict=True)):
            last = i + 1 == len(lift.reps)
            true = {
                "eccentric_s": tempo.eccentric_s,
                "floor_s": None if last else lift.reps[i + 1].start_s - lift.reps[i].end_s,
                "concentric_s": tempo.concentric_s,
                "top_s": tempo.top_s,
            }
            for part, seconds in true.items():
                measured = getattr(rep, part)
                if seconds is not None and measured is not None:
                    found[part].append(measured - seconds)
    return {part: np.array(offs) for part, offs in found.items()}


def real(folder: Path) -> Iterator[str]:
    from coaching.vision.bundle import DEFAULT_BUNDLE
    from coaching.vision.clip import Limits, probe
    from coaching.vision.coach import analyse
    from coaching.vision.errors import PipelineError
    from coaching.vision.plate_pass import plate_of_film
    from coaching.vision.tracks import extract
    from coaching.vision.velocity import Measures, set_speed

    for clip in sorted(path for path in folder.iterdir() if path.suffix in {".mp4", ".mov", ".webm"}):
        try:
            info = probe(clip)
            track, _people = extract(info, DEFAULT_BUNDLE)
        except PipelineError as error:
            yield f"{clip.name:28} {error.code}"
            continue
        report = analyse(track)
        if report.refused or not report.reps:
            yield f"{clip.name:28} {report.refused.code if report.refused else 'no repetition'}"
            continue
        started, measures = time.process_time(), Measures(None, PLATE_M)
        plate = plate_of_film(info, Limits(), track, report, measures)
        cost = time.process_time() - started
        speed = set_speed(track, report, measures, plate)
        seen = f"edge {plate.edge:.2f}, {plate.diameter_px:3.0f} px" if plate else "no plate"
        told = " ".join(f"{one.shown:.2f}±{one.shown_sigma:.2f}" for one in speed.reps)
        yield f"{clip.name:28} {report.view.label:8} {seen:20} {speed.scale:6} {speed.unit:5} {told} ({cost:.1f} s CPU)"


if __name__ == "__main__":
    raise SystemExit(main())
