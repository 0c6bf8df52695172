"""Resolved dimensions: closed forms, what must always hold, and proposals that work when typed in."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode
from ringcad.resolve import advice, resolve
from ringcad.resolve.shank import width_at_mm
from ringcad.resolved import ResolvedRing, headed
from ringcad.spec import Spec, edit_spec_text, load_spec, parse_spec

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = [*sorted(ROOT.glob("templates/solitaire/specs/*.yaml")), *sorted(ROOT.glob("benchmarks/specs/*.yaml"))]
BASE = "ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {size: 6.5 mm}\n"


def ring(text: str = "", base: str = BASE) -> ResolvedRing:
    return resolve(parse_spec(base + text, "ring.yaml"))


def refusal(text: str, base: str = BASE) -> SpecError:
    with pytest.raises(SpecError) as caught:
        ring(text, base)
    return caught.value


def leaves(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(item, f"{path}.{key}" if path else key)]
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
        return [leaf for index, item in enumerate(value) for leaf in leaves(item, f"{path}.{index}")]
    return [path]


def _prefixes(leaf: str) -> list[str]:
    parts = leaf.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


def check(found: ResolvedRing) -> None:
    """What holds for every resolved ring."""
    radius = 0.5 * found.ring.inner_diameter_mm
    stone, head, gallery, limits = found.stone, found.head, found.gallery, found.foundry
    seat, base = gallery.rails
    # heights close
    assert head.table_z_mm == pytest.approx(radius + head.height_above_finger_mm)
    assert head.culet_z_mm == pytest.approx(head.table_z_mm - stone.depth_mm)
    assert head.girdle_z_mm == pytest.approx(head.culet_z_mm + stone.pavilion_depth_mm)
    if head.governed_by != "height_above_finger_mm":
        assert head.height_above_finger_mm == max(head.governing_heights_mm.values())
    assert head.height_above_finger_mm == pytest.approx(head.governing_heights_mm[head.governed_by])
    # rails stand clear of each other, of the girdle and of the finger, and are hoops
    assert base.bottom_z_mm >= radius + 0.10 - 1e-9
    assert seat.bottom_z_mm - base.top_z_mm >= 0.4 - 1e-9
    assert head.girdle_z_mm - seat.top_z_mm >= 0.48 - 1e-9
    for rail in gallery.rails:
        assert rail.inner_radius_mm >= 0.6 - 1e-9
        assert rail.outer_radius_mm - rail.inner_radius_mm >= limits.rail_min_mm - 1e-9
        assert rail.top_z_mm - rail.bottom_z_mm >= limits.rail_min_mm - 1e-9
    # prongs
    assert head.prong_diameter_base_mm >= head.prong_diameter_girdle_mm >= limits.prong_min_mm
    # before they are set V prongs and claws stand level with the table or over it
    over = 0.25 + 1e-9 if head.v_prong or head.claw else 0.0
    assert head.table_z_mm + over > head.prong_tip_z_mm > head.girdle_z_mm + stone.girdle_mm
    entered = 0.5 * stone.diameter_mm - (head.prong_axis_radius_girdle_mm - 0.5 * head.prong_diameter_girdle_mm)
    if not head.v_prong:  # whose notch is a wall's
        assert entered + head.girdle_clearance_mm == pytest.approx(head.notch_share * head.prong_diameter_girdle_mm)
    assert head.notch_share <= 0.5
    # what the notch leaves, square to the prong: level reach x cosine of the lean + the outer half
    lean = math.radians(head.prong_lean_deg)
    reach = head.prong_axis_radius_girdle_mm - 0.5 * stone.diameter_mm - head.girdle_clearance_mm
    assert reach * math.cos(lean) + 0.5 * head.prong_diameter_girdle_mm >= limits.prong_min_mm
    assert head.prong_foot_radius_mm <= head.prong_axis_radius_girdle_mm + 1e-9
    # culet: never nearer than the profile, and a wall under its pocket
    assert head.culet_clearance_mm >= limits.culet_clearance_min_mm
    if head.culet_pocket_depth_mm > 0:
        assert head.bridge_thickness_mm - head.culet_pocket_depth_mm >= limits.wall_min_mm
    # shank
    shank = found.shank
    for thickness in (shank.thickness_top_mm, shank.thickness_bottom_mm):
        taken = shank.crown_rise_mm + shank.comfort_rise_mm + shank.outer_edge_radius_mm + shank.inner_edge_radius_mm
        assert thickness >= taken + 0.1 - 1e-9 or shank.profile == "ellipse"
    # flush stones: apart, on the shank, in metal
    flush = [group for group in found.accents if group.setting != "bead"]
    for group in flush:
        for seat_one in group.seats:
            assert width_at_mm(shank, seat_one.phi_deg) >= group.stone.diameter_mm + 1.2 - 1e-6
            assert abs(seat_one.phi_deg) <= 142.5
        assert min(shank.thickness_top_mm, shank.thickness_bottom_mm) >= group.stone.depth_mm + 0.2 - 1e-9
    seats = [(s, g) for g in flush for s in g.seats]
    for index, (one, group) in enumerate(seats):
        for other, others in seats[index + 1 :]:
            if one.phi_deg * other.phi_deg > 0:
                outer = radius + min(shank.thickness_top_mm, shank.thickness_bottom_mm)
                chord = 2 * outer * math.sin(math.radians(abs(one.phi_deg - other.phi_deg)) / 2)
                assert chord >= 0.5 * (group.stone.diameter_mm + others.stone.diameter_mm) + 0.5 - 1e-3
    for zone in found.decoration:
        assert 0 < abs(zone.phi_start_deg) < abs(zone.phi_end_deg) <= 142.5 + 1e-9
        assert zone.phi_start_deg * zone.phi_end_deg > 0
        assert (zone.phi_start_deg > 0) == (zone.id.startswith("right_") or zone.region == "shank.sides")


@pytest.mark.parametrize("path", [path for path in SHIPPED if load_spec(path).has_head], ids=lambda p: p.stem)
def test_shipped_specs_resolve(path: Path) -> None:
    found = resolve(load_spec(path))
    assert found.name == path.stem
    check(found)
    assert headed(ResolvedRing.model_validate_json(found.model_dump_json())) == found
    assert not [f for f in advice(found) if f.code is not FindingCode.CULET_CLEARANCE]
    depths = {zone.depth_mm for zone in found.shank_decoration}
    assert all(0.30 <= depth <= 0.45 for depth in depths)
    shoulders = [zone for zone in found.decoration if zone.region == "shank.shoulders"]
    arcs = [abs(zone.phi_end_deg - zone.phi_start_deg) for zone in shoulders]
    # ornament on a split shank begins behind its opening, beside decorated arms beyond them; two are plain
    later = bool(found.shank.split) or len(shoulders) < len(found.decoration)
    assert len(arcs) == 2 or path.stem in ("bypass_oval", "r4", "carved_flanks")
    assert all((55 if later else 100) <= arc <= 120 for arc in arcs)
    if (
        narrow := {"slim": 2.6, "bypass": 3.6, "bypass_oval": 2.4, "r4": 1.8, "carved_flanks": 2.8}.get(path.stem)
    ) is not None:
        assert found.shank.width_top_mm == narrow
    else:
        assert found.shank.width_top_mm >= 4.5
        assert 2.8 <= found.shank.width_bottom_mm <= 3.2


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_every_value_has_its_reason(path: Path) -> None:
    found = resolve(load_spec(path))
    data = found.model_dump()
    reasons = data.pop("reasons")
    data.pop("version")
    for leaf in leaves(data):
        assert any(name in reasons for name in _prefixes(leaf)), leaf
    known = [prefix for leaf in leaves(data) for prefix in _prefixes(leaf)]
    assert set(reasons) <= set(known)
    assert {reason["kind"] for reason in reasons.values()} == {"given", "default", "derived"}


def test_the_usual_head_by_hand() -> None:
    """6.5 mm GIA reference stone: 0.10 + 1.25 + 1.0 + 1.28 + 0.68 + girdle + crown = 5.42 mm above the finger."""
    found = ring()
    crown = 0.215 * 6.5 * math.tan(math.radians(34.0))
    assert found.head.height_above_finger_mm == pytest.approx(0.10 + 1.25 + 1.0 + 1.28 + 0.68 + 0.1625 + crown)
    assert found.head.governed_by == "rails_and_gaps"
    assert 5.0 <= found.head.height_above_finger_mm <= 6.0
    assert found.head.prong_diameter_girdle_mm == pytest.approx(0.83 + 0.053 * 6.5)
    assert found.stone.weight_ct == pytest.approx(1.0, abs=0.03)


def test_a_large_stone_is_governed_by_its_culet_and_gets_a_pocket() -> None:
    found = ring(base=BASE.replace("6.5 mm", "10 mm"))
    assert found.head.governed_by == "culet_clearance"
    assert found.head.culet_pocket_depth_mm > 0
    check(found)


def test_a_standing_head_measures_from_the_shank() -> None:
    found = ring("head: {style: stand}\n")
    radius = 0.5 * found.ring.inner_diameter_mm
    assert found.head.culet_z_mm >= radius + found.shank.thickness_top_mm + 0.8 - 1e-9
    assert found.head.prong_foot_z_mm == pytest.approx(radius + found.shank.thickness_top_mm - 0.5)
    assert found.gallery.rails[1].bottom_z_mm >= radius + found.shank.thickness_top_mm + 0.4 - 1e-9
    check(found)


def test_given_stays_given() -> None:
    text = """
