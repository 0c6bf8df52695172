"""Interlace beyond the plait: Celtic knots, triquetras, chains, basket weave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.interlace import Cell, grid_paths
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.painting import Field
from ringcad.generators.ornament.raster import Array, Profile
from ringcad.generators.ornament.schema import Count, LayerBase, Positive, Share, Side
from ringcad.generators.ornament.shapes import arc, chain_of, disc

Rng = np.random.Generator

# ---------------------------------------------------------------- over and under


@dataclass(frozen=True)
class _Visit:
    curve: int
    at: float
    partner: int
    sine: float


def woven(curves: Sequence[Array], r: float, dip: float, profile: Profile = "dome") -> list[Drawable]:
    """Strokes along closed curves that pass over and under each other in turn."""
    closed = [np.vstack([c, c[:1]]) for c in curves]
    visits: list[_Visit] = []
    for a in range(len(closed)):
        for b in range(a, len(closed)):
            for s, t, sine in _crossings(closed[a], closed[b], a == b):
                visits += [_Visit(a, s, len(visits) + 1, sine), _Visit(b, t, len(visits), sine)]
    under = _alternate(visits, len(closed))
    out: list[Drawable] = []
    for k, line in enumerate(closed):
        arc_length = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
        total = float(arc_length[-1])
        # Fine enough for the dips, whatever the curve's own points are.
        fine = np.linspace(0.0, total, max(40, int(total / 0.04)))
        points = np.column_stack([np.interp(fine, arc_length, line[:, c]) for c in (0, 1)])
        height = np.ones(len(fine))
        for index, visit in enumerate(visits):
            if visit.curve != k or not under[index]:
                continue
            where = np.interp(visit.at, np.arange(len(line)), arc_length)
            away = np.abs((fine - where + 0.5 * total) % total - 0.5 * total)
            x = np.clip(away / ((2.1 * r + 0.04) / max(visit.sine, 0.45)), 0.0, 1.0)
            height = np.minimum(height, 1.0 - dip * (1.0 - x * x * (3.0 - 2.0 * x)))
        out.append(Stroke(points, r, height, profile))
    return out


def _crossings(p: Array, q: Array, same: bool) -> list[tuple[float, float, float]]:
    """Where two polylines cross: places on either, in points and parts of a piece, and the sine between them."""
    a, d = p[:-1], np.diff(p, axis=0)
    b, e = q[:-1], np.diff(q, axis=0)
    w = b[None] - a[:, None]
    cross = d[:, None, 0] * e[None, :, 1] - d[:, None, 1] * e[None, :, 0]
    safe = np.where(np.abs(cross) < 1e-12, 1.0, cross)
    s = (w[..., 0] * e[None, :, 1] - w[..., 1] * e[None, :, 0]) / safe
    t = (w[..., 0] * d[:, None, 1] - w[..., 1] * d[:, None, 0]) / safe
    hit = (np.abs(cross) > 1e-12) & (s >= 0) & (s < 1) & (t >= 0) & (t < 1)
    if same:
        n = len(a)
        i, j = np.indices(hit.shape)
        hit &= (j > i + 1) & ~((i == 0) & (j == n - 1))
    found = []
    for i, j in zip(*np.nonzero(hit), strict=True):
        sine = abs(cross[i, j]) / (np.hypot(*d[i]) * np.hypot(*e[j]))
        found.append((float(i + s[i, j]), float(j + t[i, j]), float(sine)))
    return found


def _alternate(visits: list[_Visit], curves: int) -> list[bool]:
    """Which visits pass under: every crossing has one of each, and each curve takes them in turn."""
    order: list[list[int]] = [[] for _ in range(curves)]
    for index, visit in enumerate(visits):
        order[visit.curve].append(index)
    neighbours: list[list[int]] = [[visit.partner] for visit in visits]
    for along in order:
        along.sort(key=lambda index: visits[index].at)
        for here, after in zip(along, along[1:] + along[:1], strict=True):
            if here != after:
                neighbours[here].append(after)
                neighbours[after].append(here)
    under: list[bool | None] = [None] * len(visits)
    for start in range(len(visits)):
        if under[start] is not None:
            continue
        under[start] = False
        queue = [start]
        while queue:
            here = queue.pop()
            for other in neighbours[here]:
                if under[other] is None:
                    under[other] = not under[here]
                    queue.append(other)
    return [bool(x) for x in under]


# ---------------------------------------------------------------- Celtic knot


Pattern = Literal["loops", "panels", "split", "mixed"]
_PATTERNS: tuple[Pattern, ...] = ("split", "mixed")


class CelticKnotLayer(LayerBase):
    """Knotwork: a plait whose strands turn back at walls set at regular places; simple: a twist."""

    family: Literal["celtic_knot"] = "celtic_knot"
    form: Literal["full", "simple"] = "full"
    rows: Count
    columns: Count
    strand_mm: Positive
    period: Count = 4
    """Columns from one set of walls to the next."""
    pattern: Pattern = "panels"
    dip: Share = 0.48
    side: Side = 1
    weave: Annotated[int, pydantic.Field(ge=0, le=4095)] = 0
    """Walls by column instead of a pattern, if not 0; see :func:`woven_walls`."""


WEAVES: dict[tuple[int, int], tuple[int, ...]] = {
    (4, 4): (1, 2, 4, 8),
    (4, 6): (64, 128, 1, 2, 4, 8, 66, 68, 72, 130, 132, 136, 5, 9, 10, 16, 32),
    (4, 8): (
        1, 2, 4, 8, 5, 9, 10, 65, 66, 72, 129, 130, 258, 17, 18, 20, 24, 33, 34, 36, 40, 69, 73, 74, 133, 137, 138, 261,
        265, 266, 322, 386, 522,
    ),
    (6, 4): (1, 2, 3, 4, 8),
    (6, 6): (
        64, 128, 1, 2, 3, 4, 8, 65, 66, 67, 129, 130, 131, 16, 32, 48, 68, 72, 132, 136, 5, 7, 9, 10, 11, 80, 96, 112,
        160,
    ),
}  # fmt: skip
"""By rows and period: weaves, no two alike, whose walls are at most 55 % of the crossings, that have no ring
smaller than six steps, and of which the castability limits move less than 2 %."""


def woven_walls(rows: int, period: int, weave: int) -> dict[Cell, str]:
    """Walls of one period, mirrored about its first column and about its middle.

    The digits of ``weave`` to base 4 say what stands in each column from the first to the middle one: 0 crossings,
    1 walls across the band, 2 walls along it, 3 both in turn from the edges inwards.
    """
    walls: dict[Cell, str] = {}
    for i in range(period // 2 + 1):
        digit = weave // 4**i % 4
        for j in range(1, rows):
            if (i + j) % 2 == 1 and digit:
                depth = (min(j, rows - j) - 1) // 2
                kind = "v" if digit == 1 or (digit == 3 and depth % 2 == 0) else "h"
                for column in {i, (period - i) % period}:
                    walls[(column, j)] = kind
    return walls


def _propose_celtic(room: Room, wish: Attributes, rng: Rng) -> CelticKnotLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    # All dice first, so that a wish changes the drawing and not the design.
    side: Side = 1 if rng.random() < 0.5 else -1
    slim, long, which, regular = (float(x) for x in rng.random(4))
    wanted = 2 * wish.rows if wish.rows else 6 if space > 6.5 and wish.bold <= 0.6 and wish.large <= 0.6 else 4
    for rows in range(min(wanted, 8), 1, -2):
        wide = max(stroke, min(0.5 / (rows + 0.1) * space, 0.75) * (1.0 + 0.12 * wish.bold) * (0.84 + 0.16 * slim))
        for strand in (wide, stroke):
            u = (space - strand) / (rows - 0.5)
            if 0.9 * u < strand + gap:
                continue
            ux = max(u * (0.9 + 0.34 * long - 0.08 * wish.dense), 1.12 * (strand + gap))
            periods = sorted(period for height, period in WEAVES if height == rows) or [4, 6, 8]
            period = periods[int(regular * len(periods))]
            pattern: Pattern = _PATTERNS[int(2.0 * which)] if rows > 2 else "loops"
            weaves = WEAVES.get((rows, period), ())
            weave = weaves[int(which * len(weaves))] if weaves else 0
            run = room.length - (0.0 if room.periodic else strand)
            columns = max(period, period * round(run / ux / period))
            if run / columns < 1.1 * (strand + gap):
                columns = max(period, columns - period)
            return CelticKnotLayer(
                rows=rows,
                columns=columns,
                strand_mm=round(strand, 4),
                period=period,
                pattern=pattern,
                side=side,
                weave=weave,
            )
    strand = max(stroke, 0.42 * space)
    if space < 1.9 * stroke:
        return None
    columns = max(4, 2 * int(room.length / (1.25 * strand) / 2.0))
    return CelticKnotLayer(
        form="simple", rows=2, columns=columns, strand_mm=round(strand, 4), pattern="loops", side=side
    )


def _walls(layer: CelticKnotLayer, periodic: bool) -> dict[Cell, str]:
    """Walls of a pattern, the same in every period and symmetric about its middle."""
    rows, columns, period = layer.rows, layer.columns, layer.period
    walls: dict[Cell, str] = {}
    if layer.form == "simple":
        return walls
    if layer.weave:
        cell = woven_walls(rows, period, layer.weave)
        turns = {
            (i + k, j): kind for (i, j), kind in cell.items() for k in range(0, columns + 1, period) if i + k <= columns
        }
        return {(i, j): kind for (i, j), kind in turns.items() if (i < columns if periodic else 0 < i < columns)}
    middle = rows // 2
    first = 0 if periodic else period
    for i in range(first, columns, period):
        if layer.pattern in ("loops", "panels"):
            for j in range(1, rows):
                if (i + j) % 2 == 1:
                    walls[(i, j)] = "v"
        elif layer.pattern == "split":
            for j in (middle - 1, middle, middle + 1):
                if (i + j) % 2 == 1 and 0 < j < rows:
                    walls[(i, j)] = "v" if j != middle else "h"
        else:
            for j in range(1, rows):
                if (i + j) % 2 == 1 and j in (1, rows - 1):
                    walls[(i, j)] = "v"
    if layer.pattern in ("mixed", "split"):
        for i in range(period // 2 + (1 if (middle + period // 2) % 2 == 0 else 0), columns, period):
            if (i + middle) % 2 == 1 and (periodic or 0 < i < columns):
                walls[(i, middle)] = "h"
    return walls


PULL = 0.36
"""How far a strand's turn keeps from a wall, in grid steps: two turns back to back stand a gap apart."""


