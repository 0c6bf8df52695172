"""Turn the chosen silhouettes into one table of outlines. Run once; needs fonttools and the two packages.

    npm pack @iconify-json/game-icons@1.2.4 @iconify-json/fluent-emoji-high-contrast@1.2.6
    tar xzf each one; git clone https://github.com/game-icons/icons authors    # for the names of the authors
    python generators/ornament/train_motifs.py GAME_ICONS_FOLDER FLUENT_FOLDER AUTHORS_FILE
    python -m ringcad.generators.ornament.train_charms    # adds our own silhouettes, measures how well each reads

``AUTHORS_FILE`` lists ``author/name.svg`` a line (``git ls-tree -r --name-only HEAD``). Outlines are united
(non-zero winding), fitted into the unit box, simplified to ``TOLERANCE`` and stored as int16. What does
not inflate well (thin lines, dust) is dropped by measure, see :func:`worth_casting`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import manifold3d
import numpy as np
from fontTools.pens.basePen import BasePen
from fontTools.svgLib.path import parse_path
from numpy.typing import NDArray
from ruamel.yaml import YAML
from safetensors.numpy import save

HERE = Path(__file__).parent
TOLERANCE = 0.0018
"""Largest error of an outline over the box: 0.01 mm on a motif of 5.5 mm."""
CODE = 32767
THIN = 0.034
"""Diameter over the box of a line that will not cast: 0.2 mm on a motif of 6 mm."""
LINE_ART = 1.55
"""A drawing whose filled outline is this much larger than its ink is made of lines."""
NOTICE_HEADING = "## Motif silhouettes"
MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and
this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED
"AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT
HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
Polygon = NDArray[np.float64]


class _Flat(BasePen):
    """Collects an outline as polygons, curves in steps."""

    def __init__(self) -> None:
        super().__init__(None)
        self.rings: list[list[tuple[float, float]]] = []

    def _moveTo(self, pt: tuple[float, float]) -> None:
        self.rings.append([pt])

    def _lineTo(self, pt: tuple[float, float]) -> None:
        self.rings[-1].append(pt)

    def _curveToOne(self, a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
        p = np.array([self.rings[-1][-1], a, b, c])
        t = np.linspace(0.0, 1.0, 13)[1:, None]
        curve = (1 - t) ** 3 * p[0] + 3 * t * (1 - t) ** 2 * p[1] + 3 * t * t * (1 - t) * p[2] + t**3 * p[3]
        self.rings[-1] += [(float(x), float(y)) for x, y in curve]


def outline(body: str) -> manifold3d.CrossSection:
    """The filled area of an icon's markup, y upwards. White shapes are cuts."""
    area = manifold3d.CrossSection()
    body = re.sub(r"<(defs|mask|clipPath)\b.*?</\1>", "", body, flags=re.S)
    for tag in re.findall(r"<(?:path|circle|ellipse|rect)\b[^>]*>", body):
        if 'fill="none"' in tag or "stroke=" in tag or "transform=" in tag:
            raise ValueError(tag[:80])
        pen = _Flat()
        drawn = re.search(r'\bd="([^"]+)"', tag)
        if drawn:
            parse_path(drawn.group(1), pen)
        else:
            number = {k: float(v) for k, v in re.findall(r'\b(cx|cy|r|rx|ry|x|y|width|height)="([-\d.]+)"', tag)}
            if "cx" in number:
                turn = np.linspace(0.0, 2.0 * np.pi, 73)[:-1]
                rx, ry = number.get("rx", number.get("r", 0.0)), number.get("ry", number.get("r", 0.0))
                pen.rings = [[(number["cx"] + rx * np.cos(a), number["cy"] + ry * np.sin(a)) for a in turn.tolist()]]
            else:
                raise ValueError(tag[:80])
        rule = manifold3d.FillRule.EvenOdd if "evenodd" in tag else manifold3d.FillRule.NonZero
        rings = [np.array(ring) * (1.0, -1.0) for ring in pen.rings if len(ring) > 2]
        area = area + manifold3d.CrossSection(rings, rule)
    return area


def fit(area: manifold3d.CrossSection) -> manifold3d.CrossSection:
    """Into the unit box: longer side 1, centred on (0.5, 0.5); dust and pinholes removed."""
    left, low, right, high = area.bounds()
    scale = 1.0 / max(right - left, high - low)
    area = area.translate((-0.5 * (left + right), -0.5 * (low + high))).scale((scale, scale)).translate((0.5, 0.5))
    kept = [ring for ring in area.simplify(TOLERANCE).to_polygons() if abs(_area(ring)) > 3e-4]
    return manifold3d.CrossSection(kept, manifold3d.FillRule.EvenOdd)


def untiled(area: manifold3d.CrossSection) -> manifold3d.CrossSection:
    """A symbol that is cut out of a rounded tile, as the symbol itself."""
    outer = [ring for ring in area.to_polygons() if _area(ring) > 0.0]
    if len(outer) != 1 or not 0.9 < _area(outer[0]) < 0.999 or area.area() < 0.5:
        return area
    return fit(manifold3d.CrossSection(outer) - area)


