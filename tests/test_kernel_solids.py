"""Solids of the kernel against closed forms: tiles, bodies of revolution, prisms, facets, round limbs."""

from __future__ import annotations

import numpy as np
import pytest
from OCP.BRepCheck import BRepCheck_Analyzer
from rings_support import limb_volume, plain_nets, volume_of

from ringcad.core.errors import KernelFault
from ringcad.fit import spline
from ringcad.fit.limb import LimbNets, snap_poles
from ringcad.kernel.boolean import check
from ringcad.kernel.genus import limb_mesh, mesh_genus
from ringcad.kernel.limb import closed_limb
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.parts import frame, polyhedron, prism, revolve, round_limb
from ringcad.kernel.surfaces import NamedShape, ShapeIndex, faces_of, solids_of

Z, ORIGIN = np.array([0.0, 0.0, 1.0]), np.zeros(3)


def mesh_volume(shape: NamedShape, chord: float = 0.0005, angle: float = 3.0) -> float:
    mesh = tessellate(shape, chord, angle)
    return volume_of(mesh.vertices, mesh.triangles)


def limb(nets: LimbNets, skin: np.ndarray, tiles: int, across: int) -> NamedShape:
    return closed_limb(nets, skin, skin.shape[0] // tiles, across)


@pytest.mark.parametrize(("profile", "relief"), [("flat", 0.0), ("d", 0.2), ("comfort", 0.2), ("knife", 0.1)])
def test_tiles_sew_to_one_solid_with_the_volume_of_the_nets(profile: str, relief: float) -> None:
    shape = {"flat": {}, "d": {"rise": 0.4}, "comfort": {"rise": 0.3, "comfort": 0.15}, "knife": {"rise": 0.7}}
    nets = plain_nets(count=72, rows=34, knife=profile == "knife", **shape[profile])
    heights = relief * np.random.default_rng(3).random(nets.outer.shape[:2])
    heights[:, [0, 1, -2, -1]] = 0.0
    skin = snap_poles(nets.outer + nets.normals * heights[..., None])
    solid = limb(nets, skin, 4, 2)
    assert len(solids_of(solid.shape)) == 1 and BRepCheck_Analyzer(solid.shape).IsValid() and not check(solid)
    assert len(solid.names) == 4 * (2 + 2 + 1)
    assert {name: solid.names.count(name) for name in set(solid.names)} == {"skin": 8, "shank_side": 8, "bore": 4}
    assert mesh_volume(solid, 0.005, 8.0) == pytest.approx(limb_volume(nets, skin), rel=1e-3)


def test_names_of_sewn_faces_are_where_they_belong() -> None:
    nets = plain_nets(count=72, rows=34)
    mesh = tessellate(limb(nets, nets.outer, 4, 2), 0.01, 8.0)
    names = np.array(mesh.face_names)[mesh.face_index]
    middle = mesh.vertices[mesh.triangles].mean(axis=1)
    radius = np.hypot(middle[:, 0], middle[:, 2])
    assert radius[names == "bore"].max() < 8.6 + 0.4 + 1e-6 and radius[names == "skin"].min() > 10.6 - 0.45 - 0.02
    assert np.abs(np.abs(middle[names == "shank_side"][:, 1]) - 2.0).max() < 1e-5
    # outward: away from the axis on the skin, towards it in the bore
    corner = mesh.vertices[mesh.triangles]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    outward = normal[:, 0] * middle[:, 0] + normal[:, 2] * middle[:, 2]
    assert np.all(outward[names == "skin"] > 0.0) and np.all(outward[names == "bore"] < 0.0)


def test_the_coarse_limb_of_the_genus_oracle_is_a_torus() -> None:
    nets = plain_nets(count=72, rows=34)
    vertices, triangles = limb_mesh(nets)
    assert mesh_genus(triangles) == 1
    assert volume_of(vertices, triangles) == pytest.approx(limb_volume(nets, nets.outer), rel=0.05)


@pytest.mark.parametrize("axis", [(0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.3, 0.9, -0.2), (0.0, 1.0, 0.0)])
def test_bodies_of_revolution(axis: tuple[float, float, float]) -> None:
    direction, origin = np.array(axis), np.array([1.0, -2.0, 3.0])
    cylinder = revolve([(0.0, 0.0), (1.5, 0.0), (1.5, 4.0), (0.0, 4.0)], origin, direction, "cylinder")
    assert mesh_volume(cylinder) == pytest.approx(np.pi * 1.5**2 * 4.0, rel=1e-3)
    cone = revolve([(0.0, -1.0), (2.0, 1.0), (0.0, 1.0)], origin, direction, "cone")
    assert mesh_volume(cone) == pytest.approx(np.pi * 4.0 * 2.0 / 3.0, rel=1.5e-3)
    hoop = revolve([(2.0, 0.0), (3.0, 0.0), (3.0, 1.2), (2.0, 1.2)], origin, direction, "hoop")
    assert mesh_volume(hoop) == pytest.approx(np.pi * 5.0 * 1.2, rel=1e-3)
    mesh = tessellate(hoop, 0.01, 8.0)
    assert mesh_genus(mesh.triangles) == 1 and set(hoop.names) == {"hoop"}
    unit = direction / np.linalg.norm(direction)
    height = (mesh.vertices - origin) @ unit
    radius = np.linalg.norm(mesh.vertices - origin - height[:, None] * unit, axis=1)
    assert height.min() == pytest.approx(0.0, abs=1e-5) and height.max() == pytest.approx(1.2, abs=1e-5)
    assert radius.max() == pytest.approx(3.0, abs=1e-5)


@pytest.mark.parametrize("axis", [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 1.0, 0.0), (-0.2, -0.97, 0.1)])
def test_frames_are_right_handed_and_square(axis: tuple[float, float, float]) -> None:
    side, other, direction = frame(np.array(axis))
    matrix = np.stack([side, other, direction])
    assert np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-12) and np.linalg.det(matrix) == pytest.approx(1.0)


