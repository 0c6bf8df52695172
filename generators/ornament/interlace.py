"""Families on a diagonal grid: plait (over and under) and lattice (one height)."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Pad, Stroke
from ringcad.generators.ornament.layers import LatticeLayer, PlaitLayer
from ringcad.generators.ornament.layout import Room, largest, room_left
from ringcad.generators.ornament.raster import Array, Profile
from ringcad.generators.ornament.schema import Side

Cell = tuple[int, int]


def grid_paths(
    columns: int, rows: int, periodic: bool, walls: dict[Cell, str] | None = None
) -> list[tuple[list[Cell], bool]]:
    """Paths of a ball on a ``columns`` x ``rows`` table (both even), as grid points with i + j odd.

    Each path is closed (second value True: it comes back to its start; with ``periodic`` it may
    come back one or more lengths further on). Reflects at j = 0 and ``rows``, at i = 0 and
    ``columns`` unless periodic, and at ``walls``: "v" turns it back along the band, "h" across it.

    Raises ``InputError`` for an odd number, where a path would never come back.
    """
    if columns % 2 or rows % 2:
        raise InputError(f"ornament program: interlace of {columns} columns and {rows} rows: both must be even")
    walls = walls or {}
    used: set[tuple[Cell, Cell]] = set()
    paths: list[tuple[list[Cell], bool]] = []
    starts = [(0, j) for j in range(1, rows, 2)]
    if walls:
        starts += [(i, j) for i in range(columns) for j in range(rows + 1) if (i + j) % 2 == 1 and i]
    for start in starts:
        for dj in (1, -1):
            i, j, di = start[0], start[1], 1
            if not 0 <= j + dj <= rows or ((i, j), (i + di, j + dj)) in used:
                continue
            if ((i, j), ((i + di) % columns if periodic else i + di, j + dj)) in used:
                continue
            path: list[Cell] = [(i, j)]
            while True:
                here = (i % columns if periodic else i, j)
                there = ((i + di) % columns if periodic else i + di, j + dj)
                if (here, there) in used:
                    break
                used.add((here, there))
                used.add((there, here))
                i, j = i + di, j + dj
                path.append((i, j))
                wall = walls.get(there)
                if j in (0, rows) or wall == "h":
                    dj = -dj
                elif (not periodic and i in (0, columns)) or wall == "v":
                    di = -di
            paths.append((path, path[0] == path[-1]))
    return paths


def _edge_height(cell: Cell, before: Cell, columns: int, rows: int, periodic: bool) -> float | None:
    """0 where a path turns, else 1 (over) or -1 (under) at a crossing."""
    i, j = cell
    if j in (0, rows) or (not periodic and i in (0, columns)):
        return None
    rising = (i - before[0]) * (j - before[1]) > 0
    return 1.0 if rising == (j % 2 == 0) else -1.0


def compose_plait(room: Room, wish: Attributes, rng: np.random.Generator) -> PlaitLayer | None:
    """Four-row plait where its meshes stay open, else a twist of two; at times between fine lines or rows of balls."""
    layer = _plait_alone(room, wish, rng)
    flank = FLANKS[int(rng.integers(len(FLANKS)))]
    if layer is None or layer.form == "simple" or flank == "none" or wish.rows or wish.large > 0.0 or wish.bold > 0.0:
        return layer
    if room.half < FLANKED * room.stroke or (flank == "balls" and wish.balls is False):
        return layer
    slimmer = _plait_alone(_between_flanks(room), replace(wish, rows=layer.rows // 2), rng)
    if slimmer is None or slimmer.form == "simple":
        return layer
    return slimmer.model_copy(update={"flank": flank})


FLANKS: tuple[Literal["none", "lines", "balls"], ...] = ("none", "none", "none", "lines", "balls")
BROADEST_TWIST_MM = 0.9
"""Width up to which the two strands of a twist may be drawn on broad bands."""
FLANKED = 4.3
"""Half width in strokes from which a plait may leave room for lines at its sides."""


def _between_flanks(room: Room) -> Room:
    """What lines of one stroke and a gap leave of a room."""
    share = 1.0 - (room.stroke + 1.1 * room.gap) / room.half
    return room.slot(-share, share)[0]


def _flanks(layer: PlaitLayer, room: Room) -> list[Drawable]:
    v, r = room.half - 0.5 * room.stroke, 0.5 * room.stroke
    start, stop = (room.u0, room.u1) if room.periodic else (room.straight0 + r, room.straight1 - r)
    if layer.flank == "lines":
        ends = (start - 1.0, stop + 1.0) if room.periodic else (start, stop)
        return [Stroke(np.array([[ends[0], s * v], [ends[1], s * v]]), r) for s in (-1.0, 1.0)]
    pitch = room.stroke + 1.15 * room.gap
    count = max(2, int((stop - start) / pitch) + (0 if room.periodic else 1))
    at = start + (stop - start) * (np.arange(count) + (0.5 if room.periodic else 0.0)) / (count - (not room.periodic))
    return [Bead(float(u), s * v, r) for u in at for s in (-1.0, 1.0)]


def _plait_alone(room: Room, wish: Attributes, rng: np.random.Generator) -> PlaitLayer | None:
    """Four-row plait where its meshes stay open, else a twist of two."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    rows_wanted = wish.rows * 2 if wish.rows else (4 if wish.bold <= 0 and wish.large <= 0 else 2)
    if not wish.rows and rows_wanted == 4:
        rows_wanted = int(rng.choice([2, 4, 4, 6] if space > 4.5 else [2, 4, 4]))
    side: Side = 1 if rng.random() < 0.5 else -1
    slim = float(rng.random())
    for rows in range(min(rows_wanted, 8), 1, -2):
        broad = (0.2 if rows == 2 else 0.62 / (rows - 0.5)) * space * (0.72 + 0.33 * slim)
        strand = max(stroke, min(broad, BROADEST_TWIST_MM if rows == 2 else 0.66) * (1.0 + 0.15 * wish.bold))
        uy = (space - strand) / (rows - 0.5)
        need = strand + 1.04 * gap
        if uy <= 0.52 * need:
            strand = stroke
            uy, need = (space - strand) / (rows - 0.5), strand + 1.04 * gap
        if uy <= 0.52 * need:
            continue
        # Distance of parallel strands 2 ux uy / hypot(ux, uy) must hold a strand and a gap.
        least = need * uy / float(np.sqrt(4.0 * uy * uy - need * need))
        ux = max(least, uy * (0.9 + 0.75 * float(rng.random()) - 0.1 * wish.dense))
        if space < 4.2 * stroke:
            # Slim bands: long meshes, with fewer corners too narrow to cast.
            ux *= 1.45
        if ux > 6.0 * uy:
            continue
        run = room.length - (0.0 if room.periodic else strand)
        columns = max(4, 2 * int((run / ux + (0.0 if room.periodic else 0.5)) / 2.0))
        balls = rows == 2 and wish.bold <= 0.5 and wish.balls is not False and bool(rng.random() < 0.7)
        return PlaitLayer(rows=rows, columns=columns, strand_mm=round(strand, 4), balls=balls, side=side)
    strand = max(stroke, 0.42 * space)
    if space < 1.9 * stroke:
        return None
    ux = 1.7 * strand
    run = room.length - (0.0 if room.periodic else strand)
    columns = max(4, 2 * int((run / ux + (0.0 if room.periodic else 0.5)) / 2.0))
    return PlaitLayer(form="simple", rows=2, columns=columns, strand_mm=round(strand, 4), dip=0.4, side=side)


