"""The outline of the back for simulated skeletons, which have no silhouette: as it was measured on rendered films.

A lifter's own bow and what each degree of rounding adds are drawn per set; the bow shows when the trunk is bent.
`python -m coaching.training outlines` renders lifters and prints the bows that the constants below were chosen by.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator import Body, Camera, Faults, LiftSpec, render_clip, simulate
from coaching.training.films import engines, film
from coaching.vision.back import STATIONS
from coaching.vision.coach import analyse

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coaching.simulator import Lift
    from coaching.training.dataset import Dataset
    from coaching.vision.pipeline import Engines
    from coaching.vision.types import Track, View

    Floats = NDArray[np.float64]

OWN_BOW, OWN_BOW_SD = -0.03, 0.025
UPRIGHT_BOW_SD = 0.03
FRAME_SD = 0.006
# Trunk lengths that a degree of 1 adds, lowest and highest.
GAIN = {"side": (0.10, 0.20), "oblique": (0.06, 0.12)}
DEPTH = 0.2
BENT_DEG = 45.0


def simulated_outline(track: Track, lift: Lift, view: View, random: np.random.Generator) -> NDArray[np.float32] | None:
    """(n, 2, 13) as `back.back_outline` would measure it; None from views that do not show the back's outline."""
    if view not in GAIN:
        return None
    own, upright = random.normal(OWN_BOW, OWN_BOW_SD), random.normal(0.0, UPRIGHT_BOW_SD)
    gain = random.uniform(*GAIN[view])
    bent = _bent(track)
    bow = bent * (own + gain * _degree(track, lift)) + (1.0 - bent) * upright
    bow = bow + FRAME_SD * random.normal(size=bow.shape)
    centre, half = (STATIONS[0] + STATIONS[-1]) / 2, (STATIONS[-1] - STATIONS[0]) / 2
    back = DEPTH + bow[:, None] * (1.0 - ((STATIONS - centre) / half) ** 2)
    outline = np.full((len(bow), 2, STATIONS.size), DEPTH)
    outline[:, 0 if _faces_right(track) else 1] = back
    outline[~np.asarray(track.detected, bool)] = np.nan
    return outline.astype(np.float32)


def measured_bows(bundle: Path, say: Callable[[str], None]) -> None:
    """Render lifters, watch them as an upload is watched, and print the bow in the first half of the pull."""
    bodies = (Body(), Body(stature_m=1.60, girth=1.15), Body(stature_m=1.92, girth=0.9))
    using = engines(bundle)
    for view, yaw_deg in (("side", 90.0), ("oblique", 45.0)):
        for degree in (0.0, 0.5, 1.0):
            bows = [_rendered_bow(body, degree, yaw_deg, using) for body in bodies]
            say(f"{view:8} degree {degree:.1f}  " + "  ".join("not seen" if b is None else f"{b:+.3f}" for b in bows))


def filmed_bows(dataset: Dataset, say: Callable[[str], None]) -> None:
    """Print the bows of the filmed people in a built data set, by their owners' word."""
    for label, word in ((1, "correct"), (0, "incorrect")):
        rows = [row for row in dataset.rows if row.source == "real" and row.label == label and row.back_bow is not None]
        bows = sorted(row.back_bow for row in rows if row.back_bow is not None)
        if bows:
            people = len({row.subject for row in rows})
            say(f"filmed, {word:9}  {bows[0]:+.3f} to {bows[-1]:+.3f}, {len(bows)} repetitions of {people} people")


def _rendered_bow(body: Body, degree: float, yaw_deg: float, using: Engines) -> float | None:
    lift = simulate(LiftSpec(reps=1, faults=Faults(rounded_upper_back=degree), body=body), seed=1)
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "lifter.mp4"
        render_clip(lift, Camera(yaw_deg=yaw_deg, width=480, height=640, fps=20), path=clip)
        report = analyse(film(clip, using).track)
    found = [one for rep in report.reps[:1] for one in rep.faults if one.name == "rounded_upper_back"]
    return found[0].value if found and found[0].unit == "trunk lengths" else None


def _bent(track: Track) -> Floats:
    """0 upright to 1 bent, (n,)."""
    image = np.asarray(track.image, np.float64)
    trunk = image[:, 11:13, :2].mean(axis=1) - image[:, 23:25, :2].mean(axis=1)
    angle = np.degrees(np.arctan2(np.abs(trunk[:, 0]), -trunk[:, 1]))
    return np.asarray(np.clip(np.nan_to_num(angle) / BENT_DEG, 0.0, 1.0))


def _degree(track: Track, lift: Lift) -> Floats:
    """Degree of rounding of the repetition that each frame belongs to, or is nearest to; (n,)."""
    middles = np.array([(rep.start_s + rep.end_s) / 2 for rep in lift.reps])
    degrees = np.array([lift.faults_of(number).rounded_upper_back for number in range(1, len(middles) + 1)])
    nearest = np.abs(np.asarray(track.time_s)[:, None] - middles).argmin(axis=1)
    return np.asarray(degrees[nearest])


def _faces_right(track: Track) -> bool:
    image = np.asarray(track.image, np.float64)
    feet = image[:, 31:33, 0].mean(axis=1) - image[:, 29:31, 0].mean(axis=1)
    return bool(np.nanmedian(feet) >= 0)
