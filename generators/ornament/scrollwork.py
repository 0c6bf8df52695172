"""Scrollwork: arabesques with palmettes, filigree of wire scrolls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Leaf, Placement, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.layout import Room, gap_between, largest, near_outline, outline_of, room_left
from ringcad.generators.ornament.plates import Laid, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, LayerBase, Positive, Share, Side
from ringcad.generators.ornament.shapes import plume, simple_leaf, spear, spline, tapered, volute

Rng = np.random.Generator

# ---------------------------------------------------------------- arabesque


class ArabesqueLayer(LayerBase):
    """A stem in half circles, a palmette out of each joint, leaves in the spandrels; simple: drops."""

    family: Literal["arabesque"] = "arabesque"
    form: Literal["full", "simple"] = "full"
    repeats: Count
    stem_mm: Positive
    turns: Positive = 0.5
    """How far the palmettes turn towards the open side."""
    petals: Count = 3
    side: Side
    husks: bool = True


def _propose_arabesque(room: Room, wish: Attributes, rng: Rng) -> ArabesqueLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    side: Side = 1 if rng.random() < 0.5 else -1
    stem = max(stroke, min(0.09 * space, 0.55) * (1.0 + 0.25 * wish.bold))
    if space >= 2.0 * (stem + gap) + 2.4 * stroke:
        repeats = max(
            2, round(room.length / (space * (1.0 - 0.08 * wish.dense) * (1.0 + 0.06 * float(rng.uniform(-1, 1)))))
        )
        if wish.repeats:
            repeats = max(2, min(wish.repeats, round(room.length / (0.75 * space))))
        if room.periodic:
            repeats += repeats % 2
        turns = float(rng.choice([0.45, 0.52, 0.6]))
        return ArabesqueLayer(
            repeats=repeats,
            stem_mm=round(stem, 4),
            turns=turns,
            petals=3 if space < 6.5 * stroke or rng.random() < 0.4 else 5,
            side=side,
            husks=wish.leaf != "none",
        )
    if space < 1.3 * stroke:
        return None
    n = max(1, int((room.length + gap) / (max(1.3 * space, 2.6 * stroke) + gap)))
    return ArabesqueLayer(form="simple", repeats=n, stem_mm=round(stroke, 4), side=side)


_LEAN_DEG = 42.0
"""Lean of a palmette towards the open side of its half circle, for one turn."""


def palmette(room: Room, size: float, count: int) -> list[Drawable]:
    """Petals that fan out along +x from the origin, the middle one longest."""
    if size < 2.2 * room.stroke:
        return [
            Leaf(0.0, 0.0, 0.0, max(size, 1.3 * room.stroke), max(room.stroke, 0.6 * size), 0.5 * room.stroke, 0.45)
        ]
    pairs: tuple[tuple[tuple[float, float], ...], ...] = (((0.0, 0.0), (0.3, 0.1), (0.62, 0.32), (0.74, 0.52)),)
    if count > 3:
        pairs = (
            ((0.0, 0.0), (0.2, 0.14), (0.4, 0.4), (0.38, 0.6)),
            ((0.0, 0.0), (0.34, 0.08), (0.68, 0.24), (0.82, 0.42)),
        )
    width = max(room.stroke, (0.3 if count == 3 else 0.26) * size)
    lobes: list[Drawable] = []
    for points in pairs:
        # The tips of the side lobes roll outwards and back.
        for side in (1.0, -1.0):
            axis = spline(np.array(points) * [size, side * size], samples=10)
            lobes.append(simple_leaf(axis, width, room, 0.32, plume))
    axis = np.array([(0.0, 0.0), (0.5, 0.0), (1.0, 0.0)]) * size
    lobes.append(simple_leaf(axis, 1.1 * width, room, 0.32, spear))
    return [Stack(tuple(lobes), min(1.4 * room.gap, 0.2 * size), 0.45)]


def _calyces(room: Room, layer: ArabesqueLayer, a: float, stretch: float, stem: Array, r: float) -> list[Drawable]:
    """A palmette out of each joint of the half circles, as large as the next half circle holds."""
    step = len(stem) // layer.repeats
    count = layer.petals if room.half > 5.5 * room.stroke else 3
    middle = layer.repeats // 2
    unit = outline_of(palmette(room, 0.9 * room.half, count)).points[::3] / (0.9 * room.half)
    unit = unit[np.hypot(unit[:, 0], unit[:, 1]) > 0.55]
    near = stem[max(0, (middle - 1) * step) : (middle + 2) * step]

    def place(k: int) -> Placement:
        # It leans away from the half circle that it stands in, towards the open side.
        return Placement(a + k * stretch, 0.0, layer.side * (-1) ** (k + 1) * _LEAN_DEG * layer.turns)

    def fits(size: float) -> bool:
        points = place(middle).points(size * unit)
        d = points[:, None, :] - near[None, :, :]
        clear = float(np.sqrt(np.einsum("ijk,ijk->ij", d, d).min())) - r
        return clear >= room.gap and float(room.clearance(points).min()) >= 0.0

    # A small one would cling to the stem, so the largest is not found by halving.
    size = next((x * room.half for x in np.linspace(2.0, 0.8, 25) if fits(float(x) * room.half)), 0.9 * room.half)
    return [
        Laid(part.moved(place(k)), 1.3 * room.gap, 0.4)
        for k in range(layer.repeats)
        for part in palmette(room, size, count)
    ]


def _draw_arabesque(layer: ArabesqueLayer, room: Room) -> list[Drawable]:
    if layer.form == "simple":
        return _drops(layer, room)
    n, r = layer.repeats, 0.5 * layer.stem_mm
    a, b = (room.u0, room.u1) if room.periodic else (room.u0 + r, room.u1 - r)
    stretch = (b - a) / n
    radius = room.half - r
    out: list[Drawable] = []
    stem: list[Array] = []
    bend = np.linspace(np.pi, 0.0, 48)
    for k in range(n):
        s = layer.side * (-1) ** k
        centre = a + (k + 0.5) * stretch
        stem.append(np.column_stack([centre + 0.5 * stretch * np.cos(bend), s * radius * np.sin(bend)]))
    line = np.vstack(stem)
    out.append(Stroke(line, r))
    out += _calyces(room, layer, a, stretch, line, r)
    if not room.periodic:
        out += [Bead(a, 0.0, 1.2 * r), Bead(b, 0.0, 1.2 * r)]
    if layer.husks:
        everything = outline_of(out)
        for k in range(0 if room.periodic else 1, n):
            s = layer.side * (-1) ** k
            at = a + k * stretch
            near = near_outline(everything, at, stretch, room)
            for up in (s, -s):
                out += _spandrel(room, at, up, near, r)
    return out


def _spandrel(room: Room, at: float, up: float, near: list[Any], r: float) -> list[Drawable]:
    """A leaf between two circles, its tip towards the axis."""
    edge = room.half

    def leaf(x: float) -> list[Drawable]:
        return [Leaf(at, up * edge, -up * 90.0, x, max(room.stroke, 0.62 * x), 0.5 * room.stroke, 0.3, base=0.24 * x)]

    size = largest(
        lambda x: room_left(room, leaf(x)) >= -1e-3 and gap_between(leaf(x), near) >= room.gap,
        1.3 * room.stroke,
        room.half,
        9,
    )
    if size is not None:
        return leaf(size)

    def ball(x: float) -> list[Drawable]:
        return [Bead(at, up * (edge - x), x)]

    size = largest(lambda x: gap_between(ball(x), near) >= room.gap, 0.52 * room.stroke, 0.4 * room.half, 9)
    return [] if size is None else ball(size)


def _drops(layer: ArabesqueLayer, room: Room) -> list[Drawable]:
    """Curled half palmettes, tail to head, bowing to either side in turn."""
    pitch = (room.length + (0.0 if room.periodic else room.gap)) / layer.repeats
    long = pitch - room.gap
    out: list[Drawable] = []
    for k in range(layer.repeats):
        s = layer.side * (-1) ** k

        def drop(x: float, k: int = k, s: float = s) -> Leaf:
            u = room.u0 + k * pitch + 0.5 * (long - x)
            width = max(room.stroke, 0.36 * x)
            return Leaf(u, 0.08 * s * x, 0.0, x, width, 0.5 * room.stroke, 0.28, -0.16 * s, 0.3, base=0.42 * width)

        def fits(x: float, drop: Callable[[float], Leaf] = drop) -> bool:
            return room_left(room, [drop(x)]) >= -1e-3

        out.append(drop(largest(fits, 1.3 * room.stroke, long) or 1.3 * room.stroke))
    return out


# ---------------------------------------------------------------- filigree


FiligreeForm = Literal["lyre", "pair", "ess", "cross", "flower", "fan", "heart", "wheel"]


class FiligreeLayer(FigureLayer):
    """Fine wire: lyres, paired C scrolls, S scrolls, hearts; loops in flowers, fans and wheels; grains between."""

    family: Literal["filigree"] = "filigree"
    form: FiligreeForm = "lyre"
    wire_mm: Positive
    turns: Positive = 0.8
    ease: Share = 0.5
    petals: Count = 5
    """Loops of a flower, a fan or a wheel."""
    arms: Count = 4
    """Scrolls of a cross."""
    tips: Literal["none", "balls"] = "none"
    """What stands between the arms of a cross or outside between the loops of a flower."""


def _filigree_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    d = size / (room.stroke + room.gap)
    needs: dict[FiligreeForm, float] = {
        "ess": 0.0, "pair": 4.6, "lyre": 6.6, "cross": 5.2, "flower": 4.4, "fan": 4.2, "heart": 4.8, "wheel": 5.7,
    }  # fmt: skip
    dice = rng.random(4)
    order = sorted(needs, key=lambda name: (name != wish.form, needs[name] > d))
    forms = [name for name in order if needs[name] < d]
    form = forms[0] if forms[0] == wish.form else forms[int(dice[0] * len(forms))]
    wire = room.stroke * (1.0 + 0.25 * max(wish.bold, 0.0) + 0.15 * float(dice[2]))
    petals = 5
    if form in ("flower", "fan", "wheel"):
        petals = {"flower": 7, "fan": 7, "wheel": 5}[form] - int(dice[3] * 3.0) * (2 if form == "fan" else 1)
        while petals > 3 and _loop_half(form, petals, _loop_reach(form, size, wire, room), wire, room) < 0.0:
            petals -= 2 if form == "fan" else 1
    arms, tips = 4, "none"
    if form == "cross":
        arms = (4, 3, 5)[int(rng.integers(3 if d > 6.6 else 2))]
    if form in ("cross", "flower") and d > 5.6:
        tips = ("none", "balls")[int(rng.integers(2))]
    return {
        "form": form,
        "arms": arms,
        "tips": tips,
        "wire_mm": round(wire, 4),
        "turns": round(0.7 + 0.6 * float(dice[1]), 3) if form in ("lyre", "pair", "ess", "cross", "heart") else 0.8,
        "petals": petals,
    }


def _loop_reach(form: FiligreeForm, size: float, wire: float, room: Room) -> float:
    """How far the middle of a loop's wire reaches from the grain, mm."""
    if form == "fan":
        return size - 1.45 * wire
    return 0.5 * size - 0.5 * wire - (wire + 1.06 * room.gap if form == "wheel" else 0.0)


