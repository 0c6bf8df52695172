"""Several families in one band: which part of the width or length each takes, and the layers that fill them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.loosening import LIMIT, unevenness
from ringcad.generators.ornament.measure import clear_rows, rows_seen
from ringcad.generators.ornament.obeying import draw_alone, obedient
from ringcad.generators.ornament.part import Part, Position
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.scene import layer_room, panel_room
from ringcad.generators.ornament.schema import Frieze, LayerBase, Panels
from ringcad.generators.ornament.staging import as_branch, is_staged, staged
from ringcad.generators.ornament.stems import in_place
from ringcad.generators.ornament.surrounding import in_full, ringed, set_in
from ringcad.generators.ornament.telling import COUNTED_ROWS, is_even

GROUND_CREST = 0.42
"""Height of a ground behind figures: below half, so that figures keep their outline."""
APART = -0.6
"""Level of density of figures on a ground of which nothing else was said."""
FEWER = 0.68
"""Share of the figures that stand on a ground of cells ..."""
CALM_GROUNDS = frozenset({"hammered", "bark", "stipple", "starfield"})
"""... and grounds that any corner between figures shows."""
FINE_GROUND = -0.8
"""Level of size of a ground: what is seen of it between figures is small."""
CLEARLY = 0.7
"""Level of a wish that is said outright, as keywords set it."""
SMALL_KIN = dict.fromkeys(("vine", "ivy", "laurel", "oak"), ("fern",))
"""Families of leaves that can still be drawn as leaves along an edge too slim for those that were named."""
EDGE_SHARES = (0.3, 0.36, 0.42, 0.5, 0.58, 0.65)
"""Shares of half the width tried for a family along both edges."""


ROW_DICE = 5
"""Throws of the dice after which figures are taken not to fit in as many rows as asked."""
Rng = np.random.Generator

__all__ = ["GROUND_CREST", "Part", "Position", "apart", "arrange", "calm", "describe", "on_ground"]


def arrange(room: Room, parts: Sequence[Part], wish: Attributes, rng: Rng) -> tuple[LayerBase, ...] | Part:
    """Layers for some parts, or the first that does not fit; what is drawn evenly and asked irregular, loosened."""
    state = rng.bit_generator.state
    found = _arranged(room, parts, wish, rng)
    if wish.irregular <= 0.0 or isinstance(found, Part):
        return found
    rng.bit_generator.state = state
    # Room for what is pressed together later.
    wider = _arranged(room.with_limits(LIMIT, LIMIT), parts, wish, rng)
    if isinstance(wider, Part) or len(wider) != len(found):
        return found
    values = unevenness(room, rng)
    layers: list[LayerBase] = []
    for even, layer in zip(found, wider, strict=True):
        own, _ = layer_room(even.model_copy(update={"weight": 1.0, "air": 1.0}), room)
        # What varies by nature does so unasked.
        loose = not getattr(even, "variation", ()) and not is_even(even, own)
        if even.ground or even.wreath is not None or layer.family != even.family or loose:
            layers.append(even)
            continue
        limits = {name: round(min(LIMIT * getattr(layer, name), 4.0), 3) for name in ("weight", "air")}
        layers.append(layer.model_copy(update={**limits, "uneven": values}))
    return tuple(layers)


def _arranged(room: Room, parts: Sequence[Part], wish: Attributes, rng: Rng) -> tuple[LayerBase, ...] | Part:
    if any(part.position in ("top", "bottom") for part in parts):
        # One side named: whoever has no side takes the other.
        other: Position = "bottom" if any(part.position == "top" for part in parts) else "top"
        parts = [replace(part, position=other) if part.position == "middle" else part for part in parts]
    grounds = [part for part in parts if part.position == "ground"]
    edges = [part for part in parts if part.position == "edges"]
    middles = [part for part in parts if part.position == "middle"]
    about = [part for part in parts if part.position in ("around", "beside")]
    sides = [part for part in parts if part.position in ("top", "bottom")]
    layers: list[LayerBase] = []
    for part in grounds:
        ground = _proposed(part.family, room, calm(part.wish or wish), rng)
        if ground is None:
            return part
        layers.append(ground.model_copy(update={"ground": True, "crest": GROUND_CREST}))
    if grounds:
        middles = [replace(part, wish=apart(part.wish or wish)) for part in middles]
    share = room.gap / room.half
    inner = (-1.0, 1.0)
    if is_staged(parts):
        state = rng.bit_generator.state

        def propose(family: str, own: Room, asked: Attributes) -> LayerBase | None:
            rng.bit_generator.state = state
            return _proposed(family, own, asked, rng)

        on_stage = [part for part in parts if part.position != "ground"]
        scene = staged(room, on_stage, propose, airy=bool(grounds))
        return scene if isinstance(scene, Part) else _with_depth([*layers, *scene], wish)
    if about and middles:
        around = _about(room, middles[0], about[0], wish, rng)
        return around if isinstance(around, Part) else _with_depth([*layers, *around], wish)
    if edges and middles:
        found = _along_edges(room, edges[0], middles, wish, rng)
        if isinstance(found, Part):
            return found
        return (*layers, *found)
    if edges:
        middles = [*edges, *middles]
    for part in sides:
        slot = (-1.0, -0.5 * share) if part.position == "top" else (0.5 * share, 1.0)
        layer = _in_slot(room, part, slot, part.wish or wish, rng)
        if layer is None:
            return part
        layers.append(layer)
    if middles:
        filled = _in_middle(room, middles, inner, wish, rng)
        if isinstance(filled, Part):
            return filled
        layers += [
            on_ground(layer, [ground.family for ground in grounds], wish, room.periodic) if grounds else layer
            for layer in filled
        ]
    return _with_depth(layers, wish)


_EVEN = frozenset({"vine", "ivy", "oak", "scroll", "arabesque", "fan", "scales"})
"""Families whose turns alternate, so that a closed band needs an even count."""


def _proposed(family: str, room: Room, wish: Attributes, rng: Rng) -> LayerBase | None:
    """A family's proposal with the number of repeats that was asked for, where that leaves it castable."""
    state = rng.bit_generator.state

    def propose(own: Room, asked: Attributes) -> LayerBase | None:
        rng.bit_generator.state = state
        found: LayerBase | None = FAMILIES[family].propose(own, asked, rng)
        return found

    layer = obedient(FAMILIES[family], room, wish, propose)
    count = getattr(layer, "repeats", None)
    if layer is None or wish.repeats is None or count is None or wish.repeats >= count:
        return layer
    # Fewer repeats than the family would take only make each of them longer.
    wanted = wish.repeats + (wish.repeats % 2 if room.periodic and family in _EVEN else 0)
    return layer.model_copy(update={"repeats": max(1, wanted)})


