"""What is named outright and built of few parts over and over: zigzag lines, tiles, lace, barbed wire."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Placement, Rail, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import Room, gap_between, largest
from ringcad.generators.ornament.plates import Groove, Plate
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, LayerBase, Positive, Share
from ringcad.generators.ornament.shapes import arc, star

Rng = np.random.Generator


def _extent(room: Room, r: float) -> tuple[float, float]:
    """First and last u of a middle line whose stroke has radius ``r``."""
    return (room.u0, room.u1) if room.periodic else (room.straight0 + r, room.straight1 - r)


def _ball(room: Room, u: float, v: float, near: list[Drawable], most: float) -> list[Bead]:
    """The largest ball at (u, v) that keeps its gap, or none."""
    size = largest(lambda x: gap_between([Bead(u, v, x)], near) >= room.gap, 0.5 * room.stroke, most, 8)
    return [] if size is None else [Bead(u, v, size)]


# ---------------------------------------------------------------- zigzag


class ZigzagLayer(LayerBase):
    """Lines in zigzag from edge to edge, one or more side by side."""

    family: Literal["zigzag"] = "zigzag"
    repeats: Count
    """Points on each side."""
    rows: Count = 1
    """Lines side by side."""
    line_mm: Positive
    between: Literal["none", "ball"] = "ball"
    """What stands in the bends."""


def _swing(space: float, line: float, gap: float, rows: int, half_turn: float) -> float:
    """Half the height of a middle line's zigzag, so that all lines keep a gap inside the space."""

    def fits(swing: float) -> bool:
        steep = float(np.hypot(1.0, 2.0 * swing / half_turn))
        return 2.0 * swing + line + (rows - 1) * (line + gap) * steep <= space

    most = 0.5 * (space - line)
    return most if rows == 1 else largest(fits, 0.0, most, 30) or 0.0


def _propose_zigzag(room: Room, wish: Attributes, rng: Rng) -> ZigzagLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 2.0 * stroke:
        return None
    line = max(stroke, min(0.11 * space, 0.5) * (1.0 + 0.4 * wish.bold))
    loose = float(rng.uniform(0.75, 1.1)) * (1.0 + 0.3 * wish.large - 0.45 * wish.dense)
    between: Literal["none", "ball"] = "none" if wish.balls is False or rng.random() < 0.3 else "ball"
    for rows in range(min(wish.rows or max(1, round(space / 2.2)), 6), 0, -1):
        half_turn = max(min(loose * (space - line), 2.4) * (1.0 if rows == 1 else 0.7), 1.1 * (line + gap))
        swing = _swing(space, line, gap, rows, half_turn)
        if swing >= 0.6 * stroke:
            break
    else:
        return None
    count = wish.repeats or max(1, round(room.length / (2.0 * half_turn)))
    count = max(1, min(count, int(room.length / (2.2 * (line + gap)))))
    return ZigzagLayer(repeats=count, rows=rows, line_mm=round(line, 4), between=between)


def _draw_zigzag(layer: ZigzagLayer, room: Room) -> list[Drawable]:
    r = 0.5 * layer.line_mm
    u0, u1 = _extent(room, r)
    half_turn = (u1 - u0) / (2 * layer.repeats)
    swing = _swing(2.0 * room.half, layer.line_mm, room.gap, layer.rows, half_turn)
    step = (layer.line_mm + room.gap) * float(np.hypot(1.0, 2.0 * swing / half_turn))
    k = np.arange(2 * layer.repeats + 1)
    up = np.where(k % 2 == 0, 1.0, -1.0)
    lines: list[Drawable] = [
        Stroke(np.column_stack([u0 + k * half_turn, swing * up + shift]), r, profile="roof")
        for shift in step * (np.arange(layer.rows) - 0.5 * (layer.rows - 1))
    ]
    if layer.between == "none":
        return lines
    # In the bend of a point that looks up there is room below it, and the other way round; all bends are alike.
    middle = 1 if len(k) < 4 else 2
    u, side = u0 + middle * half_turn, -float(up[middle])

    def keeps(x: float) -> bool:
        return gap_between([Bead(u, side * (room.half - x), x)], lines) >= room.gap

    most = max(min(0.3 * room.half, 1.3 * room.stroke), 0.5 * room.stroke)
    size = largest(keeps, 0.5 * room.stroke, most, 8)
    if size is None:
        return lines
    at = k[:-1] if room.periodic else k[1:-1]
    balls = [Bead(u0 + float(j) * half_turn, -float(up[j]) * (room.half - size), size) for j in at]
    return [*lines, *balls]


