"""Designs as files: programs written, edited, read with every complaint, fitted to other bands, varied, stored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plugin_paths import environment, install_plugin

from ringcad.cli import main
from ringcad.core.errors import InputError, SpecError
from ringcad.designs import present_designs, read_program
from ringcad.generation import GeneratorRequest, ZoneSize
from ringcad.generators.ornament import generator
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import Part, compose, compose_parts, render
from ringcad.generators.ornament.program import Program, asked
from ringcad.generators.ornament.program_text import field_notes, program_schema, program_text
from ringcad.generators.ornament.refit import refitted
from ringcad.generators.ornament.registry import FAMILIES, LAYERS
from ringcad.generators.ornament.saved import draw_saved, read_saved
from ringcad.generators.ornament.variation import vary
from ringcad.lockfile import read_lock, request_row
from ringcad.pipeline import build_ring
from ringcad.regenerate import Wanted, edited
from ringcad.relief.castability import make_castable
from ringcad.relief.store import content_hash
from ringcad.spec import parse_spec

REQUEST = GeneratorRequest("", 1, 24.0, 5.0, 0.3, 0.35, 0.25, pixels_per_mm=8.0)
GOOD = "ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {size: 6.5 mm}\ndecoration:\n  - "


def program_of(*parts: Part, request: GeneratorRequest = REQUEST) -> Program:
    return compose_parts(request, parts, Attributes())[0]


def as_file(text: str, folder: Path) -> dict[str, Any]:
    (folder / "p.yaml").write_text(text, encoding="utf-8")
    return read_program("p.yaml", folder).data


def complaints(text: str, folder: Path, request: GeneratorRequest = REQUEST) -> list[Any]:
    """Problems of a program file as the user gets them, with file and line."""
    (folder / "p.yaml").write_text(text, encoding="utf-8")
    try:
        file = read_program("p.yaml", folder)
        try:
            draw_saved(replace(request, program=file.data))
        except SpecError as error:
            raise file.located(error) from error
    except SpecError as error:
        return error.problems
    return []


# ---------------------------------------------------------------- the spec


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{prompt: ivy, variation: 0.2}", "--variation 0.2"),
        ("{program: a.yaml, image: b.png}", "both an image and a program"),
        ("{program: a.yaml, variation: 1.5}", "<= 1"),
        ("{program: a.yaml, variation: near}", "a number is wanted"),
        ("{prompt: ivy, generator: photo}", "the photo generator needs an image"),
        ("{image: b.png, generator: ornament}", "draws no image"),
        ("{seed: 3}", "nor a program"),
    ],
)
def test_what_a_decoration_may_say(text: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(GOOD + text)
    assert words in str(caught.value) and caught.value.problems[0].line == 6
    (decoration,) = parse_spec(GOOD + "{program: a.yaml, variation: 0.3, seed: 4}").decoration
    assert (decoration.program, decoration.variation, decoration.drawn_by) == ("a.yaml", 0.3, "ornament")


def test_a_request_without_a_program_is_what_it_was_before_there_were_programs() -> None:
    row = request_row("ornament", "1", REQUEST)
    assert "program" not in row and "variation" not in row
    near = request_row("ornament", "1", replace(REQUEST, program={"layers": []}, variation=0.2), "a.yaml")
    assert near["program"]["file"] == "a.yaml" and len(near["program"]["sha256"]) == 64 and near["variation"] == 0.2


# ---------------------------------------------------------------- programs as text


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_program_reads_back_as_it_was_written(family: str, tmp_path: Path) -> None:
    program, _ = compose(replace(REQUEST, prompt=family), family, Attributes(dense=0.4))
    program = program.model_copy(update={"asked": asked('a "prompt": yes, 3 # rows', 5, Attributes(dense=0.4))})
    text = program_text(program.to_dict())
    assert max(map(len, text.splitlines())) <= 120
    data = as_file(text, tmp_path)
    assert data == json.loads(json.dumps(program.to_dict()))
    assert read_saved(data, REQUEST) == program
    assert refitted(program, REQUEST) == (program, ())


def test_comments_and_order_do_not_make_another_program(tmp_path: Path) -> None:
    program = program_of(Part("laurel")).to_dict()
    text = program_text(program)
    bare = "\n".join(line.split("  #")[0] for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert len(bare) < len(text) and as_file(bare, tmp_path) == as_file(text, tmp_path)


def test_the_notes_are_those_of_the_classes() -> None:
    notes = field_notes(LAYERS["rose"])
    assert notes["repeats"] == "Figures in each row"  # of the class that all figures come from
    assert "leaf" not in notes and field_notes(LAYERS["vine"])["repeats"].startswith("Half waves")


def test_the_schema_knows_every_layer_and_its_references() -> None:
    schema = program_schema()
    text = json.dumps(schema)
    for reference in {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}:
        assert reference in schema["$defs"], reference
    branches = schema["properties"]["layers"]["items"]["allOf"]
    by_family = {row["if"]["properties"]["family"]["const"]: row["then"]["$ref"].split("/")[-1] for row in branches}
    assert set(by_family) == set(LAYERS)
    for family, name in by_family.items():
        assert set(schema["$defs"][name]["properties"]) == set(LAYERS[family].model_fields)
        assert schema["$defs"][name]["required"] == ["family"]
    assert schema["$defs"]["VineLayer"]["properties"]["leaf"]["enum"] == ["ivy", "almond", "round", "none"]


# ---------------------------------------------------------------- written by hand


@pytest.mark.parametrize("family", ["ivy", "plait", "runes", "hammered", "heart"])
def test_a_family_alone_is_a_program(family: str, tmp_path: Path) -> None:
    data = as_file(f"format: ringcad-ornament\nversion: 1\nlayers:\n  - family: {family}\n", tmp_path)
    relief = draw_saved(replace(REQUEST, program=data))
    assert relief.program is not None and relief.program["layers"][0]["family"] == family
    assert relief.program["band"]["length_mm"] == 24.0 and relief.height.max() == 1.0
    again = draw_saved(replace(REQUEST, program=relief.program))
    assert again.height.tobytes() == relief.height.tobytes()


def test_the_vine_is_kept_and_the_leaf_changed() -> None:
    """One edited field changes what it names; the other layer stays where it was, bit for bit."""
    request = replace(REQUEST, width_mm=10.0)
    program = program_of(Part("vine", "top"), Part("waves", "bottom"), request=request)
    data = program.to_dict()
    leaf = "almond" if data["layers"][0]["leaf"] == "ivy" else "ivy"
    data["layers"][0]["leaf"] = leaf
    before, after = render(program, 8.0), draw_saved(replace(request, program=data)).height
    changed = np.abs(after - before) > 1e-6
    upper = len(before) // 2
    assert changed[:upper].any() and not changed[upper + 1 :].any()
    data["layers"][0] = {"family": "laurel", "slot": data["layers"][0]["slot"]}
    other = draw_saved(replace(request, program=data))
    assert other.program is not None
    assert other.program["layers"][0]["family"] == "laurel" and other.program["layers"][1] == data["layers"][1]
    # the highest place of the whole is 1, so that another crest above scales what lies below, and nothing more
    kept, was = other.height[upper + 1 :], before[upper + 1 :]
    assert np.allclose(kept * (was.max() / kept.max()), was, rtol=0.0, atol=1e-6)


HEAD = "format: ringcad-ornament\nversion: 1\n"


@pytest.mark.parametrize(
    ("text", "field", "line", "words"),
    [
        (HEAD + "layers:\n  - family: ivvy\n", "layers.0.family", 4, "did you mean 'ivy'?"),
        (HEAD + "layers:\n  - famly: ivy\n", "layers.0.family", 4, "is missing"),
        (HEAD + "layers:\n  - family: vine\n    leaf: almnd\n", "layers.0.leaf", 5, "did you mean 'almond'?"),
        (HEAD + "layers:\n  - family: vine\n    leav: ivy\n", "layers.0.leav", 5, "did you mean 'leaf'?"),
        (HEAD + "layers:\n  - family: vine\n    repeats: 0\n", "layers.0.repeats", 5, "(value: 0; limit: >= 1)"),
        (HEAD + "layers:\n  - family: vine\n    stem_mm: .nan\n", "layers.0.stem_mm", 5, "must be a finite number"),
        (HEAD + "layers:\n  - family: ivy\n    slot: [0.5, -0.5]\n", "layers.0.slot", 5, "not a part of -1 to 1"),
        (HEAD + "layers:\n  - family: heart\n    panels: {count: 900}\n", "layers.0.panels.count", 5, "<= 400"),
        (HEAD + "frame: {style: milgran}\nlayers:\n  - family: ivy\n", "frame.style", 3, "did you mean 'milgrain'?"),
        (HEAD + "frme: {style: rope}\nlayers:\n  - family: ivy\n", "frme", 3, "did you mean 'frame'?"),
        (HEAD + "layers: ivy\n", "layers", 3, "a list"),
        (HEAD + "layers:\n  - ivy\n", "layers.0", 4, "a mapping is wanted"),
        ("format: ringcad-ornament\nversion: 2\nlayers:\n  - family: ivy\n", "version", 2, "is not 1"),
        (HEAD + "layers: [\n", "(file)", None, "is not YAML"),
        ("- 1\n", "(file)", 1, "begin with the program's 'format'"),
        ("", "(file)", 1, "'ringcad program SPEC --out FILE'"),
    ],
)
def test_complaints_name_file_line_field_and_fix(
    text: str, field: str, line: int | None, words: str, tmp_path: Path
) -> None:
    problems = complaints(text, tmp_path)
    assert problems, "nothing was said"
    found = next((problem for problem in problems if problem.field == field), None)
    assert found is not None, [str(problem) for problem in problems]
    assert line is None or found.line == line
    assert str(found.file).endswith("p.yaml") and words in str(found)


def test_every_complaint_comes_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = HEAD + "frame: {style: ropes}\nlayers:\n  - family: vine\n    leav: ivy\n  - family: wafes\n"
    assert [problem.line for problem in complaints(text, tmp_path)] == [3, 6, 7]


def test_a_missing_file_and_a_layer_without_room(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="does not exist"):
        read_program("none.yaml", tmp_path)
    (problem,) = complaints(HEAD + "layers:\n  - family: rose\n    slot: [0.8, 1.0]\n", tmp_path)
    assert "does not fit" in problem.message and problem.line == 4 and "mm wide" in problem.message


NUMBERS = st.one_of(
    st.integers(-3, 400),
    st.floats(1e-6, 50.0, allow_nan=False),
    st.sampled_from([0, 1, -1, 1e9, float("nan"), float("inf"), True, None, "x", [], [1.0]]),
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_edit_is_drawn_or_refused(data: st.DataObject) -> None:
    """No number by hand ends in anything but heights from 0 to 1 or a typed complaint."""
    family = data.draw(st.sampled_from(sorted(set(FAMILIES) - {"stipple", "starfield"})))
    program = compose(replace(REQUEST, prompt=family), family, Attributes())[0].to_dict()
    fields = sorted(set(LAYERS[family].model_fields) - {"family", "outlines"})
    for _ in range(data.draw(st.integers(1, 2))):
        program["layers"][0][data.draw(st.sampled_from(fields))] = data.draw(NUMBERS)
    try:
        height = draw_saved(replace(REQUEST, program=program, pixels_per_mm=4.0)).height
    except (SpecError, InputError):
        return
    assert np.isfinite(height).all() and height.min() >= 0.0 and height.max() <= 1.0


# ---------------------------------------------------------------- the same in every process

HASHES = """
import sys
from pathlib import Path
from dataclasses import replace
from ringcad.designs import read_program
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import generator
from ringcad.relief.store import content_hash, quantise
asked = GeneratorRequest("", 8, 24.0, 5.0, 0.3, 0.35, 0.25, pixels_per_mm=24.0)
program = read_program("p.yaml", Path(sys.argv[1])).data
for amount in (0.0, 0.3):
    print(content_hash(quantise(generator.generate(replace(asked, program=program, variation=amount)))))
