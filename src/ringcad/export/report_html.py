"""``report.html``: one self-contained page with the pictures inside, for the screen and for A4.

It shows what ``report.json`` holds and computes nothing of its own. Every string that comes from a
spec, a prompt or a file name is escaped; the page loads nothing from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ringcad.export.report_pictures import embedded_jpeg, picture_width_px
from ringcad.export.report_style import whole_page
from ringcad.export.report_text import (
    badge,
    change,
    escape,
    number,
    paragraph,
    row,
    table,
    unit_of,
    value_text,
    wall_bar,
    words,
)

_NAMES_PLACE = re.compile(r"\(-?\d+\.\d+, -?\d+\.\d+, -?\d+\.\d+\)")
_SAID = {"Understood": "understood", "Retrieved": "retrieved", "Not understood": "not_understood"}
_CAPTIONS = {
    "hero": "From above",
    "macro": "Shoulder",
    "shoulder": "Shoulder",
    "front": "Through the finger",
    "side": "From the side",
}


def write_report_html(report: Mapping[str, Any], pictures: Sequence[Path], path: Path) -> None:
    """Write the page.

    Parameters
    ----------
    report
        As made by :func:`ringcad.export.report.make_report` (or read back from ``report.json``).
    pictures
        Image files to embed, the main one first; scaled down and stored as JPEG. May be empty.

    Raises
    ------
    OSError
        If a picture cannot be read or the page cannot be written.
    """
    path.write_text(report_html(report, pictures), encoding="utf-8", newline="\n")


def report_html(report: Mapping[str, Any], pictures: Sequence[Path] = ()) -> str:
    """The page as text; see :func:`write_report_html`."""
    parts = [
        _header(report),
        _pictures(pictures),
        _key_figures(report),
        _findings(report),
        _dimensions(report),
        _setting(report),
        _walls(report),
        _decoration(report),
        _stones(report),
        _columns(_weight(report), _foundry(report)),
        _columns(_measurements(report), _timings(report) + _versions(report), keep=False),
        _files(report),
        _all_dimensions(report),
        _footer(report),
    ]
    return whole_page(report["name"], parts)


def _columns(left: str, right: str, *, keep: bool = True) -> str:
    """Two columns; ``keep`` holds them on one printed page."""
    return f'<div class="columns{" keep" if keep else ""}"><section>{left}</section><section>{right}</section></div>'


def _header(report: Mapping[str, Any]) -> str:
    stone = report["stones"][0] if report["stones"] else None
    facts = [report["ring"]["label"], report["metal"]["name"]]
    if stone:
        facts.append(f"{stone['size']} {stone['cut']} {stone['gem_name'].lower()}, {number(stone['weight_ct'], 2)} ct")
    status = report["status"]
    seal = "Passed the gate" if status == "ok" else "Refused"
    name = str(report["name"])
    title = words(name).capitalize() if name.isidentifier() and name.islower() else name
    return (
        f"<header><div><h1>{escape(title)}</h1><p>{escape(' · '.join(facts))}</p></div>"
        f'<span class="seal {escape(status)}">{seal}</span></header>'
    )


def _pictures(pictures: Sequence[Path]) -> str:
    if not pictures:
        return ""
    figures = []
    for place, picture in enumerate(pictures):
        caption = next((text for key, text in _CAPTIONS.items() if key in picture.stem.lower()), "")
        figcaption = f"<figcaption>{caption}</figcaption>" if caption else ""
        alt = escape(caption or picture.stem)
        data = embedded_jpeg(picture, picture_width_px(place))
        figures.append(f'<figure><img src="{data}" alt="{alt}">{figcaption}</figure>')
    return f'<div class="pictures{" one" if len(figures) == 1 else ""}">{"".join(figures)}</div>'


def _key_figures(report: Mapping[str, Any]) -> str:
    ring, weight = report["ring"], report["weight"]
    walls = [w for w in report["walls"] if w["site_class"] == "structural" and _least(w) is not None]
    cells = [("Inner diameter", f"{number(ring['inner_diameter_mm'], 2)} <small>mm</small>", escape(ring["label"]))]
    if weight:
        cells.append(("As cast", f"{number(weight['as_cast_g'], 2)} <small>g</small>", "metal, without stones"))
        cells.append(("Finished", f"{number(weight['finished_g'], 2)} <small>g</small>", "after polishing"))
    if walls:
        thin = min(walls, key=lambda w: _least(w) or 0.0)
        cells.append(
            (
                "Thinnest wall",
                f"{number(_least(thin), 2)} <small>mm</small>",
                f"{escape(words(str(thin['site']).replace(':', ' ')))}; limit {number(thin['limit_mm'], 2)}",
            )
        )
    stones = report["stones"]
    if stones:
        count = sum(s["count"] for s in stones)
        total = sum(s["weight_ct"] for s in stones)
        cells.append(("Stones", f"{count} <small>pc</small>", f"{number(total, 2)} ct together"))
    inner = "".join(
        f'<div><dt>{name}</dt><dd>{value}</dd><span class="note">{note}</span></div>' for name, value, note in cells
    )
    return f'<dl class="figures" style="grid-template-columns: repeat({len(cells)}, 1fr)">{inner}</dl>'


def _least(wall: Mapping[str, Any]) -> float | None:
    """The measured wall, or the proven bound where nothing was measured."""
    value = wall["measured_mm"] if wall["measured_mm"] is not None else wall["bound_mm"]
    return None if value is None else float(value)


def _findings(report: Mapping[str, Any]) -> str:
    blocks = []
    for group in _alike(report["findings"], ("severity", "message", "fix", "spec_field")):
        finding = group[0]
        severity = finding["severity"]
        facts = [f"{len(group)} times"] if len(group) > 1 else []
        if finding.get("place_mm") and len(group) == 1 and not _NAMES_PLACE.search(finding["message"]):
            facts.append("at x {}, y {}, z {} mm".format(*(number(v, 1) for v in finding["place_mm"])))
        if finding.get("spec_field"):
            facts.append(str(finding["spec_field"]))
        tail = f' <span class="quiet">({escape("; ".join(facts))})</span>' if facts else ""
        fix = f'<p class="fix"><b>Fix:</b> {escape(finding["fix"])}</p>' if finding.get("fix") else ""
        blocks.append(
            f'<div class="finding {escape(severity)}"><p>{badge(severity)} {escape(finding["message"])}{tail}</p>'
            f"{fix}</div>"
        )
    if not blocks:
        return "<h2>Findings</h2>" + paragraph("Nothing to report: every rule is met.", "quiet")
    return "<h2>Findings</h2>" + "".join(blocks)


def _dimensions(report: Mapping[str, Any]) -> str:
    rows = [_dimension_row(item) for item in report["dimensions"] if item["chief"]]
    text = "<h2>Dimensions</h2>" + table(("Dimension", "#Value", "", "Because"), rows, "facts")
    head = report["head"]
    if head is None:
        return text
    heights = ", ".join(f"{words(name)} {number(value, 2)} mm" for name, value in head["governing_heights_mm"].items())
    note = f"The stone's height follows from {words(head['governed_by'])}" + (
        f" (table above the finger by each rule: {heights})." if heights else "."
    )
    return text + f'<p class="legend">{escape(note)}</p>'


def _dimension_row(item: Mapping[str, Any]) -> str:
    kind = item["kind"]
    label = item["label"] if item["chief"] else item["path"]
    return row(
        escape(label),
        "#" + value_text(item["value"], item["unit"]),
        badge(kind) if kind else "",
        f'<span class="because">{escape(item["because"])}</span>',
    )


def _setting(report: Mapping[str, Any]) -> str:
    rows = []
    before = None
    for item in report["setting"]:
        unit = item["unit"]
        name = item["stone"] if item["stone"] != before else ""
        before = item["stone"]
        rows.append(
            row(
                f'<span class="quiet">{escape(name)}</span>',
                escape(item["rule"]),
                "#" + value_text(item["as_cast"], unit),
                "#" + value_text(item["as_set"], unit),
                escape(f"{item['limit']} {unit}" if any(c.isdigit() for c in item["limit"]) else item["limit"]),
                badge(item["verdict"]),
                f'<span class="because">{escape(item["source"])}</span>',
            )
        )
    return "<h2>Setting</h2>" + table(("", "Rule", "#As cast", "#As set", "Limit", "", "Source"), rows, "rules")


def _walls(report: Mapping[str, Any]) -> str:
    walls = _by_kind(report["walls"])
    if not walls:
        return ""
    numbers = [value for wall in walls for value in (wall["bound_mm"], _least(wall), wall["limit_mm"])]
    top = max((value for value in numbers if value is not None), default=1.0)
    # A site much thicker than its limit (side to side) must not squeeze the others' bars.
    limits = [wall["limit_mm"] for wall in walls if wall["limit_mm"] is not None]
    full = min(1.05 * top, 4.0 * max(limits, default=top))
    # What lies below its limit in a delivered ring is what the gate only warns of (strokes of the relief).
    below = "warning" if report["status"] == "ok" else "error"
    rows = []
    for wall in walls:
        least, limit = _least(wall), wall["limit_mm"]
        verdict = "" if least is None or limit is None else badge("ok" if least >= limit - 1e-9 else below)
        count = f' <span class="quiet">({wall["count"]})</span>' if wall["count"] > 1 else ""
        rows.append(
            row(
                escape(words(wall["site"])) + count,
                f'<span class="quiet">{escape(words(wall["site_class"]))}</span>',
                "#" + value_text(wall["bound_mm"], "mm", 3),
                "#" + value_text(wall["measured_mm"], "mm", 3),
                "#" + value_text(limit, "mm", 2),
                wall_bar(wall["bound_mm"], wall["measured_mm"], limit, full),
                verdict,
            )
        )
    legend = (
        "Bar: proven bound (filled), measured on the file (black line), limit of the profile (red line). "
        "Of equal sites the thinnest is shown."
    )
    return (
        "<h2>Walls by site</h2>"
        + table(("Site", "Class", "#Bound", "#Measured", "#Limit", "%22", ""), rows)
        + f'<p class="legend">{legend}</p>'
    )


def _by_kind(walls: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per kind of site: ``prong:0`` ... ``prong:3`` become the thinnest ``prong``, with their count."""
    kinds: dict[str, dict[str, Any]] = {}
    for wall in walls:
        kind = str(wall["site"]).partition(":")[0]
        seen = kinds.get(kind)
        if seen is None:
            kinds[kind] = {**wall, "site": kind, "count": 1}
            continue
        count = seen["count"] + 1
        before, now = _least(seen), _least(wall)
        if now is not None and (before is None or now < before):
            seen.update({**wall, "site": kind})
        seen["count"] = count
    return list(kinds.values())


