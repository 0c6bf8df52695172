"""Flowers in rows or on stems: what the families of flowers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Drawable, Placement
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.figure_rows import Figure, FigureLayer
from ringcad.generators.ornament.foliage import Plant
from ringcad.generators.ornament.habits import Course, Fill
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.schema import Finite, Positive, Share, Side

Rng = np.random.Generator
TWIN_STROKES = 6.5
"""Half of the room, in strokes, from which two stems leave flowers on them enough to be seen."""


class BloomLayer(FigureLayer):
    """Flowers one after another (heads), or growing on stems among leaves."""

    form: Literal["heads", "wave", "twin", "edge"] = "heads"
    stem_mm: Positive = 0.4
    side: Side = 1
    leaf_turn_deg: Finite = 0.0
    leaf_scale: Positive = 1.0
    sway: Share = 0.5
    fruit_every: int = 2
    """On stems: every so many places hold a flower, the others a leaf."""
    fill: Fill = "none"
    opposed: bool = True
    crowd: Share = 0.0
    course: Course = "along"
    vein: Share = 0.45
    variation: tuple[Finite, ...] = ()


@dataclass(frozen=True)
class Bloom:
    """A family of flowers: heads in rows as a figure, and a plant that bears them."""

    figure: Figure[Any]
    plant: Plant
    most: float = 1.95
    """Largest flower on a stem over half the room's width."""
    least: float = 4.2
    """Room from which flowers grow on stems, over twice the stroke."""
    hangs: bool = False
    """Whether flowers may hang from the upper edge."""
    face: Callable[[Any, float, Room], Sequence[Drawable]] | None = None
    """The head on a stem, where it is not the figure."""

    def family(self) -> Family[Any]:
        """The family of the grammar."""
        f = self.figure
        return Family(f.name, f.layer, self.propose, self.draw, f.start, f.finish, f.kin)

    def propose(self, room: Room, wish: Attributes, rng: Rng) -> Any:
        """Heads in rows or flowers on a stem, by the dice or by the wish for a form."""
        heads = self.figure.family().propose(room, wish, rng)
        dice = rng.random()
        stems = set(self.plant.forms)
        grows = wish.form in stems or (wish.form is None and dice < 0.6)
        if wish.rows or room.half < self.least * room.stroke * 0.5:
            return heads
        if heads is not None and not grows:
            return heads
        plant = self.plant
        if room.half < TWIN_STROKES * room.stroke:
            plant = replace(plant, forms=tuple(form for form in plant.forms if form != "twin"))
        fields = plant.fields(room, wish, rng)
        if fields is None:
            return heads
        if fields["form"] == "edge" and not self.hangs:
            fields["side"] = 1
        if wish.repeats:
            # Who counts flowers counts no leaves.
            fields["fruit_every"] = 1
        elif fields["course"] != "along":
            # Each half bears a flower.
            fields["fruit_every"] = min(fields["fruit_every"], max(1, fields["repeats"] // 2), 2)
        size = max(self.most * room.half * (1.0 + 0.2 * wish.large), self.figure.least * room.stroke)
        size = round(min(size, 2.0 * room.half), 4)
        own = self.figure.own(wish, rng, size, room)
        return self.figure.layer(size_mm=size, **{**own, **fields})

    def draw(self, layer: Any, room: Room) -> list[Drawable]:
        """Elements of a layer."""
        if layer.form not in self.plant.forms:
            return self.figure.family().draw(layer, room)

        def flower(size: float, own: Room) -> list[Drawable]:
            head = self.face(layer, size, own) if self.face else self.figure.draw(layer, size, own, 0)
            # Its heart stands on the seat. A figure's top looks towards smaller v; on a stem it looks along +x.
            return [part.moved(Placement(turn_deg=90.0)) for part in head]

        return self.plant.draw(layer, room, flower)
