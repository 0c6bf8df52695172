"""All families by name, and the class of layer that each name stands for in a stored program."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ringcad.generators.ornament import (
    creatures,
    deco,
    figures,
    flowers,
    foliage,
    furrows,
    grounds,
    handiwork,
    interlace,
    keys,
    knots,
    layers,
    linework,
    matted,
    meadow,
    nature,
    plumage,
    rows,
    scrolls,
    scrollwork,
    signs,
    sprays,
    surfaces,
    textile,
    waves,
)
from ringcad.generators.ornament.elements import Drawable
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.schema import LayerBase

_RUNNING: tuple[Family[Any], ...] = (
    Family(
        "scroll",
        layers.ScrollLayer,
        scrolls.compose_scroll,
        scrolls.draw_scroll,
        "round",
        "round",
        ("waves",),
        False,
        6.2,
    ),
    Family("waves", layers.WavesLayer, waves.compose_waves, waves.draw_waves, rows_of_its_own=False, widest_mm=4.6),
    Family(
        "greek_key",
        layers.GreekKeyLayer,
        keys.compose_greek_key,
        keys.draw_greek_key,
        rows_of_its_own=False,
        widest_mm=8.0,
    ),
    Family(
        "chevron",
        layers.ChevronLayer,
        linework.compose_chevron,
        linework.draw_chevron,
        "square",
        "pointed",
        (),
        False,
        7.0,
    ),
    Family("plait", layers.PlaitLayer, interlace.compose_plait, interlace.draw_plait, kin=("rope",)),
    Family("lattice", layers.LatticeLayer, interlace.compose_lattice, interlace.draw_lattice),
    Family("scales", layers.ScalesLayer, surfaces.compose_scales, surfaces.draw_scales, kin=("milgrain",)),
    Family("hammered", layers.HammeredLayer, surfaces.compose_hammered, surfaces.draw_hammered, "square", "round"),
    Family("rope", layers.RopeLayer, surfaces.compose_rope, surfaces.draw_rope, "round", "round", ("milgrain",)),
    Family(
        "fan",
        layers.FanLayer,
        figures.compose_fan,
        figures.draw_fan,
        kin=("chevron",),
        rows_of_its_own=False,
        widest_mm=4.6,
    ),
    Family("honeycomb", layers.HoneycombLayer, figures.compose_honeycomb, figures.draw_honeycomb, kin=("lattice",)),
    Family(
        "flowers",
        layers.FlowersLayer,
        figures.compose_flowers,
        figures.draw_flowers,
        "round",
        "round",
        ("vine",),
        False,
        4.8,
    ),
    Family("milgrain", layers.MilgrainLayer, rows.compose_milgrain, rows.draw_milgrain),
)

_MODULES = (
    flowers,
    foliage,
    meadow,
    knots,
    signs,
    nature,
    plumage,
    deco,
    grounds,
    scrollwork,
    textile,
    sprays,
    matted,
    furrows,
    creatures,
    handiwork,
)

FAMILIES: dict[str, Family[Any]] = {
    family.name: family for family in (*_RUNNING, *(family for module in _MODULES for family in module.FAMILIES))
}
"""Every family of the grammar that a program can name and a sampler can propose."""

LAYERS: dict[str, type[LayerBase]] = {
    **{name: family.layer for name, family in FAMILIES.items()},
    "free": layers.FreeLayer,
}
"""Family name to its layer; ``free`` has no sampler."""


@lru_cache(maxsize=24)
def drawn(layer: LayerBase, room: Room) -> tuple[Drawable, ...]:
    """Elements of a layer in a room of its own; kept, because a proposal is looked at several times before it is drawn.

    Raises whatever the family raises for numbers that cannot be drawn.
    """
    return tuple(FAMILIES[layer.family].draw(layer, room))