def _draw_celtic(layer: CelticKnotLayer, room: Room) -> list[Drawable]:
    rows, columns, r = layer.rows, layer.columns, 0.5 * layer.strand_mm
    walls = _walls(layer, room.periodic)
    uy = (2.0 * room.half - layer.strand_mm) / (rows - 0.5)
    shift = 0.0 if room.periodic else 0.25
    ux = room.length / columns if room.periodic else (room.length - 2.0 * r) / (columns - 0.5)
    a = room.u0 if room.periodic else room.u0 + r

    def place(i: float, j: float) -> Array:
        return np.array([a + (i - shift) * ux, layer.side * (j - 0.5 * rows) * uy])

    window = (2.1 * r + 0.04) * (ux * ux + uy * uy) / (2.0 * ux * uy)
    profile: Profile = "flat" if layer.strand_mm < 1.3 * room.stroke else "dome"
    out: list[Drawable] = []
    for path, _ in grid_paths(columns, rows, room.periodic, walls):
        pieces: list[Array] = []
        dips: list[int] = []
        for k in range(len(path) - 1):
            i, j = path[k]
            after = path[k + 1]
            before = path[k - 1] if k else path[-2]
            if not k and room.periodic and abs(before[0] - i) != 1:
                before = (before[0] - (path[-1][0] - i), before[1])
            enter = place(0.5 * (before[0] + i), 0.5 * (before[1] + j))
            leave = place(0.5 * (after[0] + i), 0.5 * (after[1] + j))
            key = (i % columns if room.periodic else i, j)
            border = j in (0, rows) or (not room.periodic and i in (0, columns))
            pull = (0.0, 0.0)
            if key in walls and not border:
                pull = (PULL * (before[0] - i), 0.0) if walls[key] == "v" else (0.0, PULL * (before[1] - j))
            elif not border:
                rising = (i - before[0]) * (j - before[1]) > 0
                if rising != (j % 2 == 0):
                    dips.append(17 * len(pieces) + 8)
            t = np.linspace(0.0, 1.0, 17)[:, None]
            knee = place(i + pull[0], j + pull[1])
            pieces.append((1 - t) ** 2 * enter + 2 * t * (1 - t) * knee + t**2 * leave)
        line = np.vstack(pieces)
        s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
        height = np.ones(len(line))
        for index in dips:
            x = np.clip(np.abs(s - s[index]) / window, 0.0, 1.0)
            height = np.minimum(height, 1.0 - layer.dip * (1.0 - x * x * (3.0 - 2.0 * x)))
        out.append(Stroke(line, r, height, profile))
    if layer.form == "simple":
        web = np.array([place(0.75, 1.0), place(columns - 0.75, 1.0)])
        out.append(Stroke(web, 0.6 * room.half, 0.62, "flat"))
    return out