def test_prisms_over_lines_and_arcs() -> None:
    square = [[(0.0, 0.0), (2.0, 0.0)], [(2.0, 0.0), (2.0, 1.0)], [(2.0, 1.0), (0.0, 1.0)], [(0.0, 1.0), (0.0, 0.0)]]
    box = prism([list(curve) for curve in square], 1.5, "box")
    assert mesh_volume(box) == pytest.approx(2.0 * 3.0, rel=1e-9) and len(box.names) == 6
    half = prism([[(-1.0, 0.0), (1.0, 0.0)], [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]], 2.0, "half")
    assert mesh_volume(half) == pytest.approx(0.5 * np.pi * 4.0, rel=1e-3)
    mesh = tessellate(half, 0.01, 8.0)
    assert np.ptp(mesh.vertices[:, 1]) == pytest.approx(4.0) and mesh.vertices[:, 2].max() == pytest.approx(
        1.0, abs=0.01
    )


def test_polyhedra_keep_their_corners() -> None:
    corner = np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 2.0) for z in (0.0, 3.0)])
    faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    assert mesh_volume(polyhedron([corner[f] for f in faces], "box")) == pytest.approx(6.0, rel=1e-9)
    with pytest.raises(KernelFault, match="do not close"):
        polyhedron([corner[f] for f in faces[:5]], "open")


def test_a_brilliant_is_as_heavy_in_the_kernel_as_on_paper() -> None:
    from ringcad.resolve import resolve
    from ringcad.seats.brilliant import facet_polygons, mesh
    from ringcad.spec import parse_spec

    stone = resolve(
        parse_spec("ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {size: 6.5 mm}\n", "r")
    ).stone
    vertices, triangles = mesh(stone)
    assert mesh_volume(polyhedron(facet_polygons(stone), "stone")) == pytest.approx(
        volume_of(vertices, triangles), rel=1e-5
    )


def test_round_limbs_are_cylinders_cones_and_bent_tubes() -> None:
    sites = spline.greville(spline.clamped_knots(20))
    t = sites / sites[-1]
    straight = np.stack([0 * t, 0 * t, 5.0 * t], axis=1)
    assert mesh_volume(round_limb(straight, 0.7 + 0 * t, "rod")) == pytest.approx(np.pi * 0.49 * 5.0, rel=2e-3)
    cone = round_limb(straight, 1.0 - 0.5 * t, "cone")
    assert mesh_volume(cone) == pytest.approx(np.pi * 5.0 * (1.0 + 0.5 + 0.25) / 3.0, rel=2e-3)
    angle = 0.5 * np.pi * t
    bent = round_limb(np.stack([4.0 * np.cos(angle), 0 * t, 4.0 * np.sin(angle)], axis=1), 0.5 + 0 * t, "bent")
    # Pappus: section times the way of its centre
    assert mesh_volume(bent) == pytest.approx(np.pi * 0.25 * 2.0 * np.pi, rel=3e-3)
    for body in (cone, bent):
        assert not check(body) and mesh_genus(tessellate(body, 0.01, 8.0).triangles) == 0


def test_shapes_are_found_by_identity_whatever_their_orientation() -> None:
    box = prism([[(0.0, 0.0), (1.0, 0.0)], [(1.0, 0.0), (0.0, 1.0)], [(0.0, 1.0), (0.0, 0.0)]], 1.0, "wedge")
    faces = faces_of(box.shape)
    index = ShapeIndex(faces)
    assert [index.find(face.Reversed()) for face in faces] == list(range(len(faces)))
    assert ShapeIndex(faces[1:]).find(faces[0]) == -1
