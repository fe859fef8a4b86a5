"""Hunts for tests: logs into a store, and what rules hit there, to be compared with a scan of the same logs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sentinel.hunt.run import hunt
from sentinel.inputs import reader
from sentinel.intake.taking import Taken, take
from sentinel.model.window import Window
from sentinel.pipeline import scan
from sentinel.reading import Finding
from sentinel.store.embedded.store import EmbeddedStore, open_store
from sentinel.triage.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sentinel.detect.plan import Ruleset
    from sentinel.model.hit import Hit
    from sentinel.store.embedded.verdicts import Verdicts

NOW = 1_790_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A rule and an event that it hit, with the path of the event's source."""

    rule: str
    path: str
    hit: Hit


def stored(folder: Path, *logs: Path, sealed: bool = True) -> EmbeddedStore:
    """Take logs into a store and open it; `sealed` leaves nothing in journals."""
    open_store(folder, create=True).close()
    sources = reader.find(map(str, logs))
    told = list(take(sources, None, partial(_both, folder), now=NOW, processes=1))
    assert [] == [fault for each in told if isinstance(each, Finding) for fault in each.faults]
    assert sum(each.events for each in told if isinstance(each, Taken))
    store = open_store(folder)
    if sealed:
        store.compact()
    return store


def _both(folder: Path) -> tuple[EmbeddedStore, Desk]:
    return open_store(folder), Desk(folder, write=True)


def scanned(ruleset: Ruleset, *logs: Path, evidence: bool = False) -> list[Found]:
    """Scan logs; what is found in the order of rules, paths and places."""
    sources = reader.find(map(str, logs))
    findings = scan(sources, ruleset, now=NOW, processes=1, evidence=evidence)
    paths = {source.number: source.path for source in sources}
    return _found(ruleset, (each for each in findings if isinstance(each, Finding)), paths)


def hunted(
    ruleset: Ruleset,
    store: EmbeddedStore,
    window: Window | None = None,
    *,
    verdicts: Verdicts | None = None,
    evidence: bool = False,
    processes: int = 1,
) -> list[Found]:
    """Hunt over a store; what is found in the order of rules, paths and places."""
    with store.snapshot() as snapshot:
        told = hunt(snapshot, ruleset, window or Window(), verdicts=verdicts, evidence=evidence, processes=processes)
        return _found(ruleset, [each for each in told if isinstance(each, Finding)], {})


def _found(ruleset: Ruleset, findings: Iterable[Finding], paths: dict[int, str]) -> list[Found]:
    found: list[Found] = []
    for finding in findings:
        paths |= {source.number: source.path for source in finding.sources}
        for hit in finding.hits:
            alone = replace(hit, rules=(), source=0)
            found += [Found(ruleset.rules[rule].path, paths[hit.source], alone) for rule in hit.rules]
    return sorted(found, key=lambda each: (each.rule, each.path, each.hit.offset))
