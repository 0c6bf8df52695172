"""A user's own head: his STEP file read, its solid where the mates place it, and the mates looked for on its metal.

Everything that is measured here is measured on a fine mesh of the file's solid, before it is joined to anything; what
does not agree with the spec is told in the spec's own fields. The finished ring is judged again by the verifier.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import manifold3d
import numpy as np
from numpy.typing import NDArray
from OCP.BRepBuilderAPI import BRepBuilderAPI_NurbsConvert
from OCP.BRepCheck import BRepCheck_Analyzer
from OCP.IFSelect import IFSelect_ReturnStatus
from OCP.Interface import Interface_Static
from OCP.STEPControl import STEPControl_Reader
from OCP.TopoDS import TopoDS_Shape, TopoDS_Solid

from ringcad.core.errors import RingcadError, SpecError, SpecProblem
from ringcad.fit.shank_line import body_line
from ringcad.kernel.boolean import loose_edges
from ringcad.kernel.frames import placed
from ringcad.kernel.mesh import tessellate
from ringcad.kernel.step import silence
from ringcad.kernel.surfaces import NamedShape, faces_of, solids_of
from ringcad.resolved import HeadedRing, OwnHead, ProngStand
from ringcad.seats.bodies import facet_planes, facet_polygons

Array = NDArray[np.float64]
Polygons = list[Array]

#: Name of the head's faces, where no number of a prong is known.
NAME = "own_head"
#: Sizes of a head, mm: across the smallest and the largest that a ring carries.
SIZE_RANGE_MM = (1.5, 40.0)
#: More faces take a boolean minutes.
MOST_FACES = 1500
#: Declared and measured base, prong, tip may differ by so much: twice the chord, and a decimal left out.
TOLERANCE_MM = 0.1
#: Chord and angle of the mesh that is measured.
_CHORD_MM, _ANGLE_DEG = 0.015, 12.0
#: Metal this near to the skin of the shank belongs to the base.
_NEAR_MM = 0.2
#: What of the base's radius must be left where it ends in the shank, so that no thin edge hovers over the skin.
_SUNK_SHARE = 0.8
#: Kept between the head's lowest metal and the finger hole, so that no face of it lies in the bore's.
_OVER_BORE_MM = 0.3
#: A prong's middle may stand so far from the declared azimuth, mm along the girdle.
_PLACE_MM = 0.3
#: Metal may lie so deep in the stone away from what holds it: twice the chord.
_INSIDE_MM = 0.03
#: The girdle must enter a prong by so much of its thickness at least, so that a bearing can be cut.
_NOTCH_RANGE = (0.08, 0.5)
#: What the kernel's binding makes of exceptions of the C++ library.
_LIBRARY_RAISES = (RuntimeError, MemoryError, ValueError, IndexError, OverflowError)
#: Ways in which a prong's thickness is looked for, degrees from level.
_TILTS_DEG = np.linspace(-45.0, 45.0, 31)


def own_head(ring: HeadedRing) -> NamedShape:
    """The head of a file where it stands in the ring, checked.

    Raises
    ------
    SpecError
        Where the file cannot be read, holds no sound head, or does not agree with its mates.
    """
    own = ring.head.own
    assert own is not None, "the ring's head is a file's"
    solid = _sound(_read(own), own)
    body = placed(NamedShape(solid, (NAME,) * len(faces_of(solid))), _Seating(own))
    try:
        mesh = tessellate(body, _CHORD_MM, _ANGLE_DEG)
        metal = manifold3d.Manifold(manifold3d.Mesh64(mesh.vertices, mesh.triangles.astype(np.uint64)))
        bad = metal.is_empty()
    except RingcadError:
        bad = True
    if bad:
        raise _wrong("head.file", "cannot be meshed: its faces do not close", fix="mend the solid where it was made")
    corners = mesh.vertices[mesh.triangles]
    if float(np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))) <= 0.0:
        raise _wrong("head.file", "is inside out", value=own.file, fix="turn the solid's faces outward")
    _check_base(ring, own, metal, mesh.vertices)
    if own.held_by == "prongs":
        _check_prongs(ring, own, metal, mesh.vertices)
    elif own.held_by == "bezel":
        _check_bezel(ring, own, metal, mesh.vertices)
    if own.held_by != "bench":
        _check_room(ring, own, metal)
    return body


def as_splines(part: NamedShape) -> NamedShape:
    """The same body with every face a B-spline surface."""
    return NamedShape(BRepBuilderAPI_NurbsConvert(part.shape, True).Shape(), part.names)


class _Seating:
    """The frame that carries the file's coordinates to the ring's, as :func:`placed` wants it."""

    def __init__(self, own: OwnHead) -> None:
        along, axis = np.array(own.along), np.array(own.axis)
        turn = np.stack([along, np.cross(axis, along), axis])  # rows: the ring's axes in the file
        self._turn = turn
        self._origin = np.array([0.0, 0.0, own.base_z_mm]) - turn @ np.array(own.origin_mm)

    @property
    def origin_mm(self) -> tuple[float, float, float]:
        x, y, z = (float(value) for value in self._origin)
        return x, y, z

    @property
    def along(self) -> tuple[float, float, float]:
        x, y, z = (float(value) for value in self._turn[:, 0])
        return x, y, z

    @property
    def axis(self) -> tuple[float, float, float]:
        x, y, z = (float(value) for value in self._turn[:, 2])
        return x, y, z


def _wrong(
    field: str, message: str, *, value: object = None, limit: str | None = None, fix: str | None = None
) -> SpecError:
    shown = None if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return SpecError([SpecProblem(field, message, shown, limit, fix)])


@contextmanager
def _damage(message: str, own: OwnHead, fix: str) -> Iterator[None]:
    """Refuse the file where the kernel fails on it; what is no failure of the kernel goes on."""
    try:
        yield
    except Exception as error:
        # the kernel's failures have no class in common in its binding but the module they come from
        if not isinstance(error, _LIBRARY_RAISES) and not type(error).__module__.startswith("OCP"):
            raise
        raise _wrong("head.file", message, value=own.file, fix=fix) from error


def _read(own: OwnHead) -> TopoDS_Shape:
    """What the file holds, in mm whatever unit it states."""
    try:
        content = Path(own.path).read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise _wrong("head.file", f"cannot be read: {why}", value=own.file) from error
    if hashlib.sha256(content).hexdigest() != own.sha256:
        raise _wrong("head.file", "was changed while its ring was built", value=own.file, fix="build again")
    silence()
    damaged = "name a STEP file that a CAD program opens; export the head again as AP214"
    with _damage("is damaged: the STEP reader fails on it", own, damaged):
        reader = STEPControl_Reader()
        Interface_Static.SetCVal_s("xstep.cascade.unit", "MM")
        done = reader.ReadFile(own.path) == IFSelect_ReturnStatus.IFSelect_RetDone and reader.TransferRoots() > 0
        shape = reader.OneShape() if done else None
    if shape is None or shape.IsNull():
        raise _wrong("head.file", "is damaged, or holds no body", value=own.file, fix=damaged)
    return shape


def _sound(shape: TopoDS_Shape, own: OwnHead) -> TopoDS_Solid:
    """The one closed, valid solid of sane size."""
    solids, faces = solids_of(shape), len(faces_of(shape))
    if len(solids) != 1 or faces != len(faces_of(solids[0])):
        found = f"{len(solids)} solids"
        loose = faces - sum(len(faces_of(solid)) for solid in solids)
        if loose:
            found += f" and {loose} loose faces"
        fix = (
            "unite its parts to one solid" if len(solids) > 1 else "export one closed solid, without construction faces"
        )
        raise _wrong("head.file", "is not one solid", value=f"{own.file}: {found}", limit="one closed solid", fix=fix)
    solid = solids[0]
    if faces > MOST_FACES:
        fix = "use fewer, larger faces; a mesh that was wrapped as STEP is no solid to build with"
        raise _wrong("head.file", "has too many faces", value=f"{own.file}: {faces}", limit=f"{MOST_FACES}", fix=fix)
    with _damage("is damaged: the kernel's check fails on it", own, "export the head again as AP214"):
        valid = BRepCheck_Analyzer(solid).IsValid() and not loose_edges(NamedShape(solid, ()))
    if not valid:
        fix = "mend the solid (open edges, faces that cross) where it was made"
        raise _wrong("head.file", "is no valid closed solid", value=own.file, limit="the kernel's own check", fix=fix)
    low, high = SIZE_RANGE_MM
    size = _largest_mm(solid)
    if not low <= size <= high:
        guess = next((f", which would be {size / scale:.2f} mm" for scale in (25.4, 10.0, 1000.0, 1 / 25.4, 0.1, 0.001)
                      if 3.0 <= size / scale <= 25.0), "")  # fmt: skip
        fix = f"export it in millimetres{guess}"
        raise _wrong("head.file", "has not the size of a head", value=f"{own.file}: {size:.4g} mm",
                     limit=f"{low:g} to {high:g} mm", fix=fix)  # fmt: skip
    return solid


def _largest_mm(solid: TopoDS_Solid) -> float:
    from OCP.Bnd import Bnd_Box
    from OCP.BRepBndLib import BRepBndLib

    box = Bnd_Box()
    BRepBndLib.Add_s(solid, box, False)  # a little too large where faces are splines, and a hundred times faster
    corners = box.Get()
    return float(max(corners[k + 3] - corners[k] for k in range(3)))


# -- sections ---------------------------------------------------------------------------------------------------


def _section(metal: manifold3d.Manifold, z_mm: float) -> Polygons:
    """Closed polygons (n, 2) of the metal at a height."""
    return [np.asarray(polygon, dtype=np.float64) for polygon in metal.slice(z_mm).to_polygons()]


def _crossings(polygons: Polygons, start: Array, way: Array) -> list[tuple[float, float]]:
    """Stretches of metal along a ray in a section, as distances from its start; the start's own stretch begins at 0."""
    found: list[float] = []
    across = np.array([-way[1], way[0]])
    for polygon in polygons:
        a = polygon - start
        b = np.roll(a, -1, axis=0)
        side_a, side_b = a @ across, b @ across
        hit = (side_a > 0.0) != (side_b > 0.0)
        share = side_a[hit] / (side_a[hit] - side_b[hit])
        along = (a[hit] @ way) + share * ((b[hit] - a[hit]) @ way)
        found += [float(value) for value in along if value > 0.0]
    found.sort()
    if len(found) % 2:
        found.insert(0, 0.0)
    return list(zip(found[::2], found[1::2], strict=True))


