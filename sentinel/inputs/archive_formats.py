"""The kinds of archive as formats in the account of a scan; their records are those of their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.formats.base import Format, Splits

if TYPE_CHECKING:
    from sentinel.formats.base import Block
    from sentinel.formats.gather import Gatherer


def _never(_head: bytes) -> bool:
    return False


def _nothing_whole(_data: bytes, _last: bool) -> int:  # noqa: FBT001 - the signature of every format's cut
    return 0


def _read_nothing(_block: Block, _gatherer: Gatherer) -> None:
    return


ARCHIVES: Final = {
    kind: Format(kind, title, _never, _nothing_whole, _read_nothing, Splits.NEVER)
    for kind, title in {"zip": "ZIP archive", "tar": "tar archive", "7z": "7z archive"}.items()
}
