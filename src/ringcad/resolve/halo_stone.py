"""The small round stone of a halo, from its size and gem."""

from __future__ import annotations

from ringcad.resolve.ledger import Ledger
from ringcad.resolve.stones import resolve_stone
from ringcad.resolved import RoundStone
from ringcad.spec import AccentStone


def small_stone(ledger: Ledger, diameter_mm: float) -> RoundStone | None:
    """A stone of the row: of the size that is given, or of this one; ``None`` after noting a problem."""
    want = ledger.spec.halo
    assert want is not None
    path = "halo.row.stone" if want.style == "visible" else "hidden_halo.row.stone"
    asked = AccentStone(cut="round", size=want.stone.size or f"{diameter_mm:g} mm", gem=want.stone.gem)
    return resolve_stone(asked, ledger, path, "halo.stone")


def given_size(ledger: Ledger) -> float | None:
    """The diameter that is given, mm; ``None`` where it is left out or is none."""
    want = ledger.spec.halo
    if want is None or want.stone.size is None:
        return None
    found = small_stone(Ledger(ledger.spec), 1.0)
    return None if found is None else found.diameter_mm
