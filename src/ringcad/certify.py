"""The certificate of a build: what was delivered, from what, with which tables and versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files as resource_files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ringcad.core.errors import InputError
from ringcad.fingerprint import library_versions

if TYPE_CHECKING:
    from ringcad.core.findings import Finding
    from ringcad.resolved import ResolvedRing


def table_editions() -> dict[str, str]:
    """SHA-256 of each table of standards, by file name."""
    folder = resource_files("ringcad.standards") / "data"
    return {
        item.name: hashlib.sha256(item.read_bytes()).hexdigest()
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith((".csv", ".yaml"))
    }


def certificate_of_build(
    resolved: ResolvedRing,
    measurements: Mapping[str, Any],
    findings: tuple[Finding, ...],
    files: Mapping[str, tuple[str, Path]],
    *,
    spec: str | None,
    spec_sha256: str | None,
    reliefs_sha256: Mapping[str, str],
    sign_key: Path | None,
) -> bytes:
    """The bytes of ``NAME.cert.json``; parameters as for :func:`ringcad.verify.certificate.make_certificate`.

    ``sign_key`` is a PEM file with an Ed25519 private key. Raises ``InputError`` where it cannot be used.
    """
    from ringcad.verify.certificate import Provenance, certificate_bytes, make_certificate, signed

    provenance = Provenance(
        spec=spec,
        spec_sha256=spec_sha256,
        lock_sha256=dict(reliefs_sha256),
        tables=table_editions(),
        versions=library_versions(),
    )
    certificate = make_certificate(resolved, measurements, findings, files, provenance)
    if sign_key is not None:
        certificate = signed(certificate, read_key(sign_key))
    return certificate_bytes(certificate)


def certificate_page(
    certificate: bytes, resolved: ResolvedRing, pictures: Sequence[Path], path: Path, differences: Any = None
) -> None:
    """Write the certificate's page; ``differences`` as for :func:`ringcad.export.certificate_html.certificate_html`.

    Raises ``OSError`` where a picture cannot be read or the page not be written.
    """
    from ringcad.export.certificate_html import write_certificate_html
    from ringcad.verify.certificate import Certificate

    content = Certificate.model_validate_json(certificate)
    write_certificate_html(content, resolved, pictures, path, certificate_bytes=certificate, differences=differences)


def page_of_certificate(path: Path, target: Path, differences: Any) -> None:
    """The page of a certificate file, with the pictures that lie beside it; ``differences`` of measuring again.

    Raises
    ------
    InputError
        ``resolved.json`` cannot be read or the page cannot be written.
    """
    from pydantic import ValidationError

    from ringcad.resolved import ResolvedRing
    from ringcad.verify.certificate import read_certificate

    certificate = read_certificate(path)
    root = path.parent.resolve()
    try:
        resolved = ResolvedRing.model_validate_json((root / certificate.resolved).read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(f"{root / certificate.resolved}: cannot be read as the numbers of a ring") from error
    shown = [root / item.name for item in certificate.files if item.kind == "pictures"]
    try:
        pictures = [item for item in shown if item.is_file() and item.resolve().is_relative_to(root)]
        certificate_page(path.read_bytes(), resolved, pictures, target, differences)
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror or error})") from error


def read_key(path: Path) -> bytes:
    """Content of a key file. Raises ``InputError``."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"--sign: {path} cannot be read ({error.strerror or error})") from error
