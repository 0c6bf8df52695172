"""Following light: camera to metal and stones, reflections between them, the studio at the end.

Ray queries go to Embree (Apache-2.0) through ``embreex``; everything else is numpy on whole batches.
About ten million rays per second and core (measured), so that two reflections of the ring in itself
and real facets cost less than the shading arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.render.gems import GemMesh, fresnel, gem_mesh, refract
from ringcad.render.normals import crease_normals
from ringcad.render.scene import RenderScene
from ringcad.render.studio import Environment

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

BACKDROP, METAL, STONE = 0, 1, 2
OFFSET_MM = 2e-3
"""Rays start this far off the surface: above float32's error at 150 mm (2e-5), below any detail."""
BATCH = 1 << 17


def dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", a, b), np.float32)


def unit(a: Floats) -> Floats:
    return np.asarray(a / np.sqrt(dot(a, a))[:, None], np.float32)


@dataclass(frozen=True)
class Ground:
    """The table: a plane at ``z_mm`` with its occlusion by the ring on a grid (1 = open)."""

    z_mm: float
    half_mm: float
    occlusion: Floats

    def shade(self, x: Floats, y: Floats) -> Floats:
        """Bilinear occlusion at plane points; 1 outside the grid."""
        n = self.occlusion.shape[0]
        scale = np.float32(n / (2.0 * self.half_mm))
        u = np.clip((x + np.float32(self.half_mm)) * scale - 0.5, 0.0, n - 1.001)
        v = np.clip((y + np.float32(self.half_mm)) * scale - 0.5, 0.0, n - 1.001)
        iu, iv = u.astype(np.int32), v.astype(np.int32)
        fu, fv = u - iu, v - iv
        flat = self.occlusion.ravel()
        at = iv * n + iu
        low = flat[at] * (1 - fu) + flat[at + 1] * fu
        high = flat[at + n] * (1 - fu) + flat[at + n + 1] * fu
        return np.asarray(low * (1 - fv) + high * fv, np.float32)


