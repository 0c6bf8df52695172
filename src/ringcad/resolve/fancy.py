"""Center stones of other cuts than round: mm and weight, measured or by the trade's proportions, and their prongs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ringcad.core.errors import InputError
from ringcad.resolve.ledger import Ledger, down, mm, rule, up
from ringcad.resolve.measured_outline import with_lengths, with_outline
from ringcad.resolve.v_prongs import (
    CONTACT_WANTED,
    OVER_TABLE_MM,
    TIP_ROUND_MM,
    post_inward_mm,
    prong_count,
    rails_out_mm,
    usual_length_mm,
)
from ringcad.resolved import CenterStone, FancyStone, ProngStand, Rail, size_text
from ringcad.spec import MeasuredStone, Stone
from ringcad.spec.values import an, split_length_width, split_number
from ringcad.standards import Cut, Gem, UnknownNameError, cut, gem
from ringcad.standards.cuts import Range
from ringcad.stones.hoops import hoop_path, path_points, quarter_points
from ringcad.stones.of_ring import INNER_CORNER_MM, cut_stone, rail_path
from ringcad.stones.placed import (
    HALF_CUTS,
    POINT_DEG,
    convex_body,
    folded,
    pavilion_bound,
    point_sides,
    prong_counts,
    prong_places,
    reach_along,
)
from ringcad.stones.stone import CutStone, Solid, reference_stone, scaled, weight_ct

#: A measured length may differ by so much from the size that a stone is sold by.
_NOMINAL_SHARE = 0.12
#: Whatever the gem, a weight differs from that of its proportions by less (bulge of the pavilion, girdle).
_WEIGHT_SHARE = 0.20
#: Steps of a rail's middle line in the resolved ring, and the digits that are kept.
_PATH_STEP_MM, _PATH_DIGITS = 0.1, 6
#: How far inside the girdle the middle of a seat rail may run, mm.
_RAIL_MIDDLES_MM = (0.5, 0.75, 1.0)
#: Longest stone along the finger: the largest that is tried (15 mm) and a little.
LENGTH_MAX_MM = 16.0
#: Flare of a basket prong's foot and a little: feet end clear of the planes between them.
FOOT_ROOM_MM = 0.22


def resolve_fancy(stone: Stone, ledger: Ledger, path: str, field: str) -> FancyStone | None:
    """A stone of another cut than round; ``None`` after noting a problem."""
    row = cut(stone.cut)
    try:
        material = gem(stone.gem)
    except UnknownNameError as error:
        ledger.refuse(f"{field}.gem", "is not a known gem", value=stone.gem, suggestion=error.suggestion)
        return None
    try:
        shape = _shape(stone, row, material, ledger, field)
    except InputError as error:
        ledger.refuse(f"{field}.size", str(error), value=stone.size)
        return None
    if shape is None:
        return None
    weight = weight_ct(shape, material.density_g_cm3)
    given = stone.measured.weight_ct if stone.measured else None
    if given is not None and abs(given / weight - 1.0) > _WEIGHT_SHARE:
        ledger.refuse(
            f"{field}.measured.weight_ct",
            "does not fit the size and proportions",
            value=given,
            limit=f"within {100 * _WEIGHT_SHARE:.0f} % of {weight:.3f} ct for this stone",
            suggestion="correct the size or the weight",
        )
        return None
    _note(stone, ledger, path, field, row, material)
    body = convex_body(shape)
    place = prong_places(shape, prong_counts(row.id)[0])[0]
    slope, drop = pavilion_bound(shape, body)
    drop = max(drop, _drop_at_corners_mm(shape, body, slope))
    run = -float(reach_along(body, place, np.array([shape.girdle_mm + shape.crown_mm - 1e-9]))[0])
    assert stone.cut != "round" and stone.cut != "cabochon", "the caller has sorted out round stones"
    return FancyStone(
        cut=stone.cut,
        gem=material.id,
        gem_name=material.name,
        length_mm=shape.length_mm,
        width_mm=shape.width_mm,
        table_share=shape.table_share,
        crown_angle_deg=math.degrees(math.atan2(shape.crown_mm, run)),
        crown_height_mm=shape.crown_mm,
        pavilion_angle_deg=slope,
        pavilion_drop_mm=drop,
        pavilion_depth_mm=shape.pavilion_mm,
        girdle_mm=shape.girdle_mm,
        shape_percent=shape.shape_percent,
        weight_ct=weight if given is None else given,
        density_g_cm3=material.density_g_cm3,
        refractive_index=material.refractive_index,
        color_rgb=material.color_rgb,
        outline_mm=shape.outline_mm,
    )


def _drop_at_corners_mm(shape: CutStone, body: Solid, slope_deg: float) -> float:
    """How much lower a roof of this slope must begin where rails turn round a stone's points, mm.

    There they lie farther inside the girdle than beside its sides, and under a deeper pavilion than the roof knows. So
    they do where a measured girdle runs inside the ideal one, which rails follow.
    """
    if not shape.outline_mm and not any(corner.opening_deg < POINT_DEG for corner in shape.outline.corners):
        return 0.0
    half, rise = 0.5 * rule("seat_rail_width"), math.tan(math.radians(slope_deg))
    down = body.normals[:, 2] < -1e-6
    normals, offsets = body.normals[down], body.offsets[down]
    drop = 0.0
    for middle in _RAIL_MIDDLES_MM:
        try:
            path = hoop_path(shape, middle, half + INNER_CORNER_MM)
        except InputError:
            continue
        for out in np.linspace(-half, half, 7):
            points = folded(body, path_points(path, float(out), 2.0 * _PATH_STEP_MM))
            low = ((offsets - points @ normals[:, :2].T) / normals[:, 2]).max(axis=1)
            drop = max(drop, float((-low - (middle - float(out)) * rise).max()))
    return drop


def _shape(stone: Stone, row: Cut, material: Gem, ledger: Ledger, field: str) -> CutStone | None:
    """Lengths of the stone as ordered or measured; ``None`` after noting a problem."""
    both, single = split_length_width(stone.size), split_number(stone.size)
    told = with_lengths(stone.measured or MeasuredStone(), stone.size, ledger, field)
    if told is None:
        return None
    measured, points = told
    ratio = None if both is None else both[0] / both[1]
    if measured.length_mm is not None and measured.width_mm is not None:
        ratio = measured.length_mm / measured.width_mm
    asked = f"{field}.measured.length_mm" if measured.length_mm is not None else f"{field}.size"
    if ratio is not None and not _ratio_fits(ledger, asked, row, ratio, stone.size):
        return None
    unit = _proportions(reference_stone(row.id, 1.0, ratio), measured, row, ledger, field)
    if unit is None:
        return None
    if both is not None:
        found = _resized(unit, both[1])
    elif single is not None and single[1] == "mm":
        found = _resized(unit, single[0])
    else:
        carats = single[0] if single is not None else 1.0
        found = scaled(unit, float((carats / weight_ct(unit, material.density_g_cm3)) ** (1.0 / 3.0)))
    at_hand = _measured(found, both, measured, row, ledger, field)
    return None if at_hand is None else with_outline(at_hand, points, measured, row, ledger, field)


def _resized(unit: CutStone, width_mm: float) -> CutStone:
    """Lengths as typed, not as a product that differs in the last digit."""
    return replace(scaled(unit, width_mm), width_mm=width_mm)


def _ratio_fits(ledger: Ledger, field: str, row: Cut, ratio: float, size: str) -> bool:
    limits = row.length_to_width
    both = split_length_width(size)
    if ratio < min(limits.low, 1.0):
        fix = "exchange the two"
        if both is not None and limits.holds(1.0 / ratio):
            fix = f"write '{both[1]:g}x{both[0]:g} mm'"
        elif both is not None:
            fix = f"use '{up(limits.low * both[1], 0.1):g}x{both[1]:g} mm'"
        ledger.refuse(
            field, "the length is shorter than the width", value=size, limit="length first, then width", suggestion=fix
        )
        return False
    if limits.holds(ratio):
        return True
    width = both[1] if both else None
    nearest = limits.low if ratio < limits.low else limits.high
    hint = "correct one of the two"
    if width is not None and field.endswith("size"):
        length = up(nearest * width, 0.1) if ratio < limits.low else down(nearest * width, 0.1)
        hint = f"use '{length:g}x{width:g} mm'"
    if row.id == "oval" and ratio < limits.low:
        hint += ", or 'cut: round'"
    ledger.refuse(
        field, f"length / width is {ratio:.2f}: that is no {row.name.lower()}", value=size,
        limit=f"{limits.low:g} to {limits.high:g}", suggestion=hint,
    )  # fmt: skip
    return False


def _proportions(unit: CutStone, measured: MeasuredStone, row: Cut, ledger: Ledger, field: str) -> CutStone | None:
    """Table, girdle and total depth as measured (shares of the width); the depth goes to the pavilion."""
    if measured.table_percent is not None:
        unit = replace(unit, table_share=measured.table_percent / 100.0)
    if measured.girdle_percent is not None:
        unit = replace(unit, girdle_mm=measured.girdle_percent / 100.0)
    if measured.depth_percent is not None:
        return _with_depth(unit, measured.depth_percent / 100.0, row, ledger, f"{field}.measured.depth_percent")
    return unit


def _with_depth(stone: CutStone, depth_mm: float, row: Cut, ledger: Ledger, field: str) -> CutStone | None:
    """The stone with a total depth: crown and pavilion share what the girdle leaves as in the trade's proportions."""
    left = depth_mm - stone.girdle_mm
    crown = left * stone.crown_mm / (stone.crown_mm + stone.pavilion_mm)
    found = replace(stone, crown_mm=crown, pavilion_mm=left - crown)
    for name, part, limits in (("crown", crown, row.crown_percent), ("pavilion", left - crown, row.pavilion_percent)):
        wide = Range(limits.default, 0.9 * limits.low, 1.1 * limits.high)
        if not wide.holds(100.0 * part / stone.width_mm):
            low, high = (
                (share * (stone.crown_mm + stone.pavilion_mm) / stone.crown_mm if name == "crown" else
                 share * (stone.crown_mm + stone.pavilion_mm) / stone.pavilion_mm) + stone.girdle_mm / stone.width_mm
                for share in (wide.low / 100.0, wide.high / 100.0)
            )  # fmt: skip
            ledger.refuse(
                field, f"does not make {row.name.lower()} proportions: a {name} of {100 * part / stone.width_mm:.1f} %",
                value=mm(depth_mm) if field.endswith("_mm") else 100.0 * depth_mm,
                limit=f"a depth of {100 * low:.0f} to {100 * high:.0f} % of the width",
                suggestion="measure again, or leave the depth out",
            )  # fmt: skip
            return None
    return found


