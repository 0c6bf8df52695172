"""What stands where in an ornament: families by place, silhouettes by name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ringcad.generators.ornament.labels import NONE

BORDERS = ("plain", "double", "milgrain", "rope", NONE)
"""Edges that the frame draws itself."""


@dataclass(frozen=True)
class Scheme:
    """What stands where. ``edges`` is ``None`` when nothing was said, else a border or a family."""

    main: str
    companion: str | None = None
    layout: str = "single"
    edges: str | None = None
    ground: str | None = None
    motif: str | None = None
    companion_motif: str | None = None
    instead: tuple[str, ...] = ()
    """Other families that the main theme's words may mean, likeliest first."""


def with_text(scheme: Scheme, leads: bool) -> Scheme:
    """The scheme with a place for text that is to be written: that of the main theme where the text ``leads``, the
    companion's otherwise; a companion that stood there gives way.
    """
    if "runes" in (scheme.main, scheme.companion, scheme.edges):
        return scheme
    layout = scheme.layout if scheme.companion else "alternate"
    if not leads:
        return replace(scheme, companion="runes", companion_motif=None, layout=layout)
    ground = None if scheme.ground == scheme.main else scheme.ground
    return replace(
        scheme,
        main="runes",
        motif=None,
        companion=scheme.main,
        companion_motif=scheme.motif,
        layout=layout,
        ground=ground,
    )
