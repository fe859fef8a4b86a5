"""Where a page ended, as a text that the next one is asked for with.

A page goes on behind the sort value and the id of the last event, so that nothing is repeated or left out whatever
arrives between. It is asked of the moment of the first page: its window, its `now`, and the events that had been taken
in by then. The text holds that, and a hash of it with the question and the order: it fits no other question.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from sentinel.errors import StoreError
from sentinel.language import _
from sentinel.model.window import Window

if TYPE_CHECKING:
    from sentinel.store.base import Order, Question

    Value: TypeAlias = int | float | bytes | str

_VERSION: Final = 1
_DIGEST_BYTES: Final = 12
_LONGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Key:
    """What an event is sorted by: `value` of the kind that `rank` tells, None where it has none, and its id."""

    rank: int
    value: Value | None
    id: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last event of a page, and the moment of the first one; events taken in after `bound` (ns) are not seen."""

    key: Key
    window: Window
    now: int
    bound: int


class _Content(msgspec.Struct, array_like=True):
    version: int
    since: int | None
    until: int | None
    now: int
    bound: int
    rank: int
    value: int | float | bytes | None
    id: str


def begun(question: Question, after: str, order: Order) -> tuple[Question, Cursor | None]:
    """Give what to ask, as of the first page, and where the page before ended. Raises StoreError for a foreign text."""
    if not after:
        return question, None
    cursor = _read(after, question, order)
    since, until = cursor.window.since, cursor.window.until
    if _moved(question.window.since, since, question, cursor) or _moved(question.window.until, until, question, cursor):
        raise _foreign()
    return replace(question, window=cursor.window, now=cursor.now), cursor


def _moved(asked: int | None, first: int | None, question: Question, cursor: Cursor) -> bool:
    """Tell whether a bound is another than on the first page; one that goes with the present is the same."""
    if asked is None or first is None:
        return asked is not first
    return asked not in {first, first + question.now - cursor.now}


def ended(question: Question, order: Order, key: Key, before: Cursor | None, ingested: int) -> str:
    """Write where a page of a question ended; `ingested` is when the latest of its events was taken in."""
    bound = before.bound if before else max(time.time_ns(), ingested)
    value = key.value.encode("utf-8", "surrogatepass") if isinstance(key.value, str) else key.value
    window = question.window
    content = msgspec.msgpack.encode(
        _Content(_VERSION, window.since, window.until, question.now, bound, key.rank, value, key.id)
    )
    return urlsafe_b64encode(_digest(content, question, order) + content).decode().rstrip("=")


def _read(after: str, question: Question, order: Order) -> Cursor:
    try:
        if len(after) > _LONGEST:
            raise _foreign()
        whole = urlsafe_b64decode(after.encode("ascii") + b"=" * (-len(after) % 4))
        digest, content = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
        if digest != _digest(content, question, order):
            raise _foreign()
        told = msgspec.msgpack.decode(content, type=_Content)
        value = (
            told.value.decode("utf-8", "surrogatepass")
            if told.rank == TEXT and isinstance(told.value, bytes)
            else told.value
        )
    except (ValueError, msgspec.MsgspecError):
        raise _foreign() from None
    return Cursor(Key(told.rank, value, told.id), Window(told.since, told.until), told.now, told.bound)


NUMBER, ADDRESS, TEXT = range(3)
"""The kinds of values, in the order that they are sorted in."""


def _digest(content: bytes, question: Question, order: Order) -> bytes:
    asked = repr((question.query, question.datasets, question.zone, order))
    return blake2b(
        content, digest_size=_DIGEST_BYTES, key=blake2b(asked.encode("utf-8", "surrogatepass")).digest()
    ).digest()


def _foreign() -> StoreError:
    return StoreError(
        _("this page cannot be gone on from: it is of another question or order"),
        hint=_("ask for the first page again"),
    )
