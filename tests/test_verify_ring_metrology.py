"""Rings of anybody's make in any pose: hole, size, box and weights against closed forms."""

from __future__ import annotations

from typing import Any

import manifold3d
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.core.findings import FindingCode
from ringcad.export.stl import stl_bytes
from ringcad.standards.ring_sizes import ring_size
from ringcad.standards.services import print_services
from ringcad.verify.check import check_file
from ringcad.verify.mesh import TriangleMesh, mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.ring import RingHole, find_ring, service_findings, weights_g

Solid = manifold3d.Manifold


def band(diameter: float, *, width: float = 4.0, wall: float = 1.8, rise: float = 0.0, taper: float = 0.0,
         segments: int = 96) -> Any:  # fmt: skip
    """Band about z whose radius grows by ``rise`` (parabola) to both edges and by ``taper`` to one."""
    y = np.linspace(-0.5 * width, 0.5 * width, 21)
    share = 2.0 * y / width
    inner = np.stack([0.5 * diameter + rise * share**2 + 0.5 * taper * share, y], axis=1)
    outer = 0.5 * diameter + wall + 0.5 * taper
    outline = [*inner.tolist(), [outer, 0.5 * width], [outer, -0.5 * width]]
    return Solid.revolve(manifold3d.CrossSection([outline[::-1]]), segments)


def as_mesh(solid: Any) -> TriangleMesh:
    mesh = solid.to_mesh()
    return mesh_from_arrays(np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts))


def hole_of(solid: Any) -> RingHole | None:
    mesh = as_mesh(solid)
    return find_ring(mesh, RayCaster(mesh))


@given(st.floats(13.0, 23.0), st.floats(-180, 180), st.floats(-180, 180), st.sampled_from([48, 96, 180]))
@settings(max_examples=12, deadline=None)
def test_a_band_in_any_pose(diameter: float, turn: float, tilt: float, segments: int) -> None:
    """Diameter, axis, width and chord of a plain band with a head, however it lies."""
    head = Solid.cylinder(4.0, 2.5, 2.5, 32).rotate([90.0, 0.0, 0.0]).translate([0.0, -0.5 * diameter - 0.8, 0.0])
    solid = (band(diameter, segments=segments) + head).rotate([tilt, 0.3 * turn, turn]).translate([3.0, -40.0, 7.0])
    hole = hole_of(solid)
    assert hole is not None
    assert hole.size_diameter_mm == pytest.approx(diameter, abs=0.002)
    assert hole.inside == "flat"
    corners = Solid.cube([1.0, 1.0, 9.0]).rotate([tilt, 0.3 * turn, turn]).to_mesh().vert_properties
    spread = np.linalg.eigh(np.cov(np.asarray(corners)[:, :3].T))[1][:, 2]
    assert abs(float(spread @ np.array(hole.axis))) == pytest.approx(1.0, abs=1e-5)
    assert hole.width_mm == pytest.approx(4.0, abs=1e-3)
    assert hole.chord_mm == pytest.approx(0.5 * diameter * (1.0 - np.cos(np.pi / segments)), rel=0.05, abs=1e-4)
    assert hole.error_mm >= abs(hole.size_diameter_mm - diameter)


@pytest.mark.parametrize("rise", [0.1, 0.25])
def test_a_comfort_fit_is_read_at_mid_width(rise: float) -> None:
    """ISO 8653: the least diameter; the edges stand back by the rise."""
    hole = hole_of(band(17.32, rise=rise, width=5.0).rotate([40.0, 10.0, 0.0]))
    assert hole is not None and hole.inside == "rounded"
    assert hole.size_diameter_mm == pytest.approx(17.32, abs=0.004)
    assert hole.edge_rise_mm == pytest.approx(2.0 * rise * 0.5 * (0.8**2 + 0.6**2), rel=0.1)


def test_a_tapered_hole_is_read_where_it_is_narrow() -> None:
    hole = hole_of(band(18.0, taper=0.4, width=6.0))
    assert hole is not None and hole.inside == "tapered"
    assert hole.size_diameter_mm == pytest.approx(18.0 - 0.8 * 0.4, abs=0.01)


def test_an_oval_hole_is_no_finger_hole() -> None:
    assert hole_of(band(18.0).scale([1.1, 1.0, 1.0])) is None
    assert hole_of(Solid.cube([20.0, 18.0, 4.0], True)) is None


def test_a_foreign_file_is_measured_whole(tmp_path: Any) -> None:
    """Size in every system, box, weights and services, from the bytes alone."""
    diameter = ring_size("US 7").inner_diameter_mm
    mesh = as_mesh(band(diameter, wall=2.0, segments=180).rotate([90.0, 0.0, 25.0]))
    path = tmp_path / "band.stl"
    path.write_bytes(stl_bytes(mesh.vertices, mesh.faces))
    report = check_file(path)
    assert report.ok
    ring = report.measurements["ring"]
    assert ring["sizes"]["US"]["label"] == "US 7" and abs(ring["sizes"]["US"]["off_mm"]) < 0.003
    assert ring["sizes"]["EU"]["label"] == "EU 54.5"
    assert ring["sizes"]["EU"]["off_mm"] == pytest.approx(54.5 / np.pi - ring["inner_diameter_mm"], abs=1e-3)
    assert ring["box_mm"] == pytest.approx([diameter + 4.0, 4.0, diameter + 4.0], abs=0.02)
    volume = 180 / 2 * np.sin(2 * np.pi / 180) * ((0.5 * diameter + 2.0) ** 2 - (0.5 * diameter) ** 2) * 4.0
    assert report.measurements["weights_g"]["18k_yellow_gold"] == pytest.approx(15.5e-3 * volume, rel=1e-4)
    assert weights_g(1000.0)["sterling_silver"] == pytest.approx(10.36)
    assert all(row["takes"] for row in report.measurements["print_services"].values())


def test_services_refuse_what_is_over_their_limits() -> None:
    shapeways = next(service for service in print_services() if service.id == "shapeways")
    assert (
        shapeways.refuses(1_000_001, 1)
        and shapeways.refuses(1, 64_000_001)
        and not shapeways.refuses(10**6, 64 * 10**6)
    )
    assert not service_findings(100_000, 5_000_084)
    found = service_findings(1_200_000, 60_000_084)
    assert found[0].code is FindingCode.PRINT_SERVICE and "Shapeways" in found[0].message
    assert all(service.provenance.source for service in print_services())
