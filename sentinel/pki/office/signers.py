"""Whom the office has its signatures from: a signer that runs as a service, or one that it starts for the while."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates.algorithms import assemble
from sentinel.pki.certificates.parse import authority

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from sentinel.pki.model import Issuer
    from sentinel.pki.office.home import Home
    from sentinel.pki.signing.client import Client
    from sentinel.pki.signing.home import KeyEntry


@contextmanager
def signer(home: Home, people: Path, unlock: Callable[[KeyEntry], bytes], keys: Collection[str]) -> Iterator[Client]:
    """Give a conversation with the signer; `unlock` gives the passphrases of keys where it has to be started.

    `people` is the people.toml that it checks approvals against. Raise InputError where a key does not open, Refused
    where a signer runs there already, StoreError where none answers.
    """
    from sentinel.pki.signing.client import connect, spawn

    with connect(home.socket) if home.socket.exists() else spawn(home.signer, people, unlock, keys) as client:
        yield client


def finish(issuer: Issuer, tbs: bytes, signature: bytes) -> bytes:
    """Give a certificate that was signed, checked against its issuer; raise InputError where it is not of that one."""
    check(issuer, tbs, signature)
    return assemble(tbs, issuer.algorithm, signature)


def check(issuer: Issuer, tbs: bytes, signature: bytes) -> None:
    """Check a signature of an authority; raise InputError."""
    from sentinel.pki.certificates.algorithms import verify

    verify(issuer.algorithm, authority(issuer.certificate).spki, signature, tbs)


def needs(home: Home, keys: Collection[str]) -> None:
    """Check that a signer of one's own would have these keys; raise InputError where it would not."""
    from sentinel.pki.signing.home import entries

    if home.socket.exists():
        return
    known = {entry.name for entry in entries(home.signer)}
    for key in keys:
        if key not in known:
            raise InputError(
                _("the signer's home has no key '{key}'").format(key=key),
                place=str(home.signer),
                hint=_("its keys may be elsewhere, on a machine or token of their own"),
            )
