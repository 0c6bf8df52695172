"""Ways to break a good ring whose mesh stays closed: cut, filled, bent and scaled. See :mod:`ring_mutations`.

Metal is taken off and added with manifold3d, which shares no code with the kernel or the verifier; prongs and seats
are bent by moving vertices, so that nothing but the named measure changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import manifold3d
import numpy as np
from ring_mutations import Array, GoodRing, Mutant, Mutation, Solid, ball, stl, triangles

from ringcad.core.findings import FindingCode as Code

UP = np.array([0.0, 0.0, 1.0])
SHARE_OF_LIMIT = 0.95


def solid_of(ring: GoodRing) -> Any:
    """The ring as a manifold3d solid."""
    return Solid(manifold3d.Mesh(ring.vertices.astype(np.float32), ring.faces.astype(np.uint32)))


def without(ring: GoodRing, tool: Any) -> bytes:
    """The ring less a tool."""
    return stl(triangles(solid_of(ring) - tool))


def united(ring: GoodRing, part: Any) -> bytes:
    """The ring and a part in one."""
    return stl(triangles(solid_of(ring) + part))


def warped(ring: GoodRing, move: Callable[[Array], Array]) -> bytes:
    """The ring with every vertex moved; ``move`` takes and gives (n, 3) mm."""
    return stl(move(ring.vertices)[ring.faces])


def post(radius: float, low: float, high: float, at: tuple[float, float] = (0.0, 0.0), top: float | None = None) -> Any:
    """Cylinder or cone along z between two heights."""
    last = radius if top is None else top
    return Solid.cylinder(high - low, radius, last, 96).translate((at[0], at[1], low))


def smooth(x: Array) -> Array:
    """0 below 0, 1 above 1, without a kink."""
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


# -- numbers of the head ----------------------------------------------------------------------------------------


def girdle(ring: GoodRing) -> Array:
    """Middle of the center stone's girdle plane."""
    return np.array([0.0, 0.0, ring.resolved.head.girdle_z_mm])


def prong(ring: GoodRing, k: int = 0) -> tuple[Array, Array]:
    """Point on the axis of prong ``k`` at the girdle, and the way up along it."""
    head = ring.resolved.head
    turn = math.radians(head.first_prong_azimuth_deg) + 2.0 * math.pi * k / head.prongs
    out = np.array([math.cos(turn), math.sin(turn), 0.0])
    lean = math.radians(head.prong_lean_deg)
    return out * head.prong_axis_radius_girdle_mm + girdle(ring), out * math.sin(lean) + UP * math.cos(lean)


def prong_box(ring: GoodRing, low: float, high: float) -> Any:
    """Block round prong 0 between two heights."""
    at, way = prong(ring)
    size = 1.6 * ring.resolved.head.prong_diameter_girdle_mm
    middle = at + way * (0.5 * (low + high) - at[2])
    return Solid.cube((size, size, high - low), True).translate((middle[0], middle[1], 0.5 * (low + high)))


def above_rails(ring: GoodRing, z: Array) -> Array:
    """0 at the seat rail's upper edge, 1 a little below the pavilion's bearing: where the head may bend."""
    top = max(rail.top_z_mm for rail in ring.resolved.gallery.rails)
    bearing = ring.resolved.head.girdle_z_mm - 0.45
    return smooth((z - (top - 0.6)) / max(bearing - top + 0.6, 0.15))


# -- walls --------------------------------------------------------------------------------------------------------


def wall_thin(ring: GoodRing) -> Mutant:
    """A flat recess opposite the head leaves 95 % of the least wall."""
    left = SHARE_OF_LIMIT * ring.resolved.foundry.wall_min_mm
    low = -ring.radius - left
    tool = post(0.6, low - 3.0, low)
    return Mutant(without(ring, tool), (Code.WALL_STRUCTURAL,), np.array([0.0, 0.0, low]), 1.0)