# -- mates ------------------------------------------------------------------------------------------------------


def _check_base(ring: HeadedRing, own: OwnHead, metal: manifold3d.Manifold, vertices: Array) -> None:
    """The declared base is the file's, overlaps the shank all round and stays clear of the finger."""
    section = _section(metal, own.base_z_mm)
    if not section:
        low, high = float(vertices[:, 2].min()) - own.base_z_mm, float(vertices[:, 2].max()) - own.base_z_mm
        raise _wrong("head.mates.origin_mm", "lies above or below all metal of the head", limit="within the head",
                     value=f"metal from {low:.2f} to {high:.2f} mm along the axis",
                     fix="name the point of the axis where the base meets the shank")  # fmt: skip
    points = np.concatenate(section)
    middle = 0.5 * (points.min(axis=0) + points.max(axis=0))
    if float(np.hypot(*middle)) > TOLERANCE_MM + 0.05 * own.base_diameter_mm:
        raise _wrong("head.mates.origin_mm", "does not lie in the middle of the base",
                     value=f"({middle[0]:.2f}, {middle[1]:.2f}) mm beside it", limit=f"{TOLERANCE_MM:g} mm",
                     fix="name a point on the head's own axis, and the axis itself")  # fmt: skip
    bore, shank = ring.bore_radius_mm, ring.shank
    radius = np.hypot(vertices[:, 0], vertices[:, 2])
    crown = bore + body_line(shank, np.degrees(np.abs(np.arctan2(vertices[:, 0], vertices[:, 2]))))
    near = (radius < crown + _NEAR_MM) & (np.abs(vertices[:, 1]) < 0.5 * shank.head_width + _NEAR_MM)
    reach = float(np.hypot(points[:, 0], points[:, 1]).max())
    if near.any():
        reach = max(reach, float(np.hypot(vertices[near, 0], vertices[near, 1]).max()))
    if abs(2.0 * reach - own.base_diameter_mm) > TOLERANCE_MM:
        raise _wrong("head.mates.base_diameter_mm", f"is not that of the file, {2.0 * reach:.2f} mm",
                     value=own.base_diameter_mm, limit=f"within {TOLERANCE_MM:g} mm",
                     fix=f"use {2.0 * reach:.2f}, or change the file")  # fmt: skip
    foot = _section(metal, own.base_z_mm - own.sunk_mm)
    reach = 0.0 if not foot else float(np.hypot(*np.concatenate(foot).T).max())
    if reach < _SUNK_SHARE * 0.5 * own.base_diameter_mm:
        lowest = own.base_z_mm - float(vertices[:, 2].min())
        raise _wrong("head.mates.origin_mm", "leaves the base hovering over the shank beside its crown",
                     value=f"base ends {lowest:.2f} mm below it", limit=f"at least {own.sunk_mm:.2f} mm",
                     fix=f"make the base {own.sunk_mm - lowest + 0.02:.2f} mm longer downward, or move the origin up"
                     if lowest < own.sunk_mm else "keep the base as wide down to there")  # fmt: skip
    deep = float(radius.min()) - bore
    if deep < _OVER_BORE_MM:
        raise _wrong("head.mates.origin_mm", "lets the base come through to the finger", value=f"{deep:.2f} mm from it",
                     limit=f"at least {_OVER_BORE_MM:g} mm",
                     fix=f"make the base {_OVER_BORE_MM - deep + 0.01:.2f} mm shorter downward, "
                         "or the shank thicker")  # fmt: skip


