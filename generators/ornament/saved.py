"""Programs from outside: read with every complaint, filled where a field was left out, fitted to the band, drawn.

A program may be written by hand. What it leaves out is made for the band at hand: the band, the frame, and
the numbers of a layer of which little more than the family is said. What it says is drawn as it is.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from pydantic import BaseModel, ValidationError

from ringcad.core.errors import InputError, SpecError, SpecProblem
from ringcad.generation import GeneratorRequest, Relief
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import border_style, make_frame
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.program import Asked, Program
from ringcad.generators.ornament.refit import refitted
from ringcad.generators.ornament.registry import FAMILIES, LAYERS
from ringcad.generators.ornament.scene import UNDRAWABLE, layer_room, placed_elements, render
from ringcad.generators.ornament.schema import Band, BorderStyle, EndShape, Frame, LayerBase
from ringcad.generators.ornament.variation import vary
from ringcad.spec.problems import problems_of
from ringcad.spec.source import SourceMap
from ringcad.standards.tables import closest

FORMAT = "ringcad-ornament"
MOST_ELEMENTS = 5_000
"""Strokes, leaves and beads of a layer; a stippled band of 60 x 12 mm has about 800."""
_NOWHERE = SourceMap()


@dataclass(frozen=True)
class _Reader:
    """Collects problems while a program is read for a band."""

    data: Mapping[str, Any]
    request: GeneratorRequest
    problems: list[SpecProblem]

    def complain(self, field: str, message: str, value: object = None, hint: str | None = None) -> None:
        shown = None if value is None else repr(value)[:80]
        self.problems.append(SpecProblem(field, message, shown, None, hint))

    def part(self, name: str, kind: type[BaseModel], filled: Mapping[str, Any]) -> Any:
        """A mapping of the program, what it leaves out taken from ``filled``; ``None`` if it is wrong."""
        given = self.data.get(name)
        if given is not None and not isinstance(given, Mapping):
            self.complain(
                name, "a mapping is wanted", given, f"write its keys ({', '.join(kind.model_fields)}) below it"
            )
            return None
        try:
            return kind.model_validate({**filled, **(given or {})})
        except ValidationError as error:
            self.problems.extend(problems_of(error, _NOWHERE, kind, (name,)))
            return None

    def head(self) -> None:
        known = list(Program.model_fields)
        for name in self.data:
            if name not in known:
                near = closest(name, known)
                self.complain(name, "unknown key", None, f"did you mean {near!r}?" if near else f"known: {known}")
        for name, value in (("format", FORMAT), ("version", 1)):
            if self.data.get(name) != value:
                self.complain(name, f"is not {value}, which this program reads", self.data.get(name), f"write {value}")

    def layers(self, room: Room, asked: Asked | None) -> list[LayerBase]:
        given = self.data.get("layers")
        if not isinstance(given, list) or not given:
            self.complain("layers", "a list of at least one layer is wanted", None, "add for example '- family: ivy'")
            return []
        found = [self.layer(index, item, room, asked) for index, item in enumerate(given)]
        return [layer for layer in found if layer is not None]

    def layer(self, index: int, given: Any, room: Room, asked: Asked | None) -> LayerBase | None:
        place = f"layers.{index}"
        if not isinstance(given, Mapping):
            self.complain(place, "a mapping is wanted", given, "begin with 'family: ivy'")
            return None
        family = given.get("family")
        if family not in LAYERS:
            near = closest(str(family), LAYERS) if family is not None else None
            message = "is missing" if family is None else "is not a family"
            self.complain(
                f"{place}.family", message, family, f"did you mean {near!r}?" if near else f"one of {', '.join(LAYERS)}"
            )
            return None
        kind = LAYERS[family]
        try:
            return kind.model_validate(given)
        except ValidationError as error:
            # What a family can propose may be left out.
            may_lack = {f"{place}.{name}" for name in kind.model_fields} if family in FAMILIES else set()
            found = problems_of(error, _NOWHERE, kind, ("layers", index))
            wrong = [problem for problem in found if problem.message != "is missing" or problem.field not in may_lack]
            if wrong:
                self.problems.extend(wrong)
                return None
        return self.proposed(index, family, given, room, asked)

    def proposed(
        self, index: int, family: str, given: Mapping[str, Any], room: Room, asked: Asked | None
    ) -> LayerBase | None:
        """A layer of which the family, and perhaps some of its numbers, are said: the rest as the family proposes."""
        place = f"layers.{index}"
        base = {name: given[name] for name in LayerBase.model_fields if name in given}
        try:
            room, _ = layer_room(LayerBase.model_validate(base), room)
        except (ValidationError, InputError) as error:
            if isinstance(error, ValidationError):
                self.problems.extend(problems_of(error, _NOWHERE, LayerBase, ("layers", index)))
            else:
                self.complain(f"{place}.slot", _plain(error), given.get("slot"), "write for example [-1, 0]")
            return None
        wish = Attributes() if asked is None else asked.wish()
        named = given.get("name") or given.get("form")
        wish = replace(wish, form=named if isinstance(named, str) else None)
        rng = np.random.Generator(np.random.PCG64([index, zlib.crc32(family.encode())]))
        try:
            made = FAMILIES[family].propose(room, wish, rng)
        except InputError as error:
            self.complain(place, _plain(error), family)
            return None
        if made is None:
            self.complain(
                place,
                f"does not fit: its place is {2.0 * room.half:.2f} mm wide and {room.length:.2f} mm long",
                family,
                f"give it more room, or take {', '.join(FAMILIES[family].kin) or 'milgrain'}",
            )
            return None
        try:
            return LAYERS[family].model_validate({**made.model_dump(), **given})
        except ValidationError as error:
            self.problems.extend(problems_of(error, _NOWHERE, LAYERS[family], ("layers", index)))
            return None


def _plain(error: Exception) -> str:
    return str(error).removeprefix("ornament program: ").removeprefix("decoration: ")


def read_saved(data: Mapping[str, Any], request: GeneratorRequest) -> Program:
    """A program for the band that its file names, or for the request's where it names none.

    Raises
    ------
    SpecError
        Every problem found; the fields are dotted (``layers.0.leaf``), without file and line.
    """
    reader = _Reader(data, request, [])
    reader.head()
    band: Band | None = reader.part("band", Band, _band(request).model_dump())
    asked: Asked | None = reader.part("asked", Asked, {}) if data.get("asked") is not None else None
    # A wrong band or frame is put in for a right one, so that the layers are read all the same.
    band = band or _band(request)
    usual = _frame(data.get("frame"), request, band)
    frame: Frame = reader.part("frame", Frame, usual.model_dump()) or usual
    room = make_room(FrameShape(band, frame))
    if room.half <= 0.0 or room.length < 4.0 * room.stroke:
        reader.complain(
            "frame", f"leaves no room in a band {band.length_mm:.2f} x {band.width_mm:.2f} mm", None, "use style: none"
        )
        raise SpecError(reader.problems)
    layers = reader.layers(room, asked)
    if reader.problems:
        raise SpecError(reader.problems)
    return Program(asked=asked, band=band, frame=frame, layers=tuple(layers))


def _band(request: GeneratorRequest) -> Band:
    return Band(
        length_mm=request.length_mm,
        width_mm=request.width_mm,
        periodic=not request.both_ends_designed,
        stroke_mm=request.min_stroke_mm,
        gap_mm=request.min_gap_mm,
    )


def _frame(given: Any, request: GeneratorRequest, band: Band) -> Frame:
    """The frame that the generator would make, with the style and the ends that are said."""
    said = given if isinstance(given, Mapping) else {}
    style = said.get("style", request.border)
    ends = [said.get(name) if said.get(name) in ("round", "pointed") else "square" for name in ("start", "finish")]
    own = replace(
        request,
        length_mm=band.length_mm,
        width_mm=band.width_mm,
        min_stroke_mm=band.stroke_mm,
        min_gap_mm=band.gap_mm,
        both_ends_designed=not band.periodic,
    )
    known: BorderStyle = border_style(style) if style in ("plain", "milgrain", "rope", "double", "none") else "plain"
    return make_frame(own, known, cast(EndShape, ends[0]), cast(EndShape, ends[1])).frame


def drawn(program: Program, pixels_per_mm: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Heights of a program that may be written by hand.

    Raises
    ------
    SpecError
        A layer's numbers cannot be drawn together, or give far too many elements.
    """
    room = make_room(FrameShape(program.band, program.frame))
    for index, layer in enumerate(program.layers):
        try:
            count = len(placed_elements(layer, room))
        except UNDRAWABLE as error:
            text = _plain(error) if isinstance(error, InputError) else f"cannot be drawn with these numbers ({error})"
            field = f"layers.{index}" + (".slot" if text.startswith("slot") else "")
            hint = f"leave fields out to have them made for the band, or start with '- family: {layer.family}' alone"
            raise SpecError([SpecProblem(field, text, layer.family, None, hint)]) from error
        if count > MOST_ELEMENTS:
            hint = "lower its counts"
            limit = str(MOST_ELEMENTS)
            problem = SpecProblem(f"layers.{index}", "has far too many elements", str(count), limit, hint)
            raise SpecError([problem])
    try:
        heights = render(program, pixels_per_mm)
    except UNDRAWABLE as error:  # found only while the elements are drawn
        raise SpecError([SpecProblem("layers", f"cannot be drawn with these numbers ({error})")]) from error
    if not np.isfinite(heights).all() or not heights.any():
        raise SpecError([SpecProblem("layers", "draw nothing with these numbers")])
    return heights


