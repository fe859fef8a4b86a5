"""Logs of Unbound: queries, replies, and what else it tells.

See unbound.conf(5), `log-queries` and `log-replies`: a query is client, name, type and class; a reply has the code, how
long it took in seconds, whether it came from the cache, and its size behind them. In front stands a time (in seconds
since 1970, or as `log-time-ascii` and `log-time-iso` say), and the process and thread; syslog has its own head
in place of the time.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.language import later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.formats.gather import Gatherer
    from sentinel.formats.lines import Later, Told

QUERY: Final = EventKind("unbound.query", provider="unbound")
LOG: Final = EventKind("unbound.log", provider="unbound")

_LINE = re.compile(
    r"(?:\[(?P<epoch>\d{9,11}(?:\.\d{1,9})?)\]|(?P<iso>\d{4}-\d\d-\d\dT[0-9:.,]{8,20}(?:Z|[+-][\d:]{4,6})?)"
    r"|(?P<ascii>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)) unbound(?P<message>\[.*)"
)
_MESSAGE = re.compile(r"\[(?P<pid>\d+):(?P<thread>[0-9a-f]+)\] (?P<level>[a-z]+): (?P<message>.*)")
_ADDRESS = r"[0-9a-fA-F:.]{2,45}(?:%\w+)?"
_ASKED = r"(?P<name>\S+) (?P<qtype>[A-Z][A-Z0-9-]*) (?P<qclass>IN|CH|HS|NONE|ANY|CLASS\d+)"
_QUERY = re.compile(
    rf"(?:(?P<tag>query|reply): )?(?P<client>{_ADDRESS})(?:@(?P<port>\d+))? {_ASKED}"
    r"(?: (?P<rcode>[A-Z][A-Z0-9]*) (?P<resolve_time>\d+\.\d+) (?P<from_cache>[01]) (?P<size>\d+))?(?: (?P<rest>.*))?"
)
# `log-local-actions` and `rpz-log`: a zone's action on a query.
_ACTION = re.compile(
    r"(?:rpz: applied (?:\[(?P<rpz>[^\]]*)\] )?)?(?P<zone>\S+) (?P<action>[a-z][a-z_-]+) "
    rf"(?P<client>{_ADDRESS})@(?P<port>\d+) {_ASKED}(?P<rest>.*)"
)
_TIMES = ("epoch", "iso", "ascii")


def tell(message: str) -> Told | None:
    """Read what follows the time, or the head of syslog: `[123:0] info: …`; None where it is not of Unbound."""
    return lines.now(_told_later(message))


def _told_later(message: str) -> Later | None:
    found = _MESSAGE.fullmatch(message)
    if found is None:
        return None
    query = _QUERY.fullmatch(message, found.start(4))
    return (LOG, partial(_log, found)) if query is None else (QUERY, partial(_query, found, query))


def _query(found: re.Match[str], query: re.Match[str]) -> dict[str, Any]:
    parts = _parts(query)
    pid, thread, level, _text = found.groups()
    kind = "reply" if parts["rcode"] else "query"
    return {"pid": pid, "thread": thread, "level": level, **parts, "type": kind}


def _log(found: re.Match[str]) -> dict[str, Any]:
    event: dict[str, Any] = found.groupdict()
    action = _ACTION.fullmatch(event["message"])
    return event | _parts(action) if action else event


def _parts(found: re.Match[str]) -> dict[str, Any]:
    """Give the parts that are there; the name also without its last dot, as other servers and rules write it."""
    parts: dict[str, Any] = found.groupdict()
    parts["query"] = parts["name"].removesuffix(".") or parts["name"]
    return parts


def tell_line(line: str) -> Later | None:
    """Read a line of a file."""
    found = _LINE.fullmatch(line)
    told = _told_later(found["message"]) if found else None
    return (told[0], partial(_timed, found, told[1])) if found and told else None


def _timed(found: re.Match[str], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    event = make()
    event["time"] = next(found[name] for name in _TIMES if found[name])
    return event


def _parse(line: str) -> dict[str, Any] | None:
    told = tell_line(line)
    return told[1]() if told else None


def recognise(head: bytes) -> bool:
    """Tell whether most of the first lines are of Unbound."""
    return lines.most_parse(head, _parse)


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block."""
    lines.read_told(block, gatherer, tell_line)


FORMAT = Format("unbound", later("Unbound query log, and its other logs"), recognise, lines.cut, read, Splits.AT_LINES)
