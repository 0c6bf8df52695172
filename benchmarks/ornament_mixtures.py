"""Whether both themes of a mixture stand where the prompt asked, told from heights by judges of known accuracy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from ornament_judge import (
    PIXELS,
    SEEN,
    Accuracy,
    Judge,
    Layout,
    accuracy,
    described,
    features,
    learned,
    siblings,
    trained,
)
from ornament_prompts import MIXTURES, WORDING, Mixture
from ornament_tables import Lines, share, table
from scipy import ndimage

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import generator
from ringcad.generators.ornament.measure import Heights, find_border, inner

GROUNDS = ("hammered", "stipple", "honeycomb", "bark")
LENGTH_MM, WIDTH_MM = 26.0, 6.5
TRAINED_ON, HELD_OUT = ("daisies", "scrolls", "oak leaves", "ivy", "stars"), ("feathers", "clouds")
"""Figures on the grounds that the judge of grounds learns from, and others that it is measured on."""
STRANGERS = 7
"""The control holds each drawing against the themes of the prompt so many places further on."""


def drawn(prompt: str, seed: int, width_mm: float = WIDTH_MM) -> Heights:
    """A closed band as the generator draws it, under the usual border. Raises ``InputError`` where it is refused."""
    request = GeneratorRequest(
        prompt, seed, LENGTH_MM, width_mm, 0.35, 0.35, 0.25, both_ends_designed=False, pixels_per_mm=PIXELS
    )
    relief = generator.generate(request)
    return Heights(np.asarray(relief.height, dtype=np.float64), LENGTH_MM, width_mm, True)


def strips(field: Heights) -> list[Heights]:
    """A relief cut at clear ground from end to end, from the upper edge to the lower."""
    covered = (field.values > 0.5).any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], covered, [False])).astype(int)))
    pairs = list(zip(edges[::2], edges[1::2], strict=True))
    return [field.rows_cut(max(0, a - 1), b + 1) for a, b in pairs if (b - a) * field.dv > 0.25]


def ground_part(field: Heights) -> Heights:
    """What lies low between the figures: metal and its feet are levelled to the ground's median."""
    inside = inner(field)
    far = ndimage.distance_transform_edt(~inside.metal, sampling=(inside.dv, inside.du)) > 0.3
    low = float(np.median(inside.values[far])) if far.any() else 0.0
    values = np.maximum(np.where(far, inside.values, low) / 0.45, 0.0)
    # All rows, however low what stands in them.
    values[[0, -1]] = 1.0
    return Heights(values, inside.length_mm, inside.width_mm, inside.periodic)


def _grounds(figures: Sequence[str], seeds: Sequence[int]) -> list[tuple[str, Heights]]:
    found: list[tuple[str, Heights]] = []
    for name in (*GROUNDS, "bare"):
        for figure in figures:
            for seed in seeds:
                text = figure if name == "bare" else f"{figure} on a {WORDING[name]} ground"
                found.append((name, ground_part(drawn(text, seed))))
    return found


def learned_grounds(seeds: Sequence[int]) -> Judge:
    """A judge of what lies behind figures; one class is bare ground."""
    return trained([(name, features(part)) for name, part in _grounds(TRAINED_ON, seeds)])


def ground_accuracy(judge: Judge, seeds: Sequence[int]) -> tuple[int, float]:
    """(reliefs, share of them of which most windows are named rightly) behind figures that it has not seen."""
    right = [_ground(judge, part) == name for name, part in _grounds(HELD_OUT, seeds)]
    return len(right), float(np.mean(right))


def _ground(judge: Judge, part: Heights) -> str:
    return judge.likeliest(features(part))


@dataclass(frozen=True)
class Seen:
    """What was found of a mixture, or of the themes of another one in its place."""

    main: bool
    other: bool
    note: str = ""

    @property
    def both(self) -> bool:
        return self.main and self.other


def seen_in(judge: Judge, layout: Layout, parts: Sequence[Heights], family: str) -> bool:
    """Whether a theme is the likeliest one in enough windows of some strips."""
    found = [some for part in parts if len(some := described(part, layout))]
    return bool(found) and judge.chance(np.concatenate(found), siblings(family, layout)) >= SEEN


