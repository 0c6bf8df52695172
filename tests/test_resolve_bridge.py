"""Stones beside a basket: the first of a row stands where the shank has its height again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ringcad.resolve import resolve
from ringcad.resolved import HeadedRing, headed
from ringcad.spec import Spec
from ringcad.templates.solitaire.shape import crown_line


def ring_with_row(size: str, stone: str, thickness: float, **accent: object) -> HeadedRing:
    row = {"setting": "flush", "stone": {"size": "1.3 mm"}, "count": 2, "on": ["left_shoulder"], **accent}
    spec = {
        "ringcad": 1,
        "ring_size": size,
        "metal": "14k_rose_gold",
        "stone": {"size": stone},
        "shank": {"width_mm": {"top": 5.0, "bottom": 3.2}, "thickness_mm": {"top": thickness, "bottom": 2.0}},
        "head": {"style": "basket"},
        "gallery": {"shoulders": "plain"},
        "accents": [row],
    }
    ring = headed(resolve(Spec.model_validate(spec), "ring"))
    assert ring is not None
    return ring


@pytest.mark.parametrize(
    ("size", "stone"), [("circumference 53.3 mm", "5.15 mm"), ("EU 71", "6.95 mm"), ("US 4", "4 mm")]
)
@pytest.mark.parametrize("thickness", [2.1, 2.4, 2.8])
def test_the_first_stone_stands_beyond_the_slope_to_the_bridge(size: str, stone: str, thickness: float) -> None:
    """Measured on the template's own crown line; the gate refused seats whose wall lay on the slope."""
    ring = ring_with_row(size, stone, thickness)
    (accent,) = ring.accents
    half = math.degrees(0.5 * accent.opening_diameter_mm / (ring.bore_radius_mm + thickness))
    edge = min(abs(seat.phi_deg) for seat in accent.seats) - half
    assert float(crown_line(ring, np.array([edge]))[0]) >= thickness - 0.101


@pytest.mark.parametrize(("size", "stone"), [("US 8.75", "4.8 mm"), ("EU 71", "6.95 mm"), ("US 4", "4 mm")])
@pytest.mark.parametrize("thickness", [2.1, 2.3, 2.6])
def test_a_seat_beside_the_slope_has_its_wall(size: str, stone: str, thickness: float) -> None:
    """In the plane of the ring, level with the stone: half a millimetre of metal, or a skin too flat to be a side.

    The template's own crown line, cut by lines square to the seat's axis. A ring of defaults had 0.458 mm there.
    """
    ring = ring_with_row(size, stone, thickness)
    (accent,) = ring.accents
    axis = math.radians(min(abs(seat.phi_deg) for seat in accent.seats))
    phi = np.radians(np.linspace(0.0, math.degrees(axis), 4001))
    radius = ring.bore_radius_mm + crown_line(ring, np.degrees(phi))
    across, out = radius * np.sin(axis - phi), radius * np.cos(axis - phi)  # towards the head, along the seat's axis
    lean = np.degrees(np.arctan2(np.gradient(out), -np.gradient(across)))
    depth = accent.table_depth_mm + accent.stone.crown_height_mm + accent.stone.girdle_mm
    for share in (0.35, 0.65, 0.95):
        level = float(out[-1]) - share * depth
        met = int(np.flatnonzero(out <= level)[-1])
        beside = float(across[met]) - 0.5 * accent.opening_diameter_mm
        assert beside >= 0.5 or abs(float(lean[met])) < 25.5
