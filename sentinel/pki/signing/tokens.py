"""Keys of authorities in tokens: PKCS #11 (OASIS, 3.1), the module by its path, token and key by their labels.

The private half never leaves the token. What is signed with ECDSA is hashed here, and its hash signed there; the other
mechanisms take all of it, and hash it themselves. ML-DSA is in no module that we know.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import algorithms, der
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.signing.keys import USUAL_RSA_BITS, check_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pkcs11 import PrivateKey, PublicKey, Session

    from sentinel.pki.model import Algorithm

_CURVES: Final = {
    KeyKind.P256: ("SECP256R1", der.oid("1.2.840.10045.3.1.7")),
    KeyKind.P384: ("SECP384R1", der.oid("1.3.132.0.34")),
    KeyKind.P521: ("SECP521R1", der.oid("1.3.132.0.35")),
}
"""Kind of key → its curve as `cryptography` calls it, and as tokens do (RFC 5480, 2.1.1.1)."""
# PKCS #11 before 3.0 knows no OID for this curve, and modules of today still take the name.
_EDWARDS: Final = der.tlv(der.PRINTABLE_STRING, b"edwards25519")


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where a key is: the module's library, the label of the token, the label of the key."""

    module: str
    token: str
    label: str

    def __str__(self) -> str:
        """Give it as people are told of it."""
        return f"{self.token}/{self.label}"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key that a token holds; it signs as long as the token is logged in to."""

    algorithm: Algorithm
    spki: bytes = field(repr=False)
    place: TokenPlace
    _sign: Callable[[bytes], bytes] = field(repr=False, compare=False)

    def sign(self, tbs: bytes) -> bytes:
        """Give the signature, see `SigningKey.sign`. Raises InputError where the token does not give one."""
        with _told(self.place):
            return self._sign(tbs)


@dataclass(slots=True)
class Tokens:
    """The tokens that this process is logged in to, each once, however many keys of it are used."""

    _sessions: dict[tuple[str, str], Session] = field(default_factory=dict)

    def open(self, place: TokenPlace, algorithm: Algorithm, pin: bytes) -> TokenKey:
        """Give a key of a token. Raises InputError where module, token or key are not there, or the PIN is wrong."""
        with _told(place):
            session = self._session(place, pin)
            private, public = _halves(session, place.label)
            return _token_key(private, public, algorithm, place)

    def new(self, place: TokenPlace, algorithm: Algorithm, pin: bytes, bits: int = USUAL_RSA_BITS) -> TokenKey:
        """Make a key that cannot leave its token. Raises InputError as `open`, or where the label is taken."""
        from pkcs11 import Attribute, ObjectClass

        with _told(place):
            session = self._session(place, pin)
            if list(session.get_objects({Attribute.LABEL: place.label, Attribute.CLASS: ObjectClass.PRIVATE_KEY})):
                told = _("there is a key of this label already, and a key is never overwritten")
                raise InputError(told, place=str(place), hint=_("choose another name"))
            public, private = _made(session, place.label, algorithm, bits)
            return _token_key(private, public, algorithm, place)

    def close(self) -> None:
        """Log out of every token."""
        while self._sessions:
            self._sessions.popitem()[1].close()

    def _session(self, place: TokenPlace, pin: bytes) -> Session:
        import pkcs11

        named = place.module, place.token
        if named not in self._sessions:
            token = pkcs11.lib(place.module).get_token(token_label=place.token)
            self._sessions[named] = token.open(rw=True, user_pin=pin.decode("utf-8", "surrogateescape"))
        return self._sessions[named]


def _halves(session: Session, label: str) -> tuple[PrivateKey, PublicKey]:
    from pkcs11 import ObjectClass

    private = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)
    public = session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)
    return private, public  # type: ignore[return-value]  # the class that was asked for says which they are


def _made(session: Session, label: str, algorithm: Algorithm, bits: int) -> tuple[PublicKey, PrivateKey]:
    from pkcs11 import Attribute, KeyType

    kind = algorithms.key_kind(algorithm)
    if kind is KeyKind.RSA:
        return session.generate_keypair(KeyType.RSA, bits, store=True, label=label)
    if kind is KeyKind.ED25519:
        held, parameters = KeyType.EC_EDWARDS, _EDWARDS
    elif kind in _CURVES:
        held, parameters = KeyType.EC, _CURVES[kind][1]
    else:
        raise InputError(_("tokens hold no key that signs with {algorithm}").format(algorithm=algorithm), place=label)
    domain = session.create_domain_parameters(held, {Attribute.EC_PARAMS: parameters}, local=True)
    return domain.generate_keypair(store=True, label=label)


def _token_key(private: PrivateKey, public: PublicKey, algorithm: Algorithm, place: TokenPlace) -> TokenKey:
    kind = algorithms.key_kind(algorithm)
    spki = _spki(public, kind, place)
    check_kind(algorithm, spki, str(place))
    return TokenKey(algorithm, spki, place, _signer(private, algorithm, kind))


def _spki(public: PublicKey, kind: KeyKind, place: TokenPlace) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = _public(public, kind)
    except ValueError as error:
        raise InputError(_("the token's key cannot be read: {reason}").format(reason=error), place=str(place)) from None
    content: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return content


def _public(public: PublicKey, kind: KeyKind) -> Any:  # noqa: ANN401 - keys of every kind, which share no type
    """Give a token's public key as `cryptography` knows it; raise ValueError where it is of another kind."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from pkcs11 import Attribute, KeyType

    if public.key_type is KeyType.RSA:
        modulus, exponent = (int.from_bytes(public[each]) for each in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT))
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    point = der.at(public[Attribute.EC_POINT])
    raw = public[Attribute.EC_POINT][point.content : point.end]
    if public.key_type is KeyType.EC_EDWARDS:
        return ed25519.Ed25519PublicKey.from_public_bytes(raw)
    if public.key_type is not KeyType.EC or kind not in _CURVES:
        raise ValueError(public.key_type)
    return ec.EllipticCurvePublicKey.from_encoded_point(getattr(ec, _CURVES[kind][0])(), raw)