# ---------------------------------------------------------------- tiles

_WAIST = 0.5 - 0.25 * float(np.sqrt(2.0))
"""Half the breadth of the arm of a cross between eight-pointed stars, over their distance."""


class TilesLayer(LayerBase):
    """Glazed tiles: eight-pointed stars with crosses between them, or squares like a chessboard."""

    family: Literal["tiles"] = "tiles"
    form: Literal["stars", "checker"] = "stars"
    repeats: Count
    rows: Count
    inner: Literal["star", "square", "plain"] = "star"
    """What is cut into each star."""


def _propose_tiles(room: Room, wish: Attributes, rng: Rng) -> TilesLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 1.2 * stroke:
        return None
    inner: Literal["star", "square", "plain"] = ("star", "square", "plain")[int(rng.integers(3))]
    wanted = (1.0 + 0.3 * wish.large - 0.2 * wish.dense) * float(rng.uniform(0.92, 1.12))
    least = 1.03 * (stroke + gap) / (2.0 * _WAIST)
    stars = wish.form != "checker" and space >= 4.2 * stroke
    if stars:
        fitting = max(1, int(space / max(least, 1.9 * wanted)))
        rows = wish.rows or max(fitting - int(fitting > 2 and rng.random() < 0.5), min(fitting, 2))
        rows = max(1, min(rows, int(space / min(least, 4.2 * stroke + gap))))
    else:
        rows = wish.rows or max(1, max(2, int(space / max(wanted, 1.5 * (stroke + gap)))))
        rows = max(1, min(rows, int(space / (stroke + 0.5 * gap)) or 1))
    pitch = space / rows
    count = wish.repeats or max(1, round(room.length / pitch * float(rng.uniform(0.92, 1.08))))
    count = max(1, min(count, int(room.length / (0.8 * pitch)) or 1))
    if not stars and room.periodic and rows > 1 and count % 2:
        count += 1
    return TilesLayer(form="stars" if stars else "checker", repeats=count, rows=rows, inner=inner)


def _star_outline(reach: float) -> Array:
    """Eight points at ``reach``: two squares, one turned by an eighth."""
    return star(8, reach, reach * float(np.cos(np.pi / 4.0) / np.cos(np.pi / 8.0)), 0.0)


def _cross_outline(pitch: float, inset: float, half: bool) -> Array:
    """A cross with pointed arms between four stars; its lower half alone if so."""
    w = _WAIST * pitch - inset
    tip = 0.5 * pitch - np.sqrt(2.0) * inset
    quarter = [(tip, 0.0), (tip - w, w), (w, w), (w, tip - w), (0.0, tip)]
    upper = [*quarter, *((-x, y) for x, y in quarter[-2::-1])]
    return np.array(upper if half else [*upper, *((x, -y) for x, y in upper[-2:0:-1])])


