"""What the stones of a pave solitaire cost: rows of up to 60 of 0.9 mm each, kernel and setting rules.

    python benchmarks/workloads_pave.py

Processor seconds of one process, so that other work on the machine plays little part. ``core`` is the head's block with
the whole row, made once for all decorations; the first line has two stones on each shoulder, for the head's own cost.
"""

from __future__ import annotations

import time

from ringcad.resolve import resolve
from ringcad.spec import parse_spec
from ringcad.template import Core
from ringcad.templates.pave_solitaire import template
from ringcad.verify.bead_sites import bead_sites
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import judge_settings

SPEC = (
    "ringcad: 1\ntemplate: pave_solitaire\nring_size: US 16\nmetal: 18k_yellow_gold\nstone: {{size: 6.5 mm}}\n"
    "shank: {{profile: flat}}\nhead: {{style: stand}}\n"
    "accents: [{{setting: bead, stone: {{cut: round, size: 0.9 mm}}, count: {count}}}]\n"
)
COUNTS = (2, 10, 30)


def measure(count: int) -> dict[str, float]:
    """Processor seconds by step for rows of so many stones on each shoulder."""
    ring = resolve(parse_spec(SPEC.format(count=count)), "pave")
    plan = template.plan(ring, {})
    marks = [("core", time.process_time())]
    core: Core | None = template.core(ring, lambda stage: None)
    marks.append(("join and mesh", time.process_time()))
    built = template.build(plan, core, lambda stage: None)
    marks.append(("soundness", time.process_time()))
    found = template.soundness(plan, built)
    assert not found.findings
    marks.append(("judge", time.process_time()))
    caster = RayCaster(mesh_from_arrays(built.mesh.vertices, built.mesh.triangles))
    judge_settings(caster, ring)
    bead_sites(caster, ring)
    marks.append(("end", time.process_time()))
    return {name: marks[k + 1][1] - start for k, (name, start) in enumerate(marks[:-1])}


def main() -> None:
    """Print a table."""
    rows = {2 * count: measure(count) for count in COUNTS}
    names = list(rows[2 * COUNTS[0]])
    least, first = 2 * COUNTS[0], sum(rows[2 * COUNTS[0]].values())
    print("| stones | " + " | ".join(f"{name}, s" for name in names) + " | in all, s | per further stone, s |")
    print("|---:|" + "---:|" * (len(names) + 2))
    for count, row in rows.items():
        whole = sum(row.values())
        each = f"{(whole - first) / (count - least):.3f}" if count > least else ""
        print(f"| {count} | " + " | ".join(f"{row[name]:.2f}" for name in names) + f" | {whole:.2f} | {each} |")


if __name__ == "__main__":
    main()
