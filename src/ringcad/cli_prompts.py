"""``ringcad prompts``: a contact sheet of what prompts and seeds would draw."""

from __future__ import annotations

import argparse
import time

from ringcad.cli_run import print_json, say
from ringcad.core.errors import EXIT_OK, InputError


def prompts_command(options: argparse.Namespace) -> int:
    """Draw the sheet; nothing is written unless something of every prompt was drawn."""
    began = time.monotonic()
    from ringcad import sheets
    from ringcad.outputs import sha256_file
    from ringcad.registry import load_generator
    from ringcad.render.sheet import check_target, write_page

    if not 0 <= options.seed < 2**63 - options.count:
        raise InputError(f"--seed is {options.seed}; it starts at 0.")
    like, name, metal = sheets.wanted_zone(
        spec=options.spec,
        zone=options.zone,
        length_mm=options.length_mm,
        width_mm=options.width_mm,
        border=options.border,
        metal=options.metal,
    )
    requests = sheets.requests_for(options.prompts, options.count, options.seed, like)
    check_target(options.out)
    drawn = sheets.draw_all(load_generator(options.generator or name), requests)
    write_page(sheets.contact_sheet(drawn, metal=metal), options.out)
    accounts = [sheets.account_of(prompt, drawn) for prompt in dict.fromkeys(options.prompts)]
    seconds = round(time.monotonic() - began, 3)
    path = options.out.resolve()
    if options.json:
        print_json(
            {
                "status": "ok",
                "files": {"sheet": str(path)},
                "sha256": {path.name: sha256_file(path)},
                "findings": [finding.to_dict() for finding in sheets.findings_of(accounts)],
                "reliefs": [sheets.row_of(item) for item in drawn],
                "timings_s": {"total": seconds},
            }
        )
        return EXIT_OK
    for account in accounts:
        say(f"{account.prompt!r}")
        for line in sheets.account_lines(account):
            say(f"    {line}")
        for seed, texts in account.own.items():
            if texts:
                say(f"    seed {seed}: {', '.join(texts)}")
        for seed, refusal in account.refusals.items():
            say(f"    seed {seed}: not drawn. {refusal}")
    say(f"{options.out}: {len(drawn)} reliefs in {seconds:.1f} s")
    say(f"to take one: {sheets.HOW_TO_TAKE}")
    return EXIT_OK
