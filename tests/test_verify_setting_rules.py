"""Each rule of setting against a ring that keeps it and one that breaks it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from verify_ring_bodies import arrays_of, resolved_ring, ring_solid

from ringcad.core.findings import FindingCode, Severity
from ringcad.resolved import ResolvedRing
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import SettingReport, judge_settings


@pytest.fixture(scope="module")
def good() -> Any:
    return ring_solid(resolved_ring())


def judged(solid: Any, ring: ResolvedRing) -> SettingReport:
    return judge_settings(RayCaster(mesh_from_arrays(*arrays_of(solid))), ring)


def with_numbers(ring: ResolvedRing, **parts: dict[str, Any]) -> ResolvedRing:
    return ring.model_copy(
        update={name: getattr(ring, name).model_copy(update=change) for name, change in parts.items()}
    )


def test_a_ring_made_by_its_numbers_keeps_every_rule(good: Any) -> None:
    ring = resolved_ring()
    report = judged(good, ring)
    assert report.findings == ()
    row = report.rows["center"]
    assert row["pavilion"]["flank_deg"] == pytest.approx(ring.stone.pavilion_angle_deg, abs=0.2)
    assert abs(row["seat_height_mm"]) < 0.02 and row["interference_mm"] < 0.02
    for prong in row["prongs"]:
        assert prong["full_mm"] == pytest.approx(ring.head.prong_diameter_girdle_mm, rel=0.02)
        assert prong["notch_share"] == pytest.approx(0.25, abs=0.03)


def ring_of(solid: Any, ring: ResolvedRing) -> tuple[Any, ResolvedRing]:
    """A rail that touches the pavilion between the prongs."""
    import manifold3d

    stone, z = ring.stone, ring.head.girdle_z_mm
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    inner = 0.5 * stone.diameter_mm - 0.8
    outline = [(inner + 0.02, -0.8 * slope - 0.4), (inner + 0.9, -0.8 * slope - 0.4), (inner + 0.02, -0.8 * slope)]
    rail = manifold3d.Manifold.revolve(manifold3d.CrossSection([outline]), 128).translate((0.0, 0.0, z))
    return solid + rail, ring


def trimmed(solid: Any, ring: ResolvedRing) -> tuple[Any, ResolvedRing]:
    """Prongs cut off just above the girdle."""
    return solid.trim_by_plane((0.0, 0.0, -1.0), -(ring.head.girdle_z_mm + ring.stone.girdle_mm + 0.25)), ring


def numbers(**parts: dict[str, Any]) -> Callable[[Any, ResolvedRing], tuple[Any, ResolvedRing]]:
    return lambda solid, ring: (solid, with_numbers(ring, **parts))


def slimmed(solid: Any, ring: ResolvedRing) -> tuple[Any, ResolvedRing]:
    """Prongs as thick as ordered towards the stone, but 20 % narrower across."""
    import manifold3d

    size = ring.head.prong_diameter_girdle_mm
    for k in range(4):
        for side in (-1.0, 1.0):
            slab = manifold3d.Manifold.cube((4.0, size, 6.0), True).translate((3.4, side * 0.9 * size, 0.0))
            solid -= slab.rotate((0.0, 0.0, 45.0 + 90.0 * k)).translate((0.0, 0.0, ring.head.girdle_z_mm))
    return solid, ring


def barred(solid: Any, ring: ResolvedRing) -> tuple[Any, ResolvedRing]:
    """A bar over the head, through which no stone goes in."""
    import manifold3d

    bar = manifold3d.Manifold.cube((9.0, 0.8, 0.8), True).translate((0.0, 0.0, ring.head.girdle_z_mm + 2.4))
    return solid + bar, ring


def lowered(solid: Any, ring: ResolvedRing) -> tuple[Any, ResolvedRing]:
    """The same seat 20 % of the bearing deeper than the stone is ordered to lie."""
    return solid, with_numbers(ring, head={"girdle_z_mm": ring.head.girdle_z_mm + 0.06})


RING = resolved_ring()
CULET = RING.head.girdle_z_mm - RING.stone.pavilion_depth_mm - 0.5 * RING.ring.inner_diameter_mm
BREAKS: list[tuple[FindingCode, Severity, Callable[[Any, ResolvedRing], tuple[Any, ResolvedRing]]]] = [
    (FindingCode.PRONG_COUNT, Severity.ERROR, numbers(head={"prongs": 6})),
    (FindingCode.PRONG_SECTION, Severity.ERROR, lambda _, ring: (ring_solid(ring, prong_share=0.85), ring)),
    (FindingCode.SEAT_POSITION, Severity.ERROR, numbers(head={"girdle_z_mm": RING.head.girdle_z_mm + 0.1})),
    (FindingCode.SEAT_ANGLE, Severity.ERROR, numbers(stone={"pavilion_angle_deg": RING.stone.pavilion_angle_deg + 2})),
    (FindingCode.GIRDLE_CLEARANCE, Severity.ERROR, numbers(stone={"diameter_mm": RING.stone.diameter_mm + 0.2})),
    (FindingCode.STONE_INTERFERENCE, Severity.ERROR, numbers(stone={"diameter_mm": RING.stone.diameter_mm + 0.2})),
    (FindingCode.RETENTION, Severity.ERROR, numbers(stone={"diameter_mm": RING.stone.diameter_mm - 0.8})),
    (FindingCode.SEAT_BEARING, Severity.ERROR, numbers(stone={"diameter_mm": RING.stone.diameter_mm - 0.6})),
    (FindingCode.PRONG_HEIGHT, Severity.ERROR, trimmed),
    (FindingCode.PRONG_SECTION, Severity.ERROR, slimmed),
    (FindingCode.INSERTION, Severity.ERROR, barred),
    (FindingCode.INSERTION, Severity.ERROR,
     lambda _, ring: (ring_solid(resolved_ring(notch_share=0.57)), resolved_ring(notch_share=0.57))),
    (FindingCode.CULET_CLEARANCE, Severity.ERROR, numbers(foundry={"culet_clearance_min_mm": 1.2 * CULET})),
    (FindingCode.RETENTION, Severity.ERROR, lowered),
    (FindingCode.RAIL_CLEARANCE, Severity.WARNING, ring_of),
    (FindingCode.NOTCH_DEPTH, Severity.WARNING,
     lambda _, ring: (ring_solid(resolved_ring(notch_share=0.42)), resolved_ring(notch_share=0.42))),
    (FindingCode.NOTCH_DEPTH, Severity.ERROR,
     lambda _, ring: (ring_solid(resolved_ring(notch_share=0.57)), resolved_ring(notch_share=0.57))),
]  # fmt: skip


@pytest.mark.parametrize(("code", "severity", "change"), BREAKS, ids=lambda value: getattr(value, "value", None))
def test_a_broken_rule_is_named_with_its_place(
    good: Any, code: FindingCode, severity: Severity, change: Callable[[Any, ResolvedRing], tuple[Any, ResolvedRing]]
) -> None:
    solid, ring = change(good, resolved_ring())
    found = [finding for finding in judged(solid, ring).findings if finding.code is code]
    assert found and found[0].severity is severity
    assert found[0].limit is not None and found[0].place_mm is not None and found[0].fix
    assert np.linalg.norm(np.array(found[0].place_mm) - [0, 0, ring.head.girdle_z_mm]) < 5.0


def test_a_flush_seat_by_its_numbers_and_not() -> None:
    ring = resolved_ring(flush=True)
    solid = ring_solid(ring)
    assert judged(solid, ring).findings == ()
    accent = ring.accents[0]
    name = accent.seats[0].id

    def codes(**change: Any) -> set[FindingCode]:
        other = ring.model_copy(update={"accents": (accent.model_copy(update=change),)})
        return {finding.code for finding in judged(solid, other).findings}

    wide = accent.stone.model_copy(update={"pavilion_angle_deg": accent.stone.pavilion_angle_deg + 2.0})
    assert FindingCode.SEAT_ANGLE in codes(stone=wide)
    assert FindingCode.GIRDLE_CLEARANCE in codes(cut_in_mm=accent.cut_in_mm + 0.05)
    elsewhere = accent.seats[0].model_copy(update={"phi_deg": accent.seats[0].phi_deg + 40.0})
    (missing,) = [
        finding
        for finding in judged(
            solid, ring.model_copy(update={"accents": (accent.model_copy(update={"seats": (elsewhere,)}),)})
        ).findings
        if finding.code is FindingCode.SEAT_BEARING
    ]
    assert name in missing.message and missing.spec_field == "accents.0"
    tall = accent.stone.model_copy(update={"crown_height_mm": accent.stone.crown_height_mm + 0.3})
    assert FindingCode.SEAT_POSITION in codes(stone=tall)
    # 15 to 25 % too little: an opening as wide as the stone and wider, a shank too thin for the stone's culet.
    small = accent.stone.model_copy(update={"diameter_mm": 0.85 * accent.stone.diameter_mm})
    assert FindingCode.GIRDLE_CLEARANCE in codes(stone=small)
    deep = accent.stone.model_copy(update={"pavilion_depth_mm": accent.stone.pavilion_depth_mm + 0.8})
    assert FindingCode.CULET_CLEARANCE in codes(stone=deep)


def test_flush_seats_that_lack_metal_are_named_for_what_they_lack() -> None:
    import manifold3d

    ring = resolved_ring(flush=True)
    accent = ring.accents[0]
    (seat,) = accent.seats
    solid = ring_solid(ring)
    axis_turn = (0.0, seat.phi_deg, 0.0)

    def with_cut(cut: Any) -> set[FindingCode]:
        return {finding.code for finding in judged(solid - cut.rotate(axis_turn), ring).findings}

    top = 0.5 * ring.ring.inner_diameter_mm + ring.shank.thickness_top_mm
    girdle = top - accent.table_depth_mm - accent.stone.crown_height_mm
    # The rim turned down to where a fifth of the metal above the girdle is left: no lip, and the stone stands proud.
    flat = manifold3d.Manifold.cylinder(5.0, 1.4, 1.4, 64).translate((0.0, 0.0, girdle + 0.01))
    assert with_cut(flat) >= {FindingCode.PRONG_HEIGHT, FindingCode.RETENTION, FindingCode.SEAT_POSITION}
    # A groove through the seat on a third of its circle: so much of the bearing is gone.
    groove = manifold3d.Manifold.cube((3.0, 0.9, 3.0), True).translate((1.5, 0.0, girdle))
    assert FindingCode.SEAT_BEARING in with_cut(groove)
    # Something over the seat.
    lid = manifold3d.Manifold.cube((1.2, 1.2, 0.4), True).translate((0.0, 0.0, top + 0.9)).rotate(axis_turn)
    assert FindingCode.INSERTION in {finding.code for finding in judged(solid + lid, ring).findings}


def test_stones_too_near_each_other_are_named() -> None:
    """Two flush seats of 1.3 mm stones 15 % nearer than their distance has to be, by their places on the mesh."""
    ring = resolved_ring(flush=True)
    accent = ring.accents[0]
    radius = 0.5 * ring.ring.inner_diameter_mm + ring.shank.thickness_top_mm - 0.5

    def distances(gap: float) -> tuple[dict[str, Any], set[FindingCode]]:
        turn = math.degrees((accent.stone.diameter_mm + gap) / radius)
        second = accent.seats[0].model_copy(update={"id": "right_2", "phi_deg": accent.seats[0].phi_deg + turn})
        two = ring.model_copy(update={"accents": (accent.model_copy(update={"seats": (accent.seats[0], second)}),)})
        report = judged(ring_solid(two), two)
        return report.rows, {finding.code for finding in report.findings}

    rows, codes = distances(0.4)
    assert codes == set()
    (near, far) = (rows[name]["nearest_stone"] for name in ("right_1", "right_2"))
    assert near["id"] == "right_2" and far["id"] == "right_1" and near["distance_mm"] == far["distance_mm"]
    assert near["distance_mm"] == pytest.approx(0.4, abs=0.1)
    assert rows["center"]["nearest_stone"]["distance_mm"] > 3.0
    rows, codes = distances(0.0)
    assert FindingCode.STONE_SPACING in codes and rows["right_1"]["nearest_stone"]["distance_mm"] < 0.08
