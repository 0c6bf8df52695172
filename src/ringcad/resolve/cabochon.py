"""Cabochons in a bezel, round and oval: their proportions and weight, and the lip that is laid over the dome."""

from __future__ import annotations

import math
from dataclasses import replace

from ringcad.core.errors import InputError
from ringcad.resolve.ledger import Ledger, down, mm, rule, rule_of_metal, up
from ringcad.resolved import CenterStone, FancyStone, RoundStone
from ringcad.spec import BezelSpec, Stone
from ringcad.spec.values import split_length_width, split_number
from ringcad.standards import UnknownNameError, cut, gem
from ringcad.stones.cabochon import arc_to_height_mm, dome_section
from ringcad.stones.stone import CutStone, reference_stone, scaled, weight_ct

#: Whatever the gem, a weight differs from that of its model by less.
_WEIGHT_SHARE = 0.20
#: What holds a stone under a lip, as the verifier asks for it: a share of the diameter between two lengths, mm.
_HOLD_SHARE, _HOLD_LEAST_MM, _HOLD_MOST_MM = 0.02, 0.02, 0.10
#: Kept beyond the limits that the verifier asks of the laid lip.
_MARGIN = 0.01
#: Places of a quarter of an oval rim at which its lip is judged, less one.
_SECTIONS = 18


def resolve_cabochon(stone: Stone, ledger: Ledger, path: str, field: str) -> CenterStone | None:
    """A cabochon in mm; ``None`` after noting a problem. Base and girdle are one: no pavilion, no table.

    One length is a diameter, and so is a weight's; a length and a width are an oval's. Heights are shares of the width.
    """
    try:
        material = gem(stone.gem)
    except UnknownNameError as error:
        ledger.refuse(f"{field}.gem", "is not a known gem", value=stone.gem, suggestion=error.suggestion)
        return None
    row, measured = cut("cabochon"), stone.measured
    both = split_length_width(stone.size)
    ratio = 1.0 if both is None else both[0] / both[1]
    if both is not None and not row.length_to_width.holds(ratio):
        low, high = row.length_to_width.low, row.length_to_width.high
        length = up(low * both[1], 0.1) if ratio < low else down(high * both[1], 0.1)
        ledger.refuse(
            f"{field}.size",
            "the length is shorter than the width" if ratio < 1.0 else "so slender a cabochon is not cut",
            value=stone.size,
            limit=f"length first, then width; length / width {low:g} to {high:g}",
            suggestion=f"write '{both[1]:g}x{both[0]:g} mm'" if ratio < 1.0 else f"use '{length:g}x{both[1]:g} mm'",
        )
        return None
    unit = reference_stone(row.id, 1.0)
    rim = measured.girdle_percent / 100.0 if measured and measured.girdle_percent is not None else unit.girdle_mm
    unit = CutStone(row.id, 1.0, ratio, 0.0, unit.crown_mm, rim, 0.0, 0.0)
    # the spec has checked that it is the one or the other
    number, name = split_number(stone.size) or (both[1] if both is not None else 0.0, "mm")
    try:
        size = number if name == "mm" else (number / weight_ct(unit, material.density_g_cm3)) ** (1.0 / 3.0)
        found = scaled(unit, size)
        if measured and measured.depth_mm is not None:
            found = replace(found, crown_mm=measured.depth_mm - found.girdle_mm)
        found = replace(found, width_mm=size, length_mm=size if both is None else both[0])
    except (InputError, ZeroDivisionError) as error:
        ledger.refuse(f"{field}.size", str(error), value=stone.size)
        return None
    dome = row.crown_percent
    if not dome.holds(100.0 * found.crown_mm / size):
        low, high = (dome.low / 100.0 * size + found.girdle_mm, dome.high / 100.0 * size + found.girdle_mm)
        ledger.refuse(
            f"{field}.measured.depth_mm",
            "no cabochon of this width is cut so flat or so high",
            value=measured.depth_mm if measured else None,
            limit=f"{mm(low)} to {mm(high)}",
            suggestion=f"use {up(low) if found.crown_mm < 0.5 * (low + high) else down(high):g}",
        )
        return None
    weight = weight_ct(found, material.density_g_cm3)
    given = measured.weight_ct if measured else None
    if given is not None and abs(given / weight - 1.0) > _WEIGHT_SHARE:
        ledger.refuse(
            f"{field}.measured.weight_ct",
            "does not fit the size and proportions",
            value=given,
            limit=f"within {100 * _WEIGHT_SHARE:.0f} % of {weight:.3f} ct for this stone",
            suggestion="correct the size or the weight",
        )
        return None
    long = found.length_mm > found.width_mm
    _note(ledger, path, field, stone, material.name, name, row.provenance.source, long)
    alike = {
        "cut": "cabochon",
        "gem": material.id,
        "gem_name": material.name,
        "crown_angle_deg": 90.0,
        "crown_height_mm": found.crown_mm,
        "pavilion_angle_deg": 0.0,
        "pavilion_depth_mm": 0.0,
        "girdle_mm": found.girdle_mm,
        "weight_ct": weight if given is None else given,
        "density_g_cm3": material.density_g_cm3,
        "refractive_index": material.refractive_index,
        "color_rgb": material.color_rgb,
    }
    if long:
        own = {"length_mm": found.length_mm, "width_mm": size, "table_share": 0.0, "shape_percent": 0.0}
        return FancyStone.model_validate({**alike, **own})
    own = {"diameter_mm": size, "table_diameter_mm": 0.0, "culet_diameter_mm": size}
    return RoundStone.model_validate({**alike, **own})


