"""What each shipped template sets: cuts of its center stone, what holds it, the row that it is made round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Settings of rows that a template is made round; any other (flush) goes into a shank as it is.
ROW_SETTINGS = ("channel", "shared_prong", "bead")
#: Those of them that leave no even skin beside them for a decoration.
PLAIN_ROWS = ("shared_prong",)
#: Cuts that a prong head holds.
PRONG_CUTS = ("round", "oval", "cushion", "emerald", "asscher", "radiant", "princess", "marquise", "baguette")

#: Cuts that a prong head holds whose two ends differ.
HALF_CUTS = ("pear", "heart", "trillion", "tapered_baguette")
#: Cuts whose girdle a halo's rim follows at an even distance.
HALO_CUTS = ("round", "oval", "cushion", "emerald", "asscher", "radiant")
#: Cuts whose girdle a bezel's wall follows: smooth all round.
BEZEL_CUTS = ("round", "oval", "cushion", "cabochon")


@dataclass(frozen=True)
class Repertoire:
    """What a template sets."""

    cuts: tuple[str, ...] = ()
    """Of the center stone, the usual one first; empty where there is none."""
    mount: Literal["prongs", "bezel"] | None = None
    """What holds the center stone; ``None`` where there need not be one."""
    rows: tuple[str, ...] = ()
    """Settings of the one row that it is made round; empty where it needs none."""
    sides: bool = False
    """Whether the center stone has one on either side, in a head of its own."""
    any_row: bool = False
    """Whether rows are the template's own affair."""
    halo: bool = False
    """Whether a halo surrounds the center stone."""
    measured_outline: bool = False
    """Whether its head follows a center stone's girdle as measured."""
    own_head: bool = False
    """Whether a head from a file may stand in for its own."""


_SHIPPED = {
    "solitaire": Repertoire(cuts=(*PRONG_CUTS, *HALF_CUTS), mount="prongs", measured_outline=True, own_head=True),
    "halo": Repertoire(cuts=HALO_CUTS, mount="prongs", halo=True),
    "bezel_solitaire": Repertoire(cuts=BEZEL_CUTS, mount="bezel"),
    "three_stone": Repertoire(cuts=PRONG_CUTS, mount="prongs", sides=True),
    "pave_solitaire": Repertoire(
        cuts=(*PRONG_CUTS, *HALF_CUTS), mount="prongs", rows=("bead",), measured_outline=True, own_head=True
    ),
    "band": Repertoire(),
    "eternity": Repertoire(rows=("channel", "shared_prong")),
}
#: A template of somebody else's may have a head or none.
_FOREIGN = Repertoire(cuts=("round",), any_row=True)


def repertoire(template: str) -> Repertoire:
    """What a template sets, by its name."""
    return _SHIPPED.get(template, _FOREIGN)


def template_with_row(row: str) -> str:
    """The template that is made round a row of this setting. Raises :class:`StopIteration` where there is none."""
    return next(name for name, known in _SHIPPED.items() if row in known.rows)
