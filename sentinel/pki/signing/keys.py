"""Keys of authorities: in files, encrypted, or in tokens (`tokens`).

A file is PKCS #8, encrypted (RFC 5958), in PEM. The kinds are those of `sentinel.pki.certificates.algorithms`; nothing
chooses ML-DSA unless it is asked for by its name.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from sentinel.crypto.key_files import secret_of
from sentinel.crypto.keys import LEAST_PASSPHRASE, PassphraseNeeded
from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import algorithms
from sentinel.pki.certificates.algorithms import KeyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sentinel.pki.model import Algorithm

RSA_BITS: Final = (2048, 3072, 4096)
"""The sizes that RSA keys of authorities have."""
USUAL_RSA_BITS: Final = 3072
_EXPONENT: Final = 65537
_ENCRYPTED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


class SigningKey(Protocol):
    """A key of an authority, wherever it is held: `spki` is its public half in DER."""

    @property
    def algorithm(self) -> Algorithm:
        """Give how it signs."""

    @property
    def spki(self) -> bytes:
        """Give its SubjectPublicKeyInfo."""

    def sign(self, tbs: bytes) -> bytes:
        """Give the signature over bytes as it stands in a certificate's BIT STRING (ECDSA: DER, RFC 3279, 2.2.3)."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """A key that this process holds in its memory."""

    algorithm: Algorithm
    spki: bytes = field(repr=False)
    _sign: Callable[..., bytes] = field(repr=False, compare=False)
    _key: Any = field(repr=False, compare=False)
    _how: tuple[Any, ...] = field(repr=False, compare=False)

    def sign(self, tbs: bytes) -> bytes:
        """Give the signature, see `SigningKey.sign`."""
        return self._sign(tbs, *self._how)

    def pem(self, passphrase: bytes) -> bytes:
        """Give the key as PKCS #8 in PEM, encrypted. Raises InputError for a passphrase that is too short."""
        from cryptography.hazmat.primitives import serialization

        if len(passphrase.decode("utf-8", "replace")) < LEAST_PASSPHRASE:
            told = _("the passphrase is too short: a key needs {count} characters or more")
            raise InputError(told.format(count=LEAST_PASSPHRASE), hint=_("several words are easy to keep in mind"))
        encryption = serialization.BestAvailableEncryption(passphrase)
        form = serialization.PrivateFormat.PKCS8
        content: bytes = self._key.private_bytes(serialization.Encoding.PEM, form, encryption)
        return content


def new(algorithm: Algorithm, bits: int = USUAL_RSA_BITS) -> FileKey:
    """Make a key for an algorithm; `bits` is the size of one of RSA. Raises InputError for another size."""
    kind = algorithms.key_kind(algorithm)
    if kind is KeyKind.RSA and bits not in RSA_BITS:
        raise _size(bits)
    return _file_key(_makers(bits)[kind](), algorithm, "")


def _size(bits: int, place: str = "") -> InputError:
    told = _("an RSA key of {bits} bits is not accepted").format(bits=bits)
    return InputError(told, place=place, hint=_("sizes: {sizes}").format(sizes=", ".join(map(str, RSA_BITS))))


def _makers(bits: int) -> Mapping[KeyKind, Callable[[], Any]]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

    return {
        KeyKind.P256: partial(ec.generate_private_key, ec.SECP256R1()),
        KeyKind.P384: partial(ec.generate_private_key, ec.SECP384R1()),
        KeyKind.P521: partial(ec.generate_private_key, ec.SECP521R1()),
        KeyKind.RSA: partial(rsa.generate_private_key, _EXPONENT, bits),
        KeyKind.ED25519: ed25519.Ed25519PrivateKey.generate,
        KeyKind.ML_DSA_44: mldsa.MLDSA44PrivateKey.generate,
        KeyKind.ML_DSA_65: mldsa.MLDSA65PrivateKey.generate,
        KeyKind.ML_DSA_87: mldsa.MLDSA87PrivateKey.generate,
    }


def write(path: Path, key: FileKey, passphrase: bytes) -> None:
    """Write a key, encrypted, to a new file that only its owner may read (0600).

    Raises InputError where there is something at the path, it cannot be written, or the passphrase is too short.
    """
    content = key.pem(passphrase)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        told = _("there is a file already, and a key is never overwritten")
        raise InputError(told, place=str(path), hint=_("choose another name")) from None
    except OSError as error:
        raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(path)) from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(handle)


def read(path: Path, algorithm: Algorithm, passphrase: bytes) -> FileKey:
    """Read a key that signs with an algorithm.

    Raises InputError for a file that others may read or change, that is not encrypted or no key of the algorithm's
    kind, or whose passphrase is another; PassphraseNeeded where the passphrase is empty.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content, place = secret_of(path), str(path)
    if _ENCRYPTED not in content:
        told, hint = _("not an encrypted private key"), _("keys of authorities are PKCS #8, encrypted, in PEM")
        raise InputError(told, place=place, hint=hint)
    if not passphrase:
        raise PassphraseNeeded(_("the key is encrypted, and there is no passphrase"), place=place)
    try:
        key = load_pem_private_key(content, passphrase)
    except ValueError:
        raise InputError(_("the passphrase is wrong, or the key is damaged"), place=place) from None
    except UnsupportedAlgorithm:
        raise InputError(_("cannot be read: its kind or encryption is not known here"), place=place) from None
    return _file_key(key, algorithm, place)


def _file_key(key: Any, algorithm: Algorithm, place: str) -> FileKey:  # noqa: ANN401 - keys of every kind share no type
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    check_kind(algorithm, spki, place)
    return FileKey(algorithm, spki, key.sign, key, _how(algorithm))


def check_kind(algorithm: Algorithm, spki: bytes, place: str) -> None:
    """Check that a key is one that an authority may sign with by an algorithm. Raises InputError where it is not."""
    found = algorithms.facts(spki)
    wanted = algorithms.key_kind(algorithm)
    if found.kind is not wanted:
        told = _("a key of kind {kind} does not sign with {algorithm}")
        raise InputError(told.format(kind=found.kind, algorithm=algorithm), place=place)
    if wanted is KeyKind.RSA and found.bits not in RSA_BITS:
        raise _size(found.bits, place)
    if wanted is KeyKind.RSA and found.exponent != _EXPONENT:
        raise InputError(
            _("an RSA key of exponent {number} is not accepted").format(number=found.exponent), place=place
        )


def _how(algorithm: Algorithm) -> tuple[Any, ...]:
    """Give what `sign` of a key of `cryptography` takes beside the bytes."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    chosen, padding = algorithms.hash_of(algorithm), algorithms.padding_of(algorithm)
    if padding:
        return padding, chosen
    return (ECDSA(chosen),) if chosen else ()