def figures_alone(mixture: Mixture, first: bool, seed: int) -> Heights | None:
    """A band with only one of a mixture's themes; ``None`` where it is refused alone."""
    try:
        return drawn(WORDING[mixture.main if first else mixture.other], seed)
    except (InputError, KeyError):
        return None


def look(field: Heights, mixture: Mixture, judges: dict[Layout, Judge], grounds: Judge) -> Seen:
    """Look for both themes where they should stand."""
    inside = inner(field)
    if mixture.layout == "ground":
        lying = _ground(grounds, ground_part(field))
        return Seen(seen_in(judges["strip"], "strip", [inside], mixture.main), lying == mixture.other, f"on {lying}")
    if mixture.layout == "edges":
        if mixture.other in ("milgrain", "rope") and find_border(field).kind == mixture.other:
            return Seen(seen_in(judges["strip"], "strip", [inside], mixture.main), True)
        parts = strips(field)
        if len(parts) < 3:
            return Seen(seen_in(judges["strip"], "strip", [inside], mixture.main), False, f"{len(parts)} strips")
        beside = all(seen_in(judges["edge"], "edge", [part], mixture.other) for part in (parts[0], parts[-1]))
        return Seen(seen_in(judges["strip"], "strip", parts[1:-1], mixture.main), beside)
    if mixture.layout == "stacked":
        half = inside.values.shape[0] // 2
        upper, lower = inside.rows_cut(0, half), inside.rows_cut(half, inside.values.shape[0])
        return Seen(
            seen_in(judges["strip"], "strip", [upper], mixture.main),
            seen_in(judges["strip"], "strip", [lower], mixture.other),
        )
    return Seen(*(seen_in(judges["piece"], "piece", [inside], theme) for theme in (mixture.main, mixture.other)))


def drawings(mixtures: Sequence[Mixture], seeds: Sequence[int]) -> list[tuple[Mixture, Heights | str]]:
    """Each mixture with its heights, or with the words by which it was refused."""
    found: list[tuple[Mixture, Heights | str]] = []
    for mixture in mixtures:
        for seed in seeds:
            try:
                found.append((mixture, drawn(mixture.text, seed)))
            except InputError as error:
                found.append((mixture, str(error)))
    return found


def strangers(mixtures: Sequence[Mixture]) -> dict[str, Mixture]:
    """By text, a mixture of the same layout with the themes of another prompt, none of them its own."""
    out: dict[str, Mixture] = {}
    for k, own in enumerate(mixtures):
        mine: set[str] = set(siblings(own.main, "edge")) | set(siblings(own.other, "edge"))
        ring = [mixtures[(k + STRANGERS + j) % len(mixtures)] for j in range(len(mixtures))]
        other = next(m for m in ring if m.layout == own.layout and not {m.main, m.other} & mine)
        out[own.text] = other
    return out


NAMES: dict[Layout, str] = {
    "edge": "slim strips, 0.9 to 2.2 mm",
    "strip": "strips, 2 to 5.7 mm",
    "piece": "turns, 4.4 to 6.2 mm",
}
LEARNED_FROM: dict[Layout, range] = {"edge": range(1, 4), "strip": range(1, 4), "piece": range(1, 9)}
HELD_OUT_DICE: dict[Layout, range] = {"edge": range(101, 102), "strip": range(101, 102), "piece": range(101, 103)}
FIRST_SEED = 5


def judges_table(own: dict[Layout, Accuracy], grounds: tuple[int, float]) -> Lines:
    """What the judges do on held-out reliefs whose themes are known, and what they confuse."""
    on, behind = grounds
    head = (
        "held-out reliefs of one theme", "n", "family named", "theme named", "theme seen", "any one wrong theme seen",
        "two in one band: both seen", "any one third theme seen",
    )  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for layout, f in own.items():
        pairs = (f"{f.both:.2f}", f"{f.third:.3f}") if layout == "piece" else ("", "")
        rows.append((NAMES[layout], f.n, *(f"{x:.2f}" for x in (f.exact, f.named, f.seen)), f"{f.false:.3f}", *pairs))
    rows.append(("grounds behind other figures", on, f"{behind:.2f}", f"{behind:.2f}", f"{behind:.2f}", "", "", ""))
    lines = table(head, rows)
    for layout, figures in own.items():
        worst = ", ".join(f"{a} as {b}" + (f" ({n})" if n > 1 else "") for a, b, n in figures.confused[:12])
        lines += ["", f"Confused, {NAMES[layout]}: {worst or 'none'}."]
    return lines


