"""What a signer reads of the bytes that it is to sign, before it does.

All of the bytes have to be one value in DER: what is not read here is still exactly what an approval covers. Raised is
`Declined`, with why the bytes are not what they are said to be.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sentinel.pki.certificates import der
from sentinel.pki.signing.declined import Declined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from cryptography import x509

    from sentinel.pki.signing.forms import Extension

CERTIFICATE: Final = "certificate"
CRL: Final = "crl"
_BASIC_CONSTRAINTS, _KEY_USAGE = "2.5.29.19", "2.5.29.15"
_NO_AUTHORITY: Final = b"\x30\x00"
_CERT_SIGN: Final = 0x04
"""keyCertSign, bit 5 of keyUsage, in its first octet (RFC 5280, 4.2.1.3)."""
_NUMBER, _SCOPE, _DELTA = "2.5.29.20", "2.5.29.28", "2.5.29.27"
_SECOND: Final = 1_000_000_000
_VERSIONS: Final = {CERTIFICATE: 2, CRL: 1}
"""The number that stands for version 3 of a certificate, and version 2 of a list."""
_ENTRIES: Final = der.SEQUENCE


@dataclass(frozen=True, slots=True)
class CertificateTbs:
    """What a TBSCertificate says: algorithm and issuer in DER, and whether it makes an authority."""

    algorithm: bytes
    issuer: bytes
    authority: bool


@dataclass(frozen=True, slots=True)
class ListTbs:
    """What a TBSCertList says; times are nanoseconds since 1970.

    `scope` tells lists of one issuer apart, each with numbers of its own: the distribution point as it stands, and
    whether it tells changes only (RFC 5280, 5.2.3).
    """

    algorithm: bytes
    issuer: bytes
    this_update: int
    next_update: int
    number: int
    scope: bytes


def certificate(content: bytes) -> CertificateTbs:
    """Read a TBSCertificate (RFC 5280, 4.1). Raises Declined where it is none, or says something twice."""
    from sentinel.pki.signing.forms import TbsCertificate

    found: TbsCertificate = _decoded(TbsCertificate, content, CERTIFICATE)
    said = _extensions(found.extensions, CERTIFICATE)
    _check_version(found.version, CERTIFICATE)
    return CertificateTbs(_whole(found.signature), _whole(found.issuer), _makes_authority(said))


def whole(contents: Iterable[bytes], algorithm: bytes, *, meaning: bool = False) -> list[x509.Certificate]:
    """Give TBSCertificates as `cryptography` reads them; `algorithm` is theirs, in DER.

    With `meaning` their subjects and what their extensions say are read, too. Raises Declined where it cannot, or
    warns: nothing that an authority of ours builds is out of form.
    """
    from cryptography import x509

    end = algorithm + der.bits(b"\x00")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = [x509.load_der_x509_certificate(der.tlv(der.SEQUENCE, content + end)) for content in contents]
            for each in found if meaning else ():
                each.extensions, each.subject  # noqa: B018 - they are kept, and raise now where they cannot be read
    except _unread() as error:
        raise Declined("malformed", kind=CERTIFICATE, reason=_short(error)) from None
    return found


def _unread() -> tuple[type[Exception], ...]:
    from cryptography import exceptions, x509

    unknown = x509.DuplicateExtension, x509.UnsupportedGeneralNameType, exceptions.UnsupportedAlgorithm
    return ValueError, TypeError, Warning, *unknown


def revocations(content: bytes) -> ListTbs:
    """Read a TBSCertList (RFC 5280, 5.1), its entries excepted. Raises Declined where it is none."""
    from sentinel.pki.signing.forms import TbsCertList, TbsCertListWithEntries

    form: type[Any] = TbsCertListWithEntries if _has_entries(content) else TbsCertList
    found = _decoded(form, content, CRL)
    said = _extensions(found.extensions, CRL)
    _check_version(found.version, CRL)
    if _NUMBER not in said:
        raise Declined("malformed", kind=CRL, reason="no cRLNumber")
    delta = b"delta" if _DELTA in said else b""
    return ListTbs(
        _whole(found.signature),
        _whole(found.issuer),
        _nanoseconds(found.this_update),
        _nanoseconds(found.next_update),
        _decoded(int, said[_NUMBER], CRL),
        said.get(_SCOPE, b"") + delta,
    )


READERS: Final[Mapping[str, Callable[[bytes], CertificateTbs | ListTbs]]] = {
    CERTIFICATE: certificate,
    CRL: revocations,
}
"""Kind of what is signed → what reads it."""


def _decoded(form: type[Any], content: bytes, kind: str) -> Any:  # noqa: ANN401 - whatever the form is
    from cryptography.hazmat import asn1

    try:
        return asn1.decode_der(form, content)
    except (ValueError, TypeError) as error:
        raise Declined("malformed", kind=kind, reason=_short(error)) from None


def _short(error: Exception) -> str:
    return str(error)[:200]


def _extensions(found: list[Extension], kind: str) -> dict[str, bytes]:
    said = {extension.oid.dotted_string: extension.value for extension in found}
    if len(said) != len(found):
        raise Declined("malformed", kind=kind, reason="an extension stands there twice")
    return said


def _check_version(version: int, kind: str) -> None:
    if version != _VERSIONS[kind]:
        raise Declined("malformed", kind=kind, reason=f"version {version}")


def _whole(value: Any) -> bytes:  # noqa: ANN401 - a TLV of `cryptography`
    """Give a value with its tag and length again."""
    return der.tlv(value.tag_bytes[0], bytes(value.data))


def _makes_authority(said: Mapping[str, bytes]) -> bool:
    from cryptography.hazmat import asn1

    from sentinel.pki.signing.forms import BasicConstraints

    constraints = said.get(_BASIC_CONSTRAINTS, _NO_AUTHORITY)
    if constraints != _NO_AUTHORITY and _decoded(BasicConstraints, constraints, CERTIFICATE).ca:
        return True
    if _KEY_USAGE not in said:
        return False
    bits = _decoded(asn1.BitString, said[_KEY_USAGE], CERTIFICATE).as_bytes()
    return bool(bits and bits[0] & _CERT_SIGN)


def _has_entries(content: bytes) -> bool:
    """Tell whether revokedCertificates, the one sequence behind the times, is there."""
    try:
        values = der.within(content, der.at(content))
    except Exception as error:  # noqa: BLE001 - what is wrong with the bytes is told below, whatever it is
        raise Declined("malformed", kind=CRL, reason=_short(error)) from None
    return any(value.tag == _ENTRIES for value in values[3:])


def _nanoseconds(time: Any) -> int:  # noqa: ANN401 - UTCTime or GeneralizedTime of `cryptography`
    return int(time.as_datetime().timestamp()) * _SECOND
