"""Pictures inside the report's page: scaled down, on white, as JPEG in the text."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

PICTURE_WIDTH_PX = 1100
"""Widest embedded picture: sharp at 110 mm on paper (250 dpi), and the page stays below about 1 MB."""
JPEG_QUALITY = 86


def picture_width_px(place: int) -> int:
    """The main picture is the widest."""
    return PICTURE_WIDTH_PX if place == 0 else round(0.64 * PICTURE_WIDTH_PX)


def embed_ahead(pictures: Sequence[Path], first: int = 0) -> None:
    """Prepare the page's pictures from the place ``first`` on, in time that the build spends waiting for others."""
    for place, picture in enumerate(pictures, first):
        embedded_jpeg(picture, picture_width_px(place))


def embedded_jpeg(picture: Path, width_px: int = PICTURE_WIDTH_PX) -> str:
    """A picture as a ``data:`` URI: at most ``width_px`` wide, on white where it was transparent."""
    state = picture.stat()
    return _embedded(picture, width_px, (state.st_mtime_ns, state.st_size, state.st_ino))


@lru_cache(maxsize=8)
def _embedded(picture: Path, width_px: int, state: tuple[int, ...]) -> str:
    """``state`` tells a picture from an earlier one of its name."""
    from PIL import Image

    del state
    with Image.open(picture) as source:
        if source.mode == "RGB" and "transparency" not in source.info:
            flat = source.convert("RGB")
        else:
            image = source.convert("RGBA")
            flat = Image.alpha_composite(Image.new("RGBA", image.size, (255, 255, 255, 255)), image).convert("RGB")
    if flat.width > width_px:
        height = max(1, round(flat.height * width_px / flat.width))
        flat = flat.resize((width_px, height), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    flat.save(stream, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
