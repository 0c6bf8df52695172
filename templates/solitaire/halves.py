"""Cutters of a heart, which are made for its right half: its head is made as a half too."""

from __future__ import annotations

from ringcad.kernel.limb import mirrored
from ringcad.kernel.surfaces import NamedShape
from ringcad.resolved import FancyStone, HeadedRing
from ringcad.stones.of_ring import cut_stone
from ringcad.stones.placed import convex_body


def both_halves(ring: HeadedRing, cutters: list[NamedShape]) -> list[NamedShape]:
    """The cutters of the whole head: a heart's are those of its right half, and their images."""
    if not isinstance(ring.stone, FancyStone) or not convex_body(cut_stone(ring.stone)).mirrored:
        return cutters
    return [*cutters, *(mirrored(cutter, 0, {}) for cutter in cutters)]
