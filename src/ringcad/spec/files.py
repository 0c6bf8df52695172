"""Reading, writing and editing spec files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ringcad.core.atomic import replacing
from ringcad.core.errors import InputError, SpecError, SpecProblem
from ringcad.spec.models import Spec
from ringcad.spec.problems import spec_error
from ringcad.spec.reading import read_text, read_yaml
from ringcad.spec.source import SourceMap, parse_field


def parse_spec(text: str, file: str | None = None) -> Spec:
    """Spec from YAML text; ``file`` is named in errors and is where relative paths start.

    Raises
    ------
    SpecError
        Every problem found, with file, line, field, value, limit and a suggestion.
    """
    data, lines = read_yaml(text, file)
    source = SourceMap(file, lines)
    try:
        spec = Spec.model_validate(data)
    except ValidationError as error:
        raise spec_error(error, source) from None
    spec._source = source
    return spec


def load_spec(path: str | Path) -> Spec:
    """Spec from a YAML file. Raises :class:`SpecError`."""
    path = Path(path)
    return parse_spec(read_text(path), str(path))


def dump_spec(spec: Spec) -> str:
    """YAML text of what was given (defaults left out); reads back as an equal spec."""
    data = spec.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return _emit(data)


def spec_json_schema() -> dict[str, Any]:
    """JSON Schema for editors, with the known metals, gems and profiles as examples."""
    from ringcad import standards

    schema = Spec.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "ringcad spec, version 1"
    properties = schema["properties"]
    properties["metal"]["examples"] = [row.id for row in standards.alloys()]
    properties["ring_size"]["examples"] = ["US 7", "UK N 1/2", "EU 54", "JP 14", "CH 14.4", "17.32 mm"]
    properties["foundry"]["examples"] = sorted(standards.shipped_profiles())
    for name in ("Stone", "AccentStone"):
        schema["$defs"][name]["properties"]["gem"]["examples"] = [row.id for row in standards.gems()]
        schema["$defs"][name]["properties"]["size"]["examples"] = ["6.5 mm", "1.00 ct"]
    for name in ("width_mm", "thickness_mm"):
        property_schema = schema["$defs"]["ShankSpec"]["properties"][name]
        reference = {key: property_schema.pop(key) for key in ("$ref", "allOf") if key in property_schema}
        property_schema["anyOf"] = [reference, {"type": "number", "exclusiveMinimum": 0, "maximum": 20}]
    return schema


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _emit(data: Any) -> str:
    stream = io.StringIO()
    _yaml().dump(data, stream)
    return stream.getvalue()


def edit_spec_text(text: str, changes: Mapping[str, Any], file: str | None = None) -> str:
    """Text with some fields changed; comments, order and quotes of the rest stay.

    Parameters
    ----------
    changes
        Dotted field -> new value, e.g. ``{"decoration.0.prompt": "scroll"}``. ``None`` removes the field
        (back to its default). Missing mappings on the way are made, list entries are not.

    Raises
    ------
    SpecError
        The text is not a valid spec before or after the change; nothing is written then.
    """
    parse_spec(text, file)
    yaml = _yaml()
    root = yaml.load(text)
    for field, value in changes.items():
        _set_field(root, field, value, file)
    stream = io.StringIO()
    yaml.dump(root, stream)
    edited = stream.getvalue()
    parse_spec(edited, file)
    return edited


def _set_field(root: Any, field: str, value: Any, file: str | None) -> None:
    path = parse_field(field)
    node = root
    for part, following in pairwise(path):
        if isinstance(node, list):
            if not isinstance(part, int) or part >= len(node):
                raise SpecError([SpecProblem(field, f"there is no entry {part}", file=file)])
            node = node[part]
            continue
        if node.get(part) is None:
            if isinstance(following, int):
                raise SpecError([SpecProblem(field, f"there is no list {part!r} to change", file=file)])
            node[part] = {}
        elif not isinstance(node[part], (dict, list)):
            # a single number that stands for top and bottom
            node[part] = {"top": node[part], "bottom": node[part]}
        node = node[part]
    last = path[-1]
    if isinstance(node, list) and (not isinstance(last, int) or last >= len(node)):
        raise SpecError([SpecProblem(field, f"there is no entry {last}", file=file)])
    if value is None:
        if isinstance(node, list) and isinstance(last, int):
            del node[last]
        else:
            node.pop(last, None)
    else:
        # Behind what it belongs to: at the end it would stand after the blank line that parts the sections.
        lead = next((name for name in _LEADS.get(str(last), ()) if name in node), None)
        if lead is None or last in node:
            node[last] = value
        else:
            node.insert(list(node).index(lead) + 1, last, value)


_LEADS = {"seed": ("prompt",), "program": ("seed", "prompt", "region"), "variation": ("program",)}
"""Fields that a new one is written behind."""


def write_text_atomically(path: Path, text: str) -> None:
    """Replace a file in one step: a reader, or an interruption, sees the old text or the new one.

    Raises
    ------
    InputError
        The folder cannot be written to, or the disk is full.
    """
    try:
        mode = path.stat().st_mode & 0o7777 if path.exists() else 0o644
        with replacing(path, mode=mode, synced=True) as stream:
            stream.write(text.encode("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from None


def edit_spec_file(path: str | Path, changes: Mapping[str, Any]) -> Spec:
    """Change fields of a spec file in place, keeping comments and order; returns the new spec.

    The edited text is read back and validated before the file is replaced in one step.
    Raises :class:`SpecError` or :class:`InputError`.
    """
    path = Path(path).resolve()  # replace what a link points at, not the link
    edited = edit_spec_text(read_text(path), changes, str(path))
    write_text_atomically(path, edited)
    return parse_spec(edited, str(path))
