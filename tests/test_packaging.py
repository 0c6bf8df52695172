"""Tests that what is in the repository is what gets installed.

A package folder that is missing from the explicit list in ``pyproject.toml`` is silently left out of
the wheel, and an entry point may name what does not exist; both have to be noticed here.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
FOLDERS = {"ringcad": ROOT / "src" / "ringcad", "ringcad.templates": ROOT / "templates"}
FOLDERS["ringcad.generators"] = ROOT / "generators"
SHIPPED = {Path(pattern).suffix for pattern in SETUPTOOLS["package-data"]["*"]}
SOURCES = ("src", "templates", "generators", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in")


def packages_on_disk() -> dict[str, Path]:
    """Import name -> folder, of each folder with an ``__init__.py``."""
    found = {}
    for name, folder in FOLDERS.items():
        for init in folder.rglob("__init__.py"):
            parts = init.parent.relative_to(folder).parts
            found[".".join((name, *parts))] = init.parent
    return found


def shipped_files() -> set[str]:
    """Every file that a wheel must hold, by its place in the wheel."""
    files = {"ringcad/py.typed"}
    for name, folder in packages_on_disk().items():
        place = name.replace(".", "/")
        files |= {f"{place}/{file.name}" for file in folder.iterdir() if file.suffix in SHIPPED | {".py"}}
    return files


def data_beside_code() -> list[Path]:
    """Files under the package folders that are neither code nor of a kind that is shipped."""
    waste = {".stl", ".step"}
    return [
        file.relative_to(ROOT)
        for folder in FOLDERS.values()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix not in SHIPPED | {".py", ".typed"} | waste and "__pycache__" not in file.parts
    ]


def test_each_package_folder_is_on_the_list() -> None:
    listed = SETUPTOOLS["packages"]
    assert sorted(listed) == sorted(set(listed))
    assert set(listed) == set(packages_on_disk())


def test_each_folder_with_code_is_a_package() -> None:
    packages = set(packages_on_disk().values())
    for folder in FOLDERS.values():
        for file in folder.rglob("*.py"):
            assert file.parent in packages, f"{file.relative_to(ROOT)} lies in a folder without __init__.py"


def test_no_data_is_left_behind_by_its_ending() -> None:
    for file in data_beside_code():
        pytest.fail(f"{file} would not be installed: its ending is not among package-data {sorted(SHIPPED)}")


def test_data_lies_in_packages_only() -> None:
    """``package-data`` globs look into listed packages only, not into plain sub-folders of theirs."""
    packages = set(packages_on_disk().values())
    for folder in FOLDERS.values():
        for file in folder.rglob("*"):
            if file.is_file() and file.suffix in SHIPPED and file.parent not in packages:
                patterns = SETUPTOOLS["package-data"]
                inside = next(name for name, place in packages_on_disk().items() if place == nearest(file, packages))
                relative = file.relative_to(nearest(file, packages)).as_posix()
                globs = [*patterns.get(inside, []), *patterns["*"]]
                assert any(Path(relative).match(glob) and glob.count("/") == relative.count("/") for glob in globs), (
                    f"{file.relative_to(ROOT)} lies in a plain folder and matches no package-data glob"
                )


def nearest(file: Path, packages: set[Path]) -> Path:
    """The innermost package that a file lies in."""
    return next(parent for parent in file.parents if parent in packages)


@pytest.mark.parametrize("group", ["ringcad.templates", "ringcad.generators"])
def test_entry_points_are_the_folders_on_disk(group: str) -> None:
    declared = PROJECT["project"]["entry-points"][group]
    children = {path.name for path in FOLDERS[group].iterdir() if (path / "__init__.py").is_file()}
    assert set(declared) == {
        child.replace("_", "-") if child.replace("_", "-") in declared else child for child in children
    }
    for name, target in declared.items():
        module, _, attribute = target.partition(":")
        assert module == f"{group}.{name.replace('-', '_')}"
        value = getattr(importlib.import_module(module), attribute)
        assert value.name == name


def test_the_command_exists() -> None:
    module, _, attribute = PROJECT["project"]["scripts"]["ringcad"].partition(":")
    assert callable(getattr(importlib.import_module(module), attribute))


def test_versions_agree() -> None:
    import ringcad

    assert PROJECT["project"]["version"] == ringcad.__version__


def test_constraints_pin_what_is_asked_for() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    pinned = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            pinned[canonicalize_name(name)] = Version(version)
    wanted = list(PROJECT["project"]["dependencies"])
    for extra in PROJECT["project"]["optional-dependencies"].values():
        wanted += extra
    for text in wanted:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is not in constraints.txt"
        assert pinned[name] in requirement.specifier, f"{text} against {pinned[name]}"


def imported_names(file: Path) -> set[str]:
    """Top-level names that a file imports anywhere in it (not those it mentions in text)."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_imports_and_declared_dependencies_agree() -> None:
    """Nothing is imported that is not asked for, and nothing is asked for that is not imported."""
    sources = [f for folder in FOLDERS.values() for f in folder.rglob("*.py") if not f.name.startswith("train")]
    neighbours = {file.stem for file in sources}
    used = set().union(*(imported_names(file) for file in sources)) - set(sys.stdlib_module_names) - {"ringcad"}
    used -= neighbours
    module_of = {"pillow": "PIL", "scikit-image": "skimage", "ruamel.yaml": "ruamel", "cadquery": "OCP"}
    declared = {re.split(r"[<>=!~\[; ]", text)[0] for text in PROJECT["project"]["dependencies"]}
    modules = {module_of.get(name, name) for name in declared}
    comes_with = {"pydantic_core": "pydantic", "annotated_types": "pydantic", "cadquery": "OCP"}
    behind_trimesh = {"lxml"}  # it reads 3MF with it
    optional = {"cryptography"}  # imported where something is signed; its absence is a sentence
    extras = PROJECT["project"]["optional-dependencies"]
    assert optional <= {re.split(r"[<>=!~\[; ]", text)[0] for text in extras["sign"]}
    assert {comes_with.get(name, name) for name in used} - optional == modules - behind_trimesh


