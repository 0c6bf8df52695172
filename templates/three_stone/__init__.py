"""The three stone ring: a center stone in a prong head, and on either side a smaller one in a head of its own.

All three stand on one bridge. :mod:`shape` says where the metal is and fits the reliefs (numpy), :mod:`build` makes the
solid; each head is the solitaire's, a side head in a frame of its own.
"""

from __future__ import annotations

from ringcad.head_template import HeadTemplate

template = HeadTemplate("three_stone", __package__)
