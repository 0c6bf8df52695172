"""What each pixel of a view shows first, found by drawing the triangles into a buffer of depths.

Exact at the pixel centres, as a ray to each of them would be, at a tenth of the price.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.render import loops_frame
from ringcad.render.normals import crease_normals
from ringcad.render.scene import RenderScene
from ringcad.render.views import View

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Metal:
    """The metal as the compiled loops want it: vertices (n, 3) mm, triangles (m, 3), corner normals (m, 3, 3)."""

    vertices: Floats
    triangles: Ints
    corners: Floats


def metal_of(scene: RenderScene) -> Metal:
    """The scene's metal, with normals from its triangles where it has none."""
    corner_normals = scene.corner_normals
    if corner_normals is None:
        corner_normals = crease_normals(scene.vertices, scene.triangles)
    return Metal(
        np.ascontiguousarray(scene.vertices, np.float32),
        np.ascontiguousarray(scene.triangles, np.int32),
        np.ascontiguousarray(corner_normals, np.float32),
    )


@dataclass(frozen=True)
class Frame:
    """The part of a view that holds the ring: its box in pixels and the number of the triangle in each pixel.

    ``prim`` (height, width) counts the metal's triangles from 0, the stones' after them; -1 is empty.
    """

    left: int
    top: int
    prim: Ints

    @property
    def height(self) -> int:
        """Rows of the box."""
        return int(self.prim.shape[0])

    @property
    def width(self) -> int:
        """Columns of the box."""
        return int(self.prim.shape[1])


def draw(view: View, bodies: tuple[tuple[Floats, Ints], ...], *, whole: bool = False) -> Frame:
    """The frame of a view with these bodies (vertices (n, 3) mm, triangles (m, 3)) in it.

    The box holds all of them with a margin of three pixels, cut to the view; with ``whole`` it is the view.
    """
    camera = view.camera
    projected = []
    bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
    for vertices, _ in bodies:
        points = np.empty((len(vertices), 3), np.float32)
        loops_frame.project(vertices, camera, points, bounds)
        projected.append(points)
    left, top, right, bottom = 0, 0, view.width_px, view.height_px
    if not whole:
        low, high = np.floor(bounds[:2]).astype(int) - 3, np.ceil(bounds[2:]).astype(int) + 3
        left, top = (int(np.clip(value, 0, size - 1)) for value, size in zip(low, (right, bottom), strict=True))
        right, bottom = (int(np.clip(value, 1, size)) for value, size in zip(high, (right, bottom), strict=True))
    shape = (max(bottom - top, 1), max(right - left, 1))
    nearness = np.full(shape, -np.inf, np.float32)
    prim = np.full(shape, -1, np.int32)
    first = 0
    for points, (_, triangles) in zip(projected, bodies, strict=True):
        loops_frame.visible(points, triangles, first, left, top, nearness, prim)
        first += len(triangles)
    return Frame(left, top, prim)
