"""Content hashes: of plain values, and of the program itself (so that new code never meets an old cache)."""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

#: Distributions whose version may change numbers.
_LIBRARIES = ("numpy", "scipy", "cadquery-ocp", "manifold3d", "scikit-image", "pillow", "vtk")
_SOURCES = {".py", ".csv", ".yaml", ".json", ".npz", ".safetensors", ".html"}


def hash_of(value: Any) -> str:
    """SHA-256 of the canonical JSON of a plain value (sorted keys, shortest floats)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def library_versions() -> dict[str, str]:
    """Versions of Python, ringcad and the libraries that numbers depend on; imports none of them."""
    return dict(_versions())


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    from ringcad import __version__

    found = [("python", platform.python_version()), ("ringcad", __version__)]
    for name in _LIBRARIES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return tuple(found)


def code_hash(template_target: str = "") -> str:
    """Hash of ringcad's own files, of the libraries' versions and of a template's package.

    ``template_target`` is the entry point's ``module:object``; a third party's template counts by
    the files of its top package. Reads about 10 MB, once in a process.
    """
    top = template_target.partition(":")[0].partition(".")[0]
    return _code_hash("" if top == "ringcad" else top)


@functools.cache
def _code_hash(package_of_template: str) -> str:
    digest = hashlib.sha256(json.dumps(library_versions(), sort_keys=True).encode())
    digest.update(platform.machine().encode())
    packages = ["ringcad", "ringcad.templates", "ringcad.generators"]
    if package_of_template:
        packages.append(package_of_template)
    for package in packages:
        module = importlib.import_module(package)
        folders = [str(folder) for folder in getattr(module, "__path__", [])]
        files = [file for folder in folders for file in _files(folder)] or [str(module.__file__)]
        for path in sorted(files):
            if os.path.splitext(path)[1] in _SOURCES:
                digest.update(os.path.basename(path).encode())
                digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def _files(folder: str) -> Iterator[str]:
    """Every file under a folder, compiled code aside."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            elif entry.is_file():
                yield entry.path
