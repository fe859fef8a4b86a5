"""Logs in the W3C extended format: those of IIS, HTTP.sys, Windows' firewall, proxies and content networks.

See https://www.w3.org/TR/WD-logfile.html. `#Fields:` names what stands in the lines behind it, up to the next one;
`#Software:` tells the product. Fields are parted by spaces (IIS writes those within a field as `+`), by tabs or, as
Exchange does, by commas; a field with spaces stands between quotes. `date` and `time` are UTC by the standard.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sentinel.formats import lines
from sentinel.formats.base import Block, Format, Splits
from sentinel.formats.request_line import decoded
from sentinel.language import _, later
from sentinel.model.batch import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.formats.gather import Gatherer

    Split = Callable[[str], list[str]]

_FIELDS, _SOFTWARE, _DATE = b"#Fields:", b"#Software:", b"#Date:"
_MOST_FIELDS = 512
_LONGEST_HEADER = 16 << 10
# What software calls itself, its beginning in lower case → dataset.
_DATASETS: Final = (
    ("microsoft internet information services", "iis.access"),
    ("microsoft http api", "iis.httperr"),
    ("microsoft windows firewall", "pfirewall.log"),
)
_PROXY: Final = frozenset({"s-action", "s-hierarchy", "r-host", "r-ip", "s-object-source", "sc-filter-result"})
_FIREWALL: Final = frozenset({"action", "protocol", "src-ip", "dst-ip"})
# Fields that every IIS log has one of, where the head of a file was cut off with its `#Software:`.
_IIS: Final = frozenset({"sc-substatus", "sc-win32-status"})
_TOKEN = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"(?= |\Z)|([^ ]++)')
_COMMA = re.compile(r'(?:\A|,)(?:"([^"]*+(?:""[^"]*+)*+)"(?=,|\Z)|([^,]*+))')
_STEMS: Final = ("cs-uri-stem", "cs-uri-path", "cs-uri", "c-uri")
_DAY = re.compile(r"\s*(\d{4}-\d\d-\d\d)\b")
_REMEMBERED = 512
"""As in `request_line`: most URIs come again and again."""
_LOCAL_TIME = frozenset({"pfirewall.log"})


def kind_of(software: str, names: list[str]) -> EventKind:
    """Give the kind of the events under a header, by what wrote it and by the fields it has."""
    software, present = software.strip().lower(), frozenset(names)
    known = next((dataset for begin, dataset in _DATASETS if software.startswith(begin)), "")
    if not known:
        known = next((dataset for wanted, dataset in _TELLING if wanted(present)), "w3c.log")
    return EventKind(known, provider=software)


_TELLING: Final = (
    (lambda names: bool(_IIS & names), "iis.access"),
    (lambda names: bool(_PROXY & names), "w3c.proxy"),
    (lambda names: names >= _FIREWALL, "pfirewall.log"),
    (lambda names: "sc-status" in names, "w3c.access"),
)


def names_in(fields: str) -> list[str]:
    """Give the names that `#Fields:` lists."""
    return (fields.replace(",", " ") if "," in fields else fields).split()[:_MOST_FIELDS]


def splitter_of(fields: str, line: str) -> Split:
    """Give what takes a line apart, by how its header and the first of them are written."""
    if "," in fields:
        return lambda text: _quoted(_COMMA, text)
    if "\t" in line:
        return lambda text: text.split("\t")
    return lambda text: _quoted(_TOKEN, text) if '"' in text else text.rstrip(" ").split(" ")


def _quoted(pattern: re.Pattern[str], text: str) -> list[str]:
    return [one.replace('""', '"') or other for one, other in pattern.findall(text)]


def event_of(names: list[str], values: list[str], *, utc: bool, today: str | None = None) -> dict[str, Any] | None:
    """Give a line as an event, with the fields that are computed from others; None where they are too few or many.

    `today` is the date of the lines that have none.
    """
    if len(values) != len(names):
        return None
    event: dict[str, Any] = dict(zip(names, values))  # noqa: B905 - they are as many, and strict takes its time
    day, time = event.get("date", today), event.get("time")
    if day is not None and time is not None:
        event["date-time"] = f"{day} {time}{'Z' if utc else ''}"
    named = next(filter(event.__contains__, _STEMS), None)
    if named is not None:
        stem = event[named]
        query = event.get("cs-uri-query", "")
        host = event.get("cs-host") if "cs-uri-path" in event else None
        many = len(stem) + len(query) < _REMEMBERED
        event |= (_uris if many else _uris.__wrapped__)(stem, query, host, event.get("cs-uri-scheme"))
    agent = event.get("cs(User-Agent)")
    if agent is not None:
        event["cs-user-agent"] = agent.replace("+", " ")
    return event


@lru_cache(maxsize=8192)
def _uris(stem: str, query: str, host: str | None, scheme: str | None) -> dict[str, str]:
    """Give the URI, as it was asked for and decoded, `+` a space anywhere; that of a proxy has the host in front."""
    uri = stem if query in {"", "-"} else f"{stem}{'' if query.startswith('?') else '?'}{query}"
    if host and host != "-":
        uri = f"{scheme}://{host}{uri}" if scheme and scheme != "-" else host + uri
    return {"uri": uri, "uri_decoded": decoded(uri.replace("+", " ")) if "%" in uri or "+" in uri else uri}


def recognise(head: bytes) -> bool:
    """Tell whether a line of the head lists fields; they are of no use to the lines in front of it."""
    if not (head.startswith((b"#", b"\xef\xbb\xbf#")) or b"\n#Fields: " in head):
        return False
    return any(line.startswith("#Fields: ") and len(line.split()) > 1 for line in _comments(head))


def _comments(head: bytes) -> list[str]:
    rows = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [lines.text_of_line(row) for row in rows if row.startswith(b"#")]


def head(before: bytes, data: bytes) -> bytes:
    """Give the lines that say how the lines behind this block are to be read: the last of each."""
    found = dict.fromkeys((_SOFTWARE, _DATE, _FIELDS), b"")
    for each in (before, data):
        for name in found:
            at = each.rfind(name)
            while at > 0 and each[at - 1 : at] not in {b"\n", b"\xbf"}:
                at = each.rfind(name, 0, at)
            if at >= 0:
                found[name] = each[at : at + _LONGEST_HEADER].partition(b"\n")[0] + b"\n"
    return b"".join(found.values())


def read(block: Block, gatherer: Gatherer) -> None:
    """Gather every line of a block, under the header that stands in front of it."""
    under = _Header()
    for line in block.head.splitlines():
        under.take(line)
    events = 0
    take = gatherer.of(under.kind).take
    for raw, text, position, number in lines.decoded(block):
        if text.startswith(("#", "\ufeff#")):
            under.take(raw.removeprefix(b"\xef\xbb\xbf"))
            take = gatherer.of(under.kind).take
            continue
        event = under.event_of(text)
        if event is not None:
            take(event, raw, position)
            events += 1
        elif raw.strip():
            gatherer.fault(position, _("a line that is not of this format"), number)
    lines.tell_escapes(block, gatherer)
    gatherer.took(events, len(block.data))


class _Header:
    """What is known of the lines that come."""

    __slots__ = ("_fields", "_names", "_software", "_split", "_today", "_utc", "kind")

    def __init__(self) -> None:
        self._fields = self._software = ""
        self._names: list[str] = []
        self._split: Split | None = None
        self._today: str | None = None
        self._utc = True
        self.kind = kind_of("", [])

    def take(self, line: bytes) -> None:
        """Learn from a line that begins with `#`."""
        name, _colon, value = lines.text_of_line(line).partition(":")
        if name == "#Software":
            self._software = value
        elif name == "#Fields":
            self._fields, self._names, self._split = value, names_in(value), None
        else:
            if name == "#Date" and (day := _DAY.match(value)):
                self._today = day[1]
            return
        self.kind = kind_of(self._software, self._names)
        self._utc = self.kind.dataset not in _LOCAL_TIME

    def event_of(self, line: str) -> dict[str, Any] | None:
        """Read a line; None where no header stands in front of it, or it has not the fields that it says."""
        if not self._names:
            return None
        if self._split is None:
            self._split = splitter_of(self._fields, line)
        return event_of(self._names, self._split(line), utc=self._utc, today=self._today)


FORMAT = Format(
    "w3c", later("W3C extended log (IIS, HTTP.sys, proxies)"), recognise, lines.cut, read, Splits.NEVER, head=head
)