def _measured(
    stone: CutStone, sold: tuple[float, float] | None, measured: MeasuredStone, row: Cut, ledger: Ledger, field: str
) -> CutStone | None:
    """The stone at hand: its own length, width and depth in place of those of the size (``sold``: length, width)."""
    for name, nominal in (("length_mm", sold[0] if sold else stone.length_mm), ("width_mm", stone.width_mm)):
        value = getattr(measured, name)
        if value is not None and abs(value / nominal - 1.0) > _NOMINAL_SHARE:
            ledger.refuse(
                f"{field}.measured.{name}", "is not the stone of the given size", value=mm(value),
                limit=f"within {100 * _NOMINAL_SHARE:.0f} % of {mm(nominal)}",
                suggestion="correct 'size' or the measured length",
            )  # fmt: skip
            return None
    width = measured.width_mm if measured.width_mm is not None else stone.width_mm
    length = measured.length_mm if measured.length_mm is not None else stone.length_mm
    if not _ratio_fits(ledger, f"{field}.measured.length_mm", row, length / width, f"{length:g}x{width:g} mm"):
        return None
    found = replace(scaled(stone, width / stone.width_mm), width_mm=width, length_mm=length)
    if measured.depth_mm is not None:
        return _with_depth(found, measured.depth_mm, row, ledger, f"{field}.measured.depth_mm")
    return found


