"""Key pairs that an officer makes for a subject, kept in one file of PKCS#12 (RFC 7292) and nowhere else.

A subject that can make its own key sends a request; this is for those that cannot. The file is there, encrypted, before
anybody is asked for a certificate; the certificate is put into it later. All of it is encrypted: AES-256 in CBC with
keys by PBKDF2 and HMAC-SHA256 (PBES2, RFC 8018), and a MAC of as many rounds. ML-DSA has no place in such files yet.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sentinel.crypto.key_files import secret_of
from sentinel.crypto.keys import LEAST_PASSPHRASE
from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.requests import pfx

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SUFFIX: Final = ".p12"
ROUNDS: Final = 200_000
"""Rounds of PBKDF2 for each part of a file: whoever guesses passphrases pays them for every one."""
RSA_BITS: Final = 3072
_PUBLIC_EXPONENT: Final = 65537
_PRIVATE: Final = b"PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The key pair of a subject, which shows itself nowhere; `public_key` is its SubjectPublicKeyInfo, DER."""

    _key: Any = field(repr=False, compare=False)
    public_key: bytes = field(repr=False)

    @classmethod
    def new(cls, kind: KeyKind = KeyKind.P256) -> KeyPair:
        """Make a key pair of a kind; RSA has 3072 bits. Raises Refused for a kind that PKCS#12 has no place for."""
        if kind not in _MAKERS:
            told = _("a key of kind {kind} is made by its own subject").format(kind=kind)
            raise Refused(told, hint=_("have it send a request (CSR)"))
        return _pair(_MAKERS[kind]())

    def pkcs12(self, name: str, passphrase: bytes, chain: Sequence[bytes] = (), rounds: int = ROUNDS) -> bytes:
        """Give a file of PKCS#12 with the key and a chain of certificates (DER, the key's own first), or the key alone.

        Raises InputError where the passphrase is too short.
        """
        from cryptography import x509
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

        check_passphrase(passphrase)
        certificates = [x509.load_der_x509_certificate(each) for each in chain]
        own = certificates[0] if certificates else None
        form = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(rounds)
        form = form.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC).hmac_hash(SHA256())
        encryption = form.build(passphrase)
        content = pkcs12.serialize_key_and_certificates(name.encode(), self._key, own, certificates[1:], encryption)
        return pfx.sealed(content, passphrase, rounds)


def _pair(key: Any) -> KeyPair:  # noqa: ANN401 - keys of every kind, which share no type
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return KeyPair(key, key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _curve(name: str) -> Any:  # noqa: ANN401 - as `_pair`
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(getattr(ec, name)())


def _rsa() -> Any:  # noqa: ANN401 - as `_pair`
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(_PUBLIC_EXPONENT, RSA_BITS)


def _ed25519() -> Any:  # noqa: ANN401 - as `_pair`
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


_MAKERS: Final[dict[KeyKind, Callable[[], Any]]] = {
    KeyKind.P256: lambda: _curve("SECP256R1"),
    KeyKind.P384: lambda: _curve("SECP384R1"),
    KeyKind.P521: lambda: _curve("SECP521R1"),
    KeyKind.RSA: _rsa,
    KeyKind.ED25519: _ed25519,
}


def kind_for(accepted: Sequence[KeyKind]) -> KeyKind:
    """Give the first kind of key that is accepted and can be made here. Raises Refused where there is none."""
    found = next((kind for kind in accepted if kind in _MAKERS), None)
    if found is None:
        told = _("none of the kinds of keys can be made here: {kinds}").format(kinds=", ".join(accepted))
        raise Refused(told, hint=_("have the subject send a request (CSR)"))
    return found


def check_passphrase(passphrase: bytes) -> None:
    """Check a passphrase for a file of PKCS#12. Raises InputError where it is too short, or not UTF-8."""
    try:
        text = passphrase.decode()
    except UnicodeDecodeError:
        raise InputError(_("the passphrase is not UTF-8")) from None
    if len(text) < LEAST_PASSPHRASE:
        told = _("a passphrase has {least} characters at least").format(least=LEAST_PASSPHRASE)
        raise InputError(told, hint=_("a sentence of your own is easy to remember"))


def create(path: Path, kind: KeyKind, name: str, passphrase: bytes, rounds: int = ROUNDS) -> bytes:
    """Make a key pair in a new file that only its owner may read (0600), and give its public half.

    Raises InputError where there is something at the path, or it cannot be written, or the passphrase is too short.
    """
    pair = KeyPair.new(kind)
    _write_new(path, pair.pkcs12(name, passphrase, rounds=rounds))
    return pair.public_key


def public_of(path: Path, ask: Callable[[], bytes], *, is_free: bool = False) -> bytes:
    """Give the public half of a key in a file, PKCS#12 or PEM; `ask` gives the passphrase where one is needed.

    Raises InputError where others may read the file, there is no key in it, or the passphrase is another; where it
    must be free for a certificate, Refused where one is in it.
    """
    pair, inside = _read(path, ask)
    if is_free and inside:
        raise _taken(path)
    return pair.public_key


def _taken(path: Path) -> Refused:
    told = _("another certificate is in it already, and nothing is overwritten")
    return Refused(told, place=str(path), hint=_("make a new key for a new certificate"))


def complete(  # noqa: PLR0913, PLR0917 - what goes in, how it is locked and what it is called
    path: Path, passphrase: bytes, certificate: bytes, chain: Sequence[bytes], name: str, rounds: int = ROUNDS
) -> None:
    """Put a certificate (DER) and those above it into the file of its key.

    The same again changes nothing. Raises Refused where another certificate is in it, or this is not of its key, and
    InputError as `public_of`.
    """
    pair, inside = _read(path, lambda: passphrase)
    if inside == certificate:
        return
    if inside:
        raise _taken(path)
    if _key_of(certificate) != pair.public_key:
        raise Refused(_("the certificate is not of the key in it"), place=str(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    _write_new(beside, pair.pkcs12(name, passphrase, [certificate, *chain], rounds))
    beside.replace(path)
    _sync_folder(path)


def _key_of(certificate: bytes) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_der_x509_certificate(certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _read(path: Path, ask: Callable[[], bytes]) -> tuple[KeyPair, bytes]:
    """Give the key of a file, and its certificate (DER), b"" where there is none."""
    content = secret_of(path)
    try:
        found, own = _pem(content, ask) if _PRIVATE in content else _pkcs12(content, ask)
    except (ValueError, TypeError):
        told = _("no private key can be read here: not PKCS#12 or PEM, or the passphrase is another")
        raise InputError(told, place=str(path)) from None
    if found is None:
        raise InputError(_("there is no private key in it"), place=str(path))
    return _pair(found), own


def _pem(content: bytes, ask: Callable[[], bytes]) -> tuple[Any, bytes]:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(content, None), b""
    except TypeError:  # it is encrypted
        return load_pem_private_key(content, ask()), b""


def _pkcs12(content: bytes, ask: Callable[[], bytes]) -> tuple[Any, bytes]:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    key, own, _others = pkcs12.load_key_and_certificates(content, ask())
    return key, own.public_bytes(Encoding.DER) if own else b""


def _write_new(path: Path, content: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, stat.S_IRUSR | stat.S_IWUSR)
    except FileExistsError:
        told = _("there is a file already, and a key is never overwritten")
        raise InputError(told, place=str(path), hint=_("choose another name")) from None
    except OSError as error:
        raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(path)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(handle)
    except OSError as error:  # a full disk, say: half a key is none
        path.unlink(missing_ok=True)
        raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(path)) from None
    _sync_folder(path)


def _sync_folder(path: Path) -> None:
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