def _decoration(report: Mapping[str, Any]) -> str:
    blocks = []
    asked = ("generator", "prompt", "seed", "mode", "depth_mm", "program", "variation")
    for zones in _alike(report["relief"], (*asked, *_SAID.values())):
        zone = zones[0]
        facts = (
            f"{', '.join(words(z['zone']) for z in zones)}: {zone['mode']}, {number(zone['depth_mm'], 2)} mm, "
            f"generator {zone['generator']}, seed {zone['seed']}"
        )
        if zone.get("program"):
            facts += f", drawn from {zone['program']}, variation {number(zone['variation'], 2)}"
        title = zone["prompt"] or zone.get("program") or zone["generator"]
        lines = [f'<p><span class="prompt">“{escape(title)}”</span></p>', paragraph(escape(facts), "quiet")]
        lines += [f"<p><b>{title}:</b> {escape('; '.join(zone[key]))}</p>" for title, key in _SAID.items() if zone[key]]
        # The two shoulders usually come out alike; then what was done to them is said once.
        done = ("filter_changes", "budget_changes", "platform_share", "stretch", "sha256")
        for same in _alike(zones, done):
            name = "" if len(same) == len(zones) else f"{words(same[0]['zone'])}: "
            lines += _done_to(same[0], name)
        blocks.append(f'<div class="zone">{"".join(lines)}</div>')
    if not blocks:
        return ""
    platforms = report["platforms"]
    if platforms:
        blocks.append(
            paragraph(
                f"Level platforms round seats, prongs and arms take {number(100 * platforms['share'], 1)} % of the "
                f"decorated area (limit {number(100 * platforms['limit'], 0)} %).",
            )
        )
    return "<h2>Decoration</h2>" + "".join(blocks)


