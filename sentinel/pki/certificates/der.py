"""DER, as much of it as certificates need by hand: writing values, and walking what is written.

`cryptography` builds and reads certificates. By hand is done what it has no door for: a certificate put together from
what was approved and the signature that came back, lists spliced from stored entries, and lints that look at the very
bytes. ITU-T X.690, 8 and 10: tags of one octet, definite lengths in their shortest form.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from sentinel.errors import InputError
from sentinel.language import _

INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OID: Final = 0x06
BOOLEAN: Final = 0x01
UTF8_STRING: Final = 0x0C
PRINTABLE_STRING: Final = 0x13
IA5_STRING: Final = 0x16
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
NULL: Final = b"\x05\x00"
_SHORT: Final = 0x80
_MULTIBYTE_TAG: Final = 0x1F
_SEPTET: Final = 7


class Value(NamedTuple):
    """One value within bytes: its tag, and where it begins, its content begins, and it ends."""

    tag: int
    start: int
    content: int
    end: int


def tlv(tag: int, content: bytes) -> bytes:
    """Give a value: its tag of one octet, its length and its content."""
    size = len(content)
    if size < _SHORT:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _SHORT | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """Give a SEQUENCE of values."""
    return tlv(SEQUENCE, b"".join(parts))


def integer(value: int) -> bytes:
    """Give an INTEGER, zero or positive, in as few octets as hold it (X.690, 8.3)."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def bits(content: bytes) -> bytes:
    """Give a BIT STRING of whole octets, as signatures and keys are."""
    return tlv(BIT_STRING, b"\x00" + content)


def oid(dotted: str) -> bytes:
    """Give an OBJECT IDENTIFIER from its numbers, as in `2.5.4.97` (X.690, 8.19)."""
    first, second, *rest = (int(number) for number in dotted.split("."))
    return tlv(OID, b"".join(_septets(number) for number in (first * 40 + second, *rest)))


def _septets(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> _SEPTET:
        octets.append(number & 0x7F | _SHORT)
    return bytes(reversed(octets))


def at(content: bytes, start: int = 0, end: int | None = None) -> Value:
    """Give the value that begins at `start` and ends by `end`. Raises InputError where none does."""
    end = len(content) if end is None else end
    if start + 2 > end or content[start] & _MULTIBYTE_TAG == _MULTIBYTE_TAG:
        raise _broken(start)
    size, begins = content[start + 1], start + 2
    if size >= _SHORT:
        begins += size - _SHORT
        length = content[start + 2 : min(begins, end)]
        size = int.from_bytes(length, "big")
        # The shortest form alone is DER; 0x80 by itself is a length that is not told (BER).
        if size < _SHORT or not length[0]:
            raise _broken(start)
    if begins + size > end:
        raise _broken(start)
    return Value(content[start], start, begins, begins + size)


def within(content: bytes, outer: Value | None = None) -> list[Value]:
    """Give the values that stand one after another in `outer`, or in all of `content`. Raises InputError as `at`."""
    place, end = (outer.content, outer.end) if outer else (0, len(content))
    found = []
    while place < end:
        # What `at` does, for the short values that most are.
        begins = place + 2
        if (
            begins <= end
            and (size := content[place + 1]) < _SHORT
            and begins + size <= end
            and (tag := content[place]) & _MULTIBYTE_TAG != _MULTIBYTE_TAG
        ):
            value = Value(tag, place, begins, begins + size)
        else:
            value = at(content, place, end)
        found.append(value)
        place = value.end
    return found


def _broken(place: int) -> InputError:
    return InputError(_("not DER: octet {place}").format(place=place))


@lru_cache(maxsize=1024)
def dotted(content: bytes) -> str:
    """Give an OBJECT IDENTIFIER's content as numbers with dots. Raises InputError where it is none (X.690, 8.19)."""
    if not content or content[-1] & _SHORT:
        raise InputError(_("not DER: an OID that does not end"))
    numbers, number, begins = list[int](), 0, True
    for octet in content:
        if begins and octet == _SHORT:
            raise InputError(_("not DER: an OID with a number that begins with nothing"))
        number = number << _SEPTET | octet & 0x7F
        begins = not octet & _SHORT
        if begins:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))
