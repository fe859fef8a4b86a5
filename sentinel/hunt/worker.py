"""A process's share of a hunt: parts judged, and their hits told."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sentinel.detect.engine import Engine
from sentinel.hunt import packing
from sentinel.hunt.stored import hits_of, lines_of
from sentinel.hunt.tasks import Judged, Told
from sentinel.normalise.views import computed_fields
from sentinel.reading import seen_by
from sentinel.store.shares import Asked, batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.hunt.stored import Line
    from sentinel.hunt.tasks import Plan, Rows, Task
    from sentinel.inputs.workers import Stop
    from sentinel.model.batch import EventKind
    from sentinel.model.window import Window
    from sentinel.reading import Finding
    from sentinel.store.base import Part

_TOLD_AT_ONCE: Final = 4096
_MOST_LINES: Final = 10_000
"""Events of a part of which is kept what is told."""


class Hunter:
    """One process's share of a hunt."""

    def __init__(
        self, parts: Sequence[Part], plans: Sequence[Plan], window: Window, stop: Stop, *, evidence: bool
    ) -> None:
        """Take the parts and plans that tasks name by number; with `evidence`, hits carry their events."""
        self._parts = parts
        self._plans = plans
        self._window = window
        self._evidence = evidence
        self._stop = stop
        self._engines: dict[int, Engine] = {}
        self._looked = 0

    def work(self, task: Task) -> Iterator[Judged | Told | Finding]:
        """Judge parts by the rules that did not yet, and tell of every event that is hit."""
        if self._stop.asked:
            return
        plan = self._plans[task.plan]
        judged = self._judged(task) if plan.numbers else [{} for _part in task.parts]
        for place, number in enumerate(task.parts):
            known = packing.unpacked(task.lines[place])
            lines = dict(known)
            yield from self._told(self._parts[number], {**task.known[place], **judged[place]}, lines)
            self._parts[number].close()
            if plan.numbers or len(lines) > len(known):
                kept = dict(islice(lines.items(), _MOST_LINES))
                yield Judged(number, judged[place], packing.packed(kept) if len(kept) > len(known) else b"")
        yield Told(events=sum(self._parts[number].rows for number in task.parts))

    def _judged(self, task: Task) -> list[dict[int, Rows]]:
        """Give, for each part, the rows that rules of the plan hit, by the rule's number."""
        parts = [self._parts[number] for number in task.parts]
        numbers, engine = self._plans[task.plan].numbers, self._engine(task.plan)
        judged: list[dict[int, list[Rows]]] = [defaultdict(list) for _part in parts]
        if engine.asks(parts[0].dataset):
            begins = np.cumsum([0, *(part.rows for part in parts)])
            for batch in batches(parts, lambda kind: _asked(engine, kind)):
                self._looked += len(batch)
                positions = np.asarray(batch.positions)
                for rule, rows in engine.hits(batch):
                    hit = positions[rows]
                    for place in np.unique(np.searchsorted(begins, hit, "right") - 1).tolist():
                        here = hit[(hit >= begins[place]) & (hit < begins[place + 1])] - begins[place]
                        judged[place][numbers[rule]].append(here.astype(np.int32))
        return [{rule: np.sort(np.concatenate(rows)) for rule, rows in hits.items()} for hits in judged]

    def _engine(self, plan: int) -> Engine:
        engine = self._engines.get(plan)
        if engine is None:
            engine = self._engines[plan] = Engine(self._plans[plan].ruleset, _no_texts)
        return engine

    def _told(self, part: Part, found: Mapping[int, Rows], lines: dict[int, Line]) -> Iterator[Told]:
        """Tell of the events of a part that rules hit, within the window; lines that had to be read join the others."""
        rules: dict[int, list[int]] = defaultdict(list)
        for rule in sorted(found):
            for row in found[rule].tolist():
                rules[row].append(rule)
        rows = sorted(rules)
        for begin in range(0, len(rows), _TOLD_AT_ONCE):
            some = {row: tuple(rules[row]) for row in rows[begin : begin + _TOLD_AT_ONCE]}
            lines |= lines_of(part, [row for row in some if row not in lines])
            yield hits_of(part, some, lines, self._window, evidence=self._evidence)

    def finish(self) -> Iterator[Finding]:
        """Tell which fields were seen, where all rules looked at everything."""
        for plan, engine in self._engines.items():
            if len(self._plans) == 1 and len(self._plans[plan].numbers) == len(self._plans[plan].ruleset.rules):
                yield seen_by(engine, self._looked)


def _no_texts(*_of: Any) -> list[str]:  # noqa: ANN401 - as the engine's way to raw records
    """Give nothing: stored events have their texts in columns."""
    return []


def _asked(engine: Engine, kind: EventKind) -> Asked | None:
    fields = engine.wanted(kind)
    return None if fields is None else Asked(fields, engine.keywords(kind), computed_fields(kind))
