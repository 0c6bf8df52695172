"""Grounds and grains: bark, stipple, starfield, bead rows, gadroons."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Bead, Drawable, Stroke
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import Room, level_extent
from ringcad.generators.ornament.painting import Field
from ringcad.generators.ornament.plates import Plate
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Count, Finite, LayerBase, Positive, Share
from ringcad.generators.ornament.shapes import star

Rng = np.random.Generator

# ---------------------------------------------------------------- bark


class BarkLayer(LayerBase):
    """Bark or wood: furrows that run along the band and part about knots."""

    family: Literal["bark"] = "bark"
    form: Literal["bark", "wood"] = "bark"
    furrows: Count
    """Furrows across the band."""
    waves: tuple[tuple[Finite, Finite, Finite], ...]
    """(whole waves along the band, amplitude in furrows, phase in turns) of the furrows' course."""
    knots: tuple[tuple[Finite, Finite, Finite], ...] = ()
    """(u, v, radius) of each knot in mm."""
    floor: Share = 0.42
    breaks: tuple[Finite, ...] = ()
    """Phase of the cracks across each ridge (bark)."""


def _propose_bark(room: Room, wish: Attributes, rng: Rng) -> BarkLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    pitch = max(1.55 * (stroke + gap), 1.05 + 0.3 * wish.large - 0.2 * wish.dense + 0.2 * max(wish.bold, 0.0))
    furrows = max(1, wish.rows or round(space / pitch))
    furrows = max(1, min(furrows, int(space / (1.4 * (stroke + gap)))))
    form: Literal["bark", "wood"] = (
        "wood" if wish.form == "wood" or (wish.form != "bark" and rng.random() < 0.5) else "bark"
    )
    base = max(1, round(room.length / 7.0))
    waves = tuple(
        (float(base * m), round(float(a) / m, 4), round(float(rng.random()), 4))
        for m, a in ((1, rng.uniform(0.25, 0.5)), (2, rng.uniform(0.2, 0.45)), (3, rng.uniform(0.1, 0.35)))
    )
    knots: list[tuple[float, float, float]] = []
    if form == "wood" and space > 5.0 * stroke:
        for k in range(max(1, round(room.length / 7.5))):
            u = room.u0 + (k + 0.5 + 0.25 * float(rng.uniform(-1, 1))) * room.length / max(1, round(room.length / 7.5))
            v = room.half * float(rng.uniform(-0.45, 0.45))
            knots.append((round(u, 4), round(v, 4), round(max(0.9 * stroke, 0.12 * space), 4)))
    breaks = tuple(round(float(x), 4) for x in rng.random(furrows)) if form == "bark" else ()
    return BarkLayer(form=form, furrows=furrows, waves=waves, knots=tuple(knots), breaks=breaks)


def _draw_bark(layer: BarkLayer, room: Room) -> list[Drawable]:
    pitch = 2.0 * room.half / layer.furrows

    def height(u: Array, v: Array) -> Array:
        s = (u - room.u0) / room.length
        bend: Array = np.zeros(u.shape)
        for count, amplitude, phase in layer.waves:
            bend = bend + amplitude * np.sin(2.0 * np.pi * (count * s + phase + 0.11 * count * v / pitch / 6.0))
        y = (v + room.half) / pitch + 0.55 * bend
        rings: Array = np.full(u.shape, np.inf)
        for ku, kv, radius in layer.knots:
            du = u - ku
            if room.periodic:
                du = (du + 0.5 * room.length) % room.length - 0.5 * room.length
            d = np.hypot(0.62 * du, v - kv)
            # The grain is pushed aside and closes again behind the knot.
            push: Array = np.exp(-((d / (2.3 * radius)) ** 2))
            y = y + np.sign(v - kv) * push * (radius * 0.8 / pitch) * np.clip(np.abs(v - kv) / radius, 0.0, 1.0) * -1.0
            rings = np.minimum(rings, d / radius)
        f = 1.0 - np.abs((y - np.floor(y)) - 0.5) * 2.0
        if layer.form == "bark" and layer.breaks:
            # Neighbouring furrows sway against each other: long plates that narrow and part.
            count, sway = max(1, round(room.length / 4.2)), 0.22 if layer.furrows > 2 else 0.12
            f = np.full(u.shape, 1.0)
            for k in range(-1, layer.furrows + 2):
                phase = layer.breaks[k % len(layer.breaks)] * 0.5 + 0.5 * (k % 2)
                furrow = (
                    k
                    + sway * np.sin(2.0 * np.pi * (count * s + phase))
                    + 0.04 * np.sin(2.0 * np.pi * (3.0 * count * s + 1.7 * phase))
                )
                f = np.minimum(f, 2.0 * np.abs(y - furrow))
        ridge = layer.floor + (1.0 - layer.floor) * np.sin(0.5 * np.pi * np.clip(f, 0.0, 1.0)) ** 0.8
        inside = np.clip(1.15 - rings, 0.0, 1.0)
        if np.isfinite(rings).any():
            knot = 0.5 + 0.5 * np.cos(np.pi * np.clip(rings, 0.0, 1.0) * 2.0)
            level = layer.floor + (1.0 - layer.floor) * np.clip(knot, 0.0, 1.0)
            blend = np.clip(inside / 0.3, 0.0, 1.0)
            ridge = ridge * (1.0 - blend) + level * blend
        return np.asarray(ridge)

    return [Field(room, height)]


