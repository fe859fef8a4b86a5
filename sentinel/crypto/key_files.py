"""Files with keys: read with care, written once.

A private key that others can read is none: such a file is refused before it is looked into.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from typing import TYPE_CHECKING, Final

from sentinel.crypto.keys import PassphraseNeeded, PrivateKey, PublicKey
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FOR_OTHERS: Final = stat.S_IRWXO | stat.S_IWGRP
_LARGEST: Final = 64 * 1024


def read_private(path: Path, ask: Callable[[], bytes] | None = None) -> PrivateKey:
    """Read a private key; `ask` gives the passphrase where one is needed.

    Raises InputError for a file that others may read or change, that is no key, or whose passphrase is another.
    """
    content = secret_of(path)
    try:
        return PrivateKey.of_bytes(content, None, str(path))
    except PassphraseNeeded:
        if ask is None:
            raise
    return PrivateKey.of_bytes(content, ask(), str(path))


def read_public(path: Path) -> PublicKey:
    """Read a public key, PEM or a line of OpenSSH. Raises InputError for anything else."""
    return PublicKey.of_text(_content(path).decode("utf-8", "replace"), str(path))


def read_passphrase(path: Path) -> bytes:
    """Give a file's first line as a passphrase. Raises InputError where others may read it, or it is empty."""
    lines = secret_of(path).decode("utf-8", "surrogateescape").splitlines()
    if not lines or not lines[0]:
        raise InputError(_("there is no passphrase on its first line"), place=str(path))
    return passphrase_bytes(lines[0])


def passphrase_bytes(text: str) -> bytes:
    """Give a passphrase as it is used: NFC, so that it does not matter how a keyboard composes Vietnamese letters."""
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogateescape")


def write_private(path: Path, key: PrivateKey, passphrase: bytes) -> None:
    """Write a private key, encrypted, to a new file that only its owner may read (0600).

    Raises InputError where there is something at the path, it cannot be written, or the passphrase is too short.
    """
    content = key.pem(passphrase)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise InputError(
            _("there is a file already, and a key is never overwritten"), place=str(path), hint=_("choose another name")
        ) from None
    except OSError as error:
        raise InputError(_("cannot be written: {reason}").format(reason=error.strerror), place=str(path)) from None
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(handle)


def secret_of(path: Path) -> bytes:
    """Give what stands in a file that only its owner may read. Raises InputError where others may, too."""
    return _content(path, secret=True)


def _content(path: Path, *, secret: bool = False) -> bytes:
    try:
        with path.open("rb") as stream:
            if secret:
                _check_mode(os.fstat(stream.fileno()).st_mode, path)
            return stream.read(_LARGEST)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(_("cannot be read: {reason}").format(reason=reason), place=str(path)) from None


def _check_mode(mode: int, path: Path) -> None:
    if stat.S_ISREG(mode) and mode & _FOR_OTHERS:
        told = _("others may read or change this file (mode {mode}), so it holds no secret")
        raise InputError(
            told.format(mode=f"{mode & 0o777:o}"),
            place=str(path),
            hint=_("make it yours alone: chmod 600 FILE; if others could read it until now, use a new one"),
        )
