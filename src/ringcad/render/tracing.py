"""Following light: camera to metal and stones, reflections between them, the studio at the end.

What a pixel's centre shows first is drawn (:mod:`ringcad.render.frame`); further ray queries go to Embree
(Apache-2.0) through ``embreex``, batch by batch. The arithmetic between two queries is in
:mod:`ringcad.render.loops` and :mod:`ringcad.render.loops_frame`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.render import loops, loops_frame
from ringcad.render.domes import dome_light, domes, studio_harmonics
from ringcad.render.frame import Frame, draw, metal_of
from ringcad.render.gems import gems
from ringcad.render.scene import RenderScene
from ringcad.render.studio import Environment
from ringcad.render.views import View

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

CONE = 0.9
"""Cosine between mirror rays of neighbouring pixels up to which what they meet is told from one to the other."""

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


@dataclass(frozen=True)
class FirstLight:
    """What reaches the camera through the pixel centres of a frame of N pixels, row by row.

    ``light`` (N, 3) is undefined where ``kind`` (N,) says backdrop. For metal ``state`` (N,) tells what became
    of the mirror ray (see :mod:`ringcad.render.loops_frame`) that starts at ``start`` along ``reflected``, both
    (N, 3); ``grazing`` (N,) is Schlick's (1 - cos)^5.
    """

    light: Floats
    kind: Ints
    state: NDArray[np.uint8]
    start: Floats
    reflected: Floats
    grazing: Floats


def look_light(look: Look) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """What stones are lit with, from unit directions (n, 3)."""

    def light(way: NDArray[np.float64]) -> NDArray[np.float64]:
        to = np.ascontiguousarray(way, dtype=np.float32)
        out = np.zeros((len(to), 3), np.float32)
        owner, none = np.arange(len(to)), np.full(len(to), -1, np.int32)
        texels, basis = look.metal.texels, look.metal.basis
        loops.gather(len(to), owner, to, to, to, np.ones_like(out), none, out, texels, basis, 1.0, look.eye, 0.0, out)
        return out.astype(np.float64)

    return light


class Tracer:
    """The scene with the per-triangle data that shading needs. Holds no state between calls."""

    def __init__(self, scene: RenderScene) -> None:
        self.metal = metal_of(scene)
        self.f0 = np.asarray(scene.metal_rgb, np.float64) ** DEPTH_OF_COLOR
        self.roughness = AS_CAST_ROUGHNESS if scene.finish == "as_cast" else 0.0
        self.gems = gems(scene.stones) if scene.stones else None
        self.domes = domes(scene.stones) if scene.stones else None

    @cached_property
    def embree(self) -> Any:
        """Metal (geometry 0) and stones (1) in Embree; it sorts them at the first query."""
        try:
            from embreex.mesh_construction import TriangleMesh
            from embreex.rtcore_scene import EmbreeScene
        except ImportError as error:  # pragma: no cover - depends on the installation
            raise ImportError("pictures need the package embreex (pip install embreex)") from error

        embree = EmbreeScene()
        TriangleMesh(embree, self.metal.vertices, self.metal.triangles)
        if self.gems is not None:
            TriangleMesh(embree, self.gems.vertices, self.gems.triangles)
        return embree

    def frame(self, view: View) -> Frame:
        """What the pixel centres of a view show first; stones' facets count from ``len(triangles)``."""
        bodies = [(self.metal.vertices, self.metal.triangles)]
        if self.gems is not None:
            bodies.append((self.gems.vertices, self.gems.triangles))
        return draw(view, tuple(bodies))

    def first(self, frame: Frame, view: View, look: Look, bounces: int) -> FirstLight:
        """Light through the pixel centres of a frame.

        Mirror rays of metal are followed from every other row and column, then from the pixels between that
        could tell something else (:func:`ringcad.render.loops_frame.calm`).
        """
        metal, pixels = len(self.metal.triangles), frame.prim.size
        light = np.empty((pixels, 3), np.float32)
        kind, state = np.empty(pixels, np.int32), np.zeros(pixels, np.uint8)
        start, reflected = np.empty((pixels, 3), np.float32), np.empty((pixels, 3), np.float32)
        grazing = np.empty(pixels, np.float32)
        loops_frame.first_mirrors(
            frame.prim,
            metal,
            frame.left,
            frame.top,
            view.camera,
            self.metal.vertices,
            self.metal.triangles,
            self.metal.corners,
            self.roughness,
            kind,
            start,
            reflected,
            grazing,
        )
        mirrors = FirstLight(light, kind, state, start, reflected, grazing)
        listed = np.empty(pixels, np.int64)
        count = loops_frame.lattice(frame.prim, metal, listed)
        self._follow(listed[:count], mirrors, look, bounces)
        cone = CONE if self.roughness == 0.0 else 2.0  # as-cast metal is rough from pixel to pixel
        count = loops_frame.calm(frame.prim, metal, reflected, cone, state, listed)
        self._follow(listed[:count], mirrors, look, bounces)
        open_ = np.flatnonzero(state == loops_frame.OPEN)
        self._surroundings(open_, start, reflected, look, light)
        loops.tint_all(open_, grazing, self.f0, light)
        stone = np.flatnonzero(mirrors.kind == STONE)
        for i in range(0, len(stone), BATCH):
            which = stone[i : i + BATCH]
            row, column = np.divmod(which, frame.width)
            origins, directions = view.rays(
                (column + (frame.left + 0.5)).astype(np.float32), (row + (frame.top + 0.5)).astype(np.float32)
            )
            hit = {"primID": frame.prim.ravel()[which] - np.int32(metal)}
            seen = np.empty((len(which), 3), np.float32)
            self._stone(np.arange(len(which)), origins, directions, hit, look, bounces, seen)
            light[which] = seen
        return mirrors

    def _follow(self, which: NDArray[np.int64], mirrors: FirstLight, look: Look, bounces: int) -> None:
        """Follow the mirror rays of these pixels: note what became of them, and the light of what they met."""
        for i in range(0, len(which), BATCH):
            part = which[i : i + BATCH]
            arriving, kind = self.trace(mirrors.start[part], mirrors.reflected[part], look, bounces - 1, sky=False)
            met = kind != BACKDROP
            mirrors.state[part] = np.where(met, loops_frame.MET, loops_frame.OPEN)
            tinted = np.empty_like(arriving)
            loops.tint(np.arange(len(part)), arriving, mirrors.grazing[part], self.f0, tinted)
            mirrors.light[part[met]] = tinted[met]

    def between(
        self, which: NDArray[np.int64], place: tuple[float, float], width: int, mirrors: FirstLight, look: Look
    ) -> Floats:
        """Light (n, 3) at a place off the centres of pixels that :func:`ringcad.render.loops_frame.smooth_places`
        has found."""
        count = len(which)
        start, reflected = np.empty((count, 3), np.float32), np.empty((count, 3), np.float32)
        grazing, light = np.empty(count, np.float32), np.empty((count, 3), np.float32)
        loops_frame.between(
            which, *place, width, mirrors.start, mirrors.reflected, mirrors.grazing, start, reflected, grazing
        )
        every = np.arange(count)
        self._surroundings(every, start, reflected, look, light)
        loops.tint_all(every, grazing, self.f0, light)
        return light

    def occluded(self, origins: Floats, directions: Floats) -> NDArray[np.bool_]:
        """Whether anything lies along the rays."""
        return np.asarray(self.embree.run(origins, directions, query="OCCLUDED") >= 0)

    def trace(
        self, origins: Floats, directions: Floats, look: Look, bounces: int, *, sky: bool = True
    ) -> tuple[Floats, Ints]:
        """Radiance (N, 3) along the rays and what each hit first; a ray that misses gets the studio, or nothing
        without ``sky``.

        ``bounces`` is how often light may be mirrored between parts of the ring.
        """
        color = np.zeros((len(origins), 3), np.float32)
        kind = np.zeros(len(origins), np.int32)
        for i in range(0, len(origins), BATCH):
            part = slice(i, i + BATCH)
            self._trace(origins[part], directions[part], look, bounces, color[part], kind[part], sky)
        return color, kind

    def _trace(
        self, origins: Floats, directions: Floats, look: Look, bounces: int, color: Floats, kind: Ints, sky: bool = True
    ) -> None:
        hit = self.embree.run(origins, directions, output=True)
        kind[:] = np.where(hit["primID"] < 0, BACKDROP, hit["geomID"] + 1)
        missed = np.flatnonzero(kind == BACKDROP)
        if sky and len(missed):
            self._surroundings(missed, origins, directions, look, color)
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
            self.metal.corners,
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
        assert gems is not None and self.domes is not None
        domed = self.domes.there[gems.stone_of[hit["primID"][which]]]
        if domed.any():
            self._dome(which[domed], origins, directions, hit, look, color)
            which = which[~domed]
            if not len(which):
                return
        inside = STONE_BOUNCES if bounces > 1 else STONE_BOUNCES_MIRRORED
        room = len(which) * (inside + 1)
        owner = np.empty(room, np.int64)
        at, to, red, blue, weight = (np.empty((room, 3), np.float32) for _ in range(5))
        count = loops.through_stones(
            which,
            origins,
            directions,
            hit["primID"],
            gems.plane_of,
            gems.stone_of,
            gems.planes,
            gems.planes.astype(np.float32),
            np.empty(int(np.diff(gems.first).max()) + 6, np.float32),
            gems.first,
            gems.belt,
            gems.core,
            gems.door,
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
        color[which] = 0.0
        self._gather(count, owner, at, to, red, blue, weight, look, look.gems, look.gem_gain, color)

    def _dome(
        self,
        which: NDArray[np.int64],
        origins: Floats,
        directions: Floats,
        hit: dict[str, Any],
        look: Look,
        color: Floats,
    ) -> None:
        """Cabochons: mirror image and body."""
        gems = self.gems
        assert gems is not None and self.domes is not None
        facet = hit["primID"][which]
        normal, offset = gems.planes[:3, gems.plane_of[facet]].T, gems.planes[3, gems.plane_of[facet]]
        start, way = origins[which].astype(np.float64), directions[which].astype(np.float64)
        toward = np.minimum(np.einsum("ij,ij->i", normal, way), -1e-6)
        distance = (offset - np.einsum("ij,ij->i", normal, start)) / toward
        place, mirrored, share, body = dome_light(
            self.domes, gems.stone_of[facet].astype(np.int64), start, way, distance, studio_harmonics(look_light(look))
        )
        color[which] = body
        at, to = place.astype(np.float32), mirrored.astype(np.float32)
        weight = np.repeat(share[:, None], 3, axis=1).astype(np.float32)
        self._gather(len(which), which, at, to, to, to, weight, look, look.metal, 1.0, color)

    def _gather(
        self,
        count: int,
        owner: NDArray[np.int64],
        at: Floats,
        to: Floats,
        red: Floats,
        blue: Floats,
        weight: Floats,
        look: Look,
        studio: Environment,
        gain: float,
        color: Floats,
    ) -> None:
        """Add the light that a stone's entries bring to the rays that own them."""
        seen = self.embree.run(at[:count], to[:count], output=True)
        met = np.where((seen["primID"] >= 0) & (seen["geomID"] == 0), seen["primID"], -1).astype(np.int32)
        metal_light = np.zeros((count, 3), np.float32)
        metal = np.flatnonzero(met >= 0)
        if len(metal):
            self._metal(metal, at, to, seen, look, 0, metal_light)
        loops.gather(
            count,
            owner,
            to,
            red,
            blue,
            weight,
            met,
            metal_light,
            studio.texels,
            studio.basis,
            gain,
            look.eye,
            PHOTOGRAPHER if studio is look.gems else 0.0,
            color,
        )
