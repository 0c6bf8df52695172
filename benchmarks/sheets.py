"""The contact sheets of docs/ornament-sheets.md, from benchmarks/prompts/sheet.yaml: nothing is picked.

    python benchmarks/sheets.py reliefs [--out docs/pictures/sheet-reliefs.jpg] [--markdown docs/ornament-sheets.md]
    python benchmarks/sheets.py rings [--out docs/pictures/sheet-rings.jpg] [--only 3,17] [--keep FOLDER]

``reliefs`` draws every prompt at its own width, as ``ringcad prompts`` does. ``rings`` builds a ring for every
prompt on the ready specs in turn, in yellow gold, and shows the shoulder macro beside the hero. Relief, castability
filter, budget, fit and pictures are a build's own; the kernel builds each body once, bare, and the fitted skins are put
on its mesh, which is where a build's pictures take the skin from too. A prompt that is refused keeps its place with the
reason. ``--keep`` keeps bodies and pictures: a ring whose spec and relief are as before is not drawn again. It knows
nothing of changes to kernel, template or renderer; empty the folder after those.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from ruamel.yaml import YAML

from ringcad import sheets
from ringcad.core.errors import InputError, Refused, RingcadError
from ringcad.core.findings import Severity
from ringcad.fit import display
from ringcad.fit.display import wall_grid
from ringcad.generation import Relief
from ringcad.registry import load_generator, load_template
from ringcad.relief.store import content_hash, quantise
from ringcad.reliefs import make_request
from ringcad.render import sheet
from ringcad.render.pictures import render_views
from ringcad.render.scene import RenderScene
from ringcad.resolve import resolve
from ringcad.resolved import ResolvedRing
from ringcad.scene import make_scene
from ringcad.spec import Spec
from ringcad.template import RingPlan
from ringcad.worker import BuiltMesh

HERE = Path(__file__).parent
PICTURES = HERE.parent / "docs" / "pictures"
START, END = "<!-- written by benchmarks/sheets.py -->", "<!-- end of written part -->"
COLUMNS, TILE_PX = 4, 420
QUALITY = 62
"""Of the JPEG files: both sheets together stay below 2.5 MB."""
RING_COLUMNS, RING_PX = 3, 180
"""Rings in a row; height of a ring's two pictures on the sheet (the macro is twice as wide as high)."""
MACRO_PX, HERO_PX = 880, 480
"""Widths that the rings' pictures are drawn at."""
SPECS = ("classic_basket", "cathedral", "six_prong")
NARROW_MM, MIDDLE_MM, WIDE_MM = (3.7, 3.0), 4.8, (5.4, 7.0)
"""Prompts for zones narrower than the first are shown on ``slim`` with a zone of the second, those for wider ones on
the other specs with one of the second, all others on those with one of the middle width."""
WIDEST_MM = (7.6, 9.0)
"""Prompts for zones wider than the first are shown on a band as wide as they ask, up to a zone of the second."""
METAL = "18k_yellow_gold"
TAPER, WIDEST_TAPER = 0.6, 0.8
"""Least width of the shank at the bottom as a share of that at the top, for bands wider than the ready specs', and for
the widest, whose pictures have the finest lines for their size: strokes grow by as much as the band narrows."""


LIST = HERE / "prompts" / "sheet.yaml"
"""``sheet_development.yaml`` beside it is the list that was looked at while families and reading were mended."""


def listed() -> tuple[list[dict[str, Any]], int]:
    """The prompts with their widths, and the seed."""
    data = YAML(typ="safe").load(LIST.read_text("utf-8"))
    return list(data["prompts"]), int(data["seed"])


