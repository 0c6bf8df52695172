"""Prompts of the ornament measures: plain wordings of the families, and words that ask for something of them."""

from __future__ import annotations

from dataclasses import dataclass

WORDING: dict[str, str] = {
    "acanthus": "acanthus leaves",
    "arabesque": "arabesque",
    "bark": "tree bark",
    "basket_weave": "basket weave",
    "bead_row": "row of beads",
    "celtic_knot": "celtic knot",
    "chain": "chain links",
    "chevron": "chevrons",
    "cloud": "clouds",
    "daisy": "daisies",
    "damask": "damask",
    "deco_fan": "art deco fans",
    "facets": "facets",
    "feather": "feathers",
    "fern": "fern",
    "filigree": "filigree",
    "flame": "flames",
    "fleur_de_lis": "fleur de lis",
    "forget_me_not": "forget-me-nots",
    "gadroon": "gadroons",
    "greek_key": "greek key",
    "hammered": "hammered surface",
    "heart": "hearts",
    "honeycomb": "honeycomb",
    "ivy": "ivy",
    "laurel": "laurel",
    "lily": "lilies",
    "milgrain": "milgrain",
    "motif": "skulls",
    "oak": "oak leaves",
    "paisley": "paisley",
    "plait": "plait",
    "rope": "rope",
    "rose": "roses",
    "rosette": "rosettes",
    "runes": "runes",
    "scales": "dragon scales",
    "scroll": "scrolls",
    "seigaiha": "seigaiha waves",
    "starfield": "starry sky",
    "stipple": "stippled",
    "sunburst": "sunburst",
    "thistle": "thistles",
    "tracery": "gothic tracery",
    "triquetra": "triquetra",
    "vine": "vine",
    "waves": "waves",
    "wheat": "wheat",
    "wing": "wings",
}
"""One plain wording of each family that a prompt can name."""
RAILS = frozenset({"milgrain", "bead_row", "rope", "gadroon"})
"""Families that are themselves rows along the edge: a border beside them is not told apart by the eye either."""
FIELDS = frozenset({"hammered", "bark", "stipple", "facets", "starfield", "damask"})
"""Surfaces without strands: rows and counts ask nothing of them."""


@dataclass(frozen=True)
class Asked:
    """A wish in words: ``text`` with ``{}`` for the family's wording, and what is wanted on the heights."""

    attribute: str
    text: str
    want: str


WISHES: tuple[Asked, ...] = (
    Asked("stroke", "bold {}", "bold"),
    Asked("stroke", "delicate {}", "fine"),
    Asked("density", "dense {}", "dense"),
    Asked("density", "airy {}", "airy"),
    Asked("size", "large {}", "large"),
    Asked("size", "tiny {}", "small"),
    Asked("symmetry", "mirrored {}", "mirror"),
    Asked("symmetry", "irregular {}", "irregular"),
    Asked("border", "{} with a plain border", "plain"),
    Asked("border", "{} with a double border", "double"),
    Asked("border", "{} with milgrain edges", "milgrain"),
    Asked("border", "{} with a rope border", "rope"),
    Asked("border", "{} without border", "none"),
    Asked("depth", "flat {}", "flat"),
    Asked("depth", "domed {}", "domed"),
    Asked("depth", "sharp {}", "sharp"),
    Asked("depth", "soft {}", "soft"),
    Asked("rows", "two rows of {}", "2"),
    Asked("rows", "three rows of {}", "3"),
)
