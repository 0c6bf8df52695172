"""Sections of finished meshes by a half plane through the finger axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ringcad.core.errors import SpecError
from ringcad.registry import load_template
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing
from ringcad.spec import parse_spec
from ringcad.template import BuiltRing, RingPlan

Array = NDArray[np.float64]


def ring(shank: str, size: str = "US 7", template: str = "band", more: str = "") -> ResolvedRing:
    """A resolved ring with this ``shank`` mapping in YAML's short form."""
    head = "" if template == "band" else "stone: {cut: round, size: 6.5 mm}\n"
    text = f"ringcad: 1\ntemplate: {template}\nring_size: {size}\nmetal: 18k_yellow_gold\n{head}shank: {shank}\n{more}"
    return resolve(parse_spec(text), "shank")


def assert_refused(shank: str, field: str, words: str, template: str = "band", more: str = "") -> None:
    """That a ring with this shank is refused, and that the problem of a field has a fix with these words."""
    with pytest.raises(SpecError) as error:
        ring(shank, template=template, more=more)
    problem = next(problem for problem in error.value.problems if problem.field == field)
    assert words in (problem.suggestion or "")


def built(found: ResolvedRing) -> tuple[RingPlan, BuiltRing]:
    """The plain ring's plan and its solid."""
    template: Any = load_template(found.template)
    made = template.plan(found, {})
    core = template.core(found, lambda stage: None)
    return made, template.build(made, core, lambda stage: None)


def section(mesh: Any, phi_deg: float) -> Array:
    """Points (n, 2) of (across, distance from the finger axis) where the mesh's edges cross the half plane."""
    phi = math.radians(phi_deg)
    out, square = np.array([math.sin(phi), 0.0, math.cos(phi)]), np.array([math.cos(phi), 0.0, -math.sin(phi)])
    edges = np.unique(np.sort(mesh.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    side = mesh.vertices @ square
    a, b = edges[side[edges[:, 0]] * side[edges[:, 1]] <= 0.0].T
    share = side[a] / np.where(side[a] == side[b], 1.0, side[a] - side[b])
    points = mesh.vertices[a] + share[:, None] * (mesh.vertices[b] - mesh.vertices[a])
    points = points[points @ out > 0.0]
    return np.stack([points[:, 1], points @ out], axis=1)


def volume(mesh: Any) -> float:
    """Enclosed by the mesh, mm3."""
    corners = mesh.vertices[mesh.triangles]
    return float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))) / 6.0