def copy_of_sources(folder: Path) -> Path:
    """The files that a build needs, away from the checkout, so that no build folder is left in it."""
    tree = folder / "tree"
    tree.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        elif source.is_file():
            shutil.copy(source, tree / name)
    return tree


def build(tree: Path, out: Path, kind: str) -> Path:
    """Build a wheel or sdist with the tools of this environment, offline."""
    run = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", str(out), str(tree)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PIP_NO_INDEX": "1"},
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    (product,) = out.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return product


def names_in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


needs_build = pytest.mark.skipif(
    importlib.util.find_spec("build") is None or importlib.util.find_spec("setuptools") is None,
    reason="build and setuptools (extra dev) are not installed",
)


@needs_build
def test_wheel_holds_every_file_and_one_top_level_name(tmp_path: Path) -> None:
    wheel = build(copy_of_sources(tmp_path), tmp_path / "dist", "wheel")
    names = names_in_wheel(wheel)
    assert shipped_files() - names == set()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"ringcad"}
    assert any(name.startswith("ringcad/templates/") and name.endswith(".yaml") for name in names)
    assert any(name.startswith("ringcad/standards/data/") and name.endswith((".csv", ".yaml")) for name in names)
    (entry_points,) = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(entry_points).decode("utf-8")
    for group in ("ringcad.templates", "ringcad.generators"):
        for name, target in PROJECT["project"]["entry-points"][group].items():
            assert f"{name} = {target}" in text


@needs_build
@pytest.mark.slow
def test_wheel_from_sdist_installs_and_reads_its_data_away_from_the_checkout(tmp_path: Path) -> None:
    sdist = build(copy_of_sources(tmp_path), tmp_path / "sdist", "sdist")
    unpacked = tmp_path / "unpacked"
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (tree,) = unpacked.iterdir()
    wheel = build(tree, tmp_path / "dist", "wheel")
    assert shipped_files() - names_in_wheel(wheel) == set()
    target = tmp_path / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--no-deps",
            "--no-index",
            "--quiet",
            "--target",
            str(target),
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    program = f"""
import sys, importlib.metadata
sys.path[:] = [p for p in sys.path if {str(ROOT)!r} not in p]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in repr(f).lower()]
sys.path.insert(0, {str(target)!r})
import ringcad
assert ringcad.__file__.startswith({str(target)!r}), ringcad.__file__
from ringcad.cli import main
for command in (["templates"], ["generators"], ["sizes"], ["stones"], ["schema"]):
    try:
        code = main(command)
    except SystemExit as stop:
        code = stop.code
    assert code in (0, None), (command, code)
import ringcad.templates.solitaire, ringcad.generators.ornament
for module in (ringcad.templates.solitaire, ringcad.generators.ornament):
    assert module.__file__.startswith({str(target)!r}), module.__file__
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-1000:] + run.stderr[-3000:]
    assert "solitaire" in run.stdout and "ornament" in run.stdout


def test_light_imports_stay_light() -> None:
    """The spec, the tables and the dimensions load neither the kernel nor torch nor scipy."""
    program = (
        "import sys, ringcad.spec, ringcad.standards, ringcad.resolve;"
        "heavy = {'OCP', 'torch', 'scipy', 'vtk', 'vtkmodules', 'cadquery', 'skimage', 'trimesh'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
