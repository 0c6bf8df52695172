"""The sheet of every ready spec of every template, as a build draws it: nothing is picked, nothing is retouched.

    python benchmarks/hero_sheet.py --keep FOLDER [--out docs/pictures/repertoire.jpg] [--template halo]

Each spec is built by the command line into FOLDER, through the gate; a spec whose text is as before is not built
again, so that an interrupted run goes on. Empty the folder after changes to templates, kernel or renderer.
A spec that is refused keeps its place with the reason.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from ringcad.registry import entries, load_template
from ringcad.render import sheet

OUT = Path(__file__).parent.parent / "docs" / "pictures" / "repertoire.jpg"
COLUMNS, TILE_PX, QUALITY = 5, 236, 66
TEMPLATES = "ringcad.templates"


def built(name: str, text: str, folder: Path) -> tuple[Path, str | None]:
    """Where a spec's ring lies, and why there is none."""
    spec, out = folder / f"{name}.yaml", folder / name
    if not (out / "pictures" / "hero.png").exists() or not spec.exists() or spec.read_text() != text:
        spec.write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "ringcad.cli", "build", str(spec), "--out", str(out)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            return out, " ".join(line for line in (done.stderr + done.stdout).splitlines() if line.strip())[:300]
    return out, None


def tile(name: str, template: str, text: str, folder: Path) -> sheet.Tile:
    """The hero picture with what the ring is."""
    out, refused = built(name, text, folder)
    if refused is not None:
        return sheet.Tile(name, (refused,))
    found = json.loads((out / "resolved.json").read_text())
    picture = Image.open(out / "pictures" / "hero.png").convert("RGB")
    picture = picture.resize((TILE_PX, round(TILE_PX * picture.height / picture.width)), Image.Resampling.LANCZOS)
    small = sum(len(accent["seats"]) for accent in found["accents"])
    center = found["stone"]["cut"] if found["stone"] else ""
    notes = [template.replace("_", " "), center, f"{small} small stones" if small else "", found["metal"]["name"]]
    return sheet.Tile(name, (", ".join(note for note in notes if note),), np.asarray(picture, np.uint8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--template", action="append", help="only this one; may be given again")
    chosen = parser.parse_args()
    chosen.keep.mkdir(parents=True, exist_ok=True)
    tiles = []
    for template in sorted(entry.name for entry in entries(TEMPLATES)):
        if chosen.template and template not in chosen.template:
            continue
        for name, text in sorted(load_template(template).specs().items()):
            tiles.append(tile(name, template, text, chosen.keep))
            print(name, *tiles[-1].notes, flush=True)
    heading = ["Every ready spec of every template", "built through the gate, drawn by the build, unpicked"]
    sheet.write_page(sheet.page(tiles, COLUMNS, heading), chosen.out, QUALITY)


if __name__ == "__main__":
    main()
