"""Suricata's EVE log, one JSON object a line.

See https://docs.suricata.io/en/latest/output/eve/eve-json-format.html. Fields keep their names, dotted. How DNS is
written has changed twice; what versions 2 and 3 list (`dns.queries`, `dns.answers`, `dns.grouped`) is added under the
names of version 1 too: `dns.rrname`, `dns.rrtype`, `dns.rdata`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats.schema import Schema, dotted
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPE = re.compile(r"[a-z][a-z0-9_-]{1,31}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[+-]\d\d:?\d\d|Z)?")
_DNS: Final[Mapping[str, tuple[str, ...]]] = {
    "dns.rrname": ("dns.queries.rrname", "dns.query.rrname"),
    "dns.rrtype": ("dns.queries.rrtype", "dns.query.rrtype"),
    "dns.rdata": ("dns.answers.rdata", "dns.answer.rdata", "dns.answer.answers.rdata"),
}
_GROUPED = "dns.grouped."


def recognise(record: Mapping[str, Any]) -> bool:
    """Tell whether a record has an event's type and time, and either a flow's ends or an object of its type."""
    kind, when = record.get("event_type"), record.get("timestamp")
    if type(kind) is not str or type(when) is not str or not _TIME.fullmatch(when) or not _TYPE.fullmatch(kind):
        return False
    return type(record.get(kind)) is dict or ("src_ip" in record and "dest_ip" in record)


@lru_cache(maxsize=256)
def _kind(event_type: str) -> EventKind:
    return EventKind("suricata." + event_type.replace("-", "_"))


def read(record: dict[str, Any]) -> tuple[EventKind, dict[str, Any]]:
    """Give a record's kind and flat native event."""
    event = dotted(record)
    if "dns" in record:
        _add_dns(event)
    if "http.url" in event:
        _add_url(event)
    _add_sums(event)
    return _kind(record["event_type"]), event


def _add_dns(event: dict[str, Any]) -> None:
    for name, others in _DNS.items():
        if name not in event:
            values = [value for other in others for value in _list(event.get(other))]
            if name == "dns.rdata":
                values += [one for other in event if other.startswith(_GROUPED) for one in _list(event[other])]
            if values:
                event[name] = values[0] if len(values) == 1 else values


def _list(value: object) -> list[Any]:
    return value if type(value) is list else [] if value is None else [value]


def _add_url(event: dict[str, Any]) -> None:
    url = event["http.url"]
    if type(url) is str:
        event["http.url_path"], mark, query = url.partition("?")
        if mark:
            event["http.url_query"] = query


def _add_sums(event: dict[str, Any]) -> None:
    for name in ("bytes", "pkts"):
        sent, received = event.get(f"flow.{name}_toserver"), event.get(f"flow.{name}_toclient")
        if type(sent) is int and type(received) is int:
            event[f"flow.{name}"] = sent + received


SCHEMA = Schema("suricata", "Suricata EVE", recognise, read, marks=(b'"event_type"',))
