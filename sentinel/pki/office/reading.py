"""What is asked of the register: chains as PEM, facts of a certificate, tables for auditors."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentinel.pki.register.file import Register, Row


def pem_of(certificate: bytes) -> bytes:
    """Give a certificate as PEM (RFC 7468), with a line end at the end."""
    return ssl.DER_cert_to_PEM_cert(certificate).encode()


def chain_of(register: Register, row: Row) -> bytes:
    """Give a certificate and those above it as PEM, less the root, as servers present them (RFC 8446, 4.4.2)."""
    every = {each.issuer.id: each for each in register.authorities()}
    parts = [register.der(row.number)]
    above = every.get(row.issuer)
    while above is not None and above.parent:
        parts.append(above.issuer.certificate)
        above = every.get(above.parent)
    return b"".join(map(pem_of, parts))
