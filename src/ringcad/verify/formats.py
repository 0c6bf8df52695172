"""What a mesh file must hold before a library may read it: claims of its header against its bytes.

A loader that meets a short buffer, an unknown compression or a sparse accessor tends to answer with zeros or with
fewer triangles. Those files are refused here with a sentence.
"""

from __future__ import annotations

import base64
import binascii
import importlib.util
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from lzma import LZMAError
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ringcad.core.errors import InputError

MAX_FILE_BYTES = 1 << 30
"""Beyond 1 GiB (21 million triangles as STL) a ring file is a mistake; refused before it is read."""

_PLY_BYTES = {
    "char": 1, "int8": 1, "uchar": 1, "uint8": 1, "short": 2, "int16": 2, "ushort": 2, "uint16": 2,
    "int": 4, "int32": 4, "uint": 4, "uint32": 4, "float": 4, "float32": 4, "double": 8, "float64": 8,
}  # fmt: skip
"""Bytes of each scalar type of PLY (Turk 1994, The PLY polygon file format)."""

_GLTF_SCALAR_BYTES = {5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4}
_GLTF_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
"""glTF 2.0 specification (Khronos), 3.6.2.2 accessor data types."""

_DRACO = "KHR_draco_mesh_compression"
_HARMLESS = (
    "KHR_materials_",
    "EXT_materials_",
    "KHR_texture_",
    "EXT_texture_",
    "KHR_lights_",
    "KHR_animation_",
    "KHR_xmp",
    "EXT_lights_",
)
"""glTF extensions that change how a model looks, not where its triangles lie."""


_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
"""What ``zipfile`` raises for damaged packages."""


def check_ply(data: bytes, name: str) -> None:
    """Raise ``InputError`` where a PLY header is damaged or claims more than the file can hold."""
    end = data.find(b"end_header", 0, 1 << 16)
    if not data.startswith(b"ply") or end < 0:
        raise InputError(f"{name}: this is no PLY file (no 'ply' header)")
    lines = [line.split() for line in data[:end].decode("ascii", "replace").splitlines()]
    ascii_form = any(line[:2] == ["format", "ascii"] for line in lines)
    body = len(data) - data.find(b"\n", end) - 1
    claimed, counts, element, count = 0, {}, "", 0
    try:
        for line in lines:
            if line[:1] == ["element"]:
                element, count = line[1], int(line[2])
                if count < 0:
                    raise ValueError
                counts[element] = count
                claimed += count if ascii_form else 0
            elif line[:1] == ["property"]:
                # A list holds at least its length; a face of a triangle mesh three indices as well.
                least = (
                    _PLY_BYTES[line[2]] + (3 * _PLY_BYTES[line[3]] if element == "face" else 0)
                    if line[1] == "list"
                    else _PLY_BYTES[line[1]]
                )
                claimed += count * (2 if ascii_form else least)
    except (ValueError, KeyError, IndexError) as error:
        raise InputError(f"{name}: the PLY header is damaged near '{' '.join(line)}'") from error
    if claimed > body + 2:
        raise InputError(
            f"{name}: the file is cut short: its header claims {counts.get('vertex', 0)} vertices and "
            f"{counts.get('face', 0)} faces (at least {claimed} bytes), it holds {body}"
        )
    if not counts.get("face", 0):
        raise InputError(f"{name}: the PLY file holds points but no faces")


