"""Contact sheets: pictures in rows on a page, each with its caption, and a heading."""

from __future__ import annotations

import io
import os
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ringcad.core.atomic import replacing
from ringcad.core.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

    Font = FreeTypeFont | ImageFont

PAPER, INK, PENCIL = (250, 249, 246), (38, 36, 33), (112, 107, 100)
"""Colours of the page, of titles and of notes."""
MARGIN_PX, GUTTER_PX = 28, 24
TITLE_PX, NOTE_PX = 19, 15
BLANK_PX = 56
"""Height of the empty frame that stands for a picture that could not be drawn."""
NOTE_LINES = 3
"""Lines of notes under a tile; what is longer ends in an ellipsis."""
JPEG_QUALITY = 86
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | dict.fromkeys("\u2018\u2019", "'")
    | dict.fromkeys("\u201c\u201d\u201e", '"')
    | dict.fromkeys("\u2013\u2014", "-")
)
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}


@dataclass(frozen=True)
class Tile:
    """One picture (rows, columns, 3) uint8 with its caption; without a picture the notes say why."""

    title: str
    notes: tuple[str, ...] = ()
    picture: NDArray[np.uint8] | None = None


def columns_for(tiles: int) -> int:
    """Columns of a page of so many tiles."""
    return next((columns for most, columns in ((2, 1), (6, 2), (30, 3)) if tiles <= most), 4)


def tile_width_px(columns: int) -> int:
    """Width of a tile that gives a page of about 2000 pixels."""
    return {1: 1200, 2: 900, 3: 640}.get(columns, 520)


def page(tiles: Sequence[Tile], columns: int, heading: Sequence[str] = (), footing: Sequence[str] = ()) -> Image:
    """The page: a heading (its first line larger), tiles row by row, a footing.

    A row is as high as its highest picture. Raises ``InputError`` without tiles.
    """
    from PIL import Image, ImageDraw

    if not tiles:
        raise InputError("contact sheet: there is nothing to show")
    large, title, note = (_font(size) for size in (TITLE_PX + 7, TITLE_PX, NOTE_PX))
    pictures = [tile.picture for tile in tiles if tile.picture is not None]
    wide = max((picture.shape[1] for picture in pictures), default=tile_width_px(columns))
    columns = min(columns, len(tiles))
    across = 2 * MARGIN_PX + columns * wide + (columns - 1) * GUTTER_PX
    head = [
        (line, large if k == 0 else note)
        for k, text in enumerate(heading)
        for line in wrapped(text, large if k == 0 else note, across - 2 * MARGIN_PX, 3)
    ]
    foot = [line for text in footing for line in wrapped(text, note, across - 2 * MARGIN_PX, 3)]
    captions = [
        (wrapped(tile.title, title, wide, 2), _notes(tile.notes, note, wide) if tile.notes else []) for tile in tiles
    ]
    rows = [range(k, min(k + columns, len(tiles))) for k in range(0, len(tiles), columns)]
    heights = []
    for row in rows:
        shown = (tiles[k].picture for k in row)
        tall = max((picture.shape[0] for picture in shown if picture is not None), default=BLANK_PX)
        text = max(len(captions[k][0]) * _leading(TITLE_PX) + len(captions[k][1]) * _leading(NOTE_PX) for k in row)
        heights.append((tall, text))
    top = MARGIN_PX + sum(_leading(TITLE_PX + 7 if font is large else NOTE_PX) for _, font in head)
    top += GUTTER_PX // 2 if head else 0
    down = top + sum(tall + 6 + text + GUTTER_PX for tall, text in heights) + len(foot) * _leading(NOTE_PX) + MARGIN_PX
    sheet = Image.new("RGB", (across, down), PAPER)
    draw = ImageDraw.Draw(sheet)
    y = MARGIN_PX
    for line, font in head:
        draw.text((MARGIN_PX, y), line, font=font, fill=INK if font is large else PENCIL)
        y += _leading(TITLE_PX + 7 if font is large else NOTE_PX)
    y = top
    for row, (tall, text) in zip(rows, heights, strict=True):
        for place, k in enumerate(row):
            x = MARGIN_PX + place * (wide + GUTTER_PX)
            picture = tiles[k].picture
            if picture is not None:
                # narrow bands stand on the caption's line, not at the top of the row
                sheet.paste(Image.fromarray(picture), (x, y + tall - picture.shape[0]))
            else:
                draw.rectangle((x, y + tall - min(tall, BLANK_PX), x + wide - 1, y + tall - 1), outline=PENCIL)
            line_y = y + tall + 6
            for lines, font, size, ink in (
                (captions[k][0], title, TITLE_PX, INK),
                (captions[k][1], note, NOTE_PX, PENCIL),
            ):
                for line in lines:
                    draw.text((x, line_y), line, font=font, fill=ink)
                    line_y += _leading(size)
        y += tall + 6 + text + GUTTER_PX
    for line in foot:
        draw.text((MARGIN_PX, y), line, font=note, fill=PENCIL)
        y += _leading(NOTE_PX)
    return sheet


