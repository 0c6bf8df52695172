"""The ``heightmap`` generator: an image file, repeated a whole number of times inside a frame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest, Relief
from ringcad.generators.heightmap.image import Picture, read_picture
from ringcad.generators.ornament.attributes import Attributes, Parsed, parse_attributes
from ringcad.generators.ornament.compose import border_style, clear_edges, make_frame
from ringcad.generators.ornament.frame import FrameShape, draw_frame
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.raster import Canvas, shoulder
from ringcad.generators.ornament.schema import BorderStyle

Array = NDArray[np.float64]
Mode = Literal["mirrored", "periodic", "stretch"]

_MODES: tuple[tuple[str, Mode], ...] = (
    (r"\bstretch(?:ed)?\b|\bonce\b|\bsingle\b", "stretch"),
    (r"\bmirror(?:ed|ing)?\b", "mirrored"),
    (r"\b(?:periodic|tiled?|tiling|seamless|repeat(?:ed|ing)?)\b", "periodic"),
)
_INVERT = r"\b(?:invert(?:ed)?|negative|dark(?: is| as)? high|black(?: is| as)? high)\b"
_UPRIGHT = r"\b(?:bright|white|light)(?: is| as)? high\b"
SMOOTH_SHARE = 0.25
"""Gaussian sigma over the narrowest stroke: takes off noise that no casting would show."""
MODELLING = 0.4
"""Share of a shape's height that its grey values model; the rest is its body."""


@dataclass(frozen=True)
class Placement:
    """How an image was laid into the room."""

    mode: Mode
    repeats: int
    stretch: float
    """Scale along the band over scale across it."""


@dataclass(frozen=True)
class Wishes:
    """What a prompt beside an image asks for: ``mode`` and ``invert`` are ``None`` where nothing is said."""

    mode: Mode | None
    invert: bool | None
    parsed: Parsed


@dataclass(frozen=True)
class Framed:
    """A band's frame and the room inside it."""

    shape: FrameShape
    style: BorderStyle
    room: Room


def read_wishes(prompt: str) -> Wishes:
    """Words for laying an image, then the border and end words of the ornament generator."""
    words = prompt.lower()
    mode = next((m for pattern, m in _MODES if re.search(pattern, words)), None)
    invert = True if re.search(_INVERT, words) else False if re.search(_UPRIGHT, words) else None
    for pattern in (*(p for p, _ in _MODES), _INVERT, _UPRIGHT):
        words = re.sub(pattern, ",", words)
    return Wishes(mode, invert, parse_attributes(words))


def frame_for(request: GeneratorRequest, wish: Attributes) -> Framed:
    """The frame that a request and its words ask for. Raises ``InputError`` when no room is left inside it."""
    style = wish.border or border_style(request.border)
    end = wish.end or "square"
    shape = make_frame(request, style, end, end)
    room = make_room(shape)
    if 2.0 * room.half < 2.0 * request.min_stroke_mm or room.length < 2.0 * request.min_stroke_mm:
        raise InputError(
            f"decoration: a band {request.width_mm:g} x {request.length_mm:g} mm leaves "
            f"{max(2.0 * room.half, 0.0):.2f} mm inside a {style} border; an image needs "
            f"{2.0 * request.min_stroke_mm:.2f}. Widen the band, or write 'no border'"
        )
    return Framed(shape, style, room)


def fill_band(
    request: GeneratorRequest, framed: Framed, picture: Picture, placement: Placement, modelling: float = MODELLING
) -> NDArray[np.float32]:
    """Heights (rows, columns) in [0, 1] of the whole band: the repeated picture and its frame."""
    canvas = Canvas(request.length_mm, request.width_mm, request.pixels_per_mm, not request.both_ends_designed)
    canvas.height = lay(picture, framed.room, placement, canvas, request.min_stroke_mm, modelling)
    draw_frame(canvas, framed.shape)
    clear_edges(canvas)
    canvas.height /= canvas.height.max()
    return np.clip(canvas.height, 0.0, 1.0).astype(np.float32)


