"""Spec -> resolved ring: every dimension in mm with the reason for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from ringcad.core.errors import InputError, SpecError
from ringcad.resolve.bead_sizes import bead_shank
from ringcad.resolve.beads import resolve_bead_row, row_end_deg
from ringcad.resolve.bezel import bezel_start_deg, resolve_bezel
from ringcad.resolve.bridge import first_stone_deg
from ringcad.resolve.bypass import arm_start_deg, resolve_bypass
from ringcad.resolve.channel import check_borders
from ringcad.resolve.flush import resolve_accents
from ringcad.resolve.halo import resolve_halo_head
from ringcad.resolve.head import resolve_head
from ringcad.resolve.hidden_head import resolve_hidden_head
from ringcad.resolve.hollow import resolve_hollow
from ringcad.resolve.ledger import Ledger
from ringcad.resolve.own_head import resolve_own_head
from ringcad.resolve.rows import row_shank
from ringcad.resolve.shank import resolve_shank
from ringcad.resolve.shank_profile import check_accents
from ringcad.resolve.shoulders import first_phi_deg, resolve_decoration
from ringcad.resolve.side_heads import level_from_deg, resolve_center_head, resolve_sides, sides_start_deg
from ringcad.resolve.sides import begin_deg, check_sides
from ringcad.resolve.split import after_split_deg
from ringcad.resolve.stones import resolve_center
from ringcad.resolved import (
    Accent,
    Export,
    FoundryLimits,
    Halo,
    HiddenHalo,
    Metal,
    ResolvedRing,
    RingDimensions,
    RoundStone,
    SideHeads,
    bezeled,
    headed,
)
from ringcad.spec import Spec
from ringcad.spec.values import split_length_width, split_number
from ringcad.standards import (
    Alloy,
    RingSizeError,
    TableError,
    UnknownNameError,
    alloy,
    foundry_profile,
    ring_size,
)

#: Sizes that are tried on each side when a stone does not fit.
_TRIALS = 60

#: Chord (mm) and angle (deg) of the delivered mesh: the angle governs small parts such as prongs.
_MESH = {"normal": (0.01, 10.0), "fine": (0.005, 6.0)}


def _ring(ledger: Ledger) -> RingDimensions | None:
    try:
        size = ring_size(ledger.spec.ring_size)
    except RingSizeError as error:
        ledger.refuse("ring_size", error.problem, value=ledger.spec.ring_size, suggestion=error.suggestion)
        return None
    ledger.given("ring.label", "ring_size")
    kind = "formula of the size's system" if size.system else "the measure as ordered"
    ledger.note("ring.inner_diameter_mm", "derived" if size.system else "given", kind)
    return RingDimensions(inner_diameter_mm=size.inner_diameter_mm, label=size.label)


def _metal(ledger: Ledger) -> Alloy | None:
    try:
        row = alloy(ledger.spec.metal)
    except UnknownNameError as error:
        ledger.refuse("metal", "is not a known metal", value=ledger.spec.metal, suggestion=error.suggestion)
        return None
    ledger.given("metal.id", "metal")
    for name in ("name", "family", "density_g_cm3", "color_rgb"):
        ledger.note(f"metal.{name}", "derived", f"alloy table, row {row.id} ({row.provenance.source})")
    return row


def _foundry(ledger: Ledger, metal: Alloy, folders: Iterable[Path]) -> FoundryLimits | None:
    spec = ledger.spec
    places = [*folders, *([spec.source.folder] if spec.source.folder else [])]
    try:
        profile = foundry_profile(spec.foundry, places)
        limits = profile.limits(metal)
    except UnknownNameError as error:
        ledger.refuse("foundry", "is not a known profile", value=spec.foundry, suggestion=error.suggestion)
        return None
    except TableError as error:
        ledger.refuse("foundry", str(error), value=spec.foundry)
        return None
    scale = spec.export.casting_scale
    if scale is None:
        scale = profile.casting_scale
        ledger.note("foundry.casting_scale", "default", f"{profile.name}: most houses scale for shrinkage themselves")
    else:
        ledger.given("foundry.casting_scale", "export.casting_scale")
    ledger.choice("foundry.id", "foundry", "foundry" in spec.model_fields_set)
    because = f"profile {profile.id}, {metal.limits_group} ({profile.note})"
    for name in ("name", "recommended", "note", "stl_max_bytes", *limits):
        ledger.note(f"foundry.{name}", "derived", because)
    return FoundryLimits(
        id=profile.id,
        name=profile.name,
        recommended=profile.recommended,
        note=profile.note,
        casting_scale=scale,
        stl_max_bytes=profile.stl_max_bytes,
        **limits,
    )


def _export(ledger: Ledger) -> Export:
    want = ledger.spec.export
    chord, angle = _MESH[want.stl]
    for name in ("chord_mm", "angle_deg"):
        ledger.choice(f"export.{name}", "export.stl", "stl" in want.model_fields_set, "normal mesh")
    for name in ("step", "pictures"):
        ledger.choice(f"export.{name}", f"export.{name}", name in want.model_fields_set)
    return Export(chord_mm=chord, angle_deg=angle, step=want.step, pictures=want.pictures)


def _name(spec: Spec, name: str | None) -> str:
    if name is None:
        name = Path(spec.source.file).stem if spec.source.file else "ring"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}", name):
        raise InputError(f"the ring's name {name!r} cannot be a file name; use letters, digits, '-', '_'")
    return name


def resolve(spec: Spec, name: str | None = None, foundry_folders: Iterable[str | Path] = ()) -> ResolvedRing:
    """All numbers of a ring.

    Parameters
    ----------
    spec
        From :func:`ringcad.spec.load_spec`.
    name
        Stem of the output files; the spec file's by default.
    foundry_folders
        Folders with a user's own foundry profiles; the spec's folder is searched as well.

    Raises
    ------
    SpecError
        What does not fit together, each problem with its field, line, limit and the smallest change that
        would do. A given dimension is never changed.
    """
    name = _name(spec, name)
    folders = [Path(folder) for folder in foundry_folders]
    try:
        return _resolve(spec, name, folders)
    except SpecError as error:
        raise _with_fitting_stone(error, spec, folders) from None


def _with_fitting_stone(error: SpecError, spec: Spec, folders: list[Path]) -> SpecError:
    """When the center stone alone does not fit, propose the nearest size that does, found by trying."""
    given = spec.stone
    if given is None or {problem.field for problem in error.problems} != {"stone.size"}:
        return error
    both = split_length_width(given.size)
    number, unit = (both[1], "mm") if both else split_number(given.size) or (0.0, "")

    def written(size: float) -> str:
        """A size of the same ratio of length to width."""
        return f"{round(size * both[0] / both[1], 1):g}x{size:g} mm" if both else f"{size:g} {unit}"

    def fits(size: float) -> bool:
        stone = given.model_copy(update={"size": written(size)})
        try:
            _resolve(spec.model_copy(update={"stone": stone}), "trial", folders)
        except SpecError:
            return False
        return True

    step = 0.1 if unit == "mm" else 0.02
    for away in range(1, _TRIALS + 1):
        # coarser steps farther away: a proposal for a stone of 40 mm need not be exact to 0.1
        offset = step * (away + 0.02 * away * away)
        for size in (round(number - offset, 2), round(number + offset, 2)):
            if size > 0 and fits(size):
                hint = f"the nearest size that fits here is '{written(size)}'"
                return SpecError([replace(problem, suggestion=hint) for problem in error.problems])
    return error


def _check_prongs(ledger: Ledger) -> None:
    """Refuse an odd number of prongs where the head is made as a quarter, with what stands round it."""
    spec = ledger.spec
    if (spec.has_sides or spec.halo is not None) and spec.head.prongs % 2:
        ledger.refuse(
            "head.prongs",
            "leave the head unlike its mirror image: side stones and halos stand round an even number",
            value=spec.head.prongs,
            limit="an even number",
            suggestion="use 'prongs: 4'",
        )


def _resolve(spec: Spec, name: str, folders: list[Path]) -> ResolvedRing:
    ledger = Ledger(spec)
    ring, metal = _ring(ledger), _metal(ledger)
    limits = _foundry(ledger, metal, folders) if metal else None
    stone = None if spec.stone is None else resolve_center(spec.stone, ledger, "stone", "stone")
    _check_prongs(ledger)
    own = spec.head.file is not None or spec.head.mates is not None
    ledger.stop_on_problems()
    assert ring is not None and metal is not None and limits is not None
    radius = 0.5 * ring.inner_diameter_mm
    rowed = spec.has_row
    beaded = rowed and spec.accents[0].setting == "bead"
    if beaded:
        shank = bead_shank(ledger, limits)
    else:
        shank = row_shank(ledger, limits, radius) if rowed else resolve_shank(ledger, limits)
    ledger.stop_on_problems()
    assert shank is not None
    head, gallery, bezel, start = None, None, None, 0.0
    halo: Halo | None = None
    hidden: HiddenHalo | None = None
    begin: Callable[[RoundStone], float] | None = None
    sides: SideHeads | None = None
    if stone is not None and spec.has_bezel:
        bezel = resolve_bezel(ledger, radius, stone, shank, limits, metal.family)
        start = bezel_start_deg(radius, stone, shank, bezel)
    elif stone is not None and own:
        head, gallery = resolve_own_head(ledger, radius, stone, shank, limits)
        start = first_phi_deg(radius, shank, head, gallery)
        begin = partial(first_stone_deg, start, radius, shank, head, gallery)
    elif stone is not None and spec.has_sides:
        head, gallery = resolve_center_head(ledger, radius, stone, shank, limits)
        sides = resolve_sides(ledger, radius, stone, head, gallery, shank, limits)
        start = sides_start_deg(radius, sides)
        begin = partial(level_from_deg, sides)
    elif stone is not None:
        if spec.halo is not None and spec.halo.style == "hidden":
            head, gallery, hidden = resolve_hidden_head(ledger, radius, stone, shank, limits)
        elif spec.halo is not None:
            head, gallery, halo = resolve_halo_head(ledger, radius, stone, shank, limits)
        else:
            head, gallery = resolve_head(ledger, radius, stone, shank, limits)
        if spec.shank.bypass:
            arms = resolve_bypass(ledger, radius, stone, shank, limits, head, gallery)
            shank, start = shank.model_copy(update={"bypass": arms}), arm_start_deg(arms)
        else:
            start = after_split_deg(ledger, radius, shank, head, gallery, first_phi_deg(radius, shank, head, gallery))
        begin = partial(first_stone_deg, start, radius, shank, head, gallery)
    optional: dict[str, object] = {
        "stone": stone,
        "head": head,
        "gallery": gallery,
        "bezel": bezel,
        "halo": halo,
        "sides": sides,
    }
    optional["hidden_halo"] = hidden
    for path, part in optional.items():
        if part is None:
            ledger.note(path, "default", f"a {spec.template.replace('_', ' ')} has none")
    accents: tuple[Accent, ...]
    arm = None  # on a pave solitaire's arms stands its row
    if gallery is not None and gallery.shoulders == "cathedral" and not beaded:
        arm = (start, gallery.lift_phi_deg)
    if beaded and head is not None and gallery is not None:
        accents = resolve_bead_row(ledger, radius, shank, limits, head, gallery, start)
        start = max(start, row_end_deg(accents, radius, shank))
    else:
        accents = resolve_accents(ledger, radius, shank, limits, begin or (lambda _: start))
    check_accents(ledger, shank, accents, radius)
    flank = begin_deg(start, radius, shank, head, gallery, sides, accents)
    decoration = resolve_decoration(ledger, limits, start, arm, flank)
    check_borders(ledger, shank, accents, decoration, limits)
    check_sides(ledger, shank, decoration, limits, accents)
    behind = start if gallery is None or gallery.shoulders == "plain" else gallery.lift_phi_deg
    hollow = resolve_hollow(ledger, shank, limits, metal.family, behind, accents, decoration)
    for path, found in (("accents", accents), ("decoration", decoration)):
        if not found:
            ledger.note(path, "default", "none asked for")
    export = _export(ledger)
    ledger.choice("template", "template", "template" in spec.model_fields_set)
    ledger.choice("finish", "finish", "finish" in spec.model_fields_set)
    ledger.note("name", "derived", "the spec file's name")
    ledger.stop_on_problems()
    ring_numbers = ResolvedRing(
        template=spec.template,
        name=name,
        finish=spec.finish,
        ring=ring,
        metal=Metal(
            id=metal.id,
            name=metal.name,
            family=metal.family,
            density_g_cm3=metal.density_g_cm3,
            color_rgb=metal.color_rgb,
        ),
        foundry=limits,
        stone=stone,
        shank=shank.model_copy(update={"hollow": hollow}),
        head=head,
        gallery=gallery,
        bezel=bezel,
        halo=halo,
        hidden_halo=hidden,
        sides=sides,
        accents=accents,
        decoration=decoration,
        export=export,
        reasons=dict(sorted(ledger.reasons.items())),
    )
    return headed(ring_numbers) or bezeled(ring_numbers) or ring_numbers