def _note(stone: Stone, ledger: Ledger, path: str, field: str, row: Cut, material: Gem) -> None:
    measured = stone.measured or MeasuredStone()
    by_weight = split_length_width(stone.size) is None and (split_number(stone.size) or (0.0, ""))[1] != "mm"
    usual = f"cut table, row {row.id} ({row.provenance.source})"
    for name in ("length_mm", "width_mm"):
        if measured.outline_mm is not None:
            ledger.note(f"{path}.{name}", "derived", f"box of {field}.measured.outline_mm")
        elif getattr(measured, name) is not None:
            ledger.given(f"{path}.{name}", f"{field}.measured.{name}")
        elif by_weight:
            ledger.note(f"{path}.{name}", "derived", f"a stone of the weight given as {field}.size")
        elif name == "length_mm" and split_length_width(stone.size) is None:
            ledger.note(f"{path}.{name}", "default", f"length / width {row.length_to_width.default:g}; {usual}")
        else:
            ledger.given(f"{path}.{name}", f"{field}.size")
    if measured.outline_mm is not None:
        ledger.given(f"{path}.outline_mm", f"{field}.measured.outline_mm")
    else:
        ledger.note(f"{path}.outline_mm", "default", "the cut's own outline")
    deep = "depth_mm" if measured.depth_mm is not None else "depth_percent" if measured.depth_percent else None
    for name, own in (
        ("table_share", "table_percent"), ("girdle_mm", "girdle_percent"), ("crown_height_mm", deep),
        ("pavilion_depth_mm", deep), ("shape_percent", None),
    ):  # fmt: skip
        if own is not None and getattr(measured, own) is not None:
            ledger.note(f"{path}.{name}", "given", f"{field}.measured.{own}")
        else:
            ledger.note(f"{path}.{name}", "default", usual)
    ledger.note(f"{path}.crown_angle_deg", "derived", "crown height over its run where the first prong stands")
    because = "a slope outside the whole pavilion of the model"
    for name in ("pavilion_angle_deg", "pavilion_drop_mm"):
        ledger.note(f"{path}.{name}", "derived", because)
    if measured.weight_ct is not None:
        ledger.given(f"{path}.weight_ct", f"{field}.measured.weight_ct")
    elif by_weight:
        ledger.given(f"{path}.weight_ct", f"{field}.size")
    else:
        ledger.note(f"{path}.weight_ct", "derived", "volume of the faceted model x density of the gem")
    ledger.given(f"{path}.cut", f"{field}.cut")
    ledger.note(f"{path}.gem", "given" if material.id == stone.gem else "derived", f"{field}.gem")
    for name in ("gem_name", "density_g_cm3", "refractive_index", "color_rgb"):
        ledger.note(f"{path}.{name}", "derived", f"gem table, row {material.name}")


