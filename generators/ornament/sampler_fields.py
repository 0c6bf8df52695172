"""A layer as a sequence of small numbers, derived from its schema: what the sampler writes and reads.

Every field of a layer that is a choice, a count, a real or a row of noise takes one place, in that order, so that
structure comes before measure. Numbers are divided by a unit of the room (stroke, width ...), which is
chosen from data, and cut into bins with a rest inside the bin. Families that hold placed points (dents,
grains, letters, silhouettes) are written by what drives their own sampler instead. A field that is added to
a schema only needs the weights to be trained again.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.schema import LayerBase

Array = NDArray[np.float64]
Kind = Literal["choice", "count", "real", "noise", "payload"]
BINS = 24
"""Most bins of a number."""
ATOM = 0.04
"""A value with this share of the data has a bin of its own, so that it comes out exact."""
FEW = 12
"""A count of no more different values is a choice among them."""
DRIVERS = ("dense", "bold", "large", "soft", "irregular")
"""Attributes that stand for a family's numbers where it holds placed points."""
GROWS = 0.35
"""Correlation of a count's logarithm with that of the room's length (in mm, widths or strokes) above which it is
counted along the band, so that bands longer than any of the training have more of it."""
_ORDER: dict[Kind, int] = {"choice": 0, "count": 1, "real": 2, "noise": 3, "payload": 4}


@dataclass(frozen=True)
class Shape:
    """A field as the schema has it. ``options`` are the values of a choice."""

    name: str
    kind: Kind
    options: tuple[Any, ...] = ()


def _shape(name: str, annotation: Any) -> Shape:
    origin = get_origin(annotation)
    if origin is Literal:
        return Shape(name, "choice", get_args(annotation))
    if annotation is bool:
        return Shape(name, "choice", (False, True))
    if annotation is int:
        return Shape(name, "count")
    if annotation is float:
        return Shape(name, "real")
    if origin in (Union, types.UnionType):
        return Shape(name, "payload")
    if origin is tuple:
        arguments = get_args(annotation)
        inner = arguments[0] if len(arguments) == 2 and arguments[1] is Ellipsis else None
        # Annotated[float, ...] keeps float as its first argument.
        if inner is not None and (
            inner is float or (get_args(inner)[:1] == (float,) and get_origin(inner) is not tuple)
        ):
            return Shape(name, "noise")
    return Shape(name, "payload")


def schema_shapes(kind: type[LayerBase]) -> tuple[Shape, ...]:
    """Shapes of a layer's own fields, structure first; drivers for a family that holds placed points."""
    base = set(LayerBase.model_fields)
    shapes = [_shape(name, field.annotation) for name, field in kind.model_fields.items() if name not in base]
    if any(shape.kind == "payload" for shape in shapes):
        forms = [replace(shape, name="form") for shape in shapes if shape.name == "form" and shape.kind == "choice"]
        return (*forms, *(Shape(name, "real") for name in DRIVERS))
    return tuple(sorted(shapes, key=lambda shape: _ORDER[shape.kind]))


def is_driven(kind: type[LayerBase]) -> bool:
    """Whether a layer holds placed points, so that its own sampler must place them."""
    base = set(LayerBase.model_fields)
    return any(_shape(n, f.annotation).kind == "payload" for n, f in kind.model_fields.items() if n not in base)


def units(room: Room) -> dict[str, float]:
    """Units in which a number may be counted: lengths in mm, ratios for counts."""
    space = 2.0 * room.half
    return {
        "one": 1.0,
        "stroke": room.stroke,
        "space": space,
        "length": room.length,
        "length/space": room.length / space,
        "length/stroke": room.length / room.stroke,
        "space/stroke": space / room.stroke,
    }


MEASURES = ("dense", "bold", "large")
"""Attributes that are measured: narrow gaps, broad strokes, long periods."""