def calm(wish: Attributes) -> Attributes:
    """A ground is fine and takes no rows."""
    return replace(wish, rows=None, repeats=None, large=min(wish.large, FINE_GROUND), bold=min(wish.bold, 0.0))


def apart(wish: Attributes) -> Attributes:
    """Figures on a ground stand apart, or nothing of it would be seen; what was said of their density stays."""
    return replace(wish, dense=wish.dense or APART, balls=bool(wish.balls))


def on_ground(layer: LayerBase, grounds: Sequence[str], wish: Attributes, periodic: bool) -> LayerBase:
    """A layer of figures with nothing between them but the ground, and fewer where whole cells tell it."""
    if not hasattr(layer, "between"):
        return layer
    changed: dict[str, Any] = {"between": "none"}
    count = int(getattr(layer, "repeats", 1))
    if not CALM_GROUNDS.issuperset(grounds) and wish.repeats is None and count > 2:
        step = 1 if getattr(layer, "frieze", "repeat") == "repeat" or not periodic else 2
        changed["repeats"] = max(step, step * round(FEWER * count / step))
    return layer.model_copy(update=changed)


def _with_depth(layers: Sequence[LayerBase], wish: Attributes) -> tuple[LayerBase, ...]:
    """Layers with the character of relief that was asked for, by name or as plainly soft or sharp."""
    depth = wish.depth or ("soft" if wish.soft >= CLEARLY else "sharp" if wish.soft <= -CLEARLY else None)
    return tuple(layers) if depth is None else tuple(layer.model_copy(update={"depth": depth}) for layer in layers)


