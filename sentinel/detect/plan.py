"""The compiled form of rules: plain values that can be cached.

A rule's detection is a formula over *atoms*. An atom asks one thing of one field; rules share atoms, so each is
evaluated once however many rules ask it. A formula node is an atom's number, `True`, `False`, or a list
`["and", …]`, `["or", …]`, `["not", node]`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sentinel.model.batch import EventKind

Node: TypeAlias = Any
"""int | bool | list: see the module's text (msgspec cannot type a recursive union)."""

KEYWORD = ""
"""The field of an atom that asks for text in any value of the event."""

ANY_TEXT, ANY_CHARACTER, LITERAL = "*", "?", "="
"""Parts of a glob: the two wildcards, and the mark in front of a literal part."""


class Atom(msgspec.Struct, frozen=True, array_like=True):
    """One question to one field.

    | op | value | true where |
    |---|---|---|
    | eq contains startswith endswith | text | the text is so, ignoring case |
    | glob | parts: `*`, `?`, `=` and a literal | the whole text fits, ignoring case |
    | eq_cased contains_cased startswith_cased endswith_cased glob_cased | the same | heeding case |
    | re | RE2 pattern, flags in front | it is found |
    | cidr | network | the text is an address in it |
    | lt lte gt gte | number | the text is a number, and so |
    | null | | the field is not there |
    | exists | | the field is there |
    | fieldref | field, and eq, startswith or endswith | so, against the other field's text, ignoring case |
    | timestamp | part, number | the part (minute, hour, day, week, month, year) of the time is so |
    """

    field: str
    op: str
    value: tuple[str, ...] = ()


class Variant(msgspec.Struct, frozen=True, array_like=True):
    """A rule's formula against one log source; an empty tuple of channels, providers or codes admits any.

    Where `datasets` is empty, it looks at Windows event logs, else at these datasets. The formula stays packed until it
    is asked for: a run looks at those of few rules.
    """

    rule: int
    channels: tuple[str, ...]
    providers: tuple[str, ...]
    codes: tuple[str, ...]
    formula: msgspec.Raw
    datasets: tuple[str, ...] = ()

    @classmethod
    def of(  # noqa: PLR0913, PLR0917 - the fields of a variant
        cls,
        rule: int,
        channels: tuple[str, ...],
        providers: tuple[str, ...],
        codes: tuple[str, ...],
        node: Node,
        datasets: tuple[str, ...] = (),
    ) -> Variant:
        """Pack a formula."""
        return cls(rule, channels, providers, codes, msgspec.Raw(msgspec.msgpack.encode(node)), datasets)

    @property
    def node(self) -> Node:
        """Unpack the formula."""
        return msgspec.msgpack.decode(self.formula)


class About(msgspec.Struct, frozen=True, array_like=True):
    """What only a list of rules tells of a rule."""

    description: str = ""
    author: str = ""
    falsepositives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    def packed(self) -> msgspec.Raw:
        """Give the form in which a rule carries it."""
        return msgspec.Raw(msgspec.msgpack.encode(self))


class Rule(msgspec.Struct, frozen=True, array_like=True):
    """What is told of a rule; `level` counts from 0, informational, to 4, critical.

    `digest` is the hash of what it compiled to: rules of one digest hit the same events. `fingerprint` names the fields
    in which hits must agree to be one alert, where the rule says so itself.
    """

    id: str
    title: str
    level: int
    status: str
    tags: tuple[str, ...]
    path: str
    log_source: str
    packed: msgspec.Raw = About().packed()
    digest: bytes = b""
    fingerprint: tuple[str, ...] = ()

    @property
    def about(self) -> About:
        """Unpack what only a list of rules tells."""
        return msgspec.msgpack.decode(self.packed, type=About)


class Rejection(msgspec.Struct, frozen=True, array_like=True):
    """A rule that was not compiled: its file and line, its title where known, why not, and a hint.

    `fault` is True where the rule itself is wrong, False where Sentinel does not read its log source.
    """

    path: str
    line: int
    title: str
    reason: str
    hint: str
    fault: bool


class Ruleset(msgspec.Struct, frozen=True, array_like=True):
    """Compiled rules, the atoms they share, and the rules that were rejected."""

    rules: tuple[Rule, ...]
    atoms: tuple[Atom, ...]
    variants: tuple[Variant, ...]
    rejections: tuple[Rejection, ...]


class VariantIndex:
    """Variants, found by the kind of event that they admit."""

    def __init__(self, variants: Iterable[Variant]) -> None:
        """Index the variants by dataset, "" for all of Windows, and event code, "" for any."""
        self._by_key: dict[tuple[str, str], list[Variant]] = defaultdict(list)
        for variant in variants:
            for dataset in variant.datasets or ("",):
                for code in variant.codes or ("",):
                    self._by_key[dataset, code].append(variant)

    def admitting(self, kind: EventKind) -> list[Variant]:
        """Give the variants that look at a kind; a provider that is not told is let pass."""
        dataset = "" if kind.is_windows else kind.dataset
        return [
            variant
            for code in dict.fromkeys((kind.code, ""))
            for variant in self._by_key.get((dataset, code), ())
            if (not variant.channels or kind.channel in variant.channels)
            and (not variant.providers or kind.provider in variant.providers or not kind.provider)
        ]


def fields_of(atom: Atom) -> tuple[str, ...]:
    """Give the fields that an atom asks."""
    return (atom.field, atom.value[0]) if atom.op == "fieldref" else (atom.field,)


def atoms_of(node: Node) -> set[int]:
    """Give the numbers of all atoms in a formula."""
    if isinstance(node, bool):
        return set()
    if isinstance(node, int):
        return {node}
    return set().union(*map(atoms_of, node[1:]))


def selected(ruleset: Ruleset, keep: Callable[[Rule], bool]) -> Ruleset:
    """Give the rule set with only the rules to keep, and the atoms they ask; rejections stay as they are."""
    kept = [number for number, rule in enumerate(ruleset.rules) if keep(rule)]
    if len(kept) == len(ruleset.rules):
        return ruleset
    rules = {old: new for new, old in enumerate(kept)}
    variants = [variant for variant in ruleset.variants if variant.rule in rules]
    asked = sorted(set().union(*(atoms_of(variant.node) for variant in variants)))
    atoms = {old: new for new, old in enumerate(asked)}
    return Ruleset(
        tuple(ruleset.rules[number] for number in kept),
        tuple(ruleset.atoms[number] for number in asked),
        tuple(
            Variant.of(
                rules[each.rule],
                each.channels,
                each.providers,
                each.codes,
                renumbered(each.node, atoms),
                each.datasets,
            )
            for each in variants
        ),
        ruleset.rejections,
    )


def renumbered(node: Node, atoms: Mapping[int, int] | Sequence[int]) -> Node:
    """Give a formula with other numbers for its atoms: old number → new one."""
    if isinstance(node, bool):
        return node
    if isinstance(node, int):
        return atoms[node]
    return [node[0], *(renumbered(each, atoms) for each in node[1:])]
