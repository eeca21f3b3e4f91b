"""The body as lofted tubes: rings of vertices about the bones, quads between rings. All frames at once.

Shapes are fractions of stature; girth scales thickness. Nothing here comes from a scanned body or a third-party model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.linkage import unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coaching.simulator.joints import Joint
    from coaching.simulator.scene import Rgb

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Quads through time.

    corners (n, F, 4, 3) m, normals (n, F, 3), colours (F, 3) RGB 0..255, bias (F,) m towards the camera.
    """

    corners: Floats
    normals: Floats
    colours: Floats
    bias: Floats

    @staticmethod
    def joined(parts: Sequence[Mesh]) -> Mesh:
        return Mesh(
            np.concatenate([p.corners for p in parts], axis=1),
            np.concatenate([p.normals for p in parts], axis=1),
            np.concatenate([p.colours for p in parts]),
            np.concatenate([p.bias for p in parts]),
        )


def tube(
    centres: Floats, right: Floats, front: Floats, radii: Floats, colours: Floats, *, sides: int = 12, bias: float = 0.0
) -> Mesh:
    """Loft through rings: centres (n, R, 3), unit axes `right` and `front` (n, R, 3), radii (R, 2) m.

    colours (R - 1, 3) are those of the bands between rings. Ends are open: they are small or lie inside another part.
    """
    turn = np.linspace(0.0, 2 * np.pi, sides, endpoint=False)
    cos = np.cos(turn)[None, None, :, None]
    sin = np.sin(turn)[None, None, :, None]
    wide, deep = radii[None, :, None, :1], radii[None, :, None, 1:]
    points = centres[:, :, None] + wide * cos * right[:, :, None] + deep * sin * front[:, :, None]
    ring, after = points, np.roll(points, -1, axis=2)
    corners = np.stack((ring[:, :-1], after[:, :-1], after[:, 1:], ring[:, 1:]), axis=3)
    first = corners[..., 2, :] - corners[..., 0, :]
    second = corners[..., 3, :] - corners[..., 1, :]
    normals = np.cross(first, second)
    outward = corners.mean(axis=3) - (centres[:, :-1, None] + centres[:, 1:, None]) / 2
    normals *= np.sign(np.sum(normals * outward, axis=-1, keepdims=True) + 1e-12)
    normals = unit(normals)
    n, bands = corners.shape[:2]
    return Mesh(
        corners.reshape(n, bands * sides, 4, 3),
        normals.reshape(n, bands * sides, 3),
        np.repeat(colours, sides, axis=0).astype(float),
        np.full(bands * sides, bias),
    )


def bone(
    start: Floats,
    end: Floats,
    front: Floats,
    profile: Sequence[tuple[float, float, float]],
    colours: Sequence[Rgb],
    *,
    sides: int = 10,
    back: Sequence[float] | None = None,
    scale: float = 1.0,
) -> Mesh:
    """Tube along a bone (n, 3) -> (n, 3). profile: (share of the way, radius across, radius fore and aft) of each ring.

    `back` shifts the rings backward; `scale` multiplies radii and shifts. front (n, 3) is the direction that the limb
    faces; it is made perpendicular to the bone.
    """
    along = unit(end - start)
    ahead = unit(front - np.sum(front * along, axis=-1, keepdims=True) * along)
    right = np.cross(along, ahead)
    share = np.array([p[0] for p in profile])[None, :, None]
    centres = start[:, None] + share * (end - start)[:, None]
    if back is not None:
        centres = centres - scale * np.array(back)[None, :, None] * ahead[:, None]
    rings = len(profile)
    spread = (len(start), rings, 3)
    return tube(
        centres,
        np.broadcast_to(right[:, None], spread),
        np.broadcast_to(ahead[:, None], spread),
        scale * np.array([p[1:] for p in profile]),
        np.array(colours, dtype=float),
        sides=sides,
    )


def ball(
    centre: Floats,
    axes: Floats,
    radii: tuple[float, float, float],
    colour: Rgb,
    *,
    rings: int = 6,
    sides: int = 10,
    bias: float = 0.0,
) -> Mesh:
    """Ellipsoid: centre (n, 3), axes (n, 3, 3) rows right, up, front; radii along them in m."""
    polar = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)
    centres = centre[:, None] + (np.sin(polar) * radii[1])[None, :, None] * axes[:, None, 1]
    shape = centres.shape
    size = np.maximum(np.cos(polar), 0.02)
    return tube(
        centres,
        np.broadcast_to(axes[:, None, 0], shape),
        np.broadcast_to(axes[:, None, 2], shape),
        np.stack((size * radii[0], size * radii[2]), axis=1),
        np.tile(np.array(colour, dtype=float), (rings, 1)),
        sides=sides,
        bias=bias,
    )


def patch(centre: Floats, right: Floats, up: Floats, half: tuple[float, float], colour: Rgb, *, bias: float) -> Mesh:
    """One flat quad: centre, unit right and up (n, 3), half sizes in m. Only its side along right x up is seen."""
    a, b = half[0] * right, half[1] * up
    corners = np.stack((centre - a - b, centre + a - b, centre + a + b, centre - a + b), axis=1)[:, None]
    return Mesh(corners, np.cross(right, up)[:, None], np.array([colour], dtype=float), np.array([bias]))


def frame_of(right: Floats, up: Floats) -> Floats:
    """Orthonormal axes (n, 3, 3), rows right, up, front, from a right direction and a rough up direction."""
    r = unit(right)
    u = unit(up - np.sum(up * r, axis=-1, keepdims=True) * r)
    return np.stack((r, u, np.cross(r, u)), axis=1)


def span(points: Floats, one: Joint, other: Joint) -> Floats:
    return np.asarray(points[:, other] - points[:, one])
