"""The row that a ring is made round, by its setting: the shank that it asks for, and the row itself."""

from __future__ import annotations

from ringcad.resolve import channel, shared_prongs
from ringcad.resolve.ledger import Ledger
from ringcad.resolved import ChannelAccent, FoundryLimits, RoundStone, Shank, SharedProngAccent
from ringcad.spec import Accent


def row_shank(ledger: Ledger, limits: FoundryLimits, bore_radius_mm: float) -> Shank | None:
    """The shank of a ring that is made round a row: what is not given follows the stones. Problems are noted."""
    if ledger.spec.accents[0].setting == "shared_prong":
        return shared_prongs.row_shank(ledger, limits, bore_radius_mm)
    return channel.row_shank(ledger, limits)


def resolve_row(
    ledger: Ledger, bore_radius_mm: float, shank: Shank, limits: FoundryLimits, want: Accent, stone: RoundStone
) -> ChannelAccent | SharedProngAccent:
    """The one row of a ring that is made round it; problems are noted in the ledger."""
    if want.setting == "shared_prong":
        return shared_prongs.resolve_shared_prongs(ledger, bore_radius_mm, shank, limits, want, stone)
    return channel.resolve_channel(ledger, bore_radius_mm, shank, limits, want, stone)
