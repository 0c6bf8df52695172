"""A ring made without ringcad's own geometry: a comfort-fit shank with chosen relief, a head united by manifold3d."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import manifold3d
import numpy as np

from ringcad.resolved import (
    Decoration,
    Export,
    FlushAccent,
    FlushSeat,
    FoundryLimits,
    Gallery,
    Head,
    Metal,
    Rail,
    ResolvedRing,
    RingDimensions,
    RoundStone,
    Shank,
)

Solid = manifold3d.Manifold
BORE = 8.66
HALF_WIDTH = 2.0
THICKNESS = 2.0
COMFORT_RISE = 0.15
CROWN_RISE = 0.35
ZONE_DEG = (40.0, 75.0)
Relief = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Height in mm over (arc from the zone's middle in mm, y in mm)."""


def stone(diameter: float) -> RoundStone:
    """Round brilliant by common proportions."""
    pavilion = 0.5 * diameter * math.tan(math.radians(40.75))
    return RoundStone(
        cut="round", gem="diamond", gem_name="Diamond", diameter_mm=diameter, table_diameter_mm=0.57 * diameter,
        crown_angle_deg=34.5, crown_height_mm=0.145 * diameter, pavilion_angle_deg=40.75, pavilion_depth_mm=pavilion,
        girdle_mm=0.03 * diameter, culet_diameter_mm=0.0, weight_ct=1.0, density_g_cm3=3.52, refractive_index=2.417,
        color_rgb=(1.0, 1.0, 1.0),
    )  # fmt: skip


def resolved_ring(*, notch_share: float = 0.25, flush: bool = False, inner_diameter: float = 2 * BORE) -> ResolvedRing:
    """Numbers of the ring that :func:`ring_solid` builds."""
    center = stone(6.0)
    girdle = BORE + 5.2
    prong, radius = 1.2, 3.0
    # The girdle enters the prong by the notch's share of its diameter.
    axis = radius - notch_share * prong + 0.5 * prong
    rails = (
        Rail(name="seat_rail", inner_radius_mm=1.937, outer_radius_mm=2.937, bottom_z_mm=girdle - 2.4,
             top_z_mm=girdle - 1.2, edge_radius_mm=0.2),
        Rail(name="base_rail", inner_radius_mm=1.937, outer_radius_mm=2.937, bottom_z_mm=BORE + 1.3,
             top_z_mm=BORE + 2.35, edge_radius_mm=0.2),
    )  # fmt: skip
    accents = ()
    if flush:
        small = stone(1.3)
        accents = (
            FlushAccent(stone=small, seats=(FlushSeat(id="right_1", phi_deg=100.0, y_mm=0.0),),
                        opening_diameter_mm=1.26, cut_in_mm=0.02, table_depth_mm=0.30, pilot_diameter_mm=0.7,
                        rim_mm=0.3),
        )  # fmt: skip
    return ResolvedRing(
        template="solitaire", name="test", finish="as_cast",
        ring=RingDimensions(inner_diameter_mm=inner_diameter, label="US 7"),
        metal=Metal(id="18k_yellow_gold", name="18k yellow gold", family="gold", density_g_cm3=15.5,
                    color_rgb=(1.0, 0.8, 0.3)),
        foundry=FoundryLimits(id="test", name="test", recommended=True, note="", wall_min_mm=0.8, rail_min_mm=0.8,
                              prong_min_mm=0.8, free_wire_min_mm=0.8, detail_min_mm=0.35, gap_min_mm=0.25,
                              relief_max_mm=0.5, engrave_max_mm=0.3, culet_clearance_min_mm=0.5,
                              polish_allowance_mm=0.1, bore_allowance_mm=0.05, casting_scale=1.0,
                              stl_max_bytes=50_000_000),
        stone=center,
        shank=Shank(profile="comfort_d", width_top_mm=2 * HALF_WIDTH, width_bottom_mm=2 * HALF_WIDTH,
                    thickness_top_mm=THICKNESS, thickness_bottom_mm=THICKNESS, outer_edge_radius_mm=0.3,
                    inner_edge_radius_mm=0.1, comfort_rise_mm=COMFORT_RISE, crown_rise_mm=CROWN_RISE),
        head=Head(style="basket", prongs=4, first_prong_azimuth_deg=45.0, prong_diameter_girdle_mm=prong,
                  prong_diameter_base_mm=prong, prong_lean_deg=0.0, prong_axis_radius_girdle_mm=axis,
                  prong_foot_radius_mm=axis, prong_foot_z_mm=BORE - 0.2, prong_tip_z_mm=girdle + 1.2, tip="dome",
                  notch_share=notch_share, girdle_clearance_mm=0.0, girdle_z_mm=girdle,
                  culet_z_mm=girdle - center.pavilion_depth_mm, table_z_mm=girdle + 1.05, height_above_finger_mm=6.25,
                  governed_by="rails_and_gaps", governing_heights_mm={}, bridge_thickness_mm=THICKNESS,
                  culet_pocket_depth_mm=0.0, culet_clearance_mm=1.0),
        gallery=Gallery(rails=rails, shoulders="plain", rail_clearance_mm=0.1, arm_thickness_mm=1.0, arm_width_mm=2.0,
                        lift_phi_deg=40.0, arm_top_z_mm=10.0),
        accents=accents,
        decoration=(Decoration(id="right", region="shank.right_shoulder", generator="ornament", prompt="test", seed=1,
                               image=None, depth_mm=0.35, mode="emboss", border="none", mirrored=False, strict=False,
                               phi_start_deg=ZONE_DEG[0], phi_end_deg=ZONE_DEG[1], margin_mm=0.3),),
        export=Export(chord_mm=0.01, angle_deg=5.0, step=False, pictures=False), reasons={},
    )  # fmt: skip


