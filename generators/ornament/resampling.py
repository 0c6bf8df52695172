"""Layers of an arranged program drawn anew among proposals, by what the trained network makes of the words.

This is the one place where the network comes in. Arranging decides which families stand where and proposes a layer for
each place. Here the family proposes some more, in any of its forms, and one of them is drawn by how much likelier
the prompt's words, the looks that are asked for and the strokes of the neighbour make it than a prompt that says
nothing (sampling by importance). So every layer keeps the layout of its family, and the words choose.
Where words say nothing, nothing changes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.arrange import Part, apart, calm, on_ground
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.dealing import ROUND, deal, hand_of
from ringcad.generators.ornament.embedding import Unit
from ringcad.generators.ornament.figure_rows import FigureLayer
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.model import read
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.reading import read_prompt
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.sampler import (
    Weights,
    condition,
    form_chances,
    load_weights,
    phrase_vector,
    surprise,
    worded_wish,
)
from ringcad.generators.ornament.sampler_fields import MEASURES, field_values, schema_shapes
from ringcad.generators.ornament.sampler_measure import WORST_MOVED, Look, acceptable, bare_mm, looked_at
from ringcad.generators.ornament.scene import UNDRAWABLE, layer_room
from ringcad.generators.ornament.schema import LayerBase
from ringcad.generators.ornament.staging import is_staged
from ringcad.generators.ornament.stems import GROWING, in_place
from ringcad.generators.ornament.surrounding import FEWEST_CELLS, cells

PROPOSALS = 360
"""Layers that a family proposes for a place; all seeds of a round share them."""
SCATTERED = frozenset({"hammered", "stipple", "starfield"})
"""Families that place every grain anew: no two proposals are alike, and each takes a while."""
SCATTERED_PROPOSALS = 4
FREE = {"dense": (-0.15, 0.6), "bold": (-0.3, 0.6), "large": (-0.4, 0.6)}
"""Levels of looks that nobody asked for: as far as a family's drawing is full and crisp."""
TRUST, FORMS = 1.0, 1.5
"""Powers of the ratios by which one is drawn: of the network's chances, and of what theme words say of forms."""
FILL = 8.0
"""Logarithm by which a proposal is less likely for each millimetre of bare ground, unless airy is asked: a chaser fills
the band, and empty corners are what one sees first in a poor one."""
HAND, FILL_TRIED = 6, 4
"""Of a seed's hand, how many are weighed by the words, and of how many of these the bare ground is measured."""
SOME_ROWS: tuple[int | None, ...] = (None, None, None, 2)
LYING_REPEATS: tuple[int | None, ...] = (None, None, 3, 4)
"""Rows of figures, and repeats of those that lie along the band, that are proposed where none are asked."""
TWO_ROWS_MM = 2.2
"""Half the width of a strip beside others from which two rows of figures are still known by their shapes."""
LEAST_TALL = 0.76
"""Figures that take less of the band's width than this are proposed only where small or airy is asked."""
LEAST_IN_TURN, SMALL_IN_TURN = 0.6, -0.95
"""The same for a figure between others, and the least level of its size: large and small make a rhythm."""
LOOKED = 3
"""Of so many of the best, what the castability limits move is measured, until one passes."""
FILLED_MM = 0.3
"""Ground no barer than this is none: the gap that strokes need between them."""
MOVED = 0.03
"""Most that the castability limits may move of a bold or dense layer, unless its first proposal is no better."""
YIELD = 0.04
"""A drawn layer may show what was asked for by this much less (in logarithms) than its proposal."""
PLACING = tuple(name for name in LayerBase.model_fields if name != "family")
"""Fields that say where a layer stands: they stay."""
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """Units of a prompt by what they do: attributes, and the words of each place's theme."""

    attributes: tuple[Unit, ...]
    themes: dict[str, tuple[Unit, ...]]


def read_roles(prompt: str) -> Reading:
    """What each unit of a prompt does, by the scheme model's reader."""
    reading = read_prompt(prompt)
    if not reading.units:
        return Reading((), {})
    meaning = read(reading)
    roles = [meaning.role(k) for k in range(len(reading.units))]
    content = [
        (role, unit)
        for role, unit, function in zip(roles, reading.units, reading.functions, strict=True)
        if not function
    ]
    asked = tuple(unit for role, unit in content if role in ("attribute", "filler"))
    themes = {place: tuple(u for role, u in content if role == place) for place in ("companion", "edges", "ground")}
    themes["main"] = tuple(unit for role, unit in content if role in ("main", "attribute", "filler"))
    return Reading(asked, themes)


def learned_wish(prompt: str, wish: Attributes, weights: Weights | None = None) -> Attributes:
    """A wish completed by what the prompt's adjectives mean that are no keywords."""
    return worded_wish(wish, read_roles(prompt).attributes, weights)[0]


