"""Things that stand in their places on a band: side by side, strips above and below, something low behind all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.figure_rows import FigureLayer
from ringcad.generators.ornament.layout import Room, outline_of
from ringcad.generators.ornament.part import Part
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.scene import panel_room
from ringcad.generators.ornament.schema import LayerBase, Panels
from ringcad.generators.ornament.stems import in_place

Slot = tuple[float, float]
Propose = Callable[[str, Room, Attributes], LayerBase | None]
"""A family's layer for a room and a wish; always with the same dice."""
STRIP_SHARES = (0.27, 0.33, 0.38, 0.24)
"""Shares of the width tried for a strip above or below figures."""
FLOOR_THIN = 0.85
"""Height of a strip below over one above: a line of leaves needs less than a moon."""
BACK_CREST = 0.52
"""Height of things in the background over that of those before them."""
AIRY = 0.76
"""Height of figures over the width where a ground is to be seen about them."""
BEFORE = 0.68
"""Height of figures before a background over the width: it is seen above and between them."""
SHRINK = tuple(0.96**k for k in range(20))
"""Sizes tried until everything fits side by side."""
LEAST_FLEX = 1.1
"""Least length of a strand beside a figure over its width."""
WIDEST_GAP = 0.42
"""Widest distance of two neighbours over the width of their strip."""
LOOK_LEFT = frozenset({"mouse"})
LOOK_RIGHT = frozenset({"turtle-2"})
EMOJI = "fluent-emoji-high-contrast"
"""Its animals look to the left, those of the other sources to the right, but for the ones named."""


@cache
def looks_left(name: str) -> bool:
    """Whether a silhouette, as it is drawn, looks to the left."""
    from ringcad.generators.ornament.motifs import load_motifs

    table = load_motifs()
    if name not in table.names:
        return False
    emoji = table.sources[table.names.index(name)][0] == EMOJI
    return name in LOOK_LEFT or (emoji and name not in LOOK_RIGHT)


def is_staged(parts: Sequence[Part]) -> bool:
    """Whether some parts have places of their own on the band."""
    return any(part.position in ("column", "sky", "floor", "back") for part in parts)


def staged(room: Room, parts: Sequence[Part], propose: Propose, airy: bool = False) -> list[LayerBase] | Part:
    """Layers of parts in columns, strips and behind them, or the first part that does not fit.

    ``airy``: a ground is to be seen between them.
    """
    columns, sky, floor, back = (
        [part for part in parts if part.position == name] for name in ("column", "sky", "floor", "back")
    )
    failed: Part = parts[0]
    if not columns:
        # With nothing in the middle each has its half of the band.
        edge = 0.5 * room.gap / room.half
        strips = [((-1.0, -edge), sky), ((edge, 1.0), floor)]
        return _strips(room, strips, propose)
    for share in STRIP_SHARES if sky or floor else (0.0,):
        over, under, gap = 2.0 * share, 2.0 * (share if sky and not floor else FLOOR_THIN * share), room.gap / room.half
        low, high = (-1.0 + over + gap if sky else -1.0), (1.0 - under - gap if floor else 1.0)
        if (high - low) * room.half < 3.0 * room.stroke:
            continue
        strips = [((-1.0, -1.0 + over), sky), ((1.0 - under, 1.0), floor)]
        beside = _strips(room, [strip for strip in strips if strip[1]], propose)
        if isinstance(beside, Part):
            failed = beside
            continue
        found = _columns(room, (low, high), columns, propose, before=bool(back), airy=airy)
        if isinstance(found, Part):
            failed = found
            continue
        behind: list[LayerBase] = []
        for part in back:
            slot = _rounded((low, high))
            layer = propose(part.family, room.slot(*slot)[0], replace(part.wish or Attributes(), rows=1))
            if layer is None:
                return part
            behind.append(_quiet(layer).model_copy(update={"slot": slot, "ground": True, "crest": BACK_CREST}))
        return [*behind, *found, *beside]
    return failed


def _rounded(slot: Slot) -> Slot:
    return round(max(slot[0], -1.0), 5), round(min(slot[1], 1.0), 5)


def _quiet(layer: LayerBase) -> LayerBase:
    """A layer with nothing between its figures."""
    return layer.model_copy(update={"between": "none"}) if hasattr(layer, "between") else layer


def _strips(room: Room, strips: Sequence[tuple[Slot, list[Part]]], propose: Propose) -> list[LayerBase] | Part:
    out: list[LayerBase] = []
    for slot, parts in strips:
        found = _strip(room, _rounded(slot), parts, propose)
        if isinstance(found, Part):
            return found
        out += found
    return out