def write_table(rows: list[tuple[int, dict[str, Any]]], drawn: list[sheets.Drawn], page: Path) -> None:
    """Renew the part between the marks of a page."""
    lines = ["| | prompt | mm | understood | not understood |", "|---|---|---|---|---|"]
    for (number, row), item in zip(rows, drawn, strict=True):
        said, lost = item.refusal or "", ""
        if item.relief is not None:
            said = ", ".join(text for text in item.relief.understood if not text.startswith("theme:"))
            lost = ", ".join(item.relief.not_understood)
        lines.append(f"| {number} | {row['prompt']} | {row['width_mm']:g} | {said} | {lost} |")
    before, rest = page.read_text("utf-8").split(START)
    after = rest.split(END)[1]
    page.write_text(f"{before}{START}\n\n" + "\n".join(lines) + f"\n\n{END}{after}", "utf-8")


def numbered(only: str | None) -> list[tuple[int, dict[str, Any]]]:
    rows, _ = listed()
    wanted = None if only is None else {int(text) for text in only.split(",")}
    return [(k, row) for k, row in enumerate(rows, 1) if wanted is None or k in wanted]


def reliefs(out: Path, only: str | None, markdown: Path | None) -> None:
    _, seed = listed()
    generator = load_generator("ornament")
    rows = numbered(only)
    drawn, seconds = [], []
    for _, row in rows:
        request = sheets.request_for(row["prompt"], seed, width_mm=float(row["width_mm"]))
        began = time.process_time()
        try:
            drawn += sheets.draw_all(generator, [request])
        except InputError as error:
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
    if markdown is not None:
        write_table(rows, drawn, markdown)
    heading = [f"Sixty prompts, seed {seed}, unpicked", f"{sheets.LENGTH_MM:g} mm long, widths as said"]
    sheet.write_page(sheet.page(tiles, COLUMNS, heading), out, QUALITY)
    print(
        f"{out}: {out.stat().st_size / 1e6:.2f} MB; median {sorted(seconds)[len(seconds) // 2]:.2f} s of processor time"
    )


def body_of(number: int, width_mm: float) -> tuple[str, float]:
    """Ready spec that a prompt is shown on, and the width of its decorated zone in mm."""
    if width_mm < NARROW_MM[0]:
        return "slim", NARROW_MM[1]
    name = SPECS[(number - 1) % len(SPECS)]
    if width_mm > WIDEST_MM[0]:
        return name, min(width_mm, WIDEST_MM[1])
    return name, WIDE_MM[1] if width_mm > WIDE_MM[0] else MIDDLE_MM


def ring_spec(name: str, width_mm: float, prompt: str, seed: int) -> dict[str, Any]:
    """A ready spec with another prompt and metal, and with a band that gives a shoulder zone of this width."""
    template = load_template("solitaire")
    data: dict[str, Any] = YAML(typ="safe").load(template.specs()[name])
    data["metal"] = METAL
    data["decoration"][0].update(prompt=prompt, seed=seed, border="milgrain")
    own = float(data["shank"]["width_mm"]["bottom"])
    top = width_mm + 1.0
    for _ in range(6):  # the zone is what edges and profile leave of the band
        taper = WIDEST_TAPER if width_mm > WIDE_MM[1] else TAPER
        data["shank"]["width_mm"] = {"top": round(top, 2), "bottom": round(min(max(own, taper * top), top), 2)}
        zone = next(iter(template.zones(resolve(Spec.model_validate(data))).values()))
        if abs(width_mm - zone.width_mm) < 0.01:
            break
        top += width_mm - zone.width_mm
    return data