def _loop_half(form: FiligreeForm, petals: int, reach: float, wire: float, room: Room) -> float:
    """Half of a loop's width, mm, beyond what a gap within it needs; negative where there is none."""
    step = (np.pi if form == "fan" else 2.0 * np.pi) / petals
    beside = 0.74 * reach * float(np.sin(0.5 * step)) - 0.5 * wire - 0.53 * room.gap
    return min(beside, 0.3 * reach) - 0.5 * (wire + room.gap)


def _loop(inner: float, outer: float, half: float, angle_deg: float) -> Array:
    """Closed loop of wire like a petal, from ``inner`` to ``outer`` along a direction (y towards smaller v)."""
    t = np.linspace(0.0, 2.0 * np.pi, 61)
    along = inner + (outer - inner) * 0.5 * (1.0 - np.cos(t))
    across = half * np.sin(t) * (0.42 + 0.58 * np.sin(0.5 * t) ** 2) * 1.12
    a = np.deg2rad(angle_deg)
    return np.column_stack([along * np.cos(a) - across * np.sin(a), -along * np.sin(a) - across * np.cos(a)])


def _loops(layer: FiligreeLayer, size: float, room: Room) -> list[Drawable]:
    """Loops round a grain: a whole flower, half of one, or a flower within a ring."""
    w, r, n = layer.wire_mm, 0.5 * layer.wire_mm, layer.petals
    out: list[Drawable] = []
    fan = layer.form == "fan"
    outer = _loop_reach(layer.form, size, w, room)
    if layer.form == "wheel":
        out.append(Stroke(volute(0.5 * size - r, 0.5 * size - r, 1.0, 0.0, 1), r))
    start, step = (180.0 / (2 * n), 180.0 / n) if fan else (90.0, 360.0 / n)
    half = max(_loop_half(layer.form, n, outer, w, room), 0.0) + 0.5 * (w + room.gap)
    inner = max(0.2 * outer, 0.9 * r)
    low = 0.5 * size - 1.9 * r if fan else 0.0
    out += [Stroke(_loop(inner, outer, half, start + k * step) + np.array([0.0, low]), r) for k in range(n)]
    out.append(Bead(0.0, low, max(1.25 * r, 0.3 * inner + r)))
    grain = 0.5 * (w + 0.2 * room.gap)
    if layer.form == "flower":
        out += _tips(layer, size, room, n)
    if not fan and half - r >= grain + room.gap:
        for k in range(n):
            a = np.deg2rad(start + k * step)
            at = inner + 0.66 * (outer - inner)
            out.append(Bead(float(at * np.cos(a)), float(-at * np.sin(a)), grain))
    return out