def solid_from_lines(area: manifold3d.CrossSection) -> manifold3d.CrossSection:
    """A drawing in outlines as a body with grooves: the outer line joins the body, inner lines become cuts."""
    outer = [ring for ring in area.to_polygons() if _area(ring) > 0.0]
    body = manifold3d.CrossSection(outer, manifold3d.FillRule.NonZero)
    length = sum(float(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).sum()) for ring in area.to_polygons())
    line = 2.0 * area.area() / length
    if body.area() < LINE_ART * area.area() or line > 0.09:
        return area
    return body - (area ^ body.offset(-1.25 * line, manifold3d.JoinType.Round))


def _area(ring: Polygon) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def worth_casting(area: manifold3d.CrossSection) -> str:
    """Empty, or why a silhouette is left out."""
    whole = area.area()
    opened = area.offset(-0.5 * THIN, manifold3d.JoinType.Round).offset(0.5 * THIN, manifold3d.JoinType.Round)
    if opened.area() < 0.70 * whole:
        return f"thin {opened.area() / whole:.2f}"
    parts = len(opened.decompose())
    if parts > 18:
        return f"{parts} parts"
    if whole > 0.86:
        return "a filled box"
    if whole < 0.07:
        return "nearly empty"
    return ""


def main(game: Path, fluent: Path, authors_file: Path) -> None:
    """Write ``motif_table.safetensors`` and renew the attribution in ``NOTICE.md``."""
    wanted: dict[str, str] = YAML(typ="safe").load((HERE / "motif_sources.yaml").read_text(encoding="utf-8"))
    authors = {
        Path(line).stem: line.split("/")[0] for line in authors_file.read_text().split() if line.endswith(".svg")
    }
    rows: list[dict[str, Any]] = []
    rings: list[Polygon] = []
    starts = [0]
    taken: set[str] = set()
    left_out: list[str] = []
    for source, folder in (("game-icons", game), ("fluent-emoji-high-contrast", fluent)):
        icons = json.loads((folder / "icons.json").read_text(encoding="utf-8"))["icons"]
        for name in sorted(set(wanted[source].split())):
            try:
                area = fit(solid_from_lines(untiled(fit(outline(icons[name]["body"])))))
            except ValueError as error:
                left_out.append(f"{name}: {error}")
                continue
            reason = worth_casting(area)
            if reason:
                left_out.append(f"{name}: {reason}")
                continue
            unique = name if name not in taken else f"{name}-2"
            taken.add(unique)
            polygons = area.to_polygons()
            rings += polygons
            starts.append(starts[-1] + len(polygons))
            author = authors[name] if source == "game-icons" else "microsoft"
            rows.append({"name": unique, "source": source, "author": author})
    points = np.vstack([np.rint(ring * CODE) for ring in rings])
    data = save(
        {
            "points": np.clip(points, 0, CODE).astype(np.int16),
            "rings": np.cumsum([0, *(len(ring) for ring in rings)]).astype(np.int64),
            "motifs": np.array(starts, dtype=np.int64),
        },
        metadata={"rows": json.dumps(rows, separators=(",", ":"))},
    )
    (HERE / "motif_table.safetensors").write_bytes(data)
    print(f"{len(rows)} motifs, {len(points)} points, {len(data) / 1e6:.2f} MB; left out {len(left_out)}:")
    print("\n".join(left_out))
    write_notice(rows)


def write_notice(rows: list[dict[str, Any]]) -> None:
    """Renew the attribution in ``NOTICE.md``: every silhouette under its author, as CC BY 3.0 asks."""
    path = HERE / "NOTICE.md"
    head = path.read_text(encoding="utf-8").split(NOTICE_HEADING)[0].rstrip() + "\n\n"
    by_author: dict[str, list[str]] = {}
    for row in rows:
        by_author.setdefault(row["author"], []).append(row["name"])
    microsoft = by_author.pop("microsoft")
    parts = [
        NOTICE_HEADING,
        "",
        "`motif_table.safetensors` holds outlines derived from two icon sets. Changes made: united, fitted to a box,",
        "line drawings turned into bodies with grooves, symbols taken out of their tiles, simplified, quantised.",
        "",
        "**game-icons.net** (npm package `@iconify-json/game-icons` 1.2.4), Creative Commons Attribution 3.0 Unported,",
        "<https://creativecommons.org/licenses/by/3.0/>. Icons made by the following authors, <https://game-icons.net>:",
        "",
    ]
    for author, names in sorted(by_author.items(), key=lambda item: -len(item[1])):
        parts += [f"- **{author}** ({len(names)}): {', '.join(names)}"]
    parts += [
        "",
        "**Fluent Emoji High Contrast** (npm package `@iconify-json/fluent-emoji-high-contrast` 1.2.6), MIT License,",
        f"Copyright (c) Microsoft Corporation ({len(microsoft)}): {', '.join(microsoft)}",
        "",
        MIT,
    ]
    path.write_text(head + "\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
