"""Stroke cleanness: our reliefs, the same melted, and pictures of diffusion output beside procedural ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ornament_tables import Lines, table
from scipy import ndimage

from ringcad.generators.ornament.measure import Array, Heights
from ringcad.generators.ornament.measure_strokes import Cleanness, cleanness, shaded

TILE_PX, TILE_MM = 128, 6.0
"""Side of a tile in the pictures, and what it stands for."""


def melted(field: Heights, seed: int, amount: float = 1.0) -> Heights:
    """A relief as a starved diffusion network leaves it: warped by a tenth of a millimetre, blurred, lumpy."""
    rng = np.random.default_rng(seed)
    f, mode = field.values, ("nearest", "wrap" if field.periodic else "nearest")
    pixel = 0.5 * (field.du + field.dv)

    def noise(scale_mm: float) -> Array:
        found = ndimage.gaussian_filter(rng.standard_normal(f.shape), scale_mm / pixel, mode=mode)
        return np.asarray(found / found.std())

    rows, columns = np.indices(f.shape, dtype=np.float64)
    shift = amount * 0.11 / pixel
    warped = ndimage.map_coordinates(
        f, [rows + shift * noise(0.2), columns + shift * noise(0.2)], order=1, mode="nearest"
    )
    soft = ndimage.gaussian_filter(warped, 0.06 / pixel, mode=mode)
    values = np.clip(soft + amount * (0.06 * noise(0.08) + 0.08 * noise(0.2)), 0.0, 1.0)
    return Heights(values, field.length_mm, field.width_mm, field.periodic)


def separation(clean: Sequence[float], bad: Sequence[float]) -> float:
    """Chance that a random bad one has the larger figure than a random clean one (area under the ROC curve)."""
    a, b = np.asarray(clean)[:, None], np.asarray(bad)[None, :]
    return float(((b > a) + 0.5 * (b == a)).mean())


@dataclass(frozen=True)
class Tile:
    """One tile of a picture: row, column and its figures."""

    row: int
    column: int
    figures: Cleanness


def tiles(path: Path) -> list[Tile]:
    """All whole tiles of a picture of shaded reliefs."""
    from PIL import Image

    grey = np.asarray(Image.open(path).convert("L"), dtype=np.float64) / 255.0
    rows, columns = grey.shape[0] // TILE_PX, grey.shape[1] // TILE_PX
    found: list[Tile] = []
    for i in range(rows):
        for j in range(columns):
            part = grey[i * TILE_PX : (i + 1) * TILE_PX, j * TILE_PX : (j + 1) * TILE_PX]
            found.append(Tile(i, j, cleanness(Heights(part, TILE_MM, TILE_MM))))
    return found


def _row(name: str, figures: Sequence[Cleanness]) -> Sequence[object]:
    return (
        name,
        len(figures),
        *(f"{np.median([getattr(f, key) for f in figures]):.2f}" for key in ("bending", "tremor", "specks", "spurs")),
    )


def own_tables(reliefs: Sequence[tuple[str, Heights]]) -> Lines:
    """Our reliefs against themselves melted, on heights and on shading."""
    clean = [cleanness(field) for _, field in reliefs]
    bad = [cleanness(melted(field, k)) for k, (_, field) in enumerate(reliefs)]
    lit = [cleanness(shaded(field)) for _, field in reliefs]
    lit_bad = [cleanness(shaded(melted(field, k))) for k, (_, field) in enumerate(reliefs)]
    head = ("heights", "n", "bending 1/mm", "tremor 1/mm", "specks /mm", "spurs /mm")
    rows = [
        _row("as drawn", clean),
        _row("melted", bad),
        _row("as drawn, shaded", lit),
        _row("melted, shaded", lit_bad),
    ]
    told = {
        key: (
            separation([getattr(c, key) for c in clean], [getattr(b, key) for b in bad]),
            float(np.mean([getattr(b, key) > getattr(c, key) for c, b in zip(clean, bad, strict=True)])),
        )
        for key in ("bending", "tremor", "specks", "spurs")
    }
    worst = sorted(zip(clean, reliefs, strict=True), key=lambda pair: -pair[0].tremor)[:5]
    return [
        *table(head, rows),
        "",
        "Told apart, any melted one from any clean one / each from itself: "
        + ", ".join(f"{key} {a:.2f} / {b:.2f}" for key, (a, b) in told.items())
        + ".",
        "Most tremor as drawn: " + ", ".join(f"{name} {c.tremor:.2f}" for c, (name, _) in worst) + ".",
    ]


def picture_tables(folder: Path) -> Lines:
    """Pictures of diffusion output against procedural ones, family by family where the columns agree."""
    wide, few = tiles(folder / "diffusion-13-families.png"), tiles(folder / "diffusion-3-families.png")
    drawn = tiles(folder / "families-procedural.png")
    # The lowest row of the picture of three families shows what the network was trained on.
    last = max(tile.row for tile in few)
    bad3, good3 = [t for t in few if t.row < last], [t for t in few if t.row == last]
    groups = {
        "diffusion, 13 families": wide,
        "procedural, the same 13 families": drawn,
        "diffusion, 3 families": bad3,
        "what those 3 were trained on": good3,
    }
    head = ("shaded tiles", "n", "bending 1/mm", "tremor 1/mm", "specks /mm", "spurs /mm")
    rows = [_row(name, [tile.figures for tile in group]) for name, group in groups.items()]
    wins = 0
    columns = sorted({tile.column for tile in wide})
    for column in columns:
        a = np.median([tile.figures.tremor for tile in wide if tile.column == column])
        b = np.median([tile.figures.tremor for tile in drawn if tile.column == column])
        wins += bool(a > b)
    bad, good = [t.figures.tremor for t in [*wide, *bad3]], [t.figures.tremor for t in [*drawn, *good3]]
    return [
        *table(head, rows),
        "",
        f"By tremor a random diffusion tile is told from a random procedural one in {separation(good, bad):.2f} of all "
        f"pairs; family by family the diffusion tiles tremble more in {wins} of {len(columns)} "
        f"(family accuracy of the same tiles had been 1.00).",
    ]
