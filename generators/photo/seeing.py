"""From an image file to the heights that it shows, and what kind of picture it was taken for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from ringcad.generators.heightmap.image import TWO_LEVELS, Picture, one_colour, read_luminance, stretched, trim
from ringcad.generators.photo.heights import inflate
from ringcad.generators.photo.network import Weights, heights
from ringcad.generators.photo.pairs import Kind

Array = NDArray[np.float64]

WORKING_SIDE = 160
"""Pixels of the shorter side that the network sees: near the scale of its training, and a band's own resolution."""
LONGEST_SIDE = 960
"""A strip longer than this is seen coarser."""
GROUND_SHARE = 0.12
"""Below this share of the range a picture's ripples are ground: the network's noise on plain ground is 0.03 to 0.08."""
SMOOTH_PX = 0.6
"""Blur of the network's heights: takes off the trace of its 2 x 2 regrouping."""
TWO_TONES = 0.9
"""Share of the variance that a split in two explains, from which a picture may be a silhouette."""
RIM = 0.92
"""Share of the picture's rim that is ground where a motif stands alone."""
SPECK = 0.006
"""Share of a lone motif's area below which a piece of its own is a mistake."""
EDGE_LEVEL, EDGE_SCALE = 0.3, 3
"""Share of the height at which a lone motif's edge is drawn, and how much finer than the network sees."""
SAYS: dict[Kind, str] = {
    "photo": "read as a photo of a relief",
    "silhouette": "read as a silhouette: blown up to a body",
    "drawing": "read as a line drawing: its areas blown up, its lines cut in",
}


@dataclass(frozen=True)
class Seen:
    """``picture`` holds heights in [0, 1] (and a silhouette's outline); ``alone``: a motif on plain ground."""

    picture: Picture
    kind: Kind
    chance: float
    alone: bool


def shrunk(values: Array, side: int = WORKING_SIDE, longest: int = LONGEST_SIDE) -> Array:
    """Values with a shorter side of ``side`` pixels (never enlarged more than twice), by area."""
    rows, columns = values.shape
    scale = min(side / min(rows, columns), longest / max(rows, columns), 2.0)
    size = (max(8, round(columns * scale)), max(8, round(rows * scale)))
    picture = Image.fromarray(values.astype(np.float32))
    method = Image.Resampling.BOX if scale < 1.0 else Image.Resampling.BICUBIC
    return np.asarray(picture.resize(size, method), dtype=np.float64)


def see(
    path: str | None, invert: bool | None = None, wanted: Kind | None = None, weights: Weights | None = None
) -> Seen:
    """Heights of an image file.

    ``wanted`` overrides the network's own opinion of the kind. ``invert``: true turns the heights over in a photo,
    and says of a silhouette that its dark part is the shape; false that its bright part is. Raises ``InputError``
    for a file that is missing, unreadable, tiny, huge, constant or has values that are not numbers.
    """
    read = read_luminance(path)
    notes: list[str] = []
    cut: Array | None = None
    if read.alpha is None:
        grey = stretched(read.file, read.values)
    elif one_colour(read.values[read.alpha > 0.5]):
        # Nothing but the shape says anything.
        grey, wanted = 1.0 - read.alpha, "silhouette"
        notes.append("one colour on transparent ground")
    else:
        cut = read.alpha
        solid = read.values[cut > 0.5]
        low, high = float(solid.min()), float(solid.max())
        # On the ground that the shape stands out from.
        ground = high if float(np.median(solid)) < 0.5 * (low + high) else low
        grey = stretched(read.file, cut * read.values + (1.0 - cut) * ground)
        notes.append("transparent parts are ground")
    small = shrunk(grey)
    raw, chances = heights(even_light(small).astype(np.float32), weights)
    height = levelled(ndimage.gaussian_filter(raw.astype(np.float64), SMOOTH_PX))
    chances = possible(chances, grey, cut is not None)
    kind: Kind = max(chances, key=lambda name: chances[name]) if wanted is None else wanted
    outline = cut
    if cut is not None:
        # The outline is known, so half of the height is the body that it holds.
        height = 0.5 * height + 0.5 * inflate(shrunk(cut) > 0.5)
    if kind == "silhouette" and cut is None:
        outline, dark = shape_of(grey, height, invert)
        if dark == (_agreement(1.0 - small, height) < 0.0):
            height = 1.0 - height
        notes.append("dark is the shape" if dark else "bright is the shape")
    elif invert:
        height = levelled(1.0 - height)
        notes.append("heights turned over")
    if outline is None:
        height, alone = cut_out(height)
        if alone:
            # In a band it is a few mm high: its edge is drawn anew, as sharp as metal is cut.
            height = _resized(height, (EDGE_SCALE * height.shape[0], EDGE_SCALE * height.shape[1]))
            outline = np.clip(0.5 + (height - EDGE_LEVEL) * 6.0, 0.0, 1.0)
    else:
        height = _resized(height, outline.shape)
        alone = float((_rim(outline) < 0.5).mean()) > RIM
        if alone:
            height, outline = trim(height, outline)
    sure = f"({chances[kind]:.0%} sure)" if wanted is None else "(known, not guessed)"
    notes.insert(0, f"{SAYS[kind]} {sure}")
    return Seen(Picture(height, outline, read.sha256, tuple(notes)), kind, chances[kind], alone)


