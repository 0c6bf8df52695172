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

COUNTED = frozenset(
    """rose daisy forget_me_not lily thistle heart fleur_de_lis motif rosette feather wing sunburst flame cloud paisley
    triquetra""".split()
)
"""Families of figures that can be counted along the band."""
LEAVED = frozenset({"vine", "ivy", "scroll", "oak", "arabesque"})
"""Families of a stem with leaves or husks."""


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
    Asked("count", "four {}", "4"),
    Asked("count", "five {}", "5"),
    Asked("without leaves", "{} without leaves", "none"),
)


@dataclass(frozen=True)
class Mixture:
    """A prompt with two themes and where they should stand."""

    text: str
    main: str
    other: str
    layout: str
    """``edges``: the other along both edges; ``stacked``: main above the other; ``turns``: one after another;
    ``ground``: the other low behind the main theme."""


MIXTURES: tuple[Mixture, ...] = (
    Mixture("roses in the middle, milgrain edges", "rose", "milgrain", "edges"),
    Mixture("ivy with rope edges", "ivy", "rope", "edges"),
    Mixture("hearts with gadroons along the edges", "heart", "gadroon", "edges"),
    Mixture("celtic knot with greek key borders", "celtic_knot", "greek_key", "edges"),
    Mixture("lilies between two rows of laurel", "lily", "laurel", "edges"),
    Mixture("fleur de lis with plait edges", "fleur_de_lis", "plait", "edges"),
    Mixture("dragon scales with waves along the edges", "scales", "waves", "edges"),
    Mixture("scrolls in the middle, chain links along both edges", "scroll", "chain", "edges"),
    Mixture("daisies with rope top and bottom", "daisy", "rope", "edges"),
    Mixture("wheat framed by milgrain", "wheat", "milgrain", "edges"),
    Mixture("skulls in the middle, rope edges", "motif", "rope", "edges"),
    Mixture("honeycomb with beaded edges", "honeycomb", "milgrain", "edges"),
    Mixture("feathers with chevrons along the edges", "feather", "chevron", "edges"),
    Mixture("vine above, waves below", "vine", "waves", "stacked"),
    Mixture("flames above, dragon scales below", "flame", "scales", "stacked"),
    Mixture("clouds above, seigaiha waves below", "cloud", "seigaiha", "stacked"),
    Mixture("hearts on top, greek key at the bottom", "heart", "greek_key", "stacked"),
    Mixture("roses above, plait below", "rose", "plait", "stacked"),
    Mixture("laurel above, honeycomb below", "laurel", "honeycomb", "stacked"),
    Mixture("ivy and skulls", "ivy", "motif", "turns"),
    Mixture("roses and hearts", "rose", "heart", "turns"),
    Mixture("lilies alternating with greek key", "lily", "greek_key", "turns"),
    Mixture("celtic knots and triquetras", "celtic_knot", "triquetra", "turns"),
    Mixture("oak leaves and fleur de lis", "oak", "fleur_de_lis", "turns"),
    Mixture("feathers and daisies", "feather", "daisy", "turns"),
    Mixture("waves and scales", "waves", "scales", "turns"),
    Mixture("thistles and hearts", "thistle", "heart", "turns"),
    Mixture("honeycomb and roses", "rose", "honeycomb", "turns"),
    Mixture("sunburst and clouds", "sunburst", "cloud", "turns"),
    Mixture("art deco fans and chevrons", "deco_fan", "chevron", "turns"),
    Mixture("paisley and rosettes", "paisley", "rosette", "turns"),
    Mixture("wheat and lilies", "wheat", "lily", "turns"),
    Mixture("hearts on a hammered ground", "heart", "hammered", "ground"),
    Mixture("laurel on a stippled background", "laurel", "stipple", "ground"),
    Mixture("fleur de lis on honeycomb", "fleur_de_lis", "honeycomb", "ground"),
    Mixture("roses over tree bark", "rose", "bark", "ground"),
    Mixture("lilies on a hammered background", "lily", "hammered", "ground"),
    Mixture("triquetra on a stippled ground", "triquetra", "stipple", "ground"),
    Mixture("skulls on a honeycomb ground", "motif", "honeycomb", "ground"),
    Mixture("vine on a bark background", "vine", "bark", "ground"),
)
"""Prompts of two themes, written before any of them was drawn."""
NOUNS: tuple[str, ...] = ("skulls", "anchor", "owl", "key", "crown", "butterfly")
"""Silhouettes that stand for the family of motifs."""
