"""Delivered rings before other people's checkers: does any of them see a defect that the verifier did not?

    python benchmarks/verify_oracles.py FOLDER [FOLDER ...] [--json out.json] [--markdown docs/verifier.md]

Every ``*.stl`` with a certificate beside it below the folders is judged by the verifier and by each oracle that is
installed: ``admesh`` and ``prusa-slicer`` (Debian), PyMeshLab, manifold3d, libigl with CGAL's exact kernel (the extra
``oracles``). Where an oracle names crossing triangles, every pair of them that could meet is decided again in exact
rational arithmetic (``fractions.Fraction``, written here, sharing nothing with the verifier); the table says how many
pairs were named and how many of them really meet. The broken rings of the last part show that each oracle works at all.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ringcad.verify.stl import read_stl

Array = NDArray[Any]
START, END = "<!-- measured by benchmarks/verify_oracles.py -->", "<!-- end of oracles -->"


@dataclass(frozen=True)
class Opinion:
    """What an oracle said: how many defects by its own count, in words, and crossing faces it named."""

    defects: int
    words: str = ""
    faces: tuple[int, ...] = ()


Oracle = Callable[[Path], Opinion]


# -- oracles ------------------------------------------------------------------------------------------------------


def admesh(path: Path) -> Opinion:
    """Only its exact checks: what it had to repair to connect facets by equal vertices."""
    run = subprocess.run(
        ["admesh", "--exact", "--normal-directions", str(path)],
        capture_output=True,
        text=True,
        errors="replace",
        check=True,
    )
    counts = dict(re.findall(r"^\s*([A-Z][A-Za-z -]+?)\s*:\s+(\d+)", run.stdout, re.MULTILINE))
    names = ("Degenerate facets", "Edges fixed", "Facets removed", "Facets added", "Facets reversed", "Backwards edges")
    disconnected = re.search(r"Total disconnected facets\s*:\s*(\d+)", run.stdout)
    found = {name: int(counts[name]) for name in names if int(counts.get(name, 0))}
    if disconnected and int(disconnected[1]):
        found["disconnected facets"] = int(disconnected[1])
    parts = re.search(r"Number of parts\s*:\s*(\d+)", run.stdout)
    if parts and int(parts[1]) != 1:
        found["parts"] = int(parts[1])
    return Opinion(sum(found.values()), ", ".join(f"{value} {name}" for name, value in found.items()))


def prusa_slicer(path: Path) -> Opinion:
    """What ``--info`` says of the mesh: open edges, facets repaired, parts."""
    run = subprocess.run(
        ["prusa-slicer", "--info", str(path)], capture_output=True, text=True, errors="replace", check=True
    )
    rows = dict(re.findall(r"^\s*(\w+)\s*=\s*(\S+)", run.stdout, re.MULTILINE))
    names = ("open_edges", "degenerate_facets", "edges_fixed", "facets_removed", "facets_reversed", "backwards_edges")
    found = {name: int(rows[name]) for name in names if int(rows.get(name, 0))}
    if rows.get("manifold") != "yes":
        found["not manifold"] = 1
    if rows.get("number_of_parts", "1") != "1":
        found["parts"] = int(rows["number_of_parts"])
    return Opinion(sum(found.values()), ", ".join(f"{value} {name}" for name, value in found.items()))


def pymeshlab(path: Path) -> Opinion:
    """Topology, and faces that its own filter calls self-intersecting."""
    import pymeshlab as library

    meshes = library.MeshSet()
    meshes.load_new_mesh(str(path))
    meshes.apply_filter("meshing_remove_duplicate_vertices")
    row = meshes.apply_filter("get_topological_measures")
    found = {
        "border edges": row["boundary_edges"],
        "non-manifold edges": row["non_two_manifold_edges"],
        "non-manifold vertices": row["non_two_manifold_vertices"],
        "further parts": row["connected_components_number"] - 1,
    }
    meshes.apply_filter("compute_selection_by_self_intersections_per_face")
    chosen = np.flatnonzero(meshes.current_mesh().face_selection_array())
    before = meshes.current_mesh().face_number()
    meshes.apply_filter("meshing_remove_null_faces")
    found["faces without area"] = before - meshes.current_mesh().face_number()
    words = [f"{value} {name}" for name, value in found.items() if value]
    words += [f"{len(chosen)} self-intersecting faces"] if len(chosen) else []
    return Opinion(sum(found.values()) + len(chosen), ", ".join(words), tuple(int(face) for face in chosen))


def manifold(path: Path) -> Opinion:
    """Whether it takes the mesh as a manifold, as it is."""
    import manifold3d

    mesh = read_stl(path)
    solid = manifold3d.Manifold(manifold3d.Mesh(mesh.vertices.astype(np.float32), mesh.faces.astype(np.uint32)))
    status = str(solid.status()).rpartition(".")[2]
    return Opinion(int(status != "NoError"), "" if status == "NoError" else status)


def libigl(path: Path) -> Opinion:
    """Pairs of faces that CGAL's exact kernel finds crossing."""
    import igl.copyleft.cgal as cgal

    mesh = read_stl(path)
    pairs = _crossing_pairs(cgal, mesh.vertices, mesh.faces)
    faces = np.unique(pairs)
    words = f"{len(pairs)} crossing pairs" if len(pairs) else ""
    return Opinion(len(pairs), words, tuple(int(face) for face in faces))


