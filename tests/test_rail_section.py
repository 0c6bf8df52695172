"""Section of a rail under the pavilion: its shortest chord, and seat rails that hold by default."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ringcad.fit.rail_section import profile, rounded, thinnest_chord_mm
from ringcad.resolve import resolve
from ringcad.resolved import Rail, ResolvedRing
from ringcad.spec import parse_spec


def ring(style: str, stone_mm: float, prongs: int, **gallery: float) -> ResolvedRing:
    spec = {
        "ringcad": 1, "ring_size": "EU 54", "metal": "9k_white_gold", "stone": {"size": f"{stone_mm:g} mm"},
        "head": {"style": style, "prongs": prongs}, "gallery": gallery,
    }  # fmt: skip
    return resolve(parse_spec(json.dumps(spec), "rail.yaml"), "rail")


@pytest.mark.parametrize(("width", "height"), [(1.0, 1.3), (1.4, 0.9), (0.8, 0.8)])
def test_a_rail_far_below_the_stone_is_as_thin_as_its_smaller_side(width: float, height: float) -> None:
    rail = Rail(
        name="base_rail", inner_radius_mm=1.5, outer_radius_mm=1.5 + width, bottom_z_mm=2.0, top_z_mm=2.0 + height,
        edge_radius_mm=0.25,
    )  # fmt: skip
    stone = ring("basket", 6.5, 4).stone
    assert len(profile(rail, stone, 20.0, 0.1)) == 4
    assert thinnest_chord_mm(rail, stone, 20.0, 0.1) == pytest.approx(min(width, height), rel=1e-9)


def test_a_chord_is_what_a_fine_raster_of_the_section_has() -> None:
    found = ring("stand", 6.7, 4)
    rail, stone, girdle_z = found.gallery.rails[0], found.stone, found.head.girdle_z_mm
    corners = np.array(rounded(profile(rail, stone, girdle_z, 0.1), rail.edge_radius_mm))
    middle = 0.5 * np.array([rail.inner_radius_mm + rail.outer_radius_mm, rail.bottom_z_mm + rail.top_z_mm])
    sides = np.roll(corners, -1, axis=0) - corners
    reach = np.linspace(-2.0, 2.0, 8001)
    lengths = []
    for angle in np.linspace(0.0, np.pi, 720):
        points = middle + reach[:, None] * np.array([np.cos(angle), np.sin(angle)])
        away = points[:, None] - corners
        inside = np.all(sides[:, 0] * away[..., 1] - sides[:, 1] * away[..., 0] >= 0.0, axis=1)
        lengths.append(inside.sum() * (reach[1] - reach[0]))
    assert thinnest_chord_mm(rail, stone, girdle_z, 0.1) == pytest.approx(min(lengths), abs=0.003)


@pytest.mark.parametrize("style", ["basket", "stand"])
@pytest.mark.parametrize("prongs", [4, 6])
def test_seat_rails_hold_by_default(style: str, prongs: int) -> None:
    for stone_mm in np.arange(5.6, 9.01, 0.4):
        found = ring(style, float(stone_mm), prongs)
        rail = found.gallery.rails[0]
        left = thinnest_chord_mm(rail, found.stone, found.head.girdle_z_mm, found.gallery.rail_clearance_mm)
        assert left >= found.foundry.rail_min_mm


def test_a_given_seat_rail_that_the_pavilion_cuts_thin_is_refused_with_the_height_that_does() -> None:
    from ringcad.core.errors import SpecError

    with pytest.raises(SpecError) as caught:
        ring("stand", 6.7, 4, seat_rail_height_mm=1.28)
    problem = caught.value.problems[0]
    assert problem.field == "gallery.seat_rail_height_mm" and problem.suggestion
    wanted = float(problem.suggestion.split()[1])
    assert 1.28 < wanted < 1.5
    assert ring("stand", 6.7, 4, seat_rail_height_mm=wanted)
