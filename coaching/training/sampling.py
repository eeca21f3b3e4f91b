"""Simulated sets drawn at random: who lifts, how, and from where it is filmed.

Person number i is the same on every machine, so a larger data set contains the smaller one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from coaching.simulator import Body, Camera, Clothing, Faults, Lift, LiftSpec, Scene, Tempo, simulate
from coaching.simulator.scene import HAIR, SHIRTS, SHOES, SKIN, TROUSERS, Background, Light
from coaching.training.films import FILMS_VERSION
from coaching.training.labels import UNDECIDED, observable_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coaching.training.dataset import Source
    from coaching.vision.types import View

# Raise when the sets drawn for a seed, or the simulator's answer to them, change.
SETS_VERSION = 2
SETS_PER_PERSON = 2
DECIDING_SHARE = 0.6
# Of skeletons; fitted to MediaPipe on rendered lifters (`python -m coaching.training noise`).
NOISE_PX = (1.6, 5.5)
TURNED_SETS, TURNED = 0.2, (0.05, 0.25)
# Films cost pose and descriptors for every picture, skeletons next to nothing.
REPS = {"film": 2, "truth": 3}
FILM_FPS = 20.0
STREAM = {"film": 1, "truth": 2}
EXCLUDE_EACH_OTHER = (
    {"narrow_stance", "wide_stance"},
    {"lean_left", "lean_right"},
    {"no_lockout", "hyperextension"},
    {"narrow_grip", "wide_grip"},
)
SimulatedView = Literal["front", "oblique", "side"]


@dataclass(frozen=True, slots=True)
class SimulatedSet:
    """One set of one simulated person: everything needed to make it again."""

    subject: str
    name: str
    view: View
    spec: LiftSpec
    camera: Camera
    scene: Scene
    seed: int
    noise_px: float
    turned: float

    @property
    def lift(self) -> Lift:
        return simulate(self.spec, seed=self.seed)

    @property
    def key(self) -> str:
        """Fingerprint of the set and of the versions that its picture depends on."""
        parts = {"spec": _spec_parts(self.spec), "camera": asdict(self.camera), "scene": asdict(self.scene)}
        text = json.dumps([parts, self.seed, SETS_VERSION, FILMS_VERSION], sort_keys=True)
        return f"sim-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _spec_parts(spec: LiftSpec) -> dict[str, object]:
    """The specification without the options that came later and are not used, so that kept films stay valid."""
    later = {"before", "after", "failed", "failed_share", "hinge_depth"}
    usual = LiftSpec()
    return {k: v for k, v in asdict(spec).items() if k not in later or v != getattr(usual, k)}


def draw_sets(source: Source, people: int) -> Iterator[SimulatedSet]:
    """SETS_PER_PERSON sets of each of `people` persons, in one view a person, views in turn."""
    for number in range(people):
        random = np.random.default_rng([SETS_VERSION, STREAM[source], number])
        view: SimulatedView = get_args(SimulatedView)[number % 3]
        body, scene, camera = draw_body(random), _scene(random, number), _camera(random, view, film=source == "film")
        for turn in range(SETS_PER_PERSON):
            spec = _spec(random, body, view, reps=REPS[source])
            subject = f"{source}{number:04d}"
            seed = number * SETS_PER_PERSON + turn
            noise = float(random.uniform(*NOISE_PX))
            turned = _turned(np.random.default_rng([SETS_VERSION, STREAM[source], number, turn]))
            yield SimulatedSet(subject, f"{subject}-{turn}", view, spec, camera, scene, seed, noise, turned)


def _turned(random: np.random.Generator) -> float:
    """Share of a set's frames with left and right exchanged."""
    return float(random.uniform(*TURNED)) if random.random() < TURNED_SETS else 0.0


def draw_body(random: np.random.Generator) -> Body:
    return Body(
        stature_m=float(random.uniform(1.52, 1.95)),
        torso=float(np.clip(random.normal(1.0, 0.05), 0.88, 1.12)),
        leg=float(np.clip(random.normal(1.0, 0.04), 0.9, 1.1)),
        arm=float(np.clip(random.normal(1.0, 0.04), 0.9, 1.1)),
        girth=float(random.uniform(0.85, 1.25)),
        hair=str(random.choice(["short", "long", "bun"])),  # type: ignore[arg-type]
    )