def _crossing_pairs(cgal: Any, vertices: Array, faces: Array) -> Array:
    answer = cgal.remesh_self_intersections(vertices.astype(float), faces.astype(np.int64), detect_only=True)
    parts = answer if isinstance(answer, tuple) else (answer,)
    pairs = next((part for part in parts if getattr(part, "ndim", 0) == 2 and part.shape[1] == 2), None)
    if pairs is None:
        raise RuntimeError("libigl gave no pairs")
    return np.asarray(pairs)


def verifier(path: Path) -> Opinion:
    """Our own judgement of the same things."""
    from ringcad.verify.check import verify_stl

    codes = {"open_edges", "non_manifold_edges", "non_manifold_vertices", "winding", "bodies", "degenerate_faces",
             "duplicate_faces", "self_intersection"}  # fmt: skip
    found = [row for row in verify_stl(path).findings if row.code.value in codes]
    return Opinion(len(found), ", ".join(f"{row.code.value}" for row in found))


ORACLES: dict[str, Oracle] = {
    "ringcad": verifier,
    "admesh": admesh,
    "prusa-slicer": prusa_slicer,
    "PyMeshLab": pymeshlab,
    "manifold3d": manifold,
    "libigl (CGAL)": libigl,
}
_MODULES = {"PyMeshLab": "pymeshlab", "manifold3d": "manifold3d", "libigl (CGAL)": "igl"}


def present(name: str) -> bool:
    """Whether an oracle is installed."""
    if name in _MODULES:
        return importlib.util.find_spec(_MODULES[name]) is not None
    return name == "ringcad" or shutil.which(name) is not None


# -- exact arithmetic -----------------------------------------------------------------------------------------------

Point = tuple[Fraction, Fraction, Fraction]


def _sub(a: Point, b: Point) -> Point:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _cross(a: Point, b: Point) -> Point:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _dot(a: Point, b: Point) -> Fraction:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _between(a: Point, b: Point, share: Fraction) -> Point:
    return (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2]))


def _inside(p: Point, triangle: list[Point], normal: Point) -> bool:
    """Whether a point of the triangle's plane lies in the closed triangle."""
    sides = [_dot(_cross(_sub(triangle[(k + 1) % 3], triangle[k]), _sub(p, triangle[k])), normal) for k in range(3)]
    return all(side >= 0 for side in sides)


