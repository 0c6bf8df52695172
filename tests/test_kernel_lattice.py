"""Meshes on lattices: no gaps, every sample within the chord, patches beside faces of the kernel's own mesher."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from OCP.BRep import BRep_Tool
from OCP.TopLoc import TopLoc_Location
from rings_support import edge_use, plain_nets, volume_of
from scipy.interpolate import BSpline
from scipy.spatial import cKDTree

from ringcad.fit import spline
from ringcad.fit.limb import LimbNets, snap_poles
from ringcad.kernel import mesh as meshing
from ringcad.kernel.boolean import cut, fuse
from ringcad.kernel.genus import mesh_genus
from ringcad.kernel.lattice import SIDE, Lattice, triangulate
from ringcad.kernel.limb import closed_limb
from ringcad.kernel.mesh import RingMesh, tessellate
from ringcad.kernel.parts import revolve
from ringcad.kernel.patches import PatchMesh, find_patches, lattice_basis
from ringcad.kernel.surfaces import NamedShape, faces_of, tile_coefficients

Z = np.array([0.0, 0.0, 1.0])


# -- lattices -----------------------------------------------------------------------------------------------------


def field(heights: np.ndarray, chord: float, bend_deg: float = 89.9, rim_chord: float = np.inf) -> Lattice:
    """A height field (cells SIDE, cells SIDE) over a square grid of step 1."""
    rows, columns = heights.shape
    u, v = np.meshgrid(np.arange(rows, dtype=float), np.arange(columns, dtype=float), indexing="ij")
    points = np.stack([u, v, heights], axis=-1)
    slope_u, slope_v = np.gradient(heights)
    normals = np.stack([-slope_u, -slope_v, np.ones_like(heights)], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    index = np.arange(rows * columns).reshape(rows, columns)
    cells = [
        index[a : a + SIDE + 1, b : b + SIDE + 1].ravel()
        for a in range(0, rows - 1, SIDE)
        for b in range(0, columns - 1, SIDE)
    ]
    rim = np.full((rows, columns), np.inf)
    rim[[0, -1]] = rim_chord
    rim[:, [0, -1]] = rim_chord
    count = len(cells)
    return Lattice(
        np.array(cells),
        normals.reshape(-1, 3)[np.array(cells)],
        points.reshape(-1, 3),
        np.full(count, chord),
        np.full(count, np.cos(np.radians(bend_deg))),
        rim.ravel(),
    )


def covers(lattice: Lattice, triangles: np.ndarray) -> np.ndarray:
    """Largest distance of each grid point from the plane of a triangle that covers it; all have to be covered."""
    points = lattice.points
    worst = np.full(len(points), -1.0)
    for corner in points[triangles]:
        low, high = corner[:, :2].min(axis=0), corner[:, :2].max(axis=0)
        near = np.nonzero(np.all((points[:, :2] >= low) & (points[:, :2] <= high), axis=1))[0]
        sides = np.roll(corner[:, :2], -1, axis=0) - corner[:, :2]
        away = points[near, None, :2] - corner[None, :, :2]
        inside = near[np.all(sides[:, 0] * away[..., 1] - sides[:, 1] * away[..., 0] >= 0.0, axis=1)]
        plane = np.cross(corner[1] - corner[0], corner[2] - corner[0])
        off = np.abs((points[inside] - corner[0]) @ (plane / np.linalg.norm(plane)))
        worst[inside] = np.maximum(worst[inside], off)
    assert worst.min() >= 0.0
    return worst


def conforms(lattice: Lattice, triangles: np.ndarray) -> None:
    """The triangles tile the square: right side up, inner edges used twice, the rim once."""
    corner = lattice.points[triangles][..., :2]
    one, two = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = 0.5 * (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
    high = lattice.points[:, :2].max(axis=0)
    assert np.all(area > 0.0) and area.sum() == high[0] * high[1]
    there, back = edge_use(triangles)
    assert np.all(there == 1) and np.all(back <= 1)
    directed = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    known = {tuple(row) for row in directed.tolist()}
    single = np.array([row for row in known if row[::-1] not in known])
    ends = lattice.points[single][..., :2]
    on_rim = np.any((ends[:, 0] == ends[:, 1]) & ((ends[:, 0] == 0.0) | (ends[:, 0] == high)), axis=1)
    assert np.all(on_rim), "no point of one triangle lies on the side of another"
    assert np.abs(ends[:, 1] - ends[:, 0]).sum() == 2.0 * high.sum()


def test_a_plane_needs_two_triangles_a_cell() -> None:
    u, v = np.meshgrid(np.arange(2 * SIDE + 1.0), np.arange(3 * SIDE + 1.0), indexing="ij")
    lattice = field(0.3 * u - 0.1 * v, 1e-6)
    triangles, cell, corner = triangulate(lattice)
    assert len(triangles) == 2 * 6
    conforms(lattice, triangles)
    assert np.array_equal(lattice.cells[cell[:, None], corner], triangles)


def test_one_high_point_is_reached_and_its_surroundings_stay_coarse() -> None:
    heights = np.zeros((4 * SIDE + 1, 4 * SIDE + 1))
    heights[17, 23] = 1.0
    lattice = field(heights, 0.01)
    triangles, _, _ = triangulate(lattice)
    conforms(lattice, triangles)
    assert 17 * len(heights) + 23 in triangles
    assert covers(lattice, triangles).max() <= 0.01
    assert len(triangles) < 200, "of 8192"


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 2**32 - 1),
    st.floats(0.002, 0.5),
    st.sampled_from([10.0, 60.0, 89.9]),
)
def test_every_point_of_any_field_keeps_the_chord(
    rows: int, columns: int, seed: int, chord: float, bend: float
) -> None:
    random = np.random.default_rng(seed)
    u, v = np.meshgrid(np.arange(rows * SIDE + 1.0), np.arange(columns * SIDE + 1.0), indexing="ij")
    heights = np.zeros(u.shape)
    for _ in range(4):
        x, y, width = random.random() * u.max(), random.random() * v.max(), 1.0 + 6.0 * random.random()
        heights += (random.random() - 0.3) * np.exp(-((u - x) ** 2 + (v - y) ** 2) / width**2)
    heights += 0.01 * random.standard_normal(u.shape) * (random.random() < 0.3)
    lattice = field(heights, chord, bend)
    triangles, _, _ = triangulate(lattice)
    conforms(lattice, triangles)
    assert covers(lattice, triangles).max() <= chord * (1.0 + 1e-9)


def test_the_rim_keeps_a_chord_of_its_own() -> None:
    u, _ = np.meshgrid(np.arange(4 * SIDE + 1.0), np.arange(SIDE + 1.0), indexing="ij")
    heights = 0.004 * (u - 32.0) ** 2
    found = {}
    for rim_chord in (np.inf, 0.05):
        lattice = field(heights, 2.0, rim_chord=rim_chord)
        triangles, _, _ = triangulate(lattice)
        conforms(lattice, triangles)
        on_rim = np.unique(triangles)
        on_rim = on_rim[on_rim % (SIDE + 1) == 0] // (SIDE + 1)
        found[rim_chord] = np.abs(np.interp(u[:, 0], on_rim, heights[on_rim, 0]) - heights[:, 0]).max()
    assert found[0.05] <= 0.05 < found[np.inf]


@pytest.mark.parametrize("degree", [1, 2, 3, 5])
def test_the_basis_is_scipys(degree: int) -> None:
    """Also with knots that count twice; the kernel's process does without scipy, whose import takes half a second."""
    inner = [0.5, 1.0, 1.0, 1.75, 3.0] if degree > 1 else [0.5, 1.0, 3.0]
    knots = np.concatenate([np.full(degree + 1, -1.0), inner, np.full(degree + 1, 4.0)])
    value, slope = lattice_basis(tuple(knots.tolist()), degree, 41)
    curve = BSpline(knots, np.eye(len(knots) - degree - 1), degree)
    sites = np.linspace(-1.0, 4.0, 41)
    assert np.allclose(value, curve(sites), atol=1e-13) and np.allclose(slope, curve(sites, 1), atol=1e-12)