def wall_thin_from_bore(ring: GoodRing) -> Mutant:
    """The same from inside the finger hole, at the right shoulder's foot."""
    left = SHARE_OF_LIMIT * ring.resolved.foundry.wall_min_mm
    out = np.array([math.sin(math.radians(150.0)), 0.0, math.cos(math.radians(150.0))])
    near = ring.vertices[np.abs(ring.vertices[:, 1]) < 0.2]
    beside = near[np.linalg.norm(near - (near @ out)[:, None] * out, axis=1) < 0.3]
    skin = float((beside @ out).max())
    tool = Solid.cylinder(skin - left - 3.0, 0.3, 0.3, 64).translate((0, 0, 3.0)).rotate((0, 150.0, 0))
    return Mutant(without(ring, tool), (Code.WALL_STRUCTURAL, Code.BORE_DIAMETER), out * (skin - 0.5 * left), 1.2)


def side_thin(ring: GoodRing) -> Mutant:
    """Both flanks are filed until 95 % of the least wall is left from side to side."""
    half = 0.5 * SHARE_OF_LIMIT * ring.resolved.foundry.wall_min_mm
    z = ring.inside[2]
    tools = [Solid.cube((1.6, 4.0, 6.0), True).translate((0.0, s * (2.0 + half), z)) for s in (-1.0, 1.0)]
    return Mutant(without(ring, tools[0] + tools[1]), (Code.WALL_STRUCTURAL,), np.array([0.0, 0.0, z]), 1.5)


def rail_thin(ring: GoodRing) -> Mutant:
    """The seat rail is turned out until 95 % of the least rail is left."""
    rail = ring.resolved.gallery.rails[0]
    left = SHARE_OF_LIMIT * ring.resolved.foundry.rail_min_mm
    tool = post(rail.outer_radius_mm - left, rail.bottom_z_mm - 0.05, rail.top_z_mm + 0.05)
    place = np.array([0.0, 0.0, 0.5 * (rail.bottom_z_mm + rail.top_z_mm)])
    return Mutant(without(ring, tool), (Code.WALL_STRUCTURAL,), place, rail.outer_radius_mm + 0.2)


def rail_cut(ring: GoodRing) -> Mutant:
    """A saw cut of 0.1 mm through the seat rail, between two prongs."""
    rail = ring.resolved.gallery.rails[0]
    middle = 0.5 * (rail.inner_radius_mm + rail.outer_radius_mm)
    turn = math.radians(ring.resolved.head.first_prong_azimuth_deg) + math.pi / ring.resolved.head.prongs
    height = 0.5 * (rail.bottom_z_mm + rail.top_z_mm)
    tool = Solid.cube(
        (rail.outer_radius_mm - rail.inner_radius_mm + 0.3, 0.1, rail.top_z_mm - rail.bottom_z_mm + 0.1), True
    )
    tool = tool.translate((middle, 0, 0)).rotate((0, 0, math.degrees(turn))).translate((0, 0, height))
    place = np.array([middle * math.cos(turn), middle * math.sin(turn), height])
    return Mutant(without(ring, tool), (Code.WALL_STRUCTURAL, Code.GENUS), place, 0.8)


def under_stone_thin(ring: GoodRing) -> Mutant:
    """A pocket under the culet leaves 95 % of the least wall over the finger."""
    left = SHARE_OF_LIMIT * ring.resolved.foundry.wall_min_mm
    tool = post(0.45, ring.radius + left, ring.resolved.head.girdle_z_mm)
    return Mutant(without(ring, tool), (Code.WALL_STRUCTURAL,), np.array([0.0, 0.0, ring.radius + 0.5 * left]), 0.9)


def skin_over_channel(ring: GoodRing) -> Mutant:
    """A channel of 1 mm runs from side to side 0.3 mm under the skin."""
    middle = ring.below + UP * 0.8
    tool = Solid.cylinder(12.0, 0.5, 0.5, 48, True).rotate((90, 0, 0)).translate((0.0, 0.0, middle[2]))
    return Mutant(without(ring, tool), (Code.WALL_STRUCTURAL,), middle, 1.2)


