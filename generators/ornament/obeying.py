"""Words such as bold, airy or tiny, held against the drawing: a proposal that does not show them is drawn again.

A family's sampler takes the wishes as it can. What it proposes is drawn coarsely and measured on its heights against
the same family without the wish; where the difference cannot be seen, other proposals are tried: higher limits for
strokes and gaps (castable by construction), fewer or more parts and repeats, smaller figures in more rows (castable by
measure). The most obedient one is taken, and what no drawing shows is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from scipy import ndimage

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Drawable, Placement
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.measure import (
    FIELD_COVER,
    HALF,
    Heights,
    chord_mm,
    contour_density,
    coverage,
    stroke_mm,
)
from ringcad.generators.ornament.painting import draw_elements, fill_corners
from ringcad.generators.ornament.raster import Canvas
from ringcad.generators.ornament.schema import LayerBase, is_simple

PIXELS_PER_MM = 12.0
"""Resolution of the drawings that are measured: a stroke of 0.35 mm has four pixels."""
ENOUGH = 1.08
"""Ratio to the unasked drawing at which a difference is seen."""
AT_LIMIT = 1.15
"""Strokes within this of the least castable one cannot be drawn finer."""
SPOILT = 0.015
"""Share of the metal that the foundry's discs may move beyond what they move of the family's own proposal."""
OWN_SPOILT = 0.04
"""The same for what the family's sampler itself answers to the wish."""
FILLS = 0.95
"""Figures of this share of the room's width fill it."""
LEFT, AIRY_LEFT = 0.65, 0.6
"""Least part of the unasked drawing's contours and metal that stays."""
HEAVIER, WIDER = 0.75, 1.3
"""How much a full wish raises the least stroke and the least gap."""
_STROKES = ("stem_mm", "line_mm", "strand_mm", "wire_mm", "bar_mm", "wall_mm", "bead_mm", "grain_mm")
_PARTS = (
    "barbs",
    "pairs",
    "lobes",
    "tongues",
    "florets",
    "feathers",
    "rays",
    "reeds",
    "furrows",
    "rings",
    "flutes",
    "turns",
)
_PACKED = ("furrows", "turns")
_COMPARED = ("dense", "bold", "large")
MOST_TRIES = 8
"""Drawings that are made before the best of them is taken."""
Propose = Callable[[Room, Attributes], LayerBase | None]


@dataclass(frozen=True)
class Gauge:
    """What is seen of a layer: shares, mm, contours per mm, and the share that the castability discs move."""

    cover: float
    contours: float
    chord: float
    stroke: float
    moved: float


def draw_alone(elements: list[Drawable], room: Room) -> Heights:
    """Heights of elements in their own room, coarse."""
    pad = 0.0 if room.periodic else 0.2
    canvas = Canvas(
        room.length + 2.0 * pad, 2.0 * room.half + 0.4, PIXELS_PER_MM, room.periodic, room.shape.band.stroke_mm
    )
    draw_elements(canvas, [element.moved(Placement(u=pad - room.u0)) for element in elements])
    fill_corners(canvas, room.shape.band.gap_mm)
    return Heights(np.clip(canvas.height, 0.0, 1.0), canvas.length_mm, canvas.width_mm, room.periodic)


def moved_share(field: Heights, stroke: float, gap: float) -> float:
    """Share of the metal that discs of the stroke's width take away and discs of the gap's width add."""
    mode = "grid-wrap" if field.periodic else "nearest"
    solid = np.pad(ndimage.zoom(field.values, 2, order=1, grid_mode=True, mode=mode) > HALF, 8)
    pixel = 0.5 * field.dv

    def opened(mask: Any, width: float) -> Any:
        radius = 0.5 * width / pixel - 0.5
        core = ndimage.distance_transform_edt(mask) > radius
        return mask & (ndimage.distance_transform_edt(~core) <= radius) if core.any() else core

    kept = opened(solid, stroke)
    closed = ~opened(~kept, gap)
    return float((solid & ~kept).sum() + (closed & ~kept).sum()) / max(float(solid.sum()), 1.0)


def gauge(layer: LayerBase, family: Family[Any], room: Room) -> Gauge:
    """Draw a layer and measure it."""
    own = room.with_limits(layer.weight, layer.air)
    field = draw_alone(list(family.draw(layer, own)), own)
    band = room.shape.band
    return Gauge(
        coverage(field),
        contour_density(field),
        chord_mm(field),
        stroke_mm(field),
        moved_share(field, band.stroke_mm, band.gap_mm),
    )


