"""What a prompt can mean: families, places, attribute classes. Their order is part of the trained weights."""

from __future__ import annotations

FAMILIES: tuple[str, ...] = (
    "vine", "ivy", "laurel", "acanthus", "oak", "rose", "lily", "daisy", "forget_me_not", "fern", "wheat", "thistle",
    "scroll", "filigree", "arabesque", "celtic_knot", "triquetra", "plait", "rope", "chain", "basket_weave", "waves",
    "seigaiha", "cloud", "flame", "feather", "wing", "scales", "honeycomb", "greek_key", "chevron", "deco_fan",
    "sunburst", "facets", "tracery", "damask", "paisley", "rosette", "hammered", "bark", "stipple", "starfield",
    "milgrain", "bead_row", "gadroon", "fleur_de_lis", "heart", "runes", "motif",
)  # fmt: skip
NONE = "none"
SOME = "some"
NOTHING = "nothing"
"""Class of words that name nothing to be drawn."""
EDGES: tuple[str, ...] = ("unsaid", NONE, "plain", "double", SOME)
"""What stands along the edges: nothing said, no border, rails, or a theme (beads, rope or a family)."""
LAYOUTS: tuple[str, ...] = ("single", "alternate", "flanked", "stacked")
"""How a companion stands to the main theme: in turn with it, on both sides of it, or on the other half of the width."""
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "density": ("unsaid", "dense", "sparse"),
    "stroke": ("unsaid", "bold", "fine"),
    "size": ("unsaid", "large", "small"),
    "relief": ("unsaid", "flat", "domed", "sharp", "soft"),
    "symmetry": ("unsaid", "mirror", NONE),
}
SLOTS: dict[str, tuple[str, ...]] = {
    "drawable": ("no", "yes"),
    "companion": (NONE, SOME),
    "layout": LAYOUTS,
    "edges": EDGES,
    "ground": (NONE, SOME),
    **ATTRIBUTES,
}
"""What the model writes about a prompt, in this order; which family a theme is, it finds for the words of each role."""
ROLES: tuple[str, ...] = ("filler", "main", "companion", "edges", "ground", "negated", "attribute", "count")
"""What a word of the prompt does."""
CLUE = "clue"
"""A ninth role that only the reader's weights know: words that describe the main theme and do not name it."""
FUNCTION_WORDS: tuple[str, ...] = tuple(
    """a an the of and or in on at to for from by with as is it its my our your his her their i we you he she that this
    no not without minus never any some all each every between above below over under behind around round along across
    through among beside against into onto top bottom middle centre center centred side sides either both edge edges
    edged border borders bordered rim rims frame framed rail rails ground background field base set linked joined
    alternating flanked surrounded one two three four five six seven eight nine ten twelve row rows line lines strand
    strands double triple single but please like want style pattern ring band very , . ; : - & + / ' ! ?""".split()
)
"""Words that build a sentence: they have an embedding of their own beside their row in the table."""
