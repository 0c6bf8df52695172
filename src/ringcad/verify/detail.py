"""Relief on the shank: width at half height and height against width, where the decoration stands.

The zone is unrolled into a chart by rays towards the finger axis; a smooth ground is fitted and
taken off; what stands above half its local crest is a mask. An opening of the mask by the least
width leaves only what is wide enough: a residue that reaches further than rounded corners do is a
stroke that is too thin. Widths are distances on the chart, metric at the crest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.core.rasters import distance_to_false, piece_maximum, pieces, square_maximum
from ringcad.resolved import Decoration, ResolvedRing
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import CLOSED, PIXEL_MM, Chart, unroll

Array = NDArray[Any]

WIDTH_TOLERANCE_MM = 0.02
"""Widths are found to about this on the refined chart; only what is thinner than the limit by it is reported."""
WIDTH_ERROR_MM = 0.07
"""A stroke thinner than the limit by this (one pole spacing of a skin net) is refused; less is a warning."""
_FINER = 4
_MOST_REFINED = 30
_WINDOW_MM = 0.8
_ROUGH_MM = 0.03
"""The coarse chart reads widths short by about this, so what it passes is wide enough."""
LEAST_ERROR_MM2 = 0.2
"""One thin stroke of this area (0.3 mm by 0.7) refuses; corners of patches are smaller and only warned of."""
LEAST_ERROR_SUM_MM2 = 0.5
"""So do many small ones together (a row of beads)."""
STEEP_TOLERANCE = 0.15
"""Height over width: one chart step on a stroke of 0.35 mm."""
LEAST_HEIGHT_MM = 0.10
"""Relief lower than this is a scar, not detail; the castability filter drops it (design 5)."""
_LEVEL_MM = 0.02
"""Step of the level sets that widths at half height are taken of."""
_CREST_REACH_MM = 0.35
"""Half height is taken of the highest crest within this distance."""
_WEIGHT_ABOVE = 0.02
"""Weight in the ground's fit of what stands above it (an expectile)."""
_BEYOND_MM = 1.0
"""Of the plain shank past the zone that the ground is fitted to as well: a border along the end leaves none inside, and
the fit would climb it."""
_STIFF = 0.05
"""Weight of the terms across the band, each against as large a share of the chart's cells: a plain ground that is seen
all over is followed to a twentieth of what its crown differs from the one in numbers."""
_ROWS_AT_ONCE = 400
_DEGREE_ACROSS, _DEGREE_ALONG = 2, 6
"""A crown is a parabola in the share of the width; thickness runs smoothly along the shank."""


@dataclass(frozen=True)
class DetailZone:
    """Relief of one decorated zone.

    Attributes
    ----------
    id : of the decoration
    depth_mm : 98th percentile of the height over the ground
    narrowest_mm : least width at half height of a stroke that is too thin, else the least width tested
    narrow_mm2 : area of strokes below the limit
    refused : whether they are thin and large enough to refuse the ring
    narrow_place_mm : middle of the largest such stroke, ``None`` when there is none
    steepest : largest height over width of a stroke
    steep_place_mm : where
    resolution_mm : chart step
    """

    id: str
    depth_mm: float
    narrowest_mm: float
    narrow_mm2: float
    refused: bool
    narrow_place_mm: tuple[float, float, float] | None
    steepest: float
    steep_place_mm: tuple[float, float, float] | None
    resolution_mm: float