# ---------------------------------------------------------------- stipple and starfield


def scattered(room: Room, spacing: float, rng: Rng) -> list[tuple[float, float]]:
    """Points at least ``spacing`` apart, thrown at random until a hundred in a row found no place."""
    laps = (0.0,) if not room.periodic else (-room.length, 0.0, room.length)
    points = np.zeros((0, 2))
    misses = 0
    while misses < 100:
        trial = np.array([rng.uniform(room.u0, room.u1), rng.uniform(-room.half, room.half)])
        free = float(room.clearance(trial[None, :])[0]) >= 0.36 * spacing
        if free and all(
            (np.hypot(points[:, 0] + lap - trial[0], points[:, 1] - trial[1]) >= spacing).all() for lap in laps
        ):
            points = np.vstack([points, trial])
            misses = 0
        else:
            misses += 1
    return [(round(float(u), 4), round(float(v), 4)) for u, v in points]


def even_grains(room: Room, spacing: float, rng: Rng) -> list[tuple[float, float]]:
    """Points at least ``spacing`` apart: a staggered grid, every point moved a little."""
    slack = 0.13 * spacing
    pitch = spacing + 2.0 * slack
    edge = 0.5 * spacing - 0.3 * room.gap + slack
    rows = max(1, int((2.0 * room.half - 2.0 * edge) / (0.866 * pitch)) + 1)
    columns = max(1, int(room.length / pitch))
    step_v = (2.0 * room.half - 2.0 * edge) / max(rows - 1, 1)
    v = (-room.half + edge + step_v * np.arange(rows)) if rows > 1 else np.zeros(1)
    u = room.u0 + (np.arange(columns) + 0.25)[None, :] * room.length / columns
    grid_u = np.broadcast_to(u + 0.5 * (np.arange(rows)[:, None] % 2) * room.length / columns, (rows, columns))
    grid_v = np.broadcast_to(v[:, None], (rows, columns))
    turn, away = rng.uniform(0.0, 2.0 * np.pi, (rows, columns)), slack * np.sqrt(rng.random((rows, columns)))
    points = np.column_stack([(grid_u + away * np.cos(turn)).ravel(), (grid_v + away * np.sin(turn)).ravel()])
    return [(round(float(a), 4), round(float(b), 4)) for a, b in points]


class StippleLayer(LayerBase):
    """Grains scattered evenly: granulation, or a punched ground."""

    family: Literal["stipple"] = "stipple"
    grains: tuple[tuple[Finite, Finite], ...]
    grain_mm: Positive


def _propose_stipple(room: Room, wish: Attributes, rng: Rng) -> StippleLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    grain = stroke * (1.07 + 0.5 * max(wish.large, 0.0) + 0.2 * max(wish.bold, 0.0) + 0.1 * float(rng.random()))
    spacing = (grain + gap) * (1.03 + 0.08 * float(rng.random()) - 0.06 * wish.dense + 0.5 * max(-wish.dense, 0.0))
    grains = even_grains(room, max(spacing, grain + gap), rng)
    grains = [g for g in grains if float(room.clearance(np.array([g]))[0]) >= 0.5 * grain]
    return StippleLayer(grains=tuple(grains), grain_mm=round(grain, 4)) if grains else None


def _draw_stipple(layer: StippleLayer, room: Room) -> list[Drawable]:
    return [Bead(u, v, 0.5 * layer.grain_mm) for u, v in layer.grains]


class StarfieldLayer(LayerBase):
    """Stars of two sizes scattered over the band, grains between them."""

    family: Literal["starfield"] = "starfield"
    stars: tuple[tuple[Finite, Finite, Finite, Finite], ...]
    """(u, v, diameter in mm, turning in degrees)."""
    grains: tuple[tuple[Finite, Finite], ...] = ()
    grain_mm: Positive
    points: Count = 5
    slim: Share = 0.45
    """Radius of the notches over that of the tips."""


