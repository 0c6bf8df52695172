"""A template and a generator of a third party, made of numpy alone, that can be told to misbehave.

``FAKE_RING`` in the environment: ``hang:STAGE``, ``crash:STAGE``, ``raise:STAGE``, ``refuse:STAGE``,
``slow:STAGE`` (3 s), ``open`` (a mesh with a hole), ``open until:0.3`` (closed when
meshed with that share of the chord), ``narrow`` (a bore 0.2 mm too small). It is not a piece
of jewelry, so tests of everything around it judge it by the rules of files and bores alone:
:func:`mesh_rules_only`, which ``FAKE_GATE=1`` puts in the gate's place in a process of its own.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.export.stl import snap_and_weld
from ringcad.generation import Relief, ZoneSize
from ringcad.template import Soundness

SPEC = """\
# a plain band
ringcad: 1
template: fake_ring
ring_size: US 7   # the customer's
metal: 18k_yellow_gold
stone: {cut: round, size: 6.5 mm, gem: diamond}
decoration:
  - region: shank.shoulders
    generator: fake_dots
    prompt: dots   # what the customer asked for
    seed: 3
"""


@dataclass(frozen=True)
class Plan:
    resolved: Any
    bump: float
    findings: tuple[Finding, ...] = ()
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Mesh:
    vertices: Any
    triangles: Any
    corner_normals: Any
    face_index: Any
    face_names: tuple[str, ...]


@dataclass(frozen=True)
class Built:
    mesh: Mesh
    findings: tuple[Finding, ...]
    measures: dict[str, Any]


def misbehave(stage: str) -> None:
    wanted, _, where = os.environ.get("FAKE_RING", "").partition(":")
    if where != stage:
        return
    if wanted == "hang":
        time.sleep(600)
    if wanted == "slow":
        time.sleep(3)
    if wanted == "crash":
        import ctypes

        ctypes.string_at(0)
    if wanted == "raise":
        raise RuntimeError("Standard_DomainError: gp_Dir() - input vector has zero norm")
    if wanted == "refuse":
        raise Refused([Finding(FindingCode.SOLID_COUNT, Severity.ERROR, "two solids", fix="lower depth_mm")])


def metal(ring: Any, bump: float, shrink: float) -> Any:
    """Band, rails and prongs of the resolved numbers, united as meshes."""
    from manifold3d import CrossSection, Manifold

    def hoop(inner: float, outer: float, low: float, high: float) -> Any:
        return CrossSection([[(inner, low), (outer, low), (outer, high), (inner, high)]]).revolve(96)

    radius = 0.5 * ring.ring.inner_diameter_mm - shrink
    outer = radius + ring.shank.thickness_top_mm + 0.1 * bump
    half = 0.5 * ring.shank.width_top_mm
    section = CrossSection([[(radius, -half), (outer, -half), (outer, half), (radius, half)]])
    parts = [section.revolve(256).rotate((90.0, 0.0, 0.0))]
    parts += [hoop(r.inner_radius_mm, r.outer_radius_mm, r.bottom_z_mm, r.top_z_mm) for r in ring.gallery.rails]
    head = ring.head
    slope = (head.prong_axis_radius_girdle_mm - head.prong_foot_radius_mm) / (head.girdle_z_mm - head.prong_foot_z_mm)
    height = head.prong_tip_z_mm - head.prong_foot_z_mm
    for k in range(head.prongs):
        rod = Manifold.cylinder(height, 0.5 * head.prong_diameter_base_mm, 0.5 * head.prong_diameter_girdle_mm, 48)
        lean = np.array([[1, 0, slope, head.prong_foot_radius_mm], [0, 1, 0, 0], [0, 0, 1, head.prong_foot_z_mm]])
        parts.append(rod.transform(lean).rotate((0.0, 0.0, head.first_prong_azimuth_deg + 360.0 * k / head.prongs)))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole - Manifold.cylinder(40.0, radius, radius, 256, True).rotate((90.0, 0.0, 0.0))


MESH_RULES = ("edges", "winding", "bodies", "faces", "self_", "genus", "units", "bore", "file", "vertices")


def mesh_rules_only(verdict: Any) -> Any:
    """The gate's verdict without the findings about walls, prongs and detail."""
    kept = tuple(f for f in verdict.findings if any(word in f.code.value for word in MESH_RULES))
    return replace(verdict, findings=kept)


def relax_gate() -> None:
    """Replace the gate of this process."""
    from ringcad.verify import check

    original = check.verify_stl
    check.verify_stl = lambda *a, **k: mesh_rules_only(original(*a, **k))


class FakeTemplate:
    name = "fake_ring"

    def specs(self) -> dict[str, str]:
        return {"band": SPEC}

    def zones(self, resolved: Any) -> dict[str, ZoneSize]:
        if os.environ.get("FAKE_GATE") == "1":
            relax_gate()
        return {item.id: ZoneSize(12.0, 3.0) for item in resolved.decoration}

    def plan(self, resolved: Any, reliefs: Any) -> Plan:
        bump = float(np.mean([item.height.mean() for item in reliefs.values()])) if reliefs else 0.0
        if os.environ.get("FAKE_RING") == "refuse:plan":
            raise Refused([Finding(FindingCode.WALL_BOUND, Severity.ERROR, "the wall is 0.4 mm", 0.4, 0.8, "mm")])
        return Plan(resolved, bump, summary={"zones": {}})

    def stones(self, resolved: Any) -> list[Any]:
        return []

    def remesh(self, plan: Plan, built: Built, share: float) -> Built:
        if os.environ.get("FAKE_RING") == "open until:0.3" and share == 0.3:
            os.environ["FAKE_RING"] = ""
        return self.build(plan, None, lambda _stage: None)

    def soundness(self, plan: Plan, built: Built) -> Soundness:
        misbehave("check")
        return Soundness((), int(built.measures["genus"]))

    def core_numbers(self, resolved: Any) -> dict[str, Any]:
        return {}

    def core(self, resolved: Any, emit: Any) -> None:
        return None

    def build(self, plan: Plan, core: None, emit: Any) -> Built:
        for stage in ("solids", "fuse", "cut", "mesh"):
            emit(stage)
            misbehave(stage)
        shrink = 0.2 if os.environ.get("FAKE_RING") == "narrow" else 0.0
        body = metal(plan.resolved, plan.bump, shrink)
        raw = body.to_mesh64()
        vertices, triangles = snap_and_weld(np.asarray(raw.vert_properties)[:, :3], np.asarray(raw.tri_verts))
        vertices, triangles = vertices.astype(np.float64), triangles.astype(np.int32)
        if os.environ.get("FAKE_RING", "").startswith("open"):
            triangles = triangles[1:]
        corners = vertices[triangles]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        normals = np.repeat(normal[:, None], 3, axis=1).astype(np.float32)
        index = np.zeros(len(triangles), np.int32)
        return Built(Mesh(vertices, triangles, normals, index, ("skin",)), (), {"genus": body.genus()})


class FakeDots:
    """Dots, from the seed alone."""

    name = "fake_dots"
    version = "1.0"

    def generate(self, request: Any) -> Relief:
        log = os.environ.get("FAKE_DOTS_LOG")
        if log:
            with open(log, "a") as stream:
                stream.write(f"{request.prompt} {request.seed}\n")
        rng = np.random.default_rng([request.seed, len(request.prompt)])
        height = rng.random((72, 288), dtype=np.float32)
        return Relief(height, request.length_mm, request.width_mm, understood=("dots",), not_understood=("nothing",))


template = FakeTemplate()
generator = FakeDots()
