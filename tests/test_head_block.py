"""The head's block: a quarter, mirrored and joined, is the ring that booleans on the whole would give."""

from __future__ import annotations

import json
from dataclasses import replace

import manifold3d
import numpy as np
import pytest
from OCP.BRepCheck import BRepCheck_Analyzer
from rings_support import SPECS, edge_use, plain_nets, volume_of

from ringcad.core.errors import KernelFault
from ringcad.fit import head_block, spline
from ringcad.fit.flush import seat_frame, tiles_across
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.genus import expected_genus, mesh_genus
from ringcad.kernel.limb import closed_limb, halved, joined, mirrored, quarter, wall_faces, without_caps
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.parts import revolve, round_limb
from ringcad.kernel.shapes import core_bytes, core_from_bytes
from ringcad.kernel.surfaces import CAP, NamedShape, solids_of, tile_coefficients
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing
from ringcad.spec import load_spec, parse_spec
from ringcad.templates.solitaire import arch, block, openings, parts, shape, template
from ringcad.templates.solitaire.build import center_cutters

Z, ORIGIN = np.array([0.0, 0.0, 1.0]), np.zeros(3)


def ring(name: str, **changes: object) -> ResolvedRing:
    found = resolve(load_spec(SPECS / f"{name}.yaml"), name)
    return found.model_copy(update=changes) if changes else found


def mesh_volume(shape_: NamedShape, chord: float = 0.002, angle: float = 4.0) -> float:
    mesh = tessellate(shape_, chord, angle)
    there, back = edge_use(mesh.triangles)
    assert np.all(there == 1) and np.all(back == 1)
    return volume_of(mesh.vertices, mesh.triangles)


def silent(_stage: str) -> None: ...


def test_a_quarter_limb_is_closed_and_four_of_them_with_the_rest_are_the_limb() -> None:
    nets = plain_nets(count=72, rows=34, rise=0.3, comfort=0.1)
    one = quarter(nets, nets.outer, 36 + 7, 4)
    assert BRepCheck_Analyzer(one.shape).IsValid() and one.names.count(CAP) == 3
    shell = without_caps(one)
    assert set(shell.names) == {"skin", "shank_side", "bore"} and len(shell.names) == len(one.names) - 3
    across = mirrored(shell, 1, {})
    hoop = wall_faces(nets, nets.outer, [43 - 72, 0, 72 - 43], [0.0, 20.0, 31.0])
    whole = joined([shell, across, mirrored(shell, 0, {}), mirrored(across, 0, {})], hoop)
    assert len(solids_of(whole.shape)) == 1 and not check(whole) and BRepCheck_Analyzer(whole.shape).IsValid()
    assert mesh_volume(whole) == pytest.approx(mesh_volume(closed_limb(nets, nets.outer, 18, 2)), rel=1e-4)


def test_a_quarter_needs_a_plane_end() -> None:
    nets = plain_nets(count=72, rows=34)
    bent = nets.outer.copy()
    bent[43, 20, 0] += 0.2
    with pytest.raises(KernelFault, match="not plane"):
        quarter(nets, bent, 43, 4)


def test_halves_meet_in_their_plane() -> None:
    rod = revolve([(0.0, -1.0), (0.4, -1.0), (0.3, 2.0), (0.0, 2.0)], np.array([0.0, 1.5, 0.0]), Z, "rod")
    line = np.stack([np.zeros(9), np.linspace(1.0, 2.0, 9), np.linspace(0.0, 3.0, 9) ** 1.5], axis=1)
    for body in (rod, round_limb(line, np.full(9, 0.3), "stalk")):
        half = halved(body, 0)
        assert half.names.count(CAP) == 1
        assert mesh_volume(half) == pytest.approx(0.5 * mesh_volume(body), rel=1e-3)
        assert tessellate(half, 0.01, 8.0).vertices[:, 0].min() > -1e-6
        twin = without_caps(half)
        assert mesh_volume(joined([twin, mirrored(twin, 0, {})], {})) == pytest.approx(mesh_volume(body), rel=1e-3)


