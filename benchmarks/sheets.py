"""The contact sheets of docs/ornament-sheets.md, from benchmarks/prompts/sheet.yaml: nothing is picked.

    python benchmarks/sheets.py reliefs [--out docs/pictures/sheet-reliefs.jpg]
    python benchmarks/sheets.py rings [--out docs/pictures/sheet-rings.jpg] [--only 3,17]

``reliefs`` draws every prompt at its own width, as ``ringcad prompts`` does. ``rings`` builds a ring for every
prompt: the ready specs in turn, with the prompt and the seed put in and everything else as it is, and shows the
shoulder macro above the hero. A prompt that is refused keeps its place with the reason.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ringcad import sheets
from ringcad.registry import load_generator
from ringcad.render import sheet

HERE = Path(__file__).parent
PICTURES = HERE.parent / "docs" / "pictures"
COLUMNS, TILE_PX = 4, 460


def listed() -> tuple[list[dict[str, Any]], int]:
    """The prompts with their widths, and the seed."""
    data = YAML(typ="safe").load((HERE / "prompts" / "sheet.yaml").read_text("utf-8"))
    return list(data["prompts"]), int(data["seed"])


def numbered(only: str | None) -> list[tuple[int, dict[str, Any]]]:
    rows, _ = listed()
    wanted = None if only is None else {int(text) for text in only.split(",")}
    return [(k, row) for k, row in enumerate(rows, 1) if wanted is None or k in wanted]


def reliefs(out: Path, only: str | None) -> None:
    _, seed = listed()
    generator = load_generator("ornament")
    rows = numbered(only)
    drawn, seconds = [], []
    for _, row in rows:
        request = sheets.request_for(row["prompt"], seed, width_mm=float(row["width_mm"]))
        began = time.process_time()
        try:
            drawn += sheets.draw_all(generator, [request])
        except sheets.InputError as error:
            drawn.append(sheets.Drawn(request, None, str(error)))
        seconds.append(time.process_time() - began)
    tiles = []
    for (number, row), item, picture in zip(rows, drawn, sheets.pictures_of(drawn, TILE_PX), strict=True):
        said = item.refusal
        if item.relief is not None:
            themes = [text for text in item.relief.understood if text.startswith("family")]
            lost = item.relief.not_understood
            said = ", ".join(themes) + (f"; not understood: {', '.join(lost)}" if lost else "")
        tiles.append(sheet.Tile(f"{number}. {row['prompt']}, {row['width_mm']:g} mm", (said or "",), picture))
        print(f"{number:2d} {row['prompt'][:44]:44s} {seconds[len(tiles) - 1]:5.2f} s  {(said or '')[:100]}")
    heading = [f"Sixty prompts, seed {seed}, unpicked", f"{sheets.LENGTH_MM:g} mm long, widths as said"]
    sheet.write_page(sheet.page(tiles, COLUMNS, heading), out)
    print(
        f"{out}: {out.stat().st_size / 1e6:.2f} MB; median {sorted(seconds)[len(seconds) // 2]:.2f} s of processor time"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("reliefs", "rings"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", help="numbers of the list, for a look at a few: 3,17")
    options = parser.parse_args()
    draw = {"reliefs": reliefs}[options.what]
    draw(options.out or PICTURES / f"sheet-{options.what}.jpg", options.only)


if __name__ == "__main__":
    main()
