"""A private cache of compiled rules.

It holds whole sets, which a warm start reads at once, and for the latest few sets what each of their files compiled
to, for the next set that shares most of them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sentinel.detect.pieces import Piece
from sentinel.detect.plan import Ruleset

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

MOST_KEPT = 16
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Ruleset)
_pieces_decoder = msgspec.msgpack.Decoder(dict[bytes, msgspec.Raw])
_piece_decoder = msgspec.msgpack.Decoder(Piece)
# Suffix → how many of the latest files are kept: sets, references to them, and the pieces of a set.
_KEPT = {".rules": MOST_KEPT, ".ref": 4 * MOST_KEPT, ".files": 3}


class RuleCache:
    """A folder that only its owner can read, of files that carry their own checksum.

    Whatever is wrong with the cache, it is passed over: it only ever saves time.
    """

    def __init__(self, folder: Path) -> None:
        """Keep files in a folder, which is made when there is something to keep."""
        self._folder = folder

    def get(self, reference: str) -> Ruleset | None:
        """Give the set that a reference leads to."""
        content = self._read(f"{reference}.ref")
        return self.get_content(content.decode("ascii", "replace")) if content else None

    def get_content(self, content: str) -> Ruleset | None:
        """Give a set by the hash of what its files hold."""
        kept = self._read(f"{content}.rules")
        if kept is None:
            return None
        try:
            return _decoder.decode(kept)
        except (msgspec.DecodeError, ValueError):
            return None

    def refer(self, reference: str, content: str) -> None:
        """Let a reference lead to a set."""
        self._write(f"{reference}.ref", content.encode())

    def put(self, content: str, ruleset: Ruleset) -> None:
        """Keep a set."""
        self._write(f"{content}.rules", _encoder.encode(ruleset))
        self._forget()

    def pieces(self, digests: Collection[bytes]) -> dict[bytes, Piece]:
        """Give what files compiled to, by digest; those that are not kept are left out."""
        found: dict[bytes, Piece] = {}
        for name in self._latest(".files"):
            if len(found) == len(digests):
                break
            kept = self._read(name)
            with suppress(msgspec.DecodeError, ValueError):
                held = _pieces_decoder.decode(kept or b"\x80")
                wanted = [digest for digest in digests if digest in held and digest not in found]
                found |= {digest: _piece_decoder.decode(held[digest]) for digest in wanted}
        return found

    def put_pieces(self, content: str, pieces: Mapping[bytes, Piece]) -> None:
        """Keep what the files of a set compiled to."""
        self._write(f"{content}.files", _encoder.encode(pieces))

    def _is_private(self) -> bool:
        """Tell whether nobody else can put a file here: what is read from the cache is trusted."""
        try:
            of = self._folder.lstat()
        except OSError:
            return False
        return os.name == "nt" or (of.st_uid == os.getuid() and not of.st_mode & 0o022)

    def _read(self, name: str) -> bytes | None:
        if "/" in name or not self._is_private():
            return None
        try:
            kept = (self._folder / name).read_bytes()
        except OSError:
            return None
        checksum, body = kept[:32], kept[32:]
        return body if sha256(body).digest() == checksum else None

    def _write(self, name: str, body: bytes) -> None:
        temporary = self._folder / f".{name}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._is_private():
                temporary.write_bytes(sha256(body).digest() + body)
                temporary.replace(self._folder / name)
        except OSError:
            with suppress(OSError):
                temporary.unlink()

    def _latest(self, suffix: str) -> list[str]:
        """Name the files with a suffix, the latest first; another process may be taking some away."""
        if not self._is_private():
            return []
        dated: list[tuple[int, str]] = []
        for path in self._folder.glob(f"*{suffix}"):
            with suppress(OSError):
                dated.append((path.stat().st_mtime_ns, path.name))
        return [name for _time, name in sorted(dated, reverse=True)]

    def _forget(self) -> None:
        """Keep the latest few of every suffix."""
        for suffix, most in _KEPT.items():
            for name in self._latest(suffix)[most:]:
                with suppress(OSError):
                    (self._folder / name).unlink(missing_ok=True)
