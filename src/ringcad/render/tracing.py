"""Following light: camera to metal and stones, reflections between them, the studio at the end.

Ray queries go to Embree (Apache-2.0) through ``embreex``, batch by batch; the arithmetic between two
queries is in :mod:`ringcad.render.loops`. About ten million rays per second and core (measured).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.render import loops
from ringcad.render.gems import gems
from ringcad.render.normals import crease_normals
from ringcad.render.scene import RenderScene
from ringcad.render.studio import Environment

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

BACKDROP, METAL, STONE = 0, 1, 2
BATCH = 1 << 15
"""Rays per query: small enough for the second-level cache."""

DEPTH_OF_COLOR = 1.35
"""Light in a studio reaches the camera after somewhat more than one reflection off the ring, which deepens
the alloy's colour; the tracer's few mirrors miss part of that."""

LAST_MIRROR = 0.35
"""Light that a ray is given which meets metal again after its last bounce, as a share of the studio's."""

AS_CAST_ROUGHNESS = 0.035
"""Tilt (radians, per axis) of the as-cast skin: a fine satin."""

STONE_BOUNCES = 12
STONE_BOUNCES_MIRRORED = 5
"""Reflections inside a stone, seen directly and seen in metal."""

PHOTOGRAPHER = 0.7
"""How much the photographer darkens the studio for stones."""


@dataclass(frozen=True)
class Ground:
    """The table: a plane at ``z_mm`` with its occlusion by the ring on a square grid (1 = open)."""

    z_mm: float
    half_mm: float
    occlusion: Floats


NO_GROUND = Ground(0.0, 0.0, np.ones((2, 2), np.float32))


@dataclass(frozen=True)
class Look:
    """What light a picture is taken in: one environment for metal, one for stones, the table if any.

    ``eye`` is the unit vector from the ring towards the camera.
    """

    metal: Environment
    gems: Environment
    gem_gain: float
    ground: Ground
    eye: NDArray[np.float64]


