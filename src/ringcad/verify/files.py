"""Any mesh file as named bodies in the file's own unit; nothing repaired, nothing guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringcad.core.errors import InputError
from ringcad.verify.formats import MAX_FILE_BYTES, check_3mf, check_ply, gltf_document
from ringcad.verify.mesh import TriangleMesh, weld
from ringcad.verify.stl import read_stl

FORMATS = (".stl", ".obj", ".ply", ".glb", ".gltf", ".3mf")

UNIT_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4, "ft": 304.8, "um": 0.001}
"""Millimetres in each unit that a file may state or a user may give."""

_3MF_UNITS = {
    "micron": "um",
    "millimeter": "mm",
    "centimeter": "cm",
    "inch": "in",
    "foot": "ft",
    "meter": "m",
}
"""3MF Core Specification 1.3, 3.4 model: the six units and the default, millimeter."""

_STONE_WORDS = re.compile(
    r"stone|gem|diamond|brilliant|sapphire|ruby|emerald|moissanite|zircon|\bcz\b|topaz|amethyst|garnet|opal|pearl"
    r"|spinel|tourmaline|aquamarine|morganite|tanzanite|peridot|citrine|quartz|onyx|turquoise|melee",
    re.IGNORECASE,
)
_METAL_WORDS = re.compile(
    r"metal|gold|silver|platinum|palladium|ring|band|shank|head|prong|basket|bezel|gallery|setting|setter",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[._\s-]*\d+$")


@dataclass(frozen=True)
class Body:
    """One named object of a file; its mesh has the coordinates of the file, rounded to float32."""

    name: str
    mesh: TriangleMesh


@dataclass(frozen=True)
class FileScene:
    """What a file holds.

    Attributes
    ----------
    bodies
        Objects in the file's order.
    unit : str
        Key of :data:`UNIT_MM`.
    unit_source : str
        ``given`` by the user, ``stated`` by the file, or ``assumed`` (formats without a unit).
    byte_count
        Size of the file.
    """

    bodies: tuple[Body, ...]
    unit: str
    unit_source: str
    byte_count: int


@dataclass(frozen=True)
class Selection:
    """Which bodies were taken as metal and which as stones, and by what rule."""

    metal: TriangleMesh
    metal_names: tuple[str, ...]
    stones: tuple[Body, ...]
    rule: str


def read_file(path: str | Path, unit: str | None = None) -> FileScene:
    """Read STL, OBJ, PLY, glTF/GLB or 3MF.

    Parameters
    ----------
    unit
        What a number of the file means (key of :data:`UNIT_MM`); overrides what the file states.

    Raises
    ------
    InputError
        Unknown format or unit; a file that is missing, damaged, cut short, without triangles or with numbers that are
        not finite.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if unit is not None and unit not in UNIT_MM:
        raise InputError(f"unit: '{unit}' is unknown (one of {', '.join(UNIT_MM)})")
    if suffix not in FORMATS:
        raise InputError(
            f"{path}: '{suffix or 'no suffix'}' is not a format that is read (one of {', '.join(FORMATS)}, .step)"
        )
    if suffix == ".stl":
        mesh = read_stl(path)
        return FileScene((Body(path.stem, mesh),), unit or "mm", "given" if unit else "assumed", mesh.byte_count)
    data = _bytes(path)
    stated: str | None = None
    notes: tuple[str, ...] = ()
    if suffix == ".ply":
        check_ply(data, str(path))
    elif suffix == ".3mf":
        check_3mf(data, str(path))
    elif suffix in (".glb", ".gltf"):
        document = gltf_document(data, str(path), path.parent)
        stated, notes = "m", _gltf_notes(document)  # glTF 2.0, 3.4: the unit of all linear distances is the metre
    loaded, found_unit = _loaded(path, data, suffix)
    if suffix == ".3mf":
        stated = _3MF_UNITS.get(found_unit or "millimeter")
        if stated is None:
            raise InputError(f"{path}: its unit '{found_unit}' is none of 3MF's ({', '.join(_3MF_UNITS)})")
    bodies = tuple(
        Body(name, _mesh(corners, f"{path}, body {name}", notes if k == 0 else (), len(data)))
        for k, (name, corners) in enumerate(loaded)
    )
    if not bodies:
        raise InputError(f"{path}: the file holds no triangles")
    if unit is not None:
        return FileScene(bodies, unit, "given", len(data))
    return FileScene(bodies, stated or "mm", "stated" if stated else "assumed", len(data))


def scene_from_corners(bodies: Sequence[tuple[str, NDArray[np.floating]]], unit: str, byte_count: int) -> FileScene:
    """A scene of bodies by name and corners (m, 3, 3) whose unit the file states. Raises ``InputError``."""
    meshes = tuple(Body(name, _mesh(corners, f"body {name}", (), byte_count)) for name, corners in bodies)
    return FileScene(meshes, unit, "stated", byte_count)


