"""The measurements of a checked file in words, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ringcad.verify.report import WALL_CLASSES, WallClass

_ALLOYS = ("18k_yellow_gold", "14k_yellow_gold", "sterling_silver", "platinum_950")
"""The weights that are printed; ``--json`` holds all of them."""


def measurement_lines(measurements: Mapping[str, Any]) -> Iterator[str]:
    """Lines by subject; what was not measured is left out."""
    yield from _file_lines(measurements)
    yield from _ring_lines(measurements)
    yield from _wall_lines(measurements)
    yield from _room_lines(measurements)
    rules = measurements.get("setting_rules")
    if rules:
        met = sum(row["verdict"] == "pass" for row in rules)
        yield f"setting rules: {met} of {len(rules)} met (all of them: --json)"


def _place(row: Mapping[str, Any], key: str = "place_mm") -> str:
    place = row.get(key)
    return "" if place is None else f" at ({place[0]:.2f}, {place[1]:.2f}, {place[2]:.2f})"


def _file_lines(m: Mapping[str, Any]) -> Iterator[str]:
    if "unit" in m:
        yield f"unit: {m['unit']} ({m['unit_source']})"
        names = ", ".join(m["metal_bodies"])
        stones = f"; stones: {', '.join(m['stone_bodies'])}" if m["stone_bodies"] else ""
        yield f"metal: {names} ({m['metal_rule']}){stones}"
    yield f"mesh: {m['triangles']} triangles, {m['vertices']} vertices, {m['file_bytes'] / 1e6:.2f} MB"
    for note in m["notes"]:
        yield f"note: {note}"
    handles = "" if m["genus"] is None else f", {m['genus']} through holes (genus)"
    yield f"body: {m['bodies']} {'closed' if m['closed'] else 'not closed'}{handles}"
    box = " x ".join(f"{value:.2f}" for value in m["extent_mm"])
    yield f"box in the file's axes: {box} mm"
    if m["volume_mm3"] is not None:
        yield f"volume: {m['volume_mm3']:.2f} mm^3, surface {m['area_mm2']:.1f} mm^2"
    services = m.get("print_services") or {}
    if services:
        words = ", ".join(f"{row['name']} {'takes it' if row['takes'] else 'REFUSES it'}" for row in services.values())
        yield f"print services: {words}"


def _ring_lines(m: Mapping[str, Any]) -> Iterator[str]:
    ring = m.get("ring")
    if "ring" in m and ring is None:
        yield "ring: no round finger hole was found"
    if ring:
        axis = ", ".join(f"{value:.3f}" for value in ring["axis"])
        yield (
            f"finger hole: {ring['inner_diameter_mm']:.3f} +- {ring['error_mm']:.3f} mm inside, {ring['inside']}, "
            f"{ring['hole_width_mm']:.2f} mm wide, axis ({axis})"
        )
        yield (
            f"    out of round by {ring['roundness_mm']:.3f} mm, chord {ring['chord_mm']:.3f} mm, "
            f"edges {ring['edge_rise_mm']:+.3f} mm"
        )
        yield "    size: " + ", ".join(f"{row['label']} ({row['off_mm']:+.2f} mm)" for row in ring["sizes"].values())
        yield "    box across, along, up: " + " x ".join(f"{value:.2f}" for value in ring["box_mm"]) + " mm"
    weights = m.get("weights_g") or {}
    if weights:
        yield "weight: " + ", ".join(f"{name.replace('_', ' ')} {weights[name]:.2f} g" for name in _ALLOYS)


def _wall_lines(m: Mapping[str, Any]) -> Iterator[str]:
    classes = m.get("wall_classes")
    if not classes:
        return
    yield f"walls (classes: {m['wall_classes_from']}; rays / balls; each +- 0.01 mm):"
    for kind in WALL_CLASSES:
        row = classes[kind.value]
        if row["share"] == 0.0:
            continue
        least = "" if row["min_mm"] is None else f", least {row['min_mm']:.3f} mm{_place(row)}"
        pair = [row["rays_min_mm"], row["balls_min_mm"]]
        both = " / ".join("-" if value is None else f"{value:.3f}" for value in pair)
        judged = kind in (WallClass.STRUCTURAL, WallClass.FREE_WIRE)
        below = f", {row['below_limit_mm2']:.2f} mm^2 below the limit" if judged and row["below_limit_mm2"] else ""
        name = kind.value.replace("_", " ")
        yield f"    {name:<14}{100.0 * row['share']:5.1f} % of the surface{least} ({both}){below}"
    for name, row in (m.get("walls") or {}).items():
        yield f"    {name}: {row['min_mm']:.3f} mm (limit: {row['limit_mm']:.2f} mm){_place(row)}"
    for name, row in (m.get("detail") or {}).items():
        yield f"    relief {name}: {row['depth_mm']:.2f} mm deep, least stroke {row['narrowest_mm']:.2f} mm"


def _room_lines(m: Mapping[str, Any]) -> Iterator[str]:
    gaps = m.get("gaps")
    if gaps:
        for key in ("narrowest", "deepest_recess", "narrowest_hole"):
            row = gaps[key]
            if row is None:
                continue
            deep = (
                "" if row["depth_mm"] is None else f", {row['depth_mm']:.2f} mm {'long' if 'hole' in key else 'deep'}"
            )
            name = "narrowest gap" if key == "narrowest" else key.replace("_", " ")
            yield f"{name}: {row['width_mm']:.3f} mm wide{deep}{_place(row)}"
        if gaps["narrowest"] is None:
            yield f"gaps: none narrower than {gaps['looked_for_up_to_mm']:.0f} mm"
    if "cavities" in m:
        for row in m["cavities"]:
            drain = "wide enough" if row["widest_drain_mm"] is None else f"{row['widest_drain_mm']:.1f} mm"
            yield f"hollow: {row['volume_mm3']:.1f} mm^3, {row['drains']} drains, the widest {drain}{_place(row)}"
        if not m["cavities"]:
            yield "hollows: none that a ball of 1 mm cannot leave"
    edges = m.get("sharp_edges")
    if edges and edges["length_mm"] > 0.0:
        angle = f"{edges['sharpest_deg']:.0f} degrees"
        yield f"sharp edges: {edges['length_mm']:.1f} mm, the sharpest of {angle}{_place(edges)}"
    sections = m.get("sections")
    if sections:
        yield (
            f"sections: thickest {sections['thickest_mm']:.2f} +- {sections['error_mm']:.2f} mm"
            f"{_place(sections, 'thickest_place_mm')}; neighbours up to {sections['thick_to_thin']:.2f} to 1"
        )
