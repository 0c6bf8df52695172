"""Every template x every cut that it sets x three sizes x two prompts at default parameters, each built all the way.

    python benchmarks/matrix.py --folder FOLDER [--jobs 2]            # goes on where it stopped
    python benchmarks/matrix.py --folder FOLDER --every 17            # the sample of continuous integration
    python benchmarks/matrix.py --folder FOLDER --table [--markdown docs/matrix.md]

A ring names its template, its stone by cut and size, and a prompt; every other number is a default. It must be
delivered through the gate, or be refused for a stated rule: the table counts both, and gives each refusal's reason.
Ends with 1 when a ring came to neither.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ringcad.registry import entries
from ringcad.spec.repertoire import PLAIN_ROWS, repertoire

START, END = "<!-- measured by benchmarks/matrix.py -->", "<!-- end of matrix -->"
PROMPTS = ("ivy vine with small leaves", "celtic knot")
CENTER_MM = (4.5, 6.0, 8.0)
"""Diameters of center stones; widths of other cuts."""
ROW_MM = (1.3, 2.0, 3.0)
"""Diameters of stones in rows."""
WIDTH_MM = (4.0, 5.5, 8.0)
"""Of a band."""
RING_SIZES = ("US 5", "US 7", "US 10")
METALS = ("18k_yellow_gold", "platinum_950", "14k_white_gold", "silver_925")
TIME_LIMIT_S = 900.0
Row = dict[str, Any]


def rings() -> dict[str, Row]:
    """Every ring of the matrix as a spec, by its name."""
    found: dict[str, Row] = {}
    for template in sorted(entry.name for entry in entries("ringcad.templates")):
        known = repertoire(template)
        kinds = [("cut", cut) for cut in known.cuts] or [("row", row) for row in known.rows] or [("plain", "band")]
        for (kind, which), number, (word, prompt) in product(kinds, range(3), enumerate(PROMPTS)):
            name = f"{template}-{which}-{number}-{word}"
            # sizes and metals in turn, so that no template meets one only
            place = len(found)
            spec: Row = {
                "ringcad": 1, "template": template, "ring_size": RING_SIZES[place % 3], "metal": METALS[place % 4],
            }  # fmt: skip
            if kind == "cut":
                spec["stone"] = {"cut": which, "size": f"{CENTER_MM[number]:g} mm"}
            elif kind == "row":
                stone = {"cut": "round", "size": f"{ROW_MM[number]:g} mm"}
                spec["accents"] = [{"setting": which, "stone": stone, "count": "fill"}]
            else:
                spec["shank"] = {"width_mm": WIDTH_MM[number]}
            if kind == "cut" and known.rows:
                spec["accents"] = [
                    {"setting": known.rows[0], "stone": {"cut": "round", "size": "1.3 mm"}, "count": "fill"}
                ]
            if which in PLAIN_ROWS:  # in place of two prompts all round and over the top half
                spec["accents"][0]["on"] = ["all_round" if prompt == PROMPTS[0] else "top_half"]
            else:
                spec["decoration"] = [{"prompt": prompt}]
            found[name] = spec
    return found


def sample(found: dict[str, Row], every: int) -> dict[str, Row]:
    """Every so many-th ring of each template, one at least; the places differ, so that sizes and prompts do."""
    chosen: dict[str, Row] = {}
    for number, template in enumerate(sorted({str(spec["template"]) for spec in found.values()})):
        mine = [name for name, spec in found.items() if spec["template"] == template]
        chosen |= {name: found[name] for name in mine[min(number, len(mine) - 1, every - 1) :: every]}
    return chosen


def build(name: str, spec: Row, folder: Path) -> Row:
    """Build one ring in a process of its own; what became of it."""
    file, out = folder / f"{name}.yaml", folder / name
    with file.open("w") as handle:
        YAML().dump(spec, handle)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [
        sys.executable, "-m", "ringcad.cli", "build", str(file), "--out", str(out), "--json", "--no-pictures",
        "--no-step",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        return {"name": name, "code": 3, "reasons": ["did not end"]}
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = done.returncode
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"name": name, "code": 3, "reasons": [done.stderr[-200:]]}
    if code == 0 and not (out / f"{name}.cert.json").exists():
        code = 3
    reasons = [f"{item['field']}: {item['message']}" for item in answer.get("problems", [])]
    if code and not reasons:
        blocking = [item for item in answer.get("findings", []) if item.get("severity") == "error"]
        reasons = [f"{item['code']}: {item['message']}" for item in blocking]
        if not reasons:  # refused, and no rule says why
            code, reasons = 3, [str(answer.get("message"))]
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"name": name, "code": code, "reasons": reasons, "cpu_s": round(cpu_s, 1)}


def rows(file: Path) -> dict[str, Row]:
    """What was built before."""
    lines = file.read_text().splitlines() if file.exists() else []
    return {row["name"]: row for row in map(json.loads, lines)}


def build_left(wanted: dict[str, Row], file: Path, jobs: int) -> dict[str, Row]:
    """Build the rings that the file does not know, beside it; what became of all that it knows then."""
    known = rows(file)
    left = {name: spec for name, spec in wanted.items() if name not in known}
    # each ring starts processes of its own: threads only wait for them; child times are then those of both
    with ThreadPoolExecutor(jobs) as pool, file.open("a") as log:
        for row in pool.map(lambda item: build(*item, file.parent), left.items()):
            log.write(json.dumps(row) + "\n")
            log.flush()
            known[row["name"]] = row
            print(row["name"], row["code"], *row["reasons"], flush=True)
    return known


def table(found: dict[str, Row]) -> str:
    """Counts by template and cut, and the reason of every refusal, as markdown."""
    kinds = Counter(name.rsplit("-", 2)[0] for name in found)
    good = Counter(name.rsplit("-", 2)[0] for name, row in found.items() if row["code"] == 0)
    lines = ["| template | cut or setting | rings | delivered |", "|---|---|---|---|"]
    for kind, number in sorted(kinds.items()):
        template, which = kind.rsplit("-", 1)
        lines.append(f"| `{template}` | {which.replace('_', ' ')} | {number} | {good[kind]} |")
    refused = {name: row for name, row in found.items() if row["code"] in (1, 2)}
    faults = [name for name, row in found.items() if row["code"] not in (0, 1, 2)]
    share = 100.0 * len(refused) / max(len(found), 1)
    lines.append("")
    lines.append(
        f"{len(found)} rings: {len(found) - len(refused) - len(faults)} delivered, {len(refused)} refused"
        f" ({share:.1f} %), {len(faults)} faults."
    )
    lines += [f"- `{name}`: {'; '.join(row['reasons'])[:300]}" for name, row in sorted(refused.items())]
    return "\n".join([*lines, *(f"- fault: `{name}`" for name in faults)])


def main(arguments: list[str] | None = None) -> int:
    """Build what is left, print the table; 1 where a ring was neither delivered nor refused by a rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="only every so many-th ring of a template")
    parser.add_argument("--only", default="", help="only rings whose name holds this")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--markdown", type=Path)
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    file = chosen.folder / "rows.jsonl"
    wanted = {name: spec for name, spec in sample(rings(), chosen.every).items() if chosen.only in name}
    known = rows(file) if chosen.table else build_left(wanted, file, chosen.jobs)
    shown = {name: row for name, row in known.items() if name in wanted}
    written = table(shown)
    print(written)
    if chosen.markdown:
        text = chosen.markdown.read_text()
        head, rest = text.split(START)
        chosen.markdown.write_text(f"{head}{START}\n\n{written}\n\n{END}{rest.split(END)[1]}")
    return int(any(row["code"] not in (0, 1, 2) for row in shown.values()))


if __name__ == "__main__":
    sys.exit(main())
