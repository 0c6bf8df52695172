"""The shipped rings, built once and measured: walls, bore, seats, STEP, and what decoration must not change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rings_support import SHIPPED, SPECS, Made, Rings, build_text, edge_use, fit_cone, volume_of

from ringcad.core.findings import Severity
from ringcad.core.tolerances import TOLERANCES

every_spec = pytest.mark.parametrize("spec", SHIPPED)
Z = np.array([0.0, 0.0, 1.0])


# -- delivery -------------------------------------------------------------------------------------------------


@every_spec
def test_the_gate_passes(rings: Rings, spec: str) -> None:
    made = rings.get(spec)
    wrong = [f"{f.code.value}: {f.message}" for f in made.result.findings if f.severity is Severity.ERROR]
    assert made.result.status == "ok" and not wrong
    assert set(made.result.files) >= {"stl", "step", "resolved", "report", "report_html", "lock", "reliefs"}
    for path in map(Path, [made.result.files["stl"], made.result.files["step"]]):
        assert path.stat().st_size > 1000
    measured = made.result.report["measurements"]
    assert measured["kernel"]["expected_genus"] == measured["genus"]


@every_spec
def test_the_mesh_is_closed_and_the_file_holds_it(rings: Rings, spec: str) -> None:
    from ringcad.verify.stl import read_stl

    made = rings.get(spec)
    vertices, triangles = made.result.arrays["vertices"], made.result.arrays["triangles"]
    there, back = edge_use(triangles)
    assert np.all(there == 1) and np.all(back == 1)
    file = read_stl(Path(made.result.files["stl"]))
    assert len(file.faces) == len(triangles)
    assert np.array_equal(np.sort(file.vertices[file.faces].reshape(-1, 9), axis=0).sum(),
                          np.sort(vertices[triangles].reshape(-1, 9), axis=0).sum())  # fmt: skip
    scale = made.resolved.foundry.casting_scale
    assert file.volume() == pytest.approx(volume_of(vertices, triangles) * scale**3, rel=1e-6)


@every_spec
def test_the_bore_is_the_ordered_size(rings: Rings, spec: str) -> None:
    made = rings.get(spec)
    ordered = made.resolved.ring.inner_diameter_mm
    bore = made.result.report["measurements"]["bore"]
    assert bore["diameter_mm"] == pytest.approx(ordered, abs=TOLERANCES.bore_mm)
    assert np.hypot(bore["center_x_mm"], bore["center_z_mm"]) < TOLERANCES.bore_mm
    # once more by hand, on the vertices of the faces that the kernel calls the bore
    points = made.labelled("bore")
    narrow = points[np.abs(points[:, 1]) < 0.1]
    radius = np.hypot(narrow[:, 0], narrow[:, 2])
    assert len(narrow) > 20
    assert 2.0 * np.median(radius) == pytest.approx(ordered, abs=0.005)
    assert np.abs(2.0 * radius - ordered).max() < TOLERANCES.bore_mm


@every_spec
def test_platforms_leave_room_for_the_decoration(rings: Rings, spec: str) -> None:
    assert 0.0 <= rings.get(spec).result.report["plan"]["platform_share"] < 0.35


# -- walls ----------------------------------------------------------------------------------------------------

MEASURING_MM = 0.002
"""A measured wall may lie this far below its bound: rays end on facets."""


def both_walls(made: Made) -> dict[str, tuple[float, float]]:
    """Bound and measured wall of every site that has both, mm."""
    rows = made.result.report["walls"]
    return {
        row["site"]: (row["bound_mm"], row["measured_mm"])
        for row in rows
        if row["bound_mm"] is not None and row["measured_mm"] is not None
    }


@every_spec
def test_no_wall_is_thinner_than_its_bound_nor_much_thicker(rings: Rings, spec: str) -> None:
    """The gate's own sites keep the bound; measured on the bound's own ground, the bound is tight.

    The gate knows the numbers of the ring only, so its floor leaves out what it takes for edge roundings;
    ``walls_by_label`` measures all over what the kernel calls skin to what it calls bore.
    """
    made = rings.get(spec)
    walls = both_walls(made)
    assert set(walls) >= {"shank_floor", "shank_side", "decorated_floor"}
    for site, (bound, measured) in walls.items():
        assert bound <= measured + MEASURING_MM, f"{site}: bound {bound:.3f}, measured {measured:.3f}"
    for site, measured in walls_by_label(made).items():
        bound = walls[site][0]
        assert bound <= measured + MEASURING_MM, f"{site}: bound {bound:.3f}, measured {measured:.3f}"
        assert measured - bound < 0.05, f"{site}: bound {bound:.3f}, measured {measured:.3f}"


def walls_by_label(made: Made) -> dict[str, float]:
    """Thinnest wall of each site that has a bound, on the file's triangles, with the kernel's labels, mm."""
    from ringcad.export.stl import stl_bytes
    from ringcad.templates.solitaire.shape import limb_nets
    from ringcad.verify.rays import RayCaster
    from ringcad.verify.stl import read_stl

    nets = limb_nets(made.resolved)
    mesh = read_stl(stl_bytes(made.result.arrays["vertices"], made.result.arrays["triangles"]))
    caster = RayCaster(mesh)
    names = made.names
    corner, _ = made.corners("skin")
    lattice = np.array([(i, j, 4 - i - j) for i in range(5) for j in range(5 - i)]) / 4.0
    points = np.unique(np.einsum("pk,mkc->mpc", lattice, corner).reshape(-1, 3).round(6), axis=0)
    phi = np.degrees(np.arctan2(points[:, 0], points[:, 2]))
    tilt, half_share, inner_half = _on_the_plain_wall(nets, points)
    radial = np.stack([np.sin(np.radians(phi)), 0.0 * phi, np.cos(np.radians(phi))], axis=1)
    way = -(radial * np.cos(tilt)[:, None] + np.sin(tilt)[:, None] * np.array([0.0, 1.0, 0.0]))
    length, face = caster.thickness(points, way)
    end = points + np.where(np.isfinite(length), length, 0.0)[:, None] * way
    good = (face >= 0) & (half_share <= 1.0) & (np.abs(end[:, 1]) <= inner_half)
    good[good] = names[face[good]] == "bore"
    # a span of stations counts as decorated when its middle is
    stations = nets.stations.phi_deg
    middle = stations + 0.5 * np.diff(np.append(stations, 180.0))
    inside = np.zeros(len(middle), dtype=bool)
    for zone in made.resolved.decoration:
        low, high = sorted((zone.phi_start_deg, zone.phi_end_deg))
        inside |= (middle >= low) & (middle <= high)
    decorated = inside[np.searchsorted(stations, phi, side="right") - 1]
    sides = made.labelled("shank_side")
    sides = sides[sides[:, 1] > 0.0]
    across, face = caster.thickness(sides, np.broadcast_to(np.array([0.0, -1.0, 0.0]), sides.shape))
    opposite = face >= 0
    opposite[opposite] = names[face[opposite]] == "shank_side"
    return {
        "shank_floor": float(length[good].min()),
        "decorated_floor": float(length[good & decorated].min(initial=np.inf)),
        "shank_side": float(across[opposite].min()),
    }


def _on_the_plain_wall(nets: Any, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Foot of each skin vertex on the undecorated outer wall: tilt of the normal (radians), arc length from
    mid-width over that of the crown, and where the bore's flat ends."""
    radius, y = np.hypot(points[:, 0], points[:, 2]), points[:, 1]
    phi = np.degrees(np.arctan2(points[:, 0], points[:, 2]))
    stations = nets.stations.phi_deg
    nearest = np.rint(np.interp(phi, np.append(stations, 180.0), np.arange(len(stations) + 1))).astype(int) % len(
        stations
    )
    tilt, share, inner = np.empty(len(phi)), np.empty(len(phi)), nets.inner_half_mm[nearest]
    base_radius = np.hypot(nets.points[..., 0], nets.points[..., 2])
    for station in np.unique(nearest):
        rows = np.flatnonzero(nearest == station)
        foot = y[rows]
        for _ in range(8):  # the relief stands along the normal, which leans outward beside mid-width
            lean = np.radians(np.interp(foot, nets.points[station, :, 1], nets.tilt_deg[station]))
            height = radius[rows] - np.interp(foot, nets.points[station, :, 1], base_radius[station])
            above = height * np.cos(lean) + (y[rows] - foot) * np.sin(lean)
            foot = y[rows] - above * np.sin(lean)
        arc = np.interp(foot, nets.points[station, :, 1], nets.across_mm[station])
        tilt[rows], share[rows] = lean, np.abs(arc) / nets.crown_half_mm[station]
    return tilt, share, inner


