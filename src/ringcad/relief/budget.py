"""The relief budget: how deep or high decoration may be at each place, and what was clipped.

Engraving eats wall, so ``depth <= wall - minimum wall - polish allowance - fit error - chord error``.
Embossing adds metal, so ``height <= min(width there, profile's maximum relief, clearance)`` (design 4).
Run it after the castability filter: the filter may raise a narrow gap to its neighbours' level, and
only a clamp that comes last keeps the skin's poles, and with them its convex hull, inside the wall.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ringcad.core.errors import InputError, Refused
from ringcad.core.findings import Finding, FindingCode, Severity

Mode = Literal["emboss", "engrave"]

#: Clipping below this is rounding, not news (a tenth of the mesh's chord error).
REPORTED_MM = 0.001


@dataclass(frozen=True)
class BudgetLimits:
    """What the wall and the foundry profile leave for decoration. Lengths in mm.

    ``relief_max_mm`` caps emboss height and ``engrave_max_mm`` engrave depth; ``fit_error_mm`` is
    how far the skin may lie from its analytic section, ``chord_error_mm`` how far the mesh may lie
    inside the skin (and the bore outside).
    """

    wall_min_mm: float
    polish_allowance_mm: float
    fit_error_mm: float
    chord_error_mm: float
    relief_max_mm: float
    engrave_max_mm: float


@dataclass(frozen=True)
class BudgetResult:
    """A relief inside its budget.

    Attributes
    ----------
    height_mm : (rows, columns) float64
        Clamped height (emboss) or depth (engrave), at least 0.
    limit_mm : (rows, columns) float64
        The budget at each place, at least 0.
    clipped_area_share
        Share of the chart's area where more than 0.001 mm was taken.
    max_clipped_mm
        Most that was taken anywhere.
    findings
        One ``RELIEF_CLIPPED`` when something was.
    """

    height_mm: NDArray[np.float64]
    limit_mm: NDArray[np.float64]
    clipped_area_share: float
    max_clipped_mm: float
    findings: tuple[Finding, ...]


def budget_map(
    shape: tuple[int, int],
    limits: BudgetLimits,
    mode: Mode,
    *,
    wall_mm: ArrayLike | None = None,
    width_mm: ArrayLike | None = None,
    clearance_mm: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """The budget in mm at each place, at least 0. Arguments as in :func:`apply_budget`."""
    if mode == "engrave":
        if wall_mm is None:
            raise InputError("engraving needs the wall under the relief's crest (wall_mm)")
        spend = limits.wall_min_mm + limits.polish_allowance_mm + limits.fit_error_mm + limits.chord_error_mm
        allowed = np.minimum(_map("wall_mm", wall_mm, shape) - spend, limits.engrave_max_mm)
    elif mode == "emboss":
        allowed = np.full(shape, limits.relief_max_mm, dtype=np.float64)
        if width_mm is not None:
            allowed = np.minimum(allowed, _map("width_mm", width_mm, shape))
        if clearance_mm is not None:
            allowed = np.minimum(allowed, _map("clearance_mm", clearance_mm, shape))
    else:
        raise InputError(f"relief mode {mode!r}; use 'emboss' or 'engrave'")
    return np.maximum(allowed, 0.0)


def apply_budget(
    height_mm: NDArray[np.floating],
    limits: BudgetLimits,
    mode: Mode,
    *,
    wall_mm: ArrayLike | None = None,
    width_mm: ArrayLike | None = None,
    clearance_mm: ArrayLike | None = None,
    area: ArrayLike = 1.0,
    strict: bool = False,
    spec_field: str = "decoration.depth_mm",
    where: str = "the decoration",
    carrier: str = "the shank",
) -> BudgetResult:
    """Clamp a relief to its budget and say what was lost.

    Parameters
    ----------
    height_mm : (rows, columns)
        Height (emboss) or depth (engrave), at least 0.
    wall_mm
        Wall from the undecorated surface to the bore; required for ``engrave``. As all maps below
        a number, or an array that broadcasts to the relief.
    width_mm, clearance_mm
        Width of the metal that carries the relief, and free room above it (to the head, stones,
        next finger); for ``emboss``, each optional.
    area
        Relative area of each sample, for the clipped share.
    strict
        Refuse instead of clipping.
    spec_field, where, carrier
        Named in the finding.

    Raises
    ------
    InputError
        Heights or maps that are no numbers, negative heights, or shapes that do not fit.
    Refused
        With ``strict``, when anything would be clipped; carries the finding.
    """
    height = np.asarray(height_mm, dtype=np.float64)
    if height.ndim != 2 or height.size == 0:
        raise InputError(f"relief of shape {height.shape}; rows x columns are needed")
    if not np.isfinite(height).all() or height.min() < 0.0:
        raise InputError("relief heights must be numbers of at least 0 mm")
    limit = budget_map(height.shape, limits, mode, wall_mm=wall_mm, width_mm=width_mm, clearance_mm=clearance_mm)
    kept = np.minimum(height, limit)
    lost = height - kept
    most = float(lost.max())
    weights = np.broadcast_to(np.asarray(area, dtype=np.float64), height.shape)
    share = float(np.sum(weights[lost > REPORTED_MM]) / np.sum(weights))
    findings: tuple[Finding, ...] = ()
    if share > 0.0:
        finding = _finding(height, limit, share, most, mode, strict, spec_field, where, carrier)
        if strict:
            raise Refused([finding])
        findings = (finding,)
    return BudgetResult(kept, limit, share, most, findings)


def _map(name: str, value: ArrayLike, shape: tuple[int, int]) -> NDArray[np.float64]:
    array = np.asarray(value, dtype=np.float64)
    if np.isnan(array).any():
        raise InputError(f"{name} holds values that are not numbers")
    try:
        return np.broadcast_to(array, shape)
    except ValueError as error:
        raise InputError(f"{name} of shape {array.shape} does not fit a relief of shape {shape}") from error


def _finding(
    height: NDArray[np.float64],
    limit: NDArray[np.float64],
    share: float,
    most: float,
    mode: Mode,
    strict: bool,
    spec_field: str,
    where: str,
    carrier: str,
) -> Finding:
    used = (height > 0.0) & (limit < height)
    asked = float(height.max())
    # Scaling the whole relief by the smallest quotient fits it everywhere.
    fitting = math.floor(asked * float(np.min(limit[used] / height[used])) * 100.0 + 1e-6) / 100.0
    tightest = float(np.min(limit[used]))
    more = math.ceil(most * 100.0 - 1e-6) / 100.0
    if mode == "engrave":
        # More wall helps only where the wall governs, less depth always does.
        fix = f"Set depth_mm to {fitting:.2f}" if fitting > 0.0 else "Leave the engraving out here"
        fix += f", or make {carrier} {more:.2f} mm thicker there"
        what = "engraved"
        rule = "wall less minimum wall, polish, fit and chord"
    else:
        fix = f"Set depth_mm to {fitting:.2f}" if fitting > 0.0 else "End the decoration before this place"
        what = "embossed"
        rule = "width of the carrier, the profile's maximum relief and the clearance"
    return Finding(
        FindingCode.RELIEF_CLIPPED,
        Severity.ERROR if strict else Severity.WARNING,
        f"{where[:1].upper()}{where[1:]} is {what} {asked:.2f} mm, but down to {tightest:.2f} mm fit ({rule}): "
        + ("refused" if strict else "clipped")
        + f" on {100.0 * share:.1f} % of its area, by up to {most:.2f} mm.",
        measured=asked,
        limit=tightest,
        unit="mm",
        spec_field=spec_field,
        fix=fix,
    )
