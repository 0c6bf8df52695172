"""Faceted stones: the facets of a convex body, and light followed through them.

A stone is the intersection of half spaces. Its facets go to the ray kernel as triangles; the exact
plane normals come from the planes, so that reflections inside stay sharp. A path enters by Snell's
law, is reflected inside (totally, or by Fresnel's share), and at each partial reflection the share
that leaves is added. Fresnel's equations for unpolarised light: Born & Wolf, Principles of Optics, 1.5.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringcad.render.scene import StoneInstance

Floats = NDArray[np.float32]


def facets(normals: NDArray[np.float64], offsets: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Vertex loops (n, 3), one per plane, counter-clockwise from outside; an empty loop for an idle plane.

    Raises ``ValueError`` when the planes enclose nothing.
    """
    reach = 4.0 * float(np.max(np.abs(offsets))) + 1.0
    loops = []
    for k in range(len(normals)):
        n = normals[k] / np.linalg.norm(normals[k])
        helper = np.eye(3)[int(np.argmin(np.abs(n)))]
        u = np.cross(n, helper)
        u /= np.linalg.norm(u)
        v = np.cross(n, u)
        centre = n * offsets[k] / np.linalg.norm(normals[k])
        loop = centre + reach * np.array([u + v, -u + v, -u - v, u - v])
        for j in range(len(normals)):
            if j == k or len(loop) == 0:
                continue
            side = loop @ normals[j] - offsets[j]
            inside = side <= 1e-12
            if inside.all():
                continue
            if not inside.any():
                loop = loop[:0]
                break
            after, side_after = np.roll(loop, -1, axis=0), np.roll(side, -1)
            crossing = inside != (side_after <= 1e-12)
            t = np.divide(side, side - side_after, out=np.zeros_like(side), where=crossing)
            cut = loop + t[:, None] * (after - loop)
            both = np.stack([loop, cut], axis=1).reshape(-1, 3)
            keep = np.stack([inside, crossing], axis=1).ravel()
            loop = both[keep]
        if len(loop) >= 3:
            distinct = np.linalg.norm(loop - np.roll(loop, 1, axis=0), axis=1) > 1e-9 * reach
            loop = loop[distinct]
        loops.append(loop if len(loop) >= 3 else loop[:0])
    if sum(len(loop) >= 3 for loop in loops) < 4:
        raise ValueError("the planes of the stone enclose no body")
    return tuple(loops)


def frame(stone: StoneInstance) -> NDArray[np.float64]:
    """Rows are the stone's x, y, z axes in ring coordinates."""
    z = np.asarray(stone.axis, float)
    z = z / np.linalg.norm(z)
    helper = np.array([1.0, 0.0, 0.0]) if abs(z[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    x = helper - z * (helper @ z)
    x /= np.linalg.norm(x)
    y = np.cross(z, x)
    a = np.deg2rad(stone.azimuth_deg)
    return np.stack([np.cos(a) * x + np.sin(a) * y, -np.sin(a) * x + np.cos(a) * y, z])


@dataclass(frozen=True)
class GemMesh:
    """All stones as one triangle soup. ``normal`` and ``stone`` are per triangle."""

    vertices: Floats
    triangles: NDArray[np.int32]
    normal: Floats
    stone: NDArray[np.int32]
    index: Floats
    dispersion: Floats
    absorption: Floats
    """(S, 3) natural logarithm of the loss per mm, >= 0."""
    axis: Floats


def gem_mesh(stones: tuple[StoneInstance, ...]) -> GemMesh:
    """Triangulate the facets of every stone (fans), in ring coordinates."""
    known: dict[bytes, tuple[NDArray[np.float64], ...]] = {}
    vertices: list[NDArray[np.float64]] = []
    triangles: list[NDArray[np.int32]] = []
    normals: list[NDArray[np.float64]] = []
    owner: list[int] = []
    count = 0
    for number, stone in enumerate(stones):
        plane_normals = np.asarray(stone.normals, float)
        offsets = np.asarray(stone.offsets, float)
        key = plane_normals.tobytes() + offsets.tobytes()
        loops = known.get(key)
        if loops is None:
            loops = stone.polygons if stone.polygons is not None else facets(plane_normals, offsets)
            known[key] = loops
        axes = frame(stone)
        for k, loop in enumerate(loops):
            if len(loop) < 3:
                continue
            n = plane_normals[k] / np.linalg.norm(plane_normals[k])
            vertices.append(np.asarray(loop) @ axes + np.asarray(stone.origin))
            fan = np.arange(1, len(loop) - 1, dtype=np.int32)
            triangles.append(count + np.stack([np.zeros_like(fan), fan, fan + 1], axis=1))
            normals.append(np.tile(n @ axes, (len(fan), 1)))
            owner.extend([number] * len(fan))
            count += len(loop)
    colour = np.array([s.color_rgb for s in stones], float).reshape(-1, 3)
    return GemMesh(
        vertices=np.concatenate(vertices).astype(np.float32),
        triangles=np.concatenate(triangles).astype(np.int32),
        normal=np.concatenate(normals).astype(np.float32),
        stone=np.array(owner, np.int32),
        index=np.array([s.refractive_index for s in stones], np.float32),
        dispersion=np.array([s.dispersion for s in stones], np.float32),
        absorption=-np.log(np.clip(colour, 1e-4, 1.0)).astype(np.float32),
        axis=np.array([frame(s)[2] for s in stones], np.float32),
    )


def fresnel(cos_in: Floats, eta: Floats) -> tuple[Floats, Floats]:
    """Reflectance of unpolarised light and the cosine behind the surface; ``eta`` = n_before / n_behind.

    Total internal reflection gives reflectance 1 and cosine 0.
    """
    sin2 = eta * eta * (1.0 - cos_in * cos_in)
    total = sin2 >= 1.0
    cos_out = np.sqrt(np.maximum(1.0 - sin2, 0.0))
    parallel = (cos_in - eta * cos_out) / np.maximum(cos_in + eta * cos_out, 1e-6)
    perpendicular = (eta * cos_in - cos_out) / np.maximum(eta * cos_in + cos_out, 1e-6)
    reflectance = 0.5 * (parallel * parallel + perpendicular * perpendicular)
    return np.where(total, np.float32(1.0), reflectance).astype(np.float32), cos_out.astype(np.float32)


def refract(direction: Floats, normal: Floats, cos_in: Floats, cos_out: Floats, eta: Floats) -> Floats:
    """Snell's law in vector form; ``normal`` points against ``direction``."""
    return np.asarray(eta[:, None] * direction + (eta * cos_in - cos_out)[:, None] * normal, np.float32)
