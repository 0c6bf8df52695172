"""The metal of a row between shared prongs: one stretch from seat to seat, made once and turned about the finger axis.

Half of a stretch (y >= 0) is a piece of the limb with one prong on it, cut by the seats and scallops at both of its
ends; its mirror image and its turned copies are sewn to the ring.
"""

from __future__ import annotations

import math

import numpy as np
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakePolygon, BRepBuilderAPI_MakeWire, BRepBuilderAPI_Transform
from OCP.BRepPrimAPI import BRepPrimAPI_MakeRevol
from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt, gp_Trsf
from OCP.TopoDS import TopoDS_Face

from ringcad.core.errors import Refused
from ringcad.core.findings import Finding
from ringcad.fit.limb import LimbNets
from ringcad.fit.shared_prongs import end_station, station_at
from ringcad.kernel.boolean import check, cut, fuse
from ringcad.kernel.limb import mirrored, stretch, without_caps
from ringcad.kernel.parts import edge, prism
from ringcad.kernel.surfaces import NamedShape, faces_of, sew_solid
from ringcad.resolved import FlushSeat, ResolvedRing, SharedProngAccent

#: Cutters overrun what they cut by this, mm.
_OVERRUN_MM = 1.5
#: Fillet between a prong's side and the cap of its tip, as a share of the tip's height.
_FILLET_SHARE = 0.6
#: Where the parts of a seat's cutter meet, degrees beyond +-x towards -y.
_SEAM_DEG = 20.0
#: How far beside the middle of its notches a prong's parts meet, one after another where the kernel fails, degrees.
_SPINS_DEG = (0.0, 9.0, -9.0, 17.0, -17.0, 25.0)
#: Names of the seats' faces in a stretch, before it is put in its place.
_BEGIN, _END = "seat_begin", "seat_end"

_FINGER = gp_Ax1(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.0, 1.0, 0.0))


def row_parts(ring: ResolvedRing, accent: SharedProngAccent, nets: LimbNets) -> list[NamedShape]:
    """The row's stretches as open shells that meet in the planes of its seats; where it ends, with the end of its limb.

    Raises ``Refused`` where a boolean fails.
    """
    seats = accent.seats
    last = len(seats) - 1
    one, two = seats[last - 1], seats[last]
    cutters = {_BEGIN: one, _END: two}
    first_half = _half(ring, accent, nets, (station_at(nets, one.phi_deg), station_at(nets, two.phi_deg)), cutters)
    whole = [first_half, mirrored(first_half, 1, {})]
    found = []
    for k in range(len(seats) if accent.all_round else last):
        names = {_BEGIN: f"seat_{seats[k].id}", _END: f"seat_{seats[(k + 1) % len(seats)].id}"}
        found += [turned(part, seats[k].phi_deg - one.phi_deg, names) for part in whole]
    if accent.all_round:
        return found
    end = _half(ring, accent, nets, (station_at(nets, two.phi_deg), end_station(accent, nets)), {_BEGIN: two})
    for part in (end, mirrored(end, 1, {})):
        found += [
            turned(part, 0.0, {_BEGIN: f"seat_{two.id}"}),
            mirrored(part, 0, {_BEGIN: f"seat_{seats[0].id}"}),
        ]
    return found


def _half(
    ring: ResolvedRing,
    accent: SharedProngAccent,
    nets: LimbNets,
    stations: tuple[int, int],
    cutters: dict[str, FlushSeat],
) -> NamedShape:
    """The half y >= 0 of a stretch that begins at a seat and has one prong, without its plane ends.

    Where the kernel loses the edge of a notch, which its check tells, the prong is tried again with its seam elsewhere.
    Raises ``Refused`` where every try fails.
    """
    tools = []
    for name, seat in cutters.items():
        tools += [turned(seat_cutter(ring, accent, name), seat.phi_deg), scallop_cutter(ring, accent, seat)]
    middle = cutters[_BEGIN].phi_deg + 0.5 * accent.pitch_deg
    faults: list[Finding] = []
    for spin in _SPINS_DEG:
        body = stretch(nets, nets.outer, *stations, step=stations[1] - stations[0])
        try:
            made = cut(fuse([body, prong(ring, accent, middle, 1.0, spin)]), tools)
        except Refused as refused:
            faults = list(refused.findings)
            continue
        faults = check(made)
        if not faults:
            return without_caps(made)
    raise Refused(faults)


def crest_radius_mm(ring: ResolvedRing) -> float:
    """Distance of the limb's crest from the finger axis."""
    return ring.bore_radius_mm + ring.shank.thickness_top_mm


def turned(part: NamedShape, angle_deg: float, names: dict[str, str] | None = None) -> NamedShape:
    """The part turned about the finger axis; ``names`` renames faces."""
    turn = gp_Trsf()
    turn.SetRotation(_FINGER, math.radians(angle_deg))
    shape = BRepBuilderAPI_Transform(part.shape, turn, True).Shape()
    return NamedShape(shape, tuple((names or {}).get(name, name) for name in part.names))


