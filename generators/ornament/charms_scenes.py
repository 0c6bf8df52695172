"""More silhouettes of our own: beasts that bite their tails, a fouled anchor, a winged scarab, a C-scroll.

Only ``train_charms.py`` imports this, see ``charms.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from manifold3d import CrossSection

from ringcad.generators.ornament.charms import blob, disc, half, limb, mirrored, over, scored, shape, union


def _coil(first_deg: float, last_deg: float, radius: float, wide: float, tip: float) -> CrossSection:
    """A body bent into a ring, from a slim tail to a neck; degrees counter-clockwise from the right."""
    a = np.deg2rad(np.linspace(first_deg, last_deg, 40))
    width = np.interp(np.linspace(0.0, 1.0, 40), [0.0, 0.45, 1.0], [tip, wide, 0.92 * wide])
    discs = [
        disc(float(radius * np.cos(x)), float(radius * np.sin(x)), float(0.5 * w))
        for x, w in zip(a, width, strict=True)
    ]
    return union([CrossSection.batch_hull([b, c]) for b, c in pairwise(discs)])


def _ringed(head: CrossSection, fur: bool) -> CrossSection:
    """A beast's body in a ring, its tail between the jaws of a head that is drawn about (0, 0.37), looking left."""
    body = _coil(114.0, 430.0, 0.37, 0.17, 0.06)
    if fur:
        hackles = []
        for deg in range(-150, 60, 26):
            a, b, c = (np.deg2rad(deg + k) for k in (0.0, 20.0, -9.0))
            points = [(0.43 * np.cos(a), 0.43 * np.sin(a)), (0.43 * np.cos(b), 0.43 * np.sin(b))]
            points.append((0.545 * np.cos(c), 0.545 * np.sin(c)))
            hackles.append(shape([(float(x), float(y)) for x, y in points]))
        body = body + union(hackles)
    else:
        cuts = []
        for deg in range(-140, 60, 24):
            a, b = np.deg2rad(deg), np.deg2rad(deg + 12.0)
            cuts.append(
                limb([(0.29 * np.cos(a), 0.29 * np.sin(a)), (0.37 * np.cos(b), 0.37 * np.sin(b)),
                      (0.45 * np.cos(a), 0.45 * np.sin(a))], 0.034, bow=False)
            )  # fmt: skip
        body = body - union(cuts)
    return over(head, body, 0.035)


def _wolf_ring() -> CrossSection:
    upper = shape([(-0.34, 0.37), (-0.3, 0.43), (-0.12, 0.47), (-0.06, 0.55), (0.02, 0.68), (0.09, 0.53), (0.2, 0.62),
                   (0.21, 0.46), (0.3, 0.36), (0.24, 0.22), (0.08, 0.27), (-0.06, 0.35), (-0.13, 0.345), (-0.17, 0.3),
                   (-0.2, 0.35), (-0.26, 0.345), (-0.3, 0.29)])  # fmt: skip
    lower = shape([(0.08, 0.27), (-0.02, 0.27), (-0.12, 0.2), (-0.2, 0.2), (-0.23, 0.26), (-0.2, 0.17), (-0.1, 0.11),
                   (0.06, 0.14), (0.18, 0.2)])  # fmt: skip
    eye = shape([(-0.06, 0.44), (0.04, 0.47), (0.03, 0.42)])
    head = (upper + lower) - eye
    return _ringed(head, True)


def _dragon_ring() -> CrossSection:
    upper = blob([(-0.33, 0.38), (-0.28, 0.46), (-0.14, 0.46), (-0.02, 0.52), (0.14, 0.5), (0.26, 0.38), (0.22, 0.26),
                  (0.06, 0.3), (-0.12, 0.34), (-0.24, 0.33)])  # fmt: skip
    lower = blob([(0.14, 0.28), (0.0, 0.24), (-0.14, 0.2), (-0.22, 0.21), (-0.14, 0.13), (0.04, 0.14), (0.2, 0.2)])
    horns = limb([(0.02, 0.47), (0.12, 0.6), (0.28, 0.66)], 0.1, 0.045)
    horns = horns + limb([(0.14, 0.44), (0.28, 0.52), (0.42, 0.52)], 0.09, 0.045)
    head = (upper + lower + horns) - disc(-0.02, 0.43, 0.04)
    return _ringed(head, False)


