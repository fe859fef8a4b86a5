"""Files of authorities that others may read or change."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from sentinel.language import _
from sentinel.pki.register.tables import NAME
from sentinel.pki.signing.home import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sentinel.pki.office.home import Home

_OTHERS: Final = 0o077
_OTHERS_WRITE: Final = 0o022


def loose(home: Home) -> Iterator[tuple[str, str, str]]:
    """Give what is wrong with the modes of files, where, and the command that mends it."""
    secret = [*_below(home.signer, ".pem", ".old", ".db", ".toml"), *_below(home.folder / "ocsp", ".pem")]
    secret_there = (home.signer / KEYS).exists()
    rules: tuple[tuple[Iterable[Path], int, str], ...] = (
        (secret, _OTHERS, _("others may read or change it")),
        # Where the signer is a service, the folder holds the way to its socket alone.
        ([home.signer] if secret_there else [], _OTHERS, _("others may look into it")),
        (
            [home.folder, home.folder / NAME, *_below(home.folder / "agencies"), *_below(home.folder / "profiles")],
            _OTHERS_WRITE,
            _("others may change it"),
        ),
    )
    for paths, bits, told in rules:
        for path in paths:
            mode = path.stat().st_mode if path.exists() else 0
            # keys.toml holds nothing secret, but says which key signs what.
            forbidden = _OTHERS_WRITE if path.name == KEYS else bits
            if mode & forbidden and not stat.S_ISSOCK(mode):
                yield told, str(path), f"chmod {mode & 0o777 & ~forbidden:o} {path}"


def _below(folder: Path, *suffixes: str) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in suffixes or not suffixes)
