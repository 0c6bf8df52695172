"""Double prongs: where two stand side by side, the gap between them, and what is refused."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode
from ringcad.kernel.genus import mesh_genus
from ringcad.resolve import resolve
from ringcad.resolved import FancyStone, HeadedRing, headed
from ringcad.spec import parse_spec
from ringcad.stones.of_ring import cut_stone
from ringcad.templates.solitaire import build, parts
from ringcad.templates.solitaire import plan as planning
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.pairs import measure_pairs, pair_rules
from ringcad.verify.setting.rules import judge_settings

Array = NDArray[np.float64]
PAIRS = "{prong_pairs: true}"
STONES = [
    "{cut: round, size: 7 mm}", "{cut: oval, size: 8x6 mm}", "{cut: cushion, size: 8 mm}",
    "{cut: asscher, size: 8 mm}", "{cut: radiant, size: 10x8 mm}",
]  # fmt: skip


def of(stone: str, head: str = PAIRS, more: str = "") -> HeadedRing:
    text = f"ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {stone}\nhead: {head}\n{more}"
    ring = headed(resolve(parse_spec(text), "ring"))
    assert ring is not None
    return ring


@cache
def made(stone: str, head: str) -> tuple[HeadedRing, Array, NDArray[np.int64]]:
    ring = of(stone, head)
    plan = planning.plan(ring, {})
    built = build.build(plan, build.core(ring, lambda stage: None), lambda stage: None)
    sound = build.soundness(plan, built)
    assert not sound.findings and sound.expected_genus == mesh_genus(built.mesh.triangles)
    vertices = np.round(np.asarray(built.mesh.vertices) * 2**19) / 2**19
    return ring, vertices, np.asarray(built.mesh.triangles, dtype=np.int64)


def axes(ring: HeadedRing) -> Array:
    """Where the prongs' axes pass the girdle's lower edge, (n, 2)."""
    head = ring.head
    turn = np.radians([stand.azimuth_deg for stand in head.stands])
    foot = np.array([(stand.x_mm, stand.y_mm) for stand in head.stands])
    return np.asarray(foot + head.prong_axis_radius_girdle_mm * np.stack([np.cos(turn), np.sin(turn)], axis=1))


@pytest.mark.parametrize("stone", STONES)
def test_pairs_stand_side_by_side_and_the_girdle_enters_both_alike(stone: str) -> None:
    ring = of(stone)
    head, pair = ring.head, ring.head.pair
    assert pair is not None and head.prongs == 8 == len(head.places)
    assert pair.apart_mm == pytest.approx(head.prong_diameter_base_mm + pair.gap_mm)
    assert pair.gap_mm >= ring.foundry.gap_min_mm
    spots = axes(ring)
    for k in range(0, 8, 2):
        assert head.stands[k].azimuth_deg == head.stands[k + 1].azimuth_deg
        assert math.dist(spots[k], spots[k + 1]) == pytest.approx(pair.apart_mm, abs=1e-3)
    # alike about both planes, and farther from any other pair than from each other
    for flip in ((-1.0, 1.0), (1.0, -1.0)):
        images = spots * flip
        assert max(float(np.hypot(*(spots - image).T).min()) for image in images) < 1e-6
    others = [math.dist(a, b) for (i, a), (j, b) in itertools.combinations(enumerate(spots), 2) if i // 2 != j // 2]
    assert min(others) > pair.apart_mm
    # a fine outline walked round is as far from each axis as a single prong's is outside the girdle
    outside = head.girdle_clearance_mm + (0.5 - head.notch_share) * head.prong_diameter_girdle_mm
    if isinstance(ring.stone, FancyStone):
        outline = cut_stone(ring.stone).placed_outline
        fine = np.array([outline.at(float(p)) for p in np.linspace(0.0, len(outline.segments), 8001)])
    else:
        turn = np.linspace(0.0, math.tau, 8001)
        fine = 0.5 * ring.stone.diameter_mm * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for spot in spots:
        assert float(np.hypot(*(fine - spot).T).min()) == pytest.approx(outside, abs=2e-3)


@pytest.mark.parametrize(
    ("stone", "head", "more", "field", "hint"),
    [("{cut: princess, size: 6 mm}", PAIRS, "", "head.prong_pairs", "remove it"),
     ("{cut: marquise, size: 10x5 mm}", PAIRS, "", "head.prong_pairs", "remove it"),
     ("{cut: round, size: 7 mm}", "{prong_pairs: true, prongs: 6}", "", "head.prongs", "prongs: 4"),
     ("{cut: cushion, size: 8 mm}", "{prong_pairs: true, prongs: 8}", "", "head.prongs", "prongs: 4"),
     ("{cut: round, size: 7 mm}", "{prong_pairs: true, style: stand}", "", "head.prong_pairs", "style: basket"),
     ("{cut: round, size: 7 mm}", PAIRS, "template: halo\n", "head.prong_pairs", "template: solitaire"),
     ("{cut: emerald, size: 8x6 mm}", PAIRS, "", "head.prong_pairs", "one of cut cushion"),
     ("{cut: round, size: 7 mm}", "{prong_pairs: true, pair_gap_mm: 0.15}", "", "head.pair_gap_mm", "use 0.27"),
     ("{cut: round, size: 7 mm}", "{pair_gap_mm: 0.3}", "", "head.pair_gap_mm", "prong_pairs: true"),
     ("{cut: round, size: 4 mm}", PAIRS, "", "head.prong_diameter_mm", "larger stone")],
)  # fmt: skip
def test_what_pairs_cannot_be_is_refused_with_what_would_do(
    stone: str, head: str, more: str, field: str, hint: str
) -> None:
    with pytest.raises(SpecError) as refused:
        of(stone, head, more)
    problem = next(p for p in refused.value.problems if p.field == field)
    assert hint in str(problem.suggestion)


def test_the_gap_that_is_named_will_do() -> None:
    pair = of("{cut: round, size: 7 mm}", "{prong_pairs: true, pair_gap_mm: 0.27}").head.pair
    assert pair is not None and pair.gap_mm == 0.27


def test_mirrored_prongs_of_a_pair_keep_their_numbers_apart() -> None:
    ring = of("{cut: round, size: 7 mm}")
    spots = axes(ring)
    for axis, flip in ((0, (-1.0, 1.0)), (1, (1.0, -1.0))):
        names = parts.mirror_names(ring, axis)
        for k in range(8):
            twin = int(names[f"prong_{k + 1}"].removeprefix("prong_")) - 1
            assert math.dist(spots[k] * flip, spots[twin]) < 1e-6


def test_a_round_stone_in_pairs_measures_as_ordered() -> None:
    ring, vertices, faces = made("{cut: round, size: 7 mm}", PAIRS)
    report = judge_settings(RayCaster(TriangleMesh(vertices, faces)), ring)
    assert not report.findings, [finding.message for finding in report.findings]
    gaps = [row for row in report.rules if row["subject"].startswith("center pair")]
    assert len(gaps) == 8 and {row["state"] for row in gaps} == {"as_cast", "as_set"}
    pair = ring.head.pair
    assert pair is not None
    for row in gaps:
        assert pair.gap_mm - 0.01 <= float(row["measured"]) <= pair.gap_mm + 0.15


@pytest.mark.parametrize(("low", "high"), [(-9.0, 0.0), (0.3, 9.0)])
def test_prongs_of_a_pair_that_stand_too_close_are_found(low: float, high: float) -> None:
    """One prong of the first pair moved by 0.3 mm towards the other, below the girdle or above it."""
    ring, vertices, faces = made("{cut: round, size: 7 mm}", PAIRS)
    spots, stand, pair = axes(ring), ring.head.stands[0], ring.head.pair
    assert pair is not None
    turn = math.radians(stand.azimuth_deg)
    out = np.array([math.cos(turn), math.sin(turn)])
    over = vertices[:, 2] - ring.head.girdle_z_mm
    axis = spots[0] + over[:, None] * math.tan(math.radians(ring.head.prong_lean_deg)) * out
    near = np.hypot(*(vertices[:, :2] - axis).T) < 0.5 * ring.head.prong_diameter_base_mm + 0.02
    spoilt = vertices.copy()
    spoilt[near & (over > low) & (over < high), :2] += 0.3 * (spots[1] - spots[0]) / pair.apart_mm
    found = measure_pairs(RayCaster(TriangleMesh(spoilt, faces)), ring)
    rules = [rule for rule in pair_rules(found, ring) if rule.broken() is not None]
    assert {rule.subject for rule in rules} == {
        "center pair 1: gap" if high <= 0.0 else "center pair 1: gap over the crown"
    }
    assert {rule.code for rule in rules} == {FindingCode.GAP_WIDTH}


@pytest.mark.slow
@pytest.mark.parametrize("stone", STONES)
@pytest.mark.parametrize("tip", ["dome", "almond", "claw"])
def test_pairs_hold_every_cut(stone: str, tip: str) -> None:
    ring, vertices, faces = made(stone, f"{{prong_pairs: true, tip: {tip}}}")
    report = judge_settings(RayCaster(TriangleMesh(vertices, faces)), ring)
    assert not report.findings, [finding.message for finding in report.findings]
