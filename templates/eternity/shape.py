"""Where the borders of an eternity band are, and the relief on them; its limb is the band's."""

from __future__ import annotations

from collections.abc import Mapping

from ringcad.fit.channel import tile_stations
from ringcad.fit.decorate import decorate, judged
from ringcad.fit.limb import LimbNets, snap_poles
from ringcad.fit.skin import Zone, border, zone_size
from ringcad.generation import Relief, ZoneSize
from ringcad.resolved import ChannelAccent, ResolvedRing
from ringcad.template import RingPlan
from ringcad.templates.band.shape import crown_radius, limb_nets
from ringcad.templates.eternity import shared


def row(ring: ResolvedRing) -> ChannelAccent:
    """The row of stones that the ring is made round."""
    if ring.channel is None:
        raise ValueError("an eternity band has a row of stones in a channel")
    return ring.channel


def crown_radius_mm(ring: ResolvedRing) -> float:
    """Distance of the plain crown line from the finger axis, the same all along the row."""
    return crown_radius(ring)(0.0)


def _places(ring: ResolvedRing, nets: LimbNets) -> dict[str, Zone]:
    inner = 0.5 * row(ring).channel_width_mm + row(ring).rim_mm
    return {
        entry.id: border(nets, inner, entry.margin_mm, 1 if entry.id == "right_border" else -1)
        for entry in ring.decoration
    }


def zones(ring: ResolvedRing) -> dict[str, ZoneSize]:
    """Physical size of the two borders."""
    if not ring.decoration:
        return {}
    return {name: zone_size(place) for name, place in _places(ring, limb_nets(ring)).items()}


def plan(ring: ResolvedRing, reliefs: Mapping[str, Relief]) -> RingPlan:
    """Fit the relief. Raises ``Refused`` with the findings when a bound is broken."""
    accent = ring.shared_prongs
    if accent is not None:
        return shared.plan(ring, accent, reliefs)
    nets = limb_nets(ring)
    made = decorate(ring, nets, reliefs, _places(ring, nets), [], [])
    skin = snap_poles(nets.outer + nets.normals * made.heights_mm[..., None])
    summary, findings = judged(ring, nets, skin, made)
    return RingPlan(ring, nets, skin, tuple(tile_stations(row(ring), nets)), tuple(findings), summary)
