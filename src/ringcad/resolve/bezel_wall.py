"""The decorated stretch of a bezel's wall: where it begins and ends, and how tall the bezel is made for it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ringcad.fit import bezel_rings, bezel_section
from ringcad.resolve.ledger import rule
from ringcad.resolved import Bezel, CenterStone, Shank, WallBand
from ringcad.spec import Spec
from ringcad.standards import setting_rule
from ringcad.stones.girdles import girdle_of, pavilion_rise

#: The least stretch that holds a relief at all, mm: three strokes and their gaps.
LEAST_MM = 1.2
#: Kept calm over the shank: the skirt round the cup (0.2 high) and as much again, so that the relief stands free of it.
_OVER_SHANK_MM = 0.45
#: The open sides of a half bezel reach so far below the ledge, and the relief keeps so far from them, mm.
_SCOOP_MM, _BELOW_SCOOP_MM = 0.15, 0.25
#: Distance of the points that the plain outside is given by, mm.
_STEP_MM = 0.1
_TRIES = 40
#: Of the collar, where it bends into the cup, mm.
_BEND_TAKES_MM = 0.6


class Wall:
    """Where a bezel's wall may be decorated.

    Attributes
    ----------
    decorated : whether the spec asks for it
    wanted_mm : height of the stretch where nothing says how tall the bezel is to be
    upright_mm : collar below the girdle that most of the stretch stands on; 0 without one
    because : why it is as tall as it is
    """

    def __init__(self, spec: Spec, stone: CenterStone, shank: Shank, bore_radius_mm: float) -> None:
        self.decorated = any(one.region == "bezel.wall" for one in spec.decoration)
        of_stone, least = setting_rule("bezel_relief_share"), setting_rule("bezel_relief_min")
        self.wanted_mm = min(max(of_stone.value * stone.diameter_mm, least.value), rule("bezel_relief_max"))
        share = rule("bezel_relief_upright") if girdle_of(stone) is None else 1.0
        upright = rule("bezel_relief_calm") + share * self.wanted_mm
        if girdle_of(stone) is not None:  # relief stays where the wall is even all round: over its bend into the cup
            upright += _BEND_TAKES_MM
        self.upright_mm = upright if self.decorated else 0.0
        self.because = of_stone.because if self.decorated else "the wall is plain"
        self._stone, self._outer_mm = stone, bore_radius_mm + shank.thickness_top_mm

    def ends(self, bezel: Bezel) -> tuple[float, float]:
        """(low, high) of the stretch, mm above the finger's axis; none is left where low is not under high."""
        low, high = self._over_shank(bezel)
        return max(low, self._bend(bezel)), high

    def _bend(self, bezel: Bezel) -> float:
        """Height under which a wall round an oval is no longer even."""
        return 0.0 if girdle_of(self._stone) is None else bezel_rings.flank(bezel, self._stone).high_mm

    def _over_shank(self, bezel: Bezel) -> tuple[float, float]:
        high = bezel.girdle_z_mm - rule("bezel_relief_calm")
        if bezel.open_deg:
            slope = pavilion_rise(self._stone)
            high = min(high, bezel.girdle_z_mm - bezel.ledge_mm * slope - _SCOOP_MM - _BELOW_SCOOP_MM)
        outline = bezel_section.outline(bezel, self._stone, 65)
        near = np.hypot(outline[:, 0], outline[:, 1]) < self._outer_mm + _OVER_SHANK_MM
        if not near.any():
            return bezel.foot_z_mm + 2.0 * bezel_section.FOOT_ROUND_MM, high
        last = int(np.flatnonzero(near)[-1])
        inside, outside = outline[last], outline[min(last + 1, len(outline) - 1)]
        low, far = float(np.hypot(*inside)), float(np.hypot(*outside))
        share = (self._outer_mm + _OVER_SHANK_MM - low) / max(far - low, 1e-9)
        return float(inside[1] + min(share, 1.0) * (outside[1] - inside[1])), high

    def table_for(self, body: Callable[[float], Bezel], table_mm: float, height_mm: float) -> float:
        """The least table height above the finger, from ``table_mm`` on, whose bezel has a stretch so tall."""
        for _ in range(_TRIES):
            low, high = self.ends(body(table_mm))
            # what the bend takes is the same at every height
            within = min(height_mm, high - self._bend(body(table_mm)))
            if high - low >= within - 1e-7:
                break
            table_mm += within - (high - low)
        return table_mm

    def of(self, bezel: Bezel) -> WallBand:
        """The stretch of a bezel."""
        low, high = self.ends(bezel)
        empty = WallBand(low_z_mm=low, high_z_mm=high, section_mm=())
        samples = max(math.ceil((high - low) / _STEP_MM), 9)
        points = bezel_section.band_outline(bezel.model_copy(update={"band": empty}), self._stone, samples)[::-1]
        section = tuple((float(radius), float(z)) for radius, z in points)
        return WallBand(low_z_mm=low, high_z_mm=high, section_mm=section)
