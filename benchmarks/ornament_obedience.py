"""Whether reliefs obey the words of a prompt, measured on their heights alone.

Comparative words (bold, dense, large ...) are held against the same family without the word, drawn with the same
dice. What the words say is read by the generator itself; the measures never see the program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from ornament_prompts import COUNTED, FIELDS, LEAVED, RAILS, WISHES, WORDING, Asked

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import measure as m
from ringcad.generators.ornament.compose import compose_parts, render
from ringcad.generators.ornament.generator import scheme_parts
from ringcad.generators.ornament.text import understand

LENGTH_MM = 28.0
"""A closed rim or a small ring's half: long enough for repeats, quick to draw."""
PIXELS = 14.0
STROKE_MM, GAP_MM = 0.35, 0.25
LEAF_MM = 0.7
"""Metal broader than this beside a stem is a leaf, a bud or a ball."""
CHANGE = 1.04
"""Least ratio that counts as more or less of something."""
MOST_DICE = 6
SAID = ("always drawn evenly", "more do not fit", "not shown")
"""Words of the notes by which a wish is declined."""
AT_LIMIT = 1.2
"""Strokes within a fifth of the least castable one are as delicate as a casting can be."""


@dataclass(frozen=True)
class Figures:
    """All measures of one relief."""

    border: str
    coverage: float
    contours: float
    chord: float
    stroke: float
    gap: float
    plateau: float
    steep: float
    rows: int
    mirror: float
    regular: float
    repeats: int
    exact: float
    tall: float = 0.0
    broad: float = 0.0


def measured(field: m.Heights) -> Figures:
    """All measures of a closed relief."""
    inside = m.inner(field)
    count, exact = m.repeats(inside)
    return Figures(
        m.find_border(field).kind,
        m.coverage(inside),
        m.contour_density(inside),
        m.chord_mm(inside),
        m.stroke_mm(inside),
        m.gap_mm(inside),
        m.plateau_share(inside),
        m.steepness(inside),
        m.rows_seen(inside),
        m.mirror_score(inside),
        m.regularity(inside),
        count,
        exact,
        m.tallest_share(inside),
        m.broad_share(inside, LEAF_MM),
    )


def drawn(
    prompt: str, dice: str, seed: int, width_mm: float, length_mm: float = LENGTH_MM, border: str = "plain"
) -> tuple[m.Heights, str]:
    """A closed relief of a prompt and its main family; ``dice`` is the text that the random numbers hang on.

    Raises ``InputError`` where the prompt is refused, does not fit, or the report says that a wish is not drawn.
    """
    meaning = understand(prompt)
    request = GeneratorRequest(
        dice, seed, length_mm, width_mm, 0.35, STROKE_MM, GAP_MM, border, both_ends_designed=False, pixels_per_mm=PIXELS
    )
    program, notes = compose_parts(request, scheme_parts(meaning.scheme, meaning.attributes), meaning.attributes)
    if any(said in note for note in notes for said in SAID):
        raise InputError(f"said in the report: {'; '.join(notes)}")
    height = np.asarray(render(program, PIXELS), dtype=np.float64)
    return m.Heights(height, length_mm, width_mm, True), meaning.family


@cache
def neutral(family: str, seed: int, width_mm: float) -> Figures | None:
    """Measures of the family without any wish, ``None`` where it does not fit."""
    try:
        return measured(drawn(WORDING[family], WORDING[family], seed, width_mm)[0])
    except InputError:
        return None


def _more(a: float, b: float) -> bool:
    return a >= CHANGE * b


def _stroke(got: Figures, base: Figures, want: str) -> bool:
    if want == "bold":
        return _more(got.stroke, base.stroke)
    return _more(base.stroke, got.stroke) or got.stroke <= AT_LIMIT * STROKE_MM


def _density(got: Figures, base: Figures, want: str) -> bool:
    dense, airy = (got, base) if want == "dense" else (base, got)
    if base.coverage > m.FIELD_COVER:
        # A surface covers all of the room either way.
        return _more(dense.contours, airy.contours) or _more(airy.chord, dense.chord)
    return _more(dense.coverage, airy.coverage) or _more(dense.contours, airy.contours)


