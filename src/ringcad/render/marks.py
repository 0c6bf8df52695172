"""Where findings lie: the metal in grey from four sides, each place numbered, with what was found beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.render import develop, views
from ringcad.render.frame import Frame, draw, metal_of
from ringcad.render.scene import Picture, RenderScene
from ringcad.render.walls import OVERSAMPLING, draw_scale_bar, shaded_pane

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

_SIDES = ((33.0, 40.0), (33.0, 220.0), (-28.0, 215.0), (-28.0, 35.0))
"""Elevation and azimuth of the four panes, degrees: above and below, from both sides."""
_COLORS = {"error": (190, 30, 24), "warning": (196, 116, 12), "info": (60, 90, 140)}
_MOST = 40
"""Marks that are told apart in one picture; more are counted."""
_MOST_EACH = 6
_BEHIND_MM = 0.3
"""A place this far under what is seen is behind it, and its mark is hollow."""


@dataclass(frozen=True)
class Mark:
    """One finding in a picture: ``places_mm`` in the scene's coordinates, ``text`` for the list below."""

    places_mm: tuple[tuple[float, float, float], ...]
    severity: Literal["error", "warning", "info"]
    text: str


def render_marks(
    scene: RenderScene, marks: Sequence[Mark], path: Path, *, size_px: int = 1600, millimetre: float = 1.0
) -> Picture:
    """Write a PNG of four views with a numbered mark at each finding's place and the list of findings.

    A full mark lies on what is seen, a hollow one behind it. Numbers are those of the list, from 1. ``millimetre`` is
    how long a millimetre of the body is in the scene.

    Raises
    ------
    InputError
        For a missing folder.
    """
    from PIL import Image, ImageDraw, ImageFont

    if not path.parent.is_dir():
        raise InputError(f"picture of findings: folder {path.parent} does not exist. Create it first")
    half = size_px // 2
    metal = metal_of(scene)
    unknown = np.full(len(scene.vertices), np.nan)
    picture = Image.new("RGB", (2 * half, 2 * half), (247, 247, 247))
    unit = size_px / 1600.0
    font = ImageFont.load_default(size=max(9, int(22 * unit)))
    scale = 1.0
    for k, (elevation, azimuth) in enumerate(_SIDES):
        view = views.turned(scene, half * OVERSAMPLING, elevation, azimuth)
        frame = draw(view, ((metal.vertices, metal.triangles),), whole=True)
        pane = Image.fromarray(shaded_pane(metal, view, frame.prim, unknown, 1.0))
        pen = ImageDraw.Draw(pane)
        _draw_marks(pen, scene, view, frame, marks, font, unit)
        scale = view.pixels_per_mm / OVERSAMPLING * millimetre
        draw_scale_bar(pen, half, half, scale, unit)
        picture.paste(pane, ((k % 2) * half, (k // 2) * half))
    listed = _with_list(picture, marks, unit)
    develop.write_png(listed, path, scale)
    nan = float("nan")
    return Picture(path.stem, path, listed.shape[1], listed.shape[0], scale, nan, nan, nan, nan)


def _draw_marks(
    pen: ImageDraw.ImageDraw,
    scene: RenderScene,
    view: views.View,
    frame: Frame,
    marks: Sequence[Mark],
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    unit: float,
) -> None:
    placed: list[tuple[float, float]] = []
    radius = 15.0 * unit
    for number, mark in enumerate(marks[:_MOST], start=1):
        for spot in mark.places_mm[:_MOST_EACH]:
            place = np.asarray(spot, float)
            column, row = view.project(place[None])[0]
            x, y = column / OVERSAMPLING, row / OVERSAMPLING
            seen = _is_seen(scene, view, frame, place, int(column), int(row))
            color = _COLORS[mark.severity]
            dot = 4.0 * unit
            pen.ellipse([x - dot, y - dot, x + dot, y + dot], fill=color if seen else None, outline=color, width=2)
            label = _free_spot((x, y), placed, radius, unit)
            placed.append(label)
            pen.line([(x, y), label], fill=color, width=max(1, int(2 * unit)))
            box = [label[0] - radius, label[1] - radius, label[0] + radius, label[1] + radius]
            pen.ellipse(box, fill=color if seen else (247, 247, 247), outline=color, width=max(1, int(2 * unit)))
            pen.text(label, str(number), fill=(255, 255, 255) if seen else color, font=font, anchor="mm")


def _free_spot(
    at: tuple[float, float], placed: Sequence[tuple[float, float]], radius: float, unit: float
) -> tuple[float, float]:
    """A place for a number near its mark that covers no other number."""
    for reach in (36.0, 70.0, 104.0, 138.0, 172.0):
        for k in range(12):
            turn = 2.0 * np.pi * (k / 12.0 - 0.125)
            spot = (at[0] + reach * unit * float(np.cos(turn)), at[1] + reach * unit * float(np.sin(turn)))
            if all(np.hypot(spot[0] - other[0], spot[1] - other[1]) > 2.2 * radius for other in placed):
                return spot
    return at


def _is_seen(
    scene: RenderScene, view: views.View, frame: Frame, place: NDArray[np.float64], column: int, row: int
) -> bool:
    """Whether nothing of the metal stands before a place."""
    if not (0 <= row < frame.prim.shape[0] and 0 <= column < frame.prim.shape[1]):
        return False
    shown = int(frame.prim[row, column])
    if shown < 0:
        return True
    nearest = ((scene.vertices[scene.triangles[shown]] - view.target) * view.back).sum(axis=1).min()
    return bool(((place - view.target) * view.back).sum() > float(nearest) - _BEHIND_MM)


def _with_list(picture: object, marks: Sequence[Mark], unit: float) -> NDArray[np.uint8]:
    """The panes with the numbered list of findings under them."""
    from PIL import Image, ImageDraw, ImageFont

    assert isinstance(picture, Image.Image)
    font = ImageFont.load_default(size=max(9, int(24 * unit)))
    width, left, line = picture.width, int(36 * unit), int(34 * unit)
    measure = ImageDraw.Draw(picture)
    rows: list[tuple[str, str, tuple[int, int, int]]] = []
    for number, mark in enumerate(marks[:_MOST], start=1):
        wrapped = _wrapped(measure, mark.text, font, width - 2 * left - int(70 * unit))
        for k, text in enumerate(wrapped):
            rows.append((str(number) if k == 0 else "", text, _COLORS[mark.severity]))
    if len(marks) > _MOST:
        rows.append(("", f"and {len(marks) - _MOST} more", (60, 60, 60)))
    if not marks:
        rows.append(("", "Nothing to report: every rule is met.", (60, 60, 60)))
    sheet = Image.new("RGB", (width, picture.height + line * len(rows) + 2 * left), (247, 247, 247))
    sheet.paste(picture, (0, 0))
    pen = ImageDraw.Draw(sheet)
    for k, (label, text, color) in enumerate(rows):
        y = picture.height + left + k * line
        pen.text((left, y), label, fill=color, font=font)
        pen.text((left + int(70 * unit), y), text, fill=(30, 30, 30), font=font)
    return np.asarray(sheet)


def _wrapped(
    pen: ImageDraw.ImageDraw, text: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, width: int
) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pen.textlength(longer, font=font) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