def skin_over_bubble(ring: GoodRing) -> Mutant:
    """A bubble of 1 mm lies 0.3 mm under the skin, with a pin hole to the finger."""
    middle = ring.below + UP * 0.8
    tool = Solid.sphere(0.5, 48).translate(tuple(middle)) + post(0.1, middle[2], -ring.radius + 1.0)
    return Mutant(without(ring, tool), (Code.WALL_STRUCTURAL,), middle, 1.2)


def shank_cut(ring: GoodRing) -> Mutant:
    """A saw cut of 0.15 mm through the shank."""
    tool = Solid.cube((0.15, 12.0, 6.0), True).translate((0.0, 0.0, ring.inside[2]))
    return Mutant(without(ring, tool), (Code.WALL_STRUCTURAL, Code.GAP_WIDTH), ring.inside, 1.5)


def thin_plate(ring: GoodRing) -> Mutant:
    """A free-standing plate of 0.2 mm grows out of the shank."""
    part = Solid.cube((0.2, 1.0, 2.4), True).translate((0.0, 0.0, ring.below[2] - 0.9))
    codes = (Code.WALL_STRUCTURAL, Code.WALL_FREE_WIRE)
    return Mutant(united(ring, part), codes, ring.below - UP, 1.3)


def needle(ring: GoodRing) -> Mutant:
    """A needle of 0.3 mm stands on the shank."""
    part = post(0.15, ring.below[2] - 1.8, ring.below[2] + 0.4)
    codes = (Code.WALL_STRUCTURAL, Code.WALL_FREE_WIRE)
    return Mutant(united(ring, part), codes, ring.below - 0.9 * UP, 1.1)


# -- prongs and seat ------------------------------------------------------------------------------------------------


def prong_shrunk(share: float) -> Mutation:
    """Prong 0 is made thinner about its own axis above the rails."""

    def apply(ring: GoodRing) -> Mutant:
        at, way = prong(ring)
        reach = 0.75 * ring.resolved.head.prong_diameter_girdle_mm

        def move(points: Array) -> Array:
            along = (points - at) @ way
            across = points - at - along[:, None] * way
            far = np.linalg.norm(across, axis=1)
            weight = above_rails(ring, points[:, 2]) * (far < reach)
            return np.asarray(points - (1.0 - share) * weight[:, None] * across)

        return Mutant(warped(ring, move), (Code.PRONG_SECTION,), at, 1.2)

    return apply


def prong_cut_off(ring: GoodRing) -> Mutant:
    """Prong 0 ends under the girdle."""
    head = ring.resolved.head
    tool = prong_box(ring, head.girdle_z_mm - 0.1, head.prong_tip_z_mm + 1.0)
    codes = (Code.PRONG_COUNT, Code.PRONG_SECTION, Code.PRONG_HEIGHT)
    return Mutant(without(ring, tool), codes, prong(ring)[0], head.prong_axis_radius_girdle_mm + 0.1)


def prong_short(ring: GoodRing) -> Mutant:
    """Prong 0 ends 0.15 mm above the girdle: nothing to bend over the crown."""
    head = ring.resolved.head
    low = head.girdle_z_mm + ring.resolved.stone.girdle_mm + 0.15
    return Mutant(
        without(ring, prong_box(ring, low, head.prong_tip_z_mm + 1.0)), (Code.PRONG_HEIGHT,), prong(ring)[0], 1.2
    )


def notch_deep(ring: GoodRing) -> Mutant:
    """The notch of prong 0 takes 60 % of it instead of a quarter."""
    head = ring.resolved.head
    at, _ = prong(ring)
    out = at * [1.0, 1.0, 0.0] / np.linalg.norm(at[:2])
    inner = head.prong_axis_radius_girdle_mm - 0.5 * head.prong_diameter_girdle_mm
    reach = inner + 0.6 * head.prong_diameter_girdle_mm
    height = ring.resolved.stone.girdle_mm
    tool = Solid.cube((1.6, 1.8, height), True).translate((reach - 0.8, 0, 0))
    tool = tool.rotate((0, 0, math.degrees(math.atan2(out[1], out[0])))).translate((0, 0, at[2] + 0.5 * height))
    return Mutant(without(ring, tool), (Code.NOTCH_DEPTH, Code.PRONG_SECTION, Code.GIRDLE_CLEARANCE), at, 1.2)


