"""The page and style sheet of ``report.html`` and of the certificate: a workshop data sheet, for screen and A4."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

STYLE = """
:root { --ink: #23211e; --soft: #6d675f; --line: #ddd7cd; --faint: #efeae2; --paper: #fffdfa;
  --gold: #9a7433; --good: #4d7a4f; --warn: #a86a12; --bad: #a5322a; }
* { box-sizing: border-box; }
html { background: #ece7df; }
body { margin: 0 auto; max-width: 210mm; padding: 13mm 14mm 12mm; background: var(--paper); color: var(--ink);
  font: 9.4pt/1.42 "Source Sans 3", "Gill Sans Nova", "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
  font-weight: 500; margin: 0; }
h1 { font-size: 23pt; line-height: 1.15; letter-spacing: .003em; }
h2 { font-size: 12pt; margin: 7.5mm 0 2mm; padding-bottom: 1mm; border-bottom: .35mm solid var(--gold); }
header { display: flex; align-items: flex-end; justify-content: space-between; gap: 8mm; margin-bottom: 5mm; }
header p { margin: 1mm 0 0; color: var(--soft); font-size: 10.4pt; }
.seal { flex: none; padding: 1.1mm 3.4mm; border: .35mm solid; border-radius: 1mm; font-size: 9pt;
  letter-spacing: .09em; text-transform: uppercase; }
.seal.ok { color: var(--good); } .seal.refused { color: var(--bad); }
.pictures { display: grid; grid-template-columns: 1.62fr 1fr; gap: 2.4mm; margin: 0; }
.pictures.one { grid-template-columns: 1fr; }
.pictures figure { margin: 0; min-width: 0; position: relative; overflow: hidden; border-radius: .8mm;
  background: var(--faint); }
.pictures figure:first-child { grid-row: span 2; }
.pictures img { display: block; width: 100%; height: 100%; object-fit: cover; }
.pictures figcaption { position: absolute; left: 2mm; bottom: 1.3mm; font-size: 7.4pt; letter-spacing: .04em;
  color: #4c4740; background: rgba(255, 253, 250, .78); padding: .2mm 1.6mm; border-radius: .6mm; }
.figures { display: grid; grid-template-columns: repeat(5, 1fr); margin: 4.5mm 0 0; padding: 0;
  border-top: .25mm solid var(--line); border-bottom: .25mm solid var(--line); }
.figures div { padding: 2.2mm 2.5mm; border-left: .25mm solid var(--line); min-width: 0; }
.figures div:first-child { border-left: 0; padding-left: 0; }
.figures dt { color: var(--soft); font-size: 7.8pt; letter-spacing: .03em; }
.figures dd { margin: .4mm 0 0; font-size: 13.5pt; line-height: 1.2; white-space: nowrap; }
.figures dd small, .figures .note { font-size: 8pt; color: var(--soft); white-space: normal; line-height: 1.3; }
.figures .note { display: block; }
table { width: 100%; border-collapse: collapse; margin: 0; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 7.8pt; letter-spacing: .03em;
  padding: 0 2mm 1mm 0; vertical-align: bottom; }
td { padding: .85mm 2mm .85mm 0; border-top: .2mm solid var(--line); vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; white-space: nowrap; padding-right: 3mm; }
.facts th:nth-child(1) { width: 31%; } .facts th:nth-child(2) { width: 16%; } .facts th:nth-child(3) { width: 9%; }
.rules th:nth-child(1) { width: 9%; } .rules th:nth-child(2) { width: 26%; } .rules th:nth-child(5) { width: 19%; }
.rules th:nth-child(6) { width: 9%; } .rules th:nth-child(7) { width: 17%; }
details { margin-top: 7.5mm; } summary { cursor: pointer; color: var(--soft); }
.because, .quiet { color: var(--soft); }
.because { font-size: 8.5pt; }
.tag { display: inline-block; font-size: 7.4pt; letter-spacing: .04em; padding: 0 1.5mm; border-radius: .6mm;
  border: .2mm solid var(--line); color: var(--soft); white-space: nowrap; }
.tag.given { color: var(--gold); border-color: var(--gold); }
.tag.ok { color: var(--good); border-color: currentColor; }
.tag.warning { color: var(--warn); border-color: currentColor; }
.tag.error { color: var(--bad); border-color: currentColor; }
.bar { display: block; width: 100%; height: 3.2mm; }
.bar .room { fill: var(--faint); } .bar .bound { fill: #c9ad77; } .bar .limit { stroke: var(--bad); stroke-width: .7; }
.bar .measured { stroke: var(--ink); stroke-width: .9; }
.legend { color: var(--soft); font-size: 8pt; margin: 1.2mm 0 0; }
.finding { border-left: .8mm solid var(--line); padding: .5mm 0 .5mm 3mm; margin: 0 0 2mm; break-inside: avoid; }
.finding.error { border-color: var(--bad); } .finding.warning { border-color: var(--warn); }
.finding p { margin: 0; } .finding .fix { color: var(--soft); } .finding .fix b { color: var(--ink); font-weight: 600; }
.zone { break-inside: avoid; margin: 0 0 3.5mm; }
.zone p { margin: 0 0 1mm; }
.prompt { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
  font-style: italic; font-size: 11pt; }
.columns { display: grid; grid-template-columns: 1fr 1fr; column-gap: 9mm; }
.columns > section { min-width: 0; }
.hash { font: 7pt/1.4 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; color: var(--soft);
  overflow-wrap: anywhere; }
.callout { border: .3mm solid; color: var(--warn); padding: 1.6mm 3mm; border-radius: .8mm; margin: 0 0 2mm; }
.small td, .small th { font-size: 8.2pt; padding-top: .45mm; padding-bottom: .45mm; }
footer { margin-top: 8mm; padding-top: 2mm; border-top: .25mm solid var(--line); color: var(--soft); font-size: 7.8pt; }
tr, figure, .figures { break-inside: avoid; }
h2 { break-after: avoid; } .keep { break-inside: avoid; }
@media screen { body { margin: 8mm auto; box-shadow: 0 1mm 6mm rgba(60, 50, 35, .13); } }
@media screen and (max-width: 640px) {
  body { padding: 6mm 5mm; margin: 0; } .pictures, .columns { grid-template-columns: 1fr; }
  .figures { grid-template-columns: 1fr 1fr; } .figures div { border-left: 0; padding-left: 0; }
  header { display: block; } .seal { display: inline-block; margin-top: 3mm; }
}
@media print {
  details { display: none; } html { background: none; } body { padding: 0; max-width: none; background: none; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
@page { size: A4; margin: 13mm 14mm 14mm; }
"""


def whole_page(title: str, parts: Iterable[str], style: str = "") -> str:
    """One self-contained page of the parts that say something; it loads nothing from anywhere."""
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)} · ringcad</title>\n<style>{STYLE}{style}</style>\n</head>\n<body>\n{body}\n"
        "</body>\n</html>\n"
    )
