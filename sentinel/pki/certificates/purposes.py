"""Extended key usages: their names and OIDs, and the key usages that go with each (RFC 5280, 4.2.1.12)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGNING: Final = frozenset({"digital_signature", "content_commitment"})
_EXCHANGE: Final = frozenset({"key_encipherment", "key_agreement"})
ANY_PURPOSE: Final = "2.5.29.37.0"


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose: its OID, the key usages of which it needs one or more, and whether it stands alone and critical."""

    oid: str
    usages: frozenset[str]
    alone: bool = False
    critical: bool = False


PURPOSES: Final[Mapping[str, Purpose]] = MappingProxyType(
    {
        "server_auth": Purpose("1.3.6.1.5.5.7.3.1", frozenset({"digital_signature"}) | _EXCHANGE),
        "client_auth": Purpose("1.3.6.1.5.5.7.3.2", frozenset({"digital_signature", "key_agreement"})),
        "code_signing": Purpose("1.3.6.1.5.5.7.3.3", frozenset({"digital_signature"})),
        "email_protection": Purpose("1.3.6.1.5.5.7.3.4", SIGNING | _EXCHANGE),
        # RFC 3161, 2.3: critical, and no other purpose beside it.
        "time_stamping": Purpose("1.3.6.1.5.5.7.3.8", SIGNING, alone=True, critical=True),
        "ocsp_signing": Purpose("1.3.6.1.5.5.7.3.9", SIGNING, alone=True),
        "document_signing": Purpose("1.3.6.1.5.5.7.3.36", SIGNING),  # RFC 9336
    }
)
BY_OID: Final = {purpose.oid: name for name, purpose in PURPOSES.items()}
