"""The documents say what is so: commands run, links lead somewhere, names exist.

A ``console`` or ``python`` block of the tutorial is run when the line before it is ``<!-- run -->``,
``<!-- run: slow -->`` or ``<!-- run: exit 2 -->``. Blocks run in order in one folder. In a console
block a line that starts with ``$`` is a command, the lines after it what it prints; ``...`` alone on
a line stands for any lines, inside a line for any text.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(
    r"^<!-- run(?:: (?P<how>[a-z0-9 ,]+))? -->\n```(?P<kind>console|python)\n(?P<body>.*?)^```$", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """One block to run."""

    kind: str
    body: str
    slow: bool
    exit_code: int


def blocks(document: Path) -> list[Block]:
    found = []
    for match in BLOCK.finditer(document.read_text(encoding="utf-8")):
        words = [word.strip() for word in (match["how"] or "").split(",") if word.strip()]
        code = next((int(word.split()[1]) for word in words if word.startswith("exit ")), 0)
        unknown = [word for word in words if word != "slow" and not word.startswith("exit ")]
        assert not unknown, f"{document.name}: cannot read {unknown}"
        found.append(Block(match["kind"], match["body"], "slow" in words, code))
    return found


def commands(body: str) -> list[tuple[str, list[str]]]:
    """Pairs of a command and the lines that it is said to print."""
    pairs: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            pairs.append((line[2:], []))
        else:
            pairs[-1][1].append(line)
    return pairs


def matches(expected: list[str], printed: str) -> bool:
    """Whether the output is what the document shows."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(piece) for piece in line.split("...")) + r"[ ]*\n"
    return re.fullmatch(pattern, printed if printed.endswith("\n") or not printed else printed + "\n") is not None


def run_block(block: Block, folder: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "RINGCAD_CACHE": str(folder / ".cache"), "LC_ALL": "C.UTF-8"}
    if block.kind == "python":
        run = subprocess.run(
            [sys.executable, "-c", block.body], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == block.exit_code, run.stderr[-2000:]
        return
    for command, expected in commands(block.body):
        run = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert run.returncode == block.exit_code, f"$ {command}\nexit {run.returncode}\n{run.stdout[-2000:]}"
        if expected:
            assert matches(expected, run.stdout), f"$ {command}\nprinted\n{run.stdout[-3000:]}"


def test_matching_knows_its_dots() -> None:
    assert matches(["a", "...", "z"], "a\nb\nc\nz\n")
    assert matches(["a", "...", "z"], "a\nz\n")
    assert matches(["1... g"], "1.25 g\n")
    assert not matches(["a", "z"], "a\nb\nz\n")
    assert not matches(["a"], "ab\n")


def test_quick_commands_of_the_tutorial(tmp_path: Path) -> None:
    quick = [block for block in blocks(ROOT / "docs" / "tutorial.md") if not block.slow]
    assert len(quick) >= 4
    for block in quick:
        run_block(block, tmp_path)


@pytest.mark.slow
def test_every_command_of_the_tutorial(tmp_path: Path) -> None:
    for block in blocks(ROOT / "docs" / "tutorial.md"):
        run_block(block, tmp_path)


def test_every_console_block_of_the_tutorial_is_run() -> None:
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert text.count("```console") + text.count("```python") == len(blocks(ROOT / "docs" / "tutorial.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(document: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http://", "https://", "#", "mailto:")):
            assert (document.parent / target.split("#")[0]).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_yaml_examples_are_valid_specs(document: Path) -> None:
    """Blocks that are whole specs are read as such; parts of one are put into a small whole one."""
    from ringcad.spec import parse_spec

    for body in re.findall(r"^```yaml\n(.*?)^```$", document.read_text(encoding="utf-8"), flags=re.M | re.S):
        whole = body
        if not body.startswith("ringcad:") and "\nringcad:" not in body:
            whole = "ringcad: 1\nring_size: US 7\nmetal: 18k_yellow_gold\nstone: {size: 6.5 mm}\n" + body
        parse_spec(whole)


def test_every_option_that_the_documents_name_exists() -> None:
    from ringcad.cli import make_parser

    parser = make_parser()
    (commands_action,) = (action for action in parser._actions if action.dest == "command")
    known = {option for action in parser._actions for option in action.option_strings}
    names = set(commands_action.choices or ())
    for sub in (commands_action.choices or {}).values():
        known |= {option for action in sub._actions for option in action.option_strings}
    for document in DOCUMENTS:
        for line in re.findall(
            r"`(ringcad [^`]+)`|^\$ (ringcad .+)$", document.read_text(encoding="utf-8"), flags=re.M
        ):
            words = (line[0] or line[1]).split()
            if words[1] not in ("COMMAND",) and not words[1].startswith("-"):
                assert words[1] in names, f"{document.name}: {' '.join(words)}"
            for word in words:
                if re.fullmatch(r"--[a-z-]+", word):
                    assert word in known, f"{document.name}: {' '.join(words)}"


def test_exit_codes_are_those_of_the_program() -> None:
    from ringcad.core import errors

    text = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", text, flags=re.M)}
    assert {errors.EXIT_OK, errors.EXIT_REFUSED, errors.EXIT_BAD_INPUT, errors.EXIT_FAULT} <= rows


def test_the_system_packages_are_named_the_same_everywhere() -> None:
    from ringcad.system_libraries import APT_LINE

    packages = APT_LINE.split("-y ")[1]
    for name in ("README.md", ".ci/run"):
        assert packages in (ROOT / name).read_text(encoding="utf-8"), name


def test_the_readme_gives_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test"):
        assert f"make {target}" in text
        assert re.search(rf"^{target}:", makefile, flags=re.M)


def test_pictures_in_the_documents_are_small() -> None:
    sizes = {picture.name: picture.stat().st_size for picture in (ROOT / "docs" / "pictures").glob("*")}
    # Fifty to sixty pictures each.
    sheets = {name: size for name, size in sizes.items() if name.startswith("sheet-") or name == "repertoire.jpg"}
    assert sum(sheets.values()) < 3_000_000, sheets
    assert {name: size for name, size in sizes.items() if size >= 300_000} == {
        name: size for name, size in sheets.items() if size >= 300_000
    }