class HeightmapGenerator:
    """Any grey image as relief, bright = high."""

    name = "heightmap"

    def generate(self, request: GeneratorRequest) -> Relief:
        """Lay the image of the request into its band.

        The prompt may say ``mirrored``, ``tiled``, ``stretched``, ``invert`` / ``dark is high``, and the
        border and end words of the ornament generator. Raises ``InputError`` when the image is unusable.
        """
        asked = read_wishes(request.prompt)
        parsed = asked.parsed
        picture = read_picture(request.image, asked.invert)
        framed = frame_for(request, parsed.attributes)
        placement = place(picture, framed.room, asked.mode)
        height = fill_band(request, framed, picture, placement)
        shape, style = framed.shape, framed.style
        notes = [f"image {placement.mode}, {placement.repeats} time(s) along the band, border {style}"]
        if not 0.8 <= placement.stretch <= 1.25:
            notes.append(f"image stretched {placement.stretch:.2f} times along the band to fill it")
        program: dict[str, Any] = {
            "format": "ringcad-heightmap",
            "version": 1,
            "image_sha256": picture.sha256,
            "mode": placement.mode,
            "repeats": placement.repeats,
            "invert": bool(asked.invert) or any("dark is high" in note for note in picture.notes),
            "frame": shape.frame.model_dump(mode="json"),
        }
        return Relief(
            height=height,
            length_mm=request.length_mm,
            width_mm=request.width_mm,
            understood=(*notes, *picture.notes, *parsed.notes),
            not_understood=tuple(word for segment in parsed.segments for word in segment if word != "image"),
            program=program,
            upright=True,
        )


def seam_is_smooth(grey: Array) -> bool:
    """Whether the right edge goes on at the left: the step across is no larger than steps inside."""
    across = float(np.abs(grey[:, 0] - grey[:, -1]).mean())
    inside = float(np.abs(np.diff(grey, axis=1)).mean())
    # Empty margins on both sides repeat cleanly too.
    return across <= 1.5 * inside + 0.004


def place(picture: Picture, room: Room, mode: Mode | None) -> Placement:
    """Whole number of repeats that keeps the image's proportions best."""
    rows, columns = picture.grey.shape
    seam = picture.grey if picture.outline is None else picture.outline
    natural = 2.0 * room.half * columns / rows
    if mode == "stretch":
        return Placement("stretch", 1, room.length / natural)
    chosen: Mode = mode or ("periodic" if seam_is_smooth(seam) else "mirrored")
    ratio = room.length / natural
    repeats = max(1, round(ratio))
    # Of the two counts around the ratio the one that distorts less, as a factor.
    options = [n for n in (int(ratio), int(ratio) + 1) if n >= 1]
    repeats = min(options, key=lambda n: abs(np.log(ratio / n)))
    if room.periodic and chosen == "mirrored":
        repeats = max(2, 2 * round(ratio / 2.0))
    return Placement(chosen, repeats, ratio / repeats)


