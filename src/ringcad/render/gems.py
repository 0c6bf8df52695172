"""Faceted stones: the facets and planes of convex bodies, ready for light to be followed through them.

A stone is the intersection of half spaces, or two such bodies that share a plane (a heart). Its facets go to the
ray tracer as triangles for the first hit; inside, a path is followed exactly from plane to plane
(:func:`ringcad.render.loops.through_stones`).
It enters by Snell's law, is reflected (totally, or by Fresnel's share), and at each partial reflection
the share that leaves is added. Fresnel's equations: Born & Wolf, Principles of Optics, 1.5.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ringcad.render.scene import StoneInstance
from ringcad.stones.halfspaces import facets


@lru_cache(maxsize=64)
def _facets_of(normals: bytes, offsets: bytes) -> tuple[NDArray[np.float64], ...]:
    return facets(np.frombuffer(normals).reshape(-1, 3), np.frombuffer(offsets))


def polygons(stone: StoneInstance) -> tuple[NDArray[np.float64], ...]:
    """The stone's facets in its own frame: as given, or from its planes."""
    if stone.polygons is not None:
        return stone.polygons
    return _facets_of(np.asarray(stone.normals, float).tobytes(), np.asarray(stone.offsets, float).tobytes())


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
class Gems:
    """All stones: triangles for the first hit, planes in ring coordinates for what happens inside.

    ``plane_of``, ``stone_of`` are per triangle; ``planes`` (4, P) are unit normals and offsets, those of
    stone s are ``first[s]:first[s + 1]``; from ``belt[s]`` on they are upright, the facets of its girdle, which
    all lie outside a cylinder: ``core`` (S, 7) is a point of its axis, the axis, the radius squared.
    ``fire`` is how far the index of red lies below the mean and of blue above it, ``loss`` (S, 3) the
    natural logarithm of the loss per mm. ``door`` (S, 2) is the plane through which light goes on into another body
    of the same stone, and that body; -1 where there is none.
    """

    vertices: NDArray[np.float32]
    triangles: NDArray[np.int32]
    plane_of: NDArray[np.int32]
    stone_of: NDArray[np.int32]
    planes: NDArray[np.float64]
    first: NDArray[np.int64]
    belt: NDArray[np.int64]
    core: NDArray[np.float64]
    index: NDArray[np.float64]
    fire: NDArray[np.float64]
    loss: NDArray[np.float64]
    door: NDArray[np.int64]


_FIRE_SHARE = 0.72
"""Red and blue primaries (about 640 and 460 nm) span 0.36 of the B-G interval to either side; doubled,
because both refractions' dispersion is charged to the exit."""


_GEM_INDEX = (1.544, 1.577, 1.622, 1.670, 1.718, 1.768, 1.790, 2.160, 2.417, 2.650)
_GEM_DISPERSION = (0.013, 0.014, 0.014, 0.020, 0.020, 0.018, 0.024, 0.060, 0.044, 0.104)
"""Quartz, beryl, topaz, peridot, spinel, corundum, garnet, zirconia, diamond, moissanite: R. Webster, Gems (5th
edition), table of dispersion (B to G)."""


def dispersion(stone: StoneInstance) -> float:
    """As given, or that of the usual gem with the stone's refractive index."""
    if stone.dispersion is not None:
        return stone.dispersion
    return float(np.interp(stone.refractive_index, _GEM_INDEX, _GEM_DISPERSION))


def gems(stones: tuple[StoneInstance, ...]) -> Gems:
    """Triangulate the facets of every stone (fans) and place its planes, in ring coordinates."""
    vertices: list[NDArray[np.float64]] = []
    triangles: list[NDArray[np.int32]] = []
    plane_of: list[int] = []
    stone_of: list[int] = []
    normals: list[NDArray[np.float64]] = []
    offsets: list[NDArray[np.float64]] = []
    depths: list[float] = []
    first = [0]
    belt: list[int] = []
    core: list[NDArray[np.float64]] = []
    door: list[tuple[int, int]] = []
    count = 0
    for number, stone in enumerate(stones):
        length = np.linalg.norm(np.asarray(stone.normals, float), axis=1)
        own_normals = np.asarray(stone.normals, float) / length[:, None]
        own_offsets = np.asarray(stone.offsets, float) / length
        loops = polygons(stone)
        upright = np.abs(own_normals[:, 2]) < 1e-6
        # upright facets last
        order = np.argsort(upright, kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        height = np.concatenate([loop[:, 2] for loop in loops if len(loop)])
        depths.append(float(np.ptp(height)))
        door.append((-1, -1) if stone.door is None else (first[-1] + int(place[stone.door]), number + stone.beyond))
        axes = frame(stone)
        origin = np.asarray(stone.origin, float)
        for k, loop in enumerate(loops):
            if len(loop) < 3:
                continue
            vertices.append(np.asarray(loop) @ axes + origin)
            fan = np.arange(1, len(loop) - 1, dtype=np.int32)
            triangles.append(count + np.stack([np.zeros_like(fan), fan, fan + 1], axis=1))
            plane_of.extend([first[-1] + int(place[k])] * len(fan))
            stone_of.extend([number] * len(fan))
            count += len(loop)
        normals.append(own_normals[order] @ axes)
        offsets.append(own_offsets[order] + normals[-1] @ origin)
        belt.append(first[-1] + int(np.sum(~upright)))
        radius = max(0.0, float(np.min(own_offsets[upright], initial=np.inf))) if upright.any() else 0.0
        core.append(np.array([*origin, *axes[2], radius**2]))
        first.append(first[-1] + len(own_offsets))
    colour = np.array([s.color_rgb for s in stones], float).reshape(-1, 3)
    return Gems(
        vertices=np.concatenate(vertices).astype(np.float32),
        triangles=np.concatenate(triangles).astype(np.int32),
        plane_of=np.array(plane_of, np.int32),
        stone_of=np.array(stone_of, np.int32),
        planes=np.ascontiguousarray(np.vstack([np.concatenate(normals).T, np.concatenate(offsets)])),
        first=np.array(first, np.int64),
        belt=np.array(belt, np.int64),
        core=np.array(core).reshape(-1, 7),
        index=np.array([s.refractive_index for s in stones], float),
        fire=np.array([dispersion(s) * _FIRE_SHARE for s in stones], float),
        loss=-np.log(np.clip(colour, 1e-4, 1.0)) / np.array(depths)[:, None],
        door=np.array(door, np.int64).reshape(-1, 2),
    )
