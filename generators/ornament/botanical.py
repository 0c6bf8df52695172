"""Leaves in file on a straight stem: what foliage comes to in the narrowest bands."""

from __future__ import annotations

import numpy as np

from ringcad.generators.ornament.elements import Drawable, Leaf, Stroke
from ringcad.generators.ornament.layout import Room, broadest_leaf


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
