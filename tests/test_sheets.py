"""Contact sheets: the light on a height field, the page, and the command that draws them."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from render_support import set_torus
from ruamel.yaml import YAML

from ringcad import sheets
from ringcad.cli import main
from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest, Relief
from ringcad.registry import load_generator, load_template
from ringcad.render import loops_sheet, sheet, sheet_light
from ringcad.render.pictures import render_views

ROOT = Path(__file__).parent.parent
EYE = np.array([0.0, -0.6, 0.8])
F0 = np.array([0.9, 0.6, 0.3])


def light_off(surface: np.ndarray, step: float = 0.05, *, python: bool = False, sky: float = 1.0) -> np.ndarray:
    """Light (rows, columns, 3) off a flat-lying plate under a studio of even brightness ``sky``."""
    out = np.empty((surface.size, 3), np.float32)
    texels = np.full((16, 16, 3), sky, np.float32)
    run = loops_sheet.plate.function if python else loops_sheet.plate
    reaches = np.array([0.05, 0.1, 0.2, 0.4])
    run(surface.astype(np.float32), step, step, 1e9, 0.0, EYE, reaches, 0.03, 0.5, texels, np.eye(3), F0, out)
    return out.reshape(*surface.shape, 3)


def test_even_light_on_a_flat_plate_is_its_reflectance() -> None:
    seen = light_off(np.zeros((6, 9)), sky=1.7)
    expected = 1.7 * (F0 + (1.0 - F0) * (1.0 - 0.8) ** 5)
    np.testing.assert_allclose(seen, np.broadcast_to(expected, seen.shape), rtol=1e-5)


def test_light_dims_only_where_a_mirror_ray_meets_a_wall() -> None:
    """Mirror rays of this camera leave at 53 degrees towards +y, that is towards row 0."""
    surface = np.zeros((60, 8))
    surface[:20] = 0.4
    seen, flat = light_off(surface)[30, 4], light_off(np.zeros((60, 8)))[30, 4]
    np.testing.assert_allclose(seen, flat, rtol=1e-5)  # 0.5 mm away the ray has risen by 0.67 mm
    near = light_off(surface)[21:24, 4]  # above the wall it would be after 0.3 mm
    flat_share = (F0 + (1.0 - F0) * 0.2**5).astype(np.float32)
    np.testing.assert_allclose(near, np.broadcast_to(0.5 * F0 * flat_share, near.shape), rtol=1e-4)
    turned = light_off(surface[::-1])
    np.testing.assert_allclose(turned[32, 4], flat, rtol=1e-5)  # the wall behind the ray shades nothing


def test_the_plate_in_machine_code_and_in_python() -> None:
    surface = 0.3 * np.random.default_rng(3).random((7, 11))
    np.testing.assert_allclose(light_off(surface), light_off(surface, python=True), rtol=2e-5)


def test_a_relief_picture_shows_the_relief_where_it_is() -> None:
    height = np.zeros((48, 96), np.float32)
    height[6:14, 20:40] = 1.0
    light = sheet_light.softboxes((0.97, 0.78, 0.445))
    picture = sheet_light.relief_picture(height, 8.0, 4.0, 0.3, 20.0, light)
    plain = sheet_light.relief_picture(0.0 * height, 8.0, 4.0, 0.3, 20.0, light)
    assert picture.shape == (80, 160, 3) and picture.dtype == np.uint8
    shown = np.abs(picture.astype(float) - plain).max(axis=2) > 24
    rows, columns = np.nonzero(shown)
    # mm at 20 pixels each; a little more is lit by it and the blurred edge
    assert 10 - 12 <= rows.min() <= 12 and 22 <= rows.max() <= 24 + 12
    assert 33 - 12 <= columns.min() <= 36 and 64 <= columns.max() <= 67 + 12
    with pytest.raises(InputError, match="positive"):
        sheet_light.relief_picture(height, 8.0, 4.0, 0.0, 20.0, light)
    with pytest.raises(InputError, match="shape"):
        sheet_light.relief_picture(height[0], 8.0, 4.0, 0.3, 20.0, light)


def test_views_may_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "some").mkdir()
    every = render_views(set_torus(), tmp_path / "all", size_px=96, quality="draft")
    for name in ("shoulder", "hero"):
        (one,) = render_views(set_torus(), tmp_path / "some", size_px=96, quality="draft", names=[name])
        (same,) = [picture for picture in every if picture.name == name]
        assert one.path.read_bytes() == same.path.read_bytes()


def place_of(part: np.ndarray, page: np.ndarray) -> list[tuple[int, int]]:
    """Where a picture stands on a page, pixel for pixel."""
    corner = np.argwhere((page == part[0, 0]).all(axis=2))
    rows, columns = part.shape[:2]
    return [
        (int(y), int(x))
        for y, x in corner
        if page[y : y + rows, x : x + columns].shape == part.shape
        and (page[y : y + rows, x : x + columns] == part).all()
    ]


def test_every_picture_is_on_the_page_once_and_in_order() -> None:
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 200, (10 + 3 * k, 90, 3), dtype=np.uint8) for k in range(5)]
    tiles = [sheet.Tile(f"tile {k}", ("a note " * 30,), picture) for k, picture in enumerate(pictures)]
    tiles.insert(2, sheet.Tile("nothing", ("it did not fit",)))
    page = np.asarray(sheet.page(tiles, 3, ["Heading", "more"], ["foot"]))
    places = []
    for picture in pictures:
        (place,) = place_of(picture, page)
        places.append(place)
    bottoms = [y + len(picture) for (y, _), picture in zip(places, pictures, strict=True)]
    assert bottoms[0] == bottoms[1] and bottoms[2] == bottoms[3] == bottoms[4] > bottoms[0]
    assert [x for _, x in places[2:]] == sorted({x for _, x in places}) and places[1][1] == places[3][1]
    # a caption below each: ink in the strip under it, none wider than the tile
    for (_, x), bottom in zip(places, bottoms, strict=True):
        assert (page[bottom + 6 : bottom + 28, x : x + 90].min(axis=2) < 120).any()
        assert (page[bottom + 6 : bottom + 28, x + 91 : x + 90 + sheet.GUTTER_PX] == sheet.PAPER).all()
    with pytest.raises(InputError):
        sheet.page([], 3)
    blank = sheet.page([sheet.Tile("nothing", ("it did not fit",))] * 4, 2)
    assert blank.height > 2 * sheet.BLANK_PX + 2 * sheet.MARGIN_PX


def test_lines_fit_and_say_when_something_is_left_out() -> None:
    font = sheet._font(15)
    text = "ivy with berries and oak leaves climbing over a hammered ground " * 2
    whole = sheet.wrapped(text, font, 120, 99)
    assert " ".join(whole).split() == text.split() and all(font.getlength(line) <= 120 for line in whole)
    cut = sheet.wrapped(text, font, 120, 2)
    assert len(cut) == 2 and cut[1].endswith("...") and cut[0] == whole[0] and font.getlength(cut[1]) <= 120
    (long,) = sheet.wrapped("m" * 200, font, 120, 3)
    assert long.endswith("...") and font.getlength(long) <= 120


def test_letters_that_the_font_lacks_are_known() -> None:
    assert sheet.plain("Füße, naïve \u201cĽubčo\u201d") == 'Fusse, naive "Lubco"'
    assert sheet.legible("Füße, naïve \u201cĽubčo\u201d 12 mm (ivy)")
    assert not sheet.legible("плетёнка") and not sheet.legible("薔薇")
    assert sheet.wrapped("薔薇 rose", sheet._font(15), 500, 1) == ["\ufffd\ufffd rose"]


class Some:
    """A generator that declines odd seeds and says how many of what it drew."""

    name = "some"

    def generate(self, request: GeneratorRequest) -> Relief:
        if request.seed % 2 or "never" in request.prompt:
            raise InputError(f"{request.prompt} does not fit with seed {request.seed}")
        shape = (round(4 * request.width_mm), round(4 * request.length_mm))
        said = ("theme: dots", f"{request.seed} dots")
        return Relief(
            np.full(shape, 0.5, np.float32), request.length_mm, request.width_mm, said, ("motif dot",), ("blue",)
        )


def test_what_does_not_fit_keeps_its_place() -> None:
    like = sheets.request_for("", 0)
    drawn = sheets.draw_all(Some(), sheets.requests_for(["dots", "more dots", "dots"], 4, 2, like))
    assert [(item.request.prompt, item.request.seed) for item in drawn] == [
        (prompt, seed) for prompt in ("dots", "more dots") for seed in (2, 3, 4, 5)
    ]
    assert [item.relief is None for item in drawn] == [False, True] * 4
    account = sheets.account_of("more dots", drawn)
    assert account.understood == ("theme: dots",) and account.retrieved == ("motif dot",)
    assert account.own == {2: ("2 dots",), 4: ("4 dots",)} and set(account.refusals) == {3, 5}
    assert sheets.account_lines(account) == [
        "understood: theme: dots", "retrieved: motif dot", "not understood: blue",
    ]  # fmt: skip
    (finding,) = sheets.findings_of([account])
    assert "blue" in finding.message
    pictures = sheets.pictures_of(drawn, 188)
    assert [None if p is None else p.shape for p in pictures] == [(41, 188, 3), None] * 4
    with pytest.raises(InputError, match="seed 2"):
        sheets.draw_all(Some(), sheets.requests_for(["dots", "never"], 4, 2, like))


@pytest.mark.parametrize(("prompts", "count"), [(1, 0), (1, 97), (2, 49), (1, -3)])
def test_how_many_reliefs_a_sheet_holds(prompts: int, count: int) -> None:
    like = sheets.request_for("", 0)
    with pytest.raises(InputError, match="1 to 96"):
        sheets.requests_for([f"p{k}" for k in range(prompts)], count, 1, like)
    assert len(sheets.requests_for(["a", "b"], 48, 1, like)) == 96


def test_a_failing_rename_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = sheet.page([sheet.Tile("one", (), np.zeros((8, 40, 3), np.uint8))], 1)
    target = tmp_path / "new" / "sheet.png"
    sheet.write_page(page, target)
    before = target.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match="no room"):
        sheet.write_page(page, target)
    assert [p.name for p in target.parent.iterdir()] == ["sheet.png"] and target.read_bytes() == before


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["prompts", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_draws_what_a_build_would_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "sheet.png"
    wish = ["ivy with berries", "-n", "2", "--seed", "5", "--out", str(out)]
    code, said, _ = run(capsys, *wish)
    assert code == 0 and "understood: " in said and "retrieved: " in said and "--seed N" in said
    first = out.read_bytes()
    code, said, _ = run(capsys, *wish, "--json")
    answer = json.loads(said)
    assert code == 0 and answer["status"] == "ok" and answer["files"] == {"sheet": str(out)}
    assert out.read_bytes() == first
    assert [row["seed"] for row in answer["reliefs"]] == [5, 6] and all(row["drawn"] for row in answer["reliefs"])
    assert [p.name for p in out.parent.iterdir()] == ["sheet.png"]
    # the picture is that of the relief that the generator draws for this request
    page = np.asarray(Image.open(out))
    request = sheets.request_for("ivy with berries", 6)
    relief = load_generator("ornament").generate(request)
    picture = sheet_light.relief_picture(
        relief.height, sheets.LENGTH_MM, sheets.WIDTH_MM, sheets.DEPTH_MM, sheet.tile_width_px(1) / sheets.LENGTH_MM,
        sheet_light.softboxes((0.97, 0.78, 0.445)),
    )  # fmt: skip
    assert len(place_of(picture, page)) == 1


def test_a_specs_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from ringcad.reliefs import make_request
    from ringcad.resolve import resolve
    from ringcad.spec import load_spec

    spec = tmp_path / "ring.yaml"
    spec.write_text(load_template("solitaire").specs()["six_prong"])
    like, name, metal = sheets.wanted_zone(spec=spec)
    resolved = resolve(load_spec(spec))
    zone = resolved.decoration[0]
    built = make_request(zone, load_template("solitaire").zones(resolved)[zone.id], resolved, tmp_path)
    assert like == built and name == "ornament" and metal == "platinum_950"
    wider, _, _ = sheets.wanted_zone(spec=spec, width_mm=5.0, border="none")
    assert wider == replace(built, width_mm=5.0, border="none")
    code, _, err = run(capsys, "ivy", "--spec", str(spec), "--zone", "3", "--out", str(tmp_path / "s.png"))
    assert code == 2 and "--zone is 3" in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([""], "Name one of"),
        (["   "], "Name one of"),
        (["qwrtz plmkn"], "Try"),
        (["ivy", "qwrtz plmkn", "-n", "1"], "qwrtz"),
        (["ivy", "-n", "0"], "1 to 96"),
        (["ivy", "-n", "97"], "1 to 96"),
        (["ivy", "--width-mm", "0.2"], "1 to 30 mm"),
        (["ivy", "--width-mm", "nan"], "1 to 30 mm"),
        (["ivy", "--length-mm", "500"], "4 to 120 mm"),
        (["ivy", "--seed", "-1"], "--seed is -1"),
        (["ivy", "--metal", "cheese"], "cheese"),
        (["ivy", "--generator", "nobody"], "nobody"),
        (["ivy", "--spec", "absent.yaml"], "absent.yaml"),
        (["ivy", "--border", "lace"], "lace"),
        (["ivy", "-n", "many"], "many"),
        ([], "PROMPT"),
        (["ivy", "--out", "sheet.gif"], ".png"),
        (["ivy", "--out", "sheet"], ".png"),
        (["ivy", "--out", "folder.png"], "is a folder"),
        (["ivy", "--out", "file/sheet.png"], "file"),
        (["ivy", "--out", "x" * 300 + ".png"], "too long"),
    ],
)
def test_bad_input_is_said_and_writes_nothing(
    arguments: list[str],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "sheet.png").write_bytes(b"earlier")
    before = sorted(p.name for p in tmp_path.rglob("*"))
    code, out, err = run(capsys, *arguments)
    assert code == 2 and expected in err and out == "" and "Traceback" not in err
    assert sorted(p.name for p in tmp_path.rglob("*")) == before
    assert (tmp_path / "sheet.png").read_bytes() == b"earlier"


def test_an_error_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "", "--json", "--out", str(tmp_path / "s.png"))
    answer = json.loads(out)
    assert code == 2 and answer["status"] == "error" and answer["exit_code"] == 2 and "empty" in answer["message"]


IN_BOTH = {"basket weave", "feather", "honeycomb", "ivy", "snake scales"}


def test_the_sheets_prompts_are_unseen_and_sixty() -> None:
    def load(path: Path) -> Any:
        return YAML(typ="safe").load(path.read_text("utf-8"))

    folder = ROOT / "benchmarks" / "prompts"
    rows = load(folder / "sheet.yaml")["prompts"]
    prompts = {row["prompt"].lower() for row in rows}
    assert len(rows) == len(prompts) == 60
    widths = [row["width_mm"] for row in rows]
    assert min(widths) == 2.4 and max(widths) == 12.0 and not any(math.isnan(width) for width in widths)
    lists = ("frozen", "development", "sheet_second", "sheet_development")
    others = {row["prompt"].lower() for name in lists for row in load(folder / f"{name}.yaml")["prompts"]}
    assert not prompts & others
    corpus = load(ROOT / "generators" / "ornament" / "corpus_captions.yaml")["families"]
    wordings = {part.strip().lower() for block in corpus.values() for part in block.split(";")}
    # Whoever wrote the list had not seen the corpus; what stands in both by chance is said on the page.
    assert prompts & wordings == IN_BOTH


@pytest.mark.slow
def test_a_dressed_body_looks_like_the_ring_built_whole(tmp_path: Path) -> None:
    """The rings of docs/ornament-sheets.md: a decorated skin on a bare body's mesh is what the kernel builds."""
    from importlib.util import module_from_spec, spec_from_file_location

    from ringcad.resolve import resolve
    from ringcad.scene import make_scene
    from ringcad.spec import Spec
    from ringcad.worker import BuiltMesh

    found = spec_from_file_location("sheets_benchmark", ROOT / "benchmarks" / "sheets.py")
    assert found is not None and found.loader is not None
    benchmark = module_from_spec(found)
    found.loader.exec_module(benchmark)
    workshop = benchmark.Workshop(tmp_path)
    resolved = resolve(Spec.model_validate(benchmark.ring_spec("classic_basket", 4.8, "laurel leaves", 1)))
    plan = workshop.template.plan(resolved, workshop.reliefs(resolved))
    bare, bare_plan = workshop.bare(resolved)
    built = workshop.template.build(plan, workshop.template.core(resolved, lambda stage: None), lambda stage: None).mesh
    names = ("vertices", "triangles", "corner_normals", "face_index")
    whole = BuiltMesh(*(np.asarray(getattr(built, name)) for name in names), tuple(built.face_names), (), {})
    seen = []
    for k, mesh in enumerate((whole, benchmark.dressed(bare, bare_plan, plan), bare)):
        scene = make_scene(resolved, workshop.template, mesh, plan if k < 2 else bare_plan)
        (tmp_path / str(k)).mkdir()
        pictures = render_views(scene, tmp_path / str(k), size_px=480, quality="draft", names=("hero", "shoulder"))
        seen.append([np.asarray(Image.open(picture.path).convert("L"), float) for picture in pictures])
    for one, other, without in zip(*seen, strict=True):
        assert np.abs(one - other).mean() < 0.25 < 1.0 < np.abs(one - without).mean()
