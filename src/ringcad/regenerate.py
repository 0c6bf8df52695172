"""``ringcad regenerate``: a new prompt or seed for the decoration of a spec, as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ringcad.core.errors import InputError


def edited_text(path: Path, *, prompt: str | None = None, seed: int | None = None, zone: int | None = None) -> str:
    """The spec's text with the new values; comments and order stay, nothing is written.

    ``zone`` counts the spec's decorations from 1; without it all of them change.

    Raises
    ------
    InputError, SpecError
        Nothing to change, no such zone, or the spec is not valid before or after.
    """
    from ringcad.spec import edit_spec_text, parse_spec
    from ringcad.spec.reading import read_text

    if prompt is None and seed is None:
        raise InputError("regenerate needs something to change: --prompt TEXT, --seed NUMBER or both.")
    text = read_text(path)
    count = len(parse_spec(text, str(path)).decoration)
    if count == 0:
        raise InputError(f"{path} has no decoration to change; add one, for example under 'decoration:'.")
    if zone is not None and not 1 <= zone <= count:
        raise InputError(f"--zone is {zone}; {path} has {count} decoration{'s' if count > 1 else ''}, counted from 1.")
    changes: dict[str, Any] = {}
    for index in range(count) if zone is None else [zone - 1]:
        if prompt is not None:
            changes[f"decoration.{index}.prompt"] = prompt
        if seed is not None:
            changes[f"decoration.{index}.seed"] = seed
    return edit_spec_text(text, changes, str(path))
