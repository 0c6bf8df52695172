"""A split shank measured on the mesh: the legs beside its openings, and whether these are open."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.resolved import HeadedRing, ResolvedRing, headed
from ringcad.verify.rays import RayCaster

Array = NDArray[Any]

_STEP_DEG = 0.5
_LOW_MM = 0.4
"""Over the bore: above its eased edge."""
_LEVELS = 9
"""Heights at which legs are measured, from there to where the outer edges' rounding begins at each place."""
_HEIGHT_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Of a leg's width: where it is asked how high it is."""
_ROUNDED_MM = 0.4
"""Of the opening's outer edges."""
_WAY_SHARE = 0.4
"""The opening is cut straight, the way that a place so far from its head's end to its other looks outward."""
_FREE_MM = 0.15
"""Kept from the middles of its round ends."""
_BESIDE_FOOT_MM = 0.75
"""From the head's foot to the opening."""


def leg_lengths(caster: RayCaster, resolved: ResolvedRing) -> tuple[Array, Array, Array]:
    """Starts (k, 3), directions (k, 3) and lengths (k,) through the legs along the finger axis, both sides of both
    openings, over the whole height of their flanks; none where no opening is found.

    An opening is where the line from the finger's axis meets nothing up to the outside of the shank.
    """
    shank, bore = resolved.shank, 0.5 * resolved.ring.inner_diameter_mm
    none = np.empty((0, 3)), np.empty((0, 3)), np.empty(0)
    if shank.split is None:
        return none
    away = np.arange(5.0, shank.split.end_deg + 10.0, _STEP_DEG)
    phi = np.radians(np.concatenate([away, -away]))
    out = np.stack([np.sin(phi), np.zeros_like(phi), np.cos(phi)], axis=1)
    met, _ = caster.first_hit(np.zeros_like(out), out)
    through = out[met > bore + shank.thickest]
    if not (np.any(through[:, 0] > 0.0) and np.any(through[:, 0] < 0.0)):
        return none
    found: list[tuple[Array, Array, Array]] = []
    for sign in (1.0, -1.0):
        start, _, length = _across(caster, through, np.full(len(through), bore + _LOW_MM), sign, shank.split.gap_mm)
        known = length > 0.0
        legs = through[known]
        # how high each leg is where it is highest: what is filed off its flank must not hide that it is thin there
        heights = [
            _height(caster, legs, start[known, 1] + sign * share * length[known], bore) for share in _HEIGHT_SHARES
        ]
        height = np.minimum(np.max(heights, axis=0), shank.thickest)
        edges = shank.crown_rise_mm + max(shank.outer_edge_radius_mm, _ROUNDED_MM)
        high = np.maximum(height - edges, _LOW_MM)
        for share in np.linspace(0.0, 1.0, _LEVELS):
            level = bore + _LOW_MM + share * (high - _LOW_MM)
            found.append(_across(caster, legs, level, sign, shank.split.gap_mm))
        # and what is left of it from the finger outward, in its middle
        foot = start[known] + sign * 0.5 * length[known, None] * np.array([0.0, 1.0, 0.0])
        found.append((foot, legs, heights[len(heights) // 2]))
        found.append((start[~known], np.broadcast_to([0.0, sign, 0.0], start[~known].shape), length[~known]))
    starts, ways, lengths = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return starts, ways, lengths


def _height(caster: RayCaster, out: Array, side: Array, bore: float) -> Array:
    """(k,) radial thickness of the metal over the finger at places ``side`` along its axis; 0 where there is none."""
    foot = side[:, None] * np.array([0.0, 1.0, 0.0])
    inner, _ = caster.first_hit(foot, out)
    height, _ = caster.thickness(foot + np.where(np.isfinite(inner), inner, bore)[:, None] * out, out)
    return np.where(np.isfinite(height), height, 0.0)


def _across(caster: RayCaster, out: Array, radius: Array, sign: float, within_mm: float) -> tuple[Array, Array, Array]:
    """Starts, directions and lengths of the leg on one side of the places ``out * radius`` (k, 3); 0 where it is not
    within ``within_mm``.
    """
    origin = out * radius[:, None]
    way = np.broadcast_to(np.array([0.0, sign, 0.0]), origin.shape)
    flank, _ = caster.first_hit(origin, way)
    there = np.isfinite(flank) & (flank < within_mm)
    start = origin + np.where(there, flank, 0.0)[:, None] * way
    length, _ = caster.thickness(start, way)
    return start, way, np.where(there & np.isfinite(length), length, 0.0)


def webs(caster: RayCaster, resolved: HeadedRing) -> list[tuple[float, Array]]:
    """Thickness and place (3,) of metal met in the openings, the thickest of each; empty where both are open.

    Both are looked through the way that they are cut, all along between their round ends and over their width.
    """
    shank, bore, head = resolved.shank, 0.5 * resolved.ring.inner_diameter_mm, resolved.head
    if shank.split is None:
        return []
    stand = max(head.stands, key=lambda one: one.x_mm + head.prong_foot_radius_mm * np.cos(np.radians(one.azimuth_deg)))
    foot = stand.x_mm + head.prong_foot_radius_mm * np.cos(np.radians(stand.azimuth_deg))
    foot = max(foot + 0.5 * head.prong_diameter_base_mm, resolved.gallery.rails[1].outer_side_mm)
    crown = bore + head.bridge_thickness_mm
    first, last = np.arcsin(min((foot + _BESIDE_FOOT_MM) / crown, 0.9)), np.radians(shank.split.end_deg)
    middle = first + _WAY_SHARE * (last - first)
    out, along = np.array([np.sin(middle), 0.0, np.cos(middle)]), np.array([np.cos(middle), 0.0, -np.sin(middle)])
    near = crown * np.sin(first - middle) + 0.5 * shank.split.gap_mm + _FREE_MM
    far = max(bore * np.sin(last - middle) - 0.5 * shank.split.tip_mm - _FREE_MM, near)
    places = np.linspace(near, far, 33)
    half = 0.5 * np.linspace(shank.split.gap_mm, shank.split.tip_mm, 33)
    found = []
    for side in (1.0, -1.0):
        mirror = np.array([side, 1.0, 1.0])
        spots = places[:, None, None] * along + (half[:, None] * np.linspace(-0.7, 0.7, 9))[..., None] * [0.0, 1.0, 0.0]
        origin = (spots + 0.5 * bore * out).reshape(-1, 3) * mirror
        way = np.broadcast_to(out * mirror, origin.shape)
        met, _ = caster.first_hit(origin, way)
        # farther out the head may stand over the opening
        closed = met < bore + shank.thickest - 0.5 * bore
        if closed.any():
            start = origin[closed] + met[closed, None] * way[closed]
            length, _ = caster.thickness(start, way[closed])
            length = np.where(np.isfinite(length), length, 0.0)
            worst = int(np.argmax(length))
            found.append((float(length[worst]), start[worst] + 0.5 * length[worst] * way[closed][worst]))
    return found


def web_findings(caster: RayCaster, resolved: ResolvedRing) -> list[Finding]:
    """An opening of the split shank with metal in it: a web that the mould or the mesh left."""
    ring = headed(resolved)
    if ring is None:
        return []
    return [
        Finding(
            code=FindingCode.WALL_STRUCTURAL,
            severity=Severity.ERROR,
            message="an opening of the split shank is closed by a web of metal",
            measured=round(thickness, 3),
            limit=0.0,
            unit="mm",
            place_mm=(float(place[0]), float(place[1]), float(place[2])),
            spec_field="shank.split_gap_mm",
            fix="build the ring anew, or saw the web out; a wider split_gap_mm keeps the opening clear",
        )
        for thickness, place in webs(caster, ring)
    ]
