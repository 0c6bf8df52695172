"""Silhouettes of our own for what rings are most often asked for, drawn for figures three to five millimetres high.

Icons are drawn for screens: at the size of a charm many lose what they are known by. These keep to limbs an
eighth and gaps a tenth of the height; thinner lines are meant as engraving. Only ``train_charms.py`` imports
this: what is drawn here stands as outlines in the table of motifs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise

import numpy as np
from manifold3d import CrossSection, FillRule, JoinType
from numpy.typing import NDArray

from ringcad.generators.ornament.shapes import spline, star

LINE = 0.042
"""Width of an engraved line over the height."""
Points = Sequence[tuple[float, float]]
Array = NDArray[np.float64]


def shape(points: Points) -> CrossSection:
    """A polygon with its corners as they are."""
    return CrossSection([np.array(points, dtype=np.float64)], FillRule.NonZero)


def blob(points: Points) -> CrossSection:
    """A smooth closed outline through some points."""
    turned = [*points[-2:], *points, *points[:3]]
    line = spline(turned, samples=10)
    return CrossSection([line[20 : 20 + 10 * len(points)]], FillRule.NonZero)


def half(points: Points) -> CrossSection:
    """A smooth outline that is its own mirror image: from the top middle to the bottom middle along the right side."""
    line = spline(list(points), samples=10)
    return CrossSection([np.vstack([line, (line * (-1.0, 1.0))[-2:0:-1]])], FillRule.NonZero)


def disc(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0) -> CrossSection:
    a = np.linspace(0.0, 2.0 * np.pi, 73)[:-1]
    round_ = CrossSection([np.column_stack([rx * np.cos(a), (ry or rx) * np.sin(a)])])
    return round_.rotate(turn).translate((x, y))


def limb(points: Points, first: float, last: float | None = None, bow: bool = True) -> CrossSection:
    """A stroke of given widths at its ends, with round ends."""
    line = spline(list(points), samples=10) if bow and len(points) > 2 else np.array(points, dtype=np.float64)
    if not bow or len(points) == 2:
        parts = [np.linspace(a, b, 12) for a, b in pairwise(line)]
        line = np.vstack(parts)
    radii = 0.5 * np.linspace(first, first if last is None else last, len(line))
    discs = [disc(float(x), float(y), max(float(r), 0.004)) for (x, y), r in zip(line, radii, strict=True)]
    return union([CrossSection.batch_hull(list(pair)) for pair in pairwise(discs)])


def union(parts: Sequence[CrossSection]) -> CrossSection:
    return reduce(lambda a, b: a + b, parts)


def mirrored(part: CrossSection) -> CrossSection:
    """A part and its mirror image."""
    return part + part.mirror((1.0, 0.0))


def scored(body: CrossSection, *lines: Points, width: float = LINE) -> CrossSection:
    """A body with engraved lines."""
    return body - union([limb(line, width) for line in lines])


def over(front: CrossSection, behind: CrossSection, width: float = LINE) -> CrossSection:
    """One form before another, a line between them."""
    return front + (behind - front.offset(width, JoinType.Round))


def arc(x: float, y: float, r: float, first: float, last: float) -> Points:
    a = np.deg2rad(np.linspace(first, last, 9))
    return [(x + r * float(np.cos(t)), y + r * float(np.sin(t))) for t in a]


def around(part: CrossSection, count: int, turn: float = 0.0) -> CrossSection:
    return union([part.rotate(turn + 360.0 * k / count) for k in range(count)])


def _paw() -> CrossSection:
    pad = half([(0, 0.02), (0.13, -0.03), (0.3, -0.24), (0.25, -0.42), (0.1, -0.42), (0, -0.39)])
    toes = disc(0.155, 0.27, 0.1, 0.16, 6) + disc(0.39, 0.04, 0.095, 0.145, -22)
    return pad + mirrored(toes)


def _bee() -> CrossSection:
    body = half([(0, 0.2), (0.13, 0.14), (0.17, -0.08), (0.11, -0.34), (0, -0.5)])
    body = scored(body, [(-0.3, -0.06), (0, -0.1), (0.3, -0.06)], [(-0.3, -0.24), (0, -0.29), (0.3, -0.24)], width=0.06)
    head = disc(0, 0.29, 0.12, 0.105)
    feelers = limb([(0.05, 0.34), (0.1, 0.44), (0.17, 0.49)], 0.06)
    wings = over(disc(0.33, 0.15, 0.27, 0.135, 24), disc(0.27, -0.1, 0.2, 0.105, -24))
    wings = scored(wings, [(0.16, 0.06), (0.48, 0.2)])
    return over(body + head + mirrored(feelers), mirrored(wings))


def _butterfly() -> CrossSection:
    upper = blob([(0.04, 0.06), (0.12, 0.26), (0.34, 0.42), (0.52, 0.4), (0.5, 0.2), (0.38, 0.03), (0.2, -0.01)])
    lower = blob([(0.04, -0.02), (0.2, -0.05), (0.36, -0.1), (0.38, -0.28), (0.25, -0.4), (0.11, -0.28)])
    wings = over(upper, lower) - disc(0.35, 0.25, 0.04) - disc(0.24, -0.22, 0.036)
    wings = scored(wings, [(0.08, 0.08), (0.27, 0.18)], [(0.09, -0.08), (0.18, -0.16)])
    body = limb([(0, 0.2), (0, -0.3)], 0.1, 0.06)
    feelers = limb([(0.02, 0.2), (0.07, 0.33), (0.16, 0.43)], 0.05)
    return over(body + mirrored(feelers), mirrored(wings))


def _heart_leaf() -> CrossSection:
    leaf = half([(0, 0.36), (0.07, 0.41), (0.18, 0.4), (0.225, 0.29), (0.16, 0.16), (0.0, 0.02)])
    return scored(leaf, [(0, 0.06), (0, 0.27)])


def _clover_four() -> CrossSection:
    leaf = half([(0, 0.37), (0.07, 0.44), (0.19, 0.43), (0.24, 0.31), (0.17, 0.15), (0.0, 0.0)])
    leaves = around(leaf, 4, 45)
    cuts = union([limb([(0, 0.0), (0, 0.3)], LINE).rotate(90.0 * k) for k in range(4)])
    stem = limb([(0.0, 0.0), (0.05, -0.32), (0.26, -0.54)], 0.07, 0.1)
    return over(leaves - cuts, stem, 0.05).rotate(-8)


def _shamrock() -> CrossSection:
    leaves = around(_heart_leaf().scale((1.25, 1.12)).translate((0, 0.02)), 3)
    return over(leaves, limb([(0, 0), (-0.03, -0.3), (0.1, -0.52)], 0.08, 0.11), 0.05)


def _snake() -> CrossSection:
    t = np.linspace(0.0, 1.0, 15)
    spine = [(float(-0.95 + 1.7 * s), float(0.34 * np.sin(2.0 * np.pi * 1.5 * s) * (0.6 + 0.4 * s))) for s in t]
    widths = limb(spine, 0.06, 0.24)
    head = blob([(0.66, -0.36), (0.84, -0.47), (1.08, -0.36), (1.16, -0.2), (1.02, -0.08), (0.8, -0.12)])
    tongue = limb([(1.12, -0.22), (1.3, -0.18)], 0.07)
    rings = [limb([(x, y - 0.24), (x, y + 0.24)], LINE) for x, y in spine[3:13]]
    return over(head + tongue - disc(1.0, -0.2, 0.045), widths - union(rings), 0.03)


def _lion() -> CrossSection:
    locks = union([disc(0.36 * np.cos(a), 0.36 * np.sin(a), 0.13) for a in np.deg2rad(np.arange(0, 360, 30.0) + 15)])
    mane = locks + disc(0, 0, 0.38)
    rays = [
        limb([(0.3 * np.cos(a), 0.3 * np.sin(a)), (0.46 * np.cos(a), 0.46 * np.sin(a))], LINE)
        for a in np.deg2rad(np.arange(0, 360, 30.0))
    ]
    mane = mane - union(rays)
    face = half([(0, 0.24), (0.1, 0.25), (0.21, 0.12), (0.19, -0.1), (0.1, -0.27), (0, -0.29)])
    ears = mirrored(disc(0.19, 0.23, 0.075))
    face = face + ears
    nose = shape([(-0.075, -0.03), (0.075, -0.03), (0.0, -0.12)])
    marks = nose + mirrored(disc(0.095, 0.07, 0.034, 0.03)) + limb([(0, -0.1), (0, -0.18)], LINE)
    marks = marks + mirrored(limb(arc(0.055, -0.16, 0.055, 180, 340), LINE))
    return over(face - marks, mane, 0.05)


def _cat() -> CrossSection:
    body = half([(0, 0.12), (0.12, 0.08), (0.24, -0.16), (0.26, -0.42), (0.12, -0.5), (0, -0.5)])
    head = disc(0, 0.22, 0.19, 0.165) + mirrored(shape([(0.03, 0.33), (0.17, 0.47), (0.19, 0.24)]))
    tail = limb([(0.14, -0.42), (0.36, -0.4), (0.42, -0.2), (0.34, -0.02), (0.42, 0.1)], 0.11, 0.09)
    marks = mirrored(disc(0.08, 0.24, 0.03, 0.035)) + shape([(-0.035, 0.17), (0.035, 0.17), (0, 0.13)])
    return over(over(head - marks, scored(body, [(0, -0.24), (0, -0.5)])), tail)


def _fish() -> CrossSection:
    body = blob([(0.55, 0.0), (0.3, 0.18), (-0.05, 0.22), (-0.35, 0.05), (-0.35, -0.05), (-0.05, -0.22), (0.3, -0.18)])
    tail = blob([(-0.34, 0.0), (-0.5, 0.18), (-0.66, 0.26), (-0.58, 0.0), (-0.66, -0.26), (-0.5, -0.18)])
    body = scored(body, arc(0.16, 0.0, 0.2, -65, 65)[::-1], arc(-0.04, 0.0, 0.13, -60, 60), arc(-0.2, 0, 0.12, -60, 60))
    return over(body - disc(0.4, 0.05, 0.035), tail)


def _dolphin() -> CrossSection:
    body = blob(
        [(0.62, -0.1), (0.5, 0.02), (0.3, 0.2), (0.0, 0.25), (-0.3, 0.13), (-0.52, -0.12), (-0.3, 0.0), (0.0, 0.02),
         (0.28, -0.03), (0.45, -0.1)]
    )  # fmt: skip
    fin = blob([(0.06, 0.2), (-0.02, 0.36), (-0.14, 0.42), (-0.12, 0.2)])
    flipper = blob([(0.26, 0.02), (0.16, -0.14), (0.02, -0.22), (0.08, 0.02)])
    tail = blob([(-0.42, -0.0), (-0.72, -0.0), (-0.62, -0.14), (-0.58, -0.36), (-0.36, -0.16)])
    return scored(body + fin + flipper + tail, [(0.6, -0.06), (0.42, -0.0)]) - disc(0.4, 0.08, 0.03)


def _dove() -> CrossSection:
    body = blob(
        [
            (0.5, 0.1),
            (0.36, 0.22),
            (0.22, 0.14),
            (0.0, 0.02),
            (-0.3, -0.08),
            (-0.58, -0.06),
            (-0.5, -0.22),
            (-0.26, -0.26),
            (0.02, -0.28),
            (0.24, -0.14),
            (0.36, 0.06),
        ]
    )
    wing = blob([(0.16, 0.0), (0.12, 0.26), (-0.1, 0.46), (-0.36, 0.5), (-0.3, 0.24), (-0.22, 0.02), (-0.02, -0.12)])
    wing = scored(wing, [(-0.02, -0.02), (-0.14, 0.42)], [(-0.14, -0.02), (-0.27, 0.36)])
    return over(wing, body) - disc(0.36, 0.13, 0.028)


def _hummingbird() -> CrossSection:
    body = blob(
        [(0.3, 0.2), (0.16, 0.3), (0.02, 0.18), (-0.12, -0.08), (-0.3, -0.42), (-0.12, -0.3), (0.1, -0.1), (0.26, 0.06)]
    )
    bill = limb([(0.26, 0.22), (0.62, 0.3)], 0.085, 0.06, bow=False)
    wing = blob([(0.1, 0.1), (0.0, 0.32), (-0.3, 0.52), (-0.5, 0.5), (-0.42, 0.28), (-0.2, 0.06)])
    wing = scored(wing, [(-0.02, 0.14), (-0.38, 0.44)], [(-0.1, 0.08), (-0.38, 0.3)])
    fork = limb([(-0.2, -0.3), (-0.42, -0.46)], 0.12, 0.08)
    return over(body + bill - disc(0.19, 0.21, 0.028), wing + fork, 0.035)


def _cross() -> CrossSection:
    def arm(length: float) -> CrossSection:
        return half([(0, length), (0.13, length + 0.015), (0.085, length - 0.2), (0.07, 0.0)]) + disc(0, 0, 0.07)

    body = arm(0.42) + arm(0.36).rotate(90) + arm(0.36).rotate(-90) + arm(0.6).rotate(180)
    return over(disc(0, 0, 0.1), body, 0.05)


def _key() -> CrossSection:
    bow = around(disc(0, 0.16, 0.15), 3, 0).translate((0, 0.55)) - around(disc(0, 0.16, 0.065), 3).translate((0, 0.55))
    shaft = shape([(-0.06, 0.4), (0.06, 0.4), (0.06, -0.75), (-0.06, -0.75)])
    collar = shape([(-0.12, 0.36), (0.12, 0.36), (0.12, 0.24), (-0.12, 0.24)])
    bit = shape(
        [(0.0, -0.4), (0.32, -0.4), (0.32, -0.52), (0.2, -0.52), (0.2, -0.6), (0.32, -0.6), (0.32, -0.72), (0, -0.72)]
    )
    return over(collar, bow + shaft + bit, 0.03)


def _sword() -> CrossSection:
    blade = shape([(-0.09, 0.42), (0.09, 0.42), (0.075, -0.8), (0.0, -1.0), (-0.075, -0.8)])
    blade = scored(blade, [(0, 0.36), (0, -0.7)])
    guard = limb([(-0.34, 0.38), (-0.2, 0.46), (0, 0.47), (0.2, 0.46), (0.34, 0.38)], 0.12)
    grip = shape([(-0.065, 0.5), (0.065, 0.5), (0.055, 0.8), (-0.055, 0.8)])
    grip = scored(grip, [(-0.1, 0.6), (0.1, 0.64)], [(-0.1, 0.7), (0.1, 0.74)])
    return over(guard + disc(0, 0.87, 0.11), blade + grip, 0.035)


def _note() -> CrossSection:
    heads = disc(-0.27, -0.36, 0.17, 0.125, 20) + disc(0.24, -0.24, 0.17, 0.125, 20)
    stems = shape([(-0.2, -0.35), (-0.1, -0.35), (-0.1, 0.3), (-0.2, 0.3)])
    stems = stems + shape([(0.31, -0.25), (0.41, -0.25), (0.41, 0.42), (0.31, 0.42)])
    beam = shape([(-0.2, 0.36), (0.41, 0.5), (0.41, 0.3), (-0.2, 0.16)])
    return heads + stems + beam


def _sun() -> CrossSection:
    ray = half([(0, 0.5), (0.06, 0.44), (0.1, 0.3), (0.1, 0.2), (0, 0.18)])
    return over(disc(0, 0, 0.23), around(ray, 8) + disc(0, 0, 0.25), 0.05)


def _mountain() -> CrossSection:
    def peak(x: float, y: float, wide: float) -> CrossSection:
        body = shape([(x - wide, -0.3), (x + wide, -0.3), (x + 0.03, y), (x - 0.03, y)])
        s, low = (y + 0.3) * 0.34, wide * 0.36
        line = [(x - low - 0.1, y - s), (x - 0.4 * low, y - s + 0.07), (x, y - s - 0.04), (x + 0.4 * low, y - s + 0.07)]
        return body - limb([*line, (x + low + 0.1, y - s)], 0.05, bow=False)

    return over(peak(0.02, 0.42, 0.48), peak(-0.46, 0.16, 0.36) + peak(0.5, 0.22, 0.38), 0.05)


def _turtle() -> CrossSection:
    shell = disc(0, 0, 0.27, 0.31)
    ring = around(limb([(0, 0.14), (0, 0.36)], LINE), 6)
    hexagon = around(limb([(0.121, 0.07), (0.0, 0.14)], LINE, bow=False), 6)
    limbs = mirrored(disc(0.33, 0.27, 0.1, 0.2, -46) + disc(0.27, -0.33, 0.09, 0.16, 40))
    return over(
        shell - ring - hexagon,
        limbs + disc(0, 0.44, 0.12, 0.15) + shape([(-0.05, -0.3), (0.05, -0.3), (0, -0.44)]),
        0.04,
    )


def _ladybird() -> CrossSection:
    shell = disc(0, -0.06, 0.34, 0.38) - disc(0, 0.36, 0.2, 0.16)
    marks = limb([(0, 0.3), (0, -0.5)], LINE)
    spots = mirrored(disc(0.16, 0.07, 0.04) + disc(0.15, -0.2, 0.04))
    head = disc(0, 0.33, 0.17, 0.12)
    feelers = mirrored(limb([(0.07, 0.4), (0.12, 0.5), (0.2, 0.54)], 0.06))
    return over(shell, head + feelers, 0.045) - marks - spots


def _fox() -> CrossSection:
    face = half([(0, 0.14), (0.14, 0.16), (0.32, 0.04), (0.5, -0.1), (0.34, -0.17), (0.16, -0.36), (0.0, -0.46)])
    ears = blob([(0.06, 0.12), (0.2, 0.36), (0.33, 0.5), (0.42, 0.44), (0.43, 0.2), (0.38, 0.0)])
    ears = scored(ears, [(0.25, 0.12), (0.35, 0.38)])
    marks = mirrored(limb([(0.46, -0.1), (0.2, -0.09), (0.05, -0.36)], LINE) + disc(0.16, 0.02, 0.05, 0.035, 25))
    return (face + mirrored(ears)) - marks


def _wolf() -> CrossSection:
    face = half(
        [(0, 0.16), (0.12, 0.18), (0.28, 0.1), (0.44, -0.12), (0.32, -0.2), (0.25, -0.34), (0.12, -0.48), (0, -0.5)]
    )
    ears = blob([(0.05, 0.14), (0.13, 0.36), (0.22, 0.52), (0.31, 0.48), (0.35, 0.26), (0.35, 0.04)])
    ears = scored(ears, [(0.19, 0.18), (0.24, 0.4)])
    eyes = mirrored(shape([(0.07, -0.01), (0.2, 0.07), (0.18, -0.03)]))
    muzzle = mirrored(limb([(0.07, -0.06), (0.1, -0.22), (0.24, -0.28)], LINE, bow=False))
    return (face + mirrored(ears)) - eyes - muzzle - shape([(-0.08, -0.27), (0.08, -0.27), (0, -0.37)])


def _stag() -> CrossSection:
    face = half([(0, 0.04), (0.1, 0.05), (0.14, -0.06), (0.1, -0.3), (0.07, -0.42), (0, -0.45)])
    ears = mirrored(disc(0.24, 0.02, 0.12, 0.055, 18))
    beam = limb([(0.07, 0.04), (0.14, 0.16), (0.32, 0.24), (0.36, 0.48)], 0.085, 0.06)
    tines = limb([(0.14, 0.17), (0.13, 0.34)], 0.075, 0.055) + limb([(0.3, 0.23), (0.46, 0.33)], 0.075, 0.055)
    marks = mirrored(disc(0.075, -0.07, 0.028)) + shape([(-0.055, -0.34), (0.055, -0.34), (0, -0.4)])
    return face + ears + mirrored(beam + tines) - marks


def _owl() -> CrossSection:
    body = half(
        [(0, 0.38), (0.14, 0.4), (0.27, 0.48), (0.29, 0.24), (0.33, 0.0), (0.29, -0.28), (0.14, -0.44), (0, -0.46)]
    )
    socket = mirrored(disc(0.145, 0.19, 0.13) - disc(0.145, 0.19, 0.07))
    beak = shape([(-0.05, 0.06), (0.05, 0.06), (0, -0.06)])
    wing = mirrored(limb([(0.2, 0.04), (0.17, -0.18), (0.11, -0.4)], LINE))
    feet = mirrored(disc(0.09, -0.46, 0.06, 0.045))
    return over(body - socket - beak - wing, feet, 0.03)


def _horseshoe() -> CrossSection:
    outer = half([(0, 0.46), (0.26, 0.4), (0.4, 0.14), (0.36, -0.2), (0.24, -0.46), (0, -0.47)])
    inner = half([(0, 0.26), (0.13, 0.22), (0.21, 0.06), (0.18, -0.2), (0.08, -0.6), (0, -0.6)])
    holes = mirrored(disc(0.17, 0.33, 0.036) + disc(0.3, 0.12, 0.036) + disc(0.27, -0.12, 0.036))
    return (outer - inner - holes).rotate(180)


def _compass() -> CrossSection:
    long_ = half([(0, 0.52), (0.07, 0.42), (0.13, 0.12), (0, 0)])
    short = half([(0, 0.33), (0.06, 0.27), (0.12, 0.1), (0, 0)])
    return over(around(scored(long_, [(0, 0.06), (0, 0.4)]), 4), around(short, 4, 45), 0.04)


def _tree() -> CrossSection:
    crown = around(disc(0, 0.23, 0.15), 7).translate((0, 0.16)) + disc(0, 0.16, 0.24)
    trunk = half([(0, 0.1), (0.05, 0.08), (0.06, -0.2), (0.1, -0.36), (0.24, -0.48), (0.0, -0.44)])
    boughs = mirrored(limb([(0.02, -0.05), (0.1, 0.08), (0.22, 0.13)], 0.05)) + limb([(0, 0), (0, 0.26)], 0.05)
    boughs = boughs + mirrored(limb([(0.02, 0.08), (0.12, 0.24)], 0.045))
    return over(trunk, crown, 0.05) - boughs.translate((0, 0.06))


def _rabbit() -> CrossSection:
    body = disc(-0.06, -0.22, 0.32, 0.24, 10) + disc(-0.36, -0.2, 0.1)
    thigh = limb(arc(-0.14, -0.3, 0.17, 20, 170), LINE)
    head = disc(0.26, 0.04, 0.19, 0.155, -15)
    ears = limb([(0.2, 0.14), (0.1, 0.32), (0.06, 0.48)], 0.12, 0.08) + limb(
        [(0.28, 0.16), (0.28, 0.34), (0.3, 0.5)], 0.12, 0.08
    )
    feet = disc(0.2, -0.42, 0.14, 0.06) + disc(-0.18, -0.43, 0.18, 0.06)
    return over(head + ears, body - thigh + feet, 0.035) - disc(0.31, 0.08, 0.032)


def _gecko() -> CrossSection:
    body = limb([(0.02, 0.5), (0.0, 0.3), (0.06, 0.05), (0.0, -0.14)], 0.2, 0.16)
    tail = limb([(0.0, -0.12), (-0.1, -0.34), (0.06, -0.56), (0.26, -0.5)], 0.14, 0.05)
    legs = union(
        [limb(line, 0.085, 0.1) for line in (
            [(0.02, 0.26), (0.24, 0.3), (0.3, 0.46)], [(0.02, 0.26), (-0.2, 0.2), (-0.32, 0.34)],
            [(0.02, -0.08), (0.24, -0.06), (0.32, -0.22)], [(0.02, -0.08), (-0.2, -0.04), (-0.3, -0.2)])]
    )  # fmt: skip
    spine = [disc(0.02, 0.26, 0.026), disc(0.05, 0.12, 0.026), disc(0.03, -0.02, 0.026)]
    return body + tail + legs - mirrored(disc(0.06, 0.52, 0.03)).translate((0.02, -0.02)) - union(spine)


def _dragonfly() -> CrossSection:
    body = limb([(0, 0.3), (0, -0.5)], 0.11, 0.08) + disc(0, 0.36, 0.11, 0.09)
    body = body - union([limb([(-0.2, y), (0.2, y)], 0.035) for y in (-0.06, -0.2, -0.34)])
    upper, lower = disc(0.32, 0.22, 0.3, 0.085, 12), disc(0.29, 0.02, 0.26, 0.08, -14)
    return over(body, mirrored(over(upper, lower, 0.05)), 0.035)


def _star_moon() -> CrossSection:
    moon = disc(-0.06, 0, 0.46) - disc(0.14, 0.06, 0.38)
    return moon + union([_star(5, 0.2, 0.09).translate((0.2, 0.04))])


def _star(points: int, outer: float, inner: float) -> CrossSection:
    return CrossSection([star(points, outer, inner)])


def _dragon() -> CrossSection:
    spine = [
        (-0.9, 0.1),
        (-0.72, -0.16),
        (-0.42, -0.2),
        (-0.2, 0.04),
        (0.06, 0.08),
        (0.26, -0.14),
        (0.5, -0.12),
        (0.6, 0.14),
    ]
    body = limb(spine, 0.06, 0.21)
    head = blob([(0.48, 0.12), (0.52, 0.34), (0.68, 0.38), (0.94, 0.28), (1.0, 0.18), (0.8, 0.16), (0.7, 0.02)])
    jaw = blob([(0.66, 0.12), (0.78, 0.06), (0.94, 0.06), (0.84, -0.02), (0.66, -0.02)])
    horn = limb([(0.6, 0.32), (0.46, 0.44), (0.36, 0.46)], 0.09, 0.05)
    wing = shape([(0.1, 0.1), (-0.02, 0.52), (-0.5, 0.44), (-0.36, 0.34), (-0.42, 0.22), (-0.24, 0.2), (-0.2, 0.06)])
    wing = scored(wing, [(-0.0, 0.48), (-0.2, 0.12)], [(0.0, 0.46), (-0.36, 0.28)])
    barb = shape([(-0.84, 0.12), (-1.02, 0.08), (-0.96, 0.34), (-0.82, 0.22)])
    legs = limb([(0.3, -0.12), (0.34, -0.34), (0.44, -0.36)], 0.11, 0.08) + limb(
        [(-0.3, -0.1), (-0.26, -0.34), (-0.14, -0.36)], 0.12, 0.08
    )
    front = body + head + jaw + horn + barb
    return over(over(front, wing, 0.04), legs, 0.03) - disc(0.72, 0.27, 0.035)


CHARMS: dict[str, Callable[[], CrossSection]] = {
    "paw": _paw,
    "paw-print": _paw,
    "dog-paw": _paw,
    "bee": _bee,
    "honey-bee": _bee,
    "butterfly": _butterfly,
    "four-leaf-clover": _clover_four,
    "lucky-clover": _clover_four,
    "shamrock": _shamrock,
    "clover": _clover_four,
    "snake": _snake,
    "serpent": _snake,
    "lion": _lion,
    "cat": _cat,
    "fish": _fish,
    "dolphin": _dolphin,
    "bird": _dove,
    "dove": _dove,
    "hummingbird": _hummingbird,
    "cross": _cross,
    "key": _key,
    "sword": _sword,
    "music-note": _note,
    "music": _note,
    "sun": _sun,
    "mountain": _mountain,
    "mountains": _mountain,
    "turtle": _turtle,
    "tortoise": _turtle,
    "ladybird": _ladybird,
    "ladybug": _ladybird,
    "fox": _fox,
    "wolf": _wolf,
    "stag": _stag,
    "deer-head": _stag,
    "owl": _owl,
    "horseshoe": _horseshoe,
    "compass": _compass,
    "compass-rose": _compass,
    "tree": _tree,
    "tree-of-life": _tree,
    "rabbit": _rabbit,
    "hare": _rabbit,
    "gecko": _gecko,
    "lizard": _gecko,
    "dragonfly": _dragonfly,
    "moon-and-star": _star_moon,
    "dragon": _dragon,
}
