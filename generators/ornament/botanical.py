"""Families that grow: vine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringcad.generators.ornament.attributes import Attributes, LeafKind
from ringcad.generators.ornament.elements import Bead, Drawable, Leaf, Stroke
from ringcad.generators.ornament.layers import VineLayer
from ringcad.generators.ornament.layout import Room, bezier, broadest_leaf, gap_between, largest, outline_of, room_left
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.schema import Side


def leaf_group(
    kind: str, u: float, v: float, angle_deg: float, scale: float, tip: float, vein: float, base: float
) -> list[Drawable]:
    """A leaf of a kind: ``ivy`` (three lobes), ``almond`` or ``round``; ``scale`` is its length in mm."""
    if kind == "round":
        return [Leaf(u, v, angle_deg, scale, 0.8 * scale, tip, belly=0.5, vein=vein, base=base)]
    if kind == "almond" or scale < 5.2 * tip:
        return [Leaf(u, v, angle_deg, scale, 0.56 * scale, tip, belly=0.36, vein=vein, base=base)]
    a = np.deg2rad(angle_deg)
    cu, cv = u + 0.2 * scale * np.cos(a), v + 0.2 * scale * np.sin(a)
    side = [
        Leaf(
            cu,
            cv,
            angle_deg + s * 66.0,
            0.56 * scale,
            0.34 * scale,
            tip,
            0.4,
            -s * 0.08,
            vein * 0.5,
            0.86,
            0.16 * scale,
        )
        for s in (-1.0, 1.0)
    ]
    return [*side, Leaf(u, v, angle_deg, scale, 0.54 * scale, tip, belly=0.36, vein=vein, base=max(base, 0.14 * scale))]


def compose_vine(room: Room, wish: Attributes, rng: np.random.Generator) -> VineLayer | None:
    """Vine sized for the room; ``None`` when not even its simple form fits."""
    stem = max(room.stroke, min(0.11 * room.half * 2.0, 0.5)) * (1.0 + 0.25 * max(0.0, wish.bold))
    side: Side = 1 if rng.random() < 0.5 else -1
    kinds: tuple[LeafKind, ...] = ("ivy", "ivy", "ivy", "almond", "almond", "round")
    leaf = wish.leaf or kinds[int(rng.integers(6))]
    vein = 0.25 if wish.soft > 0 else 0.42
    # The full form needs a stem, a gap and a leaf of twice the stroke side by side.
    if 2.0 * room.half >= stem + room.gap + 2.3 * room.stroke:
        height = 2.0 * room.half
        half_wave = (
            max(0.86 * height, 2.6 * room.stroke + 2.0 * room.gap)
            * (1.0 - 0.16 * wish.dense)
            * (1.0 + 0.12 * wish.large)
        )
        half_wave *= 1.0 + 0.16 * float(rng.uniform(-0.5, 1))
        if room.periodic:
            repeats = max(2, 2 * round(room.length / (2.0 * half_wave)))
        else:
            repeats = max(2, round((room.length - 1.9 * height * 0.62) / half_wave))
        jitter = tuple(round(float(x), 4) for x in rng.uniform(-1, 1, repeats))
        return VineLayer(
            form="full",
            repeats=repeats,
            stem_mm=round(stem, 4),
            leaf=leaf,
            leaf_scale=round(1.0 + 0.15 * min(0.0, wish.large), 4),
            leaf_angle_deg=round(-48.0 + 12.0 * float(rng.uniform(-1, 1)), 3),
            side=side,
            berries=wish.berries,
            vein=vein,
            variation=jitter,
        )
    if 2.0 * room.half < room.stroke:
        return None
    pitch = max(4.4 * room.half, 3.4 * room.stroke) * (1.0 - 0.15 * wish.dense)
    repeats = max(1, round(room.length / pitch))
    return VineLayer(
        form="simple",
        repeats=repeats,
        stem_mm=round(room.stroke, 4),
        leaf="almond" if leaf == "ivy" else leaf,
        leaf_scale=1.0,
        leaf_angle_deg=0.0,
        side=side,
        vein=vein,
        variation=tuple(round(float(x), 4) for x in rng.uniform(-1, 1, repeats)),
    )


def draw_vine(layer: VineLayer, room: Room) -> list[Drawable]:
    """Elements of a vine layer."""
    return _simple_vine(layer, room) if layer.form == "simple" else _full_vine(layer, room)


def _variation(layer: VineLayer, k: int) -> float:
    return layer.variation[k % len(layer.variation)] if layer.variation else 0.0


def _simple_vine(layer: VineLayer, room: Room) -> list[Drawable]:
    return file_of_leaves(room, layer.repeats, 2.0 * room.half, layer.stem_mm, layer.vein, layer.variation)


def file_of_leaves(
    room: Room, n: int, width: float, stem_mm: float, vein: float, variation: tuple[float, ...]
) -> list[Drawable]:
    """Leaves on a straight stem, tip to stalk, growing towards the finish."""
    pitch = room.length / n
    stalk = min(0.3 * pitch, 1.6 * room.gap)
    elements: list[Drawable] = []
    for k in range(n):
        last = k == n - 1 and not room.periodic
        base = room.u0 + k * pitch
        length = pitch - (0.0 if last else stalk)
        vary = variation[k % len(variation)] if variation else 0.0
        w = min(width, 0.75 * pitch) * (1.0 - 0.06 * (1.0 + vary))
        groove = vein

        def leaf(x: float, y: float, base: float = base, groove: float = groove) -> Leaf:
            return Leaf(base, 0.0, 0.0, y, x, 0.5 * room.stroke, belly=0.42, vein=groove, base=0.5 * room.stroke)

        shares = (1.0, 0.92, 0.84, 0.76, 0.68) if last else (1.0,)
        best = broadest_leaf(room, leaf, [share * length for share in shares], w)
        elements.append(best or leaf(room.stroke, 0.6 * length))
        if not last:
            ends = np.array([[base + 0.86 * length, 0.0], [base + pitch + 0.08 * length, 0.0]])
            elements.append(Stroke(ends, 0.5 * stem_mm, 0.9))
    return elements


@dataclass(frozen=True)
class Seat:
    """Where a leaf stands in its bend: angle, and its base against the bend's middle in half waves and amplitudes."""

    angle_deg: float
    back: float
    up: float


