"""Times as records write them, to UTC nanoseconds.

ISO 8601 with any number of fraction digits (those below a nanosecond are cut off), `T` or a space between, with or
without a zone; or a number since 1970: seconds (up to 11 digits, perhaps with a fraction), milliseconds (12–14),
microseconds (15–17) or nanoseconds (19). A time that names no zone is taken as UTC. Arrow reads a column of the usual
form at once; anything else is read here, one distinct text at a time.

Other forms that logs use have a reader each. What a time leaves out is read by rules that a `Clock` states: one without
a zone is a time of the clock's zone; one without a year lies in the year that makes it the latest not more than a day
after the clock's latest, which is when the log was last written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final, TypeAlias

import numpy as np
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
_USUAL = r"^(?:19[7-9]|20[0-9]|21[0-9])[0-9]-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
# Seconds that fit 64 bits as nanoseconds.
_SECONDS = r"^[0-8]?[0-9]{1,9}\.[0-9]{1,9}$"
_OFFSET = re.compile(r"[+-][0-9]{2}:?[0-9]{2}$")

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


@dataclass(frozen=True, slots=True)
class Clock:
    """How times that leave something out are read: the zone of those without one, and the latest that any can be."""

    zone: tzinfo = UTC
    latest: int = 0
    """Nanoseconds since 1970, UTC."""


ReadTime: TypeAlias = Callable[[str, Clock], int | None]
"""Reads a time as nanoseconds since 1970, UTC; None where it is none."""


def read_utc(value: str, _clock: Clock) -> int | None:
    """Read ISO 8601 or a number since 1970; a time without a zone is UTC, as Windows and cloud services write it."""
    return nanoseconds(value)


def read_iso(value: str, clock: Clock) -> int | None:
    """Read ISO 8601 or a number since 1970; a time without a zone is one of the clock's."""
    found = _ISO.fullmatch(value.strip())
    if found is None or found[8] is not None or found[4] is None:
        return nanoseconds(value)
    parts = [int(part or 0) for part in found.groups()[:6]]
    return local(clock, parts, _fraction(found[7], _SECOND))


def local(clock: Clock, parts: list[int], fraction: int = 0, offset: str | None = None) -> int | None:
    """Give the time of [year, month, day, hour, minute, second] in the clock's zone, or at an offset like `+0700`.

    None where there is no such time; a second of 60 is the next minute's first.
    """
    year, month, day, hour, minute, second = parts
    try:
        naive = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        seconds = int(naive.timestamp()) + (second == 60)  # noqa: PLR2004 - a leap second
        if offset is not None:
            seconds -= _offset(offset)
        elif clock.zone is not UTC:
            shift = naive.replace(tzinfo=clock.zone).utcoffset()
            seconds -= int(shift.total_seconds()) if shift else 0
    except (ValueError, OverflowError):
        return None
    time = seconds * _SECOND + fraction
    return time if second <= 60 and time in _INT64 else None  # noqa: PLR2004 - as above


_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_CLF = re.compile(r"(\d{1,2})/([A-Za-z]{3})/(\d{4}):(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:\s*([+-]\d{4}|Z))?")
_BSD = re.compile(
    r"([A-Za-z]{3})\s+(\d{1,2})(?:\s+(\d{4}))?\s+(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:\s+(\d{4}))?"
)


def read_clf(value: str, clock: Clock) -> int | None:
    """Read `10/Oct/2026:13:55:36 +0700` (the Common Log Format), also with a fraction or without a zone."""
    found = _CLF.fullmatch(value.strip().strip("[]"))
    month = found and _MONTHS.get(found[2].lower())
    if not found or not month:
        return None
    parts = [int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), int(found[6])]
    return local(clock, parts, _fraction(found[7], _SECOND), found[8])


