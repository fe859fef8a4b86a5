"""What rules look at: their log sources, the datasets that answer, and fields that none of these supplies."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.detect.plan import KEYWORD, atoms_of, fields_of
from sentinel.model.datasets import DATASETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.detect.plan import Ruleset, Variant

WINDOWS = "windows"
"""Stands for the datasets of Windows event logs, which are told apart by channel."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The rules of one log source: how many, the datasets they run on, and what none of these can supply.

    `without_source` counts, by field, the rules that ask for a field which no event of these datasets has.
    Datasets that may have any field, such as tables, do not count where others answer.
    """

    log_source: str
    rules: int
    datasets: tuple[str, ...]
    without_source: Mapping[str, int]


def coverage(ruleset: Ruleset) -> list[Coverage]:
    """Give the coverage of every log source that rules name, those of most rules first."""
    variants: dict[int, list[Variant]] = defaultdict(list)
    for variant in ruleset.variants:
        variants[variant.rule].append(variant)
    by_source: dict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(ruleset.rules):
        by_source[rule.log_source].append(number)
    asked = _Asked(ruleset)
    found = [
        Coverage(
            source,
            len(rules),
            tuple(sorted({name for rule in rules for each in variants[rule] for name in each.datasets or (WINDOWS,)})),
            Counter(field for rule in rules for field in asked.in_vain(variants[rule])),
        )
        for source, rules in by_source.items()
    ]
    return sorted(found, key=lambda each: (-each.rules, each.log_source))


_FIELDS = {each.name: frozenset(name for name, _meaning in each.fields) for each in DATASETS if not each.open}


class _Asked:
    """Which fields variants ask for."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._atoms = ruleset.atoms

    def in_vain(self, variants: list[Variant]) -> frozenset[str]:
        """Give the fields that none of a rule's variants can find: a field of one is enough."""
        missing = [found for found in map(self._missing, variants) if found is not None]
        return frozenset.intersection(*missing) if missing else frozenset()

    def _missing(self, variant: Variant) -> frozenset[str] | None:
        """Give what the datasets with a list of fields lack; None where none has one: a table may have any column."""
        known = [_FIELDS[dataset] for dataset in variant.datasets if dataset in _FIELDS]
        if not known:
            return frozenset() if not variant.datasets else None
        supplied = frozenset().union(*known)
        asked = {field for number in atoms_of(variant.node) for field in fields_of(self._atoms[number])}
        return frozenset(asked - supplied - {KEYWORD})