def _snake_ring() -> CrossSection:
    head = blob(
        [(-0.3, 0.4), (-0.2, 0.49), (0.0, 0.52), (0.2, 0.48), (0.28, 0.36), (0.2, 0.25), (0.02, 0.22), (-0.2, 0.27)]
    )
    mouth = limb([(-0.36, 0.37), (-0.2, 0.37), (-0.04, 0.36)], 0.06, 0.03)
    return _ringed(head - mouth - disc(0.02, 0.44, 0.04), False)


def _fouled_anchor() -> CrossSection:
    ring = disc(0, 0.44, 0.1) - disc(0, 0.44, 0.045)
    shank = limb([(0, 0.36), (0, -0.42)], 0.1)
    stock = limb([(-0.2, 0.26), (0.2, 0.26)], 0.1)
    arm = limb([(0, -0.44), (0.2, -0.38), (0.36, -0.14)], 0.12, 0.1)
    fluke = shape([(0.24, -0.14), (0.46, -0.2), (0.4, 0.04)])
    anchor = ring + shank + stock + mirrored(arm + fluke)
    # A rope in an S about the shank: before it where it comes from the left, behind it on its way back.
    front = limb([(-0.27, 0.1), (-0.1, 0.11), (0.1, 0.03), (0.25, -0.04)], 0.095)
    second = limb([(-0.25, -0.22), (-0.1, -0.2), (0.1, -0.26), (0.2, -0.34)], 0.095)
    back = limb([(0.07, 0.44), (0.28, 0.42), (0.36, 0.3), (0.3, 0.16), (0.0, 0.16), (-0.27, 0.1)], 0.095)
    turn = limb([(0.25, -0.04), (0.24, -0.12), (0.0, -0.12), (-0.22, -0.13), (-0.25, -0.22)], 0.095)
    rope = over(front + second, over(anchor, back + turn, 0.03), 0.03)
    return rope


def _winged_scarab() -> CrossSection:
    shell = half([(0, 0.1), (0.13, 0.08), (0.17, -0.06), (0.13, -0.22), (0.04, -0.29), (0, -0.3)])
    shell = scored(shell, [(0, 0.14), (0, -0.4)], width=0.034)
    collar = half([(0, 0.22), (0.1, 0.21), (0.15, 0.14), (0.12, 0.08), (0, 0.08)])
    head = half([(0, 0.31), (0.05, 0.32), (0.08, 0.26), (0.07, 0.2), (0, 0.19)])
    sun = disc(0, 0.46, 0.11)
    legs = limb([(0.06, 0.24), (0.17, 0.32), (0.12, 0.43)], 0.07, 0.06) + limb(
        [(0.09, -0.18), (0.22, -0.27), (0.18, -0.4)], 0.07, 0.06
    )
    body = over(shell, over(collar, head, 0.034), 0.034)
    wing = blob([(0.16, 0.1), (0.34, 0.23), (0.62, 0.3), (0.9, 0.28), (1.0, 0.2), (0.86, 0.06), (0.62, -0.08),
                 (0.36, -0.16), (0.2, -0.12)])  # fmt: skip
    bow = limb([(0.18, 0.06), (0.4, 0.15), (0.7, 0.17), (0.97, 0.17)], 0.034)
    quills = [limb([(x, 0.13 - 0.02 * k), (x - 0.03 - 0.014 * k, -0.22 + 0.02 * k)], 0.034) for k, x in
              enumerate((0.36, 0.49, 0.62, 0.75, 0.88))]  # fmt: skip
    wing = wing - bow - union(quills)
    whole = over(body, mirrored(wing + legs), 0.034)
    return over(sun, whole, 0.034)


