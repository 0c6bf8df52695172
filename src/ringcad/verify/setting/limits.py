"""Limits of the setting rules, each with the source that the certificate prints."""

from __future__ import annotations

SEAT_ANGLE_TOLERANCE_DEG = 1.0
SEAT_TILT_MAX_DEG = 1.0
SEAT_PLACE_TOLERANCE_MM = 0.05
SEAT_SOURCE = "common practice: a setter sees a table a degree or 0.05 mm off"
PRONG_PLACE_MAX_MM = 0.15
PRONG_PLACE_SOURCE = "common practice: prongs that stand unevenly by more show beside an outline"
CLEARANCE_RANGE_MM = (-0.01, 0.10)
"""Girdle play per side: 0 to 0.05 cut to fit, 0.10 in production seats; the hundredth below zero is the chord of the
mesh."""
CLEARANCE_SOURCE = "0 to 0.05 mm cut to fit, 0.10 in production seats (bench practice)"
INTERFERENCE_MAX_MM = 0.02
"""Metal inside the stone beyond what the setting declares that its setter cuts away: twice the chord of the mesh."""
INTERFERENCE_SOURCE = "declared cut-in of the setting, plus twice the chord of the mesh"
ALL_ROUND_MAX_MM = 0.03
"""The same for a single azimuth of an opening, where a facet's corner and its middle differ by another chord."""
PRONG_UNDERSIZE_MAX = 0.03
"""Share by which a prong may be thinner than ordered: the chord of its facets and the fit."""
PRONG_SOURCE = "ordered diameter, and the foundry profile's least prong, less 3 % for facets"
SECTION_UNDERSIZE_MAX = 0.08
"""The same of its area: two thicknesses, and the facets of the girdle's circle."""
SECTION_SOURCE = "area that the ordered round prong keeps beside its ordered notch, less 8 % for facets"
NOTCH_WARNING, NOTCH_ERROR = 0.35, 0.50
NOTCH_SOURCE = "warned above bench opinions of 33 to 40 %; Professional Jeweler, July 2004: at most half"
PAIR_SOURCE = "the foundry profile's least gap: narrower ones fill in when cast, and hold what cannot be cleaned"
CLAW_UNDERSIZE_MAX = 0.06
"""Share by which a claw may be narrower than ordered: it is measured by rays three hundredths of a millimetre apart."""
CLAW_SOURCE = "ordered width of the claw where it bears on the crown, less 6 % for facets and rays"
CLAW_SECTION_SHARE = 0.80
"""Of the round section in the middle of the contact: crown and bend take the rest."""
CLAW_SECTION_SOURCE = "common practice: a claw that keeps less than eight tenths of its section bends at its thinnest"
CLAW_REACH_TOLERANCE_MM = 0.08
CLAW_REACH_SOURCE = "ordered reach: farther it cannot be opened for the girdle, shorter it is no claw"
CLAW_FINISHED_SOURCE = "common practice: thinner than 0.25 mm over the crown wears through; ordered width, less 6 %"
BEARING_MIN_MM = 0.10
BEARING_SOURCE = "common practice: less wears or chips the girdle"
BEARING_SHARE_MIN = 0.75
"""Share of the circle on which a drilled seat must bear: a bur cuts it all round; an engraved line may cross it."""
BEARING_SHARE_SOURCE = "common practice: a drilled seat bears all round but for what crosses it"
CONTACT_MIN, CONTACT_MAX = 0.30, 0.50
CONTACT_SOURCE = "GIA quality benchmark, round center stone in platinum prongs: 30 to 50 % of the crown's slope"
HEIGHT_SHARE_RANGE = (0.60, 0.80)
V_HEIGHT_SHARE_RANGE = (0.90, 1.00)
V_HEIGHT_SOURCE = "GIA quality benchmark, princess in V prongs: 90 to 100 % of the table's height above the girdle"
POINT_ROOM_MIN_MM = 0.10
POINT_ROOM_SOURCE = "GIA quality benchmark, princess in V prongs: relief so that the point never touches metal"
CLEFT_ROOM_SOURCE = "as beside a point (GIA quality benchmark, princess): the edges of a cleft chip as a point does"
POINT_METAL_SOURCE = "the foundry profile's least prong, less 3 % for facets"
V_COVER_SOURCE = "ordered length of the V prong's walls, less 8 % for facets; unequal by what shows beside an outline"
V_COVER_MIN = 0.92
HEIGHT_SOURCE = "GIA quality benchmark: finished prong 60 to 80 % of the table's height above the girdle"
STRAIGHT_MIN = 0.15
STRAIGHT_SOURCE = "common practice: half of the least contact at full thickness; the rounding above it is cut"
LIP_CONTACT_MIN = 0.20
"""Of a lip all round: metal over a tenth of the stone's width is about a fifth of the crown's slope on either side."""
LIP_SOURCE = "bench practice for bezels: metal over about 10 % of the stone's width"
LIP_UNDERSIZE_MAX = 0.05
"""Share by which a bezel's wall or lip may be smaller than ordered, beyond the measurement's uncertainty."""
LIP_SIZE_SOURCE = "ordered wall and lip, less 5 % for facets of the mesh"
LIP_FINISHED_MIN_MM = 0.40
LIP_FINISHED_SOURCE = "bench practice: at least 0.4 mm of a bezel's wall after burnishing"
LIP_HEIGHT_SOURCE = "common practice: a lip above the table catches"
DOME_LIP_MIN, DOME_LIP_MAX = 0.32, 0.50
"""Of a cabochon's height: a third, less what the measurement may be off."""
DOME_LIP_SOURCE = "goldsmiths' books: a bezel at least a third as high as its cabochon; more than half hides it"
MOVE_MAX_MM = 0.05
MOVE_SOURCE = "common practice: a stone that a setter can feel move is loose"
RETENTION_MIN_MM = 0.10
RETENTION_SOURCE = "common practice: metal that a knock may bend outward"
LIP_RETENTION_MIN_MM = 0.02
"""Of small stones under a lip all round, which cannot be opened at one place: the lip's own chord twice."""
FLUSH_RETENTION_SOURCE = "common practice for stones up to 2 mm; a tenth of a millimetre above 5 mm, in proportion"
RAIL_GAP_MIN_MM = 0.05
RAIL_SOURCE = "half the 0.10 mm that is built: closer, the stone may ride on the rail"
OPENING_SHARE_MAX = 0.50
OPENING_SOURCE = "common practice: a prong opened by more than half its thickness cracks at its foot"
CULET_SOURCE = "foundry profile; Stuller CAD/CAM standards: at least 0.5 mm to the finger"
STONE_GAP_MIN_MM = 0.10
STONE_GAP_SOURCE = "GIA quality benchmark, bead setting: about 0.10 mm between stones"
CHANNEL_GAP_MIN_MM = 0.05
CHANNEL_GAP_SOURCE = "bench practice for channels: 0.05 to 0.10 mm between stones"
CHANNEL_DEPTH_SOURCE = "common practice: the walls, not the tables, take knocks, and do not hide the stones"
FLUSH_DEPTH_RANGE_MM = (-0.05, 0.30)
FLUSH_DEPTH_SOURCE = "trade guides on flush setting: table level with the metal (0.05 mm), not sunk"


def lip_retention_min_mm(diameter_mm: float) -> float:
    """Least hold of a stone under a lip: 0.02 mm per millimetre of stone, between the two limits above."""
    return min(max(0.02 * diameter_mm, LIP_RETENTION_MIN_MM), RETENTION_MIN_MM)
