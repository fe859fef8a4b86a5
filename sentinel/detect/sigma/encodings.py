"""Sigma's encoding modifiers, for every text.

pySigma's own know ASCII only: `utf16` loses the bytes of its mark in Base64, `wide` refuses Vietnamese, `base64offset`
counts letters where it needs bytes, and `utf16le` is missing. Those of the specification (2.0, "Encoding Modifiers")
stand here, in their place.
"""

from __future__ import annotations

import codecs
from base64 import b64encode
from typing import TYPE_CHECKING

from sigma.exceptions import SigmaValueError
from sigma.modifiers import (
    SigmaBase64Modifier,
    SigmaBase64OffsetModifier,
    SigmaUTF16BEModifier,
    SigmaUTF16Modifier,
    SigmaWideModifier,
    modifier_mapping,
)
from sigma.types import SigmaExpansion, SigmaString

if TYPE_CHECKING:
    from collections.abc import Iterable

# How much of Base64 depends on bytes around the text: at the beginning by where it begins, at the end by where it ends.
_STARTS = (0, 2, 3)
_ENDS = (None, -3, -2)


class Encoded(SigmaString):
    """Text in another encoding: its octets, and as text a letter for each, as programs show it that expect ASCII."""

    octets: bytes

    @classmethod
    def of(cls, text: SigmaString, codec: str, mark: bytes = b"") -> Encoded:
        """Encode what is literal of a text, behind a byte order mark."""
        encoded = cls()
        parts = [part.encode(codec) if isinstance(part, str) else part for part in text.s]
        letters = [part.decode("latin-1") if isinstance(part, bytes) else part for part in (mark, *parts)]
        encoded.s = [part for part in letters if part != ""]
        encoded.octets = mark + b"".join(part for part in parts if isinstance(part, bytes))
        return encoded


def _octets(text: SigmaString) -> bytes:
    if text.contains_special():
        raise SigmaValueError("Base64 encoding of strings with wildcards is not allowed")
    return text.octets if isinstance(text, Encoded) else "".join(map(str, text.s)).encode()


class _Wide(SigmaWideModifier):
    def modify(self, val: SigmaString) -> SigmaString:
        return Encoded.of(val, "utf-16-le")


class _BigEndian(SigmaUTF16BEModifier):
    def modify(self, val: SigmaString) -> SigmaString:
        return Encoded.of(val, "utf-16-be")


class _Marked(SigmaUTF16Modifier):
    def modify(self, val: SigmaString) -> SigmaString:
        return Encoded.of(val, "utf-16-le", codecs.BOM_UTF16_LE)


class _Base64(SigmaBase64Modifier):
    def modify(self, val: SigmaString) -> SigmaString:
        return SigmaString(b64encode(_octets(val)).decode())


class _Base64Offset(SigmaBase64OffsetModifier):
    def modify(self, val: SigmaString) -> SigmaExpansion:
        octets = _octets(val)
        return SigmaExpansion([SigmaString(text) for text in _shifted(octets)])


def _shifted(octets: bytes) -> Iterable[str]:
    """Give what Base64 always holds of octets, for the three places in it where they can begin."""
    for shift in range(3):
        code = b64encode(bytes(shift) + octets).decode()
        yield code[_STARTS[shift] : _ENDS[(len(octets) + shift) % 3]]


def install() -> None:
    """Put the modifiers in the place of pySigma's."""
    modifier_mapping.update(
        {
            "wide": _Wide,
            "utf16le": _Wide,
            "utf16be": _BigEndian,
            "utf16": _Marked,
            "base64": _Base64,
            "base64offset": _Base64Offset,
        }
    )
