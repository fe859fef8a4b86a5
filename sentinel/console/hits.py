"""Hits for other programs: one table of fields, from which JSON, CSV and their reference are made."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel.console.text import visible
from sentinel.console.times import iso
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentinel.detect.plan import Rule, Ruleset
    from sentinel.inputs.reader import Source
    from sentinel.model.hit import Hit


@dataclass(frozen=True, slots=True)
class Row:
    """A rule and an event that it hit; `file` is the path of the event's source."""

    rule: Rule
    hit: Hit
    file: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a hit as programs read it: its dotted name, its kind in JSON, what it says."""

    name: str
    kind: str
    meaning: str
    value: Callable[[Row], Any]


FIELDS: Final = (
    Field("rule.id", "string", "The rule's `id`; may be empty.", lambda row: row.rule.id),
    Field("rule.title", "string", "The rule's title.", lambda row: row.rule.title),
    Field(
        "rule.level",
        "string",
        "`informational`, `low`, `medium`, `high` or `critical`.",
        lambda row: Level(row.rule.level).label,
    ),
    Field(
        "rule.status",
        "string",
        "The rule's `status`, such as `stable`, `test` or `experimental`; may be empty.",
        lambda row: row.rule.status,
    ),
    Field("rule.tags", "array of strings", "The rule's tags, such as `attack.t1003.001`.", lambda row: row.rule.tags),
    Field(
        "rule.path",
        "string",
        "The file that holds the rule; in a zip archive `archive!name`.",
        lambda row: row.rule.path,
    ),
    Field(
        "event.id",
        "string",
        "The event's own, and the same whenever the record is read: also when its source was renamed or packed or has "
        "grown.",
        lambda row: row.hit.event_id,
    ),
    Field(
        "event.time",
        "string or null",
        "When it happened: RFC 3339, UTC, nine places. `null` where the event tells no time.",
        lambda row: iso(row.hit.time),
    ),
    Field("event.dataset", "string", "See [datasets](datasets/index.md).", lambda row: row.hit.dataset),
    Field("event.code", "string", "The event's number within its log, such as `4688`.", lambda row: row.hit.code),
    Field("event.host", "string", "The computer that logged it; may be empty.", lambda row: row.hit.host),
    Field("event.user", "string", "Who did it, as far as the event tells; may be empty.", lambda row: row.hit.user),
    Field(
        "event.source",
        "string",
        "The address that it came from, such as the client's; may be empty.",
        lambda row: row.hit.peer,
    ),
    Field("event.file", "string", "The path that was read; `-` is standard input.", lambda row: row.file),
    Field(
        "event.offset",
        "number",
        "Where in the file: the byte (of the unpacked content) at which the record begins; in EVTX its record number.",
        lambda row: row.hit.offset,
    ),
)
EVIDENCE: Final = Field(
    "evidence",
    "object",
    "The event itself: its fields in the Elastic Common Schema and, under `winlog`, the native ones.",
    lambda row: msgspec.Raw(row.hit.evidence or b"{}"),
)
DETAIL: Final = Field("detail", "string", "What happened, in one line.", lambda row: row.hit.detail)
CSV_FIELDS: Final = (*FIELDS, DETAIL)


class Rows:
    """Turns hits into rows: one for each rule that hit."""

    def __init__(self, ruleset: Ruleset, sources: Sequence[Source]) -> None:
        """Take rules and sources; these may come to be known only later, before hits of them do."""
        self._rules = ruleset.rules
        self._sources = sources

    def of(self, hits: Iterable[Hit]) -> Iterator[Row]:
        """Give the rows of hits."""
        for hit in hits:
            for rule in hit.rules:
                yield Row(self._rules[rule], hit, self._sources[hit.source].path)


_encoder = msgspec.json.Encoder()
# What JSON lets stand but a terminal may obey: DEL, the C1 controls, line separators, direction marks.
_OBEYED: Final = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]")


def as_json(row: Row) -> bytes:
    """Give a row as one line of JSON, UTF-8, with everything escaped that a terminal could obey."""
    document: dict[str, Any] = {}
    for field in FIELDS:
        group, name = field.name.split(".")
        document.setdefault(group, {})[name] = field.value(row)
    document["evidence"] = EVIDENCE.value(row)
    return harmless(_encoder.encode(document))


def harmless(json: bytes) -> bytes:
    """Escape what JSON text may hold but a terminal may obey."""
    return _OBEYED.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), json)


# Spreadsheets take a cell that begins so for a formula (OWASP, "CSV Injection"); the last four are full-width.
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")


def cell(value: object) -> str:
    """Give a CSV cell that is harmless to spreadsheets and terminals; lists are joined by blanks."""
    text = "" if value is None else " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    shown = visible(text)
    return f"'{shown}" if text.startswith(_FORMULA) else shown


def as_csv(cells: Iterable[object]) -> str:
    """Give a line of CSV (RFC 4180), with its line end."""
    line = io.StringIO()
    csv.writer(line).writerow([cell(value) for value in cells])
    return line.getvalue()
