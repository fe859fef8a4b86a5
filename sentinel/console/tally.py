"""Counts what a scan tells while it runs: files, faults, and hits by rule, host or technique.

Findings come in any order and from several processes; what is counted does not depend on it. A count is kept for every
group, never a hit, so that memory follows the number of rules and hosts, not of events.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.detect.lacking import lacking
from sentinel.inputs.streams import ARCHIVE_KINDS
from sentinel.model.severity import Level
from sentinel.model.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentinel.detect.lacking import Lack
    from sentinel.detect.plan import Rule, Ruleset
    from sentinel.formats.base import Fault
    from sentinel.inputs.reader import Source
    from sentinel.model.batch import EventKind
    from sentinel.model.hit import Hit
    from sentinel.reading import Finding

FAULTS_KEPT = 10
NOT_OPENED = -1
"""The offset of a fault that concerns a whole source."""


@dataclass(frozen=True, slots=True)
class FileCount:
    """What became of a file: its format's name ("" where it is empty, None where it could not be read), and counts.

    `begun` is False where the scan was interrupted before it came to the file. A member of an archive has no size, and
    `within`, the number of the outermost archive; an archive that has members is itself no file that was read.
    """

    path: str
    size: int
    format: str | None
    events: int
    faults: int
    begun: bool = True
    within: int = -1
    has_members: bool = False


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many rules ran, how many the filters left out, and why others were not compiled."""

    run: int
    left_out: int
    faulty: int
    not_read: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The account of a scan; nothing that was given to it is missing here.

    `hits` counts pairs of a rule and an event. `faults` are the first few of `fault_count`, in order of source and
    place. `seconds` is the wall time from opening the first file to the last finding.
    `unlooked` counts events of kinds that no rule asks for, which are of `unlooked_datasets`.
    """

    files: tuple[FileCount, ...]
    events: int
    bytes_read: int
    seconds: float
    hits: Mapping[Level, int]
    events_hit: int
    without_time: int
    outside: int
    rules: RuleCount
    faults: tuple[Fault, ...]
    fault_count: int
    lacks: tuple[Lack, ...]
    interrupted: bool
    unlooked: int = 0
    unlooked_datasets: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """Count the files that were read, at least in part."""
        return sum(bool(file.format) and file.begun and not file.has_members for file in self.files)

    @property
    def not_begun(self) -> int:
        """Count the files that an interrupted scan did not come to."""
        return sum(bool(file.format) and not file.begun and not file.has_members for file in self.files)

    @property
    def empty(self) -> int:
        """Count the files that hold nothing."""
        return sum(file.format == "" for file in self.files)

    @property
    def unread(self) -> int:
        """Count the files that could not be read at all."""
        return sum(file.format is None for file in self.files)

    @property
    def listed(self) -> tuple[FileCount, ...]:
        """Give the files in the order in which they are shown: behind an archive what it holds."""
        numbered = enumerate(self.files)
        ordered = sorted((file.within if file.within >= 0 else number, number) for number, file in numbered)
        return tuple(self.files[number] for _group, number in ordered)

    @property
    def size(self) -> int:
        """Give the bytes that files which were read take on disk, and those that were read of standard input."""
        return sum(file.size for file in self.files if file.format is not None)

    @property
    def gravest(self) -> Level | None:
        """Give the highest level of any hit."""
        return max((level for level, count in self.hits.items() if count), default=None)


class Tally:
    """What has been found so far."""

    def __init__(
        self, sources: Sequence[Source], ruleset: Ruleset, left_out: int = 0, window: Window | None = None
    ) -> None:
        """Begin at zero; `left_out` rules are not in the rule set, and hits outside the window do not count."""
        self._sources = list(sources)
        self._ruleset = ruleset
        self._left_out = left_out
        self._window = window or Window()
        self._levels = [Level(rule.level) for rule in ruleset.rules]
        self._formats: dict[int, str | None] = {}
        self._events: Counter[int] = Counter()
        self._bytes: Counter[int] = Counter()
        self._fault_counts: Counter[int] = Counter()
        self._faults: list[Fault] = []
        self._hits: Counter[Level] = Counter()
        self._kinds: list[tuple[EventKind, Mapping[str, bool]]] = []
        self._looked, self._unlooked = 0, set[str]()
        self._events_hit = self._without_time = self._outside = 0
        self.events = self.bytes_read = 0
        self.interrupted = False

    @property
    def hits(self) -> int:
        """Count the hits so far."""
        return self._hits.total()

    def add(self, finding: Finding) -> tuple[Hit, ...]:
        """Count a finding; give those of its hits that lie in the window."""
        self._sources += finding.sources
        self._formats.update(finding.formats)
        self._events[finding.source] += finding.events
        self._bytes[finding.source] += finding.bytes_read
        self.events += finding.events
        self.bytes_read += finding.bytes_read
        self._kinds.extend(finding.fields.items())
        self._looked += finding.looked
        self._unlooked |= finding.unlooked
        for fault in finding.faults:
            self._add_fault(fault)
        hits = tuple(hit for hit in finding.hits if self._window.holds(hit.time))
        self._outside += sum(len(hit.rules) for hit in finding.hits) - sum(len(hit.rules) for hit in hits)
        for hit in hits:
            self._events_hit += 1
            self._without_time += hit.time is None
            self._hits.update(self._levels[rule] for rule in hit.rules)
        return hits

    def _add_fault(self, fault: Fault) -> None:
        self._fault_counts[fault.source] += 1
        if fault.offset == NOT_OPENED:
            self._formats[fault.source] = None
        if len(self._faults) < FAULTS_KEPT or _order(fault) < _order(self._faults[-1]):
            insort(self._faults, fault, key=_order)
            del self._faults[FAULTS_KEPT:]

    def summary(self, seconds: float) -> Summary:
        """Give the account as it stands."""
        rejections = self._ruleset.rejections
        faulty = sum(rejection.fault for rejection in rejections)
        return Summary(
            files=tuple(map(self._file, self._sources)),
            events=self.events,
            bytes_read=self.bytes_read,
            seconds=seconds,
            hits={level: self._hits[level] for level in reversed(Level)},
            events_hit=self._events_hit,
            without_time=self._without_time,
            outside=self._outside,
            rules=RuleCount(len(self._ruleset.rules), self._left_out, faulty, len(rejections) - faulty),
            faults=tuple(self._faults),
            fault_count=self._fault_counts.total(),
            lacks=tuple(lacking(self._ruleset, self._kinds)),
            interrupted=self.interrupted,
            unlooked=max(0, self.events - self._looked) if self._unlooked else 0,
            unlooked_datasets=tuple(sorted(self._unlooked)),
        )

    def _file(self, source: Source) -> FileCount:
        number = source.number
        return FileCount(
            path=source.path,
            size=source.size or (self._bytes[number] if source.within < 0 else 0),
            format=self._formats.get(number),
            events=self._events[number],
            faults=self._fault_counts[number],
            begun=self._bytes[number] > 0 or not self.interrupted,
            within=source.within,
            has_members=self._formats.get(number) in ARCHIVE_KINDS,
        )


def _order(fault: Fault) -> tuple[int, int, int]:
    return fault.source, fault.line, fault.offset


@dataclass(frozen=True, slots=True)
class Group:
    """Hits that belong together: of one rule, on one host, by one technique.

    `level` is the gravest of its rules. `first` and `last` are nanoseconds since 1970, None where no event tells a
    time. `rules` are the numbers of its rules, gravest and most hit first. `example` is the detail of its first event.
    """

    name: str
    level: Level
    hits: int
    events: int
    hosts: tuple[str, ...]
    rules: tuple[int, ...]
    techniques: tuple[str, ...]
    first: int | None
    last: int | None
    example: str


class _Count:
    __slots__ = ("events", "example", "first", "hosts", "last", "rules")

    def __init__(self) -> None:
        self.rules: Counter[int] = Counter()
        self.events = 0
        self.hosts: set[str] = set()
        self.first: int | None = None
        self.last: int | None = None
        self.example: tuple[int, str] | None = None

    def add(self, hit: Hit, rules: Iterable[int]) -> None:
        self.rules.update(rules)
        self.events += 1
        self.hosts.add(hit.host)
        if hit.time is not None:
            self.first = hit.time if self.first is None else min(self.first, hit.time)
            self.last = hit.time if self.last is None else max(self.last, hit.time)
        example = (hit.time if hit.time is not None else 1 << 63, hit.detail)
        self.example = example if self.example is None else min(self.example, example)


class Groups:
    """Hits counted by rule (`rule`), by host (`host`) or by ATT&CK technique (`technique`)."""

    def __init__(self, ruleset: Ruleset, by: str) -> None:
        """Begin with no group; `by` is a key of `KEYS`."""
        self._rules = ruleset.rules
        self._names_of = KEYS[by]
        self._counts: dict[tuple[str, int], _Count] = {}

    def add(self, hits: Iterable[Hit]) -> None:
        """Count hits."""
        for hit in hits:
            by_key: dict[tuple[str, int], list[int]] = {}
            for rule in hit.rules:
                for key in self._names_of(self._rules[rule], rule, hit):
                    by_key.setdefault(key, []).append(rule)
            for key, rules in by_key.items():
                self._counts.setdefault(key, _Count()).add(hit, rules)

    def groups(self) -> list[Group]:
        """Give every group, gravest first, then those with most hits."""
        found = [self._group(name, count) for (name, _number), count in self._counts.items()]
        return sorted(found, key=lambda group: (-group.level, -group.hits, group.name, group.rules))

    def _group(self, name: str, count: _Count) -> Group:
        rules = sorted(count.rules, key=lambda rule: (-self._rules[rule].level, -count.rules[rule], rule))
        techniques = {name for rule in rules for name in techniques_of(self._rules[rule])}
        return Group(
            name=name,
            level=Level(self._rules[rules[0]].level),
            hits=count.rules.total(),
            events=count.events,
            hosts=tuple(sorted(count.hosts)),
            rules=tuple(rules),
            techniques=tuple(sorted(techniques)),
            first=count.first,
            last=count.last,
            example=count.example[1] if count.example else "",
        )


def techniques_of(rule: Rule) -> tuple[str, ...]:
    """Give the ATT&CK techniques that a rule is tagged with: T1003.001."""
    found = (tag.removeprefix("attack.") for tag in rule.tags if tag.startswith("attack.t"))
    return tuple(name.upper() for name in found if name[1:5].isdigit())


# Grouped by → the groups that a hit of a rule belongs to; rules of one title are told apart by their number.
KEYS: Mapping[str, Callable[[Rule, int, Hit], tuple[tuple[str, int], ...]]] = {
    "rule": lambda rule, number, _hit: ((rule.title, number),),
    "host": lambda _rule, _number, hit: ((hit.host, 0),),
    "technique": lambda rule, _number, _hit: tuple((name, 0) for name in techniques_of(rule) or ("",)),
}
