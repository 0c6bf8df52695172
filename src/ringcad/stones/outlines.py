"""Outlines of the cuts by length, width and one number of shape; all exact lines and arcs."""

from __future__ import annotations

import math
from collections.abc import Callable

from ringcad.core.errors import InputError
from ringcad.stones.outline import Arc, Line, Outline, Point, Segment, circular_arc

#: Degrees that a cushion's long side bows between its middle and its rounded corner; judged by eye on trade photos.
_CUSHION_BOW_DEG = 9.0
#: Share of the way to straight flanks that a pear and a heart go; judged by eye on trade photos.
_PEAR_STRAIGHTNESS = 0.3
_HEART_STRAIGHTNESS = 0.5
#: Where a heart's facets converge, as a share of the way from its cleft to its point; judged by eye on trade photos,
#: where the culet lies above the stone's middle. At the lobes' own height the facets under the cleft would stand
#: steeper than 75 degrees.
_HEART_FOCUS = 1.0 / 3.0


def round_outline(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """A circle (an ellipse, when length and width differ) in four quarters."""
    quarters = (Arc((0.0, 0.0), 0.5 * width_mm, 0.5 * length_mm, k * math.pi / 2, math.pi / 2) for k in range(4))
    return Outline(tuple(quarters))


def polygon(points: tuple[Point, ...]) -> Outline:
    """Straight sides through points."""
    return Outline(tuple(Line(a, b) for a, b in zip(points, (*points[1:], points[0]), strict=True)))


def rectangle(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """Sharp corners: princess and baguette."""
    x, y = 0.5 * width_mm, 0.5 * length_mm
    return polygon(((x, -y), (x, y), (-x, y), (-x, -y)))


def trapezium(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """A tapered baguette; ``shape_percent`` is the narrow end (+y) as a share of the wide one."""
    x, y = 0.5 * width_mm, 0.5 * length_mm
    narrow = x * shape_percent / 100.0
    return polygon(((x, -y), (narrow, y), (-narrow, y), (-x, -y)))


def chamfered(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """A rectangle with corners cut at 45 degrees, each leg of a chamfer ``shape_percent`` of the width."""
    x, y = 0.5 * width_mm, 0.5 * length_mm
    c = width_mm * shape_percent / 100.0
    if not 0.0 < c < min(x, y):
        raise InputError(f"a chamfer of {shape_percent:g} % of the width leaves no side; less than 50 % is possible")
    return polygon(
        ((x, -y + c), (x, y - c), (x - c, y), (-x + c, y), (-x, y - c), (-x, -y + c), (-x + c, -y), (x - c, -y))
    )


def cushion(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """Four bowed sides and four round corners of radius ``shape_percent`` of the width, tangent to each other.

    The radii of the sides follow from two linear equations: the corner's centre lies on the normal of
    either side where that side has turned by its bow.
    """
    x, y = 0.5 * width_mm, 0.5 * length_mm
    r = width_mm * shape_percent / 100.0
    bow = math.radians(_CUSHION_BOW_DEG)
    cos, sin = math.cos(bow), math.sin(bow)
    # centre of the corner: (x - R1 + (R1 - r) cos, (R1 - r) sin) = ((R2 - r) sin, y - R2 + (R2 - r) cos)
    # -(1 - cos) R1 - sin R2 = r cos - r sin - x   and   sin R1 + (1 - cos) R2 = y - r cos + r sin
    a11, a12, b1 = -(1.0 - cos), -sin, r * cos - r * sin - x
    a21, a22, b2 = sin, 1.0 - cos, y - r * cos + r * sin
    determinant = a11 * a22 - a12 * a21
    long_radius = (b1 * a22 - a12 * b2) / determinant
    short_radius = (a11 * b2 - a21 * b1) / determinant
    if min(long_radius, short_radius) <= r:
        raise InputError(
            f"corners of {shape_percent:g} % of the width leave no sides to this cushion; take a smaller radius"
        )
    corner = (x - long_radius + (long_radius - r) * cos, (long_radius - r) * sin)
    chain: list[Segment] = []
    for quarter in range(4):
        right, up = (1, 1) if quarter == 0 else (-1, 1) if quarter == 1 else (-1, -1) if quarter == 2 else (1, -1)
        centre = (right * corner[0], up * corner[1])
        side_x = circular_arc((right * (x - long_radius), 0.0), long_radius, 0.0, bow)
        side_y = circular_arc((0.0, up * (y - short_radius)), short_radius, 0.0, bow)
        turn = quarter * math.pi / 2
        first, last = (side_x, side_y) if quarter % 2 == 0 else (side_y, side_x)
        chain += [
            circular_arc(first.centre, first.radius_x_mm, turn, bow),
            circular_arc(centre, r, turn + bow, math.pi / 2 - 2.0 * bow),
            circular_arc(last.centre, last.radius_x_mm, turn + math.pi / 2 - bow, bow),
        ]
    return Outline(tuple(chain))


def _flank(half_width: float, height: float) -> float:
    """Radius of an arc that leaves the widest place upright and reaches the axis ``height`` above it."""
    return (height * height + half_width * half_width) / (2.0 * half_width)


def marquise(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """Two arcs that meet in two points."""
    x, y = 0.5 * width_mm, 0.5 * length_mm
    radius = _flank(x, y)
    half = math.asin(y / radius)
    return Outline(
        (
            circular_arc((x - radius, 0.0), radius, -half, 2.0 * half),
            circular_arc((radius - x, 0.0), radius, math.pi - half, 2.0 * half),
        )
    )


def _drop(lobe_x: float, radius: float, height: float, share: float) -> tuple[float, float, float]:
    """How a round lobe runs down into a point on the axis ``height`` below its centre.

    The lobe goes on past its widest place by ``share`` of the angle that would leave a straight flank; the
    flank is the arc tangent to it there. Returns that angle, the flank's radius and the angle it sweeps.

    With the flank's centre ``d`` further in on the same normal, its distance to the point must be ``d + r``:
    ``d = (x^2 + h^2 - r^2) / 2 (r + x cos - h sin)``.
    """
    reach = math.hypot(height, lobe_x)
    past = share * (math.atan2(lobe_x, height) + math.asin(radius / reach))
    inward = (lobe_x**2 + height**2 - radius**2) / (2.0 * (radius + lobe_x * math.cos(past) - height * math.sin(past)))
    centre = (lobe_x - inward * math.cos(past), inward * math.sin(past))
    end = math.atan2(height + centre[1], -centre[0])
    return past, inward + radius, end - past


def pear(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """A round end below, two arcs tangent to it that meet in a point above; the widest place is at y = 0."""
    x = 0.5 * width_mm
    height = length_mm - x
    if height <= 1.05 * x:
        raise InputError("a pear is longer than wide; for equal sides take a round stone")
    past, radius, sweep = _drop(0.0, x, height, _PEAR_STRAIGHTNESS)
    inward = radius - x
    centre = (-inward * math.cos(past), -inward * math.sin(past))
    return Outline(
        (
            circular_arc((0.0, 0.0), x, math.pi - past, math.pi + 2.0 * past),
            circular_arc(centre, radius, past, sweep),
            circular_arc((-centre[0], centre[1]), radius, math.pi - past - sweep, sweep),
        )
    )


def heart_half(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """Right half of a heart, convex by itself: flank from the point (-y), lobe, and the axis back down.

    ``shape_percent``: radius of a lobe as a share of the width; at 25 % the cleft would be cut to the lobes' height.
    The facets' focus is the origin, so the lobes' centres lie above it.
    """
    x, r = 0.5 * width_mm, width_mm * shape_percent / 100.0
    if not 0.25 * width_mm < r < x:
        raise InputError(f"lobes of {shape_percent:g} % of the width do not make a heart; 26 to 40 % do")
    height = length_mm - r
    lobe_x = x - r
    if height <= r:
        raise InputError("a heart this short has no flanks; make it longer or its lobes smaller")
    past, radius, sweep = _drop(lobe_x, r, height, _HEART_STRAIGHTNESS)
    inward = radius - r
    cleft = math.sqrt(r * r - lobe_x * lobe_x)
    lift = _HEART_FOCUS * (cleft + height) - cleft
    centre = (lobe_x - inward * math.cos(past), lift + inward * math.sin(past))
    lobe = circular_arc((lobe_x, lift), r, -past, past + math.acos(-lobe_x / r))
    flank = circular_arc(centre, radius, -past - sweep, sweep)
    return Outline((flank, lobe, Line(lobe.end, flank.start)))


def heart(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """Two lobes with a cleft at +y and a point at -y."""
    right = heart_half(width_mm, length_mm, shape_percent).segments[:2]
    left = tuple(_mirrored(arc) for arc in reversed(right) if isinstance(arc, Arc))
    return Outline((*right, *left))


def _mirrored(arc: Arc) -> Arc:
    """The arc on the other side of the axis, still counter-clockwise."""
    return circular_arc(
        (-arc.centre[0], arc.centre[1]), arc.radius_x_mm, math.pi - arc.start_rad - arc.sweep_rad, arc.sweep_rad
    )


def trillion(width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """Three bowed sides; a point at +y. ``shape_percent``: degrees that each side turns in all."""
    bow = math.radians(shape_percent)
    sagitta = math.tan(0.25 * bow)
    base = 0.5 * width_mm
    height = length_mm - base * sagitta
    if height <= 0.5 * base:
        raise InputError("a trillion this short is none; make it about as long as wide")
    corners = ((base, 0.0), (0.0, height), (-base, 0.0))
    segments = tuple(_bowed(a, b, bow) for a, b in zip(corners, (*corners[1:], corners[0]), strict=True))
    # the focus of the facets is the origin: it belongs a third of the way up
    lift = height / 3.0
    return Outline(
        tuple(
            circular_arc((s.centre[0], s.centre[1] - lift), s.radius_x_mm, s.start_rad, s.sweep_rad) for s in segments
        )
    )


def _bowed(start: Point, end: Point, turn_rad: float) -> Arc:
    """A circular arc to the left of its chord that turns by ``turn_rad``."""
    chord = math.dist(start, end)
    radius = 0.5 * chord / math.sin(0.5 * turn_rad)
    along = math.atan2(end[1] - start[1], end[0] - start[0])
    inward = radius * math.cos(0.5 * turn_rad)
    centre = (
        0.5 * (start[0] + end[0]) - inward * math.sin(along),
        0.5 * (start[1] + end[1]) + inward * math.cos(along),
    )
    return circular_arc(centre, radius, along - math.pi / 2 - 0.5 * turn_rad, turn_rad)


Maker = Callable[[float, float, float], Outline]

OUTLINES: dict[str, Maker] = {
    "round": round_outline,
    "oval": round_outline,
    "cabochon": round_outline,
    "cushion": cushion,
    "princess": rectangle,
    "baguette": rectangle,
    "tapered_baguette": trapezium,
    "emerald": chamfered,
    "asscher": chamfered,
    "radiant": chamfered,
    "pear": pear,
    "marquise": marquise,
    "heart": heart,
    "trillion": trillion,
}


def outline_of(cut: str, width_mm: float, length_mm: float, shape_percent: float) -> Outline:
    """Outline of a cut. Raises :class:`InputError` for lengths that the cut cannot have."""
    return OUTLINES[cut](width_mm, length_mm, shape_percent)
