"""Rails that follow a girdle at an even distance, as tangent arcs and lines: their surfaces cross in closed form.

A path is the quarter from +x to +y of a closed curve symmetric about both axes, or the half from -y to +y of one
symmetric about x = 0 alone. The curve inside an ellipse at an even
distance is no ellipse and no circle: four arcs a quarter stand for it, which sold heads do with one or two.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.stones.inset import inset_half, right_half
from ringcad.stones.outline import Arc, Line, Point, Segment, biarc, circular_arc, directed_arc
from ringcad.stones.outlines import cushion
from ringcad.stones.placed import HALF_CUTS, ideal, prong_places
from ringcad.stones.stone import CutStone

FloatArray = NDArray[np.float64]

#: Ellipse parameters at which pairs of arcs of a quarter meet: the flat part of an ellipse bends slowly.
_JOINTS = (0.0, 0.25 * math.pi, 0.5 * math.pi)
#: Radius of the fillet that lies as far from the axis as a chamfer, in legs of the chamfer: 1 / (2 - sqrt 2).
_CHAMFER = 1.0 / (2.0 - math.sqrt(2.0))
#: How much farther than its radius the ends of a tangent chamfer lie from a fillet's centre: 1 / cos 22.5 - 1.
_ENDS = 1.0 / math.cos(math.pi / 8.0) - 1.0
#: Corrections of a cushion's size; each leaves less than a tenth.
_ROUNDS = 12


def hoop_path(stone: CutStone, inward_mm: float, least_radius_mm: float) -> tuple[Segment, ...]:
    """Quarter of a curve that passes ``inward_mm`` inside the girdle where prongs stand (chamfers: a little less).

    Inside an oval it keeps that distance all round, but for ends that would bend more sharply than
    ``least_radius_mm``: there it turns with that radius, farther inside. Corners that the distance uses up are rounded
    by it, and the sides lie farther out by what that takes off. Beside a measured girdle it follows the ideal one.
    Raises :class:`InputError` where no hoop is left.
    """
    stone = ideal(stone)
    if stone.cut == "oval":
        return _inside_ellipse(0.5 * stone.width_mm, 0.5 * stone.length_mm, inward_mm, least_radius_mm)
    if stone.cut in HALF_CUTS:
        return _inside_half(stone, inward_mm, least_radius_mm)
    if stone.cut in ("princess", "baguette"):
        return _inside_rectangle(0.5 * stone.width_mm - inward_mm, 0.5 * stone.length_mm - inward_mm, least_radius_mm)
    if stone.cut == "marquise":
        return _inside_lens(stone, inward_mm, least_radius_mm)
    place = prong_places(stone, 4)[0]
    aside = math.sqrt(0.5)
    px, py = place.point[0] - inward_mm * aside, place.point[1] - inward_mm * aside
    own = place.radius_mm if stone.cut == "cushion" else _CHAMFER * stone.width_mm * stone.shape_percent / 100.0
    radius = max(own - inward_mm, least_radius_mm)
    if stone.cut != "cushion":
        # the girdle's chamfer stands out from a fillet by so much at its ends: there too the hoop keeps its distance
        px, py = px + _ENDS * own * aside, py + _ENDS * own * aside
    centre = (px - radius * aside, py - radius * aside)
    if min(centre) < 0.0:
        raise InputError(f"a hoop {inward_mm:.2f} mm inside this {stone.cut} closes")
    x, y = centre[0] + radius, centre[1] + radius
    if stone.cut != "cushion":
        fillet = circular_arc(centre, radius, 0.0, 0.5 * math.pi)
        return (Line((x, 0.0), fillet.start), fillet, Line(fillet.end, (0.0, y)))
    for _ in range(_ROUNDS):  # the bow of the sides moves the corner a little: nearly one for one
        path = cushion(2.0 * x, 2.0 * y, 50.0 * radius / x).segments[:3]
        found = path[1].point(0.5)
        x, y = x + px - found[0], y + py - found[1]
    return path


def _inside_half(stone: CutStone, inward: float, least: float) -> tuple[Segment, ...]:
    """The half from -y to +y; over a heart's cleft it runs straight, and its lobes turn as widely as corners."""
    half = right_half(stone.placed_outline)
    if stone.cut == "heart":
        flank, lobe = half
        assert isinstance(flank, Arc) and isinstance(lobe, Arc)
        half = _bridged(flank, lobe, max(lobe.radius_x_mm, inward + least))
    return inset_half(half, inward, least)


def _bridged(flank: Arc, lobe: Arc, radius: float) -> tuple[Segment, ...]:
    """Flank, a lobe of at least its own ``radius`` tangent to it, and a level line over the cleft."""
    y = lobe.centre[1] + lobe.radius_x_mm - radius
    reach = flank.radius_x_mm - radius
    room = reach**2 - (y - flank.centre[1]) ** 2
    x = flank.centre[0] + math.sqrt(max(room, 0.0))
    past = math.atan2(y - flank.centre[1], x - flank.centre[0])
    if room <= 0.0 or x <= 1e-6 or past <= flank.start_rad:
        raise InputError("a hoop inside this stone closes")
    side = circular_arc(flank.centre, flank.radius_x_mm, flank.start_rad, past - flank.start_rad)
    top = circular_arc((x, y), radius, past, 0.5 * math.pi - past)
    return (side, top, Line(top.end, (0.0, top.end[1])))


def _inside_rectangle(x: float, y: float, radius: float) -> tuple[Segment, ...]:
    """A rectangle of these half sides, its corners rounded."""
    if min(x, y) - radius < 1e-6:
        raise InputError(f"a hoop of {2 * y:.2f} x {2 * x:.2f} mm closes")
    fillet = circular_arc((x - radius, y - radius), radius, 0.0, 0.5 * math.pi)
    return (Line((x, 0.0), fillet.start), fillet, Line(fillet.end, (0.0, y)))