def _done_to(zone: Mapping[str, Any], name: str) -> list[str]:
    lines = []
    for title, key in (("Filter", "filter_changes"), ("Budget", "budget_changes")):
        changes = [change(field, value) for field, value in zone[key].items()]
        if changes:
            lines.append(f"<p><b>{escape(name)}{title}:</b> {escape('; '.join(changes))}</p>")
    if zone["platform_share"] is not None:
        lines.append(f"<p><b>{escape(name)}Platforms:</b> {number(100 * zone['platform_share'], 1)} % of the zone</p>")
    if zone.get("stretch"):
        said = (f"{number(low, 2)} to {number(high, 2)} mm {way}" for way, (low, high) in zone["stretch"].items())
        lines.append(f"<p><b>{escape(name)}Distortion:</b> 1 mm drawn is {' and '.join(said)} on the metal</p>")
    if zone["sha256"]:
        lines.append(f'<p class="hash">{escape(name)}relief sha256 {escape(zone["sha256"])}</p>')
    return lines


def _alike(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> list[list[Mapping[str, Any]]]:
    """Rows gathered by equal values under ``keys``, in the order of their first appearance."""
    groups: list[list[Mapping[str, Any]]] = []
    for item in rows:
        for group in groups:
            if all(group[0].get(key) == item.get(key) for key in keys):
                group.append(item)
                break
        else:
            groups.append([item])
    return groups


def _stones(report: Mapping[str, Any]) -> str:
    rows = [
        row(
            escape(f"{item['gem_name']}, {item['cut']}"),
            escape(item["place"]),
            "#" + escape(item["size"]),
            f"#{item['count']}",
            "#" + value_text(item["weight_ct_each"], "ct", 3),
            "#" + value_text(item["weight_ct"], "ct", 3),
        )
        for item in report["stones"]
    ]
    return "<h2>Stones</h2>" + table(("Stone", "Setting", "#Size", "#Count", "#Each", "#Together"), rows)


def _weight(report: Mapping[str, Any]) -> str:
    weight = report["weight"]
    if not weight:
        return "<h2>Weight</h2>" + paragraph("No closed mesh came to be, so nothing was weighed.", "quiet")
    rows = [
        row("Metal as cast", "#" + value_text(weight["as_cast_g"], "g", 2)),
        row("Metal finished", "#" + value_text(weight["finished_g"], "g", 2)),
        row("Lost in polishing", "#" + value_text(weight["polish_loss_g"], "g", 2)),
        row("Stones, apart", "#" + value_text(weight["stones_g"], "g", 2)),
    ]
    if weight["hollow_saved_g"] > 0.0:
        rows.insert(1, row("Saved by hollowing, not in it", "#" + value_text(weight["hollow_saved_g"], "g", 2)))
    note = (
        f"{weight['metal']}, {number(weight['density_g_cm3'], 2)} g/cm³; {number(weight['volume_mm3'], 1)} mm³ of the "
        f"closed mesh; {number(weight['polished_area_mm2'], 0)} mm² polished. Sprue and button are not in it."
    )
    return "<h2>Weight</h2>" + table(("", "#"), rows) + f'<p class="legend">{escape(note)}</p>'


def _foundry(report: Mapping[str, Any]) -> str:
    foundry = report["foundry"]
    names = (
        ("wall_min_mm", "Structural wall"),
        ("prong_min_mm", "Prong"),
        ("rail_min_mm", "Rail"),
        ("free_wire_min_mm", "Free wire"),
        ("detail_min_mm", "Detail, width at half height"),
        ("gap_min_mm", "Gap"),
        ("relief_max_mm", "Relief, highest"),
        ("engrave_max_mm", "Engraving, deepest"),
        ("culet_clearance_min_mm", "Culet to finger"),
        ("polish_allowance_mm", "Polish allowance, each face"),
        ("bore_allowance_mm", "Bore allowance"),
    )
    rows = [row(label, "#" + value_text(foundry[key], "mm", 2)) for key, label in names]
    rows.append(row("File scale for shrinkage", f"#{number(foundry['casting_scale'], 3)}"))
    warning = f'<p class="callout">{escape(foundry["sentence"])}</p>' if foundry["sentence"] else ""
    note = f'<p class="legend">{escape(foundry["note"])}</p>' if foundry["note"] else ""
    title = f"Judged by: {escape(foundry['name'])}"
    return f"<h2>{title}</h2>{warning}" + table(("Limit", "#"), rows) + note


def _all_dimensions(report: Mapping[str, Any]) -> str:
    rows = [
        _dimension_row(item)
        for item in report["dimensions"]
        if not item["chief"] and item["section"] != "foundry" and ".seats." not in item["path"]
    ]
    if not rows:
        return ""
    inner = table(("Field", "#Value", "", "Because"), rows, "small facts")
    return f"<details><summary>Every other number ({len(rows)})</summary>{inner}</details>"


def _measurements(report: Mapping[str, Any]) -> str:
    shown_elsewhere = ("walls", "detail", "gate_timings_s", "wall_classes")
    found = {key: value for key, value in report["measurements"].items() if key not in shown_elsewhere}
    rows = [row(escape(words(name)), "#" + value_text(value, unit_of(name))) for name, value in _leaves(found)]
    return "<h2>Measured on the file</h2>" + table(("Measurement", "#Value"), rows, "small") if rows else ""


def _timings(report: Mapping[str, Any]) -> str:
    timings = report["timings_s"]
    if not timings:
        return ""
    rows = [row(escape(words(name)), "#" + value_text(value, "s", 2)) for name, value in timings.items()]
    return "<h2>Timings</h2>" + table(("Stage", "#"), rows, "small")


def _versions(report: Mapping[str, Any]) -> str:
    rows = [row(escape(name), "#" + escape(version)) for name, version in report["versions"].items()]
    return "<h2>Made with</h2>" + table(("Program", "#Version"), rows, "small") if rows else ""


def _files(report: Mapping[str, Any]) -> str:
    digests = report["sha256"]
    kinds: dict[str, str] = {}
    for kind, names in report["files"].items():
        for name in [names] if isinstance(names, str) else names:
            kinds[name] = kind
    rows = [
        row(escape(name), f'<span class="quiet">{escape(kinds.get(name, ""))}</span>', _digest(digests.get(name)))
        for name in [*kinds, *(n for n in digests if n not in kinds)]
    ]
    return "<h2>Files</h2>" + table(("File", "Kind", "SHA-256"), rows, "small") if rows else ""


def _digest(digest: str | None) -> str:
    return f'<span class="hash">{escape(digest)}</span>' if digest else ""


def _footer(report: Mapping[str, Any]) -> str:
    spec = report["spec"]
    source = f" from {spec['file']}" if spec["file"] else ""
    digest = f", spec sha256 {spec['sha256']}" if spec["sha256"] else ""
    text = f"Made by ringcad{source}{digest}. Template {report['template']}. Lengths in mm, weights in g and ct."
    return f"<footer>{escape(text)}</footer>"


def _leaves(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path} {key}".strip())
    elif not isinstance(value, (list, tuple)) or (len(value) <= 6 and not any(isinstance(v, Mapping) for v in value)):
        if value not in ([], None):
            yield path, value
