"""How wrong MediaPipe is on rendered lifters, landmark by landmark, beside what the noise model of skeletons does.

The films that `build` keeps are compared with the truth that they were drawn from. Lengths are in trunk lengths of the
film (mid-hip to mid-shoulder, upright). `python -m coaching.training noise` prints the table; the constants of
`coaching.simulator.track` are its first columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from coaching.simulator.clip import true_frames
from coaching.simulator.track import behind_plate, far_side, truth_track
from coaching.training.films import kept
from coaching.training.sampling import draw_sets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from coaching.simulator.clip import Truth
    from coaching.training.sampling import SimulatedSet
    from coaching.vision.types import Track

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

GROUPS: dict[str, tuple[int, ...]] = {
    "face": tuple(range(11)),
    "shoulder": (11, 12),
    "elbow": (13, 14),
    "wrist": (15, 16),
    "hand": tuple(range(17, 23)),
    "hip": (23, 24),
    "knee": (25, 26),
    "ankle": (27, 28),
    "heel": (29, 30),
    "toe": (31, 32),
}
LEAST_DETECTED = 0.7
LEAST_FRAMES = 8
FAR = 0.3
LAG_S = 0.2
SOME = 0.02
# Second differences of independent errors have 6 times their variance.
OF_SECOND_DIFFERENCES = np.sqrt(6.0)
LEFT, RIGHT = (11, 23, 25, 27), (12, 24, 26, 28)


@dataclass(frozen=True, slots=True)
class Errors:
    """One landmark of one film: trunk lengths; NaN where too few frames show it. below: clip mean downwards. aside:
    clip mean to the right. slow: SD about the clip's mean while in view. fast: robust SD from frame to frame.
    hidden: SD about the mean behind a plate. lasting: autocorrelation of the slow error after LAG_S.
    """

    group: str
    far: bool
    below: float
    aside: float
    slow: float
    fast: float
    hidden: float
    lasting: float
    visibility: float


def landmark_errors(track: Track, truth: Truth, plate_radius_m: float) -> Iterator[Errors]:
    """Errors of every landmark of a film; none where the lifter was lost too often."""
    upright = _trunk_px(truth.pixels)
    error = (np.asarray(track.image[..., :2], np.float64) - truth.pixels) / upright
    known = np.asarray(track.detected, bool) & np.isfinite(error).all(axis=(1, 2))
    if known.mean() < LEAST_DETECTED:
        return
    hidden = behind_plate(truth, plate_radius_m)[known]
    far = far_side(truth.camera, truth.depth_m)[known]
    lag = max(1, round(LAG_S / float(np.median(np.diff(track.time_s)))))
    for group, places in GROUPS.items():
        for place in places:
            one, out = error[known, place], hidden[:, place]
            middle = one[~out].mean(axis=0) if np.count_nonzero(~out) >= LEAST_FRAMES else np.full(2, np.nan)
            about = one - middle
            jumps = np.abs(np.diff(one, 2, axis=0)) / OF_SECOND_DIFFERENCES
            yield Errors(
                group=group,
                far=bool(far[:, place].mean() > FAR),
                below=float(middle[1]),
                aside=float(middle[0]),
                slow=_rms(about[~out]),
                fast=1.4826 * float(np.median(jumps)),
                hidden=_rms(about[out]),
                lasting=_lasting(about, ~out, lag),
                visibility=float(np.mean(track.image[known][:, place, 3])),
            )


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2))) if len(values) >= LEAST_FRAMES else float("nan")


def _lasting(about: Floats, seen: Mask, lag: int) -> float:
    both = seen[lag:] & seen[:-lag]
    if np.count_nonzero(both) < LEAST_FRAMES:
        return float("nan")
    late, early = about[lag:][both], about[:-lag][both]
    return float(np.sum(late * early) / np.sqrt(np.sum(late**2) * np.sum(early**2)))


def _trunk_px(pixels: Floats) -> float:
    trunk = (pixels[:, 11] + pixels[:, 12] - pixels[:, 23] - pixels[:, 24]) / 2.0
    return float(np.percentile(np.linalg.norm(trunk, axis=1), 90))


def flipped_share(track: Track, truth: Truth) -> float:
    """Share of frames in which shoulders and legs fit better with left and right exchanged."""
    seen = np.asarray(track.detected, bool)
    image = np.asarray(track.image[seen][..., :2], np.float64)
    own, other = (
        np.linalg.norm(image[:, first] - truth.pixels[seen][:, second], axis=2).sum(axis=1)
        for first, second in (((*LEFT, *RIGHT), (*LEFT, *RIGHT)), ((*LEFT, *RIGHT), (*RIGHT, *LEFT)))
    )
    return float(np.mean(other < own)) if len(own) else float("nan")


def noise_lines(cache: Path, people: int) -> Iterator[str]:
    """The table, engine and model by turns, then flips and lost frames. Raises FileNotFoundError without films."""
    engine: list[Errors] = []
    model: list[Errors] = []
    flips: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for drawn in draw_sets("film", people):
        track = kept(cache, drawn.key, _not_built).track
        truth = true_frames(drawn.lift, drawn.camera, np.asarray(track.time_s, np.float64))
        engine += landmark_errors(track, truth, drawn.scene.plate_radius_m)
        made, made_truth = _modelled(drawn)
        model += landmark_errors(made, made_truth, drawn.scene.plate_radius_m)
        for who, one, its_truth in (("MediaPipe", track, truth), ("model", made, made_truth)):
            shares = flipped_share(one, its_truth), 1.0 - float(np.mean(one.detected))
            flips.setdefault((drawn.view, who), []).append(shares)
    yield f"{'landmark':9} {'side':5} {'':9} below  spread slow   fast   hidden lasting visibility"
    for group in GROUPS:
        for far in (False, True):
            for who, errors in (("MediaPipe", engine), ("model", model)):
                rows = [one for one in errors if one.group == group and one.far == far]
                if rows:
                    yield f"{group:9} {'far' if far else 'near':5} {who:9} " + _cells(rows)
    for (view, who), found in flips.items():
        share = np.asarray(found)
        flipped, lost = share.mean(axis=0)
        many = np.mean(share[:, 0] > SOME)
        yield f"{view:8} {who:9} sides exchanged: {flipped:.1%} of frames, {many:.0%} of films; lost {lost:.1%}"


def _not_built() -> NoReturn:
    raise FileNotFoundError("no rendered films in the cache: run `python -m coaching.training build` first")


def _modelled(drawn: SimulatedSet) -> tuple[Track, Truth]:
    lift = drawn.lift
    radius = drawn.scene.plate_radius_m
    track = truth_track(
        lift, drawn.camera, noise_px=drawn.noise_px, seed=drawn.seed, plate_radius_m=radius, turned=drawn.turned
    )
    return track, true_frames(lift, drawn.camera, np.asarray(track.time_s, np.float64))


def _cells(rows: list[Errors]) -> str:
    def over(name: str) -> Floats:
        return np.asarray([getattr(one, name) for one in rows])

    # Robust: a film in which the engine lost the lifter is no offset.
    away = np.concatenate([over("below") - np.nanmedian(over("below")), over("aside")])
    spread = 1.4826 * float(np.nanmedian(np.abs(away)))
    middle = {name: float(np.nanmedian(over(name))) for name in ("below", "slow", "fast", "lasting", "visibility")}
    hidden = over("hidden")
    behind = f"{np.nanmedian(hidden):.3f} " if np.isfinite(hidden).any() else "-     "
    return (
        f"{middle['below']:+.3f} {spread:.3f}  {middle['slow']:.3f}  {middle['fast']:.4f} {behind} "
        f"{middle['lasting']:.2f}    {middle['visibility']:.2f}"
    )