def ground_of(chart: Chart, *, engraved: bool) -> Array:
    """Smooth surface under an embossed relief (over an engraved one), fitted to the chart.

    Low-order products of Chebyshev polynomials in the share of the width and in the angle; least
    squares with weights that follow the lower envelope (expectile 0.02, Newey & Powell 1987):
    strokes weigh little, the ground between carries the fit. The plain crown's fall is known and taken off
    before, so that terms across the band are held back: a border along each side leaves no ground outside it.
    """
    values = -chart.radius_mm if engraved else chart.radius_mm
    share = np.clip(chart.across_mm[:, None] / chart.half_width_mm[None, :], -1.0, 1.0)
    along = np.polynomial.chebyshev.chebvander(np.linspace(-1.0, 1.0, values.shape[1]), _DEGREE_ALONG)
    rows, columns = slice(0, None, 3), slice(0, None, 6)
    good = np.isfinite(values[rows, columns])
    across = np.polynomial.chebyshev.chebvander(share[rows, columns][good], _DEGREE_ACROSS)
    there = np.broadcast_to(along[columns][None], (*good.shape, along.shape[1]))[good]
    basis = (across[:, :, None] * there[:, None, :]).reshape(len(across), -1)
    target = values[rows, columns][good]
    stiff = np.full((_DEGREE_ACROSS + 1, along.shape[1]), _STIFF * len(target))
    stiff[0] = 0.0
    solution = _lower_envelope(basis, target, stiff.ravel())
    per_column = solution.reshape(_DEGREE_ACROSS + 1, -1) @ along.T  # (degrees across, columns)
    ground: Array = np.zeros_like(share)
    before, power = np.ones_like(share), share
    for k in range(_DEGREE_ACROSS + 1):
        ground += per_column[k] * before
        before, power = power, 2.0 * share * power - before
    return np.asarray(-ground if engraved else ground)


def _lower_envelope(basis: Array, target: Array, stiff: Array) -> Array:
    """Coefficients of the fit of ``target`` (k,) by the columns of ``basis`` (k, c) that follows its lower envelope.

    ``stiff`` (c,) weighs the squares of the coefficients.
    """
    above = np.zeros(len(target), dtype=bool)
    terms = np.concatenate([basis, target[:, None]], axis=1)
    everything = _products(terms)
    solution: Array = np.zeros(basis.shape[1])
    for _ in range(12):
        normal = everything - (1.0 - _WEIGHT_ABOVE) * _products(terms[above])
        solution = np.linalg.lstsq(normal[:-1, :-1] + np.diag(stiff), normal[:-1, -1], rcond=1e-12)[0]
        now = target - (basis * solution).sum(axis=1) > 0.0
        if np.array_equal(now, above):
            break
        above = now
    return solution


def _products(terms: Array) -> Array:
    """``terms.T @ terms`` of (k, c), in pieces so small that the library for linear algebra starts no threads."""
    found = np.zeros((terms.shape[1], terms.shape[1]))
    for begin in range(0, len(terms), _ROWS_AT_ONCE):
        part = terms[begin : begin + _ROWS_AT_ONCE]
        found += part.T @ part
    return found