def _rounded(slot: tuple[float, float]) -> tuple[float, float]:
    return (round(max(slot[0], -1.0), 5), round(min(slot[1], 1.0), 5))


def _in_slot(room: Room, part: Part, slot: tuple[float, float], wish: Attributes, rng: Rng) -> LayerBase | None:
    slot = _rounded(slot)
    own, _ = room.slot(*slot)
    layer = _proposed(part.family, own, wish, rng)
    return None if layer is None else layer.model_copy(update={"slot": slot})


def _along_edges(room: Room, edge: Part, middles: Sequence[Part], wish: Attributes, rng: Rng) -> list[LayerBase] | Part:
    """One family along both edges, mirrored, the others between; the edges take as little as they can."""
    gap = room.gap / room.half
    state = rng.bit_generator.state
    failed: Part = edge
    simple: list[LayerBase] | None = None
    for share in EDGE_SHARES:
        rng.bit_generator.state = state
        # What is asked of the whole speaks of its middle: rows and counts do not go for the edges.
        modest = edge.wish or replace(wish, rows=None, repeats=None, petals=None, letters=None)
        meant = [replace(edge, family=name) for name in (edge.family, *edge.instead, *SMALL_KIN.get(edge.family, ()))]
        lows = [low for part in meant if (low := _in_slot(room, part, (-1.0, -1.0 + share), modest, rng)) is not None]
        if not lows:
            continue
        # Of families that the words may mean, rather one that is drawn in full.
        low = next((found for found in lows if in_full(found)), lows[0])
        filled = _in_middle(room, middles, (-1.0 + share + gap, 1.0 - share - gap), wish, rng)
        if isinstance(filled, Part):
            failed = filled
            break
        high = low.model_copy(update={"slot": _rounded((1.0 - share, 1.0)), "flip": True})
        found = list(_with_depth([low, high, *filled], wish))
        if all(in_full(layer) for layer in found):
            return found
        simple = simple or found
    if simple is not None:
        return simple
    return failed


def _about(room: Room, middle: Part, about: Part, wish: Attributes, rng: Rng) -> list[LayerBase] | Part:
    """A figure with another family about it: in rings or on the rest of the band, else at the edges, else in turn."""
    state = rng.bit_generator.state

    def propose(family: str, own: Room, asked: Attributes) -> LayerBase | None:
        rng.bit_generator.state = state
        return _proposed(family, own, asked, rng)

    arranged = ringed if about.position == "around" else set_in
    found = arranged(room, middle.family, middle.wish or wish, about.family, about.wish or wish, propose)
    if found is not None:
        return found
    edges = _along_edges(room, replace(about, position="edges"), [middle], wish, rng)
    if not isinstance(edges, Part) and all(in_full(layer) for layer in edges):
        return edges
    # On both sides of each figure rather than simplified above and below it.
    turns = _in_turns(room, [middle, about], wish, rng)
    return edges if isinstance(turns, Part) else turns


