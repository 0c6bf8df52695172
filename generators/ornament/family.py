"""What a family is: a typed layer, a sampler that proposes one for a room, and its drawing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Drawable
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.schema import EndShape, LayerBase

L = TypeVar("L", bound=LayerBase)


@dataclass(frozen=True)
class Family(Generic[L]):
    """One family of the grammar.

    ``propose`` draws a layer for a room from the wishes and a random generator, or answers ``None``
    where not even its simplified form (at most three strokes across) fits. ``draw`` makes the
    elements; it holds no random numbers. ``kin`` are families of the same spirit that need less room.
    """

    name: str
    layer: type[L]
    propose: Callable[[Room, Attributes, np.random.Generator], L | None]
    draw: Callable[[L, Room], Sequence[Drawable]]
    start: EndShape = "square"
    finish: EndShape = "square"
    kin: tuple[str, ...] = ()
    rows_of_its_own: bool = True
    """Whether its layer has rows; otherwise several rows are layers in slots."""
    widest_mm: float = float("inf")
    """Room from which two mirrored strands look better than one."""
