"""How authorities sign: what each algorithm is called in DER, and the keys it takes.

An algorithm stands in a certificate twice, within what is signed and beside the signature, in the same bytes (RFC 5280,
4.1.1.2). Parameters: none for ECDSA (RFC 5758, 3.2), Ed25519 (RFC 8410, 3) and ML-DSA (RFC 9881, 2), NULL for RSA with
PKCS #1 v1.5 (RFC 4055, 5), and for RSASSA-PSS the hash, MGF1 with it, and a salt as long as it (RFC 4055, 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import der
from sentinel.pki.model import Algorithm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.padding import PSS, PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512


class KeyKind(StrEnum):
    """The kinds of public keys that certificates may have, as profiles name them."""

    P256 = "p-256"
    P384 = "p-384"
    P521 = "p-521"
    RSA = "rsa"
    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"
    ML_DSA_65 = "ml-dsa-65"
    ML_DSA_87 = "ml-dsa-87"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a public key is: its kind, its size in bits, and the public exponent of RSA (0 of others)."""

    kind: KeyKind
    bits: int
    exponent: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    identifier: bytes
    key: KeyKind
    hash: str = ""
    pss: bool = False


_SHA256: Final = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.NULL)
_PSS_SHA256: Final = der.sequence(
    der.tlv(0xA0, _SHA256),
    der.tlv(0xA1, der.sequence(der.oid("1.2.840.113549.1.1.8"), _SHA256)),
    der.tlv(0xA2, der.integer(32)),
)


def _named(dotted: str, *parameters: bytes) -> bytes:
    return der.sequence(der.oid(dotted), *parameters)


_ROWS: Final[Mapping[Algorithm, _Row]] = {
    Algorithm.ECDSA_P256: _Row(_named("1.2.840.10045.4.3.2"), KeyKind.P256, "SHA256"),
    Algorithm.ECDSA_P384: _Row(_named("1.2.840.10045.4.3.3"), KeyKind.P384, "SHA384"),
    Algorithm.ECDSA_P521: _Row(_named("1.2.840.10045.4.3.4"), KeyKind.P521, "SHA512"),
    Algorithm.RSA_SHA256: _Row(_named("1.2.840.113549.1.1.11", der.NULL), KeyKind.RSA, "SHA256"),
    Algorithm.RSA_PSS_SHA256: _Row(_named("1.2.840.113549.1.1.10", _PSS_SHA256), KeyKind.RSA, "SHA256", pss=True),
    Algorithm.ED25519: _Row(_named("1.3.101.112"), KeyKind.ED25519),
    Algorithm.ML_DSA_44: _Row(_named("2.16.840.1.101.3.4.3.17"), KeyKind.ML_DSA_44),
    Algorithm.ML_DSA_65: _Row(_named("2.16.840.1.101.3.4.3.18"), KeyKind.ML_DSA_65),
    Algorithm.ML_DSA_87: _Row(_named("2.16.840.1.101.3.4.3.19"), KeyKind.ML_DSA_87),
}
_BY_IDENTIFIER: Final = {row.identifier: algorithm for algorithm, row in _ROWS.items()}
_CURVES: Final = {"secp256r1": KeyKind.P256, "secp384r1": KeyKind.P384, "secp521r1": KeyKind.P521}


def identifier(algorithm: Algorithm) -> bytes:
    """Give the AlgorithmIdentifier of an algorithm, DER, as it stands in both places of a certificate."""
    return _ROWS[algorithm].identifier


def of_identifier(content: bytes) -> Algorithm | None:
    """Give the algorithm that an AlgorithmIdentifier (DER) names; None for those that nothing of ours signs with."""
    return _BY_IDENTIFIER.get(content)


def assemble(tbs: bytes, algorithm: Algorithm, signature: bytes) -> bytes:
    """Give what was signed with its signature: a certificate or a list (RFC 5280, 4.1 and 5.1), DER."""
    return der.sequence(tbs, identifier(algorithm), der.bits(signature))


def key_kind(algorithm: Algorithm) -> KeyKind:
    """Give the kind of key that an algorithm signs with."""
    return _ROWS[algorithm].key


