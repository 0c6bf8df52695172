"""Who may import whom, and what the quick commands load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "ringcad"


def modules() -> Iterator[tuple[str, Path]]:
    """Dotted name and path of every module of ringcad, templates and generators."""
    for folder, prefix in ((PACKAGE, "ringcad"), (ROOT / "templates", "ringcad.templates"),
                           (ROOT / "generators", "ringcad.generators")):  # fmt: skip
        for path in sorted(folder.rglob("*.py")):
            parts = [prefix, *path.relative_to(folder).with_suffix("").parts]
            yield ".".join(part for part in parts if part != "__init__"), path


def imports_of(path: Path) -> set[str]:
    """Everything a module imports at run time, at any depth of its functions (not under ``TYPE_CHECKING``)."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for item in node.orelse:
                visit(item)
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


MODULES = dict(modules())


@pytest.mark.parametrize("name", MODULES)
def test_import_rules(name: str) -> None:
    found = imports_of(MODULES[name])
    assert not any(item.startswith(".") for item in found)
    if not within(name, "ringcad.kernel", "ringcad.templates"):
        assert not [item for item in found if within(item, "OCP", "cadquery", "OCC")]
    if not within(name, "ringcad.generators"):
        assert not [item for item in found if within(item, "torch")]
    if within(name, "ringcad.verify"):
        assert not [item for item in found if within(item, "ringcad.kernel", "ringcad.templates", "ringcad.fit")]
    if within(name, "ringcad.generators"):
        assert not [item for item in found if within(item, "ringcad.kernel", "ringcad.templates", "ringcad.pipeline")]
    if within(name, "ringcad.core"):
        assert not [item for item in found if within(item, "ringcad") and not within(item, "ringcad.core")]
    command_line = ("ringcad.cli", "ringcad.cli_run", "ringcad.cli_lists", "ringcad.cli_prompts")
    if name not in command_line:
        assert not [item for item in found if within(item, *command_line)]


def loaded_by(code: str) -> set[str]:
    """Names in ``sys.modules`` of a fresh process after ``code``."""
    run = subprocess.run(
        [sys.executable, "-c", f"import sys, io\nout, sys.stdout = sys.stdout, io.StringIO()\n{code}\n"
         "out.write('\\n'.join(sys.modules))"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return set(run.stdout.split())


HEAVY = ("OCP", "cadquery", "torch", "vtk", "vtkmodules", "trimesh", "numba", "skimage", "manifold3d", "matplotlib")


def test_help_loads_next_to_nothing() -> None:
    baseline = loaded_by("import argparse")
    loaded = loaded_by("from ringcad.cli import main\nassert main(['--help']) == 0")
    assert not [name for name in loaded if within(name, *HEAVY, "numpy", "scipy", "pydantic", "ruamel", "PIL")]
    assert len(loaded - baseline) <= 20, sorted(loaded - baseline)


@pytest.mark.parametrize("code", ["import ringcad.spec, ringcad.standards, ringcad.resolved, ringcad.resolve"])
def test_spec_and_standards_are_light(code: str) -> None:
    assert not [name for name in loaded_by(code) if within(name, *HEAVY, "scipy")]


def test_the_parents_pipeline_never_loads_the_kernel() -> None:
    code = (
        "import ringcad, ringcad.pipeline, ringcad.api, ringcad.worker, ringcad.cli_run, ringcad.cli_lists, "
        "ringcad.verify.check, ringcad.reporting, ringcad.reliefs, ringcad.scene\n"
        "from ringcad.registry import load_template, load_generator\n"
        "load_template('solitaire'); load_generator('ornament'); load_generator('heightmap'); load_generator('photo')"
    )
    assert not [name for name in loaded_by(code) if within(name, "OCP", "cadquery", "torch", "ringcad.kernel")]


def test_importing_ringcad_loads_nothing_but_itself() -> None:
    assert {name for name in loaded_by("import ringcad") if within(name, "ringcad")} == {"ringcad"}


def test_no_module_is_too_long() -> None:
    long = {name: count for name, path in MODULES.items() if (count := len(path.read_text().splitlines())) >= 500}
    assert not long
