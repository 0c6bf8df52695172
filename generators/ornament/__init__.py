"""Procedural ornament: typed programs rendered in mm, chosen by the prompt's meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringcad.generation import GeneratorRequest, Relief

__all__ = ["generator"]


class _Lazy:
    """The generator behind the entry point; a build from a stored relief never imports what draws."""

    name = "ornament"

    def generate(self, request: GeneratorRequest) -> Relief:
        """Draw the relief. Raises ``InputError`` when the request cannot be met, with a proposal."""
        from ringcad.generators.ornament.generator import generator as drawing

        return drawing.generate(request)


generator = _Lazy()