def check_3mf(data: bytes, name: str) -> None:
    """Raise ``InputError`` where a 3MF package is damaged, has no model, or unpacks to too much."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            rows = package.infolist()
            damaged = None if sum(row.file_size for row in rows) > MAX_FILE_BYTES else package.testzip()
    except _BROKEN_ZIP as error:
        raise InputError(f"{name}: this is no 3MF file (a 3MF is a zip package): {error}") from error
    unpacked = sum(row.file_size for row in rows)
    if unpacked > MAX_FILE_BYTES:
        raise InputError(f"{name}: unpacks to {unpacked / 1e6:.0f} MB (limit: {MAX_FILE_BYTES / 1e6:.0f} MB)")
    if damaged is not None:
        raise InputError(f"{name}: the part {damaged} of the package is damaged")
    if not any(row.filename.lower().endswith(".model") for row in rows):
        raise InputError(f"{name}: the package holds no 3D model")


def gltf_document(data: bytes, name: str, folder: Path | None) -> dict[str, Any]:
    """The JSON of a glTF or GLB file whose buffers have been checked against what its accessors claim.

    Raises
    ------
    InputError
        Damaged or short files, sparse or empty accessors, compressions that cannot be decoded here, triangle fans.
    """
    if data[:4] == b"glTF":
        document, binary = _glb_chunks(data, name)
    else:
        document, binary = _parsed(data, name), None
    try:
        _check_extensions(document, name)
        sizes = [_buffer_bytes(row, binary, folder, name) for row in document.get("buffers", [])]
        _check_accessors(document, sizes, name)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(f"{name}: the glTF document is damaged ({type(error).__name__}: {error})") from error
    return document


def _glb_chunks(data: bytes, name: str) -> tuple[dict[str, Any], bytes | None]:
    version, claimed = (int.from_bytes(data[k : k + 4], "little") for k in (4, 8))
    if version != 2:
        raise InputError(f"{name}: glTF version {version} (2 is read)")
    if claimed > len(data):
        raise InputError(f"{name}: the file is cut short: it claims {claimed} bytes and holds {len(data)}")
    chunks: dict[bytes, bytes] = {}
    place = 12
    while place + 8 <= claimed:
        size, kind = int.from_bytes(data[place : place + 4], "little"), data[place + 4 : place + 8]
        if place + 8 + size > len(data):
            raise InputError(f"{name}: a chunk claims {size} bytes, more than the file holds")
        chunks.setdefault(kind, data[place + 8 : place + 8 + size])
        place += 8 + size
    if b"JSON" not in chunks:
        raise InputError(f"{name}: the GLB file has no JSON chunk")
    return _parsed(chunks[b"JSON"], name), chunks.get(b"BIN\0", b"")


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: this is no glTF file: {str(error)[:120]}") from error
    if not isinstance(document, dict) or "asset" not in document:
        raise InputError(f"{name}: this is no glTF file (no 'asset' in it)")
    return document


def _check_extensions(document: Mapping[str, Any], name: str) -> None:
    compressed = any(
        _DRACO in primitive.get("extensions", {})
        for mesh in document.get("meshes", [])
        for primitive in mesh.get("primitives", [])
    )
    if compressed and importlib.util.find_spec("DracoPy") is None:
        raise InputError(
            f"{name}: its triangles are Draco-compressed; install the decoder (pip install 'ringcad[draco]') "
            "or export without compression"
        )
    for extension in document.get("extensionsRequired", []):
        if extension != _DRACO and not str(extension).startswith(_HARMLESS):
            raise InputError(f"{name}: it needs the glTF extension {extension}, which is not read; export without it")


def _buffer_bytes(row: Mapping[str, Any], binary: bytes | None, folder: Path | None, name: str) -> int:
    uri = row.get("uri")
    if uri is None:
        held = len(binary or b"")
    elif uri.startswith("data:"):
        try:
            held = len(base64.b64decode(uri.partition(",")[2], validate=True))
        except (binascii.Error, ValueError) as error:
            raise InputError(f"{name}: an embedded buffer is damaged: {error}") from error
    else:
        if folder is None:
            raise InputError(f"{name}: its buffer {uri} lies in another file")
        try:
            held = (folder / unquote(uri)).stat().st_size
        except OSError as error:
            raise InputError(f"{name}: its buffer {uri} cannot be read: {error.strerror}") from error
    claimed = int(row["byteLength"])
    if claimed > held:
        raise InputError(f"{name}: the file is cut short: a buffer of {claimed} bytes holds {held}")
    return claimed


def _check_accessors(document: Mapping[str, Any], buffers: list[int], name: str) -> None:
    accessors, views = document.get("accessors", []), document.get("bufferViews", [])
    for view in views:
        if int(view.get("byteOffset", 0)) + int(view["byteLength"]) > buffers[view["buffer"]]:
            raise InputError(f"{name}: a buffer view reaches beyond its buffer")
    needed: set[int] = set()
    for mesh in document.get("meshes", []):
        for primitive in mesh.get("primitives", []):
            mode = primitive.get("mode", 4)
            if mode == 6:
                raise InputError(f"{name}: it holds triangle fans, which are not read; export triangles")
            if mode not in (4, 5) or _DRACO in primitive.get("extensions", {}):
                continue
            needed.add(primitive["attributes"]["POSITION"])
            if "indices" in primitive:
                needed.add(primitive["indices"])
    for index in needed:
        row = accessors[index]
        if "sparse" in row or "bufferView" not in row:
            raise InputError(f"{name}: it holds sparse or empty accessors, which are not read; export plain meshes")
        element = _GLTF_SCALAR_BYTES[row["componentType"]] * _GLTF_COMPONENTS[row["type"]]
        view = views[row["bufferView"]]
        step = int(view.get("byteStride", element))
        reach = int(row.get("byteOffset", 0)) + (int(row["count"]) - 1) * step + element
        if int(row["count"]) < 1 or reach > int(view["byteLength"]):
            raise InputError(f"{name}: an accessor of {row['count']} elements reaches beyond its buffer view")