@pytest.mark.parametrize("name", ["slim", "six_prong"])
def test_the_mirrored_quarter_is_the_whole_rings_own_boolean(name: str) -> None:
    """Oracle: one fuse and one cut on the whole limb and head, without any mirror."""
    undecorated = ring(name, decoration=(), accents=())
    nets = shape.limb_nets(undecorated)
    skin = head_block.skin(block.of(undecorated, nets), nets)
    core = template.core(undecorated, silent)
    hoop = wall_faces(
        nets,
        skin,
        head_block.hoop_stations(undecorated, block.of(undecorated, nets), nets),
        tiles_across(undecorated, nets),
    )
    found = joined(list(core.parts), hoop)
    body = closed_limb(nets, skin, 18, 2)
    oracle = cut(fuse([body, *parts.rails(undecorated), *parts.prongs(undecorated)]), center_cutters(undecorated))
    assert not check(found) and sorted(set(found.names)) == sorted(set(oracle.names))
    assert mesh_volume(found, 0.01, 10.0) == pytest.approx(mesh_volume(oracle, 0.01, 10.0), rel=2e-4)


def as_manifold(body: NamedShape) -> manifold3d.Manifold:
    mesh = tessellate(body, 0.01, 8.0)
    return manifold3d.Manifold(manifold3d.Mesh64(mesh.vertices, mesh.triangles.astype(np.uint64)))


def test_a_cathedral_is_what_another_librarys_booleans_on_whole_meshes_give() -> None:
    undecorated = ring("cathedral", decoration=(), accents=())
    nets = shape.limb_nets(undecorated)
    skin = head_block.skin(block.of(undecorated, nets), nets)
    hoop = wall_faces(
        nets,
        skin,
        head_block.hoop_stations(undecorated, block.of(undecorated, nets), nets),
        tiles_across(undecorated, nets),
    )
    found = joined(list(template.core(undecorated, silent).parts), hoop)
    limb, opened, cutters = (
        closed_limb(nets, skin, 18, 2),
        openings.limb_cutters(undecorated),
        center_cutters(undecorated),
    )
    head = [*parts.rails(undecorated), *parts.prongs(undecorated)]
    metal = as_manifold(limb)
    for opening in opened:
        metal = metal - as_manifold(opening)
    for part in head:
        metal = metal + as_manifold(part)
    for cutter in cutters:
        metal = metal - as_manifold(cutter)
    assert not check(found) and len(metal.decompose()) == 1
    assert set(found.names) == {name for part in (limb, *opened, *head, *cutters) for name in part.names}
    mine = as_manifold(found)
    assert mine.genus() == metal.genus()
    apart = (mine - metal).volume() + (metal - mine).volume()
    assert apart / metal.surface_area() < 0.002  # mm: a film between two meshes of one body, chord 0.01 mm
    assert mine.bounding_box() == pytest.approx(metal.bounding_box(), abs=0.01)


@pytest.mark.parametrize("name", ["slim", "classic_basket", "six_prong", "cathedral", "flush_shoulders"])
def test_a_block_holds_the_head_and_ends_calm(name: str) -> None:
    found = ring(name)
    nets = shape.limb_nets(found)
    end = head_block.end_station(block.of(found, nets), nets)
    phi = nets.stations.phi_deg
    assert block.head_reach_deg(found) < phi[end] and arch.end_deg(found) < phi[end]
    noise = np.abs(np.random.default_rng(1).normal(size=nets.outer.shape[:2]))
    skin = head_block.skin(block.of(found, nets), nets, noise)
    plain = head_block.skin(block.of(found, nets), nets)
    count = len(phi)
    assert np.array_equal(skin[count - end - 1 : end + 2], plain[count - end - 1 : end + 2])
    # the section at the end lies in the radial plane, so that the quarter has a plane cap
    tile = tile_coefficients(skin, nets.outer_knots, [end, end + 1], [0.0, float(nets.outer_knots[-1])])[0][0][0]
    normal = np.array([np.cos(np.radians(phi[end])), 0.0, -np.sin(np.radians(phi[end]))])
    assert np.abs(tile[0] @ normal).max() < 1e-8
    for zone in found.decoration:
        start = head_block.zone_start_deg(block.of(found, nets), nets, zone.phi_start_deg)
        assert abs(start) > phi[end + 1] and np.sign(start) == np.sign(zone.phi_start_deg)
    seams = head_block.tile_stations(found, block.of(found, nets), nets)
    assert seams[-1] - seams[0] == count and min(np.diff(seams)) > 0


