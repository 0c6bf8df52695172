"""Base rails that reach the posts under a stone's points: an outline drawn in leaves its corners behind."""

from __future__ import annotations

import math

import numpy as np

from ringcad.core.tolerances import TOLERANCES
from ringcad.resolve.fancy import stands, with_paths
from ringcad.resolve.ledger import Ledger
from ringcad.resolve.prongs import Posts
from ringcad.resolve.v_prongs import all_points
from ringcad.resolved import CenterStone, FancyStone, Rail

#: Rounds in which a base rail grows towards its posts: a step out moves a corner out by more than the step.
_ROUNDS = 12


def rails_at_posts(
    ledger: Ledger, stone: CenterStone, count: int, posts: Posts, rails: tuple[Rail, Rail]
) -> tuple[Rail, Rail]:
    """The rails with their paths; a base rail inside posts under points alone runs as far out as meets them.

    Posts that lean in come nearer to the axis along the bisector of their point, and a rail drawn in by the same
    leaves them by (1 / sin(half the point's opening) - 1) of it.
    """
    found = with_paths(stone, rails, ledger)
    if ledger.problems or not isinstance(stone, FancyStone) or not all_points(stone, count):
        return found
    for _ in range(_ROUNDS):
        away = _away_mm(stone, count, posts, found[1])
        if away <= 0.0:
            break
        base = rails[1]
        grown = {
            "inner_radius_mm": base.inner_radius_mm + away,
            "outer_radius_mm": base.outer_radius_mm + away,
        }
        rails = (rails[0], base.model_copy(update=grown))
        found = with_paths(stone, rails, ledger)
        ledger.note("gallery.rails.1.outer_radius_mm", "derived", "out to the posts under the stone's points")
    return found


def _away_mm(stone: FancyStone, count: int, posts: Posts, rail: Rail) -> float:
    """What the rail lacks to the overlap with the post it meets least, mm; 0 or less where every post meets it."""
    middle_z = 0.5 * (rail.bottom_z_mm + rail.top_z_mm)
    width = rail.outer_radius_mm - rail.inner_radius_mm
    out, radius = posts.axis_radius_mm(middle_z), posts.radius_mm(middle_z)
    quarter = np.array(rail.quarter_mm)
    path = np.concatenate([quarter * sign for sign in ((1, 1), (1, -1), (-1, 1), (-1, -1))])
    most = -math.inf
    for stand in stands(stone, count):
        turn = math.radians(stand.azimuth_deg)
        axis = np.array([stand.x_mm + out * math.cos(turn), stand.y_mm + out * math.sin(turn)])
        most = max(most, float(np.min(np.linalg.norm(path - axis, axis=1))))
    return most - (radius + 0.5 * width - TOLERANCES.overlap_mm)
