"""The barbell as a mesh: bar, sleeves, plates. Metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coaching.simulator.joints import Joint
from coaching.simulator.linkage import unit
from coaching.simulator.mesh import Mesh, frame_of, span, tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.scene import Rgb

    Floats = NDArray[np.float64]

STEEL: Rgb = (150, 152, 156)
RUBBER: Rgb = (46, 46, 50)
PLATE_AT_M = 0.695  # middle of the plate from the middle of the bar


def barbell(points: Floats, plate_radius_m: float, wheel_radius_m: float) -> Mesh:
    """Bar of 1.84 m with a plate and an open wheel on each side; a radius of 0 leaves them out."""
    middle = points[:, Joint.BAR]
    along = unit(span(points, Joint.BAR, Joint.BAR_LEFT))
    up = np.broadcast_to(np.array([0.0, 1.0, 0.0]), along.shape)
    axes = frame_of(along, up)
    parts = [
        _rod(middle, axes, np.linspace(-0.66, 0.66, 34), 0.015, STEEL),
        _rod(middle, axes, np.linspace(0.65, 0.92, 4), 0.02, STEEL),
        _rod(middle, axes, np.linspace(-0.92, -0.65, 4), 0.02, STEEL),
    ]
    for side in (-1.0, 1.0):
        if plate_radius_m > 0:
            parts.append(_plate(middle, axes, side * PLATE_AT_M - 0.025, plate_radius_m))
        if wheel_radius_m > 0:
            parts.append(_wheel(middle, axes, side * (PLATE_AT_M + 0.035), wheel_radius_m))
    return Mesh.joined(parts)


def _rod(middle: Floats, axes: Floats, at: Floats, radius: float, colour: Rgb) -> Mesh:
    centres = middle[:, None] + at[None, :, None] * axes[:, None, 0]
    spread = centres.shape
    return tube(
        centres,
        np.broadcast_to(axes[:, None, 1], spread),
        np.broadcast_to(axes[:, None, 2], spread),
        np.full((len(at), 2), radius),
        np.tile(np.array(colour, dtype=float), (len(at) - 1, 1)),
        sides=5,
    )


def _plate(middle: Floats, axes: Floats, at: float, radius: float) -> Mesh:
    """A disc 5 cm thick: rim and both faces as rings of quads."""
    steps = np.array([at, at, at, at + 0.05, at + 0.05, at + 0.05])
    radii = np.array([0.02, radius * 0.35, radius, radius, radius * 0.35, 0.02])
    centres = middle[:, None] + steps[None, :, None] * axes[:, None, 0]
    spread = centres.shape
    face, hub = np.array(RUBBER, dtype=float), np.array((96, 98, 104), dtype=float)
    mesh = tube(
        centres,
        np.broadcast_to(axes[:, None, 1], spread),
        np.broadcast_to(axes[:, None, 2], spread),
        np.stack((radii, radii), axis=1),
        np.stack((hub, face, face, face, hub)),
        sides=24,
    )
    # The faces of a disc point along the bar, not away from its axis as the sides of a tube do.
    outward = np.repeat([-1.0, -1.0, 0.0, 1.0, 1.0], 24)[None, :, None] * axes[:, None, 0]
    flat = np.repeat([True, True, False, True, True], 24)[None, :, None]
    return Mesh(mesh.corners, np.where(flat, outward, mesh.normals), mesh.colours, mesh.bias)


def _wheel(middle: Floats, axes: Floats, at: float, radius: float) -> Mesh:
    """A thin open wheel that carries the bar at its height where the plates are too small for it. Spokes would
    hide the ankle.
    """
    turn = np.linspace(0.0, 2 * np.pi, 29)
    hub = middle[:, None] + at * axes[:, None, 0]
    rim = np.cos(turn)[None, :, None] * axes[:, None, 1] + np.sin(turn)[None, :, None] * axes[:, None, 2]
    outer = radius - 0.006
    return _strip(hub + rim[:, :-1] * outer, hub + rim[:, 1:] * outer, axes, 0.006)


def _strip(start: Floats, end: Floats, axes: Floats, half: float) -> Mesh:
    """Flat strips (n, k, 3) -> (n, k, 3) across the bar, visible from both sides."""
    aside = np.cross(unit(end - start), axes[:, None, 0]) * half
    corners = np.stack((start - aside, end - aside, end + aside, start + aside), axis=2)
    both = np.concatenate((corners, corners), axis=1)
    along = np.broadcast_to(axes[:, None, 0], start.shape)
    count = both.shape[1]
    return Mesh(
        both,
        np.concatenate((along, -along), axis=1),
        np.tile(np.array(STEEL, dtype=float), (count, 1)),
        np.zeros(count),
    )
