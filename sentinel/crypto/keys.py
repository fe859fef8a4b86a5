"""Keys that sign and verify, as people hold them.

Ed25519 (RFC 8032) and ECDSA on P-256 and P-384 (FIPS 186-5, with SHA-256 and SHA-384). A key is known by its
fingerprint: `SHA256:` and the unpadded base64 of the SHA-256 of its SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    _Public = Ed25519PublicKey | EllipticCurvePublicKey
    _Private = Ed25519PrivateKey | EllipticCurvePrivateKey

ED25519: Final = "Ed25519"
# The curves, as `cryptography` calls them, and the kinds of key that they make.
_CURVES: Final = {"secp256r1": "ECDSA P-256", "secp384r1": "ECDSA P-384"}
_OPENSSH_PRIVATE: Final = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_ACCEPTED: Final = later("keys may be Ed25519, ECDSA P-256 or ECDSA P-384; `sentinel people key new` makes one")
_PUBLIC_FORMS: Final = later("a public key is PEM (BEGIN PUBLIC KEY) or a line of OpenSSH (ssh-ed25519 …)")
_PRIVATE_FORMS: Final = later(
    "a private key is PEM (PKCS#8) or OpenSSH's own form; `sentinel people key new` makes one"
)
LEAST_PASSPHRASE: Final = 12
"""Characters that the passphrase of a key has at least."""


class PassphraseNeeded(InputError):  # noqa: N818 - what is asked for, not what went wrong
    """A private key that is encrypted was to be read without its passphrase."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: `spki` is its SubjectPublicKeyInfo in DER, `kind` its name for people."""

    spki: bytes
    kind: str

    @classmethod
    def of_text(cls, text: str, place: str = "") -> PublicKey:
        """Read PEM (SubjectPublicKeyInfo) or one line of OpenSSH. Raises InputError for anything else."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization

        stripped = text.strip().encode("utf-8", "surrogatepass")
        pem = stripped.startswith(b"-----BEGIN ")
        if b"PRIVATE KEY-----" in stripped:
            raise InputError(_("this is a private key, not a public one"), place=place, hint=_(_PUBLIC_FORMS))
        load: Callable[[bytes], Any] = serialization.load_pem_public_key if pem else serialization.load_ssh_public_key
        try:
            return _public(load(stripped), place)
        except (ValueError, UnsupportedAlgorithm):
            raise InputError(_("not a public key"), place=place, hint=_(_PUBLIC_FORMS)) from None

    @property
    def fingerprint(self) -> str:
        """Give `SHA256:` and 43 characters of base64, which no other key has."""
        return _fingerprint(self.spki)

    def pem(self) -> str:
        """Give it as PEM (RFC 7468), with a line end at the end."""
        from cryptography.hazmat.primitives import serialization

        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return _loaded(self.spki).public_bytes(serialization.Encoding.PEM, form).decode()

    def raw(self) -> bytes:
        """Give an Ed25519 key as the 32 bytes of RFC 8032; b"" of another kind."""
        return self.spki[-32:] if self.kind == ED25519 else b""

    def verify(self, signature: bytes, signed: bytes) -> None:
        """Check a signature over `signed`; raise InputError where it is not one of this key."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        key = _loaded(self.spki)
        try:
            if isinstance(key, Ed25519PublicKey):
                key.verify(signature, signed)
            else:
                key.verify(signature, signed, _ecdsa(self.kind))
        except InvalidSignature:
            told = _("the signature is not one of the key {fingerprint} over this").format(fingerprint=self.fingerprint)
            raise InputError(told) from None


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key, which shows itself nowhere; `public` is its other half."""

    _key: _Private = field(repr=False, compare=False)
    public: PublicKey

    @classmethod
    def new(cls) -> PrivateKey:
        """Make an Ed25519 key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return _private(Ed25519PrivateKey.generate(), "")

    @classmethod
    def of_bytes(cls, content: bytes, passphrase: bytes | None = None, place: str = "") -> PrivateKey:
        """Read PEM (PKCS#8) or OpenSSH's form.

        Raises PassphraseNeeded where it is encrypted and there is no passphrase, InputError where the passphrase is
        wrong, or this is no private key of an accepted kind.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization

        content = content.lstrip()
        openssh = content.startswith(_OPENSSH_PRIVATE)
        load: Callable[..., Any] = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
        try:
            return _private(_unlocked(load, content, passphrase, place), place)
        except ValueError:
            if passphrase and (openssh or b"ENCRYPTED" in content):
                raise InputError(_("the passphrase is wrong, or the key is damaged"), place=place) from None
            raise InputError(_("not a private key"), place=place, hint=_(_PRIVATE_FORMS)) from None
        except UnsupportedAlgorithm:
            raise InputError(
                _("cannot be read: its kind or encryption is not known here"), place=place, hint=_(_PRIVATE_FORMS)
            ) from None

    def sign(self, content: bytes) -> bytes:
        """Give the signature over bytes: 64 bytes of Ed25519, or ECDSA's as DER."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(content)
        return self._key.sign(content, _ecdsa(self.public.kind))

    def pem(self, passphrase: bytes) -> bytes:
        """Give it as PKCS#8 in PEM, encrypted. Raises InputError for a passphrase that is too short."""
        from cryptography.hazmat.primitives import serialization

        if len(passphrase.decode("utf-8", "replace")) < LEAST_PASSPHRASE:
            told = _("the passphrase is too short: a key needs {count} characters or more")
            raise InputError(told.format(count=LEAST_PASSPHRASE), hint=_("several words are easy to keep in mind"))
        encryption = serialization.BestAvailableEncryption(passphrase)
        return self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def _unlocked(load: Callable[..., Any], content: bytes, passphrase: bytes | None, place: str) -> object:
    try:
        return load(content, passphrase or None)
    except TypeError:  # a passphrase without an encrypted key, or the other way round
        if passphrase:
            return load(content, None)
        raise PassphraseNeeded(
            _("the key is encrypted, and there is no passphrase"),
            place=place,
            hint=_("give --passphrase-file FILE, or call from a terminal, which asks for it"),
        ) from None


def _private(key: object, place: str) -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if isinstance(key, (Ed25519PrivateKey, EllipticCurvePrivateKey)):
        return PrivateKey(key, _public(key.public_key(), place))
    raise _not_accepted(key, place)


def _public(key: object, place: str) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if isinstance(key, Ed25519PublicKey):
        kind = ED25519
    elif isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVES:
        kind = _CURVES[key.curve.name]
    else:
        raise _not_accepted(key, place)
    return PublicKey(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), kind)


def _not_accepted(key: object, place: str) -> InputError:
    name = type(key).__name__.removesuffix("PublicKey").removesuffix("PrivateKey").lstrip("_").upper()
    curve = getattr(getattr(key, "curve", None), "name", "")
    return InputError(
        _("a key of this kind is not accepted: {kind}").format(kind=curve or name), place=place, hint=_(_ACCEPTED)
    )


@lru_cache(maxsize=256)
def _loaded(spki: bytes) -> _Public:
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(spki)  # type: ignore[return-value]  # `PublicKey` holds no other kinds


@lru_cache(maxsize=256)
def _fingerprint(spki: bytes) -> str:
    return "SHA256:" + b64encode(sha256(spki).digest()).decode().rstrip("=")


def _ecdsa(kind: str) -> ECDSA:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    return ECDSA(hashes.SHA384() if kind == _CURVES["secp384r1"] else hashes.SHA256())
