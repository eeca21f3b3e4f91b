"""Simulated examples: drawn sets seen as skeletons with a noise model, or as rendered films."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator import render_clip
from coaching.simulator.track import truth_track
from coaching.training.augment import Span
from coaching.training.dataset import Row
from coaching.training.examples import Sight, example_of
from coaching.training.films import Film, film, kept
from coaching.training.labels import fault_targets, label_of, measured_bow, measured_faults
from coaching.training.outlines import simulated_outline
from coaching.vision.coach import analyse
from coaching.vision.repetition_inputs import UnusableRepetition

if TYPE_CHECKING:
    from coaching.simulator import Lift
    from coaching.training.dataset import Example, Source
    from coaching.training.sampling import SimulatedSet
    from coaching.vision.pipeline import Engines
    from coaching.vision.types import PixelFeatures, Track

# The coach's lockout and the true one are of the same repetition when no further apart.
SAME_REP_S = 0.6
# Some sets stay without an outline: live, the coach has to do without.
OUTLINE_SHARE = 0.75
OUTLINE_STREAM = 7


def truth_examples(drawn: SimulatedSet, *, variants: int) -> list[Example]:
    """Examples of a set as skeletons with MediaPipe-like errors, no pixels."""
    lift = drawn.lift
    plate = drawn.scene.plate_radius_m
    track = truth_track(
        lift,
        drawn.camera,
        noise_px=drawn.noise_px,
        seed=drawn.seed,
        plate_radius_m=plate,
        turned=drawn.turned,
    )
    random = np.random.default_rng([drawn.seed, OUTLINE_STREAM])
    if random.random() < OUTLINE_SHARE:
        track = replace(track, outline=simulated_outline(track, lift, drawn.view, random))
    return _examples(drawn, lift, track, None, source="truth", variants=variants)


def film_examples(drawn: SimulatedSet, engines: Engines, cache: Path, *, variants: int) -> list[Example]:
    """Examples of a set as a rendered clip that went through the whole pipeline; the film is kept in `cache`."""
    lift = drawn.lift

    def render_and_film() -> Film:
        with tempfile.TemporaryDirectory() as folder:
            clip = Path(folder) / f"{drawn.name}.mp4"
            render_clip(lift, drawn.camera, drawn.scene, clip)
            return film(clip, engines)

    seen = kept(cache, drawn.key, render_and_film)
    return _examples(drawn, lift, seen.track, seen.pixels, source="film", variants=variants)


def _examples(
    drawn: SimulatedSet, lift: Lift, track: Track, pixels: PixelFeatures | None, *, source: Source, variants: int
) -> list[Example]:
    """Bounds and view are the coach's, as in service; the label is the truth's."""
    report = analyse(track)
    known_view = report.refused is None and report.view.label != "unknown"
    view = report.view.label if known_view else drawn.view
    found = []
    for number, truth in enumerate(lift.reps, start=1):
        degrees = lift.faults_of(number).as_dict()
        label = label_of(degrees, drawn.view)
        if label is None:
            continue
        near = [rep for rep in report.reps if abs(rep.lockout_s - truth.lockout_s) <= SAME_REP_S]
        span = Span(near[0].start_s, near[0].lockout_s, near[0].end_s) if near else Span(*truth)
        row = Row(
            key=f"{source}/{drawn.name}#{number}",
            source=source,
            subject=drawn.subject,
            clip=drawn.name,
            view=drawn.view,
            label=label,
            faults=tuple(fault_targets(degrees, drawn.view)),
            origin="simulator",
            measured=measured_faults(near[0].faults) if near else (),
            back_bow=measured_bow(near[0].faults) if near else None,
            accepted=bool(near),
            notes=", ".join(f"{name} {degree:.2f}" for name, degree in degrees.items() if degree >= 0.5),
        )
        random = np.random.default_rng([drawn.seed, number])
        try:
            found.append(example_of(row, Sight(track, pixels, span, view), variants, random))
        except UnusableRepetition:
            continue
    return found
