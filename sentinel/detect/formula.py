"""Partial evaluation of formulas on what a kind of event fixes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from sentinel.detect.plan import KEYWORD, atoms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sentinel.detect.match import FieldMatcher
    from sentinel.detect.plan import Atom, Node, Variant
    from sentinel.model.batch import EventKind

_FIXED: dict[str, Callable[[EventKind], str]] = {
    "EventID": lambda kind: kind.code,
    "Channel": lambda kind: kind.channel,
    "Provider_Name": lambda kind: kind.provider,
}
_PRESENCE = frozenset({"null", "exists"})


@dataclass(frozen=True, slots=True)
class KindPlan:
    """The rules that can hit events of one kind.

    `rules` are (rule, formula) pairs. A rule that can only be true where one of some atoms is, is found through
    `prompts` (atom → indices into `rules`); the others are `unprompted`. `presence` gives, by field, the atoms that
    ask whether it is there.
    """

    rules: tuple[tuple[int, Node], ...]
    """Formulas here have `["any", set of atoms, …]` for `or`."""
    fields: tuple[str, ...]
    atoms: frozenset[int]
    presence: Mapping[str, tuple[tuple[int, str], ...]]
    prompts: Mapping[int, tuple[int, ...]]
    unprompted: tuple[int, ...]
    has_keywords: bool


def plan_for(
    kind: EventKind,
    variants: Sequence[Variant],
    atoms: Sequence[Atom],
    matcher: Callable[[str], FieldMatcher],
) -> KindPlan:
    """Evaluate variants on a kind and keep those that can still be true."""
    truths = _truths(kind, matcher)
    reduced = [
        (variant.rule, _reduced(variant.node, atoms, truths)) for variant in variants if _admits(variant, kind)
    ]
    rules = [(rule, node) for rule, node in reduced if node is not False]
    used = frozenset[int]().union(*(atoms_of(node) for _rule, node in rules))
    fields = {name for number in used for name in _fields_of(atoms[number])}
    presence: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number in used:
        if atoms[number].op in _PRESENCE:
            presence[atoms[number].field].append((number, atoms[number].op))
    prompts: dict[int, list[int]] = defaultdict(list)
    unprompted = []
    for index, (_rule, node) in enumerate(rules):
        required = _prompting(node, atoms)
        if required is None:
            unprompted.append(index)
        for number in required or ():
            prompts[number].append(index)
    return KindPlan(
        rules=tuple((rule, _grouped(node, atoms)) for rule, node in rules),
        fields=tuple(sorted(fields - {KEYWORD})),
        atoms=used,
        presence={name: tuple(found) for name, found in presence.items()},
        prompts={number: tuple(found) for number, found in prompts.items()},
        unprompted=tuple(unprompted),
        has_keywords=KEYWORD in fields,
    )


def _admits(variant: Variant, kind: EventKind) -> bool:
    """Tell whether a variant's log source admits the kind; a provider that is not told is let pass."""
    return (
        (not variant.channels or kind.channel in variant.channels)
        and (not variant.providers or kind.provider in variant.providers or not kind.provider)
        and (not variant.codes or kind.code in variant.codes)
    )


def _fields_of(atom: Atom) -> tuple[str, ...]:
    return (atom.field, atom.value[0]) if atom.op == "fieldref" else (atom.field,)


def _truths(kind: EventKind, matcher: Callable[[str], FieldMatcher]) -> Callable[[int, Atom], bool | None]:
    """Give a function that answers the atoms of fixed fields, and None to all others."""
    answers: dict[str, frozenset[int]] = {}

    def truth(number: int, atom: Atom) -> bool | None:
        fixed = _FIXED.get(atom.field)
        if fixed is None or atom.op == "fieldref":
            return None
        value = fixed(kind)
        if atom.op in _PRESENCE:
            return bool(value) == (atom.op == "exists")
        if atom.field not in answers:
            answers[atom.field] = frozenset(matcher(atom.field).match(pa.array([value]))) if value else frozenset()
        return number in answers[atom.field]

    return truth


def _reduced(node: Node, atoms: Sequence[Atom], truth: Callable[[int, Atom], bool | None]) -> Node:
    """Give the formula with what is known put in and constants folded."""
    if isinstance(node, bool):
        return node
    if isinstance(node, int):
        known = truth(node, atoms[node])
        return node if known is None else known
    if node[0] == "not":
        inner = _reduced(node[1], atoms, truth)
        return not inner if isinstance(inner, bool) else ["not", inner]
    absorbing = node[0] == "or"
    left = []
    for each in node[1:]:
        reduced = _reduced(each, atoms, truth)
        if isinstance(reduced, bool):
            if reduced is absorbing:
                return absorbing
        else:
            left.append(reduced)
    if not left:
        return not absorbing
    return left[0] if len(left) == 1 else [node[0], *left]


def _grouped(node: Node, atoms: Sequence[Atom]) -> Node:
    """Give the formula with the atoms of each `or` as one set: `["any", atoms, …the other nodes]`."""
    if isinstance(node, (bool, int)):
        return node
    if node[0] == "or":
        asked = frozenset(each for each in node[1:] if isinstance(each, int) and atoms[each].op != "fieldref")
        others = [_grouped(each, atoms) for each in node[1:] if not (isinstance(each, int) and each in asked)] if len(asked) < len(node) - 1 else []
        return ["any", asked, *others]
    return [node[0], *(_grouped(each, atoms) for each in node[1:])]


def _prompting(node: Node, atoms: Sequence[Atom]) -> frozenset[int] | None:
    """Give atoms of which at least one is true wherever the formula is; None where there are no such atoms."""
    if isinstance(node, bool):
        return None
    if isinstance(node, int):
        return None if atoms[node].op == "fieldref" else frozenset({node})
    if node[0] == "not":
        return None
    found = [_prompting(each, atoms) for each in node[1:]]
    known = [each for each in found if each is not None]
    if node[0] == "and":
        return min(known, key=len) if known else None
    return frozenset().union(*known) if len(known) == len(found) else None