def _check_prongs(ring: HeadedRing, own: OwnHead, metal: manifold3d.Manifold, vertices: Array) -> None:
    """Every declared prong stands where it is declared, as thick, as high, and the girdle enters it; no other does."""
    _check_top(ring, own, vertices)
    half, girdle = 0.5 * ring.stone.diameter_mm, ring.head.girdle_z_mm + 0.5 * ring.stone.girdle_mm
    for stand, azimuth in zip(ring.head.stands, _azimuths_deg(ring), strict=True):
        upright = _upright(metal, stand, girdle)
        found = _beside(upright, half)
        if found is None:
            raise _wrong("head.mates.prongs_deg", f"no metal stands beside the girdle at {azimuth:.0f} deg",
                         value=azimuth, limit=f"metal at {half:.2f} mm from the axis",
                         fix="correct prongs_deg or girdle_mm, or move the prong to the girdle")  # fmt: skip
        inner, outer = found
        thick, lean = _thickness(upright, 0.5 * (inner + outer))
        if abs(thick - own.thickness_mm) > TOLERANCE_MM:
            raise _wrong("head.mates.thickness_mm", f"the file's prong at {azimuth:.0f} deg is {thick:.2f} mm thick "
                         "at this girdle", value=own.thickness_mm, limit=f"within {TOLERANCE_MM:g} mm",
                         fix=f"use {thick:.2f}, or thicken the file's prong to {own.thickness_mm:g} mm")  # fmt: skip
        share = (half + ring.head.girdle_clearance_mm - inner) / (outer - inner)
        low, high = _NOTCH_RANGE
        if not low <= share <= high:
            way = "outward" if share > high else "inward"
            far = abs(share - (low + 0.17 if share < low else 0.25)) * (outer - inner)
            raise _wrong("head.mates.girdle_mm", f"there the girdle enters the prong at {azimuth:.0f} deg by "
                         f"{100 * share:.0f} % of it", value=own_girdle(ring),
                         limit=f"{100 * low:.0f} to {100 * high:.0f} %, 25 % advised",
                         fix=f"move the file's prongs {far:.2f} mm {way}, "
                             "or use the stone they were made for")  # fmt: skip
        left = (outer - half - ring.head.girdle_clearance_mm) * math.cos(lean)
        least = ring.foundry.prong_min_mm - _CHORD_MM
        if left < least:
            raise _wrong("head.mates.thickness_mm", f"the girdle leaves {left:.2f} mm of that at {azimuth:.0f} deg",
                         value=own.thickness_mm, limit=f"at least {least:.2f} mm",
                         fix=f"make the file's prongs {least - left:.2f} mm thicker outward")  # fmt: skip
    stray = _stray_deg(_section(metal, girdle), ring)
    if stray is not None:
        raise _wrong("head.mates.prongs_deg", f"do not name the metal beside the girdle at {stray:.0f} deg",
                     value=[round(value, 1) for value in _azimuths_deg(ring)], limit="every prong of the file",
                     fix=f"add {stray:.0f}, or take that metal away")  # fmt: skip


