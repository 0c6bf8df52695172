"""The spec: what a jeweler writes, read and checked, with file and line in every complaint."""

from __future__ import annotations

from ringcad.spec.files import dump_spec, edit_spec_file, edit_spec_text, load_spec, parse_spec, spec_json_schema
from ringcad.spec.models import (
    Accent,
    DecorationSpec,
    ExportSpec,
    ShankSpec,
    Spec,
    TopBottom,
)
from ringcad.spec.settings import (
    BezelSpec,
    GallerySpec,
    HaloSpec,
    HeadSpec,
)
from ringcad.spec.sides import SidesSpec
from ringcad.spec.source import SourceMap
from ringcad.spec.stones import (
    AccentStone,
    MeasuredStone,
    Stone,
)

__all__ = [
    "Accent",
    "AccentStone",
    "BezelSpec",
    "DecorationSpec",
    "ExportSpec",
    "GallerySpec",
    "HaloSpec",
    "HeadSpec",
    "MeasuredStone",
    "ShankSpec",
    "SidesSpec",
    "SourceMap",
    "Spec",
    "Stone",
    "TopBottom",
    "dump_spec",
    "edit_spec_file",
    "edit_spec_text",
    "load_spec",
    "parse_spec",
    "spec_json_schema",
]
