"""Procedural ornament: typed programs rendered in mm, chosen by the prompt's meaning."""

from __future__ import annotations

from ringcad.generators.ornament.generator import generator

__all__ = ["generator"]
