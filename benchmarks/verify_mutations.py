"""Mutation test of the verifier: good rings are broken in many ways, and every break must be found where it is.

    python benchmarks/verify_mutations.py --folder /somewhere [--rings slim cathedral] [--markdown docs/verifier.md]

The shipped specs are built once into ``--folder`` and used again. A mutation counts as caught when the file is
refused and a finding (an error, or a warning beside one) has one of the expected codes and lies within the stated
distance of the harm. The good rings must raise no
finding that refuses or warns.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ring_mutations import FILE_MUTATIONS, TOPOLOGY_MUTATIONS, GoodRing, Mutant, Mutation
from ring_mutations_shape import SHAPE_MUTATIONS

from ringcad.core.errors import InputError
from ringcad.core.findings import FindingCode, Severity
from ringcad.resolved import ResolvedRing
from ringcad.verify.check import verify_stl

SPECS = Path(__file__).resolve().parents[1] / "templates" / "solitaire" / "specs"
SHIPPED = ("slim", "classic_basket", "six_prong", "cathedral", "flush_shoulders")
START, END = "<!-- measured by benchmarks/verify_mutations.py -->", "<!-- end of mutations -->"
MUTATIONS: dict[str, Mutation] = {**FILE_MUTATIONS, **TOPOLOGY_MUTATIONS, **SHAPE_MUTATIONS}


@dataclass(frozen=True)
class Seen:
    """What the verifier said about one mutant; ``distance_mm`` of the finding that counts from the harm.

    ``reach_mm`` is how far it may lie, ``None`` where the whole file is wrong.
    """

    caught: bool
    code: str
    distance_mm: float | None
    said: tuple[str, ...]
    reach_mm: float | None = None


def good_ring(name: str, folder: Path) -> GoodRing:
    """A shipped ring from ``folder``, built there first if need be."""
    out = folder / name / "out"
    if not (out / "ring.cert.json").exists():
        import ringcad

        spec = folder / name / "ring.yaml"
        spec.parent.mkdir(parents=True, exist_ok=True)
        spec.write_bytes((SPECS / f"{name}.yaml").read_bytes())
        if not ringcad.build(spec, out, pictures=False).ok:
            raise SystemExit(f"{name} was refused")
    return read_ring(name, out)


def read_ring(name: str, out: Path) -> GoodRing:
    """A delivered ring and what its certificate declares."""
    certificate = json.loads(next(out.glob("*.cert.json")).read_text(encoding="utf-8"))
    genus = next((row["low"] for row in certificate["rules"] if row["code"] == "genus"), None)
    return GoodRing(
        name,
        (out / certificate["stl"]).read_bytes(),
        ResolvedRing.model_validate_json((out / certificate["resolved"]).read_bytes()),
        None if genus is None else int(genus),
    )


def findings_of(data: bytes, resolved: ResolvedRing, genus: int | None) -> list[tuple[FindingCode, Any, str]]:
    """Code, place and message of what is said against a file that is refused; none for one that would pass.

    Warnings count beside an error: what refuses the file need not be what names the place.
    """
    try:
        report = verify_stl(data, resolved, expected_genus=genus)
    except InputError as error:
        return [(FindingCode.FILE_UNREADABLE, None, str(error))]
    if report.ok:
        return []
    return [(row.code, row.place_mm, row.message) for row in report.findings if row.severity is not Severity.INFO]


def judge(ring: GoodRing, mutant: Mutant) -> Seen:
    """Whether the verifier finds what was broken, by its name and in its place."""
    best: tuple[float, str] | None = None
    found = findings_of(mutant.data, mutant.resolved or ring.resolved, ring.genus)
    for code, place, _ in found:
        if code not in mutant.codes:
            continue
        if mutant.place is None:
            best = (0.0, code.value)
            break
        if place is not None:
            distance = float(np.linalg.norm(np.asarray(place) - mutant.place))
            best = min(best or (np.inf, ""), (distance, code.value))
    said = tuple(f"{code.value} {place}: {message}" for code, place, message in found)
    reach = None if mutant.place is None else mutant.reach_mm
    if best is None:
        return Seen(False, "", None, said, reach)
    return Seen(reach is None or best[0] <= reach, best[1], None if reach is None else best[0], said, reach)


Row = tuple[str, str, Seen]
"""Mutation, ring, what was seen."""


def run(rings: Iterable[GoodRing], names: Iterable[str], done: Iterable[tuple[str, str]] = ()) -> Iterator[Row]:
    """Every mutation of every ring, but those ``done`` (mutation, ring)."""
    chosen, known = list(names), set(done)
    for ring in rings:
        for name in chosen:
            mutant = None if (name, ring.name) in known else MUTATIONS[name](ring)
            if mutant is not None:
                yield name, ring.name, judge(ring, mutant)


def false_alarms(ring: GoodRing) -> list[str]:
    """What the verifier says against a good ring."""
    report = verify_stl(ring.data, ring.resolved, expected_genus=ring.genus)
    return [f"{row.code.value}: {row.message}" for row in report.findings if row.severity is not Severity.INFO]


def table(rows: list[Row]) -> list[str]:
    """Markdown: one line per mutation."""
    lines = ["| broken by | found as | rings | caught | place, farthest mm (allowed) |", "|---|---|---|---|---|"]
    for name in dict.fromkeys(row[0] for row in rows):
        mine = [seen for mutation, _, seen in rows if mutation == name]
        codes = ", ".join(f"`{code}`" for code in dict.fromkeys(seen.code for seen in mine) if code)
        far = [seen.distance_mm for seen in mine if seen.distance_mm is not None]
        reach = max((seen.reach_mm for seen in mine if seen.reach_mm is not None), default=None)
        place = "whole file" if reach is None else f"{max(far):.2f} ({reach:.1f})" if far else "-"
        lines.append(f"| {name} | {codes or '-'} | {len(mine)} | {sum(seen.caught for seen in mine)} | {place} |")
    return lines


def renew(page: Path, start: str, end: str, text: str) -> None:
    """Put ``text`` between two marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(start)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{page} has no part between {start} and {end}")
    page.write_text(f"{before}{start}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run the table; 1 when anything was missed or a good ring was accused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the good rings are kept")
    parser.add_argument("--rings", nargs="+", choices=SHIPPED, default=list(SHIPPED))
    parser.add_argument("--only", nargs="+", metavar="WORD", help="mutations whose name holds one of these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="what was seen; what was caught is not run again")
    parser.add_argument("--table", action="store_true", help="run nothing, print what the file of --json holds")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="renew the table in a page")
    chosen = parser.parse_args(arguments)
    rings = [good_ring(name, chosen.folder) for name in chosen.rings]
    alarms = [f"{ring.name}: {line}" for ring in rings for line in false_alarms(ring)]
    names = [name for name in MUTATIONS if not chosen.only or any(word in name for word in chosen.only)]
    kept = json.loads(chosen.json.read_text(encoding="utf-8")) if chosen.json and chosen.json.exists() else []
    rows: list[Row] = [(name, ring, Seen(**seen)) for name, ring, seen in kept if seen["caught"] or chosen.table]
    for row in [] if chosen.table else run(rings, names, [row[:2] for row in rows]):
        rows.append(row)
        if not row[2].caught:
            print(f"MISSED {row[1]}: {row[0]}; said {[line[:110] for line in row[2].said[:4]]}", file=sys.stderr)
        if chosen.json:
            chosen.json.write_text(json.dumps([(name, ring, asdict(seen)) for name, ring, seen in rows]), "utf-8")
    rows.sort(key=lambda row: list(MUTATIONS).index(row[0]))
    caught = sum(row[2].caught for row in rows)
    head = (
        f"{len({row[0] for row in rows})} ways to break a ring, {len(rings)} delivered rings "
        f"({', '.join(chosen.rings)}): {caught} of "
        f"{len(rows)} mutants were caught with the right code in the right place. Findings that refuse or warn "
        f"raised by the good rings: {len(alarms)}."
    )
    text = "\n".join([head, "", *table(rows), *alarms])
    print(text)
    if chosen.markdown:
        renew(chosen.markdown, START, END, text)
    return int(caught != len(rows) or bool(alarms))


if __name__ == "__main__":
    raise SystemExit(main())
