"""Cameras: where each picture is taken from, and its rays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.render.scene import RenderScene

Floats = NDArray[np.float32]

SHOULDER_PIXELS_PER_MM = 60.0
"""Least scale of the macro; a wider frame would show more of the ring, not more of the relief."""


@dataclass(frozen=True)
class View:
    """A camera. ``distance_mm`` 0 = orthographic, else the eye's distance from ``target``.

    ``right, up, back`` are unit vectors (back points to the camera); ``pixels_per_mm`` holds in the
    plane through ``target``. ``studio`` rows are the light's x, y, z axes in ring coordinates.
    """

    name: str
    width_px: int
    height_px: int
    target: NDArray[np.float64]
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    back: NDArray[np.float64]
    distance_mm: float
    pixels_per_mm: float
    studio: NDArray[np.float64]
    on_table: bool

    def rays(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Origins and unit directions for pixel positions (0, 0 = the upper left corner).

        Rays start 40 mm before the target plane: float32 keeps micrometres there, not at the eye.
        """
        from ringcad.render import loops

        origins = np.empty((len(column), 3), np.float32)
        directions = np.empty((len(column), 3), np.float32)
        loops.camera(
            column, row, self.target, self.right, self.up, self.back, self.width_px, self.height_px,
            float(self.pixels_per_mm), float(self.distance_mm), 40.0, origins, directions,
        )
        return origins, directions

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixel positions (N, 2) of points (column, row)."""
        local = points - self.target
        x, y, z = local @ self.right, local @ self.up, local @ self.back
        scale = self.pixels_per_mm / (1.0 - z / self.distance_mm) if self.distance_mm > 0 else self.pixels_per_mm
        return np.stack([0.5 * self.width_px + x * scale, 0.5 * self.height_px - y * scale], axis=1)


def _basis(back: NDArray[np.float64], up_hint: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    back = back / np.linalg.norm(back)
    right = np.cross(up_hint, back)
    right /= np.linalg.norm(right)
    return right, np.cross(back, right), back


def _level_studio(back: NDArray[np.float64]) -> NDArray[np.float64]:
    """The studio stands on the table: y = ring z, z = the camera's azimuth."""
    up = np.array([0.0, 0.0, 1.0])
    toward = np.array([back[0], back[1], 0.0])
    toward /= np.linalg.norm(toward)
    return np.stack([np.cross(up, toward), up, toward])


def outline(scene: RenderScene) -> NDArray[np.float64]:
    """A share of the vertices that is enough to frame the ring to a pixel or two."""
    return scene.vertices[:: max(1, len(scene.vertices) // 20000)]


def _framed(view: View, points: NDArray[np.float64], fill: float) -> View:
    """Centre the points in the frame and scale them to fill the given share of it."""
    from dataclasses import replace

    for _ in range(3):
        pixel = view.project(points)
        low, high = pixel.min(axis=0), pixel.max(axis=0)
        size = np.array([view.width_px, view.height_px], float)
        scale = float(np.min(fill * size / np.maximum(high - low, 1e-6)))
        shift = (0.5 * (low + high) - 0.5 * size) / view.pixels_per_mm
        view = replace(
            view,
            target=view.target + shift[0] * view.right - shift[1] * view.up,
            pixels_per_mm=view.pixels_per_mm * scale,
        )
    return view


def hero(scene: RenderScene, size_px: int) -> View:
    """Three-quarter view from 33 degrees above: head, stone and the right shoulder."""
    elevation, azimuth = np.deg2rad(33.0), np.deg2rad(40.0)
    toward = np.array(
        [np.cos(elevation) * np.sin(azimuth), -np.cos(elevation) * np.cos(azimuth), np.sin(elevation)]
    )
    right, up, back = _basis(toward, np.array([0.0, 0.0, 1.0]))
    view = View(
        "hero", size_px, size_px, np.zeros(3), right, up, back, 120.0, size_px / 30.0, _level_studio(back), True
    )
    return _framed(view, outline(scene), 0.80)


def front(scene: RenderScene, size_px: int) -> View:
    """Through the finger, level, with a long lens."""
    right, up, back = _basis(np.array([0.0, -1.0, 0.035]), np.array([0.0, 0.0, 1.0]))
    view = View(
        "front", size_px, size_px, np.zeros(3), right, up, back, 220.0, size_px / 30.0, _level_studio(back), True
    )
    return _framed(view, outline(scene), 0.80)


def shoulder(scene: RenderScene, size_px: int) -> View:
    """Macro of a decorated shoulder: orthographic, slightly oblique to the outward normal, band lying level."""
    hints = scene.hints
    phi = np.deg2rad(hints.shoulder_phi_deg)
    normal = np.array([np.sin(phi), 0.0, np.cos(phi)])
    along = np.array([np.cos(phi), 0.0, -np.sin(phi)])
    finger = np.array([0.0, 1.0, 0.0])
    back = normal - 0.42 * finger + 0.10 * along
    right, up, back = _basis(back, finger)
    height_px = int(round(size_px * 0.625))
    outward = scene.vertices @ normal
    near = scene.vertices[outward > 0.0]
    reach = float(np.max(near @ normal)) if len(near) else 10.0
    half_arc = np.deg2rad(min(0.5 * hints.shoulder_span_deg, 60.0))
    scale = max(
        size_px / (2.0 * reach * np.sin(half_arc) * 0.92),
        SHOULDER_PIXELS_PER_MM,
    )
    scale = min(scale, max(height_px / (1.75 * hints.band_width_mm), SHOULDER_PIXELS_PER_MM))
    target = normal * reach * 0.5 * (1.0 + np.cos(half_arc))
    return View(
        "shoulder", size_px, height_px, target, right, up, back, 0.0, scale, np.stack([right, up, back]), False
    )