def _draw_tiles(layer: TilesLayer, room: Room) -> list[Drawable]:
    rows, n = layer.rows, layer.repeats
    u0, u1 = (room.u0, room.u1) if room.periodic else (room.straight0, room.straight1)
    pitch, along = 2.0 * room.half / rows, (u1 - u0) / n
    stretch, inset = np.array([along / pitch, 1.0]), 0.5 * room.gap * max(pitch / along, 1.0)

    def at(i: float, j: float) -> Array:
        return np.array([u0 + i * along, -room.half + j * pitch])

    out: list[Drawable] = []
    if layer.form == "checker":
        side = 0.5 * pitch - (0.36 * inset * 2.0 if rows > 1 else 0.0)
        square = np.array([[-side, -side], [side, -side], [side, side], [-side, side]])
        if rows == 1:
            square = square @ np.array([[0.7, 0.7], [-0.7, 0.7]])  # lozenges in file
        for j in range(rows):
            for i in range(n):
                if (i + j) % 2 == 0 or rows == 1:
                    body = square * stretch + at(i + 0.5, j + 0.5)
                    out.append(Plate((body,), 0.14, 1.0, 0.3, 0.5 * pitch))
        return out
    reach = 0.5 * pitch - inset * float(np.sqrt(2.0))
    for j in range(rows):
        for i in range(n):
            centre = at(i + 0.5, j + 0.5)
            grooves: tuple[Groove, ...] = ()
            if (layer.inner != "plain" and reach > 4.4 * room.stroke) or reach > 5.5 * room.stroke:
                cut = _star_outline(0.62 * reach)[:: 4 if layer.inner == "square" else 1]
                line = np.vstack([cut, cut[:1]]) * stretch + centre
                grooves = (Groove(line, min(1.02 * room.gap, 0.2 * reach), 0.34),)
            elif layer.inner != "plain" and reach > 2.2 * room.stroke:
                eye = np.stack([centre, centre + np.array([0.001, 0.0])])
                grooves = (Groove(eye, (0.42 if layer.inner == "star" else 0.6) * reach, 0.3),)
            body = _star_outline(reach) * stretch + centre
            out.append(Plate((body,), 0.16, 1.0, 0.16, 0.6 * reach, grooves))
    columns = range(n) if room.periodic else range(1, n)
    arm = 2.0 * (_WAIST * pitch - inset)
    for i in columns:
        for j in range(1, rows) if arm >= room.stroke else ():
            body = _cross_outline(pitch, inset, False) * stretch + at(i, j)
            out += _wrapped(Plate((body,), 0.14, 1.0, 0.25, 0.5 * arm), i, room)
        for side in (-1.0, 1.0):
            edge = at(i, 0.0 if side < 0 else rows)
            if 0.5 * arm >= room.stroke:
                body = _cross_outline(pitch, inset, True) * [1.0, -side] * stretch + edge
                out += _wrapped(Plate((body,), 0.14, 1.0, 0.25, 0.5 * arm), i, room)
            else:
                r = 0.5 * room.stroke
                near = [Bead(float(edge[0] + s * 0.5 * along), float(edge[1] - side * 0.5 * pitch), reach) for s in
                        (-1.0, 1.0)]  # fmt: skip
                if gap_between([Bead(float(edge[0]), float(edge[1] - side * r), r)], near) >= 0.9 * room.gap:
                    out += _wrapped(Bead(float(edge[0]), float(edge[1] - side * r), r), i, room)
    return out


def _wrapped(element: Any, column: int, room: Room) -> list[Drawable]:
    """An element at the seam of a closed band, on both sides of it."""
    if not room.periodic or column:
        return [element]
    return [element, element.moved(Placement(room.length))]


# ---------------------------------------------------------------- lace


class LaceLayer(LayerBase):
    """Bobbin lace: a row of rings, arches with picots from ring to ring; simple: arches on a cord."""

    family: Literal["lace"] = "lace"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    thread_mm: Positive
    ring: Share
    """Radius of the rings over half the width."""
    filled: Literal["ball", "none"] = "ball"
    """What is worked into rings and arches that are large enough."""