def _segment_points(a: Point, b: Point, triangle: list[Point]) -> Iterator[Point]:
    """Points (the ends of the common part) in which a segment meets a closed triangle."""
    normal = _cross(_sub(triangle[1], triangle[0]), _sub(triangle[2], triangle[0]))
    one, two = _dot(normal, _sub(a, triangle[0])), _dot(normal, _sub(b, triangle[0]))
    if one == 0 and two == 0:
        yield from _flat_points(a, b, triangle, normal)
    elif one * two <= 0:
        p = _between(a, b, one / (one - two))
        if _inside(p, triangle, normal):
            yield p


def _flat_points(a: Point, b: Point, triangle: list[Point], normal: Point) -> Iterator[Point]:
    """The same in one plane: the segment is clipped by the triangle's three sides."""
    low, high = Fraction(0), Fraction(1)
    for k in range(3):
        edge = _sub(triangle[(k + 1) % 3], triangle[k])
        one = _dot(_cross(edge, _sub(a, triangle[k])), normal)
        two = _dot(_cross(edge, _sub(b, triangle[k])), normal)
        if one < 0 and two < 0:
            return
        if one < 0 or two < 0:
            at = one / (one - two)
            low, high = (max(low, at), high) if one < 0 else (low, min(high, at))
    if low <= high:
        yield from {_between(a, b, low), _between(a, b, high)}


def _exact(corner: Array) -> Point:
    x, y, z = (Fraction(float(value)) for value in corner)
    return (x, y, z)


def really_meet(one: Array, two: Array) -> bool:
    """Whether two triangles (3, 3) meet anywhere but in the corners and edges they share: exact rationals.

    They do iff some point in which an edge of one meets the other lies outside what they share.
    """
    a, b = ([_exact(corner) for corner in rows] for rows in (one, two))
    shared = [corner for corner in a if corner in b]
    if len(shared) == 3:
        return True
    found: set[Point] = set()
    for mine, other in ((a, b), (b, a)):
        for k in range(3):
            found |= set(_segment_points(mine[k], mine[(k + 1) % 3], other))
    if not shared:
        return bool(found)
    if len(shared) == 1:
        return any(point != shared[0] for point in found)
    along = _sub(shared[1], shared[0])
    return any(any(v != 0 for v in _cross(along, _sub(point, shared[0]))) for point in found)


def exact_crossings(path: Path, faces: tuple[int, ...]) -> tuple[int, int]:
    """Of the named faces: pairs, with each other or any neighbour, whose boxes meet; and those that really do.

    A named face is tried against every face of the file whose box meets its own.
    """
    mesh = read_stl(path)
    corners = mesh.corners
    low, high = corners.min(axis=1), corners.max(axis=1)
    tried = met = 0
    seen: set[tuple[int, int]] = set()
    for face in faces:
        near = np.flatnonzero(((low <= high[face]) & (high >= low[face])).all(axis=1))
        for other in near:
            pair = (min(face, int(other)), max(face, int(other)))
            if pair[0] == pair[1] or pair in seen:
                continue
            seen.add(pair)
            tried += 1
            met += really_meet(corners[pair[0]], corners[pair[1]])
    return tried, met


# -- the run --------------------------------------------------------------------------------------------------------


def rings_below(folders: list[Path]) -> Iterator[Path]:
    """Delivered STL files: those that lie beside a certificate."""
    for folder in folders:
        for certificate in sorted(folder.rglob("*.cert.json")):
            content = json.loads(certificate.read_text(encoding="utf-8"))
            yield certificate.parent / content["stl"]


