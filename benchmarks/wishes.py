"""How well long wishes are understood: the theme, what must stand beside it, and what nobody asked for.

    python benchmarks/wishes.py [--held] [--quiet] [--weights scheme_model.safetensors]

``prompts/wishes.yaml`` holds sentences with asides, several wishes and moods. Every other row was looked at while the
reader was mended; ``--held`` measures the rest and prints no row of it. *Spurious*: a family or silhouette that no
word asked for, counted over all places.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from ringcad.core.errors import InputError
from ringcad.generators.ornament.text import BORDERS, Scheme, understand
from ringcad.generators.ornament.wordpiece import singular

LIST = Path(__file__).parent / "prompts" / "wishes.yaml"
ALIKE = frozenset({"milgrain", "bead_row"})


@dataclass(frozen=True)
class Verdict:
    """What was drawn for one row, and whether it is right."""

    main: bool
    needed: bool
    spurious: tuple[str, ...]
    told: str


def named(motif: str | None, nouns: list[str]) -> bool:
    """Whether a silhouette's name says one of the nouns."""
    return bool({singular(part) for part in (motif or "").split("-")} & {singular(noun) for noun in nouns})


def judge(row: dict[str, Any], scheme: Scheme) -> Verdict:
    """Main theme, needed second themes, and what stands there without having been asked for."""
    nouns: list[str] = row.get("motif", [])
    drawn = [(scheme.companion, scheme.companion_motif), (scheme.ground, None)]
    if scheme.edges not in (*BORDERS, None) or scheme.edges in ("milgrain", "rope"):
        drawn.append((scheme.edges, None))
    main = scheme.main in row["main"] and (scheme.main != "motif" or named(scheme.motif, nouns))
    need = set(row.get("need", ()))
    there = {family for family, _ in drawn if family}
    needed = not need or bool((there | {scheme.main} if need & set(row["main"]) else there) & need)
    wanted = need | set(row.get("also", ()))
    wanted |= ALIKE if wanted & ALIKE else set()
    spurious = tuple(
        family + (f" {motif}" if motif else "")
        for family, motif in drawn
        if family and (family not in wanted or (motif is not None and nouns and not named(motif, nouns)))
    )
    told = ", ".join(filter(None, [scheme.main, scheme.motif, *(f"+{f} {m or ''}".strip() for f, m in drawn if f)]))
    return Verdict(main, needed, spurious, told)


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(LIST.read_text("utf-8"))["prompts"]
    return found


def measure(some: list[dict[str, Any]], show: bool) -> str:
    main: list[bool] = []
    needed: list[bool] = []
    spurious: list[int] = []
    refused: list[bool] = []
    lost: list[bool] = []
    for row in some:
        try:
            scheme = understand(row["prompt"], 1).scheme
        except InputError:
            scheme = None
        if row.get("hopeless"):
            refused.append(scheme is None)
            if scheme is not None and show:
                print(f"  '{row['prompt']}': should be refused, drawn as {scheme.main} {scheme.motif or ''}")
            continue
        lost.append(scheme is None)
        verdict = judge(row, scheme) if scheme else Verdict(False, False, (), "refused")
        main.append(verdict.main)
        if "need" in row:
            needed.append(verdict.needed and verdict.main)
        spurious.append(len(verdict.spurious))
        if show and not (verdict.main and verdict.needed and not verdict.spurious):
            print(f"  '{row['prompt']}': {verdict.told}" + (f"; spurious {verdict.spurious}" * bool(verdict.spurious)))
    return (
        f"{len(some)} wishes: theme {np.mean(main):.2f}, both themes {np.mean(needed):.2f}, "
        f"spurious themes a prompt {np.mean(spurious):.2f} (in {np.mean(np.array(spurious) > 0):.2f} of prompts), "
        f"hopeless refused {np.mean(refused):.2f}, others refused {np.mean(lost):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--quiet", action="store_true")
    arguments = parser.parse_args()
    print(measure(rows()[1::2] if arguments.held else rows()[::2], not (arguments.held or arguments.quiet)))


if __name__ == "__main__":
    main()
