"""Round cabochons in a bezel: their proportions and weight, and the lip that is laid over the dome."""

from __future__ import annotations

import math

from ringcad.core.errors import InputError
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolved import RoundStone
from ringcad.spec import BezelSpec, Stone
from ringcad.spec.values import split_number
from ringcad.standards import UnknownNameError, cut, gem, setting_rule
from ringcad.stones.cabochon import arc_to_height_mm
from ringcad.stones.stone import CutStone, reference_stone, scaled, weight_ct

_ROUNDING = 1e-9
#: Whatever the gem, a weight differs from that of its model by less.
_WEIGHT_SHARE = 0.20
#: What holds a stone under a lip, as the verifier asks for it: a share of the diameter between two lengths, mm.
_HOLD_SHARE, _HOLD_LEAST_MM, _HOLD_MOST_MM = 0.02, 0.02, 0.10
#: Kept beyond the limits that the verifier asks of the laid lip.
_MARGIN = 0.01


def resolve_cabochon(stone: Stone, ledger: Ledger, path: str, field: str) -> RoundStone | None:
    """A round cabochon in mm; ``None`` after noting a problem. Base and girdle are one: no pavilion, no table."""
    try:
        material = gem(stone.gem)
    except UnknownNameError as error:
        ledger.refuse(f"{field}.gem", "is not a known gem", value=stone.gem, suggestion=error.suggestion)
        return None
    row, measured = cut("cabochon"), stone.measured
    unit = reference_stone(row.id, 1.0)
    rim = measured.girdle_percent / 100.0 if measured and measured.girdle_percent is not None else unit.girdle_mm
    unit = CutStone(row.id, 1.0, 1.0, 0.0, unit.crown_mm, rim, 0.0, 0.0)
    parts = split_number(stone.size)
    assert parts is not None  # the spec has checked it
    number, name = parts
    try:
        size = number if name == "mm" else (number / weight_ct(unit, material.density_g_cm3)) ** (1.0 / 3.0)
        found = scaled(unit, size)
        if measured and measured.depth_mm is not None:
            found = CutStone(row.id, size, size, 0.0, measured.depth_mm - found.girdle_mm, found.girdle_mm, 0.0, 0.0)
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
    _note(ledger, path, field, stone, material.name, name, row.provenance.source)
    return RoundStone(
        cut="cabochon",
        gem=material.id,
        gem_name=material.name,
        diameter_mm=size,
        table_diameter_mm=0.0,
        crown_angle_deg=90.0,
        crown_height_mm=found.crown_mm,
        pavilion_angle_deg=0.0,
        pavilion_depth_mm=0.0,
        girdle_mm=found.girdle_mm,
        culet_diameter_mm=size,
        weight_ct=weight if given is None else given,
        density_g_cm3=material.density_g_cm3,
        refractive_index=material.refractive_index,
        color_rgb=material.color_rgb,
    )


def _note(ledger: Ledger, path: str, field: str, stone: Stone, gem_name: str, unit: str, source: str) -> None:
    measured = stone.measured
    ledger.given(f"{path}.cut", f"{field}.cut")
    ledger.note(f"{path}.gem", "given", f"{field}.gem")
    for name in ("gem_name", "density_g_cm3", "refractive_index", "color_rgb"):
        ledger.note(f"{path}.{name}", "derived", f"gem table, row {gem_name}")
    if unit == "mm":
        ledger.given(f"{path}.diameter_mm", f"{field}.size")
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
    for name in (
        "table_diameter_mm",
        "crown_angle_deg",
        "pavilion_angle_deg",
        "pavilion_depth_mm",
        "culet_diameter_mm",
    ):
        ledger.note(f"{path}.{name}", "derived", "a flat base, and a dome that rises upright from its rim")


def lip_on_dome_mm(ledger: Ledger, want: BezelSpec, stone: RoundStone, family: str, play_mm: float) -> float:
    """Height of a lip over the cabochon's rim, straight as cast; what fits not is noted in the ledger."""
    name = {"silver": "bezel_cabochon_soft", "platinum": "bezel_cabochon_tough", "palladium": "bezel_cabochon_tough"}
    row = setting_rule(name.get(family, "bezel_cabochon"))
    radius, dome, whole = 0.5 * stone.diameter_mm, stone.crown_height_mm, stone.depth_mm
    # laid over, it has to reach up far enough, and in far enough to hold
    reach = (rule("bezel_cabochon_min") + _MARGIN) * whole - stone.girdle_mm
    over = min(max(_HOLD_SHARE * stone.diameter_mm, _HOLD_LEAST_MM), _HOLD_MOST_MM) + _MARGIN
    reach = max(reach, dome * math.sqrt(1.0 - (1.0 - over / radius) ** 2))
    least = arc_to_height_mm(radius, dome, reach) + play_mm
    most = rule("bezel_cabochon_max") * whole - stone.girdle_mm
    default, because = row.value * whole - stone.girdle_mm, row.because
    if default < least:
        default, because = up(least), "so much metal over the dome that the stone is held"
    field = "bezel.lip_height_mm"
    lip = ledger.number(field, want.lip_height_mm, field, default, because)
    if lip < least - _ROUNDING:
        ledger.refuse(
            field,
            "the lip covers too little of the dome once it is laid over",
            value=lip,
            limit=f"at least {mm(least)} over the rim of this stone",
            suggestion=f"use {up(least):g}",
        )
    elif lip > max(most, default) + _ROUNDING:
        ledger.refuse(
            field,
            "the lip hides the stone",
            value=lip,
            limit=f"at most {mm(most)} over the rim: half of the stone's height",
            suggestion=f"use {down(most):g}",
        )
    return lip
