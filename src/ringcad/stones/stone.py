"""A stone of any cut in mm: outline, facets, volume, weight both ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.standards import GRAM_PER_CARAT, Cut, cut
from ringcad.stones import planes
from ringcad.stones.halfspaces import facets
from ringcad.stones.measured import arc_chain, like_ideal
from ringcad.stones.outline import Outline, Point, moved_outline
from ringcad.stones.outlines import heart_half, outline_of

FloatArray = NDArray[np.float64]

#: Facets of a girdle: chord of a circle in 64 parts, as share of its diameter.
_GIRDLE_CHORD = 6.0e-4
#: Rings of facets, and facets round each, that stand for the smooth dome of a cabochon.
_DOME_RINGS = 16
_DOME_FACETS = 64
#: Depths (of a stone 1 mm wide) that differ by less are the same.
_SAME_DEPTH = 1e-9


@dataclass(frozen=True)
class CutStone:
    """Plain lengths of a stone in mm. ``length_mm`` runs along +y, ``width_mm`` along x."""

    cut: str
    width_mm: float
    length_mm: float
    table_share: float
    crown_mm: float
    girdle_mm: float
    pavilion_mm: float
    shape_percent: float
    outline_mm: tuple[Point, ...] = ()
    """Points of the girdle as measured, counter-clockwise about the middle of their box; empty for the ideal."""

    @property
    def depth_mm(self) -> float:
        """Table to culet."""
        return self.crown_mm + self.girdle_mm + self.pavilion_mm

    @property
    def outline(self) -> Outline:
        """The girdle, exact. Raises :class:`InputError` for lengths that the cut cannot have."""
        if self.outline_mm:
            return arc_chain(self.outline_mm)
        return outline_of(self.cut, self.width_mm, self.length_mm, self.shape_percent)

    @property
    def forward_mm(self) -> float:
        """How far along +y the stone lies in its head, so that its length is centred on the shank."""
        _, low, _, high = self.outline.bounds_mm
        middle = 0.5 * (low + high)
        return 0.0 if abs(middle) < 1e-12 * self.length_mm else -middle

    @property
    def placed_outline(self) -> Outline:
        """The girdle where it lies in its head."""
        forward = self.forward_mm
        return self.outline if forward == 0.0 else moved_outline(self.outline, 0.0, forward)


def reference_stone(name: str, width_mm: float, length_mm: float | None = None) -> CutStone:
    """A stone of a cut's default proportions; without a length, the cut's default ratio.

    Raises :class:`~ringcad.standards.UnknownNameError` for an unknown cut and :class:`InputError` for
    lengths that are not positive or that the cut cannot have.
    """
    row = cut(name)
    length = width_mm * row.length_to_width.default if length_mm is None else length_mm
    if width_mm <= 0.0 or length <= 0.0:
        raise InputError(f"a stone of {length:g} x {width_mm:g} mm does not exist; both lengths must be positive")
    return _of_row(row, width_mm, length)


def _of_row(row: Cut, width_mm: float, length_mm: float) -> CutStone:
    def share(percent: float) -> float:
        return percent / 100.0 * width_mm

    stone = CutStone(
        cut=row.id,
        width_mm=width_mm,
        length_mm=length_mm,
        table_share=row.table_percent.default / 100.0,
        crown_mm=share(row.crown_percent.default),
        girdle_mm=share(row.girdle_percent.default),
        pavilion_mm=share(row.pavilion_percent.default),
        shape_percent=row.shape_percent,
    )
    _ = stone.outline
    return stone


@dataclass(frozen=True)
class Solid:
    """A convex body: ``normals (k, 3) @ p <= offsets (k,)`` inside; facets (n, 3) counter-clockwise from outside.

    ``mirrored``: the half at x >= 0 of a body that is its own mirror image, without the plane x = 0; for points at
    x < 0 the half's planes hold at -x.
    """

    normals: FloatArray
    offsets: FloatArray
    facets: tuple[FloatArray, ...]
    mirrored: bool = False


def solids(stone: CutStone) -> tuple[Solid, ...]:
    """Convex bodies that make up the stone, in mm: one, or a heart's two halves that share the plane x = 0."""
    w = stone.width_mm
    return tuple(
        Solid(unit.normals, unit.offsets * w, tuple(loop * w for loop in unit.facets))
        for unit in _unit_solids(*_ratios(stone))
    )


_Ratios = tuple[str, float, float, float, float, float, float, tuple[Point, ...]]


def _ratios(stone: CutStone) -> _Ratios:
    """Lengths as shares of the width, rounded far below any tolerance, so that two sizes share their facets."""
    w = stone.width_mm
    return (
        stone.cut,
        round(stone.length_mm / w, 13),
        round(stone.table_share, 13),
        round(stone.crown_mm / w, 13),
        round(stone.girdle_mm / w, 13),
        round(stone.pavilion_mm / w, 13),
        stone.shape_percent,
        tuple((round(x / w, 13), round(y / w, 13)) for x, y in stone.outline_mm),
    )