def own_girdle(ring: HeadedRing) -> float:
    """The declared height of the girdle over the origin, mm."""
    own = ring.head.own
    assert own is not None, "the ring's head is a file's"
    return round(ring.head.girdle_z_mm - own.base_z_mm, 6)


def _azimuths_deg(ring: HeadedRing) -> list[float]:
    half = 0.5 * ring.stone.diameter_mm
    found = []
    for stand in ring.head.stands:
        turn = math.radians(stand.azimuth_deg)
        at = math.atan2(stand.y_mm + half * math.sin(turn), stand.x_mm + half * math.cos(turn))
        found.append(math.degrees(at) % 360.0)
    return found


def _upright(metal: manifold3d.Manifold, stand: ProngStand, z_mm: float) -> Polygons:
    """The section of the metal in a stand's own upright plane: (distance from the stand, depth below ``z_mm``)."""
    turned = metal.translate((-stand.x_mm, -stand.y_mm, -z_mm)).rotate((0.0, 0.0, -stand.azimuth_deg))
    return _section(turned.rotate((90.0, 0.0, 0.0)), 0.0)


def _beside(upright: Polygons, half_mm: float) -> tuple[float, float] | None:
    """The stretch of metal that the girdle meets along a stand's line; ``None`` where there is none."""
    rows = _crossings(upright, np.zeros(2), np.array([1.0, 0.0]))
    return next(((low, high) for low, high in rows if low < half_mm + 0.5 and high > half_mm), None)


