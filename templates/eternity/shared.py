"""An eternity band between shared prongs: its limb, the row made stretch by stretch, the plain limb beyond its ends."""

from __future__ import annotations

from collections.abc import Mapping

from ringcad.fit.decorate import decorate, judged
from ringcad.fit.limb import LimbNets, build_nets, snap_poles
from ringcad.fit.shank_line import plain_stations as shank_stations
from ringcad.fit.shared_prongs import PLAIN_STEP_MM, stations_deg, tile_stations
from ringcad.fit.skin import net_size
from ringcad.generation import Relief
from ringcad.resolved import ResolvedRing, SharedProngAccent
from ringcad.template import RingPlan


def limb_nets(ring: ResolvedRing, accent: SharedProngAccent) -> LimbNets:
    """Base nets of the limb; they repeat from seat to seat."""
    shank = ring.shank
    crest = ring.bore_radius_mm + shank.thickness_top_mm
    step = 0.25 * ring.foundry.detail_min_mm if ring.decoration else PLAIN_STEP_MM
    _, rows = net_size(1.0, shank.widest + 1.2 * shank.outer_edge_radius_mm, ring.foundry.detail_min_mm)
    return build_nets(shank_stations(ring, stations_deg(accent, crest, step)), rows)


def plan(ring: ResolvedRing, accent: SharedProngAccent, reliefs: Mapping[str, Relief]) -> RingPlan:
    """Fit the relief. Raises ``Refused`` with the findings when a bound is broken."""
    nets = limb_nets(ring, accent)
    made = decorate(ring, nets, reliefs, {}, [], [])
    skin = snap_poles(nets.outer + nets.normals * made.heights_mm[..., None])
    summary, findings = judged(ring, nets, skin, made)
    return RingPlan(ring, nets, skin, tile_stations(accent, nets), tuple(findings), summary)
