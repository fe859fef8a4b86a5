"""Keys that officers make are in one file, which only its owner may read and nothing overwrites."""

from __future__ import annotations

import datetime as dt
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from sentinel.errors import InputError, Refused
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.requests import keys
from tests.pki.requests.csrs import p256

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = "một câu của riêng tôi".encode()
ROUNDS = 1000


def a_certificate(spki: bytes) -> bytes:
    key = load_der_public_key(spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Máy chủ")])
    builder = x509.CertificateBuilder(name, name, key, 7, dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1))  # noqa: DTZ001
    return builder.sign(p256(), hashes.SHA256()).public_bytes(Encoding.DER)


def a_key(folder: Path, kind: KeyKind = KeyKind.P256) -> tuple[Path, bytes]:
    path = folder / "máy-chủ.p12"
    return path, keys.create(path, kind, "Máy chủ", PASSPHRASE, ROUNDS)


@pytest.mark.parametrize("kind", [KeyKind.P256, KeyKind.P384, KeyKind.P521, KeyKind.RSA, KeyKind.ED25519])
def test_a_key_of_each_kind_is_read_again(tmp_path: Path, kind: KeyKind) -> None:
    path, public = a_key(tmp_path, kind)
    assert public == keys.public_of(path, lambda: PASSPHRASE)
    assert 0o600 == path.stat().st_mode & 0o777


def test_kinds_that_pkcs12_has_no_place_for_are_refused() -> None:
    with pytest.raises(Refused, match="a key of kind ml-dsa-65 is made by its own subject"):
        keys.KeyPair.new(KeyKind.ML_DSA_65)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path, public = a_key(tmp_path)
    with pytest.raises(InputError, match="never overwritten"):
        keys.create(path, KeyKind.P256, "", PASSPHRASE, ROUNDS)
    assert public == keys.public_of(path, lambda: PASSPHRASE)


def test_the_certificate_is_put_in_once(tmp_path: Path) -> None:
    path, public = a_key(tmp_path)
    own, other = a_certificate(public), a_certificate(public)
    keys.complete(path, PASSPHRASE, own, [other], "Máy chủ", ROUNDS)
    keys.complete(path, PASSPHRASE, own, [other], "Máy chủ", ROUNDS)
    with pytest.raises(Refused, match="another certificate is in it already"):
        keys.complete(path, PASSPHRASE, other, [], "Máy chủ", ROUNDS)
    assert [path.name] == [each.name for each in tmp_path.iterdir()]
    assert 0o600 == path.stat().st_mode & 0o777


def test_the_certificate_of_another_key_is_refused(tmp_path: Path) -> None:
    path, _public = a_key(tmp_path)
    other = keys.KeyPair.new().public_key
    with pytest.raises(Refused, match="not of the key in it"):
        keys.complete(path, PASSPHRASE, a_certificate(other), [], "", ROUNDS)


def test_a_wrong_passphrase_and_a_short_one_are_told(tmp_path: Path) -> None:
    path, _public = a_key(tmp_path)
    with pytest.raises(InputError, match="the passphrase is another"):
        keys.public_of(path, lambda: b"some other passphrase")
    with pytest.raises(InputError, match="12 characters"):
        keys.create(tmp_path / "b.p12", KeyKind.P256, "", "ngắn".encode(), ROUNDS)
    with pytest.raises(InputError, match="the passphrase is not UTF-8"):
        keys.create(tmp_path / "b.p12", KeyKind.P256, "", b"\xff" * 20, ROUNDS)
    assert not (tmp_path / "b.p12").exists()


def test_a_file_that_others_may_read_holds_no_secret(tmp_path: Path) -> None:
    path, _public = a_key(tmp_path)
    path.chmod(0o644)
    with pytest.raises(InputError, match="others may read"):
        keys.public_of(path, lambda: PASSPHRASE)


def test_openssl_opens_the_file_and_finds_strong_locks_on_it(tmp_path: Path) -> None:
    path, public = a_key(tmp_path)
    keys.complete(path, PASSPHRASE, a_certificate(public), [], "Máy chủ", ROUNDS)
    command = ["openssl", "pkcs12", "-in", str(path), "-passin", f"pass:{PASSPHRASE.decode()}", "-noenc", "-info"]
    ran = subprocess.run(command, capture_output=True, encoding="latin-1", check=True)
    assert 2 == ran.stderr.count(f"PBES2, PBKDF2, AES-256-CBC, Iteration {ROUNDS}, PRF hmacWithSHA256")
    assert f"MAC: sha256, Iteration {ROUNDS}" in ran.stderr
    assert (1, 1) == (ran.stdout.count("BEGIN PRIVATE KEY"), ran.stdout.count("BEGIN CERTIFICATE"))


def test_a_key_shows_itself_nowhere() -> None:
    assert "KeyPair()" == repr(keys.KeyPair.new())


@pytest.mark.parametrize("passphrase", ["mật khẩu của tôi 🔑", "a" * 31, "a" * 32, "a" * 200])
def test_a_seal_of_our_own_is_what_openssl_makes_of_a_passphrase(tmp_path: Path, passphrase: str) -> None:
    (tmp_path / "k.p12").write_bytes(keys.KeyPair.new().pkcs12("k", passphrase.encode(), rounds=2))
    command = ["openssl", "pkcs12", "-in", str(tmp_path / "k.p12"), "-noout", "-passin", f"pass:{passphrase}"]
    assert 0 == subprocess.run(command, capture_output=True, check=False).returncode
    assert 0 != subprocess.run([*command[:-1], "pass:wrong"], capture_output=True, check=False).returncode
