"""The band: rules, a relief that closes on itself, and the solid against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ringcad.core.errors import SpecError
from ringcad.fit.flush import tile_stations
from ringcad.generation import Relief
from ringcad.registry import load_template
from ringcad.resolve import resolve
from ringcad.resolved import HeadedRing, ResolvedRing
from ringcad.spec import parse_spec
from ringcad.templates.band.shape import crown_radius, limb_nets, plan, zones

PLAIN = "ringcad: 1\ntemplate: band\nring_size: US 7\nmetal: silver\n"
FLAT = PLAIN + "shank: {profile: flat, width_mm: 4.0, thickness_mm: 2.2}\n"
STONES = FLAT + "accents:\n  - {setting: flush, stone: {cut: round, size: 1.5 mm}, count: 7}\n"
DECORATED = PLAIN + "shank: {width_mm: 5}\ndecoration:\n  - {prompt: waves, depth_mm: 0.3}\n"


def ring(text: str) -> ResolvedRing:
    return resolve(parse_spec(text), "band")


@pytest.mark.parametrize("name", list(load_template("band").specs()))
def test_shipped_specs_resolve_without_a_head(name: str) -> None:
    found = ring(load_template("band").specs()[name])
    assert not isinstance(found, HeadedRing)
    assert (found.stone, found.head, found.gallery) == (None, None, None)
    assert {"stone", "head", "gallery"} <= set(found.reasons)


def test_defaults_are_those_of_sold_bands() -> None:
    shank = ring(PLAIN).shank
    assert (shank.width_top_mm, shank.width_bottom_mm) == (5.0, 5.0)
    assert (shank.thickness_top_mm, shank.thickness_bottom_mm) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (PLAIN + "stone: {size: 5 mm}\n", "stone"),
        (PLAIN + "head: {prongs: 4}\n", "head"),
        (PLAIN + "gallery: {shoulders: cathedral}\n", "gallery"),
        (DECORATED.replace("prompt: waves", "prompt: waves, region: shank.shoulders"), "decoration.0.region"),
        (DECORATED.replace("prompt: waves", "prompt: waves, coverage_deg: 90"), "decoration.0.coverage_deg"),
        (STONES.replace("count: 7", "count: 7, on: [left_shoulder]"), "accents.0.on"),
        (STONES.replace("count: 7", "count: 60"), "accents.0.count"),
        (STONES.replace("count: 7", "count: 7, start_deg: 30"), "accents.0.start_deg"),
        (STONES.replace("width_mm: 4.0", "width_mm: 2.4"), "accents.0.stone.size"),
    ],
)
def test_what_a_band_cannot_have_is_named(text: str, field: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(text)
    problems = {problem.field: problem for problem in caught.value.problems}
    assert field in problems
    assert problems[field].suggestion


def test_a_solitaire_has_no_outside_and_no_row_on_top() -> None:
    headed = "ringcad: 1\nring_size: US 7\nmetal: silver\nstone: {size: 6 mm}\n"
    for more, field in (
        ("decoration:\n  - {prompt: ivy, region: shank.outside}\n", "decoration.0.region"),
        ("accents:\n  - {setting: flush, stone: {size: 1.2 mm}, count: 3, on: [top]}\n", "accents.0.on"),
    ):
        with pytest.raises(SpecError) as caught:
            ring(headed + more)
        assert field in {problem.field for problem in caught.value.problems}


def test_as_many_stones_as_stand_all_round() -> None:
    with pytest.raises(SpecError) as caught:
        ring(STONES.replace("count: 7", "count: 40"))
    (problem,) = caught.value.problems
    assert problem.suggestion is not None
    most = int(problem.suggestion.split()[1])
    seats = ring(STONES.replace("count: 7", f"count: {most}")).accents[0].seats
    angles = np.sort([seat.phi_deg for seat in seats])
    steps = np.diff([*angles, angles[0] + 360.0])
    assert steps.min() == pytest.approx(steps[0], abs=1e-9)  # the gap at the bottom is no narrower than the others
    assert angles == pytest.approx(-angles[::-1])


def test_the_zone_is_the_crown_line_all_round() -> None:
    found = ring(DECORATED)
    (size,) = zones(found).values()
    assert size.closed
    assert size.length_mm == pytest.approx(2.0 * math.pi * crown_radius(found)(0.0), rel=2e-4)
    assert size.width_mm < found.shank.width_top_mm


def test_a_relief_turned_round_the_finger_turns_the_skin() -> None:
    """Nothing happens at the seam: the heights of a shifted relief are the shifted heights."""
    found = ring(DECORATED)
    nets = limb_nets(found)
    (size,) = zones(found).values()
    count = len(nets.stations.phi_deg)
    columns, rows = 2 * count, 96
    x = (np.arange(columns) + 0.5) / columns
    y = (np.arange(rows) + 0.5) / rows
    drawn = np.clip(
        1.6 * np.sin(math.tau * 9 * x)[None, :] * np.sin(math.pi * y)[:, None] + 0.3 * np.cos(math.tau * x), 0, 1
    )

    def heights(field: np.ndarray) -> np.ndarray:
        relief = Relief(field.astype(np.float32), size.length_mm, size.width_mm)
        skin = plan(found, {"outside": relief}).skin
        return np.einsum("nkc,nkc->nk", skin - nets.outer, nets.normals)

    step = count // 3
    still, turned = heights(drawn), heights(np.roll(drawn, 2 * step, axis=1))
    assert still.max() > 0.25
    assert turned == pytest.approx(np.roll(still, step, axis=0), abs=2e-3)


def test_a_plain_band_has_the_volume_of_a_turned_section() -> None:
    """Guldin: twice pi times the section's area times its centroid's radius; corners are quarter circles."""
    found = ring(FLAT)
    built = load_template("band").build(plan(found, {}), None, lambda stage: None)
    corners = built.mesh.vertices[built.mesh.triangles]
    volume = float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))) / 6.0
    shank, bore = found.shank, found.bore_radius_mm
    width, height = shank.width_top_mm, shank.thickness_top_mm
    exact = math.tau * (bore + 0.5 * height) * width * height
    for radius, edge, side in ((shank.outer_edge_radius_mm, bore + height, -1), (shank.inner_edge_radius_mm, bore, 1)):
        centroid = edge + side * radius * (10.0 - 3.0 * math.pi) / (12.0 - 3.0 * math.pi)
        exact -= 2.0 * math.tau * centroid * (1.0 - 0.25 * math.pi) * radius**2
    assert volume == pytest.approx(exact, rel=0.003)


def test_every_seat_goes_through_and_lies_in_a_tile_of_its_own() -> None:
    found = ring(STONES)
    template = load_template("band")
    made = plan(found, {})
    built = template.build(made, None, lambda stage: None)
    soundness = template.soundness(made, built)
    assert not soundness.findings
    assert soundness.expected_genus == 1 + 7
    assert len(built.stones) == len(template.stones(found)) == 7
    stations = tile_stations(found, made.nets, crown_radius(found), 0, len(made.skin))
    assert stations == sorted(set(stations))
    assert (stations[0], stations[-1]) == (0, len(made.skin))
    phi = np.append(made.nets.stations.phi_deg, 180.0)[stations]
    reach = math.degrees(math.asin(0.5 * found.accents[0].opening_diameter_mm / crown_radius(found)(0.0)))
    for seat in found.accents[0].seats:
        assert np.abs(phi - seat.phi_deg).min() > reach
