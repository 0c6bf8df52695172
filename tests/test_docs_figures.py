"""Figures that pages state and no other test prints: read from the page, held against the program."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from ringcad.fit.bezel_wall import wall_chart
from ringcad.resolve import halo, halo_choice, resolve
from ringcad.resolve.halo_row import all_round
from ringcad.resolve.ledger import Ledger
from ringcad.resolved import BezelRing, FancyStone, bezeled
from ringcad.spec import parse_spec
from ringcad.stones.of_ring import cut_stone

DOCS = Path(__file__).parent.parent / "docs"
METAL = "ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\n"


def figures(page: str, pattern: str) -> list[float]:
    """The numbers of a sentence, whose words must stand on the page."""
    words = " ".join((DOCS / page).read_text(encoding="utf-8").split())
    found = re.search(pattern, words)
    assert found is not None, f"docs/{page} no longer says {pattern!r}"
    return [float(one) for one in found.groups()]


def test_what_a_halo_leaves_empty_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    least, most = figures("halo.md", r"defaults leave ([\d.]+) to ([\d.]+)\)")
    shares: list[float] = []

    def chosen(ledger: Ledger, center: halo_choice.Center) -> halo_choice.Choice | None:
        choice = halo_choice.best_row(ledger, center)
        assert choice is not None
        places = all_round(choice.line, choice.row)
        shares.append(halo_choice.pocket_mm(center, choice, places) / choice.diameter)
        return choice

    monkeypatch.setattr(halo, "best_row", chosen)
    for cut, sizes in {
        "round": ("5.0", "6.5", "8.0"),
        "oval": ("7x5", "8x6", "10x8"),
        "cushion": ("6x6", "7x7", "8x8"),
        "emerald": ("7x5", "8x6", "9x7"),
        "asscher": ("5.5x5.5", "6.5x6.5", "7.5x7.5"),
        "radiant": ("7x5", "8x6", "9x7"),
    }.items():
        for size in sizes:
            resolve(parse_spec(f"{METAL}template: halo\nstone: {{cut: {cut}, size: {size} mm}}\n"), "halo")
    assert least - 0.005 <= min(shares) <= max(shares) <= most + 0.005


def bezel(stone: str, more: str = "") -> BezelRing:
    found = bezeled(resolve(parse_spec(f"{METAL}template: bezel_solitaire\nstone: {{{stone}}}\n{more}"), "bezel"))
    assert found is not None
    return found


def test_the_cone_on_which_an_ovals_mains_lie() -> None:
    sides, ends = figures("bezels.md", r"mains lie: (\d+) degrees at the sides of an 8 x 6 oval, (\d+) at its ends")
    stone = bezel("cut: oval, size: 8x6 mm").stone
    assert isinstance(stone, FancyStone)
    depth = cut_stone(stone).pavilion_mm
    slopes = [math.degrees(math.atan2(depth, half)) for half in (3.0, 4.0)]
    assert slopes == pytest.approx([sides, ends], abs=0.5)


def test_how_far_an_ovals_wall_stretches_its_relief() -> None:
    least, most = figures("bezels.md", r"curvature is: ([\d.]+) to ([\d.]+) on a 9 x 7 mm oval")
    wall = "decoration:\n  - {region: bezel.wall, prompt: ivy, depth_mm: 0.3}\n"
    chart = wall_chart(bezel("cut: oval, size: 9x7 mm", wall))
    stretch = chart.round_stretch[chart.rows]
    assert [stretch.min(), stretch.max()] == pytest.approx([least, most], abs=0.005)