def resampled(
    program: Program,
    parts: Sequence[Part],
    wish: Attributes,
    prompt: str,
    seed: int,
    weights: Weights | None = None,
) -> tuple[Program, tuple[int, int]]:
    """The program with its layers drawn anew, and how many places there are and how many changed.

    Mirrored rows and edges stay each other's mirror images; the mean stroke of a layer is told to the next.
    """
    weights = weights or load_weights()
    words = read_roles(prompt)
    frame_room = make_room(FrameShape(program.band, program.frame))
    digest = int.from_bytes(hashlib.sha256(" ".join(prompt.lower().split()).encode()).digest()[:8], "big")
    grounds = [layer.family for layer in program.layers if layer.ground]
    twins: dict[str, LayerBase] = {}
    layers: list[LayerBase] = []
    stroke: float | None = None
    changed = 0
    for layer in program.layers:
        key = _twin(layer)
        if key not in twins:
            twins[key] = layer
            if layer.family in FAMILIES:
                room, _ = layer_room(layer, frame_room)
                place, asked = _part_of(layer, parts, wish)
                alone = layer.panels is not None and getattr(layer, "repeats", 0) == 1
                if isinstance(layer, FigureLayer) and not asked.rows and ((grounds and not layer.ground) or alone):
                    # Several small ones would hide the ground, or melt in a turn that is made for one.
                    asked = replace(asked, rows=1, repeats=1 if alone else asked.repeats)
                if grounds and not layer.ground:
                    asked = apart(asked)
                if layer.panels is not None or room.boxed:
                    asked = in_place(layer.family, room, asked, layer.panels is not None)
                theme = phrase_vector(list(words.themes.get(place, ())))
                deck = Deck(layer.family, room, asked, _forms(layer.family, theme, weights), digest + len(twins), seed)
                turns = not is_staged(parts) and not any(part.position in ("around", "beside") for part in parts)
                if alone and isinstance(layer, FigureLayer) and turns:
                    deck = replace(deck, turns=True)
                found = _drawn(layer, deck, theme, stroke, weights)
                if found is not None and grounds and not layer.ground:
                    found = on_ground(found, grounds, asked, room.periodic)
                if found is not None and hasattr(found, "between") and (is_staged(parts) or alone):
                    found = found.model_copy(update={"between": "none"})  # its place is its own
                if _in_sizes(layer, program.layers) and is_staged(parts):
                    found = None  # large and small ones of a kind stay of one form
                about = any(part.position == "beside" and part.family == layer.family for part in parts)
                if found is not None and about and cells(found) < min(FEWEST_CELLS, cells(layer)):
                    found = None  # a pattern of a cell or two is none
                if found is not None:
                    twins[key] = found.model_copy(update={name: getattr(layer, name) for name in PLACING})
                changed += twins[key] != layer
                if stroke is None and len(program.layers) > 1 and not layer.ground:
                    look = looked_at(twins[key], room, outlined=True)
                    stroke = look.stroke if look is not None else None
        layers.append(twins[key].model_copy(update={name: getattr(layer, name) for name in PLACING}))
    return program.model_copy(update={"layers": tuple(layers)}), (len(twins), changed)


def _twin(layer: LayerBase) -> str:
    """What layers have in common that are drawn alike: of panels only how many and how long they are."""
    panels = layer.panels
    long = None if panels is None else (panels.count, panels.frieze, round(panels.part[1] - panels.part[0], 3))
    return repr((layer.model_dump(exclude={"slot", "flip", "reverse", "panels"}), long))


def _in_sizes(layer: LayerBase, layers: Sequence[LayerBase]) -> bool:
    """Whether a layer's figure stands on the band in several sizes."""
    name = getattr(layer, "name", None)
    kin = [other for other in layers if other.family == layer.family and getattr(other, "name", None) == name]
    return len({getattr(other, "size_mm", None) for other in kin}) > 1


def _names(part: Part, layer: LayerBase) -> bool:
    """Whether a layer is that of a part: of its family, and of its silhouette or text."""
    wish = part.wish
    if part.family != layer.family or (part.position in ("ground", "back")) != layer.ground:
        return False
    if wish is None:
        return True
    if part.family == "motif" and wish.form is not None:
        return bool(wish.form == getattr(layer, "name", wish.form))
    text = getattr(layer, "text", None)
    if part.family == "runes" and wish.letters and wish.form != "runes" and text is not None:
        return "".join(wish.letters.split()).casefold() == "".join("".join(text).split()).casefold()
    return True


