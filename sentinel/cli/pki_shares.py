"""Shares of a root's passphrase at the command line: handed out, read again, put together."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import typer

from sentinel.cli.pki import passphrase
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sentinel.pki.office.ceremony import Share

_WIPE = "\x1b[2J\x1b[3J\x1b[H"
"""Wipes a terminal and what was scrolled out of it (ECMA-48, ED; xterm's 3)."""


def giving(folder: Path | None) -> Callable[[Share], None]:
    """Give what hands out shares: into files, or on the terminal, one after the other. Raise InputError for neither."""
    if folder is None and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(
            _("shares are shown at a terminal, each to its custodian alone"), hint=_("or written: --shares FOLDER")
        )
    return partial(_write, folder) if folder else _show


def root_secret(shares: Sequence[Path] | None, file: Path | None, root: str) -> bytes:
    """Give the passphrase of a root's key: of custodians' shares, a file, or the terminal. Raise InputError."""
    return combined(shares) if shares else passphrase(file, _("Passphrase of the key {name}").format(name=root))


def combined(shares: Sequence[Path]) -> bytes:
    """Give the passphrase that files with shares give. Raise InputError."""
    from sentinel.crypto.key_files import secret_of
    from sentinel.pki.office import ceremony

    return ceremony.combined([secret_of(path).decode("utf-8", "replace") for path in shares])


def _write(folder: Path, share: Share) -> None:
    path = folder / f"{share.custodian}.share"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        told = _("there is a file already, and nothing is overwritten")
        raise InputError(told, place=str(path), hint=_("name a new folder or file")) from None
    except OSError as error:
        raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(path)) from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(share.words + "\n")
        stream.flush()
        os.fsync(handle)


def _show(share: Share) -> None:
    typer.prompt(
        _("{name}, alone before this screen, presses Enter").format(name=share.custodian), default="", err=True
    )
    typer.echo(f"\n{share.words}\n", err=True)
    typer.prompt(_("Written down? Enter wipes the screen"), default="", show_default=False, err=True)
    typer.echo(_WIPE, nl=False, err=True)
