"""Zeek's logs as JSON, one object a line (`LogAscii::use_json`).

Where a record does not name its log (`_path`), the names of its fields tell it. Fields have no types in JSON: those of
the logs that Zeek ships are known, and what a site added is kept as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import zeek
from sentinel.formats.schema import Schema, dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.model.batch import EventKind

# A few logs have names that any program might use: there a value has to be of Zeek too.
_WITNESSES: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "cluster": ("node", re.compile(r"manager|logger|(?:proxy|worker|logger)-\S+|zeek")),
    "config": ("id", re.compile(r"\w+::\w+.*")),
    "known_hosts": ("host", re.compile(r"[0-9.]{7,15}|[0-9A-Fa-f:.]{2,45}")),
    "print": ("vals", re.compile("(?!)")),
    "reporter": ("level", re.compile(r"Reporter::\w+")),
    "traceroute": ("src", re.compile(r"[0-9.]{7,15}|[0-9A-Fa-f:.]{2,45}")),
}
_TIME = re.compile(r"\d{1,11}\.\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?")
_CONNECTION: Final = ("uid", "id.orig_h", "id.resp_h")


def recognise(record: Mapping[str, Any]) -> bool:
    """Tell whether a record names its log, has an identity and ends of a connection, or just the names of a log."""
    when = record.get("ts")
    if type(record.get("_path")) is str:
        return when is not None or "_write_ts" in record or "name" in record
    if type(when) is not int and not (type(when) is str and _TIME.fullmatch(when)):
        return False
    if all(name in record for name in _CONNECTION):
        return True
    ends = record.get("id")
    if type(ends) is dict:
        return "orig_h" in ends and "resp_h" in ends
    return _is_of_a_log(record)


def _is_of_a_log(record: Mapping[str, Any]) -> bool:
    names = frozenset(record)
    path = zeek.path_of_record(names)
    if path == zeek.UNKNOWN or not zeek.TYPES[path].keys() >= names:
        return False
    if path not in _WITNESSES:
        return True
    field, pattern = _WITNESSES[path]
    value = record[field]
    return type(value) is str and pattern.fullmatch(value) is not None


@lru_cache(maxsize=256)
def _converters(path: str) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Give the fields of a log whose values JSON writes otherwise than a table does."""
    kinds = {"ts": "time", "_write_ts": "time"} | dict(zeek.TYPES.get(path, {}))
    return tuple((name, convert) for name, kind in kinds.items() if (convert := _BY_TYPE.get(kind)))


def _intervals(values: object) -> Any:  # noqa: ANN401
    if type(values) is not list:
        return zeek.seconds(values)
    return [zeek.seconds(value) for value in values if value is not None]


_BY_TYPE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "time": zeek.time,
    "interval": zeek.seconds,
    "double": zeek.double,
    "vector[interval]": _intervals,
}


def read(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    """Give a record's kind and flat native event."""
    event = record
    values = record.values()
    if None in values or dict in map(type, values):
        event = {name: value for name, value in record.items() if value is not None and type(value) is not dict}
        for name, value in record.items():
            if type(value) is dict:
                event |= {f"{name}.{inner}": each for inner, each in dotted(value).items()}
    path = event.get("_path")
    if type(path) is not str:
        path = zeek.path_of_record(frozenset(event))
    for name, convert in _converters(path):
        if name in event:
            event[name] = convert(event[name])
    zeek.add_computed(path, event)
    return zeek.kind_of(path), event


SCHEMA = Schema("zeek", "Zeek (JSON)", recognise, read, marks=(b'"uid"', b'"_path"', b'"ts"'))
