"""The ``photo`` generator: what a picture shows, as relief in a band."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.generation import GeneratorRequest, Relief
from ringcad.generators.heightmap.generator import Mode, Placement, fill_band, frame_for, place, read_wishes
from ringcad.generators.heightmap.image import Picture
from ringcad.generators.ornament.layout import Room
from ringcad.generators.photo.pairs import Kind
from ringcad.generators.photo.seeing import Seen, see

Array = NDArray[np.float64]

MODELLING = 0.6
"""Share of a silhouette's height that the network models; the rest is a body with a castable edge."""
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"\bsilhouettes?\b|\bcut[- ]?outs?\b|\bstencils?\b", "silhouette"),
    (r"\b(?:line |ink |pencil )?(?:drawings?|sketch(?:es)?|line[- ]?art)\b", "drawing"),
    (r"\bphotos?(?:graphs?)?\b", "photo"),
)
_EMPTY_WORDS = frozenset({"image", "picture", "relief", "of", "a", "the", "as"})


class PhotoGenerator:
    """Reads a photo of a relief, a silhouette or a line drawing; a trained network says how high it is."""

    name = "photo"

    def generate(self, request: GeneratorRequest) -> Relief:
        """Lay what the picture of the request shows into its band.

        The prompt may name the kind of picture (``photo``, ``silhouette``, ``drawing``), say how it is laid
        (``once``, ``tiled``, ``mirrored``, ``stretched``), ``invert``, and the border and end words of the ornament
        generator. Raises ``InputError`` when the image is unusable or the band too small.
        """
        words = request.prompt.lower()
        wanted = next((kind for pattern, kind in _KINDS if re.search(pattern, words)), None)
        for pattern, _ in _KINDS:
            words = re.sub(pattern, ",", words)
        asked = read_wishes(words)
        framed = frame_for(request, asked.parsed.attributes)
        seen = see(request.image, asked.invert, wanted)
        picture, placement = fit(seen, framed.room, asked.mode)
        height = fill_band(request, framed, picture, placement, MODELLING)
        stands = "motif on plain ground" if seen.alone else "field"
        notes = [f"{stands}, {placement.mode}, {placement.repeats} time(s) along the band, border {framed.style}"]
        if not 0.8 <= placement.stretch <= 1.25:
            notes.append(f"picture stretched {placement.stretch:.2f} times along the band to fill it")
        program: dict[str, Any] = {
            "format": "ringcad-photo",
            "version": 1,
            "image_sha256": picture.sha256,
            "kind": seen.kind,
            "alone": seen.alone,
            "mode": placement.mode,
            "repeats": placement.repeats,
            "frame": framed.shape.frame.model_dump(mode="json"),
        }
        left = [word for segment in asked.parsed.segments for word in segment if word not in _EMPTY_WORDS]
        return Relief(
            height=height,
            length_mm=request.length_mm,
            width_mm=request.width_mm,
            understood=(*picture.notes, *notes, *asked.parsed.notes),
            not_understood=tuple(left),
            program=program,
            upright=True,
        )


def fit(seen: Seen, room: Room, mode: Mode | None) -> tuple[Picture, Placement]:
    """The picture with ground added or edges cut so that a whole number of it fills the room undistorted.

    A motif that stands alone keeps its size and gets ground beside it; a field that is mirrored or stands once is
    cut; one that repeats seamlessly is stretched instead, since a cut would break its seam.
    """
    picture = seen.picture
    rows, columns = picture.grey.shape
    if not seen.alone:
        placement = place(picture, room, mode)
        if placement.mode == "periodic" or mode == "stretch":
            return picture, placement
        share = placement.stretch
        cut = (rows, max(4, round(columns * share))) if share < 1.0 else (max(4, round(rows / share)), columns)
        return _framed(picture, cut), replace(placement, stretch=1.0)
    ratio = room.length * rows / (2.0 * room.half * columns)
    count = 1 if mode == "stretch" else max(1, int(ratio + 1e-6))
    if room.periodic and mode == "mirrored":
        count = 2 * max(1, count // 2)
    share = ratio / count
    size = (rows, round(columns * share)) if share >= 1.0 else (round(rows / share), columns)
    return _framed(picture, size), Placement("mirrored" if mode == "mirrored" else "periodic", count, 1.0)


def _framed(picture: Picture, size: tuple[int, int]) -> Picture:
    """A picture cut about its middle, or with ground round it, to (rows, columns)."""

    def to_size(values: Array) -> Array:
        for axis, want in enumerate(size):
            spare = want - values.shape[axis]
            before = abs(spare) // 2
            if spare < 0:
                values = np.take(values, np.arange(before, before + want), axis=axis)
            else:
                around = [(0, 0), (0, 0)]
                around[axis] = (before, spare - before)
                values = np.pad(values, around)
        return values

    outline = None if picture.outline is None else to_size(picture.outline)
    return replace(picture, grey=to_size(picture.grey), outline=outline)


generator = PhotoGenerator()