def _part_of(layer: LayerBase, parts: Sequence[Part], wish: Attributes) -> tuple[str, Attributes]:
    """The place of a layer's theme in the prompt, and what is asked of it."""
    close = [part for part in parts if _names(part, layer)]
    for k, part in enumerate(parts):
        if (
            part.family == layer.family
            and part in (close or parts)
            and (part.position in ("ground", "back")) == layer.ground
        ):
            if part.position == "ground":
                return part.position, calm(part.wish or wish)
            if part.position == "edges":
                quiet = replace(part.wish or wish, rows=None, repeats=None, petals=None, letters=None)
                return part.position, quiet
            return ("main" if k == 0 or part.family == parts[0].family else "companion"), part.wish or wish
    return "main", wish


Chances = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
"""Fields of a family that words are known for, each with its choices, as text, and the chances of these."""


@dataclass(frozen=True)
class Deck:
    """What the proposals for a place hang on. ``seed`` is that of the first hand, where seeds share a round."""

    family: str
    room: Room
    wish: Attributes
    forms: Chances
    digest: int
    seed: int
    turns: bool = False
    """Whether it is one figure that takes turns with others: it may be clearly smaller than they are."""


def _forms(family: str, theme: Vector, weights: Weights) -> Chances:
    """Rounded, so that the last digits of a network do not decide what is dealt."""
    found = form_chances(family, theme, weights)
    return tuple((field, tuple((name, round(c, 4)) for name, c in chances.items())) for field, chances in found.items())


Proposal = tuple[LayerBase, Attributes]


def _drawn(layer: LayerBase, deck: Deck, theme: Vector, stroke: float | None, weights: Weights) -> LayerBase | None:
    """Of a seed's hand, the proposal that fills best and that words, looks and neighbour make likeliest.

    ``None``: the layer stays.
    """
    room, wish = deck.room, deck.wish
    asks = any(getattr(wish, name) for name in MEASURES)
    fills = not layer.ground and wish.dense >= 0.0
    if not asks and stroke is None and not theme.any():
        return None
    if deck.family in SCATTERED:
        hand = _proposals(deck, SCATTERED_PROPOSALS)
    else:
        first = deck.seed - deck.seed % ROUND
        hand = list(_dealt(replace(deck, seed=first))[hand_of(deck.seed, deck.digest)][:HAND])
    pool = [_counted(found, layer, wish) for found in hand]
    scored = [(_gain(found, own, deck, theme, stroke, weights), found) for found, own in filter(None, pool)]
    if not scored:
        return None
    scored.sort(key=lambda item: -item[0])
    if fills:
        tried = scored[:FILL_TRIED]
        tried.sort(key=lambda item: FILL * _bareness(item[1], room) - item[0])
        scored = tried
    looked = ((chosen, looked_at(chosen, room, outlined=not asks)) for _, chosen in scored[: 1 if asks else LOOKED])
    before = looked_at(layer, room) if asks else None
    best: tuple[float, LayerBase] | None = None
    for chosen, after in looked:
        if after is None or (asks and (before is None or not _as_obedient(after, before, wish))):
            continue
        if acceptable(after, before, MOVED if asks else WORST_MOVED):
            return chosen if chosen != layer else None
        best = min((after.moved, chosen), best or (after.moved, chosen), key=lambda item: item[0])
    # Where nothing is asked, the one that casts best is still another design than the other seeds'.
    return best[1] if best is not None and not asks else None


def _gain(
    layer: LayerBase, own: Attributes, deck: Deck, theme: Vector, stroke: float | None, weights: Weights
) -> float:
    """How much likelier the network thinks a proposal for these words and this neighbour, as a logarithm.

    Rounded, so that the last digits of a network do not decide what is drawn. 0 for a family that it does not know,
    or not as it is today.
    """
    codes = weights.codes.get(deck.family, ())
    if deck.family not in weights.kept or not {code.shape.name for code in codes} <= _written(type(layer)):
        return 0.0
    unasked = replace(deck.wish, dense=0.0, bold=0.0, large=0.0)
    told = condition(deck.family, deck.room, deck.wish, theme, stroke, weights)
    plain = condition(deck.family, deck.room, unasked, 0.0 * theme, None, weights)
    values = field_values(layer, own, [code.shape for code in codes])
    less, more = (surprise(deck.family, deck.room, said, values, weights) for said in (told, plain))
    return round(TRUST * (more - less), 3)


@lru_cache(maxsize=256)
def _written(kind: type[LayerBase]) -> frozenset[str]:
    """Names of the fields that a family's layers are written with."""
    return frozenset(shape.name for shape in schema_shapes(kind))


def _bareness(layer: LayerBase, room: Room) -> float:
    """Bare ground of a layer beyond what its gaps need, mm; as much as the band is wide where it cannot be drawn."""
    try:
        return max(bare_mm(layer, room) - FILLED_MM, 0.0)
    except UNDRAWABLE:
        return 2.0 * room.half


