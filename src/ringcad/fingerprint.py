"""Content hashes: of plain values, and of the program itself (so that new code never meets an old cache)."""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import platform
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
    from ringcad import __version__

    found = {"python": platform.python_version(), "ringcad": __version__}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@functools.cache
def code_hash(template_target: str = "") -> str:
    """Hash of ringcad's own files, of the libraries' versions and of a template's package.

    ``template_target`` is the entry point's ``module:object``; a third party's template counts by
    the files of its top package. Reads about 1 MB.
    """
    digest = hashlib.sha256(json.dumps(library_versions(), sort_keys=True).encode())
    digest.update(platform.machine().encode())
    packages = ["ringcad", "ringcad.templates", "ringcad.generators"]
    top = template_target.partition(":")[0].partition(".")[0]
    if top and top != "ringcad":
        packages.append(top)
    for package in packages:
        module = importlib.import_module(package)
        folders = list(getattr(module, "__path__", []))
        files = [p for folder in folders for p in Path(folder).rglob("*")] or [Path(str(module.__file__))]
        for path in sorted(p for p in files if p.suffix in _SOURCES and p.is_file()):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
