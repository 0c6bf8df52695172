"""Drawn with compasses: art-deco fans, sunbursts, facets, tracery."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.flowers import petal
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.painting import Field
from ringcad.generators.ornament.plates import Plate, Stack
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, LayerBase, Positive, Share
from ringcad.generators.ornament.shapes import arc, disc

Rng = np.random.Generator

# ---------------------------------------------------------------- art-deco fan


class DecoFanLayer(FigureLayer):
    """Stepped fans: nested arches about a hub, rays between the inner ones; pearls along the rim."""

    family: Literal["deco_fan"] = "deco_fan"
    arches: Count = 2
    rays: Count = 5
    line_mm: Positive
    spread_deg: Annotated[float, pydantic.Field(gt=20, le=90)] = 90.0
    """Half of the angle that the fan opens."""
    pearls: bool = False
    """Whether pearls stand along the rim instead of its outer arch."""


SPREADS_DEG = (90.0, 68.0, 50.0)


def _deco_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    line = max(room.stroke, 0.09 * size * (1.0 + 0.2 * wish.bold))
    dice = rng.random(5)
    spread = SPREADS_DEG[int(3.0 * dice[0])] if size > 6.0 * room.stroke else 90.0
    pearls = bool(dice[1] < 0.4 and size > 7.0 * room.stroke)
    most = max(1, int((size - 0.3 * size) / (line + room.gap)))
    # The fan within the arches keeps two thirds of the height.
    room_for = int((0.36 + 0.12 * dice[3]) * size / (line + 1.3 * room.gap))
    arches = int(np.clip(1 + int(3.0 * dice[2]), 1, max(1, min(most - 1, room_for, 3))))
    inner = size - arches * (line + 1.3 * room.gap)
    turn = np.deg2rad(2.0 * spread)
    rays = int(np.clip(turn * 0.72 * inner / (1.1 * (room.stroke + room.gap)), 3, 9)) // 2 * 2 + 1
    if rays > 5 and dice[4] < 0.45:
        # Fewer and broader.
        rays -= 2 if dice[4] < 0.3 else 4 if rays > 7 else 2
    return {"arches": arches, "rays": rays, "line_mm": round(line, 4), "spread_deg": spread, "pearls": pearls}


def _deco_fan(layer: DecoFanLayer, size: float, room: Room, k: int) -> list[Drawable]:
    r, spread = 0.5 * layer.line_mm, layer.spread_deg
    base = 0.5 * size
    out: list[Drawable] = []
    closed = spread >= 90.0
    # A narrower fan stands on its hub, a half circle on its foot.
    low = base - r
    big = size - 2.0 * r
    for n in range(layer.arches):
        rho = big - n * (layer.line_mm + room.gap * 1.3)
        if n == 0 and layer.pearls:
            out += _pearls(room, rho - (0.6 * room.stroke - r), low, spread, layer.line_mm, closed)
            continue
        bow = arc(rho, 90.0 + spread, 90.0 - spread) * [1.0, -1.0] + [0.0, low]
        out.append(Stroke(bow, r, profile="flat"))
    inner = big - layer.arches * (layer.line_mm + room.gap * 1.3) + r
    hub = max(0.55 * room.stroke, 0.2 * inner)
    if layer.rays >= 3 and inner > hub + 1.6 * room.stroke:
        step = 2.0 * spread / layer.rays
        width = 2.0 * inner * 0.86 * np.sin(np.deg2rad(0.5 * step))
        fan = [
            petal(room, 270.0 - spread + step * (j + 0.5), 0.7 * hub, inner, max(width, room.stroke), "slim", 0.3)
            for j in range(layer.rays)
        ]
        shifted: list[Drawable] = [_shift(p, 0.0, low) for p in fan]
        out.append(Stack(tuple(shifted), 1.2 * room.gap, 0.4))
    out.append(Plate((arc(hub, 180.0, 360.0, (0.0, base - 0.5 * r)),), 0.16, 1.0, 0.2, hub))
    rim = big - (layer.line_mm + 1.3 * room.gap if layer.pearls and layer.arches > 1 else 0.0)
    if closed:
        out.append(Stroke(np.array([[-big, low], [big, low]]), r, profile="flat"))
    elif not layer.pearls or layer.arches > 1:
        for s in (-1.0, 1.0):
            a = np.deg2rad(90.0 - spread)
            end = np.array([s * rim * np.cos(a), low - rim * np.sin(a)])
            out.append(Stroke(np.vstack([[0.0, low], end]), r, profile="flat"))
    return out


def _pearls(room: Room, radius: float, low: float, spread: float, line: float, closed: bool) -> list[Drawable]:
    """Pearls along an arch; those at the ends stand clear of a foot."""
    size = max(0.6 * room.stroke, 0.55 * line)
    reach = np.deg2rad(spread) - ((2.0 * size + room.gap) / radius if closed else 0.0)
    count = max(3, int(2.0 * reach * radius / (2.0 * size + 1.1 * room.gap)) + 1)
    angles = np.linspace(-reach, reach, count)
    return [Bead(float(radius * np.sin(a)), float(low - radius * np.cos(a)), size) for a in angles]


def _shift(plate: Plate, u: float, v: float) -> Drawable:
    from ringcad.generators.ornament.elements import Placement

    return plate.moved(Placement(u, v))


DECO_FAN = Figure(
    "deco_fan",
    DecoFanLayer,
    _deco_fan,
    _deco_own,
    lambda own: 2.0 * float(np.sin(np.deg2rad(own["spread_deg"]))) + (0.0 if own["spread_deg"] >= 90.0 else 0.08),
    least=2.6,
    best_mm=2.9,
    friezes=("repeat", "glide", "glide"),
    between=("none", "ball", "leaves", "bar"),
    kin=("fan", "chevron"),
)

# ---------------------------------------------------------------- sunburst


class SunburstLayer(FigureLayer):
    """Suns: a domed disc and rays, straight and wavy in turn; half a sun on the edge when small."""

    family: Literal["sunburst"] = "sunburst"
    rays: Count = 12
    wavy: bool = False
    core: Share = 0.42


def _sun_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    core = round(float(rng.uniform(0.46, 0.56)), 3)
    # A ray is half as broad again at its root as at its tip, or it would look like a spoke.
    broad = min(0.78 * room.stroke / (0.5 * core * size), 0.5)
    most = int(np.pi / np.arcsin(broad)) // 2 * 2
    rays = int(np.clip(int(rng.choice([8, 12, 16])), 6, max(most, 6)))
    return {
        "rays": rays,
        "wavy": bool(size > 11.0 * room.stroke and rays % 2 == 0 and rng.random() < 0.5),
        "core": core,
    }


def _sunburst(layer: SunburstLayer, size: float, room: Room, k: int) -> list[Drawable]:
    big, n = 0.5 * size, layer.rays
    core = max(layer.core * big, 0.62 * room.stroke)
    # Rays spring from the disc side by side; in a larger sun every second one is shorter, or wavy.
    root = 0.55 * core
    foot = max(0.5 * room.stroke, core * np.sin(np.pi / n) * 1.04)
    rays: list[Drawable] = []
    order = [*range(1, n, 2), *range(0, n, 2)]
    for j in order:
        odd = bool(j % 2) and n % 2 == 0
        a = np.deg2rad(90.0 + 360.0 * j / n)
        way, across = np.array([np.cos(a), -np.sin(a)]), np.array([np.sin(a), np.cos(a)])
        reach = big * (0.82 if odd and n > 8 else 1.0)
        x = np.linspace(root, reach - 0.5 * room.stroke, 36)
        t = np.clip((x - core) / max(x[-1] - core, 1e-6), 0.0, 1.0)
        y = np.zeros(len(x))
        half = foot + (0.5 * room.stroke - foot) * t
        if layer.wavy and odd:
            y = 0.2 * foot * np.sin(2.0 * np.pi * t) * 1.7
        rays.append(Stroke(x[:, None] * way + y[:, None] * across, half, profile="roof"))
    face = Plate((disc(core),), min(0.3, 0.6 * core), 1.0, 0.4, core)
    return [Stack((*rays, face), min(1.4 * room.gap, 0.4 * core), 0.5)]


SUNBURST = Figure(
    "sunburst",
    SunburstLayer,
    _sunburst,
    _sun_own,
    lambda own: 1.0,
    least=4.6,
    best_mm=3.8,
    between=("ball", "balls", "none"),
    kin=("flowers", "fan"),
)

# ---------------------------------------------------------------- facets


class FacetsLayer(LayerBase):
    """Cut like a stone: pyramids, lozenges, steps or triangles that cover the band."""

    family: Literal["facets"] = "facets"
    form: Literal["pyramids", "lozenges", "triangles", "steps", "hexagons"] = "pyramids"
    rows: Count
    repeats: Count
    table: Share = 0.25
    """Flat top over the width of a facet."""
    low: Share = 0.5
    """Height of the valleys."""


def _propose_facets(room: Room, wish: Attributes, rng: Rng) -> FacetsLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 1.3 * stroke:
        return None
    forms: tuple[Literal["pyramids", "lozenges", "triangles", "steps", "hexagons"], ...] = (
        "pyramids",
        "lozenges",
        "triangles",
        "hexagons",
    )
    form = forms[int(rng.integers(4))]
    for name in forms:
        if wish.form == name:
            form = name
    cell = max(
        1.7 * (stroke + gap), (1.6 + 0.5 * wish.large - 0.35 * wish.dense) * (1.0 + 0.15 * float(rng.uniform(-1, 1)))
    )
    rows = wish.rows or max(1, round(space / cell))
    tall = space / rows
    wide = tall * {"pyramids": 1.0, "lozenges": 0.8, "triangles": 1.1, "hexagons": 1.0}.get(form, 1.0)
    repeats = max(1, round(room.length / max(wide, stroke + gap)))
    return FacetsLayer(
        form=form, rows=rows, repeats=repeats, table=round(float(rng.choice([0.0, 0.2, 0.35])), 3), low=0.5
    )


def _draw_facets(layer: FacetsLayer, room: Room) -> list[Drawable]:
    wide, tall = room.length / layer.repeats, 2.0 * room.half / layer.rows

    def slope(d: Array) -> Array:
        """Height from the share of the way to the valley, 0 in the middle of a facet."""
        level = np.clip((1.0 - d) / (1.0 - 0.5 * layer.table), 0.0, 1.0)
        return np.asarray(layer.low + (1.0 - layer.low) * level)

    def height(u: Array, v: Array) -> Array:
        x, y = (u - room.u0) / wide, (v + room.half) / tall
        if layer.form == "lozenges":
            p, q = x - np.floor(x) - 0.5, y - np.floor(y) - 0.5
            d = 2.0 * (np.abs(p) + np.abs(q))
            return slope(np.minimum(d, 2.0 - d))
        if layer.form == "triangles":
            q = y - np.floor(y)
            row = np.floor(y)
            p = x + 0.5 * (row % 2)
            # Upright and hanging triangles share their flanks.
            a, b, c = p + 0.5 * q, p - 0.5 * q, q
            d = 1.0 - 2.0 * np.minimum.reduce([_to_line(a), _to_line(b), _to_line(c)]) * 1.5
            return slope(np.clip(d, 0.0, 1.0))
        if layer.form == "hexagons":
            row = np.floor(y)
            best = np.full(u.shape, np.inf)
            for shift in (-1.0, 0.0, 1.0):
                r = row + shift
                p = x + 0.5 * (r % 2)
                px = (p - np.floor(p) - 0.5) * wide
                py = (y - r - 0.5) * tall
                d = np.maximum(np.abs(px) / (0.5 * wide), (np.abs(px) * 0.5 + np.abs(py) * 0.866) / (0.5 * wide * 1.0))
                best = np.minimum(best, d)
            return slope(np.clip(best, 0.0, 1.0))
        p, q = x - np.floor(x) - 0.5, y - np.floor(y) - 0.5
        d = 2.0 * np.maximum(np.abs(p), np.abs(q))
        return slope(d)

    return [Field(room, height, 0.14)]


def _to_line(t: Array) -> Array:
    """Distance to the nearest whole number."""
    return np.asarray(np.abs(t - np.round(t)))


# ---------------------------------------------------------------- tracery


TraceryForm = Literal["quatrefoil", "trefoil", "lancet", "cinquefoil", "wheel", "twin"]
_FOILED = {"quatrefoil": 4, "trefoil": 3, "cinquefoil": 5}


class TraceryLayer(FigureLayer):
    """Gothic windows: foils in frames, pointed arches with foils under them, wheels of spokes and arches."""

    family: Literal["tracery"] = "tracery"
    form: TraceryForm = "quatrefoil"
    line_mm: Positive
    ring: bool = True
    boss: bool = True
    frame: Literal["circle", "lozenge", "square"] = "circle"
    """What stands round foils, if ``ring`` is set."""
    spokes: Count = 6
    """Of a wheel."""


def _tracery_own(wish: Attributes, rng: Rng, size: float, room: Room) -> dict[str, Any]:
    line = max(room.stroke, 0.075 * size * (1.0 + 0.25 * wish.bold))
    d = size / (line + room.gap)
    dice = rng.random(5)
    needs: dict[TraceryForm, float] = {
        "quatrefoil": 0.0, "trefoil": 0.0, "lancet": 3.6, "cinquefoil": 5.2, "wheel": 5.2, "twin": 5.4,
    }  # fmt: skip
    forms = [name for name in needs if needs[name] <= d]
    form = forms[int(dice[0] * len(forms))]
    form = next((name for name in forms if name == wish.form), form)
    foiled = form in _FOILED
    ring = foiled and d > 5.6 and dice[1] < 0.75
    frames: tuple[Literal["circle", "lozenge", "square"], ...] = ("circle", "lozenge", "square")
    frame = frames[int(3.0 * dice[2])] if ring and form == "quatrefoil" and d > 5.9 else "circle"
    inner = 0.5 * size - 1.6 * line - room.gap
    most = int(2.0 * np.pi * 0.62 * inner / (room.stroke + 1.1 * room.gap))
    return {
        "form": form,
        "line_mm": round(line * (1.0 + 0.18 * float(dice[3])) if d > 5.0 else line, 4),
        "ring": bool(ring),
        "boss": bool(d > 4.4 and dice[4] < 0.7),
        "frame": frame,
        "spokes": int(np.clip(4 + int(5.0 * dice[2]), 3, max(most, 3))) if form == "wheel" else 6,
    }


def _foils(radius: float, count: int, turn: float, samples: int = 14) -> Array:
    """Outline of ``count`` round lobes that touch, within a circle of ``radius``."""
    s = np.sin(np.pi / count)
    r = radius * s / (1.0 + s) * 1.08
    c = radius - r
    # Two neighbours meet where both circles cross, on the ray between them.
    half = np.pi / count
    along = c * np.cos(half) + np.sqrt(max(r * r - (c * np.sin(half)) ** 2, 0.0))
    meet = np.array([along * np.cos(half), along * np.sin(half)])
    start = float(np.arctan2(-meet[1], meet[0] - c))
    t = np.linspace(start, -start, samples) if start < 0 else np.linspace(-start, start, samples)
    lobe = np.column_stack([c + r * np.cos(t), r * np.sin(t)])
    parts = []
    for k in range(count):
        a = np.deg2rad(turn) + 2.0 * np.pi * k / count
        rot = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        parts.append(lobe @ rot)
    outline = np.vstack(parts)
    return outline * [1.0, -1.0]


def _tracery(layer: TraceryLayer, size: float, room: Room, k: int) -> list[Drawable]:
    r, w = 0.5 * layer.line_mm, layer.line_mm
    out: list[Drawable] = []
    if layer.form == "wheel":
        return _wheel(layer, size, room)
    if layer.form == "twin":
        return _twin(layer, size, room)
    if layer.form == "lancet":
        wide = 0.5 * 0.62 * size - r
        top, foot = -0.5 * size + r, 0.5 * size - r
        spring = -0.5 * size + 1.05 * size * 0.5
        rho = ((spring - top) ** 2 + wide**2) / (2.0 * wide)
        span = np.rad2deg(np.arcsin(min((spring - top) / rho, 1.0)))
        right = arc(rho, 0.0, span, (wide - rho, 0.0)) * [1.0, -1.0] + [0.0, spring]
        line = np.vstack([[wide, foot], right])
        out += [Stroke(line * [s, 1.0], r, profile="roof") for s in (-1.0, 1.0)]
        out.append(Stroke(np.array([[-wide, foot], [wide, foot]]), r, profile="roof"))
        inside = wide - r - room.gap
        if inside > 1.1 * room.stroke + r:
            foil = _foils(inside, 3, 90.0)
            centre = spring - 0.04 * size
            closed = np.vstack([foil, foil[:1]]) * ((inside - r) / inside) + [0.0, centre]
            out.append(Stroke(closed, min(r, 0.54 * room.stroke), profile="roof"))
            bar = np.array([[0.0, centre + inside + room.gap], [0.0, foot]])
            if bar[1, 1] - bar[0, 1] > room.stroke:
                out.append(Stroke(bar, 0.52 * room.stroke, profile="roof"))
        elif inside > 0.5 * room.stroke:
            out.append(Bead(0.0, spring, min(inside, 1.2 * room.stroke)))
        return out
    big = 0.5 * size - r
    count = _FOILED[layer.form]
    inner = big
    turn = 45.0 if count == 4 and layer.ring else 90.0
    if layer.ring:
        corners = {"circle": disc(big, n=72), "lozenge": disc(big, n=4), "square": _square(big)}[layer.frame]
        out.append(Stroke(np.vstack([corners, corners[:1]]), r, profile="roof"))
        inner = big * (0.76 if layer.frame == "lozenge" else 1.0) - w - 0.6 * room.gap
        if layer.frame != "circle":
            turn = 45.0 if layer.frame == "lozenge" else 90.0
    foil = _foils(inner, count, turn)
    out.append(Stroke(np.vstack([foil, foil[:1]]), r, profile="roof"))
    boss = 0.42 * inner - r - room.gap
    if layer.boss and boss >= 0.5 * room.stroke:
        out.append(Bead(0.0, 0.0, min(boss, 1.4 * room.stroke)))
    if layer.frame == "square" and layer.ring:
        # Eyes in the corners.
        eye = big * 0.414 - 1.9 * r - 0.7 * room.gap
        if eye >= 0.5 * room.stroke:
            at = big - r - room.gap - min(eye, 1.2 * room.stroke)
            out += [Bead(x * at, y * at, min(eye, 1.2 * room.stroke)) for x in (-1.0, 1.0) for y in (-1.0, 1.0)]
    return out


def _square(half: float) -> Array:
    return np.array([[-half, -half], [half, -half], [half, half], [-half, half]])


def _wheel(layer: TraceryLayer, size: float, room: Room) -> list[Drawable]:
    """A rose window: spokes from a hub, a round arch between every two of them."""
    r, n = 0.5 * layer.line_mm, layer.spokes
    big = 0.5 * size - r
    circle = disc(big, n=72)
    out: list[Drawable] = [Stroke(np.vstack([circle, circle[:1]]), r, profile="roof")]
    thin = max(0.52 * room.stroke, 0.85 * r)
    # Arches stand on the spokes and touch the ring.
    half = np.pi / n
    rise = (big - r - thin) * np.sin(half) / (1.0 + np.sin(half))
    springing = (big - thin - rise) * np.cos(half)
    hub = max(0.9 * room.stroke, (thin + 0.5 * room.gap) / np.sin(half))
    for k in range(n):
        a = 2.0 * np.pi * k / n + 0.5 * np.pi
        way = np.array([np.cos(a), -np.sin(a)])
        out.append(Stroke(np.vstack([0.6 * hub * way, springing * way]), thin, profile="roof"))
        middle = a + half
        t = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 24)
        centre = (big - thin - rise) * np.array([np.cos(middle), -np.sin(middle)])
        arc_points = np.column_stack([np.cos(middle + t), -np.sin(middle + t)]) * rise + centre
        out.append(Stroke(arc_points, thin, profile="roof"))
    out.append(Bead(0.0, 0.0, min(hub, 0.3 * size)))
    return out


def _twin(layer: TraceryLayer, size: float, room: Room) -> list[Drawable]:
    """Two lancets side by side under one pointed arch, an eye between their heads."""
    r = 0.5 * layer.line_mm
    wide = 0.5 * 0.92 * size - r
    top, foot = -0.5 * size + r, 0.5 * size - r
    spring = top + 0.55 * (foot - top)
    out: list[Drawable] = []

    def arch(centre: float, half: float, low: float, head: float, thick: float) -> None:
        rho = ((low - head) ** 2 + half**2) / (2.0 * half)
        span = np.rad2deg(np.arcsin(min((low - head) / rho, 1.0)))
        right = np.vstack([[half, foot], arc(rho, 0.0, span, (half - rho, 0.0)) * [1.0, -1.0] + [0.0, low]])
        out.extend(Stroke(right * [s, 1.0] + [centre, 0.0], thick, profile="roof") for s in (-1.0, 1.0))

    arch(0.0, wide, spring, top, r)
    out.append(Stroke(np.array([[-wide, foot], [wide, foot]]), r, profile="roof"))
    thin = max(0.52 * room.stroke, 0.85 * r)
    low = spring + 0.12 * size
    arch(-0.5 * wide, 0.5 * wide, low, low - 0.62 * wide, thin)
    arch(0.5 * wide, 0.5 * wide, low, low - 0.62 * wide, thin)
    eye = 0.5 * (low - 0.3 * wide - (top + 0.34 * wide)) - thin
    at = 0.5 * (low - 0.55 * wide + top + 0.3 * wide)
    if eye >= 0.5 * room.stroke:
        out.append(Bead(0.0, at, min(eye, 1.3 * room.stroke)))
    return out


TRACERY = Figure(
    "tracery",
    TraceryLayer,
    _tracery,
    _tracery_own,
    lambda own: {"lancet": 0.62, "twin": 0.92}.get(str(own["form"]), 1.0),
    least=3.8,
    best_mm=3.8,
    between=("none", "balls", "bar", "none"),
    kin=("honeycomb", "lattice"),
)

FAMILIES: tuple[Family[Any], ...] = (
    *(figure.family() for figure in (DECO_FAN, SUNBURST)),
    Family("facets", FacetsLayer, _propose_facets, _draw_facets, kin=("honeycomb", "milgrain")),
    TRACERY.family(),
)
