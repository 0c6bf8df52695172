"""The generator protocol: what a generator is asked, and the relief it answers with.

Implementations live in the top-level ``generators/`` folder (import name ``ringcad.generators``)
and are found through the entry-point group ``ringcad.generators``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class GeneratorRequest:
    """What a relief is wanted for. All lengths in mm.

    ``length_mm`` runs along the band (column 0 = the end nearer the head), ``width_mm`` across it.
    No stroke narrower than ``min_stroke_mm`` and no gap narrower than ``min_gap_mm`` (both at half
    height) may be drawn. ``depth_mm`` is what height 1.0 will stand for.
    ``both_ends_designed`` is true for an open zone (each end needs a designed termination), false
    for a closed band, where the relief must be periodic along its length.
    ``program`` is a design to draw instead of the prompt, ``variation`` how far to go from it: 0 is the
    design itself, 1 a new one of the same theme. Only a generator with ``draws_programs`` is asked this.
    """

    prompt: str
    seed: int
    length_mm: float
    width_mm: float
    depth_mm: float
    min_stroke_mm: float
    min_gap_mm: float
    border: str = "milgrain"
    both_ends_designed: bool = True
    pixels_per_mm: float = 24.0
    image: str | None = None
    program: Mapping[str, Any] | None = None
    variation: float = 0.0


@dataclass(frozen=True)
class ZoneSize:
    """Physical size of a decorated zone at the skin, mm: what a generator is asked to fill.

    ``least_stretch`` is the least mm on the ring per mm of the zone (a taper narrows it): strokes and
    gaps are drawn wider by its inverse, so that they hold where the zone is narrowest. A ``closed`` zone
    runs all round: its relief must repeat with its length.
    """

    length_mm: float
    width_mm: float
    least_stretch: float = 1.0
    closed: bool = False


@dataclass(frozen=True)
class Relief:
    """A height field over a flat band.

    Attributes
    ----------
    height : (rows, columns) float32 in [0, 1]
        0 is the ground, 1 the crest (``depth_mm`` of the request). Row 0 lies at v = 0, column 0
        at u = 0; samples sit at pixel centres.
    length_mm, width_mm
        Physical size that the array covers.
    understood, retrieved, not_understood
        What the generator made of the prompt, in words for the user.
    program
        YAML-ready mapping from which the generator redraws exactly this relief, or ``None``.
    upright
        True for writing and the like: seen with row 0 above it reads the right way round, and no place on a
        ring may show its mirror image. Ornament (false) is mirrored about the head.
    """

    height: NDArray[np.float32]
    length_mm: float
    width_mm: float
    understood: tuple[str, ...] = ()
    retrieved: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    program: dict[str, Any] | None = field(default=None)
    upright: bool = False


class Generator(Protocol):
    """A generator: a name and one function. Same request, same relief.

    What it may have besides is looked up when it is needed: ``version`` (a text that changes when the
    drawings change; default: ringcad's own version), ``draws_programs`` (true when it redraws the programs
    of its reliefs), ``program_text(program)`` (a program as commented YAML) and ``program_schema()`` (a
    JSON Schema of its programs). A program that cannot be drawn is a ``SpecError`` whose problems name
    the fields; file and lines are filled in where the file was read.
    """

    name: str

    def generate(self, request: GeneratorRequest) -> Relief:
        """Draw the relief. Raises ``InputError`` when the request cannot be met, with a proposal."""
        ...