@dataclass(frozen=True)
class Look:
    """What light a picture is taken in: one environment for metal, one for stones, the table if any."""

    metal: Environment
    gems: Environment
    gem_gain: float
    ground: Ground | None
    eye: Floats
    """Unit vector from the ring towards the camera: stones see the photographer there, dark."""


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
        vertices = np.ascontiguousarray(scene.vertices, np.float32)
        triangles = np.ascontiguousarray(scene.triangles, np.int32)
        self.f0 = np.asarray(scene.metal_rgb, np.float32)
        self.rough = scene.finish == "as_cast"
        self.all: Any = EmbreeScene()
        TriangleMesh(self.all, vertices, triangles)
        self.gems: GemMesh | None = None
        self.gem_scene: Any = None
        if scene.stones:
            self.gems = gem_mesh(scene.stones)
            TriangleMesh(self.all, self.gems.vertices, self.gems.triangles)
            self.gem_scene = EmbreeScene()
            TriangleMesh(self.gem_scene, self.gems.vertices, self.gems.triangles)
            self.metal: Any = EmbreeScene()
            TriangleMesh(self.metal, vertices, triangles)
        else:
            self.metal = self.all

    def occluded(self, origins: Floats, directions: Floats) -> NDArray[np.bool_]:
        """Whether anything lies along the rays."""
        return np.asarray(self.all.run(origins, directions, query="OCCLUDED") >= 0)

    def trace(self, origins: Floats, directions: Floats, look: Look, bounces: int) -> tuple[Floats, Ints]:
        """Radiance (N, 3) along the rays and what each hit first; backdrop gets the studio."""
        color = np.empty((len(origins), 3), np.float32)
        kind = np.empty(len(origins), np.int32)
        for i in range(0, len(origins), BATCH):
            part = slice(i, i + BATCH)
            color[part], kind[part] = self._trace(origins[part], directions[part], look, bounces)
        return color, kind

    def _trace(self, origins: Floats, directions: Floats, look: Look, bounces: int) -> tuple[Floats, Ints]:
        hit = self.all.run(origins, directions, output=True)
        prim, geometry = hit["primID"], hit["geomID"]
        kind = np.where(prim < 0, BACKDROP, np.where(geometry == 0, METAL, STONE)).astype(np.int32)
        color = np.empty((len(origins), 3), np.float32)
        sky = np.flatnonzero(kind == BACKDROP)
        if len(sky):
            color[sky] = self._surroundings(origins[sky], directions[sky], look)
        metal = np.flatnonzero(kind == METAL)
        if len(metal):
            color[metal] = self._metal(
                origins[metal], directions[metal], {k: v[metal] for k, v in hit.items()}, look, bounces
            )
        stone = np.flatnonzero(kind == STONE)
        if len(stone):
            at = origins[stone] + hit["tfar"][stone, None] * directions[stone]
            color[stone] = self._stone(at, directions[stone], prim[stone], look, bounces)
        return color, kind

    def _surroundings(self, origins: Floats, directions: Floats, look: Look) -> Floats:
        color = look.metal.lookup(directions)
        ground = look.ground
        if ground is not None:
            down = np.flatnonzero(directions[:, 2] < -0.03)
            if len(down):
                t = (np.float32(ground.z_mm) - origins[down, 2]) / directions[down, 2]
                x = origins[down, 0] + t * directions[down, 0]
                y = origins[down, 1] + t * directions[down, 1]
                color[down] *= ground.shade(x, y)[:, None]
        return color

    def _metal(self, origins: Floats, directions: Floats, hit: dict[str, Any], look: Look, bounces: int) -> Floats:
        prim = hit["primID"]
        u, v = hit["u"][:, None], hit["v"][:, None]
        corner = self.corners[prim]
        normal = unit(corner[:, 0] * (1.0 - u - v) + corner[:, 1] * u + corner[:, 2] * v)
        flat = unit(hit["Ng"])
        flat *= np.where(dot(flat, directions) > 0, np.float32(-1.0), np.float32(1.0))[:, None]
        at = origins + hit["tfar"][:, None] * directions
        if self.rough:
            normal = unit(normal + 0.055 * _grain(at))
        cosine = -dot(normal, directions)
        reflected = directions + (2.0 * cosine)[:, None] * normal
        # A smooth normal on a flat facet can send the mirror ray into the facet; lift it to the tangent.
        sunk = np.minimum(dot(reflected, flat) - 0.01, 0.0)
        reflected = unit(reflected - sunk[:, None] * flat)
        start = at + OFFSET_MM * flat
        if bounces > 0:
            arriving, _ = self._trace(start, reflected, look, bounces - 1)
        else:
            # The last mirror: what it would show is another part of the ring or the studio, so dim the studio.
            blocked = self.metal.run(start, reflected, query="OCCLUDED") >= 0
            arriving = look.metal.lookup(reflected) * np.where(blocked, np.float32(0.35), np.float32(1.0))[:, None]
        grazing = np.clip(1.0 - cosine, 0.0, 1.0)
        schlick = grazing * grazing
        schlick = (schlick * schlick * grazing)[:, None]
        return np.asarray(arriving * (self.f0 + (1.0 - self.f0) * schlick), np.float32)

    def _stone(self, at: Floats, directions: Floats, prim: Ints, look: Look, bounces: int) -> Floats:
        """Surface reflection plus the light that comes out of the facets, colour by colour."""
        gems = self.gems
        assert gems is not None
        normal = gems.normal[prim]
        stone = gems.stone[prim]
        cosine = -dot(normal, directions)
        mean = gems.index[stone]
        share, _ = fresnel(np.maximum(cosine, 0.0), 1.0 / mean)
        mirrored = directions + (2.0 * cosine)[:, None] * normal
        outside = self._seen_from_stone(at + OFFSET_MM * normal, unit(mirrored), look, bounces)
        color = outside * share[:, None]
        if bounces > 0:
            # Index at red, green and blue (about 640, 550, 460 nm) across the B-G interval.
            spread = gems.dispersion[stone]
            for channel, step in enumerate((-0.30, 0.08, 0.42)):
                index = mean + np.float32(step) * spread
                color[:, channel] += self._inside(at, directions, prim, index, channel, look, bounces)
        else:
            color += (1.0 - share)[:, None] * np.float32(0.35)
        return color

    def _inside(
        self, at: Floats, directions: Floats, prim: Ints, index: Floats, channel: int, look: Look, bounces: int
    ) -> Floats:
        """Light (N,) of one colour that left through the first facet after its way through the stone."""
        gems = self.gems
        assert gems is not None
        result = np.zeros(len(at), np.float32)
        normal = gems.normal[prim]
        cosine = np.maximum(-dot(normal, directions), 1e-3)
        share, cos_out = fresnel(cosine, 1.0 / index)
        ray = unit(refract(directions, normal, cosine, cos_out, 1.0 / index))
        weight = 1.0 - share
        live = np.arange(len(at))
        origin = at - OFFSET_MM * normal
        loss = gems.absorption[gems.stone[prim], channel]
        n_inside = index
        exits: list[tuple[NDArray[np.int64], Floats, Floats, Floats]] = []
        for _ in range(10 if bounces > 1 else 4):
            hit = self.gem_scene.run(origin, ray, output=True)
            facet = hit["primID"]
            ok = facet >= 0
            if not ok.all():
                live, origin, ray, weight, loss, n_inside = (
                    a[ok] for a in (live, origin, ray, weight, loss, n_inside)
                )
                hit = {k: v[ok] for k, v in hit.items()}
                facet = facet[ok]
            if len(live) == 0:
                break
            length = hit["tfar"]
            point = origin + length[:, None] * ray
            weight = weight * np.exp(-loss * length)
            normal = gems.normal[facet]
            cosine = np.maximum(dot(normal, ray), 0.0)
            share, cos_out = fresnel(cosine, n_inside)
            leaving = np.flatnonzero((share < 0.999) & (weight * (1.0 - share) > 0.004))
            if len(leaving):
                out = refract(
                    ray[leaving], -normal[leaving], cosine[leaving], cos_out[leaving], n_inside[leaving]
                )
                exits.append(
                    (
                        live[leaving],
                        point[leaving] + OFFSET_MM * normal[leaving],
                        unit(out),
                        (weight * (1.0 - share))[leaving],
                    )
                )
            weight = weight * share
            keep = weight > 0.02
            ray = unit(ray - (2.0 * cosine)[:, None] * normal)[keep]
            origin = (point - OFFSET_MM * normal)[keep]
            live, weight, loss, n_inside = live[keep], weight[keep], loss[keep], n_inside[keep]
            if len(live) == 0:
                break
        if exits:
            who = np.concatenate([e[0] for e in exits])
            light = self._seen_from_stone(
                np.concatenate([e[1] for e in exits]), np.concatenate([e[2] for e in exits]), look, 0
            )[:, channel]
            share_out = np.concatenate([e[3] for e in exits])
            result += np.bincount(who, weights=light * share_out, minlength=len(at)).astype(np.float32)
        return result

    def _seen_from_stone(self, origins: Floats, directions: Floats, look: Look, bounces: int) -> Floats:
        """The surroundings as a stone sees them: sparkling studio, dark photographer, metal nearby."""
        color = look.gems.lookup(directions) * np.float32(look.gem_gain)
        toward = directions @ look.eye
        color *= (1.0 - 0.85 * np.clip((toward - 0.955) / 0.02, 0.0, 1.0))[:, None]
        hit = self.metal.run(origins, directions, output=True)
        near = np.flatnonzero(hit["primID"] >= 0)
        if len(near):
            color[near] = self._metal(
                origins[near], directions[near], {k: v[near] for k, v in hit.items()}, look, min(bounces, 1)
            )
        return color


def _grain(at: Floats) -> Floats:
    """Deterministic unit-variance noise (N, 3) fixed to the metal at a 0.02 mm raster: the as-cast skin."""
    cell = np.floor(at * 50.0).astype(np.int64)
    seed = (cell[:, 0] * 73856093) ^ (cell[:, 1] * 19349663) ^ (cell[:, 2] * 83492791)
    out = np.empty((len(at), 3), np.float32)
    for axis in range(3):
        h = (seed + axis * 1013904223) & 0xFFFFFFFF
        h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
        h = ((h ^ (h >> 16)) * 0x45D9F3B) & 0xFFFFFFFF
        out[:, axis] = ((h ^ (h >> 16)) & 0xFFFF).astype(np.float32) / 18918.0 - 1.732
    return out