def seat_tilted(ring: GoodRing) -> Mutant:
    """The head above its rails leans by 3 degrees: the stone would sit askew."""
    turn = math.radians(3.0)

    def move(points: Array) -> Array:
        angle = turn * above_rails(ring, points[:, 2])
        y, z = points[:, 1], points[:, 2] - girdle(ring)[2]
        y, z = y * np.cos(angle) - z * np.sin(angle), y * np.sin(angle) + z * np.cos(angle)
        return np.stack([points[:, 0], y, z + girdle(ring)[2]], axis=1)

    return Mutant(warped(ring, move), (Code.SEAT_POSITION,), girdle(ring), 0.5)


def seat_moved(shift: Array) -> Mutation:
    """The head above its rails is moved."""

    def apply(ring: GoodRing) -> Mutant:
        def move(points: Array) -> Array:
            return np.asarray(points + above_rails(ring, points[:, 2])[:, None] * shift)

        return Mutant(warped(ring, move), (Code.SEAT_POSITION,), girdle(ring), 0.5)

    return apply


def stone_raised(ring: GoodRing) -> Mutant:
    """The numbers put the stone 0.1 mm higher than the file's seat holds it."""
    head = ring.resolved.head
    raised = head.model_copy(update={"girdle_z_mm": head.girdle_z_mm + 0.1, "culet_z_mm": head.culet_z_mm + 0.1})
    return Mutant(
        ring.data, (Code.SEAT_POSITION,), girdle(ring), 0.5, ring.resolved.model_copy(update={"head": raised})
    )


def _widened(ring: GoodRing, play: float) -> Any:
    """The stone's own shape from bearing to table with room beside it."""
    stone, head = ring.resolved.stone, ring.resolved.head
    r = 0.5 * stone.diameter_mm + play
    slope = math.tan(math.radians(stone.pavilion_angle_deg))
    depth = 0.5 * stone.diameter_mm
    low = head.girdle_z_mm - 0.4 * depth * slope
    tool = post(r - 0.4 * depth, low, head.girdle_z_mm, top=r)
    return tool + post(r, head.girdle_z_mm - 1e-3, head.girdle_z_mm + stone.girdle_mm)


def seat_large(ring: GoodRing) -> Mutant:
    """The seat is cut 0.15 mm too wide all round: the stone rattles."""
    place = girdle(ring)
    reach = ring.resolved.head.prong_axis_radius_girdle_mm + 0.2
    return Mutant(without(ring, _widened(ring, 0.15)), (Code.GIRDLE_CLEARANCE,), place, reach)


def seat_angle_wrong(ring: GoodRing) -> Mutant:
    """The bearing is cut 4 degrees too steep."""
    stone, head = ring.resolved.stone, ring.resolved.head
    r = 0.5 * stone.diameter_mm + head.girdle_clearance_mm
    drop = 0.45 * r * math.tan(math.radians(stone.pavilion_angle_deg + 4.0))
    tool = post(0.55 * r, head.girdle_z_mm - drop, head.girdle_z_mm, top=r)
    return Mutant(without(ring, tool), (Code.SEAT_ANGLE,), girdle(ring), 0.5)


def burr_in_seat(ring: GoodRing) -> Mutant:
    """A bead of 0.3 mm sits on the bearing of prong 0."""
    stone = ring.resolved.stone
    at, _ = prong(ring)
    out = at * [1.0, 1.0, 0.0] / np.linalg.norm(at[:2])
    place = girdle(ring) + out * (0.5 * stone.diameter_mm - 0.1) - UP * 0.1
    codes = (Code.STONE_INTERFERENCE, Code.GIRDLE_CLEARANCE)
    return Mutant(united(ring, Solid.sphere(0.15, 32).translate(tuple(place))), codes, place, 0.6)


