"""The certificate's page: well formed, self-contained, harmless, and it says what the certificate says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from test_certificate import RING, certified
from test_report_html import Page
from verify_ring_bodies import arrays_of, resolved_ring, ring_solid

from ringcad.cli import main
from ringcad.export.certificate_html import certificate_html, grouped
from ringcad.verify.certificate import Certificate, Difference, read_certificate
from ringcad.verify.certificate_rules import RuleRow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certified ring with flush stones, beside its files."""
    place: Path = tmp_path_factory.mktemp("certified")
    certified(place, arrays_of(ring_solid(RING)))
    return place


@pytest.fixture(scope="module")
def certificate(folder: Path) -> Certificate:
    return read_certificate(folder / "ring.cert.json")


def page_of(certificate: Certificate, **more: Any) -> str:
    return certificate_html(certificate, RING, certificate_bytes=b"content", **more)


def test_the_page_is_well_formed_loads_nothing_and_is_the_same_twice(certificate: Certificate) -> None:
    text = page_of(certificate)
    page = Page(text)
    assert page.sources == [] and "script" not in page.tags
    assert "default-src 'none'" in text and "@page { size: A4" in text
    assert text == page_of(certificate)


def test_every_rule_stands_there_with_value_limits_place_method_and_uncertainty(certificate: Certificate) -> None:
    text = Page(page_of(certificate)).text
    for item in certificate.rules:
        assert item.subject in text and item.method in text and (item.what in text) and item.source in text
        assert item.what and item.source  # nothing is judged by a limit from nowhere
    for file in certificate.files:
        assert file.name in text and file.sha256 in text
    assert hashlib.sha256(b"content").hexdigest() in text
    for digest in certificate.provenance.tables.values():
        assert digest in text
    seat = next(item for item in certificate.rules if item.subject == "center: seat angle")
    assert f"{seat.measured:.2f}" in text and certificate.profile in text and RING.ring.label in text


def test_both_states_of_the_setting_stand_side_by_side(certificate: Certificate) -> None:
    closed = {item.subject: item for item in certificate.rules if item.state == "as_set"}
    lift = closed["center: held when lifted"]
    assert lift.before is not None and lift.measured is not None and lift.before < lift.measured
    section = page_of(certificate).partition("<h2>Setting</h2>")[2].partition("<h2>")[0]
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", section)]
    at = cells.index("metal that must give way when lifted")
    assert cells[at + 1] == f"{lift.before:.3f} mm" and cells[at + 2] == f"{lift.measured:.3f} mm"
    assert {"free way when lifted", "free way when pressed down", "free way when tilted", "free way when turned",
            "free way when pushed aside", "contact along the crown"} <= set(cells)  # fmt: skip
    for what in ("girdle clearance", "notch, share of the prong"):  # of the file alone
        assert cells[cells.index(what) + 2] == "–"


def row(subject: str, measured: float, **more: Any) -> RuleRow:
    values = {"code": "prong_section", "state": "as_cast", "low": 1.0, "high": None, "unit": "mm", "place_mm": None,
              "method": "m", "uncertainty": 0.01, "verdict": "pass"} | more  # fmt: skip
    return RuleRow.model_validate({"subject": subject, "measured": measured, **values})


def test_equal_places_are_told_together_by_the_worst() -> None:
    rows = [row("center prong 1: x", 1.3), row("center prong 2: x", 1.1), row("center prong 3: x", 1.2)]
    (group,) = grouped(rows)
    assert group.subject == "center prong" and group.worst is rows[1]
    failing = row("center prong 4: x", 1.5, verdict="fail")
    assert grouped([*rows, failing])[0].worst is failing
    between = [row("flush_0_left_1: y", 0.5, low=0.0, high=1.0), row("flush_0_right_0: y", 0.9, low=0.0, high=1.0)]
    assert grouped(between)[0].worst is between[1]
    assert len(grouped([rows[0], row("center: x", 1.0)])) == 2


@pytest.mark.parametrize("text", ["<b>&\"'", "</style><script>alert(1)</script>", "Зажим 指輪 ✓"])
def test_names_from_outside_cannot_write_markup(certificate: Certificate, text: str) -> None:
    named = certificate.model_copy(update={"ring": text, "profile": text, "warnings": (text,)})
    harmless, page = Page(page_of(certificate)), Page(page_of(named))
    assert page.tags == harmless.tags and page.attributes == harmless.attributes and text in page.text


def test_a_refusal_and_a_difference_are_said_at_the_top(certificate: Certificate) -> None:
    refused = certificate.model_copy(update={"verdict": "refused", "profile_recommended": False})
    found = [Difference("file ring.stl", "sha256 aa", "sha256 bb")]
    page = Page(page_of(refused, differences=found)).text
    assert page.index("refused") < page.index("Ring") and "first file ring.stl" in page
    assert "not its advice" in page
    assert "every file and every rule is as certified" in Page(page_of(certificate, differences=[])).text
    assert "Measured again" not in Page(page_of(certificate)).text


def test_pictures_are_inside_the_page_and_the_wall_map_is_wide(certificate: Certificate, tmp_path: Path) -> None:
    for name in ("hero", "wall"):
        Image.fromarray(np.full((40, 60, 3), 128, np.uint8)).save(tmp_path / f"{name}.png")
    text = page_of(certificate, pictures=[tmp_path / "hero.png", tmp_path / "wall.png"])
    page = Page(text)
    assert len(page.sources) == 2 and all(source.startswith("data:image/jpeg;base64,") for source in page.sources)
    assert "Wall thickness" in page.text and text.count('<figure class="wide">') == 1


def test_verify_writes_the_page_beside_the_certificate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(folder / "ring.cert.json"), "--html"]) == 0
    text = (folder / "ring.cert.html").read_text(encoding="utf-8")
    assert "ring.cert.html" in capsys.readouterr().out
    assert "every file and every rule is as certified" in Page(text).text
    assert hashlib.sha256((folder / "ring.cert.json").read_bytes()).hexdigest() in text
    assert main(["verify", str(folder / "ring.cert.json"), "--html", str(folder / "none" / "page.html")]) == 2


def test_a_ring_with_flush_stones_has_a_row_for_each_kind(tmp_path: Path) -> None:
    from ringcad.verify.certificate_rules import rule_rows
    from ringcad.verify.mesh import mesh_from_arrays
    from ringcad.verify.rays import RayCaster
    from ringcad.verify.setting.rules import judge_settings

    ring = resolved_ring(flush=True)
    report = judge_settings(RayCaster(mesh_from_arrays(*arrays_of(ring_solid(ring)))), ring)
    rows = rule_rows({"setting_rules": list(report.rules)}, ring, report.findings)
    keys = [item.key for item in rows if item.source]
    assert len(set(keys)) == len(keys)
    subjects = {group.subject for group in grouped(rows)}
    assert {"center", "center prong", "right"} & subjects >= {"center", "center prong"}
    lip = next(item for item in rows if item.subject.endswith(": lip"))
    assert lip.state == "as_set" and lip.before is not None and lip.before < 40.0 == lip.measured
    top = next(item for item in rows if item.subject.endswith(": lip's top"))
    assert top.measured == pytest.approx(40.0, abs=0.1) and top.before is not None and top.before > 100.0