# -- patches of a solid ------------------------------------------------------------------------------------------


def relief_limb() -> tuple[LimbNets, np.ndarray, NamedShape]:
    """A small shank with beads of 0.25 mm on its skin."""
    nets = plain_nets(count=144, rows=34, rise=0.3)
    rows, columns = nets.outer.shape[:2]
    u, v = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    beads = 0.25 * np.clip(np.sin(2.0 * np.pi * u / 9.0) * np.sin(2.0 * np.pi * (v - 4.0) / 13.0), 0.0, 1.0)
    beads[:, :4] = beads[:, -4:] = 0.0
    skin = snap_poles(nets.outer + nets.normals * beads[..., None])
    return nets, skin, closed_limb(nets, skin, 18, 2)


@pytest.fixture(scope="module")
def limb() -> tuple[LimbNets, np.ndarray, NamedShape]:
    return relief_limb()


def watertight(mesh: RingMesh) -> None:
    there, back = edge_use(mesh.triangles)
    assert np.all(there == 1) and np.all(back == 1)
    assert len(np.unique(mesh.triangles)) == len(mesh.vertices), "no vertex without a triangle"
    corner = mesh.vertices[mesh.triangles]
    flat = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    assert np.einsum("ij,ikj->ik", flat, mesh.corner_normals).min() > 0.5