def _heart(layer: FiligreeLayer, size: float, room: Room) -> list[Drawable]:
    """Two volutes side by side whose wires meet in a point, a grain between them."""
    w, r, gap = layer.wire_mm, 0.5 * layer.wire_mm, 1.04 * room.gap
    radius = 0.25 * size - r
    top, tip = -0.5 * size + r + radius, 0.5 * size - r
    middle = radius + r + 0.55 * gap
    curl = _wound(radius, w, gap, layer.turns, 180.0, 1) + np.array([-middle, top])
    t = np.linspace(0.0, 1.0, 30)[1:, None]
    begin, end = np.array([-middle - radius, top]), np.array([0.0, tip])
    c1 = np.array([-middle - radius, top + 0.5 * (tip - top)])
    c2 = np.array([-0.4 * (middle + radius), tip - 0.32 * (tip - top)])
    stem = (1 - t) ** 3 * begin + 3 * t * (1 - t) ** 2 * c1 + 3 * t**2 * (1 - t) * c2 + t**3 * end
    half = np.vstack([curl[::-1], stem])
    out: list[Drawable] = []
    for s in (1.0, -1.0):
        path = half * [s, 1.0]
        out += [Stroke(path, r), Bead(float(path[0, 0]), float(path[0, 1]), 1.18 * r)]
    low = tip - 3.2 * r - gap
    long = low - (top + radius + r + gap)
    if long > 1.3 * room.stroke:
        out.append(Leaf(0.0, low, -90.0, long, max(room.stroke, 0.55 * long), 0.5 * room.stroke, 0.45, base=r))
    return out