def _thickness(upright: Polygons, at_mm: float) -> tuple[float, float]:
    """Shortest chord through the middle of a prong's level section, mm, and its tilt from level, radians."""
    found = []
    for tilt in np.radians(_TILTS_DEG):
        way = np.array([math.cos(tilt), math.sin(tilt)])
        ahead, back = (_crossings(upright, np.array([at_mm, 0.0]), sign * way) for sign in (1.0, -1.0))
        if ahead and back:
            found.append((ahead[0][1] + back[0][1], float(tilt)))
    return min(found, default=(0.0, 0.0))


def _stray_deg(section: Polygons, ring: HeadedRing) -> float | None:
    """Azimuth of metal on the girdle's line that no declared prong explains."""
    line = np.concatenate([polygon[:, :2] for polygon in facet_polygons(ring.stone)])
    line = _outline(line)
    around = np.degrees(np.arctan2(line[:, 1], line[:, 0])) % 360.0
    reach = 0.5 * ring.head.prong_diameter_girdle_mm + _PLACE_MM
    places = np.radians(_azimuths_deg(ring))
    sizes = [float(np.hypot(*line[np.argmin(np.abs(np.degrees(place) - around))])) for place in places]
    spots = np.stack([np.array(sizes) * np.cos(places), np.array(sizes) * np.sin(places)], axis=1)
    for point, azimuth in zip(line, around, strict=True):
        if np.linalg.norm(spots - point, axis=1).min() <= reach + TOLERANCE_MM:
            continue
        length = float(np.hypot(*point))
        if any(low < length < high for low, high in _crossings(section, np.zeros(2), point / length)):
            return float(azimuth)
    return None


def _outline(points: Array) -> Array:
    """(k, 2) points on the convex outline of ``points``, about 0.1 mm apart."""
    from scipy.spatial import ConvexHull

    corners = points[ConvexHull(points).vertices]
    found = []
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        steps = max(int(np.linalg.norm(b - a) / 0.1), 1)
        found.append(a + np.arange(steps)[:, None] / steps * (b - a))
    return np.concatenate(found)


