"""Reliefs onto the skin of any template: filter, budget, coefficients, bounds. Numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity, has_errors
from ringcad.fit.limb import LimbNets
from ringcad.fit.obstacles import Obstacle
from ringcad.fit.skin import Zone, chart_stretch, platform_mask, zone_size
from ringcad.fit.wall_bound import WallBound, wall_bound
from ringcad.generation import Relief, ZoneSize
from ringcad.relief.budget import BudgetLimits, BudgetResult, apply_budget
from ringcad.relief.castability import FilterResult, make_castable, stretch
from ringcad.relief.resample import resample_to_chart, sharpen_coefficients
from ringcad.resolved import Decoration, ResolvedRing

Array = NDArray[np.float64]

#: Level rim round a flush seat that grooves keep: the metal beside a seat that setters ask for, 0.5 mm
#: (`verify/sites.py`), plus the chords of both sides. Raised relief leaves that metal alone and may come nearer.
ENGRAVED_RIM_MM = 0.55
#: Largest share of the decorated area that platforms may take in a shipped spec (design 8).
PLATFORM_SHARE_MAX = 0.35
#: Distance of the spline surface from the wanted ground, measured on plain shanks, mm.
FIT_ERROR_MM = 0.005
#: Profiles that bend across within the decorated zone; the others' edge roundings lie in its margin.
ROUND_ACROSS = ("soft_cushion", "ellipse")


@dataclass(frozen=True)
class _Fitted:
    zone: Zone
    heights_mm: Array
    mask: Array
    summary: dict[str, Any]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Decorated:
    """Signed heights (n, k) over the net of the skin, mm, and what became of each zone."""

    heights_mm: Array
    findings: tuple[Finding, ...]
    zones: dict[str, dict[str, Any]]
    platform_share: float


def decorate(
    ring: ResolvedRing,
    nets: LimbNets,
    reliefs: Mapping[str, Relief],
    places: Mapping[str, Zone],
    junctions: list[tuple[Obstacle, float]],
    seats: list[tuple[Obstacle, float]],
) -> Decorated:
    """Fit all reliefs into their places.

    ``junctions`` and ``seats`` come with the width of the level rim that they keep, mm.
    """
    heights = np.zeros(nets.outer.shape[:2])
    findings: list[Finding] = []
    summaries: dict[str, dict[str, Any]] = {}
    masked = total = 0.0
    seen: dict[tuple[object, ...], _Fitted] = {}
    for entry in ring.shank_decoration:
        place = places[entry.id]
        # a mirrored zone with the same relief and the same seats has, by symmetry, the same coefficients
        span = (abs(entry.phi_start_deg), abs(entry.phi_end_deg))
        relief, turned = _right_way_round(entry, reliefs[entry.id], place)
        twin = (id(reliefs[entry.id]), turned, *span, entry.depth_mm, entry.mode, _seats_beside(ring, entry))
        if entry.mode == "engrave":
            rims = junctions + [(seat, max(rim, ENGRAVED_RIM_MM)) for seat, rim in seats]
        else:
            rims = junctions + seats
        fitted = seen.get(twin) or _fit_zone(ring, nets, entry, place, relief, rims)
        seen[twin] = fitted
        sign = 1.0 if entry.mode == "emboss" else -1.0
        heights[np.ix_(place.columns, place.rows)] = sign * fitted.heights_mm
        findings.extend(fitted.findings)
        summaries[entry.id] = fitted.summary
        cells = _cell_areas(place)
        masked += float(np.sum(cells * (1.0 - fitted.mask)))
        total += float(np.sum(cells))
    return Decorated(heights, tuple(findings), summaries, masked / total if total else 0.0)


def _right_way_round(entry: Decoration, relief: Relief, place: Zone) -> tuple[Relief, bool]:
    """The relief as it lies on a place, and whether it was turned over.

    Rows of a relief lie along those of the place, which shows its mirror image where stations and rows both
    ascend (on the right, and all round). Writing is turned over there, images too, unless both shoulders are to
    mirror each other; ornament stays symmetric about the head.
    """
    along, across = place.columns[-1] > place.columns[0], place.rows[-1] > place.rows[0]
    if entry.region in ("shank.shoulders", "shank.arms") and (entry.image is not None or not entry.mirrored):
        reads = not entry.mirrored
    else:
        reads = relief.upright
    if not reads or along != across:
        return relief, False
    return replace(relief, height=np.ascontiguousarray(relief.height[::-1])), True


def judged(ring: ResolvedRing, nets: LimbNets, skin: Array, made: Decorated) -> tuple[dict[str, Any], list[Finding]]:
    """Summary of a plan, and its findings. Raises ``Refused`` when a bound is broken."""
    bound = wall_bound(nets, skin)
    summary = {
        "net": list(nets.outer.shape[:2]),
        "zones": made.zones,
        "platform_share": made.platform_share,
        "wall_bound_mm": bounds_by_site(ring, bound),
    }
    findings = [*made.findings, *_bound_findings(ring, bound)]
    if made.platform_share > PLATFORM_SHARE_MAX:
        findings.append(_platform_finding(made.platform_share))
    if has_errors(findings):
        raise Refused(findings)
    return summary, findings


def _seats_beside(ring: ResolvedRing, entry: Decoration) -> tuple[tuple[float, float, float], ...]:
    """Flush seats on the shoulder of a decoration, the same for a mirrored row."""
    return tuple(
        sorted(
            (abs(seat.phi_deg), seat.y_mm, accent.opening_diameter_mm)
            for accent in ring.accents
            for seat in accent.seats
            if seat.phi_deg * entry.phi_start_deg > 0.0
        )
    )


def budget_limits(ring: ResolvedRing) -> BudgetLimits:
    """What the budget of any relief on the ring keeps."""
    limits = ring.foundry
    return BudgetLimits(
        wall_min_mm=limits.wall_min_mm,
        polish_allowance_mm=limits.polish_allowance_mm,
        fit_error_mm=FIT_ERROR_MM,
        chord_error_mm=ring.export.chord_mm,
        relief_max_mm=limits.relief_max_mm,
        engrave_max_mm=limits.engrave_max_mm,
    )


def zone_summary(
    size: ZoneSize,
    stretched: dict[str, list[float]],
    cast: FilterResult,
    budget: BudgetResult,
    heights_mm: Array,
    platform_share: float,
) -> dict[str, Any]:
    """What the report says of one decorated zone, JSON-ready."""
    return {
        "length_mm": size.length_mm,
        "width_mm": size.width_mm,
        "stretch": stretched,
        "filter_changed_share": cast.changed_area_share,
        "filter_max_removed_mm": cast.max_removed_mm,
        "filter_max_added_mm": cast.max_added_mm,
        "filter_iterations": cast.iterations,
        "budget_clipped_share": budget.clipped_area_share,
        "budget_max_clipped_mm": budget.max_clipped_mm,
        "platform_share": platform_share,
        "height_max_mm": float(heights_mm.max(initial=0.0)),
    }


def _fit_zone(
    ring: ResolvedRing,
    nets: LimbNets,
    entry: Decoration,
    place: Zone,
    relief: Relief,
    rims: list[tuple[Obstacle, float]],
) -> _Fitted:
    limits = ring.foundry
    deepest = limits.relief_max_mm if entry.mode == "emboss" else limits.engrave_max_mm
    if entry.depth_mm > deepest:  # the whole drawing lower, not its crests cut off; resolve says so
        entry = entry.model_copy(update={"depth_mm": deepest})
    rows, columns = relief.height.shape
    pixel = (relief.length_mm / columns, relief.width_mm / rows)
    points = nets.points[np.ix_(place.columns, place.rows)]
    mask = platform_mask(points, rims, limits.detail_min_mm)
    # masks and metrics at the relief's pixels: bilinear from the net's sites
    u_px = (np.arange(columns) + 0.5) * pixel[0] * place.length_mm / relief.length_mm
    v_px = (np.arange(rows) + 0.5) * pixel[1] * place.width_mm / relief.width_mm
    mask_px = _to_pixels(mask, place, u_px, v_px)
    radius = ring.bore_radius_mm + nets.stations.height_mm[place.columns]
    if ring.shank.base is not None:  # a flat with round corners: how the crown line itself bends counts
        with np.errstate(divide="ignore"):
            radius = 1.0 / nets.line_curvature[place.columns]
    stretch_v = np.interp(u_px, place.u_mm, place.stretch_v)
    # widths count at half height, so the metric is taken there
    half_depth = 0.5 * entry.depth_mm if entry.mode == "emboss" else -0.5 * entry.depth_mm
    crest = np.interp(u_px, place.u_mm, stretch(radius, half_depth))
    scale_v = np.broadcast_to(stretch_v[None, :], relief.height.shape)
    if ring.shank.profile in ROUND_ACROSS:
        bend = np.stack([np.gradient(np.radians(nets.tilt_deg[c]), nets.across_mm[c]) for c in place.columns])
        scale_v = scale_v * _to_pixels(1.0 + half_depth * bend[:, place.rows], place, u_px, v_px)
    wanted = relief.height.astype(np.float64) * entry.depth_mm * mask_px
    cast = make_castable(
        wanted,
        pixel,
        min_detail_mm=limits.detail_min_mm,
        min_gap_mm=limits.gap_min_mm,
        max_height_mm=limits.relief_max_mm if entry.mode == "emboss" else limits.engrave_max_mm,
        mode=entry.mode,
        periodic=place.closed,
        scale_u=np.broadcast_to(crest[None, :], wanted.shape),
        scale_v=scale_v,
    )
    wall = _to_pixels(nets.wall_mm[np.ix_(place.columns, place.rows)], place, u_px, v_px)
    width = np.interp(u_px, place.u_mm, nets.stations.width_mm[place.columns])
    budget = apply_budget(
        cast.height_mm,
        budget_limits(ring),
        entry.mode,
        wall_mm=wall,
        width_mm=width[None, :],
        strict=entry.strict,
        where=f"the {entry.id.replace('_', ' ')}",
    )
    scale = max(entry.depth_mm, 1e-9)
    fitted = Relief((budget.height_mm / scale).astype(np.float32), place.length_mm, place.width_mm)
    share = resample_to_chart(fitted, place.u_mm, place.v_mm, periodic_u=place.closed)
    ceiling = resample_to_chart(
        Relief((budget.limit_mm / scale).clip(0.0, 1.0).astype(np.float32), place.length_mm, place.width_mm),
        place.u_mm,
        place.v_mm,
        periodic_u=place.closed,
    )
    share = sharpen_coefficients(share, periodic_u=place.closed, ceiling=ceiling)
    coefficients = np.where(mask > 0.0, np.clip(share.T, 0.0, 1.0) * entry.depth_mm, 0.0)
    findings = (*cast.findings, *budget.findings)
    if float(coefficients.max(initial=0.0)) < 0.05:
        findings = (*findings, empty_finding(entry))
    size = zone_size(place)
    platforms = float(np.mean(1.0 - mask))
    summary = zone_summary(size, chart_stretch(nets, place), cast, budget, coefficients, platforms)
    return _Fitted(place, coefficients, mask, summary, findings)


def _to_pixels(values: Array, place: Zone, u_px: Array, v_px: Array) -> Array:
    """Bilinear samples (rows, columns) of a net quantity (columns of the zone, rows of the zone)."""
    along = np.stack([np.interp(u_px, place.u_mm, values[:, k]) for k in range(values.shape[1])], axis=0)
    at = np.interp(v_px, place.v_mm, np.arange(len(place.v_mm)))
    low = np.clip(at.astype(int), 0, max(len(place.v_mm) - 2, 0))
    share = (at - low)[:, None]
    high = np.minimum(low + 1, len(place.v_mm) - 1)
    found: Array = along[low] * (1.0 - share) + along[high] * share
    return found


def _cell_areas(place: Zone) -> Array:
    """Area that each site of a zone stands for, mm2, up to a common factor at the rim."""
    du = np.gradient(place.u_mm)
    dv = np.gradient(place.v_mm)
    return np.abs(du)[:, None] * np.abs(dv)[None, :] * place.stretch_v[:, None]


def bounds_by_site(ring: ResolvedRing, bound: WallBound) -> dict[str, Any]:
    """Least bound of each site with the angle where it stands, mesh chord taken off."""
    chord = ring.export.chord_mm
    phi = bound.phi_deg
    inside = np.zeros(len(phi), dtype=bool)
    for entry in ring.shank_decoration:
        low, high = sorted((entry.phi_start_deg, entry.phi_end_deg))
        inside |= (phi >= low) & (phi <= high)
    floor = bound.floor_mm.min(axis=1)
    sites = {"shank_floor": floor, "shank_side": bound.side_mm}
    if inside.any():
        sites["decorated_floor"] = np.where(inside, floor, np.inf)
    out = {}
    for name, values in sites.items():
        if ring.shank.bypass is not None:  # rounded ends, and no metal between them
            values = np.where(np.abs(phi) < ring.shank.bypass.nose_start_deg + 1.0, np.inf, values)
        at = int(np.argmin(values))
        out[name] = {"bound_mm": float(values[at]) - chord, "phi_deg": float(phi[at])}
    return out


def _bound_findings(ring: ResolvedRing, bound: WallBound) -> list[Finding]:
    found = []
    limit = ring.foundry.wall_min_mm
    for name, row in bounds_by_site(ring, bound).items():
        if row["bound_mm"] >= limit or name == "decorated_floor":
            continue
        need = limit - row["bound_mm"]
        field = "shank.width_mm" if name == "shank_side" else "shank.thickness_mm"
        found.append(
            Finding(
                FindingCode.WALL_BOUND,
                Severity.ERROR,
                f"the wall of the {name.replace('_', ' ')} can be as thin as {row['bound_mm']:.2f} mm "
                f"at {row['phi_deg']:.0f} deg from the top; {ring.foundry.name} asks for {limit:.2f} mm",
                measured=row["bound_mm"],
                limit=limit,
                unit="mm",
                spec_field=field,
                fix=f"raise {field} by {need + 0.01:.2f} mm or lower decoration.depth_mm by as much",
            )
        )
    return found


def _platform_finding(share: float) -> Finding:
    return Finding(
        FindingCode.PLATFORM_SHARE,
        Severity.WARNING,
        f"level rims take {share:.0%} of the decorated area; above {PLATFORM_SHARE_MAX:.0%} little ornament is left",
        measured=share,
        limit=PLATFORM_SHARE_MAX,
        unit="share",
        spec_field="accents",
        fix="use fewer or smaller accents, or a wider shank",
    )


def empty_finding(entry: Decoration) -> Finding:
    """Nothing of a decoration is left."""
    return Finding(
        FindingCode.RELIEF_EMPTY,
        Severity.ERROR,
        f"nothing of the decoration of {entry.id} is left after filter and budget",
        spec_field="decoration",
        fix="choose a bolder prompt or a wider shank",
    )
