"""Questions and answers of OCSP: what is asked, and what can be said.

A client asks about certificates by the hashes of their issuer's name and key, and their serial number (RFC 6960,
4.1.1). It may give a nonce, which the answer then repeats (RFC 9654, which took the place of RFC 8954: 1 to 128
octets). Anybody may send anything: a question is read by hand, octet by octet, and what is not one is refused with
InputError and nothing else. `cryptography` reads questions about one certificate only; tests hold this reader
against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import der
from sentinel.pki.model import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST: Final = 16 << 10
"""Octets of a question at most."""
MOST: Final = 32
"""Certificates that one question may be about."""
LONGEST_NONCE: Final = 128
NONCE: Final = der.oid("1.3.6.1.5.5.7.48.1.2")
_LONGEST_SERIAL: Final = 20
_VERSION, _REQUESTOR, _EXTENSIONS, _SIGNATURE, _SINGLE = 0xA0, 0xA1, 0xA2, 0xA0, 0xA0
_VERSION_1: Final = der.integer(0)
_PLACES: Final = (_VERSION, _REQUESTOR, der.SEQUENCE, _EXTENSIONS)
"""The fields of TBSRequest in their order."""
_CERT_ID: Final = (der.SEQUENCE, der.OCTET_STRING, der.OCTET_STRING, der.INTEGER)
_BOOLEAN: Final = 0x01
_EXTENSION: Final = ((der.OID, der.OCTET_STRING), (der.OID, _BOOLEAN, der.OCTET_STRING))
_FALSE: Final = b"\x00"


class Hash(IntEnum):
    """The hashes that a certificate may be named with, as the file of answers numbers them."""

    SHA1 = 1
    SHA256 = 2


OIDS: Final[Mapping[Hash, bytes]] = {
    Hash.SHA1: der.oid("1.3.14.3.2.26"),
    Hash.SHA256: der.oid("2.16.840.1.101.3.4.2.1"),
}
_HASHES: Final = {oid: each for each, oid in OIDS.items()}


class State(IntEnum):
    """What is said of a certificate (RFC 6960, 2.2)."""

    GOOD = 0
    REVOKED = 1
    UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a certificate; where it is revoked, `at` (seconds since 1970) and why."""

    state: State
    at: int = 0
    reason: Reason = Reason.UNSPECIFIED


GOOD: Final = Status(State.GOOD)
UNKNOWN: Final = Status(State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when an answer is to be relied on: thisUpdate and nextUpdate, seconds since 1970."""

    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class CertId:
    """How a question names a certificate. `hash` is None for one that nothing here is named with."""

    hash: Hash | None
    name_hash: bytes
    key_hash: bytes
    serial: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: which certificates it is about, one at least, and its nonce, b"" where it has none."""

    ids: tuple[CertId, ...]
    nonce: bytes = b""


def asked(content: bytes) -> Asked:
    """Read an OCSPRequest, DER. A signature is passed over, as is who asks: answers here are for everyone.

    Raises InputError where it is none, asks about more than `MOST` certificates, has a nonce that is too short or too
    long, or an extension that is critical and unknown (RFC 6960, 4.4).
    """
    if len(content) > LARGEST:
        raise InputError(_("a question of OCSP is shorter than {size} octets").format(size=LARGEST))
    whole = _one(content, 0, len(content), der.SEQUENCE)
    tbs, *_rest = _parts(content, whole, (der.SEQUENCE,), (der.SEQUENCE, _SIGNATURE))
    fields = _parts(content, tbs)
    parts = {field.tag: field for field in fields}
    if [field.tag for field in fields] != [tag for tag in _PLACES if tag in parts]:
        raise _no_question()
    version, extensions = parts.get(_VERSION), parts.get(_EXTENSIONS)
    if version and content[version.content : version.end] != _VERSION_1:
        raise _no_question()
    ids = _ids(content, parts.get(der.SEQUENCE))
    return Asked(ids, _nonce(content, extensions) if extensions else b"")


def _ids(content: bytes, requests: der.Value | None) -> tuple[CertId, ...]:
    found = der.within(content, requests) if requests else []
    if not 0 < len(found) <= MOST:
        raise _no_question()
    return tuple(_id(content, each) for each in found)


def _id(content: bytes, request: der.Value) -> CertId:
    named, *extensions = _parts(content, request, (der.SEQUENCE,), (der.SEQUENCE, _SINGLE))
    if extensions:
        _nonce(content, extensions[0])  # nothing is done with these, but one that is critical must be known
    algorithm, name, key, serial = _parts(content, named, _CERT_ID)
    return CertId(
        _hash(content, algorithm),
        content[name.content : name.end],
        content[key.content : key.end],
        _serial(content[serial.content : serial.end]),
    )


def _hash(content: bytes, algorithm: der.Value) -> Hash | None:
    """Give the hash of an AlgorithmIdentifier; its parameters are NULL or left out (RFC 5754, 2)."""
    oid, *parameters = (content[part.start : part.end] for part in _parts(content, algorithm))
    return _HASHES.get(oid) if parameters in ([], [der.NULL]) else None


def _serial(octets: bytes) -> int:
    number = int.from_bytes(octets, "big")
    # Positive, in its shortest form: the top bit is the sign (RFC 5280, 4.1.2.2; X.690, 8.3.2).
    if not number or len(octets) > _LONGEST_SERIAL or der.integer(number)[2:] != octets:
        raise _no_question()
    return number


def _nonce(content: bytes, tagged: der.Value) -> bytes:
    """Give the nonce among extensions, b"" where there is none."""
    found: dict[bytes, bytes] = {}
    for extension in _parts(content, _one(content, tagged.content, tagged.end, der.SEQUENCE)):
        oid, *critical, value = _parts(content, extension, *_EXTENSION)
        name = content[oid.start : oid.end]
        if name in found or (name != NONCE and any(content[each.content : each.end] != _FALSE for each in critical)):
            raise _no_question()
        found[name] = content[value.content : value.end]
    if NONCE not in found:
        return b""
    held = found[NONCE]
    inner = _one(held, 0, len(held), der.OCTET_STRING)
    if not 0 < inner.end - inner.content <= LONGEST_NONCE:
        raise InputError(_("a nonce has 1 to {most} octets").format(most=LONGEST_NONCE))
    return held[inner.content : inner.end]


def _parts(content: bytes, outer: der.Value, *shapes: tuple[int, ...]) -> list[der.Value]:
    """Give what a SEQUENCE holds, one value at least; where there are `shapes`, their tags are one of these."""
    parts = der.within(content, outer) if outer.tag == der.SEQUENCE else []
    if not parts or (shapes and tuple(part.tag for part in parts) not in shapes):
        raise _no_question()
    return parts


def _one(content: bytes, start: int, end: int, tag: int) -> der.Value:
    """Give the one value that stands between two places, of a tag."""
    value = der.at(content, start, end)
    if value.tag != tag or value.end != end:
        raise _no_question()
    return value


def _no_question() -> InputError:
    return InputError(_("not a question of OCSP"))
