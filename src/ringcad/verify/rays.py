"""Ray casting against the judged mesh, from nothing but its triangles.

Embree (through the ``embreex`` wheel, Apache-2.0/BSD) finds which triangle a ray meets first; the
distance is then computed again in float64, so that Embree's float32 arithmetic decides no number.
Where the wheel is missing, a uniform grid in numpy does the same, slower.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.verify.mesh import TriangleMesh

Array = NDArray[Any]

_AT_ONCE = 1 << 14
"""Rays handled together: their arrays stay in the cache."""


class RayCaster:
    """First hits of rays on one mesh.

    Parameters
    ----------
    mesh : TriangleMesh
    use_embree : ``None`` takes Embree when it is there; tests force either way.
    """

    def __init__(self, mesh: TriangleMesh, *, use_embree: bool | None = None) -> None:
        self.mesh = mesh
        self._use_embree = use_embree

    @cached_property
    def _scene(self) -> Any:
        if self._use_embree is False:
            return None
        try:
            from embreex.mesh_construction import TriangleMesh as EmbreeMesh
            from embreex.rtcore_scene import EmbreeScene
        except ImportError:
            if self._use_embree:
                raise
            return None
        scene = EmbreeScene(robust=True)
        EmbreeMesh(scene, self.mesh.vertices.astype(np.float32), self.mesh.faces.astype(np.int32))
        return scene

    @cached_property
    def _planes(self) -> tuple[list[Array], list[Array]]:
        """Cross products and first corners of the triangles by axis, (m,) each."""
        mesh = self.mesh
        first = mesh.faces[:, 0]
        normals = [np.ascontiguousarray(mesh.cross[:, k]) for k in range(3)]
        return normals, [mesh.vertices[:, k].take(first) for k in range(3)]

    @cached_property
    def _grid(self) -> Any:
        from ringcad.verify.raygrid import TriangleGrid

        return TriangleGrid(self.mesh.corners)

    def first_hit(self, origins: Array, directions: Array) -> tuple[Array, Array]:
        """Distance to and index of the first triangle met.

        Parameters
        ----------
        origins, directions : (k, 3) float; directions of unit length

        Returns
        -------
        distance : (k,) float64, ``inf`` where nothing is met; face : (k,) int64, -1 there.
        """
        origins = np.asarray(origins, dtype=np.float64).reshape(-1, 3)
        directions = np.asarray(directions, dtype=np.float64).reshape(-1, 3)
        distance, face = np.zeros(len(origins)), np.zeros(len(origins), dtype=np.int64)
        for begin in range(0, len(origins), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            distance[part], face[part], _ = self._hit(origins[part], directions[part])
        return distance, face

    def _hit(self, origins: Array, directions: Array) -> tuple[Array, Array, Array]:
        """Distance and face of some rays, and the cosine of ray and face times twice the face's area.

        The distance is that along the ray to the plane of the triangle met, ``inf`` where none is.
        """
        if self._scene is not None:
            hit = self._scene.run(origins.astype(np.float32), directions.astype(np.float32), query="INTERSECT")
            face = np.asarray(hit, dtype=np.int64)
        else:
            face = self._grid.first_hit(origins, directions)
        which = np.maximum(face, 0)
        normal, corner = self._planes
        along, offset = np.zeros(len(face)), np.zeros(len(face))
        for axis in range(3):
            component = normal[axis].take(which)
            along += component * directions[:, axis]
            offset += component * (corner[axis].take(which) - origins[:, axis])
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.where((face >= 0) & (along != 0.0), offset / along, np.inf)
        return distance, face, along

    def thickness(self, origins: Array, directions: Array, *, start_mm: float = 1e-4) -> tuple[Array, Array]:
        """Way through metal from a surface point to where the ray leaves it.

        The ray starts ``start_mm`` inside, so that it does not meet the surface it stands on.

        Returns
        -------
        distance : (k,) float from the given origins, ``inf`` where the ray meets nothing or
        meets a face from outside (the origin was not under the surface); face : (k,) int.
        """
        origins, directions = np.asarray(origins), np.asarray(directions)
        found, faces = np.zeros(len(origins)), np.zeros(len(origins), dtype=np.int64)
        for begin in range(0, len(origins), _AT_ONCE):
            part = slice(begin, begin + _AT_ONCE)
            ways = directions[part]
            distance, face, along = self._hit(origins[part] + start_mm * ways, ways)
            good = (face >= 0) & (along > 0.0) & (distance > -start_mm)
            found[part] = np.where(good, distance + start_mm, np.inf)
            faces[part] = np.where(good, face, -1)
        return found, faces
