"""Closing, motion and spacing of stones against closed forms and against solids cut by manifold3d."""

from __future__ import annotations

import math
from typing import Any

import manifold3d
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_verify_setting import HERE, STONE, Solid, caster_of, cutter, drilled, head, revolved

from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.closing import BURNISHED_RIM_MM, CONTACT_TARGET, close_lip, close_prong
from ringcad.verify.setting.flush import measure_flush
from ringcad.verify.setting.frames import StoneProfile, seat_frame
from ringcad.verify.setting.moves import TOUCH_MM, give_way, measure_moves
from ringcad.verify.setting.prongs import measure_prongs
from ringcad.verify.setting.spacing import distance_to_stone, nearest_stones, outline, stone_distance

UP = np.array([0.0, 0.0, 1.0])
SMALL = StoneProfile(0.65, 0.03, 40.75, 34.5, 0.19, 0.65 * math.tan(math.radians(40.75)), 0.37)
BODY = cutter(STONE, 0.0)


def turned(axis: Any, angle: float) -> np.ndarray:
    """Rotation matrix by the exponential of the cross product, independent of the code under test."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_rotvec(angle * np.asarray(axis) / np.linalg.norm(axis)).as_matrix())


def test_what_lies_in_the_girdle_gives_way_by_its_depth() -> None:
    depth = np.array([0.05, 0.2, 0.5])
    points = np.stack([3.0 - depth, 0 * depth, 0 * depth + 0.09], axis=1)
    for point, wanted in zip(points, depth, strict=True):
        assert give_way(STONE, point[None], np.eye(3)[None], np.zeros((1, 3)))[0] == pytest.approx(wanted, abs=2e-3)
    assert give_way(STONE, np.array([[3.0 + TOUCH_MM, 0, 0.09]]), np.eye(3)[None], np.zeros((1, 3)))[0] == 0.0


@settings(max_examples=25, deadline=None)
@given(
    radius=st.floats(2.2, 3.3), turn=st.floats(0, 6.28), height=st.floats(-0.6, 0.9), tilt=st.floats(0, 0.5),
    about=st.floats(0, 6.28), up=st.floats(-0.4, 0.8), aside=st.floats(-0.5, 0.5),
)  # fmt: skip
def test_metal_is_met_where_the_cut_of_solids_says_so(
    radius: float, turn: float, height: float, tilt: float, about: float, up: float, aside: float
) -> None:
    """A grain of metal and the stone moved anyhow: manifold3d's intersection is empty or not."""
    grain = np.array([radius * math.cos(turn), radius * math.sin(turn), height])
    rotation, shift = turned([math.cos(about), math.sin(about), 0.0], tilt), np.array([aside, 0.0, up])
    moved = BODY.transform(np.concatenate([rotation, shift[:, None]], axis=1))
    need = give_way(STONE, grain[None], rotation[None], shift[None])[0]
    size = 0.02  # a ball this large round the grain stays out of the stone, or a point of it goes in
    cut = (Solid.sphere(size, 24).translate(tuple(grain)) ^ moved).volume()
    whole = Solid.sphere(size, 24).volume()
    if need == 0.0:
        assert cut < 0.75 * whole
    else:
        assert cut > 0.25 * whole
        out = grain + need * np.array([math.cos(turn), math.sin(turn), 0.0])
        freed = (Solid.sphere(size, 24).translate(tuple(out)) ^ moved).volume()
        assert freed < 0.75 * whole  # after it has given way so far, it is out


@pytest.fixture(scope="module")
def good() -> Any:
    return measure_prongs(head(), HERE, STONE)


def test_four_closed_tips_hold_by_what_they_reach_over_the_girdle(good: Any) -> None:
    overlap = CONTACT_TARGET * 1.29  # the crown is 1.29 mm wide
    assert good.closed.lift_hold_mm == pytest.approx(overlap, abs=0.005)
    assert good.closed.loose_mm < 0.02 and good.closed.turn_mm == 0.0
    # As cast the notch itself lies 0.27 mm over the girdle.
    assert good.cast.lift_hold_mm == pytest.approx(0.27, abs=0.01)
    assert good.retention_mm == good.closed.hold_mm > 0.3


@pytest.mark.parametrize("share", [0.85, 0.75])
def test_a_tip_too_short_by_15_and_25_percent_of_what_it_needs_holds_so_much_less(share: float, good: Any) -> None:
    """Prongs whose metal reaches a share of the target cover and hold that share of it."""
    slope = 1.29 / math.cos(math.radians(STONE.crown_angle_deg))
    found = measure_prongs(head(top=share * CONTACT_TARGET * slope - 0.11 + 0.03), HERE, STONE)
    for prong in found.prongs:
        assert prong.closed.contact == pytest.approx(share * CONTACT_TARGET, abs=0.02)
    assert found.closed.lift_hold_mm == pytest.approx(share * good.closed.lift_hold_mm, rel=0.06)