def draw_saved(request: GeneratorRequest) -> Relief:
    """The request's program, fitted to its band and varied as asked.

    Raises
    ------
    SpecError
        The program is wrong; see :func:`read_saved` and :func:`drawn`.
    InputError
        A family does not fit the band, or the request's prompt is another than the program's.
    """
    assert request.program is not None
    program = read_saved(request.program, request)
    own = "" if program.asked is None else program.asked.prompt
    if request.prompt.strip() and own and " ".join(request.prompt.split()) != " ".join(own.split()):
        raise InputError(
            f"the prompt {request.prompt.strip()[:80]!r} is not drawn: the program decides, and it was made for "
            f"{own[:80]!r}. Remove 'program' and 'variation' to draw the prompt, or remove the prompt"
        )
    program, notes = refitted(program, request)
    names = dict.fromkeys(layer.family.replace("_", " ") for layer in program.layers)
    said = [f"program: {' and '.join(names)}", f"border {program.frame.style}, of the program", *notes]
    if request.variation > 0.0:
        said.append(f"variation {request.variation:g} from it, seed {request.seed}")
        wish = program.asked.wish() if program.asked else Attributes()
        program = vary(program, request.variation, request.seed, wish)
    return Relief(
        height=drawn(program, request.pixels_per_mm),
        length_mm=request.length_mm,
        width_mm=request.width_mm,
        understood=tuple(said),
        program=program.to_dict(),
        upright=program.has_writing,
    )


__all__ = ["draw_saved", "drawn", "read_saved"]
