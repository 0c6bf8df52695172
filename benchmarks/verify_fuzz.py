"""Random specs all the way: each must end in a certificate or in a clean refusal, and nothing else.

    python benchmarks/verify_fuzz.py --number 300 --folder /somewhere          # goes on where it stopped
    python benchmarks/verify_fuzz.py --number 300 --folder /somewhere --table  # only the table, as markdown

Spec ``k`` is drawn from the seed ``k`` alone, so any of them can be built again. Even ones are a shipped spec with
another size, metal, stone, shank and prompt, odd ones are drawn freely. Every build is a process of its own without
STEP and pictures. What is looked at afterwards does not trust the program's answer: the exit code, whether an STL lies
in the folder, whether the certificate names that very STL and no failed rule, whether a traceback was printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
START, END = "<!-- measured by benchmarks/verify_fuzz.py -->", "<!-- end of fuzz -->"
TEMPLATES = HERE.parent / "templates"
CALL = "import sys; from ringcad.cli import main; sys.exit(main())"
METALS = (
    "14k_yellow_gold", "18k_yellow_gold", "14k_rose_gold", "18k_white_gold", "platinum_950", "silver_925", "brass",
)  # fmt: skip
MOTIFS = (
    "ivy vine with small leaves", "laurel wreath", "celtic plait of two strands", "soft waves", "a row of beads",
    "overlapping fish scales", "flowing acanthus scroll", "greek key", "stars", "art deco sunburst", "braid",
    "roses and thorns", "honeycomb", "oak leaves and acorns", "rope", "hearts", "feathers", "Ranken mit Blättern",
    "nothing that anybody knows",
)  # fmt: skip
TIME_LIMIT_S = 600.0
"""Far beyond what a build takes; one that has not ended by then counts as a fault."""
Row = dict[str, Any]


def ring_size(draw: np.random.Generator) -> str:
    """A size in one of the systems."""
    systems: tuple[Callable[[], str], ...] = (
        lambda: f"US {draw.integers(12, 53) / 4:g}",
        lambda: f"UK {chr(draw.integers(ord('F'), ord('Z') + 1))}{draw.choice(['', ' 1/2'])}",
        lambda: f"EU {draw.integers(42, 75)}",
        lambda: f"JP {draw.integers(1, 28)}",
        lambda: f"CH {draw.integers(4, 61) / 2:g}",
        lambda: f"{draw.integers(1400, 2201) / 100} mm",
        lambda: f"circumference {draw.integers(440, 701) / 10} mm",
    )
    return systems[draw.integers(len(systems))]()


def steps(draw: np.random.Generator, low: float, high: float) -> float:
    """A length in mm in steps of 0.05."""
    return float(draw.integers(round(20 * low), round(20 * max(low, high)) + 1)) / 20


def decoration(draw: np.random.Generator, prompts: tuple[str, ...]) -> Row:
    """One decorated region."""
    return {
        "region": str(draw.choice(["shank.shoulders", "shank.shoulders", "shank.left_shoulder"])),
        "prompt": str(draw.choice(prompts)) + str(draw.choice(["", ", milgrain edges"])),
        "seed": int(draw.integers(1000)),
        "depth_mm": steps(draw, 0.15, 0.5),
        "mode": str(draw.choice(["emboss", "emboss", "engrave"])),
        "border": str(draw.choice(["plain", "milgrain", "rope", "none"])),
        "mirrored": bool(draw.integers(2)),
        "coverage_deg": int(draw.integers(20, 111)),
    }


def free_spec(draw: np.random.Generator) -> Row:
    """A well-formed spec; whether the ring can be made is for the program to say."""
    top = steps(draw, 1.8, 6.5)
    style = str(draw.choice(["basket", "basket", "stand"]))
    shoulders = ["plain", "cathedral"] if style == "basket" else ["plain", "plain", "plain", "cathedral"]
    spec: Row = {
        "ringcad": 1,
        "ring_size": ring_size(draw),
        "metal": str(draw.choice(METALS)),
        "foundry": str(draw.choice(["workshop", "workshop", "workshop", "seed_minimum"])),
        "finish": str(draw.choice(["as_cast", "polished"])),
        "stone": {"cut": "round", "size": f"{steps(draw, 3.5, 9.0):g} mm",
                  "gem": str(draw.choice(["diamond", "sapphire", "ruby"]))},
        "shank": {"profile": str(draw.choice(["flat", "d", "comfort_d", "knife_edge"])),
                  "width_mm": {"top": top, "bottom": steps(draw, 1.8, min(top, 4.5))}},
        "head": {"style": style, "prongs": int(draw.choice([4, 6])), "tip": str(draw.choice(["dome", "almond"]))},
        "gallery": {"rails": 2, "shoulders": str(draw.choice(shoulders))},
    }  # fmt: skip
    if draw.integers(2):
        spec["shank"]["thickness_mm"] = {"top": steps(draw, 1.4, 2.8), "bottom": steps(draw, 1.4, 2.4)}
    if draw.integers(3) == 0:
        widest = 2.0 if draw.integers(6) == 0 else min(2.0, top - 1.3)
        spec["accents"] = [
            {"setting": "flush", "stone": {"size": f"{steps(draw, 1.0, widest):g} mm"},
             "count": int(draw.integers(1, 7)),
             "on": [["left_shoulder"], ["left_shoulder", "right_shoulder"]][draw.integers(2)]}
        ]  # fmt: skip
    if draw.integers(5):
        spec["decoration"] = [decoration(draw, MOTIFS)]
    return spec


def free_band(draw: np.random.Generator) -> Row:
    """A well-formed spec of a band."""
    spec: Row = {
        "ringcad": 1,
        "template": "band",
        "ring_size": ring_size(draw),
        "metal": str(draw.choice(METALS)),
        "foundry": str(draw.choice(["workshop", "seed_minimum"])),
        "shank": {"profile": str(draw.choice(["flat", "d", "comfort_d"])), "width_mm": steps(draw, 2.5, 9.0),
                  "thickness_mm": steps(draw, 1.4, 2.6)},
    }  # fmt: skip
    if draw.integers(3) == 0:
        spec["accents"] = [{"setting": "flush", "stone": {"size": f"{steps(draw, 1.0, 2.0):g} mm"},
                            "count": int(draw.integers(1, 10))}]  # fmt: skip
    if draw.integers(5):
        row = decoration(draw, MOTIFS)
        spec["decoration"] = [{name: row[name] for name in ("prompt", "seed", "depth_mm", "mode", "border")}]
    return spec


def varied_spec(draw: np.random.Generator) -> Row:
    """A shipped spec of any template with another size, metal, stone, shank and prompt."""
    shipped = sorted(TEMPLATES.glob("*/specs/*.yaml"))
    spec: Row = YAML(typ="safe").load(shipped[draw.integers(len(shipped))].read_text("utf-8"))
    spec["ring_size"] = ring_size(draw)
    spec["metal"] = str(draw.choice(METALS))
    if "stone" in spec:
        spec["stone"]["size"] = f"{steps(draw, 4.5, 7.5):g} mm"
    if "head" in spec:
        spec["head"] |= {"tip": str(draw.choice(["dome", "almond"])), "prongs": int(draw.choice([4, 6]))}
    shank, wider = spec.get("shank", {}), steps(draw, -0.3, 1.0)
    for name, more in (("width_mm", wider), ("thickness_mm", steps(draw, -0.1, 0.4))):
        if isinstance(shank.get(name), dict):
            shank[name]["top"] = round(shank[name]["top"] + more, 2)
        elif name in shank:
            shank[name] = round(shank[name] + more, 2)
    for row in spec.get("decoration") or []:
        row |= {"prompt": str(draw.choice(MOTIFS)), "seed": int(draw.integers(1000)),
                "border": str(draw.choice(["plain", "milgrain", "rope", "none"]))}  # fmt: skip
    return spec


def random_spec(number: int) -> Row:
    """Spec ``number``: the same in every run."""
    draw = np.random.default_rng([20261123, number])
    kinds = (varied_spec, free_spec, varied_spec, free_band if number % 8 == 3 else free_spec)
    spec = kinds[number % 4](draw)
    spec["export"] = {"stl": "normal", "step": False, "pictures": False}
    return spec


def build(number: int, folder: Path) -> Row:
    """Build one spec and look at what is there afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    spec, out = folder / "ring.yaml", folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    with spec.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(random_spec(number), stream)
    command = [sys.executable, "-c", CALL, "build", str(spec), "--out", str(out), "--json", "--quiet", "--no-cache"]
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return {"number": number, "kind": "FAULT", "reason": f"no end after {TIME_LIMIT_S:.0f} s"}
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    row: Row = {
        "number": number,
        "exit_code": run.returncode,
        "wall_s": round(time.perf_counter() - begin, 1),
        "processor_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
    }
    kind, reason = judge(run.returncode, run.stdout, run.stderr, out)
    return row | {"kind": kind, "reason": reason}


