"""What the page's script is handed: one JSON document, in columns, each text once.

It stands in a `<script type="application/json">`, which browsers do not run; nothing in it can end that element, since
every `<` is escaped. Texts have passed `harmless`: the script shows them as they are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel import language
from sentinel.console.places import SHOWN_INPUT
from sentinel.console.report import EVIDENCE_PER_RULE, TACTICS, tactics_of
from sentinel.console.report_histogram import SECOND
from sentinel.console.report_markup import harmless
from sentinel.console.report_texts import script_texts
from sentinel.console.tally import techniques_of
from sentinel.inputs.reader import STANDARD_INPUT
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from zoneinfo import ZoneInfo

    from sentinel.console.report import Report
    from sentinel.detect.plan import Rule

_MILLISECOND: Final = 1_000_000
_MOST_DAYS: Final = 20_000
# `<!--` and `<script` would change how a browser reads what follows, `</script` would end it; U+2028 and U+2029 end
# lines in old scripts.
_ESCAPED: Final = re.compile(rb"[<>&]|\xe2\x80[\xa8\xa9]")


class _Table:
    """Values by number, each once."""

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Hashable) -> int:
        return self._numbers.setdefault(value, len(self._numbers))

    @property
    def values(self) -> list[Any]:
        return list(self._numbers)


class _Texts(_Table):
    def number(self, value: Hashable) -> int:
        return super().number(harmless(str(value)))


def report_json(report: Report) -> bytes:
    """Give the document, ready to stand in a script element."""
    texts, marks, names = _Texts(), _Table(), _Table()
    hits = _hits(report, texts, marks)
    evidence = [
        [
            texts.number(each.event_id),
            names.number(tuple(texts.number(name) for name, _text in each.fields)),
            [texts.number(text) for _name, text in each.fields],
        ]
        for each in report.evidence
    ]
    files = (SHOWN_INPUT if file.path == STANDARD_INPUT else file.path for file in report.summary.files)
    document = {
        "language": language.current(),
        "words": script_texts(),
        "offsets": list(offsets(report.zone, (hit.time for hit in report.hits))),
        "step": report.histogram.step * 1000,
        "begin": report.histogram.bars[0].begin // _MILLISECOND if report.histogram.bars else None,
        "bars": [bar.hits for bar in report.histogram.bars],
        "total": report.hit_count,
        "rules": [_rule(group.rules[0], report.rules[group.rules[0]]) for group in report.by_rule],
        "tactics": [[tactic.tag, _(TACTICS[tactic.tag])] for tactic in report.tactics],
        "kept": EVIDENCE_PER_RULE,
        "files": [harmless(path) for path in files],
        "hits": hits,
        "evidence": evidence,
        "names": names.values,
        "marks": marks.values,
        "texts": texts.values,
    }
    return in_script(msgspec.json.encode(document))


def in_script(json: bytes) -> bytes:
    """Escape what JSON may hold but a script element may not."""
    return _ESCAPED.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), json)


def _hits(report: Report, texts: _Texts, marks: _Table) -> dict[str, list[Any]]:
    times = [None if hit.time is None else hit.time // _MILLISECOND for hit in report.hits]
    return {
        "time": list(_steps(times)),
        "rule": [hit.rule for hit in report.hits],
        "host": [texts.number(hit.host) for hit in report.hits],
        "peer": [texts.number(hit.peer) for hit in report.hits],
        "user": [texts.number(hit.user) for hit in report.hits],
        "kind": [texts.number(hit.kind) for hit in report.hits],
        "file": [hit.file for hit in report.hits],
        "offset": [hit.offset for hit in report.hits],
        "detail": [texts.number(hit.detail) for hit in report.hits],
        "evidence": [-1 if hit.evidence is None else hit.evidence for hit in report.hits],
        "marks": [marks.number(tuple(texts.number(name) for name in hit.matched)) for hit in report.hits],
    }


def _steps(times: Iterable[int | None]) -> Iterator[int | None]:
    """Give each time as its distance from the one before."""
    before = 0
    for time in times:
        yield None if time is None else time - before
        before = before if time is None else time


def _rule(number: int, rule: Rule) -> dict[str, Any]:
    about = rule.about
    return {
        "number": number,
        "id": harmless(rule.id),
        "title": harmless(rule.title),
        "level": rule.level,
        "tactics": tactics_of(rule),
        "techniques": [harmless(name) for name in techniques_of(rule)],
        "description": harmless(about.description),
        "author": harmless(about.author),
        "falsepositives": [harmless(text) for text in about.falsepositives],
        "references": [harmless(text) for text in about.references],
        "source": harmless(rule.log_source),
    }


def offsets(zone: ZoneInfo, times: Iterable[int | None]) -> Iterator[tuple[int, int]]:
    """Give from when on (milliseconds since 1970, UTC) the zone's clocks were so many milliseconds ahead of UTC.

    The script need not know zones; changes are found to the day, within the times given.
    """
    told = [time for time in times if time is not None]
    first = datetime.fromtimestamp(0, UTC) + timedelta(seconds=min(told, default=0) // SECOND)
    days = (max(told, default=0) - min(told, default=0)) // SECOND // 86400 + 2
    before = None
    for day in range(min(days, _MOST_DAYS)):
        try:
            moment = first + timedelta(days=day)
            offset = moment.astimezone(zone).utcoffset() or timedelta()
        except (OverflowError, ValueError):
            return
        if offset != before:
            yield int(moment.timestamp() * 1000) if before is not None else 0, int(offset.total_seconds() * 1000)
        before = offset
