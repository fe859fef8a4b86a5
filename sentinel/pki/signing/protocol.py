"""What a signer is asked and what it answers: frames of msgpack over a stream socket.

    frame = length of the payload (4 bytes, the highest first), payload

One question, one answer, in turn. Every bound that a question has stands here, and is checked before anything else is.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from sentinel.pki.model import Algorithm  # noqa: TC001 - msgspec reads annotations when the program runs
from sentinel.pki.signing.declined import Declined

if TYPE_CHECKING:
    import socket

    from sentinel.errors import SentinelError

_LENGTH: Final = struct.Struct(">I")
MOST_BYTES: Final = 64 << 20
"""Bytes of a frame: as many as a list of a million entries needs."""
MOST_AT_ONCE: Final = 500
"""Things that one question asks to sign."""
MOST_BYTES_AT_ONCE: Final = 4 << 20
"""Bytes that a client puts into one question, unless one thing has more."""
MOST_COVERED: Final = 100_000
"""Things that one approval covers."""
PATIENCE: Final = 10.0
"""Seconds from the first byte of a frame to its last."""
_CHUNK: Final = 1 << 18

Name: TypeAlias = Annotated[str, Meta(max_length=128)]
Digest: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=32)]
Paper: TypeAlias = Annotated[bytes, Meta(max_length=64 << 10)]
Papers: TypeAlias = Annotated[tuple[Paper, ...], Meta(max_length=16)]


class Question(msgspec.Struct, frozen=True, tag_field="ask", forbid_unknown_fields=True):
    """What a client asks."""


class Keys(Question, frozen=True, tag="keys"):
    """Tell which keys are there."""


class Cover(Question, frozen=True, tag="cover"):
    """These approvals are for what has these SHA-256, one behind the other, and is to be signed by this key."""

    key: Name
    approvals: Papers
    digests: Annotated[bytes, Meta(max_length=32 * MOST_COVERED)]


class Sign(Question, frozen=True, tag="sign"):
    """Sign these bytes, for these intents; `cover` is what `Cover` was answered with."""

    key: Name
    kind: Name
    tbs: Annotated[list[bytes], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    intents: Annotated[list[int], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    cover: int = 0
    grant: Name = ""


class Recall(Question, frozen=True, tag="recall"):
    """Tell which signatures were made over what has these SHA-256."""

    digests: Annotated[list[Digest], Meta(max_length=MOST_AT_ONCE)]


class Give(Question, frozen=True, tag="give"):
    """Take down a standing grant that two people approved."""

    statement: Paper
    approvals: Papers


class Withdraw(Question, frozen=True, tag="withdraw"):
    """End a standing grant."""

    grant: Name
    approvals: Papers


class Acts(Question, frozen=True, tag="acts"):
    """Tell what stands in the log behind this number."""

    after: Annotated[int, Meta(ge=0)]


class Answer(msgspec.Struct, frozen=True, tag_field="answer"):
    """What the signer answers."""


class KeyRow(Answer, frozen=True, tag="key"):
    """A key that a signer has: its name, the authority it signs for, how it signs, its public half in DER."""

    name: str
    algorithm: Algorithm
    spki: bytes
    issuer: str = ""


class TheKeys(Answer, frozen=True, tag="keys"):
    """The keys that are there."""

    keys: tuple[KeyRow, ...]


class Covered(Answer, frozen=True, tag="covered"):
    """The number that stands for accepted approvals."""

    cover: int


class Signed(Answer, frozen=True, tag="signed"):
    """The signatures, in the order of the questions."""

    signatures: list[bytes]


class Recalled(Answer, frozen=True, tag="recalled"):
    """Signatures that were made, by the SHA-256 of what they are over."""

    signatures: dict[bytes, bytes]


class Done(Answer, frozen=True, tag="done"):
    """It is taken down, as this act."""

    act: int


class TheActs(Answer, frozen=True, tag="acts"):
    """Bodies and digests of acts, in their order; none behind the last."""

    acts: list[tuple[bytes, bytes]]


class Refusal(Answer, frozen=True, tag="refused"):
    """No, and why: see `declined`."""

    code: str
    values: dict[str, str] = {}


class Trouble(Answer, frozen=True, tag="trouble"):
    """The signer cannot answer now: the kind and the parts of an error."""

    kind: str
    message: str
    place: str = ""
    hint: str = ""


AnyQuestion: TypeAlias = Keys | Cover | Sign | Recall | Give | Withdraw | Acts
AnyAnswer: TypeAlias = TheKeys | Covered | Signed | Recalled | Done | TheActs | Refusal | Trouble
_encoder: Final = msgspec.msgpack.Encoder()
_questions: Final = msgspec.msgpack.Decoder(AnyQuestion)
_answers: Final = msgspec.msgpack.Decoder(AnyAnswer)


def trouble(error: SentinelError) -> Trouble:
    """Give the answer that tells an error."""
    return Trouble(type(error).__name__, error.message, error.place, error.hint)


def packed(message: msgspec.Struct) -> bytes:
    """Give a message as msgpack."""
    return _encoder.encode(message)


def question(payload: bytes | bytearray) -> AnyQuestion:
    """Read a question. Raises Declined for what is none, or is out of bounds."""
    try:
        found: AnyQuestion = _questions.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Declined("garbage") from None
    return found


def answer(payload: bytes | bytearray) -> AnyAnswer:
    """Read an answer. Raises Declined for what is none."""
    try:
        found: AnyAnswer = _answers.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Declined("garbage") from None
    return found


class Wire:
    """A stream socket that frames go over."""

    __slots__ = ("_socket",)

    def __init__(self, stream: socket.socket) -> None:
        self._socket = stream

    def receive(self, idle: float | None = None, patience: float | None = PATIENCE) -> bytearray | None:
        """Give the next frame's payload; None where the other side ended, or said nothing for `idle` seconds.

        Raises Declined for a frame that is too large, ends in its middle, or is not whole `patience` seconds after its
        first byte; OSError where the socket is broken.
        """
        self._socket.settimeout(idle)
        try:
            head = bytearray(self._socket.recv(_LENGTH.size))
        except TimeoutError:
            return None
        if not head:
            return None
        until = time.monotonic() + patience if patience else None
        self._fill(head, _LENGTH.size, until)
        (size,) = _LENGTH.unpack(head)
        if size > MOST_BYTES:
            raise Declined("too-large")
        payload = bytearray()
        self._fill(payload, size, until)
        return payload

    def _fill(self, content: bytearray, size: int, until: float | None) -> None:
        while len(content) < size:
            self._socket.settimeout(None if until is None else max(until - time.monotonic(), 0.001))
            try:
                chunk = self._socket.recv(min(size - len(content), _CHUNK))
            except TimeoutError:
                raise Declined("too-slow") from None
            if not chunk:
                raise Declined("garbage")
            content += chunk

    def send(self, payload: bytes, patience: float | None = PATIENCE) -> None:
        """Send a frame. Raises OSError where the other side ended, or does not read it in time."""
        self._socket.settimeout(patience)
        self._socket.sendall(_LENGTH.pack(len(payload)) + payload)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