def room_features(room: Room) -> Array:
    """What the sampler is told of a room: (12,) logarithms and ratios that level off for long bands; kind of border."""
    space = 2.0 * room.half
    style = room.shape.frame.style
    return np.array(
        [
            math.log(space / 4.0),
            math.log(space / room.stroke / 10.0),
            math.log(space / room.stroke / 10.0) ** 2,
            math.log(room.stroke / 0.35) * 3.0,
            math.log(room.gap / room.stroke) * 3.0,
            min(space / room.length, 1.5),
            min(10.0 * room.stroke / room.length, 2.0),
            1.0 if room.periodic else 0.0,
            1.0 if room.boxed else 0.0,
            1.0 if style == "none" else 0.0,
            1.0 if style in ("milgrain", "rope") else 0.0,
            1.0 if style == "double" else 0.0,
        ]
    )


MM_UNITS = ("one", "stroke", "space", "length")
COUNT_UNITS = ("one", "length/space", "length/stroke", "space/stroke")


@dataclass(frozen=True)
class Code:
    """How one field of one family is written.

    ``low`` and ``high`` bound its bins (equal: an exact value) in logarithms of units, or plainly where
    ``logs`` is false; ``steps`` is the step of a count on an open and on a closed band.
    """

    shape: Shape
    unit: str = "one"
    logs: bool = False
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    steps: tuple[int, int] = (1, 1)
    spread: float = 1.0
    middle: float = 0.0

    @property
    def size(self) -> int:
        """Number of classes."""
        return len(self.shape.options) or len(self.low)


_LEAST, _NONE = 1e-6, 1e-3
"""Stands for nothing among numbers that are kept as logarithms, and what is read back as nothing."""


def raw_number(value: Any, code: Code, room: Room) -> float:
    """A field's value as the number that is cut into bins."""
    if code.shape.kind == "noise":
        return max((abs(float(x)) for x in value), default=0.0)
    number = float(value)
    if not code.logs:
        return number
    return math.log(max(number, _LEAST) / units(room)[code.unit])


def fit_code(shape: Shape, values: Sequence[Any], rooms: Sequence[Room]) -> Code:
    """Code of a field from the values it takes in some rooms."""
    if shape.kind == "choice":
        return Code(shape)
    if shape.kind == "count":
        seen = sorted({int(value) for value in values})
        if len(seen) <= FEW and not _goes_with_length(values, rooms):
            return Code(replace(shape, options=tuple(seen)))
        steps = tuple(
            2 if all(int(v) % 2 == 0 for v, room in zip(values, rooms, strict=True) if room.periodic == closed) else 1
            for closed in (False, True)
        )
        code = Code(shape, logs=True, steps=(steps[0], steps[1]))
        candidates: tuple[str, ...] = COUNT_UNITS
    elif shape.kind == "real" and shape.name.endswith("_mm"):
        code, candidates = Code(shape, logs=True), MM_UNITS
    else:
        code, candidates = Code(shape), ("one",)
    best: tuple[float, Code, Array] | None = None
    for unit in candidates:
        trial = replace(code, unit=unit)
        numbers = np.array([raw_number(v, trial, room) for v, room in zip(values, rooms, strict=True)])
        # The unit in which most values repeat, then the one in which they lie closest together.
        repeats = np.unique(np.round(numbers, 3), return_counts=True)[1].max() / len(numbers)
        score = float(np.std(numbers)) - 2.0 * (repeats if repeats > 0.2 else 0.0)
        if best is None or score < best[0]:
            best = (score, trial, numbers)
    assert best is not None
    low, high = _bins(best[2])
    spread = max(float(np.std(best[2])), 1e-3)
    return replace(best[1], low=low, high=high, spread=spread, middle=float(np.mean(best[2])))


_UNITS_OF_LENGTH: tuple[Callable[[Room], float], ...] = (lambda r: 1.0, lambda r: 2.0 * r.half, lambda r: r.stroke)


def _goes_with_length(values: Sequence[Any], rooms: Sequence[Room]) -> bool:
    """Whether a count grows with the length of the room."""
    counts = np.log([max(int(value), 1) for value in values])
    if np.std(counts) < 1e-6 or len(rooms) < 3:
        return False
    lengths = ([np.log(room.length / unit(room)) for room in rooms] for unit in _UNITS_OF_LENGTH)
    return any(float(np.corrcoef(counts, long)[0, 1]) > GROWS for long in lengths if np.std(long) > 1e-6)


