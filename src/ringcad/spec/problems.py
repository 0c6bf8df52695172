"""pydantic's errors in a jeweler's terms: field, value, limit and the smallest fix."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ringcad.core.errors import SpecError, SpecProblem
from ringcad.spec.models import Spec
from ringcad.spec.source import FieldPath, SourceMap, dotted
from ringcad.standards.tables import closest

_EXAMPLES: dict[FieldPath, str] = {
    ("ringcad",): "begin the file with 'ringcad: 1'",
    ("ring_size",): "add for example 'ring_size: US 7'",
    ("metal",): "add for example 'metal: 18k_yellow_gold'",
}
_LAST_EXAMPLES: dict[str, str] = {
    "size": "add for example 'size: 6.5 mm' or 'size: 1.00 ct'",
    "stone": "add for example 'stone: {cut: round, size: 1.3 mm}'",
    "count": "add for example 'count: 5'",
    "setting": "add 'setting: flush', or in an eternity band 'setting: channel' or 'shared_prong'",
}
_BOUNDS = {"greater_than": ("gt", ">"), "greater_than_equal": ("ge", ">="), "less_than": ("lt", "<")}
_BOUNDS["less_than_equal"] = ("le", "<=")


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Model classes inside an annotation (optional, annotated, tuple of ...)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType, tuple, list, typing.Annotated):
        for part in typing.get_args(annotation):
            yield from _models_in(part)


def _model_at(path: FieldPath, root: type[BaseModel]) -> type[BaseModel] | None:
    """The model that holds the fields below ``path``."""
    model: type[BaseModel] | None = root
    for part in path:
        if isinstance(part, int):
            continue
        if model is None or part not in model.model_fields:
            return None
        model = next(_models_in(model.model_fields[part].annotation), None)
    return model


def _places_of(name: str, model: type[BaseModel], path: FieldPath = ()) -> Iterator[FieldPath]:
    """Every place of the format where a field of this name exists."""
    for field, info in model.model_fields.items():
        if field == name:
            yield (*path, field)
        for inner in _models_in(info.annotation):
            yield from _places_of(name, inner, (*path, field))


def _unknown_key(path: FieldPath, root: type[BaseModel]) -> tuple[str, str | None]:
    name = str(path[-1])
    model = _model_at(path[:-1], root)
    known = list(model.model_fields) if model else []
    hint = closest(name, known)
    if hint and (hint.startswith(name) or name.startswith(hint) or len(set(hint) ^ set(name)) <= 4):
        return "unknown key", f"did you mean {hint!r}?"
    places = sorted(_places_of(name, root), key=len)
    if places:
        where = f"under '{dotted(places[0][:-1])}'" if len(places[0]) > 1 else "at the top level"
        return "unknown key here", f"{name!r} belongs {where}"
    return "unknown key", f"did you mean {hint!r}?" if hint else f"known keys: {', '.join(known)}"


def _shown(value: Any) -> str | None:
    if value is None or isinstance(value, (dict, list, tuple, BaseModel)):
        return None
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _literal(error: ErrorDetails) -> tuple[str, str | None, str | None]:
    expected = str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ")
    words = [word.strip().strip("'") for word in expected.split(",")]
    value = error.get("input")
    hint = closest(value, words) if isinstance(value, str) else None
    if error["loc"] == ("ringcad",):
        return "this program reads version 1 of the format", "1", "write 'ringcad: 1'"
    return "is not one of the choices", ", ".join(words), f"did you mean {hint!r}?" if hint else f"use {words[0]}"


def _problem(error: ErrorDetails, source: SourceMap, root: type[BaseModel], prefix: FieldPath) -> SpecProblem:
    path: FieldPath = tuple(error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    limit: str | None = None
    hint: str | None = None
    shown = _shown(error.get("input"))
    last = str(path[-1]) if path else ""
    if kind == "ringcad":
        message, limit, hint = context["message"], context["limit"], context["suggestion"]
    elif kind == "extra_forbidden":
        message, hint = _unknown_key(path, root)
    elif kind == "missing":
        message, shown = "is missing", None
        hint = _EXAMPLES.get(path) or _LAST_EXAMPLES.get(last)
    elif kind == "literal_error":
        message, limit, hint = _literal(error)
    elif kind in _BOUNDS:
        key, sign = _BOUNDS[kind]
        message, limit = "is out of range", f"{sign} {context[key]:g}"
        side = "more" if sign[0] == ">" else "less"
        hint = f"use {context[key]:g} or {side}" if sign.endswith("=") else f"use {side} than {context[key]:g}"
    elif kind in ("model_type", "dict_type", "model_attributes_type"):
        got = {list: "a list", type(None): "nothing"}.get(type(error.get("input")), "a single value")
        model = _model_at(path, root)
        names = ", ".join(list(model.model_fields)[:4]) if model else ""
        message, hint = f"a mapping is wanted, not {got}", f"write its keys ({names} ...) below it" if names else None
    elif kind in ("tuple_type", "list_type"):
        message, hint = "a list is wanted", "begin each entry with '- '"
    elif kind == "too_long" and "actual_length" in context:
        message, shown = "has too many entries", str(context["actual_length"])
        limit, hint = f"at most {context['max_length']}", f"keep {context['max_length']} of them"
    elif kind in ("finite_number",):
        message, hint = "must be a finite number", "give a number, or leave the field out for its default"
    elif kind in ("string_type", "int_type", "bool_type", "float_type", "int_from_float"):
        wanted = {"s": "a text", "i": "a whole number", "b": "true or false", "f": "a number"}[kind[0]]
        message = f"{wanted} is wanted"
        if path == ("ring_size",) and isinstance(error.get("input"), (int, float)):
            hint = f"the system is missing, write for example 'US {error['input']}'"
    else:
        message = error["msg"][0].lower() + error["msg"][1:]
    path = (*prefix, *path)
    return SpecProblem(dotted(path) or "(file)", message, shown, limit, hint, source.file, source.line(path))


def problems_of(
    error: ValidationError, source: SourceMap, root: type[BaseModel], prefix: FieldPath = ()
) -> list[SpecProblem]:
    """Problems of a value of the model ``root`` that stands at ``prefix`` in its file."""
    return [_problem(detail, source, root, prefix) for detail in error.errors(include_url=False)]


def spec_error(error: ValidationError, source: SourceMap) -> SpecError:
    """Every problem of a spec at once, in the order of the file."""
    problems = problems_of(error, source, Spec)
    return SpecError(sorted(problems, key=lambda p: (p.line or 0, p.field)))