"""


def test_a_program_gives_the_same_heights_in_every_process(tmp_path: Path) -> None:
    """Other hash seeds, other numbers of threads: the same 16-bit heights, of the program and of one near it."""
    program = program_of(Part("ivy"), Part("plait", "edges"), Part("stipple", "ground"))
    (tmp_path / "p.yaml").write_text(program_text(program.to_dict()))
    runs = []
    for seed, threads in (("0", "1"), ("4711", "4")):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        variables = {**os.environ, "PYTHONHASHSEED": seed, **dict.fromkeys(names, threads)}
        command = [sys.executable, "-c", HASHES, str(tmp_path)]
        run = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr[-2000:]
        runs.append(run.stdout.split())
    assert runs[0] == runs[1] and len(runs[0]) == 2 and runs[0][0] != runs[0][1]


# ---------------------------------------------------------------- near a design, and on other bands


@pytest.mark.parametrize("family", ["ivy", "heart", "plait", "milgrain", "chevron", "rose"])
def test_a_variation_is_near_new_and_not_the_base(family: str) -> None:
    program = program_of(Part(family))
    base = render(program, 8.0)
    data = program.to_dict()
    assert draw_saved(replace(REQUEST, program=data)).height.tobytes() == base.tobytes()

    def change(amount: float) -> float:
        drawn = [vary(program, amount, seed) for seed in range(6)]
        assert all(other != program and other.band == program.band for other in drawn)
        return float(np.mean([np.abs(render(other, 8.0) - base).mean() for other in drawn]))

    assert 0.0 < change(0.1) < change(1.0)
    assert len({vary(program, 1.0, seed).model_dump_json() for seed in range(6)}) >= 3


def test_a_variation_keeps_the_silhouette_and_mirrored_edges_alike() -> None:
    fox = compose_parts(REQUEST, [Part("motif", "middle", Attributes(form="fox"))], Attributes())[0]
    assert {getattr(vary(fox, 1.0, seed).layers[0], "name", "") for seed in range(4)} == {"fox"}
    edged = program_of(Part("milgrain", "edges"), Part("waves"))
    for seed in range(4):
        low, high, _ = vary(edged, 0.7, seed).layers
        assert low.model_dump(exclude={"slot", "flip"}) == high.model_dump(exclude={"slot", "flip"})


@pytest.mark.parametrize("family", ["ivy", "plait", "rose", "scales", "rope", "bead_row", "hammered"])
def test_a_program_on_another_band(family: str) -> None:
    """A size up it is spread; on a slimmer or longer band its counts follow, and it stays as castable as new."""
    program = program_of(Part(family))
    size_up, notes = refitted(program, replace(REQUEST, length_mm=24.8))
    assert size_up.layers == program.layers and size_up.band.length_mm == 24.8 and "spread" in notes[0]
    for length, width in ((24.0, 4.0), (36.0, 5.0), (30.0, 7.0)):
        request = replace(REQUEST, length_mm=length, width_mm=width)
        moved, notes = refitted(program, request)
        assert "24.00 x 5.00 mm" in notes[0] and moved.layers[0].family == family
        assert refitted(moved, request) == (moved, ())
        height = render(moved, 16.0) * 0.3
        assert height.shape[1] == round(16.0 * length)
        assert make_castable(height, (1 / 16, 1 / 16), 0.35, 0.25, 0.3).changed_area_share < 0.14
    if family in ("ivy", "rope"):
        name = "repeats" if family == "ivy" else "turns"
        longer = refitted(program, replace(REQUEST, length_mm=48.0))[0]
        assert getattr(longer.layers[0], name) > 1.5 * getattr(program.layers[0], name)


def test_what_cannot_be_fitted_says_so() -> None:
    program = program_of(Part("rose"))
    with pytest.raises(InputError, match=r"rose does not fit.*24.00 x 5.00 mm"):
        refitted(program, replace(REQUEST, width_mm=2.2))
    free = program.model_copy(update={"layers": (LAYERS["free"].model_validate({"family": "free"}),)})
    with pytest.raises(InputError, match="free elements"):
        refitted(free, replace(REQUEST, width_mm=4.0))


def test_a_prompt_beside_a_program_is_the_programs_own() -> None:
    program = program_of(Part("laurel")).model_copy(update={"asked": asked("laurel leaves", 1, Attributes())})
    draw_saved(replace(REQUEST, prompt=" laurel  leaves", program=program.to_dict()))
    with pytest.raises(InputError, match="Remove 'program'"):
        draw_saved(replace(REQUEST, prompt="waves", program=program.to_dict()))


# ---------------------------------------------------------------- beside a spec


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a spec whose zones measure 20 x 5 mm, decorated by a prompt."""
    site = install_plugin(tmp_path)
    for key, value in environment(site, tmp_path, FAKE_GATE="1").items():
        monkeypatch.setenv(key, value)
    monkeypatch.syspath_prepend(str(site))
    import fake_ring

    zones = fake_ring.FakeTemplate.zones
    monkeypatch.setattr(
        fake_ring.FakeTemplate, "zones", lambda self, ring: dict.fromkeys(zones(self, ring), ZoneSize(20.0, 5.0))
    )
    text = fake_ring.SPEC.replace("    generator: fake_dots\n", "").replace("prompt: dots", "prompt: laurel leaves")
    (tmp_path / "ring.yaml").write_text(text)
    yield tmp_path
    sys.modules.pop("fake_ring", None)


