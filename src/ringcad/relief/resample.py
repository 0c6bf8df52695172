"""From a relief's pixels to the coefficients of the skin, and what surface those will give.

The skin is a bicubic B-spline whose *coefficients* are relief heights (design 6): a spline lies in
the convex hull of its coefficients, so coefficients inside [0, depth] keep the surface inside it,
whereas interpolating a step overshoots. The price is that the spline rounds edges over about two
pole spacings; :func:`sharpen_coefficients` takes part of that back without leaving the hull.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ringcad.core.errors import InputError
from ringcad.generation import Relief

Array = NDArray[np.float64]

#: Weights of a uniform cubic B-spline at its own Greville sites (de Boor, A Practical Guide to Splines).
_AT_SITES = (1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0)
#: Steps per round that give back the volume lost to clamping. Without one the width at half height of
#: a stroke shifts by up to a third of a pole spacing, with one by 0.15, for half of the gain in slope.
_VOLUME_ROUNDS = 1


def resample_to_chart(relief: Relief, u_mm: ArrayLike, v_mm: ArrayLike, *, periodic_u: bool = False) -> Array:
    """Area averages of a relief about chart points: never above its highest or below its lowest value.

    Parameters
    ----------
    relief
        Height in [0, 1], samples at pixel centres, linear in between.
    u_mm : (nu,)
        Strictly increasing positions along the band; the relief covers [0, length_mm]. Each point
        stands for the cell that reaches half way to its neighbours.
    v_mm : (nv,)
        The same across the band, covering [0, width_mm].
    periodic_u
        Whether the relief repeats with ``length_mm``; otherwise the ground lies beyond its ends.

    Returns
    -------
    (nv, nu) float64 in [0, 1]

    Raises
    ------
    InputError
        Positions that do not increase, or a relief that cannot be read as heights.
    """
    height = np.asarray(relief.height, dtype=np.float64)
    if height.ndim != 2 or height.size == 0 or not np.isfinite(height).all():
        raise InputError(f"relief of shape {height.shape} is not a field of finite heights")
    if not (relief.length_mm > 0.0 and relief.width_mm > 0.0):
        raise InputError(f"relief of {relief.length_mm} x {relief.width_mm} mm has no area")
    rows, columns = height.shape
    along = _averages(_positions(u_mm, "u_mm"), columns, relief.length_mm, periodic_u)
    across = _averages(_positions(v_mm, "v_mm"), rows, relief.width_mm, False)
    # Weights sum to 1 only to rounding; the clip keeps the hull exact.
    return np.clip(_apply(along, _apply(across, height).T).T, 0.0, max(0.0, float(height.max())))


def _positions(values: ArrayLike, name: str) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size < 2 or not np.isfinite(array).all() or np.any(np.diff(array) <= 0.0):
        raise InputError(f"{name} must be at least two strictly increasing positions in mm")
    return array


def _averages(positions: Array, samples: int, extent_mm: float, periodic: bool) -> Array:
    """(points, samples) weights >= 0: mean of the linear interpolant over each point's cell."""
    middle = 0.5 * (positions[1:] + positions[:-1])
    edges = np.concatenate(
        ([1.5 * positions[0] - 0.5 * positions[1]], middle, [1.5 * positions[-1] - 0.5 * positions[-2]])
    )
    pixel = extent_mm / samples
    primitive = _primitive(edges / pixel, samples, periodic)
    return np.asarray(np.diff(primitive, axis=0) / np.diff(edges / pixel)[:, None])


def _apply(weights: Array, values: Array) -> Array:
    """``weights @ values``, by the few samples that each point's weights are spread over."""
    used = weights != 0.0
    first = np.argmax(used, axis=1)
    behind = weights.shape[1] - np.argmax(used[:, ::-1], axis=1)
    band = int(np.max(np.where(used.any(axis=1), behind - first, 0)))
    if 4 * band > weights.shape[1]:
        return np.asarray(weights @ values)
    first = np.minimum(first, weights.shape[1] - band)
    rows = np.arange(len(weights))
    found = np.zeros((len(weights), values.shape[1]))
    for k in range(band):
        found += weights[rows, first + k][:, None] * values[first + k]
    return found


def _primitive(x: Array, samples: int, periodic: bool) -> Array:
    """Integral from 0 to x (in pixels) of each sample's hat function: (points, samples).

    Sample k sits at k + 1/2. Without periodicity the end samples are flat to the edge and the
    ground lies beyond.
    """
    turns = np.floor(x / samples) if periodic else np.zeros_like(x)
    local = x - turns * samples if periodic else np.clip(x, 0.0, float(samples))
    centres = np.arange(samples) + 0.5

    def hat(offset: Array) -> Array:
        """Integral of the unit hat from -1 to offset."""
        t = np.clip(offset, -1.0, 1.0)
        return np.asarray(np.where(t < 0.0, 0.5 * (1.0 + t) ** 2, 1.0 - 0.5 * (1.0 - t) ** 2))

    total = hat(local[:, None] - centres[None, :]) - hat(np.zeros((1, 1)) - centres[None, :])
    if periodic:
        for shift in (-samples, samples):
            moved = centres[None, :] + shift
            total += hat(local[:, None] - moved) - hat(np.zeros((1, 1)) - moved)
        return np.asarray(total + turns[:, None])
    # Beyond the outermost centres the interpolant is flat: give the missing half hats back.
    total[:, 0] += _half_ramp(local)
    total[:, -1] += _half_ramp(np.full(1, float(samples))) - _half_ramp(samples - local)
    return total


