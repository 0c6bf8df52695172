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
        if not len(origins):
            return np.zeros(0), np.zeros(0, dtype=np.int64)
        if self._scene is not None:
            hit = self._scene.run(origins.astype(np.float32), directions.astype(np.float32), query="INTERSECT")
            face = np.asarray(hit, dtype=np.int64)
        else:
            face = self._grid.first_hit(origins, directions)
        return self._plane_distance(origins, directions, face), face

    def _plane_distance(self, origins: Array, directions: Array, face: Array) -> Array:
        """Distance along each ray to the plane of the triangle it met."""
        met = face >= 0
        which = face[met]
        normal = self.mesh.cross[which]
        along = np.einsum("ij,ij->i", normal, directions[met])
        offset = np.einsum("ij,ij->i", normal, self.mesh.corners[which, 0] - origins[met])
        distance = np.full(len(origins), np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            distance[met] = np.where(along != 0.0, offset / along, np.inf)
        return distance

    def thickness(self, origins: Array, directions: Array, *, start_mm: float = 1e-4) -> tuple[Array, Array]:
        """Way through metal from a surface point to where the ray leaves it.

        The ray starts ``start_mm`` inside, so that it does not meet the surface it stands on.

        Returns
        -------
        distance : (k,) float from the given origins, ``inf`` where the ray meets nothing or
        meets a face from outside (the origin was not under the surface); face : (k,) int.
        """
        inside = np.asarray(origins) + start_mm * np.asarray(directions)
        distance, face = self.first_hit(inside, directions)
        outward = np.einsum("ij,ij->i", self.mesh.cross[np.maximum(face, 0)], np.asarray(directions)) > 0.0
        good = (face >= 0) & outward & (distance > -start_mm)
        return np.where(good, distance + start_mm, np.inf), np.where(good, face, -1)
