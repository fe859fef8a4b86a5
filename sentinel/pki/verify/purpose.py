"""What a certificate is to be used for, and whether it and the authorities above it allow that."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.pki.verify.parsed import extended_usages, is_critical, key_usages, link_of
from sentinel.pki.verify.verdict import Fault, Objection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.pki.verify.parsed import Certificate

_ANY: Final = "2.5.29.37.0"
_SIGNS: Final = frozenset({"digital_signature", "non_repudiation"})
_TLS: Final = frozenset({"digital_signature", "key_encipherment", "key_agreement"})


class Purpose(StrEnum):
    """What a certificate may be asked for; `any` asks nothing."""

    ANY = "any"
    TLS_SERVER = "tls-server"
    TLS_CLIENT = "tls-client"
    EMAIL = "email"
    CODE_SIGNING = "code-signing"
    DOCUMENT_SIGNING = "document-signing"
    TIME_STAMPING = "time-stamping"
    OCSP_SIGNING = "ocsp-signing"


class Row(NamedTuple):
    """What a purpose asks: an extended key usage, one of some key usages; `must` where absence is a fault."""

    usage: str
    keys: frozenset[str]
    must: bool = False


ROWS: Final[Mapping[Purpose, Row]] = MappingProxyType(
    {
        Purpose.TLS_SERVER: Row("1.3.6.1.5.5.7.3.1", _TLS),
        Purpose.TLS_CLIENT: Row("1.3.6.1.5.5.7.3.2", _TLS - {"key_encipherment"}),
        Purpose.EMAIL: Row("1.3.6.1.5.5.7.3.4", _SIGNS | _TLS),
        Purpose.CODE_SIGNING: Row("1.3.6.1.5.5.7.3.3", frozenset({"digital_signature"}), must=True),
        Purpose.DOCUMENT_SIGNING: Row("1.3.6.1.5.5.7.3.36", _SIGNS),
        Purpose.TIME_STAMPING: Row("1.3.6.1.5.5.7.3.8", _SIGNS, must=True),
        Purpose.OCSP_SIGNING: Row("1.3.6.1.5.5.7.3.9", _SIGNS, must=True),
    }
)


def objections_to(chain: Sequence[Certificate], purpose: Purpose) -> Iterator[Objection]:
    """Give what forbids a purpose along a chain of asn1crypto certificates, the certificate first, the root last.

    An authority that names extended usages passes on no other (as OpenSSL and every browser hold it). The root is
    trusted for whatever it was trusted for.
    """
    if purpose is Purpose.ANY:
        return
    row, leaf = ROWS[purpose], chain[0]
    usages = key_usages(leaf)
    if usages is not None and not usages & row.keys:
        yield Objection(Fault.KEY_USAGE, link_of(leaf), ", ".join(sorted(usages)))
    if not _allows(extended_usages(leaf), row, must=row.must):
        yield Objection(Fault.PURPOSE, link_of(leaf), _listed(leaf))
    elif purpose is Purpose.TIME_STAMPING and not _is_for_time_alone(leaf, row):
        yield Objection(Fault.PURPOSE, link_of(leaf), "RFC 3161, 2.3: critical, and the only one")
    for authority in chain[1:-1]:
        # A responder's authority answers for itself: RFC 6960 asks nothing of its extended usages.
        if purpose is not Purpose.OCSP_SIGNING and not _allows(extended_usages(authority), row, must=False):
            yield Objection(Fault.PURPOSE, link_of(authority), _listed(authority))


def _allows(usages: frozenset[str] | None, row: Row, *, must: bool) -> bool:
    if usages is None:
        return not must
    return row.usage in usages or (_ANY in usages and not must)


def _is_for_time_alone(leaf: Certificate, row: Row) -> bool:
    return extended_usages(leaf) == frozenset({row.usage}) and is_critical(leaf, "extended_key_usage")


def _listed(certificate: Certificate) -> str:
    return ", ".join(sorted(extended_usages(certificate) or ()))