def _thrown(
    placed: list[tuple[float, float, float]],
    room: Room,
    radius: float,
    gap: float,
    wanted: int,
    patience: int,
    rng: Rng,
) -> None:
    """Add up to ``wanted`` discs (u, v, radius) clear of those already placed; stop after so many misses in a row."""
    laps = (0.0,) if not room.periodic else (-room.length, 0.0, room.length)
    misses, added = 0, 0
    reach = room.half - radius
    while misses < patience and added < wanted and reach >= 0.0:
        u, v = float(rng.uniform(room.u0, room.u1)), float(rng.uniform(-reach, reach))
        inside = float(room.clearance(np.array([(u, v)]))[0]) >= radius
        if inside and all(
            np.hypot(a + lap - u, b - v) >= radius + other + gap for a, b, other in placed for lap in laps
        ):
            placed.append((round(u, 4), round(v, 4), radius))
            misses, added = 0, added + 1
        else:
            misses += 1


def _propose_starfield(room: Room, wish: Attributes, rng: Rng) -> StarfieldLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 2.2 * stroke:
        return None
    big = min(max(4.8 * stroke, (2.0 + 0.6 * wish.large) * (1.0 + 0.1 * float(rng.uniform(-1, 1)))), 0.96 * space)
    # Three sizes, the large ones first, then whatever still finds a place between them; grains last.
    crowd = 1.0 + 0.25 * wish.dense
    many = crowd * room.length * space / (big * big)
    placed: list[tuple[float, float, float]] = []
    for share, wanted in ((1.0, max(1, round(0.16 * many))), (0.82, max(1, round(0.16 * many))), (0.7, round(many))):
        size = max(share * big, 3.5 * stroke)
        if size <= 0.96 * space:
            _thrown(placed, room, 0.5 * size, 1.25 * gap, wanted, 150, rng)
    stars = tuple((u, v, round(2.0 * radius, 4), round(12.0 * float(rng.uniform(-1, 1)), 2)) for u, v, radius in placed)
    grains: list[tuple[float, float]] = []
    if wish.balls is not False:
        count = len(placed)
        _thrown(placed, room, 0.535 * stroke, 1.3 * gap, 400, 160, rng)
        grains = [(u, v) for u, v, _ in placed[count:]]
    points = int(rng.choice([5, 5, 5, 6])) if big > 6.0 * stroke else 5
    if not stars:
        return None
    return StarfieldLayer(
        stars=stars,
        grains=tuple(grains),
        grain_mm=round(1.07 * stroke, 4),
        points=points,
        slim={4: 0.42, 5: 0.52}.get(points, 0.6),
    )


def _draw_starfield(layer: StarfieldLayer, room: Room) -> list[Drawable]:
    out: list[Drawable] = [Bead(u, v, 0.5 * layer.grain_mm) for u, v in layer.grains]
    out += [_Star(u, v, 0.5 * d, layer.points, layer.slim, turn).plate() for u, v, d, turn in layer.stars]
    return out


class _Star:
    """A star with ridges to its tips, as a plate whose blunt tips can be cast."""

    def __init__(self, u: float, v: float, radius: float, points: int, slim: float, turn_deg: float) -> None:
        self.outline = star(points, radius, slim * radius, turn_deg - 90.0) + np.array([u, v])
        self.radius = radius

    def plate(self) -> Plate:
        return Plate((self.outline,), 0.18, 1.0, 0.45, 0.8 * self.radius)


# ---------------------------------------------------------------- bead rows


class BeadRowLayer(LayerBase):
    """Separate beads in file: all alike, or by turns a long or a larger one (bead and reel)."""

    family: Literal["bead_row"] = "bead_row"
    form: Literal["even", "reel", "graduated"] = "even"
    rows: Count
    repeats: Count
    bead_mm: Positive


def _propose_beads(room: Room, wish: Attributes, rng: Rng) -> BeadRowLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < stroke:
        return None
    wanted = max(stroke, (1.15 + 0.5 * wish.large + 0.2 * wish.bold) * (1.0 + 0.12 * float(rng.uniform(-1, 1))))
    rows = max(1, min(wish.rows or round((space + gap) / (wanted + gap)), int((space + gap) / (stroke + gap))))
    bead = min((space + gap) / rows - gap, 1.8 * wanted)
    forms: tuple[Literal["even", "reel", "graduated"], ...] = ("even", "reel", "graduated")
    form = forms[int(rng.integers(3))]
    for name in forms:
        if wish.form == name:
            form = name
    unit = bead + gap + (2.0 * (stroke + gap) if form == "reel" else 0.75 * bead + gap if form == "graduated" else 0.0)
    repeats = max(1, int((room.length + (0.0 if room.periodic else gap)) / (unit * (1.02 - 0.02 * wish.dense))))
    return BeadRowLayer(form=form, rows=rows, repeats=repeats, bead_mm=round(bead, 4))


