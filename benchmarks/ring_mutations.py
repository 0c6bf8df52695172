"""Ways to break a good ring file: bytes and connectivity. Shapes are broken in :mod:`ring_mutations_shape`.

Each mutation takes a ring and gives the broken file with what a verifier must say about it: one of some codes, and a
place within a stated distance of where the harm was done (``None``: the whole file is wrong).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ringcad.core.findings import FindingCode as Code
from ringcad.resolved import ResolvedRing
from ringcad.verify.stl import read_stl

Array = NDArray[Any]
Solid = manifold3d.Manifold
_RECORD = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


@dataclass(frozen=True)
class GoodRing:
    """A delivered file with its numbers; ``genus`` is what its parts declare."""

    name: str
    data: bytes
    resolved: ResolvedRing
    genus: int | None

    @cached_property
    def vertices(self) -> Array:
        """(n, 3) float64, mm."""
        return read_stl(self.data).vertices

    @cached_property
    def faces(self) -> Array:
        """(m, 3) int."""
        return read_stl(self.data).faces

    @property
    def corners(self) -> Array:
        """(m, 3, 3) float64, mm, a copy."""
        return self.vertices[self.faces]

    @cached_property
    def centers(self) -> Array:
        """(m, 3) middles of the faces."""
        return np.asarray(self.corners.mean(axis=1))

    @cached_property
    def normals(self) -> Array:
        """(m, 3) unit normals."""
        a, b, c = self.corners.transpose(1, 0, 2)
        cross = np.cross(b - a, c - a)
        return np.asarray(cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-30))

    @property
    def radius(self) -> float:
        """Of the finger hole, mm."""
        return 0.5 * self.resolved.ring.inner_diameter_mm

    @property
    def below(self) -> Array:
        """Point on the skin opposite the head."""
        return np.array([0.0, 0.0, -self.radius - self.resolved.shank.thickness_bottom_mm])

    @property
    def inside(self) -> Array:
        """Point in the middle of the shank's metal opposite the head."""
        return np.array([0.0, 0.0, -self.radius - 0.5 * self.resolved.shank.thickness_bottom_mm])

    def face_at(self, point: Array) -> int:
        """The face whose middle is nearest to ``point`` among those that look away from the finger axis."""
        out = np.einsum("ij,ij->i", self.normals, self.centers * [1.0, 0.0, 1.0]) > 0.0
        far = np.linalg.norm(self.centers - point, axis=1)
        return int(np.argmin(np.where(out, far, np.inf)))


@dataclass(frozen=True)
class Mutant:
    """A broken file.

    Attributes
    ----------
    codes : any of these must be among the findings that refuse
    place : (3,) mm where the harm is, ``None`` where the whole file is wrong
    reach_mm : how far from ``place`` the finding may lie
    resolved : numbers to judge it by, if not the ring's own
    """

    data: bytes
    codes: tuple[Code, ...]
    place: Array | None = None
    reach_mm: float = 0.6
    resolved: ResolvedRing | None = None


Mutation = Callable[[GoodRing], Mutant | None]
"""``None`` where the ring has nothing of the kind to break."""


def stl(corners: Array) -> bytes:
    """Binary STL of (m, 3, 3) corners."""
    records = np.zeros(len(corners), dtype=_RECORD)
    records["corners"] = corners
    return b"mutant".ljust(80) + struct.pack("<I", len(corners)) + records.tobytes()


def joined(ring: GoodRing, *more: Array) -> bytes:
    """The ring's triangles and others after them."""
    return stl(np.concatenate([ring.corners, *more]))


def triangles(solid: Any) -> Array:
    """(m, 3, 3) corners of a manifold3d solid."""
    mesh = solid.to_mesh()
    return np.asarray(mesh.vert_properties, dtype=float)[:, :3][np.asarray(mesh.tri_verts).astype(np.int64)]


def ball(radius: float, at: Array, segments: int = 24) -> Array:
    """Corners of a ball."""
    return triangles(Solid.sphere(radius, segments).translate(tuple(float(v) for v in at)))


# -- bytes ----------------------------------------------------------------------------------------------------


def _unreadable(data: bytes) -> Mutant:
    return Mutant(data, (Code.FILE_UNREADABLE,))


