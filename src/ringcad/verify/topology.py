"""Edges, vertices, winding, bodies and genus of a welded mesh, each with counts and places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.rasters import components
from ringcad.verify.exact import ExactFaces, exact_faces
from ringcad.verify.mesh import TriangleMesh, sorted_with_index

Array = NDArray[Any]


@dataclass(frozen=True)
class Topology:
    """What the connectivity of a mesh is.

    Attributes
    ----------
    open_edges : (k, 2) int
        Undirected edges with one face, as vertex pairs.
    non_manifold_edges : (k, 2) int
        Undirected edges with three or more faces.
    turned_edges : (k, 2) int
        Edges whose two faces run along them in the same direction.
    non_manifold_vertices : (k,) int
        Vertices whose faces do not form one fan (two cones that touch in a point).
    degenerate_faces : (k,) int
        Faces of exactly zero area.
    duplicate_faces : (k,) int
        Faces that repeat the three vertices of an earlier one, in either winding.
    body_of_face : (m,) int
        Body number of each face; faces are in one body when they share an edge.
    body_euler : (b,) int
        Euler characteristic V - E + F of each body, vertices counted once per fan.
    body_volume_mm3 : (b,) float
    regular_vertices : (n,) bool
        Vertices all of whose edges have two faces that run along them in opposite directions.
    """

    open_edges: Array
    non_manifold_edges: Array
    turned_edges: Array
    non_manifold_vertices: Array
    degenerate_faces: Array
    duplicate_faces: Array
    body_of_face: Array
    body_euler: Array
    body_volume_mm3: Array
    regular_vertices: Array

    @property
    def bodies(self) -> int:
        return len(self.body_euler)

    @cached_property
    def closed(self) -> bool:
        """Every edge has exactly two faces."""
        return not (len(self.open_edges) or len(self.non_manifold_edges))

    @cached_property
    def genus(self) -> int | None:
        """Sum of the bodies' genera, or ``None`` for a mesh that is not closed."""
        if not self.closed:
            return None
        return int(sum((2 - int(euler)) // 2 for euler in self.body_euler))


def analyse_topology(mesh: TriangleMesh, exact: ExactFaces | None = None) -> Topology:
    """Connectivity of ``mesh``; about 0.1 s for 100 000 faces.

    Parameters
    ----------
    exact : the mesh's faces as exact numbers, when they are at hand
    """
    faces = mesh.faces
    exact = exact if exact is not None else exact_faces(mesh.vertices, faces)
    count, size = len(faces), len(mesh.vertices)
    start, end = faces.ravel(), faces.take([1, 2, 0], axis=1).ravel()
    forward = start < end
    low, high = np.minimum(start, end), np.maximum(start, end)
    sorted_key, order = sorted_with_index(low * size + high)
    real = low != high  # a face with a repeated vertex has an edge of no length
    if not real.all():
        kept = real.take(order)
        sorted_key, order = sorted_key[kept], order[kept]
    begins = np.flatnonzero(np.append(True, sorted_key[1:] != sorted_key[:-1])) if len(order) else order
    uses = np.diff(np.append(begins, len(order)))
    edge = order.take(begins)
    edge_pairs = np.stack([low.take(edge), high.take(edge)], axis=1)

    double = begins[uses == 2]
    one, two = order.take(double), order.take(double + 1)
    turned = forward.take(one) == forward.take(two)
    twin = np.full(3 * count, -1)
    twin[one[~turned]], twin[two[~turned]] = two[~turned], one[~turned]
    lone = twin < 0
    regular = np.zeros(size, dtype=bool)
    regular[start] = True
    regular[start[lone]] = regular[end[lone]] = False

    later = np.ones(len(order), dtype=bool)
    later[begins] = False
    bodies, body_of_face = components(count, np.repeat(edge, uses - 1) // 3, order[later] // 3)
    first_of_fan, split = _fans(faces, one, two, twin, regular)
    fans_of_body = np.bincount(body_of_face.take(first_of_fan // 3), minlength=bodies)
    edges_of_body = np.bincount(body_of_face.take(edge // 3), minlength=bodies)
    return Topology(
        open_edges=edge_pairs[uses == 1],
        non_manifold_edges=edge_pairs[uses > 2],
        turned_edges=edge_pairs[uses == 2][turned],
        non_manifold_vertices=split,
        degenerate_faces=np.flatnonzero(exact.zero_area),
        duplicate_faces=_duplicates(faces, size),
        body_of_face=body_of_face,
        body_euler=np.asarray(fans_of_body - edges_of_body + np.bincount(body_of_face, minlength=bodies)),
        body_volume_mm3=_volumes(mesh, body_of_face, bodies),
        regular_vertices=regular,
    )


def _duplicates(faces: Array, size: int) -> Array:
    low, high = np.minimum(faces[:, 0], faces[:, 1]), np.maximum(faces[:, 0], faces[:, 1])
    last = faces[:, 2]
    ordered = np.minimum(low, last), np.maximum(low, np.minimum(high, last)), np.maximum(high, last)
    bits = max(size - 1, 1).bit_length()
    if 3 * bits <= 63:
        key = np.sort((ordered[0] << (2 * bits)) | (ordered[1] << bits) | ordered[2])
        if not (key[1:] == key[:-1]).any():
            return np.zeros(0, dtype=np.int64)
    _, pair = np.unique(ordered[0] * size + ordered[1], return_inverse=True)
    _, first = np.unique(pair * size + ordered[2], return_index=True)
    repeated = np.ones(len(faces), dtype=bool)
    repeated[first] = False
    return np.flatnonzero(repeated)


def _fans(faces: Array, one: Array, two: Array, twin: Array, regular: Array) -> tuple[Array, Array]:
    """Fans of corners (3 * face + position): a corner of each, and the vertices that have more than one.

    A fan is the corners of one vertex that follow each other across edges with two faces, ``one`` and ``two``;
    ``twin`` (corners,) is the corner from which the other face runs back along an edge, -1 where there is none.
    """
    flat = faces.ravel()
    degree = np.bincount(flat, minlength=len(regular))
    first = np.full(len(regular), -1)
    first[flat] = np.arange(len(flat))
    vertices = np.flatnonzero(regular)
    start = first.take(vertices)
    # Round each regular vertex, all at once: across the edge that a corner starts, the next face ends there.
    length = np.zeros(len(regular), dtype=np.int64)
    here, steps = start, 0
    while len(here):
        steps += 1
        across = twin.take(here)
        here = across + 1 - 3 * ((across % 3) == 2)
        back = here == start
        length[vertices[back]] = steps
        here, start, vertices = here[~back], start[~back], vertices[~back]
    whole = regular & (length == degree)
    rest = np.flatnonzero(~whole.take(flat))
    number = np.full(len(flat), -1)
    number[rest] = np.arange(len(rest))
    from_one, from_two = _joined_corners(flat, one, two)
    joined = number.take(from_one) >= 0
    fans, label = components(len(rest), number.take(from_one[joined]), number.take(from_two[joined]))
    of_fan = np.full(fans, -1)
    of_fan[label] = rest
    several = np.bincount(flat.take(of_fan), minlength=len(regular)) > 1
    return np.concatenate([first[whole], of_fan]), np.flatnonzero(several)


def _joined_corners(flat: Array, one: Array, two: Array) -> tuple[Array, Array]:
    """Corners that an edge with two faces joins: at its start and at its end."""
    face_one, face_two = one // 3, two // 3
    end_one, end_two = 3 * face_one + (one + 1 - 3 * face_one) % 3, 3 * face_two + (two + 1 - 3 * face_two) % 3
    aligned = flat.take(one) == flat.take(two)  # same direction: winding differs, the fan is still one
    return np.concatenate([one, end_one]), np.concatenate(
        [np.where(aligned, two, end_two), np.where(aligned, end_two, two)]
    )


def _volumes(mesh: TriangleMesh, body: Array, bodies: int) -> Array:
    return np.asarray(np.bincount(body, weights=mesh.six_volumes, minlength=bodies) / 6.0)


def clusters(points: Array, *, reach_mm: float = 0.5, most: int = 8) -> list[tuple[tuple[float, float, float], int]]:
    """Places that lie together: (centre, how many), the largest first, at most ``most`` of them.

    Parameters
    ----------
    points : (k, 3) float, mm
    reach_mm : points in one or neighbouring cells of this size are one place
    """
    if not len(points):
        return []
    # A file may hold any finite number; far out, cells are as coarse as they please.
    cells = np.clip(np.floor(np.asarray(points) / reach_mm), -(2.0**62), 2.0**62).astype(np.int64)
    distinct, inverse = np.unique(cells, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    index = {tuple(cell): i for i, cell in enumerate(distinct.tolist())}
    links = [
        (i, index[near])
        for i, (x, y, z) in enumerate(distinct.tolist())
        for near in ((x + dx, y + dy, z + dz) for dx in (0, 1) for dy in (-1, 0, 1) for dz in (-1, 0, 1))
        if near in index
    ]
    pairs = np.array(links, dtype=np.int64)
    number, label = components(len(distinct), pairs[:, 0], pairs[:, 1])
    of_point = label[inverse]
    count = np.bincount(of_point, minlength=number)
    sums = [np.bincount(of_point, weights=points[:, k], minlength=number) for k in range(3)]
    center = np.stack(sums, axis=1) / count[:, None]
    best = np.argsort(-count, kind="stable")[:most]
    return [((float(center[i, 0]), float(center[i, 1]), float(center[i, 2])), int(count[i])) for i in best]
