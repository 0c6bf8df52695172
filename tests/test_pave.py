"""Bead-set rows: where stones and beads stand by other means, the metal on labelled vertices, the verifier blind."""

from __future__ import annotations

import itertools
import math
import re
from functools import cache
from typing import Any

import manifold3d
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rings_support import fit_cone
from verify_ring_bodies import arrays_of

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode
from ringcad.export.report_setting import setting_rows
from ringcad.fit.bead_row import BeadSizes, lay_row, seats_and_beads
from ringcad.resolve import resolve
from ringcad.resolved import BeadAccent, PlacedSeat, ResolvedRing
from ringcad.spec import parse_spec
from ringcad.standards import setting_rule
from ringcad.templates.pave_solitaire import template
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.bead_rules import bead_rules
from ringcad.verify.setting.beads import BeadSetting, measure_beads
from ringcad.verify.setting.frames import SeatFrame, seat_frame, stone_profile
from ringcad.verify.setting.openings import opening_rule
from ringcad.verify.setting.spacing import stone_distance

RING = "ringcad: 1\ntemplate: pave_solitaire\nring_size: {ring}\nmetal: 18k_yellow_gold\nstone: {{size: 6.5 mm}}\n"
PARTS = "head: {{style: {head}}}\n{shank}accents:\n"
ROW = "  - {{setting: bead, stone: {{cut: round, size: {size:g} mm}}, count: {count}{more}}}\n"
FLAT = "shank: {profile: flat}\n"
TOPS_MM = 0.022  # least of what the gate leaves a shared bead (0.03 mm), with room for the chord of the mesh


def spec(
    size: float = 1.5,
    count: int | str = "fill",
    ring: str = "US 7",
    head: str = "stand",
    shank: str = FLAT,
    more: str = "",
) -> str:
    parts = PARTS.format(head=head, shank=shank)
    return RING.format(ring=ring) + parts + ROW.format(size=size, count=count, more=more)


def ring(text: str) -> ResolvedRing:
    return resolve(parse_spec(text), "pave")


def row(found: ResolvedRing) -> BeadAccent:
    accent = found.accents[0]
    assert isinstance(accent, BeadAccent)
    return accent


def problems(text: str) -> dict[str, Any]:
    with pytest.raises(SpecError) as caught:
        ring(text)
    return {problem.field: problem for problem in caught.value.problems}


def right(accent: BeadAccent) -> list[PlacedSeat]:
    return [seat for seat in accent.seats if seat.origin_mm[0] > 0.0]


def frame_of(seat: PlacedSeat) -> SeatFrame:
    return seat_frame(np.array(seat.origin_mm), np.array(seat.axis))


def shared_tops_mm(accent: BeadAccent) -> list[float]:
    """Tops of the beads that two stones share, over the girdle of either."""
    seats = {seat.id: frame_of(seat) for seat in accent.seats}
    radius, found = 0.5 * accent.bead_diameter_mm, []
    for bead in accent.beads:
        ball = np.array(bead.foot_mm) + (bead.height_mm - radius) * np.array(bead.axis)
        if len(bead.holds) == 2:
            found += [float(seats[name].to_local(ball)[2]) + radius for name in bead.holds]
    return found