def stone_melted_in(ring: GoodRing) -> Mutant:
    """The stone is welded into the metal as if it were of gold."""
    stone, head = ring.resolved.stone, ring.resolved.head
    r, low = 0.5 * stone.diameter_mm + 0.05, head.girdle_z_mm
    body = post(0.05, low - stone.pavilion_depth_mm, low, top=r) + post(r, low - 1e-3, low + stone.girdle_mm)
    codes = (Code.STONE_INTERFERENCE, Code.PRONG_COUNT)
    return Mutant(united(ring, body), codes, girdle(ring), r + 0.3)


def bar_between_prongs(ring: GoodRing) -> Mutant:
    """A bar joins two prongs under the stone, as sprues do that were left."""
    one, _ = prong(ring, 0)
    two, _ = prong(ring, 1)
    drop = 0.5 * (girdle(ring)[2] - max(rail.top_z_mm for rail in ring.resolved.gallery.rails)) + 0.3
    middle = 0.5 * (one + two) - UP * drop
    side = two - one
    turn = math.degrees(math.atan2(side[1], side[0]))
    bar = Solid.cylinder(float(np.linalg.norm(side)), 0.45, 0.45, 32, True).rotate((0, 90, 0)).rotate((0, 0, turn))
    codes = (Code.GENUS, Code.STONE_INTERFERENCE)
    return Mutant(united(ring, bar.translate(tuple(middle))), codes)


# -- flush seats --------------------------------------------------------------------------------------------------


