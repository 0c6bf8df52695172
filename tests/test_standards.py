"""Tables: every row reads, formulas invert, bad cells say where, unknown names propose the nearest."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringcad import standards
from ringcad.standards.tables import TableError, data_text, parse_rows, provenance

SYSTEMS = standards.size_systems()

# US, ID, C, JP, CH as printed in conversion tables to the digit
PRINTED = [
    (3, 14.07, 44.21, 4.2, 4.2),
    (5, 15.70, 49.31, 9.1, 9.3),
    (6.5, 16.92, 53.14, 12.7, 13.1),
    (7, 17.32, 54.42, 14.0, 14.4),
    (9, 18.95, 59.53, 18.8, 19.5),
    (12, 21.39, 67.19, 26.2, 27.2),
    (14, 23.01, 72.30, 31.0, 32.3),
]
UK_LETTERS = {"A": 11.94, "F": 13.93, "H": 14.72, "J": 15.52, "N": 17.11, "P": 17.90, "T": 19.50, "Z": 21.88}


@pytest.mark.parametrize(("us", "diameter", "circumference", "japan", "swiss"), PRINTED)
def test_sizes_agree_with_printed_tables(
    us: float, diameter: float, circumference: float, japan: float, swiss: float
) -> None:
    size = standards.ring_size(f"US {us}")
    assert size.inner_diameter_mm == pytest.approx(diameter, abs=0.006)
    assert size.circumference_mm == pytest.approx(circumference, abs=0.011)
    by_name = {system.system: system for system in SYSTEMS}
    assert by_name["JP"].number(size.inner_diameter_mm) == pytest.approx(japan, abs=0.06)
    assert by_name["CH"].number(size.inner_diameter_mm) == pytest.approx(swiss, abs=0.06)
    assert by_name["EU"].number(size.inner_diameter_mm) == pytest.approx(circumference, abs=0.011)


@pytest.mark.parametrize(("letter", "diameter"), UK_LETTERS.items())
def test_uk_letters(letter: str, diameter: float) -> None:
    assert standards.ring_size(f"UK {letter}").inner_diameter_mm == pytest.approx(diameter, abs=0.006)


@pytest.mark.parametrize(
    ("text", "label", "diameter"),
    [
        ("US 7", "US 7", 17.3228),
        ("us 7.5", "US 7.5", 17.7292),
        ("CA 7 1/2", "CA 7.5", 17.7292),
        ("US 7¼", "US 7.25", 17.526),
        ("UK N 1/2", "UK N 1/2", 55.0 / math.pi - 0.625 / math.pi),
        ("AU N½", "AU N 1/2", 54.375 / math.pi),
        ("uk z + 1", "UK Z+1", 70.0 / math.pi),
        ("ISO 54", "ISO 54", 54 / math.pi),
        ("JP 14", "JP 14", 52 / 3),
        ("CH 14.4", "CH 14.4", 54.4 / math.pi),
        ("17.32 mm", "17.32 mm", 17.32),
        ("17,32 mm", "17.32 mm", 17.32),
        ("diameter 17.32 mm", "17.32 mm", 17.32),
        ("circumference 54.4 mm", "circumference 54.4 mm", 54.4 / math.pi),
        ("54.4 mm circumference", "circumference 54.4 mm", 54.4 / math.pi),
    ],
)
def test_reads_sizes_as_jewelers_write_them(text: str, label: str, diameter: float) -> None:
    size = standards.ring_size(text)
    assert size.label == label
    assert size.inner_diameter_mm == pytest.approx(diameter, abs=1e-9)
    # a label reads back as itself
    assert standards.ring_size(size.label) == size


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda s: s.system)
@given(data=st.data())
def test_every_size_of_every_system_inverts(system: standards.SizeSystem, data: st.DataObject) -> None:
    steps = round((system.maximum - system.minimum) / system.step)
    number = round(system.minimum + data.draw(st.integers(0, steps)) * system.step, 6)
    diameter = system.diameter_mm(number)
    assert system.number(diameter) == pytest.approx(number, abs=1e-9)
    size = standards.ring_size(f"{system.system} {system.label(number)}")
    assert size.inner_diameter_mm == pytest.approx(diameter, abs=1e-9)
    nearest = standards.nearest_labels(diameter)[system.system]
    assert nearest.error_mm == pytest.approx(0.0, abs=1e-9)
    assert nearest.label == f"{system.system} {system.label(number)}"


@given(st.floats(14.0, 22.0))
def test_nearest_label_is_within_half_a_step(diameter: float) -> None:
    for system in SYSTEMS:
        nearest = standards.nearest_labels(diameter)[system.system]
        step_mm = abs(system.diameter_mm(2 * system.step) - system.diameter_mm(system.step))
        assert abs(nearest.error_mm) <= 0.5 * step_mm + 1e-9
        assert standards.ring_size(nearest.label).inner_diameter_mm == pytest.approx(nearest.inner_diameter_mm)


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("7", "US 7"),
        ("54", "EU 54"),
        ("US 7.3", "US 7.25"),
        ("US 40", "US 16"),
        ("US -1", None),
        ("UK 7", "UK N"),
        ("UK NN", "UK N"),
        ("UK B+1", "UK Z+1"),
        ("EU 54.2", "EU 54"),
        ("54.4 mm", "circumference 54.4 mm"),
        ("0 mm", None),
        ("", None),
        ("US", None),
        ("US nan", None),
        ("US 15/2", None),
        ("US 7 3/0", None),
        ("US 1e1", None),
        ("Mars 7", None),
    ],
)
def test_no_such_size_is_an_error_with_a_proposal(text: str, proposal: str | None) -> None:
    with pytest.raises(standards.RingSizeError) as caught:
        standards.ring_size(text)
    if proposal is not None:
        assert proposal in (caught.value.suggestion or "")


@given(st.text(max_size=20))
def test_any_text_is_a_size_or_a_clean_error(text: str) -> None:
    try:
        size = standards.ring_size(text)
    except standards.RingSizeError:
        return
    assert 5.0 < size.inner_diameter_mm < 30.0


@pytest.mark.parametrize("row", standards.alloys(), ids=lambda r: r.id)
def test_every_alloy_is_a_metal_that_every_profile_covers(row: standards.Alloy) -> None:
    assert standards.alloy(row.id) is row
    assert all(standards.alloy(alias) is row for alias in row.aliases)
    assert row.provenance.source
    for profile in standards.shipped_profiles().values():
        limits = profile.limits(row)
        assert 0.2 <= limits["wall_min_mm"] <= 1.0
        assert limits["gap_min_mm"] < limits["relief_max_mm"]
    if row.family == "gold" and row.id.split("k")[0].isdigit():
        # density falls with the carat: between pure gold and the lightest copper-zinc alloys
        carat = int(row.id.split("k")[0])
        assert 8.4 < row.density_g_cm3 <= 19.4
        assert abs(row.density_g_cm3 - 1.0 / (carat / 24 / 19.32 + (1 - carat / 24) / 9.2)) < 1.9


@pytest.mark.parametrize("row", standards.gems(), ids=lambda r: r.id)
def test_every_gem_reads(row: standards.Gem) -> None:
    assert standards.gem(row.id) is row
    assert 1.3 < row.refractive_index < 2.8
    assert all(0.0 <= channel <= 1.0 for channel in row.color_rgb)


def test_every_name_is_used_once() -> None:
    for rows in (standards.alloys(), standards.gems()):
        names = [name for row in rows for name in (row.id, *row.aliases)]
        assert len(names) == len(set(names))


def test_the_articles_minimum_is_not_recommended() -> None:
    profile = standards.foundry_profile("seed_minimum")
    assert not profile.recommended
    assert profile.note == "the article's minimum, not recommended"
    wall = {name: profile.groups[name]["wall_min_mm"] for name in ("gold", "silver", "platinum", "resin")}
    assert wall == {"gold": 0.5, "silver": 0.5, "platinum": 0.3, "resin": 0.3}
    assert {1.015, 1.02} <= set(profile.casting_scale_options)
    assert standards.foundry_profile("workshop").recommended


def test_unknown_names_propose_the_nearest() -> None:
    for find, name, nearest in (
        (standards.alloy, "18k_yelow_gold", "18k_yellow_gold"),
        (standards.gem, "saphire", "sapphire"),
        (standards.foundry_profile, "work_shop", "workshop"),
        (standards.setting_rule, "notch_share_defualt", "notch_share_default"),
    ):
        with pytest.raises(standards.UnknownNameError) as caught:
            find(name)
        assert caught.value.nearest == nearest


HEADER = "id,value,source,reliability,edition"


def test_bad_cells_say_file_line_and_column() -> None:
    columns = HEADER.split(",")
    text = f"# comment\n{HEADER}\na,1.5,s,A,1\nb,abc,s,A,1\nc,nan,s,A,1\nd,9,s,X,1\ne,,s,A,1\n"
    rows = list(parse_rows(text, "t.csv", columns))
    assert rows[0].number("value") == 1.5
    for row, words in ((rows[1], "line 4, column value"), (rows[2], "line 5"), (rows[4], "line 7.*is empty")):
        with pytest.raises(TableError, match=words):
            row.number("value")
    with pytest.raises(TableError, match="outside 0 to 5"):
        rows[3].number("value", 0, 5)
    with pytest.raises(TableError, match="column reliability"):
        provenance(rows[3])
    with pytest.raises(TableError, match="line 2: 3 cells"):
        list(parse_rows(f"{HEADER}\na,1,s\n", "t.csv", columns))
    with pytest.raises(TableError, match="columns must be"):
        list(parse_rows("id,valu\n", "t.csv", columns))
    with pytest.raises(TableError, match="no header"):
        list(parse_rows("# nothing\n", "t.csv", columns))


def test_a_users_profile_is_found_by_path_and_in_a_folder(tmp_path: Path) -> None:
    text = data_text("foundry_workshop.yaml").replace("id: workshop", "id: mine").replace("0.80,", "0.85,")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    for name, folders in (("mine", [tmp_path]), (str(tmp_path / "mine.yaml"), []), ("mine.yaml", [tmp_path])):
        profile = standards.foundry_profile(name, folders)
        assert profile.groups["gold"]["wall_min_mm"] == 0.85
    with pytest.raises(standards.UnknownNameError):
        standards.foundry_profile("mine")
    with pytest.raises(TableError, match="no such file"):
        standards.foundry_profile("absent.yaml", [tmp_path])


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("wall_min_mm: 0.80", "wall_min_mm: 8 mm", "groups.gold.wall_min_mm"),
        ("wall_min_mm: 0.80", "wall_min_mm: 99", "outside"),
        ("wall_min_mm: 0.80", "wal_min_mm: 0.80", "did you mean 'wall_min_mm'"),
        ("recommended: true", "recommended: maybe", "recommended"),
        ("  gold:", "  golds:", "did you mean"),
        ("id: workshop", "- id", "not YAML"),
        ("casting_scale: 1.0 ", "casting_scale: .nan ", "casting_scale"),
    ],
)
def test_a_broken_profile_says_where(before: str, after: str, words: str) -> None:
    text = data_text("foundry_workshop.yaml")
    assert before in text
    with pytest.raises(TableError, match=words):
        standards.parse_profile(text.replace(before, after, 1), "mine.yaml")


def test_size_table_runs_over_the_us_scale() -> None:
    table = standards.size_table()
    assert len(table) == 23
    assert [row.labels["US"].label for row in table][:2] == ["US 3", "US 3.5"]
    assert table[8].labels["UK"].label == "UK N 1/2"


def test_light_imports() -> None:
    code = (
        "import sys, ringcad.spec, ringcad.standards, ringcad.resolve;"
        "bad = {'OCP', 'cadquery', 'torch', 'scipy', 'vtk'} & set(sys.modules);"
        "assert not bad, bad"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
