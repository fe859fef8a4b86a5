"""Keys of authorities: the same holds for those in files and those in tokens."""

from __future__ import annotations

import stat
import subprocess
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from sentinel.crypto.keys import PassphraseNeeded
from sentinel.errors import InputError
from sentinel.pki.certificates import algorithms
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.model import Algorithm
from sentinel.pki.signing import home, keys, protocol
from sentinel.pki.signing.client import spawn
from sentinel.pki.signing.tokens import TokenPlace, Tokens
from tests.pki.signing import a_token
from tests.pki.signing.a_signer import KEY, PASSPHRASE, a_batch, a_list, a_signer, a_tbs, an_entry, the_people
from tests.pki.signing.test_signer import approved, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sentinel.pki.signing.keys import SigningKey

IN_FILES = tuple(Algorithm)
IN_TOKENS = tuple(algorithm for algorithm in Algorithm if not algorithm.startswith("ml-dsa"))
SHORT = 1024
BITS = 2048
"""Of RSA: the tests make many."""


@dataclass(frozen=True)
class Held:
    """A key that was made, and how it is opened again."""

    key: SigningKey
    again: Callable[[bytes], SigningKey]
    secret: bytes


@pytest.fixture
def tokens() -> Iterator[Tokens]:
    with closing(Tokens()) as found:
        yield found


def in_file(algorithm: Algorithm, folder: Path) -> Held:
    path, key = folder / "khoá.pem", keys.new(algorithm, BITS)
    keys.write(path, key, PASSPHRASE)
    return Held(key, lambda secret: keys.read(path, algorithm, secret), PASSPHRASE)


def in_token(algorithm: Algorithm, folder: Path, tokens: Tokens) -> Held:
    place = a_token.a_place(f"{folder.name}-{algorithm}")
    key = tokens.new(place, algorithm, a_token.PIN, BITS)

    def again(pin: bytes) -> SigningKey:
        tokens.close()
        return tokens.open(place, algorithm, pin)

    return Held(key, again, a_token.PIN)


@pytest.fixture(
    params=[("file", algorithm) for algorithm in IN_FILES] + [("token", algorithm) for algorithm in IN_TOKENS],
    ids=lambda each: f"{each[0]}-{each[1]}",
)
def held(request: pytest.FixtureRequest, tmp_path: Path, tokens: Tokens) -> Held:
    where, algorithm = request.param
    return in_file(algorithm, tmp_path) if where == "file" else in_token(algorithm, tmp_path, tokens)


def test_a_key_signs_with_its_algorithm_and_so_it_does_when_it_is_opened_again(held: Held) -> None:
    again = held.again(held.secret)
    assert (held.key.algorithm, held.key.spki) == (again.algorithm, again.spki)
    for content in (b"", b"x" * 900):
        algorithms.verify(again.algorithm, again.spki, again.sign(content), content)


def test_what_a_signer_signs_with_a_key_holds(held: Held, tmp_path: Path) -> None:
    certificates = [a_tbs(serial, key=held.key) for serial in (1, 2)]
    lists = [a_list(1, key=held.key, revoked=2)]
    with a_signer(tmp_path, held.key) as asking:
        answers = approved(asking, certificates), sign(asking, lists, kind="crl")
    for answered, contents in zip(answers, (certificates, lists), strict=True):
        assert isinstance(answered, protocol.Signed)
        for signature, content in zip(answered.signatures, contents, strict=True):
            algorithms.verify(held.key.algorithm, held.key.spki, signature, content)


def test_a_key_does_not_open_with_another_secret(held: Held) -> None:
    with pytest.raises(InputError, match=r"passphrase is wrong|PIN is wrong") as caught:
        held.again(b"something else")
    assert caught.value.place


def test_a_key_shows_itself_nowhere(held: Held) -> None:
    assert "object at" not in repr(held.key)
    assert "spki" not in repr(held.key)


