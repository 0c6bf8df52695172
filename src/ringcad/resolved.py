"""The resolved ring: every dimension as a plain number, the one contract between the stages.

``resolve`` writes it, the template builds from it, ``verify`` judges by it. It is stored beside
the STL as ``resolved.json``. Convention: millimetres; the finger axis is y, the head points
towards +z, the origin is the centre of the finger hole. An angle ``phi_deg`` runs about the
finger axis from the top of the ring (0) through the right shoulder (+90 is +x) to the bottom
(180); the left shoulder is negative.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ringcad.resolved_accents import Accent as Accent
from ringcad.resolved_accents import Bead as Bead
from ringcad.resolved_accents import BeadAccent as BeadAccent
from ringcad.resolved_accents import ChannelAccent as ChannelAccent
from ringcad.resolved_accents import FlushAccent as FlushAccent
from ringcad.resolved_accents import FlushSeat as FlushSeat
from ringcad.resolved_accents import PlacedSeat as PlacedSeat
from ringcad.resolved_accents import Scallop as Scallop
from ringcad.resolved_accents import SharedProngAccent as SharedProngAccent
from ringcad.resolved_bezel import Bezel as Bezel
from ringcad.resolved_bezel import WallBand as WallBand
from ringcad.resolved_bypass import Bypass as Bypass
from ringcad.resolved_halo import Halo as Halo
from ringcad.resolved_halo import HiddenHalo as HiddenHalo
from ringcad.resolved_heads import ClawTip as ClawTip
from ringcad.resolved_heads import Gallery as Gallery
from ringcad.resolved_heads import Head as Head
from ringcad.resolved_heads import OwnHead as OwnHead
from ringcad.resolved_heads import ProngPair as ProngPair
from ringcad.resolved_heads import ProngStand as ProngStand
from ringcad.resolved_heads import Rail as Rail
from ringcad.resolved_heads import SideHead as SideHead
from ringcad.resolved_heads import SideHeads as SideHeads
from ringcad.resolved_heads import VProng as VProng
from ringcad.resolved_stones import CenterStone as CenterStone
from ringcad.resolved_stones import FancyCut as FancyCut
from ringcad.resolved_stones import FancyStone as FancyStone
from ringcad.resolved_stones import RoundStone as RoundStone
from ringcad.resolved_stones import size_text as size_text

#: The shank's width is constant up to the first angle from the head and reaches the bottom's at the second.
TAPER_DEG = (60.0, 172.0)
#: A euro shank is as thick as at its shoulders up to here (3 o'clock) from the top.
EURO_START_DEG = 90.0
#: Where a pinched or flared shank has its width at the head, and where that of its shoulders: sold shanks keep their
#: width up to 1:40 and are pinched by a tenth at 1 o'clock; flared ones open from 3 o'clock on (proportions 1.2).
HEAD_TAPER_DEG = {"pinched": (25.0, 75.0), "flared": (30.0, 90.0)}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reason(_Frozen):
    """Why a dimension has its value. ``because`` names the rule, table row or source."""

    kind: Literal["given", "default", "derived"]
    because: str


class RingDimensions(_Frozen):
    inner_diameter_mm: float
    label: str
    """As ordered, e.g. ``US 7``."""


class Metal(_Frozen):
    id: str
    name: str
    family: Literal["gold", "silver", "platinum", "palladium", "bronze", "resin"]
    density_g_cm3: float
    color_rgb: tuple[float, float, float]
    """Linear specular colour (reflectance at normal incidence), 0..1."""


class FoundryLimits(_Frozen):
    """Limits of a foundry profile for the metal at hand (as cast, mm unless named otherwise)."""

    id: str
    name: str
    recommended: bool
    note: str
    wall_min_mm: float
    """Structural wall."""
    rail_min_mm: float
    prong_min_mm: float
    free_wire_min_mm: float
    detail_min_mm: float
    """Width at half height of supported detail."""
    gap_min_mm: float
    relief_max_mm: float
    engrave_max_mm: float
    culet_clearance_min_mm: float
    polish_allowance_mm: float
    """Lost per polished outer face."""
    bore_allowance_mm: float
    casting_scale: float
    """Linear scale of the delivered file; 1.0 where the house scales itself."""
    stl_max_bytes: int


class EuroBase(_Frozen):
    """The flat bottom of a euro shank: a chord of the outer line, with rounded corners, on which the ring stands."""

    distance_mm: float
    """From the finger axis to the flat."""
    width_mm: float
    """Along the flat, from corner to corner as if they were sharp."""
    corner_radius_mm: float
    corner_thickness_mm: float
    """Of the shank at the corners, as if they were sharp; it grows to that from ``EURO_START_DEG`` on."""


class Hollow(_Frozen):
    """A trough along the shank's inside between two rims, on which the ring is worn."""

    wall_mm: float
    """Left between the trough and the plain outside."""
    rim_mm: float
    """Width of each rim on the bore, its rounded edge included."""
    flank_mm: float
    """Width over which the trough deepens beside each rim."""
    depth_mm: float
    """Of the trough, at most."""
    phi_start_deg: float
    """It begins so far from the top, on either side; 0: it runs through the top."""
    phi_end_deg: float
    fade_deg: float
    """Over which it deepens at its ends."""


