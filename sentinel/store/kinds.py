"""Kinds of entries: what histories say, as structures and as the JSON that is chained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from sentinel.errors import Damaged
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Mapping

Happened = TypeVar("Happened", bound=msgspec.Struct)
_ENCODER = msgspec.json.Encoder()


class Kinds(Generic[Happened]):
    """The kinds of entries that the histories of one sort of subject have."""

    def __init__(self, kinds: Mapping[str, type[Happened]], fault: str, hint: str) -> None:
        """Take them by their words; `fault`, with `{reason}`, and `hint` are told of an entry that cannot be read."""
        self._names = {kind: name for name, kind in kinds.items()}
        self._decoders = {name: msgspec.json.Decoder(kind) for name, kind in kinds.items()}
        self._fault, self._hint = fault, hint

    def kind_of(self, happened: Happened) -> str:
        """Give the word for what happened."""
        return self._names[type(happened)]

    def written(self, happened: Happened) -> bytes:
        """Give what happened as JSON."""
        return _ENCODER.encode(happened)

    def read(self, kind: str, body: bytes) -> Happened:
        """Give what happened; raise Damaged where it is not what `written` gave."""
        try:
            return self._decoders[kind].decode(body)
        except (KeyError, TypeError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Damaged(_(self._fault).format(reason=error), hint=_(self._hint)) from error
