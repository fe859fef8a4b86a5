"""Who acts in a call: a user of the operating system, or the owner of a key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel.language import _, later

if TYPE_CHECKING:
    from sentinel.crypto.keys import PrivateKey
    from sentinel.people.acting import Acting
    from sentinel.people.register import People
    from sentinel.settings import Settings

Key = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help=later("Act as the owner of this private key, and sign what is done.")),
]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help=later("The key's passphrase is the first line of this file; else the terminal asks for it."),
    ),
]


def acting_of(now: Settings, key: Path | None = None, passphrase_file: Path | None = None) -> Acting:
    """Give who acts: the owner of the key where there is one, or whom the operating system names.

    Raises Refused for somebody who is not registered, InputError for a key that cannot be read.
    """
    from sentinel.people.register import read

    return acting_among(read(now.people), key, passphrase_file)


def acting_among(people: People, key: Path | None = None, passphrase_file: Path | None = None) -> Acting:
    """Give who acts, of a register that is read already; see `acting_of`."""
    from sentinel.people.acting import by_key, by_os

    if key is not None:
        return by_key(people, private_key(key, passphrase_file))
    return by_os(people, *os_user())


def os_user() -> tuple[int, str]:
    """Give the number and name of the user that runs this; one whom the machine does not know is called by number."""
    import os
    import pwd

    number = os.getuid()
    try:
        return number, pwd.getpwuid(number).pw_name
    except KeyError:
        return number, str(number)


def private_key(path: Path, passphrase_file: Path | None = None) -> PrivateKey:
    """Read a private key; its passphrase comes from a file or the terminal, never from the call or the environment."""
    from sentinel.crypto.key_files import read_passphrase, read_private

    if passphrase_file is not None:
        return read_private(path, lambda: read_passphrase(passphrase_file))
    return read_private(path, (lambda: _asked(path)) if sys.stdin.isatty() else None)


def new_passphrase(path: Path, passphrase_file: Path | None = None) -> bytes:
    """Give the passphrase of a new key: from a file, or asked for twice. Raises InputError where there is neither."""
    from sentinel.crypto.key_files import passphrase_bytes, read_passphrase
    from sentinel.errors import InputError

    if passphrase_file is not None:
        return read_passphrase(passphrase_file)
    if not sys.stdin.isatty():
        raise InputError(
            _("a new key needs a passphrase"),
            place=str(path),
            hint=_("give --new-passphrase-file FILE, or call from a terminal, which asks for it"),
        )
    told = _("Passphrase of the new key {path}").format(path=path)
    return passphrase_bytes(typer.prompt(told, hide_input=True, confirmation_prompt=_("Once more"), err=True))


def _asked(path: Path) -> bytes:
    from sentinel.crypto.key_files import passphrase_bytes

    told = _("Passphrase of {path}").format(path=path)
    return passphrase_bytes(typer.prompt(told, hide_input=True, err=True))
