"""The gate on whole rings that another program made: good ones pass, each defect is named with its place."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from verify_ring_bodies import (
    BORE,
    CROWN_RISE,
    HALF_WIDTH,
    THICKNESS,
    ZONE_DEG,
    Relief,
    arrays_of,
    resolved_ring,
    ring_solid,
    shank_arrays,
)

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.export.stl import stl_bytes
from ringcad.verify import VerifyReport, verify_stl
from ringcad.verify.bore import measure_bore
from ringcad.verify.detail import DetailZone, detail_findings, measure_detail
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.sites import SiteWall, shank_floors

MIDDLE = np.radians(sum(ZONE_DEG) / 2)


def stripes(width: float, height: float = 0.3, depth: float = 0.0) -> Relief:
    """Two stripes along the shank; ``depth`` of a pit of 0.6 mm between them."""

    def relief(arc: np.ndarray, y: np.ndarray) -> np.ndarray:
        def bar(away: np.ndarray, size: float) -> np.ndarray:
            return np.clip((0.5 * size - np.abs(away)) / 0.05 + 0.5, 0.0, 1.0)

        ends = np.clip((2.6 - np.abs(arc)) / 0.1, 0.0, 1.0)
        pit = bar(arc, 0.6) * bar(y, 0.6)
        return height * np.maximum(bar(y - 0.9, width), bar(y + 0.9, width)) * ends - depth * pit

    return relief


def errors(report: VerifyReport) -> dict[FindingCode, Finding]:
    """The first finding of each code that refuses delivery."""
    return {f.code: f for f in reversed(report.findings) if f.severity is Severity.ERROR}


def floor_of(vertices: np.ndarray, faces: np.ndarray) -> SiteWall:
    mesh = mesh_from_arrays(vertices, faces)
    return shank_floors(mesh, RayCaster(mesh), resolved_ring())[0]


def zone_of(relief: Relief) -> DetailZone:
    mesh = mesh_from_arrays(*shank_arrays(relief))
    ring = resolved_ring()
    zone = measure_detail(RayCaster(mesh), ring, ring.decoration[0])
    assert zone is not None
    return zone


def judge(relief: Relief | None = None, **changes: float) -> VerifyReport:
    ring = resolved_ring()
    changes.setdefault("step", 0.08)
    return verify_stl(stl_bytes(*arrays_of(ring_solid(ring, relief, **changes))), ring, expected_genus=5)


@pytest.fixture(scope="module")
def good() -> VerifyReport:
    return judge(stripes(0.6))


def test_good_ring_passes_with_everything_measured(good: VerifyReport) -> None:
    assert good.ok, good.findings
    assert good.measurements["genus"] == 5
    assert good.measurements["bore"]["diameter_mm"] == pytest.approx(2 * BORE, abs=1e-3)
    walls = good.measurements["walls"]
    assert walls["rail:seat_rail"]["min_mm"] == pytest.approx(1.0, abs=0.003)
    assert walls["rail:base_rail"]["min_mm"] == pytest.approx(1.0, abs=0.003)
    assert walls["shank_side"]["min_mm"] == pytest.approx(4.0, abs=1e-4)
    for k in range(1, 5):  # three quarters of the prong are left behind the notch
        assert walls[f"prong:{k}"]["min_mm"] == pytest.approx(0.75 * 1.2, abs=0.01)
    assert good.measurements["detail"]["right"]["depth_mm"] == pytest.approx(0.3, abs=0.03)
    samples = good.wall_samples
    assert len(samples.points) == len(samples.thickness_mm) == len(samples.wall_class) > 1000


def test_flush_seat_walls() -> None:
    ring = resolved_ring(flush=True)
    report = verify_stl(stl_bytes(*arrays_of(ring_solid(ring))), ring, expected_genus=6)
    assert report.ok, report.findings
    accent = ring.accents[0]
    # Under the bearing the metal is thinnest beside the pilot hole, where the cone has come down most.
    bearing = accent.table_depth_mm + accent.stone.crown_height_mm + accent.stone.girdle_mm
    drop = 0.5 * (accent.opening_diameter_mm - accent.pilot_diameter_mm) * np.tan(np.radians(40.75))
    expected = THICKNESS - bearing - drop + 0.03 * np.tan(np.radians(40.75))
    assert report.measurements["walls"]["seat_floor:right_1"]["min_mm"] == pytest.approx(expected, abs=0.02)
    side = report.measurements["walls"]["seat_side:right_1"]["min_mm"]
    assert side == pytest.approx(HALF_WIDTH - 0.5 * accent.opening_diameter_mm, abs=0.01)


@pytest.mark.parametrize("depth", [0.0, 0.4, 1.1])
def test_floor_of_a_pit_is_measured_exactly(depth: float) -> None:
    """Crown line over the bore less the pit: known in closed form at mid-width."""
    site = floor_of(*shank_arrays(stripes(0.6, depth=depth)))
    plain = floor_of(*shank_arrays())
    expected = min(THICKNESS - depth, plain.min_mm)
    # The pit's floor is level with the crown to |y| = 0.275, where crown and comfort rise take 0.0095.
    assert expected - 0.0095 <= site.min_mm <= expected + 0.001
    if depth > 0.5:
        assert np.hypot(site.place_mm[0], site.place_mm[2]) == pytest.approx(BORE + 0.5 * expected, abs=0.02)
        assert np.arctan2(site.place_mm[0], site.place_mm[2]) == pytest.approx(MIDDLE, abs=0.05)
        assert abs(site.place_mm[1]) < 0.4


def test_floor_falls_with_one_vertex() -> None:
    vertices, faces = shank_arrays()
    phi = np.degrees(np.arctan2(vertices[:, 0], vertices[:, 2]))
    radius = np.hypot(vertices[:, 0], vertices[:, 2])
    index = int(np.argmin(np.abs(phi - 90.0) + np.abs(vertices[:, 1]) + 5.0 * np.abs(radius - BORE - THICKNESS)))
    moved = vertices.copy()
    moved[index, [0, 2]] *= 1.0 - 0.7 / radius[index]
    first, second = floor_of(vertices, faces), floor_of(moved, faces)
    assert second.min_mm == pytest.approx(THICKNESS - 0.7, abs=0.005)
    assert second.min_mm < first.min_mm


@pytest.mark.parametrize(("floor", "refused"), [(0.76, True), (0.81, False)])
def test_floor_at_95_percent_of_the_limit_is_refused(floor: float, refused: bool) -> None:
    codes = errors(judge(stripes(0.6, depth=THICKNESS - floor)))
    assert set(codes) == ({FindingCode.WALL_STRUCTURAL} if refused else set())


def test_vertex_moved_through_the_wall() -> None:
    vertices, faces = shank_arrays()
    radius = np.hypot(vertices[:, 0], vertices[:, 2])
    index = int(np.argmax(radius * (np.abs(vertices[:, 0]) < 0.3) * (vertices[:, 2] < 0.0)))
    moved = vertices.copy()
    moved[index, [0, 2]] *= (BORE - 0.3) / radius[index]
    finding = errors(verify_stl(stl_bytes(moved, faces), resolved_ring()))[FindingCode.SELF_INTERSECTION]
    assert np.linalg.norm(np.array(finding.place_mm) - moved[index]) < 1.5


def test_thin_floor_is_refused_at_its_place() -> None:
    report = judge(stripes(0.6, depth=1.4))
    finding = errors(report)[FindingCode.WALL_STRUCTURAL]
    assert finding.measured == pytest.approx(THICKNESS - 1.4, abs=0.01)
    assert finding.limit == 0.8
    assert finding.spec_field == "shank.thickness_mm.top"
    assert finding.fix == f"set shank.thickness_mm.top to {THICKNESS + 0.8 - finding.measured:.2f}"
    assert np.arctan2(finding.place_mm[0], finding.place_mm[2]) == pytest.approx(MIDDLE, abs=0.05)


def test_thin_prongs_and_rails_are_refused() -> None:
    report = judge(prong_share=0.75)
    finding = errors(report)[FindingCode.PRONG_SECTION]
    # The notch reaches as far as before into a prong of 0.9 mm.
    assert finding.measured == pytest.approx(0.5 * 0.9 + 0.5 * 1.2 - 0.3, abs=0.01)
    assert finding.spec_field == "head.prong_diameter_mm"
    report = judge(rail_share=0.7)
    finding = errors(report)[FindingCode.WALL_STRUCTURAL]
    assert "rail" in finding.message
    assert finding.measured == pytest.approx(0.7, abs=0.005)


@pytest.mark.parametrize(("width", "bad"), [(0.2, True), (0.26, True), (0.36, False), (0.5, False)])
def test_width_of_detail_at_half_height(width: float, bad: bool) -> None:
    zone = zone_of(stripes(width, 0.2))
    found = detail_findings(zone, 0, 0.35)
    if bad:
        (finding,) = found
        assert (finding.code, finding.severity) == (FindingCode.DETAIL_WIDTH, Severity.ERROR)
        assert finding.measured == pytest.approx(width, abs=0.03)
        assert abs(abs(finding.place_mm[1]) - 0.9) < 0.3
    else:
        assert not found
        assert zone.narrow_mm2 == 0.0


@pytest.mark.parametrize(("width", "bad"), [(0.25, True), (0.45, False)])
def test_a_border_along_the_end_of_a_zone_does_not_lift_the_ground(width: float, bad: bool) -> None:
    """No ground lies past it inside the zone; a fit without the plain shank beyond climbed it by 0.3 mm."""
    end = np.radians(0.5 * (ZONE_DEG[1] - ZONE_DEG[0])) * (BORE + THICKNESS)

    def border(arc: np.ndarray, y: np.ndarray) -> np.ndarray:
        wall = np.clip((0.5 * width - np.abs(arc - end + 0.5 * width + 0.03)) / 0.05 + 0.5, 0.0, 1.0)
        return 0.3 * wall * np.clip((1.4 - np.abs(y)) / 0.05 + 0.5, 0.0, 1.0)

    zone = zone_of(border)
    assert zone.refused is bad
    assert zone.narrowest_mm == pytest.approx(min(width, 0.35), abs=0.03)
    if bad:
        assert zone.narrow_mm2 == pytest.approx(2.8 * width, rel=0.3)
        assert zone.steepest == pytest.approx(0.3 / width, abs=0.15)


def test_detail_higher_than_wide_is_reported() -> None:
    (finding,) = detail_findings(zone_of(stripes(0.4, 0.6)), 0, 0.35)
    assert finding.code is FindingCode.DETAIL_HEIGHT
    assert finding.measured == pytest.approx(0.6 / 0.4, abs=0.2)


@pytest.mark.parametrize("off", [0.1, -0.1, 0.03])
def test_wrong_bore_is_refused(off: float) -> None:
    ring = resolved_ring(inner_diameter=2 * BORE + off)
    report = verify_stl(stl_bytes(*shank_arrays()), ring)
    finding = errors(report)[FindingCode.BORE_DIAMETER]
    assert finding.measured == pytest.approx(2 * BORE, abs=1e-3)
    assert finding.limit == pytest.approx(2 * BORE + off)


@pytest.mark.parametrize("holes", [0, 7])
def test_bore_is_measured_round_holes_and_off_centre(holes: int) -> None:
    vertices, faces = shank_arrays()
    shifted = vertices + np.array([0.05, 0.0, -0.03])
    mesh = mesh_from_arrays(shifted, faces)
    keep = np.ones(len(mesh.faces), dtype=bool)
    angle = np.degrees(np.arctan2(mesh.centers[:, 0], mesh.centers[:, 2]))
    for k in range(holes):
        keep &= ~((np.abs(angle + 160.0 - 40.0 * k) < 4.0) & (np.abs(mesh.centers[:, 1]) < 0.3))
    holed = mesh_from_arrays(mesh.vertices, mesh.faces[keep])
    bore = measure_bore(holed, RayCaster(holed))
    assert bore is not None
    assert bore.diameter_mm == pytest.approx(2 * BORE, abs=2e-3)
    assert (bore.center_x_mm, bore.center_z_mm) == pytest.approx((0.05, -0.03), abs=2e-3)


def test_casting_scale_is_divided_out() -> None:
    ring = resolved_ring()
    foundry = ring.foundry.model_copy(update={"casting_scale": 1.02})
    scaled = ring.model_copy(update={"foundry": foundry})
    vertices, faces = shank_arrays()
    report = verify_stl(stl_bytes(vertices * 1.02, faces), scaled)
    assert FindingCode.BORE_DIAMETER not in {f.code for f in report.findings}
    assert report.measurements["bore"]["diameter_mm"] == pytest.approx(2 * BORE, abs=1e-3)
    assert FindingCode.BORE_DIAMETER in errors(verify_stl(stl_bytes(vertices, faces), scaled))


def test_wrong_units_are_named_and_nothing_else_is_made_up() -> None:
    vertices, faces = shank_arrays()
    report = verify_stl(stl_bytes(vertices / 10.0, faces), resolved_ring())
    assert set(errors(report)) == {FindingCode.UNITS}
    assert "centimetres" in report.findings[0].message


def test_overlapping_shells_are_refused() -> None:
    """What a volume check and a boolean library's status both pass."""
    vertices, faces = shank_arrays()
    prong = ring_solid(resolved_ring()).trim_by_plane([0.0, 0.0, 1.0], 11.0)
    extra, extra_faces = arrays_of(prong)
    both = stl_bytes(
        np.concatenate([vertices, extra - np.array([0.0, 0.0, 1.5])]),
        np.concatenate([faces, extra_faces + len(vertices)]),
    )
    codes = set(errors(verify_stl(both, resolved_ring())))
    assert {FindingCode.SELF_INTERSECTION, FindingCode.BODIES} <= codes