def patches_of(shape: NamedShape) -> int:
    solid = meshing._Solid(shape)
    return len(find_patches(solid.faces, solid.edges, solid.corners))


@pytest.mark.parametrize("chord", [0.01, 0.004])
def test_triangles_lie_within_the_chord_of_the_exact_tiles(
    limb: tuple[LimbNets, np.ndarray, NamedShape], chord: float
) -> None:
    """Against dense samples of the coefficients themselves, which the mesher never sees as such."""
    nets, skin, shape = limb
    assert patches_of(shape) == len(shape.names), "every tile of an uncut limb is a patch"
    mesh = tessellate(shape, chord, 10.0)
    watertight(mesh)
    assert mesh_genus(mesh.triangles) == 1
    places, normals = [], []
    over = np.linspace(0.0, nets.outer_knots[-1], 3).tolist()
    for row in tile_coefficients(skin, nets.outer_knots, [0, 18, 36], over):
        for poles, knots_u, knots_v in row:
            value, slope = [], []
            for knots in (knots_u, knots_v):
                sites = np.linspace(knots[0], knots[-1], 160)
                value.append(spline.collocation(knots, sites))
                slope.append(np.gradient(value[-1], sites, axis=0))
            places.append(np.einsum("un,vm,nmk->uvk", value[0], value[1], poles).reshape(-1, 3))
            along = np.einsum("un,vm,nmk->uvk", slope[0], value[1], poles)
            across = np.einsum("un,vm,nmk->uvk", value[0], slope[1], poles)
            normals.append(np.cross(along, across).reshape(-1, 3))
    tree = cKDTree(np.concatenate(places))
    normal = np.concatenate(normals)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    corner = mesh.vertices[mesh.triangles[np.array(mesh.face_names)[mesh.face_index] == "skin"]]
    inner = np.einsum("sk,nkc->nsc", np.array([[1, 1, 1], [3, 3, 0], [0, 3, 3], [3, 0, 3], [4, 1, 1]]) / 3.0, corner)
    inner /= np.array([1.0, 2.0, 2.0, 2.0, 2.0])[None, :, None]
    sample = inner[:: 1 + len(inner) // 8000].reshape(-1, 3)
    distance, row = tree.query(sample, distance_upper_bound=0.05)
    here = np.isfinite(distance)  # the other quarters of the ring have no samples
    assert here.mean() > 0.1
    off = np.abs(np.einsum("ij,ij->i", sample[here] - tree.data[row[here]], normal[row[here]]))
    assert off.max() <= 1.1 * chord


def test_patches_and_the_kernels_mesher_share_their_edges(limb: tuple[LimbNets, np.ndarray, NamedShape]) -> None:
    _, _, shape = limb
    holes = [revolve([(0, 7), (0.7, 7), (0.7, 13), (0, 13)], np.zeros(3), axis, "hole") for axis in (Z, Z[[2, 0, 1]])]
    rod = revolve([(0.0, 9.0), (0.5, 9.0), (0.5, 13.0), (0.0, 13.0)], np.zeros(3), np.array([-0.6, 0.0, 0.8]), "rod")
    metal = cut(fuse([shape, rod]), holes)
    patches = patches_of(metal)
    assert 0.6 * len(shape.names) < patches < len(metal.names)
    mesh = tessellate(metal, 0.01, 10.0)
    watertight(mesh)
    assert mesh_genus(mesh.triangles) == 3
    assert sorted(set(mesh.face_index.tolist())) == list(range(len(metal.names)))
    for face in faces_of(metal.shape):
        assert BRep_Tool.Triangulation_s(face, TopLoc_Location()) is None, "the solid keeps no triangulation"
    # the rod keeps the angle limit although the relief beside it has another
    names = np.array(mesh.face_names)[mesh.face_index]
    axis = np.array([-0.6, 0.0, 0.8])
    corner = mesh.vertices[mesh.triangles[names == "rod"]]
    corner = corner[np.ptp(corner @ axis, axis=1) > 1e-4]  # not the cap
    middle = 0.5 * (corner + np.roll(corner, 1, axis=1))
    radius = np.linalg.norm(middle - (middle @ axis)[..., None] * axis, axis=-1)
    rim = (np.abs(corner @ axis - 13.0) < 1e-5) & (np.abs(np.roll(corner, 1, axis=1) @ axis - 13.0) < 1e-5)
    assert rim.any() and radius[rim].min() >= 0.5 * np.cos(np.radians(0.5 * 12.0))


def test_without_patches_the_kernels_mesher_finds_the_same_solid(
    limb: tuple[LimbNets, np.ndarray, NamedShape], monkeypatch: pytest.MonkeyPatch
) -> None:
    nets, _, _ = limb
    shape = closed_limb(nets, nets.outer, 18, 2)
    hole = revolve([(0.0, 7.0), (0.7, 7.0), (0.7, 13.0), (0.0, 13.0)], np.zeros(3), Z, "hole")
    metal = cut(shape, [hole])
    fine = tessellate(metal, 0.004, 10.0)
    monkeypatch.setattr(meshing, "find_patches", lambda *_: [])
    alone = tessellate(metal, 0.004, 10.0)
    watertight(alone)
    volumes = [volume_of(mesh.vertices, mesh.triangles) for mesh in (fine, alone)]
    assert volumes[0] == pytest.approx(volumes[1], rel=1e-3)
    assert len(fine.triangles) < 2 * len(alone.triangles)


def test_when_edges_disagree_the_kernels_mesher_takes_all(
    limb: tuple[LimbNets, np.ndarray, NamedShape], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the mesher had put points of its own on the patches' edges."""
    nets, _, _ = limb
    shape = closed_limb(nets, nets.outer, 18, 2)
    metal = cut(shape, [revolve([(0, 7), (0.7, 7), (0.7, 13), (0, 13)], np.zeros(3), Z, "hole")])
    given = meshing.hand_to_mesher
    calls = []

    def nothing(patches: list[object], mesh: PatchMesh, edges: object) -> object:
        calls.append(len(patches))
        return given([], mesh, edges)  # type: ignore[arg-type]

    monkeypatch.setattr(meshing, "hand_to_mesher", nothing)
    mesh = tessellate(metal, 0.01, 10.0)
    watertight(mesh)
    assert len(calls) == 4 and calls[-1] == 0, "three times with patches, then without"
    assert mesh_genus(mesh.triangles) == 2