SIZES = (("JP 4", 4.05, "d"), ("CH 15.5", 5.7, "knife_edge"), ("US 7.25", 8.1, "comfort_d"), ("EU 48", 6.6, "flat"))


def cathedral(size: str, stone_mm: float, profile: str, **head: object) -> ResolvedRing:
    """An undecorated cathedral that differs from the shipped one."""
    spec: dict[str, object] = {
        "ringcad": 1, "ring_size": size, "metal": "18k_yellow_gold", "stone": {"size": f"{stone_mm} mm"},
        "shank": {"profile": profile, "width_mm": {"top": 4.2, "bottom": 2.8}},
        "head": {"style": "basket", "prongs": 4, **head}, "gallery": {"shoulders": "cathedral"},
    }  # fmt: skip
    return resolve(parse_spec(json.dumps(spec), "cathedral.yaml"), "cathedral")


@pytest.mark.parametrize(("size", "stone_mm", "profile"), SIZES)
def test_skirts_do_not_fold_the_skin(size: str, stone_mm: float, profile: str) -> None:
    """Raised along its normals, the skin still faces the way that it did; a fold would turn it round."""
    found = cathedral(size, stone_mm, profile)
    nets = shape.limb_nets(found)
    skin = head_block.skin(block.of(found, nets), nets)
    assert np.abs(skin - nets.outer).max() > 0.1  # there are skirts
    along = np.roll(skin, -1, axis=0) - np.roll(skin, 1, axis=0)
    facing = np.einsum("nkc,nkc->nk", np.cross(np.gradient(skin, axis=1), along), nets.normals)
    assert facing.min() * facing.max() > 0.0


def test_an_arch_leaves_one_solid() -> None:
    found = cathedral("US 7.25", 8.1, "comfort_d")
    nets = shape.limb_nets(found)
    body = quarter(
        nets, head_block.skin(block.of(found, nets), nets), head_block.end_station(block.of(found, nets), nets), 18
    )
    opened = cut(body, openings.windows(found)[:1], "arch")
    assert 0.0 < mesh_volume(opened, 0.01, 10.0) < mesh_volume(body, 0.01, 10.0)


@pytest.mark.parametrize("tip", ["dome", "almond"])
@pytest.mark.parametrize("stone_mm", [3.9, 4.2, 4.45, 5.0, 6.5])
def test_a_prong_is_whole_where_the_girdle_enters_it(stone_mm: float, tip: str) -> None:
    """At every height of the girdle the prong has its ordered diameter within 2.5 %."""
    found = cathedral("US 7", stone_mm, "d", tip=tip)
    line, radii = shape.prong_line(found)
    low = found.head.girdle_z_mm
    heights = np.linspace(low, low + found.stone.girdle_mm, 7)
    wanted = 0.5 * found.head.prong_diameter_girdle_mm
    assert np.all(np.interp(heights, line[:, 1], radii) > 0.975 * wanted)
    assert np.interp(low, line[:, 1], radii) == pytest.approx(wanted, rel=2e-3)


@pytest.mark.slow
def test_coarse_meshes_do_not_have_the_last_word_on_handles() -> None:
    """Six prongs pass the rails so closely that chords of 0.03 mm open slits which the metal does not have."""
    spec = {
        "ringcad": 1, "ring_size": "US 5.75", "metal": "9k_yellow_gold", "stone": {"size": "6.1 mm"},
        "shank": {"profile": "comfort_d", "width_mm": {"top": 3.85, "bottom": 3.05}},
        "head": {"style": "basket", "prongs": 6, "tip": "dome"}, "gallery": {"shoulders": "cathedral"},
    }  # fmt: skip
    found = resolve(parse_spec(json.dumps(spec), "slits.yaml"), "slits")
    nets = shape.limb_nets(found)
    head, cutters = [*parts.rails(found), *parts.prongs(found)], center_cutters(found)
    given = (nets, openings.limb_cutters(found), head, cutters)
    assert expected_genus(*given) == 9
    assert expected_genus(*given, 7) == 7 == expected_genus(*given, 8)