def test_one_pole_moved_inward_lowers_the_bound_and_the_measured_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the thinnest place of the slim ring without its decoration; once per wall, in the kernel and all."""
    from dataclasses import replace
    from types import SimpleNamespace

    from ringcad.fit import head_block
    from ringcad.fit.decorate import bounds_by_site
    from ringcad.fit.limb import snap_poles
    from ringcad.fit.wall_bound import wall_bound
    from ringcad.registry import load_template
    from ringcad.resolve import resolve
    from ringcad.spec import parse_spec
    from ringcad.templates.solitaire import block

    text = re.sub(r"(?s)decoration:.*?(?=export:)", "", (SPECS / "slim.yaml").read_text(encoding="utf-8"))
    ring = resolve(parse_spec(text, "slim"), "slim")
    template = load_template("solitaire")
    plan = template.plan(ring, {})

    def walls(skin: np.ndarray) -> tuple[float, float]:
        bound = bounds_by_site(ring, wall_bound(plan.nets, skin))["shank_floor"]["bound_mm"]
        monkeypatch.setattr(head_block, "skin", lambda *_: skin)  # the block is made from its own, calm skin
        mesh = template.build(replace(plan, skin=skin), None, lambda stage: None).mesh
        arrays = {"vertices": mesh.vertices, "triangles": mesh.triangles, "corner_normals": mesh.corner_normals,
                  "face_index": mesh.face_index}  # fmt: skip
        result = SimpleNamespace(resolved=ring, arrays=arrays, face_names=mesh.face_names)
        return bound, walls_by_label(Made(result, Path()))["shank_floor"]

    before = walls(plan.skin)
    spans = wall_bound(plan.nets, plan.skin).floor_mm
    # the thinnest place lies in the head's block, which is mirrored: look inside a quarter of it
    count, rows = plan.skin.shape[:2]
    first, beyond = count // 2 + 4, head_block.end_station(block.of(ring, plan.nets), plan.nets) - 4
    i, j = np.unravel_index(np.argmin(spans[first:beyond, rows // 2 + 4 :]), spans[first:beyond, rows // 2 + 4 :].shape)
    i, j = i + first, j + rows // 2 + 4
    moved = plan.skin.copy()
    for station in (i, count - i):
        for row in (j + 1, rows - 2 - j):  # of the sixteen poles of that span an inner one, and its images
            moved[station, row] -= 0.1 * plan.nets.normals[station, row]
    after = walls(snap_poles(moved))
    # a surface follows a pole by at most (2/3)^2 of its way
    assert before[0] - 0.05 < after[0] < before[0] - 0.02
    assert before[1] - 0.05 < after[1] < before[1] - 0.02
    for bound, measured in (before, after):
        assert bound <= measured + MEASURING_MM and measured - bound < 0.05


# -- seats ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seat:
    """What is measured of a seat: lengths in mm, angles in degrees."""

    numbers: dict[str, float]

    def close_to(self, other: Seat, length_mm: float, angle_deg: float) -> bool:
        """Whether all numbers agree."""
        return self.numbers.keys() == other.numbers.keys() and all(
            abs(value - other.numbers[name]) <= (angle_deg if name.endswith("_deg") else length_mm)
            for name, value in self.numbers.items()
        )


def flanks(made: Made, name: str, axis: np.ndarray, low: float, high: float) -> np.ndarray:
    """Corners (n, 3) of the labelled triangles whose normal rises along ``axis`` by a sine between two limits."""
    corner, _ = made.corners(name)
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    length = np.linalg.norm(normal, axis=1)
    rise = normal @ axis / np.maximum(length, 1e-12)
    chosen = (rise > low) & (rise < high) & (length > 1e-5)
    return np.unique(corner[chosen].reshape(-1, 3), axis=0)


def center_seat(made: Made) -> Seat:
    """The notches in the prongs: girdle's cylinder, bearing along the pavilion, upper side along the crown."""
    at = np.array([0.0, 0.0, made.resolved.head.girdle_z_mm])
    notch = fit_cone(flanks(made, "seat_center", Z, -0.15, 0.15), at, Z)
    bearing = fit_cone(flanks(made, "seat_center", Z, 0.4, 0.95), at, Z)
    upper = fit_cone(flanks(made, "seat_center", Z, -0.95, -0.4), at, Z)
    assert max(notch.residual_mm, bearing.residual_mm, upper.residual_mm) < 0.002
    radius = 0.5 * made.resolved.stone.diameter_mm
    return Seat(
        {
            "notch_diameter_mm": 2.0 * notch.radius_at_origin_mm,
            "notch_flare_deg": notch.half_angle_deg,
            "notch_off_center_mm": float(np.hypot(*notch.origin[:2])),
            "pavilion_deg": 90.0 - bearing.half_angle_deg,
            "bearing_tilt_deg": float(np.degrees(np.arccos(min(1.0, bearing.axis @ Z)))),
            "bearing_off_center_mm": float(np.hypot(*bearing.origin[:2])),
            "bearing_girdle_z_mm": at[2] + (radius - bearing.radius_at_origin_mm) / bearing.slope,
            "crown_deg": 90.0 + upper.half_angle_deg,
            "crown_girdle_z_mm": at[2] + (radius - upper.radius_at_origin_mm) / upper.slope,
        }
    )


