"""Keys for those of a batch whose subjects cannot make their own: made, or for a dry run only stood in for."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.pki.requests import keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sentinel.pki.certificates.algorithms import KeyKind
    from sentinel.pki.requests.batch import Batch
    from sentinel.pki.requests.check import Policy
    from sentinel.pki.requests.wanted import Wanted


def with_keys(
    batch: Batch,
    policy: Policy,
    folder: Path,
    ask: Callable[[], bytes],
    told: Callable[[int], None] = lambda _made: None,
) -> Batch:
    """Make the keys that are still to be made, each in a file `<key of the row>.p12`; those made before are taken.

    The kind is the first that the profile accepts and PKCS#12 has a place for; where there is none, that is a fault of
    the row. `told` hears how many there are. Raises InputError where the folder cannot be written into.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(folder)) from None
    made = 0

    def make(wanted: Wanted) -> Wanted:
        nonlocal made
        path, kind = folder / f"{wanted.key}{keys.SUFFIX}", _kind(wanted, policy)
        public = keys.public_of(path, ask) if path.exists() else keys.create(path, kind, wanted.agency, ask())
        told(made := made + 1)
        return replace(wanted, public_key=public, key_file=str(path))

    return _each(batch, make)


def with_stand_ins(batch: Batch, policy: Policy) -> Batch:
    """Put a key that nobody keeps where one is still to be made, so that all else can be checked."""

    @cache
    def public(kind: KeyKind) -> bytes:
        return keys.KeyPair.new(kind).public_key

    return _each(batch, lambda wanted: replace(wanted, public_key=public(_kind(wanted, policy))))


def _kind(wanted: Wanted, policy: Policy) -> KeyKind:
    return keys.kind_for(policy.profiles[wanted.profile].keys)


def _each(batch: Batch, make: Callable[[Wanted], Wanted]) -> Batch:
    wanted, faults = [], list(batch.faults)
    for each in batch.wanted:
        try:
            wanted.append(each if each.public_key else make(each))
        except Refused as fault:
            faults.append(Refused(fault.message, place=each.place, hint=fault.hint))
    return replace(batch, wanted=tuple(wanted), faults=tuple(faults))
