"""The faceted round brilliant against closed forms, GIA's coefficient and the laws of scaling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.core.errors import InputError
from ringcad.resolved import RoundStone
from ringcad.seats import brilliant


def make(
    diameter: float = 6.5,
    table: float = 0.57,
    crown_deg: float = 34.0,
    pavilion_deg: float = 40.7,
    girdle: float = 0.025,
    culet: float = 0.0,
) -> RoundStone:
    return RoundStone(
        cut="round",
        gem="diamond",
        gem_name="Diamond",
        diameter_mm=diameter,
        table_diameter_mm=table * diameter,
        crown_angle_deg=crown_deg,
        crown_height_mm=0.5 * (1 - table) * diameter * math.tan(math.radians(crown_deg)),
        pavilion_angle_deg=pavilion_deg,
        pavilion_depth_mm=0.5 * (1 - culet) * diameter * math.tan(math.radians(pavilion_deg)),
        girdle_mm=girdle * diameter,
        culet_diameter_mm=culet * diameter,
        weight_ct=0.0,
        density_g_cm3=3.52,
        refractive_index=2.417,
        color_rgb=(1.0, 1.0, 1.0),
    )


STONES = st.builds(
    make,
    diameter=st.floats(0.8, 15.0),
    table=st.floats(0.48, 0.72),
    crown_deg=st.floats(22.0, 40.0),
    pavilion_deg=st.floats(37.0, 44.0),
    girdle=st.floats(0.023, 0.08),
    culet=st.sampled_from([0.0, 0.0, 0.01, 0.03, 0.06]),
)


def closed_and_outward(vertices: np.ndarray, triangles: np.ndarray) -> bool:
    """Every directed edge once, and once the other way round: closed, orientable, no duplicates."""
    edges = [(int(t[i]), int(t[(i + 1) % 3])) for t in triangles for i in range(3)]
    return len(set(edges)) == len(edges) and set(edges) == {(b, a) for a, b in edges}


def mesh_volume(vertices: np.ndarray, triangles: np.ndarray) -> float:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0)


def test_has_the_facets_of_a_round_brilliant() -> None:
    assert len(brilliant.facet_polygons(make())) == 57 + brilliant.GIRDLE_FACETS
    assert len(brilliant.facet_polygons(make(culet=0.02))) == 58 + brilliant.GIRDLE_FACETS


def test_reference_stone_has_the_published_heights() -> None:
    """GIA weight-ratio reference: crown 14.5 %, girdle 2.5 %, pavilion 43.0 %, total 60.0 % (rounded)."""
    vertices, _ = brilliant.mesh(make(diameter=100.0))
    assert vertices[:, 2].max() == pytest.approx(14.5 + 2.5, abs=0.02)
    assert vertices[:, 2].min() == pytest.approx(-43.0, abs=0.02)
    assert np.hypot(vertices[:, 0], vertices[:, 1]).max() == pytest.approx(50.0, abs=1e-12)
    table = brilliant.facet_polygons(make(diameter=100.0))[0]
    assert np.hypot(table[:, 0], table[:, 1]) == pytest.approx(28.5, abs=1e-12)


def test_mains_have_the_laboratory_angles() -> None:
    normals, _ = brilliant.facet_planes(make(crown_deg=33.0, pavilion_deg=41.2))
    kites, mains = normals[9:17], normals[49:57]
    assert np.degrees(np.arccos(kites[:, 2])) == pytest.approx(33.0, abs=1e-9)
    assert np.degrees(np.arccos(-mains[:, 2])) == pytest.approx(41.2, abs=1e-9)


@pytest.mark.parametrize("diameter", [1.0, 1.3, 2.0, 3.0, 5.0, 6.5, 8.0])
def test_weighs_what_gia_says(diameter: float) -> None:
    """Round diamond: ct = D^2 x depth x 0.0061 (GIA weight estimation)."""
    stone = make(diameter)
    assert brilliant.weight_ct(stone) == pytest.approx(diameter**2 * stone.depth_mm * 0.0061, rel=0.03)


def test_one_carat_is_about_six_and_a_half() -> None:
    assert brilliant.diameter_for_weight_mm(make(1.0), 1.0) == pytest.approx(6.5, abs=0.05)


@settings(max_examples=40, deadline=None)
@given(STONES)
def test_is_a_closed_convex_solid_of_flat_facets(stone: RoundStone) -> None:
    vertices, triangles = brilliant.mesh(stone)
    normals, offsets = brilliant.facet_planes(stone)
    assert closed_and_outward(vertices, triangles)
    edges = 3 * len(triangles) // 2
    assert len(vertices) - edges + len(triangles) == 2
    outside = vertices @ normals.T - offsets
    assert outside.max() < 1e-12 * stone.diameter_mm * 10
    for polygon, normal, offset in zip(brilliant.facet_polygons(stone), normals, offsets, strict=True):
        assert np.abs(polygon @ normal - offset).max() < 1e-12 * stone.diameter_mm * 10
    assert brilliant.volume_mm3(stone) == pytest.approx(mesh_volume(vertices, triangles), rel=1e-12)
    # one-sided: inside the girdle's cylinder, around the double cone from table centre and culet
    radius = 0.5 * stone.diameter_mm
    assert brilliant.volume_mm3(stone) < math.pi * radius**2 * stone.depth_mm
    assert brilliant.volume_mm3(stone) > 0.95 * math.pi * radius**2 * stone.pavilion_depth_mm / 3


@settings(max_examples=25, deadline=None)
@given(STONES, st.floats(0.3, 4.0))
def test_scales_with_the_cube(stone: RoundStone, factor: float) -> None:
    bigger = brilliant.scaled(stone, stone.diameter_mm * factor)
    assert bigger.weight_ct == pytest.approx(brilliant.weight_ct(stone) * factor**3, rel=1e-9)
    assert brilliant.diameter_for_weight_mm(stone, bigger.weight_ct) == pytest.approx(bigger.diameter_mm, rel=1e-9)
    assert bigger.depth_mm == pytest.approx(stone.depth_mm * factor, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(STONES)
def test_turns_and_mirrors_onto_itself(stone: RoundStone) -> None:
    normals, offsets = brilliant.facet_planes(stone)
    half = math.sqrt(0.5)
    turn = np.array([[half, -half, 0.0], [half, half, 0.0], [0.0, 0.0, 1.0]])
    for image in (normals @ turn.T, normals * np.array([1.0, -1.0, 1.0])):
        matches = np.abs(image[:, None, :] - normals[None, :, :]).max(axis=2) < 1e-9
        matches &= np.abs(offsets[:, None] - offsets[None, :]) < 1e-9 * stone.diameter_mm
        assert matches.any(axis=1).all()


def test_too_thin_a_girdle_is_refused_with_one_that_works() -> None:
    with pytest.raises(InputError, match="at least") as caught:
        brilliant.mesh(make(crown_deg=40.0, pavilion_deg=44.0, girdle=0.012))
    needed = float(str(caught.value).split("at least ")[1].split(" %")[0])
    brilliant.mesh(make(crown_deg=40.0, pavilion_deg=44.0, girdle=0.01 * needed + 1e-4))