def _strip(room: Room, slot: Slot, parts: list[Part], propose: Propose) -> list[LayerBase] | Part:
    """A strip: one running family over its whole length, or several things side by side."""
    if len(parts) == 1 and parts[0].count == 1 and (parts[0].fills or not _one_figure(room, slot, parts[0], propose)):
        part = parts[0]
        wish, own = replace(part.wish or Attributes(), rows=1, repeats=None, balls=False), room.slot(*slot)[0]
        layer = propose(part.family, own, in_place(part.family, own, wish, False))
        small = SMALL_KIN.get(part.family)
        if layer is None and small is not None:
            layer = propose(small, own, wish)
        return part if layer is None else [_quiet(layer).model_copy(update={"slot": slot})]
    figures = [part for part in parts if _one_figure(room, slot, part, propose)]
    if len(parts) == 2 and len(figures) == 1:
        # 'a moon and a few stars': what runs stands on both sides of what stands alone.
        other = next(part for part in parts if part is not figures[0])
        parts = [other, figures[0], replace(other, mirrored=True)]
    return _columns(room, slot, parts, propose)


@dataclass(frozen=True)
class _Unit:
    """One thing in a row: its layer, slot and length; strands have no length of their own yet."""

    part: Part
    layer: LayerBase | None
    slot: Slot
    length: float


def _one_figure(room: Room, slot: Slot, part: Part, propose: Propose) -> bool:
    return _unit(room, slot, part, 1.0, propose, False).layer is not None


def _unit(room: Room, slot: Slot, part: Part, factor: float, propose: Propose, grounded: bool) -> _Unit:
    """A part as one thing of a size; a strand where its family has no single figures."""
    tall = (slot[1] - slot[0]) * part.scale * factor
    middle = 0.5 * (slot[0] + slot[1])
    low, high = (slot[1] - tall, slot[1]) if grounded else (middle - 0.5 * tall, middle + 0.5 * tall)
    own_slot = _rounded((low, high))
    strand = _Unit(part, None, _rounded(slot), 0.0)
    family = FAMILIES[part.family]
    if not (issubclass(family.layer, FigureLayer) or part.family == "runes"):
        return strand
    own = room.slot(*own_slot)[0]
    trial = own.panel(own.u0, own.u0 + max(6.0 * own.half, 1.0))
    layer = propose(part.family, trial, replace(part.wish or Attributes(), rows=1, repeats=1, balls=False))
    if layer is None or getattr(layer, "rows", 1) != 1:
        return replace(strand, length=-1.0)
    layer = _quiet(layer)
    points, radius = outline_of(family.draw(layer, trial)).discs()
    middle_u = points[:, 0]
    if part.family == "runes":
        # Ornaments beside a text are left out where the room is its own.
        return _Unit(part, layer, own_slot, _text_length(layer, trial))
    return _Unit(part, layer, own_slot, float((middle_u + radius).max() - (middle_u - radius).min()))


def _text_length(layer: Any, room: Room) -> float:
    from ringcad.generators.ornament import lettering

    if layer.script == "roman":
        return float(lettering.advances(layer.text, layer.size_mm, room.stroke, room.gap)[-1])
    points, radius = outline_of(FAMILIES["runes"].draw(layer, room)).discs()
    return float((points[:, 0] + radius).max() - (points[:, 0] - radius).min())


def _columns(
    room: Room, slot: Slot, parts: Sequence[Part], propose: Propose, before: bool = False, airy: bool = False
) -> list[LayerBase] | Part:
    """Things side by side, about the middle of the band; more of what stands outermost where there is room for it."""
    slot = _rounded(slot)
    wide = (slot[1] - slot[0]) * room.half
    own = room.slot(*slot)[0]
    order = [part for part in parts for _ in range(part.count)]
    factor = BEFORE if before else AIRY if airy else 1.0
    units: list[_Unit] = []
    for shrink in SHRINK:
        known = {part: _unit(room, slot, part, factor * shrink, propose, before) for part in dict.fromkeys(order)}
        bad = next((part for part, unit in known.items() if unit.length < 0.0), None)
        if bad is not None:
            return bad
        units = [known[part] for part in order]
        need = _needed(units, wide, 3.2 * room.gap if airy else room.gap) + (room.gap if room.periodic else 0.0)
        if need <= own.length:
            break
    else:
        return order[0]
    units = _filled(units, wide, own, room.gap, before)
    return _laid(room, own, units, wide, propose, spread=before or airy)


