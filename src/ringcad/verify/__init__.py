"""The verifier: judges STL bytes by the resolved numbers, with no geometry code of the builder.

Imports neither the kernel nor the templates; a test keeps that. The heavy parts load on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ringcad.verify.check import check_file, verify_stl
    from ringcad.verify.report import VerifyReport, WallClass, WallSamples

__all__ = ["VerifyReport", "WallClass", "WallSamples", "check_file", "verify_stl"]


def __getattr__(name: str) -> Any:
    if name in ("check_file", "verify_stl"):
        from ringcad.verify import check

        return getattr(check, name)
    if name in ("VerifyReport", "WallClass", "WallSamples"):
        from ringcad.verify import report

        return getattr(report, name)
    raise AttributeError(f"module 'ringcad.verify' has no attribute '{name}'")
