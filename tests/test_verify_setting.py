"""Setting metrology on bodies whose right answer is known by construction, and on deliberate faults."""

from __future__ import annotations

import math
from typing import Any

import manifold3d
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.closing import close_prong
from ringcad.verify.setting.fits import fit_cone
from ringcad.verify.setting.flush import measure_flush
from ringcad.verify.setting.frames import StoneProfile, seat_frame
from ringcad.verify.setting.prongs import measure_prongs

Solid = manifold3d.Manifold
PAVILION, CROWN = math.tan(math.radians(40.75)), math.tan(math.radians(34.5))
STONE = StoneProfile(3.0, 0.18, 40.75, 34.5, 1.29 * CROWN, 3.0 * PAVILION, 1.71)
UP = np.array([0.0, 0.0, 1.0])
HERE = seat_frame(np.zeros(3), UP)


def revolved(profile: list[tuple[float, float]], segments: int = 256) -> Solid:
    return Solid.revolve(manifold3d.CrossSection([profile]), segments)


def cutter(stone: StoneProfile, play: float, pavilion_deg: float | None = None) -> Solid:
    """The stone with room beside its girdle; its pavilion may be cut at another angle."""
    pavilion = math.tan(math.radians(pavilion_deg or stone.pavilion_angle_deg))
    crown = math.tan(math.radians(stone.crown_angle_deg))
    r = stone.radius_mm + play
    return revolved(
        [
            (0.0, -stone.radius_mm * pavilion),
            (r, play * pavilion),
            (r, stone.girdle_mm - play * crown),
            (stone.table_radius_mm, stone.table_mm),
            (0.0, stone.table_mm),
        ]
    )


def head(
    *,
    prongs: int = 4,
    diameter: float = 1.2,
    notch: float = 0.25,
    play: float = 0.03,
    tilt_deg: float = 0.0,
    raised: float = 0.0,
    aside: float = 0.0,
    pavilion_deg: float | None = None,
    lean_deg: float = 0.0,
    top: float = 1.0,
    tip: float = 0.0,
) -> RayCaster:
    """Straight round prongs on a ring far below, notched by a cutter that may be out of place.

    Their upper ``tip`` is half an ellipsoid, else they end flat.
    """
    reach = STONE.radius_mm + play - notch * diameter + 0.5 * diameter
    body = revolved([(2.0, -4.4), (4.2, -4.4), (4.2, -3.4), (2.0, -3.4)], 128)
    for k in range(prongs):
        length, turn = 4.2 + top + 0.5 * STONE.girdle_mm, np.linspace(0.0, 0.5 * np.pi, 25)
        round_off = [(0.5 * diameter * math.cos(t), length - tip + tip * math.sin(t)) for t in turn]
        prong = revolved([(0.0, 0.0), (0.5 * diameter, 0.0), *round_off], 96)
        prong = prong.translate((0.0, 0.0, -4.0 - 0.5 * STONE.girdle_mm)).rotate((0.0, lean_deg, 0.0))
        place = 360.0 * (k + 0.5) / prongs
        body += prong.translate((reach, 0.0, 0.5 * STONE.girdle_mm)).rotate((0.0, 0.0, place))
    tool = cutter(STONE, play, pavilion_deg).rotate((tilt_deg, 0.0, 0.0)).translate((aside, 0.0, raised))
    return caster_of(body - tool)


def caster_of(solid: Solid) -> RayCaster:
    mesh = solid.to_mesh()
    return RayCaster(mesh_from_arrays(mesh.vert_properties[:, :3], mesh.tri_verts))


