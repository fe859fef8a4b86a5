"""The server: uvicorn with httptools, on a port or a Unix socket, until it is told to stop.

Anybody may connect, so `sentinel.pki.status.connections` bounds what one may take. On SIGTERM or SIGINT it takes no
more connections, ends the answers it has begun, and returns. Beside it a thread lets the source look for changes, about
once a second; what that thread finds wrong is told at `/health`.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import stat
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.status.app import App

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sentinel.pki.status.source import Source

_log: Final = logging.getLogger(__name__)
_BACKLOG: Final = 1024
_LAST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the server listens: a port of an address (0: any that is free), or a Unix socket; `held` is as in `App`."""

    host: str = "127.0.0.1"
    port: int = 8080
    path: Path | None = None
    mode: int = 0o660
    connections: int = 1000
    held: int = 3600
    every: float = 1.0


def serve(source: Source, listening: Listening, started: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; `started` is told the address. Raises InputError where it cannot listen there."""
    source.look(int(time.time()))
    with _socket(listening) as bound:
        if started:
            started(address_of(bound))
        asyncio.run(_run(source, listening, bound))


def address_of(bound: socket.socket) -> str:
    """Give the address of a socket as people write it."""
    name = bound.getsockname()
    if isinstance(name, str):
        return f"unix:{name}"
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"http://{host}:{name[1]}"


async def _run(source: Source, listening: Listening, bound: socket.socket) -> None:
    from sentinel.pki.status.connections import server

    looking = asyncio.create_task(_look(source, listening.every))
    try:
        await server(App(source, held=listening.held), listening.connections).serve([bound])
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


async def _look(source: Source, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            await asyncio.to_thread(source.look, int(time.time()))
        except Exception:  # noqa: BLE001 - a bug of ours must not end the service, nor be hidden
            _log.exception("looking for changes")


@contextmanager
def _socket(listening: Listening) -> Iterator[socket.socket]:
    """Listen; a Unix socket that nobody listens on any more is replaced, and removed at the end."""
    try:
        bound = _at_path(listening) if listening.path else _at_port(listening)
    except OSError as error:
        reason = error.strerror or str(error)
        place = str(listening.path or f"{listening.host}:{listening.port}")
        raise InputError(
            _("cannot listen there: {reason}").format(reason=reason),
            place=place,
            hint=_("another program may be listening; give another --port or --socket"),
        ) from None
    with bound:
        try:
            yield bound
        finally:
            if listening.path:
                listening.path.unlink(missing_ok=True)


def _at_port(listening: Listening) -> socket.socket:
    if not 0 <= listening.port <= _LAST_PORT:
        raise OSError(errno.EINVAL, _("a port is a number from 0 to {last}").format(last=_LAST_PORT))
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named, and each answer would wait 40 ms without it.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((listening.host, listening.port))
        bound.listen(_BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound


def _at_path(listening: Listening) -> socket.socket:
    path = str(listening.path)
    bound = socket.socket(socket.AF_UNIX)
    try:
        if listening.path and stat.S_ISSOCK(_kind(listening.path)) and bound.connect_ex(path):
            listening.path.unlink()
            bound.close()
            bound = socket.socket(socket.AF_UNIX)
        bound.bind(path)
        os.chmod(path, listening.mode)  # noqa: PTH101 - of the socket just made
        bound.listen(_BACKLOG)
    except BaseException:
        bound.close()
        raise
    return bound


def _kind(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0
