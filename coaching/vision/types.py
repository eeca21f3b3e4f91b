"""Values that travel between the stages of the vision pipeline.

Everything here is plain data: no Django, no OpenCV, no MediaPipe. Pixel coordinates have their origin at the top left
of the upright picture (rotation already applied), x to the right, y down. Times are seconds from the first frame's
timestamp.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from coaching.vision.personal import Personal

    FloatArray = NDArray[np.float32] | NDArray[np.float64]
    HalfArray = NDArray[np.float16]
    BoolArray = NDArray[np.bool_]
    Image = NDArray[np.uint8]

N_LANDMARKS = 33

View = Literal["front", "back", "oblique", "side", "unknown"]
Phase = Literal["up", "down"]
Verdict = Literal["correct", "incorrect"]
Stage = Literal["ingest", "probe", "pose", "features", "form", "classify", "overlay", "playable", "store"]


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What the container and its first frames say, after probing. Width and height are those of the upright picture.

    rotation_deg: clockwise turn that makes the stored picture upright, after mirroring it if `mirrored`. container and
    codec: FFmpeg's names, those of the demuxer and the decoder. pixel_format: FFmpeg's name, `yuv420p` for most.
    """

    path: Path
    sha256: str
    container: str
    codec: str
    fps: float
    width: int
    height: int
    rotation_deg: int
    duration_s: float
    frame_count: int = 0
    variable_rate: bool = False
    mirrored: bool = False
    pixel_format: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture: BGR uint8 (height, width, 3), upright, with its presentation time."""

    index: int
    time_s: float
    bgr: Image


@dataclass(frozen=True, slots=True)
class Pose:
    """One person in one frame.

    image: (33, 4) float32, x px, y px, z px (relative depth, MediaPipe convention), visibility 0..1.
    world: (33, 3) float32, metres, origin at mid-hip, MediaPipe axes (x right, y down, z away from the camera).
    outline: (2, 13) float32, see `back.back_outline`; None from an engine without a silhouette.
    """

    image: FloatArray
    world: FloatArray
    outline: FloatArray | None = None


class PoseEngine(Protocol):
    """Finds the skeleton of the lifter; any engine that fills 33 MediaPipe points (NaN where it has none) fits."""

    name: str

    def detect(self, rgb: Image, time_ms: int) -> Pose | None:
        """Return the pose in this frame, or None when nobody is found. Times must increase."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Track:
    """The skeleton through a whole clip: what the coach is fed.

    time_s (n,); image (n, 33, 4) and world (n, 33, 3) as in Pose, NaN in frames without a person; detected (n,).
    fps is the mean rate of the analysed frames, a float. outline (n, 2, 13): that of the back, see `back.back_outline`;
    None where no silhouette was seen in any frame.
    """

    time_s: FloatArray
    image: FloatArray
    world: FloatArray
    detected: BoolArray
    fps: float
    width: int
    height: int
    outline: FloatArray | None = None

    def frames(self, chosen: BoolArray) -> Track:
        """The same track with only the chosen (n,) frames."""
        return replace(
            self,
            time_s=self.time_s[chosen],
            image=self.image[chosen],
            world=self.world[chosen],
            detected=self.detected[chosen],
            outline=None if self.outline is None else self.outline[chosen],
        )


@dataclass(frozen=True, slots=True)
class PixelFeatures:
    """LHOG and LHOF of each frame of a Track (specification S4-S7).

    region (n, 4) float32: x0, y0, x1, y1 px of the motion region, NaN when none.
    lhog (n, 7, 7, 48), lhof (n, 7, 7, 50), joints (n, 13, 98): float16. valid (n,): the frame had a region.
    joint_mask (n, 13): the joint was visible.
    """

    region: FloatArray
    lhog: HalfArray
    lhof: HalfArray
    joints: HalfArray
    joint_mask: BoolArray
    valid: BoolArray


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was judged, and what to do about it. `code` is stable; `advice` is one kind, concrete sentence."""

    code: str
    advice: str


@dataclass(frozen=True, slots=True)
class ViewEstimate:
    label: View
    yaw_deg: float
    shoulder_ratio: float
    p: float


@dataclass(frozen=True, slots=True)
class Label:
    """A judged measure: winning class with its probability; `scores` holds all classes and sums to 1.

    observable is False when the view hides it: then label is None, score None and `reason` says why.
    """

    label: str | None
    score: float | None
    observable: bool
    scores: dict[str, float] = field(default_factory=dict)
    value: float | None = None
    sigma: float | None = None
    unit: str = ""
    advice: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one repetition. p is the probability that it is present; None when it can't be observed."""

    name: str
    p: float | None
    observable: bool
    value: float | None = None
    sigma: float | None = None
    unit: str = ""
    at_s: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition. start: lift-off; lockout: middle of the top; end: bar back on the floor, or end of the clip.

    concentric_s, top_s, eccentric_s, floor_s: its tempo, see `tempo`; None where the bar was not seen.
    """

    index: int
    start_s: float
    lockout_s: float
    end_s: float
    confidence: float
    faults: Sequence[Fault] = ()
    verdict: Verdict | None = None
    p_correct: float | None = None
    concentric_s: float | None = None
    top_s: float | None = None
    eccentric_s: float | None = None
    floor_s: float | None = None
    unjudged_reason: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A picture of a film. `session` is the key of another set's film; None: the film at hand."""

    rep: int
    at_s: float
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """One piece of feedback. `rep` is the index of the repetition it was seen in, `at_s` the frame that shows it.

    from_s, to_s: the part of that repetition around the frame. seen_in: the repetitions in which it is more likely
    there than not, of `judged_in` that show the measure. own: measured against the lifter's own best repetitions.
    better_at: the same moment of a repetition without it.
    """

    code: str
    text: str
    rep: int | None = None
    at_s: float | None = None
    p: float | None = None
    from_s: float | None = None
    to_s: float | None = None
    seen_in: tuple[int, ...] = ()
    judged_in: int = 0
    own: bool = False
    better_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Per-frame curves for the graph and the panel; all (n,) and aligned with Track.time_s. NaN where not measured.

    p_up: probability of the phase "up". rep_count: repetitions locked out so far. Angles in degrees; extension 0..1.
    """

    time_s: FloatArray
    extension: FloatArray
    p_up: FloatArray
    rep_count: NDArray[np.int64]
    hip_deg: FloatArray
    knee_deg: FloatArray
    trunk_deg: FloatArray
    stance_ratio: FloatArray
    lean_deg: FloatArray


@dataclass(frozen=True, slots=True)
class FormReport:
    """What the coach says about a whole set. `personal`: from the lifter's earlier sets, after the classifier."""

    view: ViewEstimate
    refused: Refusal | None
    stance: Label
    lean: Label
    reps: Sequence[Rep]
    series: Series
    cues: Sequence[Cue] = ()
    notices: Sequence[Refusal] = ()
    personal: Personal | None = None