def test_a_good_head_measures_as_it_was_made() -> None:
    found = measure_prongs(head(), HERE, STONE)
    assert len(found.prongs) == 4 and found.pavilion and found.girdle and found.crown
    for prong, azimuth in zip(sorted(found.prongs, key=lambda p: p.azimuth_deg), (-135, -45, 45, 135), strict=True):
        assert prong.azimuth_deg == pytest.approx(azimuth, abs=0.5)
        assert prong.full_mm == pytest.approx(1.2, abs=0.01)
        assert prong.behind_mm == pytest.approx(0.9, abs=0.01)
        assert prong.notch_share == pytest.approx(0.25, abs=0.01)
        assert prong.clearance_mm == pytest.approx(0.03, abs=0.005)
        assert prong.top_mm == pytest.approx(1.11, abs=0.03)
        assert prong.opening_mm == pytest.approx(0.27, abs=0.01)
    for name, angle in (("pavilion", 40.75), ("crown", 34.5), ("girdle", 90.0)):
        cone = getattr(found, name)
        assert cone.flank_deg == pytest.approx(angle, abs=0.1), name
        assert cone.tilt_deg(UP) < 0.05 and cone.offset_mm(np.zeros(3)) < 0.003 and cone.residual_mm < 0.002
    assert found.girdle.radius_mm == pytest.approx(3.03, abs=0.002)
    assert found.pavilion.height_of_radius(3.0) == pytest.approx(0.0, abs=0.005)
    assert found.interference_mm < 0.005
    # Four points at 45 degrees: it slides until two prongs stop it, their room over the cosine of 45 degrees.
    assert found.play_mm == pytest.approx(0.03 / math.cos(math.radians(45 - 10)), abs=0.01)
    assert found.retention_mm > 0.3


def test_section_of_a_notched_round_prong_is_the_circle_less_its_cap() -> None:
    """At the girdle a round prong loses what lies inside the girdle's circle; compared with exact polygons."""
    (_, *_rest) = prongs = measure_prongs(head(), HERE, STONE).prongs
    centre = 3.03 - 0.25 * 1.2 + 0.6
    circle = manifold3d.CrossSection.circle(0.6, 512).translate((centre, 0.0))
    left = circle - manifold3d.CrossSection.circle(3.03, 4096)
    for prong in prongs:
        assert prong.section_mm2 == pytest.approx(left.area(), rel=0.02)


@pytest.mark.parametrize("share", [1.0, 0.97, 0.9, 0.85])
@pytest.mark.parametrize("lean_deg", [0.0, 11.0])
def test_a_prong_whose_tip_begins_at_the_notch_is_as_thick_as_it_was_made(share: float, lean_deg: float) -> None:
    """Beside small stones no plain metal is left above the notch; it was measured 5 % too thin and refused."""
    for prong in measure_prongs(head(diameter=1.2 * share, top=0.6, tip=0.5, lean_deg=lean_deg), HERE, STONE).prongs:
        assert prong.full_mm == pytest.approx(1.2 * share, abs=0.005)


@pytest.mark.parametrize("share", [0.85, 0.75])
def test_prongs_too_thin_by_15_and_25_percent_are_measured_so(share: float) -> None:
    for prong in measure_prongs(head(diameter=1.2 * share), HERE, STONE).prongs:
        assert prong.full_mm == pytest.approx(1.2 * share, abs=0.01)


@settings(max_examples=6, deadline=None)
@given(tilt=st.floats(-4, 4), raised=st.floats(-0.12, 0.12), aside=st.floats(-0.1, 0.1))
def test_a_seat_out_of_place_is_found_by_as_much(tilt: float, raised: float, aside: float) -> None:
    found = measure_prongs(head(tilt_deg=tilt, raised=raised, aside=aside), HERE, STONE)
    assert found.pavilion is not None
    assert found.pavilion.tilt_deg(UP) == pytest.approx(abs(tilt), abs=0.1)
    turn = math.radians(tilt)
    middle = np.array([aside, 0.0, raised])  # where the girdle's lower edge would come to rest
    axis = np.array([0.0, -math.sin(turn), math.cos(turn)])
    way = middle - found.pavilion.origin
    assert np.linalg.norm(way - (way @ axis) * axis) < 0.01
    assert found.pavilion.height_of_radius(3.0) == pytest.approx(way @ axis, abs=0.01)


