"""Draws meshes into pictures: shading, hidden quads dropped, the rest painted from far to near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coaching.simulator.camera import Camera
    from coaching.simulator.mesh import Mesh
    from coaching.simulator.scene import Light

    Floats = NDArray[np.float64]
    Picture = NDArray[np.uint8]

SUBPIXEL = 4  # bits: quads move smoothly, not from pixel to pixel

# Direction to the lamp in camera axes (right, down, away), share of ambient light, strength.
LIGHTS: dict[Light, tuple[tuple[float, float, float], float, float]] = {
    "even": ((-0.35, -0.75, -0.9), 0.52, 0.58),
    "left": ((-1.0, -0.45, -0.4), 0.38, 0.72),
    "right": ((1.0, -0.45, -0.4), 0.38, 0.72),
    "above": ((0.1, -1.0, -0.25), 0.40, 0.72),
    "behind": ((0.3, -0.7, 0.8), 0.50, 0.45),
    "dim": ((-0.3, -0.8, -0.7), 0.36, 0.32),
}


class Painter:
    """Paints frames of one mesh (n frames) seen by one camera. Shading is computed for all frames at once."""

    def __init__(self, mesh: Mesh, camera: Camera, light: Light, brightness: float = 1.0) -> None:
        middle = mesh.corners.mean(axis=2)
        view = camera.position - middle
        self._facing = np.sum(mesh.normals * view, axis=-1) > 0
        self._depth = np.linalg.norm(view, axis=-1) - mesh.bias
        self._pixels = np.round(camera.project(mesh.corners) * (1 << SUBPIXEL)).astype(np.int32)
        self._colours = _shade(mesh, camera, light, brightness)

    def paint(self, frame: int, canvas: Picture, shift: tuple[float, float] = (0.0, 0.0)) -> None:
        """Draw frame number `frame` over the BGR canvas, moved by `shift` px."""
        chosen = np.flatnonzero(self._facing[frame])
        order = chosen[np.argsort(-self._depth[frame, chosen])]
        pixels = self._pixels[frame, order]
        if shift != (0.0, 0.0):
            pixels = pixels + np.round(np.array(shift) * (1 << SUBPIXEL)).astype(np.int32)
        fill, eight = cv2.fillConvexPoly, cv2.LINE_8
        for quad, colour in zip(pixels, self._colours[frame, order].tolist(), strict=True):
            fill(canvas, quad, colour, eight, SUBPIXEL)


def _shade(mesh: Mesh, camera: Camera, light: Light, brightness: float) -> NDArray[np.float32]:
    """BGR colours (n, F, 3) of the quads: diffuse light, and a little cloth texture that moves with the body."""
    direction, ambient, strength = LIGHTS[light]
    lamp = np.array(direction) @ camera.axes
    lamp /= np.linalg.norm(lamp)
    diffuse = np.maximum(mesh.normals @ lamp, 0.0)
    sky = 0.12 * mesh.normals[..., 1]
    texture = np.random.default_rng(3).normal(1.0, 0.02, mesh.colours.shape[0])
    bright = (ambient + strength * diffuse + sky) * brightness * texture
    return np.asarray(np.clip(bright[..., None] * mesh.colours[None, :, ::-1], 0, 255), dtype=np.float32)
