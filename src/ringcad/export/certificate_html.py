"""``NAME.cert.html``: the certificate as a page for the foundry, for the screen and for A4.

It shows what ``NAME.cert.json`` and ``resolved.json`` hold and computes nothing of its own but the worst of equal
places. Self-contained; every string is escaped and the page loads nothing from anywhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ringcad.export.report_pictures import embedded_jpeg, picture_width_px
from ringcad.export.report_style import whole_page
from ringcad.export.report_text import MISSING, badge, escape, number, paragraph, row, table, words

if TYPE_CHECKING:
    from ringcad.resolved import CenterStone, ResolvedRing
    from ringcad.verify.certificate import Certificate, Difference
    from ringcad.verify.certificate_rules import RuleRow

_STYLE = """
.pictures.three { grid-template-columns: 1fr 1fr 1fr; } .pictures.three figure:first-child { grid-row: auto; }
.pictures figure.wide { grid-column: 1 / -1; } .pictures figure.wide img { height: auto; }
.pictures figure.wide figcaption { position: static; background: none; padding: 0 2mm 1mm; }
.judged .because { font-size: 7.4pt; line-height: 1.3; }
.callout.good { color: var(--good); }
.closing, .every { table-layout: fixed; } .judged .n { padding-right: 2mm; }
.closing th:nth-child(1) { width: 8%; } .closing th:nth-child(2) { width: 21%; }
.closing th:nth-child(3) { width: 16%; } .closing th:nth-child(4) { width: 10%; }
.closing th:nth-child(5) { width: 17%; } .closing th:nth-child(6) { width: 7%; }
.closing th:nth-child(7) { width: 21%; }
.every th:nth-child(1) { width: 22%; } .every th:nth-child(2) { width: 11%; }
.every th:nth-child(3) { width: 7%; } .every th:nth-child(4) { width: 10%; }
.every th:nth-child(5) { width: 16%; } .every th:nth-child(6) { width: 9%; }
.every th:nth-child(7) { width: 14%; } .every th:nth-child(8) { width: 3%; }
.every th:nth-child(9) { width: 8%; }
.seal.certified { color: var(--good); }
.judged td, .judged th { font-size: 8pt; padding-top: .4mm; padding-bottom: .4mm; }
.judged .place { white-space: nowrap; color: var(--soft); font-size: 7.4pt; }
.tag.pass { color: var(--good); border-color: currentColor; }
.tag.fail { color: var(--bad); border-color: currentColor; }
.methods { columns: 2; column-gap: 9mm; font-size: 8pt; color: var(--soft); padding-left: 5mm; margin: 1mm 0 0; }
thead { display: table-header-group; }
@media print { details.all { display: none; } }
"""
_CAPTIONS = {
    "hero": "From above",
    "shoulder": "Shoulder",
    "front": "Through the finger",
    "findings": "Findings",
    "wall": "Wall thickness, measured on the file",
}
_DIGITS = {"mm": 3, "mm2": 2, "deg": 2, "%": 1, "MB": 2}
_UNITS = {"deg": "°", "mm2": "mm²"}
_NOT_OF_SETTING = (
    "bore_diameter", "wall_structural", "wall_free_wire", "detail_width", "relief_empty", "gap_width", "recess_depth",
    "hole_width", "trapped_volume", "sharp_edge", "section_thick", "section_jump",
)  # fmt: skip
_ORDER = {"fail": 0, "not_measured": 1, "warning": 2, "pass": 3}


@dataclass(frozen=True)
class Group:
    """Rows of equal rules at equal places: the prongs of a head, the stones of a row."""

    subject: str
    rows: tuple[RuleRow, ...]

    @property
    def worst(self) -> RuleRow:
        """The row nearest to a limit, or farthest past it."""
        return min(self.rows, key=lambda item: (_ORDER[item.verdict], _room(item)))


def write_certificate_html(
    certificate: Certificate,
    resolved: ResolvedRing,
    pictures: Sequence[Path],
    path: Path,
    *,
    certificate_bytes: bytes,
    differences: Sequence[Difference] | None = None,
) -> None:
    """Write the page; parameters as for :func:`certificate_html`. Raises ``OSError``."""
    text = certificate_html(
        certificate, resolved, pictures, certificate_bytes=certificate_bytes, differences=differences
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def certificate_html(
    certificate: Certificate,
    resolved: ResolvedRing,
    pictures: Sequence[Path] = (),
    *,
    certificate_bytes: bytes,
    differences: Sequence[Difference] | None = None,
) -> str:
    """The page as text.

    Parameters
    ----------
    pictures : image files to embed, the wall map among them
    certificate_bytes : the file that the page stands for; its hash is printed
    differences : what measuring again found; ``None`` where nobody measured again

    Raises
    ------
    OSError
        If a picture cannot be read.
    """
    parts = [
        _header(certificate, resolved),
        _again(differences),
        _figures(certificate, resolved),
        _pictures(pictures),
        _warnings(certificate),
        _ring(certificate, resolved),
        _setting(certificate),
        _rules(certificate),
        _files(certificate, certificate_bytes),
        _provenance(certificate),
        _every_row(certificate),
        _footer(certificate),
    ]
    return whole_page(f"Certificate of {certificate.ring}", parts, _STYLE)


def _header(certificate: Certificate, resolved: ResolvedRing) -> str:
    facts = [resolved.ring.label, resolved.metal.name, words(certificate.state), f"profile {certificate.profile}"]
    name = certificate.ring
    title = words(name).capitalize() if name.isidentifier() and name.islower() else name
    return (
        f"<header><div><h1>Certificate: {escape(title)}</h1><p>{escape(' · '.join(facts))}</p></div>"
        f'<span class="seal {escape(certificate.verdict)}">{escape(certificate.verdict)}</span></header>'
    )


def _again(differences: Sequence[Difference] | None) -> str:
    if differences is None:
        return ""
    if not differences:
        return paragraph("Measured again: every file and every rule is as certified.", "callout good")
    first = differences[0]
    text = f"Measured again: {len(differences)} things differ, first {first.what}: "
    return paragraph(escape(f"{text}certified {first.certified}, found {first.found}."), "callout")


def _figures(certificate: Certificate, resolved: ResolvedRing) -> str:
    counts = {verdict: sum(item.verdict == verdict for item in certificate.rules) for verdict in _ORDER}
    bore = next((item for item in certificate.rules if item.code == "bore_diameter"), None)
    walls = [item for item in certificate.rules if item.code == "wall_structural" and item.measured is not None]
    cells = [("Rules met", f"{counts['pass']}", f"of {len(certificate.rules)}")]
    cells.append(("Warnings", f"{max(counts['warning'], len(certificate.warnings))}", "not refused"))
    if bore is not None:
        cells.append(
            ("Inner diameter", f"{number(bore.measured, 3)} <small>mm</small>",
             f"ordered {number(resolved.ring.inner_diameter_mm, 3)}")
        )  # fmt: skip
    if walls:
        thin = min(walls, key=_room)
        cells.append(
            ("Wall nearest its limit", f"{number(thin.measured, 2)} <small>mm</small>",
             f"{escape(words(thin.subject.replace(':', ' ')))}; limit {number(thin.low, 2)}")
        )  # fmt: skip
    inner = "".join(
        f'<div><dt>{name}</dt><dd>{value}</dd><span class="note">{note}</span></div>' for name, value, note in cells
    )
    return f'<dl class="figures" style="grid-template-columns: repeat({len(cells)}, 1fr)">{inner}</dl>'


def _pictures(pictures: Sequence[Path]) -> str:
    if not pictures:
        return ""
    figures = []
    for place, picture in enumerate(pictures):
        caption = next((text for key, text in _CAPTIONS.items() if key in picture.stem.lower()), picture.stem)
        wide = "wall" in picture.stem.lower() or "findings" in picture.stem.lower()
        data = embedded_jpeg(picture, picture_width_px(0 if wide else max(place, 1)))
        mark = ' class="wide"' if wide else ""
        text = escape(caption)
        figures.append(f'<figure{mark}><img src="{data}" alt="{text}"><figcaption>{text}</figcaption></figure>')
    return f'<div class="pictures three" style="margin-top: 4.5mm">{"".join(figures)}</div>'


def _warnings(certificate: Certificate) -> str:
    if not certificate.warnings:
        return ""
    counted = {text: certificate.warnings.count(text) for text in certificate.warnings}
    blocks = []
    for text, count in counted.items():
        times = f' <span class="quiet">({count} times)</span>' if count > 1 else ""
        blocks.append(f'<div class="finding warning"><p>{escape(text)}{times}</p></div>')
    return "<h2>Warnings</h2>" + "".join(blocks)


def _ring(certificate: Certificate, resolved: ResolvedRing) -> str:
    shank = resolved.shank
    rows = [
        row("Size", escape(resolved.ring.label), f"#{number(resolved.ring.inner_diameter_mm, 3)} mm inner diameter"),
        row("Metal", escape(resolved.metal.name), f"#{number(resolved.metal.density_g_cm3, 2)} g/cm³"),
        row("State of the file", escape(words(certificate.state)),
            f"#casting scale {number(resolved.foundry.casting_scale, 4)}"),
        row("Shank", escape(words(shank.profile)),
            f"#{number(shank.thickness_top_mm, 2)} × {number(shank.width_top_mm, 2)} mm at the shoulders, "
            f"{number(shank.thickness_bottom_mm, 2)} × {number(shank.width_bottom_mm, 2)} mm below"),
    ]  # fmt: skip
    if resolved.stone is not None:
        rows.append(_stone_row("Center stone", resolved.stone, 1))
    if resolved.sides is not None:
        rows.append(_stone_row("Side stones", resolved.sides.stone, len(resolved.sides.frames)))
    if resolved.halo_row is not None:
        rows.append(_stone_row("Halo stones", resolved.halo_row.stone, len(resolved.halo_row.seats)))
    rows += [_stone_row(f"{a.setting.capitalize()} stones", a.stone, len(a.seats)) for a in resolved.accents]
    note = "" if certificate.profile_recommended else "This foundry profile is the house's minimum, not its advice."
    notes = "".join(paragraph(line, "legend") for line in certificate.notes)
    return "<h2>Ring</h2>" + table(("", "", "#"), rows, "facts") + (paragraph(note, "legend") if note else "") + notes


def _stone_row(name: str, stone: CenterStone, count: int) -> str:
    from ringcad.resolved import size_text

    size = f"{count} × {size_text(stone)}, {number(stone.depth_mm, 2)} mm deep"
    return row(name, escape(f"{stone.gem_name}, {stone.cut}"), f"#{size}, {number(count * stone.weight_ct, 3)} ct")


def grouped(rows: Iterable[RuleRow]) -> list[Group]:
    """Rows of one rule whose subjects differ by a number alone, together; in the order of the certificate."""
    groups: dict[tuple[str, str, str], list[RuleRow]] = {}
    for item in rows:
        groups.setdefault((item.code, _kind(item.subject), item.what), []).append(item)
    return [Group(kind, tuple(items)) for (_, kind, _), items in groups.items()]


def _kind(subject: str) -> str:
    """``center prong 3: notch`` -> ``center prong``, ``center prong 3 first wall`` -> ``center prong wall``;
    ``flush_0_right_4: lip`` -> ``flush``.
    """
    name = subject.partition(": ")[0]
    parts = re.split(r"[ _:]", name)
    kept = [part for part in parts if not part.isdigit() and part not in ("left", "right", "first", "second")]
    return " ".join(kept) if kept else name


def _room(item: RuleRow) -> float:
    """Distance to the nearer limit as a share of it; negative past it."""
    if item.measured is None:
        return float("inf")
    ways = []
    for limit, way in ((item.low, item.measured), (item.high, None)):
        if limit is not None:
            gap = way - limit if way is not None else limit - item.measured
            ways.append(gap / max(abs(limit), 1e-6))
    return min(ways, default=float("inf"))


def _setting(certificate: Certificate) -> str:
    chosen = [item for item in certificate.rules if item.state != "file" and item.code not in _NOT_OF_SETTING]
    groups = grouped(chosen)
    if not groups:
        return ""
    rows, before = [], ""
    for group in groups:
        item = group.worst
        cast = _range([r.measured if r.state == "as_cast" else r.before for r in group.rows], item.unit)
        done = _range([r.measured if r.state == "as_set" else None for r in group.rows], item.unit)
        name = group.subject if len(group.rows) == 1 else f"{group.subject} ({len(group.rows)})"
        shown, before = ("" if name == before else name), name
        rows.append(
            row(
                f'<span class="quiet">{escape(shown)}</span>',
                escape(item.what),
                "#" + cast,
                "#" + done,
                "#" + _limits(item),
                badge(item.verdict),
                f'<span class="because">{escape(item.source)}</span>',
            )
        )
    heads = ("", "Quantity", "#As cast", "#As set", "#Limit", "", "Source of the limit")
    legend = (
        "As cast: measured on the file. As set: after a computed closing of the measured metal; beside it, as cast, "
        "the same quantity before closing. Of equal places the range is shown, and the limit and verdict of the worst."
    )
    return "<h2>Setting</h2>" + table(heads, rows, "judged closing") + f'<p class="legend">{legend}</p>'


def _rules(certificate: Certificate) -> str:
    methods: list[str] = []
    rows = []
    for group in grouped(certificate.rules):
        item = group.worst
        if item.method not in methods:
            methods.append(item.method)
        count = f' <span class="quiet">({len(group.rows)})</span>' if len(group.rows) > 1 else ""
        rows.append(_rule_row(item, escape(group.subject) + count, methods.index(item.method) + 1))
    heads = ("Rule", "Subject", "State", "#Value", "#Limit", "#±", "Place", "M.", "")
    listed = "".join(f"<li>{escape(method)}</li>" for method in methods)
    legend = paragraph(
        "M.: the method, numbered below. ±: its uncertainty. Of equal subjects the worst is shown, with its place.",
        "legend",
    )
    return (
        "<h2>Every rule</h2>"
        + table(heads, rows, "judged every")
        + legend
        + f'<ol class="methods">{listed}</ol>'
        + _sources(certificate)
    )


def _sources(certificate: Certificate) -> str:
    """Where the limits of the rules come from that the table of the setting does not show."""
    said: dict[str, list[str]] = {}
    for item in certificate.rules:
        if item.source and (item.state == "file" or item.code in _NOT_OF_SETTING):
            codes = said.setdefault(item.source, [])
            if words(item.code) not in codes:
                codes.append(words(item.code))
    return "".join(
        paragraph(f"{escape(', '.join(codes))}: {escape(source)}.", "legend") for source, codes in said.items()
    )


def _rule_row(item: RuleRow, subject_html: str, method: int) -> str:
    what = f': <span class="quiet">{escape(item.what)}</span>' if item.what else ""
    return row(
        escape(words(item.code)) + what,
        subject_html,
        escape(words(item.state)),
        "#" + _value(item.measured, item.unit),
        "#" + _limits(item),
        "#" + _uncertainty(item),
        f'<span class="place">{_place(item)}</span>',
        f'<span class="quiet">{method}</span>',
        badge(words(item.verdict)),
    )


def _every_row(certificate: Certificate) -> str:
    """On the screen: each row by itself."""
    methods = list(dict.fromkeys(item.method for item in certificate.rules))
    rows = [_rule_row(item, escape(item.subject), methods.index(item.method) + 1) for item in certificate.rules]
    heads = ("Rule", "Subject", "State", "#Value", "#Limit", "#±", "Place", "M.", "")
    return f'<details class="all"><summary>All {len(rows)} rows</summary>{table(heads, rows, "judged every")}</details>'


def _place(item: RuleRow) -> str:
    if item.place_mm is None:
        return ""
    return ", ".join(number(value, 2) for value in item.place_mm)


def _digits(unit: str | None, value: float) -> int:
    if unit is None:
        return 0 if float(value).is_integer() else 3
    return _DIGITS.get(unit, 3)


def _value(value: float | None, unit: str | None) -> str:
    if value is None:
        return MISSING
    if unit == "bytes":
        value, unit = 1e-6 * value, "MB"
    text = number(value, _digits(unit, value))
    return f'{text} <span class="quiet">{escape(_UNITS.get(unit, unit))}</span>' if unit else text


def _uncertainty(item: RuleRow) -> str:
    if not item.uncertainty:
        return "exact"
    unit = f' <span class="quiet">{escape(_UNITS.get(item.unit, item.unit))}</span>' if item.unit else ""
    return number(item.uncertainty, 1 if item.unit == "%" else 2) + unit


def _range(values: Sequence[float | None], unit: str | None) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return MISSING
    low, high = (number(value, _digits(unit, value)) for value in (min(known), max(known)))
    return _value(known[0], unit) if low == high else f"{low} … {_value(max(known), unit)}"


def _limits(item: RuleRow) -> str:
    low, high = item.low, item.high
    if low is not None and high is not None:
        if low == high:
            return _value(low, item.unit)
        return f"{number(low, _digits(item.unit, low))} … {_value(high, item.unit)}"
    if low is not None:
        return "≥ " + _value(low, item.unit)
    return "≤ " + _value(high, item.unit) if high is not None else ""


def _files(certificate: Certificate, data: bytes) -> str:
    rows = [
        row(escape(item.name), escape(words(item.kind)), f"#{number(item.bytes, 0)}", _hash(item.sha256))
        for item in certificate.files
    ]
    rows.append(row("this certificate", "certificate", f"#{len(data)}", _hash(hashlib.sha256(data).hexdigest())))
    return "<h2>Files</h2>" + table(("File", "Kind", "#Bytes", "SHA-256"), rows, "small")


def _hash(digest: str) -> str:
    return f'<span class="hash">{escape(digest)}</span>'


def _provenance(certificate: Certificate) -> str:
    source = certificate.provenance
    rows = [row("Spec", escape(source.spec or MISSING), _hash(source.spec_sha256 or ""))]
    rows += [row("Relief", escape(words(zone)), _hash(digest)) for zone, digest in source.lock_sha256.items()]
    rows += [row("Table", escape(name), _hash(digest)) for name, digest in source.tables.items()]
    versions = ", ".join(f"{name} {version}" for name, version in _short(source.versions).items())
    signature = certificate.signature
    signed = f"signed by {signature.algorithm} key {signature.public_key}" if signature else "not signed"
    return (
        "<h2>Made from</h2>"
        + table(("", "", "SHA-256"), rows, "small")
        + paragraph(f"Programs: {escape(versions)}.", "legend")
        + paragraph(f"This certificate is {escape(signed)}.", "legend")
    )


def _short(versions: Mapping[str, str]) -> dict[str, str]:
    return {str(name): str(version) for name, version in versions.items()}


def _footer(certificate: Certificate) -> str:
    text = (
        f"Made by ringcad from {certificate.stl} and {certificate.resolved}. Lengths in mm, finger axis y, head "
        "towards +z, origin in the centre of the finger hole. To measure again: ringcad verify NAME.cert.json"
    )
    return f"<footer>{escape(text)}</footer>"
