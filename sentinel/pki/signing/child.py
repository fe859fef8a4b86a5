"""The signer as a child of the one process that asks it, over the socket that it was started with.

`python -m sentinel.pki.signing.child FD PARENT`: the first frame says which home and keys, and has their passphrases,
so that none of it stands in the arguments or the environment. It ends with its parent.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import nullcontext
from pathlib import Path

import msgspec

from sentinel.errors import SentinelError
from sentinel.pki.signing import protocol
from sentinel.pki.signing.opening import opened
from sentinel.pki.signing.protocol import Wire
from sentinel.pki.signing.seclusion import die_with_parent
from sentinel.pki.signing.signer import Caller
from sentinel.pki.signing.talking import Waiting, talk


class Start(msgspec.Struct, frozen=True):
    """What a child is started with; `dies` where it is to die with the thread that started it."""

    home: str
    people: str
    secrets: dict[str, bytes]
    dies: bool


def run(stream: socket.socket, parent: int) -> None:
    """Be the signer at the other end of a socket, until that ends."""
    wire = Wire(stream)
    payload = wire.receive()
    if payload is None:
        return
    start = msgspec.msgpack.decode(payload, type=Start)
    if start.dies:
        die_with_parent(parent)
    try:
        with opened(Path(start.home), Path(start.people), start.secrets) as signer:
            wire.send(protocol.packed(signer.keys()))
            talk(wire, signer, Caller(os.getuid()), nullcontext(), Waiting())
    except SentinelError as error:
        wire.send(protocol.packed(protocol.trouble(error)))


def main() -> None:
    """Start as the arguments say."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    number, parent = map(int, sys.argv[1:])
    run(socket.socket(fileno=number), parent)


if __name__ == "__main__":
    main()