def stands(stone: CenterStone, count: int, wall_length_mm: float | None = None) -> tuple[ProngStand, ...]:
    """Where the prongs of a stone of another cut than round stand; none for a round one.

    ``wall_length_mm`` is of the walls over its points, the rule's when not said.
    """
    if not isinstance(stone, FancyStone):
        return ()
    half, cut_body = 0.5 * stone.width_mm, cut_stone(stone)
    found = []
    apart = rails_out_mm(stone, count)
    for place in prong_places(cut_body, count):
        turn, back, opening, point, bow = place.azimuth_rad, half, 180.0, None, 0.0
        if place.opening_deg is not None:
            reach = usual_length_mm(stone) if wall_length_mm is None else wall_length_mm
            half_opening, turn = point_sides(cut_body.placed_outline, place, reach)
            back, point = half + post_inward_mm(half_opening, apart), place.point
            opening = 2.0 * math.degrees(half_opening)
            # a circle's tangent and chord differ by half the angle of the arc, whose sagitta this is
            bow = 0.5 * reach * math.tan(0.5 * max(0.5 * math.radians(place.opening_deg) - half_opening, 0.0))
        found.append(
            ProngStand(
                x_mm=place.point[0] - back * math.cos(turn),
                y_mm=place.point[1] - back * math.sin(turn),
                azimuth_deg=math.degrees(turn),
                point_mm=point,
                opening_deg=opening,
                bow_mm=bow,
            )
        )
    return tuple(found)


def nearest_prongs_mm(stone: CenterStone, count: int) -> float:
    """Least distance between the places of two prongs on the girdle, mm."""
    if not isinstance(stone, FancyStone):
        return 2.0 * math.sin(math.pi / count) * 0.5 * stone.diameter_mm
    points = [place.point for place in prong_places(cut_stone(stone), count)]
    return min(math.dist(points[k], points[k - 1]) for k in range(count))


