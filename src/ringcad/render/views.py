"""Cameras: where each picture is taken from, and its rays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ringcad.render.gems import frame, polygons
from ringcad.render.scene import RenderScene

Floats = NDArray[np.float32]

SHOULDER_PIXELS_PER_MM = 60.0
"""Least scale of the macro; a wider frame would show more of the ring, not more of the relief."""

MACRO_HALF_ARC_DEG = 42.0
"""The macro shows at most this much arc to either side: beyond it the band turns away from the camera."""


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

    @property
    def camera(self) -> NDArray[np.float64]:
        """What the compiled loops want: target, right, up, back, width, height, scale and distance in one row."""
        numbers = [self.width_px, self.height_px, self.pixels_per_mm, self.distance_mm]
        return np.concatenate([self.target, self.right, self.up, self.back, np.array(numbers, float)])

    def rays(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Origins and unit directions for pixel positions (0, 0 = the upper left corner).

        Rays start 40 mm before the target plane: float32 keeps micrometres there, not at the eye.
        """
        from ringcad.render import loops_frame

        origins = np.empty((len(column), 3), np.float32)
        directions = np.empty((len(column), 3), np.float32)
        loops_frame.rays(column, row, self.camera, 40.0, origins, directions)
        return origins, directions

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixel positions (N, 2) of points (column, row)."""
        local = points - self.target
        x, y, z = np.einsum("ni,ai->an", local, np.stack([self.right, self.up, self.back]))  # no BLAS, no threads
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
    """A share of the metal's vertices and the stones' corners: enough to frame the ring to a pixel or two."""
    parts = [scene.vertices[:: max(1, len(scene.vertices) // 20000)]]
    for stone in scene.stones:
        corners = np.concatenate([loop for loop in polygons(stone) if len(loop)])
        parts.append(corners @ frame(stone) + np.asarray(stone.origin, float))
    return np.concatenate(parts)


def _framed(view: View, points: NDArray[np.float64], fill: float) -> View:
    """Centre the points in the frame and scale them to fill the given share of it."""
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


def _three_quarter(scene: RenderScene, name: str, size_px: int, elevation_deg: float, azimuth_deg: float) -> View:
    """A perspective camera on a sphere about the ring; azimuth 0 looks along the finger, +90 at the right shoulder."""
    elevation, azimuth = np.deg2rad(elevation_deg), np.deg2rad(azimuth_deg)
    toward = np.array([np.cos(elevation) * np.sin(azimuth), -np.cos(elevation) * np.cos(azimuth), np.sin(elevation)])
    right, up, back = _basis(toward, np.array([0.0, 0.0, 1.0]))
    view = View(name, size_px, size_px, np.zeros(3), right, up, back, 120.0, size_px / 30.0, _level_studio(back), True)
    return _framed(view, outline(scene), 0.80)


def turned(scene: RenderScene, size_px: int, elevation_deg: float, azimuth_deg: float) -> View:
    """The hero's camera from any side; angles as for :func:`_three_quarter`."""
    return _three_quarter(scene, "turned", size_px, elevation_deg, azimuth_deg)


def hero(scene: RenderScene, size_px: int) -> View:
    """Three-quarter view from 33 degrees above: head, stone and the right shoulder."""
    return _three_quarter(scene, "hero", size_px, 33.0, 40.0)


def below(scene: RenderScene, size_px: int) -> View:
    """From the other side and below: what the hero does not show (for the wall map)."""
    return _three_quarter(scene, "below", size_px, -28.0, 215.0)


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
    # The finger points down, so that figures stand upright as they do in the drawing.
    finger = np.array([0.0, -1.0, 0.0])
    right, up, back = _basis(normal - 0.30 * finger, finger)
    height_px = round(size_px * 0.5)
    points = outline(scene)
    reach = float(np.max(np.einsum("ni,i->n", points, normal)))
    half_arc = np.deg2rad(min(0.5 * hints.shoulder_span_deg, MACRO_HALF_ARC_DEG))
    arc = phi + np.linspace(-half_arc, half_arc, 25)
    zone = np.concatenate(
        [
            np.stack([reach * np.sin(arc), np.full_like(arc, side * hints.band_width_mm), reach * np.cos(arc)], axis=1)
            for side in (-0.5, 0.5)
        ]
    )
    view = View(
        "shoulder",
        size_px,
        height_px,
        normal * reach,
        right,
        up,
        back,
        0.0,
        SHOULDER_PIXELS_PER_MM,
        np.stack([right, up, back]),
        False,
    )
    view = _framed(view, zone, 0.97)
    return view if view.pixels_per_mm >= SHOULDER_PIXELS_PER_MM else replace(view, pixels_per_mm=SHOULDER_PIXELS_PER_MM)
