"""Heads of wide stones: base rails meet the shank and the posts, and what cannot is told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ringcad.core.errors import SpecError
from ringcad.core.tolerances import TOLERANCES
from ringcad.resolve import resolve
from ringcad.resolved import HeadedRing
from ringcad.spec import parse_spec

BASE = """ringcad: 1
template: {template}
ring_size: {size}
metal: 18k_yellow_gold
stone: {{cut: {cut}, size: {mm} mm}}
"""
CUTS = ("round 15", "oval 15x11.25", "cushion 15", "princess 14", "emerald 15x10.8", "pear 15x9.75", "marquise 15x7.5",
        "heart 15", "trillion 15", "asscher 15", "radiant 15x11")  # fmt: skip


def headed(cut: str, mm: str, size: str = "US 7", template: str = "solitaire", more: str = "") -> HeadedRing:
    ring = resolve(parse_spec(BASE.format(template=template, size=size, cut=cut, mm=mm) + more))
    assert isinstance(ring, HeadedRing)
    return ring


@pytest.mark.parametrize("stone", CUTS)
def test_the_base_rail_of_a_stone_of_15_mm_lies_in_the_shank_at_both_ends(stone: str) -> None:
    """0.3 mm of its height, by the circle of the shank's outside over the rail's end."""
    ring = headed(*stone.split())
    rail, bore = ring.gallery.rails[1], ring.gallery.rails[1].bottom_z_mm - 0.10
    outside = math.sqrt((bore + ring.shank.thickness_top_mm) ** 2 - rail.outer_side_mm**2)
    assert outside - rail.bottom_z_mm >= 0.30 - 1e-6


@pytest.mark.parametrize("template", ["halo", "three_stone", "bezel_solitaire"])
def test_a_round_stone_of_15_mm_has_its_ring(template: str) -> None:
    ring = resolve(parse_spec(BASE.format(template=template, size="US 7", cut="round", mm="15")))
    assert ring.stone is not None and ring.stone.diameter_mm == 15.0


def test_prongs_lean_no_more_than_a_usual_stone_needs() -> None:
    usual, wide = headed("round", "6.5").head.prong_lean_deg, headed("round", "15").head.prong_lean_deg
    assert headed("round", "13").head.prong_lean_deg == usual < wide < usual + 5.0


def test_a_lean_that_was_given_stays_and_is_answered_with_one_that_holds() -> None:
    with pytest.raises(SpecError) as caught:
        headed("round", "15", more="head: {prong_lean_deg: 8}\n")
    assert "base rail leaves the shank" in str(caught.value)


@pytest.mark.parametrize(
    ("cut", "size_mm"), [*(("princess", mm) for mm in (5, 8, 12, 13, 14)), *(("trillion", mm) for mm in (5, 8, 12, 15))]
)
def test_a_base_rail_overlaps_the_posts_under_the_points(cut: str, size_mm: float) -> None:
    """Straight posts, so that their axes at the rail's height follow from foot, girdle and lean alone."""
    ring = headed(cut, f"{size_mm}")
    head, rail = ring.head, ring.gallery.rails[1]
    middle = 0.5 * (rail.bottom_z_mm + rail.top_z_mm)
    out = head.prong_axis_radius_girdle_mm - math.tan(math.radians(head.prong_lean_deg)) * (head.girdle_z_mm - middle)
    share = (middle - head.prong_foot_z_mm) / (head.girdle_z_mm - head.prong_foot_z_mm)
    thick = head.prong_diameter_base_mm + share * (head.prong_diameter_girdle_mm - head.prong_diameter_base_mm)
    line = np.array(rail.quarter_mm)
    path = np.concatenate([line * sign for sign in ((1, 1), (-1, 1), (1, -1), (-1, -1))])
    for place in head.places:
        turn = math.radians(place.azimuth_deg)
        axis = np.array([place.x_mm + out * math.cos(turn), place.y_mm + out * math.sin(turn)])
        gap = (
            np.linalg.norm(path - axis, axis=1).min()
            - 0.5 * thick
            - 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm)
        )
        assert gap <= -TOLERANCES.overlap_mm + 0.01
