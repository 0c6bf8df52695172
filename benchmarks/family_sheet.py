"""The sheet of docs/ornament-grammar.md: one seed of every family, unpicked.

python benchmarks/family_sheet.py [--out docs/pictures/ornament-families.jpg] [--width 5.5] [--seed 1]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ringcad import sheets
from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest, Relief
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose, render
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.render import sheet

OUT = Path(__file__).parent.parent / "docs" / "pictures" / "ornament-families.jpg"
LENGTH_MM, DEPTH_MM, STROKE_MM, GAP_MM = 15.0, 0.35, 0.35, 0.25
COLUMNS, TILE_PX, QUALITY = 5, 220, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--width", type=float, default=5.5)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    drawn = []
    for name in sorted(FAMILIES):
        request = GeneratorRequest(
            name, chosen.seed, LENGTH_MM, chosen.width, DEPTH_MM, STROKE_MM, GAP_MM, border="plain"
        )
        try:
            program, _ = compose(request, name, Attributes())
        except InputError as error:
            drawn.append(sheets.Drawn(request, None, str(error)))
            continue
        height = render(program, request.pixels_per_mm)
        drawn.append(sheets.Drawn(request, Relief(height, LENGTH_MM, chosen.width), None))
    pictures = sheets.pictures_of(drawn, TILE_PX)
    tiles = [
        sheet.Tile(item.request.prompt, (item.refusal or "",), picture)
        for item, picture in zip(drawn, pictures, strict=True)
    ]
    heading = [f"Every family, seed {chosen.seed}, unpicked", f"{LENGTH_MM:g} x {chosen.width:g} mm"]
    sheet.write_page(sheet.page(tiles, COLUMNS, heading), chosen.out, QUALITY)


if __name__ == "__main__":
    main()