# -- numbers -------------------------------------------------------------------------------------------------------


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([0.8, 1.0, 1.3, 1.5, 1.8, 2.0, 2.5, 3.0]),
    st.sampled_from(["US 1", "US 4 1/2", "US 7", "US 12", "US 16"]),
    st.sampled_from(["stand", "basket"]),
)
def test_a_row_keeps_every_gap_and_four_beads_reach_over_every_girdle(size: float, inside: str, head: str) -> None:
    found = ring(spec(size, ring=inside, head=head))
    accent, stone = row(found), stone_profile(row(found).stone)
    seats = right(accent)
    gaps = [stone_distance((frame_of(one), stone), (frame_of(two), stone)) for one, two in itertools.pairwise(seats)]
    assert gaps == pytest.approx([accent.gap_mm] * len(gaps), abs=3e-3)
    assert accent.gap_mm >= setting_rule("bead_gap_low").value - 1e-9
    # mirrored at x = 0
    left = [seat for seat in accent.seats if seat.origin_mm[0] < 0.0]
    for one, two in zip(seats, left, strict=True):
        assert np.array(one.origin_mm) * [-1, 1, 1] == pytest.approx(np.array(two.origin_mm))
        assert np.array(one.axis) * [-1, 1, 1] == pytest.approx(np.array(two.axis))
    radius = 0.5 * accent.bead_diameter_mm
    for seat in accent.seats:
        frame = frame_of(seat)
        around = [bead for bead in accent.beads if seat.id in bead.holds]
        assert len(around) == 4
        for bead in around:
            ball = np.array(bead.foot_mm) + (bead.height_mm - radius) * np.array(bead.axis)
            away, _, height = frame.to_local(ball)
            over = stone.radius_mm + radius - float(away)
            assert over == pytest.approx(accent.overlap_mm, abs=0.01 * size)
            assert over >= (setting_rule("bead_overlap_min").value - 0.003) * size
            assert float(height) + radius >= stone.table_mm
            assert float(height) + radius <= accent.bead_rise_mm + TOPS_MM
        # no bead of another stone comes near
        others = [bead for bead in accent.beads if seat.id not in bead.holds]
        for bead in others:
            ball = np.array(bead.foot_mm) + (bead.height_mm - radius) * np.array(bead.axis)
            assert float(frame.to_local(ball)[0]) - radius > stone.radius_mm
    balls = np.array([np.array(b.foot_mm) + (b.height_mm - radius) * np.array(b.axis) for b in accent.beads])
    apart = np.linalg.norm(balls[:, None] - balls[None], axis=2) + 99.0 * np.eye(len(balls))
    assert apart.min() - 2.0 * radius >= 0.8 * found.foundry.gap_min_mm


@settings(max_examples=10, deadline=None)
@given(
    st.floats(8.0, 14.0),
    st.floats(-0.12, 0.12),
    st.integers(2, 5),
    st.floats(0.8, 3.0),
    st.floats(0.1, 0.25),
)
@example(8.0, 0.0, 2, 1.3046875, 0.25)  # a shank rounded down to tenths left too little beside the stones
def test_a_row_on_any_curved_line_keeps_its_gaps(
    radius: float, wave: float, waves: int, size: float, gap: float
) -> None:
    """Rising, falling, round and hollow lines: what counts are the stones' own bodies."""

    def line(phi_deg: np.ndarray) -> np.ndarray:
        return np.asarray(radius * (1.0 + wave * np.cos(waves * np.radians(phi_deg)) / waves**2))

    stone = stone_profile(row(ring(spec(size))).stone)
    sizes = BeadSizes(stone.radius_mm, stone.girdle_mm, 0.07 * size, 0.2 * size, 0.2 * size, 0.05 * size, 0.25)
    laid = lay_row(line, 20.0, sizes, gap, last_deg=150.0)
    seats, beads = seats_and_beads(line, laid, sizes, "row")
    assert len(beads) == 2 * (len(seats) + 1)
    for one, two in itertools.pairwise(seats):
        near = stone_distance((frame_of(one), stone), (frame_of(two), stone))
        # the girdle's facing points are exact; crowns lean together only on hollow lines
        assert near == pytest.approx(gap, abs=4e-3) or near > gap
    for seat, stood in zip(seats, laid, strict=True):
        off = np.array(seat.origin_mm)[[0, 2]] - stood.point
        assert float(off @ stood.normal) == pytest.approx(sizes.proud)
        assert abs(float(off @ stood.tangent)) < 1e-9


def test_fill_takes_as_many_whole_stones_as_end_in_time() -> None:
    accent = row(ring(spec()))
    count = len(right(accent))
    outer = max(math.degrees(math.atan2(bead.foot_mm[0], bead.foot_mm[2])) for bead in accent.beads)
    end = setting_rule("bead_reach_deg").value
    assert outer < end
    more = row(ring(spec(count=count + 1)))
    assert max(math.degrees(math.atan2(bead.foot_mm[0], bead.foot_mm[2])) for bead in more.beads) + 1.0 > end
    assert [seat.phi_deg for seat in right(more)][:count] == pytest.approx([seat.phi_deg for seat in right(accent)])


