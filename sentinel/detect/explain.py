"""Tells which fields of an event made a rule hit.

A formula is true because of some of its atoms: of an `and` all, of an `or` those that are true, of a `not` those whose
absence is asked, and no field speaks for that. What is given are the fields of atoms that are true and carry the truth
of the whole; a field named only under a `not` is none of them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from sentinel.detect.match import FieldMatcher
from sentinel.detect.plan import KEYWORD, VariantIndex, atoms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sentinel.detect.plan import Node, Ruleset, Variant
    from sentinel.model.batch import EventKind

    Text: TypeAlias = str | list[str] | None
    Texts: TypeAlias = Mapping[str, list[str]]


class Explainer:
    """A rule set that can say why it hit; what it builds for a rule serves all its hits."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Build nothing until a rule is asked about."""
        self._atoms = ruleset.atoms
        self._variants: dict[int, list[Variant]] = defaultdict(list)
        for variant in ruleset.variants:
            self._variants[variant.rule].append(variant)
        self._indices: dict[int, VariantIndex] = {}
        self._nodes: dict[int, Node] = {}
        self._matchers: dict[int, dict[str, FieldMatcher]] = {}

    def matched_fields(self, rule: int, kind: EventKind, event: Mapping[str, Text]) -> tuple[str, ...]:
        """Give the event's fields that carry a rule's hit, in the event's order.

        `event` maps native names to texts, computed fields included; `kind` is its kind. Nothing is given where the
        rule does not hit the event as it is given.
        """
        texts = {name: _texts(value) for name, value in event.items() if value is not None}
        matched: set[str] = set()
        for variant in self._admitting(rule, kind):
            answers = _Answers(self, variant, texts)
            if answers.truth(answers.node):
                matched |= set(answers.carrying(answers.node, wanted=True))
        return tuple(name for name in texts if name in matched)

    def _admitting(self, rule: int, kind: EventKind) -> list[Variant]:
        index = self._indices.get(rule)
        if index is None:
            index = self._indices[rule] = VariantIndex(self._variants.get(rule, ()))
        return index.admitting(kind)

    def node(self, variant: Variant) -> Node:
        """Give a variant's formula, unpacked once."""
        key = id(variant)
        if key not in self._nodes:
            self._nodes[key] = variant.node
        return self._nodes[key]

    def matchers(self, variant: Variant) -> Mapping[str, FieldMatcher]:
        """Give what answers the atoms of a variant, by field."""
        key = id(variant)
        if key not in self._matchers:
            by_field: dict[str, dict[int, Any]] = defaultdict(dict)
            for number in atoms_of(self.node(variant)):
                by_field[self._atoms[number].field][number] = self._atoms[number]
            self._matchers[key] = {field: FieldMatcher(atoms) for field, atoms in by_field.items()}
        return self._matchers[key]

    def answers(self, variant: Variant, texts: Texts) -> dict[int, frozenset[str]]:
        """Give every atom of a variant that is true of an event, and the fields that make it so."""
        asked = atoms_of(self.node(variant))
        found: dict[int, frozenset[str]] = {}
        for field, matcher in self.matchers(variant).items():
            for name in texts if field == KEYWORD else (field,):
                values = list(dict.fromkeys(texts.get(name, ())))
                true = matcher.match(pc.utf8_normalize(pa.array(values, pa.string()), "NFC"), asked) if values else ()
                for number in true:
                    found[number] = found.get(number, frozenset()) | {name}
        found.update(self._unmatched(asked, texts))
        return found

    def _unmatched(self, asked: set[int], texts: Texts) -> Iterator[tuple[int, frozenset[str]]]:
        """Give the true ones of those atoms that ask more than one value of a field."""
        for number in asked:
            atom = self._atoms[number]
            if atom.op in _PRESENCE and bool(texts.get(atom.field)) == (atom.op == "exists"):
                yield number, frozenset({atom.field})
            elif atom.op == "fieldref":
                other, relation = atom.value
                left, right = texts.get(atom.field, ()), texts.get(other, ())
                pairs = ((one.lower(), two.lower()) for one in left for two in right)
                if any(_RELATIONS[relation](one, two) for one, two in pairs):
                    yield number, frozenset({atom.field, other})


class _Answers:
    """The atoms of one variant, answered for one event."""

    def __init__(self, explainer: Explainer, variant: Variant, texts: Texts) -> None:
        self.node = explainer.node(variant)
        self._true = explainer.answers(variant, texts)

    def truth(self, node: Node) -> bool:
        """Tell whether a formula is true."""
        if isinstance(node, bool):
            return node
        if isinstance(node, int):
            return node in self._true
        if node[0] == "not":
            return not self.truth(node[1])
        return _QUANTIFIERS[node[0]](self.truth(each) for each in node[1:])

    def carrying(self, node: Node, *, wanted: bool) -> Iterator[str]:
        """Give the fields that make a formula true, or false where that is `wanted`; the formula is so."""
        if isinstance(node, bool):
            return
        if isinstance(node, int):
            if wanted:
                yield from self._true[node]
        elif node[0] == "not":
            yield from self.carrying(node[1], wanted=not wanted)
        else:
            for each in node[1:]:
                if self.truth(each) is wanted:
                    yield from self.carrying(each, wanted=wanted)


def matched_fields(ruleset: Ruleset, rule: int, kind: EventKind, event: Mapping[str, Text]) -> tuple[str, ...]:
    """Give the fields of one event that carry a rule's hit; for many events keep an `Explainer`."""
    return Explainer(ruleset).matched_fields(rule, kind, event)


def _texts(value: Text) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]


_PRESENCE: Final = frozenset({"null", "exists"})
_QUANTIFIERS: Final[Mapping[str, Callable[[Iterator[bool]], bool]]] = {"and": all, "or": any}
_RELATIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "eq": str.__eq__,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
