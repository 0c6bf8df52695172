"""More silhouettes of our own: what was asked for and had no figure that reads on a ring. See ``charms.py``."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from manifold3d import CrossSection

from ringcad.generators.ornament.charms import (
    LINE,
    arc,
    around,
    blob,
    disc,
    half,
    limb,
    mirrored,
    over,
    scored,
    shape,
    union,
)


def _bare_skull() -> CrossSection:
    head = half(
        [(0, 0.5), (0.26, 0.45), (0.44, 0.22), (0.41, -0.04), (0.28, -0.17), (0.24, -0.26), (0.22, -0.44), (0.1, -0.5),
         (0, -0.5)]
    )  # fmt: skip
    return head - mirrored(disc(0.17, 0.03, 0.1, 0.115, -12)) - shape([(0, -0.07), (0.055, -0.19), (-0.055, -0.19)])


def _skull() -> CrossSection:
    return scored(_bare_skull(), [(0, -0.3), (0, -0.6)], [(0.11, -0.3), (0.12, -0.6)], [(-0.11, -0.3), (-0.12, -0.6)])


def _skull_bones() -> CrossSection:
    bone = limb([(-0.46, -0.34), (0.46, 0.1)], 0.12) + disc(-0.5, -0.29, 0.09) + disc(-0.43, -0.41, 0.09)
    bone = bone + disc(0.5, 0.06, 0.09) + disc(0.43, 0.17, 0.09)
    skull = _skull().scale((0.84, 0.84)).translate((0, 0.12))
    return over(skull, mirrored(bone.translate((0, -0.14))), 0.045)


def _skull_profile() -> CrossSection:
    head = blob(
        [(0.36, 0.12), (0.3, 0.36), (0.06, 0.5), (-0.24, 0.44), (-0.42, 0.2), (-0.38, -0.04), (-0.18, -0.16),
         (-0.04, -0.26), (0.06, -0.46), (0.26, -0.48), (0.36, -0.38), (0.34, -0.24), (0.42, -0.14), (0.34, -0.02)]
    )  # fmt: skip
    marks = disc(0.18, 0.06, 0.105, 0.115) + shape([(0.34, -0.06), (0.44, -0.16), (0.3, -0.16)])
    marks = marks + limb([(0.1, -0.29), (0.44, -0.27)], LINE) + limb([(0.22, -0.24), (0.22, -0.38)], 0.036)
    return head - marks - limb(arc(-0.1, 0.02, 0.14, 200, 300), LINE)


def _skull_heart() -> CrossSection:
    heart = half([(0, 0.36), (0.035, 0.39), (0.085, 0.37), (0.07, 0.31), (0, 0.23)])
    teeth = limb([(-0.19, -0.31), (0, -0.35), (0.19, -0.31)], LINE) + limb([(0, -0.27), (0, -0.43)], LINE)
    return _bare_skull() - heart - teeth


def _scallop() -> CrossSection:
    angles = np.deg2rad(np.linspace(14.0, 166.0, 7))
    ends = [(0.44 * float(np.cos(a)), -0.26 + 0.66 * float(np.sin(a))) for a in angles]
    body = union([disc(x, y, 0.105) for x, y in ends]) + shape([(0.0, -0.42), *ends])
    middle = [0.5 * (a + b) for a, b in pairwise(angles)]
    ribs = [
        [
            (0.1 * float(np.cos(a)), -0.3 + 0.1 * float(np.sin(a))),
            (0.6 * float(np.cos(a)), -0.26 + 0.86 * float(np.sin(a))),
        ]
        for a in middle
    ]
    ears = mirrored(shape([(0.0, -0.3), (0.2, -0.33), (0.2, -0.47), (0.0, -0.45)]))
    return over(scored(body, *ribs), ears, 0.04)


def _crescent() -> CrossSection:
    return disc(0, 0, 0.5) - disc(0.19, 0.07, 0.4)


def _fir() -> CrossSection:
    def tier(low: float, high: float, wide: float) -> CrossSection:
        right = [
            (0.0, high),
            (0.36 * wide, 0.5 * (low + high)),
            (wide, low),
            (0.5 * wide, low + 0.05),
            (0.0, low - 0.02),
        ]
        return shape(right + [(-x, y) for x, y in right[-2:0:-1]])

    crown = over(tier(0.1, 0.5, 0.24), over(tier(-0.12, 0.3, 0.33), tier(-0.36, 0.1, 0.4), 0.05), 0.05)
    return over(crown, shape([(-0.08, -0.3), (0.08, -0.3), (0.08, -0.5), (-0.08, -0.5)]), 0.03)


def _gear() -> CrossSection:
    tooth = shape([(-0.115, 0.3), (-0.075, 0.5), (0.075, 0.5), (0.115, 0.3)])
    return around(tooth, 8) + disc(0, 0, 0.37) - (disc(0, 0, 0.275) - disc(0, 0, 0.235)) - disc(0, 0, 0.105)


def _octopus() -> CrossSection:
    head = half([(0, 0.5), (0.18, 0.46), (0.27, 0.28), (0.22, 0.08), (0.16, -0.08), (0, -0.1)])
    head = head - mirrored(disc(0.105, 0.17, 0.042, 0.05))
    arms = [
        [(0.12, 0.0), (0.3, -0.05), (0.44, 0.06), (0.46, 0.22), (0.36, 0.26)],
        [(0.1, -0.04), (0.3, -0.2), (0.48, -0.16), (0.54, -0.04)],
        [(0.05, -0.06), (0.16, -0.34), (0.34, -0.42), (0.44, -0.34)],
    ]
    limbs = union([limb(arm, 0.15, 0.075) for arm in arms])
    return over(head, mirrored(limbs) + limb([(0, -0.05), (0, -0.44)], 0.14, 0.08), 0.035)


def _tentacle() -> CrossSection:
    path = [
        (-0.62, -0.36),
        (-0.34, -0.34),
        (-0.06, -0.16),
        (0.14, 0.14),
        (0.38, 0.3),
        (0.6, 0.2),
        (0.6, -0.02),
        (0.44, -0.08),
    ]
    arm = limb(path, 0.34, 0.1)
    cups = [(-0.44, -0.43, 0.05), (-0.2, -0.35, 0.05), (0.02, -0.15, 0.045), (0.2, 0.1, 0.04), (0.39, 0.23, 0.035)]
    return arm - union([disc(x, y, r) for x, y, r in cups])


def _scarab() -> CrossSection:
    wings = half([(0, 0.14), (0.22, 0.12), (0.3, -0.08), (0.24, -0.34), (0.08, -0.48), (0, -0.5)])
    wings = scored(wings, [(0, 0.2), (0, -0.6)], [(0.15, 0.02), (0.15, -0.3)], [(-0.15, 0.02), (-0.15, -0.3)])
    collar = half([(0, 0.32), (0.18, 0.31), (0.26, 0.2), (0.22, 0.13), (0, 0.12)])
    head = half([(0, 0.47), (0.06, 0.5), (0.12, 0.42), (0.12, 0.32), (0, 0.3)])
    legs = [
        [(0.16, 0.22), (0.36, 0.26), (0.38, 0.46)],
        [(0.2, -0.04), (0.44, 0.02), (0.52, -0.1)],
        [(0.18, -0.2), (0.42, -0.24), (0.44, -0.46)],
    ]
    front = over(wings, over(collar, head, 0.04), 0.045)
    return over(front, mirrored(union([limb(leg, 0.1, 0.075, bow=False) for leg in legs])), 0.03)


def _star_eight() -> CrossSection:
    square = shape([(-0.36, -0.36), (0.36, -0.36), (0.36, 0.36), (-0.36, 0.36)])
    star = square + square.rotate(45)
    inner = star.scale((0.62, 0.62))
    return star - (inner - inner.scale((0.8, 0.8)))


def _lotus() -> CrossSection:
    middle = half([(0, 0.46), (0.07, 0.34), (0.13, 0.1), (0.1, -0.12), (0, -0.26)])
    second = blob([(0.05, -0.24), (0.1, 0.02), (0.24, 0.26), (0.31, 0.33), (0.32, 0.12), (0.24, -0.12)])
    third = blob([(0.06, -0.26), (0.24, -0.08), (0.42, 0.06), (0.54, 0.1), (0.48, -0.1), (0.3, -0.26)])
    cup = half([(0, -0.27), (0.2, -0.3), (0.14, -0.4), (0.05, -0.46), (0, -0.46)])
    return over(cup, over(middle, over(mirrored(second), mirrored(third), 0.045), 0.045), 0.04)


def _pomegranate() -> CrossSection:
    fruit = disc(0, -0.1, 0.4, 0.38)
    crown = shape([(-0.1, 0.2), (-0.22, 0.5), (-0.08, 0.39), (0, 0.53), (0.08, 0.39), (0.22, 0.5), (0.1, 0.2)])
    opening = half([(0, 0.17), (0.13, 0.04), (0.18, -0.12), (0.12, -0.3), (0, -0.4)])
    lens = opening - opening.translate((0, 0.11)).scale((0.76, 0.86)).translate((0, -0.11))
    seeds = disc(0.0, -0.01, 0.04) + mirrored(disc(0.065, -0.12, 0.04)) + disc(0.0, -0.24, 0.04)
    return over(crown, fruit - lens - seeds, 0.03)


def _barbed_wire() -> CrossSection:
    t = np.linspace(0.0, 1.0, 17)
    one = [(float(1.7 * s - 0.85), float(0.075 * np.cos(4.0 * np.pi * s))) for s in t]
    wires = over(limb(one, 0.1), limb([(x, -y) for x, y in one], 0.1), 0.03)
    barb = limb([(-0.05, 0.0), (-0.16, 0.4)], 0.11, 0.05) + limb([(0.05, 0.0), (0.16, -0.4)], 0.11, 0.05)
    barb = barb + limb([(0.05, 0.0), (0.2, 0.36)], 0.11, 0.05) + limb([(-0.05, 0.0), (-0.2, -0.36)], 0.11, 0.05)
    coil = disc(0, 0, 0.15, 0.16) - union([limb([(x - 0.03, 0.3), (x + 0.03, -0.3)], 0.03) for x in (-0.05, 0.05)])
    return over(coil, wires + barb, 0.03)


def _treble_clef() -> CrossSection:
    curl = [(0.02, -0.2), (-0.07, -0.14), (-0.03, -0.02), (0.11, -0.02), (0.19, -0.15), (0.12, -0.3), (-0.06, -0.34),
            (-0.24, -0.22), (-0.24, -0.02), (-0.08, 0.16), (0.1, 0.3), (0.13, 0.46), (0.05, 0.56)]  # fmt: skip
    stem = [(0.05, 0.56), (-0.05, 0.46), (-0.05, 0.3), (0.02, -0.02), (0.08, -0.42), (0.0, -0.56), (-0.12, -0.54)]
    return over(limb(stem, 0.075) + disc(-0.13, -0.49, 0.075), limb(curl, 0.085, 0.075), 0.03)


def _swallow() -> CrossSection:
    body = half([(0, 0.44), (0.085, 0.37), (0.13, 0.18), (0.115, -0.06), (0.06, -0.26), (0, -0.3)])
    wing = blob([(0.04, 0.26), (0.26, 0.31), (0.46, 0.18), (0.62, -0.16), (0.44, 0.02), (0.26, 0.1), (0.05, 0.06)])
    streamer = limb([(0.03, -0.2), (0.1, -0.36), (0.22, -0.62)], 0.11, 0.055)
    beak = shape([(-0.04, 0.38), (0.04, 0.38), (0, 0.5)])
    return over(body + beak + mirrored(streamer), mirrored(wing), 0.03).rotate(-55)


def _ribbon_bow() -> CrossSection:
    loop = blob([(0.02, 0.08), (0.22, 0.3), (0.46, 0.34), (0.54, 0.16), (0.44, 0.0), (0.2, -0.02)])
    loop = loop - blob([(0.18, 0.12), (0.32, 0.2), (0.42, 0.17), (0.34, 0.1)])
    tail = shape([(0.0, 0.0), (0.12, 0.0), (0.36, -0.34), (0.26, -0.33), (0.21, -0.42), (0.06, -0.18)])
    return over(disc(0, 0.08, 0.095, 0.11), over(mirrored(loop), mirrored(tail), 0.04), 0.04)


CHARMS_MORE: dict[str, Callable[[], CrossSection]] = {
    "skull": _skull,
    "skull-2": _skull_profile,
    "skull-3": _skull_heart,
    "skull-and-crossbones": _skull_bones,
    "skull-and-bones": _skull_bones,
    "skull-with-crossed-bones": _skull_bones,
    "scallop": _scallop,
    "scallop-shell": _scallop,
    "shell": _scallop,
    "seashell": _scallop,
    "crescent-moon": _crescent,
    "crescent": _crescent,
    "moon": _crescent,
    "pine-tree": _fir,
    "fir-tree": _fir,
    "evergreen-tree": _fir,
    "gear": _gear,
    "gear-wheel": _gear,
    "cog": _gear,
    "octopus": _octopus,
    "octopus-tentacle": _tentacle,
    "tentacle": _tentacle,
    "scarab": _scarab,
    "scarab-beetle": _scarab,
    "eight-pointed-star": _star_eight,
    "lotus": _lotus,
    "lotus-bud": _lotus,
    "lotus-flower": _lotus,
    "pomegranate": _pomegranate,
    "barbed-wire": _barbed_wire,
    "treble-clef": _treble_clef,
    "g-clef": _treble_clef,
    "swallow": _swallow,
    "ribbon": _ribbon_bow,
    "ribbon-bow": _ribbon_bow,
}