SHORT = 3.0
"""Length over width up to which a climbing plant is drawn as a branch: it has no room to wind."""
BRANCH = {"vine": "fern"}
LEAFY = 5.0
"""Half width in strokes from which leaves are drawn with their own shapes on a short stem."""
SMALL_KIN = {"ivy": "fern", "laurel": "fern", "oak": "fern"}
"""Leaves that can still be drawn as leaves in a slim strip."""


def as_branch(family: str, room: Room) -> str | None:
    """The branch by which a climbing plant is drawn in a short room, or leaves in a short and slim one."""
    if room.length >= SHORT * 2.0 * room.half:
        return None
    return (BRANCH | (SMALL_KIN if room.half < LEAFY * room.stroke else {})).get(family)


def _needed(units: Sequence[_Unit], wide: float, gap: float) -> float:
    lengths = [unit.length if unit.layer is not None else LEAST_FLEX * wide for unit in units]
    return sum(lengths) + 1.2 * gap * (len(units) - 1) + 0.05 * len(units)


def _filled(units: list[_Unit], wide: float, own: Room, gap: float, before: bool) -> list[_Unit]:
    """Things that were named in the plural, repeated outwards as far as there is room."""
    air = max((0.3 if before else 0.14) * wide, 1.2 * gap)
    if any(unit.layer is None for unit in units) or not (units[0].part.fills and units[-1].part.fills):
        return units
    while len(units) < 24:
        more = [units[0], *units, units[-1]] if len(units) > 1 else [units[0], units[0]]
        if len({unit.part for unit in units}) == 1 and len(units) > 1:
            more = [units[0], *units]
        if sum(unit.length for unit in more) + air * (len(more) + 1) > own.length:
            break
        units = more
    return units


def _laid(
    room: Room, own: Room, units: Sequence[_Unit], wide: float, propose: Propose, spread: bool
) -> list[LayerBase] | Part:
    """Layers of things side by side, as often as they go round a closed band."""
    gap, n = room.gap, len(units)
    strands = [unit for unit in units if unit.layer is None]
    solid = sum(unit.length for unit in units if unit.layer is not None)
    count = 1
    if room.periodic:
        count = max(1, int(own.length / (_needed(units, wide, gap) + 0.6 * wide * (not strands) + gap)))
    period = own.length / count
    free = period - solid
    lengths = [unit.length for unit in units]
    if strands:
        between = 1.5 * gap
        each = (free - between * (n - (0 if room.periodic else 1))) / len(strands)
        lengths = [unit.length if unit.layer is not None else each for unit in units]
    else:
        ends = any(unit.part.ends for unit in units)
        most = free if ends or spread or room.periodic else WIDEST_GAP * wide
        between = min(free / (n + (0 if room.periodic else 1)), most)
    run = sum(lengths) + between * (n - 1)
    at = 0.5 * (period - run)
    layers: list[LayerBase] = []
    for unit, length in zip(units, lengths, strict=True):
        slack = 0.5 * gap + min(0.02, 0.2 * max(between - gap, 0.0))
        # Of things of one length the panels are as long to the last digit, so that they are known as twins; what
        # stands right of the middle is laid from the other end.
        far = at + 0.5 * length > 0.5 * period + 1e-6
        first = round(max(((period - at - length if far else at) - slack) / period, 0.0), 5)
        part = (first, min(round(first + round((length + 2.0 * slack) / period, 5), 5), 1.0))
        part = (round(1.0 - part[1], 5), round(1.0 - part[0], 5)) if far else part
        panels = Panels(count=count, part=part)
        layer = unit.layer
        if layer is None:
            asked, room_of_it = replace(unit.part.wish or Attributes(), repeats=None), panel_room(own, panels)
            branch = as_branch(unit.part.family, room_of_it)
            layer = propose(branch, room_of_it, asked) if branch else None
            layer = layer or propose(unit.part.family, room_of_it, asked)
            if layer is None:
                return unit.part
        slot = None if unit.slot == (-1.0, 1.0) else unit.slot
        layers.append(layer.model_copy(update={"slot": slot, "panels": panels, "reverse": _turned(unit.part)}))
        at += length + between
    return layers


def _turned(part: Part) -> bool:
    """Whether a thing is drawn end for end: so that it looks where it is meant to, or as its partner's mirror image."""
    if part.looks is None or part.family != "motif":
        return part.mirrored and part.family != "runes"
    name = (part.wish.form if part.wish else None) or ""
    return looks_left(name) != (part.looks == "left")
