"""The opening under every small stone, measured on finished rings: as ordered, and found where something closes it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import trimesh
from shank_sections import built

from ringcad.core.findings import FindingCode
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing
from ringcad.spec import parse_spec
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import judge_settings

HEAD = "ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\n"
ROWS = {
    "flush": "template: band\naccents: [{setting: flush, stone: {size: 1.5 mm}, count: 3}]\n",
    "channel": "template: eternity\naccents: [{setting: channel, stone: {size: 2 mm}, count: 3, on: [top_half]}]\n",
    "shared_prong": (
        "template: eternity\naccents: [{setting: shared_prong, stone: {size: 2.5 mm}, count: 3, on: [top_half]}]\n"
    ),
}


@cache
def made(setting: str) -> tuple[ResolvedRing, Any]:
    found = resolve(parse_spec(HEAD + ROWS[setting]), "row")
    _, ring = built(found)
    return found, (np.asarray(ring.mesh.vertices), np.asarray(ring.mesh.triangles), ring.stones)


def openings(found: ResolvedRing, vertices: np.ndarray, triangles: np.ndarray) -> list[tuple[str, bool]]:
    """By stone, whether the opening under it is refused."""
    report = judge_settings(RayCaster(TriangleMesh(vertices=vertices, faces=triangles)), found)
    rows = [row for row in report.rules if row["subject"].endswith("opening under the stone")]
    refused = {f.message.split()[3] for f in report.findings if f.code is FindingCode.HOLE_WIDTH}
    return [(row["subject"].partition(":")[0], row["subject"].partition(":")[0] in refused) for row in rows]


@pytest.mark.parametrize("setting", ROWS)
def test_every_opening_is_as_ordered(setting: str) -> None:
    found, (vertices, triangles, stones) = made(setting)
    assert openings(found, vertices, triangles) == [(stone.id, False) for stone in stones]


@pytest.mark.parametrize("setting", ROWS)
@pytest.mark.parametrize("share", [0.0, 0.6])
def test_what_closes_an_opening_is_found(setting: str, share: float) -> None:
    """A disc, or a ring that leaves a share of the pilot's width, just above the bore under the second stone."""
    found, (vertices, triangles, stones) = made(setting)
    stone = stones[1]
    axis = np.array(stone.axis)
    low = np.array([0.0, stone.origin[1], 0.0]) + axis * (found.bore_radius_mm + 0.15)
    pilot = found.accents[0].pilot_diameter_mm
    wide = 0.5 * pilot + 0.2
    plug = trimesh.creation.annulus(0.5 * share * pilot, wide, 0.1) if share else trimesh.creation.cylinder(wide, 0.1)
    plug.apply_transform(trimesh.geometry.align_vectors([0.0, 0.0, 1.0], axis))
    plug.apply_translation(low)
    vertices, triangles = (
        np.concatenate([vertices, plug.vertices]),
        np.concatenate([triangles, plug.faces + len(vertices)]),
    )
    assert openings(found, vertices, triangles) == [(one.id, one.id == stone.id) for one in stones]
