"""What each further stone of a row costs: rows of 10, 20 and 40 stones, kernel and setting rules.

    python benchmarks/workloads_rows.py

Processor seconds of one process, so that other work on the machine plays little part. Rows of 10 and 20 stones stand
on the top, 40 all round; in a channel everything else is R3 without its relief, between shared prongs the same stones
stand on a limb of their own.
"""

from __future__ import annotations

import time

from ringcad.resolve import resolve
from ringcad.spec import parse_spec
from ringcad.templates.eternity import template
from ringcad.verify.channel_sites import channel_sites
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.setting.rules import judge_settings
from ringcad.verify.shared_sites import shared_sites

SPEC = (
    "ringcad: 1\ntemplate: eternity\nring_size: US 7\nmetal: 18k_yellow_gold\n"
    "accents: [{{setting: {setting}, stone: {{cut: round, size: 1.5 mm}}, count: {count}, on: [{on}]}}]\n"
)
SETTINGS = ("channel", "shared_prong")
ROWS = ((10, "top_half"), (20, "top_half"), (40, "all_round"))


def measure(setting: str, count: int, on: str) -> dict[str, float]:
    """Processor seconds by step for a row of so many stones."""
    ring = resolve(parse_spec(SPEC.format(setting=setting, count=count, on=on)), "row")
    made = template.plan(ring, {})
    marks: list[tuple[str, float]] = []
    built = template.build(made, None, lambda stage: marks.append((stage, time.process_time())))
    marks.append(("judge", time.process_time()))
    caster = RayCaster(mesh_from_arrays(built.mesh.vertices, built.mesh.triangles))
    judge_settings(caster, ring)
    channel_sites(caster, ring)
    shared_sites(caster, ring)
    marks.append(("end", time.process_time()))
    return {name: marks[k + 1][1] - start for k, (name, start) in enumerate(marks[:-1])}


def main() -> None:
    """Print a table for each setting."""
    for setting in SETTINGS:
        rows = {count: measure(setting, count, on) for count, on in ROWS}
        names = list(rows[ROWS[0][0]])
        print(f"\n{setting}\n")
        print("| stones | " + " | ".join(f"{name}, s" for name in names) + " | in all, s | per stone, s |")
        print("|---:|" + "---:|" * (len(names) + 2))
        for count, row in rows.items():
            whole = sum(row.values())
            cells = " | ".join(f"{row[name]:.2f}" for name in names)
            print(f"| {count} | {cells} | {whole:.2f} | {whole / count:.3f} |")


if __name__ == "__main__":
    main()