def even_light(grey: Array) -> Array:
    """Luminance less the plane that fits it best: a lamp that stands nearer to one side."""
    rows, columns = grey.shape
    y, x = np.linspace(-1.0, 1.0, rows)[:, None], np.linspace(-1.0, 1.0, columns)[None, :]
    # The three fields are orthogonal on the grid, so that each share stands for itself.
    return grey - y * (grey * y).mean() / (y * y).mean() - x * (grey * x).mean() / (x * x).mean()


def possible(chances: dict[Kind, float], grey: Array, cut: bool) -> dict[Kind, float]:
    """The network's chances without what the picture cannot be.

    Two flat tones are no photo; tones that do not fall into two, or a coloured picture cut out of its ground
    (``cut``), are no silhouette.
    """
    level = _otsu(grey)
    share = float((grey > level).mean())
    apart = float(grey[grey > level].mean() - grey[grey <= level].mean()) if 0.0 < share < 1.0 else 0.0
    split = share * (1.0 - share) * apart**2 / max(float(grey.var()), 1e-12)
    allowed = dict(chances)
    if float(((grey < 0.06) | (grey > 0.94)).mean()) > TWO_LEVELS and not cut:
        allowed["photo"] = 0.0
    if split < TWO_TONES or cut:
        allowed["silhouette"] = 0.0
    whole = sum(allowed.values())
    return {name: chance / whole for name, chance in allowed.items()} if whole > 1e-9 else chances


def levelled(height: Array) -> Array:
    """Heights scaled to [0, 1] between robust ends, with the ripples of a plain ground taken off."""
    low, high = np.percentile(height, (2.0, 99.7))
    scaled = (height - low) / max(float(high - low), 1e-6)
    # Where little of the picture is ground, as in a texture, its low parts mean something.
    ground = float((scaled < GROUND_SHARE).mean())
    floor = GROUND_SHARE * min(1.0, ground / 0.3)
    return np.asarray(np.clip((scaled - floor) / (1.0 - floor), 0.0, 1.0))


def shape_of(grey: Array, height: Array, invert: bool | None) -> tuple[Array, bool]:
    """Coverage of a silhouette's shape on the image's own grid, and whether the shape is its dark part.

    Unless ``invert`` says, the ground is what nearly all of the rim shows; where the rim shows both, the shape is
    what the network raised.
    """
    level = _otsu(grey)
    bright_rim = float((_rim(grey) > level).mean())
    if invert is not None:
        dark = invert
    elif max(bright_rim, 1.0 - bright_rim) > RIM:
        dark = bright_rim > 0.5
    else:
        dark = _agreement(1.0 - shrunk(grey), height) >= 0.0
    # A soft edge about one pixel wide on either side of the threshold.
    coverage = np.clip(0.5 + (grey - level) * 2.0, 0.0, 1.0)
    return (1.0 - coverage if dark else coverage), dark


def _otsu(grey: Array) -> float:
    """Level that splits the values best in two (Otsu 1979, doi:10.1109/TSMC.1979.4310076)."""
    count, edges = np.histogram(grey, 128, (0.0, 1.0))
    centre = 0.5 * (edges[1:] + edges[:-1])
    below = np.cumsum(count)
    mass = np.cumsum(count * centre)
    above = below[-1] - below
    between = (mass[-1] * below / below[-1] - mass) ** 2 / np.maximum(below * above, 1)
    best = np.flatnonzero(between >= between.max() * (1.0 - 1e-9))
    return float(centre[best].mean())


def _agreement(a: Array, b: Array) -> float:
    return float(((a - a.mean()) * (b - b.mean())).mean())


def _rim(values: Array) -> Array:
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])


def _resized(values: Array, shape: tuple[int, ...]) -> Array:
    picture = Image.fromarray(values.astype(np.float32)).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(picture, dtype=np.float64), 0.0, 1.0)


def cut_out(height: Array) -> tuple[Array, bool]:
    """Heights cut to the motif where one stands alone on its ground, and whether it does."""
    body = ndimage.gaussian_filter(height, 1.0) > 0.2
    if float((_rim(height) < 0.2).mean()) < RIM or not 0.02 < float(body.mean()) < 0.9:
        return height, False
    labels, count = ndimage.label(body)
    size = np.bincount(labels.ravel(), minlength=count + 1)
    body &= size[labels] > SPECK * body.sum()
    reach = ndimage.distance_transform_edt(~body)
    # Ripples away from the motif are no relief.
    alone = height * np.clip(1.0 - (reach - 2.0) / 3.0, 0.0, 1.0)
    trimmed, kept = trim(alone, body.astype(np.float64))
    # What was added at the sides is ground.
    return trimmed * (kept > 0.0).any(axis=0), True
