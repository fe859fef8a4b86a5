"""Revocation lists as the first engine asks them, without reading a million entries that are about others.

The engine looks for a serial number entry by entry, which takes 20 µs each. But a list in whose bytes no serial number
occurs that could be asked about has no entry for any: then it is given to the engine with its entries left out. What
the signature covers is left as it is.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.pki.verify.parsed import Certificate


def lists_for(crls: Iterable[bytes], certificates: Sequence[Certificate], ocsp: Iterable[bytes]) -> list[Any]:
    """Give lists (DER) as asn1crypto has them, to be asked about certificates and those that answers bring along."""
    from asn1crypto import crl  # type: ignore[import-untyped]

    asked = {_serial(each) for each in (*certificates, *_brought(ocsp))}
    return [
        (crl.CertificateList if any(each in der for each in asked) else _silent()).load(der)
        for der in dict.fromkeys(crls)
    ]


def _serial(certificate: Certificate) -> bytes:
    number: bytes = certificate["tbs_certificate"]["serial_number"].dump()
    return number


def _brought(ocsp: Iterable[bytes]) -> Iterable[Certificate]:
    from asn1crypto.ocsp import OCSPResponse  # type: ignore[import-untyped]

    for der in ocsp:
        yield from OCSPResponse.load(der).basic_ocsp_response["certs"] or ()


@cache
def _silent() -> Any:  # noqa: ANN401 - classes made here, so that their import can wait
    from asn1crypto import crl

    class Entries(crl.TbsCertList):  # type: ignore[misc]
        """What is signed of a list, none of whose entries will be asked for."""

        def __getitem__(self, key: str | int) -> Any:  # noqa: ANN401
            return () if key == "revoked_certificates" else super().__getitem__(key)

    class Silent(crl.CertificateList):  # type: ignore[misc]
        """A list with them."""

        _fields: ClassVar[list[Any]] = [("tbs_cert_list", Entries), *crl.CertificateList._fields[1:]]

    return Silent