def heights(spec: Path) -> str:
    """Hash of what the first decoration of a spec draws."""
    (design,) = present_designs(spec, spec.with_suffix(""))
    return content_hash(design.relief.relief)


def apply(spec: Path, wanted: Wanted) -> str:
    """Carry an edit out without building; returns the hash of what the spec draws then."""
    edit = edited(spec, wanted, spec.with_suffix(""))
    spec.write_text(edit.text)
    for path, text in edit.files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return heights(spec)


def test_variations_start_from_the_liked_design_and_never_drift(place: Path) -> None:
    spec = place / "ring.yaml"
    liked = heights(spec)
    near = apply(spec, Wanted(variation=0.2, seed=8))
    assert near != liked
    (base,) = (place / "ring.programs").iterdir()
    assert f"program: ring.programs/{base.name}" in spec.read_text()
    assert "# what the customer asked for" in spec.read_text()
    other = apply(spec, Wanted(variation=1.0, seed=9))
    assert apply(spec, Wanted(seed=11)) != other
    assert apply(spec, Wanted(variation=0.2, seed=8)) == near  # from the same base, whatever was drawn between
    assert apply(spec, Wanted(variation=0.0)) == liked
    with pytest.raises(InputError, match="a seed changes nothing"):
        edited(spec, Wanted(seed=12), place / "ring")
    apply(spec, Wanted(variation=0.2, seed=8))
    elsewhere = place / "elsewhere"  # spec and program alone, no lock, no cache
    (elsewhere / "ring.programs").mkdir(parents=True)
    (elsewhere / "ring.yaml").write_text(spec.read_text())
    (elsewhere / "ring.programs" / base.name).write_text(base.read_text())
    assert heights(elsewhere / "ring.yaml") == near
    assert apply(spec, Wanted(liked=True)) == near  # from now on the variation is the liked one
    assert len(list((place / "ring.programs").iterdir())) == 2
    assert apply(spec, Wanted(prompt="laurel leaves", seed=3)) == liked
    assert "program" not in spec.read_text() and "variation" not in spec.read_text()


