"""How much of a drawing each field changes, measured on heights: by this, proposals are told apart.

Run: ``python -m ringcad.generators.ornament.train_dealing`` (some minutes of one core). For every family, pairs of its
proposals are taken; one field of the first is given the value of the second, both are drawn, and what is lost of the
correlation is the field's share. Writes ``dealing.json`` beside this module.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import make_frame
from ringcad.generators.ornament.dealing import PLACING, differences, leading
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.raster import Array
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.resampling import FREE, SCATTERED
from ringcad.generators.ornament.sampler_fields import schema_shapes
from ringcad.generators.ornament.sampler_measure import draw_alone
from ringcad.generators.ornament.scene import UNDRAWABLE
from ringcad.generators.ornament.schema import LayerBase

LENGTH_MM, WIDTH_MM, PIXELS = 18.0, 5.5, 6.0
PROPOSALS, PAIRS = 90, 12
TRIED = 40
"""Pairs looked at for each that is measured, at most: few differ in what only one form draws."""
LEAST_OF_DESIGN = 6
"""Proposals of a design from which its fields are weighed by themselves."""
FORMED = 0.8
"""Share of proposals with a form of their own."""
EDGE = 4
"""Rows left out on either side, pixels: two of padding and where fields run out."""
SCALE = 6.0
"""Distance for each part of the correlation that is lost: 0.3 for a twentieth, from which reliefs count as two."""
ALIKE_LOSS = 0.05
"""Loss at which two designs are taken for two."""
USUAL = 0.3
"""Share of the pairs that may differ less than their field is said to tell: it is to tell two designs as a rule."""
MOST = 1.6
FILE = Path(__file__).parent / "dealing.json"


def drawing(layer: LayerBase, room: Room) -> Array:
    """Heights of a layer on a coarse grid, without their mean, of length 1."""
    field = draw_alone(layer, room, PIXELS)[0]
    # Without the outline of the room, which all share.
    field = field[EDGE:-EDGE]
    small = ndimage.zoom(field, (24 / field.shape[0], 80 / field.shape[1]), order=1)
    small = small - small.mean()
    return np.asarray(small / (np.linalg.norm(small) + 1e-12))


def lost(one: Array, other: Array) -> float:
    """1 less the best correlation over the four flips."""
    flips = (other, other[::-1], other[:, ::-1], other[::-1, ::-1])
    return 1.0 - max(float((one * flip).sum()) for flip in flips)


def measured(family: str, room: Room, dice: np.random.Generator) -> dict[str, dict[str, list[float]]]:
    """By design (empty: all together) and field: distance for each unit of its difference, and the most."""
    found: list[LayerBase] = []
    forms = next((s.options for s in schema_shapes(FAMILIES[family].layer) if s.name == "form"), ())
    for _ in range(PROPOSALS):
        # As proposals are made: forms that only words choose among them.
        form = str(forms[int(dice.integers(len(forms)))]) if forms and dice.random() < FORMED else None
        wish = Attributes(**{name: float(dice.uniform(*span)) for name, span in FREE.items()}, form=form)
        layer = FAMILIES[family].propose(room, wish, dice)
        if layer is not None:
            found.append(layer)
    designs: dict[str, list[LayerBase]] = {"": found}
    for layer in found:
        if leading(layer):
            designs.setdefault(leading(layer), []).append(layer)
    return {
        design: weighed(own, room, dice) for design, own in designs.items() if not design or len(own) >= LEAST_OF_DESIGN
    }


def weighed(found: list[LayerBase], room: Room, dice: np.random.Generator) -> dict[str, list[float]]:
    """By field: distance for each unit of its difference among some layers, and the most."""
    table: dict[str, list[float]] = {}
    for name in type(found[0]).model_fields if found else ():
        if name in PLACING or isinstance(getattr(found[0], name), tuple):
            continue
        losses: list[float] = []
        steps: list[float] = []
        for _ in range(TRIED * PAIRS):
            one, other = (found[int(k)] for k in dice.integers(len(found), size=2))
            step = differences(name, getattr(one, name), getattr(other, name))
            if step == 0.0 or len(losses) >= PAIRS:
                continue
            # What only some forms draw is measured on those.
            if name != "form" and getattr(one, "form", None) != getattr(other, "form", None):
                continue
            try:
                changed = type(one)(**{**one.model_dump(), name: getattr(other, name)})
                losses.append(lost(drawing(one, room), drawing(changed, room)))
                steps.append(step)
            except UNDRAWABLE:
                continue
        if losses:
            most = SCALE * max(float(np.quantile(losses, USUAL)), 0.0)
            # What is lost grows with the square of a small step: by which step two designs are taken for two.
            enough = np.array(steps) * np.sqrt(ALIKE_LOSS / np.maximum(losses, 1e-6))
            weight = SCALE * ALIKE_LOSS / float(np.quantile(enough, 1.0 - USUAL))
            table[name] = [round(min(weight, 20.0), 3), round(min(1.5 * most, MOST), 3)]
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", help="only these; the others stay as they are")
    chosen = parser.parse_args().families or sorted(set(FAMILIES) - SCATTERED)
    request = GeneratorRequest("", 1, LENGTH_MM, WIDTH_MM, 0.35, 0.35, 0.25, "plain", False)
    table: dict[str, Any] = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    for family in chosen:
        room = make_room(make_frame(request, "plain", "square", "square"))
        found = measured(family, room, np.random.default_rng(7))
        table = {key: value for key, value in table.items() if key.split()[0] != family}
        table |= {f"{family} {design}".strip(): own for design, own in found.items()}
        print(family, found, flush=True)
        lines = [f"{json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)]
        FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