def draw_plait(layer: PlaitLayer, room: Room) -> list[Drawable]:
    """Elements of a plait: smooth strands whose height dips at every second crossing."""
    if layer.flank != "none":
        inside = layer.model_copy(update={"flank": "none"})
        return [*draw_plait(inside, _between_flanks(room)), *_flanks(layer, room)]
    rows, columns, r = layer.rows, layer.columns, 0.5 * layer.strand_mm
    uy = (2.0 * room.half - layer.strand_mm) / (rows - 0.5)
    a, b, ux = _grid_extent(room, columns, r, 0.5)
    del b
    elements: list[Drawable] = []
    angle_sine = 2.0 * ux * uy / (ux * ux + uy * uy)
    window = (layer.strand_mm * 1.05 + 0.04) / angle_sine

    def place(point: tuple[float, float]) -> Array:
        shift = 0.0 if room.periodic else 0.25
        return np.array([a + (point[0] - shift) * ux, layer.side * ((point[1] - 0.5 * rows) * uy)])

    for path, _ in grid_paths(columns, rows, room.periodic):
        points: list[Array] = []
        crossings: list[tuple[int, float]] = []
        for k in range(len(path) - 1):
            here, ahead = path[k], path[k + 1]
            before = path[k - 1] if k else path[-2]
            if not k and room.periodic:
                before = (here[0] - 1, here[1] - (1 if ahead[1] > here[1] else -1))
            middle_in = place((0.5 * (before[0] + here[0]), 0.5 * (before[1] + here[1])))
            if not k and not room.periodic:
                middle_in = place((0.5 * (path[-2][0] + here[0]), 0.5 * (path[-2][1] + here[1])))
            middle_out = place((0.5 * (here[0] + ahead[0]), 0.5 * (here[1] + ahead[1])))
            level = _edge_height(here, before, columns, rows, room.periodic)
            t = np.linspace(0.0, 1.0, 25)[:, None]
            centre = place((float(here[0]), float(here[1])))
            piece = (1 - t) ** 2 * middle_in + 2 * t * (1 - t) * centre + t**2 * middle_out
            if level == -1.0:
                crossings.append((len(points) * 25 + 12, 1.0))
            points.append(piece)
        line = np.vstack(points)
        arc = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
        height = np.ones(len(line))
        for index, _weight in crossings:
            x = np.clip(np.abs(arc - arc[index]) / window, 0.0, 1.0)
            height = np.minimum(height, 1.0 - layer.dip * (1.0 - x * x * (3.0 - 2.0 * x)))
        # A slim strand keeps its width higher up, so that it can still pass over another.
        profile: Profile = "flat" if layer.strand_mm < 1.35 * room.stroke else "dome"
        elements.append(Stroke(line, r, height, profile))
    if layer.form == "simple":
        web = np.array([place((0.75, 1.0)), place((columns - 0.75, 1.0))])
        elements.append(Stroke(web, 0.3 * (2.0 * room.half), 0.62, "flat"))
    if layer.balls and rows == 2:
        need = room.gap
        inner = ux * uy * 2.0 / float(np.hypot(ux, uy)) / 1.0 * 0.5 - r - need
        if inner >= 0.5 * room.stroke:
            for i in range(1, columns, 2):
                at = place((float(i), 1.0))
                elements.append(Bead(float(at[0]), 0.0, min(inner, 1.2 * r)))
    return elements


