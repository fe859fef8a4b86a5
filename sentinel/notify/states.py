"""The states of channels, kept beside the store: one small file, replaced as a whole."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from sentinel.errors import Damaged, StoreError
from sentinel.language import _
from sentinel.notify.plan import State  # noqa: TC001 - msgspec reads annotations when the program runs
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

FILE: Final = "notify.json"
LOCK: Final = "notify.lock"
_VERSION: Final = 1


class _Kept(msgspec.Struct, frozen=True):
    version: int
    channels: dict[str, State]


def read(folder: Path) -> dict[str, State]:
    """Give the state of each channel by its name; none where nothing was ever sent. Raise StoreError, Damaged."""
    path = folder / FILE
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise disk.refused(error, path) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged(
            _("what was told cannot be read: {reason}").format(reason=error),
            place=str(path),
            hint=_("move it away: channels then begin with what happens next"),
        ) from error
    if kept.version != _VERSION:
        raise StoreError(_("a newer Sentinel wrote this file"), place=str(path))
    return kept.channels


def write(folder: Path, channels: Mapping[str, State]) -> None:
    """Keep the states; durable when this returns. Raise StoreError."""
    with disk.told(folder / FILE):
        disk.put(folder / FILE, msgspec.json.encode(_Kept(_VERSION, dict(channels))))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one that sends for as long as the context lasts. Raise StoreError where another does."""
    with disk.locked(folder / LOCK, wait=False) as is_ours:
        if not is_ours:
            raise StoreError(
                _("another process is sending notifications"),
                place=str(folder / LOCK),
                hint=_("`sentinel notify watch` sends by itself; one at a time is enough"),
            )
        yield