def _in_middle(
    room: Room, parts: Sequence[Part], slot: tuple[float, float], wish: Attributes, rng: Rng
) -> list[LayerBase] | Part:
    """Parts that share a slot: one alone (in several rows if asked for or wide), or several in turns."""
    whole = slot == (-1.0, 1.0)
    if slot[1] - slot[0] < 2.0 * room.stroke / (2.0 * room.half):
        return parts[0]
    own = room if whole else room.slot(*_rounded(slot))[0]
    if len(parts) > 1:
        layers = _in_turns(own, parts, wish, rng)
        if isinstance(layers, Part):
            return layers
        return layers if whole else [layer.model_copy(update={"slot": _rounded(slot)}) for layer in layers]
    part = parts[0]
    family, asked = FAMILIES[part.family], part.wish or wish
    rows = 1
    if not family.rows_of_its_own:
        broad = 2.0 * own.half > family.widest_mm and asked.large <= 0.0
        rows = asked.rows or (2 if broad or asked.frieze == "mirror" else 1)
    elif asked.rows and asked.rows > 1:
        return _in_own_rows(room, part, slot, asked, rng)
    for count in range(min(rows, 6), 0, -1):
        if count == 1:
            layer = _proposed(part.family, own, asked, rng)
            if layer is None:
                return part
            return [layer if whole else layer.model_copy(update={"slot": _rounded(slot)})]
        stacked = _in_rows(room, part, slot, count, replace(asked, rows=None), rng)
        if stacked is not None:
            return stacked
    return part


def _in_own_rows(
    room: Room, part: Part, slot: tuple[float, float], asked: Attributes, rng: Rng
) -> list[LayerBase] | Part:
    """A family that has rows of its own in as many as asked: the first drawing that shows them, or the first of all.

    Where its rows interlock so that they cannot be told apart, its narrower strands stand above each other instead.
    """
    whole, state = slot == (-1.0, 1.0), rng.bit_generator.state
    own = room if whole else room.slot(*_rounded(slot))[0]
    first: LayerBase | None = None
    count = asked.rows or 1
    for k in range(ROW_DICE):
        if first is not None and not hasattr(first, "size_mm"):
            # Of rows that interlock one more or less may be told apart; other dice do not change that.
            if k > 2:
                break
            rng.bit_generator.state = state
        interlocking = first is not None and not hasattr(first, "size_mm")
        rows = max(1, count + (0, -1, 1)[k]) if interlocking else count
        layer = _proposed(part.family, own, replace(asked, rows=rows), rng)
        if layer is None:
            continue
        first = first or layer
        if _shows_rows(layer, own, asked):
            return [layer if whole else layer.model_copy(update={"slot": _rounded(slot)})]
    rng.bit_generator.state = state
    stacked = _in_rows(room, part, slot, asked.rows or 1, replace(asked, rows=None), rng)
    if stacked is not None and _shows_rows(stacked[0], layer_room(stacked[0], room)[0], replace(asked, rows=1)):
        return stacked
    if first is None:
        return part
    return [first if whole else first.model_copy(update={"slot": _rounded(slot)})]


def _shows_rows(layer: LayerBase, own: Room, asked: Attributes) -> bool:
    """Whether the rows that were asked for can be told apart."""
    if hasattr(layer, "size_mm") or layer.family in COUNTED_ROWS:
        return bool(getattr(layer, "rows", 1) == asked.rows)
    field = draw_alone(list(FAMILIES[layer.family].draw(layer, own)), own)
    return (clear_rows(field) if asked.rows == 1 else rows_seen(field)) == asked.rows


def _in_rows(
    room: Room, part: Part, slot: tuple[float, float], count: int, wish: Attributes, rng: Rng
) -> list[LayerBase] | None:
    """One strand in several rows; every second one is mirrored, so that the rows answer each other."""
    gap = room.gap / room.half
    tall = (slot[1] - slot[0] - (count - 1) * gap) / count
    if tall <= 0.0:
        return None
    first = _in_slot(room, part, (slot[0], slot[0] + tall), wish, rng)
    if first is None:
        return None
    layers = [first]
    for k in range(1, count):
        low = slot[0] + k * (tall + gap)
        layers.append(first.model_copy(update={"slot": _rounded((low, low + tall)), "flip": k % 2 == 1}))
    return layers