def _grid_extent(room: Room, columns: int, r: float, ends: float) -> tuple[float, float, float]:
    """(first edge, last edge, column pitch) of a grid whose end turns lie ``ends`` / 2 columns inside it."""
    if room.periodic:
        return room.u0, room.u1, room.length / columns
    a, b = room.u0 + r, room.u1 - r
    return a, b, (b - a) / (columns - ends)


def compose_lattice(room: Room, wish: Attributes, rng: np.random.Generator) -> LatticeLayer | None:
    """Crossed bars; a row of lozenges where no mesh stays open."""
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    balls: Literal["crossings", "meshes", "none"] = "crossings" if rng.random() < 0.5 else "meshes"
    rows_wanted = 4 if wish.dense > 0 or (space > 2.2 and wish.large <= 0 and wish.dense >= 0) else 2
    if wish.balls is False or (wish.balls is None and rng.random() < 0.2):
        balls = "none"
    dotted = wish.form == "meshes" and wish.balls is not False
    balls = "meshes" if dotted else balls
    if wish.dense == 0.0 and space > 1.8:
        rows_wanted = int(rng.choice([2, 4] if space < 3.2 else [4, 4, 6]))
    fewer = (rows_wanted, 4, 2) if rows_wanted > 2 else (2,)
    for rows in dict.fromkeys(fewer):
        bar = max(stroke, min(0.11 * space, 0.42) * (1.0 + 0.25 * wish.bold))
        uy = (space - bar) / rows
        need = bar + gap
        if uy <= 0.56 * need:
            continue
        least = need * uy / float(np.sqrt(4.0 * uy * uy - need * need))
        ux = max(least, uy * (1.0 + 0.28 * float(rng.uniform(-1, 1))))
        if ux > 4.0 * uy:
            continue
        if dotted and ux * uy / float(np.hypot(ux, uy)) - 0.5 * bar - gap < 0.5 * stroke:
            continue  # no room for a dot in each mesh
        run = room.length - (0.0 if room.periodic else bar)
        return LatticeLayer(rows=rows, columns=max(4, 2 * int(run / ux / 2.0)), bar_mm=round(bar, 4), balls=balls)
    pitch = max(2.2 * space, 2.0 * stroke) + gap
    return LatticeLayer(
        form="simple", rows=2, columns=max(1, round(room.length / pitch)), bar_mm=round(stroke, 4), balls="none"
    )


