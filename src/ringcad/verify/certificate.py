"""The certificate: every rule with its measured value, and the files that it was measured on, by their hashes.

It is made from the verifier's measurements alone. :func:`verify_certificate` measures the files again and names the
first thing that differs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ringcad.core.errors import InputError
from ringcad.core.findings import Finding, Severity
from ringcad.resolved import ResolvedRing
from ringcad.verify.certificate_rules import RuleRow, rule_rows

CERTIFICATE_VERSION = 1
SUFFIX = ".cert.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CertifiedFile(_Frozen):
    """One delivered file; ``name`` is relative to the certificate's folder."""

    name: str
    kind: str
    bytes: int
    sha256: str


class Provenance(_Frozen):
    """What the ring was made from and with."""

    spec: str | None
    spec_sha256: str | None
    lock_sha256: dict[str, str]
    """Hash of each decoration's relief by decoration id."""
    tables: dict[str, str]
    """Edition of each table of standards."""
    versions: dict[str, str]


class Signature(_Frozen):
    """Ed25519 (RFC 8032) over the certificate without this field, as canonical JSON."""

    algorithm: Literal["ed25519"] = "ed25519"
    public_key: str
    """32 bytes, base64."""
    value: str
    """64 bytes, base64."""


class Certificate(_Frozen):
    """What ``NAME.cert.json`` holds."""

    ringcad_certificate: Literal[1] = 1
    verdict: Literal["certified", "refused"]
    ring: str
    profile: str
    profile_recommended: bool
    metal: str
    state: Literal["as_cast", "polished"]
    stl: str
    resolved: str
    files: tuple[CertifiedFile, ...]
    provenance: Provenance
    rules: tuple[RuleRow, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What is and what is not answered for, where the head is one from a user's file."""
    signature: Signature | None = None


@dataclass(frozen=True)
class Difference:
    """Something that is not as certified."""

    what: str
    certified: str
    found: str


def make_certificate(
    resolved: ResolvedRing,
    measurements: Mapping[str, Any],
    findings: tuple[Finding, ...],
    files: Mapping[str, tuple[str, Path]],
    provenance: Provenance,
) -> Certificate:
    """Certificate of a measured ring.

    Parameters
    ----------
    measurements, findings : what the verifier said of the STL
    files : kind and path by the name they are delivered under; one of kind ``stl``, one of kind ``resolved``
    """
    kinds = {kind: name for name, (kind, _) in files.items()}
    rules = rule_rows(measurements, resolved, findings)
    failed = any(row.verdict == "fail" for row in rules) or any(f.severity is Severity.ERROR for f in findings)
    return Certificate(
        verdict="refused" if failed else "certified",
        ring=resolved.name,
        profile=resolved.foundry.id,
        profile_recommended=resolved.foundry.recommended,
        metal=resolved.metal.id,
        state=resolved.finish,
        stl=kinds["stl"],
        resolved=kinds["resolved"],
        files=tuple(
            CertifiedFile(name=name, kind=kind, bytes=path.stat().st_size, sha256=_sha256(path))
            for name, (kind, path) in files.items()
        ),
        provenance=provenance,
        rules=rules,
        warnings=tuple(f"{f.code}: {f.message}" for f in findings if f.severity is Severity.WARNING),
        notes=() if resolved.head is None or resolved.head.own is None else resolved.head.own.notes,
    )


def certificate_bytes(certificate: Certificate) -> bytes:
    """The file: indented JSON, keys in the model's order."""
    return (certificate.model_dump_json(indent=2) + "\n").encode()


def private_key(pem: bytes) -> Any:
    """An Ed25519 private key of ``cryptography``.

    Raises
    ------
    InputError
        The key is no unencrypted Ed25519 private key in PEM, or ``cryptography`` is not installed.
    """
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as error:
        raise InputError("signing needs the package cryptography (pip install 'ringcad[sign]')") from error
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise InputError(f"the signing key cannot be read as an unencrypted PEM key ({error})") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("the signing key is no Ed25519 key (openssl genpkey -algorithm ed25519 makes one)")
    return key


def signed(certificate: Certificate, private_key_pem: bytes) -> Certificate:
    """The certificate with an Ed25519 signature. Raises ``InputError`` as :func:`private_key` does."""
    key = private_key(private_key_pem)
    return certificate.model_copy(
        update={
            "signature": Signature(
                public_key=base64.b64encode(key.public_key().public_bytes_raw()).decode(),
                value=base64.b64encode(key.sign(_signed_bytes(certificate))).decode(),
            )
        }
    )


def _signed_bytes(certificate: Certificate) -> bytes:
    # certificates from before there were notes were signed without them
    unsigned = {"signature"} if certificate.notes else {"signature", "notes"}
    content = certificate.model_dump(mode="json", exclude=unsigned)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def read_certificate(path: Path) -> Certificate:
    """Read a certificate file. Raises ``InputError`` where it is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error
    try:
        return Certificate.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}: this is no ringcad certificate ({where}: {first['msg']})") from error


def verify_certificate(path: Path, public_key: str | None = None) -> list[Difference]:
    """Hash and measure the certified files again; empty when everything is as certified.

    Parameters
    ----------
    public_key : base64 of the key that must have signed; without it any valid signature does

    Raises
    ------
    InputError
        The certificate, ``resolved.json`` or the STL cannot be read.
    """
    certificate = read_certificate(path)
    found = [*_signature_differences(certificate, public_key), *_file_differences(certificate, path.parent)]
    needed = {certificate.stl, certificate.resolved}
    if any(
        difference.found == "missing" and difference.what in {f"file {name}" for name in needed} for difference in found
    ):
        return found
    return found + list(_measured_differences(certificate, path.parent))


def _signature_differences(certificate: Certificate, public_key: str | None) -> Iterator[Difference]:
    signature = certificate.signature
    if signature is None:
        if public_key is not None:
            yield Difference("signature", f"by the key {public_key}", "none")
        return
    if public_key is not None and signature.public_key != public_key.strip():
        yield Difference("signature", f"by the key {public_key.strip()}", f"by the key {signature.public_key}")
        return
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise InputError("checking a signature needs the package cryptography (pip install 'ringcad[sign]')") from error
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature.public_key))
        key.verify(base64.b64decode(signature.value), _signed_bytes(certificate))
    except (InvalidSignature, ValueError):
        yield Difference("signature", "valid", "does not fit the certificate")


def _file_differences(certificate: Certificate, folder: Path) -> Iterator[Difference]:
    root = folder.resolve()
    for row in certificate.files:
        path = (root / row.name).resolve()
        if not path.is_relative_to(root):
            raise InputError(f"the certificate names a file outside its folder: {row.name}")
        if not path.is_file():
            yield Difference(f"file {row.name}", f"sha256 {row.sha256}", "missing")
        elif (digest := _sha256(path)) != row.sha256:
            yield Difference(f"file {row.name}", f"sha256 {row.sha256}", f"sha256 {digest}")


def _measured_differences(certificate: Certificate, folder: Path) -> Iterator[Difference]:
    from ringcad.verify.check import verify_stl

    source = folder / certificate.resolved
    try:
        resolved = ResolvedRing.model_validate_json(source.read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(f"{source}: cannot be read as the numbers of a ring") from error
    report = verify_stl(folder / certificate.stl, resolved)
    # How many handles the parts declare is known to the builder alone: the certificate says it.
    declared = next((row.low for row in certificate.rules if row.code == "genus"), None)
    measured = {**report.measurements, "kernel": {"expected_genus": declared}}
    again = {row.key: row for row in rule_rows(measured, resolved, report.findings)}
    for row in certificate.rules:
        now = again.pop(row.key, None)
        if now is None:
            yield Difference(row.key, _value(row), "not measured")
        elif now.verdict != row.verdict or not _same(row, now):
            yield Difference(row.key, f"{_value(row)} ({row.verdict})", f"{_value(now)} ({now.verdict})")
    for key, now in again.items():
        yield Difference(key, "not certified", f"{_value(now)} ({now.verdict})")


def _same(one: RuleRow, other: RuleRow) -> bool:
    if one.measured is None or other.measured is None:
        return one.measured is other.measured
    return math.isclose(one.measured, other.measured, rel_tol=1e-9, abs_tol=max(one.uncertainty or 0.0, 1e-9))


def _value(row: RuleRow) -> str:
    return "none" if row.measured is None else f"{row.measured:g} {row.unit or ''}".strip()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