def lay(
    picture: Picture,
    room: Room,
    placement: Placement,
    canvas: Canvas,
    stroke_mm: float,
    modelling: float = MODELLING,
) -> Array:
    """Heights (rows, columns) of the repeated image inside the room, rounded off at its outline.

    ``modelling`` is the share of a shape's height that its grey values take; the rest is its body.
    """
    tile_length = room.length / placement.repeats
    scale = canvas.pixels_per_mm
    columns = max(4, round(tile_length * scale))
    rows = max(4, round(2.0 * room.half * scale))
    wrapped = placement.mode == "periodic" and (placement.repeats > 1 or room.periodic)
    sides: Literal["wrap", "mirror"] = "wrap" if wrapped else "mirror"
    tile = _resized(picture.grey, columns, rows)
    tile = ndimage.gaussian_filter(tile, SMOOTH_SHARE * stroke_mm * scale, mode=("nearest", sides))
    if picture.outline is not None:
        # Four times finer, so that the outline is smooth and thin lines are still there.
        fine = min(4.0, max(1.0, picture.outline.shape[0] / rows))
        shape = _resized(picture.outline, round(columns * fine), round(rows * fine))
        body = _resized(metal_body(shape, scale * fine, stroke_mm, wrapped), columns, rows)
        tile = body * (1.0 - modelling + modelling * tile)
    flipped = tile[:, ::-1]
    strip = np.hstack([flipped if placement.mode == "mirrored" and k % 2 else tile for k in range(placement.repeats)])
    i, j = np.arange(canvas.height.shape[0]), np.arange(canvas.height.shape[1])
    u, v = canvas.coordinates(i, j)
    x = (u - room.u0) / room.length * strip.shape[1] - 0.5
    y = (v + room.half) / (2.0 * room.half) * rows - 0.5
    mode = "grid-wrap" if room.periodic else "nearest"
    field: Array = ndimage.map_coordinates(strip, [y, x], order=1, mode=mode)
    offset = room.shape.rail_half + (room.gap if room.shape.rail_half else 0.0)
    inside = room.shape.inside(u, v) - offset
    edge = shoulder(inside, min(0.18, room.half), canvas.pixel_mm)
    top = float(np.percentile(field[inside > 0.0], 99.8)) if (inside > 0.0).any() else 1.0
    return np.clip(field / max(top, 1e-9), 0.0, 1.0) * edge


def _resized(values: Array, columns: int, rows: int) -> Array:
    picture = Image.fromarray(values.astype(np.float32)).resize((columns, rows), Image.Resampling.BOX)
    return np.asarray(picture, dtype=np.float64)


def metal_body(coverage: Array, scale: float, stroke_mm: float, wrapped: bool) -> Array:
    """A flat shape as cast metal: lines no thinner than a stroke, rounded edges, a low crown.

    ``coverage`` (rows, columns) in [0, 1] at ``scale`` pixels per mm; the outline lies at one half.
    """
    pad = round(1.0 * scale)
    mode: Literal["wrap", "constant"] = "wrap" if wrapped else "constant"
    padded = np.pad(coverage, ((pad, pad), (0, 0)))
    padded = np.pad(padded, ((0, 0), (pad, pad)), mode=mode)
    solid = thicken(padded > 0.5, 0.5 * stroke_mm * scale)
    inner, outer = ndimage.distance_transform_edt(solid), ndimage.distance_transform_edt(~solid)
    # Half a pixel lies between the two transforms and the outline.
    s = np.where(solid, inner - 0.5, 0.5 - outer) / scale
    s = ndimage.gaussian_filter(s, 0.03 * scale)
    crown = 1.0 - np.exp(-np.clip(s, 0.0, None) / min(0.5, max(0.6 * float(s.max()), 1e-3)))
    # The distance has creases along the middle of broad areas; the crown must not show them.
    crown = ndimage.gaussian_filter(crown, 0.1 * scale)
    body = shoulder(s, min(0.2, stroke_mm), 1.0 / scale) * (0.72 + 0.28 * crown / max(float(crown.max()), 1e-6))
    return np.asarray(body[pad:-pad, pad:-pad])


def thicken(solid: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Give every part narrower than 2 ``radius`` (pixels) that width, about its own middle line."""
    # Opening by distance: what a disc of the radius can reach stays as it is.
    core = ndimage.distance_transform_edt(solid) > radius
    opened = ndimage.distance_transform_edt(~core) <= radius
    thin = solid & ~opened
    # Slivers at sharp corners are no lines: a piece counts from half a disc on.
    labels, count = ndimage.label(thin)
    size = np.bincount(labels.ravel(), minlength=count + 1)
    thin &= size[labels] > 1.5 * radius * radius
    if not thin.any():
        return solid
    line = skeletonize(solid) & thin
    return solid | (ndimage.distance_transform_edt(~line) <= radius) if line.any() else solid


generator = HeightmapGenerator()