def prong(
    ring: ResolvedRing, accent: SharedProngAccent, phi_deg: float, side: float, spin_deg: float = 0.0
) -> NamedShape:
    """A prong on one side (``side`` 1: y > 0) between two stones: a post with a flattened dome.

    It is sewn of two parts that meet in the middle of its two notches, ``spin_deg`` beside them: where a notch does not
    meet a seam its edge is one closed curve, and the kernel may lose it.
    """
    radius, dome = 0.5 * accent.prong_diameter_mm, accent.dome_mm
    shoulder = accent.prong_rise_mm - dome
    fillet = _FILLET_SHARE * dome
    # fillet and cap are tangent where the line through their centres leaves the fillet
    below = ((radius - fillet) ** 2 - (dome - fillet) ** 2) / (2.0 * (dome - fillet))
    cap = dome + below
    lean = math.atan2(below, radius - fillet)
    middle = 0.5 * lean
    meet = (cap * math.cos(lean), shoulder - below + cap * math.sin(lean))
    steep = 0.5 * (lean + 0.5 * math.pi)
    curves = [
        [(0.0, -accent.prong_foot_mm), (radius, -accent.prong_foot_mm)],
        [(radius, -accent.prong_foot_mm), (radius, shoulder)],
        [
            (radius, shoulder),
            (radius - fillet + fillet * math.cos(middle), shoulder + fillet * math.sin(middle)),
            meet,
        ],
        [
            meet,
            (cap * math.cos(steep), shoulder - below + cap * math.sin(steep)),
            (0.0, accent.prong_rise_mm),
        ],
    ]
    phi = math.radians(phi_deg)
    axis = np.array([math.sin(phi), 0.0, math.cos(phi)])
    along = np.array([axis[2], 0.0, -axis[0]])
    foot = crest_radius_mm(ring) * axis + np.array([0.0, side * accent.prong_y_mm, 0.0])
    inward = math.degrees(math.atan2(accent.prong_y_mm, 0.5 * accent.stone.diameter_mm)) + spin_deg
    seams = (-side * inward, 180.0 + side * inward)
    seams = (min(seams), max(seams))
    faces: list[TopoDS_Face] = []
    about = gp_Ax1(gp_Pnt(*map(float, foot)), gp_Dir(*map(float, axis)))
    for begin, end in (seams, (seams[1], seams[0] + 360.0)):
        way = math.cos(math.radians(begin)) * along + math.sin(math.radians(begin)) * np.array([0.0, 1.0, 0.0])
        wire = BRepBuilderAPI_MakeWire()
        for curve in curves:
            wire.Add(edge([gp_Pnt(*map(float, foot + out * way + height * axis)) for out, height in curve]))
        faces += faces_of(BRepPrimAPI_MakeRevol(wire.Wire(), about, math.radians(end - begin)).Shape())
    return sew_solid({"shared_prong": faces})


def seat_cutter(ring: ResolvedRing, accent: SharedProngAccent, name: str) -> NamedShape:
    """Bearing cone, girdle and crown with the girdle's play, and the opening to the bore, for a stone on the top.

    It is sewn of two parts that meet towards -y, where no half of a stretch is: where a whole turn meets a scallop the
    edge is one closed curve, and a file brings closed curves back with another number of poles.
    """
    stone, play = accent.stone, accent.girdle_clearance_mm
    radius, pilot = 0.5 * stone.diameter_mm, 0.5 * accent.pilot_diameter_mm
    girdle = crest_radius_mm(ring) + accent.girdle_over_crest_mm
    under = math.tan(math.radians(stone.pavilion_angle_deg))
    over = math.tan(math.radians(stone.crown_angle_deg))
    upper = girdle + stone.girdle_mm
    profile = [
        (0.0, ring.bore_radius_mm - _OVERRUN_MM),
        (pilot, ring.bore_radius_mm - _OVERRUN_MM),
        (pilot, girdle - (radius - pilot) * under),
        (radius + play, girdle + play * under),
        (radius + play, upper - play * over),
        (0.5 * stone.table_diameter_mm, upper + (radius - 0.5 * stone.table_diameter_mm) * over),
        (0.0, upper + (radius - 0.5 * stone.table_diameter_mm) * over),
    ]
    faces: list[TopoDS_Face] = []
    axis = gp_Ax1(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.0, 0.0, 1.0))
    for begin, end in ((-_SEAM_DEG, 180.0 + _SEAM_DEG), (180.0 + _SEAM_DEG, 360.0 - _SEAM_DEG)):
        across, along = math.cos(math.radians(begin)), math.sin(math.radians(begin))
        polygon = BRepBuilderAPI_MakePolygon()
        for out, height in profile:
            polygon.Add(gp_Pnt(out * across, out * along, height))
        faces += faces_of(BRepPrimAPI_MakeRevol(polygon.Wire(), axis, math.radians(end - begin)).Shape())
    return sew_solid({name: faces})


def scallop_cutter(ring: ResolvedRing, accent: SharedProngAccent, seat: FlushSeat) -> NamedShape:
    """The trough under a stone from side to side, between columns of even thickness."""
    crest, half, depth = crest_radius_mm(ring), accent.scallop_half_mm, accent.scallop_depth_mm
    slope = math.tan(math.radians(0.5 * accent.pitch_deg))
    rise = depth if depth <= half else (half - depth * slope) / (1.0 - slope)
    low = half - (depth - rise) * slope
    floor, bend, top = crest - depth, crest - depth + rise, crest + accent.prong_rise_mm + _OVERRUN_MM
    wide = half + (top - crest) * slope
    curves = [
        [(-low, bend), (0.0, floor), (low, bend)],
        [(low, bend), (wide, top)],
        [(wide, top), (-wide, top)],
        [(-wide, top), (-low, bend)],
    ]
    return turned(prism(curves, 0.5 * ring.shank.widest + _OVERRUN_MM, "scallop"), seat.phi_deg)


def bodies(ring: ResolvedRing, accent: SharedProngAccent) -> tuple[list[NamedShape], list[NamedShape]]:
    """All prongs, and all cutters, whole: what the row's genus follows from."""
    prongs = [prong(ring, accent, phi, side) for phi in accent.gaps_deg for side in (1.0, -1.0)]
    cutters = []
    for seat in accent.seats:
        cutters += [turned(seat_cutter(ring, accent, "seat"), seat.phi_deg), scallop_cutter(ring, accent, seat)]
    return prongs, cutters