@lru_cache(maxsize=64)
def _unit_solids(
    name: str,
    length: float,
    table: float,
    crown: float,
    girdle: float,
    pavilion: float,
    shape: float,
    measured: tuple[Point, ...],
) -> tuple[Solid, ...]:
    """Bodies of a stone 1 mm wide, each with its facets."""
    if cut(name).style == "cabochon":
        outline = outline_of(name, 1.0, length, shape)
        return (_solid_of(planes.dome_facets(outline, crown + girdle, girdle, _DOME_RINGS, _DOME_FACETS)),)
    found = _faceted(name, length, planes.Heights(table, girdle, crown, pavilion), shape, measured)
    deep = -min(float(loop[:, 2].min()) for solid in found for loop in solid.facets)
    if abs(deep - pavilion) <= _SAME_DEPTH:
        return found
    # a keel under sides that taper, or lower halves that cross the culet, end early. Everything below the
    # girdle is linear in the depth, so one correction is exact
    return _faceted(name, length, planes.Heights(table, girdle, crown, pavilion**2 / deep), shape, measured)


def _faceted(
    name: str, length: float, heights: planes.Heights, shape: float, measured: tuple[Point, ...]
) -> tuple[Solid, ...]:
    """Bodies of a faceted stone 1 mm wide."""
    outline = outline_of(name, 1.0, length, shape)
    if measured:
        whole, positions = arc_chain(measured), planes.MAINS[name]
        mains = like_ideal(whole, outline, positions)
        halves = like_ideal(whole, outline, planes.between(positions, len(outline.segments)))
        rows = planes.brilliant_planes(whole, mains, heights, halves=halves)
        return (_solid(rows + planes.girdle_planes(whole, _GIRDLE_CHORD)),)
    style = cut(name).style
    if name == "heart":
        half = heart_half(1.0, length, shape)
        rows = planes.brilliant_planes(half, planes.MAINS[name], heights, closed=False)
        rows += planes.girdle_planes(half, _GIRDLE_CHORD)
        mirrored = [(-nx, ny, nz, offset) for nx, ny, nz, offset in rows]
        return (_solid(rows), _solid(mirrored))
    if style == "brilliant":
        rows = planes.brilliant_planes(outline, planes.MAINS[name], heights)
    else:
        rows = planes.step_crown(outline, 1.0, heights)
        if style == "step":
            rows += planes.step_pavilion(outline, 1.0, heights)
        elif style == "princess":
            rows += planes.princess_pavilion(outline, heights)
        else:
            rows += planes.radiant_pavilion(outline, heights)
    return (_solid(rows + planes.girdle_planes(outline, _GIRDLE_CHORD)),)


def _solid(rows: list[tuple[float, float, float, float]]) -> Solid:
    table = np.array(rows, dtype=np.float64)
    loops = facets(table[:, :3], table[:, 3])
    used = [k for k, loop in enumerate(loops) if len(loop)]
    return Solid(table[used, :3], table[used, 3], tuple(loops[k] for k in used))


def _solid_of(loops: list[FloatArray]) -> Solid:
    areas = np.array([np.cross(loop, np.roll(loop, -1, axis=0)).sum(axis=0) for loop in loops])
    normals = areas / np.linalg.norm(areas, axis=1, keepdims=True)
    offsets = np.array([float(n @ loop.mean(axis=0)) for n, loop in zip(normals, loops, strict=True)])
    return Solid(normals, offsets, tuple(loops))


def facet_polygons(stone: CutStone) -> tuple[FloatArray, ...]:
    """Facets (n, 3) in mm, planar, counter-clockwise from outside; a heart's inner plane is left out."""
    return tuple(loop for body in solids(stone) for loop in without_inner_plane(body).facets)


def without_inner_plane(body: Solid) -> Solid:
    """A heart's half without the plane x = 0 that it shares with the other; a whole stone has none."""
    inner = (np.abs(body.normals[:, 0]) > 1.0 - _SAME_DEPTH) & (np.abs(body.offsets) < _SAME_DEPTH)
    kept = np.flatnonzero(~inner)
    return replace(
        body, normals=body.normals[kept], offsets=body.offsets[kept], facets=tuple(body.facets[k] for k in kept)
    )


def volume_mm3(stone: CutStone) -> float:
    """Enclosed volume, by the divergence theorem over the facets: exact for the polyhedron."""
    total = 0.0
    for body in _unit_solids(*_ratios(stone)):
        for loop in body.facets:
            area = np.cross(loop, np.roll(loop, -1, axis=0)).sum(axis=0)
            total += float(loop[0] @ area) / 6.0
    return total * stone.width_mm**3


def weight_ct(stone: CutStone, density_g_cm3: float) -> float:
    """Carats: volume x density / 0.2 g."""
    return volume_mm3(stone) * density_g_cm3 * 1e-3 / GRAM_PER_CARAT


def scaled(stone: CutStone, factor: float) -> CutStone:
    """The same proportions ``factor`` times as large."""
    names = ("width_mm", "length_mm", "crown_mm", "girdle_mm", "pavilion_mm")
    lengths = {name: getattr(stone, name) * factor for name in names}
    return replace(stone, **lengths, outline_mm=tuple((x * factor, y * factor) for x, y in stone.outline_mm))


def stone_of_weight(stone: CutStone, carats: float, density_g_cm3: float) -> CutStone:
    """The same proportions at another weight: the cube law. Raises :class:`InputError` for no weight."""
    if carats <= 0.0:
        raise InputError(f"a stone of {carats:g} ct does not exist; the weight must be positive")
    return scaled(stone, float((carats / weight_ct(stone, density_g_cm3)) ** (1.0 / 3.0)))