def _note(
    ledger: Ledger, path: str, field: str, stone: Stone, gem_name: str, unit: str, source: str, long: bool
) -> None:
    measured = stone.measured
    ledger.given(f"{path}.cut", f"{field}.cut")
    ledger.note(f"{path}.gem", "given", f"{field}.gem")
    for name in ("gem_name", "density_g_cm3", "refractive_index", "color_rgb"):
        ledger.note(f"{path}.{name}", "derived", f"gem table, row {gem_name}")
    if unit == "mm":
        for name in ("length_mm", "width_mm") if long else ("diameter_mm",):
            ledger.given(f"{path}.{name}", f"{field}.size")
        ledger.note(f"{path}.weight_ct", "derived", "volume of the stone's model x density of the gem")
    else:
        ledger.note(f"{path}.diameter_mm", "derived", f"diameter of a stone of the weight given as {field}.size")
        ledger.given(f"{path}.weight_ct", f"{field}.size")
    if measured and measured.weight_ct is not None:
        ledger.given(f"{path}.weight_ct", f"{field}.measured.weight_ct")
    for name, asked in (("crown_height_mm", "depth_mm"), ("girdle_mm", "girdle_percent")):
        if measured and getattr(measured, asked) is not None:
            ledger.given(f"{path}.{name}", f"{field}.measured.{asked}")
        else:
            ledger.note(f"{path}.{name}", "default", source)
    own = ("table_share", "pavilion_drop_mm", "shape_percent") if long else ("table_diameter_mm", "culet_diameter_mm")
    for name in (*own, "crown_angle_deg", "pavilion_angle_deg", "pavilion_depth_mm"):
        ledger.note(f"{path}.{name}", "derived", "a flat base, and a dome that rises upright from its rim")


def lip_on_dome_mm(ledger: Ledger, want: BezelSpec, stone: CenterStone, family: str, play_mm: float) -> float:
    """Height of a lip over the cabochon's rim, straight as cast; what fits not is noted in the ledger."""
    row = rule_of_metal("bezel_cabochon", family)
    whole = stone.depth_mm
    # laid over, it has to reach up far enough, and in far enough to hold, wherever it is laid
    reach = (rule("bezel_cabochon_min") + _MARGIN) * whole - stone.girdle_mm
    over = min(max(_HOLD_SHARE * stone.diameter_mm, _HOLD_LEAST_MM), _HOLD_MOST_MM) + _MARGIN
    least = 0.0
    for half, high in _sections_mm(stone):
        height = max(reach, high * math.sqrt(1.0 - (1.0 - over / half) ** 2))
        least = max(least, arc_to_height_mm(half, high, height) + play_mm)
    most = rule("bezel_cabochon_max") * whole - stone.girdle_mm
    default, because = row.value * whole - stone.girdle_mm, row.because
    if default < least:
        default, because = up(least), "so much metal over the dome that the stone is held"
    field = "bezel.lip_height_mm"
    lip = ledger.number(field, want.lip_height_mm, field, default, because)
    low = "the lip covers too little of the dome once it is laid over"
    ledger.at_least(field, lip, least, low, " over the rim of this stone")
    ledger.at_most(field, lip, max(most, default), "the lip hides the stone", " over the rim of this stone")
    return lip


def _sections_mm(stone: CenterStone) -> list[tuple[float, float]]:
    """Half widths and heights of the dome's sections square to its rim, a quarter of the way round."""
    half, dome = 0.5 * stone.diameter_mm, stone.crown_height_mm
    if isinstance(stone, RoundStone):
        return [(half, dome)]
    turns = (0.5 * math.pi * k / _SECTIONS for k in range(_SECTIONS + 1))
    return [dome_section(half, 0.5 * stone.length_mm, dome, turn) for turn in turns]
