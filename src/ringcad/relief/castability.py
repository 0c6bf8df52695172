"""The castability filter: a relief that a foundry can cast, as close to the drawn one as possible.

What a foundry asks of a raised stroke is its *width at half height*, and that it is no higher than
wide; of the gap between two strokes the same with metal and air exchanged (Morris & Watson casting
guide: depth <= width of the opening). An exact opening by a ball would also round every crest. So
the filter works on level sets and judges half height directly. With ``o D`` the flat opening by
discs of diameter D on the metal (:mod:`ringcad.relief.morphology`):

* ``g = h o d`` is the level to which a stroke is at least d wide, ``b = h o 2d`` the broad base that
  it stands on (design 13: a residue on a base at least twice as wide is detail);
* a stroke of half-height width d or more has a crest no higher above b than twice what g is above
  b. Hence ``h' = min(h, 2 g - b)``: a clean ridge of width d keeps its height and its crest, a
  thinner one goes down to its base.
* Because ``g <= h' <= h`` and flat openings keep everything between, ``h' o d = g`` and
  ``h' o 2d = b``: the operator is idempotent, and never takes away more than the opening would.
* Height <= width: above the base b (or above the ground) at most D where the half-height width is
  D, for a ladder of D from d to the relief's height.

Gaps are the same operator on ``top - h``. Both alternate until nothing moves by 0.01 mm; a neck
that the two keep handing to each other grows by as little as makes it d wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ringcad.core.errors import InputError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.core.rasters import box_mean, piece_maximum, pieces, square_maximum
from ringcad.relief.morphology import Chart, Field, flat_opening, make_chart, paint_discs

Mode = Literal["emboss", "engrave"]

#: A second run of the filter moves no height by more than this (design 5).
CONVERGED_MM = 0.01
#: So the first run iterates until a step moves less than half of it.
_SETTLED_MM = 0.5 * CONVERGED_MM
#: A connected piece whose crest survives lower than this goes to the ground as a whole (design 5;
#: Formlabs gives 0.1 mm as the least height of a raised detail).
LEAST_HEIGHT_MM = 0.10
#: Above this share of changed area the finding is a warning: the drawing asked for something else.
NOTABLE_SHARE = 0.05
#: The same for the share of the drawn relief's volume that was taken away.
NOTABLE_LOSS = 0.15
#: Step of the ladder of widths that the height <= width rule is judged by.
_LADDER_STEP_MM = 0.05
#: Rounds of opening and closing before necks that come back are widened, and rounds of widening.
_ALTERNATE_ROUNDS = 2
_GROW_ROUNDS = 12
#: Runs over a drawing whose necks had to grow, until one of them moves nothing.
_RUNS = 4
#: Width of the soft (antialiased) edge of a drawn stroke, in pixels.
_SOFT_EDGE_PX = 2
_MIN_PIXELS = 4
_MIN_PIXELS_PER_DETAIL = 4.0


@dataclass(frozen=True)
class FilterResult:
    """What the filter made of a relief.

    Attributes
    ----------
    height_mm : (rows, columns) float32
        Height above the ground (emboss) or depth below it (engrave), 0 to ``max_height_mm``.
    changed_area_share
        Share of the area on the metal where the height moved by more than 0.01 mm.
    max_removed_mm, max_added_mm
        Largest lowering and raising of the field.
    iterations, converged
        Rounds of opening and closing, and whether the last one moved less than 0.01 mm.
    removed_pieces
        Connected pieces of the drawing that vanished as a whole.
    findings
        At most one ``RELIEF_FILTERED`` and one ``RELIEF_EMPTY``.
    """

    height_mm: NDArray[np.float32]
    changed_area_share: float
    max_removed_mm: float
    max_added_mm: float
    iterations: int
    converged: bool
    removed_pieces: int
    findings: tuple[Finding, ...]


def stretch(curvature_radius_mm: ArrayLike, height_mm: float) -> NDArray[np.float64]:
    """Length on the surface offset by ``height_mm`` over length on the chart.

    ``curvature_radius_mm`` is positive where the chart bulges outwards (a shank along u, a D crown
    along v), negative where it is hollow, infinite where it is flat. The half-height rule wants
    ``height_mm`` = half of the relief's height, negative for engraving. Raises :class:`InputError`
    where the offset would pass through the centre of curvature.
    """
    radius = np.asarray(curvature_radius_mm, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        result = 1.0 + np.where(np.isinf(radius), 0.0, height_mm / radius)
    if not np.all(result > 0.05) or not np.all(np.isfinite(result)):
        raise InputError(
            f"a relief {abs(height_mm):.2f} mm high does not fit on a curvature radius of "
            f"{float(np.min(np.abs(radius))):.2f} mm. Lower the depth or widen the rounding"
        )
    return np.asarray(result, dtype=np.float64)


def make_castable(
    height_mm: NDArray[np.floating],
    pixel_mm: tuple[ArrayLike, ArrayLike],
    min_detail_mm: float,
    min_gap_mm: float,
    max_height_mm: float,
    mode: Mode = "emboss",
    periodic: bool = False,
    *,
    scale_u: ArrayLike = 1.0,
    scale_v: ArrayLike = 1.0,
    least_height_mm: float = LEAST_HEIGHT_MM,
) -> FilterResult:
    """Filter a height field (emboss) or a depth field (engrave) so that it can be cast.

    Parameters
    ----------
    height_mm : (rows, columns)
        Rows run along v (across the band), columns along u (along it), samples at pixel centres.
        0 is the ground, positive is the relief in either mode.
    pixel_mm : (du, dv)
        Pixel size in chart mm: numbers, or arrays that broadcast to the field.
    min_detail_mm, min_gap_mm
        Least width at half height of metal between air, and of air between metal.
    max_height_mm
        Heights are clamped to it.
    mode
        In ``engrave`` the roles swap: grooves narrower than ``min_gap_mm`` are closed, ridges
        between grooves thinner than ``min_detail_mm`` are taken down.
    periodic
        Whether column 0 follows the last column. Beyond the other edges lies the ground.
    scale_u, scale_v
        Millimetres on the metal per chart mm, along u and v: a number, a per-row vector (rows,),
        or an array that broadcasts to the field. See :func:`stretch`.
    least_height_mm
        A connected piece that survives lower than this goes to zero as a whole.

    Raises
    ------
    InputError
        Bad shape, NaN, negative heights, limits that are not positive, or pixels too coarse to
        judge the limits by.
    """
    start, chart, area = _prepare(
        height_mm, pixel_mm, min_detail_mm, min_gap_mm, max_height_mm, mode, periodic, scale_u, scale_v
    )
    raised_mm, sunk_mm = (min_detail_mm, min_gap_mm) if mode == "emboss" else (min_gap_mm, min_detail_mm)
    drawn = np.asarray(height_mm, dtype=np.float32)
    field, iterations, converged = _settle(start, raised_mm, sunk_mm, least_height_mm, chart)

    change = field - drawn
    share = float(np.sum(area[np.abs(change) > CONVERGED_MM]) / np.sum(area))
    removed = max(0.0, float(-change.min()))
    added = max(0.0, float(change.max()))
    pieces = _count_lost(drawn, field, periodic)
    findings = _findings(drawn, field, share, removed, added, pieces, converged, min_detail_mm, min_gap_mm, mode)
    return FilterResult(field, share, removed, added, iterations, converged, pieces, findings)


def _settle(
    field: Field, raised_mm: float, sunk_mm: float, least_height_mm: float, chart: Chart
) -> tuple[Field, int, bool]:
    """Alternate until another run would move nothing: field, rounds, settled.

    Where necks had to grow, a place that is too tall for its width may be left: it is gone over again.
    """
    rounds, settled = 0, False
    for _ in range(_RUNS):
        after, more, settled = _alternate(field, raised_mm, sunk_mm, least_height_mm, chart)
        moved = float(np.max(np.abs(after - field)))
        field, rounds = after, rounds + more
        if more <= _ALTERNATE_ROUNDS or moved < _SETTLED_MM:
            break
    return field, rounds, settled


def _alternate(
    field: Field, raised_mm: float, sunk_mm: float, least_height_mm: float, chart: Chart
) -> tuple[Field, int, bool]:
    """Alternate opening and closing until neither moves a height: field, rounds, settled.

    Should they disagree for long, necks grow instead of being taken away: from then on the field
    only rises, below its own crest, and must settle.
    """
    quiet = 0
    for turn in range(2 * (_ALTERNATE_ROUNDS + _GROW_ROUNDS)):
        tolerance = np.float32(_SETTLED_MM)
        if turn % 2 == 1:
            after = _fill_narrow(field, sunk_mm, chart)
        elif turn < 2 * _ALTERNATE_ROUNDS:
            after = _take_thin(field, raised_mm, chart, 0.0)
            if turn == 0:
                after = _drop_scars(field, after, least_height_mm, chart.periodic)
            after = _drop_low_pieces(after, least_height_mm, chart.periodic)
        else:
            after = _widen_necks(field, raised_mm, chart)
            # a neck grows by half of what it lacks
            tolerance = np.float32(0.5 * _SETTLED_MM)
        if float(np.max(np.abs(after - field))) < tolerance:
            # Heights below the tolerance stay as they are: moving them would only feed the other step.
            quiet += 1
            if quiet == 2:
                return field, turn // 2 + 1, True
        else:
            quiet, field = 0, after
    return field, _ALTERNATE_ROUNDS + _GROW_ROUNDS, False


def _prepare(
    height_mm: NDArray[np.floating],
    pixel_mm: tuple[ArrayLike, ArrayLike],
    min_detail_mm: float,
    min_gap_mm: float,
    max_height_mm: float,
    mode: str,
    periodic: bool,
    scale_u: ArrayLike,
    scale_v: ArrayLike,
) -> tuple[Field, Chart, NDArray[np.float64]]:
    field = np.asarray(height_mm, dtype=np.float32)
    if field.ndim != 2 or min(field.shape) < _MIN_PIXELS:
        raise InputError(f"relief of shape {field.shape}: at least {_MIN_PIXELS} x {_MIN_PIXELS} heights are needed")
    if not np.isfinite(field).all():
        raise InputError(f"relief holds {int((~np.isfinite(field)).sum())} heights that are not numbers")
    if field.min() < 0.0:
        raise InputError(
            f"relief reaches {float(field.min()):.3f} mm; heights are measured from the ground, at least 0"
        )
    if mode not in ("emboss", "engrave"):
        raise InputError(f"relief mode {mode!r}; use 'emboss' or 'engrave'")
    for name, value in (("min_detail_mm", min_detail_mm), ("min_gap_mm", min_gap_mm), ("max_height_mm", max_height_mm)):
        if not (np.isfinite(value) and value > 0.0):
            raise InputError(f"{name} is {value}; it must be above 0")
    column_mm = np.broadcast_to(_columnwise(pixel_mm[0], field.shape) * _columnwise(scale_u, field.shape), field.shape)
    row_mm = np.broadcast_to(_columnwise(pixel_mm[1], field.shape) * _columnwise(scale_v, field.shape), field.shape)
    for name, size in (("along the band", column_mm), ("across the band", row_mm)):
        if not (np.isfinite(size).all() and size.min() > 0.0):
            raise InputError(f"pixel sizes {name} must be above 0")
        coarse = float(size.max())
        need = min(min_detail_mm, min_gap_mm) / _MIN_PIXELS_PER_DETAIL
        if coarse > need:
            raise InputError(
                f"relief pixels of {coarse:.3f} mm {name} cannot show details of "
                f"{min(min_detail_mm, min_gap_mm):.2f} mm. Use at least {1.0 / need:.0f} pixels per mm"
            )
    clamped = np.minimum(field, np.float32(max_height_mm))
    return clamped, make_chart(field.shape, row_mm, column_mm, periodic), np.asarray(row_mm * column_mm)


def _columnwise(value: ArrayLike, shape: tuple[int, int]) -> NDArray[np.float64]:
    """A number, a per-row vector or a full array as something that broadcasts to ``shape``."""
    array = np.asarray(value, dtype=np.float64)
    if array.ndim == 1:
        if array.shape[0] != shape[0]:
            raise InputError(f"a per-row metric needs {shape[0]} values, got {array.shape[0]}")
        array = array[:, None]
    try:
        np.broadcast_shapes(array.shape, shape)
    except ValueError as error:
        raise InputError(f"a metric of shape {array.shape} does not fit a relief of shape {shape}") from error
    return array


def _take_thin(field: Field, width_mm: float, chart: Chart, outside: float) -> Field:
    """Lower what is thinner than ``width_mm`` at half height, or higher than wide. Never raises a height."""
    return _take_thin_off_base(field, width_mm, chart, outside)[0]


def _take_thin_off_base(field: Field, width_mm: float, chart: Chart, outside: float) -> tuple[Field, Field]:
    """:func:`_take_thin` with the broad base that it judged by."""
    fitted = flat_opening(field, width_mm, chart, outside)
    base = np.minimum(flat_opening(field, 2.0 * width_mm, chart, outside, fine=False, slack_px=0.0), fitted)
    kept = np.minimum(field, 2.0 * fitted - base)
    tallest = float(np.max(kept - base, initial=0.0))
    if tallest <= width_mm + CONVERGED_MM:
        return kept, base
    allowed = np.minimum(base + np.float32(width_mm), kept)
    # The same rungs for every field: rungs that followed the crest would lower it again each time.
    count = int(np.ceil((tallest - width_mm) / _LADDER_STEP_MM))
    for rung in width_mm + _LADDER_STEP_MM * np.arange(1, count + 1):
        level = flat_opening(field, float(rung), chart, outside)
        from_ground = np.minimum(np.float32(rung), 2.0 * level)
        from_base = np.minimum(base + np.float32(rung), 2.0 * level - base)
        allowed = np.maximum(allowed, np.maximum(from_ground, from_base))
    return np.minimum(kept, allowed), base


def _fill_narrow(field: Field, width_mm: float, chart: Chart) -> Field:
    """Raise the floor of gaps narrower than ``width_mm`` at half depth, or deeper than wide."""
    top = np.float32(field.max(initial=0.0))
    if top <= 0.0:
        return field
    filled = top - _take_thin(top - field, width_mm, chart, float(top))
    return np.asarray(np.clip(np.maximum(filled, field), np.float32(0.0), top), dtype=np.float32)


def _widen_necks(field: Field, width_mm: float, chart: Chart) -> Field:
    """Grow metal that closing a gap has left thinner than ``width_mm``, by as little as it takes.

    A place keeps its height h over its base b when a disc that covers it stands at (h + b) / 2.
    Of the discs that could, the one is raised whose place is fullest already.
    """
    kept, base = _take_thin_off_base(field, width_mm, chart, 0.0)
    rows, columns = np.nonzero(field - kept > np.float32(_SETTLED_MM))
    if rows.size == 0:
        return field
    level = 0.5 * (field + base)[rows, columns]
    reach_v, reach_u = (0.5 * width_mm / size for size in chart.mean_pixel_mm)
    fullness = box_mean(field, (int(reach_v), int(reach_u)), periodic=chart.periodic)
    offsets_v, offsets_u = np.mgrid[-int(reach_v) : int(reach_v) + 1, -int(reach_u) : int(reach_u) + 1]
    inside = (offsets_v / reach_v) ** 2 + (offsets_u / reach_u) ** 2 <= 1.0
    centre_v = rows[:, None] + offsets_v[inside]
    centre_u = columns[:, None] + offsets_u[inside]
    centre_u = centre_u % chart.columns if chart.periodic else np.clip(centre_u, 0, chart.columns - 1)
    centre_v = np.clip(centre_v, 0, chart.rows - 1)
    best = np.argmax(fullness[centre_v, centre_u], axis=1)
    each = np.arange(rows.size)
    seeds = np.zeros_like(field)
    np.maximum.at(seeds, (centre_v[each, best], centre_u[each, best]), level)
    return np.asarray(np.maximum(field, paint_discs(seeds, width_mm, chart)), dtype=np.float32)


def _drop_scars(drawn: Field, field: Field, least_height_mm: float, periodic: bool) -> Field:
    """Zero what lost more than half of its height and is now lower than ``least_height_mm``.

    Such a scar may hang on a stroke that stands, so that its piece as a whole is not low. The
    drawing's soft edge along a scar goes with it, that along a standing stroke stays.
    """
    low = field < np.float32(least_height_mm)
    # what moved by less than counts as settled has lost nothing
    scar = low & (field < np.float32(0.5) * drawn) & (drawn - field >= np.float32(_SETTLED_MM))
    if not scar.any():
        return field
    beyond = "wrap" if periodic else "nothing"
    near_scar = square_maximum(scar, _SOFT_EDGE_PX, beyond=beyond)
    near_stroke = square_maximum(~low, _SOFT_EDGE_PX, beyond=beyond)
    return np.where(scar | (low & near_scar & ~near_stroke), np.float32(0.0), field)


def _drop_low_pieces(field: Field, least_height_mm: float, periodic: bool) -> Field:
    """Zero each connected piece above the ground whose crest stays below ``least_height_mm``."""
    labels, count = pieces(field > 0.0, periodic=periodic)
    if count == 0:
        return field
    # The comparison forgives float32 noise on a crest of exactly the limit.
    keep = piece_maximum(field, labels, count).astype(np.float64) >= least_height_mm - 1e-6
    keep[0] = True
    return np.where(keep[labels], field, np.float32(0.0))


def _count_lost(drawn: Field, field: Field, periodic: bool) -> int:
    labels, count = pieces(drawn > CONVERGED_MM, periodic=periodic)
    return int(np.sum(piece_maximum(field, labels, count)[1:] <= 0.0))


def _findings(
    drawn: Field,
    field: Field,
    share: float,
    removed: float,
    added: float,
    pieces: int,
    converged: bool,
    min_detail_mm: float,
    min_gap_mm: float,
    mode: Mode,
) -> tuple[Finding, ...]:
    found = []
    if not field.any():
        crest = float(drawn.max())
        found.append(
            Finding(
                FindingCode.RELIEF_EMPTY,
                Severity.ERROR,
                "The decoration is blank: the drawing has no height."
                if crest <= CONVERGED_MM
                else f"Nothing of the decoration can be cast: no stroke is {min_detail_mm:.2f} mm wide at half "
                f"height and {LEAST_HEIGHT_MM:.2f} mm high (its crest is {crest:.2f} mm).",
                measured=crest,
                limit=LEAST_HEIGHT_MM,
                unit="mm",
                spec_field="decoration.depth_mm" if crest < LEAST_HEIGHT_MM else "decoration.prompt",
                fix=f"Set depth_mm to at least {LEAST_HEIGHT_MM:.2f}"
                if CONVERGED_MM < crest < LEAST_HEIGHT_MM
                else "Ask for a bolder motif, or use an image with strokes of at least the minimum width",
            )
        )
    if share > 0.0 or not converged:
        what = "grooves" if mode == "engrave" else "strokes"
        message = (
            f"The castability filter changed {100.0 * share:.1f} % of the decorated area "
            f"(up to {removed:.2f} mm lower, {added:.2f} mm higher) so that metal is {min_detail_mm:.2f} mm and gaps "
            f"are {min_gap_mm:.2f} mm wide at half height"
        )
        if pieces:
            message += f"; {pieces} {what} too small to cast were left out"
        gone = float(np.sum(np.maximum(drawn - field, 0.0)) / max(float(np.sum(drawn)), 1e-9))
        if gone > NOTABLE_LOSS:
            message += f"; {100.0 * gone:.0f} % of the drawn relief is gone"
        if not converged:
            message += "; it had not settled when it stopped"
        loud = share > NOTABLE_SHARE or gone > NOTABLE_LOSS or not converged
        found.append(
            Finding(
                FindingCode.RELIEF_FILTERED,
                Severity.WARNING if loud else Severity.INFO,
                message + ".",
                measured=share,
                limit=NOTABLE_SHARE,
                unit="share of area",
                spec_field="decoration.prompt",
                fix="Ask for a bolder motif, draw thicker strokes, or widen the shank" if loud else None,
            )
        )
    return tuple(found)