def judged(path: Path, names: list[str]) -> dict[str, Any]:
    """Every oracle's opinion of one ring; crossing faces that it named are decided in exact arithmetic."""
    row: dict[str, Any] = {"ring": str(path), "triangles": (path.stat().st_size - 84) // 50}
    for name in names:
        opinion = ORACLES[name](path)
        row[name] = {"defects": opinion.defects, "words": opinion.words}
        if opinion.faces:
            tried, met = exact_crossings(path, opinion.faces)
            row[name] |= {"named_faces": len(opinion.faces), "pairs_tried": tried, "pairs_that_meet": met}
            if met == 0 and opinion.defects == len(opinion.faces):
                row[name]["refuted"] = True
    return row


def broken_files(good: Path, folder: Path) -> dict[str, Path]:
    """Files with a known defect, to see that an oracle can say so."""
    from verify_fuzz_files import stl

    corners = read_stl(good).corners
    cube = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
    faces = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6), (0, 2, 6),
             (0, 6, 4), (1, 5, 7), (1, 7, 3)]  # fmt: skip
    body = cube[np.array(faces)]
    crossing = np.concatenate([body, body + np.array([0.5, 0.4, 0.3])])
    files = {"a face missing": corners[1:], "two overlapping cubes": crossing}
    paths = {}
    for name, rows in files.items():
        paths[name] = folder / f"{name.replace(' ', '_')}.stl"
        paths[name].write_bytes(stl(rows))
    return paths


def table(rows: list[dict[str, Any]], names: list[str], absent: list[str]) -> list[str]:
    """One line per oracle."""
    lines = [
        "| oracle | rings | called clean | named a defect | of these refuted in exact arithmetic |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        flagged = [row[name] for row in rows if row[name]["defects"]]
        refuted = [row for row in flagged if row.get("refuted")]
        pairs = sum(row["pairs_tried"] for row in refuted)
        told = f"{len(refuted)} ({pairs} pairs of triangles, 0 meet)" if refuted else "-" if not flagged else "0"
        lines.append(f"| {name} | {len(rows)} | {len(rows) - len(flagged)} | {len(flagged)} | {told} |")
    lines += [f"| {name} | absent | | | |" for name in absent]
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Run every oracle that is there; 1 where one names a defect that stands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every opinion; rings in it are not asked again")
    parser.add_argument("--table", action="store_true", help="ask about no further ring")
    parser.add_argument("--markdown", type=Path, metavar="PAGE")
    chosen = parser.parse_args(arguments)
    names = [name for name in ORACLES if present(name)]
    absent = [name for name in ORACLES if name not in names]
    for name in absent:
        print(f"ABSENT: {name} is not installed and was not asked", file=sys.stderr)
    done = json.loads(chosen.json.read_text(encoding="utf-8")) if chosen.json and chosen.json.exists() else []
    rows = [row for row in done if all(name in row for name in names)]
    known = {row["ring"] for row in rows}
    for path in rings_below(chosen.folders):
        if str(path) in known or chosen.table:
            continue
        rows.append(judged(path, names))
        if chosen.json:
            chosen.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        said = {name: rows[-1][name] for name in names if rows[-1][name]["defects"]}
        print(f"{len(rows):3d} {path}: {said or 'clean'}", file=sys.stderr, flush=True)
    if not rows:
        raise SystemExit("no delivered ring was found there")
    lines = table(rows, names, absent)
    with tempfile.TemporaryDirectory() as folder:
        for name, path in broken_files(Path(rows[0]["ring"]), Path(folder)).items():
            who = [oracle for oracle in names if ORACLES[oracle](path).defects]
            lines += ["", f"To see that they can: {name} is seen by {', '.join(who)}."]
    lines += ["", f"{len(rows)} delivered rings, {min(r['triangles'] for r in rows)} to "
              f"{max(r['triangles'] for r in rows)} triangles."]  # fmt: skip
    print("\n".join(lines))
    if chosen.markdown:
        from verify_mutations import renew

        renew(chosen.markdown, START, END, "\n".join(lines))
    standing = [row for row in rows for name in names if row[name]["defects"] and not row[name].get("refuted")]
    return int(bool(standing))


if __name__ == "__main__":
    raise SystemExit(main())