def count_of(layer: LayerBase) -> float:
    """Figures of a layer in all its rows."""
    return float(getattr(layer, "repeats", 1) * getattr(layer, "rows", 1))


def seen(name: str, want: float, got: Gauge, base: Gauge, counts: tuple[float, float], room: Room) -> float:
    """How clearly a wish is seen against the unasked drawing: 1 from ``ENOUGH`` on, 0 for no difference.

    ``counts`` are the figures of the two layers.
    """
    sign = 1.0 if want > 0 else -1.0
    if name == "bold":
        ratios = [got.stroke / max(base.stroke, 1e-6)]
        if sign < 0 and got.stroke <= AT_LIMIT * room.shape.band.stroke_mm:
            return 1.0
    elif name == "dense":
        ratios = [got.cover / max(base.cover, 1e-6), got.contours / max(base.contours, 1e-6)]
    else:
        ratios = [got.chord / max(base.chord, 1e-6), counts[1] / max(counts[0], 1.0)]
        if base.cover > FIELD_COVER:
            # The drawing of a surface may run along the band.
            ratios.append(base.contours / max(got.contours, 1e-6))
    return max(min(1.0, sign * float(np.log(max(ratio, 1e-6)) / np.log(ENOUGH))) for ratio in ratios)


def compared(wish: Attributes) -> dict[str, float]:
    return {name: value for name in _COMPARED if (value := float(getattr(wish, name)))}


def _whole(layer: LayerBase) -> bool:
    return not is_simple(layer) and getattr(layer, "form", "full") != "medium"


def _nudged(layer: LayerBase, room: Room, wish: Attributes, strength: float) -> Iterator[LayerBase]:
    """A layer with its numbers moved the way the wish goes; whether it is castable is measured later."""
    fields = layer.model_dump()
    counted = wish.repeats is None and "repeats" in fields
    figures = "size_mm" in fields

    def times(names: tuple[str, ...], factor: float, least: float = 0.0) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name in names:
            value = fields.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                out[name] = max(2, round(value * factor))
            elif isinstance(value, float) and name.endswith("_mm"):
                out[name] = round(max(least, value * factor), 4)
        return out

    def many(factor: float) -> dict[str, Any]:
        n = fields["repeats"] * factor
        # Turns alternate in many families: an even count stays even.
        step = 2 if fields["repeats"] % 2 == 0 else 1
        count = max(step, step * round(n / step))
        extra = {name: () for name in ("variation", "turn_deg") if count > fields["repeats"] and fields.get(name)}
        return {"repeats": count, **extra}

    parts = _PARTS if wish.petals else (*_PARTS, "petals")
    changes: list[dict[str, Any]] = []
    if wish.bold > 0:
        changes += [times(_STROKES, 1.0 + 0.3 * strength), times(parts, 1.0 - 0.3 * strength)]
    if wish.bold < 0:
        changes += [times(_STROKES, 1.0 - 0.3 * strength, room.stroke), times(parts, 1.0 + 0.4 * strength)]
    if wish.dense > 0 or wish.large < 0:
        changes.append(times(_PACKED, 1.0 + 0.4 * strength))
    if wish.dense < 0 or wish.large > 0:
        changes.append(times(_PACKED, 1.0 - 0.3 * strength))
    yield from (layer.model_copy(update=change) for change in changes if change)
    if not counted:
        return
    if wish.large > 0 and figures and fields.get("rows", 1) == 1 and not fields.get("lying"):
        taller = min(1.0 + 0.3 * strength, 2.0 * room.half / fields["size_mm"])
        fewer = {"repeats": max(1, int(fields["repeats"] / taller)), **({"turn_deg": ()} if fields["turn_deg"] else {})}
        yield layer.model_copy(update={**times(("size_mm",), taller), **fewer})
    if wish.large > 0 and figures and fields.get("lying"):
        # What lies along the band may be longer; it is drawn as large as the band's width allows.
        yield layer.model_copy(update={**times(("size_mm",), 1.0 + 0.3 * strength), **many(1.0 - 0.3 * strength)})
    if wish.large > 0 and not figures:
        yield layer.model_copy(update=many(1.0 - 0.3 * strength))
    if wish.dense < 0:
        yield layer.model_copy(update=many(1.0 - 0.3 * strength))
    if figures and (wish.large < 0 or wish.bold < 0 or wish.dense > 0):
        smaller = 1.0 - 0.25 * strength
        yield layer.model_copy(update={**times(("size_mm",), smaller), **many(1.0 / smaller)})
    elif wish.large < 0 or wish.dense > 0:
        yield layer.model_copy(update=many(1.0 + 0.35 * strength))


