"""From a lift to pictures, and from pictures to a video file with its truth beside it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from coaching.simulator.backdrop import draw_backdrop
from coaching.simulator.barbell import barbell
from coaching.simulator.joints import LANDMARK_NAMES
from coaching.simulator.lift import Lift, simulate, true_angles
from coaching.simulator.mannequin import dress
from coaching.simulator.mesh import Mesh
from coaching.simulator.painter import Painter
from coaching.simulator.scene import Clothing, Scene
from coaching.simulator.spec import LiftSpec
from coaching.simulator.writer import Encoding, write_video

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from coaching.simulator.camera import Camera

    Floats = NDArray[np.float64]
    Picture = NDArray[np.uint8]

CHUNK = 32  # frames whose meshes are computed together
MARGIN = 48  # px of backdrop beyond the picture, for cameras that shake


@dataclass(frozen=True, slots=True)
class Truth:
    """What is exactly true of a clip. All per-frame arrays have the frames of the file in their first axis.

    pixels (n, 33, 2): MediaPipe's points, x right, y down, by the lifter's own left and right, also in mirrored
    pictures. depth_m (n, 33): distance in front of the camera. joints (n, 33, 3) m as in Lift. angles as in Lift.
    """

    time_s: Floats
    pixels: Floats
    depth_m: Floats
    joints: Floats
    angles: dict[str, Floats]
    lift: Lift
    camera: Camera

    @property
    def reps(self) -> tuple[tuple[float, float, float], ...]:
        """(start_s, lockout_s, end_s)."""
        return tuple(tuple(rep) for rep in self.lift.reps)  # type: ignore[misc]

    def document(self) -> dict[str, Any]:
        """JSON with times in s, pixels, metres and degrees; schema in docs/simulator.md."""
        lift, spec = self.lift, self.lift.spec
        return {
            "schema": 1,
            "seed": lift.seed,
            "style": spec.style,
            "faults": spec.faults.present,
            "fault_reps": None if spec.fault_reps is None else list(spec.fault_reps),
            "stance_ratio": round(lift.stance_ratio, 4),
            "lean_deg": round(lift.lean_deg, 3),
            "reps": [
                {"start_s": round(r.start_s, 4), "lockout_s": round(r.lockout_s, 4), "end_s": round(r.end_s, 4),
                 "concentric_s": round(t.concentric_s, 4), "top_s": round(t.top_s, 4), "eccentric_s":
                 round(t.eccentric_s, 4), "faults": lift.faults_of(i).present}
                for i, (r, t) in enumerate(zip(lift.reps, lift.tempo, strict=True), start=1)
            ],
            "body": asdict(spec.body),
            "camera": asdict(self.camera),
            "landmarks": list(LANDMARK_NAMES),
            "time_s": np.round(self.time_s, 5).tolist(),
            "angles_deg": {name: np.round(values, 2).tolist() for name, values in self.angles.items()},
            "pixels": np.round(self.pixels, 1).tolist(),
            "joints_m": np.round(self.joints, 4).tolist(),
        }  # fmt: skip

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.document(), separators=(",", ":")), encoding="utf-8")


def frame_times(lift: Lift, camera: Camera, encoding: Encoding) -> Floats:
    """Presentation times (n,) s of the frames of a clip, irregular when the encoding says so."""
    count = max(1, int(np.floor(lift.duration_s * camera.fps)) + 1)
    times = np.arange(count) / camera.fps
    if encoding.variable_rate > 0:
        rng = np.random.default_rng([lift.seed, 11])
        step = np.clip(1.0 + encoding.variable_rate * rng.normal(0, 1, count), 0.25, 3.0) / camera.fps
        times = np.concatenate(([0.0], np.cumsum(step)[:-1]))
        times = times[times <= lift.duration_s]
    return times


def true_frames(lift: Lift, camera: Camera, time_s: Floats) -> Truth:
    """Truth at the given times, for this camera."""
    joints = lift.points(time_s)[:, :33]
    seen = camera.seen(joints)
    pixels = camera.picture(seen) + _shifts(camera, lift.seed, time_s)[:, None]
    return Truth(time_s, pixels, seen[..., 2], joints, true_angles(joints), lift, camera)


def render_frames(
    lift: Lift, camera: Camera, scene: Scene | None = None, time_s: Floats | None = None
) -> Iterator[Picture]:
    """Yield BGR pictures (height, width, 3) at the given times (default: the camera's rate through the whole lift)."""
    scene = scene or Scene()
    times = frame_times(lift, camera, Encoding()) if time_s is None else time_s
    moves = camera.shake_px > 0 or camera.pan_px_s != 0
    margin = MARGIN if moves else 0
    backdrop = draw_backdrop(camera, scene, margin)
    shifts = _shifts(camera, lift.seed, times)
    finish = _Finish(scene, camera)
    for first in range(0, len(times), CHUNK):
        chunk = times[first : first + CHUNK]
        painter = Painter(_meshes(lift, scene, chunk), camera, scene.light, scene.brightness)
        for i, time in enumerate(chunk):
            if any(start <= time < end for start, end in scene.black_s):
                yield np.zeros((camera.height, camera.width, 3), np.uint8)
                continue
            shift = shifts[first + i]
            canvas = _cut(backdrop, camera, margin, shift)
            painter.paint(i, canvas, (float(shift[0]), float(shift[1])))
            yield finish(canvas, first + i)


def render_clip(
    lift: Lift,
    camera: Camera,
    scene: Scene | None = None,
    path: Path | str | None = None,
    encoding: Encoding | None = None,
) -> Truth:
    """Render the lift and return its truth; with a path, write the video there and the truth beside it.

    The truth's file is `<stem>.truth.json`. Raises ValueError for an extension that is not .mp4 or .mov, OSError when
    the place is not writable.
    """
    encoding = encoding or Encoding()
    times = frame_times(lift, camera, encoding)
    truth = true_frames(lift, camera, times)
    if path is not None:
        target = Path(path)
        write_video(target, render_frames(lift, camera, scene, times), times, camera, encoding)
        truth.save(target.with_suffix(".truth.json"))
    return truth


def _meshes(lift: Lift, scene: Scene, times: Floats) -> Mesh:
    points = lift.points(times)
    parts = []
    if scene.bar:
        rest = lift.spec.bar_height_m
        wheels = scene.wheels and scene.plate_radius_m < rest - 0.01
        parts.append(barbell(points, scene.plate_radius_m, rest if wheels else 0.0))
    if scene.lifter:
        parts.append(dress(points, lift.spec.body, scene.clothing))
    if scene.second_person:
        parts.append(_bystander(lift, scene, times))
    if not parts:
        parts.append(Mesh(np.zeros((len(times), 0, 4, 3)), np.zeros((len(times), 0, 3)), np.zeros((0, 3)), np.zeros(0)))
    return Mesh.joined(parts)


def _bystander(lift: Lift, scene: Scene, times: Floats) -> Mesh:
    """Somebody who stands and waves now and then."""
    body = replace(lift.spec.body, stature_m=float(np.clip(lift.spec.body.stature_m * 0.96, 1.3, 2.2)))
    spec = LiftSpec(
        reps=0, body=body, stand_before_s=lift.duration_s / 2 + 1, wave_s=2.0, stand_after_s=lift.duration_s / 2 + 1
    )
    other = simulate(replace(spec, rate_hz=1.0), seed=lift.seed + 1)
    aside, ahead = scene.second_person_at_m
    points = other.points(times) + np.array([aside, 0.0, ahead])
    return dress(points, body, Clothing(shirt="red", trousers="grey", skin="tan", hair="black"))


def _shifts(camera: Camera, seed: int, times: Floats) -> Floats:
    """Movement (n, 2) px of the picture: tremble and pan."""
    shifts = np.zeros((len(times), 2))
    if camera.shake_px > 0:
        rng = np.random.default_rng([seed, 13])
        for axis in range(2):
            hz, phase = rng.uniform(0.4, 6.0, 6), rng.uniform(0, 2 * np.pi, 6)
            shifts[:, axis] = (
                camera.shake_px * np.sin(2 * np.pi * np.outer(times, hz) + phase).sum(axis=1) / np.sqrt(3.0)
            )
    shifts[:, 0] += camera.pan_px_s * times
    return shifts


def _cut(backdrop: Picture, camera: Camera, margin: int, shift: Floats) -> Picture:
    if margin == 0:
        return backdrop.copy()
    move = np.array([[1.0, 0.0, shift[0] - margin], [0.0, 1.0, shift[1] - margin]])
    size = (camera.width, camera.height)
    return np.asarray(cv2.warpAffine(backdrop, move, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


class _Finish:
    """Lens and sensor: blur, then noise from a small pool, so that a frame costs one addition."""

    POOL = 6

    def __init__(self, scene: Scene, camera: Camera) -> None:
        self._blur = scene.blur_px
        self._pool: list[NDArray[np.int16]] = []
        if scene.noise > 0:
            rng = np.random.default_rng([scene.seed, 17])
            shape = (camera.height + 16, camera.width + 16, 3)
            self._pool = [np.round(rng.normal(0, scene.noise, shape)).astype(np.int16) for _ in range(self.POOL)]
        self._size = (camera.height, camera.width)

    def __call__(self, canvas: Picture, index: int) -> Picture:
        if self._blur > 0:
            canvas = np.asarray(cv2.GaussianBlur(canvas, (0, 0), self._blur), np.uint8)
        if self._pool:
            y, x = (index * 7) % 16, (index * 5) % 16
            noise = self._pool[index % self.POOL][y : y + self._size[0], x : x + self._size[1]]
            canvas = np.asarray(cv2.add(canvas, noise, dtype=cv2.CV_8U), np.uint8)
        return canvas
