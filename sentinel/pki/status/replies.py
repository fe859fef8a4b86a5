"""Answers of OCSP as bytes: signed beforehand by the thousand, or while somebody waits.

Nearly all of an answer is the same for every certificate of an authority, so it is put together from pieces that are
made once (RFC 6960, 4.2.1); what is left is the serial number, the status and the signature, which takes most of the
time. Answers kept for later are kept without the responder's certificate: `whole` adds it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, Final, Protocol

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import algorithms, der
from sentinel.pki.certificates.parse import authority
from sentinel.pki.model import Reason
from sentinel.pki.status.ocsp import NONCE, OIDS, Hash, State, Status, Window
from sentinel.pki.status.values import enumerated, generalized, speaker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sentinel.pki.model import Algorithm, Issuer

OCSP_SIGNING: Final = "1.3.6.1.5.5.7.3.9"
NOT_ISSUED: Final = Status(State.REVOKED, 0, Reason.HOLD)
"""What `revoked` says of a certificate that was never issued: on hold since 1970 (RFC 6960, 2.2)."""
_BASIC: Final = der.oid("1.3.6.1.5.5.7.48.1.1")
_EXTENDED_REVOKE: Final = der.sequence(der.oid("1.3.6.1.5.5.7.48.1.9"), der.tlv(der.OCTET_STRING, der.NULL))
_GOOD: Final = b"\x80\x00"
_UNKNOWN: Final = b"\x82\x00"
_SUCCESSFUL: Final = b"\x0a\x01\x00"


class Failure(IntEnum):
    """Why there is no answer (RFC 6960, 4.2.1, OCSPResponseStatus)."""

    MALFORMED = 1
    INTERNAL = 2
    TRY_LATER = 3
    UNAUTHORIZED = 6


class Signs(Protocol):
    """A key that signs: of a file, a token, or of another process."""

    @property
    def algorithm(self) -> Algorithm:
        """Give how it signs."""
        ...

    @property
    def spki(self) -> bytes:
        """Give its public half, SubjectPublicKeyInfo in DER."""
        ...

    def sign(self, tbs: bytes, /) -> bytes:
        """Give the signature over some bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Responder:
    """Who answers about the certificates of an authority: with a delegated certificate (DER), or as itself."""

    issuer: Issuer
    certificate: bytes = field(repr=False)
    key: Signs = field(repr=False, compare=False)

    @property
    def not_after(self) -> int:
        """Give when its certificate ends, seconds since 1970: no answer may end later."""
        return speaker(self.certificate).not_after

    @property
    def tail(self) -> bytes:
        """Give what stands behind the signature: certs [0] with the delegated certificate, nothing of an authority."""
        return b"" if self.certificate == self.issuer.certificate else der.tlv(0xA0, der.sequence(self.certificate))


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one certificate."""

    hash: Hash
    serial: int
    status: Status
    window: Window


def check_responder(responder: Responder) -> None:
    """Check that clients will take its answers (RFC 6960, 4.2.2.2).

    Raises InputError where its certificate is not for its key, not issued by the authority, or not for this purpose.
    """
    said, issuer = authority(responder.certificate), authority(responder.issuer.certificate)
    if said.spki != responder.key.spki:
        raise InputError(_("the responder's certificate is not for its key"), place=responder.issuer.id)
    if said.der == issuer.der:
        return
    if said.issuer_der != issuer.subject_der or said.issuer_key_id not in {b"", issuer.key_id}:
        raise InputError(_("the responder's certificate is not issued by this authority"), place=responder.issuer.id)
    if OCSP_SIGNING not in said.purposes:
        raise InputError(
            _("the responder's certificate is not for answers of OCSP"),
            place=responder.issuer.id,
            hint=_("issue one by the profile for OCSP responders"),
        )


def presign(
    responder: Responder, told: Iterable[tuple[int, Status]], window: Window, hashed: Hash = Hash.SHA1
) -> Iterator[bytes]:
    """Give the signed part of an answer for each serial number and status, produced as their window begins.

    Each is good until the window ends or the responder's certificate does. `whole` makes an answer of it.
    """
    before = _responder_id(responder.certificate) + generalized(window.begins)
    named = _names(responder.issuer.certificate)[hashed]
    dates = _dates(window)
    sign, after, sequence, integer = responder.key.sign, _algorithm(responder), der.sequence, der.integer
    for serial, status in told:
        single = sequence(sequence(named, integer(serial)), _status(status), dates)
        tbs = sequence(before, sequence(single))
        yield tbs + after + der.bits(sign(tbs))


def reply(responder: Responder, told: Sequence[Said], produced: int, nonce: bytes = b"") -> bytes:
    """Give the signed part of an answer about several certificates, with the nonce of the question."""
    names = _names(responder.issuer.certificate)
    singles = [
        der.sequence(
            der.sequence(names[each.hash], der.integer(each.serial)), _status(each.status), _dates(each.window)
        )
        for each in told
    ]
    extensions = _EXTENDED_REVOKE if any(each.status == NOT_ISSUED for each in told) else b""
    if nonce:
        extensions += der.sequence(NONCE, der.tlv(der.OCTET_STRING, der.tlv(der.OCTET_STRING, nonce)))
    tbs = der.sequence(
        _responder_id(responder.certificate),
        generalized(produced),
        der.sequence(*singles),
        der.tlv(0xA1, der.sequence(extensions)) if extensions else b"",
    )
    return tbs + _algorithm(responder) + der.bits(responder.key.sign(tbs))


def whole(signed: bytes, tail: bytes) -> bytes:
    """Give an OCSPResponse, DER: what was signed with its signature, and the responder's `tail`."""
    basic = der.tlv(der.OCTET_STRING, der.sequence(signed, tail))
    return der.sequence(_SUCCESSFUL, der.tlv(0xA0, der.sequence(_BASIC, basic)))


