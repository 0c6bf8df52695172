"""The setting table's rows of a bezel: closed forms on the resolved dimensions, as cast and as set."""

from __future__ import annotations

from ringcad.export.setting_row import SettingRow
from ringcad.resolved import BezelRing, RoundStone
from ringcad.verify.setting.closing import ClosedLip, close_lip
from ringcad.verify.setting.frames import stone_profile
from ringcad.verify.setting.girdled import GirdledStone
from ringcad.verify.setting.limits import DOME_LIP_MIN, DOME_LIP_SOURCE, LIP_CONTACT_MIN, LIP_FINISHED_MIN_MM
from ringcad.verify.setting.walled import least_lip


def closed_lip(resolved: BezelRing) -> ClosedLip:
    """The lip of a bezel once it is laid over, where it covers least."""
    bezel, stone = resolved.bezel, resolved.stone
    lip = (bezel.lip_height_mm, bezel.lip_thickness_mm, -bezel.girdle_clearance_mm)
    if isinstance(stone, RoundStone):
        return close_lip(*lip, stone_profile(stone), folded=True)
    return least_lip(GirdledStone(stone), *lip)


def bezel_rows(resolved: BezelRing) -> list[SettingRow]:
    """Rows of the stone in a bezel."""
    bezel, stone, limits = resolved.bezel, resolved.stone, resolved.foundry
    play, wall = bezel.girdle_clearance_mm, bezel.wall_thickness_mm
    finished = wall - limits.polish_allowance_mm
    closed = closed_lip(resolved)
    least_culet = limits.culet_clearance_min_mm
    least = DOME_LIP_MIN if stone.domed else LIP_CONTACT_MIN

    def row(
        rule: str, unit: str, as_cast: float | None, as_set: float | None, limit: str, good: bool, source: str
    ) -> SettingRow:
        return SettingRow("center stone", rule, unit, as_cast, as_set, limit, "ok" if good else "error", source)

    return [
        row("Girdle clearance, per side", "mm", play, 0.0, "0 to 0.10", 0.0 <= play <= 0.10, "bench practice"),
        row(
            "Wall beside the stone",
            "mm",
            wall,
            finished,
            f"as cast at least {limits.wall_min_mm:.2f}, finished {LIP_FINISHED_MIN_MM:.2f}",
            wall >= limits.wall_min_mm - 1e-9 and finished >= LIP_FINISHED_MIN_MM - 1e-9,
            "foundry profile; bench practice",
        ),
        row(
            "Lip above the girdle",
            "mm",
            bezel.lip_height_mm,
            closed.height_mm,
            f"as set not above the {'summit' if stone.domed else 'table'}",
            closed.height_share <= 1.0 + 1e-9,
            DOME_LIP_SOURCE if stone.domed else "sold bezels: 60 to 67 % of the crown",
        ),
        row(
            "Share of the dome's height that the lip reaches" if stone.domed else "Contact along the crown",
            "%",
            None,
            100 * closed.contact,
            f"at least {100 * least:.0f}",
            closed.contact >= least - 1e-9,
            DOME_LIP_SOURCE if stone.domed else "bench practice: a tenth of the stone's width",
        ),
        row(
            "Bearing ledge", "mm", bezel.ledge_mm, None, "at least 0.20", bezel.ledge_mm >= 0.2 - 1e-9, "bench practice"
        ),
        row(
            "Base to finger" if stone.domed else "Culet to finger",
            "mm",
            bezel.culet_clearance_mm,
            bezel.culet_clearance_mm,
            f"at least {least_culet:.2f}",
            bezel.culet_clearance_mm >= least_culet - 1e-9,
            "Stuller CAD",
        ),
    ]
