"""Collects a report while a scan runs.

Hits that may be listed wait in a temporary file; what stays in memory is a short key of each, and counts. Of every rule
the earliest hits are kept, as many as all rules' shares allow: a share only ever falls, so what was let go early would
not have been listed at the end, and the report does not depend on the order in which processes found things.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from sentinel.console.report import (
    EVIDENCE_BYTES,
    EVIDENCE_PER_RULE,
    LONGEST_VALUE,
    MOST_LISTED,
    Evidence,
    Listed,
    Report,
    tactics,
)
from sentinel.console.report_histogram import Cells
from sentinel.console.tally import Groups
from sentinel.detect.explain import Explainer
from sentinel.model.batch import EventKind, field_of
from sentinel.model.hit import Hit
from sentinel.model.severity import Level
from sentinel.normalise.views import view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sentinel.console.tally import Summary
    from sentinel.detect.plan import Ruleset

_NEVER: Final = 1 << 63
_CUT: Final = "…"


class _Key(NamedTuple):
    """Where a hit comes in its rule's order, and where its event waits."""

    time: int
    event_id: str
    source: int
    offset: int
    begin: int = -1
    size: int = 0


class _Shelf:
    """The earliest hits of one rule."""

    __slots__ = ("count", "keys", "last")

    def __init__(self) -> None:
        self.keys: list[_Key] = []
        self.last: _Key | None = None
        self.count = 0

    def refuses(self, key: _Key) -> bool:
        """Tell whether enough earlier hits are here."""
        return self.last is not None and key > self.last

    def trim(self, share: int) -> None:
        """Let go what is beyond the share."""
        self.keys.sort()
        if len(self.keys) > share:
            del self.keys[share:]
            self.last = self.keys[-1]


class Collector:
    """What a report needs of the hits found so far; hits must carry evidence."""

    def __init__(self, ruleset: Ruleset, zone: ZoneInfo, most_listed: int = MOST_LISTED) -> None:
        """Begin with no hit."""
        self._ruleset, self._zone, self._most = ruleset, zone, most_listed
        self._levels = [Level(rule.level) for rule in ruleset.rules]
        self._by_rule, self._by_host = Groups(ruleset, "rule"), Groups(ruleset, "host")
        self._cells = Cells(zone)
        self._waiting = tempfile.TemporaryFile(prefix="sentinel-report-")  # noqa: SIM115 - lives as long as this
        self._written = self._kept = 0
        self._shelves: dict[int, _Shelf] = {}

    def close(self) -> None:
        """Let go of the temporary file."""
        self._waiting.close()

    def take(self, hits: Iterable[Hit]) -> None:
        """Count hits, and keep those that may be listed."""
        hits = list(hits)
        self._by_rule.add(hits)
        self._by_host.add(hits)
        for hit in hits:
            self._keep(hit)
        if self._kept > 2 * self._most:
            self._trim()

    def _keep(self, hit: Hit) -> None:
        key = _Key(_NEVER if hit.time is None else hit.time, hit.event_id, hit.source, hit.offset)
        for rule in hit.rules:
            self._cells.add(hit.time, self._levels[rule])
            shelf = self._shelves.setdefault(rule, _Shelf())
            shelf.count += 1
            if not shelf.refuses(key):
                key = key if key.size else self._spooled(key, hit)
                shelf.keys.append(key)
                self._kept += 1

    def _spooled(self, key: _Key, hit: Hit) -> _Key:
        begin, record = self._written, msgspec.msgpack.encode(hit)
        self._written += self._waiting.write(record)
        return key._replace(begin=begin, size=len(record))

    def _trim(self) -> None:
        share = fair_share([shelf.count for shelf in self._shelves.values()], self._most)
        for shelf in self._shelves.values():
            shelf.trim(share)
        self._kept = sum(len(shelf.keys) for shelf in self._shelves.values())

    def report(self, summary: Summary, asked: Sequence[str], made: int) -> Report:
        """Give the report; nothing may be taken afterwards."""
        self._trim()
        by_rule = tuple(self._by_rule.groups())
        hits, evidence = self._listed()
        return Report(
            made=made,
            asked=tuple(asked),
            zone=self._zone,
            rules=self._ruleset.rules,
            summary=summary,
            by_rule=by_rule,
            by_host=tuple(self._by_host.groups()),
            tactics=tactics(by_rule, self._ruleset.rules),
            histogram=self._cells.histogram(),
            hits=hits,
            evidence=evidence,
        )

    def _listed(self) -> tuple[tuple[Listed, ...], tuple[Evidence, ...]]:
        """Read back what is listed, each event once."""
        pairs = [(key, rule) for rule, shelf in self._shelves.items() for key in shelf.keys]
        shown = self._with_evidence()
        pairs.sort(key=lambda pair: (pair[0].time, -self._levels[pair[1]], pair))
        reader, listed = _Reader(self._ruleset), list[Listed]()
        for key, rule in pairs:
            listed.append(reader.listed(self._hit(key), rule, key.begin, whole=(key.begin, rule) in shown))
        return tuple(listed), tuple(reader.evidence)

    def _hit(self, key: _Key) -> Hit:
        self._waiting.seek(key.begin)
        return msgspec.msgpack.decode(self._waiting.read(key.size), type=Hit)

    def _with_evidence(self) -> set[tuple[int, int]]:
        """Choose the hits that show their event: every rule's first before any rule's second, gravest rules first."""
        order = sorted(
            (rank, -self._levels[rule], rule, key)
            for rule, shelf in self._shelves.items()
            for rank, key in enumerate(shelf.keys[:EVIDENCE_PER_RULE])
        )
        chosen, events, size = set[tuple[int, int]](), set[int](), 0
        for _rank, _level, rule, key in order:
            size += 0 if key.begin in events else key.size
            if size > EVIDENCE_BYTES:
                break
            events.add(key.begin)
            chosen.add((key.begin, rule))
        return chosen