def dressed(mesh: BuiltMesh, bare: RingPlan, plan: RingPlan) -> BuiltMesh:
    """The mesh of a bare ring with the tiles of its skin that a decoration changes taken from the decorated skin.

    Heads, rails and seats touch other tiles only, so that nothing else of the ring depends on the decoration. Raises
    ``ValueError`` for a decoration that reaches a tile which another body trims.
    """
    old, new = (wall_grid(plans.skin, plans.nets.outer_knots) for plans in (bare, plan))
    rows, columns = new[0].shape[:2]
    seams = np.asarray(plan.tile_stations) * (rows // len(plan.skin))
    changed = np.any(old[0] != new[0], axis=(1, 2))
    spans = [np.arange(first, last + 1) % rows for first, last in pairwise(seams)]
    touched = np.array([bool(changed[span].any()) for span in spans])
    mine = np.flatnonzero(np.array([label == "skin" for label in mesh.face_names])[mesh.face_index])
    corner = mesh.vertices[mesh.triangles[mine]]
    area = 0.5 * np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    tile_of = display._tile_of_faces(old[0], seams, mesh.face_index[mine], area, corner)
    keep = np.ones(len(mesh.triangles), dtype=bool)
    keep[mine[touched[tile_of]]] = False
    vertices, triangles = [mesh.vertices], [mesh.triangles[keep].astype(np.int64)]
    normals, faces = [mesh.corner_normals[keep]], [mesh.face_index[keep].astype(np.int64)]
    count, labels = len(mesh.vertices), list(mesh.face_names)
    for k in np.flatnonzero(touched):
        here, turned = new[0][spans[k]], new[1][spans[k]]
        grid = np.arange(here.shape[0] * columns).reshape(-1, columns)
        a, b, c, d = grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
        cells = np.concatenate(
            [np.stack([a, b, c], axis=-1).reshape(-1, 3), np.stack([a, c, d], axis=-1).reshape(-1, 3)]
        )
        bare_tile = old[0][spans[k]].reshape(-1, 3)[cells]
        whole = 0.5 * np.linalg.norm(
            np.cross(bare_tile[:, 1] - bare_tile[:, 0], bare_tile[:, 2] - bare_tile[:, 0]), axis=1
        )
        if abs(area[tile_of == k].sum() / whole.sum() - 1.0) > display._TRIMMED_SHARE:
            raise ValueError(f"the decoration reaches tile {k}, which another body trims")
        faced = np.cross(here[1, 0] - here[0, 0], here[1, 1] - here[0, 0]) @ turned[0, 0]
        cells = cells if faced > 0.0 else cells[:, ::-1]
        vertices.append(here.reshape(-1, 3))
        triangles.append(cells + count)
        normals.append(turned.reshape(-1, 3)[cells].astype(np.float32))
        faces.append(np.full(len(cells), len(labels)))
        count += here.shape[0] * columns
        labels.append("skin")
    order = np.concatenate(triangles).astype(np.int32), np.concatenate(faces).astype(np.int32)
    return BuiltMesh(np.concatenate(vertices), order[0], np.concatenate(normals), order[1], tuple(labels), (), {})


class Workshop:
    """Rings for pictures: each body is built once by the kernel, bare, and dressed with every decoration's skin."""

    def __init__(self, keep: Path) -> None:
        self.template = load_template("solitaire")
        self._keep = keep

    def picture(self, number: int, row: dict[str, Any], seed: int) -> NDArray[np.uint8]:
        """Shoulder macro and hero side by side. Raises ``RingcadError`` with the reason when the ring is refused."""
        data = ring_spec(*body_of(number, row["width_mm"]), row["prompt"], seed)
        resolved = resolve(Spec.model_validate(data))
        reliefs = self.reliefs(resolved)
        hashes = [content_hash(relief) for relief in reliefs.values()]
        key = hashlib.sha256(json.dumps([data, hashes], sort_keys=True).encode()).hexdigest()[:24]
        path = self._keep / f"{number:02d}-{key}.png"
        if not path.exists():
            plan = self.template.plan(resolved, reliefs)
            mesh, bare = self.bare(resolved)
            self._draw(make_scene(resolved, self.template, dressed(mesh, bare, plan), plan), path)
        return np.asarray(Image.open(path))

    def reliefs(self, resolved: ResolvedRing) -> dict[str, Relief]:
        """The relief of each decoration, by its id."""
        sizes = self.template.zones(resolved)
        found: dict[str, Relief] = {}
        for zone in resolved.decoration:  # mirrored shoulders ask the same; the plan knows twins by identity
            request = make_request(zone, sizes[zone.id], resolved, Path())
            twin = next((item for item in found.values() if item.length_mm == request.length_mm), None)
            found[zone.id] = twin or quantise(load_generator(zone.generator).generate(request))
        return found

    def bare(self, resolved: ResolvedRing) -> tuple[BuiltMesh, RingPlan]:
        """The ring as the kernel builds it with the plainest of decorations, and its plan."""
        zones = self.template.zones(resolved)
        flat = {}
        for name, zone in zones.items():
            shape = (round(24 * zone.width_mm), round(24 * zone.length_mm))
            height = np.zeros(shape, np.float32)  # a blank decoration is refused: one plain bar
            height[shape[0] // 3 : -(shape[0] // 3), shape[1] // 3 : -(shape[1] // 3)] = 1.0
            flat[name] = Relief(height, zone.length_mm, zone.width_mm)
        plan = self.template.plan(resolved, flat)
        numbers = json.dumps([resolved.shank.model_dump(), self.template.core_numbers(resolved)], sort_keys=True)
        path = self._keep / f"body-{hashlib.sha256(numbers.encode()).hexdigest()[:24]}"
        if not path.exists():
            built = self.template.build(plan, self.template.core(resolved, lambda stage: None), lambda stage: None)
            wrong = [finding for finding in built.findings if finding.severity is Severity.ERROR]
            if wrong:
                raise Refused(wrong)
            names = ("vertices", "triangles", "corner_normals", "face_index")
            parts = [np.asarray(getattr(built.mesh, name)) for name in names]
            path.write_bytes(pickle.dumps(BuiltMesh(*parts, tuple(built.mesh.face_names), (), {})))
        mesh: BuiltMesh = pickle.loads(path.read_bytes())  # written above
        return mesh, plan

    def _draw(self, scene: RenderScene, path: Path) -> None:
        views = []
        with tempfile.TemporaryDirectory() as folder:
            for name, wide, size_px in (("shoulder", 2, MACRO_PX), ("hero", 1, HERO_PX)):
                (picture,) = render_views(scene, Path(folder), size_px=size_px, quality="draft", names=(name,))
                image = Image.open(picture.path).convert("RGB")
                views.append(np.asarray(image.resize((wide * RING_PX, RING_PX), Image.Resampling.LANCZOS)))
        Image.fromarray(np.concatenate(views, axis=1)).save(path)


def rings(out: Path, only: str | None, keep: Path) -> None:
    _, seed = listed()
    tiles = []
    workshop = Workshop(keep)
    for number, row in numbered(only):
        name, width_mm = body_of(number, row["width_mm"])
        title = f"{number}. {row['prompt']}"
        where = f"{name.replace('_', ' ')}, zone {width_mm:g} mm wide"
        began = time.process_time()
        try:
            tiles.append(sheet.Tile(title, (where,), workshop.picture(number, row, seed)))
        except RingcadError as error:
            tiles.append(sheet.Tile(title, (where, str(error))))
        print(f"{title[:70]:70s} {time.process_time() - began:5.1f} s  {'; '.join(tiles[-1].notes)[:120]}", flush=True)
    heading = [
        f"{'Sixty' if only is None else len(tiles)} prompts on rings, seed {seed}, unpicked",
        "right shoulder and whole ring",
    ]
    sheet.write_page(sheet.page(tiles, RING_COLUMNS, heading), out, QUALITY)
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("reliefs", "rings"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", help="numbers of the list, for a look at a few: 3,17")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="folder for the rings and their pictures")
    parser.add_argument("--markdown", type=Path, help="page whose table of what was understood is renewed")
    options = parser.parse_args()
    out = options.out or PICTURES / f"sheet-{options.what}.jpg"
    if options.what == "reliefs":
        reliefs(out, options.only, options.markdown)
    elif options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
        rings(out, options.only, options.keep)
    else:
        with tempfile.TemporaryDirectory() as folder:
            rings(out, options.only, Path(folder))


if __name__ == "__main__":
    main()