def _full_vine(layer: VineLayer, room: Room) -> list[Drawable]:
    n, r = layer.repeats, 0.5 * layer.stem_mm
    height = 2.0 * room.half
    tip = 0.5 * room.stroke
    if room.periodic:
        a, b = room.u0, room.u1
    else:
        a, b = room.u0 + 1.3 * r, room.u1 - min(0.62 * height, 0.16 * room.length)
    half_wave = (b - a) / n

    def stem(amplitude: float, samples: int = 28) -> Array:
        t = np.linspace(0.0, n, n * samples + 1)
        return np.column_stack([a + t * half_wave, layer.side * amplitude * np.sin(np.pi * t)])

    amplitude = largest(lambda y: room_left(room, [Stroke(stem(y), r)]) >= -1e-6, 0.05, room.half, 16) or 0.05
    line = stem(amplitude)
    whole = [Stroke(line, r)]

    def leaf(k: int, scale: float, seat: Seat) -> tuple[list[Drawable], list[Drawable]]:
        """Leaf and stalk in bend ``k``."""
        s = layer.side * (-1) ** k
        vary = _variation(layer, k)
        x0 = a + (k + 0.5) * half_wave
        start = np.array([x0 - 0.36 * half_wave, s * amplitude * np.cos(0.36 * np.pi)])
        base = np.array([x0 - seat.back * half_wave, s * seat.up * amplitude])
        angle = s * (seat.angle_deg + 3.0 * vary)
        knee = start + np.array([0.12 * half_wave, s * 0.14 * amplitude])
        stalk: list[Drawable] = [Stroke(bezier(start, knee, base), r)]
        size = scale * (1.0 - 0.04 * (1 + vary))
        return leaf_group(layer.leaf, base[0], base[1], angle, size, tip, layer.vein, r), stalk

    def fitted(k: int, seat: Seat, steps: int) -> float:
        near = [outline_of([Stroke(line[max(0, (k - 1) * 28) : (k + 2) * 28 + 1], r)])]

        def fits(scale: float) -> bool:
            group, _ = leaf(k, scale, seat)
            return room_left(room, group) >= 0.0 and gap_between(group, near) >= room.gap

        return largest(fits, 1.6 * room.stroke, height, steps) or 0.0

    elements: list[Drawable] = list(whole)
    if layer.leaf != "none":
        middle = n // 2
        seats = [
            Seat(layer.leaf_angle_deg + turn, back, up)
            for turn in (-8.0, 6.0)
            for back in (0.1, 0.2)
            for up in (0.06, 0.24)
        ]
        # All inner bends are alike: the best seat of the middle one serves all.
        best = max(seats, key=lambda seat: (fitted(middle, seat, 6), -abs(seat.angle_deg)))
        usual = min(fitted(middle, best, 12), fitted(min(middle + 1, n - 1), best, 12))
        for k in range(n):
            at = a + (k + 0.5) * half_wave
            inner = room.periodic or room.straight0 + half_wave < at < room.straight1 - half_wave
            scale = usual if inner and usual > 0.0 else fitted(k, best, 12)
            if layer.berries and k % 2 == 1:
                elements += _berries(room, leaf(k, 1.0, best), [Stroke(line[(k - 1) * 28 : (k + 2) * 28 + 1], r)], r)
            elif scale > 0.0:
                group, stalk = leaf(k, scale * layer.leaf_scale, best)
                elements += stalk + group
    if not room.periodic:
        elements += _vine_ends(layer, room, a, b, r)
    return elements