def flush_seat(made: Made, accent: Any, seat: Any) -> Seat:
    """Opening, bearing and pilot hole of a flush seat, in the frame of the plain shank."""
    phi = np.radians(seat.phi_deg)
    axis = np.array([np.sin(phi), 0.0, np.cos(phi)])
    foot = np.array([0.0, seat.y_mm, 0.0])
    walls = flanks(made, f"seat_{seat.id}", axis, -0.15, 0.15)
    aside = np.linalg.norm(walls - foot - ((walls - foot) @ axis)[:, None] * axis, axis=1)
    wide = aside > 0.25 * (accent.opening_diameter_mm + accent.pilot_diameter_mm)
    cone = flanks(made, f"seat_{seat.id}", axis, 0.4, 0.95)
    at = foot + float(np.mean((cone - foot) @ axis)) * axis
    opening, pilot, bearing = (
        fit_cone(walls[wide], at, axis),
        fit_cone(walls[~wide], at, axis),
        fit_cone(cone, at, axis),
    )
    assert max(opening.residual_mm, pilot.residual_mm, bearing.residual_mm) < 0.003
    along = float((at - foot) @ axis)
    return Seat(
        {
            "opening_mm": 2.0 * opening.radius_at_origin_mm,
            "pilot_mm": 2.0 * pilot.radius_at_origin_mm,
            "pavilion_deg": 90.0 - bearing.half_angle_deg,
            "opening_tilt_deg": float(np.degrees(np.arccos(min(1.0, opening.axis @ axis)))),
            "bearing_off_axis_mm": float(np.linalg.norm(bearing.origin - at)),
            # where the stone's girdle comes to lie, from the finger axis
            "girdle_height_mm": along + (0.5 * accent.stone.diameter_mm - bearing.radius_at_origin_mm) / bearing.slope,
        }
    )


