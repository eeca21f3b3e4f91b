"""A second look at a film for the plate: only where its diameter was told, and only at the pictures of the pulls."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from coaching.vision.bar import height_px
from coaching.vision.clip import frames
from coaching.vision.plate import PlateFollower, PlatePath, Pull, Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from coaching.vision.clip import Limits
    from coaching.vision.types import ClipInfo, FormReport, Frame, Rep, Track
    from coaching.vision.velocity import Measures

STATURES_M = (1.50, 2.00)
"""Of a lifter who did not tell theirs."""
STATURE_SHARE = 0.06
FARTHEST, NEAREST = 0.85, 1.60
"""How much smaller and larger a plate looks at the far and the near end of the bar, the camera three metres away (0.80,
1.30), and by how much a body half hidden by it is measured too short (a tenth).
"""
_AROUND_S = 0.3
REPORT_EVERY = 15


def plate_of_film(
    info: ClipInfo,
    limits: Limits,
    track: Track,
    report: FormReport,
    measures: Measures,
    *,
    on_progress: Callable[[float], None] | None = None,
) -> PlatePath | None:
    """The plate's size and way through the pulls of a judged film; None where it could not be found, and where no
    diameter was told: then nothing is decoded. `on_progress` hears shares of the film, and may raise.
    """
    if measures.plate_m is None or not report.reps:
        return None

    def told(pictures: Iterable[Frame]) -> Iterator[Frame]:
        for frame in pictures:
            if on_progress and frame.index % REPORT_EVERY == 0:
                on_progress(min(frame.time_s / info.duration_s, 1.0))
            yield frame

    source = frames(info, max_side=limits.analysis_side, target_fps=limits.analysis_fps)
    with closing(source) as pictures:
        return plate_of(told(pictures), track, report, measures)


def plate_of(pictures: Iterable[Frame], track: Track, report: FormReport, measures: Measures) -> PlatePath | None:
    """The same with pictures from anywhere, in the order and of the size that the track was made from."""
    follower = follower_for(track, report, measures)
    if follower is None:
        return None
    for frame in pictures:
        if follower.wants(frame.time_s):
            follower.push(frame)
    return follower.path()


def follower_for(track: Track, report: FormReport, measures: Measures) -> PlateFollower | None:
    """What to show the pictures to; None where no diameter was told, or nobody was seen upright."""
    search = search_for(track, report, measures)
    pulls = [pull for rep in report.reps if (pull := _pull(track, rep)) is not None]
    return PlateFollower(search, pulls) if search is not None and pulls else None


def search_for(track: Track, report: FormReport, measures: Measures) -> Search | None:
    """How large the plate must look; None without a diameter, or where nobody was seen upright."""
    height = height_px(track, report.reps)
    yaw = report.view.yaw_deg
    if height is None or measures.plate_m is None or not np.isfinite(yaw):
        return None
    known = measures.stature_m
    statures = STATURES_M if known is None else (known * (1.0 - STATURE_SHARE), known * (1.0 + STATURE_SHARE))
    metre = height / (sum(statures) / 2.0)
    low, high = height / statures[1] * measures.plate_m * FARTHEST, height / statures[0] * measures.plate_m * NEAREST
    return Search(yaw, metre, low, high)


def _pull(track: Track, rep: Rep) -> Pull | None:
    """With the hands where they are round lift-off; None where they are not seen."""
    near = (np.abs(track.time_s - rep.start_s) < _AROUND_S) & track.detected
    if not near.any():
        return None
    x, y = np.median(track.image[near][:, [15, 16], :2].mean(axis=1), axis=0)
    return Pull(rep.start_s, max(rep.lockout_s, rep.start_s + (rep.concentric_s or 0.0)), (float(x), float(y)))