def failure(why: Failure) -> bytes:
    """Give an OCSPResponse that says why there is no answer; nobody signs it."""
    return der.sequence(bytes((0x0A, 1, why)))


def bounded(responder: Responder, begins: int, life: int) -> Window:
    """Give the window of an answer that begins now. Raises InputError where the responder's certificate has ended."""
    ends = min(begins + life, responder.not_after)
    if ends <= begins:
        raise InputError(
            _("the responder's certificate has ended"),
            place=responder.issuer.id,
            hint=_("issue a new one by the profile for OCSP responders"),
        )
    return Window(begins, ends)


def issuer_hashes(certificate: bytes, hashed: Hash) -> tuple[bytes, bytes]:
    """Give the hashes of an authority's name and key that questions name it by (RFC 6960, 4.1.1)."""
    who = speaker(certificate)
    if hashed is Hash.SHA1:
        return sha1(who.name, usedforsecurity=False).digest(), who.key_hash
    return sha256(who.name).digest(), sha256(who.key).digest()


@lru_cache(maxsize=128)
def _names(certificate: bytes) -> dict[Hash, bytes]:
    """Give what stands before the serial number in every CertID of an authority."""
    return {
        each: der.sequence(OIDS[each], der.NULL)
        + b"".join(der.tlv(der.OCTET_STRING, digest) for digest in issuer_hashes(certificate, each))
        for each in Hash
    }


@lru_cache(maxsize=128)
def _responder_id(certificate: bytes) -> bytes:
    """Give who answers, byKey [2]: the version is 1 and left out."""
    return der.tlv(0xA2, der.tlv(der.OCTET_STRING, speaker(certificate).key_hash))


def _algorithm(responder: Responder) -> bytes:
    return algorithms.identifier(responder.key.algorithm)


def _dates(window: Window) -> bytes:
    return generalized(window.begins) + der.tlv(0xA0, generalized(window.ends))


def _status(status: Status) -> bytes:
    if status.state is State.REVOKED:
        return _revoked(status.at, status.reason)
    return _GOOD if status.state is State.GOOD else _UNKNOWN


@lru_cache(maxsize=4096)
def _revoked(at: int, reason: Reason) -> bytes:
    """Give RevokedInfo [1]; the reason `unspecified` is left out, as in lists."""
    why = b"" if reason is Reason.UNSPECIFIED else der.tlv(0xA0, enumerated(reason))
    return der.tlv(0xA1, generalized(at) + why)