@every_spec
def test_the_center_seat_is_the_stones(rings: Rings, spec: str) -> None:
    made = rings.get(spec)
    stone, head = made.resolved.stone, made.resolved.head
    wanted = Seat(
        {
            "notch_diameter_mm": stone.diameter_mm + 2.0 * head.girdle_clearance_mm,
            "notch_flare_deg": 0.0,
            "notch_off_center_mm": 0.0,
            "pavilion_deg": stone.pavilion_angle_deg,
            "bearing_tilt_deg": 0.0,
            "bearing_off_center_mm": 0.0,
            "bearing_girdle_z_mm": head.girdle_z_mm,
            "crown_deg": stone.crown_angle_deg,
            "crown_girdle_z_mm": head.girdle_z_mm + stone.girdle_mm,
        }
    )
    found = center_seat(made)
    assert found.close_to(wanted, TOLERANCES.seat_mm, TOLERANCES.seat_deg), (found, wanted)


@every_spec
def test_every_prong_holds_the_stone_by_the_notch_share(rings: Rings, spec: str) -> None:
    """Entered depth of the notch over the prong's diameter, on the vertices of each prong's notch."""
    made = rings.get(spec)
    head, stone = made.resolved.head, made.resolved.stone
    assert {f"prong_{k + 1}" for k in range(head.prongs)} <= set(made.names)
    points = made.labelled("seat_center")
    azimuth = np.degrees(np.arctan2(points[:, 1], points[:, 0]))
    reach = np.hypot(points[:, 0], points[:, 1])
    for k in range(head.prongs):
        off = (azimuth - head.first_prong_azimuth_deg - 360.0 / head.prongs * k + 180.0) % 360.0 - 180.0
        notch = np.abs(off) < 180.0 / head.prongs
        assert reach[notch].max() == pytest.approx(0.5 * stone.diameter_mm + head.girdle_clearance_mm, abs=0.005)
        inner = head.prong_axis_radius_girdle_mm - 0.5 * head.prong_diameter_girdle_mm
        share = (reach[notch].max() - inner) / head.prong_diameter_girdle_mm
        assert share == pytest.approx(head.notch_share, abs=0.02)


