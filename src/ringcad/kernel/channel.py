"""Cutters of a channel: the slot between two walls, and one stone's seat turned about the finger axis."""

from __future__ import annotations

import math

import numpy as np
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakePolygon, BRepBuilderAPI_Transform
from OCP.BRepLib import BRepLib
from OCP.BRepPrimAPI import BRepPrimAPI_MakeRevol
from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt, gp_Trsf

from ringcad.kernel.parts import revolve
from ringcad.kernel.surfaces import NamedShape, faces_of, solids_of
from ringcad.resolved import ChannelAccent

#: Cutters overrun what they cut by this, mm.
_OVERRUN_MM = 1.5
#: The seat's cone goes on into the slot by this share of the room between bearing and wall, so that it meets neither
#: the floor in an edge of its own nor the walls.
_INTO_SLOT = 0.5

_FINGER = gp_Ax1(gp_Pnt(0.0, 0.0, 0.0), gp_Dir(0.0, 1.0, 0.0))


def channel_cutters(accent: ChannelAccent, bore_radius_mm: float, crown_radius_mm: float) -> list[NamedShape]:
    """The slot, then the seats; they depend on stones and setting alone."""
    seat = seat_cutter(accent, bore_radius_mm, crown_radius_mm)
    found = [slot_cutter(accent, crown_radius_mm)]
    for place in accent.seats:
        turn = gp_Trsf()
        turn.SetRotation(_FINGER, math.radians(place.phi_deg))
        turned = BRepBuilderAPI_Transform(seat.shape, turn, True).Shape()
        found.append(NamedShape(turned, (f"seat_{place.id}",) * len(seat.names)))
    return found


def slot_cutter(accent: ChannelAccent, crown_radius_mm: float) -> NamedShape:
    """A ring of rectangular section; where the slot ends, its ends are planes through the finger axis."""
    half = 0.5 * accent.channel_width_mm
    low, high = crown_radius_mm - accent.floor_depth_mm, crown_radius_mm + _OVERRUN_MM
    # the seam of a closed slot lies at the bottom, where no stone is
    start = math.radians(180.0 if accent.all_round else -accent.end_deg)
    out = (math.sin(start), math.cos(start))
    polygon = BRepBuilderAPI_MakePolygon()
    for radius, y in ((low, -half), (high, -half), (high, half), (low, half)):
        polygon.Add(gp_Pnt(radius * out[0], y, radius * out[1]))
    polygon.Close()
    face = BRepBuilderAPI_MakeFace(polygon.Wire(), True).Face()
    if accent.all_round:
        body = BRepPrimAPI_MakeRevol(face, _FINGER)
    else:
        body = BRepPrimAPI_MakeRevol(face, _FINGER, 2.0 * math.radians(accent.end_deg))
    solid = solids_of(body.Shape())[0]
    BRepLib.OrientClosedSolid_s(solid)
    return NamedShape(solid, ("channel",) * len(faces_of(solid)))


def seat_cutter(accent: ChannelAccent, bore_radius_mm: float, crown_radius_mm: float) -> NamedShape:
    """Bearing cone along the pavilion and the opening through to the bore, for a stone on the top."""
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
    return revolve(profile, np.zeros(3), np.array([0.0, 0.0, 1.0]), "seat")
