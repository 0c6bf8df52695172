"""Stones of a spec -> round brilliants in mm with their weight."""

from __future__ import annotations

import math

from ringcad.core.errors import InputError
from ringcad.resolve.cabochon import resolve_cabochon
from ringcad.resolve.fancy import resolve_fancy
from ringcad.resolve.ledger import Ledger, down, mm
from ringcad.resolved import CenterStone, RoundStone
from ringcad.seats import brilliant
from ringcad.spec import AccentStone, MeasuredStone, Stone
from ringcad.spec.values import split_number
from ringcad.standards import UnknownNameError, gem, round_proportions

#: A laboratory's total depth and its parts are rounded to 0.1 % or so each.
_DEPTH_TOLERANCE_PERCENT = 0.5
#: A center stone is at most this many radii of the finger hole wide.
_LARGEST_SHARE = 1.8
#: Sums of decimal fractions differ from the decimal that a user types by about 1e-16.
_ROUNDING = 1e-9


def _given(field: str, measured: MeasuredStone | None, ledger: Ledger, paths: tuple[str, ...]) -> bool:
    value = getattr(measured, field) if measured else None
    for path in paths:
        if value is None:
            because = "GIA weight-ratio reference stone"
            ledger.note(path, "default", because)
        else:
            ledger.given(path, f"stone.measured.{field}")
    return value is not None


def _proportions(measured: MeasuredStone | None, ledger: Ledger, path: str, field: str) -> dict[str, float] | None:
    """Table, girdle, culet (shares of the diameter) and the two angles; total depth closes what was left out."""
    reference = round_proportions()
    _given("table_percent", measured, ledger, (f"{path}.table_diameter_mm",))
    has_crown = _given("crown_angle_deg", measured, ledger, (f"{path}.crown_angle_deg", f"{path}.crown_height_mm"))
    pavilion_paths = (f"{path}.pavilion_angle_deg", f"{path}.pavilion_depth_mm")
    has_pavilion = _given("pavilion_angle_deg", measured, ledger, pavilion_paths)
    has_girdle = _given("girdle_percent", measured, ledger, (f"{path}.girdle_mm",))
    _given("culet_percent", measured, ledger, (f"{path}.culet_diameter_mm",))

    def value(name: str) -> float:
        given = getattr(measured, name, None) if measured else None
        return float(given if given is not None else getattr(reference, name))

    table, culet, girdle = (value(f"{n}_percent") / 100.0 for n in ("table", "culet", "girdle"))
    crown_angle, pavilion_angle = value("crown_angle_deg"), value("pavilion_angle_deg")
    crown = 0.5 * (1.0 - table) * math.tan(math.radians(crown_angle))
    pavilion = 0.5 * (1.0 - culet) * math.tan(math.radians(pavilion_angle))
    total = measured.depth_percent / 100.0 if measured and measured.depth_percent is not None else None
    if total is not None:
        because = "so that crown, girdle and pavilion add up to the measured total depth"
        if not has_pavilion:
            pavilion = total - crown - girdle
            pavilion_angle = math.degrees(math.atan2(2.0 * pavilion, 1.0 - culet))
            for name in pavilion_paths:
                ledger.note(name, "derived", because)
        elif not has_crown:
            crown = total - pavilion - girdle
            crown_angle = math.degrees(math.atan2(2.0 * crown, 1.0 - table))
            for name in ("crown_angle_deg", "crown_height_mm"):
                ledger.note(f"{path}.{name}", "derived", because)
        elif not has_girdle:
            girdle = total - pavilion - crown
            ledger.note(f"{path}.girdle_mm", "derived", because)
        parts = crown + girdle + pavilion
        fits = (
            abs(parts - total) * 100.0 <= _DEPTH_TOLERANCE_PERCENT
            and 20.0 <= crown_angle <= 42.0
            and 36.0 <= pavilion_angle <= 45.0
            and 0.02 <= girdle <= 0.10
        )
        if not fits:
            ledger.refuse(
                f"{field}.measured.depth_percent",
                "does not agree with the other proportions",
                value=total * 100.0,
                limit=f"crown {crown:.1%} + girdle {girdle:.1%} + pavilion {pavilion:.1%} = {parts:.1%}",
                suggestion="leave depth_percent out, or correct it or one of the angles",
            )
            return None
    return {
        "table": table,
        "culet": culet,
        "girdle": girdle,
        "crown_angle": crown_angle,
        "pavilion_angle": pavilion_angle,
        "crown": crown,
        "pavilion": pavilion,
    }