def _berries(room: Room, place: tuple[list[Drawable], list[Drawable]], near: list[Stroke], r: float) -> list[Drawable]:
    """Three berries on the stalk where a leaf would stand, as large as their gap allows."""
    leaf, stalk = place
    axis = next(e for e in reversed(leaf) if isinstance(e, Leaf))
    a = np.deg2rad(axis.angle_deg)
    along, across = np.array([np.cos(a), np.sin(a)]), np.array([-np.sin(a), np.cos(a)])
    base = np.array([axis.u, axis.v])

    def cluster(x: float) -> list[Drawable]:
        centres = [base + 1.1 * x * along + s * 0.95 * x * across for s in (-1.0, 1.0)] + [base + 2.7 * x * along]
        return [Bead(float(c[0]), float(c[1]), x) for c in centres]

    def fits(x: float) -> bool:
        return room_left(room, cluster(x)) >= 0.0 and gap_between(cluster(x), near) >= room.gap

    size = largest(fits, 0.5 * room.stroke, 0.3 * room.half)
    return [*stalk, *cluster(size)] if size is not None else [*stalk, Bead(float(base[0]), float(base[1]), 1.2 * r)]


def _vine_ends(layer: VineLayer, room: Room, a: float, b: float, r: float) -> list[Drawable]:
    """A ball where the stem starts and a leaf along the axis where it ends."""
    kind = "almond" if layer.leaf in ("none", "ivy") else layer.leaf
    length = room.u1 - b + r
    tip = 0.5 * room.stroke

    def end(width: float, long: float) -> Leaf:
        return Leaf(b - 0.5 * r, 0.0, 0.0, long, width, tip, belly=0.4, vein=layer.vein, base=r)

    broad = 0.8 if kind == "round" else 0.62
    last = broadest_leaf(room, end, [share * length for share in (1.0, 0.9, 0.8, 0.7, 0.6)], broad * length)
    return [Bead(a, 0.0, min(1.3 * r, a - room.u0)), last or end(room.stroke, 0.6 * length)]
