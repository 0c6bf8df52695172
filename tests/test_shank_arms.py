"""Relief on a cathedral's arms: where it lies, what is refused, and that it is on the ring that is delivered."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ringcad.cli import main
from ringcad.core.errors import SpecError
from ringcad.fit.decorate import _right_way_round
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing
from ringcad.spec import parse_spec
from ringcad.verify.rays import RayCaster
from ringcad.verify.stl import read_stl

HEAD = "ringcad: 1\ntemplate: {template}\nring_size: US 7\nmetal: 18k_yellow_gold\n"
STONE = "stone: {{size: {size:g} mm}}\n"
CATHEDRAL = "gallery: {{shoulders: cathedral, lift_deg: {lift:g}}}\n"
ARMS = "  - {region: shank.arms, prompt: fleur-de-lis}\n"
SHOULDERS = "  - {region: shank.shoulders, prompt: scrolls}\n"


def spec(*zones: str, template: str = "solitaire", size: float = 6.5, lift: float = 46.0) -> str:
    text = HEAD.format(template=template)
    if template not in ("band", "eternity"):
        text += STONE.format(size=size)
    if template == "solitaire" and lift:
        text += CATHEDRAL.format(lift=lift)
    return text + "decoration:\n" + "".join(zones)


def ring(text: str) -> ResolvedRing:
    return resolve(parse_spec(text), "arms")


def problem(text: str) -> Any:
    with pytest.raises(SpecError) as caught:
        ring(text)
    (found,) = caught.value.problems
    return found


def spans(found: ResolvedRing) -> dict[str, tuple[float, float]]:
    return {zone.id: (zone.phi_start_deg, zone.phi_end_deg) for zone in found.decoration}


@pytest.mark.parametrize("size", [4.5, 6.5, 8.0])
@pytest.mark.parametrize("order", list(itertools.permutations((ARMS, SHOULDERS))))
def test_arms_end_where_the_circle_begins_and_shoulders_begin_beyond(size: float, order: tuple[str, ...]) -> None:
    alone = spans(ring(spec(SHOULDERS, size=size)))
    both = spans(ring(spec(*order, size=size)))
    begin, end = alone["right_shoulder"]
    assert both["right_arm"] == (begin, 46.0)
    assert both["right_shoulder"][0] - 46.0 == pytest.approx(5.0)  # bright between two designs
    assert both["right_shoulder"][1] == pytest.approx(end)  # which end where they end without arms
    for part in ("arm", "shoulder"):
        assert np.array(both[f"left_{part}"]) == pytest.approx(-np.array(both[f"right_{part}"]))
    only = ring(spec(ARMS, size=size))
    assert set(spans(only)) == {"right_arm", "left_arm"}
    assert spans(only)["right_arm"] == both["right_arm"]


@pytest.mark.parametrize("template", ["solitaire", "halo", "three_stone", "bezel_solitaire", "band", "eternity"])
def test_where_there_are_no_arms_it_says_so(template: str) -> None:
    row = "accents: [{setting: channel, stone: {cut: round, size: 1.8 mm}, count: fill}]\n"
    text = spec(ARMS, template=template, lift=0.0) + (row if template == "eternity" else "")
    found = problem(text)
    assert found.field == "decoration.0.region"
    if template == "solitaire":
        assert "shoulders: cathedral" in found.suggestion
        ring(text + "gallery: {shoulders: cathedral}\n")
    else:
        assert "leave the region out" in found.suggestion
        ring(text.replace("region: shank.arms, ", ""))


ROW = "accents: [{setting: bead, stone: {cut: round, size: 1.5 mm}, count: fill}]\n"


@pytest.mark.parametrize(
    ("template", "more"),
    [
        ("solitaire", "shank: {split: true}\n"),
        ("solitaire", "shank: {bypass: true}\n"),
        ("pave_solitaire", ROW),
        ("pave_solitaire", ROW + CATHEDRAL.format(lift=46.0)),
    ],
)
def test_the_fix_that_is_named_is_one(template: str, more: str) -> None:
    text = spec(ARMS, template=template, lift=0.0) + more.replace("{{", "{").replace("}}", "}")
    found = problem(text)
    assert (found.field, found.suggestion) == ("decoration.0.region", "use shank.shoulders")
    ring(text.replace("shank.arms", "shank.shoulders"))


@pytest.mark.parametrize("image", [None, "leaf.png"])
@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_arms_are_turned_over_as_shoulders_are(image: str | None, upright: bool, mirrored: bool) -> None:
    place: Any = SimpleNamespace(columns=np.array([0, 1]), rows=np.array([0, 1]))
    turned = set()
    for region in ("shank.shoulders", "shank.arms"):
        entry: Any = SimpleNamespace(region=region, image=image, mirrored=mirrored)
        turned.add(_right_way_round(entry, _relief(upright), place)[1])
    assert len(turned) == 1


def _relief(upright: bool) -> Any:
    return _Relief(np.zeros((3, 2)), upright)


@dataclass(frozen=True)
class _Relief:
    height: np.ndarray[Any, np.dtype[np.float64]]
    upright: bool


def test_arms_that_are_too_short_name_the_angle_that_fits() -> None:
    found = problem(spec(ARMS, SHOULDERS, size=8.0, lift=34.0))
    assert found.field == "gallery.lift_deg"
    lift = float(found.suggestion.split()[1].rstrip(","))
    ring(spec(ARMS, SHOULDERS, size=8.0, lift=lift))
    assert problem(spec(ARMS, SHOULDERS, size=8.0, lift=lift - 1.0)).field == "gallery.lift_deg"


def test_an_arm_has_no_coverage_and_one_design() -> None:
    found = problem(spec(ARMS.replace("prompt", "coverage_deg: 20, prompt")))
    assert found.field == "decoration.0.coverage_deg"
    with pytest.raises(SpecError) as caught:
        ring(spec(ARMS, ARMS))
    assert {one.field for one in caught.value.problems} == {"decoration.1.region"}


def test_both_designs_stand_on_the_ring_that_is_delivered(tmp_path: Path) -> None:
    """Delivered, so that every wall holds; relief rises in both zones on either side, and between them it is bare."""
    file = tmp_path / "arms.yaml"
    file.write_text(spec(ARMS, SHOULDERS) + "shank: {width_mm: 4.4}\nexport: {step: false, pictures: false}\n")
    plain = tmp_path / "plain.yaml"
    plain.write_text(file.read_text().replace(ARMS, "").replace(SHOULDERS, "").replace("decoration:\n", ""))
    for one in (file, plain):
        assert main(["build", str(one), "--out", str(tmp_path / one.stem)]) == 0
    zones = json.loads((tmp_path / "arms" / "report.json").read_text())["plan"]["zones"]
    assert set(zones) == {"right_arm", "left_arm", "right_shoulder", "left_shoulder"}
    outside = {name: _outside(tmp_path / name / f"{name}.stl") for name in ("arms", "plain")}
    rise = np.abs(outside["arms"] - outside["plain"]).max(axis=1)
    at = dict(zip(_PHI.tolist(), rise.tolist(), strict=True))
    for sign in (-1, 1):
        assert max(at[sign * phi] for phi in range(27, 44)) > 0.15
        assert max(at[sign * phi] for phi in range(54, 100)) > 0.15
        assert max(at[sign * phi] for phi in range(48, 50)) < 0.05


_PHI = np.array([*range(-110, -24), *range(25, 111)])
_ACROSS_MM = np.linspace(-1.2, 1.2, 25)


def _outside(stl: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(angles, places across) distance from the finger's axis at which the metal begins, seen from outside, mm."""
    turn = np.radians(_PHI)[:, None]
    way = np.stack(np.broadcast_arrays(-np.sin(turn), 0.0 * _ACROSS_MM, -np.cos(turn)), axis=-1)
    starts = -20.0 * way + _ACROSS_MM[:, None] * np.array([0.0, 1.0, 0.0])
    hit, _ = RayCaster(read_stl(stl)).first_hit(starts.reshape(-1, 3), way.reshape(-1, 3))
    return (20.0 - hit).reshape(len(_PHI), len(_ACROSS_MM))
