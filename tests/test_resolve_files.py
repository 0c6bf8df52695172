"""What of a ring depends on files beside its spec, and the names that rings may have."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringcad.core.errors import InputError, SpecError
from ringcad.resolve import resolve
from ringcad.spec import load_spec, parse_spec
from ringcad.standards.tables import data_text

BASE = "ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {size: 6.5 mm}\n"


def test_profiles_are_found_beside_the_spec(tmp_path: Path) -> None:
    own = (
        data_text("foundry_workshop.yaml")
        .replace("id: workshop", "id: mine")
        .replace("wall_min_mm: 0.80", "wall_min_mm: 0.7")
    )
    (tmp_path / "mine.yaml").write_text(own, encoding="utf-8")
    (tmp_path / "ring.yaml").write_text(BASE + "foundry: mine\nexport: {casting_scale: 1.015}\n", encoding="utf-8")
    found = resolve(load_spec(tmp_path / "ring.yaml"))
    assert (found.foundry.id, found.foundry.wall_min_mm, found.foundry.casting_scale) == ("mine", 0.7, 1.015)
    elsewhere = parse_spec(BASE + "foundry: mine\n")
    assert resolve(elsewhere, "ring", [tmp_path]).foundry.id == "mine"
    with pytest.raises(SpecError):
        resolve(elsewhere)


@pytest.mark.parametrize("name", ["../up", "", "a/b", ".hidden", "x" * 200])
def test_a_name_that_is_no_file_name(name: str) -> None:
    with pytest.raises(InputError):
        resolve(parse_spec(BASE), name)