def _signer(private: Any, algorithm: Algorithm, kind: KeyKind) -> Callable[[bytes], bytes]:  # noqa: ANN401 - as `_public`
    from pkcs11 import MGF, Mechanism

    if kind in _CURVES:
        return _ecdsa(private, algorithm)
    if kind is KeyKind.ED25519:
        return lambda tbs: private.sign(tbs, mechanism=Mechanism.EDDSA)
    if _is_pss(algorithm):
        salted = (Mechanism.SHA256, MGF.SHA256, 32)
        return lambda tbs: private.sign(tbs, mechanism=Mechanism.SHA256_RSA_PKCS_PSS, mechanism_param=salted)
    return lambda tbs: private.sign(tbs, mechanism=Mechanism.SHA256_RSA_PKCS)


def _is_pss(algorithm: Algorithm) -> bool:
    return algorithm is algorithms.of_key(KeyKind.RSA, pss=True)


def _ecdsa(private: Any, algorithm: Algorithm) -> Callable[[bytes], bytes]:  # noqa: ANN401 - as `_public`
    """Give what signs a hash and gives the two numbers as DER: tokens give them one behind the other."""
    from hashlib import new as hashing

    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from pkcs11 import Mechanism

    chosen = algorithms.hash_of(algorithm)
    name = chosen.name if chosen else ""

    def sign(tbs: bytes) -> bytes:
        raw: bytes = private.sign(hashing(name, tbs).digest(), mechanism=Mechanism.ECDSA)
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))

    return sign


@contextmanager
def _told(place: TokenPlace) -> Iterator[None]:
    """Turn what the module refuses into InputError with the place of the key."""
    import pkcs11

    try:
        yield
    except pkcs11.exceptions.PinIncorrect:
        hint = _("a token locks itself after a few wrong ones: look before you try again")
        raise InputError(_("the PIN is wrong"), place=str(place), hint=hint) from None
    except pkcs11.exceptions.NoSuchToken:
        told = _("there is no token '{label}' in {module}").format(label=place.token, module=place.module)
        raise InputError(told, place=str(place)) from None
    except pkcs11.exceptions.NoSuchKey:
        raise InputError(_("the token has no key '{label}'").format(label=place.label), place=str(place)) from None
    except pkcs11.PKCS11Error as error:
        reason = str(error) or type(error).__name__
        raise InputError(_("the token refuses: {reason}").format(reason=reason), place=str(place)) from None
