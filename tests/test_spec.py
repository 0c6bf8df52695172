"""Reading, complaining about, writing and editing specs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringcad.core.errors import EXIT_BAD_INPUT, InputError, SpecError, SpecProblem
from ringcad.spec import Spec, dump_spec, edit_spec_file, edit_spec_text, load_spec, parse_spec, spec_json_schema

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = sorted((ROOT / "templates/solitaire/specs").glob("*.yaml")) + sorted(
    (ROOT / "benchmarks/specs").glob("*.yaml")
)
HEAD = "ringcad: 1\nring_size: US 7\nmetal: silver\n"
GOOD = HEAD + "stone: {size: 6.5 mm}\n"


def problems(text: str) -> list[SpecProblem]:
    with pytest.raises(SpecError) as caught:
        parse_spec(text, "ring.yaml")
    assert caught.value.exit_code == EXIT_BAD_INPUT
    return caught.value.problems


def only(text: str) -> SpecProblem:
    found = problems(text)
    assert len(found) == 1, [str(p) for p in found]
    return found[0]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_specs_round_trip(path: Path) -> None:
    spec = load_spec(path)
    assert parse_spec(dump_spec(spec)) == spec
    stone = ("stone", "size") if spec.has_head else ("accents", 0, "stone", "size")
    assert spec.source.line(stone) is not None
    assert dump_spec(parse_spec(dump_spec(spec))) == dump_spec(spec)


def test_the_design_page_example_reads() -> None:
    spec = parse_spec(
        """
ringcad: 1
template: solitaire
ring_size: US 7
metal: 18k_yellow_gold
foundry: workshop
stone: {cut: round, size: 6.5 mm, gem: diamond}
shank:
  profile: comfort_d
  width_mm: {top: 4.6, bottom: 3.0}
  thickness_mm: {top: 2.1, bottom: 2.0}
head: {style: basket, prongs: 4}
finish: as_cast
gallery: {rails: 2, shoulders: cathedral}
accents:
  - {setting: flush, stone: {cut: round, size: 1.3 mm}, count: 5, on: [left_shoulder, right_shoulder]}
decoration:
  - {region: shank.shoulders, prompt: ivy, seed: 7, depth_mm: 0.35, mode: emboss}