# ---------------------------------------------------------------- triquetra


class TriquetraLayer(FigureLayer):
    """Three-cornered knots, alone or bound by a ring; simple: three leaves."""

    family: Literal["triquetra"] = "triquetra"
    strand_mm: Positive
    ring: bool = False
    dip: Share = 0.48


def _triquetra_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    strand = max(room.stroke, 0.105 * size * (1.0 + 0.15 * wish.bold))
    ring = size > 12.0 * room.stroke and rng.random() < 0.6
    return {"strand_mm": round(room.stroke if ring else strand, 4), "ring": bool(ring)}


def _triquetra(layer: TriquetraLayer, size: float, room: Room, k: int) -> list[Drawable]:
    r = 0.5 * layer.strand_mm
    rho = (size - 2.0 * r) / 3.23
    big = rho * np.sqrt(3.0)
    parts = []
    for n in range(3):
        facing = 90.0 + 120.0 * n
        centre = (rho * float(np.cos(np.deg2rad(facing + 180.0))), rho * float(np.sin(np.deg2rad(facing + 180.0))))
        parts.append(arc(big, facing - 90.0, facing + 90.0, centre))
    # Each arc runs from tip to tip; the next one starts where it ends, on the next circle.
    line = chain_of([parts[0], parts[2], parts[1]])
    line = line * [1.0, -1.0] + [0.0, 0.385 * rho]
    loops = [line[:-1]]
    if layer.ring:
        loops.append(disc(1.3 * rho, (0.0, 0.385 * rho), 72))
    return woven(loops, r, layer.dip, "flat" if 2.0 * r < 1.3 * room.stroke else "dome")


