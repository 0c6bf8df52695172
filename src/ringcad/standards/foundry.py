"""Foundry profiles: what a house accepts, as YAML. Two are shipped, users add their own by path or folder."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ringcad.standards.materials import Alloy, alloys
from ringcad.standards.tables import TableError, UnknownNameError, closest, data_names, data_text

_LIMITS = (
    "wall_min_mm rail_min_mm prong_min_mm free_wire_min_mm detail_min_mm gap_min_mm relief_max_mm engrave_max_mm "
    "culet_clearance_min_mm polish_allowance_mm bore_allowance_mm"
).split()
_HEAD = (
    "id name recommended note edition casting_scale casting_scale_options stl_max_bytes source reliability groups"
).split()


@dataclass(frozen=True)
class FoundryProfile:
    """A house's limits: ``groups[limits_group][limit]`` in mm, and how the file is to be delivered."""

    id: str
    name: str
    recommended: bool
    note: str
    edition: str
    casting_scale: float
    casting_scale_options: tuple[float, ...]
    stl_max_bytes: int
    source: str
    reliability: str
    groups: dict[str, dict[str, float]]

    def limits(self, metal: Alloy) -> dict[str, float]:
        """Limits for an alloy; raises :class:`TableError` when the profile does not cover its group."""
        if metal.limits_group not in self.groups:
            raise TableError(
                f"foundry profile {self.id!r} has no limits for {metal.name} (group {metal.limits_group!r}); "
                f"it covers {', '.join(self.groups)}"
            )
        return self.groups[metal.limits_group]


def _number(value: Any, where: str, minimum: float, maximum: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TableError(f"{where}: {value!r} is not a number")
    if not minimum <= value <= maximum:
        raise TableError(f"{where}: {value} is outside {minimum:g} to {maximum:g}")
    return float(value)


def _check_keys(found: Any, allowed: Iterable[str], where: str, required: bool = True) -> None:
    names = tuple(allowed)
    if not isinstance(found, dict):
        raise TableError(f"{where}: a mapping is wanted, not {type(found).__name__}")
    for key in found:
        if key not in names:
            hint = closest(str(key), names)
            raise TableError(f"{where}: unknown key {key!r}" + (f", did you mean {hint!r}?" if hint else ""))
    missing = [name for name in names if name not in found]
    if required and missing:
        raise TableError(f"{where}: missing {', '.join(missing)}")


def parse_profile(text: str, file: str) -> FoundryProfile:
    """Read a profile. Raises :class:`TableError` with file, key and value."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise TableError(f"{file}: not YAML: {str(error).splitlines()[0]}") from None
    _check_keys(data, _HEAD, file)
    groups: dict[str, dict[str, float]] = {}
    known_groups = {row.limits_group for row in alloys()}
    _check_keys(data["groups"], known_groups, f"{file}, groups", required=False)
    for group, limits in data["groups"].items():
        where = f"{file}, groups.{group}"
        _check_keys(limits, _LIMITS, where)
        groups[group] = {name: _number(limits[name], f"{where}.{name}", 0.0, 20.0) for name in _LIMITS}
        for name in ("wall_min_mm", "rail_min_mm", "prong_min_mm", "free_wire_min_mm", "detail_min_mm", "gap_min_mm"):
            _number(groups[group][name], f"{where}.{name}", 0.05, 5.0)
    if not isinstance(data["recommended"], bool):
        raise TableError(f"{file}, recommended: true or false is wanted, not {data['recommended']!r}")
    if data["reliability"] not in ("A", "B", "C"):
        raise TableError(f"{file}, reliability: {data['reliability']!r} is none of A, B, C")
    for name in ("id", "name", "note", "source"):
        if not isinstance(data[name], str) or not data[name].strip():
            raise TableError(f"{file}, {name}: a text is wanted")
    options = data["casting_scale_options"]
    if not isinstance(options, list):
        raise TableError(f"{file}, casting_scale_options: a list is wanted")
    return FoundryProfile(
        id=data["id"],
        name=data["name"],
        recommended=data["recommended"],
        note=data["note"],
        edition=str(data["edition"]),
        casting_scale=_number(data["casting_scale"], f"{file}, casting_scale", 1.0, 1.15),
        casting_scale_options=tuple(_number(v, f"{file}, casting_scale_options", 1.0, 1.15) for v in options),
        stl_max_bytes=int(_number(data["stl_max_bytes"], f"{file}, stl_max_bytes", 1e5, 1e9)),
        source=data["source"],
        reliability=data["reliability"],
        groups=groups,
    )


@cache
def shipped_profiles() -> dict[str, FoundryProfile]:
    """The profiles that come with ringcad, by id."""
    names = [name for name in data_names() if name.startswith("foundry_") and name.endswith(".yaml")]
    found = [parse_profile(data_text(name), name) for name in names]
    return {profile.id: profile for profile in found}


def _read(path: Path) -> FoundryProfile:
    try:
        return parse_profile(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise TableError(f"foundry profile {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise TableError(f"foundry profile {path}: not UTF-8 text") from None


def foundry_profile(name: str, folders: Iterable[Path] = ()) -> FoundryProfile:
    """A profile by id, or by the path of a YAML file (ending ``.yaml`` or ``.yml``).

    Parameters
    ----------
    name
        ``workshop``, ``seed_minimum``, the ``id`` of a file in one of ``folders``, or a path. A relative
        path is looked for in each folder, then in the working folder.
    folders
        Search folders for a user's own profiles; they win over the shipped ones.

    Raises
    ------
    UnknownNameError, TableError
    """
    places = [Path(folder) for folder in folders]
    if name.lower().endswith((".yaml", ".yml")):
        for candidate in [*(place / name for place in places), Path(name)]:
            if candidate.is_file():
                return _read(candidate)
        raise TableError(f"foundry profile {name}: no such file")
    for place in places:
        for candidate in (place / f"{name}.yaml", place / f"{name}.yml"):
            if candidate.is_file() and "/" not in name and "\\" not in name:
                return _read(candidate)
    shipped = shipped_profiles()
    if name not in shipped:
        raise UnknownNameError("foundry profile", name, shipped)
    return shipped[name]
