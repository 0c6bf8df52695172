"""A ring round a head from a user's own STEP file: the page's example built, measured, spoilt; other holders."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_head_support import blocks, changed, checked, numbers, problem, run_script
from rings_support import Made, build_text

from ringcad.core.errors import SpecError
from ringcad.core.findings import FindingCode, Severity
from ringcad.lockfile import read_lock
from ringcad.resolved import HeadedRing, headed
from ringcad.verify.mesh import TriangleMesh
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import judge_settings
from ringcad.verify.sites import measure_sites
from ringcad.verify.stl import read_stl


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own")
    run_script(blocks()["tulip.py"], folder)
    return folder


# -- the page's ring ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(place: Path) -> Made:
    folder = place / "ring"
    folder.mkdir()
    shutil.copy(place / "tulip_head.step", folder)
    text = blocks()["tulip.yaml"].split("decoration:")[0]
    return build_text(text, "tulip", folder, cache=place / "cache", step=False, solid=False)


@pytest.fixture(scope="module")
def ring(made: Made) -> HeadedRing:
    found = headed(made.resolved)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def mesh(made: Made) -> TriangleMesh:
    return read_stl(Path(made.result.files["stl"]))


def test_the_example_passes_the_gate_and_its_seat_is_the_stones(made: Made, ring: HeadedRing) -> None:
    assert made.result.status == "ok", [finding.message for finding in made.result.findings]
    center = made.result.report["measurements"]["setting"]["center"]
    assert made.result.report["measurements"]["bodies"] == 1
    assert center["pavilion"]["flank_deg"] == pytest.approx(ring.stone.pavilion_angle_deg, abs=0.2)
    assert center["seat_height_mm"] == pytest.approx(0.0, abs=0.02)
    assert [prong["azimuth_deg"] % 360.0 for prong in center["prongs"]] == pytest.approx([45, 135, 225, 315], abs=1.0)
    for prong in center["prongs"]:
        assert prong["full_mm"] == pytest.approx(1.2, abs=0.05)
        assert prong["clearance_mm"] == pytest.approx(0.03, abs=0.01)
        assert prong["top_mm"] == pytest.approx(1.35 - ring.stone.girdle_mm, abs=0.03)


def test_the_head_stands_where_the_mates_say(mesh: TriangleMesh, ring: HeadedRing) -> None:
    crown = ring.bore_radius_mm + ring.shank.thickness_top_mm
    assert mesh.bounds[1][2] == pytest.approx(crown + 4.2 + 1.35, abs=0.02)
    # a quarter of the thickness inside the girdle, on the diagonal: the ball at the tip stands there
    tip = mesh.vertices[mesh.vertices[:, 2] > mesh.bounds[1][2] - 0.02]
    assert np.abs(np.abs(tip[:, 0]) - np.abs(tip[:, 1])).max() < 0.25
    stand = 3.25 + 0.03 + 0.25 * 1.2 + 0.12 * (1.35 - 0.6)
    assert np.hypot(tip[:, 0], tip[:, 1]).mean() == pytest.approx(stand, abs=0.03)


def test_the_base_is_sunk_and_the_finger_hole_is_whole(made: Made, mesh: TriangleMesh, ring: HeadedRing) -> None:
    walls = made.result.report["measurements"]["walls"]
    # nothing is let into the shank: its own section is left under the head, less the fall of its crown
    assert walls["under_center"]["min_mm"] >= ring.shank.thickness_top_mm - ring.shank.crown_rise_mm
    inside = np.hypot(mesh.vertices[:, 0], mesh.vertices[:, 2]).min()
    assert inside == pytest.approx(ring.bore_radius_mm, abs=0.02)
    # what reaches 0.8 mm below the crown is swallowed: the head's faces begin at the skin, all round
    metal, crown = made.labelled("own_head"), ring.bore_radius_mm + ring.shank.thickness_top_mm
    assert ring.head.own is not None
    # the skirt round the base rises by 0.2 mm
    assert crown - ring.head.own.sunk_mm < metal[:, 2].min() < crown + 0.25
    low = metal[metal[:, 2] < metal[:, 2].min() + 0.1]
    assert np.hypot(low[:, 0], low[:, 1]).max() == pytest.approx(1.5, abs=0.03)


def test_every_prong_is_measured_from_foot_to_tip(made: Made, ring: HeadedRing) -> None:
    walls = made.result.report["measurements"]["walls"]
    for number in range(1, 5):
        row = walls[f"prong:{number}"]
        # the notch leaves three quarters of 1.2 mm, less what the lean takes
        assert 0.8 <= row["min_mm"] < 0.95 and row["lines"] > 300


def test_what_is_not_judged_stands_in_report_and_certificate(made: Made, ring: HeadedRing) -> None:
    assert ring.head.own is not None
    notes = ring.head.own.notes
    said = [finding for finding in made.result.findings if finding.code is FindingCode.OWN_HEAD]
    assert [finding.message for finding in said] == list(notes)
    assert all(finding.severity is Severity.INFO for finding in said)
    certificate = json.loads(Path(made.result.files["certificate"]).read_text())
    assert certificate["verdict"] == "certified" and certificate["notes"] == list(notes)
    page = Path(made.result.files["certificate_html"]).read_text()
    assert "Not judged" in page and ring.head.own.sha256[:12] in page
    subjects = {row["subject"] for row in certificate["rules"]}
    assert any("center prong 4" in subject for subject in subjects)


def test_the_lock_holds_the_head_and_the_machine_stays_out(made: Made, ring: HeadedRing) -> None:
    assert ring.head.own is not None
    lock = read_lock(Path(made.result.files["lock"]))
    assert lock.head == {"file": "tulip_head.step", "sha256": ring.head.own.sha256}
    for kind in ("resolved", "report", "certificate", "lock"):
        assert str(made.folder) not in Path(made.result.files[kind]).read_text(), kind


# -- mutants of the finished mesh -------------------------------------------------------------------------------


def moved(mesh: TriangleMesh, vertices: np.ndarray) -> RayCaster:
    return RayCaster(TriangleMesh(vertices, mesh.faces))


def test_a_prong_that_was_filed_thin_is_found(mesh: TriangleMesh, ring: HeadedRing) -> None:
    assert ring.head.own is not None
    vertices = mesh.vertices.copy()
    way, aside = np.array([1.0, 1.0, 0.0]) / math.sqrt(2.0), np.array([-1.0, 1.0, 0.0]) / math.sqrt(2.0)
    low, high = ring.head.girdle_z_mm - 1.4, ring.head.girdle_z_mm - 0.4
    chosen = (
        (vertices[:, 2] > low) & (vertices[:, 2] < high) & (np.abs(vertices @ aside) < 0.7) & (vertices @ way > 2.2)
    )
    assert chosen.sum() > 20
    vertices[chosen] -= 0.5 * np.outer(vertices[chosen] @ aside, aside)
    thin = {site.site: site for site in measure_sites(mesh, moved(mesh, vertices), ring)}
    assert thin["prong:1"].min_mm < 0.75 < 0.8 <= thin["prong:2"].min_mm


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"girdle_z_mm": 0.1}, FindingCode.SEAT_POSITION),
        ({"turn_deg": 5.0}, FindingCode.SEAT_POSITION),
        ({"prong_diameter_girdle_mm": 0.2}, FindingCode.PRONG_SECTION),
        ({"prongs": 1}, FindingCode.PRONG_COUNT),
    ],
)
def test_a_mesh_that_is_not_as_declared_is_refused(
    mesh: TriangleMesh, ring: HeadedRing, change: dict[str, float], code: FindingCode
) -> None:
    found = judge_settings(RayCaster(mesh), ring).findings
    assert not [finding for finding in found if finding.severity is Severity.ERROR]
    head = ring.head
    (name, amount), *_ = change.items()
    if name == "turn_deg":
        places = tuple(stand.model_copy(update={"azimuth_deg": stand.azimuth_deg + amount}) for stand in head.places)
        head = head.model_copy(update={"places": places})
    else:
        head = head.model_copy(update={name: getattr(head, name) + amount})
    found = judge_settings(RayCaster(mesh), ring.model_copy(update={"head": head})).findings
    assert code in {finding.code for finding in found if finding.severity is Severity.ERROR}


# -- mates that do not fit the numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"thickness_mm": 0.6}, "head.mates.thickness_mm", "at least 0.80 mm"),
        ({"base_diameter_mm": 2.0}, "head.mates.base_diameter_mm", "use 2.6"),
        ({"base_diameter_mm": 14.0}, "head.mates.base_diameter_mm", "round the finger"),
        ({"base_diameter_mm": 3.8}, "head.mates.base_diameter_mm", "use 'shank:"),
        ({"girdle_mm": 0.8}, "head.mates.girdle_mm", "culet"),
        ({"axis": [0, 0, 0]}, "head.mates.axis", "use [0, 0, 1]"),
        ({"along": [0, 0, 3]}, "head.mates.along", "square to the axis"),
        ({"prongs_deg": [45, 135]}, "head.mates.prongs_deg", "15 to 180"),
        ({"prongs_deg": None}, "head.mates.prongs_deg", "is missing"),
        ({"held_by": "bezel"}, "head.mates.prongs_deg", "has no effect"),
    ],
)
def test_mates_that_cannot_be_are_told_at_once(place: Path, change: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        numbers(changed(**change), place)
    told, text = problem(caught.value)
    assert told == field and words in text


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("head", "file"), "nothing.step", "head.file"),
        (("head", "file"), "tulip.yaml", "head.file"),
        (("head", "file"), ".", "head.file"),
        (("head", "file"), "a\0b", "head.file"),
        (("head", "mates"), None, "head.mates"),
        (("head", "file"), None, "head.mates"),
        (("head", "prong_diameter_mm"), 1.2, "head.prong_diameter_mm"),
        (("gallery",), {"shoulders": "cathedral"}, "gallery.shoulders"),
        (("template",), "halo", "head.file"),
        (("stone",), {"cut": "princess", "size": "6 mm"}, "head.mates.held_by"),
        (("stone",), {"cut": "oval", "size": "8x6 mm"}, "head.mates.prongs_deg"),
    ],
)
def test_what_else_does_not_go_with_such_a_head(place: Path, path: tuple[str, ...], value: Any, field: str) -> None:
    (place / "tulip.yaml").write_text("ringcad: 1\n")
    data = changed()
    inner = data
    for name in path[:-1]:
        inner = inner[name]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    with pytest.raises(SpecError) as caught:
        numbers(data, place)
    assert field in {row.field for row in caught.value.problems}, str(caught.value)


def test_a_prong_of_an_oval_is_named_where_ovals_are_held(place: Path) -> None:
    data = changed(prongs_deg=[59.0, 121.0, 239.0, 301.0], base_diameter_mm=3.0)
    data["stone"] = {"cut": "oval", "size": "8x6 mm"}
    with pytest.raises(SpecError) as caught:
        numbers(data, place)
    limit = caught.value.problems[0].limit
    assert limit is not None
    wanted = [float(value) for value in re.findall(r"\d+\.\d", limit.split(" deg of ")[1].split(";")[0])]
    # four prongs at 45 degrees of the ellipse's parameter: the length lies across the shank
    at = math.degrees(math.atan2(4.0, 3.0))
    assert wanted == pytest.approx([at, 180.0 - at, 180.0 + at, 360.0 - at], abs=0.1)
    data["head"]["mates"]["prongs_deg"] = wanted
    assert numbers(data, place).head.prongs == 4


# -- other holders ----------------------------------------------------------------------------------------------------

CUP = """
import cadquery as cq
R, G, WALL, OVER = 2.53, 3.0, 1.0, 0.75
out = R + WALL
cup = cq.Workplane("XZ").moveTo(0, -0.7).lineTo(1.6, -0.7).lineTo(1.6, 0.2).lineTo(out, G - 0.7)
cup = cup.lineTo(out, G + OVER - 0.15).threePointArc((out - 0.05, G + OVER - 0.05), (out - 0.15, G + OVER))
cup = cup.lineTo(R - 0.3, G + OVER).lineTo(R - 0.5, G - 0.4).lineTo(0.5, 0.6).lineTo(0, 0.6).close()
cq.exporters.export(cup.revolve(360, (0, 0), (0, 1)), "cup.step")
"""


def cup_spec(**mates: Any) -> dict[str, Any]:
    data = changed(prongs_deg=None)
    data["stone"]["size"] = "5 mm"
    head = {"base_diameter_mm": 3.2, "girdle_mm": 3.0, "held_by": "bezel", "thickness_mm": 1.0, "over_girdle_mm": 0.75}
    data["head"] = {"file": "cup.step", "mates": head | mates}
    return data


@pytest.mark.slow
def test_a_bezel_of_a_file_is_cut_and_measured(tmp_path: Path) -> None:
    run_script(CUP, tmp_path)
    made = build_text(json.dumps(cup_spec()), "cup", tmp_path, step=False, solid=False)
    assert made.result.status == "ok", [finding.message for finding in made.result.findings]
    found = headed(made.resolved)
    assert found is not None
    center = made.result.report["measurements"]["setting"]["center"]
    assert center["bearing"]["flank_deg"] == pytest.approx(found.stone.pavilion_angle_deg, abs=0.2)
    assert center["origin_mm"] == pytest.approx([0.0, 0.0, found.head.girdle_z_mm], abs=0.02)
    assert center["wall_mm"] == pytest.approx(1.0, abs=0.03)
    assert center["girdle_clearance_mm"] == pytest.approx(0.03, abs=0.01)
    solid = read_stl(Path(made.result.files["stl"]))
    low = found.head.model_copy(update={"girdle_z_mm": found.head.girdle_z_mm - 0.1})
    judged = judge_settings(RayCaster(solid), found.model_copy(update={"head": low}))
    assert FindingCode.SEAT_POSITION in {finding.code for finding in judged.findings}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"thickness_mm": 1.3}, "head.mates.thickness_mm"),
        ({"girdle_mm": 3.3}, "head.mates.over_girdle_mm"),
        ({"girdle_mm": 2.7}, "head.mates.over_girdle_mm"),
    ],
)
def test_a_bezel_that_is_not_as_declared(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    run_script(CUP, tmp_path)
    checked(cup_spec(), tmp_path)
    with pytest.raises(SpecError) as caught:
        checked(cup_spec(**change), tmp_path)
    assert caught.value.problems[0].field == field


def test_a_head_for_the_bench_promises_nothing_of_the_seat(place: Path, mesh: TriangleMesh) -> None:
    bare = numbers(changed(held_by="bench", prongs_deg=None, thickness_mm=None, over_girdle_mm=None), place)
    judged = judge_settings(RayCaster(mesh), bare)
    assert judged.rules == () and judged.rows["center"] == {"setting": "bench"}
    assert bare.head.own is not None and "the bench makes" in bare.head.own.notes[1]
    from ringcad.templates.solitaire.own import stone_cutters

    assert stone_cutters(bare) == []


@pytest.mark.slow
def test_it_goes_with_a_row_of_small_stones(place: Path) -> None:
    data = changed()
    data["template"] = "pave_solitaire"
    data["shank"]["width_mm"] = {"top": 2.6, "bottom": 2.2}
    data["accents"] = [{"setting": "bead", "stone": {"cut": "round", "size": "1.5 mm"}, "count": "fill"}]
    folder = place / "pave"
    folder.mkdir()
    shutil.copy(place / "tulip_head.step", folder)
    made = build_text(json.dumps(data), "pave", folder, step=False, solid=False)
    assert made.result.status == "ok", [finding.message for finding in made.result.findings]


def test_build123d_takes_the_shape(place: Path) -> None:
    build123d = pytest.importorskip("build123d")
    part = build123d.Solid(checked(changed(), place).shape)
    import cadquery

    mine = cadquery.Shape.cast(checked(changed(), place).shape)
    valid = part.is_valid  # a method before version 0.10
    assert (valid() if callable(valid) else valid) and part.volume == pytest.approx(mine.Volume(), rel=1e-6)


OVAL = """
import math
import cadquery as cq
from cadquery import Solid, Vector