def _form_gain(layer: LayerBase, forms: Chances) -> float:
    """How much likelier than even the words make a layer's forms, as a logarithm."""
    gain = 0.0
    for field, chances in forms:
        value = str(getattr(layer, field))
        chance = dict(chances).get(value.lower() if value in ("True", "False") else value)
        gain += math.log(max(chance, 1e-4) * len(chances)) if chance is not None else 0.0
    return gain


@lru_cache(maxsize=32)
def _dealt(deck: Deck) -> tuple[tuple[Proposal, ...], ...]:
    """The hands of a round."""
    pool = _proposals(deck, PROPOSALS)
    if not pool:
        return ((),) * ROUND

    def kind(layer: LayerBase) -> tuple[str, ...]:
        return tuple(str(getattr(layer, field)) for field, _ in deck.forms)

    found = deal([layer for layer, _ in pool], kind, lambda layer: FORMS * _form_gain(layer, deck.forms))
    return tuple(tuple(pool[k] for k in hand) for hand in found)


def _proposals(deck: Deck, count: int) -> list[Proposal]:
    """Layers that the family itself proposes for a room, for wishes about the asked one and any of its forms."""
    family, wish = FAMILIES[deck.family], deck.wish
    shapes = schema_shapes(family.layer)
    forms = next((s.options for s in shapes if s.name == "form" and s.kind == "choice"), ())
    leaves = next((s.options for s in shapes if s.name == "leaf"), ())
    rng = np.random.Generator(np.random.PCG64([deck.seed & 0xFFFFFFFF, deck.digest, 3]))
    found: list[Proposal] = []
    for _ in range(count):
        own = wish
        for name in MEASURES:
            level = getattr(wish, name)
            low, high = sorted((0.7 * level, 1.4 * level)) if level else FREE[name]
            low = SMALL_IN_TURN if deck.turns and name == "large" and not level else low
            own = replace(own, **{name: round(float(rng.uniform(low, high)), 3)})
        if wish.form is None and forms and rng.random() < 0.8:
            own = replace(own, form=str(forms[int(rng.integers(len(forms)))]))
        if wish.leaf is None and leaves and rng.random() < 0.8:
            own = replace(own, leaf=leaves[int(rng.integers(len(leaves)))])
        alone = wish.rows is None and wish.repeats is None and wish.form != GROWING
        if found and alone and isinstance(found[0][0], FigureLayer):
            # As large as the band allows is one design only: some in two rows, and more of what lies along the band.
            rows = SOME_ROWS[int(rng.integers(4))]
            own = own if deck.room.boxed and deck.room.half < TWO_ROWS_MM else replace(own, rows=rows)
            if found[0][0].lying:
                own = replace(own, repeats=LYING_REPEATS[int(rng.integers(4))])
        other: LayerBase | None = family.propose(deck.room, own, rng)
        if other is not None and _closes(other, deck.room):
            found.append((other, own))
    if wish.large >= 0.0 and wish.dense >= 0.0:
        least = LEAST_IN_TURN if deck.turns else LEAST_TALL
        found = [proposal for proposal in found if _tall(proposal[0], deck.room) >= least] or found
    return found


def _tall(layer: LayerBase, room: Room) -> float:
    """Share of the room's width that upright figures take; 1 for layers of another kind."""
    if not isinstance(layer, FigureLayer) or layer.lying:
        return 1.0
    return (layer.rows * layer.size_mm + (layer.rows - 1) * room.gap) / (2.0 * room.half)


def _counted(proposal: Proposal, layer: LayerBase, wish: Attributes) -> Proposal | None:
    """A proposal with the counts that were asked for, as the first layer has them; ``None`` where it has others."""
    found, own = proposal
    if wish.repeats is not None and hasattr(found, "repeats"):
        count = getattr(layer, "repeats", 1)
        if found.repeats < count:
            return None
        if getattr(found, "fruit_every", 1) > getattr(layer, "fruit_every", 1):
            return None  # what is counted are blossoms, and fewer of its seats bear one
        # Fewer than the family would take only make each of them longer.
        found = found.model_copy(update={"repeats": count})
    for name, asked in (("rows", wish.rows), ("petals", wish.petals), ("letters", wish.letters)):
        if asked is not None and getattr(found, name, None) != getattr(layer, name, None):
            return None
    return found, own


def _as_obedient(look: Look, reference: Look, wish: Attributes) -> bool:
    """Whether a drawing shows every look that was asked for at least nearly as much as another does."""
    asked = np.sign([getattr(wish, name) for name in MEASURES])
    return bool(np.all(asked * (np.array(look.logs()) - np.array(reference.logs())) >= -YIELD))


def _closes(layer: LayerBase, room: Room) -> bool:
    """Whether every second figure is another only where they come in pairs, so that a closed band has no seam."""
    return not room.periodic or getattr(layer, "frieze", "repeat") == "repeat" or getattr(layer, "repeats", 2) % 2 == 0
