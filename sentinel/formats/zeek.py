r"""What Zeek's logs share, as tables (TSV) and as JSON.

The same record comes out the same from both: booleans as `true` and `false`, times and intervals in seconds with six
decimals, as the tables have them; a field that is not set is not there. Text is what Zeek's JSON writer makes of it: in
what is not plain UTF-8 every byte beyond ASCII stays a `\xNN` escape, and so do control characters.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sentinel.model.batch import EventKind
from sentinel.model.datasets_network import ZEEK_LOGS
from sentinel.model.zeek_log import CONNECTION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.zeek_log import ZeekLog

LOGS: Final[Mapping[str, ZeekLog]] = {each.path: each for each in ZEEK_LOGS}
TYPES: Final[Mapping[str, Mapping[str, str]]] = {each.path: each.types() for each in ZEEK_LOGS}
UNKNOWN: Final = "unknown"
_OF_ANY: Final = frozenset(name for name, _type, _meaning in CONNECTION)
_LONGEST_PATH = 64

_ESCAPED = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(\\))")
# What a JSON log writes as it is, of one byte; and of more, control characters and private ones left out.
_PLAIN = frozenset({*range(0x20, 0x7F), *b"\b\f\n\r\t"})
_ODD = re.compile("[\x00-\x07\x0b\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufff0-\uffff]")


@lru_cache(maxsize=1024)
def dataset_of(path: str) -> str:
    """Name the dataset of a log by its path: `zeek.conn`; what is no letter, digit or `_` in it becomes `_`."""
    return "zeek." + (re.sub(r"[^a-z0-9_]+", "_", path.lower()).strip("_")[:_LONGEST_PATH] or UNKNOWN)


def unescaped(text: str) -> str:
    r"""Undo the escapes of a table (`\x2c`, `\\`) as far as a JSON log would write what they stand for."""
    data = _ESCAPED.sub(_byte, text.encode("utf-8", "surrogatepass"))
    try:
        plain = data.decode()
    except UnicodeDecodeError:
        return _escaped(data)
    return _escaped(data) if _ODD.search(plain) else plain


def _byte(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode()) if found[1] else b"\\"


def _escaped(data: bytes) -> str:
    return "".join(chr(byte) if byte in _PLAIN else f"\\x{byte:02x}" for byte in data)


def seconds(value: Any) -> Any:  # noqa: ANN401 - a JSON value in, and what is no number out again
    """Give a number of seconds as a table has it: six decimals, no exponent."""
    if type(value) is str and "." in value:
        whole, _dot, fraction = value.partition(".")
        if len(fraction) <= 6 and fraction.isdecimal():  # noqa: PLR2004 - microseconds
            return f"{whole}.{fraction:0<6}"
    return _decimal(value, value)


def _decimal(value: object, otherwise: object) -> Any:  # noqa: ANN401
    try:
        return f"{float(value):.6f}" if type(value) in {str, int, float} else otherwise  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return otherwise


def double(value: Any) -> Any:  # noqa: ANN401
    """Give a fraction as a table has it: at most six decimals, at least one."""
    text = _decimal(value, None)
    if text is None or text[-1] not in "0123456789":
        return value
    short = text.rstrip("0")
    return short + "0" if short.endswith(".") else short


_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECONDS = 100_000_000_000


def time(value: Any) -> Any:  # noqa: ANN401
    """Give a time of JSON (seconds, milliseconds since 1970, or ISO 8601) as a table has it: seconds since 1970."""
    if type(value) is int:
        millis = value if abs(value) >= _MILLISECONDS else value * 1000
        return f"{'-' if millis < 0 else ''}{abs(millis) // 1000}.{abs(millis) % 1000:03d}000"
    if type(value) is str and "-" in value[1:] and ":" in value:
        return _iso(value)
    return seconds(value)


def _iso(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _BEGIN
    except (ValueError, OverflowError):
        return value
    micros = since // _MICROSECOND
    return f"{'-' if micros < 0 else ''}{abs(micros) // 1_000_000}.{abs(micros) % 1_000_000:06d}"


def add_computed(path: str, event: dict[str, Any]) -> None:
    """Add the fields that are computed from others of a log: parts of URIs, sums of both directions."""
    add = _COMPUTED.get(path)
    if add is not None:
        add(event)


def _add_uri(event: dict[str, Any]) -> None:
    uri = event.get("uri")
    if type(uri) is str:
        event["uri_path"], mark, query = uri.partition("?")
        if mark:
            event["uri_query"] = query


def _add_sums(event: dict[str, Any]) -> None:
    try:
        event["total_ip_bytes"] = int(event["orig_ip_bytes"]) + int(event["resp_ip_bytes"])
        event["total_pkts"] = int(event["orig_pkts"]) + int(event["resp_pkts"])
    except (KeyError, ValueError, TypeError):
        return


_COMPUTED: Final[Mapping[str, Callable[[dict[str, Any]], None]]] = {"http": _add_uri, "conn": _add_sums}
COMPUTED: Final[Mapping[str, frozenset[str]]] = {
    "conn": frozenset({"total_ip_bytes", "total_pkts"}),
    "http": frozenset({"uri_path", "uri_query"}),
}


@lru_cache(maxsize=1024)
def kind_of(path: str) -> EventKind:
    """Give the kind of a log's events."""
    return EventKind(dataset_of(path))


@lru_cache(maxsize=4096)
def path_of_record(names: frozenset[str]) -> str:
    """Tell a log by the names of a whole record's fields; `unknown` where none has all that it always has."""
    own = names - _OF_ANY
    return _best(names, [log for log in ZEEK_LOGS if log.always <= names and not own.isdisjoint(TYPES[log.path])])


@lru_cache(maxsize=256)
def path_of_columns(names: frozenset[str]) -> str:
    """Tell a log by some of its columns; `unknown` where not just one has them all."""
    fitting = [log for log in ZEEK_LOGS if names <= TYPES[log.path].keys()]
    return fitting[0].path if len(fitting) == 1 else UNKNOWN


def _best(names: frozenset[str], logs: list[ZeekLog]) -> str:
    """Give the log that knows most of the names, and of those the one of which most is there."""
    best = max(logs, key=lambda log: (len(names & TYPES[log.path].keys()), -len(log.fields)), default=None)
    return best.path if best else UNKNOWN
