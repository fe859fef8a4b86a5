"""A signer is opened: its keys unlocked, its log found whole at its end, what it does not need given up."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.signing import home, keys
from sentinel.pki.signing.log import Log
from sentinel.pki.signing.seclusion import seclude
from sentinel.pki.signing.signer import OpenKey, PeopleFile, Signer
from sentinel.pki.signing.tokens import TokenPlace, Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from sentinel.pki.signing.home import KeyEntry
    from sentinel.pki.signing.keys import SigningKey


def wanted(folder: Path, names: Collection[str]) -> tuple[KeyEntry, ...]:
    """Give the keys of a home that have these names, all where none are given. Raises InputError for unknown ones."""
    entries = home.entries(folder)
    known = [entry.name for entry in entries]
    for name in names:
        if name not in known:
            hint = _("keys: {names}").format(names=", ".join(known))
            hint = hint if known else _("a backup has no keys: put them back, or name the signer that has them")
            raise InputError(_("there is no key '{name}'").format(name=name), place=str(folder / home.KEYS), hint=hint)
    return tuple(entry for entry in entries if not names or entry.name in names)


def secrets_of(entries: Collection[KeyEntry], unlock: Callable[[KeyEntry], bytes]) -> dict[str, bytes]:
    """Give the passphrase or PIN of each key, by its name; that of a token is asked for once."""
    asked: dict[object, bytes] = {}
    given: dict[str, bytes] = {}
    for entry in entries:
        at = (entry.at.module, entry.at.token) if isinstance(entry.at, TokenPlace) else entry.name
        if at not in asked:
            asked[at] = unlock(entry)
        given[entry.name] = asked[at]
    return given


@contextmanager
def opened(folder: Path, people: Path, secrets: Mapping[str, bytes]) -> Iterator[Signer]:
    """Give the signer of a home, with the keys whose passphrases or PINs are given.

    Raises Refused where another signer runs there, InputError where a key does not open, Damaged where the log is not
    what was written.
    """
    with home.alone(folder):
        entries = wanted(folder, secrets) if secrets else ()
        tokens = Tokens()
        found = [OpenKey.of(entry, _key(folder, entry, secrets[entry.name], tokens)) for entry in entries]
        log = Log.open(folder / home.LOG)
        try:
            said = seclude(network=any(isinstance(entry.at, TokenPlace) for entry in entries))
            log.add("started", uid=os.getuid(), values=said | {"keys": ", ".join(secrets)})
            yield Signer(found, log, PeopleFile(people))
        finally:
            log.close()
            tokens.close()


def _key(folder: Path, entry: KeyEntry, secret: bytes, tokens: Tokens) -> SigningKey:
    if isinstance(entry.at, TokenPlace):
        return tokens.open(entry.at, entry.algorithm, secret)
    return keys.read(folder / entry.at, entry.algorithm, secret)
