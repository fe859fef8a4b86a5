"""A hunt: the plan that scans run, over the parts of a store.

Only where events come from differs from a scan. A part that never changes is judged by a rule once: verdicts are kept
by part and by what the rule compiled to (`store.embedded.verdicts`), so a hunt after some rules changed evaluates
these alone, and reads no more than their columns.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from sentinel.detect.plan import selected
from sentinel.formats.base import Fault
from sentinel.hunt.tasks import Judged, Plan, Task, Told
from sentinel.hunt.worker import Hunter
from sentinel.inputs.reader import Source
from sentinel.inputs.workers import Interrupted, Lost, Stop, spread, usable_processors
from sentinel.language import _
from sentinel.model.window import Window
from sentinel.reading import Finding
from sentinel.store.shares import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.detect.plan import Ruleset
    from sentinel.hunt.tasks import Rows
    from sentinel.store.base import Part, Snapshot
    from sentinel.store.embedded.verdicts import Verdicts

_WORTH_SHARING: Final = 200_000
"""Events. Fewer are judged sooner by one process than a second one has started."""

_STORED: Final = "stored"
"""What the format of every source is called: that it was read once is all that is known of it."""


def hunt(  # noqa: PLR0913 - what a hunt is asked for, by name
    snapshot: Snapshot,
    ruleset: Ruleset,
    window: Window,
    *,
    verdicts: Verdicts | None = None,
    evidence: bool = False,
    processes: int = 0,
    stop: Stop | None = None,
) -> Iterator[Finding | Interrupted]:
    """Run rules over the events of a window; give findings as they come, in no order.

    Hits are those of a scan of the same logs, but their evidence is the event as it is stored. Sources are told with
    the first hit of each. With `verdicts`, what was judged before is not read again.
    """
    stop = stop or Stop()
    parts = snapshot.parts(window)
    hunting = _Hunting(parts, ruleset, verdicts)
    total = sum(part.rows for part in parts)
    crew = processes or (usable_processors() if total >= _WORTH_SHARING else 1)
    make = partial(Hunter, parts, hunting.plans, window, stop, evidence=evidence)
    try:
        for told in spread(iter(hunting.tasks), make, min(crew, max(1, len(hunting.tasks)))):
            yield from hunting.take(told)
    finally:
        hunting.keep(snapshot.parts(Window()))
    if stop.asked:
        yield Interrupted()


class _Hunting:
    """What is to be done, and what has come of it; in the process that asks."""

    def __init__(self, parts: Sequence[Part], ruleset: Ruleset, verdicts: Verdicts | None) -> None:
        self._parts = parts
        self._ruleset = ruleset
        self._verdicts = verdicts
        self._sources: dict[str, int] = {}
        self._numbers: dict[bytes, list[int]] = defaultdict(list)
        for number, rule in enumerate(ruleset.rules):
            self._numbers[rule.digest].append(number)
        self._digests = frozenset(self._numbers)
        self._known = verdicts.known([part.key for part in parts]) if verdicts else {}
        self.plans: list[Plan] = []
        self.tasks = sorted(self._tasks(), key=lambda task: -sum(parts[number].rows for number in task.parts))

    def _tasks(self) -> Iterator[Task]:
        """Share the parts: small ones of a dataset together, by the rules that are left to judge them."""
        plans: dict[int, int] = {}
        shares: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, part in enumerate(self._parts):
            known = self._known.get(part.key)
            rules = known.rules if known else frozenset[bytes]()
            plan = plans.get(id(rules) if known else 0)
            if plan is None:
                plan = plans[id(rules) if known else 0] = self._plan(rules)
            shares[part.dataset, plan].append(number)
        for (_dataset, plan), numbers in shares.items():
            for share in self._divided(numbers):
                yield Task(share, plan, tuple(map(self._hit_before, share)), tuple(map(self._lines_before, share)))

    def _divided(self, numbers: Sequence[int]) -> Iterator[tuple[int, ...]]:
        share: list[int] = []
        rows = 0
        for number in numbers:
            if share and rows + self._parts[number].rows > ROWS:
                yield tuple(share)
                share, rows = [], 0
            share.append(number)
            rows += self._parts[number].rows
        yield tuple(share)

    def _plan(self, known: frozenset[bytes]) -> int:
        """Give the number of the plan for parts that some rules have judged."""
        rules = self._ruleset.rules
        numbers = tuple(number for number, rule in enumerate(rules) if rule.digest not in known)
        self.plans.append(Plan(selected(self._ruleset, lambda rule: rule.digest not in known), numbers))
        return len(self.plans) - 1

    def _hit_before(self, number: int) -> Mapping[int, Rows]:
        known = self._known.get(self._parts[number].key)
        hits = known.hits() if known else {}
        return {rule: rows for digest, rows in hits.items() for rule in self._numbers.get(digest, ())}

    def _lines_before(self, number: int) -> bytes:
        known = self._known.get(self._parts[number].key)
        return known.lines if known else b""

    def take(self, told: Judged | Told | Finding | Lost[Task] | Interrupted) -> Iterator[Finding | Interrupted]:
        """Keep what was judged, and pass on what is told."""
        if isinstance(told, Judged):
            self._keep(told)
        elif isinstance(told, Told):
            yield self._finding(told)
        elif isinstance(told, Lost):
            message = _("the process that read this was killed; what it had not told is missing")
            yield Finding(faults=(Fault(-1, 0, 0, message),))
        else:
            yield told

    def _keep(self, judged: Judged) -> None:
        key = self._parts[judged.part].key
        if self._verdicts is None or not key:
            return
        rules = self._ruleset.rules
        hits = {rules[number].digest: rows for number, rows in judged.hits.items()}
        self._verdicts.add(key, self._known.get(key), self._digests, hits, judged.lines)

    def keep(self, live: Sequence[Part]) -> None:
        """Write down what was judged, and forget parts that live no longer."""
        if self._verdicts is not None:
            self._verdicts.write({part.key for part in live})

    def _finding(self, told: Told) -> Finding:
        """Give hits with the numbers of their sources in this process."""
        new = [path for path in told.paths if path not in self._sources]
        for path in new:
            self._sources[path] = len(self._sources)
        sources = tuple(Source(self._sources[path], path, 0) for path in new)
        hits = tuple(replace(hit, source=self._sources[told.paths[hit.source]]) for hit in told.hits)
        formats = {source.number: _STORED for source in sources}
        return Finding(hits=hits, sources=sources, events=told.events, formats=formats)