class Split(_Frozen):
    """An opening through each shoulder, between two legs: two round ends and the straight flanks between them."""

    gap_mm: float
    """Its width beside the head."""
    tip_mm: float
    """Its width at the far end."""
    end_deg: float
    """How far from the top it ends."""


class Shank(_Frozen):
    """The closed limb round the finger. Width and thickness run smoothly from top to bottom."""

    profile: Literal["flat", "d", "comfort_d", "knife_edge", "soft_cushion", "ellipse", "euro"]
    """``soft_cushion``: crowned with wide round edges; ``ellipse``: round throughout; ``euro``: with a flat bottom."""
    width_top_mm: float
    """At the shoulders, where the taper starts (``taper_start_deg``)."""
    width_bottom_mm: float
    thickness_top_mm: float
    thickness_bottom_mm: float
    outer_edge_radius_mm: float
    inner_edge_radius_mm: float
    comfort_rise_mm: float
    """How far the bore surface rises from mid-width to the start of the inner edge radius."""
    crown_rise_mm: float
    """How far the outer surface falls from mid-width to the edge (D, knife edge); 0 for flat."""
    taper: Literal["straight", "pinched", "flared"] = "straight"
    """Whether the width changes from the shoulders to the head (``HEAD_TAPER_DEG``)."""
    width_head_mm: float | None = None
    """At the head, of a pinched or flared shank; ``None``: that of the shoulders."""

    hollow: Hollow | None = None
    """What is hollowed out of its inside."""
    split: Split | None = None
    """Where it opens into two legs."""
    bypass: Bypass | None = None
    """Where its two ends pass each other beside the head."""
    base: EuroBase | None = None
    """The flat bottom, of a euro shank."""

    @property
    def head_width(self) -> float:
        """Width at the head (mm), of any shank."""
        return self.width_top_mm if self.width_head_mm is None else self.width_head_mm

    @property
    def thickest(self) -> float:
        """Largest thickness round the finger (mm), at most; without bridge and cathedral."""
        corner = 0.0 if self.base is None else self.base.corner_thickness_mm
        return max(self.thickness_top_mm, self.thickness_bottom_mm, corner)

    @property
    def widest(self) -> float:
        """Largest width round the finger, mm."""
        return max(self.head_width, self.width_top_mm, self.width_bottom_mm)


class Decoration(_Frozen):
    """One decorated zone; ``phi_start_deg`` is nearer the head. Mirrored zones appear twice.

    The angles are of the shank; a zone beside it (a bezel's wall, a halo's rim) has none: both are 0. The zone of the
    sides is on both flanks, and its mirror image on the other shoulder too unless it ends beyond the bottom at 180.
    """

    id: str
    region: Literal[
        "shank.shoulders",
        "shank.right_shoulder",
        "shank.left_shoulder",
        "shank.arms",
        "shank.outside",
        "shank.borders",
        "shank.sides",
        "bezel.wall",
        "halo.rim",
    ]
    generator: str
    prompt: str
    seed: int
    image: str | None
    program: str | None = None
    """File of a saved design that is drawn in place of the prompt."""
    variation: float = 0.0
    """How far from that design, 0 to 1."""
    depth_mm: float
    mode: Literal["emboss", "engrave"]
    border: Literal["plain", "milgrain", "rope", "none"]
    mirrored: bool
    strict: bool
    phi_start_deg: float
    phi_end_deg: float
    margin_mm: float


class Export(_Frozen):
    chord_mm: float
    angle_deg: float
    step: bool
    pictures: bool


