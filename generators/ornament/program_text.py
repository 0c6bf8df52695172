"""Programs for people: YAML whose comments say what each number is, and a JSON Schema for editors."""

from __future__ import annotations

import ast
import functools
import inspect
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

from ringcad.generators.ornament.program import Asked, Program
from ringcad.generators.ornament.registry import LAYERS
from ringcad.generators.ornament.schema import Band, Frame, LayerBase, Panels

_HEADER = """\
# A design of the ornament generator. Edit it and draw it again: write 'program: THIS-FILE' into the spec's
# decoration (relative to the spec) and build. A line that is left out is made for the band, so '- family: ivy'
# alone is a layer, and another family needs no more than its name. The families: {families}.
# On a band of another size counts and sizes are made anew, as near as castable; the build says so.
"""
_WIDTH = 118
_UNQUOTED = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_TAKEN = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_UNITS = {"_mm": "mm", "_deg": "degrees"}


def program_text(program: Mapping[str, Any]) -> str:
    """A program as YAML text that reads back as the same values; long lists run over several lines."""
    parsed = {key: value for key, value in program.items() if key not in ("asked", "band", "frame", "layers")}
    lines = [textwrap.dedent(line) for line in _header()]
    lines += [f"{name}: {_scalar(value)}" for name, value in parsed.items()]
    heads: dict[str, type[BaseModel]] = {"asked": Asked, "band": Band, "frame": Frame}
    for name, kind in heads.items():
        if name in program:
            lines += ["", f"# {_summary(kind)}" if name != "asked" else _ASKED, f"{name}:"]
            lines += _fields(program[name], kind, 2)
    lines += ["", "layers:"]
    for layer in program["layers"]:
        own = LAYERS[layer["family"]]
        lines += [f"  # {part}" for part in textwrap.wrap(_summary(own), _WIDTH - 4)]
        body = _fields(layer, own, 4)
        lines += ["  - " + body[0][4:], *body[1:], ""]
    return "\n".join(lines).rstrip("\n") + "\n"


_ASKED = "# What it was asked as; variations keep to these wishes (-1 to 1)."


def _header() -> list[str]:
    text = _HEADER.format(families=", ".join(name for name in LAYERS if name != "free"))
    return [part for line in text.splitlines() for part in textwrap.wrap(line, _WIDTH, subsequent_indent="# ")]


def _fields(values: Mapping[str, Any], kind: type[BaseModel], indent: int) -> list[str]:
    """Lines of a mapping, each with what its field means behind it."""
    pad, notes = " " * indent, field_notes(kind)
    lines: list[str] = []
    for name, value in values.items():
        note = "; ".join(filter(None, (_limits(kind, name), notes.get(name, ""))))
        text = f"{pad}{name}: {_flow(value)}"
        if len(text) > _WIDTH:
            lines += [f"{pad}# {note}"] if note else []
            lines += textwrap.wrap(
                text, _WIDTH, subsequent_indent=pad + "  ", break_long_words=False, break_on_hyphens=False
            )
        elif note and max(len(text), indent + 26) + len(note) + 4 <= _WIDTH:
            lines.append(f"{text:<{indent + 26}}  # {note}")
        else:
            lines += [f"{pad}# {part}" for part in textwrap.wrap(note, _WIDTH - indent - 2)]
            lines.append(text)
    return lines


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _UNQUOTED.fullmatch(value) and value.lower() not in _TAKEN:
        return value
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=True)


def _number(value: float) -> str:
    """The shortest text that reads back as the same float, in YAML's own way of writing exponents."""
    text = repr(value)
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return text


def _summary(kind: type[BaseModel]) -> str:
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split()).replace("``", "")


@functools.cache
def field_notes(kind: type[BaseModel]) -> dict[str, str]:
    """What the text below each field of a model says, those of the classes that it is made from included."""
    notes: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if not (issubclass(each, BaseModel) and each is not BaseModel):
            continue
        (body,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
        assert isinstance(body, ast.ClassDef)
        for item, after in zip(body.body, body.body[1:], strict=False):
            if not (isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)):
                continue
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                notes[item.target.id] = " ".join(str(after.value.value).split()).replace("``", "").rstrip(".")
    return notes


def _choices(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        for part in get_args(annotation):
            yield from _choices(part)


def _limits(kind: type[BaseModel], name: str) -> str:
    """Unit, choices or bounds of a field, in words."""
    info = kind.model_fields.get(name)
    if info is None:
        return ""
    choices = [str(choice) for choice in _choices(info.annotation)]
    if len(choices) > 1:
        return " | ".join(choices)
    low = next((item.ge for item in info.metadata if isinstance(item, Ge)), None)
    above = next((item.gt for item in info.metadata if isinstance(item, Gt)), None)
    high = next((item.le for item in info.metadata if isinstance(item, Le)), None)
    below = next((item.lt for item in info.metadata if isinstance(item, Lt)), None)
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
    assert below is None
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    return unit or ("above 0" if above == 0 else "")


def program_schema() -> dict[str, Any]:
    """JSON Schema of a program file: what may be left out (see the header of a program) is not required."""
    definitions: dict[str, Any] = {}
    parts: tuple[type[BaseModel], ...] = (Asked, Band, Frame, Panels)
    for kind in (*parts, *LAYERS.values()):
        schema = kind.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {})
        definitions[kind.__name__] = schema
    for kind in (*parts, *LAYERS.values()):
        schema = definitions[kind.__name__]
        for field, text in field_notes(kind).items():
            if field in schema["properties"]:
                schema["properties"][field].setdefault("description", text)
        if kind is not Panels:
            schema.pop("required", None)
        if issubclass(kind, LayerBase):
            schema["required"] = ["family"]
    families = sorted(LAYERS)
    layer = {
        "type": "object",
        "required": ["family"],
        "properties": {"family": {"enum": families}},
        "allOf": [
            {
                "if": {"properties": {"family": {"const": family}}, "required": ["family"]},
                "then": {"$ref": f"#/$defs/{LAYERS[family].__name__}"},
            }
            for family in families
        ],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ringcad ornament program, version 1",
        "type": "object",
        "additionalProperties": False,
        "required": ["format", "version", "layers"],
        "properties": {
            "format": {"const": Program.model_fields["format"].default},
            "version": {"const": Program.model_fields["version"].default},
            **{kind.__name__.lower(): {"$ref": f"#/$defs/{kind.__name__}"} for kind in (Asked, Band, Frame)},
            "layers": {"type": "array", "minItems": 1, "items": layer},
        },
        "$defs": definitions,
    }


__all__ = ["field_notes", "program_schema", "program_text"]
