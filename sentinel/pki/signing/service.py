"""The signer as a service of its own: a Unix socket, and a list of who may ask through it.

The kernel says who asks (SO_PEERCRED); nobody else gets further than a refusal. systemd starts it as any program: it
tells when it is ready (sd_notify), and ends with SIGTERM.
"""

from __future__ import annotations

import os
import signal
import socket
import stat
import struct
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, Lock, Thread
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.signing.declined import Declined
from sentinel.pki.signing.opening import opened
from sentinel.pki.signing.protocol import Wire, packed
from sentinel.pki.signing.signer import Caller
from sentinel.pki.signing.talking import Waiting, talk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path
    from types import FrameType

    from sentinel.pki.signing.signer import Signer

MOST_CALLERS: Final = 16
"""Connections that are served at once."""
WAITING: Final = Waiting(idle=120.0)
"""How long callers are waited for."""
_MODE: Final = 0o660
_CREDENTIALS: Final = struct.Struct("iII")


def serve(  # noqa: PLR0913 - what a service is started with
    home: Path,
    path: Path,
    people: Path,
    uids: Collection[int],
    secrets: Mapping[str, bytes],
    *,
    ready: Callable[[], None] = lambda: None,
    waiting: Waiting = WAITING,
) -> None:
    """Serve the signer of a home at a Unix socket until SIGTERM or SIGINT; `ready` is called when it can be asked.

    It is for a process of its own, which gives up what a signer does not need, the network too.

    `people` is the signer's own people.toml, `uids` are those who may ask, `secrets` the passphrases and PINs of the
    keys that it opens. Raises InputError where the socket cannot be made, and as `opening.opened`.
    """
    with opened(home, people, secrets) as signer, _listening(path) as listener, _until_ended():
        ready()
        _notify()
        _accept(listener, signer, frozenset(uids), waiting)


def _accept(listener: socket.socket, signer: Signer, uids: frozenset[int], waiting: Waiting) -> None:
    turn, places = Lock(), BoundedSemaphore(MOST_CALLERS)
    while True:
        stream, _address = listener.accept()
        refused = None if _uid(stream) in uids else Declined("wrong-user", uid=_uid(stream))
        if not refused and not places.acquire(blocking=False):
            refused = Declined("too-many")
        if refused:
            _turn_away(stream, signer, turn, refused)
        else:
            Thread(target=_served, args=(stream, signer, turn, places, waiting), daemon=True).start()


def _served(stream: socket.socket, signer: Signer, turn: Lock, places: BoundedSemaphore, waiting: Waiting) -> None:
    try:
        talk(Wire(stream), signer, Caller(_uid(stream)), turn, waiting)
    finally:
        places.release()


def _turn_away(stream: socket.socket, signer: Signer, turn: Lock, refused: Declined) -> None:
    with turn:
        answered = packed(signer.refuse(refused, _uid(stream)))
    with stream, suppress(OSError):
        Wire(stream).send(answered, patience=0.2)


def _uid(stream: socket.socket) -> int:
    """Give the user at the other end, as the kernel knows them."""
    found = stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _pid, uid, _gid = _CREDENTIALS.unpack(found)
    return int(uid)


@contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    """Give a socket that listens at a path; a socket that nobody answers at any more makes place for it."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        before = os.umask(0o777 & ~_MODE)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(MOST_CALLERS)
    except OSError as error:
        listener.close()
        told = _("the socket cannot be made: {reason}").format(reason=error.strerror or error)
        raise InputError(told, place=str(path), hint=_("its path has at most 107 bytes")) from None
    try:
        yield listener
    finally:
        listener.close()
        path.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """Remove the socket of a signer that was killed: whoever holds the home's lock is the only one."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()


class _Ended(Exception):  # noqa: N818 - not an error
    pass


@contextmanager
def _until_ended() -> Iterator[None]:
    def end(_signal: int, _frame: FrameType | None) -> None:
        raise _Ended

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with suppress(_Ended):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _notify() -> None:
    """Tell systemd that the signer can be asked, where it is systemd that started it (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stream, suppress(OSError):
            stream.sendto(b"READY=1", "\0" + address[1:] if address.startswith("@") else address)