def _wound(radius: float, wire: float, gap: float, turns: float, start_deg: float, side: int) -> Array:
    """Volute that winds as far as a wire and a gap a turn allow."""
    most = max(0.55, (radius - 0.5 * wire) / (wire + gap) - 0.05)
    n = min(turns, most)
    core = max(radius - n * (wire + gap) * 1.03, 0.25 * wire)
    return volute(radius, core, n, start_deg, side)


def _tips(layer: FiligreeLayer, size: float, room: Room, count: int) -> list[Drawable]:
    """Balls between the arms, as far out as they stay free of the arms."""
    if layer.tips == "none":
        return []
    r = max(0.5 * room.stroke, 0.05 * size)
    away = 0.5 * size - r
    start = 0.0 if count == 4 else -90.0
    out: list[Drawable] = []
    for k in range(count):
        a = np.deg2rad(start + 360.0 * (k + 0.5) / count)
        out.append(Bead(float(away * np.cos(a)), float(away * np.sin(a)), r))
    return out


def _filigree(layer: FiligreeLayer, size: float, room: Room, k: int) -> list[Drawable]:
    w, r = layer.wire_mm, 0.5 * layer.wire_mm
    gap = 1.04 * room.gap
    out: list[Drawable] = []
    if layer.form in ("flower", "fan", "wheel"):
        return _loops(layer, size, room)
    if layer.form == "heart":
        return _heart(layer, size, room)

    def scroll(path: Array) -> list[Drawable]:
        end = path[-1]
        return [tapered(path, r, r), Bead(float(end[0]), float(end[1]), 1.18 * r)]

    if layer.form == "ess":
        # Two volutes of opposite hand joined by one sweep.
        radius = 0.27 * size - r
        c = np.array([0.0, 0.5 * size - radius - r])
        curl = _wound(radius, w, gap, layer.turns, 180.0, -1) + c
        h = 1.3 * c[1]
        x = np.linspace(0.0, 1.0, 24)[1:-1, None]
        knots = (curl[0], curl[0] - [0.0, h], -curl[0] + [0.0, h], -curl[0])
        sweep = sum(
            m * (1 - x) ** (3 - e) * x**e * knot
            for e, (m, knot) in enumerate(zip((1.0, 3.0, 3.0, 1.0), knots, strict=True))
        )
        path = np.vstack([curl[::-1], np.asarray(sweep), -curl])
        ends = (path[0], path[-1])
        out.append(Stroke(path, r))
        out += [Bead(float(e[0]), float(e[1]), 1.18 * r) for e in ends]
        return out
    if layer.form == "pair":
        # Two C scrolls back to back, a grain above and below where they part.
        radius = 0.25 * size - r
        for s in (-1.0, 1.0):
            c = np.array([radius + 0.8 * r, 0.5 * size - radius - r])
            curl = _wound(radius, w, gap, layer.turns, 180.0, 1)
            top = curl * [1.0, -1.0] + c * [1.0, -1.0]
            bottom = top * [1.0, -1.0]
            path = np.vstack([top[::-1], bottom[1:]]) * [s, 1.0]
            out.append(Stroke(path, r))
            out += [Bead(float(e[0]), float(e[1]), 1.18 * r) for e in (path[0], path[-1])]
        grain = 0.5 * room.stroke
        if radius > 2.0 * grain:
            out += [Bead(0.0, s * (0.5 * size - grain), grain) for s in (-1.0, 1.0)]
        return out
    if layer.form == "cross":
        radius = 0.21 * size - r
        for arm in range(layer.arms):
            turn = Placement(turn_deg=360.0 * arm / layer.arms - (0.0 if layer.arms == 4 else 90.0))
            c = np.array([0.5 * size - radius - r, 0.0])
            curl = _wound(radius, w, gap, layer.turns, 180.0 + 40.0, -1) + c
            foot = spline(np.array([[0.0, 0.0], [0.11 * size, -0.05 * size], curl[0]]), samples=8)
            out += [part.moved(turn) for part in scroll(np.vstack([foot[:-1], curl]))]
        out.append(Bead(0.0, 0.0, max(1.3 * r, 0.09 * size)))
        return [*out, *_tips(layer, size, room, layer.arms)]
    # Lyre: two S scrolls that lean on each other, a drop in the middle.
    big, small = 0.25 * size - r, 0.14 * size
    small = max(small - r, 1.25 * w)
    for s in (-1.0, 1.0):
        c = np.array([big + 0.5 * gap + 0.5 * w, 0.5 * size - big - r])
        curl = _wound(big, w, gap, layer.turns, 180.0, -1) * [1.0, 1.0] + c
        top = np.array([0.12 * size, -0.5 * size + small + r])
        over = _wound(small, w, gap, 0.6, 150.0, 1) * [1.0, 1.0] + top + [small * 0.6, 0.0]
        sweep = spline(
            np.vstack([curl[:1], [[0.1 * size, 0.02 * size]], [[0.03 * size + w, -0.16 * size]], over[:1]]), samples=8
        )
        path = np.vstack([curl[::-1], sweep[1:-1], over]) * [s, 1.0]
        out.append(Stroke(path, r))
        out += [Bead(float(e[0]), float(e[1]), 1.18 * r) for e in (path[0], path[-1])]
    out.append(Bead(0.0, 0.5 * size - r, r))
    return out


WIDE = {"ess": 0.5, "pair": 0.84, "cross": 1.0, "lyre": 0.9, "fan": 1.86, "heart": 1.06}
"""Width of a form over its height, where it is not 1."""

FILIGREE = Figure(
    "filigree",
    FiligreeLayer,
    _filigree,
    _filigree_own,
    lambda own: {"ess": 0.5, "pair": 0.84, "cross": 1.0, "lyre": 0.9, "fan": 1.86, "heart": 1.06}.get(
        str(own["form"]), 1.0
    ),
    least=5.0,
    best_mm=4.2,
    friezes=("repeat", "mirror", "turn"),
    between=("none", "ball", "balls", "bar"),
    air=0.0,
    kin=("scroll", "waves"),
)

FAMILIES: tuple[Family[Any], ...] = (
    Family(
        "arabesque",
        ArabesqueLayer,
        _propose_arabesque,
        _draw_arabesque,
        "round",
        "round",
        ("scroll", "waves"),
        False,
        7.0,
    ),
    FILIGREE.family(),
)