def fair_share(counts: Iterable[int], most: int) -> int:
    """Give how many of each count can be had so that all together are no more than `most`; at least one of each."""
    left, share = most, most
    ordered = sorted(counts)
    for place, count in enumerate(ordered):
        share = left // (len(ordered) - place)
        if count > share:
            return max(1, share)
        left -= count
    return max(1, share, *ordered[-1:])


class _Reader:
    """Turns hits into what is listed; evidence of an event that several rules hit is kept once."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._explainer = Explainer(ruleset)
        self._numbers: dict[int, int] = {}
        self.evidence: list[Evidence] = []

    def listed(self, hit: Hit, rule: int, event: int, *, whole: bool) -> Listed:
        """Give one rule's hit on an event, which is told apart by a number; `whole` with its evidence."""
        number, matched = None, tuple[str, ...]()
        if whole and hit.evidence:
            native = native_fields(hit)
            kind = EventKind(hit.dataset, _lower(native, "Channel"), _lower(native, "Provider_Name"), hit.code)
            matched = self._explainer.matched_fields(rule, kind, native)
            number = self._numbers.setdefault(event, len(self.evidence))
            if number == len(self.evidence):
                self.evidence.append(
                    Evidence(hit.event_id, tuple((name, _shown(text)) for name, text in native.items()))
                )
        kind_shown = f"{hit.dataset} {hit.code}".strip()
        return Listed(
            hit.time,
            rule,
            hit.host,
            hit.user,
            kind_shown,
            hit.source,
            hit.offset,
            hit.detail,
            number,
            matched,
            hit.peer,
        )


def native_fields(hit: Hit) -> dict[str, str | list[str]]:
    """Give the event's own fields, and those computed for rules, from a hit's evidence: name → text or texts."""
    columns = dict(_flat(msgspec.json.decode(hit.evidence), ""))
    kind = EventKind(hit.dataset, "", "", hit.code)
    own = ("winlog.", "event.code") if hit.dataset.startswith("windows.") else (f"{hit.dataset}.",)
    native = {
        field_of(column, hit.dataset): _text(value) for column, value in columns.items() if column.startswith(own)
    }
    if not native:
        return {column: _text(value) for column, value in columns.items()}
    view = view_of(kind)
    return view(native) if view else native


def _flat(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, below in value.items():
        if isinstance(below, dict):
            yield from _flat(below, f"{prefix}{name}.")
        else:
            yield prefix + name, below


def _text(value: object) -> str | list[str]:
    return [str(each) for each in value] if isinstance(value, list) else str(value)


def _shown(value: str | list[str]) -> str:
    text = "\n".join(value) if isinstance(value, list) else value
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + _CUT


def _lower(native: Mapping[str, str | list[str]], name: str) -> str:
    text = native.get(name, "")
    return (text if isinstance(text, str) else text[0] if text else "").lower()
