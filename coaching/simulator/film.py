"""A set as a film shows it: takes by several cameras, cut together, and frames that come unevenly or not at all.

Works on landmark tracks; the truth of the film is cut with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.timeline import RepTimes
from coaching.simulator.track import truth_track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.simulator.camera import Camera
    from coaching.simulator.lift import Lift
    from coaching.vision.types import Track

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Take:
    """What one camera filmed of a set, from start_s until stop_s of the set's own time."""

    camera: Camera
    start_s: float = 0.0
    stop_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Film:
    """Landmarks in the film's time, and the repetitions whose pull from lift-off to lockout is in it.

    reps: as Lift.reps, in the film's time; the end is that of the film where it stops earlier. cuts_s: where one take
    follows another.
    """

    track: Track
    reps: tuple[RepTimes, ...]
    cuts_s: tuple[float, ...]


def film(
    lift: Lift,
    takes: Sequence[Take],
    *,
    noise_px: float = 2.5,
    seed: int = 0,
    plate_radius_m: float = 0.07,
    dropout: float = 0.0,
    turned: float = 0.0,
) -> Film:
    """Join the takes in their order. Pictures are those of the first camera's size; options as in truth_track.

    Raises ValueError when a take shows nothing of the set.
    """
    tracks: list[Track] = []
    shown: list[tuple[float, float, float]] = []
    begin = 0.0
    for number, take in enumerate(takes):
        whole = truth_track(
            lift,
            take.camera,
            noise_px=noise_px,
            seed=seed + 1000 * number,
            plate_radius_m=plate_radius_m,
            dropout=dropout,
            turned=turned,
        )
        part = whole.frames((whole.time_s >= take.start_s) & (whole.time_s < take.stop_s))
        if not part.time_s.size:
            raise ValueError(f"take {number + 1} shows nothing of the set")
        first, last = float(part.time_s[0]), float(part.time_s[-1])
        shown.append((first, last, begin - first))
        tracks.append(replace(part, time_s=part.time_s - first + begin))
        begin += last - first + 1.0 / take.camera.fps
    joined = replace(
        tracks[0],
        time_s=np.concatenate([t.time_s for t in tracks]),
        image=np.concatenate([t.image for t in tracks]),
        world=np.concatenate([t.world for t in tracks]),
        detected=np.concatenate([t.detected for t in tracks]),
    )
    return Film(joined, _reps(lift, shown), tuple(float(t.time_s[0]) for t in tracks[1:]))


def _reps(lift: Lift, shown: Sequence[tuple[float, float, float]]) -> tuple[RepTimes, ...]:
    """Repetitions of which lift-off and lockout are shown. shown: (first, last, shift to the film's time) s."""
    stop = shown[-1][1] + shown[-1][2]
    found = []
    for rep, tempo in zip(lift.reps, lift.tempo, strict=True):
        locked = rep.start_s + tempo.concentric_s
        start, top = (next((t + shift for a, b, shift in shown if a <= t <= b), None) for t in (rep.start_s, locked))
        if start is None or top is None:
            continue
        lockout = min(top + rep.lockout_s - locked, stop)
        found.append(RepTimes(start, lockout, min(top + rep.end_s - locked, stop)))
    return tuple(found)


def unevenly(track: Track, rate_hz: float, *, jitter: float = 0.3, dropped: float = 0.0, seed: int = 0) -> Track:
    """The frames of a dense track that a camera of variable rate would have kept.

    rate_hz: its mean rate, at most half of the track's. jitter: SD of the interval as a share of it. dropped: share of
    frames that the phone left out, one or a few in a row.
    """
    rng = np.random.default_rng([seed, 29])
    span = float(track.time_s[-1] - track.time_s[0])
    count = int(span * rate_hz * 1.5) + 2
    steps = np.clip(1.0 + jitter * rng.normal(0.0, 1.0, count), 0.25, 3.0) / rate_hz
    times = track.time_s[0] + np.concatenate(([0.0], np.cumsum(steps)))
    index = np.unique(np.searchsorted(track.time_s, times[times <= track.time_s[-1]]))
    keep = np.zeros(track.time_s.size, dtype=bool)
    keep[index] = True
    gone = index[_dropped(index.size, dropped, rng)]
    keep[gone] = False
    return replace(track.frames(keep), fps=rate_hz * (1.0 - dropped))


def _dropped(n: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Frames (n,) left out, in runs of one to four; the first and the last stay."""
    gone = np.zeros(n, dtype=bool)
    while gone[1:-1].mean() < share:
        start = int(rng.integers(1, n - 1))
        gone[start : start + int(rng.integers(1, 5))] = True
    gone[[0, -1]] = False
    return gone
