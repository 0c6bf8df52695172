"""``<spec>.lock.yaml`` and ``<spec>.reliefs/``: the reliefs that the generators made, kept beside the spec.

A relief is found again by the hash of what was asked (generator and its version, prompt, seed, size,
limits, the image's content), so the same spec gives the same ring without running a generator, on
any machine. The lock names each relief's file and the hash of its heights.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.core.errors import InputError
from ringcad.fingerprint import hash_of

if TYPE_CHECKING:
    from ringcad.generation import GeneratorRequest, Relief

LOCK_VERSION = 1
_HEADER = (
    "# Written by ringcad: the reliefs that the generators made for this spec. Keep it beside the spec,\n"
    "# with the folder it names, and the same spec gives the same ring everywhere.\n"
)


@dataclass(frozen=True)
class LockedRelief:
    """One relief of the lock. ``file`` is relative to the lock file's folder."""

    generator: str
    generator_version: str
    request: dict[str, Any]
    request_sha256: str
    relief_sha256: str
    file: str
    understood: tuple[str, ...] = ()
    retrieved: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    program: dict[str, Any] | None = None


@dataclass(frozen=True)
class Lock:
    """Reliefs by decoration id, and the user's own head as name and SHA-256 of its file, where the ring has one."""

    reliefs: Mapping[str, LockedRelief] = field(default_factory=dict)
    head: Mapping[str, str] | None = None

    def by_request(self, request_sha256: str) -> LockedRelief | None:
        """The relief that answers this request, whatever zone it was made for."""
        return next((row for row in self.reliefs.values() if row.request_sha256 == request_sha256), None)


def lock_path(spec_path: Path) -> Path:
    """``ring.yaml`` -> ``ring.lock.yaml``."""
    return spec_path.with_name(spec_path.stem + ".lock.yaml")


def reliefs_folder(spec_path: Path) -> Path:
    """``ring.yaml`` -> ``ring.reliefs``."""
    return spec_path.with_name(spec_path.stem + ".reliefs")


def request_row(
    generator: str, version: str, request: GeneratorRequest, program_file: str | None = None
) -> dict[str, Any]:
    """What identifies a request: everything asked, an image or a program by name and content.

    A request without a program has no such entry, so that locks from before there were programs hold.
    """
    row: dict[str, Any] = {"generator": generator, "generator_version": version}
    row |= {item.name: getattr(request, item.name) for item in fields(request)}
    if request.program is None:
        del row["program"], row["variation"]
    else:
        row["program"] = {"file": program_file, "sha256": hash_of(request.program)}
    if request.image is not None:
        try:
            content = Path(request.image).read_bytes()
        except OSError as error:
            raise InputError(f"The image {request.image} cannot be read: {error.strerror}.") from error
        row["image"] = {"name": Path(request.image).name, "sha256": hashlib.sha256(content).hexdigest()}
    return row


def request_hash(row: Mapping[str, Any]) -> str:
    """Hash of :func:`request_row`."""
    return hash_of(dict(row))


def read_lock(path: Path) -> Lock:
    """Read a lock file; a missing one is empty.

    Raises
    ------
    InputError
        The file is not a lock that this version can read.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Lock()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The lock file {path} cannot be read: {error}.") from error
    try:
        data = YAML(typ="safe", pure=True).load(text)
        if data["ringcad_lock"] != LOCK_VERSION:
            raise InputError(
                f"The lock file {path} has version {data['ringcad_lock']}, this ringcad reads {LOCK_VERSION}; "
                "delete it to have the reliefs drawn again."
            )
        rows = {}
        for zone, row in (data.get("reliefs") or {}).items():
            for key in ("understood", "retrieved", "not_understood"):
                row[key] = tuple(row.get(key) or ())
            rows[str(zone)] = LockedRelief(**row)
        head = data.get("head")
        return Lock(rows, None if head is None else {key: str(head[key]) for key in ("file", "sha256")})
    except (YAMLError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} is not a ringcad lock file ({str(error).splitlines()[0]}); "
            "delete it to have the reliefs drawn again."
        ) from error


def lock_text(lock: Lock) -> str:
    """The lock as YAML, zones sorted, so that the same lock is the same bytes."""
    rows = {}
    for zone, relief in sorted(lock.reliefs.items()):
        row = asdict(relief)
        for key in ("understood", "retrieved", "not_understood"):
            row[key] = list(row[key])
        rows[zone] = _plain(row)
    head = {} if lock.head is None else {"head": dict(lock.head)}
    return _HEADER + yaml_text({"ringcad_lock": LOCK_VERSION, **head, "reliefs": rows})


def yaml_text(content: Mapping[str, Any]) -> str:
    """Plain values as block YAML in the order that they have."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 120
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # declared as None, documented as a bool
    stream = io.StringIO()
    yaml.dump(dict(content), stream)
    return stream.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        return value.item()
    return value


def locked_relief(relief: Relief, *, row: Mapping[str, Any], key: str, digest: str, file: str) -> LockedRelief:
    """The lock's row of a relief that was just made."""
    return LockedRelief(
        generator=str(row["generator"]),
        generator_version=str(row["generator_version"]),
        request=_plain({k: v for k, v in row.items() if k not in {"generator", "generator_version"}}),
        request_sha256=key,
        relief_sha256=digest,
        file=file,
        understood=tuple(relief.understood),
        retrieved=tuple(relief.retrieved),
        not_understood=tuple(relief.not_understood),
        program=None if relief.program is None else _plain(relief.program),
    )
