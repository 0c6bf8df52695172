"""Arrays that the kernel writes at once are those that it gives number by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from OCP.BRep import BRep_Tool
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.Convert import Convert_ParameterisationType
from OCP.GC import GC_MakeCircle
from OCP.Geom import Geom_SphericalSurface
from OCP.GeomConvert import GeomConvert
from OCP.gp import gp_Ax2, gp_Ax3, gp_Dir, gp_Pnt, gp_Vec3f
from OCP.TopAbs import TopAbs_Orientation
from OCP.TopLoc import TopLoc_Location

from ringcad.fit.spline import clamped_knots
from ringcad.kernel.bulk import spline_curve, spline_surface, triangulated
from ringcad.kernel.parts import revolve
from ringcad.kernel.surfaces import faces_of, surface


def row(point: Any) -> list[float]:
    return [point.X(), point.Y(), point.Z()]


def test_a_plain_surface() -> None:
    poles = np.random.default_rng(0).random((5, 7, 3))
    spline = spline_surface(surface(poles, clamped_knots(5), clamped_knots(7)))
    assert spline.plain and np.array_equal(spline.poles.reshape(5, 7, 3), poles)
    assert np.array_equal(spline.knots[0], clamped_knots(5)) and np.array_equal(spline.knots[1], clamped_knots(7))
    assert spline.kind == (0, 0, 0, 0, 3, 3, 5, 7, 3, 5)


def test_a_rational_surface() -> None:
    sphere = GeomConvert.SurfaceToBSplineSurface_s(Geom_SphericalSurface(gp_Ax3(), 2.5))
    spline = spline_surface(sphere)
    assert not spline.plain and spline.poles.shape == (sphere.NbUPoles() * sphere.NbVPoles(), 4)
    wanted = [
        [*row(sphere.Pole(i, j)), sphere.Weight(i, j)]
        for i in range(1, sphere.NbUPoles() + 1)
        for j in range(1, sphere.NbVPoles() + 1)
    ]
    assert np.array_equal(spline.poles, wanted)
    assert [len(knots) for knots in spline.knots] == [
        sum(sphere.UMultiplicity(i) for i in range(1, sphere.NbUKnots() + 1)),
        sum(sphere.VMultiplicity(i) for i in range(1, sphere.NbVKnots() + 1)),
    ]


@pytest.mark.parametrize("periodic", [True, False])
def test_a_rational_curve(periodic: bool) -> None:
    circle = GC_MakeCircle(gp_Ax2(gp_Pnt(1.0, 2.0, 3.0), gp_Dir(0.3, 0.2, 1.0)), 1.5).Value()
    kind = Convert_ParameterisationType.Convert_RationalC1
    curve = GeomConvert.CurveToBSplineCurve_s(circle, kind)
    if not periodic:
        curve.SetNotPeriodic()
    spline = spline_curve(curve)
    assert not spline.plain
    assert np.array_equal(spline.poles, [[*row(curve.Pole(i)), curve.Weight(i)] for i in range(1, curve.NbPoles() + 1)])
    knots = [curve.Knot(i) for i in range(1, curve.NbKnots() + 1) for _ in range(curve.Multiplicity(i))]
    assert np.array_equal(spline.knots[0], knots)


def test_a_triangulation() -> None:
    """Against one call per node, and the normals against those of a cylinder."""
    solid = revolve([(0.0, 0.0), (1.5, 0.0), (1.5, 4.0), (0.0, 4.0)], np.zeros(3), np.array([0.0, 0.0, 1.0]), "rod")
    BRepMesh_IncrementalMesh(solid.shape, 0.01)
    for face in faces_of(solid.shape):
        triangulation = BRep_Tool.Triangulation_s(face, TopLoc_Location())
        found = triangulated(face, triangulation)
        nodes = range(1, triangulation.NbNodes() + 1)
        assert np.array_equal(found.points, [row(triangulation.Node(i)) for i in nodes])
        wanted = [triangulation.Triangle(i).Get() for i in range(1, triangulation.NbTriangles() + 1)]
        assert np.array_equal(found.triangles, np.array(wanted) - 1)
        vector = gp_Vec3f()
        for i in nodes:
            triangulation.Normal(i, vector)
            assert found.normals[i - 1].tolist() == [vector.x(), vector.y(), vector.z()]
        radial = np.hypot(found.points[:, 0], found.points[:, 1])
        if np.ptp(found.points[:, 2]) > 1.0:
            sign = -1.0 if face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED else 1.0
            outward = sign * found.normals[:, :2]
            assert np.allclose(outward * 1.5, found.points[:, :2], atol=1e-6) and np.allclose(radial, 1.5)
