"""What is asked of the register: chains as PEM, facts of a certificate, tables for auditors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel.errors import SentinelError
from sentinel.pki.office import crossing
from sentinel.pki.office.crossing import CROSS_PROFILE
from sentinel.pki.register.asking import approvals_of, key_file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sentinel.pki.register.file import Register, Row


def pem_of(certificate: bytes) -> bytes:
    """Give a certificate as PEM (RFC 7468), with a line end at the end."""
    from ssl import DER_cert_to_PEM_cert

    return DER_cert_to_PEM_cert(certificate).encode()


def chain_of(register: Register, row: Row) -> bytes:
    """Give a certificate and those above it as PEM, less the root, as servers present them (RFC 8446, 4.4.2).

    Where other roots signed the key of that root, what they say of it comes last, for whoever trusts these alone, if it
    holds as long as the certificate does.
    """
    return b"".join(map(pem_of, [register.der(row.number), *_above(register, row)]))


def _above(register: Register, row: Row) -> list[bytes]:
    """Give the certificates above one, less the root."""
    every = {each.issuer.id: each for each in register.authorities()}
    found: list[bytes] = []
    above = every.get(row.issuer)
    while above is not None and above.parent:
        found.append(above.issuer.certificate)
        above = every.get(above.parent)
    if above is None or row.profile == CROSS_PROFILE:
        return found
    crossed = crossing.above(register, row.not_after, [*every.values()])
    return [*found, *crossed.get(above.issuer.id, ())]


def complete_keys(
    register: Register, rows: Sequence[Row], ask: Callable[[], bytes], faults: list[SentinelError]
) -> list[Path]:
    """Put certificates into the files of the keys that were made for them; give these files.

    `ask` gives their passphrase, and is asked where there is any. What cannot be done stops no other: see `faults`.
    """
    from sentinel.pki.requests import keys

    numbers = json.dumps([row.number for row in rows])
    asked = "select number, item from certificate where der is not null and number in (select value from json_each(?))"
    files = {number: key_file_of(item) for number, item in register.rows(asked, numbers)}
    done: list[Path] = []
    try:
        secret = ask() if any(files.values()) else b""
    except SentinelError as fault:
        faults.append(fault)
        return []
    for row in rows:
        if place := files.get(row.number):
            name = row.subject or row.agency
            try:
                keys.complete(Path(place), secret, register.der(row.number), _above(register, row), name)
            except SentinelError as fault:
                faults.append(fault)
            else:
                done.append(Path(place))
    return done


def emergencies(register: Register, requests: Iterable[int]) -> list[int]:
    """Give which of requests, by their numbers, somebody approved alone, in an emergency."""
    found = (register.request(f"r{number}") for number in sorted(set(requests)))
    return [each.number for each in found if any(one.emergency for one in approvals_of(register, each))]
