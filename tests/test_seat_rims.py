"""Level rims round flush seats: no relief reaches them, whatever the other shoulder has."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ringcad.fit import head_block
from ringcad.fit.flush import seat_obstacles
from ringcad.fit.obstacles import nearest_within
from ringcad.generation import Relief
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing
from ringcad.spec import parse_spec
from ringcad.templates.solitaire import block, shape, template
from ringcad.verify.sites import FLUSH_METAL_MIN_MM


def ring(mode: str, sides: list[str]) -> ResolvedRing:
    spec = {
        "ringcad": 1, "ring_size": "EU 54", "metal": "18k_yellow_gold", "stone": {"size": "6 mm"},
        "shank": {"profile": "flat", "width_mm": {"top": 4.6, "bottom": 3.2}},
        "accents": [{"setting": "flush", "stone": {"size": "1.5 mm"}, "count": 3, "gap_mm": 1.5, "on": sides}],
        "decoration": [{"region": "shank.shoulders", "prompt": "ivy", "depth_mm": 0.2, "mode": mode}],
    }  # fmt: skip
    return resolve(parse_spec(json.dumps(spec), "rims.yaml"), "rims")


@pytest.mark.parametrize("sides", [["left_shoulder"], ["right_shoulder"], ["left_shoulder", "right_shoulder"]])
@pytest.mark.parametrize(("mode", "rim_mm"), [("emboss", 0.3), ("engrave", FLUSH_METAL_MIN_MM)])
def test_the_skin_beside_a_seat_is_plain(mode: str, rim_mm: float, sides: list[str]) -> None:
    found = ring(mode, sides)
    size = template.zones(found)["right_shoulder"]
    full = Relief(np.ones((96, 800), dtype=np.float32), size.length_mm, size.width_mm)
    plan = template.plan(found, {"right_shoulder": full, "left_shoulder": full})
    moved = np.abs(plan.skin - head_block.skin(block.of(found, plan.nets), plan.nets)).max(axis=-1)
    seats = [obstacle for obstacle, _ in seat_obstacles(found, shape.crown_radius(found))]
    assert len(seats) == 3 * len(sides)
    gap = nearest_within(plan.nets.points, seats, 3.0)
    assert np.all(moved[gap <= rim_mm] < 1e-6)
    phi = plan.nets.stations.phi_deg
    for sign in (-1.0, 1.0):  # and both shoulders are decorated elsewhere
        assert moved[sign * phi > 0.0].max() > 0.15
