"""The ends of every range, each built all the way: melee, the largest centers, US 1 and 16, shanks of 1.8 and 14 mm.

    python benchmarks/extremes.py --folder FOLDER [--jobs 2]          # goes on where it stopped
    python benchmarks/extremes.py --folder FOLDER --table

As in the matrix, every number that is not at an end is a default, and a ring must be delivered through the gate or
be refused for a stated rule; each refusal is printed with its words. Ends with 1 when a ring came to neither.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from matrix import build_left, rows

LEAST_MELEE_MM, MOST_CENTER_MM = 0.8, 15.0
#: Width of a long cut as a share of its length: 15 mm are its length.
ACROSS = {"oval": 0.75, "emerald": 0.72, "pear": 0.65, "marquise": 0.5}
RING_SIZES = ("US 1", "US 16")
WIDTHS_MM = (1.8, 14.0)
PROMPT = "laurel leaves, milgrain edges"
Row = dict[str, Any]


def rings() -> dict[str, Row]:
    """Every ring at an end of a range as a spec, by its name."""
    found: dict[str, Row] = {}

    def ring(name: str, template: str, size: str = "US 7", **parts: Any) -> None:
        found[name] = {
            "ringcad": 1, "template": template, "ring_size": size, "metal": "18k_yellow_gold", **parts,
        }  # fmt: skip

    def stone(cut: str, size_mm: float) -> Row:
        across = f"x{ACROSS[cut] * size_mm:g}" if cut in ACROSS else ""
        return {"cut": cut, "size": f"{size_mm:g}{across} mm"}

    def row(setting: str, size_mm: float, **more: Any) -> list[Row]:
        return [{"setting": setting, "stone": stone("round", size_mm), "count": "fill"} | more]

    carved: list[Row] = [{"prompt": PROMPT}]
    for size in RING_SIZES:
        end = size.replace(" ", "_").lower()
        ring(f"band-{end}", "band", size, decoration=carved)
        ring(f"solitaire-{end}", "solitaire", size, stone=stone("round", 6.5), decoration=carved)
        ring(f"bezel-{end}", "bezel_solitaire", size, stone=stone("round", 6.0), decoration=carved)
        ring(f"halo-{end}", "halo", size, stone=stone("round", 6.0), decoration=carved)
        ring(f"three_stone-{end}", "three_stone", size, stone=stone("round", 5.0), decoration=carved)
        ring(f"pave-{end}", "pave_solitaire", size, stone=stone("round", 6.0), accents=row("bead", 1.3))
        ring(f"channel-{end}", "eternity", size, accents=row("channel", 2.0, on=["all_round"]))
        ring(f"shared_prong-{end}", "eternity", size, accents=row("shared_prong", 2.0, on=["all_round"]))
    for width in WIDTHS_MM:
        shank = {"width_mm": width}
        ring(f"band-{width:g}mm", "band", shank=shank, decoration=carved)
        ring(f"solitaire-{width:g}mm", "solitaire", shank=shank, stone=stone("round", 6.5), decoration=carved)
        ring(f"bezel-{width:g}mm", "bezel_solitaire", shank=shank, stone=stone("round", 6.0), decoration=carved)
        ring(f"halo-{width:g}mm", "halo", shank=shank, stone=stone("round", 6.5), decoration=carved)
        ring(f"three_stone-{width:g}mm", "three_stone", shank=shank, stone=stone("round", 6.0), decoration=carved)
    least = LEAST_MELEE_MM
    ring("flush-0.8mm", "band", accents=row("flush", least, count=9), shank={"width_mm": 4.0})
    ring("bead-0.8mm", "pave_solitaire", stone=stone("round", 6.0), accents=row("bead", least))
    ring("halo-0.8mm", "halo", stone=stone("round", 6.0), halo={"stone": {"size": f"{least:g} mm"}})
    ring("channel-0.8mm", "eternity", accents=row("channel", least, on=["all_round"]))
    ring("shared_prong-0.8mm", "eternity", accents=row("shared_prong", least, on=["all_round"]))
    most = MOST_CENTER_MM
    for cut in ("round", "oval", "princess", "emerald", "pear", "marquise", "heart", "trillion"):
        ring(f"solitaire-{cut}-15mm", "solitaire", stone=stone(cut, most), decoration=carved)
    for cut in ("round", "cushion", "cabochon"):
        ring(f"bezel-{cut}-15mm", "bezel_solitaire", stone=stone(cut, most), decoration=carved)
    ring("halo-15mm", "halo", stone=stone("round", most), decoration=carved)
    ring("three_stone-15mm", "three_stone", stone=stone("round", most), decoration=carved)
    ring("pave-15mm", "pave_solitaire", stone=stone("round", most), accents=row("bead", 1.3))
    return found


def table(found: dict[str, Row]) -> str:
    """What became of each ring, and the reason of every refusal, as markdown."""
    words = {0: "delivered", 1: "refused at the gate", 2: "told before building"}
    lines = ["| ring | what became of it |", "|---|---|"]
    for name, row in found.items():
        outcome = words.get(row["code"], "**fault**")
        lines.append(f"| {name} | {outcome}{': ' if row['reasons'] else ''}{'; '.join(row['reasons'])[:260]} |")
    good = sum(row["code"] == 0 for row in found.values())
    told = sum(row["code"] == 2 for row in found.values())
    faults = sum(row["code"] not in (0, 1, 2) for row in found.values())
    refused = len(found) - good - told - faults
    summary = f"{len(found)} rings: {good} delivered, {told} told before building, {refused} refused at the gate"
    return "\n".join([*lines, "", f"{summary}, {faults} faults."])


def main(arguments: list[str] | None = None) -> int:
    """Build what is left, print the table; 1 where a ring was neither delivered nor refused by a rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="", help="only rings whose name holds this")
    parser.add_argument("--table", action="store_true")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    file = chosen.folder / "rows.jsonl"
    wanted = {name: spec for name, spec in rings().items() if chosen.only in name}
    known = rows(file) if chosen.table else build_left(wanted, file, chosen.jobs)
    shown = {name: known[name] for name in wanted if name in known}
    print(table(shown))
    return int(any(row["code"] not in (0, 1, 2) for row in shown.values()))


if __name__ == "__main__":
    sys.exit(main())
