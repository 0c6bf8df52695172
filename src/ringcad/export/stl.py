"""Binary STL writer: vertices on the 2^-19 mm grid, exact in float32, bytes that depend on the input alone.

The STL layout is that of the StereoLithography Interface Specification (3D Systems, 1989): an
80-byte header, a little-endian uint32 triangle count, then 50 bytes per triangle (normal, three
corners as float32, two attribute bytes).
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ringcad.core.atomic import replacing
from ringcad.core.errors import InputError
from ringcad.core.tolerances import TOLERANCES

FLOAT32_EXACT_BELOW_MM = 32.0
"""A multiple of 2^-19 below 2^5 has at most 24 significant bits, the mantissa of a float32."""

TRIANGLE_RECORD = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
"""One 50-byte STL triangle."""

DEFAULT_HEADER = "ringcad binary STL, units mm"


def snap_vertices(vertices: NDArray[np.float64]) -> NDArray[np.float32]:
    """Vertices rounded to the vertex grid, as float32 without further rounding.

    Parameters
    ----------
    vertices : (n, 3) float, mm

    Returns
    -------
    (n, 3) float32; every value is a multiple of 2^-19 mm and never a negative zero.

    Raises
    ------
    InputError
        When a coordinate is not finite or is 32 mm or more from the origin, where float32 can no
        longer hold the grid.
    """
    values = np.asarray(vertices, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != 3:
        raise InputError(f"STL vertices: expected an (n, 3) array, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise InputError("STL vertices: a coordinate is not a finite number")
    largest = float(np.abs(values).max(initial=0.0))
    if largest >= FLOAT32_EXACT_BELOW_MM:
        raise InputError(
            f"STL vertices: a coordinate is {largest:.3f} mm from the origin (limit: {FLOAT32_EXACT_BELOW_MM:g} mm); "
            "centre the finger hole on the origin"
        )
    grid = TOLERANCES.vertex_grid_mm
    return (np.rint(values / grid) * grid + 0.0).astype(np.float32)


def snap_and_weld(
    vertices: NDArray[np.float64], faces: NDArray[np.integer]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Snap to the vertex grid, merge vertices that became equal, drop triangles that lost a corner.

    A triangle two of whose corners merge is an edge collapse: dropping it keeps a closed mesh
    closed. A triangle with three distinct collinear corners stays; the verifier reports it.

    Returns
    -------
    vertices : (k, 3) float32, faces : (j, 3) int64 with the winding and order of the input.
    """
    snapped = snap_vertices(vertices)
    key = np.rint(snapped.astype(np.float64) / TOLERANCES.vertex_grid_mm).astype(np.int64)
    half = np.int64(1) << 25
    pair = ((key[:, 0] + half) << 26) | (key[:, 1] + half)
    _, first_two = np.unique(pair, return_inverse=True)
    triple = (first_two.astype(np.int64) << 27) | (key[:, 2] + half)
    _, first, inverse = np.unique(triple, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")  # keep the order in which vertices first appear
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    welded = rank[inverse][np.asarray(faces, dtype=np.int64)]
    kept = (welded[:, 0] != welded[:, 1]) & (welded[:, 1] != welded[:, 2]) & (welded[:, 2] != welded[:, 0])
    return snapped[first[order]], welded[kept]


def stl_bytes(vertices: NDArray[np.floating], faces: NDArray[np.integer], *, header: str = DEFAULT_HEADER) -> bytes:
    """The mesh as binary STL.

    Parameters
    ----------
    vertices : (n, 3) float, mm
        Snapped here; what is already on the grid is written bit for bit.
    faces : (m, 3) int, counter-clockwise seen from outside
    header : ASCII text of at most 80 bytes that does not begin with ``solid`` (readers would take
        the file for an ASCII one).

    Raises
    ------
    InputError
        For a bad header, an empty mesh, an index out of range or a coordinate that does not fit.
    """
    text = header.encode("ascii", errors="replace")
    if text[:5].lower() == b"solid":
        raise InputError("STL header: must not begin with 'solid', which marks an ASCII file")
    if len(text) > 80:
        raise InputError(f"STL header: {len(text)} bytes (limit: 80)")
    snapped = snap_vertices(np.asarray(vertices, dtype=np.float64))
    index = np.asarray(faces, dtype=np.int64)
    if index.ndim != 2 or index.shape[1] != 3 or len(index) == 0:
        raise InputError(f"STL faces: expected a non-empty (m, 3) array, got shape {index.shape}")
    if index.min() < 0 or index.max() >= len(snapped):
        raise InputError(f"STL faces: an index lies outside 0..{len(snapped) - 1}")
    corners = snapped[index]
    exact = corners.astype(np.float64)
    cross = np.cross(exact[:, 1] - exact[:, 0], exact[:, 2] - exact[:, 0])
    length = np.sqrt((cross * cross).sum(axis=1, keepdims=True))
    normal = np.divide(cross, length, out=np.zeros_like(cross), where=length > 0.0)
    records = np.zeros(len(index), dtype=TRIANGLE_RECORD)
    records["normal"] = normal + 0.0  # no negative zeros
    records["corners"] = corners
    return text.ljust(80, b" ") + struct.pack("<I", len(index)) + records.tobytes()


def write_stl(
    path: str | Path, vertices: NDArray[np.floating], faces: NDArray[np.integer], *, header: str = DEFAULT_HEADER
) -> int:
    """Write binary STL so that ``path`` holds either its old content or the whole new file.

    Returns the number of bytes. Raises :class:`InputError` when the mesh cannot be written as STL
    or the folder does not accept the file.
    """
    target = Path(path)
    data = stl_bytes(vertices, faces, header=header)
    try:
        with replacing(target, synced=True) as stream:
            stream.write(data)
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror or error})") from error
    return len(data)
