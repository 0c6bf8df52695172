"""How wide the shank must be for a decoration that its zone is too narrow for, found by trying."""

from __future__ import annotations

import math
from pathlib import Path

from ringcad.core.errors import InputError, SpecError, ZoneTooNarrow
from ringcad.registry import load_generator
from ringcad.reliefs import make_request
from ringcad.resolve import resolve
from ringcad.resolved import Decoration, ResolvedRing
from ringcad.spec import BezelSpec, Spec
from ringcad.spec.models import TopBottom
from ringcad.template import Template

#: Tries; each comes nearer, since a wider shank seldom tapers as the narrow one did.
_TRIES = 6
#: The widest shank that a spec may ask for here, and how much taller a wall may become, mm.
_WIDEST_MM, _TALLER_MM = 14.0, 4.0
#: The field that makes a wall taller, by its region.
_HEIGHTS = {"bezel.wall": ("bezel", "height_above_finger_mm"), "halo.rim": ("halo", "thickness_mm")}


def width_that_fits(spec: Spec, template: Template, zone: Decoration, error: ZoneTooNarrow, folder: Path) -> str | None:
    """The edit of the spec that gives a decoration its width, e.g. ``shank.width_mm.top: 5.4``; ``None`` if none does.

    A bezel's wall and a halo's rim are made taller. Everything else stays as it is given; defaults follow the new width
    as they would in a build.
    """
    if zone.region == "shank.sides":  # a wider shank has no taller sides
        return None
    if zone.region in _HEIGHTS:
        return _height_that_fits(spec, template, zone, error, folder)
    given = spec.shank.width_mm
    even = given.top == given.bottom
    need = error.least_width_mm
    try:
        now = resolve(spec, "trial", [folder])
        width, room = now.shank.width_top_mm, template.zones(now)[zone.id].width_mm
        for _ in range(_TRIES):
            width = max(math.ceil(10.0 * width * need / room - 1e-6) / 10.0, round(width + 0.1, 1))
            if width > _WIDEST_MM:
                return None
            wider = TopBottom(top=width, bottom=width if even and given.top is not None else given.bottom)
            trial = resolve(
                spec.model_copy(update={"shank": spec.shank.model_copy(update={"width_mm": wider})}), "trial", [folder]
            )
            size = template.zones(trial)[zone.id]
            try:
                entry = next(one for one in trial.decoration if one.id == zone.id)
                load_generator(zone.generator).generate(make_request(entry, size, trial, folder))
            except ZoneTooNarrow as short:
                need, room = short.least_width_mm, size.width_mm
                continue
            return f"shank.width_mm{'' if even and given.top is not None else '.top'}: {width:g}"
    except (SpecError, InputError):
        return None
    return None


def _height_that_fits(
    spec: Spec, template: Template, zone: Decoration, error: ZoneTooNarrow, folder: Path
) -> str | None:
    """The same for a wall: ``bezel.height_above_finger_mm: 7.1``, ``halo.thickness_mm: 2.3``."""
    need, (part, name) = error.least_width_mm, _HEIGHTS[zone.region]
    try:
        now = resolve(spec, "trial", [folder])
        first = height = _height_now(now, zone.region)
        room = template.zones(now)[zone.id].width_mm
        for _ in range(_TRIES):
            height = max(math.ceil(10.0 * (height + need - room) - 1e-6) / 10.0, round(height + 0.1, 1))
            if height > first + _TALLER_MM:
                return None
            given = getattr(spec, part) or BezelSpec()
            trial = resolve(spec.model_copy(update={part: given.model_copy(update={name: height})}), "trial", [folder])
            size = template.zones(trial)[zone.id]
            try:
                entry = next(one for one in trial.decoration if one.id == zone.id)
                load_generator(zone.generator).generate(make_request(entry, size, trial, folder))
            except ZoneTooNarrow as short:
                need, room = short.least_width_mm, size.width_mm
                continue
            return f"{part}.{name}: {height:g}"
    except (SpecError, InputError):
        return None
    return None


def _height_now(ring: ResolvedRing, region: str) -> float:
    """What the field of :data:`_HEIGHTS` is, given or not."""
    if region == "halo.rim":
        assert ring.halo is not None
        return ring.halo.top_z_mm - ring.halo.bottom_z_mm
    assert ring.bezel is not None
    return ring.bezel.height_above_finger_mm
