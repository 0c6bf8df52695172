"""Time and changed share of the castability filter over the ornament generator's families.

Run: ``python benchmarks/relief_filter.py [--depth 0.35] [--detail 0.35] [--gap 0.25]``.
Times are CPU seconds of one process, so that a busy machine does not blur them.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from ringcad.core.errors import RingcadError
from ringcad.generation import GeneratorRequest
from ringcad.relief.castability import make_castable, stretch

PROMPTS = (
    "vine with leaves",
    "scroll",
    "celtic plait",
    "milgrain rows",
    "scales",
    "waves",
    "greek key",
    "hammered",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=float, default=24.0)
    parser.add_argument("--width", type=float, default=6.0)
    parser.add_argument("--depth", type=float, default=0.35)
    parser.add_argument("--detail", type=float, default=0.35)
    parser.add_argument("--gap", type=float, default=0.25)
    parser.add_argument("--radius", type=float, default=10.6, help="outer radius of the shank, mm")
    options = parser.parse_args()
    try:
        from ringcad.generators.ornament import generator
    except ImportError as error:
        raise SystemExit(f"the ornament generator is not installed: {error}") from error

    scale_u = float(stretch(options.radius, 0.5 * options.depth))
    heads = ("s", "rounds", "changed", "lower", "higher")
    print(f"{'prompt':22s} {'mode':8s} {'pixels':>10s} " + " ".join(f"{h:>{max(6, len(h) + 1)}s}" for h in heads))
    for prompt in PROMPTS:
        request = GeneratorRequest(prompt, 7, options.length, options.width, options.depth, options.detail, options.gap)
        try:
            relief = generator.generate(request)
        except RingcadError as error:
            print(f"{prompt:22s} {error}")
            continue
        height = np.asarray(relief.height) * options.depth
        rows, columns = height.shape
        for mode in ("emboss", "engrave"):
            start = time.process_time()
            result = make_castable(
                height,
                (relief.length_mm / columns, relief.width_mm / rows),
                options.detail,
                options.gap,
                options.depth,
                mode,  # type: ignore[arg-type]
                scale_u=scale_u,
            )
            spent = time.process_time() - start
            print(
                f"{prompt:22s} {mode:8s} {f'{columns}x{rows}':>10s} {spent:6.3f} {result.iterations:6d} "
                f"{100 * result.changed_area_share:7.2f}% {result.max_removed_mm:6.3f} {result.max_added_mm:6.3f}"
                + ("" if result.converged else "  not settled")
            )


if __name__ == "__main__":
    main()