def report(seeds: int, folder: Path | None) -> Lines:
    """The tables of the mixtures: the judges first, then what they see, and what they see that is not there."""
    judges = {layout: learned(layout, LEARNED_FROM[layout], folder) for layout in NAMES}
    own = {layout: accuracy(judges[layout], layout, HELD_OUT_DICE[layout], folder) for layout in NAMES}
    grounds = learned_grounds((1,))
    behind = ground_accuracy(grounds, (11,))
    ceiling = {
        "edges": own["strip"].seen * own["edge"].seen,
        "stacked": own["strip"].seen ** 2,
        "turns": own["piece"].both,
        "ground": own["strip"].seen * behind[1],
    }
    drawn_ones = drawings(MIXTURES, range(FIRST_SEED, FIRST_SEED + seeds))
    others = strangers(MIXTURES)
    rows: list[tuple[object, ...]] = []
    misses: Lines = []
    totals: list[list[bool]] = [[] for _ in range(4)]
    limit, refusals = 0.0, 0
    for layout, most in ceiling.items():
        mine = [(m, f) for m, f in drawn_ones if m.layout == layout and not isinstance(f, str)]
        refused = [(m, f) for m, f in drawn_ones if m.layout == layout and isinstance(f, str)]
        seen = [(m, look(f, m, judges, grounds)) for m, f in mine if not isinstance(f, str)]
        wrong = [look(f, others[m.text], judges, grounds).both for m, f in mine if not isinstance(f, str)]
        # The second theme's place held against the main theme and the other way round.
        turned = [
            look(f, replace(m, main=m.other, other=m.main), judges, grounds).both
            for m, f in mine
            if not isinstance(f, str) and layout in ("edges", "stacked") and m.other not in ("milgrain", "rope")
        ]
        kinds = [m for m in MIXTURES if m.layout == layout]
        lone = [
            look(f, m, judges, grounds).both
            for k, m in enumerate(kinds)
            if (f := figures_alone(m, layout == "ground" or k % 2 == 0, FIRST_SEED)) is not None
        ]
        both = [s.both for _, s in seen] + [False] * len(refused)
        for total, part in zip(totals, (both, wrong, turned, lone), strict=True):
            total += part
        limit, refusals = limit + most * len(both), refusals + len(refused)
        rows.append(
            (layout, len(both), len(refused), share([s.main for _, s in seen]), share([s.other for _, s in seen]),
             f"**{share(both)}**", f"{most:.2f}", share(wrong), share(turned), share(lone))
        )  # fmt: skip
        misses += [f"- '{m.text}' refused: {f}" for m, f in refused]
        misses += [
            f"- '{m.text}' ({layout}): not seen: "
            + " and ".join([*([] if s.main else [m.main]), *([] if s.other else [m.other])])
            + (f" ({s.note})" if s.note else "")
            for m, s in seen
            if not s.both
        ]
    every, wrong, turned, lone = totals
    rows.append(
        ("all", len(every), refusals, "", "", f"**{share(every)}**", f"{limit / len(every):.2f}",
         *(f"{share(part)} of {len(part)}" for part in (wrong, turned, lone)))
    )  # fmt: skip
    head = (
        "layout", "n", "refused with a proposal", "main theme seen", "second theme seen", "both, in place",
        "ceiling of the judges", "both seen: themes of another prompt", "both seen: the two themes exchanged",
        "both seen: a band with one of them alone",
    )  # fmt: skip
    return [*judges_table(own, behind), "", *table(head, rows), "", *misses]
