"""Keys that sign nothing, so that what is to be signed can be built, looked at and approved first.

`cryptography` gives the bytes of a certificate, list or answer only as it signs them. A null key stands for the key of
the authority: of its kind, with its public half, and with a signature that is no signature. What comes out is thrown
away but for the part that is to be signed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from sentinel.pki.certificates import algorithms
from sentinel.pki.certificates.algorithms import KeyKind

if TYPE_CHECKING:
    from sentinel.pki.model import Algorithm

NO_SIGNATURE: Final = b"\x00"


@lru_cache(maxsize=64)
def null_key(algorithm: Algorithm, spki: bytes) -> Any:  # noqa: ANN401 - a private key as the builders of its kind take it
    """Give a private key with the public half `spki`, whose every signature is `NO_SIGNATURE`.

    Raises InputError where the key is none, or the algorithm does not sign with its kind.
    """
    algorithms.check_fit(algorithm, spki)
    key = algorithms.loaded(spki)
    base = _base(algorithms.key_kind(algorithm))
    told = {
        "sign": lambda *_given, **_named: NO_SIGNATURE,
        "public_key": lambda _self: key,
        "key_size": getattr(key, "key_size", 0),
        "curve": getattr(key, "curve", None),
    }
    methods = {name: told.get(name, _nothing) for name in base.__abstractmethods__}
    return type("NullKey", (base,), methods)()


def _nothing(*_given: object, **_named: object) -> NoReturn:
    raise NotImplementedError  # what the null key would have to be a key for


def _base(kind: KeyKind) -> Any:  # noqa: ANN401 - the classes of `cryptography` share no type
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

    curve = ec.EllipticCurvePrivateKey
    return {
        KeyKind.P256: curve,
        KeyKind.P384: curve,
        KeyKind.P521: curve,
        KeyKind.RSA: rsa.RSAPrivateKey,
        KeyKind.ED25519: ed25519.Ed25519PrivateKey,
        KeyKind.ML_DSA_44: mldsa.MLDSA44PrivateKey,
        KeyKind.ML_DSA_65: mldsa.MLDSA65PrivateKey,
        KeyKind.ML_DSA_87: mldsa.MLDSA87PrivateKey,
    }[kind]
