"""ringcad: jewelry from one YAML spec to a foundry-ready STL.

``ringcad.build(spec)`` is the whole pipeline; see :mod:`ringcad.api`. Importing this package loads
nothing heavy: ``build`` and ``BuildResult`` are looked up on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringcad.api import BuildResult as BuildResult
    from ringcad.api import build as build

__version__ = "0.1.0"

__all__ = ["BuildResult", "__version__", "build"]


def __getattr__(name: str) -> Any:
    if name in {"build", "BuildResult"}:
        from ringcad import api

        return getattr(api, name)
    raise AttributeError(f"module 'ringcad' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), "build", "BuildResult"])
