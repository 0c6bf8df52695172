"""How long the generator takes: a prompt, thirty variations, loading. CPU and wall seconds, medians."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ornament_prompts import WORDING

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import generator

COLUMNS, ROWS = 1080, 128
PIXELS = 24.0
LIMIT_S, LOAD_LIMIT_S, VARIATIONS_LIMIT_S = 1.0, 2.5, 20.0


@dataclass(frozen=True)
class Spent:
    """Seconds of one prompt: the median over repetitions."""

    name: str
    cpu: float
    wall: float


def timed(prompt: str, seeds: Sequence[int]) -> Spent:
    """Prompt to a relief of 1080 x 128, warm."""
    cpu: list[float] = []
    wall: list[float] = []
    for seed in seeds:
        request = GeneratorRequest(prompt, seed, COLUMNS / PIXELS, ROWS / PIXELS, 0.35, 0.35, 0.25, "milgrain")
        a, b = time.process_time(), time.perf_counter()
        try:
            generator.generate(request)
        except InputError:
            return Spent(prompt, float("nan"), float("nan"))
        cpu.append(time.process_time() - a)
        wall.append(time.perf_counter() - b)
    return Spent(prompt, float(np.median(cpu)), float(np.median(wall)))


def all_families(seeds: Sequence[int] = (1, 2, 3)) -> list[Spent]:
    """Every family that a prompt can name, warm."""
    timed("ivy", [0])
    return [timed(text, seeds) for text in WORDING.values()]


def variations(prompt: str = "ivy and roses with milgrain edges", n: int = 30) -> Spent:
    """Thirty seeds of one prompt, all together."""
    a, b = time.process_time(), time.perf_counter()
    timed(prompt, range(n))
    return Spent(prompt, time.process_time() - a, time.perf_counter() - b)


def load(repetitions: int = 5) -> Spent:
    """A fresh process that imports the generator and reads one prompt, less one that only starts Python with numpy."""
    text = (
        "import numpy, time; a, b = time.process_time(), time.perf_counter();"
        "from ringcad.generators.ornament import generator;"
        "from ringcad.generators.ornament.compose import FAMILIES;"
        "from ringcad.generators.ornament.text import understand; understand('ivy', 1);"
        "print(time.process_time() - a, time.perf_counter() - b)"
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    found = []
    for _ in range(repetitions):
        run = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=True)
        found.append([float(x) for x in run.stdout.split()])
    cpu, wall = np.median(np.array(found), axis=0)
    return Spent("load", float(cpu), float(wall))
