"""Cutters of a channel: the slot between two walls, and one stone's seat turned about the finger axis."""

from __future__ import annotations

import math
from itertools import pairwise

from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakePolygon, BRepBuilderAPI_Transform
from OCP.BRepPrimAPI import BRepPrimAPI_MakeRevol
from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt, gp_Trsf
from OCP.TopoDS import TopoDS, TopoDS_Shape

from ringcad.kernel.surfaces import NamedShape, faces_of, sew_solid
from ringcad.resolved import ChannelAccent

#: Cutters overrun what they cut by this, mm.
_OVERRUN_MM = 1.5
#: The seat's cone goes on into the slot by this share of the room between bearing and wall, so that it meets neither
#: the floor in an edge of its own nor the walls.
_INTO_SLOT = 0.5
#: Stones to a stretch of the slot.
_STRETCH = 2

_FINGER = gp_Ax1(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.0, 1.0, 0.0))


def channel_cutters(accent: ChannelAccent, bore_radius_mm: float, crown_radius_mm: float) -> list[NamedShape]:
    """The slot, then the seats; they depend on stones and setting alone."""
    seat = seat_cutter(accent, bore_radius_mm, crown_radius_mm)
    turned = [
        NamedShape(_turned(seat.shape, place.phi_deg), (f"seat_{place.id}",) * len(seat.names))
        for place in accent.seats
    ]
    return [slot_cutter(accent, crown_radius_mm), *turned]


def slot_cutter(accent: ChannelAccent, crown_radius_mm: float) -> NamedShape:
    """A ring of rectangular section; where the slot ends, its ends are planes through the finger axis.

    It is sewn of stretches of a few stones each: a face that runs all round has a seam, and is slow to cut.
    """
    half = 0.5 * accent.channel_width_mm
    low, high = crown_radius_mm - accent.floor_depth_mm, crown_radius_mm + _OVERRUN_MM
    ends = 180.0 if accent.all_round else accent.end_deg
    first = -180.0 if accent.all_round else accent.seats[0].phi_deg - 0.5 * accent.pitch_deg
    inner = [first + k * accent.pitch_deg for k in range(_STRETCH, len(accent.seats), _STRETCH)]
    cuts = [-ends, *inner, ends]
    polygon = BRepBuilderAPI_MakePolygon()
    for radius, y in ((low, -half), (high, -half), (high, half), (low, half)):
        polygon.Add(gp_Pnt(0.0, y, radius))
    polygon.Close()
    faces = []
    for begin, end in pairwise(cuts):
        wire = _turned(polygon.Wire(), begin)
        faces += faces_of(BRepPrimAPI_MakeRevol(wire, _FINGER, math.radians(end - begin)).Shape())
    if not accent.all_round:
        faces += [
            BRepBuilderAPI_MakeFace(TopoDS.Wire_s(_turned(polygon.Wire(), end)), True).Face() for end in (-ends, ends)
        ]
    return sew_solid({"channel": faces})


def _turned(shape: TopoDS_Shape, angle_deg: float) -> TopoDS_Shape:
    turn = gp_Trsf()
    turn.SetRotation(_FINGER, math.radians(angle_deg))
    return BRepBuilderAPI_Transform(shape, turn, True).Shape()


def seat_cutter(accent: ChannelAccent, bore_radius_mm: float, crown_radius_mm: float) -> NamedShape:
    """Bearing cone along the pavilion and the opening through to the bore, for a stone on the top.

    Sewn of two halves: where a whole cone meets the slot's floor the edge is one closed curve, and a file brings
    closed curves back with another number of poles.
    """
    bearing, pilot = 0.5 * accent.bearing_diameter_mm, 0.5 * accent.pilot_diameter_mm
    slope = math.tan(math.radians(accent.stone.pavilion_angle_deg))
    top = bearing + _INTO_SLOT * (0.5 * accent.channel_width_mm - bearing)
    floor = crown_radius_mm - accent.floor_depth_mm
    profile = [
        (0.0, bore_radius_mm - _OVERRUN_MM),
        (pilot, bore_radius_mm - _OVERRUN_MM),
        (pilot, floor - (bearing - pilot) * slope),
        (top, floor + (top - bearing) * slope),
        (0.0, floor + (top - bearing) * slope),
    ]
    faces = []
    axis = gp_Ax1(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.0, 0.0, 1.0))
    for side in (1.0, -1.0):
        polygon = BRepBuilderAPI_MakePolygon()
        for radius, height in profile:
            polygon.Add(gp_Pnt(side * radius, 0.0, height))
        faces += faces_of(BRepPrimAPI_MakeRevol(polygon.Wire(), axis, math.pi).Shape())
    return sew_solid({"seat": faces})