RHYTHMS = ((0, 1), (0, 0, 1, 1))
"""How two figures follow one another where nothing was said of their turns: by ones or by twos, neither outweighed."""
STRAND_LENGTH = 1.6
"""Length of a strand's turn over the room's width: enough to be known by."""


def _turn_mm(room: Room, part: Part, wish: Attributes, rng: Rng) -> float:
    """Length of a family's turn: one figure where it has figures, else a piece of strand."""
    space = 2.0 * room.half
    state = rng.bit_generator.state
    trial = room.panel(room.u0, room.u0 + 4.0 * space)
    asked = in_place(part.family, room, replace(part.wish or wish, repeats=None), True)
    layer = FAMILIES[part.family].propose(trial, asked, rng)
    rng.bit_generator.state = state
    if layer is None or not hasattr(layer, "size_mm") or getattr(layer, "rows", 1) != 1:
        return STRAND_LENGTH * space
    return max(0.7 * space, min(trial.length / max(int(getattr(layer, "repeats", 1)), 1), 2.4 * space))


def _in_turns(room: Room, parts: Sequence[Part], wish: Attributes, rng: Rng) -> list[LayerBase] | Part:
    """Families one after another along the band: figures one by one, strands in pieces."""
    state = rng.bit_generator.state
    known = [_turn_mm(room, part, wish, rng) for part in parts]
    figures = [length < 1.3 * 2.0 * room.half for length in known]
    order = tuple(range(len(parts)))
    free = not wish.repeats and not any(part.strict or (part.wish and part.wish.repeats) for part in parts)
    if len(parts) == 2 and max(known) < STRAND_LENGTH * 2.0 * room.half and free:
        order = RHYTHMS[int(rng.integers(len(RHYTHMS)))]
        order = order if room.length >= sum(known[k] for k in order) else (0, 1)
        state = rng.bit_generator.state
    lengths = [known[k] for k in order]
    ends = [round(float(x), 5) for x in np.cumsum([0.0, *lengths]) / sum(lengths)]
    ends[-1] = 1.0
    best = max(1, int(room.length / sum(lengths) + 0.6))
    failed = parts[0]
    frieze: Frieze = wish.frieze or "repeat"
    counts = [wish.repeats] if wish.repeats else list(range(best, 0, -1))
    for count in counts:
        rng.bit_generator.state = state
        found: dict[int, LayerBase] = {}
        layers: list[LayerBase] = []
        for k, low, high in zip(order, ends[:-1], ends[1:], strict=True):
            part, one, panels = parts[k], figures[k], Panels(count=count, part=(low, high), frieze=frieze)
            own = panel_room(room, panels)
            asked = in_place(part.family, own, replace(part.wish or wish, repeats=1 if one else None), True)
            layer = found.get(k)
            branch = None if one else as_branch(part.family, own)
            if layer is None and own.length > 2.0 * room.stroke:
                layer = _proposed(branch, own, asked, rng) if branch else None
                layer = layer or _proposed(part.family, own, asked, rng)
            if layer is None:
                failed = part
                break
            found[k] = layer
            alone = {"between": "none"} if one and hasattr(layer, "between") else {}
            layers.append(layer.model_copy(update={"panels": panels, **alone}))
        else:
            return layers
    return failed


def describe(layers: Sequence[LayerBase]) -> list[str]:
    """What was arranged, in words."""
    notes = []
    for layer in layers:
        name = layer.family.replace("_", " ")
        form: Any = getattr(layer, "form", None)
        if layer.ground:
            notes.append(f"{name} as ground")
        elif layer.wreath is not None and layer.panels is not None:
            notes.append(f"{name} in {layer.panels.count} rings")
        elif layer.panels is not None:
            notes.append(f"{name} in {layer.panels.count} panels")
        if form == "simple" and len(layers) > 1:
            notes.append(f"{name} in its simple form")
    return list(dict.fromkeys(notes))