TRIQUETRA = Figure(
    "triquetra",
    TriquetraLayer,
    _triquetra,
    _triquetra_own,
    lambda own: 1.07,
    least=6.0,
    best_mm=3.6,
    friezes=("repeat", "glide", "turn"),
    between=("ball", "none"),
    kin=("plait", "celtic_knot"),
)

# ---------------------------------------------------------------- chain


class ChainLayer(LayerBase):
    """Oval links, each through the next; simple: a row of links side by side."""

    family: Literal["chain"] = "chain"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    wire_mm: Positive
    height_mm: Positive
    """Across a link, over its wire."""
    dip: Share = 0.5
    roundness: Share = 0.5
    """0: long straight sides; 1: round ends only."""


def _propose_chain(room: Room, wish: Attributes, rng: Rng) -> ChainLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    rows = max(1, wish.rows or 1)
    height = min((space + gap) / rows - gap, 4.2 * (1.0 + 0.2 * wish.large))
    if height < stroke:
        return None
    wire = max(stroke, 0.17 * height * (1.0 + 0.2 * wish.bold))
    if height < 2.0 * stroke + gap:
        n = max(1, int((room.length + gap) / (1.9 * height + gap)))
        return ChainLayer(form="simple", repeats=n, wire_mm=round(stroke, 4), height_mm=round(height, 4))
    wire = min(wire, 0.5 * (height - gap))
    # A link leaves room for the ends of both neighbours and a gap between them.
    pitch = max(2.0 * wire + gap, 0.95 * height) * (1.04 + 0.1 * float(rng.random()) - 0.04 * wish.dense)
    n = max(2, round((room.length - (0.0 if room.periodic else 2.0 * wire)) / pitch))
    return ChainLayer(
        repeats=n,
        wire_mm=round(wire, 4),
        height_mm=round(height, 4),
        roundness=round(float(rng.uniform(0.3, 1.0)), 3),
    )


