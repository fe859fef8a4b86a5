"""One connection of a signer: questions are taken and answered in turn, until the caller ends or breaks the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.pki.signing import protocol
from sentinel.pki.signing.declined import Declined

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sentinel.pki.signing.protocol import Wire
    from sentinel.pki.signing.signer import Caller, Signer


def talk(
    wire: Wire, signer: Signer, caller: Caller, turn: AbstractContextManager[object], idle: float | None = None
) -> None:
    """Answer a caller's questions, each within `turn`, until there are no more or `idle` seconds pass without one.

    A frame that breaks the rules ends the connection: what comes behind it could be anything.
    """
    try:
        while (payload := wire.receive(idle)) is not None:
            with turn:
                answered = signer.answer(payload, caller)
            wire.send(answered)
    except Declined as error:
        with turn:
            answered = protocol.packed(signer.refuse(error, caller.uid))
        _last(wire, answered)
    except OSError:
        pass  # the caller has gone; what was signed for it is in the log
    finally:
        wire.close()


def _last(wire: Wire, answered: bytes) -> None:
    try:
        wire.send(answered, patience=1.0)
    except OSError:
        return
