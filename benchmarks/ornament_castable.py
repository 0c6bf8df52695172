"""What the castability filter takes and adds, over all families, widths and shapes of zone; and the narrowest bands."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import measure as m
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose, render
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.relief.castability import make_castable, stretch

Zone = Literal["open", "closed", "square"]
DEPTH_MM, DETAIL_MM, GAP_MM = 0.35, 0.35, 0.25
LENGTH_MM: dict[str, float] = {"open": 18.0, "closed": 54.0}
PIXELS = 18.0
OUTER_RADIUS_MM = 10.6
WIDTHS_MM = (3.5, 5.0, 8.0, 12.0)
NARROW_MM = (2.0, 2.4, 2.8, 3.2)
SLIM_STROKES = 3
"""Most strokes across that a simplified form may have."""


@dataclass(frozen=True)
class Cast:
    """One relief and its filter. ``refused`` holds the message where the family said that it does not fit."""

    family: str
    zone: Zone
    width_mm: float
    refused: str = ""
    changed: float = 0.0
    removed_mm: float = 0.0
    added_mm: float = 0.0
    strokes: int = 0
    covered: float = 0.0
    form: str = ""
    seconds: float = 0.0


def request_for(family: str, zone: Zone, width_mm: float, seed: int, border: str = "plain") -> GeneratorRequest:
    """The request of a zone; a square field is as long as it is wide."""
    length = width_mm if zone == "square" else LENGTH_MM[zone]
    return GeneratorRequest(
        family, seed, length, width_mm, DEPTH_MM, DETAIL_MM, GAP_MM, border, zone != "closed", pixels_per_mm=PIXELS
    )


def strokes_across(field: m.Heights) -> int:
    """Pieces of metal that a cut across the band meets, the most that a tenth of all cuts reach."""
    metal = np.pad(m.inner(field).metal, ((1, 1), (0, 0)))
    steps = (np.diff(metal.astype(np.int8), axis=0) > 0).sum(axis=0)
    return int(np.percentile(steps, 90)) if steps.size else 0


def cast(family: str, zone: Zone, width_mm: float, seed: int = 3, border: str = "plain") -> Cast:
    """Draw and filter one relief."""
    request = request_for(family, zone, width_mm, seed, border)
    try:
        program, notes = compose(request, family, Attributes())
    except InputError as error:
        return Cast(family, zone, width_mm, refused=str(error))
    height = render(program, PIXELS)
    rows, columns = height.shape
    start = time.process_time()
    result = make_castable(
        height * DEPTH_MM,
        (request.length_mm / columns, width_mm / rows),
        DETAIL_MM,
        GAP_MM,
        DEPTH_MM,
        "emboss",
        zone == "closed",
        scale_u=float(stretch(OUTER_RADIUS_MM, 0.5 * DEPTH_MM)) if zone != "square" else 1.0,
    )
    spent = time.process_time() - start
    field = m.Heights(np.asarray(height, dtype=np.float64), request.length_mm, width_mm, zone == "closed")
    form = "simple" if any("simple form" in note for note in notes) else ""
    found = Cast(family, zone, width_mm, "", result.changed_area_share, result.max_removed_mm, result.max_added_mm)
    inside = m.inner(field)
    return replace(found, strokes=strokes_across(field), covered=m.coverage(inside), form=form, seconds=spent)


def casts(zones: Sequence[tuple[Zone, Sequence[float]]], border: str = "plain") -> Iterator[Cast]:
    """All families over some zones and widths."""
    for family in sorted(FAMILIES):
        for zone, widths in zones:
            for width in widths:
                yield cast(family, zone, width, border=border)