def test_openssl_reads_what_is_written_and_others_do_not(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    keys.write(path, keys.new(Algorithm.ECDSA_P256), PASSPHRASE)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    arguments = ["/usr/bin/env", "openssl", "pkey", "-in", str(path), "-noout", "-passin", "stdin"]
    assert 0 == subprocess.run(arguments, input=PASSPHRASE, check=False).returncode
    path.chmod(0o644)
    with pytest.raises(InputError, match="others may read"):
        keys.read(path, Algorithm.ECDSA_P256, PASSPHRASE)


def test_a_file_is_never_overwritten_and_a_short_passphrase_leaves_none(tmp_path: Path) -> None:
    path, key = tmp_path / "key.pem", keys.new(Algorithm.ED25519)
    with pytest.raises(InputError, match="too short"):
        keys.write(path, key, b"short")
    assert [] == list(tmp_path.iterdir())
    keys.write(path, key, PASSPHRASE)
    with pytest.raises(InputError, match="never overwritten"):
        keys.write(path, key, PASSPHRASE)
    with pytest.raises(InputError, match="cannot be written"):
        keys.write(tmp_path / "none" / "key.pem", key, PASSPHRASE)


def a_file(folder: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, plain: bool = False) -> Path:
    encryption = NoEncryption() if plain else BestAvailableEncryption(PASSPHRASE)
    path = folder / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    path.chmod(0o600)
    return path


def test_only_keys_that_an_authority_may_have_are_read(tmp_path: Path) -> None:
    p384 = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(InputError, match="not an encrypted private key"):
        keys.read(a_file(tmp_path, p384, plain=True), Algorithm.ECDSA_P384, PASSPHRASE)
    with pytest.raises(PassphraseNeeded):
        keys.read(a_file(tmp_path, p384), Algorithm.ECDSA_P384, b"")
    with pytest.raises(InputError, match="kind p-384 does not sign with ecdsa-p256"):
        keys.read(a_file(tmp_path, p384), Algorithm.ECDSA_P256, PASSPHRASE)
    with pytest.raises(InputError, match="of this kind is not accepted"):
        keys.read(a_file(tmp_path, ec.generate_private_key(ec.SECP256K1())), Algorithm.ECDSA_P256, PASSPHRASE)
    with pytest.raises(InputError, match="exponent 3 "):
        keys.read(a_file(tmp_path, rsa.generate_private_key(3, 2048)), Algorithm.RSA_SHA256, PASSPHRASE)
    with pytest.raises(InputError, match="1024 bits"):
        keys.read(a_file(tmp_path, rsa.generate_private_key(65537, SHORT)), Algorithm.RSA_SHA256, PASSPHRASE)
    with pytest.raises(InputError, match="1024 bits"):
        keys.new(Algorithm.RSA_SHA256, 1024)


def test_a_token_keeps_a_key_of_a_label_once_and_for_its_kind(tokens: Tokens, tmp_path: Path) -> None:
    place = a_token.a_place(tmp_path.name)
    tokens.new(place, Algorithm.ECDSA_P256, a_token.PIN)
    with pytest.raises(InputError, match="never overwritten") as caught:
        tokens.new(place, Algorithm.ECDSA_P384, a_token.PIN)
    assert f"{a_token.LABEL}/{tmp_path.name}" == caught.value.place
    with pytest.raises(InputError, match=r"p-256 does not sign|cannot be read"):
        tokens.open(place, Algorithm.RSA_SHA256, a_token.PIN)
    with pytest.raises(InputError, match="no key that signs with ml-dsa-65"):
        tokens.new(a_token.a_place("other"), Algorithm.ML_DSA_65, a_token.PIN)


def test_what_is_not_there_is_told(tokens: Tokens) -> None:
    module = a_token.module()
    with pytest.raises(InputError, match="no token 'none'"):
        tokens.open(TokenPlace(module, "none", "key"), Algorithm.ECDSA_P256, a_token.PIN)
    with pytest.raises(InputError, match="has no key 'none'"):
        tokens.open(a_token.a_place("none"), Algorithm.ECDSA_P256, a_token.PIN)
    with pytest.raises(InputError, match="the token refuses"):
        tokens.open(TokenPlace("/none.so", "none", "key"), Algorithm.ECDSA_P256, a_token.PIN)


def test_a_signer_of_its_own_process_signs_with_a_token(tokens: Tokens, tmp_path: Path) -> None:
    place = a_token.a_place(tmp_path.name)
    made = tokens.new(place, Algorithm.ECDSA_P256, a_token.PIN)
    home.add(tmp_path / "signer", an_entry(at=place))
    tbs = [a_tbs(key=made)]
    with spawn(tmp_path / "signer", the_people(tmp_path), lambda _entry: a_token.PIN) as client:
        ((key,), (signature,)) = client.keys(), client.sign(a_batch(tbs))
    assert (KEY, made.spki) == (key.name, key.spki)
    algorithms.verify(made.algorithm, made.spki, signature, tbs[0])


def test_every_kind_of_key_has_an_algorithm_here() -> None:
    assert set(KeyKind) == {algorithms.key_kind(algorithm) for algorithm in IN_FILES}