def select_metal(scene: FileScene, metal: Sequence[str] = (), stones: Sequence[str] = ()) -> Selection:
    """Tell metal from stones.

    Bodies named by the user come first (a name, a name without its number, or the body's place from 1 on). Else, where
    a body's name speaks of a stone and of no part of a ring, it is a stone; everything else is metal.

    Raises
    ------
    InputError
        A name that no body has, or no metal left.
    """
    names = [body.name for body in scene.bodies]
    given_metal, given_stones = _named(names, metal, "metal"), _named(names, stones, "stones")
    both = given_metal & given_stones
    if both:
        raise InputError(f"body {names[min(both)]} was named as metal and as a stone")
    if given_metal:
        chosen, rule = given_metal, "named as metal; the others are stones"
    elif given_stones:
        chosen, rule = set(range(len(names))) - given_stones, "what was not named as a stone"
    elif len(names) == 1:
        chosen, rule = {0}, "the only body"
    else:
        chosen = {k for k, name in enumerate(names) if not _STONE_WORDS.search(name) or _METAL_WORDS.search(name)}
        rule = "every body whose name speaks of no stone"
    if not chosen:
        raise InputError(f"no body is left as metal (bodies: {', '.join(names)}); name it with --metal-body")
    parts = [scene.bodies[k].mesh for k in sorted(chosen)]
    return Selection(
        metal=parts[0] if len(parts) == 1 else _joined(parts),
        metal_names=tuple(names[k] for k in sorted(chosen)),
        stones=tuple(body for k, body in enumerate(scene.bodies) if k not in chosen),
        rule=rule,
    )


def _named(names: list[str], wanted: Sequence[str], what: str) -> set[int]:
    found: set[int] = set()
    for word in wanted:
        hits = {k for k, name in enumerate(names) if word in (name, _DIGITS.sub("", name))}
        if not hits and word.isdigit() and 1 <= int(word) <= len(names):
            hits = {int(word) - 1}
        if not hits:
            raise InputError(f"{what}: no body is called '{word}' (bodies: {', '.join(names)})")
        found |= hits
    return found


def _joined(meshes: Sequence[TriangleMesh]) -> TriangleMesh:
    corners = np.concatenate([mesh.corners for mesh in meshes]).astype(np.float32)
    vertices, faces = weld(corners)
    notes = tuple(note for mesh in meshes for note in mesh.notes)
    return TriangleMesh(vertices=vertices, faces=faces, notes=notes, byte_count=meshes[0].byte_count)


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise InputError(f"{path}: {size / 1e6:.0f} MB (limit: {MAX_FILE_BYTES / 1e6:.0f} MB)")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    if not data:
        raise InputError(f"{path}: the file is empty")
    return data


def _gltf_notes(document: dict[str, Any]) -> tuple[str, ...]:
    notes = []
    if document.get("skins"):
        notes.append("skins are not applied: the pose is that of the mesh")
    if any("targets" in part for mesh in document.get("meshes", []) for part in mesh.get("primitives", [])):
        notes.append("morph targets are not applied")
    return tuple(notes)


def _loaded(path: Path, data: bytes, suffix: str) -> tuple[list[tuple[str, NDArray[np.float64]]], str | None]:
    """Bodies by name with their corners (m, 3, 3) in place, and the unit that the file states."""
    import trimesh

    options: dict[str, Any] = {"process": False}
    if suffix == ".obj":
        options |= {"split_objects": True, "group_material": False, "skip_materials": True, "maintain_order": True}
    if suffix in (".glb", ".gltf"):
        options |= {"skip_materials": True, "merge_primitives": True}
        resolver = trimesh.resolvers.FilePathResolver(str(path))
    else:
        resolver = None
    try:
        scene = trimesh.load_scene(BytesIO(data), file_type=suffix[1:], resolver=resolver, **options)
        rows = []
        for node in scene.graph.nodes_geometry:
            transform, key = scene.graph[node]
            geometry = scene.geometry[key]
            if isinstance(geometry, trimesh.Trimesh) and len(geometry.faces):
                rows.append((str(node if len(scene.geometry) > 1 else key), geometry, transform))
        if suffix == ".obj":  # the reader groups them by a hash
            rows.sort(key=lambda row: data.find(f"o {row[0]}".encode()))
        return [(name, _placed(geometry, transform)) for name, geometry, transform in rows], scene.units
    except MemoryError:
        raise InputError(f"{path}: reading it needs more memory than there is") from None
    except Exception as error:  # a damaged file may raise anything inside a reader
        raise InputError(f"{path}: damaged, or no {suffix[1:].upper()} file ({str(error)[:160]})") from error


def _placed(geometry: Any, transform: NDArray[np.float64]) -> NDArray[np.float64]:
    points = np.asarray(geometry.vertices, dtype=np.float64)
    faces = np.asarray(geometry.faces, dtype=np.int64)
    if faces.min(initial=0) < 0 or faces.max(initial=-1) >= len(points):
        raise ValueError("a face names a vertex that is not there")
    if not np.array_equal(transform, np.eye(4)):
        points = points @ transform[:3, :3].T + transform[:3, 3]
        if np.linalg.det(transform[:3, :3]) < 0.0:  # a mirrored node turns its triangles (glTF 2.0, 3.7.4)
            faces = faces[:, ::-1]
    return np.asarray(points[faces])


def _mesh(corners: NDArray[np.floating], name: str, notes: tuple[str, ...], size: int) -> TriangleMesh:
    with np.errstate(over="ignore"):
        rounded = corners.astype(np.float32)
    bad = ~np.isfinite(rounded).all(axis=(1, 2))
    if bad.any():
        raise InputError(
            f"{name}: {int(bad.sum())} triangles have a coordinate that is not a finite number "
            f"(the first is triangle {int(np.flatnonzero(bad)[0])})"
        )
    vertices, faces = weld(rounded)
    return TriangleMesh(vertices=vertices, faces=faces, notes=notes, byte_count=size)