def test_foreign_file_without_numbers() -> None:
    report = verify_stl(stl_bytes(*shank_arrays()))
    assert report.ok
    assert report.measurements["wall_classes"]["structural"]["min_mm"] == pytest.approx(
        THICKNESS - CROWN_RISE - 0.15, abs=0.08
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_bore_of_a_foreign_ring_is_found_in_any_axis(order: tuple[int, int, int]) -> None:
    vertices, faces = arrays_of(ring_solid(resolved_ring()))
    moved = vertices[:, order] + np.array([3.0, -2.0, 5.0])
    bore = verify_stl(stl_bytes(moved, faces)).measurements["bore"]
    assert bore["diameter_mm"] == pytest.approx(2 * BORE, abs=0.005)
    assert abs(bore["axis"][order.index(1)]) == pytest.approx(1.0, abs=1e-6)


def test_metal_beside_a_seat_and_a_free_wire_have_codes_of_their_own() -> None:
    ring = resolved_ring(flush=True)
    accent = ring.accents[0]
    near = accent.seats[0].model_copy(update={"id": "right_2", "phi_deg": 109.0})
    crowded = ring.model_copy(update={"accents": (accent.model_copy(update={"seats": (*accent.seats, near)}),)})
    report = verify_stl(stl_bytes(*arrays_of(ring_solid(crowded))), crowded)
    finding = errors(report)[FindingCode.SEAT_WALL]
    radius = BORE + THICKNESS - 0.65 * 0.53
    expected = 2.0 * (radius * np.sin(np.radians(4.5)) / np.cos(np.radians(4.5)) - 0.5 * accent.opening_diameter_mm)
    assert finding.measured == pytest.approx(expected, abs=0.12)
    assert finding.spec_field == "accents.0.gap_mm"
    # A hoop of round wire of 0.6 mm is thin both ways.
    u, v = np.meshgrid(2 * np.pi * np.arange(160) / 160, 2 * np.pi * np.arange(24) / 24, indexing="ij")
    r = 9.0 + 0.3 * np.cos(v)
    points = np.stack([r * np.cos(u), 0.3 * np.sin(v), r * np.sin(u)], axis=-1).reshape(-1, 3)
    i, j = (x.ravel() for x in np.meshgrid(np.arange(160), np.arange(24), indexing="ij"))
    a, b, c, d = i * 24 + j, (i + 1) % 160 * 24 + j, (i + 1) % 160 * 24 + (j + 1) % 24, i * 24 + (j + 1) % 24
    hoop = stl_bytes(points, np.concatenate([np.stack([a, d, c], 1), np.stack([a, c, b], 1)]))
    wire = errors(verify_stl(hoop))
    assert set(wire) == {FindingCode.WALL_FREE_WIRE}
    assert wire[FindingCode.WALL_FREE_WIRE].measured == pytest.approx(0.6, abs=0.01)


def test_same_file_same_report() -> None:
    first, again = judge(prong_share=0.75), judge(prong_share=0.75)
    assert again.findings == first.findings
    assert again.measurements == first.measurements


def test_verifier_imports_neither_kernel_nor_templates() -> None:
    code = (
        "import sys, ringcad.verify.check, ringcad.verify.detail, ringcad.verify.raygrid\n"
        "banned = ('OCP', 'cadquery', 'torch', 'manifold3d', 'ringcad.kernel', 'ringcad.templates', 'ringcad.fit',"
        " 'ringcad.relief', 'ringcad.seats')\n"
        "print([name for name in sys.modules if name.startswith(banned)])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
