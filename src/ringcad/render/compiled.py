"""How the inner loops of the pictures are compiled (numba, a dependency of CadQuery already).

Compiled code is kept on disk beside the module, so that only the very first import on a machine waits for
the compiler; later ones load it in milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(types: str = "") -> Callable[[_F], _F]:
    """Compile at import when a signature is given (loading from disk takes milliseconds), else when first used
    by another loop."""

    def decorate(function: _F) -> _F:
        arguments: Any = (types,) if types else ()
        jit: Any = numba.njit
        try:
            result: _F = jit(*arguments, cache=True, nogil=True, error_model="numpy")(function)
        except RuntimeError:  # nowhere to keep compiled code: read-only installation without a home folder
            result = jit(*arguments, nogil=True, error_model="numpy")(function)
        return result

    return decorate


# Array types in numba's signatures: C-contiguous, element type and number of dimensions.
B1, I1, L1 = "boolean[:,::1]", "int32[::1]", "int64[::1]"
F1, F2, F3 = "float32[::1]", "float32[:,::1]", "float32[:,:,::1]"
D1, D2 = "float64[::1]", "float64[:,::1]"
U3 = "uint8[:,:,::1]"


def signature(*arguments: str, result: str = "void") -> str:
    return f"{result}({','.join(arguments)})"


@compiled()
def smooth(x: float) -> float:
    """Smoothstep: 0 below 0, 1 above 1, level at both ends."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)