def resolve_center(stone: Stone, ledger: Ledger, path: str, field: str) -> CenterStone | None:
    """The center stone, of any cut that a template sets; ``None`` after noting a problem."""
    if stone.cut == "cabochon":
        return resolve_cabochon(stone, ledger, path, field)
    if stone.cut != "round":
        return resolve_fancy(stone, ledger, path, field)
    return resolve_stone(stone, ledger, path, field)


def resolve_stone(stone: Stone | AccentStone, ledger: Ledger, path: str, field: str) -> RoundStone | None:
    """A round brilliant in mm; ``None`` after noting a problem.

    ``path`` is where it stands in the resolved ring, ``field`` where it stands in the spec.
    """
    measured = stone.measured if isinstance(stone, Stone) else None
    try:
        material = gem(stone.gem)
    except UnknownNameError as error:
        ledger.refuse(f"{field}.gem", "is not a known gem", value=stone.gem, suggestion=error.suggestion)
        return None
    shape = _proportions(measured, ledger, path, field)
    if shape is None:
        return None
    unit = RoundStone(
        cut="round",
        gem=material.id,
        gem_name=material.name,
        diameter_mm=1.0,
        table_diameter_mm=shape["table"],
        crown_angle_deg=shape["crown_angle"],
        crown_height_mm=shape["crown"],
        pavilion_angle_deg=shape["pavilion_angle"],
        pavilion_depth_mm=shape["pavilion"],
        girdle_mm=shape["girdle"],
        culet_diameter_mm=shape["culet"],
        weight_ct=0.0,
        density_g_cm3=material.density_g_cm3,
        refractive_index=material.refractive_index,
        color_rgb=material.color_rgb,
    )
    parts = split_number(stone.size)
    assert parts is not None  # the spec has checked it
    number, unit_name = parts
    try:
        diameter = number if unit_name == "mm" else brilliant.diameter_for_weight_mm(unit, number)
        found = brilliant.scaled(unit, diameter)
    except InputError as error:
        hint = "measure the girdle where it is thickest, at the mains"
        ledger.refuse(f"{field}.measured.girdle_percent", str(error), suggestion=hint)
        return None
    _note_size(ledger, path, field, unit_name, material.name, material.id == stone.gem)
    if measured is not None and measured.weight_ct is not None:
        if not 0.85 <= measured.weight_ct / found.weight_ct <= 1.15:
            ledger.refuse(
                f"{field}.measured.weight_ct",
                "does not fit the size and proportions",
                value=measured.weight_ct,
                limit=f"within 15 % of {found.weight_ct:.3f} ct for {found.diameter_mm:.2f} mm",
                suggestion="correct the size or the weight",
            )
            return None
        found = found.model_copy(update={"weight_ct": measured.weight_ct})
        ledger.given(f"{path}.weight_ct", f"{field}.measured.weight_ct")
    return found


def _note_size(ledger: Ledger, path: str, field: str, unit: str, gem_name: str, as_written: bool) -> None:
    if unit == "mm":
        ledger.given(f"{path}.diameter_mm", f"{field}.size")
        ledger.note(f"{path}.weight_ct", "derived", "volume of the faceted model x density of the gem")
    else:
        ledger.note(f"{path}.diameter_mm", "derived", f"diameter of a stone of the weight given as {field}.size")
        ledger.given(f"{path}.weight_ct", f"{field}.size")
    ledger.given(f"{path}.cut", f"{field}.cut")
    ledger.note(f"{path}.gem", "given" if as_written else "derived", f"{field}.gem")
    for name in ("gem_name", "density_g_cm3", "refractive_index", "color_rgb"):
        ledger.note(f"{path}.{name}", "derived", f"gem table, row {gem_name}")


def check_size(
    ledger: Ledger, bore_radius_mm: float, stone: CenterStone, smallest_mm: float, too_small: str, instead: str = ""
) -> None:
    """Refuse a center stone that is too wide for the finger, or ``too_small`` (in words) for what holds it."""
    largest = _LARGEST_SHARE * bore_radius_mm
    if stone.diameter_mm > largest:
        ledger.refuse(
            "stone.size",
            "the stone is wider than the finger can carry",
            value=mm(stone.diameter_mm),
            limit=f"at most {mm(largest)} across at this ring size",
            suggestion=f"use '{down(largest, 0.05):g} mm' or a larger ring",
        )
    if stone.diameter_mm < smallest_mm - _ROUNDING:
        ledger.refuse(
            "stone.size",
            too_small,
            value=mm(stone.diameter_mm),
            limit=f"at least {mm(smallest_mm)}",
            suggestion=f"use '{smallest_mm:g} mm' or more" + (f", or {instead}" if instead else ""),
        )