def test_what_regenerate_refuses(place: Path) -> None:
    spec, out = place / "ring.yaml", place / "ring"
    for wanted, words in (
        (Wanted(), "something to change"),
        (Wanted(variation=1.2), "--variation is 1.2"),
        (Wanted(prompt="waves", variation=0.2), "give one of them"),
        (Wanted(variation=0.2, zone=2), "--zone is 2"),
    ):
        with pytest.raises(InputError, match=words):
            edited(spec, wanted, out)
    spec.write_text(spec.read_text().replace("    prompt", "    generator: fake_dots\n    prompt"))
    with pytest.raises(InputError, match="keeps no program"):
        edited(spec, Wanted(variation=0.2), out)
    spec.write_text(spec.read_text().replace("    seed", "    program: p.yaml\n    seed"))
    (place / "p.yaml").write_text(HEAD + "layers:\n  - family: ivy\n")
    with pytest.raises(SpecError, match="draws no programs"):
        build_ring(spec)


def test_an_edit_is_published_with_its_program_or_not_at_all(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ringcad.options import BuildOptions

    spec = place / "ring.yaml"
    options = BuildOptions(out=place / "ring", pictures=False, step=False, cache=None)
    edit = edited(spec, Wanted(variation=0.3, seed=8), place / "ring")
    before = spec.read_text()
    monkeypatch.setenv("FAKE_RING", "refuse:plan")
    refused = build_ring(spec, options, text=edit.text, write_spec=True, files=edit.files)
    assert refused.status == "refused" and spec.read_text() == before and not (place / "ring.programs").exists()
    monkeypatch.setenv("FAKE_RING", "")
    result = build_ring(spec, options, text=edit.text, write_spec=True, files=edit.files)
    assert result.ok and spec.read_text() == edit.text
    ((path, text),) = edit.files.items()
    assert path.read_text() == text
    row = read_lock(place / "ring.lock.yaml").reliefs["left_shoulder"]
    assert row.request["program"]["file"] == f"ring.programs/{path.name}" and row.request["variation"] == 0.3
    assert row.program is not None and row.program != read_program(str(path), place).data
    (zone, _) = result.to_json()["decoration"]
    assert zone["program"] == f"ring.programs/{path.name}" and zone["variation"] == 0.3
    assert "variation 0.3" in " ".join(zone["understood"])
    assert f"{path.name}" in (place / "ring" / "report.html").read_text()


def test_the_program_command(place: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    assert main(["program", "ring.yaml", "--out", "mine.yaml"]) == 0
    assert "program: mine.yaml" in capfd.readouterr().out
    liked = heights(place / "ring.yaml")
    assert main(["program", "ring.yaml"]) == 0
    assert capfd.readouterr().out == (place / "mine.yaml").read_text()
    assert main(["program", "ring.yaml", "--out", "mine.yaml"]) == 2
    assert main(["program", "ring.yaml", "--zone", "2"]) == 2
    assert main(["program", "none.yaml"]) == 2
    text = (place / "ring.yaml").read_text().replace("    seed", "    program: mine.yaml\n    seed")
    (place / "mine_ring.yaml").write_text(text)
    assert heights(place / "mine_ring.yaml") == liked
    capfd.readouterr()
    assert main(["schema", "--program"]) == 0
    assert "ornament program" in json.loads(capfd.readouterr().out)["title"]
    (place / "mine.yaml").write_text((place / "mine.yaml").read_text().replace("family: laurel", "family: laurels"))
    assert main(["build", "mine_ring.yaml", "--json", "--quiet", "--no-pictures", "--no-step"]) == 2
    row = json.loads(capfd.readouterr().out)
    assert row["problems"][0]["field"] == "layers.0.family" and row["problems"][0]["file"].endswith("mine.yaml")


@pytest.mark.parametrize("prompt", ["", "   ", "qwrtz plmk", "income statement and balance"])
def test_a_prompt_that_says_nothing_is_refused_with_suggestions(
    prompt: str, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    spec = place / "ring.yaml"
    spec.write_text(spec.read_text().replace("prompt: laurel leaves ", f"prompt: '{prompt}' "))
    assert main(["build", str(spec), "--quiet", "--no-pictures", "--no-step"]) == 2
    said = capfd.readouterr().err
    assert "decoration.0" in said and "ivy" in said and "Traceback" not in said


def test_a_build_says_what_was_understood(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    spec = place / "ring.yaml"
    spec.write_text(spec.read_text().replace("laurel leaves", "melancholic laurel leaves"))
    assert main(["build", str(spec), "--quiet", "--no-pictures", "--no-step"]) == 0
    said = capfd.readouterr().out
    assert "decoration of right shoulder and left shoulder: 'melancholic laurel leaves'" in said
    for word in ("understood:", "retrieved:", "next:", "laurel"):
        assert word in said
    report = json.loads((place / "ring" / "report.json").read_text())
    assert report["relief"][0]["understood"] and report["relief"][0]["retrieved"]
    assert generator.draws_programs