def test_every_flush_seat_is_its_stones(rings: Rings) -> None:
    made = rings.get("flush_shoulders")
    ring = made.resolved
    count = 0
    for accent in ring.accents:
        for seat in accent.seats:
            found = flush_seat(made, accent, seat)
            # the plain crown line at the seat, from the file: the stone's table lies table_depth below it
            wanted = Seat(
                {
                    "opening_mm": accent.opening_diameter_mm,
                    "pilot_mm": accent.pilot_diameter_mm,
                    "pavilion_deg": accent.stone.pavilion_angle_deg,
                    "opening_tilt_deg": 0.0,
                    "bearing_off_axis_mm": 0.0,
                    "girdle_height_mm": _girdle_height(made, accent, seat),
                }
            )
            assert found.close_to(wanted, TOLERANCES.seat_mm, TOLERANCES.seat_deg), (seat.id, found, wanted)
            count += 1
    assert count == 10


def _girdle_height(made: Made, accent: Any, seat: Any) -> float:
    from ringcad.templates.solitaire.shape import crown_line

    crown = 0.5 * made.resolved.ring.inner_diameter_mm + float(crown_line(made.resolved, np.array([seat.phi_deg]))[0])
    return crown - accent.table_depth_mm - accent.stone.crown_height_mm - accent.stone.girdle_mm


def test_mirrored_seats_are_equal(rings: Rings) -> None:
    made = rings.get("flush_shoulders")
    (accent,) = made.resolved.accents
    by_angle = {round(seat.phi_deg, 6): flush_seat(made, accent, seat) for seat in accent.seats}
    for phi, seat in by_angle.items():
        assert seat.close_to(by_angle[-phi], 1e-3, 0.05)


# -- STEP -------------------------------------------------------------------------------------------------------


@every_spec
def test_the_step_file_is_the_ring(rings: Rings, spec: str) -> None:
    """Solids, names, closed-mesh volume, and the STL's vertices beside the faces that come back."""
    from ringcad.kernel.mesh import tessellate
    from ringcad.kernel.step import read_step

    made = rings.get(spec)
    shape, solids = read_step(Path(made.result.files["step"]))
    stones = 1 + sum(len(accent.seats) for accent in made.resolved.accents)
    assert len(solids) == 1 + stones and sum(name.startswith("metal") for name in solids) == 1
    assert sum(name.startswith("stone") for name in solids) == stones
    names = list(made.result.face_names)
    assert sorted(shape.names) == sorted(names)
    chord = made.resolved.export.chord_mm
    again = tessellate(shape, chord, made.resolved.export.angle_deg)
    vertices, triangles = np.asarray(made.result.arrays["vertices"]), made.result.arrays["triangles"]
    assert volume_of(again.vertices, again.triangles) == pytest.approx(volume_of(vertices, triangles), rel=1e-4)
    sample = vertices[np.random.default_rng(1).choice(len(vertices), 2000, replace=False)]
    assert distances_to_faces(sample, shape.shape).max() <= 2.0 * chord


def distances_to_faces(points: np.ndarray, shape: Any) -> np.ndarray:
    """Distance of each point to the nearest face of a shape, mm (exact up to 1e-7)."""
    from OCP.Bnd import Bnd_Box
    from OCP.BRepBndLib import BRepBndLib
    from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeVertex
    from OCP.BRepExtrema import BRepExtrema_DistShapeShape
    from OCP.gp import gp_Pnt

    from ringcad.kernel.surfaces import faces_of

    faces = faces_of(shape)
    bounds = []
    for face in faces:
        box = Bnd_Box()
        BRepBndLib.Add_s(face, box, False)
        bounds.append(box.Get())
    low, high = np.array(bounds)[:, :3], np.array(bounds)[:, 3:]
    away = np.linalg.norm(np.maximum(np.maximum(low - points[:, None], points[:, None] - high), 0.0), axis=2)
    found = np.full(len(points), np.inf)
    for row, point in enumerate(points):
        vertex = BRepBuilderAPI_MakeVertex(gp_Pnt(*map(float, point))).Vertex()
        for column in np.argsort(away[row], kind="stable"):
            if away[row, column] >= found[row] or found[row] < 1e-4:
                break
            extrema = BRepExtrema_DistShapeShape(vertex, faces[column])
            if extrema.IsDone():
                found[row] = min(found[row], extrema.Value())
    return found