def _bins(numbers: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    keys, counts = np.unique(np.round(numbers, 4), return_counts=True)
    atoms = keys[counts > ATOM * len(numbers)][: BINS - 4]
    rest = numbers[~np.isin(np.round(numbers, 4), atoms)]
    pairs = [(float(a), float(a)) for a in atoms]
    if len(rest):
        room = min(BINS - len(pairs), max(1, len(rest) // 8))
        edges = np.unique(np.quantile(rest, np.linspace(0.0, 1.0, room + 1)))
        pairs += [(float(a), float(b)) for a, b in pairwise(edges)] or [(edges[0], edges[0])]
    return tuple(round(a, 5) for a, _ in pairs), tuple(round(b, 5) for _, b in pairs)


def is_younger(value: Any, code: Code) -> bool:
    """Whether a value is a choice that was added to its schema after the code was fitted."""
    return isinstance(value, str) and bool(code.shape.options) and value not in code.shape.options


def encode(value: Any, code: Code, room: Room) -> tuple[int, float, float]:
    """Class of a value, its place in the bin (0 to 1) and its number over the field's spread."""
    if code.shape.options:
        options = code.shape.options
        if value in options:
            return options.index(value), 0.5, 0.0
        # A count between others is read as the nearest; a choice that is younger than the weights as any.
        return 0 if is_younger(value, code) else int(np.argmin([abs(o - value) for o in options])), 0.5, 0.0
    number = raw_number(value, code, room)
    low, high = np.array(code.low), np.array(code.high)
    outside = np.maximum(low - number, 0.0) + np.maximum(number - high, 0.0)
    # An exact value goes to its own bin, which is the narrowest that holds it.
    k = int(np.lexsort((high - low, np.round(outside, 4)))[0])
    wide = high[k] - low[k]
    part = 0.5 if wide <= 0.0 else float(np.clip((number - low[k]) / wide, 0.0, 1.0))
    return k, part, (number - code.middle) / code.spread


def decode(k: int, part: float, code: Code, room: Room) -> Any:
    """Value of a class and a place in its bin. Noise gives its amplitude."""
    if code.shape.options:
        return code.shape.options[k]
    number = code.low[k] + part * (code.high[k] - code.low[k])
    if code.logs:
        number = math.exp(number) * units(room)[code.unit]
    if code.shape.kind == "count":
        step = code.steps[int(room.periodic)]
        if number < _NONE:
            return 0
        return max(step, step * round(number / step))
    return round(number, 4)


def field_values(layer: LayerBase, wish: Attributes, shapes: Sequence[Shape]) -> list[Any]:
    """Values of a layer's fields; a driven family's come from the wish that it was proposed for."""
    driven = is_driven(type(layer))
    return [
        getattr(wish, shape.name) if driven and shape.name in DRIVERS else getattr(layer, shape.name)
        for shape in shapes
    ]


def build_layer(
    family: str, values: Mapping[str, Any], room: Room, wish: Attributes, rng: np.random.Generator
) -> LayerBase | None:
    """Layer of some field values: noise is drawn in its amplitude, placed points by the family's own sampler.

    Raises pydantic's ``ValidationError`` (a ``ValueError``) where the schema says no.
    """
    kind: type[LayerBase] = FAMILIES[family].layer
    if is_driven(kind):
        own = replace(wish, **{name: values[name] for name in DRIVERS})
        if "form" in values:
            own = replace(own, form=values["form"])
        found: LayerBase | None = FAMILIES[family].propose(room, own, rng)
        return found
    fields: dict[str, Any] = dict(values)
    for shape in schema_shapes(kind):
        if shape.kind == "noise":
            size = int(fields.get("repeats", 1)) * int(fields.get("rows", 1))
            most = float(fields[shape.name])
            fields[shape.name] = tuple(round(most * float(x), 4) for x in rng.uniform(-1, 1, size)) if most > 0 else ()
    return kind(**fields)