def _leading(size: int) -> int:
    """Pixels from one line of text to the next."""
    return round(1.32 * size)


def _font(size: int) -> Font:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def plain(text: str) -> str:
    """A text as the captions' font can show it: Pillow's own has no accents, so they are taken off; letters of
    other scripts stay as they are (:func:`legible`)."""
    parts = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(part for part in parts if not unicodedata.combining(part))


def legible(text: str) -> bool:
    """Whether the captions' font has every letter of a text, accents aside."""
    return "\ufffd" not in _shown(text)


def _shown(text: str) -> str:
    """The text in letters that the font has; another stands as U+FFFD, which is drawn as an empty box."""
    font = _font(NOTE_PX)
    unknown = bytes(font.getmask("\uffff"))
    folded = plain(text)
    has = {letter: letter.isspace() or bytes(font.getmask(letter)) != unknown for letter in set(folded)}
    return "".join(letter if has[letter] else "\ufffd" for letter in folded)


def wrapped(text: str, font: Font, wide: float, most: int) -> list[str]:
    """Lines no wider than ``wide`` pixels, at most ``most``; what is left over ends in an ellipsis."""
    words = _shown(text).split()
    lines: list[str] = []
    while words:
        if len(lines) == most - 1:
            lines.append(_cut(" ".join(words), font, wide))
            break
        line = words.pop(0)
        while words and font.getlength(f"{line} {words[0]}") <= wide:
            line += f" {words.pop(0)}"
        lines.append(_cut(line, font, wide))
    return lines


def _cut(line: str, font: Font, wide: float) -> str:
    if font.getlength(line) <= wide:
        return line
    while line and font.getlength(line.rstrip() + "...") > wide:
        line = line[:-1]
    return line.rstrip() + "..."


def _notes(notes: Sequence[str], font: Font, wide: float) -> list[str]:
    lines = [line for text in notes for line in wrapped(text, font, wide, NOTE_LINES)]
    return (
        lines
        if len(lines) <= NOTE_LINES
        else [*lines[: NOTE_LINES - 1], _cut(lines[NOTE_LINES - 1] + " ...", font, wide)]
    )


def check_target(path: Path) -> None:
    """Say before anything is drawn that a page cannot be written there.

    Raises ``InputError`` for another ending than .png, .jpg or .jpeg, and for a place that cannot be written.
    """
    from ringcad.outputs import explain_os_error

    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{path}: a contact sheet is a picture; give it a name that ends in {', '.join(FORMATS)}.")
    if path.is_dir():
        raise InputError(f"{path} is a folder; give the contact sheet a name of its own.")
    folder = next((place for place in path.absolute().parents if place.exists()), Path())
    try:
        handle, name = tempfile.mkstemp(prefix=".ringcad-", dir=folder)
        os.close(handle)
        Path(name).unlink()
    except OSError as error:
        raise explain_os_error(error, path) from error


def write_page(sheet: Image, path: Path, quality: int = JPEG_QUALITY) -> None:
    """Write under a temporary name in the same folder, made if need be, then rename: never half a picture.

    ``quality`` counts for JPEG. Raises ``InputError`` as :func:`check_target`.
    """
    from ringcad.outputs import explain_os_error, held_signals

    check_target(path)
    data = io.BytesIO()
    if FORMATS[path.suffix.lower()] == "PNG":
        sheet.save(data, "PNG", compress_level=3)
    else:
        sheet.save(data, "JPEG", quality=quality, optimize=True)
    with held_signals():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path, synced=True) as stream:
                stream.write(data.getbuffer())
        except OSError as error:
            raise explain_os_error(error, path) from error
