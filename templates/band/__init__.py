"""The band: a ring without a head, decorated all round, with or without a row of flush stones on its top.

:mod:`shape` says where the metal is and fits the relief onto it (numpy), :mod:`build` makes the solid.
"""

from __future__ import annotations

from ringcad.limb_template import LimbTemplate

template = LimbTemplate("band", __name__)
