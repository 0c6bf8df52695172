"""The eternity band: a row of stones in a channel all round or over the top half, between plain or decorated walls.

The limb is the band's. :mod:`shape` says where the borders are and fits the relief onto them (numpy), :mod:`build`
makes the solid.
"""

from __future__ import annotations

from ringcad.limb_template import LimbTemplate

template = LimbTemplate("eternity", __name__)
