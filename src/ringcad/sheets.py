"""Contact sheets of reliefs: prompts and seeds to drawings, drawings to a page."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.core.errors import InputError
from ringcad.core.findings import Finding, FindingCode, Severity
from ringcad.generation import GeneratorRequest, Relief

if TYPE_CHECKING:
    from PIL.Image import Image

    from ringcad.generation import Generator

LENGTH_MM, WIDTH_MM = 18.8, 4.1
"""Decorated zone of a shoulder of the ready specs (a band 5.2 mm wide at the top, US 7)."""
DEPTH_MM = 0.34
MOST = 96
"""Reliefs on one sheet."""
HOW_TO_TAKE = 'ringcad regenerate SPEC --prompt "..." --seed N'
LENGTHS_MM, WIDTHS_MM = (4.0, 120.0), (1.0, 30.0)
"""Sizes of a zone that a sheet is drawn for."""


@dataclass(frozen=True)
class Drawn:
    """What became of one request: a relief, or the words in which the generator declined."""

    request: GeneratorRequest
    relief: Relief | None
    refusal: str | None = None


def request_for(
    prompt: str,
    seed: int,
    *,
    length_mm: float = LENGTH_MM,
    width_mm: float = WIDTH_MM,
    depth_mm: float = DEPTH_MM,
    border: str = "milgrain",
    metal: str = "18k_yellow_gold",
    profile: str = "workshop",
) -> GeneratorRequest:
    """The request that a shoulder of this size makes. Raises ``InputError`` for sizes out of range, ``TableError``
    for an unknown metal or profile."""
    from ringcad.standards import alloy, foundry_profile

    _check_size(length_mm, width_mm)
    limits = foundry_profile(profile).limits(alloy(metal))
    return GeneratorRequest(
        prompt=prompt,
        seed=seed,
        length_mm=length_mm,
        width_mm=width_mm,
        depth_mm=depth_mm,
        min_stroke_mm=limits["detail_min_mm"],
        min_gap_mm=limits["gap_min_mm"],
        border=border,
    )


def _check_size(length_mm: float, width_mm: float) -> None:
    for name, value, (low, high) in (("length", length_mm, LENGTHS_MM), ("width", width_mm, WIDTHS_MM)):
        if not (math.isfinite(value) and low <= value <= high):
            raise InputError(f"--{name}-mm is {value:g}; {low:g} to {high:g} mm can be drawn.")


def wanted_zone(
    *,
    spec: Path | None = None,
    zone: int = 1,
    length_mm: float | None = None,
    width_mm: float | None = None,
    border: str | None = None,
    metal: str | None = None,
) -> tuple[GeneratorRequest, str, str]:
    """A request without prompt for the zone in question, the generator's name and the metal's id.

    With ``spec`` the zone is that of its decoration number ``zone`` (from 1), so that what the sheet shows is what
    a build draws; what is given besides takes the place of the spec's. Raises ``InputError`` or ``SpecError``.
    """
    if spec is None:
        alloy_id = metal or "18k_yellow_gold"
        like = request_for(
            "",
            1,
            length_mm=LENGTH_MM if length_mm is None else length_mm,
            width_mm=WIDTH_MM if width_mm is None else width_mm,
            border=border or "milgrain",
            metal=alloy_id,
        )
        return like, "ornament", alloy_id
    from ringcad.registry import load_template
    from ringcad.reliefs import make_request
    from ringcad.resolve import resolve
    from ringcad.spec import load_spec

    resolved = resolve(load_spec(spec))
    sizes = load_template(resolved.template).zones(resolved)
    regions = list({(d.region, d.prompt, d.seed): d for d in resolved.decoration if d.id in sizes}.values())
    if not 1 <= zone <= len(regions):
        raise InputError(f"--zone is {zone}; {spec} has {len(regions)} decorations.")
    decoration = regions[zone - 1]
    like = make_request(decoration, sizes[decoration.id], resolved, spec.parent)
    like = replace(
        like,
        length_mm=like.length_mm if length_mm is None else length_mm,
        width_mm=like.width_mm if width_mm is None else width_mm,
        border=border or like.border,
    )
    _check_size(like.length_mm, like.width_mm)
    return like, decoration.generator, metal or resolved.metal.id


def draw_all(generator: Generator, requests: Sequence[GeneratorRequest]) -> list[Drawn]:
    """Draw every request. A seed whose design does not fit is said, not hidden; when all requests of a prompt
    are declined, so is the sheet.

    Raises
    ------
    InputError
        No requests or too many, or a prompt of which nothing could be drawn.
    """
    if not 1 <= len(requests) <= MOST:
        raise InputError(f"A sheet holds 1 to {MOST} reliefs; {len(requests)} are asked for. Change -n.")
    drawn: list[Drawn] = []
    for request in requests:
        try:
            drawn.append(Drawn(request, generator.generate(request)))
        except InputError as error:
            drawn.append(Drawn(request, None, str(error)))
    for prompt in dict.fromkeys(request.prompt for request in requests):
        of_prompt = [item for item in drawn if item.request.prompt == prompt]
        if all(item.relief is None for item in of_prompt):
            raise InputError(of_prompt[0].refusal or "nothing was drawn")
    return drawn


@dataclass(frozen=True)
class Account:
    """What a generator made of a prompt, over all seeds of it; ``own`` is what one seed has beside that, by seed."""

    prompt: str
    understood: tuple[str, ...]
    retrieved: tuple[str, ...]
    not_understood: tuple[str, ...]
    own: dict[int, tuple[str, ...]]
    refusals: dict[int, str]


def account_of(prompt: str, drawn: Sequence[Drawn]) -> Account:
    """The account of a prompt of which something was drawn."""
    reliefs = {item.request.seed: item.relief for item in drawn if item.request.prompt == prompt and item.relief}
    first = next(iter(reliefs.values()))

    def shared(name: str) -> tuple[str, ...]:
        return tuple(x for x in getattr(first, name) if all(x in getattr(other, name) for other in reliefs.values()))

    understood, retrieved, lost = (shared(name) for name in ("understood", "retrieved", "not_understood"))
    own = {
        seed: tuple(
            text
            for known, said in ((understood, relief.understood), (retrieved, relief.retrieved))
            for text in said
            if text not in known
        )
        for seed, relief in reliefs.items()
    }
    refusals = {item.request.seed: item.refusal for item in drawn if item.request.prompt == prompt and item.refusal}
    return Account(prompt, understood, retrieved, lost, own, refusals)


def account_lines(account: Account) -> list[str]:
    """The lines that a build prints too: understood, retrieved, not understood."""
    rows = [
        ("understood", account.understood),
        ("retrieved", account.retrieved),
        ("not understood", account.not_understood),
    ]
    return [f"{name}: {', '.join(texts) or '-'}" for name, texts in rows if texts or name == "understood"]


def findings_of(accounts: Sequence[Account]) -> list[Finding]:
    """Words that were left out, as a build reports them."""
    return [
        Finding(
            FindingCode.PROMPT_NOT_UNDERSTOOD,
            Severity.WARNING,
            f"Of the prompt {account.prompt!r} this was not understood and left out: "
            f"{', '.join(account.not_understood)}.",
            fix="say it in other words (ringcad generators lists what is understood)",
        )
        for account in accounts
        if account.not_understood
    ]


def pictures_of(drawn: Sequence[Drawn], tile_px: int, metal: str = "18k_yellow_gold") -> list[Any]:
    """A picture per relief, all at one scale, the longest ``tile_px`` wide; ``None`` where nothing was drawn."""
    from ringcad.render.sheet_light import relief_picture, softboxes
    from ringcad.standards import alloy

    light = softboxes(alloy(metal).color_rgb)
    scale = tile_px / max(item.request.length_mm for item in drawn)

    def picture(item: Drawn) -> Any:
        if item.relief is None:
            return None
        asked = item.request
        return relief_picture(item.relief.height, asked.length_mm, asked.width_mm, asked.depth_mm, scale, light)

    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        return list(pool.map(picture, drawn))


def contact_sheet(drawn: Sequence[Drawn], *, metal: str = "18k_yellow_gold") -> Image:
    """The page of the command ``ringcad prompts``."""
    from ringcad.render import sheet

    prompts = list(dict.fromkeys(item.request.prompt for item in drawn))
    accounts = {prompt: account_of(prompt, drawn) for prompt in prompts}
    columns = sheet.columns_for(len(drawn))
    pictures = pictures_of(drawn, sheet.tile_width_px(columns), metal)
    names = {
        prompt: prompt if sheet.legible(prompt) else f"prompt {number}" for number, prompt in enumerate(prompts, 1)
    }
    tiles = []
    for item, picture in zip(drawn, pictures, strict=True):
        account = accounts[item.request.prompt]
        title = f"--seed {item.request.seed}"
        notes = [item.refusal] if item.refusal else list(account.own[item.request.seed])
        if len(prompts) > 1:
            title = f"{names[item.request.prompt]}  --seed {item.request.seed}"
            if not item.refusal:
                lost = [f"not understood: {', '.join(account.not_understood)}"] if account.not_understood else []
                notes = [", ".join((*account.understood, *notes)), *lost]
        elif not item.refusal:
            notes = [", ".join(notes)] if notes else []
        tiles.append(sheet.Tile(title, tuple(text for text in notes if text), picture))
    size = drawn[0].request
    measure = f"{size.length_mm:g} x {size.width_mm:g} mm, unpicked"
    if len(prompts) == 1:
        heading = [f"{names[prompts[0]]}  ({measure})", *account_lines(accounts[prompts[0]])]
    else:
        heading = [f"{len(prompts)} prompts, {len(drawn)} reliefs ({measure})"]
    footing = [
        'To take one: ringcad regenerate SPEC --prompt "..." --seed N, with the prompt and the seed of its caption.'
    ]
    return sheet.page(tiles, columns, heading, footing)


def requests_for(prompts: Sequence[str], count: int, seed: int, like: GeneratorRequest) -> list[GeneratorRequest]:
    """``count`` seeds from ``seed`` on, for each prompt in turn; equal prompts count once."""
    if count < 1 or count * len(dict.fromkeys(prompts)) > MOST:
        raise InputError(
            f"-n is {count} for {len(prompts)} prompt{'s' * (len(prompts) != 1)}; a sheet holds 1 to {MOST} reliefs."
        )
    return [replace(like, prompt=prompt, seed=seed + k) for prompt in dict.fromkeys(prompts) for k in range(count)]


def row_of(item: Drawn) -> dict[str, Any]:
    """A relief as the command's JSON object has it."""
    asked, relief = item.request, item.relief
    row: dict[str, Any] = {
        "prompt": asked.prompt,
        "seed": asked.seed,
        "length_mm": asked.length_mm,
        "width_mm": asked.width_mm,
        "drawn": relief is not None,
    }
    if relief is None:
        return {**row, "message": item.refusal}
    said = {name: list(getattr(relief, name)) for name in ("understood", "retrieved", "not_understood")}
    return {**row, **said}
