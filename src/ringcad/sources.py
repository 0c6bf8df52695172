"""Where a spec comes from: a file, a text that stands for a file, a mapping, or a ready ``Spec``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.core.errors import InputError, SpecError, SpecProblem

if TYPE_CHECKING:
    from ringcad.spec import Spec


@dataclass(frozen=True)
class Source:
    """A spec with its name and its place.

    ``path`` is the spec's file or ``None``; ``folder`` is what relative image paths start from.
    """

    spec: Spec
    name: str
    path: Path | None
    folder: Path
    sha256: str
    file_sha256: str | None = None
    """Of the file as it was read, where ``text`` stood in for its content."""


def read_source(
    source: Spec | Mapping[str, Any] | str | Path, text: str | None = None, name: str | None = None
) -> Source:
    """Read and check a spec.

    Parameters
    ----------
    source
        Path of a YAML file, a mapping as the YAML would read, or a :class:`~ringcad.spec.Spec`.
    text
        With a path: YAML text to use in place of the file's (an edit that is not written yet).
    name
        Name of the ring's files; by default the spec file's, else ``ring``.

    Raises
    ------
    SpecError, InputError
    """
    from ringcad.spec import Spec, dump_spec, parse_spec
    from ringcad.spec.reading import read_text

    if isinstance(source, (str, Path)):
        path = Path(source)
        on_disk = read_text(path)
        text = on_disk if text is None else text
        return Source(
            parse_spec(text, str(path)),
            checked_name(name or path.name.removesuffix(".yaml").removesuffix(".yml")),
            path,
            path.parent,
            hashlib.sha256(text.encode()).hexdigest(),
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
    if isinstance(source, Spec):
        spec = source
        text = dump_spec(spec)
    elif isinstance(source, Mapping):
        try:
            text = json.dumps(dict(source), default=_as_text)  # JSON is YAML: one reader, one set of complaints
        except (TypeError, ValueError) as error:
            raise SpecError([SpecProblem("spec", f"a value cannot be written as YAML: {error}")]) from error
        spec = parse_spec(text)
    else:
        raise InputError(f"A spec is a path, a mapping or a Spec, not {type(source).__name__}.")
    folder = spec.source.folder or Path.cwd()
    default = Path(spec.source.file).stem if spec.source.file else "ring"
    return Source(spec, checked_name(name or default), None, folder, hashlib.sha256(text.encode()).hexdigest())


def _as_text(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not a YAML value")


def checked_name(name: str) -> str:
    """The name, if it can be a file's name in any folder."""
    if not name or name in {".", ".."} or any(c in name for c in '/\\:*?"<>|') or not name.isprintable():
        raise InputError(f"{name!r} cannot be the name of the ring's files; rename the spec.")
    return name