def _draw_beads(layer: BeadRowLayer, room: Room) -> list[Drawable]:
    r, n = 0.5 * layer.bead_mm, layer.repeats
    out: list[Drawable] = []
    step_v = 0.0 if layer.rows == 1 else (2.0 * room.half - layer.bead_mm) / (layer.rows - 1)
    for row in range(layer.rows):
        v = 0.0 if layer.rows == 1 else -room.half + r + row * step_v
        a, b = (room.u0, room.u1) if room.periodic else level_extent(room, v, r)
        if room.periodic:
            pitch = (b - a) / n
            at = a + (np.arange(n) + 0.25) * pitch
        else:
            # A row that the end shortens holds fewer.
            n = max(1, round((layer.repeats - 1) * (b - a) / max(room.length - layer.bead_mm, 1e-6)) + 1)
            pitch = (b - a) / max(n - 1, 1)
            at = np.asarray(a + pitch * np.arange(n) if n > 1 else [0.5 * (a + b)])
        out += [Bead(float(u), v, r) for u in at]
        if layer.form == "even":
            continue
        between = at + 0.5 * pitch
        for u in between if room.periodic else between[: n - 1]:
            free = 0.5 * (pitch - layer.bead_mm) - room.gap
            if layer.form == "graduated":
                # a ball is a stroke wide at half of its height when its diameter is 2 / sqrt(3) strokes
                least = room.stroke / math.sqrt(3.0)
                if free >= least:
                    out.append(Bead(float(u), v, max(least, min(free, 0.6 * r))))
                continue
            for s in (-1.0, 1.0):
                x = u + s * 0.5 * (room.stroke + room.gap)
                tall = max(r - 0.5 * room.stroke, 1e-3)
                if free >= 0.5 * (2.0 * room.stroke + room.gap) - 1e-6:
                    out.append(Stroke(np.array([[x, v - 0.85 * tall], [x, v + 0.85 * tall]]), 0.5 * room.stroke))
    return out


# ---------------------------------------------------------------- gadroon


class GadroonLayer(LayerBase):
    """Gadroons: plump lobes side by side, upright or slanted, drawn out to one edge."""

    family: Literal["gadroon"] = "gadroon"
    repeats: Count
    slant: Finite = 0.6
    """Advance from edge to edge over the height."""
    taper: Share = 0.5
    """How much slimmer and lower the lobes are at the far edge."""
    groove: Share = 0.7


def _propose_gadroon(room: Room, wish: Attributes, rng: Rng) -> GadroonLayer | None:
    stroke, gap, space = room.stroke, room.gap, 2.0 * room.half
    if space < 1.2 * stroke:
        return None
    pitch = max(stroke + gap, (0.95 + 0.35 * wish.large - 0.2 * wish.dense + 0.2 * max(wish.bold, 0.0)))
    slant = float(rng.choice([0.0, 0.5, 0.8, -0.6]))
    repeats = max(2, round(room.length / (pitch * (1.0 + 0.08 * float(rng.uniform(-1, 1))))))
    repeats = min(repeats, int(room.length / (stroke + gap)))
    return GadroonLayer(repeats=max(repeats, 1), slant=round(slant, 3), taper=round(float(rng.uniform(0.2, 0.6)), 3))


def _draw_gadroon(layer: GadroonLayer, room: Room) -> list[Drawable]:
    n = layer.repeats

    def height(u: Array, v: Array) -> Array:
        t = np.clip((v + room.half) / (2.0 * room.half), 0.0, 1.0)
        # The lobes bow as they cross the band.
        x = (u - room.u0 - layer.slant * room.half * (2.0 * t - 1.0) * (0.6 + 0.4 * t)) * n / room.length
        f = 2.0 * (x - np.floor(x)) - 1.0
        # Round at both ends like the tip of a thumb.
        round_mm = min(0.5 * room.length / n, 0.6 * room.half)
        end = np.clip(1.0 - (room.half - np.abs(v)) / round_mm, 0.0, 1.0)
        lobe = np.sqrt(np.clip(1.0 - layer.groove * np.minimum(f * f + end * end, 1.0), 0.0, 1.0))
        swell = np.sqrt(np.clip(1.0 - ((t - 0.36) / 0.72) ** 2, 0.0, 1.0))
        return np.asarray(lobe * (1.0 - layer.taper + layer.taper * swell))

    return [Field(room, height, 0.2)]


FAMILIES: tuple[Family[Any], ...] = (
    Family("bark", BarkLayer, _propose_bark, _draw_bark, "square", "round"),
    Family("stipple", StippleLayer, _propose_stipple, _draw_stipple, "round", "round", ("milgrain",)),
    Family("starfield", StarfieldLayer, _propose_starfield, _draw_starfield, kin=("stipple", "milgrain")),
    Family("bead_row", BeadRowLayer, _propose_beads, _draw_beads, "round", "round", ("milgrain",)),
    Family(
        "gadroon", GadroonLayer, _propose_gadroon, _draw_gadroon, kin=("rope",), rows_of_its_own=False, widest_mm=4.4
    ),
)
