"""The command line: ``ringcad COMMAND``. Parsing only; each command imports what it needs when it runs.

Exit codes: 0 delivered, 1 refused by a rule or the gate, 2 bad input or usage, 3 a fault of ours,
130 interrupted. With ``--json`` standard output holds one JSON object and nothing else.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ringcad import __version__

_EPILOG = """exit codes: 0 delivered, 1 refused by a rule or the gate, 2 bad input or usage, 3 a fault of ringcad,
130 interrupted. Files get their final names only after the ring has passed; a refusal leaves the folder as it was."""


def make_parser() -> argparse.ArgumentParser:
    """The whole command line; imports nothing heavy."""
    about = "Jewelry from one YAML spec to a foundry-ready STL."
    parser = argparse.ArgumentParser(prog="ringcad", description=about, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"ringcad {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object on standard output, nothing else")
    common.add_argument("--debug", action="store_true", help="show the program's traceback when it fails")

    new = commands.add_parser("new", parents=[common], help="write a ready spec to start from")
    new.add_argument("path", type=Path, nargs="?", help="file to write (default: EXAMPLE.yaml here)")
    new.add_argument("--template", default="solitaire", help="template whose specs to choose from (default: solitaire)")
    new.add_argument("--example", help="which of its ready specs (see: ringcad templates)")

    build = commands.add_parser("build", parents=[common, _build_options()], help="build a ring from its spec")
    build.add_argument("spec", type=Path, metavar="SPEC", help="YAML spec")

    again = commands.add_parser(
        "regenerate",
        parents=[common, _build_options()],
        help="change prompt or seed of the decoration, rebuild, and write the spec back",
    )
    again.add_argument("spec", type=Path, metavar="SPEC", help="YAML spec; changed only when the new ring passes")
    again.add_argument("--prompt", help="new prompt")
    again.add_argument("--seed", type=int, help="new seed")
    again.add_argument(
        "--variation", type=float, metavar="0..1", help="stay near the liked design: 0 the same, 1 another of its theme"
    )
    again.add_argument("--liked", action="store_true", help="the present design is from now on the liked one")
    again.add_argument("--zone", type=int, metavar="N", help="which decoration of the spec, from 1 (default: all)")

    program = commands.add_parser("program", parents=[common], help="a decoration as a program to edit")
    program.add_argument("spec", type=Path, metavar="SPEC", help="YAML spec")
    program.add_argument("--out", type=Path, metavar="FILE", help="new file for it (default: print it)")
    program.add_argument("--zone", type=int, default=1, metavar="N", help="which decoration, from 1 (default: 1)")

    check = commands.add_parser("check", parents=[common], help="judge a mesh or STEP file by the gate's rules")
    check.add_argument("file", type=Path, metavar="FILE", help="STL, OBJ, PLY, GLB, glTF, 3MF or STEP")
    check.add_argument("--spec", type=Path, help="its spec, or the resolved.json that was written beside it")
    check.add_argument("--profile", help="foundry profile to judge by (default: the spec's)")
    check.add_argument("--unit", help="what a number of the file means (mm, cm, m, in, ft, um), if it states nothing")
    check.add_argument(
        "--metal-body", action="append", default=[], metavar="NAME", help="body that is metal (a name, or 1, 2 ...)"
    )
    check.add_argument("--stone-body", action="append", default=[], metavar="NAME", help="body that is a stone")
    check.add_argument("--metal", help="metal of the profile's limits, without --spec (default: 18k_yellow_gold)")

    check.add_argument("--pictures", type=Path, metavar="DIR", help="draw findings and a map of the walls into DIR")

    sheet = "draw a contact sheet of what prompts and seeds would give"
    _add_sheet_options(commands.add_parser("prompts", parents=[common], help=sheet))

    verify = commands.add_parser("verify", parents=[common], help="measure certified files again")
    verify.add_argument("certificate", type=Path, metavar="CERT", help="the .cert.json beside the files")
    verify.add_argument(
        "--html", type=Path, nargs="?", const=Path(), metavar="FILE", help="write its page (default: beside it)"
    )
    verify.add_argument("--public-key", metavar="BASE64", help="the key that must have signed it")

    sizes = commands.add_parser("sizes", parents=[common], help="ring sizes: the table, or one size in every system")
    sizes.add_argument("size", nargs="*", metavar="SIZE", help="for example: US 7, UK N 1/2, EU 54, 17.32 mm")
    stones = commands.add_parser("stones", parents=[common], help="gems, cuts, and stones by size and weight")
    stones.add_argument("size", nargs="*", metavar="SIZE", help="for example: 6.5 mm, 8x6 mm, 1.00 ct")
    stones.add_argument("--cut", default="round", help="cut of the stones listed (default: round)")
    stones.add_argument("--gem", default="diamond", help="gem of the weight table (default: diamond)")
    commands.add_parser("metals", parents=[common], help="alloys and foundry profiles")
    commands.add_parser("templates", parents=[common], help="templates and their ready specs")
    commands.add_parser("generators", parents=[common], help="relief generators")
    schema = commands.add_parser("schema", help="JSON Schema of the spec, for editors")
    schema.add_argument("--program", action="store_true", help="of ornament programs instead")
    schema.add_argument("--certificate", action="store_true", help="of certificates instead")
    schema.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    schema.set_defaults(json=True)
    return parser


def _build_options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument(
        "--out", type=Path, metavar="DIR", help="output folder (default: a folder named like the spec)"
    )
    options.add_argument("--no-pictures", action="store_true", help="leave the pictures out")
    options.add_argument("--no-step", action="store_true", help="leave the STEP file out")
    options.add_argument("--fresh-relief", action="store_true", help="have the stored reliefs drawn again")
    options.add_argument("--no-cache", action="store_true", help="neither use nor keep earlier results")
    options.add_argument("--cache", type=Path, metavar="DIR", help="folder of reusable results")
    options.add_argument(
        "--stage-limit", action="append", default=[], metavar="STAGE=SECONDS", help="time limit of a kernel stage"
    )
    options.add_argument("--sign", type=Path, metavar="KEY", help="sign the certificate with this Ed25519 key (PEM)")
    options.add_argument("--quiet", action="store_true", help="no progress on standard error")
    return options


def _add_sheet_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompts", nargs="+", metavar="PROMPT", help="what the ornament should be, in plain words")
    parser.add_argument("-n", "--count", type=int, default=12, metavar="N", help="seeds per prompt (default: 12)")
    parser.add_argument("--seed", type=int, default=1, help="first seed (default: 1)")
    parser.add_argument(
        "--out", type=Path, default=Path("sheet.png"), metavar="FILE", help=".png or .jpg (default: sheet.png)"
    )
    parser.add_argument("--length-mm", type=float, help="length of the zone (default: 18.8, a shoulder)")
    parser.add_argument("--width-mm", type=float, help="usable width of the zone (default: 4.1, a 5.2 mm shoulder)")
    parser.add_argument(
        "--border", choices=("milgrain", "plain", "rope", "none"), help="unless the prompt says one (default: milgrain)"
    )
    parser.add_argument("--metal", help="for colour and least strokes (default: 18k_yellow_gold)")
    parser.add_argument("--spec", type=Path, help="take size, depth, border, metal and foundry from this spec")
    parser.add_argument("--zone", type=int, default=1, metavar="N", help="which decoration of the spec, from 1")
    parser.add_argument("--generator", help="which generator draws (default: ornament, or the spec's)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        options = make_parser().parse_args(arguments)
        from ringcad.cli_run import run

        return run(options)
    except SystemExit as leave:  # --help, --version, wrong usage
        return int(leave.code or 0)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
