"""Relief from a photograph, a silhouette or a drawing."""

from __future__ import annotations

from ringcad.generators.photo.generator import generator

__all__ = ["generator"]