def test_ornament_begins_beyond_the_row() -> None:
    text = spec(1.8, 4, shank="shank: {profile: flat, width_mm: 3.0}\n") + "decoration: [{prompt: rope}]\n"
    found = ring(text)
    outer = max(
        math.degrees(math.atan2(bead.foot_mm[0], bead.foot_mm[2])) + 0.5 * row(found).bead_diameter_mm / 11.0
        for bead in row(found).beads
    )
    assert {zone.id for zone in found.decoration} == {"right_shoulder", "left_shoulder"}
    assert all(abs(zone.phi_start_deg) > outer for zone in found.decoration)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (spec(count=1), "accents.0.count"),
        (spec(count=40), "accents.0.count"),
        (spec(0.6), "accents.0.stone.size"),
        (spec(4.0), "accents.0.stone.size"),
        (spec(more=", on: [left_shoulder]"), "accents.0.on"),
        (spec(more=", gap_mm: 0.05"), "accents.0.gap_mm"),
        (spec(more=", gap_mm: 0.8"), "accents.0.gap_mm"),
        (spec(more=", start_deg: 5"), "accents.0.start_deg"),
        (spec(shank="shank: {profile: flat, width_mm: 1.8}\n"), "accents.0.stone.size"),
        (spec(2.5, shank="shank: {profile: flat, thickness_mm: 1.4}\n"), "accents.0.stone.size"),
        (spec(shank="shank: {profile: knife_edge}\n"), "shank.profile"),
        (spec(shank="shank: {profile: ellipse}\n"), "shank.profile"),
        (spec().replace("setting: bead", "setting: channel"), "accents"),
        (spec().split("accents")[0], "accents"),
        (spec().replace("pave_solitaire", "solitaire"), "accents"),
    ],
)
def test_what_does_not_fit_is_named_with_a_way_out(text: str, field: str) -> None:
    found = problems(text)
    assert field in found
    assert found[field].suggestion


def test_proposals_are_ways_out() -> None:
    hint = problems(spec(count=40))["accents.0.count"].suggestion
    most = int(re.findall(r"\d+", hint)[0])
    assert len(right(row(ring(spec(count=most))))) == most
    narrow = "shank: {profile: flat, width_mm: 1.8}\n"
    hint = problems(spec(shank=narrow))["accents.0.stone.size"].suggestion
    width, smaller = (float(part) for part in re.findall(r"\d+(?:\.\d+)?", hint))
    ring(spec(shank=narrow.replace("1.8", f"{width:g}")))
    ring(spec(smaller, shank=narrow))
    hint = problems(spec(more=", gap_mm: 0.8"))["accents.0.gap_mm"].suggestion
    ring(spec(more=f", gap_mm: {float(re.findall(r'[0-9.]+', hint)[0]):g}"))


@pytest.mark.parametrize("name", sorted(template.specs()))
def test_shipped_specs_resolve_and_the_report_has_their_rows(name: str) -> None:
    found = resolve(parse_spec(template.specs()[name]), name)
    wanted = {"seats", "beads", "gap_mm", "bead_diameter_mm", "overlap_mm", "scallop", "azure_diameter_mm"}
    assert {f"accents.0.{part}" for part in wanted} <= set(found.reasons)
    rows = [line for line in setting_rows(found) if line.stone.startswith("pave")]
    assert len(rows) == 9
    assert all(line.verdict == "ok" for line in rows)
    assert len(template.stones(found)) == 1 + len(row(found).seats)
    # the first stone of a basket's row lies on the slope to the bridge, where a shared bead stood 0.031 mm too high
    rise = row(found).bead_rise_mm
    assert all(rise - 1e-6 <= top <= rise + TOPS_MM for top in shared_tops_mm(row(found)))


# -- metal ---------------------------------------------------------------------------------------------------------


def short(accent: BeadAccent) -> BeadAccent:
    """The first two stones of the right shoulder with all their beads."""
    seats = right(accent)[:2]
    names = {seat.id for seat in seats}
    beads = [bead for bead in accent.beads if names & set(bead.holds)]
    return accent.model_copy(update={"seats": tuple(seats), "beads": tuple(beads)})


