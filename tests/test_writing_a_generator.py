"""The generator of docs/writing-a-generator.md, taken from the page itself: installed, drawn, refused, built."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plugin_paths import environment, install_plugin, ringcad

from ringcad.core.errors import InputError, RingcadError, SpecError
from ringcad.designs import present_designs
from ringcad.generation import GeneratorRequest, Relief
from ringcad.registry import load_generator
from ringcad.relief.castability import make_castable
from ringcad.relief.store import content_hash

PAGE = Path(__file__).resolve().parents[1] / "docs" / "writing-a-generator.md"
REQUEST = GeneratorRequest("14 slanted ribs", 3, 24.0, 5.0, 0.3, 0.35, 0.25, pixels_per_mm=16.0)
SPEC = """\
ringcad: 1
template: {template}
ring_size: US 7
metal: 18k_yellow_gold
stone: {{size: 6.5 mm}}
"""


def blocks() -> dict[str, str]:
    """Files that the page shows, by name."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", text, flags=re.M | re.S))


def decoration() -> str:
    (found,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S)
    return str(found)


def install(folder: Path) -> Path:
    """What installing the page's package leaves on the path: its module, and entry points as it declares them."""
    site = install_plugin(folder)
    files = blocks()
    project = tomllib.loads(files["pyproject.toml"])
    assert [f"{name}.py" for name in project["tool"]["setuptools"]["py-modules"]] == ["my_ornaments.py"]
    (site / "my_ornaments.py").write_text(files["my_ornaments.py"])
    name, version = project["project"]["name"], project["project"]["version"]
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, points in project["project"]["entry-points"].items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    site = install(tmp_path)
    for key, value in environment(site, tmp_path).items():
        monkeypatch.setenv(key, value)
    monkeypatch.syspath_prepend(str(site))
    (tmp_path / "ring.yaml").write_text(SPEC.format(template="fake_ring") + decoration())
    yield tmp_path
    for name in ("fake_ring", "my_ornaments"):
        sys.modules.pop(name, None)


def test_the_pages_generator_draws_what_it_says(place: Path) -> None:
    ribs = load_generator("ribs")
    relief = ribs.generate(REQUEST)
    assert relief.height.shape == (80, 384) and relief.height.dtype == np.float32
    assert 0.0 <= relief.height.min() and relief.height.max() <= 1.0 and relief.height.max() > 0.97
    assert relief.height[0].max() < 0.1  # the boundary is ground
    middle = relief.height[40] > 0.5
    assert np.count_nonzero(np.diff(middle.astype(int)) == 1) == 14 + 2  # ribs, and the rails of both ends
    changed = make_castable(relief.height.astype(float) * 0.3, (1 / 16, 1 / 16), 0.35, 0.25, 0.3)
    assert changed.changed_area_share < 0.1
    assert relief.understood[0] == "14 ribs" and relief.not_understood == ()
    assert ribs.generate(replace(REQUEST, prompt="9 melancholic ribs")).not_understood == ("melancholic",)
    assert np.array_equal(ribs.generate(REQUEST).height, relief.height)
    assert not np.array_equal(ribs.generate(replace(REQUEST, seed=4)).height, relief.height)
    with pytest.raises(InputError, match="mm wide"):
        ribs.generate(replace(REQUEST, width_mm=1.5))


def test_a_closed_band_of_it_has_no_seam(place: Path) -> None:
    closed = load_generator("ribs").generate(replace(REQUEST, both_ends_designed=False)).height
    seam = np.abs(closed[:, 0] - closed[:, -1])
    inside = np.abs(np.diff(closed, axis=1)).max(axis=1)
    assert (seam <= inside + 1e-3).all()


def drawn(spec: Path) -> str:
    (design,) = present_designs(spec, spec.with_suffix(""))
    return content_hash(design.relief.relief)


def test_a_spec_that_names_it_gets_its_relief(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (design,) = present_designs(place / "ring.yaml", place / "ring")
    row = design.relief.row
    assert row.generator == "ribs" and row.generator_version == "1" and row.understood[0].endswith("ribs")
    assert row.program is not None and row.program["format"] == "ribs"
    before = row.request_sha256
    monkeypatch.setattr(type(load_generator("ribs")), "version", "2")
    (design,) = present_designs(place / "ring.yaml", place / "ring")
    assert design.relief.row.request_sha256 != before  # the version enters the lock's hash
    with pytest.raises(InputError, match="keeps no program"):
        _ = design.program


def other(**changes: Any) -> Callable[[Relief], Any]:
    return lambda relief: replace(relief, **changes)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda relief: relief.height, "Relief is wanted, not ndarray"),
        (lambda relief: None, "Relief is wanted, not NoneType"),
        (
            lambda relief: replace(relief, height=np.where(relief.height > 0.5, np.nan, relief.height)),
            "between 0 and 1",
        ),
        (lambda relief: replace(relief, height=relief.height + 0.1), "between 0 and 1"),
        (lambda relief: replace(relief, height=relief.height - 0.1), "between 0 and 1"),
        (lambda relief: replace(relief, height=relief.height.T), "rows run across the band"),
        (lambda relief: replace(relief, height=relief.height.ravel()), "rows x columns"),
        (lambda relief: replace(relief, height=relief.height[:0]), "rows x columns"),
        (other(height="high"), "unusable"),
        (other(length_mm=30.0), "length_mm is 30.0, and 12 was asked for"),
        (other(width_mm=None), "width_mm is None"),
    ],
)
def test_what_is_refused(
    spoil: Callable[[Relief], Any], words: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(load_generator("ribs"))
    good = kind.generate
    monkeypatch.setattr(kind, "generate", lambda self, request: spoil(good(self, request)))
    with pytest.raises((InputError, SpecError), match=re.escape(words)) as caught:
        drawn(place / "ring.yaml")
    assert "'ribs'" in str(caught.value) and caught.value.exit_code == 2


def test_a_generator_that_fails_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(load_generator("ribs")), "generate", lambda self, request: 1 / 0)
    with pytest.raises(RingcadError, match=r"'ribs' \(my_ornaments\) failed: ZeroDivisionError") as caught:
        drawn(place / "ring.yaml")
    assert caught.value.exit_code == 3


@pytest.mark.slow
def test_a_whole_ring_with_it(tmp_path: Path) -> None:
    """The real template, in a process of its own: delivered, and the report names generator and words."""
    site = install(tmp_path)
    (tmp_path / "ring.yaml").write_text(SPEC.format(template="solitaire") + decoration())
    variables = {**environment(site, tmp_path), "FAKE_GATE": "0"}
    done = ringcad(["build", "ring.yaml", "--out", "out", "--no-pictures", "--no-step"], variables, tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert re.search(r"understood: +1[0-4] ribs; border plain", done.stdout)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["relief"][0]["generator"] == "ribs" and report["status"] == "ok"