def _scene(random: np.random.Generator, seed: int) -> Scene:
    clothing = Clothing(
        shirt=str(random.choice(sorted(SHIRTS))),
        trousers=str(random.choice(sorted(TROUSERS))),
        skin=str(random.choice(sorted(SKIN))),
        hair=str(random.choice(sorted(HAIR))),
        shoes=str(random.choice(sorted(SHOES))),
        shorts=bool(random.random() < 0.4),
        sleeves=bool(random.random() < 0.3),
    )
    return Scene(
        light=str(random.choice(get_args(Light))),  # type: ignore[arg-type]
        brightness=float(random.uniform(0.8, 1.15)),
        clothing=clothing,
        background=str(random.choice(get_args(Background))),  # type: ignore[arg-type]
        plate_radius_m=float(random.choice([0.12, 0.16, 0.225], p=[0.5, 0.3, 0.2])),
        noise=float(random.uniform(0.5, 5.0)),
        blur_px=float(random.uniform(0.3, 1.2)),
        seed=seed,
    )


def _camera(random: np.random.Generator, view: SimulatedView, *, film: bool) -> Camera:
    turned = {"front": (-15, 15), "oblique": (36, 56), "side": (78, 102)}[view]
    yaw = float(random.uniform(*turned))
    if view != "front" and random.random() < 0.5:
        yaw = -yaw
    return Camera(
        yaw_deg=yaw,
        height_m=float(random.uniform(0.7, 1.45)),
        distance_m=float(random.uniform(2.9, 5.0)),
        fps=FILM_FPS if film else float(random.choice([24.0, 30.0])),
        width=360 if film else 480,
        height=480 if film else 640,
        roll_deg=float(random.normal(0.0, 1.2)),
        aim_aside_m=float(random.normal(0.0, 0.1)),
        shake_px=float(random.choice([0.0, 0.6], p=[0.8, 0.2])),
    )


def _spec(random: np.random.Generator, body: Body, view: SimulatedView, *, reps: int) -> LiftSpec:
    faults = _faults(random, view)
    tempo = Tempo(
        concentric_s=float(random.uniform(0.9, 2.1)),
        top_s=float(random.uniform(0.4, 1.1)),
        eccentric_s=float(random.uniform(0.9, 2.0)),
        floor_s=float(random.uniform(0.3, 1.0)),
        variation=float(random.uniform(0.03, 0.1)),
    )
    # Faults of movement that come and go within a set teach the movement, not the body that carries them.
    some = tuple(sorted(random.choice(np.arange(1, reps + 1), reps - 1, replace=False).tolist()))
    return LiftSpec(
        reps=reps,
        faults=Faults(**faults),
        body=body,
        tempo=tempo,
        stand_before_s=float(random.uniform(0.3, 0.8)),
        bend_s=float(random.uniform(0.8, 1.3)),
        setup_s=float(random.uniform(0.4, 1.0)),
        stand_after_s=float(random.uniform(0.2, 0.6)),
        fault_reps=some if random.random() < 0.4 else None,
        weak_side=str(random.choice(["left", "right"])),  # type: ignore[arg-type]
    )


def _faults(random: np.random.Generator, view: SimulatedView) -> dict[str, float]:
    """About as many faultless repetitions as faulty ones; the faultless have everybody's small departures."""
    visible = sorted(observable_faults(view))
    deciding = sorted(set(visible) - UNDECIDED)
    degrees: dict[str, float] = {}
    if random.random() < 0.62:
        # Most of the faulty have one that makes the repetition incorrect: they are what there is to learn.
        pool = deciding if random.random() < DECIDING_SHARE else visible
        for name in random.choice(pool, 2 if random.random() < 0.25 else 1, replace=False):
            degrees[str(name)] = float(random.uniform(0.5, 1.0))
    for name in random.choice(visible, 2, replace=False):
        degrees.setdefault(str(name), float(random.uniform(0.0, 0.12)))
    return _compatible(degrees)


def _compatible(degrees: dict[str, float]) -> dict[str, float]:
    kept_degrees = dict(degrees)
    for pair in EXCLUDE_EACH_OTHER:
        both = sorted((name for name in pair if name in kept_degrees), key=lambda name: kept_degrees[name])
        if len(both) == 2:
            del kept_degrees[both[0]]
    return kept_degrees
