"""Three stone rings: heads in frames of their own, resolved, built, and measured on the mesh where they stand."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode, Severity
from ringcad.export.report import stone_rows
from ringcad.export.report_weights import weigh
from ringcad.export.stl import stl_bytes
from ringcad.fit import obstacles
from ringcad.fit.shank_line import body_line
from ringcad.fit.side_shank import crown_line
from ringcad.registry import load_template
from ringcad.resolve import resolve
from ringcad.resolve.side_room import HeadBodies, Placement, room_between
from ringcad.resolved import HeadedRing, headed
from ringcad.spec import load_spec, parse_spec
from ringcad.template import BuiltRing
from ringcad.templates.three_stone import build, shape, template
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import SettingReport, judge_settings
from ringcad.verify.side_heads import side_sites, side_views
from ringcad.verify.stl import read_stl

ROOT = Path(__file__).resolve().parents[1]
GOLD = "ringcad: 1\ntemplate: three_stone\nring_size: US 7\nmetal: 18k_yellow_gold\n"
ROUND = GOLD + "stone: {size: 6.5 mm}\n"
PLACE_MM, TURN_DEG = 0.02, 1.0


@cache
def ring(text: str) -> HeadedRing:
    found = headed(resolve(parse_spec(text), "three"))
    assert found is not None
    return found


@cache
def made() -> BuiltRing:
    return template.build(shape.plan(ring(ROUND), {}), None, lambda stage: None)


@cache
def read() -> TriangleMesh:
    mesh = made().mesh
    return read_stl(stl_bytes(mesh.vertices, mesh.triangles))


def judged(mesh: TriangleMesh) -> SettingReport:
    return judge_settings(RayCaster(mesh), ring(ROUND))


def bodies(found: HeadedRing) -> tuple[HeadBodies, HeadBodies, Placement]:
    sides = found.sides
    assert sides is not None
    center = HeadBodies(found.stone, found.head, found.gallery)
    side = HeadBodies(sides.stone, sides.head, sides.gallery)
    return center, side, Placement(sides.lean_deg, sides.offset_mm)


# -- numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(load_template("three_stone").specs()))
def test_shipped_specs_resolve_to_three_heads(name: str) -> None:
    found = resolve(load_spec(ROOT / f"templates/three_stone/specs/{name}.yaml"), name)
    assert isinstance(found, HeadedRing) and found.sides is not None
    assert HeadedRing.model_validate_json(found.model_dump_json()) == found
    for field in type(found.sides).model_fields:
        assert any(path == f"sides.{field}" or path.startswith(f"sides.{field}.") for path in found.reasons), field
    for part in ("head", "gallery"):
        for field in type(getattr(found.sides, part)).model_fields:
            assert any(path.startswith(f"sides.{part}.{field}") for path in found.reasons), (part, field)


def test_frames_are_right_handed_mirror_images_about_the_center() -> None:
    sides = ring(ROUND).sides
    assert sides is not None
    right, left = sides.frames
    for frame in (right, left):
        axis, along = np.array(frame.axis), np.array(frame.along)
        assert np.allclose([axis @ axis, along @ along, axis @ along], [1.0, 1.0, 0.0])
        assert np.allclose(np.cross(axis, along), [0.0, 1.0, 0.0])
        # the origin is the foot of the finger axis on the head's axis
        assert abs(np.array(frame.origin_mm) @ axis) < 1e-12
    assert np.allclose(np.array(right.axis) * [-1, 1, 1], left.axis)
    assert np.allclose(np.array(right.origin_mm) * [-1, 1, 1], left.origin_mm)
    assert math.degrees(math.atan2(right.axis[0], right.axis[2])) == pytest.approx(sides.lean_deg)


def test_defaults_follow_the_center_stone() -> None:
    last = 0.0
    for size in (5.0, 6.5, 9.0):
        sides = ring(GOLD + f"stone: {{size: {size} mm}}\n").sides
        assert sides is not None
        assert 0.55 * size <= sides.stone.diameter_mm <= 0.75 * size and sides.stone.diameter_mm > last
        assert 10.0 <= sides.lean_deg <= 36.0 and 1.0 <= sides.drop_mm <= 2.85 and sides.gap_mm >= 0.09
        last = sides.stone.diameter_mm


def test_side_stones_take_the_center_stones_gem() -> None:
    sides = ring(GOLD + "stone: {size: 6.5 mm, gem: ruby}\n").sides
    assert sides is not None and sides.stone.gem == "ruby"


@pytest.mark.parametrize("stone", ["size: 6.5 mm", "cut: oval, size: 8x6 mm", "cut: emerald, size: 8x6 mm"])
def test_heads_keep_clear_of_each_other(stone: str) -> None:
    found = ring(GOLD + f"stone: {{{stone}}}\n")
    center, side, place = bodies(found)
    room = room_between(center, side, place)
    assert room.metal_mm >= found.foundry.gap_min_mm and room.stone_to_metal_mm >= 0.5 and room.stones_mm >= 0.3
    # nearer by a tenth, something is too close: the heads stand as near as they may
    nearer = replace(place, offset_mm=place.offset_mm - 0.1)
    closer = room_between(center, side, nearer)
    gap = float(nearer.to_ring(side.corners)[:, 0].min() - center.corners[:, 0].max())
    assert closer.metal_mm < found.foundry.gap_min_mm or closer.stone_to_metal_mm < 0.53 or gap < 0.1


def test_distance_of_stones_agrees_with_points_on_both() -> None:
    center, side, place = bodies(ring(ROUND))
    rng = np.random.default_rng(3)

    def points(corners: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        weights = rng.dirichlet(np.full(4, 0.3), 60_000)
        return np.einsum("nk,nkd->nd", weights, corners[rng.integers(0, len(corners), (60_000, 4))])

    one, two = points(center.corners), place.to_ring(points(side.corners))
    least = float(cKDTree(one).query(two)[0].min())
    assert room_between(center, side, place).stones_mm <= least + 1e-9
    assert least - room_between(center, side, place).stones_mm < 0.15


def test_a_placed_obstacle_measures_as_the_upright_one_does() -> None:
    sides = ring(ROUND).sides
    assert sides is not None
    hoop, frame = obstacles.Hoop(1.0, 2.0, 9.0, 10.0), sides.frames[0]
    moved = obstacles.Placed(hoop, frame.origin_mm, frame.along, frame.axis)
    local = np.random.default_rng(1).uniform([-3, -3, 8], [3, 3, 11], (500, 3))
    there = local @ moved.turn + np.array(frame.origin_mm)
    assert np.allclose(obstacles.distance(there, moved), obstacles.distance(local, hoop), atol=1e-12)
    near = obstacles.nearest_within(there, [moved], 0.3)
    assert np.allclose(near[near < 0.3], obstacles.distance(local, hoop)[near < 0.3])
    assert (np.isfinite(near) | (obstacles.distance(local, hoop) > 0.3)).all()


def test_the_crown_line_is_a_bridge_between_the_heads_and_the_shanks_own_line_behind_them() -> None:
    found = ring(ROUND)
    sides = found.sides
    assert sides is not None
    bridge, (first, last) = found.head.bridge_thickness_mm, sides.bridge_deg
    line = crown_line(found.shank, bridge, sides, np.array([0.0, first, last, sides.lift_deg, 90.0]))
    top = found.shank.thickness_top_mm
    assert line[:3] == pytest.approx([bridge, bridge, top + sides.arm_rise_mm], abs=1e-9)
    assert line[3:] == pytest.approx(body_line(found.shank, np.array([sides.lift_deg, 90.0])), abs=1e-9)
    phi = np.linspace(last, 60.0, 200)
    slope = np.diff(crown_line(found.shank, bridge, sides, phi))
    assert (slope < 1e-12).all() and (np.diff(slope) > -1e-12).all()  # one concave sweep


REFUSED = [
    ("sides: {gap_mm: 0.05, lean_deg: 20}\n", "sides.gap_mm"),
    ("sides: {lean_deg: 5}\n", "sides.lean_deg"),
    ("sides: {arm_rise_mm: 1.9}\n", "sides.arm_rise_mm"),
    ("sides: {notch_share: 0.7}\n", "sides.notch_share"),
    ("sides: {rail_gap_mm: 0.2}\n", "sides.rail_gap_mm"),
    ("sides: {prong_diameter_mm: 0.6}\n", "sides.prong_diameter_mm"),
    ("sides: {height_above_finger_mm: 3}\n", "sides.height_above_finger_mm"),
    ("sides: {base_rail_height_mm: 0.3}\n", "sides.base_rail_height_mm"),
    ("sides: {culet_clearance_mm: 0.2}\n", "sides.culet_clearance_mm"),
    ("sides: {stone: {size: 7 mm}}\n", "sides.stone.size"),
    ("sides: {stone: {size: 2 mm}}\n", "sides.stone.size"),
    ("head: {prongs: 5}\n", "head.prongs"),
]
NAMED = [
    ("sides: {stone: {gem: glass}}\n", "sides.stone.gem"),
    ("sides: {stone: {cut: oval}}\n", "sides.stone.cut"),
    ("sides: {prongs: 3}\n", "sides.prongs"),
    ("head: {style: stand}\n", "head.style"),
    ("gallery: {shoulders: cathedral}\n", "gallery.shoulders"),
]


@pytest.mark.parametrize(("text", "field"), REFUSED + NAMED)
def test_what_does_not_fit_is_named_with_its_fix(text: str, field: str) -> None:
    with pytest.raises(SpecError) as caught:
        ring(ROUND + text)
    (problem,) = caught.value.problems
    assert problem.field == field and problem.suggestion and "head." not in problem.suggestion.replace("head.style", "")
    proposed = re.search(r"use '?(?:prongs: )?([0-9.]+)", problem.suggestion)
    if (text, field) in REFUSED:
        assert proposed
        name = field.rpartition(".")[2]
        ring(ROUND + re.sub(rf"{name}: [0-9.]+", f"{name}: {proposed[1]}", text))


def test_side_stones_of_a_small_center_are_as_small_as_their_heads_allow() -> None:
    white = ROUND.replace("18k_yellow_gold", "18k_white_gold")  # its rails are wider
    found = ring(white.replace("6.5 mm", "4 mm"))
    assert found.sides is not None and 3.0 < found.sides.stone.diameter_mm <= 4.0
    with pytest.raises(SpecError) as caught:
        ring(white + "sides: {stone: {size: 3 mm}}\n")
    proposed = re.search(r"use '([0-9.]+ mm)'", caught.value.problems[0].suggestion or "")
    assert proposed
    ring(white + f"sides: {{stone: {{size: {proposed[1]}}}}}\n")


def test_sides_belong_to_a_three_stone_ring() -> None:
    with pytest.raises(SpecError) as caught:
        resolve(parse_spec(ROUND.replace("three_stone", "solitaire") + "sides: {prongs: 4}\n"), "one")
    assert "three_stone" in (caught.value.problems[0].suggestion or "")


# -- metal ----------------------------------------------------------------------------------------------------


def test_the_solid_is_sound_and_its_own_mirror_image() -> None:
    built, found = made(), ring(ROUND)
    sound = build.soundness(shape.plan(found, {}), built)
    topology = read()
    euler = len(topology.vertices) - len(topology.faces) // 2
    assert sound.findings == () and sound.expected_genus == 1 - euler // 2
    # tiles of the hoop are triangulated each on its own: the block is mirrored to the last digit
    high = built.mesh.vertices[built.mesh.vertices[:, 2] > 9.5]
    for mirror in ([-1, 1, 1], [1, -1, 1]):
        assert float(cKDTree(high).query(high * mirror)[0].max()) < 1e-5
    names = set(built.solid.names)
    for side in ("right", "left"):
        assert {f"side_{side}_prong_{k}" for k in (1, 2, 3, 4)} | {f"side_{side}_seat_rail"} <= names


def test_the_metal_of_two_heads_is_as_far_apart_as_resolved() -> None:
    built, found = made(), ring(ROUND)
    assert found.sides is not None
    vertices, faces, index = built.mesh.vertices, built.mesh.triangles, built.mesh.face_index
    names = np.array(built.solid.names)[index]
    corners = vertices[faces]
    dense = np.concatenate([corners.mean(axis=1), *(corners[:, k] for k in range(3))])
    which = np.tile(names, 4)
    center = np.array([name.startswith(("prong_", "seat_rail", "base_rail")) for name in which])
    right = np.char.startswith(which, "side_right_") & ~np.char.endswith(which, "seat_center")
    apart = float(cKDTree(dense[center]).query(dense[right])[0].min())
    assert found.sides.metal_gap_mm - 0.03 <= apart <= found.sides.metal_gap_mm + 0.1


def test_every_stone_is_measured_where_it_was_ordered() -> None:
    report, found = judged(read()), ring(ROUND)
    sides = found.sides
    assert sides is not None and [f for f in report.findings if f.severity is Severity.ERROR] == []
    for frame, view in zip(sides.frames, side_views(read(), found), strict=True):
        row, seat = report.rows[f"side_{frame.id}"], view.seat()
        assert seat is not None
        ordered = np.array(frame.origin_mm) + sides.head.girdle_z_mm * np.array(frame.axis)
        assert np.linalg.norm(seat.origin - ordered) < PLACE_MM
        assert math.degrees(math.acos(min(1.0, float(seat.axis @ frame.axis)))) < TURN_DEG
        assert row["pavilion"]["flank_deg"] == pytest.approx(sides.stone.pavilion_angle_deg, abs=TURN_DEG)
        assert len(row["prongs"]) == 4
        for prong in row["prongs"]:
            assert prong["full_mm"] == pytest.approx(sides.head.prong_diameter_girdle_mm, abs=0.03)
        assert row["nearest_stone"]["id"] == "center"
        assert row["nearest_stone"]["distance_mm"] == pytest.approx(sides.stones_mm, abs=PLACE_MM)
    subjects = {row["subject"] for row in report.rules}
    assert {
        "side_right: height of the seat",
        "side_left: height of the seat",
        "side_right prong 3: notch, share of the prong",
    } <= subjects


def test_walls_of_the_side_heads_are_sites() -> None:
    found = ring(ROUND)
    sites = {site.site: site for site in side_sites(read(), RayCaster(read()), found)}
    assert len(sites) == 2 * (2 + 4 + 1)
    for site in sites.values():
        assert site.lines > 100 and site.min_mm >= site.limit_mm - 0.02, site
    assert sites["under_side:right"].min_mm == pytest.approx(found.head.bridge_thickness_mm, abs=0.05)
    assert sites["rail:side_right_seat_rail"].place_mm[0] > 3.0 > -3.0 > sites["rail:side_left_seat_rail"].place_mm[0]


def _changed(which: int, change: Any) -> TriangleMesh:
    """The mesh with what stands high in the frame of a side head changed; ``change`` takes local points (k, 3)."""
    found, mesh = ring(ROUND), read()
    view = side_views(mesh, found)[which]
    assert found.sides is not None
    girdle, local = found.sides.head.girdle_z_mm, view.mesh.vertices.copy()
    mine = (np.hypot(local[:, 0], local[:, 1]) < 3.1) & (local[:, 2] > girdle - 0.35)
    local[mine] = change(local[mine], girdle)
    return TriangleMesh(vertices=np.where(mine[:, None], view.to_ring(local), mesh.vertices), faces=mesh.faces)


def _shaved(points: np.ndarray[Any, Any], girdle: float) -> np.ndarray[Any, Any]:
    """The prong at 45 degrees a quarter thinner."""
    head = ring(ROUND).side_ring
    assert head is not None
    lean = math.tan(math.radians(head.head.prong_lean_deg))
    out = head.head.prong_axis_radius_girdle_mm + lean * (points[:, 2] - girdle)
    axis = np.stack([out * math.sqrt(0.5), out * math.sqrt(0.5), points[:, 2]], axis=1)
    mine = (points[:, 0] > 0.0) & (points[:, 1] > 0.0)
    return np.where(mine[:, None], axis + 0.75 * (points - axis), points)


def _tilted(points: np.ndarray[Any, Any], girdle: float) -> np.ndarray[Any, Any]:
    turn, away = math.radians(2.0), points - np.array([0.0, 0.0, girdle])
    x = math.cos(turn) * away[:, 0] + math.sin(turn) * away[:, 2]
    z = math.cos(turn) * away[:, 2] - math.sin(turn) * away[:, 0]
    return np.stack([x, away[:, 1], z + girdle], axis=1)


@pytest.mark.parametrize(
    ("change", "code", "subject"),
    [
        (lambda points, _: points + np.array([0.0, 0.0, 0.08]), FindingCode.SEAT_POSITION, "height"),
        (lambda points, _: points + np.array([0.08, 0.0, 0.0]), FindingCode.SEAT_POSITION, "seat beside its place"),
        (_tilted, FindingCode.SEAT_POSITION, "tilt"),
        (_shaved, FindingCode.PRONG_SECTION, "prong"),
        (lambda points, girdle: points * [1, 1, 0] + [0, 0, girdle + 0.2] * np.ones_like(points),
         FindingCode.PRONG_HEIGHT, "prong"),
    ],
    ids=["raised", "aside", "tilted", "shaved", "cut_down"],
)  # fmt: skip
@pytest.mark.parametrize("which", [0, 1], ids=["right", "left"])
def test_a_side_head_changed_by_hand_is_caught(change: Any, code: FindingCode, subject: str, which: int) -> None:
    report = judged(_changed(which, change))
    side, other = [("right", "left"), ("left", "right")][which]
    broken = [row for row in report.rules if row["verdict"] not in ("pass", "warning")]
    assert any(
        row["code"] == code.value and f"side_{side}" in row["subject"] and subject in row["subject"] for row in broken
    )
    assert not [row for row in broken if f"side_{other}" in row["subject"] or row["subject"].startswith("center")]
    assert all(finding.place_mm is None or (finding.place_mm[0] > 0) == (which == 0) for finding in report.findings)


# -- what is told of them -------------------------------------------------------------------------------------


def test_side_stones_are_counted_and_weighed() -> None:
    found = ring(ROUND)
    assert found.sides is not None
    rows = {row["place"]: row for row in stone_rows(found)}
    assert rows["side"]["count"] == 2 and rows["center"]["count"] == 1
    carats = found.stone.weight_ct + 2.0 * found.sides.stone.weight_ct
    assert weigh(found, 200.0, {"skin": 100.0}).stones_ct == pytest.approx(carats)
    assert [stone.id for stone in template.stones(found)] == ["center", "side_right", "side_left"]
    assert found.stone_of("side") == found.sides.stone


def test_levels_of_three_tables_fall_outward() -> None:
    stones = template.stones(ring(ROUND))
    heights = {stone.id: stone.origin[2] for stone in stones}
    assert heights["center"] > heights["side_right"] == pytest.approx(heights["side_left"])
    assert all(abs(math.hypot(*one.axis) - 1.0) < 1e-12 for one, _ in pairwise(stones))
