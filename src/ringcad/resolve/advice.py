"""What is allowed but worth knowing about a resolved ring: findings from its numbers alone."""

from __future__ import annotations

from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.resolve.ledger import rule
from ringcad.resolve.shoulders import last_phi_deg
from ringcad.resolved import Bezel, Head, ResolvedRing

#: Never below 1.5 in either direction for a ring of every day (bench practice; thinnest sold shank 1.69 mm).
_SHANK_ADVISED_MM = 1.5


def _warn(code: FindingCode, message: str, measured: float, limit: float, unit: str, field: str, fix: str) -> Finding:
    return Finding(code, Severity.WARNING, message, measured, limit, unit, None, field, fix)


def advice(ring: ResolvedRing) -> list[Finding]:
    """Warnings that follow from the numbers of a ring; none of them refuses delivery."""
    found: list[Finding] = []
    if not ring.foundry.recommended:
        note = f"judged by {ring.foundry.name}: {ring.foundry.note}"
        found.append(
            Finding(
                FindingCode.PROFILE_NOT_RECOMMENDED,
                Severity.WARNING,
                note,
                spec_field="foundry",
                fix="foundry: workshop",
            )
        )
    if ring.head is not None and ring.head.own is not None:
        notes = ring.head.own.notes
        found += [Finding(FindingCode.OWN_HEAD, Severity.INFO, note, spec_field="head.file") for note in notes]
    elif ring.head is not None:
        found += _head_advice(ring.head)
    if ring.bezel is not None:
        found += _culet_advice(ring.bezel, "bezel.height_above_finger_mm")
    for place in ("top", "bottom"):
        thickness = float(getattr(ring.shank, f"thickness_{place}_mm"))
        if thickness < _SHANK_ADVISED_MM:
            text = f"the shank is {thickness:.2f} mm thick at the {place}, under {_SHANK_ADVISED_MM} mm bends in wear"
            field = f"shank.thickness_mm.{place}"
            found.append(
                _warn(FindingCode.SHANK_THIN, text, thickness, _SHANK_ADVISED_MM, "mm", field, f"{field}: 1.5")
            )
    limits = ring.foundry
    deep = {(zone.region, zone.mode, zone.depth_mm) for zone in ring.decoration}
    for region, mode, depth in sorted(deep):
        deepest = limits.relief_max_mm if mode == "emboss" else limits.engrave_max_mm
        if depth > deepest:
            text = f"the decoration of {region} is lowered from {depth:.2f} to {deepest:.2f} mm, the most for {mode}"
            field = "decoration.depth_mm"
            found.append(_warn(FindingCode.RELIEF_CLIPPED, text, depth, deepest, "mm", field, f"depth_mm: {deepest:g}"))
    ends = [min(abs(zone.phi_end_deg), 180.0) for zone in ring.along_shank]
    ends += [abs(seat.phi_deg) for group in ring.accents for seat in group.seats]
    closed = any(zone.phi_end_deg - zone.phi_start_deg >= 360.0 for zone in ring.along_shank)
    if ring.head is None and (closed or (ring.row is not None and ring.row.all_round)):
        return found  # what is decorated or set all round is made to size, and asked for as that
    plain = 2.0 * (180.0 - max(ends, default=0.0))
    needed = 2.0 * (180.0 - last_phi_deg())
    if plain < needed - 1e-9:
        text = f"only {plain:.0f} deg at the bottom are plain; sizing wants {needed:.0f}"
        found.append(
            _warn(FindingCode.PLAIN_ARC, text, plain, needed, "deg", "decoration.0.coverage_deg", "cover less")
        )
    return found


def _head_advice(head: Head) -> list[Finding]:
    """Warnings about prongs and culet."""
    found = []
    share, advised = head.notch_share, rule("notch_share_warn")
    if share > advised:
        text = f"the girdle enters the prongs by {share:.0%} of their diameter, more than {advised:.0%} is weak"
        found.append(_warn(FindingCode.NOTCH_DEPTH, text, share, advised, "", "head.notch_share", "notch_share: 0.25"))
    return found + _culet_advice(head, "head.height_above_finger_mm")


def _culet_advice(part: Head | Bezel, field: str) -> list[Finding]:
    """A warning about a culet near the finger; ``field`` raises the stone."""
    clearance, wanted = part.culet_clearance_mm, rule("culet_clearance")
    if clearance >= wanted - 1e-9:
        return []
    height = part.height_above_finger_mm + wanted - clearance
    text = f"the culet is {clearance:.2f} mm from the finger, {wanted} mm is usual"
    return [_warn(FindingCode.CULET_CLEARANCE, text, clearance, wanted, "mm", field, f"{field}: {height:.2f}")]
