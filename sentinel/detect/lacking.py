"""What rules ask of events and the data does not have."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentinel.detect.plan import VariantIndex, atoms_of, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentinel.detect.plan import Ruleset, Variant
    from sentinel.model.batch import EventKind


@dataclass(frozen=True, slots=True)
class Lack:
    """A field that no event of a dataset and code had, and how many rules ask those events for it."""

    dataset: str
    code: str
    field: str
    rules: int


def lacking(ruleset: Ruleset, kinds: Iterable[tuple[EventKind, Mapping[str, bool]]]) -> list[Lack]:
    """Give what is lacking, most wanted first.

    `kinds` tells of every kind seen the fields that rules ask of it, and whether an event of the kind had them; kinds
    of one dataset and code count as one, whoever saw them; outside Windows, all of one dataset.
    """
    had: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    alike: dict[tuple[str, str], set[EventKind]] = defaultdict(set)
    for kind, fields in kinds:
        # Elsewhere than on Windows events of a dataset share their fields, whatever their code.
        key = kind.dataset, kind.code if kind.is_windows else ""
        alike[key].add(kind)
        for field, seen in fields.items():
            had[key][field] = had[key].get(field, False) or seen
    asked = _Asked(ruleset)
    lacks = [
        Lack(dataset, code, field, asked.count(alike[dataset, code], field))
        for (dataset, code), fields in had.items()
        for field, seen in fields.items()
        if not seen
    ]
    return sorted(lacks, key=lambda lack: (-lack.rules, lack.dataset, lack.code, lack.field))


class _Asked:
    """How many rules ask for a field."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._atoms = ruleset.atoms
        self._variants = VariantIndex(ruleset.variants)
        self._rules: dict[EventKind, dict[str, set[int]]] = {}
        self._fields: dict[int, frozenset[str]] = {}

    def count(self, kinds: Iterable[EventKind], field: str) -> int:
        return len(set().union(*(self._of(kind).get(field, ()) for kind in kinds)))

    def _of(self, kind: EventKind) -> Mapping[str, set[int]]:
        if kind not in self._rules:
            rules = self._rules[kind] = defaultdict(set)
            for variant in self._variants.admitting(kind):
                for field in self._fields_of(variant):
                    rules[field].add(variant.rule)
        return self._rules[kind]

    def _fields_of(self, variant: Variant) -> frozenset[str]:
        fields = self._fields.get(id(variant))
        if fields is None:
            atoms = (self._atoms[number] for number in atoms_of(variant.node))
            fields = self._fields[id(variant)] = frozenset(field for atom in atoms for field in fields_of(atom))
        return fields