def read_bsd(value: str, clock: Clock) -> int | None:
    """Read `Oct  1 22:14:15` (RFC 3164 section 4.1.2), also with a fraction, and with a year before or after the time.

    A name of a day in front is passed over. Any other text is read as `read_iso` does.
    """
    value = value.strip()
    found = _BSD.fullmatch(re.sub(r"^[A-Za-z]{3},?\s+(?=[A-Za-z]{3}\s)", "", value))
    month = found and _MONTHS.get(found[1].lower())
    if not found or not month:
        return read_iso(value, clock)
    rest = [month, int(found[2]), int(found[4]), int(found[5]), int(found[6])]
    fraction, year = _fraction(found[7], _SECOND), found[3] or found[8]
    if year:
        return local(clock, [int(year), *rest], fraction)
    latest = datetime.fromtimestamp(clock.latest // _SECOND, clock.zone).year
    # Four years back there was a 29 February, but for the turns of centuries.
    times = (local(clock, [each, *rest], fraction) for each in range(latest + 1, latest - 8, -1))
    return next((time for time in times if time is not None and time <= clock.latest + _DAY), None)


def read_times_with(read: ReadTime, texts: pa.Array, clock: Clock) -> pa.Array:
    """Read a column of texts as times; null where a text is none."""
    if read is read_iso and (at_once := _read_at_once(texts, zoned=clock.zone is not UTC)) is not None:
        return at_once
    distinct = pc.dictionary_encode(texts)
    times = [read(value, clock) for value in distinct.dictionary.to_pylist()]
    return pa.array(times, TIME).take(distinct.indices)


def read_times(texts: pa.Array) -> pa.Array:
    """Read a column of texts as times; null where a text is none."""
    at_once = _read_at_once(texts, zoned=False)
    if at_once is not None:
        return at_once
    distinct = pc.dictionary_encode(texts)
    times = [nanoseconds(value) for value in distinct.dictionary.to_pylist()]
    return pa.array(times, TIME).take(distinct.indices)


def _read_at_once(texts: pa.Array, *, zoned: bool) -> pa.Array | None:
    """Read a column whose texts are all of one usual form; None where they are not, or lack a zone they must have."""
    first = texts[pc.index(pc.is_valid(texts), value=True).as_py()].as_py() if texts.null_count < len(texts) else ""
    offset = _OFFSET.search(first)
    zone = offset[0] if offset else "Z" if zoned or first.endswith("Z") else ""
    try:
        if first[10:11] == ".":
            return _read_seconds(texts)
        if _all_match(texts, _USUAL + re.escape(zone) + "$"):
            naive = pc.utf8_slice_codeunits(texts, 0, -len(zone)) if zone else texts
            times = pc.cast(naive, pa.timestamp("ns"))
            shift = pa.scalar(_offset(zone or None) * _SECOND, pa.duration("ns"))
            return pc.assume_timezone(pc.subtract(times, shift) if offset else times, "UTC")
    except pa.ArrowInvalid:  # the 31st of February: read them one by one
        pass
    return None


def _read_seconds(texts: pa.Array) -> pa.Array | None:
    if not _all_match(texts, _SECONDS):
        return None
    # A decimal of nine digits behind the point is kept as so many nanoseconds, in 16 bytes.
    counted = pc.cast(texts, pa.decimal128(19, 9))
    kept = np.frombuffer(counted.buffers()[1], np.int64).reshape(-1, 2)[counted.offset :][: len(texts), 0]
    return pa.array(kept, mask=texts.is_null().to_numpy(zero_copy_only=False)).cast(TIME)


def _all_match(texts: pa.Array, expression: str) -> bool:
    return pc.all(pc.match_substring_regex(texts, expression)).as_py() is not False


def judge_times(texts: pa.Array, created: pa.Array, ingested: int) -> tuple[pa.Array, pa.Array]:
    """Give the times to sort events by, and why any is `ingested` instead of the record's own.

    `texts` are the records' times with blanks null, `created` what `read_times` made of them, and `ingested` is in
    nanoseconds since 1970, UTC. A time more than a day ahead of it is in the future.
    """
    latest = pc.max(created).value
    if not texts.null_count and not created.null_count and (latest is None or latest <= ingested + _DAY):
        return created, pa.nulls(len(created), pa.string())
    taken_in = pa.scalar(ingested, pa.int64()).cast(TIME)
    limit = pa.scalar(min(ingested + _DAY, _INT64[-1]), pa.int64()).cast(TIME)
    flags = pc.case_when(
        pc.make_struct(pc.is_null(texts), pc.is_null(created), pc.greater(created, limit)),
        *(pa.scalar(word) for word in ("missing", "unparsable", "future")),
    )
    return pc.if_else(pc.is_valid(flags), taken_in, created), flags