# -- same in, same out -------------------------------------------------------------------------------------------


def with_prompt(text: str, prompt: str, seed: int) -> str:
    """The spec with another decoration."""
    text, count = re.subn(r"prompt: .*", f"prompt: {prompt}", text)
    assert count == 1
    text, count = re.subn(r"seed: \d+", f"seed: {seed}", text)
    assert count == 1
    return text


def compare_prompts(one: Made, two: Made) -> None:
    """Two decorations of one spec: seat parameters bitwise equal, measured seats within 1e-3 mm and 0.05 degrees."""
    assert one.result.ok and two.result.ok
    apart = {"decoration", "reasons", "name"}
    first, second = one.resolved.model_dump(exclude=apart), two.resolved.model_dump(exclude=apart)
    assert first == second
    skin = [made.result.sha256[made.result.files["stl"]] for made in (one, two)]
    assert skin[0] != skin[1], "the decoration did change"
    assert center_seat(one).close_to(center_seat(two), 1e-3, 0.05)
    for accent in one.resolved.accents:
        for seat in accent.seats:
            assert flush_seat(one, accent, seat).close_to(flush_seat(two, accent, seat), 1e-3, 0.05), seat.id


def test_two_prompts_have_the_same_seats(rings: Rings, tmp_path: Path) -> None:
    one = rings.get("slim")
    text = with_prompt((SPECS / "slim.yaml").read_text(encoding="utf-8"), "a row of beads", 8)
    compare_prompts(one, build_text(text, "slim", tmp_path, step=False))


@pytest.mark.slow
def test_two_prompts_have_the_same_flush_seats(rings: Rings, tmp_path: Path) -> None:
    one = rings.get("flush_shoulders")
    text = with_prompt((SPECS / "flush_shoulders.yaml").read_text(encoding="utf-8"), "laurel wreath", 8)
    compare_prompts(one, build_text(text, "flush_shoulders", tmp_path, step=False))


def test_cold_and_warm_builds_give_the_same_bytes(rings: Rings, tmp_path: Path) -> None:
    """Cold in another process; warm with its relief and plan, warm with everything."""
    text = (SPECS / "slim.yaml").read_text(encoding="utf-8")
    cold = rings.get("slim")
    wanted = Path(cold.result.files["stl"]).read_bytes()
    again = build_text(text, "slim", tmp_path / "again", cache=tmp_path / "cache", step=False)
    assert again.result.reused == ()
    assert Path(again.result.files["stl"]).read_bytes() == wanted
    warm = build_text(text, "slim", tmp_path / "warm", cache=tmp_path / "cache", step=False)
    assert "solid" in warm.result.reused
    assert Path(warm.result.files["stl"]).read_bytes() == wanted
    # another prompt takes the stored head, and its ring is the one that is made from the start
    beads = with_prompt(text, "a row of beads", 8)
    reused = build_text(beads, "slim", tmp_path / "beads", cache=tmp_path / "cache", step=False)
    assert "head" in reused.result.reused and "solid" not in reused.result.reused
    fresh = build_text(beads, "slim", tmp_path / "fresh", step=False)
    assert fresh.result.reused == ()
    assert Path(reused.result.files["stl"]).read_bytes() == Path(fresh.result.files["stl"]).read_bytes()


@pytest.mark.slow
@every_spec
def test_every_spec_twice_gives_the_same_bytes(rings: Rings, spec: str, tmp_path: Path) -> None:
    """The second time with the stored relief and the cached plan, the kernel's part from the start."""
    text = (SPECS / f"{spec}.yaml").read_text(encoding="utf-8")
    first = rings.get(spec)
    second = build_text(text, spec, tmp_path, cache=rings.cache, step=False)
    assert "solid" not in second.result.reused
    assert Path(second.result.files["stl"]).read_bytes() == Path(first.result.files["stl"]).read_bytes()