def _draw_chain(layer: ChainLayer, room: Room) -> list[Drawable]:
    n, r, half = layer.repeats, 0.5 * layer.wire_mm, 0.5 * layer.height_mm
    out: list[Drawable] = []
    if layer.form == "simple":
        pitch = (room.length + (0.0 if room.periodic else room.gap)) / n
        for k in range(n):
            a = room.u0 + k * pitch + half
            b = max(a + 1e-3, room.u0 + (k + 1) * pitch - room.gap - half)
            out.append(Stroke(np.array([[a, 0.0], [b, 0.0]]), half))
        return out
    lap = 2.0 * r + 0.3 * room.gap
    pitch = room.length / n if room.periodic else (room.length - 2.0 * r - 2.0 * lap) / n
    reach = 0.5 * pitch + lap
    b = half - r
    # Straight sides, elliptic ends.
    end = min(reach, b * (0.75 + 0.6 * layer.roundness))
    t = np.deg2rad(np.linspace(-90.0, 90.0, 40))
    right = np.column_stack([reach - end + end * np.cos(t), b * np.sin(t)])
    ring = np.vstack([right, right[::-1] * [-1.0, 1.0], right[:1]])
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))))
    fine = np.linspace(0.0, s[-1], max(80, int(s[-1] / 0.04)))
    line = np.column_stack([np.interp(fine, s, ring[:, c]) for c in (0, 1)])
    # Two neighbours cross half a pitch from the middle, above and below the axis.
    hits = [
        (float(np.interp(h, np.arange(len(ring)), s)))
        for h, _, _ in _crossings(ring, ring + np.array([pitch, 0.0]), False)
    ]
    points = np.array([[np.interp(h, s, ring[:, c]) for c in (0, 1)] for h in hits])
    for k in range(n):
        height = np.ones(len(fine))
        for direction in (1.0, -1.0):
            if not room.periodic and ((k == 0 and direction < 0) or (k == n - 1 and direction > 0)):
                continue
            # To the right a link goes under at the top, to the left under at the bottom.
            for x, y in points:
                if y * direction <= 0.0:
                    continue
                away = np.hypot(line[:, 0] - direction * x, line[:, 1] - y)
                z = np.clip(away / (2.4 * r + 0.05), 0.0, 1.0)
                height = np.minimum(height, 1.0 - layer.dip * (1.0 - z * z * (3.0 - 2.0 * z)))
        centre = room.u0 + (0.0 if room.periodic else r + lap) + (k + 0.5) * pitch
        out.append(Stroke(line + np.array([centre, 0.0]), r, height))
    return out


# ---------------------------------------------------------------- basket weave


class BasketWeaveLayer(LayerBase):
    """Bands woven over and under at right angles; simple: upright bars over a band."""

    family: Literal["basket_weave"] = "basket_weave"
    rows: Count
    columns: Count
    reeds: Count = 1
    """Reeds side by side in each band."""
    depth_share: Share = 0.66
    """How far a band goes down where it passes under."""


def _propose_basket(room: Room, wish: Attributes, rng: Rng) -> BasketWeaveLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    cell = max(stroke + gap, (1.15 + 0.4 * wish.large - 0.3 * wish.dense) * (1.0 + 0.12 * float(rng.uniform(-1, 1))))
    if space < stroke:
        return None
    rows = wish.rows or max(1, round(space / cell))
    rows = max(1, min(rows, int(space / (stroke + gap)))) if space > stroke + gap else 1
    wide = cell if rows == 1 else space / rows
    columns = max(2, round(room.length / (wide * (0.94 + 0.24 * float(rng.random())))))
    if room.periodic:
        columns += columns % 2
    reeds = int(np.clip(int(wide / (stroke + 0.5 * gap)), 1, 3)) if rng.random() < 0.8 else 1
    return BasketWeaveLayer(rows=rows, columns=columns, reeds=reeds)


def _draw_basket(layer: BasketWeaveLayer, room: Room) -> list[Drawable]:
    rows, columns = layer.rows, layer.columns
    cu, cv = room.length / columns, 2.0 * room.half / rows

    def band(across: Array, along: Array) -> Array:
        """Height of a band at places in [-1, 1] across it and along the cell where it is on top."""
        x = ((across + 1.0) * 0.5 * layer.reeds % 1.0) * 2.0 - 1.0 if layer.reeds > 1 else across
        body = 1.0 - (0.16 if layer.reeds == 1 else 0.3) * x * x
        return np.asarray(body * (1.0 - layer.depth_share * np.clip(np.abs(along), 0.0, 1.2) ** 2.2))

    def height(u: Array, v: Array) -> Array:
        x, y = (u - room.u0) / cu, (v + room.half) / cv
        i, j = np.floor(x), np.floor(y)
        p, q = 2.0 * (x - i) - 1.0, 2.0 * (y - j) - 1.0
        level = (i + j) % 2 == 0
        return np.where(level, band(q, p), band(p, q))

    return [Field(room, height)]


FAMILIES: tuple[Family[Any], ...] = (
    Family("celtic_knot", CelticKnotLayer, _propose_celtic, _draw_celtic, kin=("plait", "rope")),
    TRIQUETRA.family(),
    Family("chain", ChainLayer, _propose_chain, _draw_chain, "round", "round", ("rope", "milgrain"), False, 4.6),
    Family("basket_weave", BasketWeaveLayer, _propose_basket, _draw_basket, kin=("lattice",)),
)
__all__ = ["FAMILIES", "Bead", "woven"]