def of_key(kind: KeyKind, *, pss: bool = False) -> Algorithm:
    """Give the algorithm that a key of a kind signs with; RSA with PKCS #1 v1.5 unless `pss` is asked for."""
    wanted = pss and kind is KeyKind.RSA
    return next(algorithm for algorithm, row in _ROWS.items() if row.key is kind and row.pss == wanted)


def hash_of(algorithm: Algorithm) -> SHA256 | SHA384 | SHA512 | None:
    """Give the hash that signing takes; None where the algorithm has its own (Ed25519, ML-DSA)."""
    from cryptography.hazmat.primitives import hashes

    name = _ROWS[algorithm].hash
    chosen: SHA256 | SHA384 | SHA512 | None = getattr(hashes, name)() if name else None
    return chosen


def padding_of(algorithm: Algorithm) -> PSS | PKCS1v15 | None:
    """Give the padding that signing with RSA takes; None for other keys."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    row = _ROWS[algorithm]
    if row.key is not KeyKind.RSA:
        return None
    return padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size) if row.pss else padding.PKCS1v15()


def check_fit(algorithm: Algorithm, spki: bytes) -> None:
    """Check that an algorithm signs with keys such as `spki`. Raises InputError where it does not."""
    kind = facts(spki).kind
    if kind is not _ROWS[algorithm].key:
        told = _("a key of kind {kind} does not sign with {algorithm}")
        raise InputError(told.format(kind=kind, algorithm=algorithm))


def verify(algorithm: Algorithm, spki: bytes, signature: bytes, signed: bytes) -> None:
    """Check a signature by the key `spki`. Raises InputError where it is none of it over `signed`."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    check_fit(algorithm, spki)
    key, row = loaded(spki), _ROWS[algorithm]
    chosen = hash_of(algorithm)
    try:
        if row.key is KeyKind.RSA:
            key.verify(signature, signed, padding_of(algorithm), chosen)
        elif chosen:
            key.verify(signature, signed, ECDSA(chosen))
        else:
            key.verify(signature, signed)
    except InvalidSignature:
        raise InputError(_("the signature is not one of this key over these bytes")) from None


@lru_cache(maxsize=1024)
def loaded(spki: bytes) -> Any:  # noqa: ANN401 - keys of every kind, which share no type
    """Give the public key of a SubjectPublicKeyInfo as `cryptography` knows it, kept for the next time."""
    return read_key(spki)


def read_key(spki: bytes) -> Any:  # noqa: ANN401 - as `loaded`
    """Give the public key of a SubjectPublicKeyInfo, DER. Raises InputError where it is none that is known here."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        return load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(_("not a public key of a kind that is known here")) from None


def facts(spki: bytes) -> KeyFacts:
    """Give what a public key is (DER). Raises InputError where it is of no kind that certificates of ours have."""
    return _FACTS.get(spki) or note(spki, read_key(spki))


def note(spki: bytes, key: object) -> KeyFacts:
    """Give what a public key of `cryptography` is, and keep it for whoever asks by its DER. Raises as `facts`."""
    found = facts_of(key)
    if len(_FACTS) >= _KEPT:
        _FACTS.clear()
    _FACTS[spki] = found
    return found


_KEPT: Final = 1 << 15
_FACTS: Final[dict[bytes, KeyFacts]] = {}
"""What was found of keys: to read one, and see that its point is on its curve, costs more than to lint all else."""


def facts_of(key: object) -> KeyFacts:
    """Give what a public key of `cryptography` is. Raises InputError as `facts`."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return KeyFacts(_CURVES[key.curve.name], key.curve.key_size)
    if isinstance(key, rsa.RSAPublicKey):
        return KeyFacts(KeyKind.RSA, key.key_size, key.public_numbers().e)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return KeyFacts(KeyKind.ED25519, 256)
    for kind, known in (
        (KeyKind.ML_DSA_44, mldsa.MLDSA44PublicKey),
        (KeyKind.ML_DSA_65, mldsa.MLDSA65PublicKey),
        (KeyKind.ML_DSA_87, mldsa.MLDSA87PublicKey),
    ):
        if isinstance(key, known):
            return KeyFacts(kind, 8 * len(key.public_bytes_raw()))
    raise InputError(_("a key of this kind is not accepted: {kind}").format(kind=type(key).__name__))
