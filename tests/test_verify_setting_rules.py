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


RING = resolved_ring()
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