class ResolvedRing(_Frozen):
    """All numbers of one ring. ``reasons`` maps a dotted path to why the value is what it is."""

    version: Literal[1] = 1
    template: str
    name: str
    finish: Literal["as_cast", "polished"]
    ring: RingDimensions
    metal: Metal
    foundry: FoundryLimits
    stone: CenterStone | None
    """The stone of head or bezel; a band has none of them, nor a gallery."""
    shank: Shank
    head: Head | None
    gallery: Gallery | None
    bezel: Bezel | None = None
    """In place of head and gallery."""
    sides: SideHeads | None = None
    """Heads beside the center's, of a three stone ring."""
    halo: Halo | None = None
    """The rim of small stones round the center's head; its stones are no accents of the shank."""
    hidden_halo: HiddenHalo | None = None
    """In its place: a row that looks sideways out of the seat rail."""
    accents: tuple[Accent, ...]
    decoration: tuple[Decoration, ...]
    export: Export
    reasons: dict[str, Reason]

    @property
    def bore_radius_mm(self) -> float:
        """Radius of the finger hole."""
        return 0.5 * self.ring.inner_diameter_mm

    @property
    def halo_row(self) -> BeadAccent | None:
        """The row of a halo, visible or hidden."""
        halo = self.halo or self.hidden_halo
        return None if halo is None else halo.row

    @property
    def channel(self) -> ChannelAccent | None:
        """The row of stones in a channel, of which a ring has one at most."""
        return next((accent for accent in self.accents if isinstance(accent, ChannelAccent)), None)

    @property
    def shared_prongs(self) -> SharedProngAccent | None:
        """The row of stones between shared prongs, of which a ring has one at most."""
        return next((accent for accent in self.accents if isinstance(accent, SharedProngAccent)), None)

    @property
    def row(self) -> ChannelAccent | SharedProngAccent | None:
        """The row of stones that the ring is made round."""
        return self.channel or self.shared_prongs

    @property
    def shank_decoration(self) -> tuple[Decoration, ...]:
        """The decorated zones of the shank's outside."""
        return tuple(zone for zone in self.along_shank if zone.region != "shank.sides")

    @property
    def along_shank(self) -> tuple[Decoration, ...]:
        """The decorated zones that run along the shank: of its outside and its sides."""
        return tuple(zone for zone in self.decoration if zone.region.startswith("shank."))

    @property
    def side_decoration(self) -> Decoration | None:
        """What both flanks of the shank carry."""
        return next((zone for zone in self.decoration if zone.region == "shank.sides"), None)

    def stone_of(self, key: str) -> CenterStone:
        """The stone that a template's ``stone_key`` means: ``center``, ``side``, ``halo`` or the index of an accent."""
        if key == "halo" and self.halo_row is not None:
            return self.halo_row.stone
        if key == "side" and self.sides is not None:
            return self.sides.stone
        if key != "center":
            return self.accents[int(key)].stone
        if self.stone is None:
            raise KeyError(key)
        return self.stone


class HeadedRing(ResolvedRing):
    """A ring whose head carries a stone."""

    stone: CenterStone
    head: Head
    gallery: Gallery

    @property
    def side_ring(self) -> HeadedRing | None:
        """A side head as the head of a ring of its own, in its own frame; ``None`` where there are none."""
        if self.sides is None:
            return None
        size = self.ring.model_copy(update={"inner_diameter_mm": 2.0 * self.sides.bore_mm})
        alone = {"ring": size, "stone": self.sides.stone, "head": self.sides.head, "gallery": self.sides.gallery}
        return self.model_copy(update={**alone, "sides": None, "accents": (), "decoration": ()})


def headed(ring: ResolvedRing) -> HeadedRing | None:
    """The ring as one with a head and its stone; ``None`` for a band."""
    if isinstance(ring, HeadedRing):
        return ring
    if ring.stone is None or ring.head is None or ring.gallery is None:
        return None
    return HeadedRing(**{name: getattr(ring, name) for name in ResolvedRing.model_fields})


class BezelRing(ResolvedRing):
    """A ring whose bezel carries a stone."""

    stone: CenterStone
    bezel: Bezel


def bezeled(ring: ResolvedRing) -> BezelRing | None:
    """The ring as one with a bezel and its stone; ``None`` for any other."""
    if isinstance(ring, BezelRing):
        return ring
    if ring.stone is None or ring.bezel is None:
        return None
    return BezelRing(**{name: getattr(ring, name) for name in ResolvedRing.model_fields})