def _flush(ring: GoodRing) -> tuple[Any, Any, Array] | None:
    """First accent and seat, and the point on its rim."""
    if not ring.resolved.accents:
        return None
    accent = ring.resolved.accents[0]
    seat = accent.seats[len(accent.seats) // 2]
    phi = math.radians(seat.phi_deg)
    place = np.array([math.sin(phi), 0.0, math.cos(phi)]) * (ring.radius + ring.resolved.shank.thickness_top_mm)
    return accent, seat, place + np.array([0.0, seat.y_mm, 0.0])


def _along(seat: Any, part: Any) -> Any:
    """A part made along z, turned into the seat's axis."""
    return part.rotate((0.0, seat.phi_deg, 0.0)).translate((0.0, seat.y_mm, 0.0))


def flush_wide(ring: GoodRing) -> Mutant | None:
    """A flush opening is drilled 0.1 mm too wide."""
    found = _flush(ring)
    if found is None:
        return None
    accent, seat, place = found
    top = ring.radius + ring.resolved.shank.thickness_top_mm
    depth = accent.table_depth_mm + accent.stone.crown_height_mm + accent.stone.girdle_mm
    tool = _along(seat, post(0.5 * accent.opening_diameter_mm + 0.05, top - depth + 0.15, top + 2.0))
    return Mutant(without(ring, tool), (Code.GIRDLE_CLEARANCE,), place, 1.5)


def flush_filled(ring: GoodRing) -> Mutant | None:
    """A flush seat is filled."""
    found = _flush(ring)
    if found is None:
        return None
    accent, seat, place = found
    part = _along(seat, post(0.5 * accent.opening_diameter_mm + 0.1, ring.radius + 0.3, ring.radius + 1.9))
    return Mutant(united(ring, part), (Code.SEAT_BEARING,), place, 2.5)


def flush_deep(ring: GoodRing) -> Mutant | None:
    """A flush seat is drilled through to the finger at its full width."""
    found = _flush(ring)
    if found is None:
        return None
    accent, seat, place = found
    tool = _along(seat, post(0.5 * accent.opening_diameter_mm, ring.radius - 1.0, ring.radius + 3.0))
    codes = (Code.SEAT_BEARING, Code.SEAT_WALL, Code.SEAT_POSITION)
    return Mutant(without(ring, tool), codes, place, 2.5)


# -- the whole ring -------------------------------------------------------------------------------------------------


def scaled(x: float, y: float, z: float, *codes: Code) -> Mutation:
    """The file's numbers multiplied by axis."""
    return lambda ring: Mutant(stl(ring.corners * [x, y, z]), codes)


def shifted(ring: GoodRing) -> Mutant:
    """The ring lies 0.3 mm off its origin."""
    return Mutant(stl(ring.corners + np.array([0.3, 0.0, 0.0])), (Code.BORE_DIAMETER,))


def turned_up(ring: GoodRing) -> Mutant:
    """The finger axis is z instead of y."""
    return Mutant(stl(ring.corners[:, :, [0, 2, 1]] * [1.0, -1.0, 1.0]), (Code.BORE_DIAMETER,))


def bead_in_bore(ring: GoodRing) -> Mutant:
    """A bead of 0.4 mm stands in the finger hole."""
    at = np.array([0.0, 0.0, -ring.radius])
    return Mutant(united(ring, Solid.sphere(0.4, 32).translate(tuple(at))), (Code.BORE_DIAMETER,), at, 1.0)


def oval_ball_in_wall(ring: GoodRing) -> Mutant:
    """A ball not united with the metal pokes out of the bore."""
    at = np.array([ring.radius, 0.0, 0.0])
    rows = np.concatenate([ring.corners, ball(0.35, at)])
    return Mutant(stl(rows), (Code.SELF_INTERSECTION,), at, 0.8)


SHAPE_MUTATIONS: dict[str, Mutation] = {
    "wall at 95 % of the limit": wall_thin,
    "wall at 95 %, from the bore": wall_thin_from_bore,
    "side to side at 95 %": side_thin,
    "rail at 95 %": rail_thin,
    "rail sawn through": rail_cut,
    "wall under the culet at 95 %": under_stone_thin,
    "channel 0.3 mm under the skin": skin_over_channel,
    "bubble 0.3 mm under the skin": skin_over_bubble,
    "shank sawn through": shank_cut,
    "free plate of 0.2 mm": thin_plate,
    "needle of 0.3 mm": needle,
    "a prong 15 % thinner": prong_shrunk(0.85),
    "a prong 25 % thinner": prong_shrunk(0.75),
    "a prong cut off": prong_cut_off,
    "a prong too short": prong_short,
    "a notch of 60 %": notch_deep,
    "seat tilted by 3 degrees": seat_tilted,
    "seat 0.1 mm higher": seat_moved(0.1 * UP),
    "seat 0.1 mm aside": seat_moved(np.array([0.1, 0.0, 0.0])),
    "stone raised by 0.1 mm": stone_raised,
    "seat 0.15 mm too wide": seat_large,
    "bearing 4 degrees too steep": seat_angle_wrong,
    "burr in the seat": burr_in_seat,
    "stone welded in": stone_melted_in,
    "bar between two prongs": bar_between_prongs,
    "flush seat 0.1 mm too wide": flush_wide,
    "flush seat filled": flush_filled,
    "flush seat drilled through": flush_deep,
    "inches taken for millimetres (x 25.4)": scaled(25.4, 25.4, 25.4, Code.UNITS),
    "centimetres (x 0.1)": scaled(0.1, 0.1, 0.1, Code.UNITS),
    "metres (x 0.001)": scaled(0.001, 0.001, 0.001, Code.UNITS),
    "one size too large (x 1.02)": scaled(1.02, 1.02, 1.02, Code.BORE_DIAMETER),
    "shrunk by 1 %": scaled(0.99, 0.99, 0.99, Code.BORE_DIAMETER),
    "bore oval by 1 %": scaled(1.005, 1.0, 0.995, Code.BORE_DIAMETER),
    "0.3 mm off the origin": shifted,
    "finger axis z": turned_up,
    "bead in the bore": bead_in_bore,
    "ball in the wall, not united": oval_ball_in_wall,
}
