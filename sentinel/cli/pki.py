"""`sentinel pki`: certificates for agencies, from founding an authority to revoking what it issued."""

from __future__ import annotations

import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentinel import settings
from sentinel.errors import InputError
from sentinel.language import _, later

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.people.acting import Acting
    from sentinel.people.register import People
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Register
    from sentinel.pki.signing.home import KeyEntry
    from sentinel.settings import Settings

_SIGNERS = "--signer-passphrase-file"
IssuerName = Annotated[
    str, typer.Option("--issuer", metavar="ID", help=later("The authority, where there are several that issue."))
]
SignerFile = Annotated[
    Path | None,
    typer.Option(
        _SIGNERS,
        metavar="FILE",
        help=later("The passphrase of the authority's key is its first line; else the terminal asks for it."),
    ),
]


NewPassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--new-passphrase-file", metavar="FILE", help=later("The passphrase of keys that are made is its first line.")
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group `pki`."""
    from sentinel.cli import (
        pki_asking,
        pki_audit,
        pki_founding,
        pki_issuing,
        pki_keeping,
        pki_reading,
        pki_signer,
        pki_status,
        pki_verify,
    )

    group = typer.Typer(rich_markup_mode=None)
    modules = (
        pki_founding, pki_asking, pki_issuing, pki_reading, pki_audit, pki_status, pki_keeping, pki_signer, pki_verify,
    )  # fmt: skip
    for module in modules:
        module.register(group)
    app.add_typer(group, name="pki")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the settings, who there is, who acts, the folder of authorities and its register."""

    now: Settings
    people: People
    by: Acting
    home: Home
    register: Register

    @property
    def moment(self) -> int:
        """Give the time now, nanoseconds since 1970, UTC."""
        return time.time_ns()


@contextmanager
def calling(ctx: typer.Context, key: Path | None, passphrase_file: Path | None) -> Iterator[Call]:
    """Give what a command works with that changes something. Raise Refused, InputError, StoreError."""
    from sentinel.cli.acting import acting_among
    from sentinel.people.register import read
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    people = read(now.people)
    by = acting_among(people, key, passphrase_file)
    home = Home(now.pki)
    with closing(home.register()) as opened:
        _must_be_there(opened)
    with closing(home.register(write=True)) as opened:
        yield Call(now, people, by, home, opened)


@contextmanager
def reading(ctx: typer.Context) -> Iterator[tuple[Settings, Home, Register]]:
    """Give what a command works with that only reads. Raise InputError where there is no authority, StoreError."""
    from sentinel.pki.office.home import Home

    now = settings.load(ctx.obj)
    home = Home(now.pki)
    with closing(home.register()) as opened:
        _must_be_there(opened)
        yield now, home, opened


def _must_be_there(opened: Register) -> None:
    if not opened.is_there:
        raise InputError(
            _("there is no certificate authority here"),
            place=str(opened.folder),
            hint=_("`sentinel pki init` makes one"),
        )


def unlocking(path: Path | None) -> Callable[[KeyEntry], bytes]:
    """Give what unlocks the keys of authorities: the first line of a file, or what the terminal is asked for."""
    known: list[bytes] = []

    def unlock(entry: KeyEntry) -> bytes:
        if not known:
            known.append(passphrase(path, _("Passphrase of the authority's key {name}").format(name=entry.name)))
        return known[0]

    return unlock


def passphrase(path: Path | None, prompt: str, option: str = _SIGNERS) -> bytes:
    """Give a passphrase: the first line of a file, or what the terminal is asked for. Raise InputError for neither."""
    from sentinel.crypto.key_files import passphrase_bytes, read_passphrase

    if path is not None:
        return read_passphrase(path)
    if not sys.stdin.isatty():
        is_signers = option == _SIGNERS
        raise InputError(
            _("the authority's key needs its passphrase") if is_signers else _("the key needs its passphrase"),
            hint=_("give {option} FILE, or call from a terminal, which asks for it").format(option=option),
        )
    return passphrase_bytes(typer.prompt(prompt, hide_input=True, err=True))