export: {stl: fine, step: true}
"""
    )
    assert spec.accents[0].on == ("left_shoulder", "right_shoulder")
    assert spec.shank.width_mm.top == 4.6


def test_one_number_stands_for_top_and_bottom() -> None:
    shank = parse_spec(GOOD + "shank: {width_mm: 2.2, thickness_mm: 2 mm}\n").shank
    assert (shank.width_mm.top, shank.width_mm.bottom, shank.thickness_mm.top) == (2.2, 2.2, 2.0)


@pytest.mark.parametrize(
    ("text", "field", "line", "words"),
    [
        (GOOD + "metl: gold\n", "metl", 5, "did you mean 'metal'"),
        (GOOD + "head: {style: basket,\n  prong: 4}\n", "head.prong", 6, "did you mean 'prongs'"),
        (GOOD + "head:\n  finish: polished\n", "head.finish", 6, "belongs at the top level"),
        (GOOD + "prongs: 4\n", "prongs", 5, "belongs under 'head'"),
        (GOOD + "shank: {width_mm: {top: 0.2 in}}\n", "shank.width_mm.top", 5, "write 5.08"),
        (GOOD + "shank: {width_mm: {top: 0.5 cm}}\n", "shank.width_mm.top", 5, "write 5"),
        (GOOD + "shank: {width_mm: {top: .nan}}\n", "shank.width_mm.top", 5, "finite"),
        (GOOD + "shank: {width_mm: {top: -.inf}}\n", "shank.width_mm.top", 5, "finite"),
        (GOOD + "shank: {width_mm: {top: 1e999}}\n", "shank.width_mm.top", 5, "finite"),
        (GOOD + "shank: {width_mm: {top: -2}}\n", "shank.width_mm.top", 5, "> 0). use more than 0"),
        (GOOD + "shank: {width_mm: {top: true}}\n", "shank.width_mm.top", 5, "a length in mm"),
        (GOOD + "shank: {profile: court}\n", "shank.profile", 5, "comfort_d"),
        (GOOD + "shank: {profile: confort_d}\n", "shank.profile", 5, "did you mean 'comfort_d'"),
        (GOOD + "shank: [1, 2]\n", "shank", 5, "a mapping is wanted, not a list"),
        (GOOD + "shank:\n", "shank", 5, "a mapping is wanted, not nothing"),
        (GOOD + "head: {prongs: 7}\n", "head.prongs", 5, "3, 4, 5, 6, 8"),
        (GOOD + "head: {prong_lean_deg: 0.2 rad}\n", "head.prong_lean_deg", 5, "write 11.46"),
        (GOOD + "accents: {setting: flush}\n", "accents", 5, "a list is wanted"),
        (GOOD + "accents:\n  - {setting: flush, stone: {size: 1 mm}}\n", "accents.0.count", 6, "is missing"),
        (GOOD + "decoration:\n  - {seed: 1}\n", "decoration.0", 6, "prompt"),
        (GOOD + "decoration:\n  - {prompt: x, generator: heightmap}\n", "decoration.0", 6, "needs an image"),
        (GOOD + "decoration:\n  - {prompt: x, seed: 1.5}\n", "decoration.0.seed", 6, "a whole number"),
        (GOOD + "export: {step: yes}\n", "export.step", 5, "true or false"),
        (GOOD + "export: {casting_scale: 1.2}\n", "export.casting_scale", 5, "<= 1.05"),
        (HEAD + "stone: {size: 6.5}\n", "stone.size", 4, "'6.5 mm' or '6.5 ct'"),
        (HEAD + "stone: {size: 0.25 in}\n", "stone.size", 4, "'6.35 mm'"),
        (HEAD + "stone: {size: 50 points}\n", "stone.size", 4, "'0.5 ct'"),
        (HEAD + "stone: {size: .inf}\n", "stone.size", 4, "finite"),
        (HEAD + "stone: {size: big}\n", "stone.size", 4, "6.5 mm"),
        (HEAD + "stone: {size: -1 mm}\n", "stone.size", 4, "> 0"),
        (HEAD + "stone: {gem: ruby}\n", "stone.size", 4, "is missing"),
        (HEAD + "stone: {size: 1 ct, measured: {girdle_percent: 1}}\n", "stone.measured.girdle_percent", 4, ">= 2"),
        (HEAD, "stone", None, "stone: {cut: round"),
        (GOOD.replace("US 7", "7"), "ring_size", 2, "'US 7'"),
        (GOOD.replace("ringcad: 1", "ringcad: 2"), "ringcad", 1, "version 1"),
        (GOOD.replace("ringcad: 1\n", ""), "ringcad", None, "'ringcad: 1'"),
        (GOOD + "metal: gold\n", "metal", 5, "twice"),
        ("", "(file)", 1, "empty"),
        ("# only a comment\n", "(file)", 1, "empty"),
        ("- a\n", "(file)", 1, "a list"),
        ("ring\n", "(file)", 1, "a single value"),
        ("a: [1\n", "(file)", 2, "not YAML"),
        ("a:\n\tb: 1\n", "(file)", 2, "not YAML"),
        ("a: 1\n---\nb: 2\n", "(file)", 2, "not YAML"),
        ("a: \x00\n", "(file)", None, "not YAML"),
        ("ringcad: !!python/name:os.system\n", "ringcad", 1, "tags"),
        ("a: 2024-01-01\n", "a", 1, "not allowed"),
        ("1: a\n", "(file)", None, "not a name"),
    ],
)
def test_complaints_name_place_and_fix(text: str, field: str, line: int | None, words: str) -> None:
    problem = only(text)
    assert (problem.field, problem.line, problem.file) == (field, line, "ring.yaml")
    assert words in str(problem)


def test_all_problems_come_at_once_in_order() -> None:
    found = problems("ringcad: 1\nring_size: US 7\nmetal: silver\nstone: {size: 6}\nhead: {prongs: 7}\nshank: {a: 1}\n")
    assert [p.line for p in found] == [4, 5, 6]


def test_many_aliases_are_refused_quickly() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    for name, before in zip("bcdefghi", "abcdefgh", strict=True):
        bomb += f"{name}: &{name} [" + ",".join([f"*{before}"] * 10) + "]\n"
    assert "too many values" in str(problems(bomb)[0])


def test_unreadable_files(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path / "absent.yaml", "does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "binary.yaml", "not UTF-8"),
        (tmp_path / "huge.yaml", "too large"),
    ):
        if path.name == "binary.yaml":
            path.write_bytes(b"\xff\xfe\x00\x81")
        if path.name == "huge.yaml":
            path.write_bytes(b"#" * 1_000_001)
        with pytest.raises(SpecError, match=words):
            load_spec(path)
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_spec(tmp_path / "bom.yaml").metal == "silver"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_spec_or_a_clean_error(text: str) -> None:
    try:
        parse_spec(text, "f.yaml")
    except SpecError as error:
        assert error.problems


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_spec_is_a_spec_or_a_clean_error(data: st.DataObject) -> None:
    text = SHIPPED[data.draw(st.integers(0, len(SHIPPED) - 1))].read_text(encoding="utf-8")
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        filling = data.draw(st.text(alphabet="{}[]:,-#'\"&*!|> \n\t0123456789.abnotyes%é", max_size=4))
        text = text[:start] + filling + text[start + length :]
    try:
        spec = parse_spec(text, "f.yaml")
    except SpecError as error:
        assert all(problem.message for problem in error.problems)
        return
    assert parse_spec(dump_spec(spec)) == spec


MILLIMETRES = st.floats(0.5, 5.0).map(lambda x: round(x, 3))
SPECS = st.fixed_dictionaries(
    {
        "ringcad": st.just(1),
        "ring_size": st.sampled_from(["US 7", "UK N 1/2", "17.32 mm"]),
        "metal": st.sampled_from(["silver", "18k_yellow_gold"]),
        "stone": st.fixed_dictionaries(
            {"size": st.sampled_from(["6.5 mm", "1 ct"])}, optional={"gem": st.sampled_from(["ruby", "diamond"])}
        ),
    },
    optional={
        "finish": st.sampled_from(["as_cast", "polished"]),
        "shank": st.fixed_dictionaries(
            {},
            optional={
                "profile": st.sampled_from(["flat", "d", "comfort_d", "knife_edge", "soft_cushion", "ellipse", "euro"]),
                "width_mm": MILLIMETRES | st.fixed_dictionaries({"top": MILLIMETRES}),
            },
        ),
        "decoration": st.lists(
            st.fixed_dictionaries(
                {"prompt": st.text(min_size=1, max_size=30).filter(lambda s: s.strip()), "seed": st.integers(0, 2**62)}
            ),
            max_size=2,
        ),
    },
)


@settings(max_examples=80, deadline=None)
@given(SPECS)
@example(
    {
        "ringcad": 1,
        "ring_size": "US 7",
        "metal": "silver",
        "stone": {"size": "6 mm"},
        "decoration": [{"prompt": "0\x85"}],
    }
)
def test_specs_survive_writing_and_reading(data: dict[str, Any]) -> None:
    spec = Spec.model_validate(data)
    assert parse_spec(dump_spec(spec)) == spec


@pytest.mark.parametrize("path", [p for p in SHIPPED if "prompt:" in p.read_text()], ids=lambda p: p.stem)
def test_edits_touch_only_their_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    edited = edit_spec_text(text, {"decoration.0.prompt": "waves: 3, deep", "decoration.0.seed": 99})
    before, after = text.splitlines(), edited.splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert [a.strip().lstrip("- ").split(":")[0] for a, _ in changed] == ["prompt", "seed"]
    spec = parse_spec(edited)
    assert (spec.decoration[0].prompt, spec.decoration[0].seed) == ("waves: 3, deep", 99)
    # nothing to change changes nothing
    assert edit_spec_text(text, {}) == text


def test_edits_make_remove_and_widen_fields() -> None:
    text = GOOD + "# about the shank\nshank: {width_mm: 2.2}  # slim\n"
    edited = edit_spec_text(text, {"shank.width_mm.top": 2.4, "head.tip": "almond"})
    spec = parse_spec(edited)
    assert (spec.shank.width_mm.top, spec.shank.width_mm.bottom, spec.head.tip) == (2.4, 2.2, "almond")
    assert "# about the shank" in edited and "# slim" in edited
    assert parse_spec(edit_spec_text(edited, {"head.tip": None})).head.tip == "dome"


@pytest.mark.parametrize(
    "changes",
    [{"decoration.0.seed": 1}, {"decoration.3.seed": 1}, {"stone.size": "6.5"}, {"nonsense": 1}, {"stone": None}],
)
def test_bad_edits_leave_the_file_alone(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = tmp_path / "ring.yaml"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(SpecError):
        edit_spec_file(path, changes)
    assert path.read_text(encoding="utf-8") == GOOD
    assert os.listdir(tmp_path) == ["ring.yaml"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ring.yaml"
    path.write_text(GOOD, encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError, match="No space left"):
        edit_spec_file(path, {"metal": "bronze"})
    assert path.read_text(encoding="utf-8") == GOOD
    assert os.listdir(tmp_path) == ["ring.yaml"]


def test_edits_keep_mode_and_follow_links(tmp_path: Path) -> None:
    path = tmp_path / "ring.yaml"
    path.write_text(GOOD, encoding="utf-8")
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    assert edit_spec_file(link, {"metal": "bronze"}).metal == "bronze"
    assert link.is_symlink() and "bronze" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o640


def test_schema_is_json_and_closed() -> None:
    schema = json.loads(json.dumps(spec_json_schema()))
    models = [schema, *schema["$defs"].values()]
    assert all(model["additionalProperties"] is False for model in models if model.get("type") == "object")
    assert schema["required"] == ["ringcad", "ring_size", "metal"]
    width = schema["$defs"]["ShankSpec"]["properties"]["width_mm"]
    assert [sorted(choice)[0] for choice in width["anyOf"]] == ["$ref", "exclusiveMinimum"]


@pytest.mark.parametrize(("setting", "instead"), [("bead", "pave_solitaire"), ("channel", "eternity")])
def test_a_row_without_room_names_the_template_that_has_it(setting: str, instead: str) -> None:
    row = f"accents: [{{setting: {setting}, stone: {{size: 1.3 mm}}, count: fill}}]\n"
    assert f"'template: {instead}'" in (only(GOOD + row).suggestion or "")