class Tracer:
    """The scene in Embree with the per-triangle data that shading needs. Holds no state between calls."""

    def __init__(self, scene: RenderScene) -> None:
        try:
            from embreex.mesh_construction import TriangleMesh
            from embreex.rtcore_scene import EmbreeScene
        except ImportError as error:  # pragma: no cover - depends on the installation
            raise ImportError("pictures need the package embreex (pip install embreex)") from error

        corner_normals = scene.corner_normals
        if corner_normals is None:
            corner_normals = crease_normals(scene.vertices, scene.triangles)
        self.corners = np.ascontiguousarray(corner_normals, np.float32)
        self.f0 = np.asarray(scene.metal_rgb, np.float64) ** DEPTH_OF_COLOR
        self.roughness = AS_CAST_ROUGHNESS if scene.finish == "as_cast" else 0.0
        self.embree: Any = EmbreeScene()
        TriangleMesh(
            self.embree,
            np.ascontiguousarray(scene.vertices, np.float32),
            np.ascontiguousarray(scene.triangles, np.int32),
        )
        self.gems = gems(scene.stones) if scene.stones else None
        if self.gems is not None:
            TriangleMesh(self.embree, self.gems.vertices, self.gems.triangles)

    def occluded(self, origins: Floats, directions: Floats) -> NDArray[np.bool_]:
        """Whether anything lies along the rays."""
        return np.asarray(self.embree.run(origins, directions, query="OCCLUDED") >= 0)

    def trace(self, origins: Floats, directions: Floats, look: Look, bounces: int) -> tuple[Floats, Ints]:
        """Radiance (N, 3) along the rays and what each hit first; a ray that misses gets the studio.

        ``bounces`` is how often light may be mirrored between parts of the ring.
        """
        color = np.zeros((len(origins), 3), np.float32)
        kind = np.zeros(len(origins), np.int32)
        for i in range(0, len(origins), BATCH):
            part = slice(i, i + BATCH)
            self._trace(origins[part], directions[part], look, bounces, color[part], kind[part])
        return color, kind

    def _trace(self, origins: Floats, directions: Floats, look: Look, bounces: int, color: Floats, kind: Ints) -> None:
        hit = self.embree.run(origins, directions, output=True)
        kind[:] = np.where(hit["primID"] < 0, BACKDROP, hit["geomID"] + 1)
        sky = np.flatnonzero(kind == BACKDROP)
        if len(sky):
            self._surroundings(sky, origins, directions, look, color)
        metal = np.flatnonzero(kind == METAL)
        if len(metal):
            self._metal(metal, origins, directions, hit, look, bounces, color)
        stone = np.flatnonzero(kind == STONE)
        if len(stone):
            self._stone(stone, origins, directions, hit, look, bounces, color)

    @staticmethod
    def _surroundings(which: NDArray[np.int64], origins: Floats, directions: Floats, look: Look, color: Floats) -> None:
        ground = look.ground
        loops.surroundings(
            which,
            origins,
            directions,
            look.metal.texels,
            look.metal.basis,
            ground.z_mm,
            ground.half_mm,
            ground.occlusion,
            color,
        )

    def _metal(
        self,
        which: NDArray[np.int64],
        origins: Floats,
        directions: Floats,
        hit: dict[str, Any],
        look: Look,
        bounces: int,
        color: Floats,
    ) -> None:
        start, reflected = np.empty((len(which), 3), np.float32), np.empty((len(which), 3), np.float32)
        grazing = np.empty(len(which), np.float32)
        loops.mirror(
            which,
            origins,
            directions,
            hit["u"],
            hit["v"],
            hit["Ng"],
            hit["tfar"],
            hit["primID"],
            self.corners,
            self.roughness,
            start,
            reflected,
            grazing,
        )
        arriving = np.zeros((len(which), 3), np.float32)
        if bounces > 0:
            self._trace(start, reflected, look, bounces - 1, arriving, np.empty(len(which), np.int32))
        else:
            self._surroundings(np.arange(len(which)), start, reflected, look, arriving)
            loops.dim(arriving, self.embree.run(start, reflected, query="OCCLUDED"), LAST_MIRROR)
        loops.tint(which, arriving, grazing, self.f0, color)

    def _stone(
        self,
        which: NDArray[np.int64],
        origins: Floats,
        directions: Floats,
        hit: dict[str, Any],
        look: Look,
        bounces: int,
        color: Floats,
    ) -> None:
        gems = self.gems
        assert gems is not None
        inside = STONE_BOUNCES if bounces > 1 else STONE_BOUNCES_MIRRORED
        room = len(which) * (inside + 1)
        owner = np.empty(room, np.int64)
        at, to, red, blue, weight = (np.empty((room, 3), np.float32) for _ in range(5))
        count = loops.through_stones(
            which,
            origins,
            directions,
            hit["tfar"],
            hit["primID"],
            gems.plane_of,
            gems.stone_of,
            gems.planes,
            np.empty(int(np.diff(gems.first).max())),
            gems.first,
            gems.index,
            gems.fire,
            gems.loss,
            inside,
            owner,
            at,
            to,
            red,
            blue,
            weight,
        )
        seen = self.embree.run(at[:count], to[:count], output=True)
        met = np.where((seen["primID"] >= 0) & (seen["geomID"] == 0), seen["primID"], -1).astype(np.int32)
        metal_light = np.zeros((count, 3), np.float32)
        metal = np.flatnonzero(met >= 0)
        if len(metal):
            self._metal(metal, at, to, seen, look, 0, metal_light)
        color[which] = 0.0
        loops.gather(
            count,
            owner,
            to,
            red,
            blue,
            weight,
            met,
            metal_light,
            look.gems.texels,
            look.gems.basis,
            look.gem_gain,
            look.eye,
            PHOTOGRAPHER,
            color,
        )
