"""The comparison of a re-read STEP file finds every damage, however small, and passes every sound file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from OCP.BRep import BRep_Tool
from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
from OCP.Geom import Geom_BSplineCurve
from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_Pnt, gp_Trsf
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopoDS import TopoDS
from rings_support import SPECS, plain_nets, volume_of

from ringcad.core.findings import FindingCode
from ringcad.fit.limb import snap_poles
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.compare import compare_solids
from ringcad.kernel.limb import closed_limb
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.parts import prism, revolve
from ringcad.kernel.step import read_step, reread_step, write_step
from ringcad.kernel.surfaces import NamedShape, faces_of
from ringcad.seats.places import StoneInstance
from ringcad.template import BuiltRing, RingPlan

Damage = Callable[[str], str]


def moved(shape: NamedShape, change: gp_Trsf) -> NamedShape:
    return NamedShape(BRepBuilderAPI_Transform(shape.shape, change, True).Shape(), shape.names)


def mirrored(shape: NamedShape) -> NamedShape:
    change = gp_Trsf()
    change.SetMirror(gp_Ax2(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.3, -0.5, 0.8)))
    return moved(shape, change)


@pytest.fixture(scope="module")
def ring() -> tuple[BuiltRing, RingPlan]:
    """A short-tiled shank with a relief, a cone, a slot and two stones: all kinds of surfaces and curves."""
    from ringcad.resolve import resolve
    from ringcad.spec import load_spec

    nets = plain_nets(count=72, rows=34)
    heights = 0.1 * np.random.default_rng(5).random(nets.outer.shape[:2])
    heights[:, [0, 1, -2, -1]] = 0.0
    shank = closed_limb(nets, snap_poles(nets.outer + nets.normals * heights[..., None]), 18, 2)
    up = np.array([0.1, 0.2, 1.0])
    cone = revolve([(0.0, 9.5), (1.0, 9.5), (0.7, 13.0), (0.0, 13.0)], np.zeros(3), up, "prong")
    hole = revolve([(0.0, 7.0), (0.6, 7.0), (0.6, 12.0), (0.0, 12.0)], np.zeros(3), np.array([1.0, 0.0, 0.1]), "seat")
    corners = [(-9.4, -0.5), (-10.0, -0.5), (-10.0, 0.5), (-9.4, 0.5)]
    slot = prism([[a, b] for a, b in zip(corners, corners[1:] + corners[:1], strict=True)], 5.0, "slot")
    metal = cut(fuse([shank, cone]), [hole, slot])
    stones = (
        StoneInstance("center", "center", (0.0, 0.0, 14.0), (0.0, 0.0, 1.0)),
        StoneInstance("right_1", "0", (12.0, 0.0, 2.0), (0.6, 0.0, 0.8)),
    )
    built = BuiltRing(metal, tessellate(metal, 0.02, 12.0), stones, (), {})
    resolved = resolve(load_spec(SPECS / "flush_shoulders.yaml"), "plate")
    return built, RingPlan(resolved, nets, nets.outer, tuple(range(0, 73, 18)), (), {})


@pytest.fixture(scope="module")
def text(ring: tuple[BuiltRing, RingPlan], tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("step") / "ring.step"
    write_step(*ring, path)
    return path.read_text(encoding="utf-8")


def test_a_sound_file_passes(ring: tuple[BuiltRing, RingPlan], tmp_path: Path) -> None:
    built, plan = ring
    path = tmp_path / "ring.step"
    write_step(built, plan, path)
    measures, findings = reread_step(path, built)
    assert not findings
    assert measures["faces"] == len(built.solid.names) and measures["solids"] == 3
    assert measures["faces_without_name"] == measures["faces_that_differ"] == measures["open_edges"] == 0
    assert 0.0 < measures["largest_difference_mm"] < 1e-10, "13 digits"
    content = path.read_text(encoding="utf-8")
    assert "B_SPLINE_SURFACE" in content and "CONICAL_SURFACE" in content and "PCURVE" not in content
    shape, _ = read_step(path)
    assert not check(shape), "a reader that mends finds nothing to complain about"
    again = tessellate(shape, 0.02, 12.0)
    assert volume_of(again.vertices, again.triangles) == pytest.approx(
        volume_of(built.mesh.vertices, built.mesh.triangles), rel=1e-4
    )


def test_a_mirrored_solid_comes_back(ring: tuple[BuiltRing, RingPlan], tmp_path: Path) -> None:
    """The file knows right-handed frames alone; sides and directions change with them."""
    built, plan = ring
    other = replace(built, solid=mirrored(built.solid))
    path = tmp_path / "mirrored.step"
    write_step(other, plan, path)
    assert not reread_step(path, other)[1]
    (finding,) = reread_step(path, built)[1]
    assert finding.code is FindingCode.STEP_MISMATCH and finding.measured == len(built.solid.names)


def edited(pattern: str, change: Callable[[re.Match[str]], str], pick: int = 0) -> Damage:
    """Change the ``pick``-th match of a pattern."""

    def damage(content: str) -> str:
        match = list(re.finditer(pattern, content, flags=re.DOTALL))[pick]
        return content[: match.start()] + change(match) + content[match.end() :]

    return damage


def shifted(kind: str, by: float, pick: int = 0) -> Damage:
    """Move the ``pick``-th point that an entity of ``kind`` refers to."""

    def damage(content: str) -> str:
        entity = next(re.finditer(rf"{kind}\(.*?;", content, flags=re.DOTALL)).group()
        number = re.findall(r"#\d+", entity)[pick]
        match = re.search(rf"\n{number} = CARTESIAN_POINT\('',\(([^,]*),", content)
        assert match is not None
        return content[: match.start(1)] + f"{float(match.group(1)) + by:.12E}" + content[match.end(1) :]

    return damage


DAMAGES: dict[str, tuple[Damage, str]] = {
    "a pole off by 0.01 mm": (shifted("B_SPLINE_SURFACE_WITH_KNOTS", 0.01, 300), "faces that are not"),
    "a pole off by 10 nm": (shifted("B_SPLINE_SURFACE_WITH_KNOTS", 1e-8, 300), "faces that are not"),
    "a pole of an edge off by 10 nm": (shifted("B_SPLINE_CURVE_WITH_KNOTS", 1e-8, 9), "faces that are not"),
    "a vertex off by 10 nm": (shifted("VERTEX_POINT", 1e-8), "faces that are not"),
    "a knot moved": (
        edited(
            r"(B_SPLINE_SURFACE_WITH_KNOTS\([^;]*?\(4,1,1[,\d\s]*\),\([^;]*?\),\(0\.,)1\.", lambda m: m[1] + "1.001"
        ),
        "faces that are not",
    ),
    "a cone a little steeper": (
        edited(r"(CONICAL_SURFACE\('',#\d+,[^,]*,)([^)]*)\)", lambda m: f"{m[1]}{float(m[2]) + 1e-6:.12E})"),
        "faces that are not",
    ),
    "a circle wider": (
        edited(r"(CIRCLE\('',#\d+,)([^)]*)\)", lambda m: f"{m[1]}{float(m[2]) + 1e-7:.12E})"),
        "faces that are not",
    ),
    "a cylinder wider": (
        edited(r"(CYLINDRICAL_SURFACE\('',#\d+,)([^)]*)\)", lambda m: f"{m[1]}{float(m[2]) + 1e-7:.12E})"),
        "faces that are not",
    ),
    "a face dropped": (edited(r"(CLOSED_SHELL\('',\()#\d+,", lambda m: m[1]), "edges that do not join"),
    "a face turned": (edited(r"(ADVANCED_FACE\([^;]*?),\.T\.\)", lambda m: f"{m[1]},.F.)", 3), "faces that are not"),
    "a name lost": (edited(r"ADVANCED_FACE\('skin'", lambda _: "ADVANCED_FACE(''"), "faces without their name"),
    "a name changed": (
        edited(r"ADVANCED_FACE\('skin'", lambda _: "ADVANCED_FACE('bore'"),
        "faces without their name",
    ),
    "a stone renamed": (
        edited(r"(PRODUCT\('stone right_1 [^']*',)'stone right_1 ", lambda m: m[1] + "'stone right_7 "),
        "missing, too many or misnamed",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found(ring: tuple[BuiltRing, RingPlan], text: str, tmp_path: Path, damage: str) -> None:
    change, message = DAMAGES[damage]
    broken = change(text)
    assert broken != text
    path = tmp_path / "broken.step"
    path.write_text(broken, encoding="utf-8")
    _, findings = reread_step(path, ring[0])
    assert any(message in finding.message for finding in findings), [finding.message for finding in findings]
    assert all(finding.code is FindingCode.STEP_MISMATCH and finding.fix for finding in findings)


def test_a_missing_stone_is_found(ring: tuple[BuiltRing, RingPlan], tmp_path: Path) -> None:
    built, plan = ring
    path = tmp_path / "ring.step"
    write_step(replace(built, stones=built.stones[1:]), plan, path)
    (finding,) = reread_step(path, built)[1]
    assert finding.measured == 1.0 and "solids" in finding.message


def test_swapped_names_are_found_although_all_are_there(ring: tuple[BuiltRing, RingPlan]) -> None:
    solid = ring[0].solid
    names = list(solid.names)
    one, two = names.index("skin"), names.index("bore")
    names[one], names[two] = names[two], names[one]
    found = compare_solids(solid, NamedShape(solid.shape, tuple(names)))
    assert (found.names_apart, found.faces_apart, found.open_edges) == (2, 0, 0)


def test_a_solid_is_itself_and_nothing_else(ring: tuple[BuiltRing, RingPlan]) -> None:
    solid = ring[0].solid
    assert compare_solids(solid, solid).same and compare_solids(solid, solid).largest_mm == 0.0
    assert compare_solids(mirrored(solid), mirrored(solid)).same
    change = gp_Trsf()
    change.SetScaleFactor(1.0 + 1e-8)
    assert not compare_solids(solid, moved(solid, change)).same
    change = gp_Trsf()
    assert compare_solids(solid, moved(solid, change)).same


def _closed_splines(shape: NamedShape) -> list[bool]:
    """Whether each closed edge that lies on a spline has no beginning."""
    found = []
    for face in faces_of(shape.shape):
        explorer = TopExp_Explorer(face, TopAbs_ShapeEnum.TopAbs_EDGE)
        while explorer.More():
            edge = TopoDS.Edge_s(explorer.Current())
            curve = None if BRep_Tool.Degenerated_s(edge) else BRep_Tool.Curve_s(edge, 0.0, 1.0)
            if isinstance(curve, Geom_BSplineCurve) and curve.IsClosed():
                found.append(bool(curve.IsPeriodic()))
            explorer.Next()
    return found


def test_closed_borders_come_back_without_a_beginning_and_are_the_same(
    ring: tuple[BuiltRing, RingPlan], tmp_path: Path
) -> None:
    """A hole through a drum's flank: its border is one smooth closed curve, which a reader makes periodic."""
    up, across = np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0])
    drum = revolve([(2.0, 0.0), (3.0, 0.0), (3.0, 3.0), (2.0, 3.0)], np.zeros(3), up, "drum")
    drill = revolve([(0.0, 0.0), (0.4, 0.0), (0.4, 5.0), (0.0, 5.0)], np.array([0.0, 0.0, 1.5]), across, "seat")
    turned = gp_Trsf()
    turned.SetRotation(gp_Ax1(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.0, 0.0, 1.0)), 1.0)  # away from the drum's seam
    solid = cut(drum, [moved(drill, turned)])
    built = BuiltRing(solid, tessellate(solid, 0.02, 12.0), (), (), {})
    path = tmp_path / "drum.step"
    write_step(built, ring[1], path)
    found, _ = read_step(path, mend=False)
    assert True in _closed_splines(found) and True not in _closed_splines(solid)
    assert compare_solids(solid, found).same
    other = cut(drum, [moved(revolve([(0.0, 0.0), (0.401, 0.0), (0.401, 5.0), (0.0, 5.0)],
                                     np.array([0.0, 0.0, 1.5]), across, "seat"), turned)])  # fmt: skip
    assert compare_solids(other, found).faces_apart > 0
