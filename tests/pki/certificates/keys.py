"""Keys of every kind, made once: those of authorities and subjects in tests of certificates."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sentinel.pki.certificates.algorithms import KeyKind

_MAKERS = {
    KeyKind.P256: lambda: ec.generate_private_key(ec.SECP256R1()),
    KeyKind.P384: lambda: ec.generate_private_key(ec.SECP384R1()),
    KeyKind.P521: lambda: ec.generate_private_key(ec.SECP521R1()),
    KeyKind.RSA: lambda: rsa.generate_private_key(65537, 2048),
    KeyKind.ED25519: ed25519.Ed25519PrivateKey.generate,
    KeyKind.ML_DSA_44: mldsa.MLDSA44PrivateKey.generate,
    KeyKind.ML_DSA_65: mldsa.MLDSA65PrivateKey.generate,
    KeyKind.ML_DSA_87: mldsa.MLDSA87PrivateKey.generate,
}


@lru_cache(maxsize=32)
def a_key(kind: KeyKind, which: str = "subject") -> Any:  # noqa: ANN401, ARG001 - `which` makes it another key
    return _MAKERS[kind]()


def spki_of(key: Any) -> bytes:  # noqa: ANN401
    public: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public