def _proposals(
    propose: Propose, room: Room, wish: Attributes, base: LayerBase, usual: float
) -> Iterator[tuple[LayerBase, float]]:
    """Layers to choose from and how much the discs may move of each; each is tried only when the last failed.

    The family's own answer to the wish comes first: its layout keeps the limits by itself. ``usual`` is the width of
    the unasked drawing's strokes: where they are far above the least, the least goes up from there.
    """
    for share in (1.0, 0.5):
        weight = round(1.0 + share * HEAVIER * max(wish.bold, 0.0), 3)
        air = round(1.0 + share * WIDER * max(-wish.dense, 0.0), 3)
        layer = propose(room.with_limits(weight, air), wish)
        if layer is not None and (_whole(layer) or not _whole(base)):
            layer = layer.model_copy(update={"weight": weight, "air": air})
            yield layer, OWN_SPOILT
            for strength in (1.0, 0.5):
                for other in _nudged(layer, room, wish, strength):
                    if other != layer:
                        yield other, SPOILT
        if weight == air == 1.0:
            break
    if wish.bold > 0:
        broad = min(1.2 * usual / room.shape.band.stroke_mm, 3.0)
        for weight, large in ((round(max(broad, 1.0), 3), wish.large), (1.0, wish.large or wish.bold)):
            layer = propose(room.with_limits(weight, 1.0), replace(wish, large=large))
            if layer is not None and (_whole(layer) or not _whole(base)):
                yield layer.model_copy(update={"weight": weight}), OWN_SPOILT
    if wish.dense > 0 and wish.large == 0:
        layer = propose(room, replace(wish, large=-0.6 * wish.dense))
        if layer is not None and (_whole(layer) or not _whole(base)):
            yield layer, OWN_SPOILT
    if wish.large > 0 and wish.rows is None and "size_mm" not in base.model_dump() and getattr(base, "rows", 1) > 1:
        layer = propose(room, replace(wish, rows=max(1, getattr(base, "rows", 2) // 2)))
        if layer is not None and (_whole(layer) or not _whole(base)):
            yield layer, OWN_SPOILT
    if wish.rows is None and (wish.large < 0 or wish.dense > 0 or wish.bold < 0):
        rows = getattr(base, "rows", None)
        layer = None if rows is None else propose(room, replace(wish, rows=rows + 1))
        if layer is not None and (_whole(layer) or not _whole(base)):
            yield layer, OWN_SPOILT


def obedient(family: Family[Any], room: Room, wish: Attributes, propose: Propose) -> LayerBase | None:
    """The layer that shows best what was asked. ``propose`` always throws the same dice.

    ``None`` where the family does not fit the room at all.
    """
    asked = compared(wish)
    first = propose(room, wish)
    if not asked or first is None:
        return first
    base = propose(room, replace(wish, dense=0.0, bold=0.0, large=0.0))
    if base is None:
        return first
    if wish.large > 0 and fills(base, room):
        # Figures that fill the band in one row are as large as it allows.
        del asked["large"]
        if not asked:
            return first
    reference = gauge(base, family, room)
    # Rather the unasked drawing than one that goes the other way.
    best, most = base, 0.0
    for layer, spoilt in islice(_proposals(propose, room, wish, base, reference.stroke), MOST_TRIES):
        try:
            got = gauge(layer, family, room)
        except (ValueError, IndexError, ZeroDivisionError):
            # Numbers that the family's drawing cannot do with.
            continue
        if got.moved > max(0.01, reference.moved) + spoilt:
            continue
        if _another_design(got, reference, wish):
            continue
        counts = (count_of(layer), count_of(base))
        shown = [seen(name, value, got, reference, counts, room) for name, value in asked.items()]
        total = sum(shown)
        if total > most:
            best, most = layer, total
        if min(shown) >= 1.0:
            break
    return best


def fills(layer: LayerBase, room: Room) -> bool:
    """Whether upright figures reach from edge to edge in one row."""
    upright = getattr(layer, "lying", True) is False and getattr(layer, "rows", 1) == 1
    return upright and float(getattr(layer, "size_mm", 0.0)) >= FILLS * 2.0 * room.half


def _another_design(got: Gauge, base: Gauge, wish: Attributes) -> bool:
    """Whether so much of the drawing is gone that it is no longer the same theme, only bolder or looser."""
    least = AIRY_LEFT if wish.dense < 0 else LEFT
    if got.contours < least * base.contours or got.cover < least * base.cover:
        return True
    # Two thin rows with a hole between them have long contours and are not dense.
    return wish.dense > 0 and got.cover < 0.9 * base.cover