def test_a_seat_cut_too_deep_lets_the_stone_drop() -> None:
    found = measure_prongs(head(raised=-0.1), HERE, STONE)
    assert found.closed.drop_mm == pytest.approx(0.1, abs=0.03)
    assert measure_prongs(head(), HERE, STONE).closed.drop_mm < 0.01


def test_tips_missing_on_one_side_let_the_stone_tilt_out_there(good: Any) -> None:
    caster = head()
    keep = Solid.cube((10.0, 20.0, 20.0)).translate((0.0, -10.0, 0.2))  # above the girdle on x > 0
    mesh = manifold3d.Mesh(caster.mesh.vertices.astype(np.float32), caster.mesh.faces.astype(np.uint32))
    found = measure_prongs(caster_of(Solid(mesh) - keep), HERE, STONE)
    assert sorted(round(prong.closed.contact, 1) for prong in found.prongs) == [0.0, 0.0, 0.4, 0.4]
    assert found.closed.tilt_hold_mm < 0.15 < 0.4 < good.closed.tilt_hold_mm
    assert found.closed.tilt_mm > 2.0 * good.closed.tilt_mm and found.closed.lift_hold_mm > 0.4


def test_prongs_on_one_side_let_the_stone_out_sideways(good: Any) -> None:
    one = measure_prongs(head(prongs=1), HERE, STONE)
    assert one.closed.shift_hold_mm == 0.0 and one.closed.shift_mm > 1.0 and one.retention_mm == 0.0
    three = measure_prongs(head(prongs=3), HERE, STONE)
    assert three.closed.shift_hold_mm > 0.3 and three.closed.shift_mm < 0.03


def test_insertion_is_what_stands_over_the_girdle(good: Any) -> None:
    assert good.blocked_mm == 0.0
    for prong in good.prongs:
        assert prong.opening_mm == pytest.approx(0.27, abs=0.01)
    bar = Solid.cube((8.0, 0.6, 0.6), True).translate((0.0, 0.0, 2.6))
    mesh = head().mesh
    solid = Solid(manifold3d.Mesh(mesh.vertices.astype(np.float32), mesh.faces.astype(np.uint32)))
    barred = measure_prongs(caster_of(solid + bar), HERE, STONE)
    assert barred.blocked_mm == pytest.approx(3.0, abs=0.01) and barred.blocked_place_mm[2] > 2.0


def test_a_closed_prong_loses_what_bridges_its_play() -> None:
    near, far = (close_prong(0.5, 0.9, 34.5, 0.87, gap) for gap in (0.0, 0.2))
    slope = 0.87 / math.sin(math.radians(34.5))
    assert near.reach - far.reach == pytest.approx(0.2 / slope)


@settings(max_examples=25, deadline=None)
@given(height=st.floats(0.02, 0.5), wall=st.floats(0.1, 3.0), cut_in=st.floats(0.0, 0.05))
def test_a_burnished_rim_keeps_its_metal(height: float, wall: float, cut_in: float) -> None:
    """Section before and after, as polygons cut by manifold3d; x from the girdle's edge outward."""
    lip = close_lip(height, wall, cut_in, SMALL, folded=False)
    reach = lip.reach * SMALL.crown_run_mm
    rise = math.tan(math.radians(SMALL.crown_angle_deg))
    rim = min(wall, BURNISHED_RIM_MM)
    stone = manifold3d.CrossSection([[(-50.0, -1.0), (0.0, -1.0), (0.0, 0.0), (-50.0, 50.0 * rise)]])
    before = manifold3d.CrossSection([[(-cut_in, 0.0), (rim, 0.0), (rim, height), (-cut_in, height)]])
    bevel = manifold3d.CrossSection([[(-reach, 0.0), (rim, 0.0), (rim, height), (-reach, reach * rise)]]) - stone
    assert bevel.area() == pytest.approx(before.area(), rel=1e-3)
    assert lip.contact == min(CONTACT_TARGET, lip.reach)
    assert lip.overlap_mm == pytest.approx(lip.contact * SMALL.crown_run_mm)


def test_a_bezel_is_laid_over_without_stretching() -> None:
    lip = close_lip(0.4, 0.7, 0.0, STONE, folded=True)
    assert lip.reach == pytest.approx(0.4 * math.cos(math.radians(34.5)) / STONE.crown_run_mm)
    assert close_lip(-0.1, 0.7, 0.0, STONE, folded=True).contact == 0.0


