"""Tables of the ornament measures as lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from ornament_castable import NARROW_MM, WIDTHS_MM, Cast
from ornament_obedience import Case

Lines = list[str]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Lines:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return [*lines, *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)]


def share(flags: Sequence[bool]) -> str:
    return f"{np.mean(flags):.2f}" if len(flags) else "-"


def obedience_table(cases: Sequence[Case]) -> Lines:
    """Share obeyed by attribute and by word, with the families that do not obey."""
    rows: list[Sequence[object]] = []
    keys = list(dict.fromkeys((case.asked.attribute, case.asked.want) for case in cases))

    def row(name: str, some: Sequence[Case], mark: str, *more: str) -> tuple[object, ...]:
        judged = [case for case in some if case.obeyed is not None]
        of_all = share([bool(case.obeyed) for case in some])
        obeyed = share([bool(case.obeyed) for case in judged])
        declined = len(some) - len(judged)
        return (f"{mark}{name}{mark}", len(some), f"{mark}{of_all}{mark}", declined, obeyed, *more)

    for attribute in dict.fromkeys(name for name, _ in keys):
        of = [case for case in cases if case.asked.attribute == attribute]
        rows.append(row(attribute, of, "**", "", ""))
        for want in dict.fromkeys(w for name, w in keys if name == attribute):
            some = [case for case in of if case.asked.want == want]
            missed = dict.fromkeys(case.family for case in some if case.obeyed is False)
            told = dict.fromkeys(case.family for case in some if case.obeyed is None)
            rows.append(row(want, some, "", ", ".join(missed), ", ".join(told)))
    rows.append(row("all", cases, "**", "", ""))
    head = (
        "asked", "n", "obeyed, declined counted as missed", "declined in words", "obeyed of the others", "not obeyed",
        "declined",
    )  # fmt: skip
    return table(head, rows)


def castable_tables(casts: Sequence[Cast]) -> Lines:
    """Share of the area that the filter changes, by zone and width, and the worst."""
    rows: list[Sequence[object]] = []
    keys = list(dict.fromkeys((cast.zone, cast.width_mm) for cast in casts))
    for zone, width in keys:
        of = [cast for cast in casts if (cast.zone, cast.width_mm) == (zone, width)]
        drawn = [cast for cast in of if not cast.refused]
        changed = [cast.changed for cast in drawn]
        worst = sorted(drawn, key=lambda cast: -cast.changed)[:4]
        rows.append(
            (
                f"{zone} {width:g} mm",
                len(drawn),
                ", ".join(cast.family for cast in of if cast.refused) or "none",
                f"{100 * np.median(changed):.1f} %",
                f"{100 * np.mean(np.array(changed) < 0.03):.0f} %",
                ", ".join(f"{cast.family} {100 * cast.changed:.0f} %" for cast in worst),
            )
        )
    every = [cast.changed for cast in casts if not cast.refused]
    head = ("zone", "families drawn", "refused", "median changed", "families under 3 %", "worst")
    under = 100 * np.mean(np.array(every) < 0.03)
    text = f"All {len(every)} together: median {100 * np.median(every):.2f} %, {under:.0f} % of them under 3 %."
    return [*table(head, rows), "", text]


def narrow_table(casts: Sequence[tuple[str, Cast]]) -> Lines:
    """Bands below 3.5 mm: refused, simplified, strokes across, and what the filter says."""
    rows: list[Sequence[object]] = []
    for border in dict.fromkeys(name for name, _ in casts):
        for width in NARROW_MM:
            of = [cast for name, cast in casts if name == border and cast.width_mm == width]
            drawn = [cast for cast in of if not cast.refused]
            mute = [c for c in of if c.refused and "mallest width" not in c.refused and "ask for" not in c.refused]
            mush = [cast for cast in drawn if cast.changed > 0.1]
            many = [cast for cast in drawn if cast.strokes > 3]
            rows.append(
                (
                    f"{width:g} mm, border {border}",
                    len(drawn),
                    sum(cast.form == "simple" for cast in drawn),
                    len(of) - len(drawn),
                    len(mute),
                    ", ".join(f"{cast.family} {cast.strokes}" for cast in many) or "none",
                    f"{100 * np.median([cast.changed for cast in drawn]):.1f} %" if drawn else "-",
                    ", ".join(f"{cast.family} {100 * cast.changed:.0f} %" for cast in mush) or "none",
                )
            )
    head = (
        "band", "drawn", "of these said to be simplified", "refused", "refused without a width or another family",
        "more than 3 strokes across", "median changed", "filter changes over 10 %",
    )  # fmt: skip
    return table(head, rows)


__all__ = ["NARROW_MM", "WIDTHS_MM", "Lines", "castable_tables", "narrow_table", "obedience_table", "share", "table"]
