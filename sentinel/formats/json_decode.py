"""JSON text to objects, losing nothing of it.

The fast decoder keeps integers of any size and the text of every fraction. What it refuses, but programs do write
(`NaN`, lone surrogates, control characters, bytes that are not UTF-8, a byte order mark), a slower one reads.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from sentinel.errors import InputError
from sentinel.language import _

REFUSALS = (ValueError, RecursionError, AttributeError, TypeError)
"""What reading a record that is not what it seems may raise."""

decode = msgspec.json.Decoder(float_hook=str).decode
"""Decode JSON; raises ValueError or RecursionError where `decode_anyhow` may still succeed."""

_lenient = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)


def decode_anyhow(text: bytes) -> dict[str, Any]:
    """Decode one JSON object that the fast decoder refused.

    Bytes that are not UTF-8 and lone surrogates become backslash escapes. Raises InputError where it is not a JSON
    object (RFC 8259 section 4), or is nested too deeply to read.
    """
    decoded = _BYTE.sub(_escaped, text.decode("utf-8-sig", "surrogateescape")).strip()
    try:
        value = _lenient.decode(decoded)
    except ValueError as error:
        raise InputError(_("not JSON: {reason}").format(reason=error)) from None
    except RecursionError:
        raise InputError(_("not read: JSON nested too deeply")) from None
    if not isinstance(value, dict):
        raise InputError(_("not an event: a JSON object was expected"))
    return {_sound(name): _sound_value(entry) for name, entry in value.items()}


# A byte that is not UTF-8, as `surrogateescape` gives it.
_BYTE = re.compile("[\udc80-\udcff]")


def _escaped(byte: re.Match[str]) -> str:
    return f"\\\\x{ord(byte[0]) & 0xFF:02x}"


def _sound(text: str) -> str:
    """Make text that UTF-8 can hold: a lone surrogate becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode() if not text.isascii() else text


def _sound_value(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return _sound(value)
    if isinstance(value, dict):
        return {_sound(name): _sound_value(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_sound_value(entry) for entry in value]
    return value