def bezel(height: float, wall: float = 0.7, play: float = 0.0) -> RayCaster:
    """A cup of the wall round the stone with a conical bearing, on a thin stem."""
    flank = math.tan(math.radians(STONE.pavilion_angle_deg))
    inner, outer = STONE.radius_mm + play, STONE.radius_mm + play + wall
    top = STONE.girdle_mm + height
    cup = [(2.2, -2.6), (outer, -2.6), (outer, top), (inner, top), (inner, play * flank), (2.2, -(3.0 - 2.2) * flank)]
    return caster_of(revolved(cup))


def test_a_bezel_is_found_and_closed_by_its_wall() -> None:
    found = measure_flush(bezel(0.6), np.array([0.0, 0.0, -8.0]), UP, STONE)
    assert found is not None and found.least_lip.folded
    assert found.least_lip.reach == pytest.approx(0.6 * math.cos(math.radians(34.5)) / 1.29, abs=0.02)
    assert found.contact_share > 0.95 and found.closed.drop_mm < 0.02
    assert found.closed.lift_hold_mm == pytest.approx(found.least_lip.overlap_mm, abs=0.01)
    low = measure_flush(bezel(0.6 * 0.4), np.array([0.0, 0.0, -8.0]), UP, STONE)
    assert low is not None and low.least_lip.reach == pytest.approx(0.4 * found.least_lip.reach, rel=0.06)


def test_a_flush_stone_is_held_by_its_lip_and_not_before() -> None:
    caster, stone, _ = drilled()
    found = measure_flush(caster, np.array([0.0, 0.0, -3.0]), UP, stone)
    assert found is not None and not found.least_lip.folded
    assert found.cast.lift_hold_mm == pytest.approx(0.02, abs=0.004)  # the declared cut-in
    assert found.closed.lift_hold_mm == pytest.approx(CONTACT_TARGET * stone.crown_run_mm, abs=0.005)
    assert found.closed.loose_mm < 0.02 and found.retention_mm > 4.0 * found.cast.hold_mm
    assert found.opening_low_mm == pytest.approx(0.63, abs=0.003) == pytest.approx(found.opening_high_mm, abs=0.003)
    assert math.isinf(found.blocked_mm)


def test_nothing_holds_a_stone_in_the_open() -> None:
    free = measure_moves(STONE, np.zeros((0, 3)))
    assert free.hold_mm == 0.0 and free.loose_mm > 1.0


def as_solid(frame: Any, stone: StoneProfile) -> Any:
    """The stone as a fine solid in place."""
    matrix = np.stack([frame.across, frame.along, frame.axis, frame.origin], axis=1)
    return revolved([(r, z) for r, z in outline(stone)], 96).transform(matrix)


@settings(max_examples=10, deadline=None)
@given(
    x=st.floats(-5, 5), y=st.floats(-5, 5), z=st.floats(-4, 4), lean=st.floats(-0.8, 0.8), other=st.floats(-0.8, 0.8)
)
def test_distance_of_stones_is_that_of_their_solids(x: float, y: float, z: float, lean: float, other: float) -> None:
    one = (HERE, STONE)
    two = (seat_frame(np.array([x, y, z]), np.array([lean, other, 1.0])), SMALL)
    found = stone_distance(one, two)
    gap = as_solid(*one).min_gap(as_solid(*two), 20.0)
    assert max(found, 0.0) == pytest.approx(gap, abs=0.02)


def test_distance_in_closed_form() -> None:
    beside = (seat_frame(np.array([7.0, 0.0, 0.0]), UP), STONE)
    assert stone_distance((HERE, STONE), beside) == pytest.approx(1.0, abs=1e-3)
    above = (seat_frame(np.array([0.0, 0.0, STONE.table_mm + STONE.pavilion_depth_mm + 0.4]), UP), STONE)
    assert stone_distance((HERE, STONE), above) == pytest.approx(0.4, abs=1e-6)
    inside = distance_to_stone(HERE, STONE, np.array([[2.0, 0.0, -0.5], [0.0, 0.0, 0.0]]))
    assert inside[0] == pytest.approx(0.5 * math.cos(math.radians(40.75)) - math.sin(math.radians(40.75)), abs=1e-9)
    assert inside[1] == pytest.approx(-STONE.table_mm, abs=1e-9)
    placed = {name: (seat_frame(np.array([at, 0.0, 0.0]), UP), SMALL) for name, at in (("a", 0), ("b", 1.5), ("c", 4))}
    nearest = nearest_stones(placed)
    assert nearest["a"] == ("b", pytest.approx(0.2, abs=1e-3)) and nearest["c"][0] == "b"
    assert nearest_stones({"alone": (HERE, STONE)}) == {}