def _propose_lace(room: Room, wish: Attributes, rng: Rng) -> LaceLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 2.4 * stroke:
        return None
    thread = max(stroke, min(0.42, 0.1 * space) * (1.0 + 0.35 * wish.bold))
    filled: Literal["ball", "none"] = "none" if wish.balls is False or wish.dense < 0.0 else "ball"
    share = float(rng.uniform(0.32, 0.42)) * (1.0 + 0.2 * wish.large - 0.1 * wish.dense)
    ring = max(share * room.half, 0.5 * thread + 0.8 * gap)
    if room.half < max(ring + 1.2 * thread + 1.2 * gap, 3.4 * stroke):
        pitch = max((0.9 + 0.5 * float(rng.random())) * space, 1.3 * thread + 2.0 * gap)
        count = wish.repeats or max(1, round(room.length / pitch))
        return LaceLayer(form="simple", repeats=count, thread_mm=round(thread, 4), ring=0.5, filled=filled)
    # Two rings under every arch.
    count = wish.repeats or max(1, round((room.length - thread) / (4.0 * ring)))
    return LaceLayer(repeats=count, thread_mm=round(thread, 4), ring=round(ring / room.half, 4), filled=filled)


def _draw_lace(layer: LaceLayer, room: Room) -> list[Drawable]:
    r, n = 0.5 * layer.thread_mm, layer.repeats
    u0, u1 = _extent(room, r)
    span = (u1 - u0) / n
    middles = u0 + (np.arange(n) + 0.5) * span
    feet = u0 + np.arange(0 if room.periodic else 1, n) * span
    picot = max(1.35 * r, 0.5 * room.stroke)
    if layer.form == "simple":
        foot, tall = room.half - r, 2.0 * room.half - r - picot
        arches: list[Drawable] = [Rail(np.array([[room.u0 if room.periodic else u0, foot], [u1, foot]]), r)]
        for c in middles:
            bow = arc(1.0, 180.0, 360.0) * [0.5 * span, tall] + [c, foot]
            arches += [Stroke(bow, r), Bead(float(c), foot - tall, picot)]
        balls = _ball(room, float(middles[n // 2]), foot - 0.45 * tall, arches, 0.3 * tall) if n else []
        same = balls if layer.filled == "ball" else []
        return [*arches, *(Bead(float(c), ball.v, ball.radius) for ball in same for c in middles)]
    rings: list[Drawable] = []
    circle = arc(1.0, 0.0, 360.0) * [0.25 * span, layer.ring * room.half]
    rings += [Stroke(circle + np.array([c, 0.0]), r) for c in u0 + (np.arange(2 * n) + 0.5) * 0.5 * span]
    inner = min(0.25 * span, layer.ring * room.half) - r - room.gap
    if layer.filled == "ball" and inner >= 0.5 * room.stroke:
        rings += [Bead(float(u0 + (k + 0.5) * 0.5 * span), 0.0, inner) for k in range(2 * n)]
    rise = room.half - picot
    turn = np.deg2rad([-90.0, -48.0, -132.0])
    out = list(rings)
    for side in (-1.0, 1.0):
        edge: list[Drawable] = []
        for c in middles:
            bow = arc(1.0, 180.0, 360.0) * [0.5 * span, -side * rise] + [c, 0.0]
            edge.append(Stroke(bow, r))
            at = np.column_stack([np.cos(turn) * 0.5 * span, -side * rise * np.sin(turn)]) * [1.0, -1.0]
            edge += [Bead(float(c + x), float(side * abs(y)), picot) for x, y in at]
        out += edge
        if layer.filled == "none":
            continue
        # What stands in an arch between its two rings, and outside where two arches meet; all are alike.
        c = float(middles[n // 2])
        level = side * 0.62 * rise
        for ball in _ball(room, c, level, [*rings, *edge], 0.2 * rise):
            out += [Bead(float(x), level, ball.radius) for x in middles]
        if len(feet) > 1:
            level = side * (room.half - 0.6 * room.stroke)
            for ball in _ball(room, float(feet[len(feet) // 2]), level, edge, 0.6 * room.stroke):
                out += [Bead(float(x), level, ball.radius) for x in feet]
    return out


# ---------------------------------------------------------------- wire


SPIKE = 1.7
"""Longest point of a barb beyond its coil, over the strand."""


class WireLayer(LayerBase):
    """Barbed wire: two strands twisted about each other, coils with four points at equal distances."""

    family: Literal["wire"] = "wire"
    repeats: Count
    """Barbs along the band."""
    strand_mm: Positive
    twists: Count = 4
    """Crossings of the strands from barb to barb, even."""
    reach: Share = 1.0
    """How far the points reach towards the edges."""
    lean: Share = 0.5
    dip: Share = 0.4


def _propose_wire(room: Room, wish: Attributes, rng: Rng) -> WireLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    strand = max(stroke, min(0.15 * space, 0.6) * (1.0 + 0.3 * wish.bold))
    tall = 2.0 * strand + 1.05 * gap
    if space < tall:
        return None
    twist = (1.25 + 0.3 * float(rng.uniform(-1, 1))) * tall
    apart = max(
        2.0 * twist, (2.5 + 0.7 * wish.large - 0.8 * wish.dense) * min(space, 2.6) * float(rng.uniform(0.9, 1.15))
    )
    count = wish.repeats or max(1, round(room.length / apart))
    twists = max(2, 2 * round(room.length / count / twist / 2.0))
    return WireLayer(
        repeats=count,
        strand_mm=round(strand, 4),
        twists=twists,
        reach=round(float(rng.uniform(0.86, 1.0)), 3),
        lean=round(float(rng.uniform(0.3, 0.7)), 3),
    )


def _draw_wire(layer: WireLayer, room: Room) -> list[Drawable]:
    r = 0.5 * layer.strand_mm
    u0, u1 = _extent(room, r)
    swing = min(r + 0.55 * room.gap, room.half - r)
    crossings = layer.repeats * layer.twists
    t = np.linspace(0.0, crossings, crossings * 30 + 1)
    u = u0 + (u1 - u0) * t / crossings
    step = (u1 - u0) / crossings
    steep = np.pi * swing / step
    window = (2.1 * r + 0.04) / max(2.0 * steep / (1.0 + steep * steep), 0.45) / step
    out: list[Drawable] = []
    for sign in (-1.0, 1.0):
        away = np.abs(t - np.round(t))
        under = (np.round(t) % 2 == 0) == (sign > 0)
        x = np.clip(away / window, 0.0, 1.0)
        height = 1.0 - np.where(under, layer.dip * (1.0 - x * x * (3.0 - 2.0 * x)), 0.0)
        out.append(Stroke(np.column_stack([u, sign * swing * np.sin(np.pi * t)]), r, 0.86 * height))
    coil = min(swing + r, room.half)
    thin = 0.5 * room.stroke
    for k in range(layer.repeats):
        c = u0 + (k + 0.5) * layer.twists * step
        top = max(min(layer.reach * room.half - thin, coil + SPIKE * layer.strand_mm), coil)
        for sign in (-1.0, 1.0):
            x = 0.92 * r
            spread = x + layer.lean * max(top - coil, 0.0) + 0.4 * room.gap
            points = np.array([[spread, top], [x, coil - 0.6 * r], [x, 0.6 * r - coil], [spread, -top]])
            out.append(Stroke(points * [sign, 1.0] + [c, 0.0], np.array([thin, r, r, thin])))
    return out


FAMILIES: tuple[Family[Any], ...] = (
    Family("zigzag", ZigzagLayer, _propose_zigzag, _draw_zigzag, kin=("chevron",)),
    Family("tiles", TilesLayer, _propose_tiles, _draw_tiles, kin=("facets",)),
    Family("lace", LaceLayer, _propose_lace, _draw_lace, kin=("milgrain",), rows_of_its_own=False, widest_mm=7.0),
    Family("wire", WireLayer, _propose_wire, _draw_wire, kin=("rope",), rows_of_its_own=False, widest_mm=5.5),
)
