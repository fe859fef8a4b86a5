"""One connection of a signer: questions are taken and answered in turn, until the caller ends or breaks the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.pki.signing import protocol
from sentinel.pki.signing.declined import Declined
from sentinel.pki.signing.protocol import PATIENCE

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sentinel.pki.signing.protocol import Wire
    from sentinel.pki.signing.signer import Caller, Signer


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a caller is waited for: `idle` seconds for a question to begin, `patience` for it to be whole."""

    idle: float | None = None
    patience: float = PATIENCE


def talk(wire: Wire, signer: Signer, caller: Caller, turn: AbstractContextManager[object], waiting: Waiting) -> None:
    """Answer a caller's questions, each within `turn`, until there are no more, or none comes in time.

    A frame that breaks the rules ends the connection: what comes behind it could be anything.
    """
    try:
        while (payload := wire.receive(waiting.idle, waiting.patience)) is not None:
            with turn:
                answered = signer.answer(payload, caller)
            wire.send(answered, waiting.patience)
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
