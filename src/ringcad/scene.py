"""From a built mesh and the stones in place to the scene that the pictures are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ringcad.fit.display import Display, fine_display
from ringcad.render.scene import RenderScene, StoneInstance, ViewHints
from ringcad.resolved import RoundStone
from ringcad.seats.bodies import facet_planes, facet_polygons, stone_halves
from ringcad.template import RingPlan

WALL_SAMPLE_REACH_MM = 0.4
"""A sample speaks for this much of its neighbourhood; 12 000 samples on a ring lie about 0.2 mm apart."""

if TYPE_CHECKING:
    from ringcad.resolved import CenterStone, ResolvedRing
    from ringcad.template import Template
    from ringcad.verify.report import WallSamples
    from ringcad.worker import BuiltMesh


#: Normals, offsets and facets of a convex body, and which of its planes is inside the stone.
_Model = tuple[NDArray[np.float64], NDArray[np.float64], tuple[NDArray[np.float64], ...], int | None]


def stone_instances(resolved: ResolvedRing, template: Template) -> tuple[StoneInstance, ...]:
    """Every stone of the ring as a convex body in place; a heart as two."""
    models: dict[str, tuple[_Model, ...]] = {}
    rows = []
    for place in template.stones(resolved):
        stone = resolved.stone_of(place.stone_key)
        if place.stone_key not in models:
            models[place.stone_key] = _models(stone)
        for number, (normals, offsets, polygons, door) in enumerate(models[place.stone_key]):
            rows.append(
                StoneInstance(
                    normals,
                    offsets,
                    stone.refractive_index,
                    stone.color_rgb,
                    place.origin,
                    place.axis,
                    polygons=polygons,
                    dome_mm=_dome_mm(stone),
                    door=door,
                    beyond=0 if door is None else 1 - 2 * number,
                )
            )
    return tuple(rows)


def _models(stone: CenterStone) -> tuple[_Model, ...]:
    halves = stone_halves(stone)
    if len(halves) < 2:
        return ((*facet_planes(stone), tuple(facet_polygons(stone)), None),)
    found = []
    for half in halves:
        door = int(np.argmax(np.all(np.abs(half.normals[:, 1:]) < 1e-9, axis=1) & (np.abs(half.offsets) < 1e-9)))
        loops = tuple(loop[:0] if k == door else loop for k, loop in enumerate(half.facets))
        found.append((half.normals, half.offsets, loops, door))
    return tuple(found)


def _dome_mm(stone: CenterStone) -> tuple[float, float, float, float] | None:
    if not stone.domed:
        return None
    length = stone.diameter_mm if isinstance(stone, RoundStone) else stone.length_mm
    return 0.5 * stone.diameter_mm, stone.crown_height_mm, stone.girdle_mm, 0.5 * length


def view_hints(resolved: ResolvedRing) -> ViewHints:
    """Where the cameras should look: the right shoulder's decoration if there is one."""
    spans = [(d.phi_start_deg, d.phi_end_deg) for d in resolved.shank_decoration]
    spans = [span for span in spans if sum(span) > 0] or spans
    radius = 0.5 * resolved.ring.inner_diameter_mm
    if not spans and resolved.stone is None:
        return ViewHints(0.0, bore_radius_mm=radius, band_width_mm=resolved.shank.widest)
    if not spans:
        return ViewHints(bore_radius_mm=radius, band_width_mm=resolved.shank.widest)
    low, high = min(spans[0]), max(spans[0])
    return ViewHints(0.5 * (low + high), high - low, radius, resolved.shank.widest)


def walls_at_vertices(vertices: NDArray[np.float64], samples: WallSamples) -> NDArray[np.float64]:
    """Thickness in mm at each vertex: that of the nearest structural sample, NaN where none is near."""
    from scipy.spatial import cKDTree

    from ringcad.verify.report import WALL_CLASSES, WallClass

    structural = samples.wall_class == WALL_CLASSES.index(WallClass.STRUCTURAL)
    values = np.full(len(vertices), np.nan)
    if structural.any():
        distance, index = cKDTree(samples.points[structural]).query(vertices, distance_upper_bound=WALL_SAMPLE_REACH_MM)
        near = np.isfinite(distance)
        values[near] = samples.thickness_mm[structural][index[near]]
    return values


def make_scene(resolved: ResolvedRing, template: Template, mesh: BuiltMesh, plan: Any = None) -> RenderScene:
    """The ring with its stones, in the metal's colour; with its plan the relief is drawn from the spline itself."""
    shown = Display(mesh.vertices, mesh.triangles, mesh.corner_normals)
    if isinstance(plan, RingPlan):
        shown = fine_display(shown, mesh.face_index, mesh.face_names, plan.nets, plan.skin, plan.tile_stations)
    return RenderScene(
        vertices=shown.vertices,
        triangles=shown.triangles,
        metal_rgb=resolved.metal.color_rgb,
        corner_normals=shown.corner_normals,
        # the customer sees the polished ring, whatever state the file is in
        finish="polished",
        stones=stone_instances(resolved, template),
        hints=view_hints(resolved),
    )
