"""The certificate says what was measured; measuring again finds whatever was changed since."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from verify_ring_bodies import arrays_of, resolved_ring, ring_solid

from ringcad.certify import certificate_of_build, table_editions
from ringcad.cli import main
from ringcad.core.errors import InputError
from ringcad.export.stl import stl_bytes
from ringcad.verify.certificate import Certificate, read_certificate, verify_certificate
from ringcad.verify.check import verify_stl
from ringcad.verify.report import VerifyReport

RING = resolved_ring()


@pytest.fixture(scope="module")
def arrays() -> Any:
    return arrays_of(ring_solid(RING))


@cache
def measured(stl: bytes) -> VerifyReport:
    """The verifier's report on a file; the same bytes are measured once, but where a test is about just that."""
    return verify_stl(stl, RING)


def certified(folder: Path, arrays: Any, sign_key: Path | None = None) -> Path:
    """A delivered folder with STL, numbers and certificate."""
    (folder / "ring.stl").write_bytes(stl_bytes(*arrays))
    (folder / "resolved.json").write_text(RING.model_dump_json())
    report = measured((folder / "ring.stl").read_bytes())
    measurements = {**report.measurements, "kernel": {"expected_genus": report.measurements["genus"]}}
    path = folder / "ring.cert.json"
    path.write_bytes(
        certificate_of_build(
            RING, measurements, report.findings,
            {"ring.stl": ("stl", folder / "ring.stl"), "resolved.json": ("resolved", folder / "resolved.json")},
            spec="ring.yaml", spec_sha256="0" * 64, reliefs_sha256={"right_shoulder": "1" * 64}, sign_key=sign_key,
        )
    )  # fmt: skip
    return path


def ed25519_key(folder: Path) -> Path:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    path = folder / "key.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def test_a_good_ring_is_certified_and_measures_so_again(tmp_path: Path, arrays: Any) -> None:
    path = certified(tmp_path, arrays)
    certificate = read_certificate(path)
    assert certificate.verdict == "certified" and {row.verdict for row in certificate.rules} <= {"pass", "warning"}
    assert len({row.key for row in certificate.rules}) == len(certificate.rules) >= 40
    codes = {row.code for row in certificate.rules}
    assert {"open_edges", "self_intersection", "genus", "bore_diameter", "wall_structural"} <= codes
    assert {"prong_section", "seat_angle", "retention"} <= codes
    assert {row.state for row in certificate.rules} == {"file", "as_cast", "as_set"}
    for row in certificate.rules:
        assert row.method and row.uncertainty is not None and (row.low is not None or row.high is not None)
    assert certificate.provenance.tables == table_editions() and len(table_editions()) >= 6
    assert verify_certificate(path) == []


def test_the_published_schema_accepts_it(tmp_path: Path, arrays: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--certificate"]) == 0
    schema = json.loads(capsys.readouterr().out)
    content = json.loads(certified(tmp_path, arrays).read_text())
    assert set(schema["required"]) <= set(content) <= set(schema["properties"])
    assert Certificate.model_validate(content).verdict == "certified"


def test_a_changed_byte_is_named_first(tmp_path: Path, arrays: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = certified(tmp_path, arrays)
    data = bytearray((tmp_path / "ring.stl").read_bytes())
    data[10] ^= 1  # in the header: no number changes
    (tmp_path / "ring.stl").write_bytes(bytes(data))
    (difference,) = verify_certificate(path)
    assert difference.what == "file ring.stl" and difference.certified != difference.found
    assert main(["verify", str(path)]) == 1
    assert "differs first in file ring.stl" in capsys.readouterr().out


def test_a_thinner_prong_is_found_though_hashes_were_forged(tmp_path: Path) -> None:
    """A ring made otherwise under a certificate that carries the right hashes: the rules differ."""
    path = certified(tmp_path, arrays_of(ring_solid(RING)))
    content = json.loads(path.read_text())
    (tmp_path / "other").mkdir()
    forged = certified(tmp_path / "other", arrays_of(ring_solid(RING, prong_share=0.8)))
    other = json.loads(forged.read_text())
    assert other["verdict"] == "refused"
    content["files"] = other["files"]
    forged.write_text(json.dumps(content))
    found = verify_certificate(forged)
    assert found and {difference.what.split()[0] for difference in found} >= {"prong_section"}
    assert main(["verify", str(forged), "--json"]) == 1


def test_a_missing_file_and_a_strange_certificate(tmp_path: Path, arrays: Any) -> None:
    path = certified(tmp_path, arrays)
    (tmp_path / "ring.stl").unlink()
    (difference,) = verify_certificate(path)
    assert (difference.what, difference.found) == ("file ring.stl", "missing")
    content = json.loads(path.read_text())
    content["files"][0]["name"] = "../ring.stl"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="outside its folder"):
        verify_certificate(path)
    for text in ("", "[]", "{}", '{"ringcad_certificate": 2}', path.read_text().replace('"rules"', '"rulez"')):
        path.write_text(text)
        assert main(["verify", str(path)]) == 2
    assert main(["verify", str(tmp_path / "none.cert.json")]) == 2


def test_a_signature_holds_the_whole_certificate(tmp_path: Path, arrays: Any) -> None:
    key = ed25519_key(tmp_path)
    path = certified(tmp_path, arrays, key)
    certificate = read_certificate(path)
    assert certificate.signature is not None
    public = certificate.signature.public_key
    assert verify_certificate(path, public) == []
    (other,) = verify_certificate(path, "A" * 43 + "=")
    assert other.what == "signature"
    content = json.loads(path.read_text())
    content["profile"] = "another"
    path.write_text(json.dumps(content))
    assert [difference.what for difference in verify_certificate(path)] == ["signature"]
    content.pop("signature")
    path.write_text(json.dumps(content))
    assert [difference.what for difference in verify_certificate(path, public)] == ["signature"]


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_bad_key_is_told_before_the_build(tmp_path: Path, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "key.pem").write_text(text)
    (tmp_path / "ring.yaml").write_text("ringcad: 1\n")
    assert main(["build", str(tmp_path / "ring.yaml"), "--sign", str(tmp_path / "key.pem")]) == 2
    assert "key" in capfd.readouterr().err
    assert main(["build", str(tmp_path / "ring.yaml"), "--sign", str(tmp_path / "none.pem")]) == 2


def test_measuring_twice_gives_the_same_rows(tmp_path: Path, arrays: Any) -> None:
    """The certificate of the same bytes is the same bytes."""
    first = certified(tmp_path, arrays).read_bytes()
    measured.cache_clear()
    assert certified(tmp_path, arrays).read_bytes() == first
    assert np.isfinite([row.measured for row in read_certificate(tmp_path / "ring.cert.json").rules]).all()
