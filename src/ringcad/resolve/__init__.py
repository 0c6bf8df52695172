"""Spec + standards -> plain dimensions in mm, each with its reason; conflicts are errors with a proposal."""

from __future__ import annotations

from ringcad.resolve.advice import advice
from ringcad.resolve.ring import resolve

__all__ = ["advice", "resolve"]