def shank_arrays(
    relief: Relief | None = None, *, floor: float = THICKNESS, bore: float = BORE, step: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    """Closed shank: parabolic crown, comfort bore, vertical sides; relief stands on the crown in the zone.

    ``floor`` is the height of the crown line over the bore.
    """
    radius = bore + floor
    zone = np.radians(np.array(ZONE_DEG))
    fine = np.arange(zone[0] - 0.02, zone[1] + 0.02, step / radius) if relief else np.zeros(0)
    coarse = np.arange(0.0, 2.0 * np.pi, np.radians(2.0))
    inside = (coarse > zone[0] - 0.03) & (coarse < zone[1] + 0.03)
    phi = np.sort(np.concatenate([fine, coarse[~inside]])) if relief else coarse
    outer_y = np.linspace(HALF_WIDTH, -HALF_WIDTH, int(2 * HALF_WIDTH / step) + 1 if relief else 33)
    inner_y = np.linspace(-HALF_WIDTH, HALF_WIDTH, 17)
    y = np.concatenate([outer_y, inner_y])
    outer = radius - CROWN_RISE * (outer_y / HALF_WIDTH) ** 2
    inner = bore + COMFORT_RISE * (inner_y / HALF_WIDTH) ** 2
    r = np.broadcast_to(np.concatenate([outer, inner]), (len(phi), len(y))).copy()
    if relief is not None:
        arc = (phi - zone.mean()) * radius
        inside_zone = (phi > zone[0]) & (phi < zone[1])
        height = relief(arc[:, None], outer_y[None, :])
        r[:, : len(outer_y)] += np.where(inside_zone[:, None], height, 0.0)
    points = np.stack([r * np.sin(phi)[:, None], np.broadcast_to(y, r.shape), r * np.cos(phi)[:, None]], axis=-1)
    rows, columns = len(phi), len(y)
    i, j = (x.ravel() for x in np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"))
    a, b = i * columns + j, (i + 1) % rows * columns + j
    c, d = (i + 1) % rows * columns + (j + 1) % columns, i * columns + (j + 1) % columns
    return points.reshape(-1, 3), np.concatenate([np.stack([a, c, b], 1), np.stack([a, d, c], 1)])


def as_solid(vertices: np.ndarray, faces: np.ndarray) -> Any:
    """The mesh as a manifold3d solid."""
    return Solid(manifold3d.Mesh(vertices.astype(np.float32), faces.astype(np.uint32)))


def arrays_of(solid: Any) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and faces of a solid."""
    mesh = solid.simplify(1e-4).to_mesh()
    return np.asarray(mesh.vert_properties, dtype=float)[:, :3], np.asarray(mesh.tri_verts).astype(np.int64)


def ring_solid(ring: ResolvedRing, relief: Relief | None = None, *, floor: float = THICKNESS, prong_share: float = 1.0,
               rail_share: float = 1.0, step: float = 0.05) -> Any:  # fmt: skip
    """Shank, prongs, rails and seats by the numbers; ``*_share`` makes parts thinner than the numbers say."""
    solid = as_solid(*shank_arrays(relief, floor=floor, bore=0.5 * ring.ring.inner_diameter_mm, step=step))
    head = ring.head
    for k in range(head.prongs):
        turn = math.radians(head.first_prong_azimuth_deg) + 2 * math.pi * k / head.prongs
        at = [head.prong_axis_radius_girdle_mm * math.cos(turn), head.prong_axis_radius_girdle_mm * math.sin(turn)]
        size = 0.5 * head.prong_diameter_girdle_mm * prong_share
        low = BORE + 0.3
        straight = head.prong_tip_z_mm - low - 0.62 * size
        prong = Solid.cylinder(straight, size, size, 40)
        tip = Solid.sphere(size, 40).scale([1.0, 1.0, 0.62]).translate([0.0, 0.0, straight])
        solid = solid + (prong + tip).translate([*at, low])
    for rail in ring.gallery.rails:
        middle = 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
        half = 0.5 * (rail.outer_radius_mm - rail.inner_radius_mm) * rail_share
        height = (rail.top_z_mm - rail.bottom_z_mm) * rail_share
        hoop = Solid.cylinder(height, middle + half, middle + half, 72) - Solid.cylinder(
            height + 1.0, middle - half, middle - half, 72
        ).translate([0.0, 0.0, -0.5])
        solid = solid + hoop.translate([0.0, 0.0, rail.bottom_z_mm])
    solid = solid - center_cutter(ring)
    for accent in ring.accents:
        for seat in accent.seats:
            solid = solid - flush_cutter(ring, accent, seat)
    return solid


def center_cutter(ring: ResolvedRing) -> Any:
    """The stone from girdle to crown and pavilion, wide open above and below inside the prongs."""
    s, head = ring.stone, ring.head
    r, low = 0.5 * s.diameter_mm, head.girdle_z_mm
    crown = Solid.cylinder(s.crown_height_mm, r, 0.5 * s.table_diameter_mm, 72).translate([0, 0, low + s.girdle_mm])
    girdle = Solid.cylinder(s.girdle_mm, r, r, 72).translate([0, 0, low])
    pavilion = Solid.cylinder(s.pavilion_depth_mm, 0.0, r, 72).translate([0, 0, low - s.pavilion_depth_mm])
    return Solid.batch_hull([crown, girdle, pavilion])


def flush_cutter(ring: ResolvedRing, accent: FlushAccent, seat: FlushSeat) -> Any:
    """Opening, bearing cone and pilot hole along the seat's axis."""
    top = BORE + THICKNESS
    opening, pilot = 0.5 * accent.opening_diameter_mm, 0.5 * accent.pilot_diameter_mm
    bearing = accent.table_depth_mm + accent.stone.crown_height_mm + accent.stone.girdle_mm
    drop = (opening - pilot) * math.tan(math.radians(accent.stone.pavilion_angle_deg))
    cutter = Solid.cylinder(bearing + 1.0, opening, opening, 47).translate([0, 0, top - bearing])
    cutter = cutter + Solid.cylinder(drop + 1e-3, pilot, opening, 47).translate([0, 0, top - bearing - drop])
    cutter = cutter + Solid.cylinder(4.0, pilot, pilot, 47).translate([0, 0, top - 4.0])
    return cutter.rotate([0.0, seat.phi_deg, 0.0]).translate([0.0, seat.y_mm, 0.0])
