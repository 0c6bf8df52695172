"""Where the ``motif`` family finds its silhouettes: the vocabulary, and a few that are always there."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.shapes import mirrored, spline, star

DEFAULT = "star"


def _star() -> list[Array]:
    return [star(5, 0.5, 0.23)]


def _drop() -> list[Array]:
    return [mirrored([(0.0, 0.5), (0.1, 0.24), (0.26, -0.08), (0.28, -0.3), (0.15, -0.46), (0.0, -0.5)], samples=6)]


def _moon() -> list[Array]:
    outer = [(0.3, 0.4), (0.05, 0.5), (-0.25, 0.4), (-0.42, 0.0), (-0.25, -0.4), (0.05, -0.5), (0.3, -0.4)]
    inner = [(0.3, -0.4), (0.02, -0.25), (-0.08, 0.0), (0.02, 0.25), (0.3, 0.4)]
    return [np.vstack([spline(outer, samples=6)[:-1], spline(inner, samples=6)[:-1]])]


_BUILT_IN = {"star": _star, "drop": _drop, "moon": _moon}


def outline(name: str) -> list[Array]:
    """Closed polygons (n, 2), y up, in a unit box. Raises ``InputError`` for a name that nothing knows."""
    module = "ringcad.generators.ornament.motifs"
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    if find_spec(module) is not None and hasattr(found := import_module(module), "outline"):
        lines: list[Array] = [np.asarray(line, dtype=np.float64) for line in found.outline(name)]
        return lines
    raise InputError(f"no motif is called '{name}'")
