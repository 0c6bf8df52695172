"""Time limits of the workers' stages, and which field of the spec governs a stage that is too slow."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping

from ringcad.core.errors import InputError

LIMITS_VARIABLE = "RINGCAD_STAGE_LIMITS"

#: Seconds. About ten times what the reference workload R2 needs on two idle cores; a machine under load
#: must not be refused a good ring (a fuse of 13 s took 47 s beside three other jobs, measured).
STAGE_LIMITS_S: dict[str, float] = {
    "start": 120.0,
    "head_file": 60.0,
    "solids": 60.0,
    "fuse": 180.0,
    "cut": 120.0,
    "check": 90.0,
    "mesh": 150.0,
    "step": 60.0,
    "reread": 60.0,
    "brep": 60.0,
    "start_pictures": 120.0,
    "pictures": 240.0,
}

#: For a stage that a template of a third party invents.
OTHER_STAGE_LIMIT_S = 60.0

#: Spec field and smallest change for a stage that does not end.
STAGE_FIELDS: dict[str, tuple[str, str]] = {
    "head_file": ("head.file", "export a plainer solid: fewer faces, no history, no meshes"),
    "solids": ("decoration", "use a lower depth_mm or a calmer prompt"),
    "fuse": ("head", "move the head or the rails by 0.1 mm (head.height_above_finger_mm), or use a lower depth_mm"),
    "cut": ("accents", "use fewer accent stones or a lower depth_mm under them"),
    "check": ("decoration", "use a lower depth_mm or a calmer prompt"),
    "mesh": ("export.stl", "use export: {stl: standard} or a calmer prompt"),
    "step": ("export.step", "leave the STEP out with --no-step"),
    "reread": ("export.step", "leave the STEP out with --no-step"),
    "pictures": ("export.pictures", "leave the pictures out with --no-pictures"),
}


def limit_of(stage: str, limits_s: Mapping[str, float]) -> float:
    """Seconds that ``stage`` may take."""
    return limits_s.get(stage, STAGE_LIMITS_S.get(stage, OTHER_STAGE_LIMIT_S))


def parse_limits(texts: Iterable[str]) -> dict[str, float]:
    """``["cut=20", "mesh=30"]`` as a mapping. Raises ``InputError`` with the entry that is wrong."""
    limits: dict[str, float] = {}
    for text in texts:
        stage, _, number = text.partition("=")
        stage = stage.strip()
        try:
            seconds = float(number)
        except ValueError:
            seconds = math.nan
        if stage not in STAGE_LIMITS_S or not (0 < seconds < math.inf):
            raise InputError(
                f"A stage limit is STAGE=SECONDS with a stage of {', '.join(STAGE_LIMITS_S)}; {text!r} is not."
            )
        limits[stage] = seconds
    return limits


def limits_from_environment() -> dict[str, float]:
    """Limits in ``RINGCAD_STAGE_LIMITS`` (comma-separated)."""
    return parse_limits(item for item in os.environ.get(LIMITS_VARIABLE, "").split(",") if item.strip())
