"""Weight of the metal from the closed mesh, as cast and as finished; stones apart.

Finishing is a loss of surface, not a percentage: about 0.10 mm off every polished outer face, about
half of that in recesses a wheel cannot reach, the bore by its own allowance, seats none (trade
guides: HMS 0.05-0.10, Gemwares 0.10 a side, i.materialise 0.10-0.15 mm; half in recesses is common
practice). The two allowances come from the foundry profile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ringcad.fit.shank_line import hollow_volume_mm3
from ringcad.resolved import ResolvedRing

RECESS_FACTOR = 0.5
"""A recess loses half of what an open face loses (common practice: 0.05 of 0.10 mm)."""
GRAMS_PER_CARAT = 0.2
"""One metric carat (CGPM 1907)."""

Polish = Literal["outer", "recess", "bore", "none"]


@dataclass(frozen=True)
class Weights:
    """Grams of metal, and the numbers they follow from (mm, mm2, mm3, g/cm3)."""

    as_cast_g: float
    finished_g: float
    polish_loss_g: float
    volume_mm3: float
    polished_area_mm2: float
    density_g_cm3: float
    metal: str
    stones_ct: float
    stones_g: float
    hollow_saved_g: float = 0.0
    """What hollowing takes out of the shank's inside."""


def polish_of(label: str) -> Polish:
    """How a face is finished, by the origin that its label names (``skin``, ``bore``, ``seat`` ...)."""
    name = label.lower()
    if any(word in name for word in ("rail", "gallery", "window", "relief")):  # before "seat": there is a seat_rail
        return "recess"
    if any(word in name for word in ("seat", "notch", "pilot", "bearing", "pocket")):
        return "none"
    if "bore" in name:
        return "bore"
    return "outer"


def weigh(resolved: ResolvedRing, volume_mm3: float, area_by_label_mm2: Mapping[str, float]) -> Weights:
    """Weigh the ring of a closed mesh.

    Parameters
    ----------
    volume_mm3
        Enclosed by the delivered mesh. A file scaled by the profile's ``casting_scale`` shrinks
        back to nominal, so volume and areas are divided by its cube and square.
    area_by_label_mm2
        Area of the mesh by the origin of its faces (see :func:`polish_of`); an unlabelled mesh is
        ``{"": area}`` and counts as outer face throughout.

    Raises
    ------
    ValueError
        If the volume is not positive and finite.
    """
    if not (math.isfinite(volume_mm3) and volume_mm3 > 0):
        raise ValueError(f"the mesh encloses no volume ({volume_mm3} mm3)")
    scale = resolved.foundry.casting_scale
    volume = volume_mm3 / scale**3
    loss_mm = {
        "outer": resolved.foundry.polish_allowance_mm,
        "recess": RECESS_FACTOR * resolved.foundry.polish_allowance_mm,
        "bore": resolved.foundry.bore_allowance_mm,
        "none": 0.0,
    }
    polished = 0.0
    lost_mm3 = 0.0
    for label, area in area_by_label_mm2.items():
        loss = loss_mm[polish_of(label)]
        if loss > 0:
            polished += area / scale**2
            lost_mm3 += area / scale**2 * loss
    lost_mm3 = min(lost_mm3, volume)
    density = resolved.metal.density_g_cm3
    carats = sum(a.stone.weight_ct * len(a.seats) for a in resolved.accents)
    if resolved.stone is not None:
        carats += resolved.stone.weight_ct
    if resolved.sides is not None:
        carats += resolved.sides.stone.weight_ct * len(resolved.sides.frames)
    if resolved.halo_row is not None:
        carats += resolved.halo_row.stone.weight_ct * len(resolved.halo_row.seats)
    return Weights(
        as_cast_g=volume * density / 1000.0,
        finished_g=(volume - lost_mm3) * density / 1000.0,
        polish_loss_g=lost_mm3 * density / 1000.0,
        volume_mm3=volume,
        polished_area_mm2=polished,
        density_g_cm3=density,
        metal=resolved.metal.name,
        stones_ct=carats,
        stones_g=carats * GRAMS_PER_CARAT,
        hollow_saved_g=hollow_volume_mm3(resolved) * density / 1000.0,
    )