@cache
def kernel_made(size: float) -> tuple[ResolvedRing, BeadAccent, Any]:
    """Two stones on a plain flat hoop, by the kernel."""
    from ringcad.kernel.beads import bead_bodies, bead_cutters
    from ringcad.kernel.boolean import check, cut, fuse
    from ringcad.kernel.mesh import tessellate
    from ringcad.kernel.parts import revolve

    found = ring(spec(size, count=2))
    accent = short(row(found))
    low, half = found.bore_radius_mm, 0.5 * found.shank.width_top_mm
    high = low + found.shank.thickness_top_mm
    hoop = revolve(
        [(low, -half), (high, -half), (high, half), (low, half)], np.zeros(3), np.array([0.0, 1.0, 0.0]), "hoop"
    )
    metal = cut(fuse([hoop, *bead_bodies(accent)]), bead_cutters(accent))
    assert not check(metal)
    return found, accent, tessellate(metal, 0.01, 10.0)


def labelled(mesh: Any, name: str) -> np.ndarray:
    """(n, 3, 3) corners of the triangles of the faces with a name."""
    names = np.array(mesh.face_names)
    return np.asarray(mesh.vertices[mesh.triangles[names[mesh.face_index] == name]])


sizes = pytest.mark.parametrize("size", [0.8, 1.5, 3.0])


@sizes
def test_seats_and_beads_on_labelled_vertices(size: float) -> None:
    _, accent, mesh = kernel_made(size)
    stone = accent.stone
    for seat in accent.seats:
        corners = labelled(mesh, f"seat_{seat.id}")
        axis, origin = np.array(seat.axis), np.array(seat.origin_mm)
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        rise = normal @ axis / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)
        cone = fit_cone(np.unique(corners[rise > 0.4].reshape(-1, 3), axis=0), origin, axis)
        assert 90.0 - cone.half_angle_deg == pytest.approx(stone.pavilion_angle_deg, abs=0.1)
        assert np.degrees(np.arccos(min(1.0, cone.axis @ axis))) < 0.1
        assert 2.0 * cone.radius_at_origin_mm == pytest.approx(stone.diameter_mm, abs=5e-3)
        assert np.linalg.norm(np.cross(cone.origin - origin, axis)) < 2e-3
        # the opening widens from the pilot to the azure
        height = (corners - origin) @ axis
        away = np.linalg.norm(corners - origin - height[..., None] * axis, axis=-1)
        assert 2.0 * away[rise < 0.4].min() == pytest.approx(accent.pilot_diameter_mm, abs=0.02)
        assert 2.0 * away[rise < 0.4].max() >= accent.azure_diameter_mm - 0.02
    for bead in accent.beads:
        points = np.unique(labelled(mesh, f"bead_{bead.id}").reshape(-1, 3), axis=0)
        height = (points - np.array(bead.foot_mm)) @ np.array(bead.axis)
        away = np.linalg.norm(points - np.array(bead.foot_mm) - height[:, None] * np.array(bead.axis), axis=1)
        assert 2.0 * away.max() == pytest.approx(accent.bead_diameter_mm, abs=1e-3)
        assert height.max() == pytest.approx(bead.height_mm, abs=1e-3)
        # rooted: what shows of it begins at least so far over its foot
        assert height.min() >= 0.15


@sizes
def test_u_cuts_on_labelled_vertices_clear_of_beads(size: float) -> None:
    found, accent, mesh = kernel_made(size)
    assert accent.scallop is not None
    for seat in accent.seats:
        points = np.unique(labelled(mesh, f"scallop_{seat.id}").reshape(-1, 3), axis=0) - np.array(seat.origin_mm)
        along, across = points @ np.array(seat.along), points @ np.array(seat.across)
        height = points @ np.array(seat.axis)
        assert np.abs(along).max() <= accent.scallop.radius_mm + 1e-6
        assert {-1.0, 1.0} == set(np.sign(across))
        side = np.abs(across).max()
        assert side == pytest.approx(0.5 * found.shank.width_top_mm, abs=2e-3)
        share = (side - accent.scallop.from_mm) / (accent.scallop.to_mm - accent.scallop.from_mm)
        assert -height.min() == pytest.approx(accent.scallop.depth_mm + share * accent.scallop.fall_mm, abs=5e-3)
        for bead in accent.beads:
            offset = points + np.array(seat.origin_mm) - np.array(bead.foot_mm)
            out = offset @ np.array(bead.axis)
            clear = np.linalg.norm(offset - out[:, None] * np.array(bead.axis), axis=1).min()
            assert clear > 0.5 * accent.bead_diameter_mm