def _c_scroll() -> CrossSection:
    def spiral(x: float, y: float, r: float, first: float, turns: float, side: float) -> list[tuple[float, float]]:
        a = np.deg2rad(first) + side * 2.0 * np.pi * turns * np.linspace(0.0, 1.0, 26)
        rho = np.linspace(r, 0.07, 26)
        return [(float(x + p * np.cos(t)), float(y + p * np.sin(t))) for p, t in zip(rho, a, strict=True)]

    back = [(0.28, 0.46), (0.1, 0.48), (-0.12, 0.4), (-0.27, 0.2), (-0.32, 0.0), (-0.27, -0.2), (-0.12, -0.4),
            (0.1, -0.48), (0.28, -0.46)]  # fmt: skip
    stem = limb(back, 0.13, 0.13)
    swell = half([(0, 0.1), (0.06, 0.05), (0.3, 0.0), (0.06, -0.05), (0, -0.1)]).rotate(90).translate((-0.33, 0.0))
    upper = limb(spiral(0.26, 0.24, 0.225, 88.0, 1.05, -1.0), 0.115, 0.1) + disc(0.26, 0.24, 0.09)
    lower = upper.mirror((0.0, 1.0))
    return stem + swell + upper + lower


def _standing_stag() -> CrossSection:
    body = blob([(-0.3, 0.06), (-0.1, 0.1), (0.12, 0.12), (0.24, 0.04), (0.22, -0.12), (0.02, -0.1), (-0.18, -0.1),
                 (-0.3, -0.14), (-0.36, -0.04)])  # fmt: skip
    neck = limb([(0.12, -0.01), (0.22, 0.14), (0.28, 0.28)], 0.24, 0.13)
    head = blob([(0.22, 0.34), (0.32, 0.36), (0.46, 0.26), (0.44, 0.2), (0.32, 0.21), (0.23, 0.24)])
    ear = limb([(0.24, 0.32), (0.12, 0.35)], 0.07, 0.045)
    legs = [
        [(0.16, -0.06), (0.19, -0.3), (0.18, -0.54)],
        [(0.06, -0.06), (0.06, -0.28), (0.03, -0.54)],
        [(-0.22, -0.06), (-0.17, -0.28), (-0.22, -0.54)],
        [(-0.3, -0.08), (-0.3, -0.28), (-0.36, -0.54)],
    ]
    tail = limb([(-0.33, 0.02), (-0.42, -0.06)], 0.08, 0.06)
    antlers = [
        [(0.27, 0.35), (0.33, 0.5), (0.45, 0.6), (0.5, 0.76)],
        [(0.36, 0.53), (0.55, 0.47)],
        [(0.25, 0.35), (0.17, 0.5), (0.05, 0.6), (0.0, 0.76)],
        [(0.14, 0.54), (-0.05, 0.47)],
    ]
    limbs = union([limb(leg, 0.13, 0.075) for leg in legs]) + union([limb(line, 0.07, 0.06) for line in antlers])
    # As broad as high: taller, it would be taken for something that lies along the band.
    return (body + neck + head + ear + tail + limbs).scale((1.28, 1.0))


CHARMS_SCENES: dict[str, Callable[[], CrossSection]] = {
    "wolf-biting-tail": _wolf_ring,
    "fenrir": _wolf_ring,
    "dragon-biting-tail": _dragon_ring,
    "jormungandr": _dragon_ring,
    "ouroboros": _snake_ring,
    "snake-biting-tail": _snake_ring,
    "fouled-anchor": _fouled_anchor,
    "anchor-and-rope": _fouled_anchor,
    "winged-scarab": _winged_scarab,
    "scarab-with-spread-wings": _winged_scarab,
    "c-scroll": _c_scroll,
    "standing-stag": _standing_stag,
    "standing-deer": _standing_stag,
}
