"""The ornament program: what a relief is made of, as typed values that survive YAML.

A :class:`Program` is a band, a frame and layers. Each layer is one family with its discrete
structure (repeat counts, form, handedness, rows) and continuous parameters in mm, so that a model
can learn to write programs: a categorical choice per discrete field, a density per number. A
renderer turns the program into elements (strokes, leaves, beads ...) and those into heights; it
holds no random numbers, every variation is a value in the program.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, SerializeAsAny, ValidationError, field_validator

from ringcad.core.errors import InputError
from ringcad.generators.ornament.attributes import Attributes, LeafKind
from ringcad.generators.ornament.registry import LAYERS
from ringcad.generators.ornament.schema import Band, Frame, Frozen, LayerBase, Share

Level = Annotated[float, Field(ge=-1, le=1)]
_T = TypeVar("_T", bound=Frozen)
_PLACING = {name: field.default for name, field in LayerBase.model_fields.items() if name != "family"}


class Asked(Frozen):
    """What the design was asked as, so that a variation can be sampled without reading the prompt again.

    Numbers run from -1 to 1, 0 when nothing was said.
    """

    prompt: str = ""
    seed: int | None = None
    dense: Level = 0.0
    bold: Level = 0.0
    large: Level = 0.0
    soft: Level = 0.0
    irregular: Share = 0.0
    leaf: LeafKind | None = None
    berries: bool = False
    balls: bool | None = None
    letters: str | None = None

    def wish(self) -> Attributes:
        """As the families' samplers take it."""
        return Attributes(**self.model_dump(exclude={"prompt", "seed"}))


def asked(prompt: str, seed: int, wish: Attributes) -> Asked:
    """What of a prompt's wishes a program keeps."""
    kept = {name: getattr(wish, name) for name in Asked.model_fields if name not in ("prompt", "seed")}
    return Asked(prompt=prompt, seed=seed, **kept)


class Program(Frozen):
    """A whole relief."""

    format: Literal["ringcad-ornament"] = "ringcad-ornament"
    version: Literal[1] = 1
    asked: Asked | None = None
    band: Band
    frame: Frame
    layers: tuple[SerializeAsAny[LayerBase], ...]

    @field_validator("layers", mode="before")
    @classmethod
    def _by_family(cls, value: Any) -> Any:
        return tuple(layer_from_dict(item) if isinstance(item, dict) else item for item in value)

    @property
    def has_writing(self) -> bool:
        """Whether something is written on the band, which has a right way round."""
        return any(layer.family == "runes" for layer in self.layers)

    def to_dict(self) -> dict[str, Any]:
        """YAML-ready mapping (plain dicts, lists, numbers, strings); a layer's placing only where it says something."""
        data = self.model_dump(mode="json")
        if self.asked is None:
            del data["asked"]
        else:
            data["asked"] = self.asked.model_dump(mode="json", exclude_defaults=True)
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
