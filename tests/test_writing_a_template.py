"""The template of docs/writing-a-template.md, taken from the page itself: installed, built, measured, taken on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import trimesh
from plugin_paths import environment, ringcad
from shank_sections import section

PAGE = Path(__file__).resolve().parents[1] / "docs" / "writing-a-template.md"


def blocks() -> dict[str, str]:
    """Files that the page shows, by name."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"^<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", text, flags=re.M | re.S))


def install(folder: Path) -> Path:
    """What installing the page's package leaves on the path."""
    site, files = folder / "site", blocks()
    project = tomllib.loads(files["pyproject.toml"])
    packages = project["tool"]["setuptools"]["packages"]
    for name, text in files.items():
        if name.split("/")[0] in packages:
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(text)
    info = site / "tide_rings-1.0.dist-info"
    info.mkdir()
    name, version = project["project"]["name"], project["project"]["version"]
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, points in project["project"]["entry-points"].items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


class Measured:
    """A mesh as the sections take it."""

    def __init__(self, mesh: trimesh.Trimesh) -> None:
        self.vertices, self.triangles = np.asarray(mesh.vertices), np.asarray(mesh.faces)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tide")
    install(folder)
    return folder


@pytest.fixture(scope="module")
def env(place: Path) -> dict[str, str]:
    return environment(place / "site", place)


def test_it_is_listed_and_writes_its_spec(place: Path, env: dict[str, str]) -> None:
    assert "tide" in ringcad(["templates"], env, place).stdout
    done = ringcad(["new", "fresh.yaml", "--template", "tide"], env, place)
    assert done.returncode == 0, done.stderr[-300:]
    assert "template: tide" in (place / "fresh.yaml").read_text()


def test_its_ring_passes_the_gate_and_swells_three_times(place: Path, env: dict[str, str]) -> None:
    (place / "tide.yaml").write_text(blocks()["tide/specs/tide.yaml"])
    done = ringcad(["build", "tide.yaml", "--out", "tide_ring", "--no-pictures", "--json"], env, place)
    assert done.returncode == 0, done.stderr[-300:]
    answer = json.loads(done.stdout)
    assert answer["status"] == "ok"
    assert json.loads((place / "tide_ring" / "tide.cert.json").read_text())
    mesh = trimesh.load(place / "tide_ring" / "tide.stl")
    for phi, width in ((0.0, 6.0), (120.0, 6.0), (-120.0, 6.0), (60.0, 4.56), (180.0, 4.56), (-60.0, 4.56)):
        across = section(Measured(mesh), phi)[:, 0]
        assert np.ptp(across) == pytest.approx(width, abs=0.05), phi


def test_what_it_cannot_be_is_told_as_for_any_template(place: Path, env: dict[str, str]) -> None:
    spec = blocks()["tide/specs/tide.yaml"].replace("thickness_mm: 1.9", "thickness_mm: 0.5")
    (place / "thin.yaml").write_text(spec)
    done = ringcad(["build", "thin.yaml"], env, place)
    assert done.returncode in (1, 2) and "shank.thickness_mm" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_its_metal_is_taken_on_in_cadquery(place: Path, env: dict[str, str]) -> None:
    (place / "tide.yaml").write_text(blocks()["tide/specs/tide.yaml"] + "export: {pictures: false}\n")
    (place / "taken_on.py").write_text(blocks()["taken_on.py"])
    done = subprocess.run(
        [sys.executable, "taken_on.py"], env=env, cwd=place, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr[-500:]
    measure = (
        "import cadquery as c; a = c.importers.importStep('opened.step').val();"
        "print(a.isValid(), len(a.Solids()), a.Volume(), a.BoundingBox().zmin)"
    )
    said = subprocess.run(
        [sys.executable, "-c", measure], env=env, cwd=place, capture_output=True, text=True, check=True
    ).stdout.split()
    assert said[:2] == ["True", "1"]
    # the notch takes 0.6 mm of the section at the bottom, about 4.56 x 1.9 mm
    lost = trimesh.load(place / "tide_ring" / "tide.stl").volume - float(said[2])
    assert 0.6 * 4.56 * 1.9 * 0.75 < lost < 0.6 * 4.56 * 2.3
