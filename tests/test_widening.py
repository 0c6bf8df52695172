"""A decoration that does not fit is answered with a width of the shank that does, found by trying."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ringcad
from ringcad.core.errors import SpecError
from ringcad.registry import load_generator, load_template
from ringcad.reliefs import make_request
from ringcad.resolve import resolve
from ringcad.spec import edit_spec_text, parse_spec

SOLITAIRE = """\
ringcad: 1
ring_size: US 6.5
metal: 14k_rose_gold
stone: {cut: oval, size: 1.5 ct}
shank: {profile: ellipse, taper: pinched, width_mm: {top: 3.0, bottom: 2.8}}
decoration: [{prompt: "wild roses with leaves, milgrain edges", seed: 4}]
"""
BAND = """\
ringcad: 1
template: band
ring_size: UK M
metal: silver_925
shank: {width_mm: 2.2}
decoration: [{prompt: "lilies with milgrain edges"}]
"""


@pytest.mark.parametrize(("text", "field"), [(SOLITAIRE, "shank.width_mm.top"), (BAND, "shank.width_mm")])
def test_the_width_that_is_proposed_works_when_typed_in(text: str, field: str, tmp_path: Path) -> None:
    spec_file = tmp_path / "ring.yaml"
    spec_file.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        ringcad.build(spec_file, tmp_path / "out")
    [problem] = caught.value.problems
    assert problem.field == "decoration.0" and not problem.message.startswith("decoration")
    edit = re.search(r"On this ring '([\w.]+): ([\d.]+)' does", str(problem))
    assert edit is not None and edit[1] == field
    wider = resolve(parse_spec(edit_spec_text(text, {field: float(edit[2])})))
    zone = wider.decoration[0]
    size = load_template(wider.template).zones(wider)[zone.id]
    relief = load_generator(zone.generator).generate(make_request(zone, size, wider, tmp_path))
    assert relief.height.max() > 0.9
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
