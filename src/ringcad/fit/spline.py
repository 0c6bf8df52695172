"""Cubic B-spline nets as plain arrays: knots, interpolation, exact segment extraction, evaluation.

All nets are bicubic. A direction is *periodic* (uniform integer knots, ``count`` coefficients) or
*clamped* (uniform spans, end knots repeated four times). Formulas: C. de Boor, *A Practical Guide
to Splines* (1978), ch. IX-XI; knot insertion as products of blossoms, E. Cohen, T. Lyche,
R. Riesenfeld, *Computer Graphics and Image Processing* 14 (1980), doi:10.1016/0146-664X(80)90040-4.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DEGREE = 3


def clamped_knots(count: int) -> Array:
    """Knot vector of ``count`` coefficients with unit spans and clamped ends; shape (count + 4,)."""
    spans = count - DEGREE
    inner = np.arange(spans + 1, dtype=np.float64)
    return np.concatenate([np.zeros(DEGREE), inner, np.full(DEGREE, float(spans))])


def greville(knots: Array) -> Array:
    """Greville sites (knot averages), one per coefficient."""
    return (knots[1:-3] + knots[2:-2] + knots[3:-1]) / 3.0


def collocation(knots: Array, sites: Array) -> Array:
    """Matrix (sites, coefficients) of basis values of a clamped knot vector."""
    count = len(knots) - DEGREE - 1
    span = _spans(knots, sites)
    matrix = np.zeros((len(sites), count))
    np.put_along_axis(matrix, _governing(span), _basis(knots, span, sites), axis=1)
    return matrix


def _spans(knots: Array, sites: Array) -> NDArray[np.int64]:
    """Index of the knot that begins the span of each site."""
    found = np.searchsorted(knots, sites, side="right") - 1
    return np.asarray(np.clip(found, DEGREE, len(knots) - DEGREE - 2), dtype=np.int64)


def _governing(span: NDArray[np.int64]) -> NDArray[np.int64]:
    """The four coefficients that govern each span, (spans, 4)."""
    return span[:, None] + np.arange(-DEGREE, 1)


def _basis(knots: Array, span: NDArray[np.int64], sites: Array) -> Array:
    """The four non-zero cubic basis values at each site, (sites, 4)."""
    values = np.zeros((len(sites), DEGREE + 1))
    values[:, 0] = 1.0
    for k in range(1, DEGREE + 1):
        saved = np.zeros(len(sites))
        for r in range(k):
            right = knots[span + r + 1]
            left = knots[span + 1 - k + r]
            term = values[:, r] / (right - left)
            values[:, r] = saved + (right - sites) * term
            saved = (sites - left) * term
        values[:, k] = saved
    return values


def interpolate_clamped(values: Array, knots: Array) -> Array:
    """Coefficients along axis 1 of ``values`` (n, m, ...) given at the Greville sites of ``knots``."""
    matrix = collocation(knots, greville(knots))
    moved = np.moveaxis(values, 1, 0)
    flat = moved.reshape(moved.shape[0], -1)
    solved: Array = np.linalg.solve(matrix, flat).astype(np.float64, copy=False)
    return np.moveaxis(solved.reshape(moved.shape), 0, 1)


def interpolate_periodic(values: Array) -> Array:
    """Coefficients along axis 0 of a periodic uniform cubic spline through ``values`` at its knots.

    The collocation matrix is circulant with (1, 4, 1) / 6, so the discrete Fourier transform
    solves it.
    """
    count = values.shape[0]
    symbol = (4.0 + 2.0 * np.cos(2.0 * np.pi * np.arange(count // 2 + 1) / count)) / 6.0
    spectrum = np.fft.rfft(values, axis=0)
    spectrum /= symbol.reshape((-1,) + (1,) * (values.ndim - 1))
    return np.fft.irfft(spectrum, n=count, axis=0)


def segment_matrix(knots: Array, start: float, end: float) -> tuple[Array, int, Array]:
    """Exact restriction of a clamped spline to [start, end] (both of them knots).

    Returns ``(matrix, first, new_knots)``: the new coefficients are
    ``matrix @ old[first : first + matrix.shape[1]]``.
    """
    inner = knots[(knots > start) & (knots < end)]
    fresh = np.concatenate([np.full(4, start), inner, np.full(4, end)])
    # a polar form in any span that the new basis function touches gives the same coefficient
    matrix = _polar(knots, 0.5 * (np.maximum(fresh[:-4], start) + np.minimum(fresh[4:], end)), fresh)
    used = np.nonzero(np.any(matrix != 0.0, axis=0))[0]
    first, last = int(used[0]), int(used[-1])
    return matrix[:, first : last + 1], first, fresh


def refine_matrix(knots: Array, factor: int) -> tuple[Array, Array]:
    """Exact refinement of a clamped spline: every span is cut into ``factor`` equal ones.

    Returns ``(matrix, new_knots)``; the hull of the new coefficients is tighter by about ``factor`` squared.
    """
    breaks = np.unique(knots)
    inner = np.concatenate([np.linspace(a, b, factor + 1)[:-1] for a, b in pairwise(breaks)])
    fresh = np.concatenate([np.full(DEGREE, breaks[0]), inner, np.full(DEGREE + 1, breaks[-1])])
    return _polar(knots, 0.5 * (fresh[:-4] + fresh[4:]), fresh), fresh


def _polar(knots: Array, inside: Array, fresh: Array) -> Array:
    """Weights of the old coefficients in each coefficient of the knot vector ``fresh``, (coefficients, old).

    Coefficient ``i`` is the polar form f(a1, a2, a3) of its inner knots, of the piece that holds ``inside[i]``.
    """
    span = _spans(knots, inside)
    rows = len(inside)
    weights = np.broadcast_to(np.eye(DEGREE + 1), (rows, DEGREE + 1, DEGREE + 1)).copy()
    for level in range(1, DEGREE + 1):
        argument = fresh[level : level + rows]
        for j in range(DEGREE, level - 1, -1):
            left = knots[span - DEGREE + j]
            right = knots[span + 1 + j - level]
            share = ((argument - left) / (right - left))[:, None]
            weights[:, j] = (1.0 - share) * weights[:, j - 1] + share * weights[:, j]
    found = np.zeros((rows, len(knots) - DEGREE - 1))
    np.put_along_axis(found, _governing(span), weights[:, DEGREE], axis=1)
    return found


def periodic_window(spans: int) -> tuple[Array, Array]:
    """Matrix from ``spans + 3`` periodic coefficients to the ``spans + 3`` clamped ones of a tile.

    A tile that starts at knot ``k`` uses the coefficients ``k - 1 ... k + spans + 1``.
    Returns ``(matrix, knots)`` with knots from 0 to ``spans``.
    """
    knots = np.arange(-3.0, spans + 4.0)
    matrix, first, fresh = segment_matrix(knots, 0.0, float(spans))
    full = np.zeros((spans + 3, spans + 3))
    full[:, first : first + matrix.shape[1]] = matrix
    return full, fresh


def evaluate_periodic_at_knots(coefficients: Array) -> Array:
    """Values of a periodic uniform cubic at its knots along axis 0 (same shape)."""
    before, after = np.roll(coefficients, 1, axis=0), np.roll(coefficients, -1, axis=0)
    return (before + 4.0 * coefficients + after) / 6.0


def subdivide_periodic(coefficients: Array) -> Array:
    """The same periodic uniform cubic with every span halved along axis 0; twice as many coefficients.

    Old coefficient ``i`` governs knot ``i``; new coefficient ``2 i`` the same knot, ``2 i + 1`` the middle
    of the span after it (J. Lane, R. Riesenfeld, IEEE PAMI 2 (1980), doi:10.1109/TPAMI.1980.4766968).
    """
    before, after = np.roll(coefficients, 1, axis=0), np.roll(coefficients, -1, axis=0)
    fine = np.empty((2 * coefficients.shape[0], *coefficients.shape[1:]))
    fine[0::2] = (before + 6.0 * coefficients + after) / 8.0
    fine[1::2] = (coefficients + after) / 2.0
    return fine
