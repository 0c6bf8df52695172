"""Gaps, recesses, hollows, edges and sections: bodies of known dimensions, and what is said of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.core.findings import FindingCode, Severity
from ringcad.export.stl import stl_bytes
from ringcad.verify import verify_stl
from ringcad.verify.cavities import find_cavities, pieces_of_space, square_distance
from ringcad.verify.edges import mesh_edges
from ringcad.verify.gaps import gap_findings, measure_gaps
from ringcad.verify.rays import RayCaster

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def load(name: str) -> ModuleType:
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


walls = load("verify_calibration")
calibration = load("verify_gaps")


def wrong(rows: Any) -> list[Any]:
    return [row for row in rows if not row.ok]


def test_gaps_recesses_and_holes_of_known_size() -> None:
    assert not wrong(calibration.gap_rows(64, None))


def test_hollows_and_their_drains() -> None:
    assert not wrong(calibration.hollow_rows(48, None))


def test_edges_and_sections() -> None:
    assert not wrong(calibration.solid_rows(64, None))


@pytest.mark.slow
def test_all_of_it_on_fine_meshes() -> None:
    assert not wrong(calibration.calibrate(((128, 0.4),)))


@given(st.floats(0.05, 0.9), st.floats(0.3, 1.5), st.floats(-180, 180), st.floats(-90, 90))
@settings(max_examples=8, deadline=None)
def test_a_slot_in_any_pose(width: float, depth: float, turn: float, tilt: float) -> None:
    """Width exactly, and a fin where it is narrow and deep: at no limit of a slot's own size."""
    mesh = walls.as_mesh(calibration.slot(width, depth).rotate([tilt, 0.0, turn]), None)
    gaps = measure_gaps(mesh, RayCaster(mesh))
    assert gaps.width_mm.min() == pytest.approx(width, abs=1e-3)
    if 1.1 * width < depth < 5.0 * width:
        assert gaps.ratio[gaps.blind].max() == pytest.approx(depth / width, rel=0.06)
    fins = [f for f in gap_findings(gaps, 0.25, declared=False) if f.code is FindingCode.GAP_WIDTH]
    if abs(width - 0.23) > 0.005 and abs(depth / width - 1.05) > 0.1:
        assert bool(fins) == (width < 0.23 and depth > 1.05 * width)
    if fins:
        assert fins[0].place_mm is not None
        assert (fins[0].severity is Severity.ERROR) == (width < 0.18)


def test_what_the_ring_declares_is_information() -> None:
    """Pilot holes and seats are judged by rules of their own; a fin is still warned of."""
    mesh = walls.as_mesh(calibration.hole(0.45, 5.0, 48), None)
    gaps = measure_gaps(mesh, RayCaster(mesh))
    assert {f.severity for f in gap_findings(gaps, 0.25, declared=False)} == {Severity.WARNING}
    assert {f.severity for f in gap_findings(gaps, 0.25, declared=True)} == {Severity.INFO}
    assert FindingCode.HOLE_WIDTH in {f.code for f in gap_findings(gaps, 0.25, declared=False)}