GIRDLE, OVER, THICK = 4.6, 1.35, 1.2
head = cq.Workplane("XY").circle(1.6).extrude(2.0).translate((0, 0, -0.9)).edges(">Z").fillet(0.3)
for turn in (45, 135, 225, 315):
    x, y = 3 * math.cos(math.radians(turn)), 4 * math.sin(math.radians(turn))
    out = Vector(x / 9, y / 16, 0).normalized()
    at = Vector(x, y, GIRDLE) + out * (0.03 + 0.25 * THICK)
    up = (out * math.tan(math.radians(8)) + Vector(0, 0, 1)).normalized()
    top, low = at + up * ((OVER - 0.5 * THICK) / math.cos(math.radians(8))), at - up * 1.2
    foot = Vector(math.copysign(0.55, x), math.copysign(0.7, y), 0.2)
    for a, b in ((foot, low), (low, top)):
        head = head.union(cq.Workplane(Solid.makeCylinder(THICK / 2, (b - a).Length, a, b - a)))
        head = head.union(cq.Workplane(Solid.makeSphere(THICK / 2, b, angleDegrees1=-90, angleDegrees2=90)))
cq.exporters.export(head, "oval_head.step")
"""


@pytest.mark.slow
def test_an_oval_in_prongs_of_a_file_is_cut_and_measured(tmp_path: Path) -> None:
    run_script(OVAL, tmp_path)
    data = changed(prongs_deg=[53.1, 126.9, 233.1, 306.9], base_diameter_mm=3.2, girdle_mm=4.6)
    data["stone"] = {"cut": "oval", "size": "8x6 mm"}
    data["head"]["file"] = "oval_head.step"
    made = build_text(json.dumps(data), "oval", tmp_path, step=False, solid=False)
    assert made.result.status == "ok", [finding.message for finding in made.result.findings]
    center = made.result.report["measurements"]["setting"]["center"]
    assert len(center["prongs"]) == 4
    assert all(abs(prong["clearance_mm"] - 0.03) < 0.015 for prong in center["prongs"])
