"""Times as records write them, to UTC nanoseconds.

ISO 8601 with any number of fraction digits (those below a nanosecond are cut off), `T` or a space between, with or
without a zone; or a number since 1970: seconds (up to 11 digits, perhaps with a fraction), milliseconds (12–14),
microseconds (15–17) or nanoseconds (19). A time that names no zone is taken as UTC. Arrow reads a column of the usual
form at once; anything else is read here, one distinct text at a time.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_SECOND = 1_000_000_000
_DAY: Final = 86_400 * _SECOND
_INT64 = range(-(1 << 63), 1 << 63)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_SCALES = {
    **dict.fromkeys(range(1, 12), _SECOND),
    **dict.fromkeys((12, 13, 14), 10**6),
    **dict.fromkeys((15, 16, 17), 1000),
}
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]+([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,40}))?)?)?"
    r"\s*([Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_NUMBER = re.compile(r"(-?)([0-9]{1,19})(?:\.([0-9]{1,40}))?")
# The form that nearly every record uses, within the years that nanoseconds can count.
_USUAL = r"^(?:19[7-9]|20[0-9]|21[0-9])[0-9]-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z?$"

TIME = pa.timestamp("ns", "UTC")


def nanoseconds(value: str) -> int | None:
    """Read a time as nanoseconds since 1970, UTC; None where it is none, or outside 1677–2262."""
    value = value.strip()
    found = _ISO.fullmatch(value)
    time = _calendar_time(found) if found else _numeric_time(value)
    return time if time is not None and time in _INT64 else None


def _calendar_time(found: re.Match[str]) -> int | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    if hour > 24 or minute > 59 or second > 60:  # noqa: PLR2004 - 24:00:00 and leap seconds are ISO 8601
        return None
    try:
        days = date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    seconds = hour * 3600 + minute * 60 + second - _offset(found[8])
    return days * _DAY + seconds * _SECOND + _fraction(found[7], _SECOND)


def _offset(zone: str | None) -> int:
    if zone is None or zone[0] not in "+-":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[3:].removeprefix(":") or 0) * 60
    return -seconds if zone[0] == "-" else seconds


def _fraction(digits: str | None, scale: int) -> int:
    return int(digits[:20]) * scale // 10 ** len(digits[:20]) if digits else 0


def _numeric_time(value: str) -> int | None:
    found = _NUMBER.fullmatch(value)
    if not found:
        return None
    scale = 1 if len(found[2]) == 19 else _SCALES.get(len(found[2]))  # noqa: PLR2004 - 1.7e18 ns is now
    if scale is None:
        return None
    time = int(found[2]) * scale + _fraction(found[3], scale)
    return -time if found[1] else time


def read_times(texts: pa.Array) -> pa.Array:
    """Read a column of texts as times; null where a text is none."""
    usual = pc.all(pc.match_substring_regex(texts, _USUAL)).as_py()
    if usual is not False:
        try:
            return pc.assume_timezone(pc.cast(pc.utf8_rtrim(texts, "Z"), pa.timestamp("ns")), "UTC")
        except pa.ArrowInvalid:  # the 31st of February: read them one by one
            pass
    distinct = pc.dictionary_encode(texts)
    times = [nanoseconds(value) for value in distinct.dictionary.to_pylist()]
    return pa.array(times, TIME).take(distinct.indices)


def judge_times(texts: pa.Array, created: pa.Array, ingested: int) -> tuple[pa.Array, pa.Array]:
    """Give the times to sort events by, and why any is `ingested` instead of the record's own.

    `texts` are the records' times with blanks null, `created` what `read_times` made of them, and `ingested` is in
    nanoseconds since 1970, UTC. A time more than a day ahead of it is in the future.
    """
    taken_in = pa.scalar(ingested, pa.int64()).cast(TIME)
    limit = pa.scalar(min(ingested + _DAY, _INT64[-1]), pa.int64()).cast(TIME)
    flags = pc.case_when(
        pc.make_struct(pc.is_null(texts), pc.is_null(created), pc.greater(created, limit)),
        *(pa.scalar(word) for word in ("missing", "unparsable", "future")),
    )
    return pc.if_else(pc.is_valid(flags), taken_in, created), flags
