"""Findings: what a rule measured on a ring, as data.

A finding is about geometry or dimensions of a well-formed request; a badly formed request raises
an error from :mod:`ringcad.core.errors` instead.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding weighs: an ``ERROR`` refuses delivery."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class FindingCode(StrEnum):
    """Closed list of everything a stage may report. One test triggers each."""

    # file and mesh
    FILE_UNREADABLE = "file_unreadable"
    FILE_TOO_LARGE = "file_too_large"
    OPEN_EDGES = "open_edges"
    NON_MANIFOLD_EDGES = "non_manifold_edges"
    NON_MANIFOLD_VERTICES = "non_manifold_vertices"
    WINDING = "winding"
    BODIES = "bodies"
    DEGENERATE_FACES = "degenerate_faces"
    DUPLICATE_FACES = "duplicate_faces"
    SELF_INTERSECTION = "self_intersection"
    GENUS = "genus"
    UNITS = "units"
    BORE_DIAMETER = "bore_diameter"
    WALL_STRUCTURAL = "wall_structural"
    WALL_FREE_WIRE = "wall_free_wire"
    FEATHER_EDGE = "feather_edge"
    DETAIL_WIDTH = "detail_width"
    DETAIL_HEIGHT = "detail_height"
    GAP_WIDTH = "gap_width"
    RECESS_DEPTH = "recess_depth"
    HOLE_WIDTH = "hole_width"
    TRAPPED_VOLUME = "trapped_volume"
    SHARP_EDGE = "sharp_edge"
    SECTION_JUMP = "section_jump"
    SECTION_THICK = "section_thick"
    PRINT_SERVICE = "print_service"
    # setting, measured
    PRONG_COUNT = "prong_count"
    PRONG_HEIGHT = "prong_height"
    SEAT_ANGLE = "seat_angle"
    SEAT_POSITION = "seat_position"
    SEAT_BEARING = "seat_bearing"
    GIRDLE_CLEARANCE = "girdle_clearance"
    STONE_INTERFERENCE = "stone_interference"
    RETENTION = "retention"
    RAIL_CLEARANCE = "rail_clearance"
    INSERTION = "insertion"
    # kernel
    STAGE_TIMEOUT = "stage_timeout"
    BOOLEAN_FAILED = "boolean_failed"
    SOLID_COUNT = "solid_count"
    VOLUME_CHANGE = "volume_change"
    MESH_FAILED = "mesh_failed"
    STEP_MISMATCH = "step_mismatch"
    # by construction
    WALL_BOUND = "wall_bound"
    CULET_CLEARANCE = "culet_clearance"
    NOTCH_DEPTH = "notch_depth"
    PRONG_SECTION = "prong_section"
    SEAT_WALL = "seat_wall"
    BEZEL_LIP = "bezel_lip"
    STONE_SPACING = "stone_spacing"
    PLATFORM_SHARE = "platform_share"
    RELIEF_CLIPPED = "relief_clipped"
    RELIEF_FILTERED = "relief_filtered"
    RELIEF_EMPTY = "relief_empty"
    PROMPT_NOT_UNDERSTOOD = "prompt_not_understood"
    SHANK_THIN = "shank_thin"
    PLAIN_ARC = "plain_arc"
    PICTURE_EXPOSURE = "picture_exposure"
    PROFILE_NOT_RECOMMENDED = "profile_not_recommended"
    OWN_HEAD = "own_head"


@dataclass(frozen=True)
class Finding:
    """One measured fact beside its limit.

    Attributes
    ----------
    code, severity
        What rule spoke and how loudly.
    message
        One sentence for a jeweler: the value, the limit, the place in words.
    measured, limit, unit
        The numbers; ``None`` where a rule has none.
    place_mm
        ``(x, y, z)`` in ring coordinates (finger axis y, head towards +z), or ``None``.
    spec_field
        Dotted path of the spec field that governs it, or ``None``.
    fix
        The smallest change of the spec that would satisfy the rule, or ``None``.
    """

    code: FindingCode
    severity: Severity
    message: str
    measured: float | None = None
    limit: float | None = None
    unit: str | None = None
    place_mm: tuple[float, float, float] | None = None
    spec_field: str | None = None
    fix: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON-ready mapping."""
        row = asdict(self)
        row["code"] = self.code.value
        row["severity"] = self.severity.value
        return row


def finding_from_dict(row: dict[str, Any]) -> Finding:
    """Inverse of :meth:`Finding.to_dict`."""
    data = dict(row)
    data["code"] = FindingCode(data["code"])
    data["severity"] = Severity(data["severity"])
    if data.get("place_mm") is not None:
        x, y, z = data["place_mm"]
        data["place_mm"] = (float(x), float(y), float(z))
    return Finding(**data)


def has_errors(findings: list[Finding] | tuple[Finding, ...]) -> bool:
    """True when any finding refuses delivery."""
    return any(f.severity is Severity.ERROR for f in findings)