def _inside_lens(stone: CutStone, inward: float, least: float) -> tuple[Segment, ...]:
    """Inside the two arcs of a marquise; its points turn with the least radius."""
    flank = stone.outline.segments[0]
    assert isinstance(flank, Arc)
    start = 0.5 * stone.width_mm - inward
    if start - least < 1e-6:
        raise InputError(f"a hoop {inward:.2f} mm inside a marquise {stone.width_mm:.2f} mm wide closes")
    return tuple(_blunt_end((start, 0.0), (0.0, 1.0), flank.radius_x_mm - inward, least))


def _inside_ellipse(a: float, b: float, inward: float, least: float) -> tuple[Segment, ...]:
    if a - inward < least or b - inward < least:
        raise InputError(f"a hoop {inward:.2f} mm inside an oval of {2 * b:.2f} x {2 * a:.2f} mm closes")
    places = [_ellipse_place(a, b, inward, t) for t in _JOINTS]
    side = biarc(*places[0], *places[1])
    end = biarc(*places[1], *places[2])
    if min(_radii(end)) < least:
        end = _blunt_end(*places[1], max(_radii(end)[0], side[1].radius_x_mm), least)
    return (*side, *end)


def _radii(arcs: list[Arc]) -> list[float]:
    return [arc.radius_x_mm for arc in arcs]


def _blunt_end(start: Point, leaving: Point, radius: float, least: float) -> list[Arc]:
    """An arc from a directed point, and a tangent one of the ``least`` radius that ends level on the y axis.

    The first has ``radius`` or as much more as it takes to reach the axis.
    """
    nx, ny = leaving[1], -leaving[0]
    for share in np.linspace(1.0, 6.0, 501):
        wide = float(share) * max(radius, 1.05 * least)
        cx, cy = start[0] - nx * wide, start[1] - ny * wide
        room = (wide - least) ** 2 - cx * cx
        top = cy + math.sqrt(max(room, 0.0))
        if room > 0.0 and cx < 0.0 and top > 0.0:
            way = ((0.0 - cx) / (wide - least), (top - cy) / (wide - least))
            joint, tangent = (cx + wide * way[0], cy + wide * way[1]), (-way[1], way[0])
            end = (0.0, top + least)
            return [directed_arc(start, leaving, joint, tangent), directed_arc(joint, tangent, end, (-1.0, 0.0))]
    raise InputError("an oval this slender leaves its hoop no room to turn")


def _ellipse_place(a: float, b: float, inward: float, t: float) -> tuple[Point, Point]:
    """Point ``inward`` inside an ellipse and the direction of travel there."""
    tx, ty = -a * math.sin(t), b * math.cos(t)
    length = math.hypot(tx, ty)
    tx, ty = tx / length, ty / length
    return (a * math.cos(t) - inward * ty, b * math.sin(t) + inward * tx), (tx, ty)


def quarter_points(path: tuple[Segment, ...], step_mm: float, offset_mm: float = 0.0) -> FloatArray:
    """(n, 2) points at ``offset_mm`` outside a path, from +x to +y, in steps of about ``step_mm``."""
    rows: list[Point] = []
    for segment in path:
        count = max(2, math.ceil(segment.length_mm / step_mm))
        for k in range(count):
            px, py = segment.point(k / count)
            tx, ty = segment.tangent(k / count)
            rows.append((px + offset_mm * ty, py - offset_mm * tx))
    tx, ty = path[-1].tangent(1.0)
    rows.append((path[-1].point(1.0)[0] + offset_mm * ty, path[-1].point(1.0)[1] - offset_mm * tx))
    return np.array(rows)


def is_half(path: tuple[Segment, ...]) -> bool:
    """Whether a path is the half from -y to +y, and not the quarter from +x to +y."""
    x, y = path[0].point(0.0)
    return abs(x) < abs(y)


def path_points(path: tuple[Segment, ...], offset_mm: float = 0.0, step_mm: float = 0.1) -> FloatArray:
    """(n, 2) closed polyline at ``offset_mm`` outside a path, counter-clockwise, in steps of about ``step_mm``."""
    first = quarter_points(path, step_mm, offset_mm)
    if is_half(path):
        return np.concatenate([first, (first * np.array([-1.0, 1.0]))[::-1][1:-1]])
    second = (first * np.array([-1.0, 1.0]))[::-1][1:]
    upper = np.concatenate([first, second])
    return np.concatenate([upper, -upper[1:-1]])


def distance_to_path(points: FloatArray, loop: FloatArray) -> FloatArray:
    """(k,) signed distance of points (k, 2) from a closed polyline (n, 2); negative inside."""
    ends = np.roll(loop, -1, axis=0)
    edges = ends - loop
    square = np.einsum("ij,ij->i", edges, edges)
    best = np.full(len(points), np.inf)
    inside = np.zeros(len(points), dtype=bool)
    for (px, py), (ex, ey), length, (_, qy) in zip(loop, edges, square, ends, strict=True):
        dx, dy = points[:, 0] - px, points[:, 1] - py
        share = np.clip((dx * ex + dy * ey) / length, 0.0, 1.0)
        best = np.minimum(best, (dx - share * ex) ** 2 + (dy - share * ey) ** 2)
        if py != qy:
            crosses = (points[:, 1] >= py) != (points[:, 1] >= qy)
            inside ^= crosses & (points[:, 0] < px + (points[:, 1] - py) / (qy - py) * ex)
    signed: FloatArray = np.where(inside, -1.0, 1.0) * np.sqrt(best)
    return signed