def draw_lattice(layer: LatticeLayer, room: Room) -> list[Drawable]:
    """Elements of a lattice: closed zigzags, balls on crossings or in the meshes."""
    columns, rows, r = layer.columns, layer.rows, 0.5 * layer.bar_mm
    elements: list[Drawable] = []
    if layer.form == "simple":
        pitch = room.length / columns
        for k in range(columns):
            c = room.u0 + (k + 0.5) * pitch
            y = room.half
            x = 0.5 * (pitch - room.gap)
            corners = np.array([[c - x, 0.0], [c, -y], [c + x, 0.0], [c, y]])
            elements.append(Pad(corners, 0.45 * room.stroke, dome=0.35))
        return elements
    a, _, ux = _grid_extent(room, columns, r, 0.0)
    uy = (2.0 * room.half - layer.bar_mm) / rows

    def at(i: float, j: float) -> tuple[float, float]:
        return a + i * ux, (j - 0.5 * rows) * uy

    for path, _ in grid_paths(columns, rows, room.periodic):
        elements.append(Stroke(np.array([at(i, j) for i, j in path]), r))
    mesh = ux * uy / float(np.hypot(ux, uy)) - r
    for i in range(0, columns + 1):
        for j in range(1, rows):
            on_crossing = (i + j) % 2 == 1
            u, v = at(i, j)
            if room.periodic and i == columns:
                continue
            if layer.balls == "crossings" and on_crossing:
                size = min(1.45 * r, r + 0.5 * max(mesh - 0.5 * room.gap, 0.0))
                bead = Bead(u, v, size)
                if not room.periodic and i in (0, columns):
                    bead = Bead(u, v, r)
                elements.append(bead)
            elif layer.balls == "meshes" and not on_crossing and 0 < i < columns:
                size = min(mesh - room.gap, 1.5 * r)
                if size >= 0.5 * room.stroke:
                    elements.append(Bead(u, v, size))
    return elements


def fitted_ball(room: Room, u: float, v: float, low: float, high: float) -> Bead | None:
    """Largest ball at (u, v) inside the room, if one of ``low`` fits."""
    size = largest(lambda x: room_left(room, [Bead(u, v, x)]) >= 0.0, low, high)
    return None if size is None else Bead(u, v, size)
