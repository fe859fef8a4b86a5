"""Partial evaluation of formulas on what a kind of event fixes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from sentinel.detect.plan import KEYWORD, fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentinel.detect.match import FieldMatcher
    from sentinel.detect.plan import Atom, Node, Variant
    from sentinel.model.batch import EventKind

_FIXED: dict[str, Callable[[EventKind], str]] = {
    "EventID": lambda kind: kind.code,
    "Channel": lambda kind: kind.channel,
    "Provider_Name": lambda kind: kind.provider,
}
_PRESENCE = frozenset({"null", "exists"})
# What is fixed is known in lower case only: these look at the event's own words.
_HEEDS_CASE = frozenset(
    {"re", "fieldref", "eq_cased", "contains_cased", "startswith_cased", "endswith_cased", "glob_cased"}
)


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
    prompts: Mapping[int, Sequence[int]]
    unprompted: tuple[int, ...]
    has_keywords: bool


class Planner:
    """Makes plans for kinds of events; what it learns of a formula serves every kind."""

    def __init__(self, atoms: Sequence[Atom], matcher: Callable[[str], FieldMatcher]) -> None:
        """Take the atoms by number, and what gives the matcher of a field."""
        self._atoms = atoms
        self._matcher = matcher
        self._fixed = frozenset(
            number for number, atom in enumerate(atoms) if atom.field in _FIXED and atom.op not in _HEEDS_CASE
        )
        self._analyses: dict[int, Analysis] = {}

    def plan(self, kind: EventKind, variants: Iterable[Variant]) -> KindPlan:
        """Evaluate the variants that admit a kind, and keep those that can still be true."""
        truth = _truths(kind, self._matcher, self._fixed)
        rules: list[tuple[int, Node]] = []
        prompts: dict[int, list[int]] = defaultdict(list)
        unprompted: list[int] = []
        used: set[int] = set()
        for variant in variants:
            analysis = self._analysis(variant, truth)
            if analysis.node is False:
                continue
            used |= analysis.atoms
            if analysis.prompts is None:
                unprompted.append(len(rules))
            for number in analysis.prompts or ():
                prompts[number].append(len(rules))
            rules.append((variant.rule, analysis.node))
        fields = {name for number in used for name in fields_of(self._atoms[number])}
        return KindPlan(
            rules=tuple(rules),
            fields=tuple(sorted(fields - {KEYWORD})),
            atoms=frozenset(used),
            presence=self._presence(used),
            prompts=prompts,
            unprompted=tuple(unprompted),
            has_keywords=KEYWORD in fields,
        )

    def _analysis(self, variant: Variant, truth: Callable[[int, Atom], bool | None]) -> Analysis:
        known = self._analyses.get(id(variant))
        if known is None:
            known = self._analyses[id(variant)] = analyse(variant.node, self._atoms)
        if known.atoms.isdisjoint(self._fixed):
            return known
        return analyse(_reduced(variant.node, self._atoms, truth), self._atoms)

    def _presence(self, used: Iterable[int]) -> dict[str, tuple[tuple[int, str], ...]]:
        presence: dict[str, tuple[tuple[int, str], ...]] = {}
        for number in used:
            atom = self._atoms[number]
            if atom.op in _PRESENCE:
                presence[atom.field] = (*presence.get(atom.field, ()), (number, atom.op))
        return presence


@dataclass(frozen=True, slots=True)
class Analysis:
    """What is worth knowing of a formula, beside itself with the atoms of each `or` as one set.

    Wherever the formula is true, one of `prompts` is; None where there are no such atoms.
    """

    node: Node
    atoms: frozenset[int]
    prompts: frozenset[int] | None


def analyse(node: Node, atoms: Sequence[Atom]) -> Analysis:
    """Look at a formula once, from its leaves up."""
    return Analysis(*_analysed(node, atoms))


_NONE: frozenset[int] = frozenset()


def _analysed(node: Node, atoms: Sequence[Atom]) -> tuple[Node, frozenset[int], frozenset[int] | None]:
    if isinstance(node, bool):
        return node, _NONE, None
    if isinstance(node, int):
        itself = frozenset((node,))
        return node, itself, None if atoms[node].op == "fieldref" else itself
    if node[0] == "or":
        return _analysed_or(node, atoms)
    if node[0] == "and":
        return _analysed_and(node, atoms)
    inner, asked, _prompts = _analysed(node[1], atoms)
    return ["not", inner], asked, None


def _analysed_and(node: Node, atoms: Sequence[Atom]) -> tuple[Node, frozenset[int], frozenset[int] | None]:
    alone = [each for each in node if type(each) is int]
    parts = [_analysed(each, atoms) for each in node[1:] if type(each) is not int]
    asked = frozenset(alone).union(*[part[1] for part in parts])
    prompts = [part[2] for part in parts if part[2] is not None]
    prompts += [frozenset((each,)) for each in alone if atoms[each].op != "fieldref"]
    return ["and", *alone, *[part[0] for part in parts]], asked, min(prompts, key=len) if prompts else None


def _analysed_or(node: Node, atoms: Sequence[Atom]) -> tuple[Node, frozenset[int], frozenset[int] | None]:
    alone = frozenset([each for each in node if type(each) is int and atoms[each].op != "fieldref"])
    if len(alone) == len(node) - 1:
        return ["any", alone], alone, alone
    parts = [_analysed(each, atoms) for each in node[1:] if type(each) is not int or each not in alone]
    prompts: frozenset[int] | None = alone
    for part in parts:
        prompts = None if prompts is None or part[2] is None else prompts | part[2]
    return ["any", alone, *[part[0] for part in parts]], alone.union(*[part[1] for part in parts]), prompts


def _truths(
    kind: EventKind, matcher: Callable[[str], FieldMatcher], asked: frozenset[int]
) -> Callable[[int, Atom], bool | None]:
    """Give a function that answers the atoms of fixed fields, and None to all others."""
    answers: dict[str, frozenset[int]] = {}

    def truth(number: int, atom: Atom) -> bool | None:
        fixed = _FIXED.get(atom.field) if kind.is_windows else None
        if fixed is None or atom.op in _HEEDS_CASE:
            return None
        value = fixed(kind)
        if atom.op in _PRESENCE:
            return bool(value) == (atom.op == "exists")
        if atom.field not in answers:
            found = matcher(atom.field).match(pa.array([value]), asked) if value else {}
            answers[atom.field] = frozenset(found)
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
