"""Tests of the page: nothing gets out of its text, nothing is loaded, everything is said."""

from __future__ import annotations

import base64
import io
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from report_sample import sample_ring

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.export.report import MINIMUM_SENTENCE, ReliefRow, WallRow, make_report, write_report_json
from ringcad.export.report_html import report_html, write_report_html
from ringcad.export.report_pictures import PICTURE_WIDTH_PX, embed_ahead, embedded_jpeg
from ringcad.export.report_text import change, number, value_text, wall_bar, words
from ringcad.export.report_weights import weigh

VOID = {"meta", "img", "rect", "line"}


class Page(HTMLParser):
    """Collects tags and text, and insists that every element is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: set[str] = set()
        self.sources: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(text)
        self.close()
        assert self.stack == [], f"left open: {self.stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.stack:
            self.text += data


def sample_report(text: str = "ivy vine", **changes: Any) -> dict[str, Any]:
    ring = sample_ring(name=text, **changes)
    finding = Finding(
        FindingCode.RELIEF_CLIPPED, Severity.WARNING, text, 0.04, 0.0, "mm", (1.0, -2.0, 3.0), "decoration", text
    )
    zone = ReliefRow(
        text, "ornament", text, 7, "emboss", 0.35, (text,), (text,), (text,), {"opened_share": 0.012},
        {"clipped_max_mm": 0.04}, 0.21, "ab" * 32, stretch={"along": (0.94, 1.0), "across": (0.87, 1.21)},
    )  # fmt: skip
    return make_report(
        ring,
        status="ok",
        findings=[finding],
        walls=[WallRow(text, "structural", 0.8, 1.62, 1.631), WallRow("relief_width", "detail", 0.35, None, 0.36)],
        relief=[zone],
        weights=weigh(ring, 310.0, {"skin": 300.0, "bore": 150.0}),
        measurements={text or "name": text},
        timings_s={"mesh": 1.25},
        files={"stl": text or "ring.stl", "pictures": ["a.jpg", "b.jpg"]},
        sha256={"a.jpg": "0" * 64},
        platform_share=0.21,
        spec_file=text,
        versions={"ringcad": text},
    )


def test_page_is_well_formed_and_says_what_the_report_holds() -> None:
    page = Page(report_html(sample_report()))
    for said in (
        "ivy vine", "US 7", "18k yellow gold", "1.00 ct", "Passed the gate", "As cast", "As set", "Walls by site",
        "1.620 mm", "1.631 mm", "Understood:", "Retrieved:", "Not understood:", "opened 1.2 %", "clipped max 0.040 mm",
        "21.0 %", "Workshop, as cast", "rails and gaps", "two rails of 0.9 mm with a 0.6 mm gap", "Fix:", "0" * 64,
        "b.jpg", "4.80 g", "1 mm drawn is 0.94 to 1.00 mm along and 0.87 to 1.21 mm across on the metal",
    ):  # fmt: skip
        assert said in page.text, said
    assert MINIMUM_SENTENCE not in page.text


def test_the_page_says_when_the_profile_is_only_the_article_s_minimum() -> None:
    assert MINIMUM_SENTENCE in Page(report_html(sample_report(recommended=False))).text


HARMLESS = Page(report_html(sample_report()))


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40).map(lambda t: t + "<script>\"'&</td>"))
def test_no_text_of_the_user_becomes_markup(text: str) -> None:
    page = Page(report_html(sample_report(text)))
    assert page.tags <= HARMLESS.tags
    assert page.attributes <= HARMLESS.attributes
    assert page.text.count(text) >= 8


def test_page_loads_nothing(tmp_path: Path) -> None:
    picture = tmp_path / "hero.png"
    Image.new("RGB", (1600, 1200), (200, 160, 80)).save(picture)
    text = report_html(sample_report(), [picture, picture])
    page = Page(text)
    assert len(page.sources) == 2
    assert all(source.startswith("data:image/jpeg;base64,") for source in page.sources)
    assert "url(" not in text and "@import" not in text and "http://" not in text and "https://" not in text
    assert not page.tags & {"script", "link", "iframe", "object", "form"}


def test_page_is_the_same_from_the_report_read_back(tmp_path: Path) -> None:
    report = sample_report()
    write_report_json(report, tmp_path / "report.json")
    write_report_html(report, [], tmp_path / "report.html")
    again = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report_html(again) == (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_refused_ring_without_mesh_has_a_page_too() -> None:
    ring = sample_ring(accents=False, decoration=(), reasons={})
    error = Finding(FindingCode.BOOLEAN_FAILED, Severity.ERROR, "The prongs do not reach the rail.")
    report = make_report(
        ring, status="refused", findings=[error], walls=[], relief=[], weights=None, measurements={}, timings_s={},
        files={}, sha256={},
    )  # fmt: skip
    page = Page(report_html(report))
    assert "Refused" in page.text and "The prongs do not reach the rail." in page.text
    assert "Passed the gate" not in page.text and "Walls by site" not in page.text


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_embedded_picture_is_scaled_and_flat(tmp_path: Path, mode: str) -> None:
    picture = tmp_path / "wide.png"
    Image.new(mode, (2 * PICTURE_WIDTH_PX, 600)).save(picture)
    head, data = embedded_jpeg(picture).split(",", 1)
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (PICTURE_WIDTH_PX, 300))
        if mode == "RGBA":  # fully transparent: the paper shows
            assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_every_mode_is_shown_as_on_white_paper(tmp_path: Path, mode: str) -> None:
    """Whatever the way, the embedded picture is the one that was laid on white by hand."""
    rows = np.random.default_rng(1).integers(0, 256, (40, 60, 4), dtype=np.uint8)
    picture = Image.fromarray(rows).convert(mode)
    picture.save(tmp_path / "x.png")
    layer = picture.convert("RGBA")
    by_hand = Image.alpha_composite(Image.new("RGBA", layer.size, (255, 255, 255, 255)), layer).convert("RGB")
    stream = io.BytesIO()
    by_hand.save(stream, "JPEG", quality=86, optimize=True, progressive=True)
    assert embedded_jpeg(tmp_path / "x.png").endswith(base64.b64encode(stream.getvalue()).decode())


def test_pictures_prepared_ahead_are_those_of_the_page(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.png" for name in ("hero", "front")]
    for place, path in enumerate(paths):
        Image.new("RGB", (1200, 600), (10 * place, 20, 30)).save(path)
    page = report_html(sample_report(), paths)
    embed_ahead(paths[:1])
    embed_ahead(paths[1:], 1)
    assert report_html(sample_report(), paths) == page
    Image.new("RGB", (1200, 600), (200, 20, 30)).save(paths[0])  # a new picture under an old name
    assert report_html(sample_report(), paths) != page


def test_small_pictures_are_not_blown_up(tmp_path: Path) -> None:
    picture = tmp_path / "small.png"
    Image.new("RGB", (64, 48)).save(picture)
    with Image.open(io.BytesIO(base64.b64decode(embedded_jpeg(picture).split(",", 1)[1]))) as image:
        assert image.size == (64, 48)


def test_numbers_are_written_as_a_jeweler_writes_them() -> None:
    assert number(-0.5, 2) == "\u22120.50"
    assert number(-0.0001, 2) == "0.00"
    assert number(None, 2) == number(float("nan"), 2) == "–"
    assert value_text(4.6, "mm").startswith("4.60 ")
    assert value_text(4.701, "mm").startswith("4.701 ")
    assert value_text(True, "") == "yes"
    assert value_text("comfort_d", "") == "comfort d"
    assert words("rails_and_gaps") == "rails and gaps"
    assert change("clipped_share", 0.031) == "clipped 3.1 %"
    assert change("removed_pieces", 2) == "removed pieces 2"


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0.1, 10))
def test_wall_bar_stays_inside_its_box(bound: float, measured: float, full: float) -> None:
    svg = Page(wall_bar(bound, measured, 0.8, full))
    assert svg.tags == {"svg", "rect", "line"}
    widths = [float(piece.split('"')[0]) for piece in wall_bar(bound, measured, 0.8, full).split('width="')[1:]]
    assert all(0 <= width <= 100 for width in widths)


def test_equal_sites_are_shown_once_by_their_thinnest() -> None:
    ring = sample_ring()
    walls = [
        WallRow(f"prong:{k}", "structural", 0.8, None, value) for k, value in enumerate((0.9, 0.85, 0.95))
    ]  # fmt: skip
    report = make_report(
        ring, status="ok", findings=[], walls=walls, relief=[], weights=None, measurements={}, timings_s={}, files={},
        sha256={},
    )  # fmt: skip
    assert len(report["walls"]) == 3
    text = Page(report_html(report)).text
    assert "prong (3)" in text and "0.850 mm" in text and "0.900 mm" not in text


def test_a_finding_that_both_shoulders_have_is_said_once() -> None:
    finding = Finding(FindingCode.RELIEF_FILTERED, Severity.WARNING, "Changed 10 %.", fix="Ask for less.")
    placed = Finding(
        FindingCode.DETAIL_WIDTH, Severity.WARNING, "Thin at (1.00, -2.50, 3.00).", place_mm=(1.0, -2.5, 3.0)
    )
    report = make_report(
        sample_ring(), status="ok", findings=[finding, placed, finding], walls=[], relief=[], weights=None,
        measurements={}, timings_s={}, files={}, sha256={},
    )  # fmt: skip
    assert len(report["findings"]) == 3
    text = Page(report_html(report)).text
    assert text.count("Changed 10 %.") == 1 and "2 times" in text
    assert "at x 1.0" not in text
