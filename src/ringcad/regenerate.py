"""``ringcad regenerate``: a new prompt or seed for the decoration of a spec, or a design near the present one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.core.errors import InputError
from ringcad.designs import Edit

if TYPE_CHECKING:
    from ringcad.designs import Design
    from ringcad.spec import DecorationSpec


@dataclass(frozen=True)
class Wanted:
    """What is to change; ``zone`` counts the spec's decorations from 1, ``None`` stands for all of them.

    ``variation`` stays near the liked design: the one that the spec names as its program, or the present one,
    which becomes its program. ``liked`` makes the present one the liked design even if there is another.
    """

    prompt: str | None = None
    seed: int | None = None
    variation: float | None = None
    liked: bool = False
    zone: int | None = None


def edited(path: Path, wanted: Wanted, out: Path) -> Edit:
    """The spec's text with the new values and the programs that it then names; nothing is written.

    Comments and order stay. ``out`` is the output folder, where the lock may lie.

    Raises
    ------
    InputError, SpecError
        Nothing to change, no such zone, or the spec is not valid before or after.
    """
    from ringcad.spec import edit_spec_text, parse_spec
    from ringcad.spec.reading import read_text

    _check(wanted)
    text = read_text(path)
    decorations = parse_spec(text, str(path)).decoration
    count = len(decorations)
    if count == 0:
        raise InputError(f"{path} has no decoration to change; add one, for example under 'decoration:'.")
    if wanted.zone is not None and not 1 <= wanted.zone <= count:
        raise InputError(
            f"--zone is {wanted.zone}; {path} has {count} decoration{'s' if count > 1 else ''}, counted from 1."
        )
    chosen = list(range(count)) if wanted.zone is None else [wanted.zone - 1]
    designs: dict[int, Design] = {}
    if wanted.liked or wanted.variation is not None:
        from ringcad.designs import present_designs

        new = [k for k in chosen if wanted.liked or decorations[k].program is None]
        designs = {design.index: design for design in present_designs(path, out, new)} if new else {}
    changes: dict[str, Any] = {}
    files: dict[Path, str] = {}
    for index in chosen:
        found, written = _change(path, index, decorations[index], wanted, designs.get(index))
        changes |= {f"decoration.{index}.{name}": value for name, value in found.items()}
        files |= written
    return Edit(edit_spec_text(text, changes, str(path)), files)


def _check(wanted: Wanted) -> None:
    if wanted == Wanted(zone=wanted.zone):
        raise InputError(
            "regenerate needs something to change: --prompt TEXT, --seed NUMBER, or --variation 0.2 to stay near the "
            "design that is there."
        )
    if wanted.variation is not None and not 0.0 <= wanted.variation <= 1.0:
        raise InputError(f"--variation is {wanted.variation:g}; 0 is the liked design, 1 a new one of its theme.")
    if wanted.prompt is not None and (wanted.variation is not None or wanted.liked):
        raise InputError(
            "--prompt asks for a new design and --variation or --liked to stay near one; give one of them."
        )


def _change(
    path: Path, index: int, present: DecorationSpec, wanted: Wanted, design: Design | None
) -> tuple[dict[str, Any], dict[Path, str]]:
    """New values of one decoration, and the program file if it gets one."""
    from ringcad.designs import saved_as

    changes: dict[str, Any] = {}
    files: dict[Path, str] = {}
    if wanted.prompt is not None:
        changes["prompt"] = wanted.prompt
        if present.program is not None:
            changes |= {"program": None, "variation": None}
    elif design is not None:
        file = saved_as(path, design.program)
        if not file.exists():
            files[file] = design.text()
        changes["program"] = f"{file.parent.name}/{file.name}"
        changes["variation"] = 0.0 if wanted.variation is None else wanted.variation
    elif wanted.variation is not None:
        changes["variation"] = wanted.variation
    elif present.program is not None and not present.variation:
        raise InputError(
            f"decoration {index + 1} draws {present.program} as it stands, so a seed changes nothing. Add --variation "
            "0.2 for a design near it, or --prompt TEXT for a new one."
        )
    if wanted.seed is not None:
        changes["seed"] = wanted.seed
    return changes, files