shank: {profile: flat, width_mm: {top: 5.1, bottom: 3.3}, thickness_mm: {top: 2.3, bottom: 1.9}, crown_rise_mm: 0.0,
        outer_edge_radius_mm: 0.31, inner_edge_radius_mm: 0.33, comfort_rise_mm: 0.07}
head: {prongs: 6, tip: almond, height_above_finger_mm: 6.4, prong_diameter_mm: 1.07, prong_base_diameter_mm: 1.21,
       prong_lean_deg: 8.5, notch_share: 0.22, girdle_clearance_mm: 0.04, bridge_thickness_mm: 1.33}
gallery: {shoulders: cathedral, seat_rail_width_mm: 0.95, seat_rail_height_mm: 1.15, base_rail_width_mm: 0.9,
          base_rail_height_mm: 1.2, arm_thickness_mm: 1.5, arm_width_mm: 3.9, lift_deg: 45}
"""
    found = ring(text)
    shank, head, gallery = found.shank, found.head, found.gallery
    assert (shank.width_top_mm, shank.width_bottom_mm, shank.thickness_top_mm, shank.thickness_bottom_mm) == (
        5.1,
        3.3,
        2.3,
        1.9,
    )
    assert (shank.outer_edge_radius_mm, shank.inner_edge_radius_mm, shank.comfort_rise_mm) == (0.31, 0.33, 0.07)
    assert (head.height_above_finger_mm, head.prong_diameter_girdle_mm, head.prong_diameter_base_mm) == (
        6.4,
        1.07,
        1.21,
    )
    assert (head.prong_lean_deg, head.notch_share, head.girdle_clearance_mm) == (8.5, 0.22, 0.04)
    assert (head.bridge_thickness_mm, gallery.arm_thickness_mm, gallery.arm_width_mm) == (1.33, 1.5, 3.9)
    assert gallery.lift_phi_deg == 45
    seat, base = gallery.rails
    assert seat.outer_radius_mm - seat.inner_radius_mm == pytest.approx(0.95)
    assert (seat.top_z_mm - seat.bottom_z_mm, base.top_z_mm - base.bottom_z_mm) == pytest.approx((1.15, 1.2))
    for path in ("shank.width_top_mm", "head.prong_lean_deg", "gallery.arm_width_mm", "head.height_above_finger_mm"):
        assert found.reasons[path].kind == "given"
    check(found)


def test_a_carat_and_its_diameter_are_the_same_ring() -> None:
    by_weight = ring(base=BASE.replace("6.5 mm", "1.00 ct"))
    assert by_weight.stone.weight_ct == pytest.approx(1.0, abs=1e-9)
    size = f"{by_weight.stone.diameter_mm:.12f} mm"
    by_size = ring(base=BASE.replace("6.5 mm", size))
    assert by_size.stone.weight_ct == pytest.approx(1.0, abs=1e-4)


def test_a_measured_stone_closes_its_depth() -> None:
    base = BASE.replace(
        "size: 6.5 mm", "size: 6.5 mm, measured: {table_percent: 58, crown_angle_deg: 35, depth_percent: 61.5}"
    )
    stone = ring(base=base).stone
    assert stone.depth_mm == pytest.approx(0.615 * 6.5)
    assert math.tan(math.radians(stone.pavilion_angle_deg)) == pytest.approx(stone.pavilion_depth_mm / 3.25)
    weighed = ring(base=BASE.replace("size: 6.5 mm", "size: 6.5 mm, measured: {weight_ct: 1.01}"))
    assert weighed.stone.weight_ct == 1.01


def test_one_size_up_moves_the_head_with_the_bore() -> None:
    small, large = ring(), ring(base=BASE.replace("US 7", "US 8"))
    step = 0.5 * (large.ring.inner_diameter_mm - small.ring.inner_diameter_mm)
    assert step == pytest.approx(0.4064)
    assert large.head.table_z_mm - small.head.table_z_mm == pytest.approx(step)
    assert large.head.height_above_finger_mm == pytest.approx(small.head.height_above_finger_mm)
    assert large.gallery.rails[0].outer_radius_mm == pytest.approx(small.gallery.rails[0].outer_radius_mm)
    assert large.shank == small.shank


def test_the_prompt_changes_nothing_else() -> None:
    one = ring("decoration: [{prompt: ivy, seed: 1}]\n")
    two = ring("decoration: [{prompt: scales, seed: 2}]\n")
    drop = {"decoration", "reasons"}
    assert one.model_dump(exclude=drop) == two.model_dump(exclude=drop)
    assert one.decoration[0].phi_start_deg == two.decoration[0].phi_start_deg


def test_shoulders_mirror() -> None:
    found = ring(
        "shank: {width_mm: 4}\naccents: [{setting: flush, stone: {size: 1.3 mm}, count: 4}]\n"
        "decoration: [{prompt: ivy}]\n"
    )
    right = sorted(s.phi_deg for s in found.accents[0].seats if s.phi_deg > 0)
    left = sorted(-s.phi_deg for s in found.accents[0].seats if s.phi_deg < 0)
    assert right == left and len(right) == 4
    assert len({s.id for s in found.accents[0].seats}) == 8
    assert found.decoration[0].phi_start_deg == -found.decoration[1].phi_start_deg


ROW = "shank: {width_mm: 4}\naccents: [{setting: flush, stone: {size: 1.3 mm}, count: 4, "
REFUSED = [
    ("head: {height_above_finger_mm: 3}\n", "head.height_above_finger_mm"),
    ("head: {style: stand, height_above_finger_mm: 5}\n", "head.height_above_finger_mm"),
    ("head: {culet_clearance_mm: 0.3}\n", "head.culet_clearance_mm"),
    ("head: {prong_diameter_mm: 0.6}\n", "head.prong_diameter_mm"),
    ("head: {prong_base_diameter_mm: 0.6}\n", "head.prong_base_diameter_mm"),
    ("head: {prong_lean_deg: 40}\n", "head.prong_lean_deg"),
    ("head: {style: stand, prong_lean_deg: 40}\n", "head.prong_lean_deg"),
    ("head: {notch_share: 0.6}\n", "head.notch_share"),
    ("head: {bridge_thickness_mm: 0.5}\n", "head.bridge_thickness_mm"),
    ("head: {bridge_thickness_mm: 4}\n", "head.bridge_thickness_mm"),
    ("gallery: {rail_gap_mm: 0.2}\n", "gallery.rail_gap_mm"),
    ("gallery: {seat_rail_width_mm: 0.5}\n", "gallery.seat_rail_width_mm"),
    ("gallery: {seat_rail_width_mm: 4}\n", "gallery.seat_rail_width_mm"),
    ("gallery: {seat_rail_height_mm: 0.5}\n", "gallery.seat_rail_height_mm"),
    ("gallery: {base_rail_height_mm: 0.5}\n", "gallery.base_rail_height_mm"),
    ("gallery: {shoulders: cathedral, arm_thickness_mm: 0.5}\n", "gallery.arm_thickness_mm"),
    ("gallery: {shoulders: cathedral, arm_width_mm: 9}\n", "gallery.arm_width_mm"),
    ("gallery: {shoulders: cathedral, lift_deg: 20}\n", "gallery.lift_deg"),
    ("shank: {thickness_mm: {top: 1, bottom: 2}}\n", "shank.thickness_mm.top"),
    ("shank: {width_mm: {top: 2.2, bottom: 1}}\n", "shank.width_mm.bottom"),
    ("shank: {outer_edge_radius_mm: 0.05}\n", "shank.outer_edge_radius_mm"),
    (
        "shank: {width_mm: 4}\naccents: [{setting: flush, stone: {size: 1.3 mm}, count: 4, gap_mm: 0.1}]\n",
        "accents.0.gap_mm",
    ),
    (
        "shank: {width_mm: 4}\naccents: [{setting: flush, stone: {size: 1.3 mm}, count: 4, start_deg: 5}]\n",
        "accents.0.start_deg",
    ),
    ("decoration: [{prompt: a, coverage_deg: 140}]\n", "decoration.0.coverage_deg"),
    ("decoration: [{prompt: a, coverage_deg: 12}]\n", "decoration.0.coverage_deg"),
    ("decoration: [{prompt: a, depth_mm: 0.9, strict: true}]\n", "decoration.0.depth_mm"),
    ("decoration: [{prompt: a, depth_mm: 0.4, mode: engrave, strict: true}]\n", "decoration.0.depth_mm"),
]


@pytest.mark.parametrize(("text", "field"), REFUSED)
def test_a_refusal_names_the_line_and_a_number_that_works(text: str, field: str) -> None:
    error = refusal(text)
    assert [p.field for p in error.problems] == [field]
    problem = error.problems[0]
    assert (
        problem.limit
        and problem.suggestion
        and problem.line == 5 + text[: text.find("accents")].count("\n") * (field.startswith("accents"))
    )
    number = float(re.findall(r"use (\d+(?:\.\d+)?)", problem.suggestion)[0])
    check(resolve(parse_spec(edit_spec_text(BASE + text, {field: number}))))


@pytest.mark.parametrize("given", ["arm_thickness_mm: 1.5", "arm_width_mm: 3", "lift_deg: 40"])
def test_arms_of_plain_shoulders_are_no_silent_wish(given: str) -> None:
    error = refusal(f"gallery: {{shoulders: plain, {given}}}\n")
    assert [(p.field, "cathedral" in (p.suggestion or "")) for p in error.problems] == [
        (f"gallery.{given.split(':')[0]}", True)
    ]


def test_the_lowest_height_is_the_lowest() -> None:
    for text in ("", "head: {style: stand}\n", "gallery: {rail_gap_mm: 0.8}\n"):
        low = edit_spec_text(BASE + text, {"head.height_above_finger_mm": 2.0})
        with pytest.raises(SpecError) as caught:
            resolve(parse_spec(low))
        number = float(re.findall(r"use (\d+(?:\.\d+)?)", caught.value.problems[0].suggestion or "")[0])
        check(resolve(parse_spec(edit_spec_text(BASE + text, {"head.height_above_finger_mm": number}))))
        with pytest.raises(SpecError):
            resolve(parse_spec(edit_spec_text(BASE + text, {"head.height_above_finger_mm": number - 0.02})))


@pytest.mark.parametrize("size", ["20 mm", "2 mm", "30 ct", "0.05 ct"])
def test_a_stone_that_does_not_fit_is_answered_with_one_that_does(size: str) -> None:
    problem = refusal("", BASE.replace("6.5 mm", size)).problems[0]
    assert (problem.field, problem.line) == ("stone.size", 4)
    proposal = re.findall(r"'([^']+ (?:mm|ct))'", problem.suggestion or "")[0]
    check(ring(base=BASE.replace("6.5 mm", proposal)))


@pytest.mark.parametrize(
    ("base", "field", "words"),
    [
        (BASE.replace("US 7", "US 7.3"), "ring_size", "US 7.25"),
        (BASE.replace("18k_yellow_gold", "18k_yelow"), "metal", "did you mean"),
        (BASE.replace("6.5 mm", "6.5 mm, gem: rubi"), "stone.gem", "ruby"),
        (BASE + "foundry: workshp\n", "foundry", "workshop"),
        (BASE + "foundry: absent.yaml\n", "foundry", "no such file"),
        (BASE.replace("6.5 mm", "6.5 mm, measured: {weight_ct: 3}"), "stone.measured.weight_ct", "15 %"),
        (
            BASE.replace("6.5 mm", "6.5 mm, measured: {pavilion_angle_deg: 40, depth_percent: 75}"),
            "stone.measured.depth_percent",
            "correct",
        ),
        (
            BASE.replace(
                "6.5 mm", "6.5 mm, measured: {crown_angle_deg: 42, pavilion_angle_deg: 45, girdle_percent: 2}"
            ),
            "stone.measured.girdle_percent",
            "at least 2.1",
        ),
        (BASE + "head: {style: stand}\ngallery: {shoulders: cathedral}\n", "gallery.shoulders", "basket"),
        (BASE + "decoration: [{prompt: a}, {prompt: b}]\n", "decoration.1.region", "decoration.0"),
    ],
)
def test_other_conflicts(base: str, field: str, words: str) -> None:
    error = refusal("", base)
    assert field in [p.field for p in error.problems]
    assert words in str(error)


def test_too_deep_a_relief_is_recorded_not_changed() -> None:
    found = ring("decoration: [{prompt: a, depth_mm: 0.9}]\n")
    assert found.decoration[0].depth_mm == 0.9
    assert "lowered to 0.50 mm" in found.reasons["decoration.0.depth_mm"].because


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("foundry: seed_minimum\n", FindingCode.PROFILE_NOT_RECOMMENDED),
        ("decoration: [{prompt: a, depth_mm: 0.9}]\n", FindingCode.RELIEF_CLIPPED),
        ("decoration: [{prompt: a, depth_mm: 0.9, mode: engrave}]\n", FindingCode.RELIEF_CLIPPED),
        ("head: {notch_share: 0.4}\n", FindingCode.NOTCH_DEPTH),
        ("shank: {thickness_mm: {top: 2, bottom: 1.4}}\n", FindingCode.SHANK_THIN),
        ("foundry: seed_minimum\nhead: {height_above_finger_mm: 5.5}\n", FindingCode.CULET_CLEARANCE),
    ],
)
def test_advice(text: str, code: FindingCode) -> None:
    base = BASE.replace("6.5 mm", "8 mm")
    found = advice(ring(text, base))
    assert code in [finding.code for finding in found]
    assert code not in [finding.code for finding in advice(ring(base=base))]
    if code is FindingCode.PROFILE_NOT_RECOMMENDED:
        assert "the article's minimum, not recommended" in found[0].message


def _rounded(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda x: round(x, 2))


SPECS = st.fixed_dictionaries(
    {
        "ringcad": st.just(1),
        "ring_size": st.sampled_from(["US 4", "US 7", "US 12", "UK N 1/2", "EU 50", "JP 9", "18.1 mm"]),
        "metal": st.sampled_from(["silver", "18k_yellow_gold", "platinum_950", "14k_white_gold", "bronze"]),
        "stone": st.fixed_dictionaries({"size": _rounded(3, 12).map(lambda x: f"{x} mm")}),
    },
    optional={
        "foundry": st.sampled_from(["workshop", "seed_minimum"]),
        "shank": st.fixed_dictionaries(
            {"profile": st.sampled_from(["flat", "d", "comfort_d", "knife_edge", "soft_cushion", "ellipse", "euro"])},
            optional={"width_mm": _rounded(1.5, 8), "thickness_mm": _rounded(1.2, 3)},
        ),
        "head": st.fixed_dictionaries(
            {"style": st.sampled_from(["basket", "stand"]), "prongs": st.sampled_from([4, 6])},
            optional={
                "height_above_finger_mm": _rounded(3, 10),
                "prong_diameter_mm": _rounded(0.6, 1.8),
                "notch_share": _rounded(0, 0.6),
            },
        ),
        "gallery": st.fixed_dictionaries(
            {"shoulders": st.sampled_from(["plain", "cathedral"])}, optional={"rail_gap_mm": _rounded(0.3, 2)}
        ),
        "accents": st.lists(
            st.fixed_dictionaries(
                {
                    "setting": st.just("flush"),
                    "stone": st.fixed_dictionaries({"size": _rounded(0.9, 2.5).map(lambda x: f"{x} mm")}),
                    "count": st.integers(1, 12),
                }
            ),
            max_size=2,
        ),
        "decoration": st.just([{"prompt": "ivy"}]),
    },
)


@settings(max_examples=150, deadline=None)
@given(SPECS)
def test_every_spec_resolves_soundly_or_is_refused_with_a_proposal(data: dict[str, Any]) -> None:
    spec = Spec.model_validate(data)
    try:
        found = resolve(spec)
    except SpecError as error:
        assert all(problem.field and (problem.suggestion or problem.limit) for problem in error.problems)
        return
    check(found)


def test_a_seat_rail_that_cannot_be_taller_is_refused_where_the_gate_would() -> None:
    base = """\
ringcad: 1
ring_size: UK R 1/2
metal: silver_925
stone: {cut: round, size: SIZE}
shank: {profile: d, width_mm: {top: 6.15, bottom: 3.2}, thickness_mm: {top: 2.4, bottom: 2.0}}
head: {style: stand, prongs: 6, tip: almond}
"""
    [problem] = refusal("", base.replace("SIZE", "6.5 mm")).problems
    assert problem.field == "stone.size"
    assert "0.72 mm" in str(problem) and "0.90 mm" in str(problem)
    nearest = re.search(r"'([\d.]+ mm)'", str(problem))
    assert nearest is not None
    seat_rail = resolve(parse_spec(base.replace("SIZE", nearest[1]))).gallery.rails[0]
    assert seat_rail.top_z_mm - seat_rail.bottom_z_mm > 1.28  # the default height, which did not do