def truncated(ring: GoodRing) -> Mutant:
    return _unreadable(ring.data[: len(ring.data) // 2])


def one_byte_short(ring: GoodRing) -> Mutant:
    return _unreadable(ring.data[:-1])


def _with_value(ring: GoodRing, value: float) -> bytes:
    corners = ring.corners
    corners[len(corners) // 3, 1, 2] = value
    return stl(corners)


def not_a_number(ring: GoodRing) -> Mutant:
    return _unreadable(_with_value(ring, np.nan))


def infinite(ring: GoodRing) -> Mutant:
    return _unreadable(_with_value(ring, np.inf))


def count_too_high(ring: GoodRing) -> Mutant:
    return _unreadable(ring.data[:80] + struct.pack("<I", 4_000_000_000) + ring.data[84:])


def count_too_low(ring: GoodRing) -> Mutant:
    data = ring.data[:80] + struct.pack("<I", len(ring.faces) - 1) + ring.data[84:]
    last = np.frombuffer(ring.data, dtype=_RECORD, offset=84)["corners"][-1].astype(float)
    return Mutant(data, (Code.OPEN_EDGES,), last.mean(axis=0))


def ascii_garbage(ring: GoodRing) -> Mutant:
    return _unreadable(b"solid ring\n" + b"facet nromal 0 0 1\n outer lop\n vertex a b c\n" * 200 + b"endsolid\n")


def ascii_cut_short(ring: GoodRing) -> Mutant:
    lines = ["solid ring"]
    for row in ring.corners[:400]:
        lines += ["facet normal 0 0 0", "outer loop", *(f"vertex {x:.9g} {y:.9g} {z:.9g}" for x, y, z in row)]
        lines += ["endloop", "endfacet"]
    return _unreadable("\n".join(lines)[:-60].encode())


def no_triangles(ring: GoodRing) -> Mutant:
    return _unreadable(stl(np.zeros((0, 3, 3))))


def zeros_in_the_middle(ring: GoodRing) -> Mutant:
    """A download that lost a block: 4 KiB of zeros."""
    middle = 84 + 50 * (len(ring.faces) // 2)
    return Mutant(ring.data[:middle] + bytes(4096) + ring.data[middle + 4096 :], (Code.OPEN_EDGES,))


def bit_flipped(ring: GoodRing) -> Mutant:
    """The lowest bit of the exponent of one coordinate of one corner of one face."""
    face = ring.face_at(ring.below)
    corners = ring.corners.astype("<f4")
    bits = corners.view("<u4")
    bits[face, 0, 2] ^= 1 << 23
    return Mutant(stl(corners), (Code.OPEN_EDGES,), ring.centers[face], 12.0)


def too_large(ring: GoodRing) -> Mutant:
    return Mutant(ring.data + bytes(ring.resolved.foundry.stl_max_bytes), (Code.FILE_TOO_LARGE,))


# -- connectivity -----------------------------------------------------------------------------------------------


def face_deleted(ring: GoodRing) -> Mutant:
    face = ring.face_at(ring.below)
    return Mutant(stl(np.delete(ring.corners, face, axis=0)), (Code.OPEN_EDGES,), ring.centers[face])


def patch_deleted(ring: GoodRing) -> Mutant:
    place = ring.centers[ring.face_at(ring.below)]
    kept = np.linalg.norm(ring.centers - place, axis=1) > 0.5
    return Mutant(stl(ring.corners[kept]), (Code.OPEN_EDGES,), place, 1.2)


def face_flipped(ring: GoodRing) -> Mutant:
    face, corners = ring.face_at(ring.below), ring.corners
    corners[face] = corners[face][::-1]
    return Mutant(stl(corners), (Code.WINDING,), ring.centers[face])


def all_flipped(ring: GoodRing) -> Mutant:
    return Mutant(stl(ring.corners[:, ::-1]), (Code.WINDING,))


def mirrored_unturned(ring: GoodRing) -> Mutant:
    return Mutant(stl(ring.corners * [-1.0, 1.0, 1.0]), (Code.WINDING,))


def face_doubled(ring: GoodRing) -> Mutant:
    face = ring.face_at(ring.below)
    return Mutant(joined(ring, ring.corners[face : face + 1]), (Code.DUPLICATE_FACES,), ring.centers[face])


def face_doubled_turned(ring: GoodRing) -> Mutant:
    face = ring.face_at(ring.below)
    return Mutant(joined(ring, ring.corners[face : face + 1, ::-1]), (Code.DUPLICATE_FACES,), ring.centers[face])


def ring_doubled(ring: GoodRing) -> Mutant:
    return Mutant(joined(ring, ring.corners), (Code.DUPLICATE_FACES,))


def crack(ring: GoodRing) -> Mutant:
    """One corner of one face is off by a hundred-thousandth of a millimetre."""
    face, corners = ring.face_at(ring.below), ring.corners
    corners[face, 0, 2] -= 1e-5
    return Mutant(stl(corners), (Code.OPEN_EDGES,), ring.centers[face])


def vertex_through_wall(ring: GoodRing) -> Mutant:
    """A vertex of the skin is pushed through the metal and out of the bore."""
    vertices = ring.vertices.copy()
    moved = int(np.argmin(np.linalg.norm(vertices - ring.below, axis=1)))
    vertices[moved, 2] += ring.resolved.shank.thickness_bottom_mm + 0.6
    place = np.array([0.0, 0.0, -ring.radius])
    return Mutant(stl(vertices[ring.faces]), (Code.SELF_INTERSECTION,), place, 1.0)


def vertices_exchanged(ring: GoodRing) -> Mutant:
    """Two neighbouring vertices have each other's place: the skin folds through itself."""
    vertices = ring.vertices.copy()
    one, two = ring.faces[ring.face_at(ring.below)][:2]
    vertices[[one, two]] = vertices[[two, one]]
    place = 0.5 * (vertices[one] + vertices[two])
    reach = float(np.linalg.norm(vertices[one] - vertices[two]))
    return Mutant(stl(vertices[ring.faces]), (Code.SELF_INTERSECTION,), place, max(0.6, reach))


def t_junction(ring: GoodRing) -> Mutant:
    """An edge is cut in two in one of its faces only: closed to the eye, open to a slicer."""
    face, corners = ring.face_at(ring.below), ring.corners
    a, b, c = corners[face]
    middle = 0.5 * (a + b)
    corners[face] = [a, middle, c]
    return Mutant(stl(np.concatenate([corners, [[middle, b, c]]])), (Code.OPEN_EDGES,), middle)


def degenerate(ring: GoodRing) -> Mutant:
    """An edge is cut in two and the cut closed by a face without area."""
    face, corners = ring.face_at(ring.below), ring.corners
    a, b, c = corners[face]
    # On the float32 grid the middle of two corners need not lie between them: make them meet in one corner instead.
    corners[face] = [a, b, c]
    sliver = np.array([[a, b, a]])
    return Mutant(stl(np.concatenate([corners, sliver])), (Code.DEGENERATE_FACES,), 0.5 * (a + b))


def degenerate_collinear(ring: GoodRing) -> Mutant:
    """A face over three points of one line (exactly: its middle is the mean of two corners on the grid)."""
    at = np.round(ring.below * 8.0) / 8.0
    step = np.array([0.25, 0.0, 0.0])
    row = np.array([[at - step, at, at + step]])
    return Mutant(joined(ring, row), (Code.DEGENERATE_FACES,), at)


def _tetrahedron(a: Array, b: Array, up: Array) -> Array:
    """Corners (4, 3, 3), outward, on the edge a-b and standing up."""
    side = np.cross(b - a, up)
    side *= 0.4 / np.linalg.norm(side)
    c, d = 0.5 * (a + b) + 0.4 * up + side, 0.5 * (a + b) + 0.4 * up - side
    rows = np.array([[a, b, c], [b, a, d], [a, c, d], [b, d, c]])
    inward = np.einsum("j,j->", np.cross(rows[0, 1] - rows[0, 0], rows[0, 2] - rows[0, 0]), d - a) > 0.0
    return rows[:, ::-1] if inward else rows


def shared_edge(ring: GoodRing) -> Mutant:
    """A second body is welded on along one edge."""
    face = ring.face_at(ring.below)
    a, b = ring.corners[face][:2]
    return Mutant(joined(ring, _tetrahedron(a, b, ring.normals[face])), (Code.NON_MANIFOLD_EDGES,), 0.5 * (a + b), 0.3)


def shared_vertex(ring: GoodRing) -> Mutant:
    """A second body is welded on in one point."""
    face = ring.face_at(ring.below)
    a = ring.corners[face][0]
    tip = a + 0.5 * ring.normals[face] + [0.3, 0.0, 0.0]
    b = a + 0.5 * ring.normals[face] - [0.3, 0.0, 0.0]
    rows = _tetrahedron(tip, b, ring.normals[face])
    side = [0.0, 0.3, 0.0]
    rows = np.array([[a, b, tip], [a, tip, tip + side], [a, tip + side, b], [b, tip + side, tip]])
    if np.cross(rows[0, 1] - a, rows[0, 2] - a) @ np.array(side) > 0.0:
        rows = rows[:, ::-1]
    return Mutant(joined(ring, rows), (Code.NON_MANIFOLD_VERTICES,), a, 0.3)


def sheet_fin(ring: GoodRing) -> Mutant:
    """A single triangle stands on an edge of the skin."""
    face = ring.face_at(ring.below)
    a, b = ring.corners[face][:2]
    fin = np.array([[a, b, 0.5 * (a + b) + 0.5 * ring.normals[face]]])
    return Mutant(joined(ring, fin), (Code.NON_MANIFOLD_EDGES,), 0.5 * (a + b), 0.3)


def double_fin(ring: GoodRing) -> Mutant:
    """The same with a back: no open edge, no volume."""
    face = ring.face_at(ring.below)
    a, b = ring.corners[face][:2]
    fin = np.array([[a, b, 0.5 * (a + b) + 0.5 * ring.normals[face]]])
    return Mutant(joined(ring, fin, fin[:, ::-1]), (Code.NON_MANIFOLD_EDGES, Code.DUPLICATE_FACES), 0.5 * (a + b), 0.4)


def overlapping_shell(ring: GoodRing) -> Mutant:
    """A ball stands half in the metal, not united with it."""
    return Mutant(joined(ring, ball(0.4, ring.below)), (Code.SELF_INTERSECTION,), ring.below, 0.8)


def nested_shell(ring: GoodRing) -> Mutant:
    """A ball that looks outward lies wholly in the metal: a slicer may print it or its absence."""
    return Mutant(joined(ring, ball(0.3, ring.inside)), (Code.BODIES,), ring.inside, 0.3)


def void(ring: GoodRing) -> Mutant:
    """A closed hollow in the metal: it traps resin and tears the flask."""
    return Mutant(joined(ring, ball(0.3, ring.inside)[:, ::-1]), (Code.WINDING,), ring.inside, 0.3)


def stray_body(ring: GoodRing) -> Mutant:
    """A crumb beside the ring."""
    at = np.array([ring.radius + 6.0, 0.0, 0.0])
    return Mutant(joined(ring, ball(0.3, at, 12)), (Code.BODIES,), at, 0.4)


def touching_in_a_face(ring: GoodRing) -> Mutant:
    """A crumb whose corner just touches a face of the skin from outside, without a common vertex."""
    face = ring.face_at(ring.below)
    at = np.float32(ring.corners[face]).astype(float)
    # A corner of the face itself would be shared; a point on the grid in the middle of an edge is not.
    touch = (0.5 * (at[0] + at[1])).astype(np.float32).astype(float) - 1e-6 * ring.normals[face]
    side = np.array([[-0.2, -0.2], [0.2, -0.2], [0.0, 0.25]])
    up = ring.normals[face]
    e1 = np.cross(up, [0.0, 1.0, 0.0])
    e1 /= np.linalg.norm(e1)
    e2 = np.cross(up, e1)
    base = touch + 0.4 * up + side[:, :1] * e1 + side[:, 1:] * e2
    rows = np.array([[touch, base[(k + 1) % 3], base[k]] for k in range(3)] + [[base[0], base[1], base[2]]])
    if np.cross(base[1] - base[0], base[2] - base[0]) @ up < 0.0:
        rows = rows[:, ::-1]
    return Mutant(joined(ring, rows), (Code.SELF_INTERSECTION,), touch, 0.3)


FILE_MUTATIONS: dict[str, Mutation] = {
    "file cut in half": truncated,
    "file one byte short": one_byte_short,
    "a coordinate is NaN": not_a_number,
    "a coordinate is infinite": infinite,
    "header claims 4 billion triangles": count_too_high,
    "header claims one triangle less": count_too_low,
    "ASCII garbage": ascii_garbage,
    "ASCII file cut short": ascii_cut_short,
    "no triangles": no_triangles,
    "4 KiB of zeros inside": zeros_in_the_middle,
    "one bit flipped": bit_flipped,
    "larger than the service takes": too_large,
}
TOPOLOGY_MUTATIONS: dict[str, Mutation] = {
    "one face deleted": face_deleted,
    "a patch of 1 mm deleted": patch_deleted,
    "one face turned": face_flipped,
    "all faces turned": all_flipped,
    "mirrored, faces not turned": mirrored_unturned,
    "one face twice": face_doubled,
    "one face twice, turned": face_doubled_turned,
    "the whole ring twice": ring_doubled,
    "crack of 0.00001 mm": crack,
    "vertex through the wall": vertex_through_wall,
    "two neighbouring vertices exchanged": vertices_exchanged,
    "T-junction": t_junction,
    "face of two points": degenerate,
    "face of three points on a line": degenerate_collinear,
    "body welded on along an edge": shared_edge,
    "body welded on in a point": shared_vertex,
    "fin of one face": sheet_fin,
    "fin of two faces": double_fin,
    "overlapping shell": overlapping_shell,
    "nested shell": nested_shell,
    "closed void": void,
    "crumb beside the ring": stray_body,
    "crumb that touches a face": touching_in_a_face,
}