def judge(code: int, output: str, errors: str, out: Path) -> tuple[str, str]:
    """What a build ended in, by what it left: kind (``certified``, ``refused``, ``bad input``, ``FAULT``), reason."""
    if "Traceback" in output + errors:
        return "FAULT", "traceback: " + errors.strip().splitlines()[-1][:160]
    try:
        answer = json.loads(output)
    except json.JSONDecodeError:
        return "FAULT", f"exit code {code} without an answer"
    files = sorted(path.name for path in out.glob("*.stl")) if out.exists() else []
    if code == 0:
        return delivered(out, files)
    if files:
        return "FAULT", f"exit code {code}, yet an STL lies there"
    if code == 1:
        found = [row for row in answer.get("findings") or [] if row["severity"] == "error"]
        good = bool(found) and all(row["message"] and row["fix"] for row in found)
        return ("refused", found[0]["code"]) if good else ("FAULT", "refused without a reason or a remedy")
    if code == 2:
        problems = answer.get("problems") or []
        return "bad input", problems[0]["field"] if problems else str(answer.get("message"))[:80]
    return "FAULT", f"exit code {code}: {str(answer.get('message'))[:160]}"


def delivered(out: Path, files: list[str]) -> tuple[str, str]:
    """Whether the delivered STL is the certified one and every rule of its certificate is met."""
    certificates = list(out.glob("*.cert.json"))
    if len(files) != 1 or len(certificates) != 1:
        return "FAULT", f"delivered {len(files)} STL files and {len(certificates)} certificates"
    content = json.loads(certificates[0].read_text(encoding="utf-8"))
    digests = {row["name"]: row["sha256"] for row in content["files"]}
    if digests.get(files[0]) != hashlib.sha256((out / files[0]).read_bytes()).hexdigest():
        return "FAULT", "the certificate is not of this STL"
    failed = [row["code"] for row in content["rules"] if row["verdict"] == "fail"]
    if content["verdict"] != "certified" and not failed:
        failed = [f"the verdict {content['verdict']}"]
    return ("FAULT", f"certified with {failed[0]}") if failed else ("certified", "")