def measure_detail(caster: RayCaster, resolved: ResolvedRing, zone: Decoration) -> DetailZone | None:
    """Widths and heights of one zone; ``None`` when there is nothing to measure."""
    chart = unroll(caster, resolved, zone, _BEYOND_MM)
    if chart is None or not np.isfinite(chart.radius_mm).any():
        return None
    ground = ground_of(chart, engraved=zone.mode == "engrave")
    if zone.region not in CLOSED:
        chart, ground = _without_last(chart, ground, int(_BEYOND_MM / PIXEL_MM))
    if not np.isfinite(chart.radius_mm).any():
        return None
    # The rays run along the radius; the wall's own normal leans across the band.
    slope = np.gradient(ground + chart.offset_mm, chart.across_mm, axis=0)
    lean = 1.0 / np.sqrt(1.0 + slope**2)
    if resolved.shank.base is None:  # a euro shank's chart has even steps along its corners already
        line = ground[len(ground) // 2]
        turn = chart.step_mm * line / line.max()
        climb = np.hypot(1.0, np.gradient(line) / turn)
        chart = replace(chart, stretch=climb if chart.stretch is None else climb * chart.stretch)
    height = (chart.radius_mm - ground) * lean * chart.lean
    known = np.isfinite(height)
    if zone.mode == "engrave":  # ridges between the grooves stand on the grooves' floor
        height = height - float(np.nanpercentile(height[known], 2.0))
    return judge_heights(zone.id, np.where(known, height, np.nan), chart, resolved.foundry.detail_min_mm)


def _without_last(chart: Chart, ground: Array, columns: int) -> tuple[Chart, Array]:
    """Chart and ground without their last columns."""
    kept = slice(0, max(chart.radius_mm.shape[1] - columns, 1))
    narrower = replace(
        chart,
        radius_mm=chart.radius_mm[:, kept],
        points=chart.points[:, kept],
        half_width_mm=chart.half_width_mm[kept],
        offset_mm=chart.offset_mm[..., kept] if isinstance(chart.offset_mm, np.ndarray) else chart.offset_mm,
        lean=chart.lean[..., kept] if isinstance(chart.lean, np.ndarray) else chart.lean,
        stretch=None if chart.stretch is None else chart.stretch[kept],
    )
    return narrower, ground[:, kept]


@dataclass(frozen=True)
class _Field:
    """A height map (0 where unknown), the highest crest near each cell, and which cells are known.

    ``stretch`` (columns,) is how much further apart the columns are than a step; ``None`` where they are not.
    """

    height: Array
    crest: Array
    known: Array
    step_mm: float
    stretch: Array | None = None


@dataclass(frozen=True)
class _Stroke:
    """A connected piece that an opening takes away."""

    area_mm2: float
    width_mm: float
    height_mm: float
    row: int
    column: int


def judge_heights(name: str, height: Array, chart: Chart, detail_min_mm: float) -> DetailZone:
    """Width at half height and height over width of a height map with unknown (NaN) cells."""
    step = chart.step_mm
    known = np.isfinite(height)
    filled = np.where(known, height, 0.0)
    depth = float(np.percentile(filled[known], 98.0)) if known.any() else 0.0
    reach = 2 * int(_CREST_REACH_MM / step) + 1
    crest = square_maximum(filled, reach // 2)
    field = _Field(filled, crest, known, step, chart.stretch)
    narrow: list[_Stroke] = []
    for rough in _too_narrow(field, detail_min_mm, LEAST_HEIGHT_MM, _ROUGH_MM)[:_MOST_REFINED]:
        fine = _refined(rough, field, detail_min_mm)
        if fine:
            narrow.append(replace(fine[0], area_mm2=rough.area_mm2))
    steepest, steep = depth / detail_min_mm if not narrow else 0.0, None
    for width in np.arange(detail_min_mm + 0.1, depth, 0.1):
        for stroke in _too_narrow(field, float(width), float(width), step):
            if stroke.height_mm / stroke.width_mm > max(steepest, 1.0):
                steepest, steep = stroke.height_mm / stroke.width_mm, stroke
    for stroke in narrow:
        if stroke.height_mm / stroke.width_mm > steepest:
            steepest, steep = stroke.height_mm / stroke.width_mm, stroke
    bad = [stroke.area_mm2 for stroke in narrow if stroke.width_mm < detail_min_mm - WIDTH_ERROR_MM]
    return DetailZone(
        id=name,
        depth_mm=depth,
        narrowest_mm=min([detail_min_mm, *(stroke.width_mm for stroke in narrow)]),
        narrow_mm2=sum(stroke.area_mm2 for stroke in narrow),
        refused=max(bad, default=0.0) >= LEAST_ERROR_MM2 or sum(bad) >= LEAST_ERROR_SUM_MM2,
        narrow_place_mm=_place(chart, max(narrow, key=lambda stroke: stroke.area_mm2)) if narrow else None,
        steepest=steepest,
        steep_place_mm=_place(chart, steep) if steep is not None else None,
        resolution_mm=step,
    )


def _thin(field: _Field, width_mm: float, radius_mm: float) -> tuple[Array, Array]:
    """Of each cell above half of its crest: distance to the border, and to what discs of ``radius_mm`` fit into.

    Both are taken of the level set at half of the cell's own crest (in steps of ``_LEVEL_MM``), so that a terrace
    below a taller rim is as broad as it is; 0 of all other cells. Exact as far as is asked for.
    """
    step = field.step_mm
    mask = field.known & (field.height > 0.5 * field.crest) & (field.crest > LEAST_HEIGHT_MM)
    levels = np.where(mask, np.round(0.5 * field.crest / _LEVEL_MM), 0.0).astype(np.int64)
    pad = int(np.ceil(width_mm / step)) + 1
    to_border = int(np.ceil(0.5 * width_mm / step + 0.5)) + 1
    # No more than 1.5 widths beyond the radius is asked for.
    to_disc = int(np.ceil((1.5 * width_mm + radius_mm) / step)) + 1
    inside, away = np.zeros(mask.shape), np.zeros(mask.shape)
    for level in np.unique(levels[mask]):
        here = levels == level
        box = tuple(slice(max(k.min() - to_disc, 0), k.max() + to_disc + 1) for k in np.nonzero(here))
        # Beside what is unknown a stroke is cut off, not thin: it is taken to go on.
        solid = (field.height[box] > min(level * _LEVEL_MM, 0.5 * float(field.crest[here].min()))) | ~field.known[box]
        depth = distance_to_false(np.pad(solid, pad, mode="edge"), to_border) * step - 0.5 * step
        gone = distance_to_false(~(depth >= radius_mm), to_disc) * step - radius_mm
        kept = slice(pad, -pad), slice(pad, -pad)
        inside[here], away[here] = depth[kept][here[box]], gone[kept][here[box]]
    return inside, away


def _refined(rough: _Stroke, field: _Field, width_mm: float) -> list[_Stroke]:
    """The same judgement on a finer chart round one stroke, interpolated: widths to a fifth of a step."""
    step = field.step_mm
    reach = int(_WINDOW_MM / step)
    rows = slice(max(rough.row - reach, 0), rough.row + reach + 1)
    columns = slice(max(rough.column - reach, 0), rough.column + reach + 1)
    height = field.height[rows, columns]
    # The columns of the window lie further apart where the ground climbs along the ring.
    wider = 1.0 if field.stretch is None else float(field.stretch[columns].mean())
    places = (_places(height.shape[0], 1.0), _places(height.shape[1], wider))
    nearest = [np.floor(place + 0.5).astype(np.int64) for place in places]
    there = field.known[rows, columns][np.ix_(*nearest)]
    finer = _Field(_between(height, places), _between(field.crest[rows, columns], places), there, step / _FINER)
    found = []
    for stroke in _too_narrow(finer, width_mm, LEAST_HEIGHT_MM, WIDTH_TOLERANCE_MM):
        row, column = rows.start + int(places[0][stroke.row]), columns.start + int(places[1][stroke.column])
        if np.hypot(row - rough.row, column - rough.column) * step < 0.4:  # others have a window of their own
            found.append(_Stroke(stroke.area_mm2, stroke.width_mm, stroke.height_mm, row, column))
    return found


def _places(size: int, stretch: float) -> Array:
    """Where finer samples of a line of ``size`` lie, ``_FINER`` times ``stretch`` as many; first and last stay."""
    return np.linspace(0.0, size - 1.0, round(_FINER * stretch * size))


def _between(values: Array, places: tuple[Array, Array]) -> Array:
    """Values at fractional rows and columns, linear between."""
    for place in places:
        low = np.minimum(place.astype(np.int64), max(len(values) - 2, 0))
        share = (place - low)[:, None]
        values = (values[low] * (1.0 - share) + values[np.minimum(low + 1, len(values) - 1)] * share).T
    return values


def _too_narrow(field: _Field, width_mm: float, least_height_mm: float, tolerance_mm: float) -> list[_Stroke]:
    """Pieces narrower than ``width_mm`` (less the tolerance) at half height and at least so high, thinnest first.

    Rounded corners and pointed ends also fall to an opening; a piece counts once it reaches further than half the
    width from what stays and is no mere point (about a square of the width), or lies by itself.
    """
    step = field.step_mm
    inside, away = _thin(field, width_mm, 0.5 * (width_mm - tolerance_mm))
    residue = away > 0.5 * step
    label, number = pieces(residue)
    found: list[_Stroke] = []
    if not number:
        return found
    reach, tall = piece_maximum(away, label, number)[1:], piece_maximum(field.height, label, number)[1:]
    area = np.bincount(label.ravel(), minlength=number + 1)[1:] * step**2
    stroke = (reach > 0.5 * width_mm) & ((area > 0.75 * width_mm**2) | (reach > 1.5 * width_mm))
    for k in np.flatnonzero(stroke & (tall >= least_height_mm)):
        rows, columns = np.nonzero(label == k + 1)
        middle = int(np.argmax(inside[rows, columns]))
        width = 2.0 * float(inside[rows[middle], columns[middle]])
        found.append(_Stroke(float(area[k]), max(width, step), float(tall[k]), int(rows[middle]), int(columns[middle])))
    return sorted(found, key=lambda stroke: stroke.width_mm)


def _place(chart: Chart, stroke: _Stroke) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in chart.points[stroke.row, stroke.column])
    return x, y, z


def detail_findings(zone: DetailZone, index: int, detail_min_mm: float) -> list[Finding]:
    """Strokes too thin to cast, or higher than they are wide."""
    found: list[Finding] = []
    if zone.narrow_place_mm is not None:
        x, y, z = zone.narrow_place_mm
        found.append(
            Finding(
                code=FindingCode.DETAIL_WIDTH,
                severity=Severity.ERROR if zone.refused else Severity.WARNING,
                message=f"relief {zone.id}: strokes of {zone.narrowest_mm:.2f} mm at half height "
                f"(limit: {detail_min_mm:.2f} mm, measured to {WIDTH_TOLERANCE_MM:.2f}), {zone.narrow_mm2:.2f} mm^2 "
                f"in all, the largest at ({x:.2f}, {y:.2f}, {z:.2f})",
                measured=zone.narrowest_mm,
                limit=detail_min_mm,
                unit="mm",
                place_mm=zone.narrow_place_mm,
                spec_field=f"decoration.{index}.prompt",
                fix="choose a coarser pattern or another seed, or widen the shank there",
            )
        )
    if zone.steepest > 1.0 + STEEP_TOLERANCE and zone.steep_place_mm is not None:
        x, y, z = zone.steep_place_mm
        found.append(
            Finding(
                code=FindingCode.DETAIL_HEIGHT,
                severity=Severity.WARNING,
                message=f"relief {zone.id}: a stroke is {zone.steepest:.2f} times as high as wide (limit: 1) "
                f"at ({x:.2f}, {y:.2f}, {z:.2f})",
                measured=zone.steepest,
                limit=1.0,
                unit=None,
                place_mm=zone.steep_place_mm,
                spec_field=f"decoration.{index}.depth_mm",
                fix=f"set decoration.{index}.depth_mm to {zone.depth_mm / zone.steepest:.2f}",
            )
        )
    return found


def zone_row(zone: DetailZone) -> dict[str, Any]:
    """JSON-ready numbers of one zone."""
    return {
        "depth_mm": round(zone.depth_mm, 4),
        "narrowest_mm": round(zone.narrowest_mm, 4),
        "narrow_mm2": round(zone.narrow_mm2, 4),
        "height_over_width": round(zone.steepest, 4),
        "resolution_mm": zone.resolution_mm,
    }


def spec_index(resolved: ResolvedRing, zone_id: str) -> int:
    """Which entry of the spec's ``decoration`` a zone came from; mirrored zones share theirs."""
    entries: list[tuple[object, ...]] = []
    for zone in resolved.decoration:
        key = (zone.region, zone.prompt, zone.seed, zone.generator, zone.depth_mm)
        if key not in entries:
            entries.append(key)
        if zone.id == zone_id:
            return entries.index(key)
    return 0
