"""Finds templates and generators through entry points, ours and a third party's by the same door.

Groups: ``ringcad.templates`` and ``ringcad.generators``; an entry is ``name -> module:object``.
Objects are loaded when asked for, never to list them. With ``RINGCAD_PLUGINS=builtin`` in the
environment only the entries of ringcad itself are seen.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from ringcad.core.errors import InputError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from ringcad.generation import Generator
    from ringcad.template import Template

TEMPLATE_GROUP = "ringcad.templates"
GENERATOR_GROUP = "ringcad.generators"
PLUGINS_VARIABLE = "RINGCAD_PLUGINS"


@dataclass(frozen=True)
class Entry:
    """One registered name. ``builtin`` is true for ringcad's own."""

    name: str
    target: str
    distribution: str
    builtin: bool


@lru_cache(maxsize=8)
def _installed(group: str, path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """A group's entry points of everything on ``path``, the import path; their files are read once."""
    from importlib.metadata import entry_points

    del path
    return tuple(entry_points(group=group))


def _entry_points(group: str) -> list[EntryPoint]:
    found = list(_installed(group, tuple(sys.path)))
    if os.environ.get(PLUGINS_VARIABLE, "").strip().lower() == "builtin":
        found = [point for point in found if point.value.startswith("ringcad.")]
    return found


def _distribution(point: EntryPoint) -> str:
    dist = getattr(point, "dist", None)
    return str(dist.name) if dist is not None else ""


def entries(group: str) -> list[Entry]:
    """All registered names of ``group``, sorted; loads none of them.

    A target that is registered twice under one name (one package seen through two paths) counts once.
    """
    rows = {
        Entry(point.name, point.value, _distribution(point), point.value.startswith("ringcad."))
        for point in _entry_points(group)
    }
    return sorted(rows, key=lambda row: (row.name, row.target))


def _load(group: str, kind: str, name: str) -> Any:
    points = {point.value: point for point in _entry_points(group) if point.name == name}
    if not points:
        known = sorted({point.name for point in _entry_points(group)})
        from difflib import get_close_matches

        close = get_close_matches(name, known, 1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise InputError(f"There is no {kind} named {name!r}.{hint} Known: {', '.join(known) or 'none'}.")
    if len(points) > 1:
        raise InputError(
            f"The {kind} {name!r} is registered more than once ({', '.join(sorted(points))}); "
            f"uninstall one, or set {PLUGINS_VARIABLE}=builtin to see only ringcad's own."
        )
    (point,) = points.values()
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise InputError(f"The {kind} {name!r} ({point.value}) cannot be loaded: {error}.") from error


def load_template(name: str) -> Template:
    """The template registered as ``name``.

    Raises
    ------
    InputError
        Unknown or doubly registered name, or its package cannot be imported.
    """
    return cast("Template", _load(TEMPLATE_GROUP, "template", name))


def load_generator(name: str) -> Generator:
    """The generator registered as ``name``; errors as :func:`load_template`."""
    return cast("Generator", _load(GENERATOR_GROUP, "generator", name))


def generator_version(generator: Generator) -> str:
    """Version that a generator declares, or ringcad's own."""
    from ringcad import __version__

    return str(getattr(generator, "version", __version__))


def specs_of(package: str) -> dict[str, str]:
    """The YAML specs in a template package's folder ``specs``, by name, without lock files."""
    folder = resources.files(package) / "specs"
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda item: item.name)
        if entry.name.endswith(".yaml") and not entry.name.endswith(".lock.yaml")
    }
