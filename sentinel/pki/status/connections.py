"""What one connection may take of the server: octets and time until its request is whole, and how many there are.

This is the one module that imports uvicorn.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sentinel.pki.status.ocsp import LARGEST

if TYPE_CHECKING:
    from collections.abc import Generator

    from sentinel.pki.status.app import App

_REQUEST: Final = LARGEST + (64 << 10)
"""Octets that a connection may send before a request of it is whole."""
_SECONDS: Final = 15
"""Seconds that a connection may take to send a request, or may be silent between two."""
_STOPPING: Final = 5
"""Seconds that answers under way may take when the server is to stop."""


def server(app: App, connections: int) -> uvicorn.Server:
    """Give a server that is not started yet, for so many connections at once."""
    return _Server(
        uvicorn.Config(
            app,
            http=_Connection,
            loop="asyncio",
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            log_level="error",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=connections,
            timeout_keep_alive=_SECONDS,
            timeout_graceful_shutdown=_STOPPING,
        )
    )


class _Server(uvicorn.Server):
    """A server that a signal ends, without raising it again: whoever started it goes on."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop, told = asyncio.get_running_loop(), []
        try:
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(each, setattr, self, "should_exit", True)  # noqa: FBT003 - as setattr takes it
                told.append(each)
        except (ValueError, RuntimeError):
            pass  # another thread: whoever started it stops it
        try:
            yield
        finally:
            for each in told:
                loop.remove_signal_handler(each)


class _Connection(HttpToolsProtocol):
    """A connection that is closed when it sends too much or too slowly."""

    _taken = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._timer is None:
            self._wait()
        self._taken += len(data)
        if self._taken > _REQUEST:
            self.transport.close()
            return
        super().data_received(data)

    def on_message_complete(self) -> None:
        self._taken = 0
        self._stop()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._timer = self.loop.call_later(_SECONDS, self._late)

    def _late(self) -> None:
        self._timer = None
        self.transport.close()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
