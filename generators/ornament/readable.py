"""Which silhouette of a thing is drawn: the one that reads best at the size that the band leaves for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import motifs
from ringcad.generators.ornament.arrange import Part
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import border_style, make_frame
from ringcad.generators.ornament.layout import Room, make_room

SIDE_SHARE = 0.5
"""Height of a figure that shares the width with a row above or below it, over the room's."""


def readable_parts(
    parts: Sequence[Part], request: GeneratorRequest, wish: Attributes
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Parts with each silhouette exchanged for that of the same thing which reads best, and what is to be said.

    A silhouette that is among the best stays, so that the seed's choice holds; else the seed takes one of those that
    read equally well.
    """
    if not any(part.family == "motif" for part in parts):
        return tuple(parts), ()
    room = make_room(make_frame(request, wish.border or border_style(request.border), "square", "square"))
    shared = any(part.position in ("top", "bottom", "edges") for part in parts)
    size = max((SIDE_SHARE if shared else 1.0) * 2.0 * room.half, room.stroke) / room.gap
    chosen: list[Part] = []
    notes: list[str] = []
    for part in parts:
        name = part.wish.form if part.wish is not None else None
        if part.family != "motif" or part.wish is None or name is None or name not in motifs.names():
            chosen.append(part)
            continue
        among = motifs.alike(name)
        if part.looks is not None:
            # Who looks at somebody is seen from the side.
            among = [other for other in among if motifs.in_profile(other)] or among
        best = motifs.best_read(among, size)
        taken = name if name in best else best[request.seed % len(best)]
        if taken != name:
            notes.append(f"motif {taken} instead of {name}, which reads worse at {size * room.gap:.1f} mm")
        if motifs.legible(taken, size) < motifs.READS:
            notes.append(_lost(taken, size, room, request.width_mm))
        chosen.append(replace(part, wish=replace(part.wish, form=taken)))
    return tuple(chosen), tuple(dict.fromkeys(notes))


def _lost(name: str, size: float, room: Room, width_mm: float) -> str:
    """What is said of a silhouette that is too small for its lines, with the width that it needs."""
    least = motifs.least_size(name)
    text = f"motif {name} loses some of its lines at {size * room.gap:.1f} mm"
    if least is None or least <= size:
        return text
    return f"{text}; a band {width_mm + (least - size) * room.gap:.1f} mm wide would keep them"
