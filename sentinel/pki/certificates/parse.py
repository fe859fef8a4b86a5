"""What a certificate says, as the register, lists and checks need it.

Nothing is judged here: a certificate of anyone is read, whatever profile or none it was made by.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import algorithms, der, distinguished
from sentinel.pki.model import Name, NameKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cryptography import x509

    from sentinel.pki.model import Algorithm

ORGANIZATION_IDENTIFIER: Final = "2.5.4.97"
USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
"""The bits of keyUsage in their order (RFC 5280, 4.2.1.3), by the names of `cryptography`."""
OCSP, CA_ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
KINDS: Final = {
    "DNSName": NameKind.DNS,
    "IPAddress": NameKind.IP,
    "RFC822Name": NameKind.EMAIL,
    "UniformResourceIdentifier": NameKind.URI,
}
_DER: Final = b"\x30\x82"
_PEM: Final = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one certificate says.

    `subject` and `issuer` are texts of RFC 4514, the last part first; `subject_der` and `issuer_der` the names as they
    stand. Times are seconds since 1970. `algorithm` is None where nothing of ours signs so. `path_length` is None where
    there is no bound. `usages` are key usages by the names of RFC 5280 (`digital_signature`), `purposes` the OIDs of
    extendedKeyUsage, `extensions` the OIDs of every extension, in their order.
    """

    serial: int
    subject: str
    issuer: str
    common_name: str
    organization_identifier: str
    not_before: int
    not_after: int
    algorithm: Algorithm | None
    spki: bytes = field(repr=False)
    extensions: tuple[str, ...]
    subject_der: bytes = field(repr=False)
    issuer_der: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    der: bytes = field(repr=False)
    key_id: bytes = b""
    issuer_key_id: bytes = b""
    names: tuple[Name, ...] = ()
    ca: bool = False
    path_length: int | None = None
    usages: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    crl_urls: tuple[str, ...] = ()
    ocsp_urls: tuple[str, ...] = ()
    issuer_urls: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Give the SHA-256 of the certificate, in hexadecimal."""
        return sha256(self.der).hexdigest()

    @property
    def self_issued(self) -> bool:
        """Say whether subject and issuer are one name (RFC 5280, 3.2)."""
        return self.subject_der == self.issuer_der


@lru_cache(maxsize=128)
def authority(content: bytes) -> Parsed:
    """Give what the certificate of an authority says, kept for the next time. Raises InputError as `parsed`."""
    return parsed(content)


def parsed(content: bytes, place: str = "") -> Parsed:
    """Read a certificate, DER or PEM. Raises InputError where it is none, or says something twice or out of form."""
    from cryptography import x509

    try:
        with warnings.catch_warnings():  # what others made may break rules that `cryptography` warns of
            warnings.simplefilter("ignore")
            if _PEM in content and not content.startswith(_DER):
                found = x509.load_pem_x509_certificate(content)
            else:
                found = x509.load_der_x509_certificate(content)
            return _parsed(found)
    except InputError as error:
        raise InputError(error.message, place=place) from None
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise InputError(_("not a certificate: {reason}").format(reason=error), place=place) from None


def _parsed(found: x509.Certificate) -> Parsed:
    from cryptography.hazmat.primitives.serialization import Encoding

    content, tbs = found.public_bytes(Encoding.DER), found.tbs_certificate_bytes
    algorithm, issuer, _validity, subject, key = _fixed(tbs)
    said = {extension.oid.dotted_string: extension.value for extension in found.extensions}
    given = {kind: read(said[kind]) for kind, read in _READERS.items() if kind in said}
    named = distinguished.of_der(subject)
    return Parsed(
        serial=found.serial_number,
        subject=named.text,
        issuer=distinguished.of_der(issuer).text,
        common_name=named.first("2.5.4.3"),
        organization_identifier=named.first(ORGANIZATION_IDENTIFIER),
        not_before=int(found.not_valid_before_utc.timestamp()),
        not_after=int(found.not_valid_after_utc.timestamp()),
        algorithm=algorithms.of_identifier(algorithm),
        spki=key,
        extensions=tuple(said),
        subject_der=subject,
        issuer_der=issuer,
        tbs=tbs,
        der=content,
        **{name: value for values in given.values() for name, value in values.items()},
    )


def _fixed(tbs: bytes) -> Iterator[bytes]:
    """Give the algorithm, issuer, validity, subject and key, the five sequences before the extensions, each DER."""
    values = [value for value in der.within(tbs, der.at(tbs)) if value.tag == der.SEQUENCE]
    return (tbs[value.start : value.end] for value in values)


def _names(value: x509.SubjectAlternativeName) -> dict[str, Any]:
    return {"names": tuple(Name(KINDS[type(each).__name__], str(each.value)) for each in value if _known(each))}


def _known(name: object) -> bool:
    return type(name).__name__ in KINDS


def _usages(value: x509.KeyUsage) -> dict[str, Any]:
    # encipher_only and decipher_only say something of key_agreement alone; asking without it raises.
    asked = USAGES if value.key_agreement else USAGES[:-2]
    return {"usages": tuple(usage for usage in asked if getattr(value, usage))}


def _purposes(value: x509.ExtendedKeyUsage) -> dict[str, Any]:
    return {"purposes": tuple(purpose.dotted_string for purpose in value)}


def _policies(value: x509.CertificatePolicies) -> dict[str, Any]:
    return {"policies": tuple(policy.policy_identifier.dotted_string for policy in value)}


def _constraints(value: x509.BasicConstraints) -> dict[str, Any]:
    return {"ca": value.ca, "path_length": value.path_length}


def _lists(value: x509.CRLDistributionPoints) -> dict[str, Any]:
    return {"crl_urls": tuple(_urls(name for point in value for name in point.full_name or ()))}


def _access(value: x509.AuthorityInformationAccess) -> dict[str, Any]:
    return {
        field: tuple(_urls(each.access_location for each in value if each.access_method.dotted_string == method))
        for field, method in (("ocsp_urls", OCSP), ("issuer_urls", CA_ISSUERS))
    }


def _urls(names: Iterable[object]) -> Iterator[str]:
    return (str(name.value) for name in names if type(name).__name__ == "UniformResourceIdentifier")  # type: ignore[attr-defined]


_READERS: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "2.5.29.14": lambda value: {"key_id": value.digest},
    "2.5.29.15": _usages,
    "2.5.29.17": _names,
    "2.5.29.19": _constraints,
    "2.5.29.31": _lists,
    "2.5.29.32": _policies,
    "2.5.29.35": lambda value: {"issuer_key_id": value.key_identifier or b""},
    "2.5.29.37": _purposes,
    "1.3.6.1.5.5.7.1.1": _access,
}
"""What is read of which extension."""
