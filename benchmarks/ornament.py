"""What issue-sized claims about the ornament generator come to, measured on heights.

    python benchmarks/ornament.py [PART ...] [--markdown docs/ornament-measures.md] [--pictures FOLDER]

Parts: obedience, mixtures, diversity, seam, castable, narrow, cleanness, speed (default: all). Prints the tables;
``--markdown`` renews each part between its marks in a page. ``--pictures`` is a folder with
``diffusion-13-families.png``, ``diffusion-3-families.png`` and ``families-procedural.png``.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ornament_castable import NARROW_MM, WIDTHS_MM, Zone, cast, casts
from ornament_clean import own_tables, picture_tables
from ornament_diversity import PROMPTS, spread
from ornament_obedience import cases, drawn
from ornament_prompts import WISHES, WORDING
from ornament_seam import crossings, seam, whole_repeats
from ornament_speed import LIMIT_S, Spent, all_families, load, variations
from ornament_tables import Lines, castable_tables, narrow_table, obedience_table, share, table

from ringcad.core.errors import InputError
from ringcad.generators.ornament.measure import Heights, inner
from ringcad.generators.ornament.registry import FAMILIES

STRANDS: dict[str, str] = {
    "plait": "plait",
    "celtic_knot": "celtic knot",
    "chain": "chain links",
}
"""Families whose strands cross with open meshes between them."""


def obedience(options: argparse.Namespace) -> Lines:
    wishes = [wish for wish in WISHES if not options.only or wish.attribute in options.only]
    sample = sampled(options.families)
    lines = obedience_table(list(cases(range(1, options.seeds + 1), options.widths, wishes, sample)))
    widths = ", ".join(f"{width:g}" for width in options.widths)
    told = f"{len(sample)} of {len(WORDING)} families taken by lot ({', '.join(sample)})"
    return [f"{told}, {options.seeds} seed(s), {widths} mm wide.", "", *lines]


def sampled(number: int) -> list[str]:
    """That many families, always the same ones."""
    families = list(WORDING)
    random.Random(4).shuffle(families)
    return families[:number]


def castable(options: argparse.Namespace) -> Lines:
    del options
    zones: tuple[tuple[Zone, tuple[float, ...]], ...] = (
        ("open", WIDTHS_MM),
        ("closed", (2.0, 4.0)),
        ("square", (4.0, 8.0)),
    )
    return castable_tables(list(casts(zones)))


def narrow(options: argparse.Namespace) -> Lines:
    del options
    found = [
        (border, cast(family, "open", width, border=border))
        for border in ("none", "plain")
        for width in NARROW_MM
        for family in sorted(FAMILIES)
    ]
    return narrow_table(found)


def _reliefs(width_mm: float, length_mm: float, seed: int = 1) -> list[tuple[str, Heights]]:
    found: list[tuple[str, Heights]] = []
    for family, text in WORDING.items():
        try:
            found.append((family, drawn(text, text, seed, width_mm, length_mm)[0]))
        except InputError:
            continue
    return found


def seams(options: argparse.Namespace) -> Lines:
    del options
    reliefs = _reliefs(5.5, 28.0)
    jumps = {name: seam(field) for name, field in reliefs}
    values, slopes = [j.value for j in jumps.values()], [j.slope for j in jumps.values()]
    exact = {name: whole_repeats(field) for name, field in reliefs}
    rough = [name for name, jump in jumps.items() if max(jump.value, jump.slope) > 1.2]
    strands: list[tuple[object, ...]] = []
    for name, text in STRANDS.items():
        seen = [crossings(inner(drawn(text, text, seed, 5.5)[0]), 0.3) for seed in (1, 2, 3, 4)]
        strands.append((name, *(sum(getattr(s, key) for s in seen) for key in ("crossings", "pairs", "alternating"))))
    whole = [value > 0.9 for value in exact.values()]
    return [
        f"{len(reliefs)} families, closed bands of 28 x 5.5 mm. Jump across the seam over the 99th percentile "
        f"of the jumps between all other columns: height, median {np.median(values):.2f}, worst {max(values):.2f}; "
        f"slope, median {np.median(slopes):.2f}, worst {max(slopes):.2f}. Above 1.2: {', '.join(rough) or 'none'}.",
        "",
        f"Whole repeats: {share(whole)} of the families repeat exactly (over 0.9 of their spectrum in the multiples "
        f"of one number); the others are irregular by nature: "
        f"{', '.join(name for name, value in exact.items() if value <= 0.9) or 'none'}.",
        "",
        *table(("strands", "crossings", "neighbours along a strand", "of these over and under in turn"), strands),
    ]


def mixtures(options: argparse.Namespace) -> Lines:
    from ornament_mixtures import report

    return report(options.seeds, options.examples)


def diversity(options: argparse.Namespace) -> Lines:
    del options
    found = [spread(prompt) for prompt in PROMPTS]
    rows = [
        (f.prompt, f.designs, f.same_pairs, f.distinct, f"{f.median:.2f}", f"{f.highest:.2f}", f"{f.nearest:.2f}",
         f"{f.among:.2f}")
        for f in found
    ]  # fmt: skip
    head = (
        "prompt", "seeds", "pairs over 0.95", "distinct designs", "median correlation", "highest",
        "nearest reference program", "references among themselves",
    )  # fmt: skip
    return table(head, rows)


def cleanness(options: argparse.Namespace) -> Lines:
    lines = own_tables(_reliefs(5.5, 14.0))
    return [*lines, "", *picture_tables(options.pictures)] if options.pictures else lines


def speed(options: argparse.Namespace) -> Lines:
    del options
    found = all_families()
    drawn_ones = [spent for spent in found if np.isfinite(spent.cpu)]
    slow = sorted(drawn_ones, key=lambda spent: -spent.cpu)[:6]
    thirty, start = variations(), load()

    def row(name: str, spent: Spent, limit: float) -> tuple[object, ...]:
        return (name, f"{spent.cpu:.2f}", f"{spent.wall:.2f}", f"{limit:g}")

    median = Spent("", *(float(np.median([getattr(s, key) for s in drawn_ones])) for key in ("cpu", "wall")))
    rows = [row(f"prompt to 1080 x 128, median of {len(drawn_ones)} families", median, LIMIT_S)]
    rows += [row(f"slowest: {spent.name}", spent, LIMIT_S) for spent in slow]
    rows += [row("30 variations of a mixture", thirty, 20.0), row("loading the generator, first prompt", start, 2.5)]
    over = sum(spent.cpu > LIMIT_S for spent in drawn_ones)
    return [*table(("", "CPU s", "wall s", "limit s"), rows), "", f"Families over the limit: {over}."]


PARTS: dict[str, Callable[[argparse.Namespace], Lines]] = {
    "obedience": obedience,
    "mixtures": mixtures,
    "diversity": diversity,
    "seam": seams,
    "castable": castable,
    "narrow": narrow,
    "cleanness": cleanness,
    "speed": speed,
}


def renew(page: Path, part: str, lines: Lines) -> None:
    """Put lines between a part's marks."""
    start, end = f"<!-- measured: {part} -->", f"<!-- end: {part} -->"
    text = page.read_text("utf-8")
    body = "\n".join([start, "", *lines, "", end])
    page.write_text(re.sub(re.escape(start) + ".*?" + re.escape(end), lambda _: body, text, flags=re.S), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS))
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--examples", type=Path, help="folder that keeps what the judges of mixtures learn from")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--widths", type=float, nargs="+", default=[5.5])
    parser.add_argument("--families", type=int, default=len(WORDING), help="families of the obedience part, by lot")
    parser.add_argument("--only", nargs="+", help="attributes of the obedience part")
    options = parser.parse_args()
    for part in options.parts:
        lines = PARTS[part](options)
        print("\n".join([f"## {part}", "", *lines, ""]), flush=True)
        if options.markdown:
            renew(options.markdown, part, lines)


if __name__ == "__main__":
    main()
