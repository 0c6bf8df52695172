"""The ornament program: what a relief is made of, as typed values that survive YAML.

A :class:`Program` is a band, a frame and layers. Each layer is one family with its discrete
structure (repeat counts, form, handedness, rows) and continuous parameters in mm, so that a model
can learn to write programs: a categorical choice per discrete field, a density per number. A
renderer turns the program into elements (strokes, leaves, beads ...) and those into heights; it
holds no random numbers, every variation is a value in the program.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from pydantic import SerializeAsAny, ValidationError, field_validator

from ringcad.core.errors import InputError
from ringcad.generators.ornament.registry import LAYERS
from ringcad.generators.ornament.schema import Band, Frame, Frozen, LayerBase

_T = TypeVar("_T", bound=Frozen)
_PLACING = {name: field.default for name, field in LayerBase.model_fields.items() if name != "family"}


class Program(Frozen):
    """A whole relief."""

    format: Literal["ringcad-ornament"] = "ringcad-ornament"
    version: Literal[1] = 1
    band: Band
    frame: Frame
    layers: tuple[SerializeAsAny[LayerBase], ...]

    @field_validator("layers", mode="before")
    @classmethod
    def _by_family(cls, value: Any) -> Any:
        return tuple(layer_from_dict(item) if isinstance(item, dict) else item for item in value)

    def to_dict(self) -> dict[str, Any]:
        """YAML-ready mapping (plain dicts, lists, numbers, strings); a layer's placing only where it says something."""
        data = self.model_dump(mode="json")
        data["layers"] = [
            {key: value for key, value in layer.items() if key not in _PLACING or value != _PLACING[key]}
            for layer in data["layers"]
        ]
        return data


def layer_from_dict(data: dict[str, Any]) -> LayerBase:
    """A layer of the class that its family has. Raises ``InputError`` naming the first wrong field."""
    family = data.get("family")
    if family not in LAYERS:
        raise InputError(f"ornament program: family '{family}' is not one of {', '.join(sorted(LAYERS))}")
    return _checked(LAYERS[family], data, str(family))


def program_from_dict(data: dict[str, Any]) -> Program:
    """Inverse of :meth:`Program.to_dict`. Raises ``InputError`` naming the first wrong field."""
    return _checked(Program, data, "program")


def _checked(kind: type[_T], data: dict[str, Any], name: str) -> _T:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join([name, *(str(part) for part in first["loc"])])
        raise InputError(f"ornament program: {place}: {first['msg']}") from error
