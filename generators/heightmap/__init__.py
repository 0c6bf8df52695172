"""Relief from a grey image."""

from __future__ import annotations

from ringcad.generators.heightmap.generator import generator

__all__ = ["generator"]