def rules(
    found: ResolvedRing, accent: BeadAccent, vertices: Any, triangles: Any
) -> tuple[list[Any], list[BeadSetting]]:
    """All rules of a row's seats on a mesh, and what was measured."""
    caster = RayCaster(mesh_from_arrays(vertices, triangles))
    judged, measured = [], []
    for seat in accent.seats:
        stone = stone_profile(accent.stone)
        held = measure_beads(caster, np.array(seat.origin_mm), np.array(seat.axis), stone, accent.overlap_mm)
        judged += list(bead_rules(held, stone, accent, seat, "accents.0", found))
        if held is not None:
            measured.append(held)
            judged.append(
                opening_rule(
                    caster, held.frame, stone, accent.pilot_diameter_mm, accent.through_mm, seat.id, "accents.0"
                )
            )
    return judged, measured


def broken(judged: list[Any]) -> set[FindingCode]:
    return {finding.code for rule in judged if (finding := rule.finding()) is not None}


@sizes
def test_the_verifier_passes_what_the_kernel_made_and_measures_it(size: float) -> None:
    found, accent, mesh = kernel_made(size)
    judged, measured = rules(found, accent, mesh.vertices, mesh.triangles)
    assert not broken(judged)
    assert {rule.state for rule in judged} == {"as_cast", "as_set"}
    assert len(measured) == 2
    for held in measured:
        assert len(held.beads) == 4
        assert 0.5 < held.contact_share < 0.95  # U-cuts open the rest
        for bead in held.beads:
            assert bead.diameter_mm == pytest.approx(accent.bead_diameter_mm, abs=2e-3)
            assert bead.overlap_mm == pytest.approx(accent.overlap_mm, abs=0.01)
            assert 0.30 <= bead.closed.contact <= 0.50
        assert held.closed.hold_mm > held.cast.hold_mm


# -- the verifier, blind -------------------------------------------------------------------------------------------