def _check_top(ring: HeadedRing, own: OwnHead, vertices: Array) -> None:
    """The metal that holds the stone ends where it is declared: a girdle height that is mistyped shows here."""
    top = float(vertices[:, 2].max()) - ring.head.girdle_z_mm
    if abs(top - own.over_girdle_mm) > TOLERANCE_MM:
        right = own_girdle(ring) + top - own.over_girdle_mm
        raise _wrong("head.mates.over_girdle_mm", f"the file's metal ends {top:.2f} mm above the declared girdle",
                     value=own.over_girdle_mm, limit=f"within {TOLERANCE_MM:g} mm",
                     fix=f"use {top:.2f}, or if that is right, girdle_mm: {right:.2f}")  # fmt: skip


def _check_bezel(ring: HeadedRing, own: OwnHead, metal: manifold3d.Manifold, vertices: Array) -> None:
    """The wall stands all round the girdle, as thick as declared."""
    _check_top(ring, own, vertices)
    half, girdle = 0.5 * ring.stone.diameter_mm, ring.head.girdle_z_mm + 0.5 * ring.stone.girdle_mm
    section, inner = _section(metal, girdle), half + ring.head.girdle_clearance_mm
    for azimuth in np.arange(0.0, 360.0, 5.0):
        turn = math.radians(float(azimuth))
        rows = _crossings(section, np.zeros(2), np.array([math.cos(turn), math.sin(turn)]))
        found = next(((low, high) for low, high in rows if low < inner + 0.02 and high > inner), None)
        if found is None:
            raise _wrong("head.mates.held_by", f"no wall stands at the girdle at {azimuth:.0f} deg", value="bezel",
                         limit=f"metal all round from {inner:.2f} mm on",
                         fix="correct girdle_mm, or close the wall of the file up to the girdle")  # fmt: skip
        if abs(found[1] - inner - own.thickness_mm) > TOLERANCE_MM:
            wall = found[1] - inner
            raise _wrong("head.mates.thickness_mm", f"the file leaves {wall:.2f} mm of wall beside this girdle",
                         value=own.thickness_mm, limit=f"within {TOLERANCE_MM:g} mm",
                         fix=f"use {wall:.2f}, or change the file")  # fmt: skip


def _check_room(ring: HeadedRing, own: OwnHead, metal: manifold3d.Manifold) -> None:
    """No metal of the head lies in the stone but where the girdle enters what holds it."""
    up = np.array([0.0, 0.0, ring.head.girdle_z_mm])
    corners = np.concatenate(facet_polygons(ring.stone)) + up
    inside = metal ^ manifold3d.Manifold.hull_points(corners)
    if inside.is_empty():
        return
    points = np.asarray(inside.to_mesh64().vert_properties, dtype=np.float64)[:, :3]
    half, thick = 0.5 * ring.stone.diameter_mm, own.thickness_mm
    if own.held_by == "bezel":
        kept = np.hypot(points[:, 0], points[:, 1]) < half - max(thick, 0.5)
    else:
        kept = np.ones(len(points), dtype=bool)
        for stand in ring.head.stands:
            turn = math.radians(stand.azimuth_deg)
            flat = points[:, :2] - np.array([stand.x_mm, stand.y_mm])
            along = flat @ np.array([math.cos(turn), math.sin(turn)])
            aside = np.abs(flat @ np.array([-math.sin(turn), math.cos(turn)]))
            kept &= ~((aside < 0.5 * thick + _PLACE_MM) & (along > half - thick))
    normals, offsets = facet_planes(ring.stone)
    depth = (offsets - (points - up) @ normals.T).min(axis=1)
    depth[~kept] = 0.0
    if float(depth.max(initial=0.0)) > _INSIDE_MM:
        worst = points[int(depth.argmax())]
        high = _INSIDE_MM + float(depth.max())
        raise _wrong("head.mates.girdle_mm", "lets the stone lie in metal that does not hold it: "
                     f"{depth.max():.2f} mm deep, {worst[2] - own.base_z_mm:.2f} mm over the origin",
                     value=own_girdle(ring), limit=f"at most {_INSIDE_MM:g} mm",
                     fix=f"set the stone {high:.2f} mm higher, or lower the gallery of the file by that")  # fmt: skip
