"""Spec + standards -> plain dimensions in mm, each with its reason; conflicts are errors with a proposal."""

from __future__ import annotations

from ringcad.resolve.ring import resolve

__all__ = ["resolve"]
