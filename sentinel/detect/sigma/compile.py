"""Compiles Sigma rules, parsed by pySigma, into formulas over atoms.

Field names stay the native ones, so a rule means what its author tested. A field that the events of a variant cannot
have makes its atom false; under a `not` that would invent hits, so such a variant is left out instead.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)

from sentinel.detect.plan import KEYWORD, About, Atom, Node, Rule, Variant
from sentinel.detect.sigma.logsource import resolve
from sentinel.detect.sigma.values import atoms_of_value
from sentinel.errors import RuleError
from sentinel.language import _
from sentinel.model.severity import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigma.rule import SigmaRule

    from sentinel.detect.sigma.logsource import LogSource


class NoLogSource(RuleError):  # noqa: N818 - an answer, not a fault
    """A rule, right in itself, for events that Sentinel does not read."""


class Compiled(NamedTuple):
    """A rule, the atoms that it asks, and its variants: formulas over these atoms, rule number 0."""

    rule: Rule
    atoms: tuple[Atom, ...]
    variants: tuple[Variant, ...]


def compiled(rule: SigmaRule, conditions: Sequence[Any]) -> Compiled:
    """Compile a rule with its parsed conditions; raise RuleError, without its place, where that cannot be done."""
    source = rule.logsource
    sources = resolve(source.product, source.category, source.service)
    if not sources:
        raise NoLogSource(_("Sentinel reads no such log source: {source}").format(source=_log_source(rule)))
    compiler = _Compiler()
    made = [compiler.variant(conditions, each) for each in sources]
    variants = tuple(variant for variant in made if variant.node is not False)
    asked = tuple(compiler.atoms)
    digest = blake2b(msgspec.msgpack.encode((asked, variants)), digest_size=_DIGEST_BYTES).digest()
    return Compiled(_described(rule, digest), asked, variants)


_DIGEST_BYTES = 16


class _Compiler:
    """Compiles the variants of one rule."""

    def __init__(self) -> None:
        self._numbers: dict[Atom, int] = {}
        self.atoms: list[Atom] = []

    def variant(self, conditions: Sequence[Any], source: LogSource) -> Variant:
        """Compile a rule's conditions against one log source."""
        node = any_of([self._node(condition, source, inverted=False) for condition in conditions])
        required = [self._atom(Atom(field, "eq", (value,))) for field, value in source.requires]
        node = all_of([*required, node])
        codes = source.codes
        if not codes and not source.datasets:
            codes = tuple(sorted(self._required_codes(node) or ()))
        return Variant.of(0, source.channels, source.providers, codes, node, source.datasets)

    def _required_codes(self, node: Node) -> set[str] | None:
        """Give the event codes outside of which a formula is false; None where it may be true for any."""
        if isinstance(node, bool):
            return None
        if isinstance(node, int):
            atom = self.atoms[node]
            return {atom.value[0].lower()} if atom.field == "EventID" and atom.op == "eq" else None
        found = [self._required_codes(each) for each in node[1:]]
        known = [codes for codes in found if codes is not None]
        if node[0] == "and":
            return set.intersection(*known) if known else None
        return set().union(*known) if node[0] == "or" and len(known) == len(found) else None

    def _atom(self, atom: Atom) -> Node:
        number = self._numbers.setdefault(atom, len(self.atoms))
        if number == len(self.atoms):
            self.atoms.append(atom)
        return number

    def _node(self, condition: Any, source: LogSource, *, inverted: bool) -> Node:  # noqa: ANN401 - pySigma's union
        """Turn a parsed condition into a formula; `inverted` tells that an odd number of `not` stands above it."""
        if condition is None:
            raise RuleError(_("the condition asks for detections of which there is none"))
        if isinstance(condition, ConditionNOT):
            return negation(self._node(condition.args[0], source, inverted=not inverted))
        if isinstance(condition, ConditionAND):
            return all_of([self._node(each, source, inverted=inverted) for each in condition.args])
        if isinstance(condition, ConditionOR):
            return any_of([self._node(each, source, inverted=inverted) for each in condition.args])
        if isinstance(condition, ConditionFieldEqualsValueExpression):
            return self._question(condition.field, condition.value, source, inverted=inverted)
        if isinstance(condition, ConditionValueExpression):
            return self._question(KEYWORD, condition.value, source, inverted=inverted)
        raise RuleError(_("not supported: {what}").format(what=type(condition).__name__))

    def _question(self, field: str, value: Any, source: LogSource, *, inverted: bool) -> Node:  # noqa: ANN401
        field = source.renames.get(field, field)
        atoms = atoms_of_value(field, value, source.renames)
        asked = {atom.field for atom in atoms} | {atom.value[0] for atom in atoms if atom.op == "fieldref"}
        if source.supplies is not None and not asked - {KEYWORD} <= source.supplies:
            return _UNKNOWN if inverted else False
        return any_of([self._atom(atom) for atom in atoms])


_UNKNOWN = "unknown"
"""A formula whose truth cannot be told, since it depends on a field that is never there."""


def all_of(nodes: list[Node]) -> Node:
    """Give the conjunction of formulas, with constants folded."""
    if any(node is False for node in nodes):
        return False
    left = [node for node in nodes if node is not True]
    if _UNKNOWN in left:
        return _UNKNOWN
    return True if not left else left[0] if len(left) == 1 else ["and", *left]


def any_of(nodes: list[Node]) -> Node:
    """Give the disjunction of formulas, with constants folded."""
    if any(node is True for node in nodes):
        return True
    left = [node for node in nodes if node is not False]
    if _UNKNOWN in left:
        return _UNKNOWN
    return False if not left else left[0] if len(left) == 1 else ["or", *left]


def negation(node: Node) -> Node:
    """Give the negation of a formula; one that cannot be told makes the whole false: it must not invent a hit."""
    if isinstance(node, bool):
        return not node
    return False if node is _UNKNOWN else ["not", node]


def _log_source(rule: SigmaRule) -> str:
    source = rule.logsource
    parts = (("product", source.product), ("category", source.category), ("service", source.service))
    return ", ".join(f"{name}: {value}" for name, value in parts if value)


def _described(rule: SigmaRule, digest: bytes) -> Rule:
    return Rule(
        id=str(rule.id or ""),
        title=str(rule.title),
        level=int(Level[rule.level.name]) if rule.level else int(Level.INFORMATIONAL),
        status=rule.status.name.lower() if rule.status else "",
        tags=tuple(str(tag) for tag in rule.tags),
        path="",
        log_source=_log_source(rule),
        packed=About(
            description=str(rule.description or ""),
            author=str(rule.author or ""),
            falsepositives=tuple(map(str, rule.falsepositives or ())),
            references=tuple(map(str, rule.references or ())),
        ).packed(),
        digest=digest,
        fingerprint=_fingerprint(rule),
    )


def _fingerprint(rule: SigmaRule) -> tuple[str, ...]:
    """Give the fields of the rule's own attribute `sentinel.fingerprint` (Sigma lets rules carry such attributes)."""
    own = rule.custom_attributes.get("sentinel") or {}
    names = own.get("fingerprint", []) if isinstance(own, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise RuleError(
            _("'sentinel.fingerprint' is no list of fields"), hint=_("write sentinel: {fingerprint: [host.name]}")
        )
    return tuple(names)
