"""The dimension table: every resolved number with a name, a unit and the reason for its value."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel

from ringcad.resolved import Reason, ResolvedRing

_LABELS: dict[str, str] = {
    "ring.label": "Ring size",
    "ring.inner_diameter_mm": "Inner diameter",
    "stone.diameter_mm": "Stone diameter",
    "stone.length_mm": "Stone length",
    "stone.width_mm": "Stone width",
    "stone.weight_ct": "Stone weight",
    "shank.profile": "Profile",
    "shank.taper": "Taper",
    "shank.width_head_mm": "Width at the head",
    "shank.width_top_mm": "Width at the shoulders",
    "shank.width_bottom_mm": "Width at the bottom",
    "shank.thickness_top_mm": "Thickness at the shoulders",
    "shank.thickness_bottom_mm": "Thickness at the bottom",
    "shank.outer_edge_radius_mm": "Outer edge radius",
    "shank.inner_edge_radius_mm": "Inner edge radius",
    "shank.comfort_rise_mm": "Comfort rise",
    "head.style": "Head",
    "head.own.file": "Head from the file",
    "head.own.base_diameter_mm": "Base of the head",
    "head.own.thickness_mm": "Prong or wall beside the girdle",
    "head.prongs": "Prongs",
    "head.prong_diameter_girdle_mm": "Prong at the girdle",
    "head.prong_diameter_base_mm": "Prong at the base",
    "head.prong_lean_deg": "Prong lean",
    "head.v_prong.wall_mm": "Walls of the V prongs",
    "head.v_prong.length_mm": "Walls of the V prongs, along the sides",
    "head.v_prong.notch_mm": "Girdle into the V prongs' walls",
    "head.v_prong.relief_diameter_mm": "Relief beside the points, across",
    "head.v_prong.top_mm": "V prongs above the girdle",
    "head.height_above_finger_mm": "Table above the finger",
    "head.bridge_thickness_mm": "Bridge under the head",
    "head.culet_clearance_mm": "Culet to finger",
    "head.culet_pocket_depth_mm": "Culet pocket",
    "head.tip": "Prong tips",
    "head.claw.reach_mm": "Claws over the girdle, as cast",
    "head.claw.width_mm": "Claws where they bear on the crown",
    "head.claw.hook_deg": "Claws bend inward by",
    "gallery.shoulders": "Shoulders",
    "gallery.rail_clearance_mm": "Pavilion to rail",
    "gallery.arm_width_mm": "Arm width at the head",
    "gallery.arm_thickness_mm": "Arm thickness",
    "bezel.coverage": "Bezel",
    "bezel.wall_thickness_mm": "Wall beside the stone",
    "bezel.lip_height_mm": "Lip above the girdle",
    "bezel.lip_thickness_mm": "Lip half way up",
    "bezel.taper_deg": "Lean of the wall",
    "bezel.edge_radius_mm": "Rounding of the lip's edge",
    "bezel.ledge_mm": "Bearing ledge",
    "bezel.girdle_clearance_mm": "Play beside the girdle",
    "bezel.open_deg": "Each open side",
    "bezel.light_radius_mm": "Radius of the hole for light",
    "bezel.height_above_finger_mm": "Table above the finger",
    "bezel.culet_clearance_mm": "Culet to finger",
    "bezel.band.low_z_mm": "Relief on the wall, from the finger's axis",
    "bezel.band.high_z_mm": "Relief on the wall, up to",
    "halo.row.stone.diameter_mm": "Halo stones, diameter",
    "halo.row.gap_mm": "Between halo stones",
    "halo.center_gap_mm": "Halo to center stone, from above",
    "halo.drop_mm": "Halo lower than the center stone",
    "halo.side_wall_mm": "Rim outside the halo stones",
    "halo.edge": "Edge of the rim",
    "hidden_halo.row.stone.diameter_mm": "Hidden halo stones, diameter",
    "hidden_halo.row.gap_mm": "Between hidden halo stones",
    "hidden_halo.drop_mm": "Hidden halo below the center's girdle",
    "hidden_halo.row.wall_mm": "Rail over and under the hidden halo stones",
    "sides.stone.diameter_mm": "Side stones, diameter",
    "sides.lean_deg": "Lean of the side heads",
    "sides.gap_mm": "Side stones to center, from above",
    "sides.metal_gap_mm": "Between the heads' metal",
    "sides.drop_mm": "Side stones lower than the center",
    "sides.arm_rise_mm": "Rise of the shank to the outer prongs",
    "sides.head.prong_diameter_girdle_mm": "Side prong at the girdle",
    "export.chord_mm": "Chord deviation",
    "export.angle_deg": "Angle limit",
}
"""Names a jeweler uses; anything else is named by its field."""

_CHIEF = frozenset(path for path in _LABELS if path not in ("stone.weight_ct", "export.chord_mm", "export.angle_deg"))
"""What stands in the upper table of the page; the rest follows at its end."""

_SKIPPED = ("version", "name", "template", "finish", "reasons", "foundry.note")
_NOT_OF_A_FILE = tuple(
    f"head.{name}"
    for name in ("prong_", "first_prong", "places", "tip", "notch_share", "v_prong", "claw", "style", "governed_by")
)
"""Numbers of our own heads that say nothing of one from a file; its own stand under ``head.own``."""
_LISTS = ("color_rgb", ".section_mm.")
"""Numbers of a colour, and points of a line, say nothing one by one."""
_UNITS = {"_mm": "mm", "_deg": "°", "_ct": "ct", "_g_cm3": "g/cm³", "_bytes": "bytes"}
_INDEX = re.compile(r"\[(\d+)\]")


def dimension_rows(resolved: ResolvedRing) -> list[dict[str, Any]]:
    """Rows ``path, label, section, value, unit, kind, because, chief`` in the order of the model.

    ``kind`` is ``given``, ``default``, ``derived`` or ``None`` where no reason was recorded.
    """
    reasons = {_INDEX.sub(r".\1", path): reason for path, reason in resolved.reasons.items()}
    rows: list[dict[str, Any]] = []
    for path, value in _flat(resolved, ""):
        if resolved.head is not None and resolved.head.own is not None and path.startswith(_NOT_OF_A_FILE):
            continue
        if path.startswith(_SKIPPED) or any(part in path for part in _LISTS):
            continue
        reason = _reason(reasons, path)
        label, unit = label_and_unit(path)
        rows.append(
            {
                "path": path,
                "section": path.split(".", 1)[0],
                "label": label,
                "value": value,
                "unit": unit,
                "kind": reason.kind if reason else None,
                "because": reason.because if reason else "",
                "chief": path in _CHIEF,
            }
        )
    return rows


def label_and_unit(path: str) -> tuple[str, str]:
    """``gallery.arm_width_mm`` -> (``Arm width at the head``, ``mm``); unknown fields are spelled out."""
    name = path.rsplit(".", 1)[-1]
    unit = ""
    for suffix, symbol in _UNITS.items():
        if name.endswith(suffix):
            name, unit = name.removesuffix(suffix), symbol
            break
    label = _LABELS.get(path) or name.replace("_", " ").capitalize()
    return label, unit


def _reason(reasons: dict[str, Reason], path: str) -> Reason | None:
    """The reason of a path, or of the nearest whole that contains it."""
    while path:
        if path in reasons:
            return reasons[path]
        path = path.rpartition(".")[0]
    return None


def _flat(value: Any, path: str) -> list[tuple[str, Any]]:
    """Leaves of a model as dotted paths, list items by their index."""
    prefix = f"{path}." if path else ""
    if isinstance(value, BaseModel):
        items = [(name, getattr(value, name)) for name in type(value).model_fields]
    elif isinstance(value, dict):
        items = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, tuple):
        items = [(str(index), item) for index, item in enumerate(value)]
    else:
        return [(path, value)]
    return [leaf for name, item in items for leaf in _flat(item, prefix + name)]
