"""ringcad: jewelry from one YAML spec to a foundry-ready STL."""

from __future__ import annotations

__version__ = "0.1.0"