def test_a_foreign_file_is_told() -> None:
    """Every rule speaks from the bytes of one file, each at the place of the body that breaks it."""
    parts = {
        FindingCode.GAP_WIDTH: calibration.slot(0.1, 0.8),
        FindingCode.RECESS_DEPTH: calibration.slot(0.4, 1.0),
        FindingCode.HOLE_WIDTH: calibration.hole(0.45, 5.0, 48),
        FindingCode.TRAPPED_VOLUME: calibration.hollow((0.8,), 32),
        FindingCode.SECTION_THICK: walls.box(6, 6, 7),
        FindingCode.SECTION_JUMP: walls.box(6, 6, 6) + walls.box(10, 6, 0.9, (3.5, 0, 0)),
        FindingCode.FEATHER_EDGE: walls.wedge(30.0),
    }
    places = {code: np.array([14.0 * (k % 4) - 24.0, 14.0 * (k // 4) - 7.0, 0.0]) for k, code in enumerate(parts)}
    whole = sum((solid.translate(list(places[code])) for code, solid in parts.items()), walls.Solid())
    mesh = walls.as_mesh(whole, None)
    report = verify_stl(stl_bytes(mesh.vertices, mesh.faces))
    assert FindingCode.UNITS not in {finding.code for finding in report.findings}
    for code, place in places.items():
        found = [finding for finding in report.findings if finding.code is code]
        assert found, code
        assert found[0].severity is not Severity.INFO and found[0].fix and found[0].limit is not None
        near = [finding for finding in found if np.linalg.norm((np.array(finding.place_mm) - place)[:2]) < 7.5]
        assert near, (code, [finding.place_mm for finding in found])
    assert FindingCode.SHARP_EDGE in {finding.code for finding in report.findings}


def test_a_hollow_without_a_drain_refuses() -> None:
    mesh = walls.as_mesh(calibration.hollow((), 32), None)
    cavity = find_cavities(mesh, RayCaster(mesh))[0]
    assert cavity.drain_mm == 0.0 and cavity.drains == 0
    assert np.linalg.norm(cavity.place_mm) < 2.9


def test_distances_and_pieces_on_a_grid() -> None:
    """Against brute force: squared distances up to the reach, pieces by flooding."""
    rng = np.random.default_rng(2)
    solid = rng.random((9, 8, 10)) < 0.03
    cells = np.argwhere(np.ones(solid.shape, dtype=bool))
    true = ((cells[:, None] - np.argwhere(solid)[None]) ** 2).sum(axis=2).min(axis=1).reshape(solid.shape)
    found = square_distance(solid, 4)
    assert np.array_equal(found[true <= 16], true[true <= 16]) and (found[true > 16] > 16).all()
    free = rng.random((9, 8, 10)) < 0.4
    label, count = pieces_of_space(free)
    seen = np.zeros(free.shape, dtype=int)
    number = 0
    for start in map(tuple, np.argwhere(free)):
        if seen[start]:
            continue
        number += 1
        todo = [start]
        seen[start] = number
        while todo:
            here = todo.pop()
            for axis in range(3):
                for step in (-1, 1):
                    there = tuple(v + step * (k == axis) for k, v in enumerate(here))
                    inside = all(0 <= v < n for v, n in zip(there, free.shape, strict=True))
                    if inside and free[there] and not seen[there]:
                        seen[there] = number
                        todo.append(there)
    assert count == number
    pairs = {(int(a), int(b)) for a, b in zip(label[free], seen[free], strict=True)}
    assert len(pairs) == number and (label[~free] == 0).all()


def test_edges_of_a_wedge_turn_by_its_angle() -> None:
    """Interior angle 180 less the turn; a slot's inner edges turn the other way."""
    edges = mesh_edges(walls.as_mesh(walls.wedge(50.0), None))
    assert edges.turn_deg.max() == pytest.approx(130.0, abs=1e-3)
    assert edges.length_mm[np.argmax(edges.turn_deg)] == pytest.approx(10.0, abs=1e-5)
    inner = mesh_edges(walls.as_mesh(calibration.slot(0.5, 0.5), None))
    assert inner.length_mm[inner.turn_deg < -45.0].sum() == pytest.approx(12.0, abs=1e-4)


@pytest.mark.parametrize(("drains", "narrow"), [((0.98, 0.98), False), ((0.98,), True), ((0.7, 0.7), True)])
def test_two_drains_as_wide_as_asked_within_the_error_of_measuring_do(drains: tuple[float, ...], narrow: bool) -> None:
    body = calibration.hollow(tuple(2.0 * width for width in drains), 48).scale([0.5, 0.5, 0.5])
    mesh = walls.as_mesh(body, None)
    assert bool(find_cavities(mesh, RayCaster(mesh))) is narrow