def _half_ramp(x: Array) -> Array:
    """Integral from 0 to x of what the hat at 1/2 lacks of 1 on [0, 1/2]: the ramp 1/2 - t."""
    t = np.clip(x, 0.0, 0.5)
    return np.asarray(0.5 * t - 0.5 * t * t)


def surface_at_sites(coefficients: Array, *, periodic_u: bool = False) -> Array:
    """Height of the uniform bicubic B-spline at its Greville sites: (nv, nu), as the coefficients.

    Edges that do not wrap continue with their last coefficient (exact where the relief is level there).
    """
    return _filter(_filter(np.asarray(coefficients, dtype=np.float64), 0, False), 1, periodic_u)


def predict_surface(coefficients: Array, per_pole: int = 8, *, periodic_u: bool = False) -> Array:
    """Sample the uniform bicubic B-spline ``per_pole`` times per pole spacing.

    Returns ((nv - 1) * per_pole + 1, (nu - 1) * per_pole + 1) heights from the first site to the
    last; with ``periodic_u`` there are nu * per_pole columns. Where pole spacings vary slowly this
    is the skin over its base surface to second order in their variation.
    """
    values = np.asarray(coefficients, dtype=np.float64)
    return _dense(_dense(values, 0, per_pole, False), 1, per_pole, periodic_u)


def sharpen_coefficients(
    coefficients: Array, *, rounds: int = 4, periodic_u: bool = False, ceiling: ArrayLike | None = None
) -> Array:
    """Move coefficients so that the *surface* comes closer to the given heights at the sites.

    Van Cittert iteration (1931) c <- c + (target - S c), S the spline's smoothing, projected after
    each round to the range of the target over the 3 x 3 neighbouring poles, with the volume that the
    projection took given back nearby. So edges get steeper by 2 to 9 % while widths stay, nothing
    rings, and the result stays in the hull of the target and under ``ceiling`` (a number or map, the
    budget) where one is given.
    """
    target = np.asarray(coefficients, dtype=np.float64)
    lowest, highest = _range(target, periodic_u)
    if ceiling is not None:
        limit = np.broadcast_to(np.asarray(ceiling, dtype=np.float64), target.shape)
        highest = np.minimum(highest, limit)
        lowest = np.minimum(lowest, highest)
    current = np.clip(target, lowest, highest)
    for _ in range(rounds):
        current = np.clip(current + target - surface_at_sites(current, periodic_u=periodic_u), lowest, highest)
        for _ in range(_VOLUME_ROUNDS):
            lost = surface_at_sites(target - current, periodic_u=periodic_u)
            current = np.clip(current + lost, lowest, highest)
    return current


def _shifted(values: Array, axis: int, step: int, wrap: bool) -> Array:
    """The neighbour ``step`` poles further on along an axis; the edge repeats unless it wraps."""
    size = values.shape[axis]
    index = np.arange(size) + step
    index = index % size if wrap else np.clip(index, 0, size - 1)
    return np.take(values, index, axis=axis)


def _filter(values: Array, axis: int, wrap: bool) -> Array:
    before, here, after = _AT_SITES
    return np.asarray(
        before * _shifted(values, axis, -1, wrap) + here * values + after * _shifted(values, axis, 1, wrap)
    )


def _dense(values: Array, axis: int, per_pole: int, wrap: bool) -> Array:
    size = values.shape[axis]
    count = size * per_pole if wrap else (size - 1) * per_pole + 1
    position = np.arange(count) / per_pole
    base = np.floor(position).astype(np.int64)
    t = position - base
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6.0
    shape = [1, 1]
    shape[axis] = count
    result = None
    for k in range(4):
        index = base + (k - 1)
        index = index % size if wrap else np.clip(index, 0, size - 1)
        term = weights[k].reshape(shape) * np.take(values, index, axis=axis)
        result = term if result is None else result + term
    return np.asarray(result)


def _range(values: Array, periodic_u: bool) -> tuple[Array, Array]:
    lowest, highest = values, values
    for axis, wrap in ((0, False), (1, periodic_u)):
        sides = [_shifted(lowest, axis, s, wrap) for s in (-1, 1)]
        tops = [_shifted(highest, axis, s, wrap) for s in (-1, 1)]
        lowest = np.minimum(lowest, np.minimum(*sides))
        highest = np.maximum(highest, np.maximum(*tops))
    return lowest, highest
