"""Tests of the report's data: weights, stone list, setting table, dimensions."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_sample import round_stone, sample_ring

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.export.report import MINIMUM_SENTENCE, ReliefRow, WallRow, make_report, stone_rows
from ringcad.export.report_dimensions import dimension_rows, label_and_unit
from ringcad.export.report_setting import CONTACT_RANGE, setting_rows
from ringcad.export.report_weights import polish_of, weigh
from ringcad.resolved import ResolvedRing
from ringcad.verify.setting.closing import FINISHED_HEIGHT_TARGET

NOTHING: list[Any] = []
EMPTY: dict[str, Any] = {
    **dict.fromkeys(("findings", "walls", "relief"), NOTHING),
    **{key: {} for key in ("measurements", "timings_s", "files", "sha256")},
    "weights": None,
}


def with_head(ring: ResolvedRing, **changes: object) -> ResolvedRing:
    return ring.model_copy(update={"head": ring.head.model_copy(update=changes)})


def test_weight_of_a_torus_is_volume_times_density_and_polish_is_a_thin_shell() -> None:
    ring = sample_ring(accents=False)
    major, minor = 9.6, 1.0
    volume = 2 * math.pi**2 * major * minor**2
    area = 4 * math.pi**2 * major * minor
    weights = weigh(ring, volume, {"skin": area})
    assert weights.as_cast_g == pytest.approx(volume * 15.5e-3, rel=1e-12)
    # Taking 0.1 mm off a torus tube leaves a tube of radius 0.9; the shell formula is first order in it.
    exact = 2 * math.pi**2 * major * (minor - 0.1) ** 2 * 15.5e-3
    assert weights.finished_g < exact < weights.as_cast_g
    assert exact - weights.finished_g == pytest.approx(2 * math.pi**2 * major * 0.1**2 * 15.5e-3, rel=1e-9)


@given(
    volume=st.floats(50, 2000),
    areas=st.dictionaries(
        st.sampled_from(["skin", "bore", "seat.center", "seat_rail", "prong", ""]), st.floats(0, 400)
    ),
    scale=st.floats(1.0, 1.04),
)
def test_a_scaled_file_weighs_what_the_unscaled_one_does(volume: float, areas: dict[str, float], scale: float) -> None:
    ring = sample_ring()
    scaled = ring.model_copy(update={"foundry": ring.foundry.model_copy(update={"casting_scale": scale})})
    plain = weigh(ring, volume, areas)
    again = weigh(scaled, volume * scale**3, {label: area * scale**2 for label, area in areas.items()})
    assert again.as_cast_g == pytest.approx(plain.as_cast_g, rel=1e-9)
    assert again.finished_g == pytest.approx(plain.finished_g, rel=1e-9, abs=1e-9)
    assert 0 <= plain.finished_g <= plain.as_cast_g
    assert plain.polish_loss_g == pytest.approx(plain.as_cast_g - plain.finished_g, abs=1e-9)


def test_polish_follows_the_origin_of_the_face() -> None:
    assert [polish_of(label) for label in ("skin", "prong.1", "", "bore", "seat.center", "prong.notch", "pilot")] == [
        "outer",
        "outer",
        "outer",
        "bore",
        "none",
        "none",
        "none",
    ]
    ring = sample_ring()
    assert weigh(ring, 300.0, {"seat.flush": 50.0}).polish_loss_g == 0.0
    outer = weigh(ring, 300.0, {"skin": 50.0}).polish_loss_g
    for recess in ("relief", "seat_rail", "base_rail"):
        assert weigh(ring, 300.0, {recess: 50.0}).polish_loss_g == pytest.approx(outer / 2)


@pytest.mark.parametrize("volume", [0.0, -3.0, math.nan, math.inf])
def test_an_open_or_inverted_mesh_is_not_weighed(volume: float) -> None:
    with pytest.raises(ValueError, match="encloses no volume"):
        weigh(sample_ring(), volume, {"": 1.0})


def test_stones_apart_in_carats() -> None:
    weights = weigh(sample_ring(), 300.0, {})
    assert weights.stones_ct == pytest.approx(0.00365 * (6.5**3 + 10 * 1.3**3), rel=1e-12)
    assert weights.stones_g == pytest.approx(weights.stones_ct * 0.2, rel=1e-12)


def test_equal_accents_are_one_line_of_the_stone_list() -> None:
    ring = sample_ring()
    group = ring.accents[0]
    other = group.model_copy(update={"stone": round_stone(1.5), "seats": group.seats[:3]})
    rows = stone_rows(ring.model_copy(update={"accents": (group, other, group)}))
    assert [(r["place"], r["diameter_mm"], r["count"]) for r in rows] == [
        ("center", 6.5, 1),
        ("flush", 1.3, 20),
        ("flush", 1.5, 3),
    ]
    assert sum(r["weight_ct"] for r in rows) == pytest.approx(0.00365 * (6.5**3 + 20 * 1.3**3 + 3 * 1.5**3), rel=1e-12)


@given(diameter=st.floats(3.0, 13.0), dome=st.floats(0.25, 0.6))
def test_a_prong_to_the_table_can_be_set_by_the_benchmark(diameter: float, dome: float) -> None:
    """A tip at table height plus a dome always reaches the contact that the benchmark asks for."""
    ring = sample_ring(stone=round_stone(diameter), accents=False)
    stone, head = ring.stone, ring.head
    ring = with_head(
        ring,
        prong_diameter_girdle_mm=min(1.8, max(0.8, 0.65 + 0.07 * diameter)),
        prong_tip_z_mm=head.girdle_z_mm + stone.girdle_mm + stone.crown_height_mm + dome,
    )
    rows = {row.rule: row for row in setting_rows(ring)}
    contact = rows["Contact along the crown"]
    assert contact.as_set is not None and contact.verdict == "ok"
    assert 100 * CONTACT_RANGE[0] - 1e-9 <= contact.as_set <= 100 * CONTACT_RANGE[1] + 1e-9
    share = rows["Finished height, share of crown"].as_set
    assert share is not None and share <= 100 * FINISHED_HEIGHT_TARGET + 1e-9


def test_a_prong_cut_off_at_the_girdle_holds_nothing() -> None:
    ring = sample_ring()
    low = with_head(ring, prong_tip_z_mm=ring.head.girdle_z_mm + ring.stone.girdle_mm + 0.05)
    rows = {row.rule: row for row in setting_rows(low)}
    assert rows["Contact along the crown"].verdict == "error"
    assert rows["Prong above the girdle"].verdict == "warning"


@pytest.mark.parametrize(("share", "verdict"), [(0.25, "ok"), (0.3, "info"), (0.4, "warning"), (0.51, "error")])
def test_notch_share_is_judged_by_its_steps(share: float, verdict: str) -> None:
    rows = {row.rule: row for row in setting_rows(with_head(sample_ring(), notch_share=share))}
    assert rows["Notch, share of the prong"].verdict == verdict


def test_every_number_of_the_ring_is_in_the_dimension_table_with_its_reason() -> None:
    ring = sample_ring()
    rows = {row["path"]: row for row in dimension_rows(ring)}
    assert rows["ring.inner_diameter_mm"]["kind"] == "given"  # the reason was recorded for the whole "ring"
    assert rows["shank.width_top_mm"]["because"] == "shank.width_mm.top"
    assert rows["shank.width_bottom_mm"]["kind"] is None
    for section in ("shank", "head", "gallery", "foundry"):
        for name, value in getattr(ring, section).model_dump().items():
            if isinstance(value, (int, float)):
                assert rows[f"{section}.{name}"]["value"] == value
    assert not any("color" in path for path in rows)


def test_list_indices_of_reasons_may_be_written_either_way() -> None:
    ring = sample_ring()
    reason = ring.reasons["ring"]
    for path in ("accents[0].cut_in_mm", "accents.0.cut_in_mm"):
        rows = {row["path"]: row for row in dimension_rows(ring.model_copy(update={"reasons": {path: reason}}))}
        assert rows["accents.0.cut_in_mm"]["because"] == reason.because


def test_units_come_from_the_names() -> None:
    assert label_and_unit("head.prong_lean_deg") == ("Prong lean", "°")
    assert label_and_unit("accents.0.pilot_diameter_mm") == ("Pilot diameter", "mm")
    assert label_and_unit("metal.density_g_cm3") == ("Density", "g/cm³")


def test_report_is_plain_json_and_keeps_the_order_of_weight() -> None:
    ring = sample_ring()
    findings = [
        Finding(FindingCode.RELIEF_CLIPPED, Severity.INFO, "clipped"),
        Finding(FindingCode.WALL_STRUCTURAL, Severity.ERROR, "thin", 0.4, 0.5, "mm", (1.0, 2.0, 3.0)),
        Finding(FindingCode.PLATFORM_SHARE, Severity.WARNING, "much"),
    ]
    arguments = dict(
        EMPTY,
        findings=findings,
        walls=[WallRow("floor", "structural", 0.8, 1.6, np.float64(1.61), (0.0, 0.0, 9.0))],  # type: ignore[arg-type]
        relief=[ReliefRow("z", "ornament", "p", 7, "emboss", 0.35, filter_changes={"opened_share": math.nan})],
        measurements={"genus": np.int64(3), "box_mm": np.array([1.5, 2.5]), "bad": math.inf},
    )
    report = make_report(ring, status="refused", **arguments)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert [f["severity"] for f in report["findings"]] == ["error", "warning", "info"]
    assert report["measurements"] == {"genus": 3, "box_mm": [1.5, 2.5], "bad": None}
    assert report["relief"][0]["filter_changes"] == {"opened_share": None}
    assert report["foundry"]["sentence"] is None
    assert report["ringcad_report"] == 1


def test_the_article_s_minimum_is_called_what_it_is() -> None:
    report = make_report(sample_ring(recommended=False), status="ok", **EMPTY)
    assert report["foundry"]["sentence"] == MINIMUM_SENTENCE


def test_a_report_cannot_say_ok_beside_an_error() -> None:
    error = Finding(FindingCode.GENUS, Severity.ERROR, "a hole too many")
    with pytest.raises(ValueError, match="a hole too many"):
        make_report(sample_ring(), status="ok", **dict(EMPTY, findings=[error]))
    with pytest.raises(ValueError, match="fine"):
        make_report(sample_ring(), status="fine", **EMPTY)


def test_wall_map_joins_bounds_and_measurements() -> None:
    summary = {
        "wall_bound_mm": {"shank_floor": {"bound_mm": 1.6, "phi_deg": 80.0}, "decorated_floor": {"bound_mm": 1.7}}
    }
    measured = {
        "walls": {
            "shank_floor": {"min_mm": 1.63, "limit_mm": 0.8, "place_mm": [0.0, 0.0, 9.0], "lines": 4000},
            "prong:0": {"min_mm": 0.83, "limit_mm": 0.8, "place_mm": [1.0, 2.0, 11.0], "lines": 16},
        },
        "detail": {"right": {"narrowest_mm": 0.36}},
    }
    report = make_report(sample_ring(), status="ok", **dict(EMPTY, plan_summary=summary, measurements=measured))
    found = {w["site"]: (w["site_class"], w["bound_mm"], w["measured_mm"], w["limit_mm"]) for w in report["walls"]}
    assert found == {
        "shank_floor": ("structural", 1.6, 1.63, 0.8),
        "decorated_floor": ("structural", 1.7, None, 0.8),
        "prong:0": ("structural", None, 0.83, 0.8),
        "relief:right": ("detail", None, 0.36, 0.35),
    }
    given = [WallRow("floor", "structural", 0.5)]
    again = make_report(sample_ring(), status="ok", **dict(EMPTY, walls=given, plan_summary=summary))
    assert [w["site"] for w in again["walls"]] == ["floor"]


def test_what_filter_and_budget_changed_is_read_from_the_plan() -> None:
    zone = {"filter_changed_share": 0.02, "budget_clipped_share": 0.01, "length_mm": 20.0, "platform_share": 0.2}
    rows = [ReliefRow("a", "ornament", "p", 7, "emboss", 0.35), ReliefRow("b", "ornament", "p", 7, "emboss", 0.35)]
    arguments = dict(EMPTY, relief=rows, plan_summary={"zones": {"a": zone}})
    first, second = make_report(sample_ring(), status="ok", **arguments)["relief"]
    assert first["filter_changes"] == {"changed_share": 0.02}
    assert first["budget_changes"] == {"clipped_share": 0.01}
    assert first["platform_share"] == 0.2
    assert second["filter_changes"] == {} and second["platform_share"] is None