def test_each_flush_seat_lies_in_one_tile() -> None:
    found = ring("flush_shoulders")
    nets = shape.limb_nets(found)
    stations = head_block.hoop_stations(found, block.of(found, nets), nets)
    across = np.array(tiles_across(found, nets))
    sites = 0.5 * across[-1] * (1.0 + np.linspace(-1.0, 1.0, 801))
    for accent in found.accents:
        radius = 0.5 * accent.opening_diameter_mm
        for seat in accent.seats:
            point, _ = seat_frame(seat, shape.crown_radius(found))
            reach = np.degrees(radius / np.hypot(point[0], point[2]))
            edges = [nets.stations.phi_deg[s % len(nets.outer)] for s in stations]
            inside = [e for e in edges if seat.phi_deg - reach < e < seat.phi_deg + reach]
            assert not inside
            row = int(np.argmin(np.abs(nets.stations.phi_deg - seat.phi_deg)))
            place = np.interp(sites, spline.greville(nets.outer_knots), nets.across_mm[row])
            cuts = np.interp(across[1:-1], sites, place)
            assert np.all(np.abs(cuts - seat.y_mm) > radius)


def test_a_stored_core_is_the_core() -> None:
    core = template.core(ring("slim"), silent)
    payload = core_bytes(core)
    again = core_from_bytes(payload)
    assert [part.names for part in again.parts] == [part.names for part in core.parts]
    assert core_bytes(again) == core_bytes(core_from_bytes(payload))
    with pytest.raises(KernelFault):
        core_from_bytes(b"not a core")


def test_a_core_follows_from_all_but_the_decoration() -> None:
    found = ring("classic_basket")
    numbers = template.core_numbers(found)
    zones = tuple(zone.model_copy(update={"prompt": "waves", "seed": 99, "depth_mm": 0.2}) for zone in found.decoration)
    assert template.core_numbers(found.model_copy(update={"decoration": zones})) == numbers
    larger = found.model_copy(update={"stone": found.stone.model_copy(update={"diameter_mm": 6.6})})
    assert template.core_numbers(larger) != numbers
    wider = tuple(zone.model_copy(update={"phi_end_deg": 1.1 * zone.phi_end_deg}) for zone in found.decoration)
    assert template.core_numbers(found.model_copy(update={"decoration": wider})) != numbers


def test_names_follow_the_mirror() -> None:
    for name in ("slim", "six_prong"):
        found = ring(name)
        azimuths = shape.prong_azimuths(found)
        for axis in (0, 1):
            names = parts.mirror_names(found, axis)
            for k, azimuth in enumerate(azimuths):
                image = azimuths[int(names[f"prong_{k + 1}"].split("_")[1]) - 1]
                wanted = (-np.cos(azimuth), np.sin(azimuth)) if axis == 0 else (np.cos(azimuth), -np.sin(azimuth))
                assert np.allclose((np.cos(image), np.sin(image)), wanted)


def test_a_plan_is_replaced_without_its_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """The template makes its own core when it is given none."""
    found = ring("slim", decoration=())
    plan = template.plan(found, {})
    core = template.core(found, silent)
    one = template.build(plan, core, silent)
    two = template.build(replace(plan), None, silent)
    assert mesh_genus(one.mesh.triangles) == mesh_genus(two.mesh.triangles)
    found_sound = template.soundness(plan, one)
    assert found_sound.findings == () and found_sound.expected_genus == mesh_genus(one.mesh.triangles)


def test_feet_that_reach_over_the_planes_of_the_head_are_cut_there() -> None:
    """Six stalks of a standing head meet below: a quarter holds no metal of its neighbours."""
    found = ring("six_prong")
    stand = found.model_copy(
        update={
            "head": found.head.model_copy(
                update={
                    "style": "stand",
                    "prong_foot_radius_mm": 1.1,
                    "prong_diameter_base_mm": 1.6,
                    "prong_foot_z_mm": found.head.girdle_z_mm - 4.0,
                }
            )
        }
    )
    whole = parts.prongs(stand)
    reach = [mesh.min(axis=0) for mesh in (tessellate(part, 0.01, 10.0).vertices for part in whole)]
    assert reach[0][1] < -0.1  # the first foot does reach over
    for part in parts.quarter_prongs(stand):
        assert tessellate(part, 0.01, 10.0).vertices[:, :2].min() >= -1e-6