def _size(got: Figures, base: Figures, want: str) -> bool:
    large, small = (got, base) if want == "large" else (base, got)
    if want == "large" and got.tall >= m.TALL:
        # As large as the band allows.
        return True
    if base.coverage > m.FIELD_COVER and _more(small.contours, large.contours):
        # The drawing of a surface may run along the band.
        return True
    return large.repeats < small.repeats or _more(large.chord, small.chord) or _more(large.tall, small.tall)


def _symmetry(got: Figures, base: Figures, want: str) -> bool:
    return got.mirror >= 0.9 if want == "mirror" else got.regular < base.regular - 0.01 or base.regular < 0.6


def _depth(got: Figures, base: Figures, want: str) -> bool:
    if want == "soft":
        return _more(base.steep, got.steep)
    if want == "sharp":
        return got.plateau < 0.35 or _more(base.plateau, got.plateau)
    if want == "flat":
        return got.plateau > 0.6 or _more(got.plateau, base.plateau)
    # A semi-ellipse has 0.45, its domed form 0.67, the flat one 0.79.
    return 0.28 < got.plateau < 0.8


JUDGES: dict[str, Callable[[Figures, Figures, str], bool]] = {
    "stroke": _stroke,
    "density": _density,
    "size": _size,
    "symmetry": _symmetry,
    "depth": _depth,
    "border": lambda got, base, want: got.border == want,
    "rows": lambda got, base, want: got.rows == int(want),
    "count": lambda got, base, want: got.repeats == int(want),
    "without leaves": lambda got, base, want: (
        got.broad <= 0.6 * base.broad or _more(base.coverage, got.coverage) or _more(base.contours, got.contours)
    ),
}


@dataclass(frozen=True)
class Case:
    """One prompt, drawn and judged. ``obeyed`` is ``None`` where the request was refused with a proposal."""

    asked: Asked
    family: str
    width_mm: float
    seed: int
    obeyed: bool | None
    got: Figures | None
    base: Figures
    note: str = ""


def asks_something(asked: Asked, family: str) -> bool:
    """Whether a wish can be told on a family's heights at all."""
    if asked.attribute == "border":
        return family not in RAILS
    if asked.attribute in ("rows", "symmetry"):
        return family not in FIELDS
    if asked.attribute == "count":
        return family in COUNTED
    if asked.attribute == "without leaves":
        return family in LEAVED
    return True


def leafy(wording: str, seed: int, width_mm: float) -> int:
    """The first of some dice with which a family grows leaves unasked: from others there is nothing to leave out."""
    meaning = understand(wording)
    for dice in range(seed, seed + MOST_DICE):
        request = GeneratorRequest(wording, dice, LENGTH_MM, width_mm, 0.35, STROKE_MM, GAP_MM, "plain", False)
        program, _ = compose_parts(request, scheme_parts(meaning.scheme, meaning.attributes), meaning.attributes)
        if all(getattr(layer, "leaves", True) for layer in program.layers):
            return dice
    return seed


def cases(
    seeds: Sequence[int],
    widths: Sequence[float],
    wishes: Sequence[Asked] = WISHES,
    families: Sequence[str] = tuple(WORDING),
) -> Iterator[Case]:
    """Families with all wishes."""
    for family in families:
        wording = WORDING[family]
        for asked in wishes:
            if not asks_something(asked, family):
                continue
            for width in widths:
                for seed in seeds:
                    dice = seed if asked.attribute != "without leaves" else leafy(wording, seed, width)
                    base = neutral(family, dice, width)
                    if base is None:
                        continue
                    yield _case(asked, family, wording, width, dice, base)


def _case(asked: Asked, family: str, wording: str, width: float, seed: int, base: Figures) -> Case:
    try:
        field, main = drawn(asked.text.format(wording), wording, seed, width)
    except InputError as error:
        note = str(error)
        return Case(asked, family, width, seed, False if "names nothing" in note else None, None, base, note[:100])
    got = measured(field)
    right = JUDGES[asked.attribute](got, base, asked.want)
    return Case(asked, family, width, seed, right, got, base, "" if main == family else f"read as {main}")
