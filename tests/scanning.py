"""Scans for tests: files in, hits by file and rule out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel.inputs import reader
from sentinel.pipeline import scan
from sentinel.reading import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentinel.detect.plan import Ruleset
    from sentinel.formats.base import Fault
    from sentinel.model.hit import Hit


@dataclass
class Scanned:
    """What a scan gave: hits by file and by the rule's id, faults and formats by file, and events."""

    hits: dict[Path, dict[str, list[Hit]]] = field(default_factory=dict)
    faults: dict[Path, list[Fault]] = field(default_factory=dict)
    formats: Mapping[Path, str] = field(default_factory=dict)
    events: int = 0

    def counts(self, path: Path) -> dict[str, int]:
        """Give, by a rule's id, how many events of a file it hit."""
        return {rule: len(hits) for rule, hits in self.hits.get(path, {}).items()}


def scanned(paths: Iterable[Path], ruleset: Ruleset, *, processes: int = 1) -> Scanned:
    """Scan files and folders; hits of a file are in the order of its records."""
    sources = reader.find(map(str, paths))
    result = Scanned()
    for finding in scan(sources, ruleset, now=0, processes=processes):
        assert isinstance(finding, Finding)
        result.events += finding.events
        if finding.formats:
            result.formats = {Path(sources[number].path): name for number, name in finding.formats.items()}
        for fault in finding.faults:
            result.faults.setdefault(Path(sources[fault.source].path), []).append(fault)
        for hit in finding.hits:
            rules = result.hits.setdefault(Path(sources[hit.source].path), {})
            for rule in hit.rules:
                rules.setdefault(ruleset.rules[rule].id, []).append(hit)
    for rules in result.hits.values():
        for hits in rules.values():
            hits.sort(key=lambda hit: hit.offset)
    return result