def test_faults_are_seen_each_for_what_it_is() -> None:
    steep = measure_prongs(head(pavilion_deg=45.0), HERE, STONE).pavilion
    assert steep is not None and steep.flank_deg == pytest.approx(45.0, abs=0.15)
    tight = measure_prongs(head(play=-0.05), HERE, STONE)
    assert tight.interference_mm == pytest.approx(0.05, abs=0.01)
    assert all(prong.clearance_mm == pytest.approx(-0.05, abs=0.01) for prong in tight.prongs)
    assert math.hypot(*tight.interference_place_mm[:2]) == pytest.approx(2.95, abs=0.02)
    assert len(measure_prongs(head(prongs=3), HERE, STONE).prongs) == 3
    loose = measure_prongs(head(play=0.05), HERE, STONE)
    assert loose.play_mm > 0.05 and loose.retention_mm < tight.retention_mm
    short = measure_prongs(head(top=0.15), HERE, STONE)
    assert all(p.closed.contact < 0.25 for p in short.prongs)
    deep = measure_prongs(head(notch=0.55), HERE, STONE)
    assert all(p.notch_share == pytest.approx(0.55, abs=0.02) for p in deep.prongs)
    two = measure_prongs(head(prongs=1), HERE, STONE)
    assert math.isinf(two.play_mm) and two.retention_mm == 0.0
    none = measure_prongs(caster_of(Solid.cube((1, 1, 1)).translate((20.0, 0.0, 0.0))), HERE, STONE)
    assert not none.prongs and none.pavilion is None and none.retention_mm == 0.0


@pytest.mark.parametrize("lean", [4.0, 11.0])
def test_a_leaning_prong_keeps_its_thickness(lean: float) -> None:
    for prong in measure_prongs(head(lean_deg=lean), HERE, STONE).prongs:
        assert prong.lean_deg == pytest.approx(lean, abs=0.5)
        assert prong.full_mm == pytest.approx(1.2, abs=0.02)


def drilled(*, cut_in: float = 0.02, tilt_deg: float = 0.0, deeper: float = 0.0, pavilion_deg: float = 40.75) -> Any:
    """A block with a flush seat for a 1.3 mm stone whose table lies 0.05 mm under the block's top at z = 0."""
    stone = StoneProfile(0.65, 0.03, 40.75, 34.5, 0.19, 0.65 * math.tan(math.radians(40.75)), 0.37)
    flank = math.tan(math.radians(pavilion_deg))
    opening, pilot = stone.radius_mm - cut_in, 0.35
    rest = -0.05 - stone.table_mm
    tool = revolved(
        [(0.0, -4.0), (pilot, -4.0), (pilot, rest - (stone.radius_mm - pilot) * flank),
         (opening, rest - cut_in * flank), (opening, 1.0), (0.0, 1.0)], 128
    )  # fmt: skip
    tool = tool.rotate((tilt_deg, 0.0, 0.0)).translate((0.0, 0.0, -deeper))
    block = Solid.cube((6.0, 6.0, 3.0), True).translate((0.0, 0.0, -1.5))
    return caster_of(block - tool), stone, rest


def test_a_flush_seat_measures_as_it_was_drilled() -> None:
    caster, stone, rest = drilled()
    found = measure_flush(caster, np.array([0.05, -0.04, -3.0]), np.array([0.03, 0.02, 1.0]), stone)
    assert found is not None and found.bearing and found.pilot and found.opening
    assert found.opening.radius_mm == pytest.approx(0.63, abs=0.002)
    assert found.cut_in_mm == pytest.approx(0.02, abs=0.002)
    assert found.pilot.radius_mm == pytest.approx(0.35, abs=0.002)
    assert found.bearing.flank_deg == pytest.approx(40.75, abs=0.1)
    assert found.frame.origin[2] == pytest.approx(rest, abs=0.005)
    assert np.hypot(*found.frame.origin[:2]) < 0.003 and found.opening.tilt_deg(UP) < 0.05
    assert found.table_depth_mm == pytest.approx(0.05, abs=0.005)
    assert found.contact_share > 0.95 and found.interference_mm < 0.01