def mean_size_mm(stone: CenterStone) -> float:
    """What a prong's thickness goes by: the diameter, or the root of length x width (proportions 1.6)."""
    return math.sqrt(stone.length_mm * stone.width_mm) if isinstance(stone, FancyStone) else stone.diameter_mm


def check_head(stone: CenterStone, ledger: Ledger) -> None:
    """Refuse what the head of another cut than round cannot be."""
    if not isinstance(stone, FancyStone):
        return
    want, counts = ledger.spec.head, prong_counts(stone.cut)
    if prong_count(ledger, stone) not in counts:
        ledger.refuse(
            "head.prongs", f"are not how {an(stone.cut)} stone is held", value=want.prongs,
            limit=" or ".join(str(count) for count in sorted(counts)), suggestion=f"use 'prongs: {counts[0]}'",
        )  # fmt: skip
    if want.style == "stand":
        ledger.refuse(
            "head.style", f"a standing head takes round stones, not {an(stone.cut)}", value="stand",
            limit="basket", suggestion="use 'style: basket'",
        )  # fmt: skip
    if stone.length_mm > LENGTH_MAX_MM:
        ledger.refuse(
            "stone.size", "the stone is longer than a ring carries", value=mm(stone.length_mm),
            limit=f"at most {mm(LENGTH_MAX_MM)}", suggestion="use a smaller stone",
        )  # fmt: skip


def tip_over_girdle_mm(stone: CenterStone, lean_deg: float) -> tuple[float, str]:
    """How far a prong stands above the girdle's upper edge, and why.

    The share of the crown that sold rings have; beside a long, flat slope as much as covers :data:`CONTACT_WANTED` of
    it, its rounded end not counted, and never more than :data:`OVER_TABLE_MM` above the table.
    """
    share = rule("prong_tip_crown_share")
    usual = share * stone.crown_height_mm
    if not isinstance(stone, FancyStone):
        return usual, "0.85 of the crown above the girdle, as sold rings are set"
    slope = stone.crown_height_mm / math.sin(math.radians(stone.crown_angle_deg))
    wanted = CONTACT_WANTED * slope * math.cos(math.radians(lean_deg)) + TIP_ROUND_MM
    if wanted <= usual:
        return usual, "0.85 of the crown above the girdle, as sold rings are set"
    wanted = min(wanted, stone.crown_height_mm + OVER_TABLE_MM)
    return wanted, f"so that the bent prong covers {100 * CONTACT_WANTED:.0f} % of the crown's slope"


def with_paths(stone: CenterStone, rails: tuple[Rail, Rail], ledger: Ledger) -> tuple[Rail, Rail]:
    """The rails with how far out they run at their sides; a stone that leaves them no path is refused."""
    if not isinstance(stone, FancyStone):
        return rails
    found = []
    for rail in rails:
        try:
            path = rail_path(stone, rail)
        except InputError as error:
            ledger.refuse(
                "stone.size", str(error), value=size_text(stone), limit=f"a {rail.name.replace('_', ' ')} inside it",
                suggestion="use a wider or larger stone",
            )  # fmt: skip
            return rails
        line = quarter_points(path, _PATH_STEP_MM)
        side = float(line[:, 0].max()) - 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
        points = np.round(line, _PATH_DIGITS).tolist()
        quarter = tuple((x, y) for x, y in points)
        found.append(rail.model_copy(update={"side_mm": 0.0 if abs(side) < 1e-9 else side, "quarter_mm": quarter}))
    return found[0], found[1]


def least_foot_radius_mm(stone: CenterStone, count: int, base_mm: float) -> float:
    """Least radius of the prongs' feet at which none reaches over the head's middle, mm."""
    need = 0.5 * base_mm + FOOT_ROOM_MM
    least = 0.0
    # a head that is alike about x = 0 alone is made as its half: there no prong comes to stand beside its own image
    planes = 1 if stone.cut in HALF_CUTS else 2
    if isinstance(stone, FancyStone) and stone.outline_mm:
        planes = 0  # made whole
    for stand in stands(stone, count):
        turn = math.radians(stand.azimuth_deg)
        for start, way in ((stand.x_mm, math.cos(turn)), (stand.y_mm, math.sin(turn)))[:planes]:
            if abs(way) > 1e-9:
                least = max(least, (need - math.copysign(1.0, way) * start) / abs(way))
    return least
