"""Add our own silhouettes to the motif table, and measure how well every silhouette reads when it is small.

    python -m ringcad.generators.ornament.train_charms [--own]

Adds the drawings of ``charms.py``, ``charms_more.py`` and ``charms_scenes.py`` to ``motif_table.safetensors`` (those
already there are replaced) and measures the legibility of every silhouette of the table (some minutes), see
:func:`measure`. Needs manifold3d, no network.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from manifold3d import CrossSection, FillRule
from numpy.typing import NDArray

from ringcad.generators.ornament import charms, motifs, stencils
from ringcad.generators.ornament.charms_more import CHARMS_MORE
from ringcad.generators.ornament.charms_scenes import CHARMS_SCENES

TABLE = Path(__file__).parent / "motif_table.safetensors"
CHARMS = {**charms.CHARMS, **CHARMS_MORE, **CHARMS_SCENES}
SOURCE, AUTHOR = "ringcad", "ringcad"
TOLERANCE = 0.0018
"""Largest error of an outline over the box."""
Array = NDArray[np.float64]


def fitted(area: CrossSection) -> CrossSection:
    """Into the unit box: longer side 1, centred on (0.5, 0.5); simplified."""
    left, low, right, high = area.bounds()
    size = 1.0 / max(right - left, high - low)
    area = area.translate((-0.5 * (left + right), -0.5 * (low + high))).scale((size, size)).translate((0.5, 0.5))
    kept = [ring for ring in area.simplify(TOLERANCE).to_polygons() if abs(_area(ring)) > 2e-4]
    return CrossSection(kept, FillRule.EvenOdd)


def _area(ring: Array) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def measure(lines: Sequence[Array]) -> list[int]:
    """Legibility of a silhouette, turned as it is drawn, in percent at the sizes of :data:`motifs.SIZES`."""
    laid = motifs.along_band(lines)
    every = np.vstack(laid)
    low, high = every.min(axis=0), every.max(axis=0)
    found = []
    for size in motifs.SIZES:
        scale = size * GAP_MM / (high - low)[1]
        placed = tuple((line - 0.5 * (low + high)) * scale for line in laid)
        found.append(round(100.0 * stencils.legibility(placed, STROKE_MM, GAP_MM)))
    return found


STROKE_MM, GAP_MM = 0.35 * 1.06, 0.25 * 1.12
"""Limits of the profile ``workshop`` with the margins of a layout, for which legibility is measured."""
SUFFIX = "-charm"


def main() -> None:
    """Renew our own silhouettes in the table, and the legibility of all (``--own``: of these only)."""
    table = motifs.load_motifs()
    rows: list[dict[str, Any]] = []
    outlines: list[list[Array]] = []
    known: list[list[int]] = []
    for name, (source, author), numbers in zip(table.names, table.sources, table.legible.tolist(), strict=True):
        if source != SOURCE:
            known.append(numbers)
            rows.append({"name": name, "source": source, "author": author})
            outlines.append(motifs.outline(name))
    for name, draw in CHARMS.items():
        rows.append({"name": name + SUFFIX, "source": SOURCE, "author": AUTHOR})
        outlines.append([np.asarray(ring, dtype=np.float64) for ring in fitted(draw()).to_polygons()])
    known = known if "--own" in sys.argv else []
    legible = np.array([*known, *(measure(lines) for lines in outlines[len(known) :])], dtype=np.uint8)
    rings = [ring for lines in outlines for ring in lines]
    points = np.vstack([np.rint(ring * motifs.CODE) for ring in rings])
    from safetensors.numpy import save  # measuring, which a test does, needs no extra

    data = save(
        {
            "points": np.clip(points, 0, motifs.CODE).astype(np.int16),
            "rings": np.cumsum([0, *(len(ring) for ring in rings)]).astype(np.int64),
            "motifs": np.cumsum([0, *(len(lines) for lines in outlines)]).astype(np.int64),
            "legible": legible,
        },
        metadata={"rows": json.dumps(rows, separators=(",", ":"))},
    )
    TABLE.write_bytes(data)
    write_notice([row["name"] for row in rows if row["source"] == SOURCE])
    print(f"{len(rows)} motifs, {len(CHARMS)} of our own, {len(points)} points, {len(data) / 1e6:.2f} MB")
    for size, column in zip(motifs.SIZES, legible.T, strict=True):
        print(f"{size:g} gaps high: median {np.median(column):.0f} %, {np.mean(column >= 85):.2f} of them above 85 %")


OWN_HEADING, NEXT_HEADING = "## Silhouettes of our own", "## Motif silhouettes"


def write_notice(names: Sequence[str]) -> None:
    """Renew the list of our own silhouettes in ``NOTICE.md``."""
    path = TABLE.with_name("NOTICE.md")
    before, rest = path.read_text(encoding="utf-8").split(NEXT_HEADING)
    before = before.split(OWN_HEADING)[0].rstrip()
    text = (
        f"{len(names)} outlines of `motif_table.safetensors` are drawn for ringcad by `charms.py`, `charms_more.py` "
        f"and `charms_scenes.py` and come under its licence: {', '.join(names)}"
    )
    path.write_text(f"{before}\n\n{OWN_HEADING}\n\n{text}\n\n{NEXT_HEADING}{rest}", encoding="utf-8")


if __name__ == "__main__":
    main()