def results(folder: Path) -> dict[int, Row]:
    """What earlier runs found, by number."""
    path = folder / "results.jsonl"
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return {row["number"]: row for row in rows}


def table(rows: list[Row]) -> str:
    """The counts as markdown."""
    kinds = Counter(row["kind"] for row in rows)
    lines = [f"{len(rows)} specs: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) + "."]
    certified = kinds["certified"] / max(len(rows), 1)
    for name, part in (("a shipped spec varied", 0), ("drawn freely", 1)):
        chosen = [row for row in rows if row["number"] % 2 == part]
        good = sum(row["kind"] == "certified" for row in chosen)
        lines.append(f"Of the {len(chosen)} that are {name}, {good} were certified.")
    lines.append(f"Certified in all: {100 * certified:.0f} %.")
    built = len(rows) - kinds["bad input"]
    lines.append(
        f"Of the {built} whose numbers fit together (`bad input` is told before anything is built, with the smallest "
        f"change), {100 * kinds['certified'] / max(built, 1):.0f} % were certified and the gate refused "
        f"{kinds['refused']}."
    )
    lines += ["", "| ended in | reason | specs |", "|---|---|---|"]
    reasons = Counter((row["kind"], row["reason"]) for row in rows if row["kind"] != "certified")
    lines += [f"| {kind} | `{reason}` | {count} |" for (kind, reason), count in sorted(reasons.items())]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Build what is missing, then print the table; 1 when anything ended in neither way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=300, help="specs 0 to N - 1 (default 300)")
    parser.add_argument("--folder", type=Path, required=True, help="where rings and results are kept")
    parser.add_argument("--until", metavar="HH:MM", help="begin no build after this time of the day")
    parser.add_argument("--table", action="store_true", help="build nothing")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="renew the table in a page")
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    done = results(chosen.folder)
    for number in range(chosen.number):
        late = chosen.until is not None and time.strftime("%H:%M") >= chosen.until
        if chosen.table or late:
            break
        if number in done:
            continue
        done[number] = build(number, chosen.folder / f"{number:04d}")
        with (chosen.folder / "results.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(done[number]) + "\n")
        print(json.dumps(done[number]), file=sys.stderr, flush=True)
        if done[number]["kind"] != "certified" and (chosen.folder / f"{number:04d}" / "out").exists():
            shutil.rmtree(chosen.folder / f"{number:04d}" / "out", ignore_errors=True)
    rows = [done[number] for number in sorted(done)]
    print(table(rows))
    if chosen.markdown:
        sys.path.insert(0, str(HERE))
        from verify_mutations import renew

        renew(chosen.markdown, START, END, table(rows))
    return int(any(row["kind"] == "FAULT" for row in rows))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    raise SystemExit(main())
