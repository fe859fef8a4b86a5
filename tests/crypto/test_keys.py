"""Keys: what is read as one, what they sign, and what they keep to themselves."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from sentinel.crypto.keys import PassphraseNeeded, PrivateKey, PublicKey
from sentinel.errors import InputError

PASSPHRASE = "mật khẩu của Lan".encode()
PEM, SSH = serialization.Encoding.PEM, serialization.Encoding.OpenSSH
PKCS8, OPENSSH = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.OpenSSH
PLAIN = serialization.NoEncryption()
ED25519 = ed25519.Ed25519PrivateKey.generate()
ACCEPTED: dict[str, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey] = {
    "Ed25519": ED25519,
    "ECDSA P-256": ec.generate_private_key(ec.SECP256R1()),
    "ECDSA P-384": ec.generate_private_key(ec.SECP384R1()),
}
REFUSED: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = {
    "RSA": rsa.generate_private_key(65537, 2048),
    "secp521r1": ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": ec.generate_private_key(ec.SECP256K1()),
}
# RFC 8032, 7.1, test 2: public key, message, signature (in two halves).
RFC_8032 = (
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
)


@pytest.mark.parametrize("kind", ACCEPTED)
@pytest.mark.parametrize("form", [PKCS8, OPENSSH])
def test_what_a_key_signs_its_public_half_verifies(kind: str, form: serialization.PrivateFormat) -> None:
    key = PrivateKey.of_bytes(ACCEPTED[kind].private_bytes(PEM, form, PLAIN))
    assert kind == key.public.kind
    key.public.verify(key.sign(b"an act"), b"an act")
    with pytest.raises(InputError, match="not one of the key SHA256:"):
        key.public.verify(key.sign(b"an act"), b"another")
    with pytest.raises(InputError, match="not one of the key"):
        PrivateKey.new().public.verify(key.sign(b"an act"), b"an act")
    with pytest.raises(InputError, match="not one of the key"):
        key.public.verify(b"", b"an act")


def test_a_signature_of_the_standard_is_verified() -> None:
    public, message, *halves = map(bytes.fromhex, RFC_8032)
    pem = ed25519.Ed25519PublicKey.from_public_bytes(public).public_bytes(
        PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    key = PublicKey.of_text(pem.decode())
    assert public == key.raw()
    key.verify(b"".join(halves), message)


@pytest.mark.parametrize("kind", ACCEPTED)
def test_a_public_key_is_the_same_in_each_of_its_forms(kind: str) -> None:
    public = ACCEPTED[kind].public_key()
    pem = public.public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    line = public.public_bytes(SSH, serialization.PublicFormat.OpenSSH).decode()
    key = PublicKey.of_text(pem)
    assert key == PublicKey.of_text(f"\n{line} Nguyễn Thị Lan\n") == PublicKey.of_text(key.pem())
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert "SHA256:" + b64encode(sha256(spki).digest()).decode().rstrip("=") == key.fingerprint


@pytest.mark.parametrize("kind", REFUSED)
def test_other_kinds_of_key_are_refused_by_name(kind: str) -> None:
    private = REFUSED[kind]
    with pytest.raises(InputError, match=f"not accepted: {kind}") as caught:
        PrivateKey.of_bytes(private.private_bytes(PEM, PKCS8, PLAIN), place="ca.pem")
    assert "ca.pem" == caught.value.place
    assert "Ed25519" in caught.value.hint
    pem = private.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(InputError, match=f"not accepted: {kind}"):
        PublicKey.of_text(pem.decode())


@pytest.mark.parametrize(
    "text",
    [
        "", "nothing", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-dss AAAAB3NzaC1kc3M=", "tiếng Việt", "\udcff",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----\nAAAA",
    ],
)  # fmt: skip
def test_what_is_no_public_key_is_told(text: str) -> None:
    with pytest.raises(InputError, match="not a public key") as caught:
        PublicKey.of_text(text, "people.toml:7")
    assert "people.toml:7" == caught.value.place
    assert "PEM" in caught.value.hint


def test_a_private_key_is_no_public_one() -> None:
    with pytest.raises(InputError, match="this is a private key"):
        PublicKey.of_text(ED25519.private_bytes(PEM, PKCS8, PLAIN).decode())


def test_a_new_key_is_written_encrypted_and_read_again() -> None:
    key = PrivateKey.new()
    pem = key.pem(PASSPHRASE)
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    again = PrivateKey.of_bytes(pem, PASSPHRASE)
    assert key.public == again.public
    key.public.verify(again.sign(b"x"), b"x")


def test_a_key_needs_a_passphrase_that_is_long_enough() -> None:
    with pytest.raises(InputError, match="12 characters"):
        PrivateKey.new().pem("Nguyễn Lan".encode())


def test_an_encrypted_key_without_its_passphrase_asks_for_it() -> None:
    pem = PrivateKey.new().pem(PASSPHRASE)
    for nothing in (None, b""):
        with pytest.raises(PassphraseNeeded) as caught:
            PrivateKey.of_bytes(pem, nothing, "lan.pem")
        assert "lan.pem" == caught.value.place
        assert "--passphrase-file" in caught.value.hint


def test_a_wrong_passphrase_is_told() -> None:
    with pytest.raises(InputError, match="the passphrase is wrong"):
        PrivateKey.of_bytes(PrivateKey.new().pem(PASSPHRASE), b"another one")


def test_a_passphrase_too_many_does_no_harm() -> None:
    pem = ED25519.private_bytes(PEM, PKCS8, PLAIN)
    assert PrivateKey.of_bytes(pem).public == PrivateKey.of_bytes(pem, PASSPHRASE).public


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\x00", b"-----BEGIN PRIVATE KEY-----\nAAAA", b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    ],
)  # fmt: skip
def test_what_is_no_private_key_is_told(content: bytes) -> None:
    with pytest.raises(InputError, match="not a private key") as caught:
        PrivateKey.of_bytes(content, place="lan.pem")
    assert "lan.pem" == caught.value.place


def test_a_private_key_shows_itself_nowhere() -> None:
    key = PrivateKey.new()
    assert f"PrivateKey(public={key.public!r})" == repr(key)