def test_a_flush_seat_out_of_place() -> None:
    caster, stone, rest = drilled(deeper=0.1)
    deep = measure_flush(caster, np.array([0.0, 0.0, -3.0]), UP, stone)
    assert deep is not None and deep.frame.origin[2] == pytest.approx(rest - 0.1, abs=0.005)
    assert deep.table_depth_mm == pytest.approx(0.15, abs=0.005)
    caster, stone, _ = drilled(tilt_deg=3.0)
    tilted = measure_flush(caster, np.array([0.0, 0.0, -3.0]), UP, stone)
    assert tilted is not None and tilted.opening is not None
    assert tilted.opening.tilt_deg(UP) == pytest.approx(3.0, abs=0.1)
    caster, stone, _ = drilled(pavilion_deg=45.0)
    steep = measure_flush(caster, np.array([0.0, 0.0, -3.0]), UP, stone)
    assert steep is not None and steep.bearing is not None and steep.bearing.flank_deg == pytest.approx(45, abs=0.2)
    whole = caster_of(Solid.cube((6.0, 6.0, 3.0), True).translate((0.0, 0.0, -1.5)))
    assert measure_flush(whole, np.array([0.0, 0.0, -3.0]), UP, stone) is None


@settings(max_examples=20, deadline=None)
@example(half=3.0, radius=1.0, tilt=0.0, noise=0.0, strays=0.2890625, seed=4000000)  # strays that agree with a tilt
@given(
    half=st.floats(0.0, 60.0),
    radius=st.floats(0.5, 6.0),
    tilt=st.floats(0, 8),
    noise=st.floats(0, 0.005),
    strays=st.floats(0, 0.3),
    seed=st.integers(0, 2**31),
)
def test_a_cone_is_fitted_through_noise_and_strays(
    half: float, radius: float, tilt: float, noise: float, strays: float, seed: int
) -> None:
    """Points of a known cone on four arcs, some of them belonging to a surface a third of a millimetre off."""
    rng = np.random.default_rng(seed)
    n = 240
    turn = rng.integers(0, 4, n) * 0.5 * np.pi + rng.uniform(-0.3, 0.3, n)
    height = rng.uniform(-0.4, 0.4, n)
    width = radius + math.tan(math.radians(half)) * height + rng.normal(0, noise, n)
    width = width + np.where(rng.random(n) < strays, 0.33, 0.0)
    points = np.stack([width * np.cos(turn), width * np.sin(turn), height], -1)
    a = math.radians(tilt)
    turned = points @ np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]]).T
    found = fit_cone(turned + np.array([0.02, -0.03, 0.01]), np.zeros(3), UP)
    assert found is not None
    axis = np.array([0.0, -math.sin(a), math.cos(a)])
    assert found.tilt_deg(axis) < 0.05 + 120.0 * noise
    assert found.offset_mm(np.array([0.02, -0.03, 0.01])) < 0.002 + 3.0 * noise
    assert math.degrees(math.atan(abs(found.slope))) == pytest.approx(half, abs=0.1 + 200.0 * noise)


def test_too_few_points_say_nothing() -> None:
    turn = np.linspace(0.0, 0.2, 50)
    arc = np.stack([np.cos(turn), np.sin(turn), np.linspace(0, 1, 50)], -1)
    assert fit_cone(arc, np.zeros(3), UP) is None
    assert fit_cone(arc[:5], np.zeros(3), UP) is None


def test_closing_lays_the_metal_on_the_crown() -> None:
    slope = 0.87 / math.sin(math.radians(34.5))
    full = close_prong(0.4 * slope, 0.9, 34.5, 0.87)
    assert full.contact == pytest.approx(0.4) and full.height_share == pytest.approx(0.75)
    assert full.overlap_mm == pytest.approx(0.4 * 0.87 / math.tan(math.radians(34.5)))
    half = close_prong(0.2 * slope, 0.9, 34.5, 0.87)
    assert half.contact == pytest.approx(0.2) and half.overlap_mm == pytest.approx(0.5 * full.overlap_mm)
    thin = close_prong(0.4 * slope, 0.1, 34.5, 0.87)
    assert thin.tip_mm == 0.1 and thin.height_share < 0.75
    assert close_prong(-1.0, 0.9, 34.5, 0.87).overlap_mm == 0.0