def oracle(
    found: ResolvedRing, accent: BeadAccent, *, bead: float = 1.0, beads: int | None = None, top: float = 0.0,
    stone: float = 1.0, aside: float = 0.0, lean_deg: float = 0.0, angle_deg: float = 0.0, deep: float = 0.0,
    open_share: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The same by boolean of meshes, from the numbers alone.

    Shares scale beads and seats; ``top`` (mm) is taken off the beads, ``aside`` and ``deep`` (mm), ``lean_deg`` and
    ``angle_deg`` move, sink, tilt and flatten the first seat; ``beads`` is how many there are; ``open_share`` of its
    diameter is left of the first opening.
    """
    make = manifold3d.Manifold
    low, width = found.bore_radius_mm, found.shank.width_top_mm
    high = low + found.shank.thickness_top_mm
    hoop = make.cylinder(width, high, high, 360, True) - make.cylinder(width + 1.0, low, low, 360, True)
    metal = hoop.rotate((90.0, 0.0, 0.0))
    radius = 0.5 * accent.bead_diameter_mm * bead
    added = []
    for one in accent.beads[:beads]:
        base = one.height_mm - 0.5 * accent.bead_diameter_mm
        post = make.cylinder(base, radius, radius, 64) + make.sphere(radius, 64).translate((0.0, 0.0, base))
        if top:
            post = post.trim_by_plane((0.0, 0.0, -1.0), -(one.height_mm - top))
        added.append(placed(post, one.foot_mm, one.axis))
    metal = make.batch_boolean([metal, *added], manifold3d.OpType.Add)
    taken = []
    for number, seat in enumerate(accent.seats):
        first = number == 0
        flank = math.tan(math.radians(accent.stone.pavilion_angle_deg - (angle_deg if first else 0.0)))
        half = 0.5 * accent.stone.diameter_mm * (stone if first else 1.0)
        wide, pilot = 0.5 * accent.opening_diameter_mm, 0.5 * accent.pilot_diameter_mm
        cone = make.cylinder((wide - pilot) * flank, pilot, wide, 128).translate((0.0, 0.0, (pilot - half) * flank))
        bored = pilot * (open_share if first else 1.0)
        hole = make.cylinder(6.1, bored, bored, 128).translate((0.0, 0.0, (pilot - half) * flank - 6.0))
        over = make.cylinder(1.0, wide, wide, 128).translate((0.0, 0.0, (wide - half) * flank))
        body = cone + over + hole if bored else cone + over
        if first:
            body = body.rotate((lean_deg, 0.0, 0.0)).translate((aside, 0.0, -deep))
        taken.append(placed(body, seat.origin_mm, seat.axis))
    metal = make.batch_boolean([metal, *taken], manifold3d.OpType.Subtract)
    return arrays_of(metal)


def placed(body: Any, origin: Any, axis: Any) -> Any:
    """A body about +z, stood where it belongs in the plane of the finger hole."""
    turn = math.degrees(math.atan2(axis[0], axis[2]))
    return body.rotate((0.0, turn, 0.0)).translate(tuple(float(part) for part in origin))


def test_the_verifier_passes_the_oracle() -> None:
    found, accent, _ = kernel_made(1.5)
    judged, measured = rules(found, accent, *oracle(found, accent))
    assert not broken(judged)
    assert all(held.contact_share > 0.95 for held in measured)  # it has no U-cuts


def _with_body(mesh: tuple[np.ndarray, np.ndarray], body: Any, hollow: bool) -> tuple[np.ndarray, np.ndarray]:
    """A mesh and a body of its own beside it; turned inside out it is a void."""
    vertices, triangles = arrays_of(body)
    turned = triangles[:, ::-1] if hollow else triangles
    return np.concatenate([mesh[0], vertices]), np.concatenate([mesh[1], turned + len(mesh[0])])


@pytest.mark.parametrize("hollow", [False, True])
def test_metal_over_a_bead_is_not_the_bead_and_a_void_under_it_is_found(hollow: bool) -> None:
    """As where a prong leans out over the bead; and where the bead has no root."""
    found, accent, _ = kernel_made(1.5)
    mesh = oracle(found, accent)
    bead = accent.beads[0]
    away = 0.05 if hollow else bead.height_mm + 0.7
    at = np.array(bead.foot_mm) + away * np.array(bead.axis)
    ball = placed(manifold3d.Manifold.sphere(0.15, 64), at, bead.axis)
    before, plain = rules(found, accent, *mesh)
    after, measured = rules(found, accent, *_with_body(mesh, ball, hollow))
    assert not broken(before)
    if hollow:
        assert FindingCode.PRONG_SECTION in broken(after)
        return
    assert not broken(after)
    for held, same in zip(plain, measured, strict=True):
        for one, other in zip(held.beads, same.beads, strict=True):
            assert (other.top_mm, other.rooted_mm) == pytest.approx((one.top_mm, one.rooted_mm), abs=1e-3)  # facets


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"bead": 0.85}, FindingCode.PRONG_SECTION),
        ({"bead": 0.85}, FindingCode.GIRDLE_CLEARANCE),
        ({"bead": 1.2}, FindingCode.PRONG_SECTION),
        ({"beads": 3}, FindingCode.PRONG_SECTION),
        ({"top": 0.12}, FindingCode.PRONG_HEIGHT),
        ({"aside": 0.06}, FindingCode.SEAT_POSITION),
        ({"deep": 0.06}, FindingCode.SEAT_POSITION),
        ({"lean_deg": 2.0}, FindingCode.SEAT_POSITION),
        ({"angle_deg": 3.0}, FindingCode.SEAT_ANGLE),
        ({"stone": 1.1}, FindingCode.SEAT_POSITION),
        ({"open_share": 0.0}, FindingCode.HOLE_WIDTH),
        ({"open_share": 0.8}, FindingCode.HOLE_WIDTH),
    ],
)
def test_a_row_that_is_not_as_ordered_is_refused(change: dict[str, Any], code: FindingCode) -> None:
    found, accent, _ = kernel_made(1.5)
    judged, _ = rules(found, accent, *oracle(found, accent, **change))
    assert code in broken(judged)


def test_a_row_without_seats_is_refused() -> None:
    found, accent, _ = kernel_made(1.5)
    bare = accent.model_copy(update={"seats": ()})
    vertices, triangles = oracle(found, bare)
    judged, _ = rules(found, accent, vertices, triangles)
    assert FindingCode.SEAT_BEARING in broken(judged)
